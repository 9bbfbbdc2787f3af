//! The error of this crate.

use std::path::{Path, PathBuf};

use msipctl_core::store;

/// An error in what msipctl keeps for itself on this computer.
#[derive(Debug, thiserror::Error)]
pub enum HostError {
    /// The system names no folder for local data.
    #[error("can't find a folder for the key that saved plans need")]
    NoFolder,
    /// The system has no random numbers.
    #[error("can't generate a random key: {0}")]
    Random(getrandom::Error),
    /// The file of the key contains something else.
    #[error("invalid key: expected 64 lowercase hex digits")]
    InvalidKey(PathBuf),
    /// A file can't be read or written.
    #[error("{}", .0.with_cause())]
    Store(#[from] store::Error),
}

impl HostError {
    /// Returns the path of the file, which the message doesn't contain, except for [`Store`](Self::Store).
    pub fn path(&self) -> Option<&Path> {
        match self {
            Self::InvalidKey(path) => Some(path),
            Self::Store(error) => Some(error.path()),
            Self::NoFolder | Self::Random(_) => None,
        }
    }

    /// Returns what the user can do about it.
    pub fn hint(&self) -> Option<&'static str> {
        match self {
            Self::NoFolder => Some("set `HOME`, or `LOCALAPPDATA` on Windows"),
            Self::InvalidKey(_) => Some("remove the file, and create the plans again"),
            Self::Store(error) => error.hint(),
            Self::Random(_) => None,
        }
    }
}
