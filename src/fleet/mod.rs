//! Many files at once: which ones, each once; work on several of them at a time, told of in their order.

mod inventory;
mod targets;
mod workers;

pub use inventory::{Error as InventoryError, Line as InventoryLine, Row, inventory};
pub use targets::{Target, Targets};
pub use workers::{Stop, in_order};
