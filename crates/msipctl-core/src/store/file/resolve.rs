//! Full paths, with all links followed.

use std::ffi::OsStr;
use std::fs;
use std::path::{Path, PathBuf};

use crate::store::error::{Error, Operation};
use crate::store::system;

/// The maximum number of links on the path of a file that doesn't exist. More count as a cycle, as they do for the
/// system.
const LINKS: usize = 40;

/// Follows all links in `path` and returns an absolute path; on Windows, without the prefix for long paths if it isn't
/// needed.
pub(in crate::store) fn resolve(path: &Path) -> Result<PathBuf, Error> {
    dunce::canonicalize(path)
        .or_else(|error| system::resolve_plainly(path, error))
        .map_err(|error| Error::io(path, Operation::Resolve, error))
}

/// Resolves the part of a path that exists, to compare it with the paths of backups.
pub(in crate::store) fn resolve_known(path: &Path) -> PathBuf {
    resolve(path)
        .ok()
        .or_else(|| resolve_missing(path))
        .or_else(|| std::path::absolute(path).ok())
        .unwrap_or_else(|| path.to_owned())
}

/// Resolves a path to a missing file in an existing folder, following links to it.
pub(in crate::store) fn resolve_missing(path: &Path) -> Option<PathBuf> {
    let mut path = path.to_owned();
    for _ in 0..LINKS {
        let folder = match path.parent() {
            Some(folder) if folder != Path::new("") => folder,
            _ => Path::new("."),
        };
        let folder = resolve(folder).ok()?;
        let target = folder.join(path.file_name().filter(|name| *name != OsStr::new(".."))?);
        match fs::read_link(&target) {
            Ok(link) => path = folder.join(link),
            Err(_) => return Some(target),
        }
    }
    None
}
