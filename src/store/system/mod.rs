//! What differs between systems, in one place: identity, attributes, private files, the lock.
//!
//! Both halves have the same items. An [`OpenFolder`] is the one way to work in a folder: whatever takes the place of the
//! folder after it was opened leads nothing astray. `unix` keeps owner, mode, extended attributes and ACLs by hand, and
//! renames; `windows` leaves them to ReplaceFileW.

#[cfg(unix)]
mod unix;
#[cfg(unix)]
mod unix_folder;
#[cfg(unix)]
mod unix_reach;
#[cfg(windows)]
mod windows;
#[cfg(windows)]
mod windows_folder;
#[cfg(windows)]
mod windows_reach;

#[cfg(unix)]
pub(super) use unix::*;
#[cfg(unix)]
pub(super) use unix_folder::{OpenFolder, resolve_trusted};
#[cfg(unix)]
pub(super) use unix_reach::{Reached, open_found, reach};
#[cfg(windows)]
pub(super) use windows::*;
#[cfg(windows)]
pub(super) use windows_folder::{OpenFolder, resolve_trusted};
#[cfg(windows)]
pub(super) use windows_reach::{Reached, open_found, reach};

use std::collections::BTreeMap;
use std::ffi::OsString;
use std::io;
use std::path::PathBuf;
use std::sync::Arc;

/// Folders to flush by their paths, each with files in it.
pub(super) type Flushes = BTreeMap<PathBuf, (Arc<OpenFolder>, Vec<OsString>)>;

/// Why a file isn't reached.
#[derive(Debug)]
pub(super) enum Unreached {
    /// By way of this link, which another user may have planted.
    Link(PathBuf),
    /// Its path leads elsewhere than a moment ago.
    Changed,
    Io(io::Error),
}

impl<E: Into<io::Error>> From<E> for Unreached {
    fn from(error: E) -> Self {
        Self::Io(error.into())
    }
}

/// The attribute that could not be carried over, and why.
#[derive(Debug)]
pub(super) struct NotKept {
    pub(super) what: String,
    pub(super) source: io::Error,
}

/// Names what is at a path in place of a folder.
pub(super) type NoFolder = &'static str;

/// How far what is in a folder can be relied on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Trust {
    /// It is from a user who may decide about it.
    Full,
    /// The folder belongs to somebody else.
    #[cfg_attr(windows, expect(dead_code, reason = "owners are not looked at there"))]
    Foreign,
    /// Other users can replace what is in it.
    #[cfg_attr(windows, expect(dead_code, reason = "owners are not looked at there"))]
    Exposed,
}
