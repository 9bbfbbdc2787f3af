use std::fs::{self, File};
use std::path::{Path, PathBuf};

use super::stage::Written;
use crate::store::system::Identity;
use crate::store::{BackupPolicy, Error, Kind, LockOptions, Locked, Record, RunId, lock};

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

/// Returns every name in the folder and in the backup folder, without the two files that always stay there.
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
fn write_stores_any_bytes_and_backs_up_the_old_ones() {
    let (folder, path) = file(b"\xff\xfeo\0l\0d\0");
    let bytes: Vec<u8> = (0..100_000).map(|index| (index * 7 % 256) as u8).collect();
    let written = replace(&locked(&path), &bytes).unwrap();
    assert_eq!(fs::read(&path).unwrap(), bytes);
    let file = format!("{}.bak", written.backup.unwrap());
    assert_eq!(fs::read(folder.path().join(".msipctl").join(&file)).unwrap(), b"\xff\xfeo\0l\0d\0");
    assert_eq!(names(folder.path()), ["a.ini".to_owned(), file]);
}

#[test]
fn write_changes_nothing_when_bytes_are_equal() {
    let (folder, path) = file(b"same");
    let before = Identity::at(&path).unwrap().unwrap();
    let written = replace(&locked(&path), b"same").unwrap();
    assert_eq!(written, Written { backup: None, changed: false });
    assert_eq!(Identity::at(&path).unwrap().unwrap(), before);
    assert_eq!(names(folder.path()), ["a.ini"]);
    assert!(!folder.path().join(".msipctl").exists());
}

#[test]
fn write_creates_a_missing_file() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("a.ini");
    let written = replace(&locked(&path), b"new").unwrap();
    assert_eq!((written.backup, written.changed), (None, true));
    assert_eq!(fs::read(&path).unwrap(), b"new");
    assert_eq!(names(folder.path()), ["a.ini"]);
}

#[test]
fn write_fails_when_the_file_appeared_meanwhile() {
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
    assert!(crate::store::Backups::next_to(&path).list().unwrap().is_empty());
}

#[test]
fn write_fails_when_the_file_changed_meanwhile() {
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
fn second_write_under_one_lock_fails() {
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
    fn write_keeps_owner_mode_and_extended_attributes() {
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

    /// Version 2, then entries of tag, permissions, and ID: owner rw, user 1234 r, group r, mask r, others -.
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
    fn write_keeps_the_acl_and_does_not_inherit_one() {
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
    fn write_keeps_a_mode_that_changed_meanwhile() {
        let (_folder, path) = file(b"old");
        let locked = locked(&path);
        set_mode(&path, 0o600);
        replace(&locked, b"new").unwrap();
        assert_eq!(fs::metadata(&path).unwrap().mode() & 0o777, 0o600);
    }

    #[test]
    fn write_through_a_link_keeps_the_link() {
        let (folder, path) = file(b"old");
        let link = folder.path().join("link.ini");
        symlink("a.ini", &link).unwrap();
        replace(&locked(&link), b"new").unwrap();
        assert!(link.is_symlink());
        assert_eq!(fs::read(&path).unwrap(), b"new");
    }

    #[test]
    fn snapshot_counts_hard_links() {
        let (folder, path) = file(b"old");
        fs::hard_link(&path, folder.path().join("b.ini")).unwrap();
        assert_eq!(locked(&path).snapshot().hard_links(), 2);
    }

    #[test]
    fn write_fails_on_a_read_only_file_even_as_root() {
        let (folder, path) = file(b"old");
        set_mode(&path, 0o444);
        let error = replace(&locked(&path), b"new").unwrap_err();
        assert_eq!(error.kind(), Kind::ReadOnly);
        assert_eq!(fs::read(&path).unwrap(), b"old");
        assert_eq!(names(folder.path()), ["a.ini"]);
    }

    #[test]
    fn lock_fails_when_the_folder_is_not_writable() {
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
    fn write_changes_nothing_when_the_backup_fails() {
        let (folder, path) = file(b"old");
        // A file in place of the folder stops the superuser as well.
        fs::write(folder.path().join(".msipctl"), "").unwrap();
        let error = replace(&locked(&path), b"new").unwrap_err();
        assert!(error.hint().unwrap().contains("--backup-dir"), "{error}");
        assert_eq!(fs::read(&path).unwrap(), b"old");
        assert_eq!(names(folder.path()), ["a.ini"]);
    }

    #[test]
    fn backup_is_removed_when_the_manifest_cannot_be_written() {
        let (folder, path) = file(b"old");
        fs::create_dir_all(folder.path().join(".msipctl/manifest.ndjson")).unwrap();
        replace(&locked(&path), b"new").unwrap_err();
        assert_eq!(fs::read(&path).unwrap(), b"old");
        assert_eq!(names(folder.path()), ["a.ini"]);
    }
}
