//! Many files at once: which ones, each once; work on several of them at a time, told of in their order; how far all of
//! them are from a policy.

mod audit;
mod groups;
mod inventory;
mod targets;
mod workers;

pub use audit::{Audited, KeyTally, Tally};
pub use groups::{Group, Groups};
pub use inventory::{Error as InventoryError, Line as InventoryLine, inventory};
pub use targets::{Target, Targets};
pub use workers::{Stop, in_batches, in_order};
