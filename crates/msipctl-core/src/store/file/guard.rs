//! Lock files: one next to each file that is written, and one that stays in each folder of backups.
//!
//! The lock of a killed holder is free immediately. The next holder removes the files that it left in the folder.

use std::ffi::OsString;
use std::fs::{File, TryLockError};
use std::io;
use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, Instant};

use super::names;
use super::open_location::OpenLocation;
use super::resolve::resolve_missing;
use super::temporary::{displaced, is_random, lock_name, temporary_prefix};
use crate::store::error::{Error, Operation, Reason};
use crate::store::system::{self, OpenFolder};

/// The first delay between two tries; each later one is 50% longer.
const FIRST_SLEEP: Duration = Duration::from_millis(1);

/// The maximum delay between two tries.
const LAST_SLEEP: Duration = Duration::from_millis(50);

/// The default time to wait for another holder.
pub(in crate::store) const DEFAULT_WAIT: Duration = Duration::from_secs(30);

/// A held lock file, which is removed and then released on drop.
#[derive(Debug)]
pub(in crate::store) struct Guard {
    folder: Arc<OpenFolder>,
    name: OsString,
    _file: File,
}

impl Guard {
    pub(in crate::store) fn take(location: &OpenLocation, wait: Duration) -> Result<Self, Error> {
        let folder = location.folder();
        let name = lock_name(location.name());
        let fail = |error| Error::io(folder.path().join(&name), Operation::Lock, error);
        let mut patience = Backoff::new(wait);
        loop {
            match folder.open_lock(&name) {
                Err(error) if !folder.is_held_by_other_user(&error, &name) => {
                    return Err(fail(error));
                }
                Err(_) => {}
                Ok((file, existed)) => {
                    let found = try_lock(&file)
                        .and_then(|held| Ok((held, held && folder.still_names(&name, &file)?)));
                    let (held, named) = found.map_err(|error| {
                        // Where locks aren't supported, no other process can hold this file; and a new file belongs to
                        // this process.
                        if !existed || error.kind() == io::ErrorKind::Unsupported {
                            drop(folder.remove(&name));
                        }
                        fail(error)
                    })?;
                    // The previous holder may have removed the file between opening and locking it.
                    if named {
                        log::debug!("{}: locked", location.path().display());
                        let folder = Arc::clone(folder);
                        let guard = Self { folder, name, _file: file };
                        // A holder that exits normally removes the file before it releases the lock.
                        if existed {
                            guard.sweep(location);
                        }
                        return Ok(guard);
                    }
                    if held {
                        continue;
                    }
                }
            }
            let locked = |waited| Error::new(location.path(), Reason::Locked { waited });
            patience.sleep().map_err(locked)?;
        }
    }

    /// Returns whether the lock of a file is held. Doesn't remove a lock file without a holder.
    pub(in crate::store) fn is_held(location: &OpenLocation) -> bool {
        let (folder, name) = (location.folder(), lock_name(location.name()));
        match folder.open_held(&name) {
            Err(error) => folder.is_held_by_other_user(&error, &name),
            Ok(file) => !try_lock(&file).unwrap_or(true),
        }
    }

    /// Removes the temporary files that a killed writer left. Only the holder of the lock may do this, because no other
    /// process has such files for this file then.
    pub(in crate::store) fn sweep(&self, location: &OpenLocation) {
        let folder = location.folder();
        system::take_back(folder, location.name(), &displaced(location.name()));
        for stray in strays(location).iter().filter(|stray| **stray != self.name) {
            // A name that is one of several belongs to an interrupted replacement, which is completed.
            if let Ok(Ok(found)) = folder.identity(stray)
                && found.links() > 1
            {
                names::finish(location, &OpenLocation::new(Arc::clone(folder), stray), &found);
                continue;
            }
            let removed = folder.remove(stray);
            let path = folder.path().join(stray);
            log::debug!("{}: removed the file of a killed run: {removed:?}", path.display());
        }
    }
}

impl Drop for Guard {
    fn drop(&mut self) {
        if let Err(error) = self.folder.remove(&self.name) {
            let path = self.folder.path().join(&self.name);
            log::debug!("{}: can't remove the lock file: {error}", path.display());
        }
    }
}

/// Lists the lock file and the temporary files of a file in its folder.
pub(in crate::store) fn strays(location: &OpenLocation) -> Vec<OsString> {
    let (prefix, lock) = (temporary_prefix(location.name()), lock_name(location.name()));
    let mut names = location.folder().names().unwrap_or_default();
    names.retain(|name| {
        let suffix = name.as_encoded_bytes().strip_prefix(prefix.as_encoded_bytes());
        *name == lock || suffix.is_some_and(is_random)
    });
    names
}

/// Waits for a replacement in progress, and completes one that was killed halfway. Returns whether there was one. For a
/// missing file: on Windows, it can be at [`displaced`] for a moment.
pub(in crate::store) fn recover(path: &Path) -> bool {
    let target = if cfg!(windows) { resolve_missing(path) } else { None };
    let Some(location) =
        target.and_then(|target| OpenLocation::open(&target, Operation::Lock).ok())
    else {
        return false;
    };
    let (folder, name) = (location.folder(), location.name());
    let is_displaced = folder.identity(&displaced(name)).is_ok();
    if is_displaced {
        // Taking the lock restores what a killed holder displaced.
        let guard = Guard::take(&location, DEFAULT_WAIT);
        log::debug!("{}: found a displaced file: {guard:?}", location.path().display());
    }
    is_displaced || folder.identity(name).is_ok()
}

/// Takes the lock of a folder that several writers share. Its lock file isn't removed; closing the file releases the
/// lock.
pub(in crate::store) fn lock_shared(
    folder: &OpenFolder,
    name: &str,
    owner: Option<system::Owner>,
    wait: Duration,
) -> Result<File, Error> {
    let path = || folder.path().join(name);
    let fail = |error| Error::io(path(), Operation::WriteManifest, error);
    let file = folder.open_private(name.as_ref(), owner).map_err(fail)?;
    let mut patience = Backoff::new(wait);
    while !try_lock(&file).map_err(fail)? {
        patience.sleep().map_err(|waited| Error::new(path(), Reason::Locked { waited }))?;
    }
    Ok(file)
}

/// Increasing delays, up to a time limit.
struct Backoff {
    began: Instant,
    wait: Duration,
    next: Duration,
}

impl Backoff {
    fn new(wait: Duration) -> Self {
        Self { began: Instant::now(), wait, next: FIRST_SLEEP }
    }

    /// Sleeps once, or returns the time waited if the limit is reached.
    #[expect(clippy::disallowed_methods, reason = "this is the wait for a lock")]
    fn sleep(&mut self) -> Result<(), Duration> {
        let left = self.wait.saturating_sub(self.began.elapsed());
        if left.is_zero() {
            return Err(self.wait);
        }
        std::thread::sleep(self.next.min(left));
        self.next = (self.next * 3 / 2).min(LAST_SLEEP);
        Ok(())
    }
}

fn try_lock(file: &File) -> io::Result<bool> {
    match file.try_lock() {
        Ok(()) => Ok(true),
        Err(TryLockError::WouldBlock) => Ok(false),
        Err(TryLockError::Error(error)) => Err(error),
    }
}
