//! Control of a running MicroSIP by its own command line: a second start of the same program hands its
//! arguments to the first and ends.
//!
//! # Invariants
//!
//! - No process is killed. MicroSIP is asked to exit, and writes its settings while it does.
//! - MicroSIP compares its whole command line with each form it knows, and dials what matches none. So it gets
//!   one argument, made of an [`PhoneCommand`] that its version knows; nothing else is handed over.
//! - What is started outlives msipctl, and holds none of its streams.

mod command;
mod control;
mod number;
mod program;
mod target;

pub use command::{Argument, PhoneCommand, Refusal};
pub use control::Phone;
pub use number::{Digits, Number, NumberError};
pub use target::{InstanceSelector, Target, targets};

/// Returns the phone that starts programs of this machine.
pub fn phone() -> &'static dyn Phone {
    &program::Programs
}
