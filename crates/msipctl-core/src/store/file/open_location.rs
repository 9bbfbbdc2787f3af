//! A file, as its open folder and its name in the folder.

use std::ffi::{OsStr, OsString};
use std::fs::File;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::snapshot::{LIMIT, Snapshot, read_open};
use crate::store::error::{Error, Operation, Reason};
use crate::store::system::OpenFolder;

/// A name in an open folder. Changes to the path of the folder don't affect it.
#[derive(Debug, Clone)]
pub(in crate::store) struct OpenLocation {
    folder: Arc<OpenFolder>,
    name: OsString,
}

impl OpenLocation {
    /// Opens the folder of a file whose full path contains no link.
    pub(in crate::store) fn open(target: &Path, doing: Operation) -> Result<Self, Error> {
        let (Some(folder), Some(name)) = (target.parent(), target.file_name()) else {
            return Err(Error::new(target, Reason::NotAFile { found: "a folder" }));
        };
        match OpenFolder::open(folder).map_err(|error| Error::io(target, doing, error))? {
            Ok(folder) => Ok(Self::new(Arc::new(folder), name)),
            Err(found) => Err(Error::new(folder, Reason::NotAFolder { found })),
        }
    }

    /// Creates the location of a file in an open folder.
    pub(in crate::store) fn new(folder: Arc<OpenFolder>, name: impl Into<OsString>) -> Self {
        Self { folder, name: name.into() }
    }

    pub(in crate::store) fn folder(&self) -> &Arc<OpenFolder> {
        &self.folder
    }

    pub(in crate::store) fn name(&self) -> &OsStr {
        &self.name
    }

    /// Returns the path of the file, for messages.
    pub(in crate::store) fn path(&self) -> PathBuf {
        self.folder.path().join(&self.name)
    }

    /// Reads the file, for which the user passed `path`. A link is an error.
    pub(in crate::store) fn read(&self, path: &Path) -> Result<(Snapshot, File), Error> {
        let file = self.folder.open_file(&self.name).map_err(|error| self.refused(path, error))?;
        let snapshot = read_open(path, Some(self.path()), &file, LIMIT)?;
        Ok((snapshot, file))
    }

    /// Returns why the file can't be opened, for example because it isn't a file.
    fn refused(&self, path: &Path, error: io::Error) -> Error {
        match self.folder.identity(&self.name) {
            Ok(Err(found)) if error.kind() != io::ErrorKind::NotFound => {
                Error::new(path, Reason::NotAFile { found })
            }
            _ => Error::io(path, Operation::Open, error),
        }
    }
}
