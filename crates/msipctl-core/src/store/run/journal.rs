//! The journal of a run over many files: its plan, and the outcome for each file.
//!
//! It's a file of JSON lines in a folder that the caller chooses, readable by the owner only, and named after the run.
//! It starts with the command, followed by the files of the run; these lines are flushed before anything is written.
//! Then it has one line per file, each appended in a single write. For a file to replace, the line is written after the
//! backup is made and before the new file is put in place; it contains both hashes and the name of the backup. So no
//! second line has to confirm the write: a file with the content before wasn't written, and a file with the content
//! after was. A kill doesn't lose lines. For lines that are lost in a crash of the computer, the lists of backups in
//! the folders of the files that were flushed at the start have the data.
//!
//! A journal decides which files to write and remove, and which command to run again. So it's read only from a folder
//! that no other user can write to, and only if it belongs to the user of this program or the superuser. Names of
//! backups in it are validated as strictly as those in the lists.
//!
//! Invariants: after a kill or crash at any moment, each file that the run wrote is in one of its lines or in one of
//! the lists of backups. An incomplete line is ignored.

use std::fs::File;
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use super::folder::{ExpectedOwner, path_of, prune, text_of};
use super::line::{Line, Name, encode, full_path, read_start};
use super::record::{Change, Progress, Run, Start};
use crate::store::error::{Error, Operation};
use crate::store::file::guard::Guard;
use crate::store::file::list::finished;
use crate::store::file::open_location::OpenLocation;
use crate::store::file::trusted::{Purpose, check, flush_created, open_or_create};
use crate::store::run_id::RunId;
use crate::store::time::now;

/// The journal of a run in progress. Several threads can share it; only one of several runs with the same name can have
/// it.
///
/// It's created with the first change, so a run that changes nothing touches nothing.
///
/// # Example
///
/// ```
/// use msipctl_core::store::{
///     self, BackupPolicy, Durability, Journal, LockOptions, Progress, Record, RunId, Start,
/// };
///
/// let folder = tempfile::tempdir()?;
/// let run = RunId::new();
/// let start = Start { run, command: "apply".into(), backup_dir: None, data: "policy.toml".into() };
/// let (a, b) = (folder.path().join("a.ini"), folder.path().join("b.ini"));
/// std::fs::write(&a, "old")?;
/// let journal = Journal::new(folder.path(), &start, &[a.clone(), b.clone()]);
/// let record = Record { run, command: "apply".into() };
/// let locked = store::lock(&a, &LockOptions::default()).unwrap();
/// let staged = locked.stage(b"new", &record, &BackupPolicy::default(), Durability::Full).unwrap();
/// staged.unwrap().put(Some(&journal)).unwrap();
/// drop(journal);
///
/// let (journal, run) = Journal::resume(folder.path(), &run).unwrap();
/// assert_eq!(run.progress, Progress::Interrupted);
/// assert_eq!(run.start.data, "policy.toml");
/// assert_eq!(run.remaining(), [b.as_path()]);
/// journal.unchanged(&b).unwrap();
/// journal.finish();
/// # Ok::<(), std::io::Error>(())
/// ```
#[derive(Debug)]
pub struct Journal {
    path: PathBuf,
    state: Mutex<State>,
}

#[derive(Debug)]
enum State {
    /// The text to write when it's created.
    Waiting(Vec<u8>),
    Open(Open),
    /// It couldn't be created.
    Off(Error),
}

#[derive(Debug)]
struct Open {
    file: File,
    _guard: Guard,
}

impl Journal {
    /// Creates the journal of a run over `files`, in a folder that is created if missing. If it can't be created, the
    /// run continues without it, and [`Journal::check`] returns the reason. Only the newest hundred journals are kept.
    pub fn new(dir: &Path, start: &Start, files: &[PathBuf]) -> Self {
        let mut text = encode(&Line::Start {
            schema_version: 1,
            run: start.run.to_string(),
            time: now().to_string(),
            command: start.command.clone(),
            backup_dir: start.backup_dir.as_deref().map(|dir| Name::new(&full_path(dir))),
            data: start.data.clone(),
        });
        for file in files {
            text.extend(encode(&Line::File { path: Name::new(&full_path(file)) }));
        }
        Self { path: path_of(dir, &start.run), state: Mutex::new(State::Waiting(text)) }
    }

    /// Opens the journal of an unfinished run to resume it, and returns what the run did.
    ///
    /// # Errors
    ///
    /// [`Kind::Locked`](crate::store::Kind::Locked) when the run is in progress,
    /// [`Kind::RunNotFound`](crate::store::Kind::RunNotFound) when there is no journal of it, and when the system
    /// reports an error.
    pub fn resume(dir: &Path, run: &RunId) -> Result<(Self, Run), Error> {
        let path = path_of(dir, run);
        // Checked first, so that nothing is left in a folder without such a journal.
        let location = Run::location(dir, run)?;
        Run::read_at(&location, run, Progress::Running, ExpectedOwner::Own)?;
        let guard = Guard::take(&location, Duration::ZERO)?;
        let found = Run::read_at(&location, run, Progress::Interrupted, ExpectedOwner::Own)?;
        let fail = |error| Error::io(&path, Operation::WriteJournal, error);
        let mut file = location.folder().open_append(location.name()).map_err(fail)?;
        let mut text = encode(&Line::Resumed { time: now().to_string() });
        // Completes a line that a killed run left incomplete.
        text.insert(0, b'\n');
        file.write_all(&text).map_err(fail)?;
        let state = Mutex::new(State::Open(Open { file, _guard: guard }));
        Ok((Self { path, state }, found))
    }

    /// Records that a file already had the expected content. Before the first change, nothing is recorded, because the
    /// file itself shows it.
    ///
    /// # Errors
    ///
    /// When the system reports an error.
    pub fn unchanged(&self, path: &Path) -> Result<(), Error> {
        match &mut *self.state() {
            State::Open(open) => {
                self.write(open, &encode(&Line::Unchanged { path: Name::new(&full_path(path)) }))
            }
            _ => Ok(()),
        }
    }

    /// Records that a file is unchanged, and why. Reverts an earlier record of a change of it.
    ///
    /// # Errors
    ///
    /// When the system reports an error.
    pub fn failed(&self, path: &Path, error: &str) -> Result<(), Error> {
        let path = Name::new(&full_path(path));
        let text = encode(&Line::Failed { path, error: error.to_owned() });
        match &mut *self.state() {
            State::Waiting(waiting) => waiting.extend(text),
            State::Open(open) => self.write(open, &text)?,
            State::Off(_) => {}
        }
        Ok(())
    }

    /// Records that the run reached its last file. If that fails, the run counts as interrupted.
    pub fn finish(&self) {
        self.end(&Line::Finished { time: now().to_string() });
    }

    /// Records that the run changed its maximum number of files.
    pub fn stop_at_limit(&self) {
        self.end(&Line::Limited { time: now().to_string() });
    }

    fn end(&self, line: &Line) {
        if let State::Open(open) = &mut *self.state()
            && let Err(error) = self.write(open, &encode(line))
        {
            log::debug!("{error}");
        }
    }

    /// Returns why there is no journal of the run's changes, if that's the case.
    ///
    /// # Errors
    ///
    /// The error with which it couldn't be created.
    pub fn check(&self) -> Result<(), Error> {
        match &*self.state() {
            State::Off(error) => Err(error.again(&self.path)),
            _ => Ok(()),
        }
    }

    /// Records changes that are about to be made, in a single write.
    pub(in crate::store) fn note(&self, changes: &[Change]) -> Result<(), Error> {
        let mut text = Vec::new();
        for Change { path, target, before, after, backup } in changes {
            let path = full_path(path);
            text.extend(encode(&Line::Changed {
                target: (*target != path).then(|| Name::new(target)),
                path: Name::new(&path),
                before: before.as_ref().map(ToString::to_string),
                after: after.as_ref().map(ToString::to_string),
                backup_dir: backup.as_ref().map(|(dir, _)| Name::new(&full_path(dir))),
                backup: backup.as_ref().map(|(_, id)| id.to_string()),
            }));
        }
        let mut state = self.state();
        if let State::Waiting(waiting) = &mut *state {
            let begun = self.begin(waiting);
            *state = begun.map_or_else(State::Off, State::Open);
        }
        match &mut *state {
            State::Open(open) => self.write(open, &text),
            _ => Ok(()),
        }
    }

    /// Flushes the recorded lines.
    pub(in crate::store) fn flush(&self) -> Result<(), Error> {
        match &*self.state() {
            State::Open(open) => open.file.sync_data().map_err(|error| self.fail(error)),
            _ => Ok(()),
        }
    }

    /// Writes the first lines, and flushes them.
    fn begin(&self, text: &[u8]) -> Result<Open, Error> {
        let (Some(dir), Some(name)) = (self.path.parent(), self.path.file_name()) else {
            return Err(self.fail(io::ErrorKind::InvalidFilename.into()));
        };
        let folder = open_or_create(dir, Operation::WriteJournal)?;
        check(&folder, &[], Purpose::Runs)?;
        prune(&folder);
        let location = OpenLocation::new(Arc::clone(&folder), name);
        let guard = Guard::take(&location, Duration::ZERO)?;
        if folder.identity(name).is_ok() {
            let text = text_of(&location, ExpectedOwner::Own)?.unwrap_or_default();
            let first = finished(&text).split(|&byte| byte == b'\n').next();
            if first.and_then(read_start).is_some() {
                return Err(self.fail(io::ErrorKind::AlreadyExists.into()));
            }
            // A kill came before its first line was written, so the run did nothing.
            folder.remove(name).map_err(|error| self.fail(error))?;
        }
        let mut file = folder.open_append(name).map_err(|error| self.fail(error))?;
        let written = file.write_all(text).and_then(|()| file.sync_all());
        let flushed = written.and_then(|()| folder.flush()).and_then(|()| flush_created(&folder));
        flushed.map_err(|error| {
            drop(folder.remove(name));
            self.fail(error)
        })?;
        log::debug!("{}: begun", self.path.display());
        Ok(Open { file, _guard: guard })
    }

    fn write(&self, open: &mut Open, text: &[u8]) -> Result<(), Error> {
        open.file.write_all(text).map_err(|error| self.fail(error))
    }

    fn fail(&self, error: io::Error) -> Error {
        Error::io(&self.path, Operation::WriteJournal, error)
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
