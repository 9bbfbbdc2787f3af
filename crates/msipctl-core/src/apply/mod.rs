//! The only pipeline: read, parse, decide, plan, back up, write. Check mode stops at the plan.
//!
//! Every command that writes uses [`edit`] or, for many files at a time, [`edit_together`].

mod files;
mod outcome;
mod running;
#[cfg(test)]
mod tests;

pub use files::{FileState, FilesError, write_file, write_files};
pub use outcome::{Outcome, OutcomeNotice, State};
pub use running::{Error as RunningError, IfRunning, Notice, Running};

use std::convert::Infallible;
use std::fmt;
use std::path::{Path, PathBuf};
use std::time::Duration;

use crate::plan::{self, Desired, EncodingPolicy, Plan};
use crate::store::{
    self, AsLocation, BackupPolicy, Durability, FileStatus, Journal, Location, LockOptions, Record,
    RunId, Staged,
};
use winini::{CodePage, Document, Encoding};

/// The options for editing a file.
#[derive(Debug)]
pub struct Options {
    /// Whether to stop at the plan, so that the disk is only read.
    pub dry_run: bool,
    /// Whether to treat a missing file as empty.
    pub create: bool,
    /// How long to wait for another msipctl that is writing the file.
    pub wait: Duration,
    /// The policy for a MicroSIP that uses the file.
    pub running: Running,
    /// The code page of files without BOM.
    pub code_page: CodePage,
    /// The policy for the encoding.
    pub encoding: EncodingPolicy,
    /// Where to back up the previous content.
    pub backup: BackupPolicy,
    /// The run that this edit belongs to.
    pub run: RunId,
    /// The command, without values, for the backup's manifest.
    pub command: String,
    /// The journal that records the outcome for each file, if any.
    pub journal: Option<Journal>,
}

impl Options {
    /// Creates the options of a separate run that keeps backups next to each file and doesn't write a file that a
    /// MicroSIP uses. `command` is the command of the user, without values.
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

/// Why a file can't be edited. It's unchanged.
#[derive(Debug)]
pub enum Error<D> {
    /// The disk reported an error, or the file doesn't meet a precondition.
    Store(store::Error),
    /// The desired state can't be reached.
    Plan(PathBuf, plan::Error),
    /// A MicroSIP uses the file.
    Running(PathBuf, RunningError),
    /// The desired state of this file can't be determined.
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
    // The texts of the inner errors are part of this one, so only their causes follow.
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

/// Reads a file and parses it as its author intended.
///
/// # Errors
///
/// [`store::Error`] when it can't be read.
pub fn load(
    file: &(impl AsLocation + ?Sized),
    code_page: CodePage,
) -> Result<Document, store::Error> {
    Ok(parse(store::read(file)?.into_bytes(), code_page))
}

/// Reads a file as [`load`] does, and also returns its status.
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

/// Changes a file to the state that `decide` returns for it.
///
/// The file is read and planned first. Only if something changes, the MicroSIP that uses the file is handled, and the
/// file is locked, read again, and planned again if it changed in between. So nothing is touched if nothing changes,
/// and the plan that is written was made from the bytes that were locked.
///
/// # Errors
///
/// [`Error`] with the reason; the file is unchanged then, and no temporary file is left.
pub fn edit<D: fmt::Display>(
    file: &(impl AsLocation + ?Sized),
    options: &Options,
    mut decide: impl FnMut(&Document) -> Result<Desired, D>,
) -> Result<Outcome, Error<D>> {
    let path = file.location().path();
    carry_out(file, options, |document| plan_of(path, document, options, &mut decide))
}

/// Changes a file to the document that `plan` creates from it, as [`edit`] does.
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

/// Changes several files to the state that `decide` returns for each, as [`edit`] does, but flushes them together
/// ([`store::put_together`]). This waits for the disk far less often, and each file is still either the complete old
/// version or the complete new one, with its backup on disk. Returns the results in the order of the files.
///
/// All files are locked at the same time, so there should be at most [`store::max_together`]. A file that another run
/// is writing is edited by itself after the others, without waiting for it in the meantime. The same applies to every
/// file whose MicroSIP must be restarted afterward.
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

/// How far the work on a file of a batch got before the others.
enum End<D> {
    Is(Result<Outcome, Error<D>>),
    Staged(Outcome),
    /// It's edited by itself.
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

/// Records the outcome for a file, unless it was changed, which was recorded before.
fn note<D: fmt::Display>(path: &Path, options: &Options, edited: &Result<Outcome, Error<D>>) {
    let Some(journal) = &options.journal else { return };
    let noted = match edited {
        Ok(outcome) if outcome.state == State::Unchanged => journal.unchanged(path),
        Ok(_) => return,
        Err(Error::Store(error)) if error.is_after_write() => return,
        Err(error) => journal.failed(path, &error.to_string()),
    };
    if let Err(error) = noted {
        // Resuming the run detects it from the file itself.
        log::debug!("{error}");
    }
}

/// A file and its desired content.
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

    /// Does as much as possible before the other files, without waiting for another run.
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

    /// Reads the file and creates the plan; returns how many names the file has.
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

    /// Locks the file, reads it again, and prepares the write.
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

/// Parses bytes as their author intended. An empty file becomes one that every MicroSIP reads.
fn parse(bytes: Vec<u8>, code_page: CodePage) -> Document {
    if bytes.is_empty() {
        return Document::parse(bytes, Encoding::MICROSIP);
    }
    let encoding = Encoding::detect(&bytes, code_page);
    Document::parse(bytes, encoding)
}
