//! What a caller says of backups: whether and where they are taken, and for which run.

use std::path::{Path, PathBuf};

use crate::store::run_id::RunId;

/// How many backups of a file are kept unless told otherwise.
pub(in crate::store) const KEEP: usize = 20;

/// What is written into the list of backups about a run.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Record {
    /// The run that writes; several files may be written by one.
    pub run: RunId,
    /// What the user asked for. It is stored as it is: the caller takes secrets out.
    pub command: String,
}

/// Whether and where a write is backed up.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum BackupPolicy {
    /// No backup: what was in the file is gone.
    None,
    /// A backup before the write.
    Keep {
        /// The folder for it; without one, `.msipctl` beside the file. Made if missing, for the owner only.
        dir: Option<PathBuf>,
        /// How many backups of the file are kept, this one counted.
        keep: usize,
    },
}

/// Keeps 20 beside the file.
impl Default for BackupPolicy {
    fn default() -> Self {
        Self::Keep { dir: None, keep: KEEP }
    }
}

impl BackupPolicy {
    /// Returns the folder for backups, where that is not beside each file.
    pub fn dir(&self) -> Option<&Path> {
        match self {
            Self::None => None,
            Self::Keep { dir, .. } => dir.as_deref(),
        }
    }
}
