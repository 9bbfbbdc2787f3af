//! One writer a file: a lock file beside the target, held from before the read until after the write.
//!
//! The target itself cannot carry the lock, since a write puts another file in its place. Invariants: at
//! any instant at most one [`Locked`] exists for a target on a computer, and none leaves its lock file
//! behind. A killed holder's lock is free at once; what it left in the folder is swept by the next.

use std::ffi::{OsStr, OsString};
use std::fs::{self, File, TryLockError};
use std::io;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use super::error::{Doing, Error, Reason};
use super::location::{AsLocation, Location};
use super::names;
use super::snapshot::{Snapshot, read_resolved, resolve};
use super::system::{self, Held, Identity};

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
    guard: Guard,
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

    /// Returns the path by which the target is read and written: on Linux it leads through the folder that is kept open.
    pub(super) fn work(&self) -> &Path {
        self.guard.held.work()
    }

    /// Returns how long the lock of the backup folder is waited for.
    pub(super) fn wait(&self) -> Duration {
        self.wait
    }
}

/// Locks a file against every other msipctl, then reads it. Links are followed as in [`read`](super::read()).
///
/// # Errors
///
/// When another run holds the lock for longer than `options.wait`, when no lock file can be made in the
/// folder, and as [`read`](super::read()). Nothing is left behind.
pub fn lock(file: &(impl AsLocation + ?Sized), options: &LockOptions) -> Result<Locked, Error> {
    lock_at(file.location(), options)
}

fn lock_at(location: Location<'_>, options: &LockOptions) -> Result<Locked, Error> {
    let path = location.path();
    let unreached = |why| Error::unreached(path, Doing::Resolve, why);
    let reached = location.parts().map(|(base, rest)| system::reach(base, rest));
    let reached = reached.transpose().map_err(unreached)?;
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
    let held = Held::new(&target, reached).map_err(unreached)?;
    let guard = Guard::take_held(&target, held, options.wait)?;
    let read = || match read_resolved(path, target.clone(), guard.held.work()) {
        Err(error) if options.create && error.kind() == super::Kind::NotFound => {
            Ok(Snapshot::missing(path, target.clone()))
        }
        other => other,
    };
    let mut snapshot = read()?;
    let is_accepted = guard.held.accepts(snapshot.identity().as_ref());
    if !is_accepted.map_err(|error| Error::io(path, Doing::Open, error))? {
        return Err(Error::new(path, Reason::ForeignLink { link: path.to_owned() }));
    }
    if names::finish_others(path, guard.held.work(), snapshot.identity())? {
        snapshot = read()?;
    }
    Ok(Locked { snapshot, wait: options.wait, guard })
}

/// Takes the lock of a folder that several writers share, whose lock file stays. Closing the file releases it.
pub(super) fn lock_shared(
    path: &Path,
    owner: Option<system::Owner>,
    wait: Duration,
) -> Result<File, Error> {
    let fail = |error| Error::io(path, Doing::WriteManifest, error);
    let file = system::open_private(path, owner).map_err(fail)?;
    let mut patience = Patience::new(wait);
    while !try_lock(&file).map_err(fail)? {
        patience.sleep().map_err(|waited| Error::new(path, Reason::Locked { waited }))?;
    }
    Ok(file)
}

/// Returns how the temporary files for a target begin. The lock file begins so too.
pub(super) fn temporary_prefix(target: &Path) -> OsString {
    let mut prefix = OsString::from(".");
    prefix.push(target.file_name().unwrap_or_default());
    prefix.push(".msipctl-");
    prefix
}

/// Returns where a target stands while the system puts another file in its place. Ends as no temporary file does.
pub(super) fn displaced(target: &Path) -> PathBuf {
    let mut name = temporary_prefix(target);
    name.push("displaced");
    target.with_file_name(name)
}

/// Waits for a replacement under way, and ends one that was killed halfway; says whether there was one.
/// For a file that is missing: on Windows it may stand at [`displaced`] for an instant.
pub(super) fn recover(path: &Path) -> bool {
    let target = if cfg!(windows) { resolve_missing(path) } else { None };
    let Some(target) = target else { return false };
    let displaced = displaced(&target);
    let stood = fs::symlink_metadata(&displaced).is_ok();
    if stood {
        // Whoever takes the lock takes back what a killed holder displaced.
        let taken = Guard::take(&target, LockOptions::default().wait);
        log::debug!("{}: stood displaced: {taken:?}", target.display());
    }
    stood || fs::symlink_metadata(&target).is_ok()
}

/// A held lock file, removed and then released when dropped.
#[derive(Debug)]
pub(super) struct Guard {
    path: PathBuf,
    _file: File,
    held: Held,
}

impl Guard {
    /// Takes the lock of a file in the folder that its path leads to.
    pub(super) fn take(target: &Path, wait: Duration) -> Result<Self, Error> {
        let held =
            Held::new(target, None).map_err(|why| Error::unreached(target, Doing::Lock, why))?;
        Self::take_held(target, held, wait)
    }

    /// Takes the lock of a file in a folder that is held open; `target` is the path that errors show.
    pub(super) fn take_held(target: &Path, held: Held, wait: Duration) -> Result<Self, Error> {
        let mut name = temporary_prefix(target);
        name.push("lock");
        let path = held.work().with_file_name(&name);
        let shown = target.with_file_name(&name);
        let fail = |error| Error::io(&shown, Doing::Lock, error);
        let mut patience = Patience::new(wait);
        loop {
            match system::open_lock(&path) {
                Err(error) if !system::held_by_other_user(&error, &path) => {
                    return Err(fail(error));
                }
                Err(_) => {}
                Ok((file, stood)) => {
                    let found = try_lock(&file).and_then(|is_held| {
                        Ok((is_held, is_held && system::still_named(&file, &path)?))
                    });
                    let (is_held, named) = found.map_err(|error| {
                        // Where nobody can lock, nobody can hold this file; and one just made is ours.
                        if !stood || error.kind() == io::ErrorKind::Unsupported {
                            drop(fs::remove_file(&path));
                        }
                        fail(error)
                    })?;
                    // The holder before may have removed the file between our open and our lock.
                    if named {
                        log::debug!("{}: locked", target.display());
                        // Whoever ends in order removes the file before letting go of it.
                        if stood {
                            sweep(held.work(), &path);
                        }
                        return Ok(Self { path, _file: file, held });
                    }
                    if is_held {
                        continue;
                    }
                }
            }
            patience.sleep().map_err(|waited| Error::new(target, Reason::Locked { waited }))?;
        }
    }
}

impl Drop for Guard {
    fn drop(&mut self) {
        if let Err(error) = fs::remove_file(&self.path) {
            log::debug!("{}: lock file not removed: {error}", self.path.display());
        }
    }
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

/// Removes the temporary files that a killed writer left. Only the holder of the lock may: nobody else has
/// such files for this target then.
fn sweep(target: &Path, lock: &Path) {
    system::take_back(target, &displaced(target));
    let Some(entries) = target.parent().and_then(|folder| fs::read_dir(folder).ok()) else {
        return;
    };
    let prefix = temporary_prefix(target);
    for path in entries.flatten().map(|entry| entry.path()) {
        let name = path.file_name().unwrap_or_default().as_encoded_bytes();
        let tail = name.strip_prefix(prefix.as_encoded_bytes()).unwrap_or_default();
        // `tempfile` ends its names with six letters or digits.
        if path != lock && tail.len() == 6 && tail.iter().all(u8::is_ascii_alphanumeric) {
            match Identity::at(&path) {
                Ok(Ok(found)) if found.links() > 1 => names::finish(target, &path, &found),
                _ => {
                    let removed = fs::remove_file(&path);
                    log::debug!("{}: left by a killed run, removed: {removed:?}", path.display());
                }
            }
        }
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
    #[test]
    fn takes_back_what_a_killed_holder_displaced() {
        let (folder, path) = file();
        fs::rename(&path, displaced(&path)).unwrap();
        assert_eq!(crate::store::read(&path).unwrap().bytes(), b"x");
        assert_eq!(names(folder.path()), ["a.ini"]);
        fs::rename(&path, displaced(&path)).unwrap();
        assert_eq!(lock(&path, &NOW).unwrap().snapshot().bytes(), b"x");
        fs::write(displaced(&path), "older").unwrap();
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
