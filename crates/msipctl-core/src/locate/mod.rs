//! Finds MicroSIP.ini files and the processes that use them.
//!
//! MicroSIP names this file after its program: `Reception.exe` has `Reception.ini`. If the registry lists the folder of
//! the program, MicroSIP is *installed* and the file is below `%APPDATA%`. Otherwise, MicroSIP is *portable* and the
//! file is next to the program. No option, variable, or registry value selects another location.
//!
//! # Invariants
//!
//! - This module writes nothing and changes no process.
//! - It queries the system only through [`System`](msipctl_windows::System), and the disk only through `store`.

#[cfg(test)]
pub(crate) mod fake;
mod found;
mod registry;
mod running;
mod search;
mod spelling;
mod version;

pub use found::{Error, Found, Kind, MAX_ENTRIES, Search};
pub use registry::is_redirected;
pub use running::{is_used_by, leads_to, running, running_from, same_file};
pub use search::{Candidate, find, find_with_skipped, paths};
pub use spelling::is_same_path;
pub use version::{version_of, written_by};
