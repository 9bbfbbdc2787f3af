//! The one way a file is written: a whole new file beside it, flushed, then put in its place.
//!
//! Invariants: whoever opens the target at any instant reads the old bytes or the new ones, whole; every
//! return of an error before the rename leaves the old file and nothing else; what was not read is never
//! overwritten.

use std::io::{self, Write};
use std::path::Path;

use super::backup::{BackupId, BackupPolicy, Folder, Record, beside, take};
use super::digest::Digest;
use super::error::{Doing, Error, Kind, Reason};
use super::lock::{Locked, temporary_prefix};
use super::read::{Snapshot, read_resolved};
use super::system::{self, Identity};

/// A file whose attributes change this often while it is replaced is not at rest.
const TRIES: usize = 3;

/// What [`Locked::replace`] did.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Written {
    /// The backup of the bytes before; `None` if none was asked for, or there was nothing to back up.
    pub backup: Option<BackupId>,
    /// Whether the file was written; `false` if it had these bytes already.
    pub changed: bool,
}

impl Locked {
    /// Puts `bytes` in the place of what was read, after backing that up. Once per lock.
    ///
    /// Owner, group, mode, extended attributes and ACL stay; a symbolic link stays one. If the file has
    /// these bytes already, nothing is touched.
    ///
    /// # Errors
    ///
    /// When the file is read-only, was changed since it was read, or its owner cannot be kept; when the
    /// backup or the file cannot be written. The file is then what it was, and no other file is left. The
    /// one exception: when flushing the folder fails at the very end, the new file is in place, and its
    /// backup is listed.
    pub fn replace(
        &self,
        bytes: &[u8],
        record: &Record,
        backup: &BackupPolicy,
    ) -> Result<Written, Error> {
        let snapshot = self.snapshot();
        if snapshot.bytes() == bytes {
            return Ok(Written { backup: None, changed: false });
        }
        if snapshot.identity().is_some_and(|identity| identity.read_only()) {
            return Err(Error::new(snapshot.path(), Reason::ReadOnly));
        }
        let taken = match backup {
            BackupPolicy::Keep { dir, keep } if snapshot.exists() => {
                let dir = dir.clone().unwrap_or_else(|| beside(snapshot.target()));
                let after = Some(Digest::of(bytes));
                Some(take(Folder::new(dir, self), self, after, record, Some(*keep))?)
            }
            _ => None,
        };
        let folder = snapshot.target().parent().unwrap_or(snapshot.target());
        if let Err(error) = swap(snapshot, folder, bytes) {
            if let Some(taken) = taken {
                taken.undo();
            }
            return Err(error);
        }
        let flushed = system::flush_folder(folder);
        let backup = taken.map(super::backup::Taken::settle);
        flushed.map_err(|error| Error::io(snapshot.path(), Doing::Flush, error))?;
        log::debug!("{}: wrote {} bytes", snapshot.target().display(), bytes.len());
        Ok(Written { backup, changed: true })
    }
}

/// Writes the new file and renames it over the target. The temporary file goes with any error.
fn swap(snapshot: &Snapshot, folder: &Path, bytes: &[u8]) -> Result<(), Error> {
    let fail = |doing| move |error: io::Error| Error::io(snapshot.path(), doing, error);
    let target = snapshot.target();
    let mut file = tempfile::Builder::new()
        .prefix(&temporary_prefix(target))
        .tempfile_in(folder)
        .map_err(fail(Doing::Create))?;
    file.write_all(bytes).map_err(fail(Doing::Write))?;
    match snapshot.identity() {
        Some(identity) => {
            settle_attributes(snapshot, identity, file.as_file())?;
            file.persist(target).map_err(|error| fail(Doing::Rename)(error.error))?;
        }
        None => {
            let owner = system::folder_owner(folder).map_err(fail(Doing::Create))?;
            system::set_owner(file.as_file(), owner).map_err(fail(Doing::Create))?;
            file.as_file().sync_all().map_err(fail(Doing::Flush))?;
            file.persist_noclobber(target).map_err(|error| match error.error.kind() {
                io::ErrorKind::AlreadyExists => changed(snapshot),
                _ => fail(Doing::Rename)(error.error),
            })?;
        }
    }
    Ok(())
}

/// Gives the new file the attributes of the target, flushes it, and checks that the target is still what was
/// read. If only attributes changed meanwhile, they are taken over once more.
fn settle_attributes(
    snapshot: &Snapshot,
    mut identity: Identity,
    file: &std::fs::File,
) -> Result<(), Error> {
    for _ in 0..TRIES {
        system::copy_attributes(snapshot.target(), &identity, file).map_err(|error| match error
            .source
            .kind()
        {
            io::ErrorKind::NotFound => changed(snapshot),
            _ => Error::new(
                snapshot.path(),
                Reason::Attribute { what: error.what, source: error.source },
            ),
        })?;
        file.sync_all().map_err(|error| Error::io(snapshot.path(), Doing::Flush, error))?;
        let now = look_again(snapshot, identity)?;
        if now == identity {
            return Ok(());
        }
        if now.read_only() {
            return Err(Error::new(snapshot.path(), Reason::ReadOnly));
        }
        identity = now;
    }
    Err(changed(snapshot))
}

/// Returns what the target is now. An error if it holds other bytes than were read.
fn look_again(snapshot: &Snapshot, identity: Identity) -> Result<Identity, Error> {
    if !snapshot.is_fresh()
        && matches!(Identity::at(snapshot.target()), Ok(Ok(now)) if now == identity)
    {
        return Ok(identity);
    }
    log::debug!("{}: compared byte by byte", snapshot.target().display());
    match read_resolved(snapshot.path(), snapshot.target().to_owned()) {
        Ok(now) if now.bytes() == snapshot.bytes() => {
            now.identity().ok_or_else(|| changed(snapshot))
        }
        Ok(_) => Err(changed(snapshot)),
        Err(error) if matches!(error.kind(), Kind::NotFound | Kind::NotAFile | Kind::TooLarge) => {
            Err(changed(snapshot))
        }
        Err(error) => Err(error),
    }
}

fn changed(snapshot: &Snapshot) -> Error {
    Error::new(snapshot.path(), Reason::ChangedUnderneath)
}
