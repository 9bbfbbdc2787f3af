//! What puts bytes in the place of a file: a write, many together, the restore of a backup, and the undo of a run.

pub(super) mod batch;
pub(super) mod restore;
pub(super) mod stage;
pub(super) mod unchanged;
pub(super) mod undo;

#[cfg(test)]
mod tests;
