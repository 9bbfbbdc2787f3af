//! One backup: the bytes as they were read, under a name of their own, listed before anything is written.
//!
//! Invariant: when [`take`] returns with [`Durability::Full`], file and line are on disk. Whatever stops it before that
//! leaves at most a file that is not listed, never a line without its file. A backup for a write that was then
//! refused is taken back, so the list tells only what happened.

use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::time::Duration;

use jiff::Timestamp;
use tempfile::NamedTempFile;

use super::digest::Digest;
use super::durability::Durability;
use super::entry::{BackupId, Entry};
use super::error::{Doing, Error};
use super::lock::Locked;
use super::manifest::{Expired, Manifest, TEMPORARY};
use super::run::{RunId, compact, random};
use super::system::{self, Owner};

/// The folder for backups that stands beside a file.
pub(super) const FOLDER: &str = ".msipctl";

/// How many backups of a file are kept unless told otherwise.
pub(super) const KEEP: usize = 20;

/// Longer file names are cut in the names of their backups, so that these stay within 255 bytes.
const NAME: usize = 180;

/// What is written into the list of backups about a run.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Record {
    /// The run that writes; several files may be written by one.
    pub run: RunId,
    /// What the user asked for. It is stored as it is: the caller takes secrets out.
    pub command: String,
}

/// Whether and where a write is backed up.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum BackupPolicy {
    /// No backup: what was in the file is gone.
    None,
    /// A backup before the write.
    Keep {
        /// The folder for it; without one, `.msipctl` beside the file. Made if missing, for the owner only.
        dir: Option<PathBuf>,
        /// How many backups of the file are kept, this one counted.
        keep: usize,
    },
}

/// Keeps 20 beside the file.
impl Default for BackupPolicy {
    fn default() -> Self {
        Self::Keep { dir: None, keep: KEEP }
    }
}

impl BackupPolicy {
    /// Returns the folder for backups, where that is not beside each file.
    pub fn dir(&self) -> Option<&Path> {
        match self {
            Self::None => None,
            Self::Keep { dir, .. } => dir.as_deref(),
        }
    }
}

/// A backup folder, and whose its files are to be.
pub(super) struct Folder {
    path: PathBuf,
    owner: Option<Owner>,
}

impl Folder {
    /// The folder at `path`. If that is the one beside the file, it goes to the owner of the file; a folder
    /// for the files of several owners stays with whoever made it.
    pub(super) fn new(path: PathBuf, locked: &Locked) -> Self {
        let beside = path == beside(locked.snapshot().target());
        let identity = locked.snapshot().identity().filter(|_| beside);
        Self { path, owner: identity.and_then(|identity| identity.foreign_owner()) }
    }
}

/// A backup that was taken, as long as the write it is for is not done. Dropping it takes the backup back, since its
/// write was refused.
pub(super) struct Taken {
    pub(super) entry: Entry,
    folder: Folder,
    wait: Duration,
    expired: Expired,
    is_settled: bool,
}

/// Returns the folder for backups beside a file.
pub(super) fn beside(target: &Path) -> PathBuf {
    target.with_file_name(FOLDER)
}

/// Backs up the bytes that were read, for a write of bytes with the hash `after`.
pub(super) fn take(
    folder: Folder,
    locked: &Locked,
    after: Option<Digest>,
    record: &Record,
    keep: Option<usize>,
    durability: Durability,
) -> Result<Taken, Error> {
    let snapshot = locked.snapshot();
    let sha256 = Digest::of(snapshot.bytes());
    let time = Timestamp::now();
    let file = write(&folder, locked, time, durability)?;
    let entry = Entry {
        id: BackupId::new(file.strip_suffix(".bak").unwrap_or(&file).to_owned()),
        path: snapshot.target().to_owned(),
        run: record.run,
        time,
        command: record.command.clone(),
        bytes: snapshot.bytes().len() as u64,
        sha256,
        sha256_after: after.unwrap_or(sha256),
        file,
        keep,
    };
    let wait = locked.wait();
    let listed = Manifest::open(&folder.path, folder.owner, wait).and_then(|mut manifest| {
        let expired = manifest.expired_by(&entry);
        manifest.append(&entry, durability).map(|()| expired)
    });
    let expired = listed.inspect_err(|_| remove(&folder.path, &entry.file))?;
    let taken = Taken { entry, folder, wait, expired, is_settled: false };
    if durability == Durability::Full {
        system::flush_folder(&taken.folder.path)
            .map_err(|error| Error::io(&taken.folder.path, Doing::WriteBackup, error))?;
    }
    log::debug!("{}: backed up as {}", taken.entry.path.display(), taken.entry.id);
    Ok(taken)
}

impl Drop for Taken {
    fn drop(&mut self) {
        if self.is_settled {
            return;
        }
        let listed = Manifest::open(&self.folder.path, self.folder.owner, self.wait)
            .and_then(|manifest| manifest.remove(&self.entry.id));
        match listed {
            Ok(()) => remove(&self.folder.path, &self.entry.file),
            Err(error) => log::debug!("{}: stays listed: {error}", self.entry.id),
        }
    }
}

impl Taken {
    /// Returns the folder of the backup.
    pub(super) fn dir(&self) -> &Path {
        &self.folder.path
    }

    /// Keeps the backup, whose write is done, and removes what it made obsolete. The write stands whatever happens here.
    pub(super) fn settle(mut self) -> Entry {
        self.is_settled = true;
        for file in &self.expired.files {
            remove(&self.folder.path, file);
        }
        if self.expired.clear {
            let cleared = Manifest::open(&self.folder.path, self.folder.owner, self.wait)
                .and_then(Manifest::clear);
            match cleared {
                Ok(dead) => dead.iter().for_each(|entry| remove(&self.folder.path, &entry.file)),
                Err(error) => log::debug!("dead lines stay: {error}"),
            }
        }
        self.entry.clone()
    }
}

/// Removes a backup's file. One that is gone already, by a run that was killed halfway, is no matter.
pub(super) fn remove(folder: &Path, file: &str) {
    let removed = fs::remove_file(folder.join(file));
    log::debug!("{}: backup removed: {removed:?}", folder.join(file).display());
}

/// Writes the backup's file, and flushes it; returns its name.
fn write(
    folder: &Folder,
    locked: &Locked,
    time: Timestamp,
    durability: Durability,
) -> Result<String, Error> {
    let fail = |error| Error::io(&folder.path, Doing::WriteBackup, error);
    let mut file = create(folder)?;
    system::set_owner(file.as_file(), folder.owner).map_err(fail)?;
    file.write_all(locked.snapshot().bytes()).map_err(fail)?;
    if durability == Durability::Full {
        file.as_file().sync_all().map_err(fail)?;
    }
    let target = locked.snapshot().target().file_name().unwrap_or_default().to_string_lossy();
    let stem =
        (0..=NAME).rev().find_map(|end| target.get(..end.min(target.len()))).unwrap_or_default();
    // The name is in reports, so it holds no hash of the bytes, which would help to guess a PIN in them.
    loop {
        let name = format!("{stem}.{}-{:04x}{:04x}.bak", compact(time), random(), random());
        match file.persist_noclobber(folder.path.join(&name)) {
            Ok(_) => return Ok(name),
            Err(error) if error.error.kind() == std::io::ErrorKind::AlreadyExists => {
                file = error.file;
            }
            Err(error) => return Err(fail(error.error)),
        }
    }
}

fn create(folder: &Folder) -> Result<NamedTempFile, Error> {
    let fail = |error| Error::io(&folder.path, Doing::CreateBackup, error);
    let make = || tempfile::Builder::new().prefix(TEMPORARY).tempfile_in(&folder.path);
    match make() {
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => {
            system::create_private_folder(&folder.path, folder.owner).map_err(fail)?;
            log::debug!("{}: made", folder.path.display());
            make().map_err(fail)
        }
        other => other.map_err(fail),
    }
}
