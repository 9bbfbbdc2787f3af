//! The names of a file that has several of them (hard links). Either all or none are replaced.
//!
//! The new file gets a temporary name for each name, then each of these is renamed over its name, the target last. A
//! killed run leaves temporary names of the new file, by which the next run completes it ([`finish_others`]).

use std::ffi::OsStr;
use std::io;
use std::sync::Arc;
use std::time::Duration;

use super::guard::Guard;
use super::names::{finish, is_name_of, is_same, linked, names, place, temporary_for};
use super::open_location::OpenLocation;
use super::resolve::resolve;
use super::snapshot::Snapshot;
use super::temporary::Temporary;
use crate::store::error::{Error, Operation, Reason};
use crate::store::system::Identity;

/// Another name of the file that is written, with its lock.
pub(in crate::store) struct OtherName {
    location: OpenLocation,
    _guard: Guard,
}

impl Snapshot {
    /// Checks that a write can replace every name of the file (hard links).
    ///
    /// # Errors
    ///
    /// When msipctl can't find some of the names.
    pub fn check_names(&self) -> Result<(), Error> {
        if self.hard_links() < 2 {
            return Ok(());
        }
        let location = OpenLocation::open(&resolve(self.target())?, Operation::List)?;
        others(self, &location).map(drop)
    }
}

/// Locks the other names of a file, so that a run that uses one of them waits for this run.
pub(in crate::store) fn lock_others(
    snapshot: &Snapshot,
    location: &OpenLocation,
) -> Result<Vec<OtherName>, Error> {
    let lock = |location: OpenLocation| {
        let guard = Guard::take(&location, Duration::ZERO)?;
        Ok(OtherName { location, _guard: guard })
    };
    others(snapshot, location)?.into_iter().map(lock).collect()
}

/// Finds the other names of a file that was read.
fn others(snapshot: &Snapshot, location: &OpenLocation) -> Result<Vec<OpenLocation>, Error> {
    let Some(identity) = snapshot.identity().filter(|identity| identity.links() > 1) else {
        return Ok(Vec::new());
    };
    let mut names = names(location, &identity)
        .map_err(|error| Error::io(snapshot.path(), Operation::List, error))?;
    let found = names.len() as u64;
    names.retain(|name| !is_same(name, location));
    if found != identity.links() || names.len() as u64 + 1 != found {
        let links = identity.links();
        return Err(Error::new(snapshot.path(), Reason::NamesNotFound { found, links }));
    }
    Ok(names)
}

/// The other names of a file while each of them is replaced. On drop, incomplete changes are reverted.
pub(in crate::store) struct Replacing<'r> {
    snapshot: &'r Snapshot,
    location: &'r OpenLocation,
    replaced: Vec<&'r OpenLocation>,
}

impl<'r> Replacing<'r> {
    /// Puts the new file in place of each other name of the old file, which must be the one that was read. `new` is the
    /// name of the new file next to the target.
    pub(in crate::store) fn put(
        snapshot: &'r Snapshot,
        location: &'r OpenLocation,
        identity: &Identity,
        new: &OsStr,
        others: &'r [OtherName],
    ) -> Result<Self, Error> {
        let fail = |error| Error::io(snapshot.path(), Operation::Rename, error);
        if identity.links().max(1) != others.len() as u64 + 1 {
            return Err(Error::new(snapshot.path(), Reason::ChangedUnderneath));
        }
        let new = OpenLocation::new(Arc::clone(location.folder()), new);
        // All temporary names are created first, because a killed run is completed by them.
        let linked = others.iter().map(|other| linked(&new, &other.location));
        let linked = linked.collect::<io::Result<Vec<Temporary>>>().map_err(fail)?;
        let mut replacing = Self { snapshot, location, replaced: Vec::new() };
        for (OtherName { location, .. }, temporary) in others.iter().zip(linked) {
            let put = match is_name_of(location, identity) {
                true => place(temporary, location).map_err(fail),
                false => Err(Error::new(snapshot.path(), Reason::ChangedUnderneath)),
            };
            if let Err(error) = put {
                return Err(replacing.take_back(error));
            }
            replacing.replaced.push(location);
        }
        Ok(replacing)
    }

    /// Restores the replaced names to the old file, which the target still is. Returns the error to report.
    pub(in crate::store) fn take_back(self, error: Error) -> Error {
        let mut left = self.replaced.len() as u64;
        for name in &self.replaced {
            let put = linked(self.location, name).and_then(|temporary| place(temporary, name));
            if let Err(source) = put {
                return Error::new(self.snapshot.path(), Reason::NamesDiffer { left, source });
            }
            left -= 1;
        }
        error
    }
}

/// Completes a killed run's changes to the other names of a file that was read and is locked. Returns whether there was
/// anything to complete, because the file may be a different one now.
pub(in crate::store) fn finish_others(
    location: &OpenLocation,
    identity: Option<Identity>,
) -> Result<bool, Error> {
    let Some(identity) = identity.filter(|identity| identity.links() > 1) else {
        return Ok(false);
    };
    let names = names(location, &identity).unwrap_or_default();
    let mut is_any = false;
    for (temporary, name) in names.iter().filter_map(|it| Some((it, temporary_for(it)?))) {
        let _guard = match is_same(&name, location) {
            true => None,
            false => Some(Guard::take(&name, Duration::ZERO)?),
        };
        // Taking the lock completed it if the killed run left its lock file.
        if let Ok(Ok(new)) = temporary.folder().identity(temporary.name()) {
            finish(&name, temporary, &new);
        }
        is_any = true;
    }
    Ok(is_any)
}
