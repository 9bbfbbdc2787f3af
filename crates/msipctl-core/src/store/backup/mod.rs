//! A folder of backups: its list, and how to create, find, remove, and verify backups.

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
