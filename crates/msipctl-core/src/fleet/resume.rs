//! Resuming an interrupted run: its journal lists the remaining files.

use std::collections::HashSet;
use std::path::{Path, PathBuf};

use super::targets::{Target, Targets};
use crate::store::{self, Journal, Progress, Run, RunId};

/// A run that is resumed.
#[derive(Debug)]
pub struct Resumed {
    /// Its journal, for [`apply::Options`](crate::apply::Options), together with the run.
    pub journal: Journal,
    /// The remaining files.
    pub targets: Targets,
    /// The number of files of the run.
    pub files: usize,
    /// The number of finished files.
    pub done: usize,
}

/// Why a run can't be resumed or undone.
#[derive(Debug, thiserror::Error)]
pub enum RunError {
    /// It is in progress.
    #[error("run `{0}` is still in progress")]
    InProgress(RunId),
    /// It was undone.
    #[error("run `{run}` was undone by run `{by}`")]
    Undone {
        /// The run.
        run: RunId,
        /// The run that undid it.
        by: RunId,
    },
    /// Its journal can't be read or written.
    #[error(transparent)]
    Store(#[from] store::Error),
}

/// Checks that a run can be resumed.
///
/// # Errors
///
/// [`RunError::InProgress`] and [`RunError::Undone`].
pub fn check_resumable(run: &Run) -> Result<(), RunError> {
    match run.progress {
        Progress::Running => Err(RunError::InProgress(run.start.run)),
        Progress::Undone(by) => Err(RunError::Undone { run: run.start.run, by }),
        _ => Ok(()),
    }
}

/// Opens the journal in `dir` of an interrupted run, and returns its remaining files. A file that is no longer in
/// `targets` is returned without a base, so links to it that others may have planted aren't followed; a target with an
/// error is kept.
///
/// # Errors
///
/// [`RunError`]. The journal is unchanged then.
pub fn resume(dir: &Path, run: &RunId, targets: &Targets) -> Result<Resumed, RunError> {
    check_resumable(&Run::read_own(dir, run)?)?;
    let (journal, noted) = Journal::resume(dir, run)?;
    let left: Vec<PathBuf> = noted.remaining().into_iter().map(PathBuf::from).collect();
    let (files, done) = (noted.files.len(), noted.files.len() - left.len());
    let mut missing: HashSet<PathBuf> = left.iter().cloned().collect();
    let mut rest: Vec<Target> = targets
        .list()
        .iter()
        .filter(|target| {
            target.error().is_some() || missing.remove(&store::full_path(target.path()))
        })
        .cloned()
        .collect();
    let removed = left.into_iter().filter(|path| missing.contains(path));
    rest.extend(removed.map(Target::unnamed));
    Ok(Resumed { journal, targets: Targets::new(rest), files, done })
}
