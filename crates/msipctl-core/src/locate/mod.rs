//! Where the ini is, and which process uses it.
//!
//! MicroSIP names its ini after its program: `Reception.exe` has `Reception.ini`. It is *installed* if the
//! registry names the folder of the program, and the ini is then below `%APPDATA%`; else it is *portable*,
//! and the ini is beside the program. No switch, variable or registry value names another place.
//!
//! # Invariants
//!
//! - Nothing is written, no process is touched.
//! - What the system is asked goes through [`System`](msipctl_windows::System), what the disk is asked
//!   through `store`.

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
pub use running::{is_used_by, running, running_from, same_file};
pub use search::{Candidate, find, find_with_skipped, paths};
pub use version::{version_of, written_by};
