//! Windows and the rest: files are known by length and time, attributes are the system's business.
//!
//! A replaced file gets the folder's inherited ACL here; ReplaceFileW, which keeps the file's own, comes
//! with the room `windows`.

use std::fs::{self, DirBuilder, File, Metadata, OpenOptions};
use std::io;
use std::path::{Path, PathBuf};
use std::time::{SystemTime, UNIX_EPOCH};

use super::NotKept;

/// What a file was when it was looked at: how long, when changed, whether read-only.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::store) struct Identity {
    length: u64,
    modified: Option<SystemTime>,
    read_only: bool,
}

/// Owners are not handed over here, so there is none.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::store) enum Owner {}

impl Identity {
    /// Looks at an open file; an error text if it is none that can be read and replaced.
    pub(in crate::store) fn of(file: &File) -> io::Result<Result<Self, &'static str>> {
        file.metadata().map(|metadata| Self::from_metadata(&metadata))
    }

    /// Looks at a path without following a link.
    pub(in crate::store) fn at(path: &Path) -> io::Result<Result<Self, &'static str>> {
        fs::symlink_metadata(path).map(|metadata| Self::from_metadata(&metadata))
    }

    fn from_metadata(metadata: &Metadata) -> Result<Self, &'static str> {
        match metadata.file_type() {
            kind if kind.is_file() => {}
            kind if kind.is_dir() => return Err("a folder"),
            kind if kind.is_symlink() => return Err("a symbolic link"),
            _ => return Err("a device"),
        }
        Ok(Self {
            length: metadata.len(),
            modified: metadata.modified().ok(),
            read_only: metadata.permissions().readonly(),
        })
    }

    pub(in crate::store) fn length(&self) -> u64 {
        self.length
    }

    /// The standard library does not tell the number of links here yet.
    pub(in crate::store) fn links(&self) -> u64 {
        1
    }

    /// Returns the second of the last change to the bytes.
    pub(in crate::store) fn modified_second(&self) -> i64 {
        let since = self.modified.and_then(|time| time.duration_since(UNIX_EPOCH).ok());
        since.and_then(|since| i64::try_from(since.as_secs()).ok()).unwrap_or(i64::MAX)
    }

    pub(in crate::store) fn read_only(&self) -> bool {
        self.read_only
    }

    pub(in crate::store) fn foreign_owner(&self) -> Option<Owner> {
        None
    }
}

pub(in crate::store) fn folder_owner(_folder: &Path) -> io::Result<Option<Owner>> {
    Ok(None)
}

/// Owners are not looked at here.
pub(in crate::store) fn may_restore(
    _folder: &Path,
    _target: &Path,
    _identity: Option<Identity>,
) -> io::Result<bool> {
    Ok(true)
}

/// Opens a file to read it; a folder, which cannot be opened so, is left to [`Identity::at`] to tell.
pub(in crate::store) fn open(path: &Path) -> io::Result<File> {
    File::open(path)
}

/// Links are followed by the system here.
pub(in crate::store) fn refused_link(_error: &io::Error) -> bool {
    false
}

/// Opens a lock or a manifest, made on first use.
pub(in crate::store) fn open_private(path: &Path, _owner: Option<Owner>) -> io::Result<File> {
    OpenOptions::new().read(true).write(true).create(true).truncate(false).open(path)
}

/// Opens a lock file beside a target. Opening it is the lock: nobody else may until it is closed, and the
/// system removes it then, even if the program is killed.
#[cfg(windows)]
pub(in crate::store) fn open_lock(path: &Path) -> io::Result<(File, bool)> {
    use std::os::windows::fs::OpenOptionsExt;

    const GENERIC_READ: u32 = 0x8000_0000;
    const GENERIC_WRITE: u32 = 0x4000_0000;
    const DELETE: u32 = 0x0001_0000;
    const FILE_FLAG_DELETE_ON_CLOSE: u32 = 0x0400_0000;
    let file = OpenOptions::new()
        .write(true)
        .create(true)
        .truncate(false)
        .access_mode(GENERIC_READ | GENERIC_WRITE | DELETE)
        .share_mode(0)
        .custom_flags(FILE_FLAG_DELETE_ON_CLOSE)
        .open(path)?;
    Ok((file, false))
}

/// Opens a lock file beside a target; says whether it stood there already.
#[cfg(not(windows))]
pub(in crate::store) fn open_lock(path: &Path) -> io::Result<(File, bool)> {
    let file = OpenOptions::new().read(true).write(true).create(true).truncate(false).open(path)?;
    Ok((file, false))
}

/// Tells whether [`open_lock`] failed because the lock is held: a sharing violation, or one that is just
/// being removed.
pub(in crate::store) fn held_by_other_user(error: &io::Error, path: &Path) -> bool {
    const ERROR_SHARING_VIOLATION: i32 = 32;
    error.raw_os_error() == Some(ERROR_SHARING_VIOLATION)
        || error.kind() == io::ErrorKind::PermissionDenied && fs::symlink_metadata(path).is_ok()
}

/// Opening was the lock, so the name cannot have gone meanwhile.
pub(in crate::store) fn still_named(_file: &File, _path: &Path) -> io::Result<bool> {
    Ok(true)
}

/// Makes a folder, and the ones above it. One that exists is left as it is.
pub(in crate::store) fn create_private_folder(
    folder: &Path,
    _owner: Option<Owner>,
) -> io::Result<()> {
    DirBuilder::new().recursive(true).create(folder)
}

pub(in crate::store) fn set_owner(_file: &File, _owner: Option<Owner>) -> io::Result<()> {
    Ok(())
}

/// Folders cannot be flushed through the standard library here.
pub(in crate::store) fn flush_folder(_folder: &Path) -> io::Result<()> {
    Ok(())
}

pub(in crate::store) fn copy_attributes(
    _target: &Path,
    _identity: &Identity,
    _file: &File,
) -> Result<(), NotKept> {
    Ok(())
}

/// A path that is no text is listed with its odd characters replaced.
pub(in crate::store) fn path_to_hex(_path: &Path) -> Option<String> {
    None
}

/// Nothing here writes such a path.
pub(in crate::store) fn path_from_hex(_hex: &str) -> Option<PathBuf> {
    None
}
