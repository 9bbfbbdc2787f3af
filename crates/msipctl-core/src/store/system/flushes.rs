//! What to flush together.

use std::collections::BTreeMap;
use std::ffi::OsString;
use std::path::PathBuf;
use std::sync::Arc;

#[cfg(unix)]
use super::unix_folder::OpenFolder;
#[cfg(windows)]
use super::windows_folder::OpenFolder;

/// The folders to flush by their paths, each with its files.
pub(in crate::store) type Flushes = BTreeMap<PathBuf, (Arc<OpenFolder>, Vec<OsString>)>;
