//! A run as its journal tells of it.

use std::collections::{HashMap, HashSet};
use std::path::{Path, PathBuf};

use jiff::Timestamp;

use crate::store::backup::entry::BackupId;
use crate::store::file::digest::{Digest, digest_at};
use crate::store::run_id::RunId;

/// What a run sets out to do.
#[derive(Debug, Clone, PartialEq)]
pub struct Start {
    /// The run.
    pub run: RunId,
    /// What the user asked for. It is stored as it is: the caller takes secrets out.
    pub command: String,
    /// The folder for backups; without one, they are beside each file.
    pub backup_dir: Option<PathBuf>,
    /// What the caller needs to go on with the run, as it likes. No secrets.
    pub data: serde_json::Value,
}

/// What became of a file of a run.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Step {
    /// It was what it should be.
    Unchanged,
    /// It was written, or the run was killed just before that: its bytes tell.
    Changed(Change),
    /// It is as it was, for this reason.
    Failed(String),
}

/// A write of one file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Change {
    /// The path as it was given, absolute when read back.
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

/// A run as its journal tells of it.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct Run {
    /// What it set out to do.
    pub start: Start,
    /// When it began.
    pub time: Timestamp,
    /// The files it is about, absolute, in their order.
    pub files: Vec<PathBuf>,
    /// What became of them so far, in the order of time: the path and the step.
    pub steps: Vec<(PathBuf, Step)>,
    /// How far it came.
    pub progress: Progress,
}

/// How far a run came.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Progress {
    /// It is under way.
    Running,
    /// It ended before its last file.
    Interrupted,
    /// It came to its last file; some may have failed.
    Finished,
    /// It changed as many files as it was limited to, and left the others for another run.
    Limited,
    /// Another run gave all its files their bytes of before.
    Undone(RunId),
}

impl Run {
    /// Returns the files that are yet to be done, in their order: those nothing became of, those that failed, and those
    /// that do not hold what they were to hold, which is read.
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

    /// Returns the files nothing is known of.
    pub(in crate::store) fn untold(&self) -> impl Iterator<Item = &Path> {
        let told: HashSet<&Path> = self.steps.iter().map(|(path, _)| path.as_path()).collect();
        self.files.iter().map(PathBuf::as_path).filter(move |path| !told.contains(path))
    }
}
