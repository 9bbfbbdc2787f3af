//! The journal of a run over many files: what it set out to do, and what became of each file.
//!
//! It is a file of JSON lines in a folder that the caller names, owner-only, called by the run. First stands what was asked
//! for, then each file that the run is about; these are flushed before anything is written. Then one line a file, put
//! there in one write: for a file that is to be replaced after its backup is taken and before the new file takes its
//! place, with the hashes of both and the name of the backup. So no line has to follow when it is done: a file that
//! holds the bytes before was not written, one that holds the bytes after was. A kill takes back no line; what a crash
//! of the computer takes back, the lists of backups tell, in the folders of the files that were flushed at the start.
//!
//! A journal tells of which files are to be written and removed, and which command is to be run again. So it is read only
//! off a folder that nobody else can write, and only if it belongs to the user of this program, or the superuser. Names
//! of backups in it are read as strictly as those in the lists.
//!
//! Invariants: a file that the run wrote is one of its lines or one of the lists of backups, after a kill or crash at any
//! instant; a line that was not finished counts for nothing.

use std::fs::File;
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use super::folder::{ExpectedOwner, path_of, prune};
use super::line::{Line, Name, encode, full_path};
use super::record::{Change, Progress, Run, Start};
use crate::store::error::{Error, Operation};
use crate::store::file::guard::Guard;
use crate::store::file::open_location::OpenLocation;
use crate::store::file::trusted::{Purpose, check, flush_created, open_or_create};
use crate::store::run_id::RunId;
use crate::store::time::now;

/// The journal of a run that is under way. Several threads may share it; of several runs of one name only one may have it.
///
/// It is begun with the first change, so that a run that changes nothing touches nothing.
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
    /// What is to be written when it is begun.
    Waiting(Vec<u8>),
    Open(Open),
    /// It could not be begun.
    Off(Error),
}

#[derive(Debug)]
struct Open {
    file: File,
    _guard: Guard,
}

impl Journal {
    /// Makes the journal of a run over `files`, which is to stand in a folder that is made if missing. Where it cannot be
    /// begun, the run goes on without it, and [`Journal::check`] says why. Of journals beyond the newest hundred the
    /// oldest go.
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

    /// Opens the journal of a run that did not come to its end, to go on with it, and tells what it did.
    ///
    /// # Errors
    ///
    /// [`Kind::Locked`](crate::store::Kind::Locked) when the run is under way,
    /// [`Kind::RunNotFound`](crate::store::Kind::RunNotFound) when there is no journal of it, and when the system refuses.
    pub fn resume(dir: &Path, run: &RunId) -> Result<(Self, Run), Error> {
        let path = path_of(dir, run);
        // Looked for first: nothing is left in a folder that has no such journal.
        let location = Run::location(dir, run)?;
        Run::read_at(&location, run, Progress::Running, ExpectedOwner::Own)?;
        let guard = Guard::take(&location, Duration::ZERO)?;
        let found = Run::read_at(&location, run, Progress::Interrupted, ExpectedOwner::Own)?;
        let fail = |error| Error::io(&path, Operation::WriteJournal, error);
        let mut file = location.folder().open_append(location.name()).map_err(fail)?;
        let mut text = encode(&Line::Resumed { time: now().to_string() });
        // Ends a line that a killed run left without its end.
        text.insert(0, b'\n');
        file.write_all(&text).map_err(fail)?;
        let state = Mutex::new(State::Open(Open { file, _guard: guard }));
        Ok((Self { path, state }, found))
    }

    /// Notes that a file was what it should be. Before the first change nothing is noted: the file tells it again.
    ///
    /// # Errors
    ///
    /// When the system refuses.
    pub fn unchanged(&self, path: &Path) -> Result<(), Error> {
        match &mut *self.state() {
            State::Open(open) => {
                self.write(open, &encode(&Line::Unchanged { path: Name::new(&full_path(path)) }))
            }
            _ => Ok(()),
        }
    }

    /// Notes that a file is as it was, and why. What was noted of a change of it before is taken back.
    ///
    /// # Errors
    ///
    /// When the system refuses.
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

    /// Notes that the run came to its last file. Where that fails, the run is told of as interrupted.
    pub fn finish(&self) {
        self.end(&Line::Finished { time: now().to_string() });
    }

    /// Notes that the run changed as many files as it was limited to.
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

    /// Says why there is no journal of what the run changed, if so.
    ///
    /// # Errors
    ///
    /// The one for which it could not be begun.
    pub fn check(&self) -> Result<(), Error> {
        match &*self.state() {
            State::Off(error) => Err(error.again(&self.path)),
            _ => Ok(()),
        }
    }

    /// Notes changes that are about to be made, in one write.
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

    /// Flushes what was noted.
    pub(in crate::store) fn flush(&self) -> Result<(), Error> {
        match &*self.state() {
            State::Open(open) => open.file.sync_data().map_err(|error| self.fail(error)),
            _ => Ok(()),
        }
    }

    /// Writes what comes first, and flushes it.
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
            return Err(self.fail(io::ErrorKind::AlreadyExists.into()));
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
