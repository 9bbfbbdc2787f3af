//! What both systems answer with.

use std::fs::File;
use std::io;
use std::path::PathBuf;

/// Why a file isn't reached.
#[derive(Debug)]
pub(in crate::store) enum Unreached {
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

/// A file that was opened to be read, and its identity.
#[derive(Debug)]
pub(in crate::store) struct Opened<I> {
    pub(in crate::store) file: File,
    /// What it was when it was opened; an error text if it is none that can be read and replaced.
    pub(in crate::store) identity: Result<I, &'static str>,
    /// Whether a link led to it.
    pub(in crate::store) is_link: bool,
}

/// The attribute that could not be carried over, and why.
#[derive(Debug)]
pub(in crate::store) struct NotKept {
    pub(in crate::store) what: String,
    pub(in crate::store) source: io::Error,
}

/// Names what is at a path in place of a folder.
pub(in crate::store) type NoFolder = &'static str;

/// How far what is in a folder can be relied on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::store) enum Trust {
    /// It is from a user who may decide about it.
    Full,
    /// The folder belongs to somebody else.
    #[cfg_attr(windows, expect(dead_code, reason = "owners are not looked at there"))]
    Foreign,
    /// Other users can replace what is in it.
    #[cfg_attr(windows, expect(dead_code, reason = "owners are not looked at there"))]
    Exposed,
}
