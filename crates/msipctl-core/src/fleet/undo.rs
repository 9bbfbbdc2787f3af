//! Undoing a run: each file that it wrote gets its previous content.

use std::collections::HashMap;
use std::path::{Path, PathBuf};

use super::resume::RunError;
use super::run::{End, Event, Options, Runner, Summary, end};
use super::targets::{Target, Targets};
use crate::apply::{Running, RunningError, State};
use crate::store::{self, BackupId, Journal, Progress, Record, RestoreOptions, Run, RunId};

/// The data to undo a run.
#[derive(Debug)]
pub struct Undo {
    run: RunId,
    backup_dir: Option<PathBuf>,
    targets: Targets,
    undos: HashMap<PathBuf, store::Undo>,
}

/// The options for undoing a run.
#[derive(Debug)]
pub struct UndoOptions {
    /// Reads files and writes none.
    pub dry_run: bool,
    /// How each file is restored.
    pub restore: RestoreOptions,
    /// What happens if a MicroSIP uses a file.
    pub running: Running,
    /// The run that undoes the other one.
    pub record: Record,
}

impl UndoOptions {
    /// Creates the options of a run that doesn't overwrite a file that was changed since or that a MicroSIP uses.
    /// `command` is the command of the user.
    pub fn new(command: impl Into<String>) -> Self {
        Self {
            dry_run: false,
            restore: RestoreOptions::default(),
            running: Running::default(),
            record: Record { run: RunId::new(), command: command.into() },
        }
    }
}

/// A file of a run that is undone.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Restored {
    /// Whether the file changed, or would change.
    pub is_changed: bool,
    /// The backup of what was overwritten.
    pub backup: Option<BackupId>,
}

/// Why a file wasn't restored.
#[derive(Debug, thiserror::Error)]
pub enum UndoError {
    /// The disk reported an error, or the file doesn't meet a precondition.
    #[error(transparent)]
    Store(#[from] store::Error),
    /// A MicroSIP uses the file.
    #[error("{}: {source}", path.display())]
    Running {
        /// The file.
        path: PathBuf,
        /// The error about the MicroSIP.
        source: RunningError,
    },
}

impl From<(PathBuf, RunningError)> for UndoError {
    fn from((path, source): (PathBuf, RunningError)) -> Self {
        Self::Running { path, source }
    }
}

impl Undo {
    /// Reads the data to undo a run. Its files are those that it wrote, in their order.
    ///
    /// # Errors
    ///
    /// When the run is in progress, or a list of backups can't be read.
    pub fn new(run: &Run) -> Result<Self, RunError> {
        if run.progress == Progress::Running {
            return Err(RunError::InProgress(run.start.run));
        }
        let undos = run.undo()?;
        // Each name of a file is restored, even if two are the same file.
        let target = |undo: &store::Undo| Target::unnamed(undo.target().to_owned());
        Ok(Self {
            run: run.start.run,
            backup_dir: run.start.backup_dir.clone(),
            targets: Targets::of_distinct(undos.iter().map(target).collect()),
            undos: undos.into_iter().map(|undo| (undo.target().to_owned(), undo)).collect(),
        })
    }

    /// Returns the files.
    pub fn targets(&self) -> &Targets {
        &self.targets
    }

    /// Restores the files. If all of them have their previous content now, the journal in `dir` records that the run
    /// was undone.
    ///
    /// # Errors
    ///
    /// When that can't be recorded.
    pub fn apply<'u>(
        &'u self,
        dir: &Path,
        undo: &UndoOptions,
        options: Options<'_>,
        on_event: impl FnMut(Event<'u, Restored, UndoError>),
    ) -> Result<Summary, store::Error> {
        let runner = Runner::new(&self.targets, options);
        let UndoOptions { dry_run, running, record, .. } = undo;
        let journal = match dry_run {
            true => None,
            false => runner.journal(record, self.backup_dir.as_deref()),
        };
        let work = |target: &Target| {
            let restored = self.restore(target, undo, journal.as_ref())?;
            let state = if restored.is_changed { State::Changed } else { State::Unchanged };
            Ok((restored, state))
        };
        let summary = end(journal.as_ref(), runner.each(Some(running), work, on_event));
        if !dry_run && summary.end == End::Finished && summary.failed == 0 {
            Run::note_undone(dir, &self.run, &record.run)?;
        }
        Ok(summary)
    }

    fn restore(
        &self,
        target: &Target,
        undo: &UndoOptions,
        journal: Option<&Journal>,
    ) -> Result<Restored, UndoError> {
        let Some(file) = self.undos.get(target.path()) else {
            return Ok(Restored { is_changed: false, backup: None });
        };
        let is_due = file.is_due()?;
        if undo.dry_run || !is_due {
            return Ok(Restored { is_changed: is_due, backup: None });
        }
        let restore = || {
            let written = file.undo(&undo.record, &undo.restore, journal);
            written.inspect_err(|error| note(journal, file, error)).map_err(UndoError::from)
        };
        let written = undo.running.make_way(file.target(), restore)?;
        Ok(Restored { is_changed: written.changed, backup: written.backup })
    }
}

/// Records in the journal that a file wasn't restored, unless it was.
fn note(journal: Option<&Journal>, undo: &store::Undo, error: &store::Error) {
    let noted = match journal {
        Some(journal) if !error.is_after_write() => {
            journal.failed(undo.target(), &error.to_string())
        }
        _ => return,
    };
    if let Err(error) = noted {
        log::debug!("{error}");
    }
}
