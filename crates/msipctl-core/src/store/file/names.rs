//! Finds the names of a file (hard links), and completes a killed run's changes to them.

use std::ffi::{OsStr, OsString};
use std::io;
use std::path::Path;
use std::sync::Arc;

use super::open_location::OpenLocation;
use super::temporary::{Temporary, displaced, is_random, temporary_prefix};
use crate::store::error::Operation;
use crate::store::system::{self, Identity};

/// Finds the names of a file: all of them if the system lists them, and otherwise those in the folder of one name.
pub(in crate::store) fn names(
    location: &OpenLocation,
    identity: &Identity,
) -> io::Result<Vec<OpenLocation>> {
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

/// Opens the folder of a path, unless it's that of `known`. Ignores a path through a link.
fn at(known: &OpenLocation, path: &Path) -> Option<OpenLocation> {
    let is_known = path
        .parent()
        .is_some_and(|it| is_same_text(it.as_os_str(), known.folder().path().as_os_str()));
    match is_known {
        true => Some(OpenLocation::new(Arc::clone(known.folder()), path.file_name()?)),
        false => OpenLocation::open(path, Operation::List).ok(),
    }
}

pub(in crate::store) fn is_name_of(location: &OpenLocation, identity: &Identity) -> bool {
    let found = location.folder().identity(location.name());
    matches!(found, Ok(Ok(found)) if found.is_same_file(identity))
}

pub(in crate::store) fn is_same(one: &OpenLocation, other: &OpenLocation) -> bool {
    let folders = [one, other].map(|it| it.folder().path().as_os_str());
    is_same_text(folders[0], folders[1]) && is_same_text(one.name(), other.name())
}

fn is_same_text(one: &OsStr, other: &OsStr) -> bool {
    match cfg!(windows) {
        true => one.eq_ignore_ascii_case(other),
        false => one == other,
    }
}

/// Adds a temporary name to a file, next to another file.
pub(in crate::store) fn linked(
    file: &OpenLocation,
    next_to: &OpenLocation,
) -> io::Result<Temporary> {
    let prefix = temporary_prefix(next_to.name());
    Temporary::link(next_to.folder(), &prefix, (file.folder(), file.name()))
}

/// Renames a temporary name over a name in the same folder.
pub(in crate::store) fn place(temporary: Temporary, name: &OpenLocation) -> io::Result<()> {
    temporary.place(|folder, temporary| folder.rename(temporary, name.name()))
}

/// Returns the file that a temporary name is for, if it is one.
pub(in crate::store) fn temporary_for(temporary: &OpenLocation) -> Option<OpenLocation> {
    let (name, random) = temporary.name().to_str()?.strip_prefix('.')?.rsplit_once(".msipctl-")?;
    let is_temporary = is_random(random.as_bytes()) && !name.is_empty();
    is_temporary.then(|| OpenLocation::new(Arc::clone(temporary.folder()), OsString::from(name)))
}

/// Completes the work of a killed run: `temporary` is a name of its new file that was to become `target`. If no name
/// was replaced, the new file is removed. If another program wrote the old file since, that file is kept.
pub(in crate::store) fn finish(target: &OpenLocation, temporary: &OpenLocation, new: &Identity) {
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
                    system::replace_target(folder, file, target, &old, &displaced(target))
                })
            }
        }
        _ => folder.remove(name),
    };
    log::debug!("{}: completed a killed run: {done:?}", target.path().display());
}
