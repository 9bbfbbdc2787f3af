//! The one way a file is written: a whole new file beside it, flushed, then put in its place.
//!
//! Invariants: whoever opens the target at any instant reads the old bytes or the new ones, whole; every
//! return of an error before the rename leaves the old file and nothing else; what was not read is never
//! overwritten; nothing is put in its place before it and its backup are flushed.
//!
//! Many files may be flushed by one call, which [`put_together`] does: that is all in which a batch differs.

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

/// A file whose attributes change this often while it is replaced is not at rest.
const TRIES: usize = 3;

/// What a write did.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Written {
    /// The backup of the bytes before; `None` if none was asked for, or there was nothing to back up.
    pub backup: Option<BackupId>,
    /// Whether the file was written; `false` if it had these bytes already.
    pub changed: bool,
}

impl Written {
    /// Nothing was touched.
    pub(in crate::store) const UNTOUCHED: Self = Self { backup: None, changed: false };
}

/// A write that is made ready under its lock: the backup is taken, and the new file stands beside the old one. Dropping
/// it takes both back.
pub struct Staged {
    pub(super) ready: Ready,
    pub(super) locked: Locked,
}

/// The new file, and the backup it waits with.
pub(super) struct Ready {
    pub(super) temporary: Temporary,
    /// Closed in a batch, whose files would be too many.
    file: Option<File>,
    /// What the target was when the new file took its attributes over; `None` if it is yet to be made.
    identity: Option<Identity>,
    pub(super) taken: Option<Taken>,
    after: Digest,
    /// The other names of the target, which get the new file as well.
    others: Vec<OtherName>,
}

impl Staged {
    /// Puts the new file, which was staged with [`Durability::Full`], in its place, and notes that in the journal before.
    ///
    /// # Errors
    ///
    /// As [`Locked::replace`], and when the journal cannot be written. The file is then what it was.
    pub fn put(self, journal: Option<&Journal>) -> Result<Written, Error> {
        self.ready.put_and_flush(&self.locked, journal)
    }
}

/// Shows no bytes, as they may hold passwords.
impl std::fmt::Debug for Staged {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_tuple("Staged").field(&self.locked).finish()
    }
}

impl Locked {
    /// Puts `bytes` in the place of what was read, after backing that up. Once per lock.
    ///
    /// Owner, group, mode, extended attributes and ACL stay; a symbolic link stays one. If the file has
    /// these bytes already, nothing is touched.
    ///
    /// # Errors
    ///
    /// When the file is read-only, was changed since it was read, or its owner cannot be kept; when the
    /// backup or the file cannot be written. The file is then what it was, and no other file is left. The
    /// one exception: when flushing the folder fails at the very end, the new file is in place, and its
    /// backup is listed.
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

    /// Makes ready to put `bytes` in the place of what was read, as [`Locked::replace`] does. `None` if the file has these
    /// bytes already.
    ///
    /// # Errors
    ///
    /// As [`Locked::replace`], up to the point where the new file stands beside the old one.
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

/// Backs up what was read and writes the new file beside it, with the attributes of the old one. `None` if the bytes are
/// equal.
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
    /// Tells of the write for the journal.
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
                // No backup tells of a file that is made.
                journal.flush()?;
            }
        }
        let taken = self.put(locked)?;
        let flushed = locked.location().folder().flush();
        let backup = taken.map(|taken| taken.settle().id);
        flushed.map_err(|error| Error::io(snapshot.path(), Operation::FlushFolder, error))?;
        Ok(Written { backup, changed: true })
    }

    /// Renames the new file over the target, if that is still what was read.
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
                    // What some of the names show needs its backup.
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

    /// Checks that the target is still what was read. If only attributes changed meanwhile, they are taken over once more.
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
