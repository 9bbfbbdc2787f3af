//! The journal of a run over many files: writing and reading it.

pub(super) mod folder;
pub(super) mod journal;
pub(super) mod line;
pub(super) mod list;
pub(super) mod read;
pub(super) mod record;

#[cfg(test)]
mod tests;
