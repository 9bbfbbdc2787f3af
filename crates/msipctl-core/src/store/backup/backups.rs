//! A folder of backups: the backups in it, and how far the writes that they were made for got.

use std::collections::{HashMap, HashSet};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use jiff::Timestamp;

use super::contents::{owner_in, owner_of};
use super::entry::{Entry, Phase};
use super::manifest;
use super::policy::Record;
use super::take::{FOLDER, Folder, next_to, take};
use crate::store::error::{Error, Kind, Operation, Reason};
use crate::store::file::digest::digest_at;
use crate::store::file::durability::Durability;
use crate::store::file::lock::Locked;
use crate::store::file::open_location::OpenLocation;
use crate::store::file::resolve::resolve_known;
use crate::store::file::trusted::{Purpose, check, open_in, open_named};
use crate::store::run_id::RunId;
use crate::store::system::OpenFolder;

/// A folder of backups.
///
/// # Example
///
/// ```
/// use msipctl_core::store::{self, BackupPolicy, Backups, LockOptions, Record, RestoreOptions, RunId};
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
/// let backups = Backups::next_to(&path);
/// let undo = Record { run: RunId::new(), command: "backup restore".into() };
/// for entry in backups.by_run(&run).unwrap().iter().rev() {
///     backups.restore(entry, &undo, &RestoreOptions::default()).unwrap();
/// }
/// assert_eq!(std::fs::read(&path)?, b"old");
/// # Ok::<(), std::io::Error>(())
/// ```
#[derive(Debug, Clone)]
pub struct Backups {
    pub(in crate::store) dir: PathBuf,
    /// The file that the folder is next to; `None` for a folder that the user chose.
    pub(in crate::store) next_to: Option<PathBuf>,
    /// A file whose owner may also own a folder that the user chose.
    about: Option<PathBuf>,
}

impl Backups {
    /// Creates a reference to a folder of backups. A folder that doesn't exist has no backups.
    pub fn open(dir: &Path) -> Self {
        Self { dir: dir.to_owned(), next_to: None, about: None }
    }

    /// Creates a reference to the folder `.msipctl` next to a file, which is the default for backups.
    pub fn next_to(path: &Path) -> Self {
        Self::next_to_target(resolve_known(path))
    }

    /// Creates a reference to the folder next to a file whose full path contains no link.
    pub(in crate::store) fn next_to_target(target: PathBuf) -> Self {
        Self { dir: next_to(&target), next_to: Some(target), about: None }
    }

    /// Allows the folder to also belong to the owner of a file whose backups it stores.
    #[must_use]
    pub fn about(self, path: &Path) -> Self {
        Self { about: Some(resolve_known(path)), ..self }
    }

    /// Returns the path of the folder.
    pub fn dir(&self) -> &Path {
        &self.dir
    }

    /// Lists the backups, oldest first. Skips truncated and invalid lines.
    ///
    /// # Errors
    ///
    /// When the list exists but can't be read, or the folder is a link. Also when the folder belongs to neither the
    /// user nor the owner of the file next to it, or, if no file is next to it, the superuser.
    pub fn list(&self) -> Result<Vec<Entry>, Error> {
        self.list_for(&[])
    }

    /// Lists the backups in a folder that may also belong to the owners of these files.
    pub(in crate::store) fn list_for(&self, targets: &[&Path]) -> Result<Vec<Entry>, Error> {
        self.folder(targets)?.map_or(Ok(Vec::new()), |folder| manifest::list(&folder))
    }

    /// Opens the folder, which may also belong to the owners of these files; `None` if there is none.
    pub(in crate::store) fn folder(
        &self,
        targets: &[&Path],
    ) -> Result<Option<Arc<OpenFolder>>, Error> {
        let Some(target) = &self.next_to else {
            let targets = targets.iter().copied().chain(self.about.as_deref());
            let owners: Vec<_> = targets.filter_map(owner_of).collect();
            let folder = open_named(&self.dir)?;
            if let Some(folder) = &folder {
                check(folder, &owners, Purpose::Named)?;
            }
            return Ok(folder);
        };
        let location = match OpenLocation::open(target, Operation::OpenFolder) {
            Err(error) if matches!(error.kind(), Kind::NotFound | Kind::NotAFolder) => {
                return Ok(None);
            }
            other => other?,
        };
        let folder = open_in(location.folder(), FOLDER)?;
        if let Some(folder) = &folder {
            check(folder, &Vec::from_iter(owner_in(&location)), Purpose::NextTo)?;
        }
        Ok(folder)
    }

    /// Determines how far the writes got that these backups of the folder were made for. Reads the files that were last
    /// written by one of them.
    ///
    /// # Errors
    ///
    /// As [`Backups::list`].
    pub fn phases(&self, of: &[Entry]) -> Result<Vec<Phase>, Error> {
        let paths: HashSet<_> = of.iter().map(|entry| entry.path.as_path()).collect();
        let targets: Vec<_> = paths.iter().copied().collect();
        let mut listed = self.list_for(&targets)?;
        listed.retain(|entry| paths.contains(entry.path.as_path()));
        let phases = Phase::of_all(&listed, |path| digest_at(path).ok().flatten());
        let known: HashMap<_, _> = listed.iter().map(|entry| &entry.id).zip(phases).collect();
        let phase = |entry: &Entry| known.get(&entry.id).copied().unwrap_or(Phase::Written);
        Ok(of.iter().map(phase).collect())
    }

    /// Finds a backup by its ID, by the name of its file, or by the end of its ID, starting with the time.
    ///
    /// # Errors
    ///
    /// When no backup or several backups match, and as [`Backups::list`].
    pub fn by_id(&self, id: &str) -> Result<Entry, Error> {
        let mut found = self.list()?;
        found.retain(|entry| entry.id.fits(id));
        if found.iter().any(|entry| entry.id.as_str() == id) {
            found.retain(|entry| entry.id.as_str() == id);
        }
        let count = found.len();
        let name = id.to_owned();
        match found.pop() {
            Some(entry) if count == 1 => Ok(entry),
            Some(_) => Err(Error::new(&self.dir, Reason::BackupAmbiguous { name, count })),
            None => Err(Error::new(&self.dir, Reason::BackupNotFound { name })),
        }
    }

    /// Lists the backups that a run made for completed writes, oldest first. To undo the run, restore them from last to
    /// first.
    ///
    /// # Errors
    ///
    /// As [`Backups::list`].
    pub fn by_run(&self, run: &RunId) -> Result<Vec<Entry>, Error> {
        let mut found = self.list()?;
        found.retain(|entry| entry.run == *run);
        self.written(found)
    }

    /// Removes the backups of writes that didn't happen.
    ///
    /// # Errors
    ///
    /// As [`Backups::list`].
    pub fn written(&self, entries: Vec<Entry>) -> Result<Vec<Entry>, Error> {
        let phases = self.phases(&entries)?;
        let written = entries.into_iter().zip(phases);
        let written = written.filter(|(_, phase)| *phase != Phase::Interrupted);
        Ok(written.map(|(entry, _)| entry).collect())
    }

    /// Lists the backups of a file, oldest first. Follows links in the part of the path that exists.
    ///
    /// # Errors
    ///
    /// As [`Backups::list`].
    pub fn by_file(&self, path: &Path) -> Result<Vec<Entry>, Error> {
        self.by_files([path])
    }

    /// Lists the backups of these files, oldest first. Follows links in the parts of their paths that exist.
    ///
    /// # Errors
    ///
    /// As [`Backups::list`].
    pub fn by_files<'p>(
        &self,
        paths: impl IntoIterator<Item = &'p Path>,
    ) -> Result<Vec<Entry>, Error> {
        let targets: HashSet<_> = paths.into_iter().map(resolve_known).collect();
        let owned: Vec<_> = targets.iter().map(PathBuf::as_path).collect();
        let mut found = self.list_for(&owned)?;
        found.retain(|entry| targets.contains(&entry.path));
        Ok(found)
    }

    /// Finds the content of a file at a time. A backup is made just before a write, so the first backup after that time
    /// has the content. Returns `None` if the file wasn't written since, so its content is still the same.
    ///
    /// # Errors
    ///
    /// As [`Backups::list`].
    pub fn at(&self, path: &Path, time: Timestamp) -> Result<Option<Entry>, Error> {
        let later = self.by_file(path)?.into_iter().filter(|entry| entry.time > time);
        Ok(later.min_by_key(|entry| entry.time))
    }

    /// Backs up a file without writing it. Such a backup doesn't expire by itself. It counts toward the limit of a
    /// later write, which may remove it.
    ///
    /// # Errors
    ///
    /// When the file doesn't exist, or the backup can't be written. Leaves no files then.
    pub fn create(&self, locked: &Locked, record: &Record) -> Result<Entry, Error> {
        if !locked.snapshot().exists() {
            return Err(Error::new(locked.snapshot().path(), Reason::NotFound));
        }
        let folder = Folder::open(Some(&self.dir), locked)?;
        Ok(take(folder, locked, None, record, None, Durability::Full)?.settle())
    }
}
