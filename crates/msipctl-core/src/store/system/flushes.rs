//! What is to be flushed together.

use std::collections::BTreeMap;
use std::ffi::OsString;
use std::path::PathBuf;
use std::sync::Arc;

#[cfg(unix)]
use super::unix_folder::OpenFolder;
#[cfg(windows)]
use super::windows_folder::OpenFolder;

/// Folders to flush by their paths, each with files in it.
pub(in crate::store) type Flushes = BTreeMap<PathBuf, (Arc<OpenFolder>, Vec<OsString>)>;
