//! Checks that the target is still what was read, and copies its attributes to a new file.

use std::fs::File;
use std::io;

use crate::store::error::{Error, Kind, Operation, Reason};
use crate::store::file::lock::Locked;
use crate::store::file::snapshot::Snapshot;
use crate::store::system::{self, Identity};

/// Copies the attributes of the target to the new file; `source` is the target if it's still open.
pub(super) fn copy_attributes(
    locked: &Locked,
    source: Option<&File>,
    identity: &Identity,
    file: &File,
) -> Result<(), Error> {
    let (snapshot, location) = (locked.snapshot(), locked.location());
    let opened;
    let source = match source {
        Some(source) => source,
        None => {
            let found = location.folder().open_file(location.name());
            opened = found.map_err(|error| match error.kind() {
                io::ErrorKind::NotFound => changed(snapshot),
                _ => Error::io(snapshot.path(), Operation::Open, error),
            })?;
            &opened
        }
    };
    system::copy_attributes(source, identity, file).map_err(|error| match error.source.kind() {
        io::ErrorKind::NotFound => changed(snapshot),
        _ => Error::new(
            snapshot.path(),
            Reason::Attribute { what: error.what, source: error.source },
        ),
    })
}

/// Returns the status of the target. An error if its content isn't what was read.
pub(super) fn check_again(locked: &Locked, identity: Identity) -> Result<Identity, Error> {
    let (snapshot, location) = (locked.snapshot(), locked.location());
    if !snapshot.is_fresh()
        && matches!(location.folder().identity(location.name()), Ok(Ok(now)) if now == identity)
    {
        return Ok(identity);
    }
    log::debug!("{}: comparing byte by byte", snapshot.target().display());
    match location.read(snapshot.path()) {
        Ok((now, _)) if now.bytes() == snapshot.bytes() => {
            now.identity().ok_or_else(|| changed(snapshot))
        }
        Ok(_) => Err(changed(snapshot)),
        Err(error) if matches!(error.kind(), Kind::NotFound | Kind::NotAFile | Kind::TooLarge) => {
            Err(changed(snapshot))
        }
        Err(error) => Err(error),
    }
}

pub(super) fn changed(snapshot: &Snapshot) -> Error {
    Error::new(snapshot.path(), Reason::ChangedUnderneath)
}

impl Locked {
    /// Removes the file, if it is still what was read, and flushes its folder.
    pub(in crate::store) fn remove(&self) -> Result<(), Error> {
        let (snapshot, location) = (self.snapshot(), self.location());
        let identity = snapshot.identity().ok_or_else(|| changed(snapshot))?;
        check_again(self, identity)?;
        let fail = |doing| move |error: io::Error| Error::io(snapshot.path(), doing, error);
        location.folder().remove(location.name()).map_err(fail(Operation::Remove))?;
        location.folder().flush().map_err(fail(Operation::FlushFolder))
    }
}
