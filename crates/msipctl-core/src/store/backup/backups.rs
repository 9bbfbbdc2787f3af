//! A folder of backups: which it holds, and how far the writes came that they were taken for.

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
    /// The file that the folder is beside; `None` for a folder that the user names.
    pub(in crate::store) next_to: Option<PathBuf>,
    /// A file whose owner a folder that the user names may belong to.
    about: Option<PathBuf>,
}

impl Backups {
    /// Names a folder of backups. One that does not exist holds none.
    pub fn open(dir: &Path) -> Self {
        Self { dir: dir.to_owned(), next_to: None, about: None }
    }

    /// Names the folder `.msipctl` beside a file, where backups go unless told otherwise.
    pub fn next_to(path: &Path) -> Self {
        Self::next_to_target(resolve_known(path))
    }

    /// Names the folder beside a file, whose full path holds no link.
    pub(in crate::store) fn next_to_target(target: PathBuf) -> Self {
        Self { dir: next_to(&target), next_to: Some(target), about: None }
    }

    /// Lets the folder also belong to the owner of a file, whose backups it is to hold.
    #[must_use]
    pub fn about(self, path: &Path) -> Self {
        Self { about: Some(resolve_known(path)), ..self }
    }

    /// Returns the path of the folder.
    pub fn dir(&self) -> &Path {
        &self.dir
    }

    /// Lists the backups, oldest first. Lines that are torn or cannot be understood are passed over.
    ///
    /// # Errors
    ///
    /// When there is a list and it cannot be read; when the folder is a link, or belongs to neither the user, nor the owner of
    /// the file that it is beside, nor, where it is beside none, the superuser.
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
            check(folder, &Vec::from_iter(owner_in(&location)), Purpose::Beside)?;
        }
        Ok(folder)
    }

    /// Finds out how far the writes came that these backups of the folder were taken for. Files that were written last by
    /// one of them are read.
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

    /// Lists the backups that a run took for writes that happened, oldest first. To undo the run, restore them from the last
    /// to the first.
    ///
    /// # Errors
    ///
    /// As [`Backups::list`].
    pub fn by_run(&self, run: &RunId) -> Result<Vec<Entry>, Error> {
        let mut found = self.list()?;
        found.retain(|entry| entry.run == *run);
        self.written(found)
    }

    /// Leaves out the backups of writes that didn't happen.
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

    /// Lists the backups of a file, oldest first. Links in the path are followed as far as it exists.
    ///
    /// # Errors
    ///
    /// As [`Backups::list`].
    pub fn by_file(&self, path: &Path) -> Result<Vec<Entry>, Error> {
        self.by_files([path])
    }

    /// Lists the backups of these files, oldest first. Links in their paths are followed as far as these exist.
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
        let folder = Folder::open(Some(&self.dir), locked)?;
        Ok(take(folder, locked, None, record, None, Durability::Full)?.settle())
    }
}
