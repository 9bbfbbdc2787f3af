//! Many files at once: work on several of them at a time, told of in their order; how far all of them are from a
//! policy.

mod audit;
mod groups;
mod workers;

pub use audit::{Audited, KeyTally, Tally};
pub use groups::{Group, Groups};
pub use workers::{Stop, in_batches, in_order};
