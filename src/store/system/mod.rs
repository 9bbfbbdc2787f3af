//! What differs between systems, in one place: identity, attributes, private files, the lock.
//!
//! Both halves have the same items. `unix` keeps owner, mode, extended attributes and ACLs by hand, and
//! renames; `windows` leaves them to ReplaceFileW.

#[cfg(unix)]
mod unix;
#[cfg(unix)]
mod unix_reach;
#[cfg(windows)]
mod windows;
#[cfg(windows)]
mod windows_reach;

#[cfg(unix)]
pub(super) use unix::*;
#[cfg(unix)]
pub(super) use unix_reach::*;
#[cfg(windows)]
pub(super) use windows::*;
#[cfg(windows)]
pub(super) use windows_reach::*;

use std::io;
use std::path::PathBuf;

/// Why a file isn't reached.
#[derive(Debug)]
pub(super) enum Unreached {
    /// By way of this link, which another user may have planted.
    Link(PathBuf),
    /// Its path leads elsewhere than a moment ago.
    #[cfg(unix)]
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
