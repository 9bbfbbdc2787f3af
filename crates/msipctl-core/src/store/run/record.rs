//! A run, as recorded in its journal.

use std::collections::{HashMap, HashSet};
use std::path::{Path, PathBuf};

use jiff::Timestamp;

use crate::store::backup::entry::BackupId;
use crate::store::file::digest::{Digest, digest_at};
use crate::store::run_id::RunId;

/// The plan of a run.
#[derive(Debug, Clone, PartialEq)]
pub struct Start {
    /// The run.
    pub run: RunId,
    /// The command of the user. It's stored unchanged, so the caller removes secrets.
    pub command: String,
    /// The folder for backups; `None` if they are next to each file.
    pub backup_dir: Option<PathBuf>,
    /// The data that the caller needs to resume the run, in any format. No secrets.
    pub data: serde_json::Value,
}

/// The outcome for a file of a run.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Step {
    /// It already had the expected content.
    Unchanged,
    /// It was written, or the run was killed just before that: its content shows which.
    Changed(Change),
    /// It's unchanged, for this reason.
    Failed(String),
}

/// A write of one file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Change {
    /// The path as the user passed it, absolute when read back.
    pub path: PathBuf,
    /// The file itself: absolute, links followed.
    pub target: PathBuf,
    /// The hash of the bytes before; `None` if there was no file.
    pub before: Option<Digest>,
    /// The hash of the bytes after; `None` if the file was removed.
    pub after: Option<Digest>,
    /// The folder and the name of the backup, if one was taken.
    pub backup: Option<(PathBuf, BackupId)>,
}

/// A run, as recorded in its journal.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct Run {
    /// Its plan.
    pub start: Start,
    /// When it started.
    pub time: Timestamp,
    /// Its files, as absolute paths, in their order.
    pub files: Vec<PathBuf>,
    /// The outcomes so far, in chronological order: the path and the step.
    pub steps: Vec<(PathBuf, Step)>,
    /// Its progress.
    pub progress: Progress,
}

/// The progress of a run.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Progress {
    /// It's in progress.
    Running,
    /// It stopped before its last file.
    Interrupted,
    /// It reached its last file; some files may have failed.
    Finished,
    /// It changed its maximum number of files, and left the others for another run.
    Limited,
    /// Another run undid it for all files.
    Undone(RunId),
}

impl Run {
    /// Returns the remaining files in their order: those without an outcome, those that failed, and those whose
    /// content, which is read, isn't the expected one.
    pub fn remaining(&self) -> Vec<&Path> {
        let last: HashMap<&Path, &Step> =
            self.steps.iter().map(|(path, step)| (path.as_path(), step)).collect();
        let is_done = |path: &Path| match last.get(path) {
            None | Some(Step::Failed(_)) => false,
            Some(Step::Unchanged) => true,
            Some(Step::Changed(change)) => digest_at(&change.target) == Ok(change.after),
        };
        self.files.iter().map(PathBuf::as_path).filter(|path| !is_done(path)).collect()
    }

    /// Returns the changes that the run made, oldest first.
    pub fn changes(&self) -> impl DoubleEndedIterator<Item = &Change> {
        self.steps.iter().filter_map(|(_, step)| match step {
            Step::Changed(change) => Some(change),
            _ => None,
        })
    }

    /// Returns the files without an outcome.
    pub(in crate::store) fn without_outcome(&self) -> impl Iterator<Item = &Path> {
        let recorded: HashSet<&Path> = self.steps.iter().map(|(path, _)| path.as_path()).collect();
        self.files.iter().map(PathBuf::as_path).filter(move |path| !recorded.contains(path))
    }
}
