//! A folder of backups: its list, taking one, finding them, removing them, and whether they are sound.

pub(super) mod backups;
pub(super) mod contents;
pub(super) mod entry;
pub(super) mod manifest;
pub(super) mod policy;
pub(super) mod prune;
pub(super) mod take;
pub(super) mod verify;

#[cfg(test)]
mod tests;
