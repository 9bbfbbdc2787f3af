//! A folder of backups as a whole: what is listed, what is to be had back, and whether it is sound.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::time::Duration;

use jiff::Timestamp;

use super::backup::{BackupPolicy, Entry, FOLDER, Folder, KEEP, Record, beside, remove, take};
use super::digest::Digest;
use super::error::{Doing, Error, Kind, Reason};
use super::lock::{LockOptions, Locked, lock, resolve_known};
use super::manifest::{self, LOCK, MANIFEST, Manifest};
use super::read::read_resolved;
use super::replace::Written;
use super::run::RunId;
use super::system;

/// A folder of backups.
///
/// # Example
///
/// ```
/// use msipctl::store::{self, BackupPolicy, Backups, LockOptions, Record, RestoreOptions, RunId};
///
/// let folder = tempfile::tempdir()?;
/// let path = folder.path().join("MicroSIP.ini");
/// std::fs::write(&path, "old")?;
/// let run = RunId::new();
/// let record = Record { run, command: "set".into() };
/// let locked = store::lock(&path, &LockOptions::default()).unwrap();
/// locked.replace(b"new", &record, &BackupPolicy::default()).unwrap();
/// drop(locked);
///
/// let backups = Backups::beside(&path);
/// let undo = Record { run: RunId::new(), command: "backup restore".into() };
/// for entry in backups.by_run(&run).unwrap().iter().rev() {
///     backups.restore(entry, &undo, &RestoreOptions::default()).unwrap();
/// }
/// assert_eq!(std::fs::read(&path)?, b"old");
/// # Ok::<(), std::io::Error>(())
/// ```
#[derive(Debug, Clone)]
pub struct Backups {
    dir: PathBuf,
}

/// How to restore.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RestoreOptions {
    /// Whether to overwrite a file that was changed since the backup.
    pub force: bool,
    /// How long to wait for another holder of the lock.
    pub wait: Duration,
    /// How many backups of the file are kept, the one of what is overwritten now counted.
    pub keep: usize,
}

/// Forces nothing, waits 30 seconds, keeps 20.
impl Default for RestoreOptions {
    fn default() -> Self {
        Self { force: false, wait: LockOptions::default().wait, keep: KEEP }
    }
}

/// What [`Backups::verify`] found out about one file of the folder.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Verdict {
    /// The name of the file in the folder.
    pub file: String,
    /// The backup it is listed as.
    pub entry: Option<Entry>,
    /// Whether it is sound.
    pub state: State,
}

/// Whether a backup is sound.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum State {
    /// The file holds the bytes that were backed up.
    Ok,
    /// The backup is listed, and its file is not there.
    Missing,
    /// The file holds other bytes than were backed up.
    WrongHash,
    /// The file cannot be read.
    Unreadable,
    /// The file is not listed; a run that was killed may leave one.
    Stray,
}

impl Backups {
    /// Names a folder of backups. One that does not exist holds none.
    pub fn open(dir: &Path) -> Self {
        Self { dir: dir.to_owned() }
    }

    /// Names the folder `.msipctl` beside a file, where backups go unless told otherwise.
    pub fn beside(path: &Path) -> Self {
        Self { dir: beside(&resolve_known(path)) }
    }

    /// Returns the path of the folder.
    pub fn dir(&self) -> &Path {
        &self.dir
    }

    /// Lists the backups, oldest first. Lines that are torn or cannot be understood are passed over.
    ///
    /// # Errors
    ///
    /// When there is a list and it cannot be read.
    pub fn list(&self) -> Result<Vec<Entry>, Error> {
        manifest::list(&self.dir)
    }

    /// Finds one backup by its id, the name of its file, or the end of its id from the time on.
    ///
    /// # Errors
    ///
    /// When none fits, or several do, and as [`Backups::list`].
    pub fn by_id(&self, id: &str) -> Result<Entry, Error> {
        let mut found = self.list()?;
        found.retain(|entry| entry.id.fits(id));
        if found.iter().any(|entry| entry.id.as_str() == id) {
            found.retain(|entry| entry.id.as_str() == id);
        }
        let count = found.len();
        let wanted = id.to_owned();
        match found.pop() {
            Some(entry) if count == 1 => Ok(entry),
            Some(_) => Err(Error::new(&self.dir, Reason::BackupAmbiguous { wanted, count })),
            None => Err(Error::new(&self.dir, Reason::BackupNotFound { wanted })),
        }
    }

    /// Lists the backups that a run took, oldest first. To undo the run, restore them from the last to the first.
    ///
    /// # Errors
    ///
    /// As [`Backups::list`].
    pub fn by_run(&self, run: &RunId) -> Result<Vec<Entry>, Error> {
        let mut found = self.list()?;
        found.retain(|entry| entry.run == *run);
        Ok(found)
    }

    /// Lists the backups of a file, oldest first. Links in the path are followed as far as it exists.
    ///
    /// # Errors
    ///
    /// As [`Backups::list`].
    pub fn by_file(&self, path: &Path) -> Result<Vec<Entry>, Error> {
        let target = resolve_known(path);
        let mut found = self.list()?;
        found.retain(|entry| entry.path == target);
        Ok(found)
    }

    /// Finds what a file was at a time: a backup is taken just before a write, so the first one after that
    /// time holds it. `None` if the file was not written since, so that it is now what it was then.
    ///
    /// # Errors
    ///
    /// As [`Backups::list`].
    pub fn at(&self, path: &Path, time: Timestamp) -> Result<Option<Entry>, Error> {
        let later = self.by_file(path)?.into_iter().filter(|entry| entry.time > time);
        Ok(later.min_by_key(|entry| entry.time))
    }

    /// Backs up a file as it is, without a write. Such a backup does not expire by itself; it counts, and
    /// goes, when a later write keeps only so many.
    ///
    /// # Errors
    ///
    /// When the file does not exist yet, or the backup cannot be written. Nothing is left then.
    pub fn create(&self, locked: &Locked, record: &Record) -> Result<Entry, Error> {
        if !locked.snapshot().exists() {
            return Err(Error::new(locked.snapshot().path(), Reason::NotFound));
        }
        let folder = Folder::new(self.dir.clone(), locked);
        Ok(take(folder, locked, None, record, None)?.entry)
    }

    /// Puts the backed-up bytes back, through the same steps as any write; what they replace is backed up too.
    ///
    /// A file that has these bytes already is not touched; one that is gone is made again.
    ///
    /// # Errors
    ///
    /// [`Kind::ChangedSince`] when the file is not what the run left, unless forced. A backup taken without
    /// a write goes back over whatever a listed run left. Also when the backup's file is missing or
    /// damaged, when the folder belongs to neither the user nor the owner of the file, and as
    /// [`Locked::replace`].
    pub fn restore(
        &self,
        entry: &Entry,
        record: &Record,
        options: &RestoreOptions,
    ) -> Result<Written, Error> {
        let bytes = self.bytes(entry)?;
        let locked = lock(&entry.path, &LockOptions { wait: options.wait, create: true })?;
        let snapshot = locked.snapshot();
        let trusted = system::may_restore(&self.dir, snapshot.target(), snapshot.identity())
            .map_err(|error| Error::io(&self.dir, Doing::ReadManifest, error))?;
        if !trusted {
            return Err(Error::new(&self.dir, Reason::BackupForeign));
        }
        if snapshot.exists() && !options.force && snapshot.bytes() != bytes {
            let present = Digest::of(snapshot.bytes());
            let taken_alone = entry.sha256 == entry.sha256_after;
            let left_by_run = present == entry.sha256_after
                || taken_alone && self.left_by_listed_run(entry, &present)?;
            if !left_by_run {
                let entry = entry.id.to_string();
                return Err(Error::new(snapshot.target(), Reason::ChangedSince { entry }));
            }
        }
        let dir = Some(self.dir.clone());
        locked.replace(&bytes, record, &BackupPolicy::Keep { dir, keep: options.keep })
    }

    /// Leaves the newest `keep` backups of each file; returns the ones removed. Their lines go first, so a
    /// run that is killed leaves stray files, never lines without them.
    ///
    /// # Errors
    ///
    /// When the list cannot be locked or written; it is then what it was.
    pub fn prune(&self, keep: usize) -> Result<Vec<Entry>, Error> {
        if manifest::list(&self.dir)?.is_empty() {
            return Ok(Vec::new());
        }
        let wait = LockOptions::default().wait;
        let owner = system::folder_owner(&self.dir)
            .map_err(|error| Error::io(&self.dir, Doing::ReadManifest, error))?;
        let removed = Manifest::open(&self.dir, owner, wait)?.prune(keep)?;
        removed.iter().for_each(|entry| remove(&self.dir, &entry.file));
        Ok(removed)
    }

    /// Reads every backup and compares its hash; tells of files that are not listed, too.
    ///
    /// # Errors
    ///
    /// As [`Backups::list`], and when the folder cannot be listed. A backup that cannot be read is a verdict.
    pub fn verify(&self) -> Result<Vec<Verdict>, Error> {
        let mut verdicts = Vec::new();
        for entry in self.list()? {
            let state = match self.bytes(&entry) {
                Ok(_) => State::Ok,
                Err(error) => match error.kind() {
                    Kind::BackupNotFound => State::Missing,
                    Kind::BackupDamaged => State::WrongHash,
                    _ => State::Unreadable,
                },
            };
            verdicts.push(Verdict { file: entry.file.clone(), entry: Some(entry), state });
        }
        let mut stray = self.files()?;
        stray.retain(|file| verdicts.iter().all(|verdict| verdict.file != *file));
        let stray = stray.into_iter();
        verdicts.extend(stray.map(|file| Verdict { file, entry: None, state: State::Stray }));
        Ok(verdicts)
    }

    /// Reads a backup and checks it.
    fn bytes(&self, entry: &Entry) -> Result<Vec<u8>, Error> {
        let path = self.dir.join(&entry.file);
        let bytes = match read_resolved(&path, path.clone()) {
            Err(error) if error.kind() == Kind::NotFound => {
                return Err(Error::new(path, Reason::BackupMissing));
            }
            other => other?.into_bytes(),
        };
        if Digest::of(&bytes) != entry.sha256 {
            return Err(Error::new(path, Reason::BackupDamaged));
        }
        Ok(bytes)
    }

    fn left_by_listed_run(&self, entry: &Entry, present: &Digest) -> Result<bool, Error> {
        let listed = self.list()?;
        Ok(listed.iter().any(|other| other.path == entry.path && other.sha256_after == *present))
    }

    /// Lists the names of the files that should be backups, sorted.
    fn files(&self) -> Result<Vec<String>, Error> {
        let fail = |error| Error::io(&self.dir, Doing::List, error);
        let entries = match fs::read_dir(&self.dir) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
            other => other.map_err(fail)?,
        };
        let mut names = Vec::new();
        for entry in entries {
            let name = entry.map_err(fail)?.file_name().to_string_lossy().into_owned();
            if ![LOCK, MANIFEST, FOLDER].contains(&name.as_str()) {
                names.push(name);
            }
        }
        names.sort();
        Ok(names)
    }
}
