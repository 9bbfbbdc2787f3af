//! The names of a file that has several of them (hard links), which are all replaced or none.
//!
//! The new file gets a temporary name for each of them, then each of these is renamed over its name, the target last. A
//! killed run leaves temporary names of the new file, by which the next one finishes it ([`finish`]).

use std::ffi::{OsStr, OsString};
use std::io;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use super::error::{Doing, Error, Reason};
use super::lock::{Guard, OpenLocation, displaced, temporary_prefix};
use super::snapshot::{Snapshot, resolve};
use super::system::{self, Identity};
use super::temporary::{Temporary, is_random};

/// A name of the file beside the one that is written, under its lock.
pub(super) struct OtherName {
    location: OpenLocation,
    _guard: Guard,
}

impl Snapshot {
    /// Checks that a write can replace every name of the file (hard links).
    ///
    /// # Errors
    ///
    /// When some of the names can't be found.
    pub fn check_names(&self) -> Result<(), Error> {
        if self.hard_links() < 2 {
            return Ok(());
        }
        let location = OpenLocation::open(&resolve(self.target())?, Doing::List)?;
        others(self, &location).map(drop)
    }
}

/// Locks the other names of a file, so that a run over one of them waits for this one.
pub(super) fn lock_others(
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
        .map_err(|error| Error::io(snapshot.path(), Doing::List, error))?;
    let found = names.len() as u64;
    names.retain(|name| !is_same(name, location));
    if found != identity.links() || names.len() as u64 + 1 != found {
        let links = identity.links();
        return Err(Error::new(snapshot.path(), Reason::NamesNotFound { found, links }));
    }
    Ok(names)
}

/// Finds the names of a file: all of them where the system lists them, and otherwise those in the folder of one.
fn names(location: &OpenLocation, identity: &Identity) -> io::Result<Vec<OpenLocation>> {
    let folder = location.folder();
    let listed: Vec<OpenLocation> = match system::names(&location.path()) {
        Ok(paths) => paths.iter().filter_map(|path| at(location, path)).collect(),
        Err(error) => {
            log::debug!("{}: searching the folder for names: {error}", location.path().display());
            let names = folder.names()?.into_iter();
            names.map(|name| OpenLocation::new(Arc::clone(folder), name)).collect()
        }
    };
    Ok(listed.into_iter().filter(|name| is_name_of(name, identity)).collect())
}

/// Opens the folder of a path, unless it is that of `known`. A path through a link is none.
fn at(known: &OpenLocation, path: &Path) -> Option<OpenLocation> {
    let is_known = path
        .parent()
        .is_some_and(|it| is_same_text(it.as_os_str(), known.folder().path().as_os_str()));
    match is_known {
        true => Some(OpenLocation::new(Arc::clone(known.folder()), path.file_name()?)),
        false => OpenLocation::open(path, Doing::List).ok(),
    }
}

fn is_name_of(location: &OpenLocation, identity: &Identity) -> bool {
    let found = location.folder().identity(location.name());
    matches!(found, Ok(Ok(found)) if found.is_same_file(identity))
}

fn is_same(one: &OpenLocation, other: &OpenLocation) -> bool {
    let folders = [one, other].map(|it| it.folder().path().as_os_str());
    is_same_text(folders[0], folders[1]) && is_same_text(one.name(), other.name())
}

fn is_same_text(one: &OsStr, other: &OsStr) -> bool {
    match cfg!(windows) {
        true => one.eq_ignore_ascii_case(other),
        false => one == other,
    }
}

/// The other names of a file while each of them is replaced. What is not settled is taken back.
pub(super) struct Replacing<'r> {
    snapshot: &'r Snapshot,
    location: &'r OpenLocation,
    replaced: Vec<&'r OpenLocation>,
}

impl<'r> Replacing<'r> {
    /// Puts the new file, which has the name `new` beside the target, under each of the other names of the old one, which
    /// has to be the one that was read.
    pub(super) fn put(
        snapshot: &'r Snapshot,
        location: &'r OpenLocation,
        identity: &Identity,
        new: &OsStr,
        others: &'r [OtherName],
    ) -> Result<Self, Error> {
        let fail = |error| Error::io(snapshot.path(), Doing::Rename, error);
        if identity.links().max(1) != others.len() as u64 + 1 {
            return Err(Error::new(snapshot.path(), Reason::ChangedUnderneath));
        }
        let new = OpenLocation::new(Arc::clone(location.folder()), new);
        // All temporary names come first, as a killed run is finished by them.
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

    /// Gives the names that were replaced back to the old file, which the target still is. Returns what to say of it.
    pub(super) fn take_back(self, error: Error) -> Error {
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

/// Gives a file one more name, a temporary one beside another file.
fn linked(file: &OpenLocation, beside: &OpenLocation) -> io::Result<Temporary> {
    let prefix = temporary_prefix(beside.name());
    Temporary::link(beside.folder(), &prefix, (file.folder(), file.name()))
}

/// Renames a temporary name over a name in the same folder.
fn place(temporary: Temporary, name: &OpenLocation) -> io::Result<()> {
    temporary.place(|folder, temporary| folder.rename(temporary, name.name()))
}

/// Returns the file that a temporary name is for, if it is one.
fn temporary_for(temporary: &OpenLocation) -> Option<OpenLocation> {
    let (name, random) = temporary.name().to_str()?.strip_prefix('.')?.rsplit_once(".msipctl-")?;
    let is_temporary = is_random(random.as_bytes()) && !name.is_empty();
    is_temporary.then(|| OpenLocation::new(Arc::clone(temporary.folder()), OsString::from(name)))
}

/// Finishes what a killed run began with the other names of a file that was read and is locked; says whether there was
/// anything to finish, so that the file may be another one now.
pub(super) fn finish_others(
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
        // Taking the lock finished it where the killed run left its lock file.
        if let Ok(Ok(new)) = temporary.folder().identity(temporary.name()) {
            finish(&name, temporary, &new);
        }
        is_any = true;
    }
    Ok(is_any)
}

/// Finishes what a killed run began: `temporary` is a name of its new file that was to become `target`. Where no name
/// was replaced, the new file goes. Where another program wrote the old file since, that is the one that stays.
pub(super) fn finish(target: &OpenLocation, temporary: &OpenLocation, new: &Identity) {
    let names = names(temporary, new).unwrap_or_default();
    let replaced: Vec<_> = names.iter().filter(|name| temporary_for(name).is_none()).collect();
    let (folder, name) = (temporary.folder(), temporary.name());
    let done = match target.folder().identity(target.name()) {
        Ok(Ok(old)) if !replaced.is_empty() && !old.is_same_file(new) => {
            if old.is_newer_than(new) {
                let back = |name: &&OpenLocation| place(linked(target, name)?, name);
                replaced.iter().try_for_each(back).and_then(|()| folder.remove(name))
            } else {
                let target = target.name();
                Temporary::adopt(folder, name).place(|folder, file| {
                    system::put_in_place(folder, file, target, &old, &displaced(target))
                })
            }
        }
        _ => folder.remove(name),
    };
    log::debug!("{}: left by a killed run, finished: {done:?}", target.path().display());
}
