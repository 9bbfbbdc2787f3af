//! Many files at once: selecting them without duplicates; the driver that reads or writes several of them in parallel,
//! in order, with limits and a journal; resuming and undoing a run; and comparing all of them with a policy.
//!
//! [`Sources`] finds [`Targets`]. A [`Runner`] works on them and hands typed [`Event`]s to its caller, who prints them.

mod audit;
mod find;
mod groups;
mod inventory;
mod launcher_ini;
pub mod merge;
mod resume;
mod rows;
mod run;
mod standard;
mod targets;
mod undo;
mod workers;

pub use audit::{Audited, Compared, DriftView, HookGap, KeyTally, MissingSecret, Tally};
pub use find::{FindError, Sources, inventory_targets, named_file};
pub use groups::{Group, Groups, shortened};
pub use inventory::{Line as InventoryLine, inventory, inventory_hosts};
pub use launcher_ini::{Findable, named_ini};
pub use resume::{Resumed, RunError, check_resumable, resume};
pub use run::{End, Event, Options, Runner, Summary};
pub use standard::{HostFacts, Standard, TargetsError};
pub use targets::{Repeated, Target, TargetError, Targets};
pub use undo::{Restored, Undo, UndoError, UndoOptions};
pub use workers::{Stop, in_batches, in_order};
