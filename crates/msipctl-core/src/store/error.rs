//! The error type of this module: a path, and what failed there.
//!
//! The type is opaque, so a new reason isn't a breaking change. Callers check its [`Kind`]; all texts are in one
//! `Display`. The error of the operating system is the `source`, never part of the text.

use std::fmt;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use super::input::Input;
use super::system::{self, Unreached};

/// A failure to read, lock, write, back up, or restore a file.
///
/// # Example
///
/// ```
/// use msipctl_core::store::{self, Kind};
///
/// let folder = tempfile::tempdir()?;
/// let error = store::read(folder.path()).unwrap_err();
/// assert_eq!(error.kind(), Kind::NotAFile);
/// assert!(error.to_string().ends_with(": not a file: it's a folder"));
/// # Ok::<(), std::io::Error>(())
/// ```
#[derive(Debug)]
pub struct Error(Box<Inner>);

#[derive(Debug)]
struct Inner {
    path: PathBuf,
    /// Shared by the files of a batch that the failure stopped.
    reason: Arc<Reason>,
    /// The purpose of reading the file.
    input: Option<Input>,
}

/// The category of an [`Error`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Kind {
    /// The file doesn't exist.
    NotFound,
    /// The path is a folder, a device, a pipe, or a socket.
    NotAFile,
    /// The path isn't a folder, but for example a link or a file.
    NotAFolder,
    /// The file exceeds the maximum length.
    TooLarge,
    /// The file must be text, but isn't valid UTF-8.
    NotText,
    /// The path leads through a link that another user may have planted.
    ForeignLink,
    /// The file has several names (hard links), and msipctl can't write all of them.
    SeveralNames,
    /// The system denies access, or the owner of the file can't be kept.
    PermissionDenied,
    /// The file or its file system is read-only.
    ReadOnly,
    /// Another run held the lock longer than the timeout.
    Locked,
    /// Another program has the file open exclusively.
    InUse,
    /// Another program changed the file between reading and writing. Nothing was written.
    ChangedUnderneath,
    /// The file was changed after the write whose backup should be restored. Nothing was written.
    ChangedSince,
    /// The disk or the quota is full.
    NoSpace,
    /// The backup isn't in the list, or its file is missing.
    BackupNotFound,
    /// Several backups match the name.
    BackupAmbiguous,
    /// The folder of journals has no journal of that run.
    RunNotFound,
    /// The content of a backup file doesn't match the backup.
    BackupDamaged,
    /// Any other error of the operating system.
    Io,
}

/// The reasons for each [`Kind`], with the data that their texts need.
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
    BackupNotFound { name: String },
    BackupAmbiguous { name: String, count: usize },
    BackupMissing,
    BackupDamaged,
    BackupForeign,
    RunsForeign,
    JournalForeign,
    PrivateFolderForeign,
    PrivateFileForeign,
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

/// The operation that the system rejected.
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

    /// Adds the purpose of reading the file.
    pub(super) fn of(mut self, input: Input) -> Self {
        self.0.input = Some(input);
        self
    }

    /// Wraps an error of the operating system; a missing file becomes [`Reason::NotFound`].
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

    /// Copies this error for another file that it stopped, using `path` if it has none.
    pub(super) fn again(&self, path: &Path) -> Self {
        let Inner { path: own, reason, input } = &*self.0;
        let path = if own == Path::new("") { path } else { own };
        Self(Box::new(Inner { path: path.to_owned(), reason: Arc::clone(reason), input: *input }))
    }

    /// Returns the error for a file that can't be reached.
    pub(super) fn unreached(path: &Path, doing: Operation, reason: Unreached) -> Self {
        match reason {
            Unreached::Link(link) => Self::new(path, Reason::ForeignLink { link }),
            Unreached::Changed => Self::new(path, Reason::ChangedUnderneath),
            Unreached::Io(source) => Self::io(path, doing, source),
        }
    }

    /// Returns whether the new file is in place despite the error.
    pub fn is_after_write(&self) -> bool {
        matches!(
            &*self.0.reason,
            Reason::Io { doing: Operation::FlushFolder, .. } | Reason::NamesDiffer { .. }
        )
    }

    /// Returns the category of the error.
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
            | Reason::PrivateFolderForeign
            | Reason::PrivateFileForeign
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

    /// Returns the path that the error is about.
    pub fn path(&self) -> &Path {
        &self.0.path
    }

    /// Returns whether the file that was to be read is missing.
    pub fn is_missing_file(&self) -> bool {
        matches!(&*self.0.reason, Reason::NotFound)
    }

    /// Returns whether a precondition isn't met: the file is locked, read-only, or was changed by another program.
    pub fn is_precondition(&self) -> bool {
        matches!(
            self.kind(),
            Kind::ReadOnly
                | Kind::Locked
                | Kind::InUse
                | Kind::SeveralNames
                | Kind::ChangedUnderneath
                | Kind::ChangedSince
        )
    }

    /// Returns the text and the error of the operating system, which distinguishes a full disk from a broken one.
    pub fn with_cause(&self) -> String {
        match std::error::Error::source(self) {
            Some(cause) => format!("{self}: {cause}"),
            None => self.to_string(),
        }
    }

    /// Returns the same without the path, for a text that names the file already.
    pub fn without_path(&self) -> String {
        let message = self.with_cause();
        let rest = message.strip_prefix(&self.path().display().to_string());
        rest.map_or(&*message, |rest| rest.trim_start_matches([':', ' '])).to_owned()
    }

    /// Returns what the user can do about it, if there is something to do.
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
                "if the computer stops now, check the file, because the new content may be lost"
            }
            (Kind::PermissionDenied, Reason::Attribute { .. }) => {
                "run msipctl as the owner of the file or as an administrator; nothing was written"
            }
            (Kind::NoSpace, _) if backup => {
                "free some space, or pass another folder with `--backup-dir`; nothing was written"
            }
            (_, Reason::BackupForeign) => {
                "remove the folder if you don't recognize it, or pass another one with `--backup-dir`"
            }
            (_, Reason::RunsForeign | Reason::JournalForeign) => {
                "set `MSIPCTL_RUNS` to a folder that you own, or select the files with `-i`"
            }
            (_, Reason::PrivateFolderForeign | Reason::PrivateFileForeign) => {
                "remove it if you don't recognize it, then run the command again"
            }
            (_, Reason::LinkForeign) => "pass the path of the folder itself, not of a link to it",
            (_, Reason::FolderExposed) => "run `chmod go-w` on it, or use another folder",
            (_, Reason::NotAFolder { .. }) => {
                "remove it if you don't recognize it, or pass a folder with `--backup-dir`; nothing was written"
            }
            (_, Reason::NotAList { .. }) => {
                "remove it, then run the command again; nothing was written"
            }
            (_, Reason::TargetMoved { .. }) => "to restore that file, pass its path with `-i`",
            (_, Reason::NotMadeByRun { .. }) => "to restore that backup, pass its ID with `--id`",
            (_, _) if backup => {
                "pass another folder with `--backup-dir`, or pass `--no-backup`; nothing was written"
            }
            (Kind::TooLarge, _) => self.0.input?.hint(),
            (Kind::NotFound, Reason::NotFound) => "check the path",
            (Kind::ForeignLink, _) => {
                "to follow the link, select the file with `-i PATH`; nothing was written"
            }
            (_, Reason::NamesDiffer { .. }) => {
                "run the command again to update the other names, or run `msipctl backup restore`"
            }
            (Kind::SeveralNames, _) => {
                "to separate the names, copy the file and rename the copy over it, then run the command again; nothing was written"
            }
            (Kind::PermissionDenied, _) => {
                "run msipctl as the owner of the file or as an administrator"
            }
            (Kind::ReadOnly, Reason::ReadOnly) => {
                "remove the read-only attribute of the file, then run the command again"
            }
            (Kind::Locked, _) => {
                "wait until the other msipctl is finished, or pass a larger `--lock-timeout`"
            }
            (Kind::InUse, _) => {
                "close the program that has the file open, then run the command again"
            }
            (Kind::ChangedUnderneath, _) => {
                "run the command again; if MicroSIP is running, close it first"
            }
            (Kind::ChangedSince, _) => "review the changes; to discard them, pass `--force`",
            (Kind::NoSpace, _) => {
                "free some space, then run the command again; nothing was written"
            }
            (Kind::RunNotFound, _) => "run `msipctl backup list --runs` to list runs",
            (_, Reason::NoBackup) => {
                "restore another backup of the file; the run was started with `--no-backup`"
            }
            (Kind::BackupNotFound, _) => "run `msipctl backup list` to list backups",
            (Kind::BackupAmbiguous, _) => "pass the complete ID, which `msipctl backup list` shows",
            (Kind::BackupDamaged, _) => "run `msipctl backup verify` to verify all backups",
            _ => return None,
        })
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: ", self.0.path.display())?;
        match &*self.0.reason {
            Reason::NotFound => write!(f, "file not found"),
            Reason::NotAFile { found } => write!(f, "not a file: it's {found}"),
            Reason::TooLarge { found, limit } => {
                write!(f, "the file has {found} bytes: expected at most {limit}")
            }
            Reason::NotText { offset } => {
                write!(f, "invalid UTF-8 at byte offset {offset}: expected UTF-8 text")
            }
            Reason::ForeignLink { link } if *link == self.0.path => {
                write!(f, "can't follow the link: another user may have planted it")
            }
            Reason::ForeignLink { link } => {
                let link = link.display();
                write!(
                    f,
                    "can't follow the link `{link}` to the file: another user may have planted it"
                )
            }
            Reason::NamesNotFound { found, links } => {
                let missing = links.saturating_sub(*found);
                write!(
                    f,
                    "the file has {links} names (hard links), and {missing} of them can't be found"
                )
            }
            Reason::NamesDiffer { left, .. } => {
                write!(
                    f,
                    "the file was replaced, but {left} of its other names (hard links) still show the old content"
                )
            }
            Reason::ReadOnly => write!(f, "the file is marked read-only"),
            Reason::Locked { waited } => {
                write!(
                    f,
                    "the file is locked by another msipctl (waited {} s)",
                    waited.as_secs_f32()
                )
            }
            Reason::ChangedUnderneath => {
                write!(f, "the file was changed by another program")
            }
            Reason::ChangedSince { entry } => {
                write!(f, "the file was changed after the write that made backup `{entry}`")
            }
            Reason::ChangedSinceRun => {
                write!(f, "the file was changed after the run created it")
            }
            Reason::BackupNotFound { name } => write!(f, "backup `{name}` not found"),
            Reason::BackupAmbiguous { name, count } => {
                write!(f, "`{name}` matches {count} backups: expected one")
            }
            Reason::BackupMissing => write!(f, "backup not found"),
            Reason::BackupDamaged => {
                write!(f, "the backup is corrupted: its hash doesn't match")
            }
            Reason::BackupForeign => {
                write!(f, "the backup folder belongs to another user, not to the owner of the file")
            }
            Reason::RunsForeign => {
                write!(f, "the folder of the journals belongs to another user")
            }
            Reason::JournalForeign => {
                write!(f, "the journal belongs to another user")
            }
            Reason::PrivateFolderForeign => {
                write!(f, "the folder belongs to another user")
            }
            Reason::PrivateFileForeign => {
                write!(f, "the file belongs to another user")
            }
            Reason::LinkForeign => {
                write!(f, "not a folder: it's a symbolic link of another user")
            }
            Reason::FolderExposed => {
                write!(
                    f,
                    "other users can write to the folder: expected one that only its owner can write to"
                )
            }
            Reason::NotAFolder { found } => write!(f, "not a folder: it's {found}"),
            Reason::NotAList { found } => write!(f, "not a list that msipctl wrote: it's {found}"),
            Reason::TargetMoved { target } => {
                write!(
                    f,
                    "the path no longer leads to {}, the file that the run wrote",
                    target.display()
                )
            }
            Reason::NotMadeByRun { backup } => {
                write!(
                    f,
                    "can't remove the file: the run made backup `{backup}` of it, so it didn't create the file"
                )
            }
            Reason::NoBackup => write!(f, "the run wrote the file without a backup"),
            Reason::RunNotFound { run } => {
                write!(f, "run `{run}` not found: the folder has no journal of it")
            }
            Reason::Attribute { what, .. } => {
                write!(f, "can't keep the {what} of the file, so it isn't replaced")
            }
            Reason::Io { doing, .. } => write!(f, "{doing}"),
        }
    }
}

impl fmt::Display for Operation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Resolve => "can't resolve the path",
            Self::Open => "can't open the file",
            Self::OpenFolder => "can't open the folder",
            Self::Read => "can't read the file",
            Self::List => "can't list the folder",
            Self::Lock => "can't lock the file, which requires a writable folder",
            Self::Create => "can't create a temporary file next to it",
            Self::CreateFolder => "can't create the folder",
            Self::Write => "can't write the new content",
            Self::Append => "can't append to the file",
            Self::Rename => "can't replace the file",
            Self::Flush => "can't flush the file to disk",
            Self::FlushFolder => {
                "the file was replaced, but msipctl can't flush its folder to disk"
            }
            Self::CreateBackup => "can't create a backup here",
            Self::WriteBackup => "can't write the backup",
            Self::WriteManifest => "can't add the backup to this list",
            Self::ReadManifest => "can't read the list of backups",
            Self::WriteJournal => "can't write the journal of the run",
            Self::ReadJournal => "can't read the journal of the run",
            Self::Remove => "can't remove the file",
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
            "/x/MicroSIP.ini: not a file: it's a folder",
        );
        check(
            Reason::TooLarge { found: 9, limit: 8 },
            Kind::TooLarge,
            "/x/MicroSIP.ini: the file has 9 bytes: expected at most 8",
        );
        check(
            Reason::Locked { waited: Duration::from_millis(1500) },
            Kind::Locked,
            "/x/MicroSIP.ini: the file is locked by another msipctl (waited 1.5 s)",
        );
    }

    #[test]
    fn full_disk_error_has_its_own_kind_and_source() {
        let full = io::Error::from(io::ErrorKind::StorageFull);
        let error = Error::io("/x/MicroSIP.ini", Operation::Write, full);
        assert_eq!(error.kind(), Kind::NoSpace);
        assert_eq!(error.to_string(), "/x/MicroSIP.ini: can't write the new content");
        assert!(std::error::Error::source(&error).is_some());
        assert!(error.hint().is_some_and(|hint| hint.contains("nothing was written")));
    }
}
