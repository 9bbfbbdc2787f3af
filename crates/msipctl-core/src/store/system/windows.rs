//! Windows: volume and number identify a file; ReplaceFileW keeps its ACL, attributes, and streams.
//!
//! Another program that has a file open can block all others for a moment: an editor that saves, a scanner, or MicroSIP
//! 3.22.16 when it starts. So opening and replacing are retried for a while.

use std::ffi::{OsStr, OsString};
use std::fs::{self, File};
use std::io;
use std::os::windows::ffi::{OsStrExt, OsStringExt};
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use super::common::NotKept;
use msipctl_windows::FileId;

/// How long to retry opening a file that another program has open.
const PATIENCE: Duration = Duration::from_secs(2);

/// The delay between two tries.
const SLEEP: Duration = Duration::from_millis(20);

const ERROR_ACCESS_DENIED: i32 = 5;
const ERROR_SHARING_VIOLATION: i32 = 32;
const ERROR_LOCK_VIOLATION: i32 = 33;
const ERROR_UNABLE_TO_REMOVE_REPLACED: i32 = 1175;

const FILE_ATTRIBUTE_READONLY: u32 = 0x1;
const FILE_ATTRIBUTE_DIRECTORY: u32 = 0x10;
const FILE_ATTRIBUTE_DEVICE: u32 = 0x40;
const FILE_ATTRIBUTE_REPARSE_POINT: u32 = 0x400;

/// Seconds from 1601, the epoch of Windows, to 1970.
const UNIX_EPOCH: i64 = 11_644_473_600;

/// The status of a file: its identity, length, time of change, and attributes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::store) struct Identity(pub(super) FileId);

/// On Windows, msipctl doesn't change owners, so there is none: a new file gets the one of its folder.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::store) enum Owner {}

impl Identity {
    /// Reads the status of an open file; an error text if it can't be read and replaced.
    pub(in crate::store) fn of(file: &File) -> io::Result<Result<Self, &'static str>> {
        msipctl_windows::identify(file).map(Self::checked)
    }

    /// Reads the status of a path without following a link.
    pub(in crate::store) fn at(path: &Path) -> io::Result<Result<Self, &'static str>> {
        msipctl_windows::identify_at(path).map(Self::checked)
    }

    fn checked(found: FileId) -> Result<Self, &'static str> {
        match found.attributes {
            bits if bits & FILE_ATTRIBUTE_REPARSE_POINT != 0 => Err("a symbolic link"),
            bits if bits & FILE_ATTRIBUTE_DIRECTORY != 0 => Err("a folder"),
            bits if bits & FILE_ATTRIBUTE_DEVICE != 0 => Err("a device"),
            _ => Ok(Self(found)),
        }
    }

    pub(in crate::store) fn length(&self) -> u64 {
        self.0.length
    }

    pub(in crate::store) fn links(&self) -> u64 {
        u64::from(self.0.links)
    }

    /// Returns whether the bytes were changed after those of another file.
    pub(in crate::store) fn is_newer_than(&self, other: &Self) -> bool {
        self.0.modified > other.0.modified
    }

    /// Returns whether both are the same file, even with different content.
    pub(in crate::store) fn is_same_file(&self, other: &Self) -> bool {
        (self.0.volume, self.0.index) == (other.0.volume, other.0.index)
    }

    /// Returns the second of the last change to the bytes.
    pub(in crate::store) fn modified_second(&self) -> i64 {
        i64::try_from(self.0.modified / 10_000_000).map_or(i64::MAX, |second| second - UNIX_EPOCH)
    }

    pub(in crate::store) fn read_only(&self) -> bool {
        self.0.attributes & FILE_ATTRIBUTE_READONLY != 0
    }

    pub(in crate::store) fn foreign_owner(&self) -> Option<Owner> {
        None
    }

    /// On Windows, owners aren't checked.
    pub(in crate::store) fn owner(&self) -> Option<Owner> {
        None
    }
}

impl Owner {
    pub(in crate::store) fn if_foreign(self) -> Option<Self> {
        None
    }

    pub(in crate::store) fn is_own(self, _is_system_trusted: bool) -> bool {
        true
    }
}

/// On Windows, only links lead to other volumes, and a search doesn't follow them.
pub(in crate::store) fn folder_number(_found: &fs::Metadata) -> Option<(u64, u64)> {
    None
}

/// Lists the names (hard links) of a file on its volume.
pub(in crate::store) fn names(path: &Path) -> io::Result<Vec<PathBuf>> {
    msipctl_windows::names(path)
}

/// Opens a file for reading. A folder can't be opened like this; [`Identity::at`] detects it.
pub(in crate::store) fn open(path: &Path) -> io::Result<File> {
    patiently(|| File::open(path), in_use)
}

/// On Windows, the system follows links.
pub(in crate::store) fn refused_link(_error: &io::Error) -> bool {
    false
}

/// Resolves a path whose disk can't return the final path of a file, such as some RAM disks, shares, and Wine (long
/// paths); `error` is the error of the system. A link is then rejected instead of followed.
pub(in crate::store) fn resolve_plainly(path: &Path, error: io::Error) -> io::Result<PathBuf> {
    match fs::symlink_metadata(path) {
        Ok(found) if !found.is_symlink() => std::path::absolute(path),
        _ => Err(error),
    }
}

/// Returns whether the system reported that another program has the file open.
pub(in crate::store) fn in_use(error: &io::Error) -> bool {
    let codes = [ERROR_SHARING_VIOLATION, ERROR_LOCK_VIOLATION, ERROR_UNABLE_TO_REMOVE_REPLACED];
    error.raw_os_error().is_some_and(|code| codes.contains(&code))
}

pub(in crate::store) fn set_owner(_file: &File, _owner: Option<Owner>) -> io::Result<()> {
    Ok(())
}

/// Returns the maximum number of open files: more than any run needs.
pub(in crate::store) fn open_files() -> usize {
    usize::MAX
}

/// Done by [`replace_target`](super::replace_target).
pub(in crate::store) fn copy_attributes(
    _source: &File,
    _identity: &Identity,
    _file: &File,
) -> Result<(), NotKept> {
    Ok(())
}

/// Returns whether other users can read a file, by the permissions of large groups. Folders above it don't restrict
/// access on Windows, where all users can pass them.
pub(in crate::store) fn readable_by_others(path: &Path) -> io::Result<bool> {
    msipctl_windows::readable_by_others(path)
}

/// Returns the same for a file that was read.
pub(in crate::store) fn is_visible_to_others(
    path: &Path,
    _identity: &Identity,
) -> io::Result<bool> {
    msipctl_windows::readable_by_others(&fs::canonicalize(path)?)
}

/// The code units of a path that isn't valid text, in hex.
pub(in crate::store) fn path_to_hex(path: &Path) -> Option<String> {
    let hex = |path: &OsStr| path.encode_wide().map(|unit| format!("{unit:04x}")).collect();
    path.to_str().is_none().then(|| hex(path.as_os_str()))
}

/// Parses the output of [`path_to_hex`].
pub(in crate::store) fn path_from_hex(hex: &str) -> Option<PathBuf> {
    let digits = hex.as_bytes().chunks(4);
    let units: Option<Vec<u16>> =
        digits.map(|four| u16::from_str_radix(std::str::from_utf8(four).ok()?, 16).ok()).collect();
    Some(PathBuf::from(OsString::from_wide(&units?)))
}

pub(super) fn is_denied(error: &io::Error) -> bool {
    error.raw_os_error() == Some(ERROR_ACCESS_DENIED)
}

/// Retries until it works, fails for another reason than `passes`, or the time is up.
#[expect(clippy::disallowed_methods, reason = "this is the wait for another program")]
pub(super) fn patiently<T>(
    mut call: impl FnMut() -> io::Result<T>,
    passes: impl Fn(&io::Error) -> bool,
) -> io::Result<T> {
    let began = Instant::now();
    loop {
        match call() {
            Err(error) if passes(&error) && began.elapsed() < PATIENCE => std::thread::sleep(SLEEP),
            other => return other,
        }
    }
}
