//! The types that both systems return.

use std::fs::File;
use std::io;
use std::path::PathBuf;

/// Why a file can't be reached.
#[derive(Debug)]
pub(in crate::store) enum Unreached {
    /// The path leads through this link, which another user may have planted.
    Link(PathBuf),
    /// Its path leads to another file than a moment ago.
    Changed,
    Io(io::Error),
}

impl<E: Into<io::Error>> From<E> for Unreached {
    fn from(error: E) -> Self {
        Self::Io(error.into())
    }
}

/// A file that was opened for reading, and its identity.
#[derive(Debug)]
pub(in crate::store) struct Opened<I> {
    pub(in crate::store) file: File,
    /// Its status when it was opened; an error text if it can't be read and replaced.
    pub(in crate::store) identity: Result<I, &'static str>,
    /// Whether a link leads to it.
    pub(in crate::store) is_link: bool,
}

/// The attribute that can't be kept, and the reason.
#[derive(Debug)]
pub(in crate::store) struct NotKept {
    pub(in crate::store) what: String,
    pub(in crate::store) source: io::Error,
}

/// Describes what is at a path instead of a folder.
pub(in crate::store) type NoFolder = &'static str;

/// How far the content of a folder can be trusted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::store) enum Trust {
    /// It comes from a user who is allowed to control it.
    Full,
    /// The folder belongs to another user.
    #[cfg_attr(windows, expect(dead_code, reason = "owners aren't checked there"))]
    Foreign,
    /// Other users can replace what is in it.
    #[cfg_attr(windows, expect(dead_code, reason = "owners aren't checked there"))]
    Exposed,
}
