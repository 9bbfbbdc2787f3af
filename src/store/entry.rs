//! A backup as it is listed: its name, and what is known of it.

use std::fmt;
use std::path::PathBuf;

use jiff::Timestamp;

use super::digest::Digest;
use super::run::RunId;

/// Names one backup within its folder.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct BackupId(String);

impl BackupId {
    pub(super) fn new(id: String) -> Self {
        Self(id)
    }

    /// Returns the id as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Returns the name of the backup's file.
    pub(super) fn file(&self) -> String {
        format!("{}.bak", self.0)
    }

    /// Tells whether `text` is this id, its file's name, or its end, from the time on.
    pub(super) fn fits(&self, text: &str) -> bool {
        let text = text.strip_suffix(".bak").unwrap_or(text);
        let head =
            self.0.strip_suffix(text).filter(|_| text.starts_with(|c: char| c.is_ascii_digit()));
        self.0 == text || head.is_some_and(|head| head.ends_with('.'))
    }
}

impl fmt::Display for BackupId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// A backup, as it is listed.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Entry {
    /// Its name within the folder.
    pub id: BackupId,
    /// The file that was backed up: absolute, links followed.
    pub path: PathBuf,
    /// The run that took it.
    pub run: RunId,
    /// When it was taken, just before the write.
    pub time: Timestamp,
    /// What the run was asked for.
    pub command: String,
    /// How many bytes there were.
    pub bytes: u64,
    /// The hash of the bytes backed up.
    pub sha256: Digest,
    /// The hash of what the run wrote then; the same for a backup taken without a write.
    pub sha256_after: Digest,
    /// The name of its file in the folder.
    pub file: String,
    /// How many backups of the file were to be kept, this one counted; all if `None`.
    pub(super) keep: Option<usize>,
}
