//! The one way a file is written: a whole new file beside it, flushed, then put in its place.
//!
//! Invariants: whoever opens the target at any instant reads the old bytes or the new ones, whole; every
//! return of an error before the rename leaves the old file and nothing else; what was not read is never
//! overwritten.

use std::io::{self, Write};
use std::path::Path;

use super::backup::{BackupPolicy, Folder, Record, beside, take};
use super::digest::Digest;
use super::entry::BackupId;
use super::error::{Doing, Error, Kind, Reason};
use super::lock::{Locked, displaced, temporary_prefix};
use super::snapshot::{Snapshot, read_resolved};
use super::system::{self, Identity};

/// A file whose attributes change this often while it is replaced is not at rest.
const TRIES: usize = 3;

/// What [`Locked::replace`] did.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Written {
    /// The backup of the bytes before; `None` if none was asked for, or there was nothing to back up.
    pub backup: Option<BackupId>,
    /// Whether the file was written; `false` if it had these bytes already.
    pub changed: bool,
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
        let snapshot = self.snapshot();
        if snapshot.bytes() == bytes {
            return Ok(Written { backup: None, changed: false });
        }
        if snapshot.identity().is_some_and(|identity| identity.read_only()) {
            return Err(Error::new(snapshot.path(), Reason::ReadOnly));
        }
        let taken = match backup {
            BackupPolicy::Keep { dir, keep } if snapshot.exists() => {
                let dir = dir.clone().unwrap_or_else(|| beside(snapshot.target()));
                let after = Some(Digest::of(bytes));
                Some(take(Folder::new(dir, self), self, after, record, Some(*keep))?)
            }
            _ => None,
        };
        let folder = snapshot.target().parent().unwrap_or(snapshot.target());
        if let Err(error) = swap(snapshot, folder, bytes) {
            if let Some(taken) = taken {
                taken.undo();
            }
            return Err(error);
        }
        let flushed = system::flush_folder(folder);
        let backup = taken.map(super::backup::Taken::settle);
        flushed.map_err(|error| Error::io(snapshot.path(), Doing::FlushFolder, error))?;
        log::debug!("{}: wrote {} bytes", snapshot.target().display(), bytes.len());
        Ok(Written { backup, changed: true })
    }
}

/// Writes the new file and renames it over the target. The temporary file goes with any error.
fn swap(snapshot: &Snapshot, folder: &Path, bytes: &[u8]) -> Result<(), Error> {
    let fail = |doing| move |error: io::Error| Error::io(snapshot.path(), doing, error);
    let target = snapshot.target();
    let mut file = tempfile::Builder::new()
        .prefix(&temporary_prefix(target))
        .tempfile_in(folder)
        .map_err(fail(Doing::Create))?;
    file.write_all(bytes).map_err(fail(Doing::Write))?;
    match snapshot.identity() {
        Some(identity) => {
            settle_attributes(snapshot, identity, file.as_file())?;
            system::put_in_place(file, target, &identity, &displaced(target))
                .map_err(fail(Doing::Rename))?;
        }
        None => {
            let owner = system::folder_owner(folder).map_err(fail(Doing::Create))?;
            system::set_owner(file.as_file(), owner).map_err(fail(Doing::Create))?;
            file.as_file().sync_all().map_err(fail(Doing::Flush))?;
            file.persist_noclobber(target).map_err(|error| match error.error.kind() {
                io::ErrorKind::AlreadyExists => changed(snapshot),
                _ => fail(Doing::Rename)(error.error),
            })?;
        }
    }
    Ok(())
}

/// Gives the new file the attributes of the target, flushes it, and checks that the target is still what was
/// read. If only attributes changed meanwhile, they are taken over once more.
fn settle_attributes(
    snapshot: &Snapshot,
    mut identity: Identity,
    file: &std::fs::File,
) -> Result<(), Error> {
    for _ in 0..TRIES {
        system::copy_attributes(snapshot.target(), &identity, file).map_err(|error| match error
            .source
            .kind()
        {
            io::ErrorKind::NotFound => changed(snapshot),
            _ => Error::new(
                snapshot.path(),
                Reason::Attribute { what: error.what, source: error.source },
            ),
        })?;
        file.sync_all().map_err(|error| Error::io(snapshot.path(), Doing::Flush, error))?;
        let now = look_again(snapshot, identity)?;
        if now == identity {
            return Ok(());
        }
        if now.read_only() {
            return Err(Error::new(snapshot.path(), Reason::ReadOnly));
        }
        identity = now;
    }
    Err(changed(snapshot))
}

/// Returns what the target is now. An error if it holds other bytes than were read.
fn look_again(snapshot: &Snapshot, identity: Identity) -> Result<Identity, Error> {
    if !snapshot.is_fresh()
        && matches!(Identity::at(snapshot.target()), Ok(Ok(now)) if now == identity)
    {
        return Ok(identity);
    }
    log::debug!("{}: compared byte by byte", snapshot.target().display());
    match read_resolved(snapshot.path(), snapshot.target().to_owned()) {
        Ok(now) if now.bytes() == snapshot.bytes() => {
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
    use std::path::PathBuf;

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
            fs::File::options().write(true).open(path).unwrap().set_modified(time).unwrap();
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
