//! What differs between systems, in one place: identity, attributes, private files, the lock.
//!
//! Both halves have the same items. `unix` keeps owner, mode, extended attributes and ACLs by hand;
//! `other` leaves them to the system, until `windows` brings ReplaceFileW, which keeps them itself.

#[cfg(not(unix))]
mod other;
#[cfg(unix)]
mod unix;

#[cfg(not(unix))]
pub(super) use other::*;
#[cfg(unix)]
pub(super) use unix::*;

use std::io;

/// The attribute that could not be carried over, and why.
#[derive(Debug)]
pub(super) struct NotKept {
    pub(super) what: String,
    pub(super) source: io::Error,
}
