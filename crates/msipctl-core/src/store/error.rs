//! The one error of this module: a path, what was found there and what was expected.
//!
//! The type is opaque, so that a new reason is no breaking change. Callers ask for its [`Kind`]; the
//! texts live in one `Display`. What the system said is the `source`, never part of the text.

use std::fmt;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use super::input::Input;
use super::system::{self, Unreached};

/// A failure to read, lock, write, back up or restore.
///
/// # Example
///
/// ```
/// use msipctl_core::store::{self, Kind};
///
/// let folder = tempfile::tempdir()?;
/// let error = store::read(folder.path()).unwrap_err();
/// assert_eq!(error.kind(), Kind::NotAFile);
/// assert!(error.to_string().ends_with(": is a folder, expected a file"));
/// # Ok::<(), std::io::Error>(())
/// ```
#[derive(Debug)]
pub struct Error(Box<Inner>);

#[derive(Debug)]
struct Inner {
    path: PathBuf,
    /// Shared by the files of a batch that it stopped.
    reason: Arc<Reason>,
    /// What the file was read for.
    input: Option<Input>,
}

/// What sort of failure an [`Error`] is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Kind {
    /// There is nothing at the path.
    NotFound,
    /// The path names a folder, a device, a pipe or a socket.
    NotAFile,
    /// The path names a link, a file, or anything else that is no folder.
    NotAFolder,
    /// The file is longer than what is read.
    TooLarge,
    /// A text was asked for, and the bytes are not UTF-8.
    NotText,
    /// The file was found by way of a link that another user may have planted.
    ForeignLink,
    /// The file has several names (hard links), and not all of them can be written.
    SeveralNames,
    /// The system does not allow it, or the owner of the file could not be kept.
    PermissionDenied,
    /// The file, or the file system it is on, is marked read-only.
    ReadOnly,
    /// Another run held the lock for longer than the time to wait.
    Locked,
    /// Another program has the file open and lets nobody else have it.
    InUse,
    /// The file was changed by someone else between reading and writing. Nothing was written.
    ChangedUnderneath,
    /// The file was changed after the backup that is to be restored. Nothing was written.
    ChangedSince,
    /// The disk or the quota is full.
    NoSpace,
    /// No such backup is listed, or its file is missing.
    BackupNotFound,
    /// Several backups fit the name given.
    BackupAmbiguous,
    /// No run of that name is noted in the folder for journals.
    RunNotFound,
    /// A backup's file does not hold the bytes that were backed up.
    BackupDamaged,
    /// Any other answer of the system.
    Io,
}

/// The cases behind [`Kind`], with what their texts need.
#[derive(Debug)]
pub(super) enum Reason {
    NotFound,
    NotAFile { found: &'static str },
    TooLarge { found: u64, limit: u64 },
    NotText { offset: usize },
    ForeignLink { link: PathBuf },
    NamesNotFound { found: u64, links: u64 },
    NamesDiffer { left: u64, source: io::Error },
    ReadOnly,
    Locked { waited: Duration },
    ChangedUnderneath,
    ChangedSince { entry: String },
    ChangedSinceRun,
    BackupNotFound { wanted: String },
    BackupAmbiguous { wanted: String, count: usize },
    BackupMissing,
    BackupDamaged,
    BackupForeign,
    RunsForeign,
    JournalForeign,
    LinkForeign,
    FolderExposed,
    NotAFolder { found: &'static str },
    NotAList { found: &'static str },
    TargetMoved { target: PathBuf },
    NotMadeByRun { backup: String },
    NoBackup,
    RunNotFound { run: String },
    Attribute { what: String, source: io::Error },
    Io { doing: Operation, source: io::Error },
}

/// What was tried when the system refused.
#[derive(Debug, Clone, Copy)]
pub(super) enum Operation {
    Resolve,
    Open,
    OpenFolder,
    Read,
    List,
    Lock,
    Create,
    CreateFolder,
    Write,
    Append,
    Rename,
    Flush,
    FlushFolder,
    CreateBackup,
    WriteBackup,
    WriteManifest,
    ReadManifest,
    WriteJournal,
    ReadJournal,
    Remove,
}

impl Error {
    pub(super) fn new(path: impl Into<PathBuf>, reason: Reason) -> Self {
        Self(Box::new(Inner { path: path.into(), reason: Arc::new(reason), input: None }))
    }

    /// Notes what the file was read for.
    pub(super) fn of(mut self, input: Input) -> Self {
        self.0.input = Some(input);
        self
    }

    /// Wraps what the system said; a missing file is told as such.
    pub(super) fn io(path: impl Into<PathBuf>, doing: Operation, source: io::Error) -> Self {
        let missing = source.kind() == io::ErrorKind::NotFound;
        if missing
            && matches!(
                doing,
                Operation::Resolve | Operation::Open | Operation::Read | Operation::List
            )
        {
            return Self::new(path, Reason::NotFound);
        }
        Self::new(path, Reason::Io { doing, source })
    }

    /// Returns this failure for another file that it stopped, with `path` if it has none.
    pub(super) fn again(&self, path: &Path) -> Self {
        let Inner { path: own, reason, input } = &*self.0;
        let path = if own == Path::new("") { path } else { own };
        Self(Box::new(Inner { path: path.to_owned(), reason: Arc::clone(reason), input: *input }))
    }

    /// Tells why a file was not reached.
    pub(super) fn unreached(path: &Path, doing: Operation, reason: Unreached) -> Self {
        match reason {
            Unreached::Link(link) => Self::new(path, Reason::ForeignLink { link }),
            Unreached::Changed => Self::new(path, Reason::ChangedUnderneath),
            Unreached::Io(source) => Self::io(path, doing, source),
        }
    }

    /// Tells whether the new file is in its place in spite of the failure.
    pub fn is_after_write(&self) -> bool {
        matches!(
            &*self.0.reason,
            Reason::Io { doing: Operation::FlushFolder, .. } | Reason::NamesDiffer { .. }
        )
    }

    /// Returns what sort of failure this is.
    pub fn kind(&self) -> Kind {
        match &*self.0.reason {
            Reason::NotFound => Kind::NotFound,
            Reason::NotAFile { .. } | Reason::NotAList { .. } => Kind::NotAFile,
            Reason::NotAFolder { .. } => Kind::NotAFolder,
            Reason::TooLarge { .. } => Kind::TooLarge,
            Reason::NotText { .. } => Kind::NotText,
            Reason::ForeignLink { .. } => Kind::ForeignLink,
            Reason::NamesNotFound { .. } | Reason::NamesDiffer { .. } => Kind::SeveralNames,
            Reason::ReadOnly => Kind::ReadOnly,
            Reason::Locked { .. } => Kind::Locked,
            Reason::ChangedUnderneath => Kind::ChangedUnderneath,
            Reason::ChangedSince { .. }
            | Reason::ChangedSinceRun
            | Reason::TargetMoved { .. }
            | Reason::NotMadeByRun { .. } => Kind::ChangedSince,
            Reason::BackupNotFound { .. } | Reason::BackupMissing => Kind::BackupNotFound,
            Reason::BackupAmbiguous { .. } => Kind::BackupAmbiguous,
            Reason::BackupDamaged => Kind::BackupDamaged,
            Reason::BackupForeign
            | Reason::RunsForeign
            | Reason::JournalForeign
            | Reason::LinkForeign
            | Reason::FolderExposed => Kind::PermissionDenied,
            Reason::NoBackup => Kind::BackupNotFound,
            Reason::RunNotFound { .. } => Kind::RunNotFound,
            Reason::Io { source, .. } if system::in_use(source) => Kind::InUse,
            Reason::Attribute { source, .. } | Reason::Io { source, .. } => match source.kind() {
                io::ErrorKind::NotFound | io::ErrorKind::NotADirectory => Kind::NotFound,
                io::ErrorKind::IsADirectory => Kind::NotAFile,
                io::ErrorKind::PermissionDenied => Kind::PermissionDenied,
                io::ErrorKind::ReadOnlyFilesystem => Kind::ReadOnly,
                io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded => Kind::NoSpace,
                io::ErrorKind::FileTooLarge => Kind::NoSpace,
                _ => Kind::Io,
            },
        }
    }

    /// Returns the path the failure is about.
    pub fn path(&self) -> &Path {
        &self.0.path
    }

    /// Returns its text and what the system said, which is the only thing that tells a full disk from a broken one.
    pub fn with_cause(&self) -> String {
        match std::error::Error::source(self) {
            Some(cause) => format!("{self}: {cause}"),
            None => self.to_string(),
        }
    }

    /// Returns what the user can do about it, where there is something to say.
    pub fn hint(&self) -> Option<&'static str> {
        let backup = matches!(
            &*self.0.reason,
            Reason::Io {
                doing: Operation::CreateBackup | Operation::WriteBackup | Operation::WriteManifest,
                ..
            }
        );
        Some(match (self.kind(), &*self.0.reason) {
            (_, Reason::Io { doing: Operation::FlushFolder, .. }) => {
                "the new file is in place, but may be lost if the computer stops now"
            }
            (Kind::PermissionDenied, Reason::Attribute { .. }) => {
                "run as the owner of the file or as an administrator; nothing was written"
            }
            (Kind::NoSpace, _) if backup => {
                "free some space, or give another folder with --backup-dir; nothing was written"
            }
            (_, Reason::BackupForeign) => {
                "remove the folder if you don't know it, or pass another one with `--backup-dir`"
            }
            (_, Reason::RunsForeign | Reason::JournalForeign) => {
                "set `MSIPCTL_RUNS` to a folder of your own; files can still be named with `-i`"
            }
            (_, Reason::LinkForeign) => "name the folder itself, not a link to it",
            (_, Reason::FolderExposed) => "run `chmod go-w` on it, or use another folder",
            (_, Reason::NotAFolder { .. }) => {
                "remove it if you don't know it, or pass a folder with `--backup-dir`; nothing was written"
            }
            (_, Reason::NotAList { .. }) => "remove it, then run again; nothing was written",
            (_, Reason::TargetMoved { .. }) => "restore the file by its path, with `-i`",
            (_, Reason::NotMadeByRun { .. }) => "restore that backup with `--id`",
            (_, _) if backup => {
                "give another folder with --backup-dir, or --no-backup; nothing was written"
            }
            (Kind::TooLarge, _) => self.0.input?.hint(),
            (Kind::NotFound, Reason::NotFound) => "check the path",
            (Kind::ForeignLink, _) => {
                "to follow the link, name the file with `-i PATH`; nothing was written"
            }
            (_, Reason::NamesDiffer { .. }) => {
                "run again to finish the other names, or run `msipctl backup restore`"
            }
            (Kind::SeveralNames, _) => {
                "to part the names, copy the file and rename the copy over it, then run again; nothing was written"
            }
            (Kind::PermissionDenied, _) => "run as the owner of the file, or as an administrator",
            (Kind::ReadOnly, Reason::ReadOnly) => "take the read-only mark off the file first",
            (Kind::Locked, _) => "another msipctl works on this file: let it end, then run again",
            (Kind::InUse, _) => "close the program that has it open, then run again",
            (Kind::ChangedUnderneath, _) => "run again; if MicroSIP is running, close it first",
            (Kind::ChangedSince, _) => "look at the difference first, then restore with --force",
            (Kind::NoSpace, _) => "free some space and run again; nothing was written",
            (Kind::RunNotFound, _) => "see `msipctl backup list --runs`",
            (_, Reason::NoBackup) => "the run was told to keep no backup",
            (Kind::BackupNotFound, _) => "see `msipctl backup list`",
            (Kind::BackupAmbiguous, _) => "give the whole id, as `msipctl backup list` shows it",
            (Kind::BackupDamaged, _) => "see `msipctl backup verify`",
            _ => return None,
        })
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: ", self.0.path.display())?;
        match &*self.0.reason {
            Reason::NotFound => write!(f, "is missing, expected a file"),
            Reason::NotAFile { found } => write!(f, "is {found}, expected a file"),
            Reason::TooLarge { found, limit } => {
                write!(f, "has {found} bytes, expected at most {limit}")
            }
            Reason::NotText { offset } => {
                write!(f, "has bytes at offset {offset} that are not UTF-8, expected UTF-8 text")
            }
            Reason::ForeignLink { link } if *link == self.0.path => {
                write!(f, "is a link that another user may have planted, so it isn't followed")
            }
            Reason::ForeignLink { link } => {
                let link = link.display();
                write!(f, "is reached by the link `{link}`, which another user may have planted")
            }
            Reason::NamesNotFound { found, links } => {
                let missing = links.saturating_sub(*found);
                write!(
                    f,
                    "has {links} names (hard links), and {missing} of them can't be found, expected \
                     all of them in reach"
                )
            }
            Reason::NamesDiffer { left, .. } => {
                write!(f, "was replaced, but {left} of its other names still show the old content")
            }
            Reason::ReadOnly => write!(f, "is marked read-only, expected a writable file"),
            Reason::Locked { waited } => {
                write!(f, "is locked by another msipctl, waited {} s for it", waited.as_secs_f32())
            }
            Reason::ChangedUnderneath => {
                write!(f, "was changed by another program, expected the bytes that were read")
            }
            Reason::ChangedSince { entry } => {
                write!(f, "was changed since backup `{entry}`, expected what that run had left")
            }
            Reason::ChangedSinceRun => {
                write!(f, "was changed since the run made it, expected what the run had left")
            }
            Reason::BackupNotFound { wanted } => write!(f, "has no backup `{wanted}`"),
            Reason::BackupAmbiguous { wanted, count } => {
                write!(f, "has {count} backups that fit `{wanted}`, expected one")
            }
            Reason::BackupMissing => write!(f, "is missing, expected a backup"),
            Reason::BackupDamaged => {
                write!(f, "does not match its hash, expected the bytes that were backed up")
            }
            Reason::BackupForeign => {
                write!(f, "belongs to another user than the file, expected the owner's backups")
            }
            Reason::RunsForeign => {
                write!(f, "belongs to another user, expected a folder of the current user")
            }
            Reason::JournalForeign => {
                write!(f, "belongs to another user, expected a journal of the current user")
            }
            Reason::LinkForeign => {
                write!(f, "is a symbolic link of another user, expected a folder")
            }
            Reason::FolderExposed => {
                write!(
                    f,
                    "can be written by other users, expected a folder that only its owner can write"
                )
            }
            Reason::NotAFolder { found } => write!(f, "is {found}, expected a folder"),
            Reason::NotAList { found } => write!(f, "is {found}, expected a list of msipctl"),
            Reason::TargetMoved { target } => {
                write!(
                    f,
                    "doesn't lead to {} any more, expected the file that the run wrote",
                    target.display()
                )
            }
            Reason::NotMadeByRun { backup } => {
                write!(f, "is not removed, because the run took backup `{backup}` of it")
            }
            Reason::NoBackup => write!(f, "was written without a backup, expected one"),
            Reason::RunNotFound { run } => write!(f, "has no journal of run `{run}`"),
            Reason::Attribute { what, .. } => {
                write!(f, "cannot keep its {what}, so it is not replaced")
            }
            Reason::Io { doing, .. } => write!(f, "{doing}"),
        }
    }
}

impl fmt::Display for Operation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Resolve => "cannot be resolved",
            Self::Open => "cannot be opened",
            Self::OpenFolder => "the folder cannot be opened",
            Self::Read => "cannot be read",
            Self::List => "cannot be listed",
            Self::Lock => "cannot be locked, expected a folder that can be written",
            Self::Create => "no temporary file can be made beside it",
            Self::CreateFolder => "the folder cannot be made",
            Self::Write => "its new content cannot be written",
            Self::Append => "cannot be appended to",
            Self::Rename => "cannot be replaced",
            Self::Flush => "cannot be flushed to disk",
            Self::FlushFolder => "was replaced, but its folder cannot be flushed to disk",
            Self::CreateBackup => "no backup can be made here",
            Self::WriteBackup => "the backup cannot be written here",
            Self::WriteManifest => "the backup cannot be listed here",
            Self::ReadManifest => "the list of backups cannot be read",
            Self::WriteJournal => "the journal of the run cannot be written",
            Self::ReadJournal => "the journal of the run cannot be read",
            Self::Remove => "cannot be removed",
        })
    }
}

impl std::error::Error for Error {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match &*self.0.reason {
            Reason::Attribute { source, .. }
            | Reason::NamesDiffer { source, .. }
            | Reason::Io { source, .. } => Some(source),
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(reason: Reason, kind: Kind, expected: &str) {
        let error = Error::new("/x/MicroSIP.ini", reason);
        assert_eq!(error.kind(), kind);
        assert_eq!(error.to_string(), expected);
        assert_eq!(error.path(), Path::new("/x/MicroSIP.ini"));
    }

    #[test]
    fn store_error_states_path_problem_and_expectation() {
        check(
            Reason::NotAFile { found: "a folder" },
            Kind::NotAFile,
            "/x/MicroSIP.ini: is a folder, expected a file",
        );
        check(
            Reason::TooLarge { found: 9, limit: 8 },
            Kind::TooLarge,
            "/x/MicroSIP.ini: has 9 bytes, expected at most 8",
        );
        check(
            Reason::Locked { waited: Duration::from_millis(1500) },
            Kind::Locked,
            "/x/MicroSIP.ini: is locked by another msipctl, waited 1.5 s for it",
        );
    }

    #[test]
    fn full_disk_error_has_its_own_kind_and_source() {
        let full = io::Error::from(io::ErrorKind::StorageFull);
        let error = Error::io("/x/MicroSIP.ini", Operation::Write, full);
        assert_eq!(error.kind(), Kind::NoSpace);
        assert_eq!(error.to_string(), "/x/MicroSIP.ini: its new content cannot be written");
        assert!(std::error::Error::source(&error).is_some());
        assert!(error.hint().is_some_and(|hint| hint.contains("nothing was written")));
    }
}
