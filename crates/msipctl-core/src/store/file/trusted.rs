//! The folders for msipctl's files. They are opened without following a link, and used only if their owner is allowed
//! to control what is in them.
//!
//! A folder next to a file may belong to the owner of the file or to the user of this program. A folder that the user
//! chose may also belong to the superuser, who prepares such folders, and its path may contain links of that user or
//! the superuser; these are followed once, before the folder is opened. Any other user could replace the files in the
//! folder, or the folder itself, and so make a run of the superuser read and remove arbitrary files. The same applies
//! to a folder in which other users can replace files. The sticky bit prevents that.

use std::io;
use std::path::Path;
use std::sync::Arc;

use super::folder::is_nowhere;
use crate::store::error::{Error, Operation, Reason};
use crate::store::system::{OpenFolder, Owner, Trust, resolve_trusted};

/// The purpose of a folder.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::store) enum Purpose {
    /// For the backups of the files next to it.
    NextTo,
    /// For backups, in a folder that the user chose.
    Named,
    /// For small files of msipctl itself: no other user may write to it.
    Private,
    /// For the journals of runs, from which commands are run again: no other user may write to it.
    Runs,
}

/// Checks that the owner of a folder is allowed to control what is in it; `owners` are the owners of the files that
/// it's for.
pub(in crate::store) fn check(
    folder: &OpenFolder,
    owners: &[Owner],
    purpose: Purpose,
) -> Result<(), Error> {
    let is_system_trusted = purpose != Purpose::NextTo;
    let trust = folder.trust(
        owners,
        is_system_trusted,
        !matches!(purpose, Purpose::Private | Purpose::Runs),
    );
    let reason =
        match trust.map_err(|error| Error::io(folder.path(), Operation::OpenFolder, error))? {
            Trust::Full => return Ok(()),
            Trust::Foreign if purpose == Purpose::Runs => Reason::RunsForeign,
            Trust::Foreign if purpose == Purpose::Private => Reason::PrivateFolderForeign,
            Trust::Foreign => Reason::BackupForeign,
            Trust::Exposed => Reason::FolderExposed,
        };
    Err(Error::new(folder.path(), reason))
}

/// Opens a folder in another one; `None` if there is none.
pub(in crate::store) fn open_in(
    parent: &OpenFolder,
    name: &str,
) -> Result<Option<Arc<OpenFolder>>, Error> {
    let path = || parent.path().join(name);
    match parent.open_in(name.as_ref()) {
        Ok(Ok(folder)) => Ok(Some(Arc::new(folder))),
        Ok(Err(found)) => Err(Error::new(path(), Reason::NotAFolder { found })),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(Error::io(path(), Operation::OpenFolder, error)),
    }
}

/// Opens a folder that the user chose; `None` if there is none.
pub(in crate::store) fn open_named(path: &Path) -> Result<Option<Arc<OpenFolder>>, Error> {
    let fail = |error| Error::io(path, Operation::OpenFolder, error);
    let full = std::path::absolute(path).map_err(fail)?;
    // The path rarely contains a link, and then one call is enough.
    match OpenFolder::open(&full) {
        Ok(Ok(folder)) => return Ok(Some(Arc::new(folder))),
        Ok(Err(_)) => {}
        Err(error) if is_nowhere(&error) => {}
        Err(error) => return Err(fail(error)),
    }
    let resolved = resolve_trusted(path).map_err(fail)?;
    let resolved = resolved.map_err(|link| Error::new(link, Reason::LinkForeign))?;
    match OpenFolder::open(&resolved) {
        Ok(Ok(folder)) => Ok(Some(Arc::new(folder))),
        Ok(Err(found)) => Err(Error::new(path, Reason::NotAFolder { found })),
        Err(error) if is_nowhere(&error) => Ok(None),
        Err(error) => Err(fail(error)),
    }
}

/// Opens a folder that the user chose, or creates it and its missing parent folders, for this user only. Flushes each
/// folder in which one was created, except that of the last one, which [`flush_created`] flushes.
pub(in crate::store) fn open_or_create(
    path: &Path,
    doing: Operation,
) -> Result<Arc<OpenFolder>, Error> {
    open_or_create_for(path, doing, |_| Ok(None))
}

/// Creates the missing parent folders of a file. If the superuser works for another user, the folders get the owner of
/// the folder in which they are created. Doesn't follow links of other users.
///
/// # Errors
///
/// When the path leads through a link of another user or through a file, or the system reports an error.
pub fn create_folders_of(file: &Path) -> Result<(), Error> {
    let full = std::path::absolute(file)
        .map_err(|error| Error::io(file, Operation::CreateFolder, error))?;
    let Some(parent) = full.parent() else { return Ok(()) };
    let fail = |error| Error::io(parent, Operation::CreateFolder, error);
    let folder = open_or_create_for(parent, Operation::CreateFolder, |folder| {
        Ok(folder.owner()?.and_then(Owner::if_foreign))
    })?;
    flush_created(&folder).map_err(fail)
}

/// Opens a folder, or creates it and its missing parent folders, each for the owner that `owner` returns for the folder
/// above it.
fn open_or_create_for(
    path: &Path,
    doing: Operation,
    owner: impl Fn(&OpenFolder) -> io::Result<Option<Owner>>,
) -> Result<Arc<OpenFolder>, Error> {
    if let Some(folder) = open_named(path)? {
        return Ok(folder);
    }
    let fail = |error| Error::io(path, doing, error);
    let resolved = resolve_trusted(path).map_err(fail)?;
    let resolved = resolved.map_err(|link| Error::new(link, Reason::LinkForeign))?;
    let mut missing = Vec::new();
    let mut known = resolved.as_path();
    let mut folder = loop {
        match OpenFolder::open(known) {
            Ok(Ok(folder)) => break Arc::new(folder),
            Ok(Err(found)) => return Err(Error::new(known, Reason::NotAFolder { found })),
            Err(error) => match (known.parent(), known.file_name()) {
                (Some(parent), Some(name)) if error.kind() == io::ErrorKind::NotFound => {
                    missing.push(name);
                    known = parent;
                }
                _ => return Err(fail(error)),
            },
        }
    };
    for name in missing.into_iter().rev() {
        flush_created(&folder).map_err(fail)?;
        let owner = owner(&folder).map_err(fail)?;
        folder = match folder.create_in(name, owner).map_err(fail)? {
            Ok(created) => Arc::new(created),
            Err(found) => {
                return Err(Error::new(folder.path().join(name), Reason::NotAFolder { found }));
            }
        };
    }
    Ok(folder)
}

/// Flushes the folder in which this one was just created, so it still exists after a crash.
pub(in crate::store) fn flush_created(folder: &OpenFolder) -> io::Result<()> {
    folder.created_in().map_or(Ok(()), |parent| parent.flush())
}
