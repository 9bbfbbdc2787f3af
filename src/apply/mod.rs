//! The one pipeline: read, parse, decide, plan, back up, write. Check mode stops at the plan.
//!
//! Every command that writes goes through [`edit`], and so does everything later that brings a file
//! to a desired state.

mod files;
mod running;
#[cfg(test)]
mod tests;

pub use files::{FileState, FilesError, write_files};
pub use running::{Error as RunningError, IfRunning, Remark, Running};

use std::fmt;
use std::path::{Path, PathBuf};
use std::time::Duration;

use crate::ini::{CodePage, Document, Encoding};
use crate::plan::{self, Desired, EncodingPolicy, Plan};
use crate::store::{self, BackupId, BackupPolicy, LockOptions, Record, RunId, Seen};

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
    /// How many names the file has on disk; the others keep the old bytes.
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

impl<D: fmt::Debug + fmt::Display> std::error::Error for Error<D> {}

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
pub fn load(path: &Path, code_page: CodePage) -> Result<Document, store::Error> {
    Ok(parse(store::read(path)?.into_bytes(), code_page))
}

/// Reads a file as [`load`] does, and tells also what was seen of it.
///
/// # Errors
///
/// As [`load`].
pub fn load_seen(path: &Path, code_page: CodePage) -> Result<(Document, Seen), store::Error> {
    let (bytes, seen) = store::read(path)?.into_seen();
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
pub fn edit<D>(
    path: &Path,
    options: &Options,
    mut decide: impl FnMut(&Document) -> Result<Desired, D>,
) -> Result<Outcome, Error<D>> {
    edit_by_plan(path, options, |document| {
        let desired = decide(document).map_err(|error| Error::Decide(path.to_owned(), error))?;
        Plan::new(document, &desired, options.encoding)
            .map_err(|error| Error::Plan(path.to_owned(), error))
    })
}

/// Brings one file to the document that `plan` makes of it, as [`edit`] does.
///
/// # Errors
///
/// As [`edit`].
pub fn edit_by_plan<D>(
    path: &Path,
    options: &Options,
    mut plan: impl FnMut(&Document) -> Result<Plan, Error<D>>,
) -> Result<Outcome, Error<D>> {
    let mut plan_for = |bytes: Vec<u8>| {
        let document = parse(bytes, options.code_page);
        let plan = plan(&document)?;
        log::debug!("{}: {}, {} edits", path.display(), document.encoding(), plan.edits().len());
        Ok::<_, Error<D>>((document, plan))
    };
    let outcome = |(before, plan): (Document, Plan), state, hard_links| {
        let state = if plan.is_empty() { State::Unchanged } else { state };
        Outcome { path: path.to_owned(), before, plan, state, backup: None, hard_links }
    };

    let (planned, hard_links) = match store::read(path) {
        Err(error) if options.create && error.kind() == store::Kind::NotFound => {
            (plan_for(Vec::new())?, 1)
        }
        snapshot => {
            let snapshot = snapshot?;
            let hard_links = snapshot.hard_links();
            (plan_for(snapshot.into_bytes())?, hard_links)
        }
    };
    if options.dry_run || planned.1.is_empty() {
        return Ok(outcome(planned, State::WouldChange, hard_links));
    }

    options.running.make_way(path, || {
        let locked =
            store::lock(path, &LockOptions { wait: options.wait, create: options.create })?;
        let snapshot = locked.snapshot();
        let planned = if planned.0.bytes() == snapshot.bytes() {
            planned
        } else {
            plan_for(snapshot.bytes().to_vec())?
        };
        if planned.1.is_empty() {
            return Ok(outcome(planned, State::Unchanged, snapshot.hard_links()));
        }
        let record = Record { run: options.run, command: options.command.clone() };
        let written = locked.replace(planned.1.after().bytes(), &record, &options.backup)?;
        let outcome = outcome(planned, State::Changed, snapshot.hard_links());
        Ok(Outcome { backup: written.backup, ..outcome })
    })
}

/// Parses bytes as their author meant them. An empty file becomes one that every MicroSIP reads.
fn parse(bytes: Vec<u8>, code_page: CodePage) -> Document {
    if bytes.is_empty() {
        return Document::parse(bytes, Encoding::MICROSIP);
    }
    let encoding = Encoding::detect(&bytes, code_page);
    Document::parse(bytes, encoding)
}
