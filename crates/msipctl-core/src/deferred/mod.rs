//! Deferred apply: plans that wait until MicroSIP exits.
//!
//! MicroSIP overwrites its file when it exits, so a file in use can't be changed now. [`queue`] stores the change as a
//! *pending plan*, [`apply_pending`] makes it later, once, as a run with its own journal, and [`watch`] waits for the
//! right moment. Each plan is about one file. A newer plan for the file replaces an older one of the same policy, or whose
//! keys it all sets; otherwise, both are applied in their order.
//!
//! # Invariants
//!
//! - A plan contains no secret. It contains where to read each secret, and a digest with a key that stays on the PC.
//! - A plan counts only if this user, or the superuser, wrote it, and its digest shows that msipctl did.
//! - A plan never overwrites a hook that it doesn't know, and never writes to an account that is another one now.
//! - A kill at any moment leaves a complete plan or none, and never makes a change twice.

mod error;
mod file;
mod key;
mod list;
mod queue;
mod run;
#[cfg(test)]
mod tests;
mod verify;
mod watch;

pub use error::{InvalidPlan, QueueError};
pub use file::{PendingPlan, PlanState, PolicyOrigin, PolicySource, SecretReader};
pub use key::KeyedDigest;
pub use list::{Discarded, ListedPlan, discard, pending};
pub use queue::{MAX_PLANS, QueueRequest, Queued, SecretOrigin, queue};
pub use run::{Applied, Pass, PassResult, PlanResult, apply_pending};
pub use watch::watch;
