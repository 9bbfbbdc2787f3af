//! Replacing files: a single write, many together, restoring a backup, and undoing a run.

pub(super) mod batch;
pub(super) mod restore;
pub(super) mod stage;
pub(super) mod unchanged;
pub(super) mod undo;

#[cfg(test)]
mod tests;
