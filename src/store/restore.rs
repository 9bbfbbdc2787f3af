//! A folder of backups as a whole: what is listed, what is to be had back, and whether it is sound.

use std::collections::{HashMap, HashSet};
use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use jiff::Timestamp;

use super::backup::{BackupPolicy, FOLDER, Folder, KEEP, Record, beside, remove, take};
use super::digest::Digest;
use super::durability::Durability;
use super::entry::{BackupId, Entry, Phase};
use super::error::{Doing, Error, Kind, Reason};
use super::folder::is_nowhere;
use super::journal::{Journal, digest_at};
use super::lock::{Guard, LockOptions, Locked, OpenLocation, lock_resolved, resolve_known, strays};
use super::manifest::{self, LOCK, MANIFEST, Manifest, TEMPORARY};
use super::replace::Written;
use super::run::RunId;
use super::system::{Identity, OpenFolder, Owner};
use super::trusted::{Purpose, check, open_in, open_named};

/// A temporary file this old belongs to a run that was killed.
const ABANDONED: Duration = Duration::from_secs(60 * 60);

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
    /// The file that the folder is beside; `None` for a folder that the user names.
    beside: Option<PathBuf>,
    /// A file whose owner a folder that the user names may belong to.
    about: Option<PathBuf>,
}

/// What [`Backups::prune`] removed.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
#[non_exhaustive]
pub struct Pruned {
    /// The backups, oldest first.
    pub entries: Vec<Entry>,
    /// How far the writes came that they were taken for.
    pub phases: Vec<Phase>,
    /// What killed runs left: backups that no list names, temporary files, and locks that nobody holds.
    pub strays: Vec<PathBuf>,
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
    /// The file is not listed, or is a lock that nobody holds or a temporary file; a run that was killed may leave one.
    Stray,
}

impl Backups {
    /// Names a folder of backups. One that does not exist holds none.
    pub fn open(dir: &Path) -> Self {
        Self { dir: dir.to_owned(), beside: None, about: None }
    }

    /// Names the folder `.msipctl` beside a file, where backups go unless told otherwise.
    pub fn beside(path: &Path) -> Self {
        Self::beside_target(resolve_known(path))
    }

    /// Names the folder beside a file, whose full path holds no link.
    pub(super) fn beside_target(target: PathBuf) -> Self {
        Self { dir: beside(&target), beside: Some(target), about: None }
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
    fn list_for(&self, targets: &[&Path]) -> Result<Vec<Entry>, Error> {
        self.folder(targets)?.map_or(Ok(Vec::new()), |folder| manifest::list(&folder))
    }

    /// Opens the folder, which may also belong to the owners of these files; `None` if there is none.
    fn folder(&self, targets: &[&Path]) -> Result<Option<Arc<OpenFolder>>, Error> {
        let Some(target) = &self.beside else {
            let targets = targets.iter().copied().chain(self.about.as_deref());
            let owners: Vec<_> = targets.filter_map(owner_of).collect();
            let folder = open_named(&self.dir)?;
            if let Some(folder) = &folder {
                check(folder, &owners, Purpose::Named)?;
            }
            return Ok(folder);
        };
        let location = match OpenLocation::open(target, Doing::OpenFolder) {
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
        self.restore_over(entry, &HashSet::from([entry.sha256_after]), record, options, None)
    }

    /// Restores over what is one of `left`.
    pub(super) fn restore_over(
        &self,
        entry: &Entry,
        left: &HashSet<Digest>,
        record: &Record,
        options: &RestoreOptions,
        journal: Option<&Journal>,
    ) -> Result<Written, Error> {
        let target = entry.path.as_path();
        let folder = self
            .folder(&[target])?
            .ok_or_else(|| Error::new(self.dir.join(&entry.file), Reason::BackupMissing))?;
        let bytes = bytes(&folder, entry)?;
        let wait = options.wait;
        let locked = lock_resolved(target, target, &LockOptions { wait, create: true })?;
        let snapshot = locked.snapshot();
        // Once more, now that it is sure which file it is.
        let owner = match snapshot.identity() {
            Some(identity) => identity.owner(),
            None => owner_in(locked.location()),
        };
        let purpose = if self.beside.is_some() { Purpose::Beside } else { Purpose::Named };
        check(&folder, &Vec::from_iter(owner), purpose)?;
        if snapshot.exists() && !options.force && snapshot.bytes() != bytes {
            let present = Digest::of(snapshot.bytes());
            let taken_alone = entry.sha256 == entry.sha256_after;
            let left_by_run = left.contains(&present)
                || taken_alone && self.left_by_listed_run(entry, &present)?;
            if !left_by_run {
                let entry = entry.id.to_string();
                return Err(Error::new(snapshot.target(), Reason::ChangedSince { entry }));
            }
        }
        let policy = BackupPolicy::Keep { dir: Some(self.dir.clone()), keep: options.keep };
        match locked.stage(&bytes, record, &policy, Durability::Full)? {
            None => Ok(Written::NOTHING),
            Some(staged) => staged.put(journal),
        }
    }

    /// Leaves the newest `keep` backups of each file, and removes what killed runs left: backups that no list names,
    /// temporary files of an hour ago or longer, and, beside the file, locks that nobody holds. The lines go first, so a
    /// run that is killed leaves stray files, never lines without them.
    ///
    /// # Errors
    ///
    /// When the list cannot be locked or written; it is then what it was.
    pub fn prune(&self, keep: usize) -> Result<Pruned, Error> {
        self.prune_where(&[], keep, |_| true, |_| true)
    }

    /// The same for the backups of these files only, and for what was left of their backups and beside them.
    ///
    /// # Errors
    ///
    /// As [`Backups::prune`].
    pub fn prune_files<'p>(
        &self,
        paths: impl IntoIterator<Item = &'p Path>,
        keep: usize,
    ) -> Result<Pruned, Error> {
        let targets: HashSet<_> = paths.into_iter().map(resolve_known).collect();
        let owned: Vec<_> = targets.iter().map(PathBuf::as_path).collect();
        let names = short_names(&targets);
        let mut pruned = self.prune_where(
            &owned,
            keep,
            |entry| targets.contains(&entry.path),
            |id| names.contains(id.name()),
        )?;
        for target in owned {
            let Ok(location) = OpenLocation::open(target, Doing::OpenFolder) else { continue };
            let left = strays(&location);
            if left.is_empty() {
                continue;
            }
            // Whoever has the lock now works on the file: these are theirs.
            let Ok(guard) = Guard::take(&location, Duration::ZERO) else { continue };
            guard.sweep(&location);
            drop(guard);
            let is_gone = |name: &OsString| location.folder().identity(name).is_err();
            let path = |name: OsString| location.folder().path().join(name);
            pruned.strays.extend(left.into_iter().filter(is_gone).map(path));
        }
        Ok(pruned)
    }

    fn prune_where(
        &self,
        targets: &[&Path],
        keep: usize,
        is_meant: impl Fn(&Entry) -> bool,
        is_meant_stray: impl Fn(&BackupId) -> bool,
    ) -> Result<Pruned, Error> {
        let Some(folder) = self.folder(targets)? else { return Ok(Pruned::default()) };
        let present = files(&folder)?;
        if present.is_empty() && manifest::list(&folder)?.is_empty() {
            return Ok(Pruned::default());
        }
        let wait = LockOptions::default().wait;
        let owner = folder.owner().map_err(|error| fail_open(&folder, error))?;
        let mut manifest = Manifest::open(&folder, owner.and_then(Owner::if_foreign), wait)?;
        let before = manifest::list(&folder)?;
        let phases = Phase::of_all(&before, |_| None);
        let phases: HashMap<_, _> = before.iter().map(|entry| &entry.id).zip(phases).collect();
        let entries = manifest.prune(keep, is_meant)?;
        let phase = |entry: &Entry| phases.get(&entry.id).copied().unwrap_or(Phase::Written);
        let phases = entries.iter().map(phase).collect();
        entries.iter().for_each(|entry| remove(&folder, &entry.file));
        let listed = manifest.files();
        // Backups get their names under the lock, so that one that is not listed now never will be.
        let mut strays = files(&folder)?;
        strays.retain(|file| match BackupId::of_file(file) {
            Some(id) => !listed.contains(file) && is_meant_stray(&id),
            None => is_abandoned(&folder, file),
        });
        strays.iter().for_each(|file| remove(&folder, file));
        let strays = strays.into_iter().map(|file| folder.path().join(file)).collect();
        Ok(Pruned { entries, phases, strays })
    }

    /// Reads every backup and compares its hash; tells of files that are not listed, too.
    ///
    /// # Errors
    ///
    /// As [`Backups::list`], and when the folder cannot be listed. A backup that cannot be read is a verdict.
    pub fn verify(&self) -> Result<Vec<Verdict>, Error> {
        self.verify_where(&[], |_| true, |_| true)
    }

    /// The same for the backups of these files only. A file that is not listed is told of if it has the name of one.
    ///
    /// # Errors
    ///
    /// As [`Backups::verify`].
    pub fn verify_files<'p>(
        &self,
        paths: impl IntoIterator<Item = &'p Path>,
    ) -> Result<Vec<Verdict>, Error> {
        let targets: HashSet<_> = paths.into_iter().map(resolve_known).collect();
        let owned: Vec<_> = targets.iter().map(PathBuf::as_path).collect();
        let names = short_names(&targets);
        let mut verdicts = self.verify_where(
            &owned,
            |entry| targets.contains(&entry.path),
            |file| names.iter().any(|name| file.starts_with(&format!("{name}."))),
        )?;
        for target in owned {
            let Ok(location) = OpenLocation::open(target, Doing::OpenFolder) else { continue };
            let left = strays(&location);
            if left.is_empty() || Guard::is_held(&location) {
                continue;
            }
            let file = |name: OsString| name.to_string_lossy().into_owned();
            let left = left.into_iter().map(file);
            verdicts.extend(left.map(|file| Verdict { file, entry: None, state: State::Stray }));
        }
        Ok(verdicts)
    }

    fn verify_where(
        &self,
        targets: &[&Path],
        is_meant: impl Fn(&Entry) -> bool,
        is_name: impl Fn(&str) -> bool,
    ) -> Result<Vec<Verdict>, Error> {
        let Some(folder) = self.folder(targets)? else { return Ok(Vec::new()) };
        let (mut verdicts, mut listed) = (Vec::new(), HashSet::new());
        for entry in manifest::list(&folder)? {
            listed.insert(entry.file.clone());
            if !is_meant(&entry) {
                continue;
            }
            let state = match bytes(&folder, &entry) {
                Ok(_) => State::Ok,
                Err(error) => match error.kind() {
                    Kind::BackupNotFound => State::Missing,
                    Kind::BackupDamaged => State::WrongHash,
                    _ => State::Unreadable,
                },
            };
            verdicts.push(Verdict { file: entry.file.clone(), entry: Some(entry), state });
        }
        let mut stray = files(&folder)?;
        stray.retain(|file| {
            !listed.contains(file) && (is_name(file) || file.starts_with(TEMPORARY))
        });
        let stray = stray.into_iter();
        verdicts.extend(stray.map(|file| Verdict { file, entry: None, state: State::Stray }));
        Ok(verdicts)
    }

    fn left_by_listed_run(&self, entry: &Entry, present: &Digest) -> Result<bool, Error> {
        let listed = self.list_for(&[&entry.path])?;
        Ok(listed.iter().any(|other| other.path == entry.path && other.sha256_after == *present))
    }
}

/// Reads a backup and checks it.
fn bytes(folder: &Arc<OpenFolder>, entry: &Entry) -> Result<Vec<u8>, Error> {
    let location = OpenLocation::new(Arc::clone(folder), &entry.file);
    let path = location.path();
    let bytes = match location.read(&path) {
        Err(error) if error.kind() == Kind::NotFound => {
            return Err(Error::new(path, Reason::BackupMissing));
        }
        other => other?.0.into_bytes(),
    };
    if Digest::of(&bytes) != entry.sha256 {
        return Err(Error::new(path, Reason::BackupDamaged));
    }
    Ok(bytes)
}

/// Lists the names of the files that should be backups, sorted.
fn files(folder: &OpenFolder) -> Result<Vec<String>, Error> {
    let names = match folder.names() {
        Err(error) if is_nowhere(&error) => Vec::new(),
        other => other.map_err(|error| Error::io(folder.path(), Doing::List, error))?,
    };
    let names = names.iter().map(|name| name.to_string_lossy().into_owned());
    Ok(names.filter(|name| ![LOCK, MANIFEST, FOLDER].contains(&name.as_str())).collect())
}

/// Tells whether a temporary file is so old that no run works on it any more.
fn is_abandoned(folder: &OpenFolder, file: &str) -> bool {
    let modified = |identity: Identity| u64::try_from(identity.modified_second()).unwrap_or(0);
    let now = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default();
    file.starts_with(TEMPORARY)
        && folder.identity(file.as_ref()).is_ok_and(|found| {
            let age = found.map(|identity| now.as_secs().saturating_sub(modified(identity)));
            age.is_ok_and(|age| age > ABANDONED.as_secs())
        })
}

/// Returns what the names of the backups of these files begin with.
fn short_names(targets: &HashSet<PathBuf>) -> HashSet<String> {
    let names = targets.iter().filter_map(|path| path.file_name());
    names.map(|name| BackupId::short_name(&name.to_string_lossy()).to_owned()).collect()
}

/// Returns the owner of a file; of one that is missing, the owner of its folder.
fn owner_of(target: &Path) -> Option<Owner> {
    owner_in(&OpenLocation::open(target, Doing::OpenFolder).ok()?)
}

/// The same of a file in an open folder.
fn owner_in(location: &OpenLocation) -> Option<Owner> {
    match location.folder().identity(location.name()) {
        Ok(Ok(identity)) => identity.owner(),
        Ok(Err(_)) => None,
        Err(_) => location.folder().owner().ok().flatten(),
    }
}

fn fail_open(folder: &OpenFolder, error: std::io::Error) -> Error {
    Error::io(folder.path(), Doing::OpenFolder, error)
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;
    use crate::store::{BackupId, lock};

    struct Case {
        _folder: tempfile::TempDir,
        path: PathBuf,
        backups: Backups,
    }

    impl Case {
        fn new(bytes: &str) -> Self {
            let folder = tempfile::tempdir().unwrap();
            let path = dunce::canonicalize(folder.path()).unwrap().join("a.ini");
            fs::write(&path, bytes).unwrap();
            let backups = Backups::beside(&path);
            Self { _folder: folder, path, backups }
        }

        fn write(&self, bytes: &str) -> (RunId, Option<BackupId>) {
            self.write_keeping(bytes, KEEP)
        }

        fn write_keeping(&self, bytes: &str, keep: usize) -> (RunId, Option<BackupId>) {
            let policy = BackupPolicy::Keep { dir: None, keep };
            let record = record();
            let written = self.locked().replace(bytes.as_bytes(), &record, &policy).unwrap();
            (record.run, written.backup)
        }

        fn locked(&self) -> Locked {
            lock(&self.path, &LockOptions::default()).unwrap()
        }

        fn restore(&self, entry: &Entry, force: bool) -> Result<Written, Error> {
            let options = RestoreOptions { force, ..RestoreOptions::default() };
            self.backups.restore(entry, &record(), &options)
        }

        fn text(&self) -> String {
            fs::read_to_string(&self.path).unwrap()
        }

        fn listed(&self) -> Vec<String> {
            let entries = self.backups.list().unwrap();
            let path = |entry: &Entry| self.backups.dir().join(&entry.file);
            entries.iter().map(|entry| fs::read_to_string(path(entry)).unwrap()).collect()
        }

        fn states(&self) -> Vec<State> {
            self.backups.verify().unwrap().iter().map(|verdict| verdict.state).collect()
        }

        fn manifest(&self) -> PathBuf {
            self.backups.dir().join(MANIFEST)
        }
    }

    fn record() -> Record {
        Record { run: RunId::new(), command: "set \"x\"\n\u{e9}".into() }
    }

    #[test]
    fn lists_what_was_done() {
        let case = Case::new("one");
        assert!(case.backups.list().unwrap().is_empty());
        let (run, id) = case.write("three");
        let entry = case.backups.list().unwrap().remove(0);
        assert_eq!(Some(entry.id), id);
        assert_eq!((entry.path, entry.run, entry.bytes), (case.path.clone(), run, 3));
        assert_eq!(entry.command, "set \"x\"\n\u{e9}");
        assert_eq!((entry.sha256, entry.sha256_after), (Digest::of(b"one"), Digest::of(b"three")));
    }

    #[test]
    fn restores_by_id_and_backs_up_what_it_replaces() {
        let case = Case::new("one");
        let (_, id) = case.write("two");
        let id = id.unwrap();
        let entry = case.backups.by_id(id.as_str()).unwrap();
        let tail = id.as_str().strip_prefix("a.ini.").unwrap();
        assert_eq!(case.backups.by_id(tail).unwrap(), entry);
        assert_eq!(case.backups.by_id(&entry.file).unwrap(), entry);
        assert!(case.restore(&entry, false).unwrap().changed);
        assert_eq!(case.text(), "one");
        assert_eq!(case.listed(), ["one", "two"]);
        // There already: nothing is touched.
        assert!(!case.restore(&entry, false).unwrap().changed);
        assert_eq!(case.backups.by_id("none").unwrap_err().kind(), Kind::BackupNotFound);
        assert_eq!(case.backups.by_id("").unwrap_err().kind(), Kind::BackupNotFound);
    }

    #[test]
    fn undoes_a_run_over_several_files() {
        let case = Case::new("one");
        let other = case.path.with_file_name("b.ini");
        fs::write(&other, "uno").unwrap();
        let record = record();
        for (path, bytes) in [(&case.path, "two"), (&other, "due"), (&case.path, "three")] {
            let locked = lock(path, &LockOptions::default()).unwrap();
            locked.replace(bytes.as_bytes(), &record, &BackupPolicy::default()).unwrap();
        }
        for entry in case.backups.by_run(&record.run).unwrap().iter().rev() {
            case.restore(entry, false).unwrap();
        }
        assert_eq!(case.text(), "one");
        assert_eq!(fs::read_to_string(&other).unwrap(), "uno");
        assert_eq!(case.backups.by_file(&other).unwrap().len(), 2);
    }

    #[test]
    fn finds_the_state_at_a_time() {
        let case = Case::new("one");
        let before = Timestamp::now();
        case.write("two");
        let between = Timestamp::now();
        case.write("three");
        let at = |time| case.backups.at(&case.path, time).unwrap().map(|entry| entry.sha256);
        assert_eq!(at(before), Some(Digest::of(b"one")));
        assert_eq!(at(between), Some(Digest::of(b"two")));
        assert_eq!(at(Timestamp::now()), None);
        assert_eq!(case.backups.at(&case.manifest(), before).unwrap(), None);
    }

    #[test]
    fn refuses_what_was_changed_since_unless_forced() {
        let case = Case::new("one");
        case.write("two");
        fs::write(&case.path, "theirs").unwrap();
        let entry = case.backups.list().unwrap().remove(0);
        let error = case.restore(&entry, false).unwrap_err();
        assert_eq!(error.kind(), Kind::ChangedSince);
        assert_eq!((case.text(), case.listed().len()), ("theirs".to_owned(), 1));
        case.restore(&entry, true).unwrap();
        assert_eq!(case.text(), "one");
        assert_eq!(case.listed(), ["one", "theirs"]);
    }

    #[test]
    fn restores_a_file_that_is_gone() {
        let case = Case::new("one");
        case.write("two");
        fs::remove_file(&case.path).unwrap();
        let entry = case.backups.list().unwrap().remove(0);
        case.restore(&entry, false).unwrap();
        assert_eq!(case.text(), "one");
    }

    #[test]
    fn backs_up_without_a_write_and_restores_over_later_runs() {
        let case = Case::new("one");
        let entry = case.backups.create(&case.locked(), &record()).unwrap();
        assert_eq!(entry.sha256, entry.sha256_after);
        case.write("two");
        case.write("three");
        case.restore(&entry, false).unwrap();
        assert_eq!(case.text(), "one");
        fs::write(&case.path, "theirs").unwrap();
        assert_eq!(case.restore(&entry, false).unwrap_err().kind(), Kind::ChangedSince);
    }

    #[test]
    fn keeps_as_many_as_told() {
        let case = Case::new("0");
        for number in 1..=200 {
            case.write_keeping(&number.to_string(), 3);
            let lines = fs::read_to_string(case.manifest()).unwrap().lines().count();
            assert!(lines <= 70, "{lines}");
        }
        assert_eq!(case.listed(), ["197", "198", "199"]);
        assert_eq!(case.states(), [State::Ok; 3]);
        let removed = case.backups.prune(1).unwrap().entries;
        assert!(removed.len() >= 2);
        assert_eq!(case.listed(), ["199"]);
        assert_eq!(fs::read_to_string(case.manifest()).unwrap().lines().count(), 1);
        assert_eq!(case.states(), [State::Ok]);
        assert!(case.backups.prune(1).unwrap().entries.is_empty());
    }

    #[test]
    fn keeps_as_many_of_each_file_in_a_shared_folder() {
        let case = Case::new("");
        let shared = case.path.with_file_name("shared");
        let policy = BackupPolicy::Keep { dir: Some(shared.clone()), keep: 2 };
        let paths = ["x", "y"].map(|name| case.path.with_file_name(name).join("a.ini"));
        for path in &paths {
            fs::create_dir(path.parent().unwrap()).unwrap();
            fs::write(path, "0").unwrap();
        }
        for number in 1..=4 {
            for path in &paths {
                let locked = lock(path, &LockOptions::default()).unwrap();
                locked.replace(number.to_string().as_bytes(), &record(), &policy).unwrap();
            }
        }
        let backups = Backups::open(&shared);
        assert_eq!(backups.list().unwrap().len(), 4);
        assert_eq!(backups.by_file(&paths[1]).unwrap().len(), 2);
        let verdicts = backups.verify().unwrap();
        assert!(verdicts.iter().all(|verdict| verdict.state == State::Ok), "{verdicts:?}");
    }

    #[test]
    fn the_backups_of_one_file_are_meant_without_its_neighbours() {
        let folder = tempfile::tempdir().unwrap();
        let paths = ["a.ini", "b.ini"].map(|name| folder.path().join(name));
        for path in &paths {
            fs::write(path, "0").unwrap();
            for bytes in ["1", "2", "3"] {
                let locked = lock(path, &LockOptions::default()).unwrap();
                let keep = BackupPolicy::Keep { dir: None, keep: 20 };
                locked.replace(bytes.as_bytes(), &record(), &keep).unwrap();
            }
        }
        let backups = Backups::beside(&paths[0]);
        let count = |path: &Path| backups.by_file(path).unwrap().len();
        fs::write(backups.dir().join("a.ini.stray.bak"), "").unwrap();
        fs::write(backups.dir().join("b.ini.stray.bak"), "").unwrap();
        let files: Vec<_> = backups
            .verify_files([paths[0].as_path()])
            .unwrap()
            .into_iter()
            .map(|verdict| verdict.file)
            .collect();
        assert_eq!(files.len(), 4);
        assert!(files.iter().all(|file| file.starts_with("a.ini.")), "{files:?}");
        assert_eq!(backups.verify().unwrap().len(), 8);
        assert_eq!(backups.prune_files([paths[0].as_path()], 1).unwrap().entries.len(), 2);
        assert_eq!((count(&paths[0]), count(&paths[1])), (1, 3));
    }

    #[test]
    fn an_expired_backup_comes_back_when_the_write_is_refused() {
        let case = Case::new("one");
        case.write_keeping("two", 1);
        let locked = case.locked();
        fs::write(&case.path, "theirs").unwrap();
        let policy = BackupPolicy::Keep { dir: None, keep: 1 };
        locked.replace(b"three", &record(), &policy).unwrap_err();
        assert_eq!(case.listed(), ["one"]);
        assert_eq!(case.states(), [State::Ok]);
    }

    #[test]
    fn passes_over_a_torn_line_and_cuts_it() {
        let case = Case::new("one");
        case.write("two");
        let whole = fs::read_to_string(case.manifest()).unwrap();
        for torn in ["{", "{\"schema_version\":1,", whole.trim_end()] {
            fs::write(case.manifest(), format!("{whole}{torn}")).unwrap();
            assert_eq!(case.backups.list().unwrap().len(), 1);
        }
        case.write("three");
        assert_eq!(case.listed(), ["one", "two"]);
        let text = fs::read_to_string(case.manifest()).unwrap();
        assert!(text.starts_with(&whole) && text.ends_with('\n') && text.lines().count() == 2);
    }

    #[test]
    fn leaves_lines_it_does_not_understand_and_ignores_fields_it_does_not_know() {
        let case = Case::new("one");
        case.write("two");
        let line = fs::read_to_string(case.manifest()).unwrap();
        let known = line.replacen('{', "{\"colour\":\"red\",", 1);
        let odd = "{\"schema_version\":9}\nnot json\n";
        fs::write(case.manifest(), format!("{odd}{known}")).unwrap();
        assert_eq!(case.listed(), ["one"]);
        case.write("three");
        case.backups.prune(1).unwrap();
        assert_eq!(case.listed(), ["two"]);
        assert!(fs::read_to_string(case.manifest()).unwrap().starts_with(odd));
    }

    #[test]
    fn never_leaves_its_folder() {
        let case = Case::new("one");
        case.write("two");
        let entry = case.backups.list().unwrap().remove(0);
        let line = fs::read_to_string(case.manifest()).unwrap();
        for file in ["../a.ini", "/etc/hostname", "", ".", "..", "manifest.ndjson", "x/y"] {
            fs::write(
                case.manifest(),
                line.replace(&format!("{:?}", entry.file), &format!("{file:?}")),
            )
            .unwrap();
            assert!(case.backups.list().unwrap().is_empty(), "{file}");
        }
    }

    #[test]
    fn prune_sweeps_what_a_killed_run_left_long_ago() {
        let case = Case::new("one");
        case.write("two");
        for (name, age) in [(".msipctl-old", 7200), (".msipctl-new", 0)] {
            let file = fs::File::create(case.backups.dir().join(name)).unwrap();
            file.set_modified(SystemTime::now() - Duration::from_secs(age)).unwrap();
        }
        assert!(case.backups.prune(5).unwrap().entries.is_empty());
        let verdicts = case.backups.verify().unwrap();
        let files: Vec<_> = verdicts.iter().map(|verdict| verdict.file.as_str()).collect();
        assert_eq!(files[1..], [".msipctl-new"]);
    }

    #[test]
    fn verify_finds_a_flipped_byte_a_missing_file_and_a_stray_one() {
        let case = Case::new("one");
        for bytes in ["two", "three", "four"] {
            case.write(bytes);
        }
        let entries = case.backups.list().unwrap();
        let path = |index: usize| case.backups.dir().join(&entries[index].file);
        fs::write(path(0), "onf").unwrap();
        fs::remove_file(path(1)).unwrap();
        fs::write(case.backups.dir().join("stray"), "").unwrap();
        assert_eq!(case.states(), [State::WrongHash, State::Missing, State::Ok, State::Stray]);
        assert_eq!(case.restore(&entries[0], true).unwrap_err().kind(), Kind::BackupDamaged);
        assert_eq!(case.restore(&entries[1], true).unwrap_err().kind(), Kind::BackupNotFound);
        assert_eq!(case.text(), "four");
    }

    #[cfg(unix)]
    #[test]
    fn lists_a_path_that_is_no_text() {
        use std::os::unix::ffi::OsStringExt;

        let case = Case::new("");
        let name = OsString::from_vec(b"\xff\n.ini".to_vec());
        let path = case.path.with_file_name(name);
        if fs::write(&path, "one").is_err() {
            return; // This file system takes only text for names.
        }
        let policy = BackupPolicy::Keep { dir: None, keep: 1 };
        for bytes in ["two", "three"] {
            let locked = lock(&path, &LockOptions::default()).unwrap();
            locked.replace(bytes.as_bytes(), &record(), &policy).unwrap();
        }
        let entries = case.backups.by_file(&path).unwrap();
        assert_eq!(entries.len(), 1);
        case.restore(&entries[0], false).unwrap();
        assert_eq!(fs::read(&path).unwrap(), b"two");
    }

    #[cfg(unix)]
    #[test]
    fn refuses_backups_of_another_user_than_the_owner() {
        if !rustix::process::geteuid().is_root() {
            return; // Only the superuser can make such a folder.
        }
        let case = Case::new("one");
        case.write("two");
        let entry = case.backups.list().unwrap().remove(0);
        std::os::unix::fs::chown(case.backups.dir(), Some(1234), None).unwrap();
        assert_eq!(case.restore(&entry, true).unwrap_err().kind(), Kind::PermissionDenied);
        std::os::unix::fs::chown(&case.path, Some(1234), None).unwrap();
        case.restore(&entry, false).unwrap();
        assert_eq!(case.text(), "one");
    }
}
