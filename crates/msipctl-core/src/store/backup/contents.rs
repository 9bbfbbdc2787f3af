//! The files in a folder of backups, and their owners.

use std::collections::HashSet;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::entry::{BackupId, Entry};
use super::manifest::{LOCK, MANIFEST};
use super::take::FOLDER;
use crate::store::error::{Error, Kind, Operation, Reason};
use crate::store::file::digest::Digest;
use crate::store::file::folder::is_nowhere;
use crate::store::file::open_location::OpenLocation;
use crate::store::system::{OpenFolder, Owner};

/// Reads a backup and verifies it.
pub(in crate::store) fn bytes(folder: &Arc<OpenFolder>, entry: &Entry) -> Result<Vec<u8>, Error> {
    let location = OpenLocation::new(Arc::clone(folder), &entry.file);
    let path = location.path();
    let bytes = match location.read(&path) {
        Err(error) if error.kind() == Kind::NotFound => {
            return Err(Error::new(path, Reason::BackupMissing));
        }
        other => other?.0.into_bytes(),
    };
    if Digest::of(&bytes) != entry.sha256 {
        return Err(Error::new(path, Reason::BackupDamaged));
    }
    Ok(bytes)
}

/// Lists the names of the files that look like backups, sorted.
pub(in crate::store) fn files(folder: &OpenFolder) -> Result<Vec<String>, Error> {
    let names = match folder.names() {
        Err(error) if is_nowhere(&error) => Vec::new(),
        other => other.map_err(|error| Error::io(folder.path(), Operation::List, error))?,
    };
    let names = names.iter().map(|name| name.to_string_lossy().into_owned());
    Ok(names.filter(|name| ![LOCK, MANIFEST, FOLDER].contains(&name.as_str())).collect())
}

/// Returns the prefixes of the names of these files' backups.
pub(in crate::store) fn short_names(targets: &HashSet<PathBuf>) -> HashSet<String> {
    let names = targets.iter().filter_map(|path| path.file_name());
    names.map(|name| BackupId::short_name(&name.to_string_lossy()).to_owned()).collect()
}

/// Returns the owner of a file, or of its folder if the file is missing.
pub(in crate::store) fn owner_of(target: &Path) -> Option<Owner> {
    owner_in(&OpenLocation::open(target, Operation::OpenFolder).ok()?)
}

/// Returns the same for a file in an open folder.
pub(in crate::store) fn owner_in(location: &OpenLocation) -> Option<Owner> {
    match location.folder().identity(location.name()) {
        Ok(Ok(identity)) => identity.owner(),
        Ok(Err(_)) => None,
        Err(_) => location.folder().owner().ok().flatten(),
    }
}
