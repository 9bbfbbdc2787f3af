//! The options for backups: whether and where to create them, and for which run.

use std::path::{Path, PathBuf};

use crate::store::run_id::RunId;

/// The default number of backups to keep for each file.
pub(in crate::store) const KEEP: usize = 20;

/// What the list of backups stores about a run.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Record {
    /// The run that writes; it can write several files.
    pub run: RunId,
    /// The command of the user. It's stored unchanged, so the caller removes secrets.
    pub command: String,
}

/// Whether and where to back up a write.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum BackupPolicy {
    /// No backup: the previous content is lost.
    None,
    /// A backup before the write.
    Keep {
        /// The folder for it; `None` for `.msipctl` next to the file. If it's missing, it's created for the owner only.
        dir: Option<PathBuf>,
        /// How many backups of the file to keep, including this one.
        keep: usize,
    },
}

/// Keeps 20 backups next to the file.
impl Default for BackupPolicy {
    fn default() -> Self {
        Self::Keep { dir: None, keep: KEEP }
    }
}

impl BackupPolicy {
    /// Returns the folder for backups, if it isn't next to each file.
    pub fn dir(&self) -> Option<&Path> {
        match self {
            Self::None => None,
            Self::Keep { dir, .. } => dir.as_deref(),
        }
    }
}
