//! What differs between systems, in one place: identity, attributes, private files, the lock.
//!
//! Both halves have the same items. `unix` keeps owner, mode, extended attributes and ACLs by hand, and
//! renames; `windows` leaves them to ReplaceFileW.

#[cfg(unix)]
mod unix;
#[cfg(windows)]
mod windows;

#[cfg(unix)]
pub(super) use unix::*;
#[cfg(windows)]
pub(super) use windows::*;

use std::io;

/// The attribute that could not be carried over, and why.
#[derive(Debug)]
pub(super) struct NotKept {
    pub(super) what: String,
    pub(super) source: io::Error,
}
