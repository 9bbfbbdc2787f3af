//! MicroSIP's keys, versions and limits, as data.

mod version;

pub use version::{Version, VersionError};
