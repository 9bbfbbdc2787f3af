//! Restores the bytes of a backup, with the same steps as any write.

use std::collections::HashSet;
use std::time::Duration;

use super::stage::Written;
use crate::store::backup::backups::Backups;
use crate::store::backup::contents::{bytes, owner_in};
use crate::store::backup::entry::Entry;
use crate::store::backup::policy::{BackupPolicy, KEEP, Record};
use crate::store::error::{Error, Reason};
use crate::store::file::digest::Digest;
use crate::store::file::durability::Durability;
use crate::store::file::lock::{LockOptions, lock_resolved};
use crate::store::file::trusted::{Purpose, check};
use crate::store::run::journal::Journal;

/// The options for restoring.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RestoreOptions {
    /// Whether to overwrite a file that was changed since the backup.
    pub force: bool,
    /// How long to wait for another holder of the lock.
    pub wait: Duration,
    /// How many backups of the file to keep, including the one of the overwritten content.
    pub keep: usize,
}

/// Doesn't force anything, waits 30 seconds, and keeps 20 backups.
impl Default for RestoreOptions {
    fn default() -> Self {
        Self { force: false, wait: LockOptions::default().wait, keep: KEEP }
    }
}

impl Backups {
    /// Restores the content of the backup, with the same steps as any write. Also backs up the content that it
    /// replaces.
    ///
    /// A file that already has this content isn't touched. A missing file is created.
    ///
    /// # Errors
    ///
    /// [`Kind::ChangedSince`](crate::store::Kind::ChangedSince) when the file isn't what the run left, unless forced. A
    /// backup that was made without a write can replace whatever a listed run left. Also when the backup file is
    /// missing or damaged, when the folder belongs to neither the user nor the owner of the file, and as
    /// [`Locked::replace`](crate::store::Locked::replace).
    pub fn restore(
        &self,
        entry: &Entry,
        record: &Record,
        options: &RestoreOptions,
    ) -> Result<Written, Error> {
        self.restore_over(entry, &HashSet::from([entry.sha256_after]), record, options, None)
    }

    /// Restores if the current content is one of `left`.
    pub(in crate::store) fn restore_over(
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
        // Again, now that the file is known.
        let owner = match snapshot.identity() {
            Some(identity) => identity.owner(),
            None => owner_in(locked.location()),
        };
        let purpose = if self.next_to.is_some() { Purpose::NextTo } else { Purpose::Named };
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
            None => Ok(Written::UNTOUCHED),
            Some(staged) => staged.put(journal),
        }
    }

    fn left_by_listed_run(&self, entry: &Entry, present: &Digest) -> Result<bool, Error> {
        let listed = self.list_for(&[&entry.path])?;
        Ok(listed.iter().any(|other| other.path == entry.path && other.sha256_after == *present))
    }
}
