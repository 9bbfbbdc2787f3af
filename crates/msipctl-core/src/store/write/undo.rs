//! The undo of a run over many folders: each file that it wrote gets its previous content.

use std::collections::{HashMap, HashSet};
use std::path::{Path, PathBuf};

use super::restore::RestoreOptions;
use super::stage::Written;
use crate::store::backup::backups::Backups;
use crate::store::backup::entry::{BackupId, Entry};
use crate::store::backup::policy::Record;
use crate::store::backup::take::next_to;
use crate::store::error::{Error, Kind, Reason};
use crate::store::file::digest::Digest;
use crate::store::file::location::Location;
use crate::store::file::lock::{LockOptions, lock_resolved};
use crate::store::file::resolve::resolve_known;
use crate::store::run::journal::Journal;
use crate::store::run::record::{Change, Run};
use crate::store::run_id::RunId;

/// The data to undo a run in one file, even if the run wrote it several times.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Undo {
    /// The path that the user passed to the run.
    path: PathBuf,
    target: PathBuf,
    run: RunId,
    backup_dir: Option<PathBuf>,
    before: Before,
    /// The content that the run left, each time.
    left: Vec<Option<Digest>>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum Before {
    Missing,
    /// The backup, which is in this folder.
    Backup(PathBuf, Box<Entry>),
    /// This content, which has no backup.
    Lost(Digest),
}

impl Run {
    /// Returns the data to undo the run: a part for each file that it wrote, in their order.
    ///
    /// For an interrupted run, the lists of backups are searched for files that the journal doesn't mention.
    ///
    /// # Errors
    ///
    /// When a list of backups exists but can't be read.
    pub fn undo(&self) -> Result<Vec<Undo>, Error> {
        let mut found: Vec<Undo> = Vec::new();
        let mut known: HashMap<PathBuf, usize> = HashMap::new();
        let (run, backup_dir) = (self.start.run, &self.start.backup_dir);
        let mut add = |path: &Path, target: &Path, before: Before, left| {
            if let Some(undo) = known.get(target).and_then(|&index| found.get_mut(index)) {
                // Of equal backups, the newest one, because the older one expires first.
                if before.digest() == undo.before.digest() {
                    undo.before = before;
                }
                undo.left.push(left);
                return;
            }
            known.insert(target.to_owned(), found.len());
            let (path, target) = (path.to_owned(), target.to_owned());
            let (backup_dir, left) = (backup_dir.clone(), vec![left]);
            found.push(Undo { path, target, run, backup_dir, before, left });
        };
        for change in self.changes() {
            add(&change.path, &change.target, self.before(change), change.after);
        }
        for (dir, entry) in self.listed_only()? {
            let (target, left) = (entry.path.clone(), Some(entry.sha256_after));
            add(&target, &target, Before::Backup(dir, Box::new(entry)), left);
        }
        Ok(found)
    }

    fn before(&self, change: &Change) -> Before {
        match (&change.backup, change.before) {
            (_, None) => Before::Missing,
            (None, Some(before)) => Before::Lost(before),
            (Some((dir, id)), Some(before)) => {
                Before::Backup(dir.clone(), Box::new(self.entry(change, id, before)))
            }
        }
    }

    /// Creates a backup from its record in the journal, which saves reading the list.
    fn entry(&self, change: &Change, id: &BackupId, before: Digest) -> Entry {
        Entry {
            id: id.clone(),
            path: change.target.clone(),
            run: self.start.run,
            time: self.time,
            command: self.start.command.clone(),
            bytes: 0,
            sha256: before,
            sha256_after: change.after.unwrap_or(before),
            file: id.file(),
            keep: None,
        }
    }

    /// Finds the backups that the run made of files that the journal doesn't mention because the computer crashed.
    fn listed_only(&self) -> Result<Vec<(PathBuf, Entry)>, Error> {
        let without_outcome: HashSet<PathBuf> = self.without_outcome().map(resolve_known).collect();
        let folders: HashMap<PathBuf, Backups> = match &self.start.backup_dir {
            _ if without_outcome.is_empty() => HashMap::new(),
            Some(dir) => HashMap::from([(dir.clone(), Backups::open(dir))]),
            None => without_outcome
                .iter()
                .map(|target| (next_to(target), Backups::next_to(target)))
                .collect(),
        };
        let mut found = Vec::new();
        for (dir, backups) in folders {
            let mut entries = backups.by_run(&self.start.run)?;
            entries.retain(|entry| without_outcome.contains(&entry.path));
            found.extend(entries.into_iter().map(|entry| (dir.clone(), entry)));
        }
        Ok(found)
    }
}

impl Undo {
    /// Returns the file: absolute, with links followed.
    pub fn target(&self) -> &Path {
        &self.target
    }

    /// Returns whether the content of the file differs from the one before the run, or the run created the file.
    ///
    /// # Errors
    ///
    /// When it can't be read.
    pub fn is_due(&self) -> Result<bool, Error> {
        let present = match crate::store::file::read::read(&Location::unnamed(&self.target)) {
            Ok(found) => Some(Digest::of(found.bytes())),
            Err(error) if error.kind() == Kind::NotFound => None,
            Err(error) => return Err(error),
        };
        Ok(present != self.before.digest())
    }

    /// Restores the content of the file from before the run, or removes a file that the run created. Backs up what it
    /// replaces.
    ///
    /// A file that already has this content isn't touched.
    ///
    /// # Errors
    ///
    /// As [`Backups::restore`], and when the run kept no backup. Also, even if forced, when the path of the run leads
    /// elsewhere now, or the file would be removed although the run made a backup of it.
    pub fn undo(
        &self,
        record: &Record,
        options: &RestoreOptions,
        journal: Option<&Journal>,
    ) -> Result<Written, Error> {
        if self.path != self.target && resolve_known(&self.path) != self.target {
            let target = self.target.clone();
            return Err(Error::new(&self.path, Reason::TargetMoved { target }));
        }
        match &self.before {
            Before::Backup(dir, entry) => {
                let left = self.left.iter().flatten().copied().collect();
                self.backups(dir).restore_over(entry, &left, record, options, journal)
            }
            Before::Lost(_) if !self.is_due()? => Ok(Written::UNTOUCHED),
            Before::Lost(_) => Err(Error::new(&self.target, Reason::NoBackup)),
            Before::Missing => self.remove(record, options, journal),
        }
    }

    /// Creates a reference to the backups in a folder that the journal mentions.
    fn backups(&self, dir: &Path) -> Backups {
        match dir == next_to(&self.target) {
            true => Backups::next_to_target(self.target.clone()),
            false => Backups::open(dir),
        }
    }

    fn remove(
        &self,
        record: &Record,
        options: &RestoreOptions,
        journal: Option<&Journal>,
    ) -> Result<Written, Error> {
        let lock_options = LockOptions { wait: options.wait, create: false };
        let locked = match lock_resolved(&self.target, &self.target, &lock_options) {
            Err(error) if error.kind() == Kind::NotFound => return Ok(Written::UNTOUCHED),
            other => other?,
        };
        let present = Digest::of(locked.snapshot().bytes());
        if !options.force && !self.left.contains(&Some(present)) {
            return Err(Error::new(&self.target, Reason::ChangedSinceRun));
        }
        // A run creates a file only where there is none, and makes no backup of it then.
        let dirs = [Backups::next_to_target(self.target.clone())].into_iter();
        for backups in dirs.chain(self.backup_dir.as_deref().map(Backups::open)) {
            let mut listed = backups.by_file(&self.target)?.into_iter();
            let is_of_other_bytes =
                |entry: &Entry| entry.run == self.run && !self.left.contains(&Some(entry.sha256));
            if let Some(entry) = listed.find(is_of_other_bytes) {
                let backup = entry.id.to_string();
                return Err(Error::new(&self.target, Reason::NotMadeByRun { backup }));
            }
        }
        let backups = Backups::next_to_target(self.target.clone());
        let entry = backups.create(&locked, record)?;
        if let Some(journal) = journal {
            journal.note(&[Change {
                path: self.target.clone(),
                target: self.target.clone(),
                before: Some(present),
                after: None,
                backup: Some((backups.dir().to_owned(), entry.id.clone())),
            }])?;
        }
        locked.remove()?;
        Ok(Written { backup: Some(entry.id), changed: true })
    }
}

impl Before {
    fn digest(&self) -> Option<Digest> {
        match self {
            Self::Missing => None,
            Self::Backup(_, entry) => Some(entry.sha256),
            Self::Lost(digest) => Some(*digest),
        }
    }
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;
    use crate::store::{BackupPolicy, Durability, Kind, RunId, Start, lock, put_together};

    struct Case {
        folder: tempfile::TempDir,
        run: RunId,
        files: Vec<PathBuf>,
        keep: usize,
    }

    impl Case {
        /// Creates folders with a file each; the file of the last one is missing.
        fn new() -> Self {
            let folder = tempfile::tempdir().unwrap();
            let root = dunce::canonicalize(folder.path()).unwrap();
            let files: Vec<_> = (0..3).map(|it| root.join(it.to_string()).join("a.ini")).collect();
            for (number, path) in files.iter().enumerate() {
                fs::create_dir(path.parent().unwrap()).unwrap();
                if number < 2 {
                    fs::write(path, format!("old {number}")).unwrap();
                }
            }
            Self { folder, run: RunId::new(), files, keep: 20 }
        }

        fn dir(&self) -> PathBuf {
            self.folder.path().join("runs")
        }

        fn journal(&self) -> Journal {
            let (run, command) = (self.run, "apply".to_owned());
            let start = Start { run, command, backup_dir: None, data: serde_json::Value::Null };
            let journal = Journal::new(&self.dir(), &start, &self.files);
            journal.note(&[]).unwrap();
            journal
        }

        fn stage(&self, path: &Path, bytes: &str, durability: Durability) -> crate::store::Staged {
            let locked = lock(path, &LockOptions { create: true, ..LockOptions::default() });
            let record = Record { run: self.run, command: "apply".into() };
            let policy = BackupPolicy::Keep { dir: None, keep: self.keep };
            locked.unwrap().stage(bytes.as_bytes(), &record, &policy, durability).unwrap().unwrap()
        }

        fn write(&self, journal: Option<&Journal>, path: &Path, bytes: &str) {
            self.stage(path, bytes, Durability::Full).put(journal).unwrap();
        }

        fn undo(&self, force: bool) -> Vec<Result<bool, Kind>> {
            let record = Record { run: RunId::new(), command: "backup restore".into() };
            let options = RestoreOptions { force, ..RestoreOptions::default() };
            let undos = Run::read(&self.dir(), &self.run).unwrap().undo().unwrap();
            let undo = |undo: &Undo| undo.undo(&record, &options, None);
            let changed = |done: Result<Written, Error>| {
                done.map(|written| written.changed).map_err(|error| error.kind())
            };
            undos.iter().map(undo).map(changed).collect()
        }

        fn texts(&self) -> Vec<Option<String>> {
            self.files.iter().map(|path| fs::read_to_string(path).ok()).collect()
        }
    }

    fn old() -> Vec<Option<String>> {
        vec![Some("old 0".to_owned()), Some("old 1".to_owned()), None]
    }

    #[test]
    fn undo_restores_files_and_deletes_created_ones() {
        let case = Case::new();
        let journal = case.journal();
        case.files.iter().for_each(|path| case.write(Some(&journal), path, "new"));
        drop(journal);
        assert_eq!(case.undo(false), [Ok(true); 3]);
        assert_eq!(case.texts(), old());
        assert_eq!(case.undo(false), [Ok(false); 3]);
        assert_eq!(case.texts(), old());
    }

    #[test]
    fn undo_restores_files_written_as_a_batch() {
        let case = Case::new();
        let journal = case.journal();
        let staged = case.files.iter().map(|path| case.stage(path, "new", Durability::Batch));
        let written = put_together(staged.collect(), Some(&journal));
        assert!(written.iter().all(|it| it.as_ref().is_ok_and(|it| it.changed)), "{written:?}");
        drop(journal);
        assert_eq!(case.texts(), vec![Some("new".to_owned()); 3]);
        assert_eq!(case.undo(false), [Ok(true); 3]);
        assert_eq!(case.texts(), old());
    }

    #[test]
    fn dropped_batch_leaves_no_files() {
        let case = Case::new();
        let staged: Vec<_> =
            case.files.iter().map(|path| case.stage(path, "new", Durability::Batch)).collect();
        drop(staged);
        assert_eq!(case.texts(), old());
        for path in &case.files[..2] {
            assert!(Backups::next_to(path).list().unwrap().is_empty());
            let names = fs::read_dir(path.parent().unwrap()).unwrap();
            assert_eq!(names.count(), 2, "more than the file and its backups");
        }
    }

    #[test]
    fn batch_skips_a_file_that_changed_meanwhile() {
        let case = Case::new();
        let journal = case.journal();
        let staged: Vec<_> =
            case.files.iter().map(|path| case.stage(path, "new", Durability::Batch)).collect();
        fs::write(&case.files[0], "theirs").unwrap();
        let written = put_together(staged, Some(&journal));
        assert_eq!(written[0].as_ref().unwrap_err().kind(), Kind::ChangedUnderneath);
        journal.failed(&case.files[0], "changed").unwrap();
        drop(journal);
        assert!(written[1].is_ok() && written[2].is_ok());
        assert!(Backups::next_to(&case.files[0]).list().unwrap().is_empty());
        assert_eq!(case.undo(false), [Ok(true); 2]);
        assert_eq!(case.texts()[0].as_deref(), Some("theirs"));
        assert_eq!(case.texts()[1..], old()[1..]);
    }

    #[test]
    fn undo_fails_when_the_file_changed_since_unless_forced() {
        let case = Case::new();
        let journal = case.journal();
        case.files.iter().for_each(|path| case.write(Some(&journal), path, "new"));
        drop(journal);
        fs::write(&case.files[1], "mine").unwrap();
        fs::write(&case.files[2], "mine").unwrap();
        let refused = Err(Kind::ChangedSince);
        assert_eq!(case.undo(false), [Ok(true), refused, refused]);
        assert_eq!(case.texts()[1..], [Some("mine".to_owned()), Some("mine".to_owned())]);
        assert_eq!(case.undo(true), [Ok(false), Ok(true), Ok(true)]);
        assert_eq!(case.texts(), old());
    }

    #[test]
    fn undo_reverts_all_writes_of_a_file_together() {
        let case = Case::new();
        let journal = case.journal();
        for bytes in ["one", "two", "three"] {
            case.write(Some(&journal), &case.files[0], bytes);
        }
        drop(journal);
        assert_eq!(case.undo(false), [Ok(true)]);
        assert_eq!(case.undo(false), [Ok(false)]);
        assert_eq!(case.texts(), old());
    }

    #[test]
    fn undo_uses_the_newest_of_equal_backups() {
        // A run that was killed just before a rename makes a second backup when it's resumed.
        let case = Case { keep: 1, ..Case::new() };
        let journal = case.journal();
        let write = || case.write(Some(&journal), &case.files[0], "new");
        write();
        fs::write(&case.files[0], "old 0").unwrap();
        write();
        drop(journal);
        assert_eq!(case.undo(false), [Ok(true)]);
        assert_eq!(case.texts(), old());
    }

    #[test]
    fn undo_uses_backup_manifests_when_the_journal_is_incomplete() {
        let case = Case::new();
        drop(case.journal());
        case.write(None, &case.files[0], "new");
        assert_eq!(case.undo(false), [Ok(true)]);
        assert_eq!(case.texts(), old());
    }

    #[test]
    fn undo_fails_when_the_backup_is_missing() {
        let case = Case::new();
        let journal = case.journal();
        let locked = lock(&case.files[0], &LockOptions::default()).unwrap();
        let record = Record { run: case.run, command: "apply".into() };
        let staged = locked.stage(b"new", &record, &BackupPolicy::None, Durability::Full);
        staged.unwrap().unwrap().put(Some(&journal)).unwrap();
        drop(journal);
        assert_eq!(case.undo(true), [Err(Kind::BackupNotFound)]);
        fs::write(&case.files[0], "old 0").unwrap();
        assert_eq!(case.undo(false), [Ok(false)]);
    }
}
