//! The one way a file is written: a whole new file beside it, flushed, then put in its place.
//!
//! Invariants: whoever opens the target at any instant reads the old bytes or the new ones, whole; every
//! return of an error before the rename leaves the old file and nothing else; what was not read is never
//! overwritten; nothing is put in its place before it and its backup are flushed.
//!
//! Many files may be flushed by one call, which [`put_together`] does: that is all in which a batch differs.

use std::ffi::{OsStr, OsString};
use std::fs::File;
use std::io::{self, Write};
use std::num::NonZero;
use std::path::PathBuf;
use std::sync::Arc;

use super::backup::{BackupPolicy, Folder, Record, Taken, take};
use super::digest::Digest;
use super::durability::Durability;
use super::entry::BackupId;
use super::error::{Doing, Error, Kind, Reason};
use super::journal::{Change, Journal};
use super::lock::{Locked, displaced, temporary_prefix};
use super::manifest::MANIFEST;
use super::names::{self, OtherName, Replacing};
use super::snapshot::Snapshot;
use super::system::{self, Flushes, Identity, OpenFolder};
use super::temporary::Temporary;

/// A file whose attributes change this often while it is replaced is not at rest.
const TRIES: usize = 3;

/// The most files that are put in their places together.
const TOGETHER: usize = 256;

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
    pub(super) const NOTHING: Self = Self { backup: None, changed: false };
}

/// A write that is made ready under its lock: the backup is taken, and the new file stands beside the old one. Dropping
/// it takes both back.
pub struct Staged {
    ready: Ready,
    locked: Locked,
}

/// The new file, and the backup it waits with.
struct Ready {
    temporary: Temporary,
    /// Closed in a batch, whose files would be too many.
    file: Option<File>,
    /// What the target was when the new file took its attributes over; `None` if it is yet to be made.
    identity: Option<Identity>,
    taken: Option<Taken>,
    after: Digest,
    /// The other names of the target, which get the new file as well.
    others: Vec<OtherName>,
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
            None => Ok(Written::NOTHING),
            Some(ready) => ready.put_and_flush(self, None),
        }
    }

    /// Removes the file, if it is still what was read, and flushes its folder.
    pub(super) fn remove(&self) -> Result<(), Error> {
        let (snapshot, location) = (self.snapshot(), self.location());
        let identity = snapshot.identity().ok_or_else(|| changed(snapshot))?;
        look_again(self, identity)?;
        let fail = |doing| move |error: io::Error| Error::io(snapshot.path(), doing, error);
        location.folder().remove(location.name()).map_err(fail(Doing::Remove))?;
        location.folder().flush().map_err(fail(Doing::FlushFolder))
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

/// Returns how many files may be staged at a time for [`put_together`], where `jobs` threads do so: each keeps its lock
/// open meanwhile.
pub fn most_together(jobs: NonZero<usize>) -> NonZero<usize> {
    let most = system::open_files() / 4 / jobs;
    NonZero::new(most.min(TOGETHER)).unwrap_or(NonZero::<usize>::MIN)
}

/// Puts staged files in their places: flushes all, notes them in the journal, puts each in its place, and flushes again. The
/// locks are held until the end. Returns what came of each, in their order.
///
/// On Linux a flush is one call for each file system; elsewhere it is one for each file.
///
/// # Errors
///
/// For each file as [`Locked::replace`]. If the first flush or the journal fails, all are as they were.
///
/// # Example
///
/// ```
/// use msipctl::store::{self, BackupPolicy, Durability, LockOptions, Record, RunId};
///
/// let folder = tempfile::tempdir()?;
/// let record = Record { run: RunId::new(), command: "set Settings.autoAnswer".into() };
/// let mut staged = Vec::new();
/// for name in ["a.ini", "b.ini"] {
///     std::fs::write(folder.path().join(name), "old")?;
///     let locked = store::lock(&folder.path().join(name), &LockOptions::default()).unwrap();
///     let policy = BackupPolicy::default();
///     staged.extend(locked.stage(b"new", &record, &policy, Durability::Batch).unwrap());
/// }
/// assert_eq!(std::fs::read(folder.path().join("a.ini"))?, b"old");
/// let written = store::put_together(staged, None);
/// assert!(written.iter().all(|written| written.as_ref().is_ok_and(|written| written.changed)));
/// assert_eq!(std::fs::read(folder.path().join("a.ini"))?, b"new");
/// # Ok::<(), std::io::Error>(())
/// ```
pub fn put_together(staged: Vec<Staged>, journal: Option<&Journal>) -> Vec<Result<Written, Error>> {
    let (mut before, mut after) = (Flushes::new(), Flushes::new());
    let add = |flushes: &mut Flushes, folder: &Arc<OpenFolder>, files: Vec<OsString>| {
        let known = flushes.entry(folder.path().to_owned());
        known.or_insert_with(|| (Arc::clone(folder), Vec::new())).1.extend(files);
    };
    let mut changes = Vec::new();
    for Staged { ready, locked } in &staged {
        let folder = locked.location().folder();
        add(&mut before, folder, vec![ready.temporary.name().to_owned()]);
        add(&mut after, folder, Vec::new());
        if let Some(taken) = &ready.taken {
            let files = vec![OsString::from(&taken.entry.file), OsString::from(MANIFEST)];
            add(&mut before, taken.folder(), files);
            if let Some(parent) = taken.folder().created_in() {
                add(&mut before, parent, Vec::new());
            }
        }
        changes.push(ready.change(locked.snapshot()));
    }
    let noted = match journal {
        None => Ok(()),
        Some(journal) => journal.note(&changes).and_then(|()| journal.flush()),
    };
    let failed = match noted {
        Err(error) => Some(error),
        Ok(()) => {
            let flushed = system::flush_together(&before);
            flushed.err().map(|error| Error::io(PathBuf::new(), Doing::Flush, error))
        }
    };
    if let Some(error) = failed {
        let errors =
            staged.iter().map(|it| Err(error.again(it.locked.snapshot().path()))).collect();
        // From the last to the first, so that each is the last line of its list.
        staged.into_iter().rev().for_each(drop);
        return errors;
    }
    let put = |Staged { ready, locked }: Staged| {
        let put = ready.put(&locked);
        put.map(|taken| (taken, locked))
    };
    let put: Vec<_> = staged.into_iter().map(put).collect();
    let flushed = match put.iter().any(Result::is_ok) {
        true => system::flush_together(&after),
        false => Ok(()),
    };
    let flushed = flushed.map_err(|error| Error::io(PathBuf::new(), Doing::FlushFolder, error));
    let settle = |(taken, locked): (Option<Taken>, Locked)| {
        let backup = taken.map(|taken| taken.settle().id);
        match &flushed {
            Ok(()) => Ok(Written { backup, changed: true }),
            Err(error) => Err(error.again(locked.snapshot().path())),
        }
    };
    put.into_iter().map(|put| put.and_then(settle)).collect()
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
    let others = names::lock_others(snapshot, locked.location())?;
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
    let (temporary, mut file) = Temporary::create(folder, &prefix).map_err(fail(Doing::Create))?;
    file.write_all(bytes).map_err(fail(Doing::Write))?;
    let identity = snapshot.identity();
    match &identity {
        Some(identity) => copy_attributes(locked, locked.source(), identity, &file)?,
        None => {
            let owner = folder.owner().map_err(fail(Doing::Create))?;
            let owner = owner.and_then(system::Owner::if_foreign);
            system::set_owner(&file, owner).map_err(fail(Doing::Create))?;
        }
    }
    let file = match durability {
        Durability::Full => {
            file.sync_all().map_err(fail(Doing::Flush))?;
            Some(file)
        }
        Durability::Batch => None,
    };
    Ok(Some(Ready { temporary, file, identity, taken, after, others }))
}

impl Ready {
    /// Tells of the write for the journal.
    fn change(&self, snapshot: &Snapshot) -> Change {
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
        flushed.map_err(|error| Error::io(snapshot.path(), Doing::FlushFolder, error))?;
        Ok(Written { backup, changed: true })
    }

    /// Renames the new file over the target, if that is still what was read.
    fn put(mut self, locked: &Locked) -> Result<Option<Taken>, Error> {
        let (snapshot, target) = (locked.snapshot(), locked.location().name());
        let fail = |error| Error::io(snapshot.path(), Doing::Rename, error);
        match self.identity {
            Some(identity) => {
                let identity = self.settle_attributes(locked, identity)?;
                drop(self.file.take());
                let put = |folder: &OpenFolder, file: &OsStr| {
                    system::put_in_place(folder, file, target, &identity, &displaced(target))
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
            None => self.temporary.place_new(target).map_err(|error| match error.kind() {
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
        let fail = |error| Error::io(snapshot.path(), Doing::Flush, error);
        for _ in 0..TRIES {
            let now = look_again(locked, identity)?;
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

/// Gives the new file the attributes of the target, which is `source` if that is still open.
fn copy_attributes(
    locked: &Locked,
    source: Option<&File>,
    identity: &Identity,
    file: &File,
) -> Result<(), Error> {
    let (snapshot, location) = (locked.snapshot(), locked.location());
    let opened;
    let source = match source {
        Some(source) => source,
        None => {
            let found = location.folder().open_file(location.name());
            opened = found.map_err(|error| match error.kind() {
                io::ErrorKind::NotFound => changed(snapshot),
                _ => Error::io(snapshot.path(), Doing::Open, error),
            })?;
            &opened
        }
    };
    system::copy_attributes(source, identity, file).map_err(|error| match error.source.kind() {
        io::ErrorKind::NotFound => changed(snapshot),
        _ => Error::new(
            snapshot.path(),
            Reason::Attribute { what: error.what, source: error.source },
        ),
    })
}

/// Returns what the target is now. An error if it holds other bytes than were read.
fn look_again(locked: &Locked, identity: Identity) -> Result<Identity, Error> {
    let (snapshot, location) = (locked.snapshot(), locked.location());
    if !snapshot.is_fresh()
        && matches!(location.folder().identity(location.name()), Ok(Ok(now)) if now == identity)
    {
        return Ok(identity);
    }
    log::debug!("{}: compared byte by byte", snapshot.target().display());
    match location.read(snapshot.path()) {
        Ok((now, _)) if now.bytes() == snapshot.bytes() => {
            now.identity().ok_or_else(|| changed(snapshot))
        }
        Ok(_) => Err(changed(snapshot)),
        Err(error) if matches!(error.kind(), Kind::NotFound | Kind::NotAFile | Kind::TooLarge) => {
            Err(changed(snapshot))
        }
        Err(error) => Err(error),
    }
}

fn changed(snapshot: &Snapshot) -> Error {
    Error::new(snapshot.path(), Reason::ChangedUnderneath)
}

#[cfg(test)]
mod tests {
    use std::fs;
    use std::path::{Path, PathBuf};

    use super::*;
    use crate::store::{LockOptions, RunId, lock};

    fn file(bytes: &[u8]) -> (tempfile::TempDir, PathBuf) {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a.ini");
        fs::write(&path, bytes).unwrap();
        (folder, path)
    }

    fn locked(path: &Path) -> Locked {
        lock(path, &LockOptions { create: true, ..LockOptions::default() }).unwrap()
    }

    fn record() -> Record {
        Record { run: RunId::new(), command: "test".into() }
    }

    fn replace(locked: &Locked, bytes: &[u8]) -> Result<Written, Error> {
        locked.replace(bytes, &record(), &BackupPolicy::default())
    }

    /// Every name in the folder and in the backup folder, the two files that stay there left out.
    fn names(folder: &Path) -> Vec<String> {
        let list = |folder: PathBuf| fs::read_dir(folder).into_iter().flatten();
        let names = list(folder.to_owned()).chain(list(folder.join(".msipctl")));
        let mut names: Vec<_> =
            names.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
        names.retain(|name| ![".msipctl", "lock", "manifest.ndjson"].contains(&name.as_str()));
        names.sort();
        names
    }

    #[test]
    fn writes_any_bytes_and_backs_up_the_ones_before() {
        let (folder, path) = file(b"\xff\xfeo\0l\0d\0");
        let bytes: Vec<u8> = (0..100_000).map(|index| (index * 7 % 256) as u8).collect();
        let written = replace(&locked(&path), &bytes).unwrap();
        assert_eq!(fs::read(&path).unwrap(), bytes);
        let file = format!("{}.bak", written.backup.unwrap());
        assert_eq!(
            fs::read(folder.path().join(".msipctl").join(&file)).unwrap(),
            b"\xff\xfeo\0l\0d\0"
        );
        assert_eq!(names(folder.path()), ["a.ini".to_owned(), file]);
    }

    #[test]
    fn touches_nothing_when_equal() {
        let (folder, path) = file(b"same");
        let before = Identity::at(&path).unwrap().unwrap();
        let written = replace(&locked(&path), b"same").unwrap();
        assert_eq!(written, Written { backup: None, changed: false });
        assert_eq!(Identity::at(&path).unwrap().unwrap(), before);
        assert_eq!(names(folder.path()), ["a.ini"]);
        assert!(!folder.path().join(".msipctl").exists());
    }

    #[test]
    fn makes_a_missing_file() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a.ini");
        let written = replace(&locked(&path), b"new").unwrap();
        assert_eq!((written.backup, written.changed), (None, true));
        assert_eq!(fs::read(&path).unwrap(), b"new");
        assert_eq!(names(folder.path()), ["a.ini"]);
    }

    #[test]
    fn never_overwrites_a_file_that_came_meanwhile() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a.ini");
        let locked = locked(&path);
        fs::write(&path, "theirs").unwrap();
        assert_eq!(replace(&locked, b"ours").unwrap_err().kind(), Kind::ChangedUnderneath);
        drop(locked);
        assert_eq!(fs::read(&path).unwrap(), b"theirs");
        assert_eq!(names(folder.path()), ["a.ini"]);
    }

    fn check_changed_underneath(change: impl Fn(&Path)) {
        let (folder, path) = file(b"read");
        let locked = locked(&path);
        change(&path);
        let theirs = fs::read(&path).ok();
        let error = replace(&locked, b"ours").unwrap_err();
        assert_eq!(error.kind(), Kind::ChangedUnderneath, "{error}");
        drop(locked);
        assert_eq!(fs::read(&path).ok(), theirs);
        let left: &[&str] = if theirs.is_some() { &["a.ini"] } else { &[] };
        assert_eq!(names(folder.path()), left);
        assert!(crate::store::Backups::beside(&path).list().unwrap().is_empty());
    }

    #[test]
    fn refuses_what_was_changed_underneath() {
        check_changed_underneath(|path| fs::write(path, "other length").unwrap());
        check_changed_underneath(|path| fs::write(path, "READ").unwrap());
        check_changed_underneath(|path| fs::remove_file(path).unwrap());
        check_changed_underneath(|path| {
            let time = fs::metadata(path).unwrap().modified().unwrap();
            fs::write(path, "READ").unwrap();
            File::options().write(true).open(path).unwrap().set_modified(time).unwrap();
        });
        check_changed_underneath(|path| {
            fs::write(path.with_file_name("b"), "other").unwrap();
            fs::rename(path.with_file_name("b"), path).unwrap();
        });
    }

    #[test]
    fn refuses_a_second_write_under_one_lock() {
        let (_folder, path) = file(b"read");
        let locked = locked(&path);
        replace(&locked, b"one").unwrap();
        assert_eq!(replace(&locked, b"two").unwrap_err().kind(), Kind::ChangedUnderneath);
        assert_eq!(fs::read(&path).unwrap(), b"one");
    }

    #[cfg(unix)]
    mod unix {
        use std::os::unix::fs::{MetadataExt, PermissionsExt, symlink};

        use rustix::fs::{XattrFlags, getxattr, setxattr};

        use super::*;

        fn root() -> bool {
            rustix::process::geteuid().is_root()
        }

        fn set_mode(path: &Path, mode: u32) {
            fs::set_permissions(path, fs::Permissions::from_mode(mode)).unwrap();
        }

        #[test]
        fn keeps_owner_mode_and_attributes() {
            let (folder, path) = file(b"old");
            if root() {
                std::os::unix::fs::chown(&path, Some(1234), Some(4321)).unwrap();
            }
            set_mode(&path, 0o640);
            let attribute = setxattr(&path, "user.msipctl", b"kept", XattrFlags::empty()).is_ok();
            let before = fs::metadata(&path).unwrap();
            replace(&locked(&path), b"new").unwrap();

            let after = fs::metadata(&path).unwrap();
            assert_ne!(after.ino(), before.ino());
            assert_eq!(
                (after.mode(), after.uid(), after.gid()),
                (before.mode(), before.uid(), before.gid())
            );
            if attribute {
                let mut value = [0; 16];
                let length = getxattr(&path, "user.msipctl", &mut value).unwrap();
                assert_eq!(&value[..length], b"kept");
            }
            let backups = folder.path().join(".msipctl");
            for entry in fs::read_dir(&backups).unwrap().map(Result::unwrap) {
                let metadata = entry.metadata().unwrap();
                assert_eq!(metadata.mode() & 0o777, 0o600);
                assert_eq!((metadata.uid(), metadata.gid()), (before.uid(), before.gid()));
            }
            let metadata = fs::metadata(&backups).unwrap();
            assert_eq!((metadata.mode() & 0o777, metadata.uid()), (0o700, before.uid()));
        }

        /// Version 2, then entries of tag, permissions and id: owner rw, user 1234 r, group r, mask r, others -.
        fn acl() -> Vec<u8> {
            let undefined = u32::MAX;
            let entries: [(u16, u16, u32); 5] = [
                (0x01, 6, undefined),
                (0x02, 4, 1234),
                (0x04, 4, undefined),
                (0x10, 4, undefined),
                (0x20, 0, undefined),
            ];
            let mut acl = 2_u32.to_le_bytes().to_vec();
            for (tag, permissions, id) in entries {
                acl.extend_from_slice(&tag.to_le_bytes());
                acl.extend_from_slice(&permissions.to_le_bytes());
                acl.extend_from_slice(&id.to_le_bytes());
            }
            acl
        }

        fn acl_of(path: &Path) -> Option<Vec<u8>> {
            let mut value = [0; 256];
            let length = getxattr(path, "system.posix_acl_access", &mut value).ok()?;
            Some(value[..length].to_vec())
        }

        #[test]
        fn keeps_an_acl_and_takes_none_from_the_folder() {
            let (folder, path) = file(b"old");
            let flags = XattrFlags::empty();
            if setxattr(&path, "system.posix_acl_access", &acl(), flags).is_err() {
                return; // This file system has no ACLs.
            }
            replace(&locked(&path), b"new").unwrap();
            assert_eq!(acl_of(&path), Some(acl()));
            assert_eq!(fs::metadata(&path).unwrap().mode() & 0o777, 0o640);

            let plain = folder.path().join("plain.ini");
            fs::write(&plain, "old").unwrap();
            set_mode(&plain, 0o644);
            setxattr(folder.path(), "system.posix_acl_default", &acl(), flags).unwrap();
            replace(&locked(&plain), b"new").unwrap();
            assert_eq!(acl_of(&plain), None);
            assert_eq!(fs::metadata(&plain).unwrap().mode() & 0o777, 0o644);
        }

        #[test]
        fn takes_over_a_mode_changed_meanwhile() {
            let (_folder, path) = file(b"old");
            let locked = locked(&path);
            set_mode(&path, 0o600);
            replace(&locked, b"new").unwrap();
            assert_eq!(fs::metadata(&path).unwrap().mode() & 0o777, 0o600);
        }

        #[test]
        fn leaves_a_link_a_link() {
            let (folder, path) = file(b"old");
            let link = folder.path().join("link.ini");
            symlink("a.ini", &link).unwrap();
            replace(&locked(&link), b"new").unwrap();
            assert!(link.is_symlink());
            assert_eq!(fs::read(&path).unwrap(), b"new");
        }

        #[test]
        fn tells_of_hard_links() {
            let (folder, path) = file(b"old");
            fs::hard_link(&path, folder.path().join("b.ini")).unwrap();
            assert_eq!(locked(&path).snapshot().hard_links(), 2);
        }

        #[test]
        fn refuses_a_read_only_file_even_as_root() {
            let (folder, path) = file(b"old");
            set_mode(&path, 0o444);
            let error = replace(&locked(&path), b"new").unwrap_err();
            assert_eq!(error.kind(), Kind::ReadOnly);
            assert_eq!(fs::read(&path).unwrap(), b"old");
            assert_eq!(names(folder.path()), ["a.ini"]);
        }

        #[test]
        fn refuses_a_folder_that_cannot_be_written() {
            let (folder, path) = file(b"old");
            set_mode(folder.path(), 0o500);
            let result = lock(&path, &LockOptions::default());
            set_mode(folder.path(), 0o700);
            if root() {
                return; // Mode bits do not bind the superuser.
            }
            let error = result.unwrap_err();
            assert_eq!(error.kind(), Kind::PermissionDenied);
            assert_eq!(names(folder.path()), ["a.ini"]);
        }

        #[test]
        fn writes_nothing_when_the_backup_fails() {
            let (folder, path) = file(b"old");
            // A file where the folder should be binds the superuser as well.
            fs::write(folder.path().join(".msipctl"), "").unwrap();
            let error = replace(&locked(&path), b"new").unwrap_err();
            assert!(error.hint().unwrap().contains("--backup-dir"), "{error}");
            assert_eq!(fs::read(&path).unwrap(), b"old");
            assert_eq!(names(folder.path()), ["a.ini"]);
        }

        #[test]
        fn leaves_no_backup_when_it_cannot_be_listed() {
            let (folder, path) = file(b"old");
            fs::create_dir_all(folder.path().join(".msipctl/manifest.ndjson")).unwrap();
            replace(&locked(&path), b"new").unwrap_err();
            assert_eq!(fs::read(&path).unwrap(), b"old");
            assert_eq!(names(folder.path()), ["a.ini"]);
        }
    }
}
