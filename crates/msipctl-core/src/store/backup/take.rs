//! One backup: the content that was read, under a unique name, added to the list before anything is written.
//!
//! Invariant: when [`take`] returns with [`Durability::Full`], the file and its line are on disk. An earlier failure
//! leaves at most a file without a line, never a line without its file. If the write is then rejected, its backup is
//! removed, so the list contains only writes that happened.

use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use jiff::Timestamp;

use super::entry::{BackupId, Entry};
use super::manifest::{Expired, Manifest, TEMPORARY};
use super::policy::Record;
use crate::store::error::{Error, Operation, Reason};
use crate::store::file::digest::Digest;
use crate::store::file::durability::Durability;
use crate::store::file::lock::Locked;
use crate::store::file::temporary::Temporary;
use crate::store::file::trusted::{Purpose, check, flush_created, open_in, open_or_create};
use crate::store::run_id::{compact, random};
use crate::store::system::{self, OpenFolder, Owner};
use crate::store::time::now;

/// The folder for backups next to a file.
pub(in crate::store) const FOLDER: &str = ".msipctl";

/// An open backup folder, and the owner of its new files.
pub(in crate::store) struct Folder {
    folder: Arc<OpenFolder>,
    owner: Option<Owner>,
}

impl Folder {
    /// Opens the folder for the backups of a locked file: `dir`, or the one next to the file. Creates it if missing.
    /// The one next to the file gets the owner of the file; a folder for the files of several owners keeps its creator.
    ///
    /// # Errors
    ///
    /// When it isn't a folder, or its owner isn't allowed to control the file.
    pub(in crate::store) fn open(dir: Option<&Path>, locked: &Locked) -> Result<Self, Error> {
        let identity = locked.snapshot().identity();
        let owners = Vec::from_iter(identity.and_then(|identity| identity.owner()));
        match dir {
            Some(dir) if dir != next_to(locked.snapshot().target()) => {
                let folder = open_or_create(dir, Operation::CreateBackup)?;
                check(&folder, &owners, Purpose::Named)?;
                Ok(Self { folder, owner: None })
            }
            _ => {
                let owner = identity.and_then(|identity| identity.foreign_owner());
                let parent = locked.location().folder();
                let folder = match open_in(parent, FOLDER)? {
                    Some(folder) => folder,
                    None => create(parent, owner)?,
                };
                check(&folder, &owners, Purpose::NextTo)?;
                Ok(Self { folder, owner })
            }
        }
    }
}

/// Creates the backup folder next to a file.
fn create(parent: &Arc<OpenFolder>, owner: Option<Owner>) -> Result<Arc<OpenFolder>, Error> {
    let path = || parent.path().join(FOLDER);
    match parent.create_in(FOLDER.as_ref(), owner) {
        Ok(Ok(folder)) => Ok(Arc::new(folder)),
        Ok(Err(found)) => Err(Error::new(path(), Reason::NotAFolder { found })),
        Err(error) => Err(Error::io(path(), Operation::CreateBackup, error)),
    }
}

/// A backup whose write isn't completed yet. Dropping it removes the backup, because its write was rejected.
pub(in crate::store) struct Taken {
    pub(in crate::store) entry: Entry,
    folder: Folder,
    wait: Duration,
    expired: Expired,
    is_settled: bool,
}

/// Returns the folder for backups next to a file.
pub(in crate::store) fn next_to(target: &Path) -> PathBuf {
    target.with_file_name(FOLDER)
}

/// Backs up the content that was read, for a write of content with the hash `after`.
pub(in crate::store) fn take(
    folder: Folder,
    locked: &Locked,
    after: Option<Digest>,
    record: &Record,
    keep: Option<usize>,
    durability: Durability,
) -> Result<Taken, Error> {
    let snapshot = locked.snapshot();
    let sha256 = Digest::of(snapshot.bytes());
    let time = now();
    let mut temporary = write(&folder, locked, durability)?;
    let wait = locked.wait();
    // Under the folder's lock, so that every backup that isn't in the list is from a killed run.
    let mut manifest = Manifest::open(&folder.folder, folder.owner, wait)?;
    let id = store_backup(&folder, locked, &mut temporary, time)?;
    let entry = Entry {
        path: snapshot.target().to_owned(),
        run: record.run,
        time,
        command: record.command.clone(),
        bytes: snapshot.bytes().len() as u64,
        sha256,
        sha256_after: after.unwrap_or(sha256),
        file: id.file(),
        keep,
        id,
    };
    let expired = manifest.expired_by(&entry);
    if let Err(error) = manifest.append(&entry, durability) {
        remove(&folder.folder, &entry.file);
        return Err(error);
    }
    drop(manifest);
    let taken = Taken { entry, folder, wait, expired, is_settled: false };
    if durability == Durability::Full {
        let folder = taken.folder();
        folder
            .flush()
            .and_then(|()| flush_created(folder))
            .map_err(|error| Error::io(folder.path(), Operation::WriteBackup, error))?;
    }
    log::debug!("{}: backed up as {}", taken.entry.path.display(), taken.entry.id);
    Ok(taken)
}

impl Drop for Taken {
    fn drop(&mut self) {
        if self.is_settled {
            return;
        }
        let listed = Manifest::open(&self.folder.folder, self.folder.owner, self.wait)
            .and_then(|manifest| manifest.remove(&self.entry.id));
        match listed {
            Ok(()) => remove(&self.folder.folder, &self.entry.file),
            Err(error) => log::debug!("{}: can't remove it from the list: {error}", self.entry.id),
        }
    }
}

impl Taken {
    /// Returns the path of the folder of the backup.
    pub(in crate::store) fn dir(&self) -> PathBuf {
        self.folder.folder.path().to_owned()
    }

    /// Returns the folder of the backup.
    pub(in crate::store) fn folder(&self) -> &Arc<OpenFolder> {
        &self.folder.folder
    }

    /// Keeps the backup, because its write is completed, and removes the backups that it made obsolete. The write
    /// remains valid if this fails.
    pub(in crate::store) fn settle(mut self) -> Entry {
        self.is_settled = true;
        for file in &self.expired.files {
            remove(&self.folder.folder, file);
        }
        if self.expired.clear {
            let cleared = Manifest::open(&self.folder.folder, self.folder.owner, self.wait)
                .and_then(Manifest::clear);
            match cleared {
                Ok(obsolete) => {
                    obsolete.iter().for_each(|entry| remove(&self.folder.folder, &entry.file));
                }
                Err(error) => log::debug!("can't remove obsolete lines: {error}"),
            }
        }
        self.entry.clone()
    }
}

/// Removes a backup file. A missing file, which a killed run already removed, is ignored.
pub(in crate::store) fn remove(folder: &OpenFolder, file: &str) {
    let removed = folder.remove(file.as_ref());
    log::debug!("{}: removed the backup: {removed:?}", folder.path().join(file).display());
}

/// Writes the backup file, and flushes it.
fn write(folder: &Folder, locked: &Locked, durability: Durability) -> Result<Temporary, Error> {
    let path = || folder.folder.path();
    let fail = |error| Error::io(path(), Operation::WriteBackup, error);
    let (temporary, mut file) = Temporary::create(&folder.folder, TEMPORARY.as_ref())
        .map_err(|error| Error::io(path(), Operation::CreateBackup, error))?;
    system::set_owner(&file, folder.owner).map_err(fail)?;
    file.write_all(locked.snapshot().bytes()).map_err(fail)?;
    if durability == Durability::Full {
        file.sync_all().map_err(fail)?;
    }
    Ok(temporary)
}

/// Renames a backup file to its final name, and returns its ID.
fn store_backup(
    folder: &Folder,
    locked: &Locked,
    temporary: &mut Temporary,
    time: Timestamp,
) -> Result<BackupId, Error> {
    let fail = |error| Error::io(folder.folder.path(), Operation::WriteBackup, error);
    let target = locked.location().name().to_string_lossy();
    let name = BackupId::short_name(&target);
    // The name appears in reports, so it contains no hash of the content, which would help to guess a PIN in it.
    loop {
        let text = format!("{name}.{}-{:04x}{:04x}", compact(time), random(), random());
        let id =
            BackupId::parse(&text).ok_or_else(|| fail(io::ErrorKind::InvalidFilename.into()))?;
        match temporary.rename_new(id.file().as_ref()) {
            Ok(()) => return Ok(id),
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {}
            Err(error) => return Err(fail(error)),
        }
    }
}
