//! The options and results of a search for MicroSIP.ini.

use std::fmt;
use std::io;
use std::path::PathBuf;

use crate::store;
use microsip_schema::Version;
use msipctl_windows::Process;
use winini::Encoding;

/// Where to search, and for which products.
#[derive(Debug, Clone)]
pub struct Search {
    /// The names of the products: `MicroSIP`, unless the build is branded.
    pub products: Vec<String>,
    /// Whether to also search the profiles of all users.
    pub all_users: bool,
    /// A drive or folder whose Windows isn't running. If set, only this folder is searched.
    pub root: Option<PathBuf>,
    /// The maximum number of files and folders to visit below the root.
    pub max_entries: usize,
}

/// The default maximum number of files and folders to visit: more than most drives have.
pub const MAX_ENTRIES: usize = 5_000_000;

/// Searches for the MicroSIP of the current user.
impl Default for Search {
    fn default() -> Self {
        Self {
            products: vec!["MicroSIP".to_owned()],
            all_users: false,
            root: None,
            max_entries: MAX_ENTRIES,
        }
    }
}

/// A MicroSIP.ini that exists.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Found {
    /// The path of the file.
    pub path: PathBuf,
    /// How the file is used.
    pub kind: Kind,
    /// The product that the file belongs to.
    pub product: String,
    /// Why the file was recognized, as text for the user.
    pub reason: String,
    /// The program, if it exists or is running.
    pub program: Option<PathBuf>,
    /// The version of the program, if known.
    pub version: Option<Version>,
    /// The encoding, or `None` if the file can't be read.
    pub encoding: Option<Encoding>,
    /// Whether the file can be written, according to its attributes and permissions.
    pub writable: bool,
    /// Whether the file has the read-only attribute, with which MicroSIP 3.22.16 doesn't start.
    pub is_read_only: bool,
    /// Whether Windows redirects profile calls for this file name to the registry (IniFileMapping).
    pub is_redirected: bool,
    /// A process that uses the file.
    pub process: Option<Process>,
}

/// How a MicroSIP.ini is used.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Kind {
    /// By the MicroSIP that is installed for the current user.
    Installed,
    /// By the program in the same folder.
    Portable,
    /// In the profile of a user. It isn't known whether a program reads it.
    Profile,
    /// On a drive or in a folder whose Windows isn't running.
    Offline,
}

impl Kind {
    /// Returns the name in JSON.
    pub fn name(self) -> &'static str {
        match self {
            Self::Installed => "installed",
            Self::Portable => "portable",
            Self::Profile => "profile",
            Self::Offline => "offline",
        }
    }
}

impl fmt::Display for Kind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// Why a search failed.
#[derive(Debug, thiserror::Error)]
#[error(transparent)]
pub struct Error(#[from] Reason);

#[derive(Debug, thiserror::Error)]
pub(super) enum Reason {
    #[error("can't detect MicroSIP.ini on this system: {0}")]
    System(#[source] io::Error),
    #[error(transparent)]
    Root(store::Error),
}

impl Error {
    /// Returns whether the search failed because this system isn't Windows.
    pub fn is_unsupported(&self) -> bool {
        matches!(&self.0, Reason::System(error) if error.kind() == io::ErrorKind::Unsupported)
    }
}

impl From<io::Error> for Error {
    fn from(error: io::Error) -> Self {
        Self(Reason::System(error))
    }
}

impl From<store::Error> for Error {
    fn from(error: store::Error) -> Self {
        Self(Reason::Root(error))
    }
}
