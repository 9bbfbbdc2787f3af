//! The store as its callers use it: many concurrent writers, each under the lock.

#![expect(
    clippy::disallowed_methods,
    clippy::unwrap_used,
    reason = "the test reads the disk without the store"
)]

use std::fs;
use std::path::Path;
use std::sync::Barrier;
use std::thread;

use msipctl_core::store::{self, BackupPolicy, Backups, LockOptions, Record, RunId, State};

fn names(folder: &Path) -> Vec<String> {
    let names = fs::read_dir(folder).unwrap();
    let mut names: Vec<_> =
        names.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
    names.sort();
    names
}

fn append(path: &Path, line: &str, policy: &BackupPolicy) {
    let locked = store::lock(path, &LockOptions::default()).unwrap();
    let mut bytes = locked.snapshot().bytes().to_vec();
    bytes.extend_from_slice(line.as_bytes());
    let record = Record { run: RunId::new(), command: format!("append {line}") };
    locked.replace(&bytes, &record, policy).unwrap();
}

#[test]
fn twenty_concurrent_writers_of_one_file_keep_all_lines() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("MicroSIP.ini");
    fs::write(&path, "").unwrap();
    let start = Barrier::new(20);
    thread::scope(|scope| {
        for number in 0..20 {
            let (path, start) = (&path, &start);
            scope.spawn(move || {
                start.wait();
                append(path, &format!("key{number:02}=1\r\n"), &BackupPolicy::default());
            });
        }
    });
    let text = fs::read_to_string(&path).unwrap();
    let mut lines: Vec<_> = text.split_terminator("\r\n").collect();
    lines.sort_unstable();
    let expected: Vec<_> = (0..20).map(|number| format!("key{number:02}=1")).collect();
    assert_eq!(lines, expected);
    assert_eq!(names(folder.path()), [".msipctl", "MicroSIP.ini"]);

    let backups = Backups::next_to(&path);
    assert_eq!(backups.list().unwrap().len(), 20);
    assert!(backups.verify().unwrap().iter().all(|verdict| verdict.state == State::Ok));
}

#[test]
fn concurrent_writers_of_equal_files_share_a_backup_folder() {
    let folder = tempfile::tempdir().unwrap();
    let shared = folder.path().join("backups");
    let policy = BackupPolicy::Keep { dir: Some(shared.clone()), keep: 2 };
    thread::scope(|scope| {
        for number in 0..20 {
            let path = folder.path().join(number.to_string()).join("MicroSIP.ini");
            fs::create_dir(path.parent().unwrap()).unwrap();
            fs::write(&path, "same\r\n").unwrap();
            let policy = &policy;
            scope.spawn(move || (0..3).for_each(|_| append(&path, "same\r\n", policy)));
        }
    });
    let backups = Backups::open(&shared);
    assert_eq!(backups.list().unwrap().len(), 40);
    let verdicts = backups.verify().unwrap();
    assert_eq!(verdicts.len(), 40);
    assert!(verdicts.iter().all(|verdict| verdict.state == State::Ok), "{verdicts:?}");
}
