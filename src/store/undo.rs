//! The undo of a run over many folders: each file it wrote gets its bytes of before.

use std::collections::{HashMap, HashSet};
use std::fs;
use std::path::{Path, PathBuf};

use super::backup::{Record, beside};
use super::digest::Digest;
use super::entry::{BackupId, Entry};
use super::error::{Doing, Error, Reason};
use super::journal::{Change, Journal, Run};
use super::lock::{LockOptions, lock, resolve_known};
use super::replace::Written;
use super::restore::{Backups, RestoreOptions};
use super::system;

/// What it takes to undo a run in one file, however often the run wrote it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Undo {
    target: PathBuf,
    before: Before,
    /// What the run left, each time.
    left: Vec<Option<Digest>>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum Before {
    Missing,
    /// The backup, which is in this folder.
    Backup(PathBuf, Box<Entry>),
    /// These bytes, of which no backup was taken.
    Lost(Digest),
}

impl Run {
    /// Returns what it takes to undo the run: a part for each file that it wrote, in their order.
    ///
    /// Of a run that was interrupted, the lists of backups are asked about files that the journal tells nothing of.
    ///
    /// # Errors
    ///
    /// When a list of backups is there and cannot be read.
    pub fn undo(&self) -> Result<Vec<Undo>, Error> {
        let mut found: Vec<Undo> = Vec::new();
        let mut known: HashMap<PathBuf, usize> = HashMap::new();
        let mut add = |target: &Path, before: Before, left| {
            if let Some(undo) = known.get(target).and_then(|&index| found.get_mut(index)) {
                // Of equal backups the newest, since the older one expires first.
                if before.digest() == undo.before.digest() {
                    undo.before = before;
                }
                undo.left.push(left);
                return;
            }
            known.insert(target.to_owned(), found.len());
            found.push(Undo { target: target.to_owned(), before, left: vec![left] });
        };
        for change in self.changes() {
            add(&change.target, self.before(change), change.after);
        }
        for (dir, entry) in self.listed_only()? {
            let (target, left) = (entry.path.clone(), Some(entry.sha256_after));
            add(&target, Before::Backup(dir, Box::new(entry)), left);
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

    /// Returns a backup as the journal tells of it, which spares reading the list.
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

    /// Finds the backups that the run took of files that the journal tells nothing of, since the computer crashed.
    fn listed_only(&self) -> Result<Vec<(PathBuf, Entry)>, Error> {
        let untold: HashSet<PathBuf> = self.untold().map(resolve_known).collect();
        let dirs: HashSet<PathBuf> = match &self.start.backup_dir {
            _ if untold.is_empty() => HashSet::new(),
            Some(dir) => HashSet::from([dir.clone()]),
            None => untold.iter().map(|target| beside(target)).collect(),
        };
        let mut found = Vec::new();
        for dir in dirs {
            let mut entries = Backups::open(&dir).by_run(&self.start.run)?;
            entries.retain(|entry| untold.contains(&entry.path));
            found.extend(entries.into_iter().map(|entry| (dir.clone(), entry)));
        }
        Ok(found)
    }
}

impl Undo {
    /// Returns the file: absolute, links followed.
    pub fn target(&self) -> &Path {
        &self.target
    }

    /// Tells whether the file holds other bytes than before the run, or is there and was not.
    ///
    /// # Errors
    ///
    /// When it cannot be read.
    pub fn is_due(&self) -> Result<bool, Error> {
        let present = match super::read(&self.target) {
            Ok(found) => Some(Digest::of(found.bytes())),
            Err(error) if error.kind() == super::Kind::NotFound => None,
            Err(error) => return Err(error),
        };
        Ok(present != self.before.digest())
    }

    /// Gives the file its bytes of before the run, or removes one that the run made. What goes is backed up.
    ///
    /// A file that has these bytes already is not touched.
    ///
    /// # Errors
    ///
    /// As [`Backups::restore`], and when the run kept no backup.
    pub fn undo(
        &self,
        record: &Record,
        options: &RestoreOptions,
        journal: Option<&Journal>,
    ) -> Result<Written, Error> {
        match &self.before {
            Before::Backup(dir, entry) => {
                let left = self.left.iter().flatten().copied().collect();
                Backups::open(dir).restore_over(entry, &left, record, options, journal)
            }
            Before::Lost(_) if !self.is_due()? => Ok(Written::NOTHING),
            Before::Lost(_) => Err(Error::new(&self.target, Reason::NoBackup)),
            Before::Missing => self.remove(record, options, journal),
        }
    }

    fn remove(
        &self,
        record: &Record,
        options: &RestoreOptions,
        journal: Option<&Journal>,
    ) -> Result<Written, Error> {
        let locked = match lock(&self.target, &LockOptions { wait: options.wait, create: false }) {
            Err(error) if error.kind() == super::Kind::NotFound => return Ok(Written::NOTHING),
            other => other?,
        };
        let snapshot = locked.snapshot();
        let present = Digest::of(snapshot.bytes());
        if !options.force && !self.left.contains(&Some(present)) {
            return Err(Error::new(&self.target, Reason::ChangedSinceRun));
        }
        let backups = Backups::beside(&self.target);
        let entry = backups.create(&locked, record)?;
        if let Some(journal) = journal {
            journal.note(&[Change {
                path: self.target.clone(),
                target: snapshot.target().to_owned(),
                before: Some(present),
                after: None,
                backup: Some((backups.dir().to_owned(), entry.id.clone())),
            }])?;
        }
        let folder = self.target.parent().unwrap_or(&self.target);
        fs::remove_file(snapshot.target())
            .map_err(|error| Error::io(&self.target, Doing::Remove, error))?;
        system::flush_folder(folder)
            .map_err(|error| Error::io(&self.target, Doing::FlushFolder, error))?;
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
