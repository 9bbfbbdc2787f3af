//! What a search asks for, and what it finds.

use std::fmt;
use std::io;
use std::path::PathBuf;

use crate::store;
use microsip_schema::Version;
use msipctl_windows::Process;
use winini::Encoding;

/// Where to look, and for what.
#[derive(Debug, Clone)]
pub struct Search {
    /// The names of the products: `MicroSIP`, unless somebody branded it.
    pub products: Vec<String>,
    /// Whether to look into the profiles of all users, too.
    pub all_users: bool,
    /// A disk or a tree of which no Windows runs. Nothing but this tree is looked at then.
    pub root: Option<PathBuf>,
    /// How many files and folders of the tree are looked at.
    pub max_entries: usize,
}

/// How many files and folders of a tree are looked at by default: more than most disks have.
pub const MAX_ENTRIES: usize = 5_000_000;

/// Looks for MicroSIP as the current user has it.
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

/// An ini that is there.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Found {
    /// Where it is.
    pub path: PathBuf,
    /// Whose it is.
    pub kind: Kind,
    /// The product it is of.
    pub product: String,
    /// Why it is one, as text for people.
    pub reason: String,
    /// Its program, if that is there or runs.
    pub program: Option<PathBuf>,
    /// The version of its program, if that is known.
    pub version: Option<Version>,
    /// Its encoding; `None` if it cannot be read.
    pub encoding: Option<Encoding>,
    /// Whether it may be written, as far as its marks tell.
    pub writable: bool,
    /// Whether it is marked read-only, so that MicroSIP 3.22.16 doesn't start.
    pub is_read_only: bool,
    /// Whether Windows redirects the profile calls for its name to the registry (IniFileMapping).
    pub is_redirected: bool,
    /// A process that uses it.
    pub process: Option<Process>,
}

/// Whose an ini is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Kind {
    /// Of the MicroSIP that is installed for the current user.
    Installed,
    /// Of the program beside it.
    Portable,
    /// In the profile of a user; whether a program reads it is not known.
    Profile,
    /// In a tree of which no Windows runs.
    Offline,
}

impl Kind {
    /// Returns its name in JSON.
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

/// A search that cannot be done.
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
    /// Tells whether there is no Windows to ask here.
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
