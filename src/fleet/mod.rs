//! Many files at once: work on several of them at a time, told of in their order.

mod workers;

pub use workers::{Stop, in_batches, in_order};
