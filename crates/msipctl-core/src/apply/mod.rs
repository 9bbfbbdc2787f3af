//! The one pipeline: read, parse, decide, plan, back up, write. Check mode stops at the plan.
//!
//! Every command that writes goes through [`edit`] or, with many files at a time, [`edit_together`].

mod files;
mod running;
#[cfg(test)]
mod tests;

pub use files::{FileState, FilesError, write_file, write_files};
pub use running::{Error as RunningError, IfRunning, Notice, Running};

use std::convert::Infallible;
use std::fmt;
use std::path::{Path, PathBuf};
use std::time::Duration;

use crate::plan::{self, Desired, EncodingPolicy, Plan};
use crate::store::{
    self, AsLocation, BackupId, BackupPolicy, Durability, FileStatus, Journal, Location,
    LockOptions, Record, RunId, Staged,
};
use winini::{CodePage, Document, Encoding};

/// How a file is edited.
#[derive(Debug)]
pub struct Options {
    /// Stops at the plan; the disk is only read.
    pub dry_run: bool,
    /// Takes a missing file for an empty one.
    pub create: bool,
    /// How long to wait for another msipctl that is writing the file.
    pub wait: Duration,
    /// What a MicroSIP that uses the file means.
    pub running: Running,
    /// The code page of files without byte order mark.
    pub code_page: CodePage,
    /// What an edit may do to the encoding.
    pub encoding: EncodingPolicy,
    /// Where the old bytes are kept.
    pub backup: BackupPolicy,
    /// The run that this edit belongs to.
    pub run: RunId,
    /// The command, without values, for the backup's manifest.
    pub command: String,
    /// Where it is noted what becomes of each file, if anywhere.
    pub journal: Option<Journal>,
}

impl Options {
    /// Creates the options of a run of its own that keeps backups next to each file and writes no file that a MicroSIP
    /// uses. `command` names what was asked for, without values.
    pub fn new(command: impl Into<String>) -> Self {
        let LockOptions { wait, create } = LockOptions::default();
        Self {
            dry_run: false,
            create,
            wait,
            running: Running::default(),
            code_page: CodePage::WESTERN,
            encoding: EncodingPolicy::Auto,
            backup: BackupPolicy::default(),
            run: RunId::new(),
            command: command.into(),
            journal: None,
        }
    }
}

/// What became of a file.
#[derive(Debug)]
pub struct Outcome {
    /// The path as given.
    pub path: PathBuf,
    /// The file before.
    pub before: Document,
    /// What was done, or would be.
    pub plan: Plan,
    /// What became of it.
    pub state: State,
    /// The backup that was made.
    pub backup: Option<BackupId>,
    /// How many names the file has on disk (hard links), which are all written.
    pub hard_links: u64,
}

/// What became of a file's bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum State {
    /// They are as they were, and nothing touched the file.
    Unchanged,
    /// They are the plan's.
    Changed,
    /// They would be the plan's, had this been no dry run.
    WouldChange,
}

/// Why a file could not be edited. It is as it was.
#[derive(Debug)]
pub enum Error<D> {
    /// The disk, or a precondition on it.
    Store(store::Error),
    /// The desired state cannot be reached.
    Plan(PathBuf, plan::Error),
    /// A MicroSIP uses it.
    Running(PathBuf, RunningError),
    /// No desired state was found for this file.
    Decide(PathBuf, D),
}

impl<D: fmt::Display> fmt::Display for Error<D> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Store(error) => write!(f, "{error}"),
            Self::Plan(path, error) => write!(f, "{}: {error}", path.display()),
            Self::Running(path, error) => write!(f, "{}: {error}", path.display()),
            Self::Decide(path, error) => write!(f, "{}: {error}", path.display()),
        }
    }
}

impl<D: std::error::Error> std::error::Error for Error<D> {
    // The texts of the errors inside are part of this one's, so their causes follow.
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match self {
            Self::Store(error) => error.source(),
            Self::Plan(_, error) => error.source(),
            Self::Running(_, error) => error.source(),
            Self::Decide(_, error) => error.source(),
        }
    }
}

impl<D> From<store::Error> for Error<D> {
    fn from(error: store::Error) -> Self {
        Self::Store(error)
    }
}

impl<D> From<(PathBuf, RunningError)> for Error<D> {
    fn from((path, error): (PathBuf, RunningError)) -> Self {
        Self::Running(path, error)
    }
}

/// Reads a file and parses it as its author meant it.
///
/// # Errors
///
/// [`store::Error`] when it cannot be read.
pub fn load(
    file: &(impl AsLocation + ?Sized),
    code_page: CodePage,
) -> Result<Document, store::Error> {
    Ok(parse(store::read(file)?.into_bytes(), code_page))
}

/// Reads a file as [`load`] does, and tells also what was seen of it.
///
/// # Errors
///
/// As [`load`].
pub fn load_with_status(
    file: &(impl AsLocation + ?Sized),
    code_page: CodePage,
) -> Result<(Document, FileStatus), store::Error> {
    let (bytes, seen) = store::read(file)?.into_status();
    Ok((parse(bytes, code_page), seen))
}

/// Brings one file to the state that `decide` wants of it.
///
/// The file is read and planned first, and only if something is to change a MicroSIP that uses it is seen
/// to, and the file is locked, read again and planned anew should it have changed in between. So nothing is touched when nothing changes,
/// and the plan that is written was made of the bytes that were locked.
///
/// # Errors
///
/// [`Error`] says why; the file is then as it was, and no temporary file is left.
pub fn edit<D: fmt::Display>(
    file: &(impl AsLocation + ?Sized),
    options: &Options,
    mut decide: impl FnMut(&Document) -> Result<Desired, D>,
) -> Result<Outcome, Error<D>> {
    let path = file.location().path();
    carry_out(file, options, |document| plan_of(path, document, options, &mut decide))
}

/// Brings one file to the document that `plan` makes of it, as [`edit`] does.
///
/// # Errors
///
/// As [`edit`].
pub fn edit_by_plan(
    file: &(impl AsLocation + ?Sized),
    options: &Options,
    mut plan: impl FnMut(&Document) -> Result<Plan, plan::Error>,
) -> Result<Outcome, Error<Infallible>> {
    let path = file.location().path();
    carry_out(file, options, |document| {
        plan(document).map_err(|error| Error::Plan(path.to_owned(), error))
    })
}

fn carry_out<D: fmt::Display>(
    file: &(impl AsLocation + ?Sized),
    options: &Options,
    plan: impl FnMut(&Document) -> Result<Plan, Error<D>>,
) -> Result<Outcome, Error<D>> {
    let location = file.location();
    let edited = Edit { location, options, plan }.write();
    note(location.path(), options, &edited);
    edited
}

/// Brings several files to the state that `decide` wants of each, as [`edit`] does, but flushes them together
/// ([`store::put_together`]): far fewer waits for the disk, and each file is still the old one or the new one, whole, with its
/// backup on disk. Returns what came of each, in their order.
///
/// All are locked at a time, so there should be no more than [`store::max_together`]. A file that another run is writing
/// is not waited for meanwhile, but edited by itself after the others, and so is every file when a MicroSIP that uses it
/// is to be started again afterwards.
///
/// # Errors
///
/// As [`edit`], for each file.
pub fn edit_together<F: AsLocation, D: fmt::Display>(
    files: &[F],
    options: &Options,
    mut decide: impl FnMut(&F, &Document) -> Result<Desired, D>,
) -> Vec<Result<Outcome, Error<D>>> {
    let mut ends: Vec<End<D>> = Vec::new();
    let mut staged = Vec::new();
    for file in files {
        let location = file.location();
        let path = location.path();
        let plan = |document: &Document| {
            plan_of(path, document, options, |document| decide(file, document))
        };
        if options.running.starts_again() {
            ends.push(End::Later);
            continue;
        }
        let end = match (Edit { location, options, plan }).stage() {
            Ok((outcome, None)) => End::Is(Ok(outcome)),
            Ok((outcome, Some(ready))) => {
                staged.push(ready);
                End::Staged(outcome)
            }
            Err(Error::Store(error)) if error.kind() == store::Kind::Locked => End::Later,
            Err(error) => End::Is(Err(error)),
        };
        ends.push(end);
    }
    let mut written = store::put_together(staged, options.journal.as_ref()).into_iter();
    let end = |(file, end): (&F, End<D>)| {
        let path = file.location().path();
        let edited = match end {
            End::Later => return edit(file, options, |document| decide(file, document)),
            End::Is(edited) => edited,
            End::Staged(outcome) => match written.next() {
                Some(Ok(written)) => Ok(Outcome { backup: written.backup, ..outcome }),
                Some(Err(error)) => Err(error.into()),
                None => Ok(outcome),
            },
        };
        note(path, options, &edited);
        edited
    };
    files.iter().zip(ends).map(end).collect()
}

/// How far a file of a batch came before the others.
enum End<D> {
    Is(Result<Outcome, Error<D>>),
    Staged(Outcome),
    /// It is edited by itself.
    Later,
}

fn plan_of<D>(
    path: &Path,
    document: &Document,
    options: &Options,
    decide: impl FnOnce(&Document) -> Result<Desired, D>,
) -> Result<Plan, Error<D>> {
    let desired = decide(document).map_err(|error| Error::Decide(path.to_owned(), error))?;
    Plan::new(document, &desired, options.encoding)
        .map_err(|error| Error::Plan(path.to_owned(), error))
}

/// Notes what became of a file, unless it was changed: that was noted before.
fn note<D: fmt::Display>(path: &Path, options: &Options, edited: &Result<Outcome, Error<D>>) {
    let Some(journal) = &options.journal else { return };
    let noted = match edited {
        Ok(outcome) if outcome.state == State::Unchanged => journal.unchanged(path),
        Ok(_) => return,
        Err(Error::Store(error)) if error.is_after_write() => return,
        Err(error) => journal.failed(path, &error.to_string()),
    };
    if let Err(error) = noted {
        // The file itself tells as much to who goes on with the run.
        log::debug!("{error}");
    }
}

/// One file and what is to become of it.
struct Edit<'a, P> {
    location: Location<'a>,
    options: &'a Options,
    plan: P,
}

/// A document and its plan.
type Planned = (Document, Plan);

impl<D, P: FnMut(&Document) -> Result<Plan, Error<D>>> Edit<'_, P> {
    fn write(mut self) -> Result<Outcome, Error<D>> {
        let options = self.options;
        let (planned, hard_links) = self.plan_now()?;
        if options.dry_run || planned.1.is_empty() {
            return Ok(self.outcome(planned, State::WouldChange, hard_links));
        }
        options.running.make_way(self.location.path(), || {
            let (outcome, staged) = self.lock(planned, options.wait, Durability::Full)?;
            let Some(staged) = staged else { return Ok(outcome) };
            let written = staged.put(options.journal.as_ref())?;
            Ok(Outcome { backup: written.backup, ..outcome })
        })
    }

    /// Goes as far as can be gone before the others, without waiting for another run.
    fn stage(mut self) -> Result<(Outcome, Option<Staged>), Error<D>> {
        let options = self.options;
        let (planned, hard_links) = self.plan_now()?;
        if options.dry_run || planned.1.is_empty() {
            return Ok((self.outcome(planned, State::WouldChange, hard_links), None));
        }
        options.running.make_way(self.location.path(), || {
            self.lock(planned, Duration::ZERO, Durability::Batch)
        })
    }

    /// Reads the file and makes the plan; tells how many names the file has.
    fn plan_now(&mut self) -> Result<(Planned, u64), Error<D>> {
        match store::read(&self.location) {
            Err(error) if self.options.create && error.kind() == store::Kind::NotFound => {
                Ok((self.plan(Vec::new())?, 1))
            }
            snapshot => {
                let snapshot = snapshot?;
                let hard_links = snapshot.hard_links();
                let names = if hard_links > 1 { snapshot.check_names() } else { Ok(()) };
                let planned = self.plan(snapshot.into_bytes())?;
                if !planned.1.is_empty() {
                    names?;
                }
                Ok((planned, hard_links))
            }
        }
    }

    /// Locks the file, reads it again, and makes the write ready.
    fn lock(
        &mut self,
        planned: Planned,
        wait: Duration,
        durability: Durability,
    ) -> Result<(Outcome, Option<Staged>), Error<D>> {
        let options = self.options;
        let lock_options = LockOptions { wait, create: options.create };
        let locked = match store::lock(&self.location, &lock_options) {
            Err(error) if options.create && error.kind() == store::Kind::NotFound => {
                store::create_folders_of(self.location.path())?;
                store::lock(&self.location, &lock_options)?
            }
            locked => locked?,
        };
        let locked = locked.waiting(options.wait);
        let snapshot = locked.snapshot();
        let hard_links = snapshot.hard_links();
        let planned = if planned.0.bytes() == snapshot.bytes() {
            planned
        } else {
            self.plan(snapshot.bytes().to_vec())?
        };
        if planned.1.is_empty() {
            return Ok((self.outcome(planned, State::Unchanged, hard_links), None));
        }
        let record = Record { run: options.run, command: options.command.clone() };
        let bytes = planned.1.after().bytes();
        let staged = locked.stage(bytes, &record, &options.backup, durability)?;
        Ok((self.outcome(planned, State::Changed, hard_links), staged))
    }

    fn plan(&mut self, bytes: Vec<u8>) -> Result<Planned, Error<D>> {
        let document = parse(bytes, self.options.code_page);
        let plan = (self.plan)(&document)?;
        let count = plan.edits().len();
        log::debug!("{}: {}, {count} edits", self.location.path().display(), document.encoding());
        Ok((document, plan))
    }

    fn outcome(&self, (before, plan): Planned, state: State, hard_links: u64) -> Outcome {
        let state = if plan.is_empty() { State::Unchanged } else { state };
        let path = self.location.path().to_owned();
        Outcome { path, before, plan, state, backup: None, hard_links }
    }
}

/// Parses bytes as their author meant them. An empty file becomes one that every MicroSIP reads.
fn parse(bytes: Vec<u8>, code_page: CodePage) -> Document {
    if bytes.is_empty() {
        return Document::parse(bytes, Encoding::MICROSIP);
    }
    let encoding = Encoding::detect(&bytes, code_page);
    Document::parse(bytes, encoding)
}
