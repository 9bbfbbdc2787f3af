//! One writer per file: a lock file next to the target, held from before the read until after the write.
//!
//! The target can't be the lock itself, because a write replaces it with another file. Invariants: at any time, a
//! computer has at most one [`Locked`] for a target, and its lock file is removed in the end. The lock of a killed
//! holder is free immediately; the next holder removes the files that it left in the folder.

use std::fs::File;
use std::path::Path;
use std::time::Duration;

use super::guard::{DEFAULT_WAIT, Guard, recover};
use super::location::{AsLocation, Location};
use super::open_location::OpenLocation;
use super::other_names::finish_others;
use super::resolve::{resolve, resolve_missing};
use super::snapshot::Snapshot;
use crate::store::error::{Error, Kind, Operation, Reason};
use crate::store::system::{self, Reached, Unreached};

/// The options for a lock.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct LockOptions {
    /// How long to wait for another holder.
    pub wait: Duration,
    /// Whether to treat a missing file as empty if its folder exists.
    pub create: bool,
}

/// Waits 30 seconds; a missing file is an error.
impl Default for LockOptions {
    fn default() -> Self {
        Self { wait: DEFAULT_WAIT, create: false }
    }
}

/// A file that no other msipctl can write, and its content. Dropping it releases the lock.
///
/// # Example
///
/// ```
/// use msipctl_core::store::{self, BackupPolicy, LockOptions, Record, RunId};
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
    /// The file that was read, whose attributes the new one gets. On Windows, it can't be replaced while it's open.
    source: Option<File>,
    _guard: Guard,
    /// The folders of the path of a file that was found. On Windows, they can't be renamed while they're open.
    _reached: Option<Reached>,
}

impl Locked {
    /// Returns the file as it was read under the lock.
    pub fn snapshot(&self) -> &Snapshot {
        &self.snapshot
    }

    /// Sets how long to wait for the lock of the backup folder, instead of the timeout of this lock.
    pub fn waiting(self, wait: Duration) -> Self {
        Self { wait, ..self }
    }

    /// Returns how long to wait for the lock of the backup folder.
    pub(in crate::store) fn wait(&self) -> Duration {
        self.wait
    }

    /// Returns where the file is.
    pub(in crate::store) fn location(&self) -> &OpenLocation {
        &self.location
    }

    /// Returns the open file, as long as it is kept open.
    pub(in crate::store) fn source(&self) -> Option<&File> {
        self.source.as_ref()
    }

    /// Closes the file that was read, so that many files can be locked.
    pub(in crate::store) fn close_source(&mut self) {
        self.source = None;
    }
}

/// Locks a file against all other msipctl processes, then reads it. Follows links as [`read`](crate::store::read())
/// does.
///
/// # Errors
///
/// When another run holds the lock longer than `options.wait`, when the folder can't have a lock file, and as
/// [`read`](crate::store::read()). Leaves no files then.
pub fn lock(file: &(impl AsLocation + ?Sized), options: &LockOptions) -> Result<Locked, Error> {
    let location = file.location();
    let path = location.path();
    let reached = reach(location)?;
    let resolved = match resolve(path) {
        Err(error) if error.kind() == Kind::NotFound && recover(path) => resolve(path),
        other => other,
    };
    let target = match resolved {
        Err(error) if options.create && error.kind() == Kind::NotFound => {
            resolve_missing(path).ok_or(error)?
        }
        other => other?,
    };
    lock_reached(path, &target, reached, options)
}

/// Locks and reads the file at `target`, a full path without links, for which the user passed `path`.
///
/// # Errors
///
/// As [`lock`], and when a part of `target` is a link.
pub(in crate::store) fn lock_resolved(
    path: &Path,
    target: &Path,
    options: &LockOptions,
) -> Result<Locked, Error> {
    let location = OpenLocation::open(target, Operation::Lock)?;
    if let Ok(Err(found)) = location.folder().identity(location.name()) {
        return Err(Error::new(path, Reason::NotAFile { found }));
    }
    lock_reached(path, target, reach(Location::unnamed(target))?, options)
}

/// Opens the folders of a file that was found; `None` if the user named it.
fn reach(location: Location<'_>) -> Result<Option<Reached>, Error> {
    let reached = location.parts().map(|(base, rest)| system::reach(base, rest)).transpose();
    reached.map_err(|reason| Error::unreached(location.path(), Operation::Resolve, reason))
}

/// Locks and reads the file at `target`, which must be where `reached` is.
fn lock_reached(
    path: &Path,
    target: &Path,
    reached: Option<Reached>,
    options: &LockOptions,
) -> Result<Locked, Error> {
    let unreached = |reason| Error::unreached(path, Operation::Resolve, reason);
    let location = OpenLocation::open(target, Operation::Lock)?;
    if let Some(reached) = &reached {
        let is_there = reached.is_in(location.folder(), location.name());
        if !is_there.map_err(|error| unreached(Unreached::Io(error)))? {
            return Err(unreached(Unreached::Changed));
        }
    }
    let guard = Guard::take(&location, options.wait)?;
    let read = || match location.read(path) {
        Err(error) if options.create && error.kind() == Kind::NotFound => {
            Ok((Snapshot::missing(path, target.to_owned()), None))
        }
        other => other.map(|(snapshot, file)| (snapshot, Some(file).filter(|_| cfg!(unix)))),
    };
    let (mut snapshot, mut source) = read()?;
    if let Some(reached) = &reached {
        let is_accepted = reached.accepts(snapshot.identity().as_ref());
        if !is_accepted.map_err(|error| Error::io(path, Operation::Open, error))? {
            return Err(Error::new(path, Reason::ForeignLink { link: path.to_owned() }));
        }
    }
    if finish_others(&location, snapshot.identity())? {
        (snapshot, source) = read()?;
    }
    Ok(Locked { snapshot, wait: options.wait, location, source, _guard: guard, _reached: reached })
}

#[cfg(test)]
mod tests {
    use std::fs;
    use std::path::PathBuf;
    use std::time::Instant;

    use super::*;

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
    fn lock_excludes_a_second_holder_and_is_cleaned_up() {
        let (folder, path) = file();
        let first = lock(&path, &NOW).unwrap();
        let error = lock(&path, &NOW).unwrap_err();
        assert_eq!(error.kind(), Kind::Locked);
        drop(first);
        drop(lock(&path, &NOW).unwrap());
        assert_eq!(names(folder.path()), ["a.ini"]);
    }

    #[test]
    fn lock_fails_after_its_timeout() {
        let (_folder, path) = file();
        let _first = lock(&path, &NOW).unwrap();
        let began = Instant::now();
        let options = LockOptions { wait: Duration::from_millis(30), create: false };
        assert!(lock(&path, &options).is_err());
        assert!(began.elapsed() >= Duration::from_millis(30));
    }

    #[cfg(unix)]
    #[test]
    fn lock_is_shared_through_a_symbolic_link() {
        let (folder, path) = file();
        let link = folder.path().join("link.ini");
        std::os::unix::fs::symlink(&path, &link).unwrap();
        let _first = lock(&link, &NOW).unwrap();
        assert_eq!(lock(&path, &NOW).unwrap_err().kind(), Kind::Locked);
    }

    #[test]
    fn lock_treats_missing_file_as_empty_when_create_is_set() {
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
    fn lock_follows_a_link_to_a_missing_file() {
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
    fn lock_fails_on_a_folder_and_is_cleaned_up() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("sub");
        fs::create_dir(&path).unwrap();
        assert_eq!(lock(&path, &NOW).unwrap_err().kind(), Kind::NotAFile);
        assert_eq!(names(folder.path()), ["sub"]);
        assert!(lock(Path::new("/"), &NOW).is_err());
    }

    #[test]
    fn lock_removes_files_left_by_a_killed_process() {
        let (folder, path) = file();
        // A killed holder leaves both; the system releases its lock.
        for name in [".a.ini.msipctl-lock", ".a.ini.msipctl-Xy12zZ", ".b.ini.msipctl-Xy12zZ"] {
            fs::write(folder.path().join(name), "").unwrap();
        }
        drop(lock(&path, &NOW).unwrap());
        assert_eq!(names(folder.path()), [".b.ini.msipctl-Xy12zZ", "a.ini"]);
    }

    #[cfg(windows)]
    fn displaced_path(path: &Path) -> PathBuf {
        path.with_file_name(crate::store::file::temporary::displaced(path.file_name().unwrap()))
    }

    #[cfg(windows)]
    #[test]
    fn lock_restores_a_file_displaced_by_a_killed_process() {
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
    fn lock_fails_when_the_lock_file_is_a_link() {
        let (folder, path) = file();
        let victim = folder.path().join("victim");
        fs::write(&victim, "y").unwrap();
        std::os::unix::fs::symlink(&victim, folder.path().join(".a.ini.msipctl-lock")).unwrap();
        assert!(lock(&path, &NOW).is_err());
        assert_eq!(fs::read(&victim).unwrap(), b"y");
    }
}
