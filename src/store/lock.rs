//! One writer a file: a lock file beside the target, held from before the read until after the write.
//!
//! The target itself cannot carry the lock, since a write puts another file in its place. Invariants: at
//! any instant at most one [`Locked`] exists for a target on a computer, and none leaves its lock file
//! behind. A killed holder's lock is free at once; what it left in the folder is swept by the next.

use std::ffi::{OsStr, OsString};
use std::fs::{self, File, TryLockError};
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, Instant};

use super::error::{Doing, Error, Reason};
use super::location::{AsLocation, Location};
use super::names;
use super::snapshot::{LIMIT, Snapshot, read_open, resolve};
use super::system::{self, OpenFolder, Reached, Unreached};
use super::temporary::is_random;

/// The first sleep between two tries; each is half as long again as the one before.
const FIRST_SLEEP: Duration = Duration::from_millis(1);

/// The longest sleep between two tries.
const LAST_SLEEP: Duration = Duration::from_millis(50);

/// More links than this on the way to a file that does not exist are taken for a circle, as the system does.
const LINKS: usize = 40;

/// How to take a lock.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct LockOptions {
    /// How long to wait for another holder.
    pub wait: Duration,
    /// Whether a missing file is taken for an empty one, when its folder exists.
    pub create: bool,
}

/// Waits 30 seconds; a missing file is an error.
impl Default for LockOptions {
    fn default() -> Self {
        Self { wait: Duration::from_secs(30), create: false }
    }
}

/// A file that no other msipctl writes meanwhile, and its bytes. Dropping it releases the lock.
///
/// # Example
///
/// ```
/// use msipctl::store::{self, BackupPolicy, LockOptions, Record, RunId};
///
/// let folder = tempfile::tempdir()?;
/// let path = folder.path().join("MicroSIP.ini");
/// std::fs::write(&path, "[Settings]\r\n")?;
///
/// let locked = store::lock(&path, &LockOptions::default()).unwrap();
/// let mut bytes = locked.snapshot().bytes().to_vec();
/// bytes.extend_from_slice(b"autoAnswer=1\r\n");
/// let record = Record { run: RunId::new(), command: "set Settings.autoAnswer=1".into() };
/// let written = locked.replace(&bytes, &record, &BackupPolicy::default()).unwrap();
/// drop(locked);
///
/// assert_eq!(std::fs::read(&path)?, b"[Settings]\r\nautoAnswer=1\r\n");
/// assert!(written.backup.is_some());
/// # Ok::<(), std::io::Error>(())
/// ```
#[derive(Debug)]
pub struct Locked {
    snapshot: Snapshot,
    wait: Duration,
    location: OpenLocation,
    /// The file that was read, whose attributes the new one gets. On Windows nobody could replace it then.
    source: Option<File>,
    _guard: Guard,
    /// The folders on the way to a file that was found. On Windows nobody can rename them meanwhile.
    _reached: Option<Reached>,
}

impl Locked {
    /// Returns the file as it was read under the lock.
    pub fn snapshot(&self) -> &Snapshot {
        &self.snapshot
    }

    /// Makes the lock of the backup folder be waited for so long, instead of as long as this one was.
    pub fn waiting(self, wait: Duration) -> Self {
        Self { wait, ..self }
    }

    /// Returns how long the lock of the backup folder is waited for.
    pub(super) fn wait(&self) -> Duration {
        self.wait
    }

    /// Returns where the file is.
    pub(super) fn location(&self) -> &OpenLocation {
        &self.location
    }

    /// Returns the open file, as long as it is kept open.
    pub(super) fn source(&self) -> Option<&File> {
        self.source.as_ref()
    }

    /// Closes the file that was read, so that many can be locked.
    pub(super) fn close_source(&mut self) {
        self.source = None;
    }
}

/// A name in an open folder: what happens to the path of the folder meanwhile leads nothing astray.
#[derive(Debug, Clone)]
pub(super) struct OpenLocation {
    folder: Arc<OpenFolder>,
    name: OsString,
}

impl OpenLocation {
    /// Opens the folder of a file, whose full path holds no link.
    pub(super) fn open(target: &Path, doing: Doing) -> Result<Self, Error> {
        let (Some(folder), Some(name)) = (target.parent(), target.file_name()) else {
            return Err(Error::new(target, Reason::NotAFile { found: "a folder" }));
        };
        match OpenFolder::open(folder).map_err(|error| Error::io(target, doing, error))? {
            Ok(folder) => Ok(Self::new(Arc::new(folder), name)),
            Err(found) => Err(Error::new(folder, Reason::NotAFolder { found })),
        }
    }

    /// Names a file in an open folder.
    pub(super) fn new(folder: Arc<OpenFolder>, name: impl Into<OsString>) -> Self {
        Self { folder, name: name.into() }
    }

    pub(super) fn folder(&self) -> &Arc<OpenFolder> {
        &self.folder
    }

    pub(super) fn name(&self) -> &OsStr {
        &self.name
    }

    /// Returns the path of the file, for messages.
    pub(super) fn path(&self) -> PathBuf {
        self.folder.path().join(&self.name)
    }

    /// Reads the file, which was asked for as `path`. A link is an error.
    pub(super) fn read(&self, path: &Path) -> Result<(Snapshot, File), Error> {
        let file = self.folder.open_file(&self.name).map_err(|error| self.refused(path, error))?;
        let snapshot = read_open(path, Some(self.path()), &file, LIMIT)?;
        Ok((snapshot, file))
    }

    /// Says why the file could not be opened: what cannot be opened at all may be no file.
    fn refused(&self, path: &Path, error: io::Error) -> Error {
        match self.folder.identity(&self.name) {
            Ok(Err(found)) if error.kind() != io::ErrorKind::NotFound => {
                Error::new(path, Reason::NotAFile { found })
            }
            _ => Error::io(path, Doing::Open, error),
        }
    }
}

/// Locks a file against every other msipctl, then reads it. Links are followed as in [`read`](super::read()).
///
/// # Errors
///
/// When another run holds the lock for longer than `options.wait`, when no lock file can be made in the
/// folder, and as [`read`](super::read()). Nothing is left behind.
pub fn lock(file: &(impl AsLocation + ?Sized), options: &LockOptions) -> Result<Locked, Error> {
    let location = file.location();
    let path = location.path();
    let reached = reach(location)?;
    let resolved = match resolve(path) {
        Err(error) if error.kind() == super::Kind::NotFound && recover(path) => resolve(path),
        other => other,
    };
    let target = match resolved {
        Err(error) if options.create && error.kind() == super::Kind::NotFound => {
            resolve_missing(path).ok_or(error)?
        }
        other => other?,
    };
    lock_reached(path, &target, reached, options)
}

/// Locks and reads the file at `target`, a full path that holds no link, which was asked for as `path`.
///
/// # Errors
///
/// As [`lock`], and when a part of `target` is a link.
pub(super) fn lock_resolved(
    path: &Path,
    target: &Path,
    options: &LockOptions,
) -> Result<Locked, Error> {
    let location = OpenLocation::open(target, Doing::Lock)?;
    if let Ok(Err(found)) = location.folder().identity(location.name()) {
        return Err(Error::new(path, Reason::NotAFile { found }));
    }
    lock_reached(path, target, reach(Location::unnamed(target))?, options)
}

/// Goes the way to a file that was found; `None` if the user named it.
fn reach(location: Location<'_>) -> Result<Option<Reached>, Error> {
    let reached = location.parts().map(|(base, rest)| system::reach(base, rest)).transpose();
    reached.map_err(|why| Error::unreached(location.path(), Doing::Resolve, why))
}

/// Locks and reads the file at `target`, which has to be where `reached` is.
fn lock_reached(
    path: &Path,
    target: &Path,
    reached: Option<Reached>,
    options: &LockOptions,
) -> Result<Locked, Error> {
    let unreached = |why| Error::unreached(path, Doing::Resolve, why);
    let location = OpenLocation::open(target, Doing::Lock)?;
    if let Some(reached) = &reached {
        let is_there = reached.is_in(location.folder(), location.name());
        if !is_there.map_err(|error| unreached(Unreached::Io(error)))? {
            return Err(unreached(Unreached::Changed));
        }
    }
    let guard = Guard::take(&location, options.wait)?;
    let read = || match location.read(path) {
        Err(error) if options.create && error.kind() == super::Kind::NotFound => {
            Ok((Snapshot::missing(path, target.to_owned()), None))
        }
        other => other.map(|(snapshot, file)| (snapshot, Some(file).filter(|_| cfg!(unix)))),
    };
    let (mut snapshot, mut source) = read()?;
    if let Some(reached) = &reached {
        let is_accepted = reached.accepts(snapshot.identity().as_ref());
        if !is_accepted.map_err(|error| Error::io(path, Doing::Open, error))? {
            return Err(Error::new(path, Reason::ForeignLink { link: path.to_owned() }));
        }
    }
    if names::finish_others(&location, snapshot.identity())? {
        (snapshot, source) = read()?;
    }
    Ok(Locked { snapshot, wait: options.wait, location, source, _guard: guard, _reached: reached })
}

/// Takes the lock of a folder that several writers share, whose lock file stays. Closing the file releases it.
pub(super) fn lock_shared(
    folder: &OpenFolder,
    name: &str,
    owner: Option<system::Owner>,
    wait: Duration,
) -> Result<File, Error> {
    let path = || folder.path().join(name);
    let fail = |error| Error::io(path(), Doing::WriteManifest, error);
    let file = folder.open_private(name.as_ref(), owner).map_err(fail)?;
    let mut patience = Patience::new(wait);
    while !try_lock(&file).map_err(fail)? {
        patience.sleep().map_err(|waited| Error::new(path(), Reason::Locked { waited }))?;
    }
    Ok(file)
}

/// Returns how the temporary files for a file of this name begin. The lock file begins so too.
pub(super) fn temporary_prefix(name: &OsStr) -> OsString {
    let mut prefix = OsString::from(".");
    prefix.push(name);
    prefix.push(".msipctl-");
    prefix
}

/// Returns the name of the lock file of a file.
fn lock_name(name: &OsStr) -> OsString {
    let mut lock = temporary_prefix(name);
    lock.push("lock");
    lock
}

/// Returns the name that a file has while the system puts another one in its place. Ends as no temporary file does.
pub(super) fn displaced(name: &OsStr) -> OsString {
    let mut displaced = temporary_prefix(name);
    displaced.push("displaced");
    displaced
}

/// Waits for a replacement under way, and ends one that was killed halfway; says whether there was one.
/// For a file that is missing: on Windows it may stand at [`displaced`] for an instant.
pub(super) fn recover(path: &Path) -> bool {
    let target = if cfg!(windows) { resolve_missing(path) } else { None };
    let Some(location) = target.and_then(|target| OpenLocation::open(&target, Doing::Lock).ok())
    else {
        return false;
    };
    let (folder, name) = (location.folder(), location.name());
    let stood = folder.identity(&displaced(name)).is_ok();
    if stood {
        // Whoever takes the lock takes back what a killed holder displaced.
        let taken = Guard::take(&location, LockOptions::default().wait);
        log::debug!("{}: stood displaced: {taken:?}", location.path().display());
    }
    stood || folder.identity(name).is_ok()
}

/// A held lock file, removed and then released when dropped.
#[derive(Debug)]
pub(super) struct Guard {
    folder: Arc<OpenFolder>,
    name: OsString,
    _file: File,
}

impl Guard {
    pub(super) fn take(location: &OpenLocation, wait: Duration) -> Result<Self, Error> {
        let folder = location.folder();
        let name = lock_name(location.name());
        let fail = |error| Error::io(folder.path().join(&name), Doing::Lock, error);
        let mut patience = Patience::new(wait);
        loop {
            match folder.open_lock(&name) {
                Err(error) if !folder.is_held_by_other_user(&error, &name) => {
                    return Err(fail(error));
                }
                Err(_) => {}
                Ok((file, stood)) => {
                    let found = try_lock(&file)
                        .and_then(|held| Ok((held, held && folder.still_names(&name, &file)?)));
                    let (held, named) = found.map_err(|error| {
                        // Where nobody can lock, nobody can hold this file; and one just made is ours.
                        if !stood || error.kind() == io::ErrorKind::Unsupported {
                            drop(folder.remove(&name));
                        }
                        fail(error)
                    })?;
                    // The holder before may have removed the file between our open and our lock.
                    if named {
                        log::debug!("{}: locked", location.path().display());
                        let folder = Arc::clone(folder);
                        let guard = Self { folder, name, _file: file };
                        // Whoever ends in order removes the file before letting go of it.
                        if stood {
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

    /// Tells whether somebody holds the lock of a file. A lock file that nobody holds stays.
    pub(super) fn is_held(location: &OpenLocation) -> bool {
        let (folder, name) = (location.folder(), lock_name(location.name()));
        match folder.open_held(&name) {
            Err(error) => folder.is_held_by_other_user(&error, &name),
            Ok(file) => !try_lock(&file).unwrap_or(true),
        }
    }

    /// Removes the temporary files that a killed writer left. Only the holder of the lock may: nobody else has such files
    /// for this file then.
    pub(super) fn sweep(&self, location: &OpenLocation) {
        let folder = location.folder();
        system::take_back(folder, location.name(), &displaced(location.name()));
        for stray in strays(location).iter().filter(|stray| **stray != self.name) {
            // A name that is one of several is a part of a replacement, which is finished.
            if let Ok(Ok(found)) = folder.identity(stray)
                && found.links() > 1
            {
                names::finish(location, &OpenLocation::new(Arc::clone(folder), stray), &found);
                continue;
            }
            let removed = folder.remove(stray);
            let path = folder.path().join(stray);
            log::debug!("{}: left by a killed run, removed: {removed:?}", path.display());
        }
    }
}

impl Drop for Guard {
    fn drop(&mut self) {
        if let Err(error) = self.folder.remove(&self.name) {
            let path = self.folder.path().join(&self.name);
            log::debug!("{}: lock file not removed: {error}", path.display());
        }
    }
}

/// Lists the lock file and the temporary files of a file, in its folder.
pub(super) fn strays(location: &OpenLocation) -> Vec<OsString> {
    let (prefix, lock) = (temporary_prefix(location.name()), lock_name(location.name()));
    let mut names = location.folder().names().unwrap_or_default();
    names.retain(|name| {
        let suffix = name.as_encoded_bytes().strip_prefix(prefix.as_encoded_bytes());
        *name == lock || suffix.is_some_and(is_random)
    });
    names
}

/// Sleeps that grow, up to an end.
struct Patience {
    began: Instant,
    wait: Duration,
    next: Duration,
}

impl Patience {
    fn new(wait: Duration) -> Self {
        Self { began: Instant::now(), wait, next: FIRST_SLEEP }
    }

    /// Sleeps once, or tells how long was waited when there is no more time.
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

/// Resolves a path as far as it exists, for comparing it with the paths of backups.
pub(super) fn resolve_known(path: &Path) -> PathBuf {
    resolve(path)
        .ok()
        .or_else(|| resolve_missing(path))
        .or_else(|| std::path::absolute(path).ok())
        .unwrap_or_else(|| path.to_owned())
}

/// Resolves a path to a file that does not exist, in a folder that does; links to it are followed.
fn resolve_missing(path: &Path) -> Option<PathBuf> {
    let mut path = path.to_owned();
    for _ in 0..LINKS {
        let folder = match path.parent() {
            Some(folder) if folder != Path::new("") => folder,
            _ => Path::new("."),
        };
        let folder = resolve(folder).ok()?;
        let target = folder.join(path.file_name().filter(|name| *name != OsStr::new(".."))?);
        match fs::read_link(&target) {
            Ok(link) => path = folder.join(link),
            Err(_) => return Some(target),
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::Kind;

    const NOW: LockOptions = LockOptions { wait: Duration::ZERO, create: false };

    fn file() -> (tempfile::TempDir, PathBuf) {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a.ini");
        fs::write(&path, "x").unwrap();
        (folder, path)
    }

    fn names(folder: &Path) -> Vec<String> {
        let names = fs::read_dir(folder).unwrap();
        let mut names: Vec<_> =
            names.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
        names.sort();
        names
    }

    #[test]
    fn keeps_a_second_holder_out_and_leaves_nothing() {
        let (folder, path) = file();
        let first = lock(&path, &NOW).unwrap();
        let error = lock(&path, &NOW).unwrap_err();
        assert_eq!(error.kind(), Kind::Locked);
        drop(first);
        drop(lock(&path, &NOW).unwrap());
        assert_eq!(names(folder.path()), ["a.ini"]);
    }

    #[test]
    fn waits_no_longer_than_told() {
        let (_folder, path) = file();
        let _first = lock(&path, &NOW).unwrap();
        let began = Instant::now();
        let options = LockOptions { wait: Duration::from_millis(30), create: false };
        assert!(lock(&path, &options).is_err());
        assert!(began.elapsed() >= Duration::from_millis(30));
    }

    #[cfg(unix)]
    #[test]
    fn is_the_same_lock_through_a_link() {
        let (folder, path) = file();
        let link = folder.path().join("link.ini");
        std::os::unix::fs::symlink(&path, &link).unwrap();
        let _first = lock(&link, &NOW).unwrap();
        assert_eq!(lock(&path, &NOW).unwrap_err().kind(), Kind::Locked);
    }

    #[test]
    fn takes_a_missing_file_for_empty_when_told_to() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a.ini");
        let create = LockOptions { create: true, ..NOW };
        assert_eq!(lock(&path, &NOW).unwrap_err().kind(), Kind::NotFound);
        let locked = lock(&path, &create).unwrap();
        assert!(!locked.snapshot().exists());
        assert_eq!(locked.snapshot().bytes(), b"");
        drop(locked);
        let error = lock(&folder.path().join("none/a.ini"), &create).unwrap_err();
        assert_eq!(error.kind(), Kind::NotFound);
        assert!(names(folder.path()).is_empty());
    }

    #[cfg(unix)]
    #[test]
    fn follows_a_link_to_a_file_yet_to_be_made() {
        let folder = tempfile::tempdir().unwrap();
        let link = folder.path().join("link.ini");
        std::os::unix::fs::symlink("made.ini", &link).unwrap();
        let locked = lock(&link, &LockOptions { create: true, ..NOW }).unwrap();
        assert!(locked.snapshot().target().ends_with("made.ini"));
        let circle = folder.path().join("circle.ini");
        std::os::unix::fs::symlink("circle.ini", &circle).unwrap();
        assert!(lock(&circle, &LockOptions { create: true, ..NOW }).is_err());
    }

    #[test]
    fn refuses_a_folder_and_leaves_nothing() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("sub");
        fs::create_dir(&path).unwrap();
        assert_eq!(lock(&path, &NOW).unwrap_err().kind(), Kind::NotAFile);
        assert_eq!(names(folder.path()), ["sub"]);
        assert!(lock(Path::new("/"), &NOW).is_err());
    }

    #[test]
    fn sweeps_what_a_killed_holder_left() {
        let (folder, path) = file();
        // A killed holder leaves both; the system lets go of its lock.
        for name in [".a.ini.msipctl-lock", ".a.ini.msipctl-Xy12zZ", ".b.ini.msipctl-Xy12zZ"] {
            fs::write(folder.path().join(name), "").unwrap();
        }
        drop(lock(&path, &NOW).unwrap());
        assert_eq!(names(folder.path()), [".b.ini.msipctl-Xy12zZ", "a.ini"]);
    }

    #[cfg(windows)]
    fn displaced_path(path: &Path) -> PathBuf {
        path.with_file_name(displaced(path.file_name().unwrap()))
    }

    #[cfg(windows)]
    #[test]
    fn takes_back_what_a_killed_holder_displaced() {
        let (folder, path) = file();
        fs::rename(&path, displaced_path(&path)).unwrap();
        assert_eq!(crate::store::read(&path).unwrap().bytes(), b"x");
        assert_eq!(names(folder.path()), ["a.ini"]);
        fs::rename(&path, displaced_path(&path)).unwrap();
        assert_eq!(lock(&path, &NOW).unwrap().snapshot().bytes(), b"x");
        fs::write(displaced_path(&path), "older").unwrap();
        assert_eq!(lock(&path, &NOW).unwrap().snapshot().bytes(), b"x");
        assert_eq!(names(folder.path()), ["a.ini"]);
    }

    #[cfg(unix)]
    #[test]
    fn refuses_a_planted_link_as_lock_file() {
        let (folder, path) = file();
        let victim = folder.path().join("victim");
        fs::write(&victim, "y").unwrap();
        std::os::unix::fs::symlink(&victim, folder.path().join(".a.ini.msipctl-lock")).unwrap();
        assert!(lock(&path, &NOW).is_err());
        assert_eq!(fs::read(&victim).unwrap(), b"y");
    }
}
