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

use std::collections::{HashMap, HashSet};
use std::ffi::{OsStr, OsString};
use std::fs::File;
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::digest::Digest;
use super::entry::BackupId;
use super::error::{Doing, Error, Kind, Reason};
use super::lock::{Guard, OpenLocation};
use super::manifest::{finished, no_list, read_list};
use super::run::RunId;
use super::system::{self, OpenFolder};
use super::time::now;
use super::trusted::{Purpose, check, flush_created, open_named, open_or_create};

/// How names of journals end.
const EXTENSION: &str = "ndjson";

/// So many journals are kept.
const KEEP: usize = 100;

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

/// The journal of a run that is under way. Several threads may share it; of several runs of one name only one may have it.
///
/// It is begun with the first change, so that a run that changes nothing touches nothing.
///
/// # Example
///
/// ```
/// use msipctl::store::{
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
    /// Another run gave all its files their bytes of before.
    Undone(RunId),
}

/// A run in short.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct RunSummary {
    /// The run.
    pub run: RunId,
    /// When it began.
    pub time: Timestamp,
    /// What the user asked for.
    pub command: String,
    /// How many files it is about.
    pub files: usize,
    /// How many it wrote.
    pub changed: usize,
    /// How many failed.
    pub failed: usize,
    /// How far it came.
    pub progress: Progress,
}

/// A line as it is written. Fields of later versions are ignored, lines of later versions passed over.
#[derive(Serialize, Deserialize)]
#[serde(tag = "line", rename_all = "snake_case")]
enum Line {
    Start {
        schema_version: u32,
        run: String,
        time: String,
        command: String,
        backup_dir: Option<Name>,
        data: serde_json::Value,
    },
    File {
        path: Name,
    },
    Unchanged {
        path: Name,
    },
    Changed {
        path: Name,
        /// Where a link leads; left out where there is none.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        target: Option<Name>,
        before: Option<String>,
        after: Option<String>,
        backup_dir: Option<Name>,
        backup: Option<String>,
    },
    Failed {
        path: Name,
        error: String,
    },
    Resumed {
        time: String,
    },
    Finished {
        time: String,
    },
    Undone {
        run: String,
        time: String,
    },
}

/// A path: text, or its bytes where it is none.
#[derive(Serialize, Deserialize)]
#[serde(untagged)]
enum Name {
    Text(String),
    Hex { hex: String },
}

impl Name {
    fn new(path: &Path) -> Self {
        match system::path_to_hex(path) {
            None => Self::Text(path.to_string_lossy().into_owned()),
            Some(hex) => Self::Hex { hex },
        }
    }

    fn path(self) -> Option<PathBuf> {
        match self {
            Self::Text(text) => Some(PathBuf::from(text)),
            Self::Hex { hex } => system::path_from_hex(&hex),
        }
    }
}

impl Journal {
    /// Makes the journal of a run over `files`, which is to stand in a folder that is made if missing. Where it cannot be
    /// begun, the run goes on without it, and [`Journal::check`] says why. Of journals beyond the newest hundred the
    /// oldest go.
    pub fn new(dir: &Path, start: &Start, files: &[PathBuf]) -> Self {
        let mut text = line(&Line::Start {
            schema_version: 1,
            run: start.run.to_string(),
            time: now().to_string(),
            command: start.command.clone(),
            backup_dir: start.backup_dir.as_deref().map(|dir| Name::new(&full_path(dir))),
            data: start.data.clone(),
        });
        for file in files {
            text.extend(line(&Line::File { path: Name::new(&full_path(file)) }));
        }
        Self { path: path_of(dir, &start.run), state: Mutex::new(State::Waiting(text)) }
    }

    /// Opens the journal of a run that did not come to its end, to go on with it, and tells what it did.
    ///
    /// # Errors
    ///
    /// [`Kind::Locked`] when the run is under way, [`Kind::RunNotFound`] when there is no journal of it, and when the
    /// system refuses.
    pub fn resume(dir: &Path, run: &RunId) -> Result<(Self, Run), Error> {
        let path = path_of(dir, run);
        // Looked for first: nothing is left in a folder that has no such journal.
        let location = Run::location(dir, run)?;
        Run::read_at(&location, run, Progress::Running, Whose::Own)?;
        let guard = Guard::take(&location, Duration::ZERO)?;
        let found = Run::read_at(&location, run, Progress::Interrupted, Whose::Own)?;
        let fail = |error| Error::io(&path, Doing::WriteJournal, error);
        let mut file = location.folder().open_append(location.name()).map_err(fail)?;
        let mut text = line(&Line::Resumed { time: now().to_string() });
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
                self.write(open, &line(&Line::Unchanged { path: Name::new(&full_path(path)) }))
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
        let text = line(&Line::Failed { path, error: error.to_owned() });
        match &mut *self.state() {
            State::Waiting(waiting) => waiting.extend(text),
            State::Open(open) => self.write(open, &text)?,
            State::Off(_) => {}
        }
        Ok(())
    }

    /// Notes that the run came to its last file. Where that fails, the run is told of as interrupted.
    pub fn finish(&self) {
        if let State::Open(open) = &mut *self.state() {
            let time = now().to_string();
            if let Err(error) = self.write(open, &line(&Line::Finished { time })) {
                log::debug!("{error}");
            }
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
    pub(super) fn note(&self, changes: &[Change]) -> Result<(), Error> {
        let mut text = Vec::new();
        for Change { path, target, before, after, backup } in changes {
            let path = full_path(path);
            text.extend(line(&Line::Changed {
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
    pub(super) fn flush(&self) -> Result<(), Error> {
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
        let folder = open_or_create(dir, Doing::WriteJournal)?;
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
        Error::io(&self.path, Doing::WriteJournal, error)
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Run {
    /// Reads the journal of a run. Lines that are torn or cannot be understood are passed over.
    ///
    /// # Errors
    ///
    /// [`Kind::RunNotFound`] when there is none, and when the system refuses. Also when the journal belongs to another user
    /// than the one of this program or the superuser, when others can write in its folder, and when it is no file or longer
    /// than [`LIMIT`](super::LIMIT).
    pub fn read(dir: &Path, run: &RunId) -> Result<Self, Error> {
        Self::read_at(&Self::location(dir, run)?, run, Progress::Running, Whose::Trusted)
    }

    /// Reads the journal of a run whose command is to be run again: it must belong to the user of this program.
    ///
    /// # Errors
    ///
    /// As [`Run::read`].
    pub fn read_own(dir: &Path, run: &RunId) -> Result<Self, Error> {
        Self::read_at(&Self::location(dir, run)?, run, Progress::Running, Whose::Own)
    }

    fn location(dir: &Path, run: &RunId) -> Result<OpenLocation, Error> {
        let unknown = || Error::new(dir, Reason::RunNotFound { run: run.to_string() });
        let folder = open_runs(dir)?.ok_or_else(unknown)?;
        Ok(OpenLocation::new(folder, name_of(run)))
    }

    /// Reads a journal; `open` is the progress if it is locked, as by the caller.
    fn read_at(
        location: &OpenLocation,
        run: &RunId,
        open: Progress,
        whose: Whose,
    ) -> Result<Self, Error> {
        let dir = location.folder().path();
        let unknown = || Error::new(dir, Reason::RunNotFound { run: run.to_string() });
        let text = text_of(location, whose)?.ok_or_else(unknown)?;
        let mut lines = finished(&text).split(|&byte| byte == b'\n');
        let (start, time) = lines.next().and_then(read_start).ok_or_else(unknown)?;
        if start.run != *run {
            return Err(unknown());
        }
        let (files, steps, progress) = (Vec::new(), Vec::new(), Progress::Interrupted);
        let mut found = Reader {
            run: Self { start, time, files, steps, progress },
            steps: Vec::new(),
            last: HashMap::new(),
        };
        lines.filter_map(|line| serde_json::from_slice(line).ok()).for_each(|line| found.add(line));
        let mut found = found.end();
        if found.progress == Progress::Interrupted && is_locked(location) {
            found.progress = open;
        }
        Ok(found)
    }
}

/// Whose a journal must be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Whose {
    /// The user's of this program.
    Own,
    /// Theirs, or the superuser's.
    Trusted,
}

/// A journal as far as it is read.
struct Reader {
    run: Run,
    /// The steps, and `None` for each one that was taken back.
    steps: Vec<Option<(PathBuf, Step)>>,
    /// Where the last step of each file is.
    last: HashMap<PathBuf, usize>,
}

impl Reader {
    fn end(self) -> Run {
        Run { steps: self.steps.into_iter().flatten().collect(), ..self.run }
    }

    fn push(&mut self, path: PathBuf, step: Step) {
        self.last.insert(path.clone(), self.steps.len());
        self.steps.push(Some((path, step)));
    }

    fn add(&mut self, line: Line) {
        match line {
            Line::Start { .. } => {}
            Line::File { path } => self.run.files.extend(path.path()),
            Line::Resumed { .. } => self.run.progress = Progress::Interrupted,
            Line::Finished { .. } => self.run.progress = Progress::Finished,
            Line::Undone { run, .. } => {
                self.run.progress = run.parse().map_or(self.run.progress, Progress::Undone);
            }
            Line::Unchanged { path } => self.step(path, |_| Some(Step::Unchanged)),
            Line::Failed { path, error } => {
                if let Some(path) = path.path() {
                    // Its last change did not come to be.
                    let last = self.last.get(&path).and_then(|&last| self.steps.get_mut(last));
                    if let Some(last) = last
                        && matches!(last, Some((_, Step::Changed(_))))
                    {
                        *last = None;
                    }
                    self.push(path, Step::Failed(error));
                }
            }
            Line::Changed { path, target, before, after, backup_dir, backup } => {
                self.step(path, |path| {
                    let digest = |text: Option<String>| text.map(|text| text.parse()).transpose();
                    Some(Step::Changed(Change {
                        path: path.to_owned(),
                        target: match target {
                            None => path.to_owned(),
                            Some(target) => target.path()?,
                        },
                        before: digest(before).ok()?,
                        after: digest(after).ok()?,
                        // Without a name that can be one, there is no backup to be had.
                        backup: match (backup_dir, backup) {
                            (Some(dir), Some(id)) => dir.path().zip(BackupId::parse(&id)),
                            _ => None,
                        },
                    }))
                });
            }
        }
    }

    fn step(&mut self, path: Name, step: impl FnOnce(&Path) -> Option<Step>) {
        if let Some(path) = path.path()
            && let Some(step) = step(&path)
        {
            self.push(path, step);
        }
    }
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
    pub(super) fn untold(&self) -> impl Iterator<Item = &Path> {
        let told: HashSet<&Path> = self.steps.iter().map(|(path, _)| path.as_path()).collect();
        self.files.iter().map(PathBuf::as_path).filter(move |path| !told.contains(path))
    }

    /// Notes that `by` gave all files of `run` their bytes of before.
    ///
    /// # Errors
    ///
    /// As [`Journal::resume`].
    pub fn note_undone(dir: &Path, run: &RunId, by: &RunId) -> Result<(), Error> {
        let path = path_of(dir, run);
        let fail = |error| Error::io(&path, Doing::WriteJournal, error);
        let location = Self::location(dir, run)?;
        // What is not read is not written either.
        let unknown = || Error::new(dir, Reason::RunNotFound { run: run.to_string() });
        text_of(&location, Whose::Trusted)?.ok_or_else(unknown)?;
        let _guard = Guard::take(&location, Duration::ZERO)?;
        let (run, time) = (by.to_string(), now().to_string());
        let mut text = line(&Line::Undone { run, time });
        text.insert(0, b'\n');
        let mut file = location.folder().open_append(location.name()).map_err(fail)?;
        file.write_all(&text).and_then(|()| file.sync_data()).map_err(fail)
    }
}

/// Lists the runs that have a journal in a folder, oldest first. A folder that does not exist has none; what is no journal is
/// passed over.
///
/// # Errors
///
/// When the folder or a journal cannot be read, and as [`Run::read`].
pub fn runs(dir: &Path) -> Result<Vec<RunSummary>, Error> {
    let mut found = Vec::new();
    let Some(folder) = open_runs(dir)? else { return Ok(found) };
    for (run, name) in journals(&folder).map_err(|error| Error::io(dir, Doing::List, error))? {
        let location = OpenLocation::new(Arc::clone(&folder), name);
        let Some(text) = text_of(&location, Whose::Trusted)? else { continue };
        found.extend(summary(&location, finished(&text)).filter(|it| it.run == run));
    }
    // Names tell the second only.
    found.sort_by_key(|run| run.time);
    Ok(found)
}

/// Counts lines by how they begin; parsing those of many thousand files would take its time.
fn summary(location: &OpenLocation, text: &[u8]) -> Option<RunSummary> {
    let mut lines = text.split(|&byte| byte == b'\n');
    let (start, time) = lines.next().and_then(read_start)?;
    let (run, command) = (start.run, start.command);
    let progress = Progress::Interrupted;
    let mut found = RunSummary { run, time, command, files: 0, changed: 0, failed: 0, progress };
    for line in lines {
        let is = |kind: &str| {
            let rest = line.strip_prefix(b"{\"line\":\"".as_slice());
            rest.and_then(|rest| rest.strip_prefix(kind.as_bytes()))
                .is_some_and(|rest| rest.starts_with(b"\""))
        };
        match () {
            () if is("file") => found.files += 1,
            () if is("changed") => found.changed += 1,
            () if is("failed") => found.failed += 1,
            () if is("resumed") => found.progress = Progress::Interrupted,
            () if is("finished") => found.progress = Progress::Finished,
            () if is("undone") => {
                if let Ok(Line::Undone { run, .. }) = serde_json::from_slice(line) {
                    found.progress = run.parse().map_or(found.progress, Progress::Undone);
                }
            }
            () => {}
        }
    }
    if found.progress == Progress::Interrupted && is_locked(location) {
        found.progress = Progress::Running;
    }
    Some(found)
}

/// Returns the hash of the bytes at a path; `None` if there is no file.
pub(super) fn digest_at(path: &Path) -> Result<Option<Digest>, Kind> {
    match super::read(path) {
        Ok(found) => Ok(Some(Digest::of(found.bytes()))),
        Err(error) if error.kind() == Kind::NotFound => Ok(None),
        Err(error) => Err(error.kind()),
    }
}

fn read_start(text: &[u8]) -> Option<(Start, Timestamp)> {
    match serde_json::from_slice(text) {
        Ok(Line::Start { run, time, command, backup_dir, data, .. }) => {
            let backup_dir = match backup_dir {
                None => None,
                Some(dir) => Some(dir.path()?),
            };
            Some((Start { run: run.parse().ok()?, command, backup_dir, data }, time.parse().ok()?))
        }
        _ => None,
    }
}

/// Makes a path absolute without a look at the disk, as journals name files.
pub fn full_path(path: &Path) -> PathBuf {
    std::path::absolute(path).unwrap_or_else(|_| path.to_owned())
}

/// Writes a line. It holds texts and values that are JSON already, which are always written.
fn line(line: &Line) -> Vec<u8> {
    let mut text = serde_json::to_vec(line).unwrap_or_default();
    text.push(b'\n');
    text
}

fn path_of(dir: &Path, run: &RunId) -> PathBuf {
    dir.join(name_of(run))
}

fn name_of(run: &RunId) -> String {
    format!("{run}.{EXTENSION}")
}

/// Opens a folder of journals, which nobody else may be able to write; `None` if there is none.
fn open_runs(dir: &Path) -> Result<Option<Arc<OpenFolder>>, Error> {
    let folder = open_named(dir)?;
    if let Some(folder) = &folder {
        check(folder, &[], Purpose::Runs)?;
    }
    Ok(folder)
}

/// Reads a journal; `None` if there is none.
fn text_of(location: &OpenLocation, whose: Whose) -> Result<Option<Vec<u8>>, Error> {
    let path = location.path();
    let mut file = match location.folder().open_file(location.name()) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
        other => other.map_err(|error| {
            let found = no_list(location.folder(), &location.name().to_string_lossy());
            found.unwrap_or_else(|| Error::io(&path, Doing::ReadJournal, error))
        })?,
    };
    let (identity, text) = read_list(&path, &mut file, Doing::ReadJournal)?;
    if identity.owner().is_some_and(|owner| !owner.is_own(whose == Whose::Trusted)) {
        return Err(Error::new(path, Reason::JournalForeign));
    }
    Ok(Some(text))
}

/// Tells whether a run holds its journal.
fn is_locked(location: &OpenLocation) -> bool {
    Guard::take(location, Duration::ZERO).is_err_and(|error| error.kind() == Kind::Locked)
}

/// Lists the journals in a folder, oldest first.
fn journals(folder: &OpenFolder) -> io::Result<Vec<(RunId, OsString)>> {
    let run = |name: &OsStr| -> Option<RunId> {
        name.to_str()?.strip_suffix(EXTENSION)?.strip_suffix('.')?.parse().ok()
    };
    let names = folder.names()?.into_iter();
    Ok(names.filter_map(|name| Some((run(&name)?, name))).collect())
}

/// Removes the oldest journals, but for those of runs under way. One that stays is no matter.
fn prune(folder: &Arc<OpenFolder>) {
    let found = journals(folder).unwrap_or_default();
    let surplus = (found.len() + 1).saturating_sub(KEEP);
    for (_, name) in found.into_iter().take(surplus) {
        let location = OpenLocation::new(Arc::clone(folder), name);
        if let Ok(_guard) = Guard::take(&location, Duration::ZERO) {
            let removed = folder.remove(location.name());
            log::debug!("{}: journal removed: {removed:?}", location.path().display());
        }
    }
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;

    struct Case {
        folder: tempfile::TempDir,
        run: RunId,
        files: Vec<PathBuf>,
    }

    impl Case {
        fn new() -> Self {
            let folder = tempfile::tempdir().unwrap();
            let files = ["a.ini", "b.ini", "c.ini"].map(|name| folder.path().join(name)).to_vec();
            Self { folder, run: RunId::new(), files }
        }

        fn dir(&self) -> PathBuf {
            self.folder.path().join("state").join("runs")
        }

        /// Makes a journal that is begun.
        fn create(&self) -> Journal {
            let journal = Journal::new(&self.dir(), &self.start(), &self.files);
            journal.note(&[]).unwrap();
            journal
        }

        fn start(&self) -> Start {
            let data = serde_json::json!({ "policy": "p.toml" });
            Start { run: self.run, command: "apply".into(), backup_dir: None, data }
        }

        fn change(&self, index: usize, after: &[u8]) -> Change {
            let path = self.files[index].clone();
            let (before, after) = (Some(Digest::of(b"old")), Some(Digest::of(after)));
            let backup = Some((
                self.folder.path().into(),
                BackupId::parse("a.ini.20261123T090102Z-9f3c01d2").unwrap(),
            ));
            Change { target: path.clone(), path, before, after, backup }
        }

        fn read(&self) -> Run {
            Run::read(&self.dir(), &self.run).unwrap()
        }
    }

    #[test]
    fn reads_back_what_was_noted() {
        let case = Case::new();
        let journal = case.create();
        journal.unchanged(&case.files[0]).unwrap();
        journal.note(&[case.change(1, b"new")]).unwrap();
        journal.failed(&case.files[2], "no").unwrap();
        assert_eq!(case.read().progress, Progress::Running);
        journal.finish();
        let run = case.read();
        assert_eq!((&run.start, &run.files), (&case.start(), &case.files));
        let steps =
            [Step::Unchanged, Step::Changed(case.change(1, b"new")), Step::Failed("no".to_owned())];
        assert_eq!(run.steps, Vec::from_iter(case.files.iter().cloned().zip(steps)));
        assert_eq!(run.progress, Progress::Finished);
        drop(journal);
        let other = RunId::new();
        Run::note_undone(&case.dir(), &case.run, &other).unwrap();
        assert_eq!(case.read().progress, Progress::Undone(other));
        let [summary] = &runs(&case.dir()).unwrap()[..] else { panic!("not one run") };
        assert_eq!((summary.files, summary.changed, summary.failed), (3, 1, 1));
        assert_eq!((summary.run, summary.progress), (case.run, Progress::Undone(other)));
    }

    #[test]
    fn a_run_that_changes_nothing_touches_nothing() {
        let case = Case::new();
        let journal = Journal::new(&case.dir(), &case.start(), &case.files);
        journal.unchanged(&case.files[0]).unwrap();
        journal.failed(&case.files[1], "no").unwrap();
        journal.finish();
        assert!(!case.dir().exists());
        journal.note(&[]).unwrap();
        assert_eq!(case.read().steps, [(case.files[1].clone(), Step::Failed("no".to_owned()))]);
    }

    #[test]
    fn what_remains_is_told_by_the_files_themselves() {
        let case = Case::new();
        let journal = case.create();
        journal.note(&[case.change(0, b"new"), case.change(1, b"new")]).unwrap();
        drop(journal);
        // The first was written, the second was not.
        fs::write(&case.files[0], "new").unwrap();
        fs::write(&case.files[1], "old").unwrap();
        let run = case.read();
        assert_eq!(run.progress, Progress::Interrupted);
        assert_eq!(run.remaining(), [case.files[1].as_path(), case.files[2].as_path()]);
    }

    #[test]
    fn a_failure_takes_back_the_change_before_it() {
        let case = Case::new();
        let journal = case.create();
        journal.note(&[case.change(0, b"one")]).unwrap();
        journal.note(&[case.change(0, b"two")]).unwrap();
        journal.failed(&case.files[0], "no").unwrap();
        let run = case.read();
        assert_eq!(Vec::from_iter(run.changes()), [&case.change(0, b"one")]);
    }

    #[test]
    fn a_torn_line_counts_for_nothing_and_takes_no_other_with_it() {
        let case = Case::new();
        drop(case.create());
        let path = path_of(&case.dir(), &case.run);
        let whole = fs::read(&path).unwrap();
        let line = String::from_utf8(line(&Line::Unchanged { path: Name::new(&case.files[0]) }));
        let line = line.unwrap();
        for end in 0..line.len() {
            fs::write(&path, [&whole, &line.as_bytes()[..end]].concat()).unwrap();
            assert_eq!(case.read().steps, [], "{end}");
            let (journal, _) = Journal::resume(&case.dir(), &case.run).unwrap();
            journal.unchanged(&case.files[1]).unwrap();
            // A line of which only the end is missing is taken: all of it is there.
            let torn = usize::from(end == line.len() - 1);
            assert_eq!(case.read().steps.len(), 1 + torn, "{end}");
        }
    }

    #[test]
    fn only_one_at_a_time_goes_on_with_a_run() {
        let case = Case::new();
        let journal = case.create();
        let error = Journal::resume(&case.dir(), &case.run).unwrap_err();
        assert_eq!(error.kind(), Kind::Locked);
        assert_eq!(case.create().check().unwrap_err().kind(), Kind::Locked);
        drop(journal);
        assert_eq!(case.create().check().unwrap_err().kind(), Kind::Io);
        let (journal, _) = Journal::resume(&case.dir(), &case.run).unwrap();
        drop(journal);
        let error = Journal::resume(&case.dir(), &RunId::new()).unwrap_err();
        assert_eq!(error.kind(), Kind::RunNotFound);
        assert_eq!(fs::read_dir(case.dir()).unwrap().count(), 1, "a lock file is left");
    }

    #[test]
    fn threads_keep_their_lines_whole() {
        let case = Case::new();
        let journal = case.create();
        std::thread::scope(|scope| {
            for path in &case.files {
                scope.spawn(|| (0..200).for_each(|_| journal.unchanged(path).unwrap()));
            }
        });
        assert_eq!(case.read().steps.len(), 600);
    }

    #[test]
    fn the_oldest_journals_go() {
        let case = Case::new();
        fs::create_dir_all(case.dir()).unwrap();
        for second in 0..KEEP + 5 {
            let name = format!("20200101T00{:02}{:02}Z-0000.ndjson", second / 60, second % 60);
            fs::write(case.dir().join(name), "").unwrap();
        }
        fs::write(case.dir().join("notes.ndjson"), "").unwrap();
        drop(case.create());
        let folder = open_runs(&case.dir()).unwrap().unwrap();
        let left = journals(&folder).unwrap();
        assert_eq!(left.len(), KEEP);
        assert_eq!(left[0].0.to_string(), "20200101T000006Z-0000");
        assert_eq!(left[KEEP - 1].0, case.run);
        assert!(case.dir().join("notes.ndjson").exists());
    }

    #[cfg(unix)]
    #[test]
    fn is_for_its_owner_only_and_keeps_a_path_that_is_no_text() {
        use std::ffi::OsStr;
        use std::os::unix::ffi::OsStrExt;
        use std::os::unix::fs::PermissionsExt;

        let mut case = Case::new();
        case.files[0] = case.folder.path().join(OsStr::from_bytes(b"\xff.ini"));
        let journal = case.create();
        journal.unchanged(&case.files[0]).unwrap();
        assert_eq!(case.read().files, case.files);
        assert_eq!(case.read().steps, [(case.files[0].clone(), Step::Unchanged)]);
        let mode = |path: &Path| fs::metadata(path).unwrap().permissions().mode() & 0o777;
        assert_eq!(mode(&case.dir()), 0o700);
        assert_eq!(mode(&path_of(&case.dir(), &case.run)), 0o600);
    }
}
