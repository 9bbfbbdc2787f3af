//! The names of a file that has several of them (hard links), which are all replaced or none.
//!
//! The new file gets a temporary name for each of them, then each of these is renamed over its name, the target last. A
//! killed run leaves temporary names of the new file, by which the next one finishes it ([`finish`]).

use std::ffi::OsStr;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::time::Duration;

use tempfile::TempPath;

use super::error::{Doing, Error, Reason};
use super::lock::{Guard, displaced, temporary_prefix};
use super::snapshot::Snapshot;
use super::system::{self, Held, Identity};

/// A name of the file beside the one that is written, under its lock.
pub(super) struct OtherName {
    path: PathBuf,
    _guard: Guard,
}

impl Snapshot {
    /// Checks that a write can replace every name of the file (hard links).
    ///
    /// # Errors
    ///
    /// When some of the names can't be found.
    pub fn check_names(&self) -> Result<(), Error> {
        others(self, self.target()).map(drop)
    }
}

/// Locks the other names of a file, so that a run over one of them waits for this one.
pub(super) fn lock_others(snapshot: &Snapshot, work: &Path) -> Result<Vec<OtherName>, Error> {
    let lock = |path: PathBuf| {
        let shown = snapshot.target().with_file_name(path.file_name().unwrap_or_default());
        let shown = if cfg!(unix) { shown } else { path.clone() };
        let held =
            Held::new(&path, None).map_err(|why| Error::unreached(&shown, Doing::Lock, why))?;
        Ok(OtherName { _guard: Guard::take_held(&shown, held, Duration::ZERO)?, path })
    };
    others(snapshot, work)?.into_iter().map(lock).collect()
}

/// Finds the other names of a file that was read.
fn others(snapshot: &Snapshot, work: &Path) -> Result<Vec<PathBuf>, Error> {
    let Some(identity) = snapshot.identity().filter(|identity| identity.links() > 1) else {
        return Ok(Vec::new());
    };
    let mut names = system::names(work, &identity)
        .map_err(|error| Error::io(snapshot.path(), Doing::List, error))?;
    let found = names.len() as u64;
    names.retain(|name| !is_same_path(name, work));
    if found != identity.links() || names.len() as u64 + 1 != found {
        let links = identity.links();
        return Err(Error::new(snapshot.path(), Reason::NamesNotFound { found, links }));
    }
    Ok(names)
}

fn is_same_path(one: &Path, other: &Path) -> bool {
    match cfg!(windows) {
        true => one.as_os_str().eq_ignore_ascii_case(other.as_os_str()),
        false => one == other,
    }
}

/// The other names of a file while each of them is replaced. What is not settled is taken back.
pub(super) struct Replacing<'r> {
    snapshot: &'r Snapshot,
    work: &'r Path,
    replaced: Vec<&'r Path>,
}

impl<'r> Replacing<'r> {
    /// Puts the new file under each of the other names of the old one, which has to be the one that was read.
    pub(super) fn put(
        snapshot: &'r Snapshot,
        work: &'r Path,
        identity: &Identity,
        new: &Path,
        others: &'r [OtherName],
    ) -> Result<Self, Error> {
        let fail = |error| Error::io(snapshot.path(), Doing::Rename, error);
        let is_old = |path: &Path| matches!(Identity::at(path), Ok(Ok(found)) if found.is_same_file(identity));
        if identity.links().max(1) != others.len() as u64 + 1 {
            return Err(Error::new(snapshot.path(), Reason::ChangedUnderneath));
        }
        // All temporary names come first, as a killed run is finished by them.
        let linked = others.iter().map(|other| linked(new, &other.path));
        let linked = linked.collect::<io::Result<Vec<TempPath>>>().map_err(fail)?;
        let mut replacing = Self { snapshot, work, replaced: Vec::new() };
        for (other, temporary) in others.iter().zip(linked) {
            let put = match is_old(&other.path) {
                true => temporary.persist(&other.path).map_err(|error| fail(error.error)),
                false => Err(Error::new(snapshot.path(), Reason::ChangedUnderneath)),
            };
            if let Err(error) = put {
                return Err(replacing.take_back(error));
            }
            replacing.replaced.push(&other.path);
        }
        Ok(replacing)
    }

    /// Gives the names that were replaced back to the old file, which the target still is. Returns what to say of it.
    pub(super) fn take_back(self, error: Error) -> Error {
        let mut left = self.replaced.len() as u64;
        for name in &self.replaced {
            let put = linked(self.work, name)
                .and_then(|temporary| temporary.persist(name).map_err(|error| error.error));
            if let Err(source) = put {
                return Error::new(self.snapshot.path(), Reason::NamesDiffer { left, source });
            }
            left -= 1;
        }
        error
    }
}

/// Gives a file one more name, a temporary one beside another file.
fn linked(file: &Path, beside: &Path) -> io::Result<TempPath> {
    let folder = beside.parent().unwrap_or(Path::new(""));
    let link = |path: &Path| fs::hard_link(file, path);
    let made = tempfile::Builder::new().prefix(&temporary_prefix(beside)).make_in(folder, link)?;
    Ok(made.into_temp_path())
}

/// Returns the file that a temporary name is for, if it is one.
fn temporary_for(path: &Path) -> Option<PathBuf> {
    let name = path.file_name()?.to_str()?;
    let (name, random) = name.strip_prefix('.')?.rsplit_once(".msipctl-")?;
    let is_random = random.len() == 6 && random.bytes().all(|it| it.is_ascii_alphanumeric());
    (is_random && !name.is_empty()).then(|| path.with_file_name(OsStr::new(name)))
}

/// Finishes what a killed run began with the other names of a file that was read; says whether there was anything to
/// finish, so that the file may be another one now. `shown` is its path.
pub(super) fn finish_others(
    shown: &Path,
    work: &Path,
    identity: Option<Identity>,
) -> Result<bool, Error> {
    let Some(identity) = identity.filter(|identity| identity.links() > 1) else {
        return Ok(false);
    };
    let names = system::names(work, &identity).unwrap_or_default();
    let mut is_any = false;
    for (temporary, name) in names.iter().filter_map(|it| Some((it, temporary_for(it)?))) {
        let held =
            Held::new(&name, None).map_err(|why| Error::unreached(shown, Doing::Lock, why))?;
        let name_shown = shown.with_file_name(name.file_name().unwrap_or_default());
        let _guard = Guard::take_held(&name_shown, held, Duration::ZERO)?;
        // Taking the lock finished it where the killed run left its lock file.
        if let Ok(Ok(new)) = Identity::at(temporary) {
            finish(&name, temporary, &new);
        }
        is_any = true;
    }
    Ok(is_any)
}

/// Finishes what a killed run began: `temporary` is a name of its new file that was to become `target`. Where no name
/// was replaced, the new file goes. Where another program wrote the old file since, that is the one that stays.
pub(super) fn finish(target: &Path, temporary: &Path, new: &Identity) {
    let names = system::names(temporary, new).unwrap_or_default();
    let replaced: Vec<_> = names.iter().filter(|name| temporary_for(name).is_none()).collect();
    let done = match Identity::at(target) {
        Ok(Ok(old)) if !replaced.is_empty() && !old.is_same_file(new) => {
            if old.is_newer_than(new) {
                let back = |name: &&PathBuf| {
                    linked(target, name)?.persist(name).map_err(|error| error.error)
                };
                let back = replaced.iter().try_for_each(back);
                back.and_then(|()| fs::remove_file(temporary))
            } else {
                TempPath::try_from_path(temporary).and_then(|temporary| {
                    system::put_in_place(temporary, target, &old, &displaced(target))
                })
            }
        }
        _ => fs::remove_file(temporary),
    };
    log::debug!("{}: left by a killed run, finished: {done:?}", target.display());
}
