//! The only way to write a file: a complete new file next to it, flushed, then put in place.
//!
//! Invariants: opening the target at any moment returns either the complete old content or the complete new one. Each
//! error before the rename leaves the old file and nothing else. Nothing is overwritten that wasn't read. Nothing is
//! put in place before it and its backup are flushed.
//!
//! Many files can be flushed in one call by [`put_together`], which is the only difference of a batch.

use std::ffi::OsStr;
use std::fs::File;
use std::io::{self, Write};

use super::unchanged::{changed, check_again, copy_attributes};
use crate::store::backup::entry::BackupId;
use crate::store::backup::policy::{BackupPolicy, Record};
use crate::store::backup::take::{Folder, Taken, take};
use crate::store::error::{Error, Operation, Reason};
use crate::store::file::digest::Digest;
use crate::store::file::durability::Durability;
use crate::store::file::lock::Locked;
use crate::store::file::other_names::{OtherName, Replacing, lock_others};
use crate::store::file::snapshot::Snapshot;
use crate::store::file::temporary::{Temporary, displaced, temporary_prefix};
use crate::store::run::journal::Journal;
use crate::store::run::record::Change;
use crate::store::system::{self, Identity, OpenFolder};

/// The number of attribute changes during a replacement after which the file counts as unstable.
const TRIES: usize = 3;

/// The result of a write.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Written {
    /// The backup of the previous content; `None` if none was requested, or there was nothing to back up.
    pub backup: Option<BackupId>,
    /// Whether the file was written; `false` if it already had this content.
    pub changed: bool,
}

impl Written {
    /// Nothing was touched.
    pub(in crate::store) const UNTOUCHED: Self = Self { backup: None, changed: false };
}

/// A write that is prepared under its lock: the backup is made, and the new file is next to the old one. Dropping it
/// removes both.
pub struct Staged {
    pub(super) ready: Ready,
    pub(super) locked: Locked,
}

/// The new file, and its pending backup.
pub(super) struct Ready {
    pub(super) temporary: Temporary,
    /// Closed in a batch, which would have too many open files.
    file: Option<File>,
    /// The status of the target when the new file got its attributes; `None` if it doesn't exist yet.
    identity: Option<Identity>,
    pub(super) taken: Option<Taken>,
    after: Digest,
    /// The other names of the target, which get the new file as well.
    others: Vec<OtherName>,
}

impl Staged {
    /// Puts the new file, which was staged with [`Durability::Full`], in place, after recording that in the journal.
    ///
    /// # Errors
    ///
    /// As [`Locked::replace`], and when the journal can't be written. The file is unchanged then.
    pub fn put(self, journal: Option<&Journal>) -> Result<Written, Error> {
        self.ready.put_and_flush(&self.locked, journal)
    }
}

/// Shows no bytes, because they may contain passwords.
impl std::fmt::Debug for Staged {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_tuple("Staged").field(&self.locked).finish()
    }
}

impl Locked {
    /// Replaces the content that was read with `bytes`, after backing it up. Once per lock.
    ///
    /// Keeps owner, group, mode, extended attributes, and ACL, and a symbolic link stays one. If the file already has
    /// these bytes, nothing is touched.
    ///
    /// # Errors
    ///
    /// When the file is read-only, was changed since it was read, or its owner can't be kept; when the backup or the
    /// file can't be written. The file is unchanged then, and no other file is left. One exception: if flushing the
    /// folder fails at the very end, the new file is in place, and its backup is in the list.
    pub fn replace(
        &self,
        bytes: &[u8],
        record: &Record,
        backup: &BackupPolicy,
    ) -> Result<Written, Error> {
        match ready(self, bytes, record, backup, Durability::Full)? {
            None => Ok(Written::UNTOUCHED),
            Some(ready) => ready.put_and_flush(self, None),
        }
    }

    /// Prepares to replace the content that was read with `bytes`, as [`Locked::replace`] does. `None` if the file
    /// already has these bytes.
    ///
    /// # Errors
    ///
    /// As [`Locked::replace`], up to the point where the new file is next to the old one.
    pub fn stage(
        self,
        bytes: &[u8],
        record: &Record,
        backup: &BackupPolicy,
        durability: Durability,
    ) -> Result<Option<Staged>, Error> {
        let ready = ready(&self, bytes, record, backup, durability)?;
        let mut locked = self;
        locked.close_source();
        Ok(ready.map(|ready| Staged { ready, locked }))
    }
}

/// Backs up what was read and writes the new file next to it, with the attributes of the old one. `None` if the bytes
/// are equal.
fn ready(
    locked: &Locked,
    bytes: &[u8],
    record: &Record,
    backup: &BackupPolicy,
    durability: Durability,
) -> Result<Option<Ready>, Error> {
    let snapshot = locked.snapshot();
    if snapshot.bytes() == bytes {
        return Ok(None);
    }
    if snapshot.identity().is_some_and(|identity| identity.read_only()) {
        return Err(Error::new(snapshot.path(), Reason::ReadOnly));
    }
    let others = lock_others(snapshot, locked.location())?;
    let after = Digest::of(bytes);
    let taken = match backup {
        BackupPolicy::Keep { dir, keep } if snapshot.exists() => {
            let folder = Folder::open(dir.as_deref(), locked)?;
            Some(take(folder, locked, Some(after), record, Some(*keep), durability)?)
        }
        _ => None,
    };
    let fail = |doing| move |error: io::Error| Error::io(snapshot.path(), doing, error);
    let folder = locked.location().folder();
    let prefix = temporary_prefix(locked.location().name());
    let (temporary, mut file) =
        Temporary::create(folder, &prefix).map_err(fail(Operation::Create))?;
    file.write_all(bytes).map_err(fail(Operation::Write))?;
    let identity = snapshot.identity();
    match &identity {
        Some(identity) => copy_attributes(locked, locked.source(), identity, &file)?,
        None => {
            let owner = folder.owner().map_err(fail(Operation::Create))?;
            let owner = owner.and_then(system::Owner::if_foreign);
            system::set_owner(&file, owner).map_err(fail(Operation::Create))?;
        }
    }
    let file = match durability {
        Durability::Full => {
            file.sync_all().map_err(fail(Operation::Flush))?;
            Some(file)
        }
        Durability::Batch => None,
    };
    Ok(Some(Ready { temporary, file, identity, taken, after, others }))
}

impl Ready {
    /// Returns the record of the write for the journal.
    pub(super) fn change(&self, snapshot: &Snapshot) -> Change {
        Change {
            path: snapshot.path().to_owned(),
            target: snapshot.target().to_owned(),
            before: match &self.taken {
                Some(taken) => Some(taken.entry.sha256),
                None => snapshot.exists().then(|| Digest::of(snapshot.bytes())),
            },
            after: Some(self.after),
            backup: self.taken.as_ref().map(|it| (it.dir(), it.entry.id.clone())),
        }
    }

    fn put_and_flush(self, locked: &Locked, journal: Option<&Journal>) -> Result<Written, Error> {
        let snapshot = locked.snapshot();
        if let Some(journal) = journal {
            journal.note(&[self.change(snapshot)])?;
            if !snapshot.exists() {
                // A new file has no backup that records it.
                journal.flush()?;
            }
        }
        let taken = self.put(locked)?;
        let flushed = locked.location().folder().flush();
        let backup = taken.map(|taken| taken.settle().id);
        flushed.map_err(|error| Error::io(snapshot.path(), Operation::FlushFolder, error))?;
        Ok(Written { backup, changed: true })
    }

    /// Renames the new file over the target, if that's still what was read.
    pub(super) fn put(mut self, locked: &Locked) -> Result<Option<Taken>, Error> {
        let (snapshot, target) = (locked.snapshot(), locked.location().name());
        let fail = |error| Error::io(snapshot.path(), Operation::Rename, error);
        match self.identity {
            Some(identity) => {
                let identity = self.settle_attributes(locked, identity)?;
                drop(self.file.take());
                let put = |folder: &OpenFolder, file: &OsStr| {
                    system::replace_target(folder, file, target, &identity, &displaced(target))
                };
                let (location, new) = (locked.location(), self.temporary.name());
                let put = Replacing::put(snapshot, location, &identity, new, &self.others)
                    .and_then(|replacing| {
                        let placed = self.temporary.place(put);
                        placed.map_err(|error| replacing.take_back(fail(error)))
                    });
                if let Err(error) = put {
                    // If some names already have the new content, it needs its backup.
                    if let Some(taken) = self.taken.filter(|_| error.is_after_write()) {
                        taken.settle();
                    }
                    return Err(error);
                }
            }
            None => self.temporary.rename_new(target).map_err(|error| match error.kind() {
                io::ErrorKind::AlreadyExists => changed(snapshot),
                _ => fail(error),
            })?,
        }
        log::debug!("{}: written", snapshot.target().display());
        Ok(self.taken)
    }

    /// Checks that the target is still what was read. If only its attributes changed in the meantime, copies them
    /// again.
    fn settle_attributes(
        &self,
        locked: &Locked,
        mut identity: Identity,
    ) -> Result<Identity, Error> {
        let (snapshot, location) = (locked.snapshot(), locked.location());
        let fail = |error| Error::io(snapshot.path(), Operation::Flush, error);
        for _ in 0..TRIES {
            let now = check_again(locked, identity)?;
            if now == identity {
                return Ok(identity);
            }
            if now.read_only() {
                return Err(Error::new(snapshot.path(), Reason::ReadOnly));
            }
            identity = now;
            let reopened = match &self.file {
                Some(_) => None,
                None => {
                    let temporary = self.temporary.name();
                    Some(location.folder().open_to_write(temporary).map_err(fail)?)
                }
            };
            if let Some(file) = self.file.as_ref().or(reopened.as_ref()) {
                copy_attributes(locked, None, &identity, file)?;
                file.sync_all().map_err(fail)?;
            }
        }
        Err(changed(snapshot))
    }
}
