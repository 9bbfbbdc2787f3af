#[cfg(unix)]
use std::ffi::OsString;
use std::fs;
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

use jiff::Timestamp;

use super::backups::Backups;
use super::entry::{BackupId, Entry};
use super::manifest::MANIFEST;
use super::policy::{BackupPolicy, KEEP, Record};
use super::verify::State;
use crate::store::{
    Digest, Error, Kind, LockOptions, Locked, RestoreOptions, RunId, Written, lock,
};

struct Case {
    _folder: tempfile::TempDir,
    path: PathBuf,
    backups: Backups,
}

impl Case {
    fn new(bytes: &str) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let path = dunce::canonicalize(folder.path()).unwrap().join("a.ini");
        fs::write(&path, bytes).unwrap();
        let backups = Backups::next_to(&path);
        Self { _folder: folder, path, backups }
    }

    fn write(&self, bytes: &str) -> (RunId, Option<BackupId>) {
        self.write_keeping(bytes, KEEP)
    }

    fn write_keeping(&self, bytes: &str, keep: usize) -> (RunId, Option<BackupId>) {
        let policy = BackupPolicy::Keep { dir: None, keep };
        let record = record();
        let written = self.locked().replace(bytes.as_bytes(), &record, &policy).unwrap();
        (record.run, written.backup)
    }

    fn locked(&self) -> Locked {
        lock(&self.path, &LockOptions::default()).unwrap()
    }

    fn restore(&self, entry: &Entry, force: bool) -> Result<Written, Error> {
        let options = RestoreOptions { force, ..RestoreOptions::default() };
        self.backups.restore(entry, &record(), &options)
    }

    fn text(&self) -> String {
        fs::read_to_string(&self.path).unwrap()
    }

    fn listed(&self) -> Vec<String> {
        let entries = self.backups.list().unwrap();
        let path = |entry: &Entry| self.backups.dir().join(&entry.file);
        entries.iter().map(|entry| fs::read_to_string(path(entry)).unwrap()).collect()
    }

    fn states(&self) -> Vec<State> {
        self.backups.verify().unwrap().iter().map(|verdict| verdict.state).collect()
    }

    fn manifest(&self) -> PathBuf {
        self.backups.dir().join(MANIFEST)
    }
}

fn record() -> Record {
    Record { run: RunId::new(), command: "set \"x\"\n\u{e9}".into() }
}

#[test]
fn backup_list_shows_path_run_and_command() {
    let case = Case::new("one");
    assert!(case.backups.list().unwrap().is_empty());
    let (run, id) = case.write("three");
    let entry = case.backups.list().unwrap().remove(0);
    assert_eq!(Some(entry.id), id);
    assert_eq!((entry.path, entry.run, entry.bytes), (case.path.clone(), run, 3));
    assert_eq!(entry.command, "set \"x\"\n\u{e9}");
    assert_eq!((entry.sha256, entry.sha256_after), (Digest::of(b"one"), Digest::of(b"three")));
}

#[test]
fn restore_by_id_backs_up_the_replaced_file() {
    let case = Case::new("one");
    let (_, id) = case.write("two");
    let id = id.unwrap();
    let entry = case.backups.by_id(id.as_str()).unwrap();
    let suffix = id.as_str().strip_prefix("a.ini.").unwrap();
    assert_eq!(case.backups.by_id(suffix).unwrap(), entry);
    assert_eq!(case.backups.by_id(&entry.file).unwrap(), entry);
    assert!(case.restore(&entry, false).unwrap().changed);
    assert_eq!(case.text(), "one");
    assert_eq!(case.listed(), ["one", "two"]);
    // Already restored: nothing is written.
    assert!(!case.restore(&entry, false).unwrap().changed);
    assert_eq!(case.backups.by_id("none").unwrap_err().kind(), Kind::BackupNotFound);
    assert_eq!(case.backups.by_id("").unwrap_err().kind(), Kind::BackupNotFound);
}

#[test]
fn restore_undoes_a_run_over_several_files() {
    let case = Case::new("one");
    let other = case.path.with_file_name("b.ini");
    fs::write(&other, "uno").unwrap();
    let record = record();
    for (path, bytes) in [(&case.path, "two"), (&other, "due"), (&case.path, "three")] {
        let locked = lock(path, &LockOptions::default()).unwrap();
        locked.replace(bytes.as_bytes(), &record, &BackupPolicy::default()).unwrap();
    }
    for entry in case.backups.by_run(&record.run).unwrap().iter().rev() {
        case.restore(entry, false).unwrap();
    }
    assert_eq!(case.text(), "one");
    assert_eq!(fs::read_to_string(&other).unwrap(), "uno");
    assert_eq!(case.backups.by_file(&other).unwrap().len(), 2);
}

#[test]
fn backup_lookup_finds_the_state_at_a_time() {
    let case = Case::new("one");
    let before = Timestamp::now();
    case.write("two");
    let between = Timestamp::now();
    case.write("three");
    let at = |time| case.backups.at(&case.path, time).unwrap().map(|entry| entry.sha256);
    assert_eq!(at(before), Some(Digest::of(b"one")));
    assert_eq!(at(between), Some(Digest::of(b"two")));
    assert_eq!(at(Timestamp::now()), None);
    assert_eq!(case.backups.at(&case.manifest(), before).unwrap(), None);
}

#[test]
fn restore_fails_when_the_file_changed_since_unless_forced() {
    let case = Case::new("one");
    case.write("two");
    fs::write(&case.path, "theirs").unwrap();
    let entry = case.backups.list().unwrap().remove(0);
    let error = case.restore(&entry, false).unwrap_err();
    assert_eq!(error.kind(), Kind::ChangedSince);
    assert_eq!((case.text(), case.listed().len()), ("theirs".to_owned(), 1));
    case.restore(&entry, true).unwrap();
    assert_eq!(case.text(), "one");
    assert_eq!(case.listed(), ["one", "theirs"]);
}

#[test]
fn restore_recreates_a_deleted_file() {
    let case = Case::new("one");
    case.write("two");
    fs::remove_file(&case.path).unwrap();
    let entry = case.backups.list().unwrap().remove(0);
    case.restore(&entry, false).unwrap();
    assert_eq!(case.text(), "one");
}

#[test]
fn manual_backup_is_restored_over_later_writes() {
    let case = Case::new("one");
    let entry = case.backups.create(&case.locked(), &record()).unwrap();
    assert_eq!(entry.sha256, entry.sha256_after);
    case.write("two");
    case.write("three");
    case.restore(&entry, false).unwrap();
    assert_eq!(case.text(), "one");
    fs::write(&case.path, "theirs").unwrap();
    assert_eq!(case.restore(&entry, false).unwrap_err().kind(), Kind::ChangedSince);
}

#[test]
fn backups_above_the_limit_are_pruned() {
    let case = Case::new("0");
    for number in 1..=200 {
        case.write_keeping(&number.to_string(), 3);
        let lines = fs::read_to_string(case.manifest()).unwrap().lines().count();
        assert!(lines <= 70, "{lines}");
    }
    assert_eq!(case.listed(), ["197", "198", "199"]);
    assert_eq!(case.states(), [State::Ok; 3]);
    let removed = case.backups.prune(1).unwrap().entries;
    assert!(removed.len() >= 2);
    assert_eq!(case.listed(), ["199"]);
    assert_eq!(fs::read_to_string(case.manifest()).unwrap().lines().count(), 1);
    assert_eq!(case.states(), [State::Ok]);
    assert!(case.backups.prune(1).unwrap().entries.is_empty());
}

#[test]
fn backup_limit_applies_per_file_in_a_shared_folder() {
    let case = Case::new("");
    let shared = case.path.with_file_name("shared");
    let policy = BackupPolicy::Keep { dir: Some(shared.clone()), keep: 2 };
    let paths = ["x", "y"].map(|name| case.path.with_file_name(name).join("a.ini"));
    for path in &paths {
        fs::create_dir(path.parent().unwrap()).unwrap();
        fs::write(path, "0").unwrap();
    }
    for number in 1..=4 {
        for path in &paths {
            let locked = lock(path, &LockOptions::default()).unwrap();
            locked.replace(number.to_string().as_bytes(), &record(), &policy).unwrap();
        }
    }
    let backups = Backups::open(&shared);
    assert_eq!(backups.list().unwrap().len(), 4);
    assert_eq!(backups.by_file(&paths[1]).unwrap().len(), 2);
    let verdicts = backups.verify().unwrap();
    assert!(verdicts.iter().all(|verdict| verdict.state == State::Ok), "{verdicts:?}");
}

#[test]
fn verify_and_prune_of_one_file_ignore_other_files() {
    let folder = tempfile::tempdir().unwrap();
    let paths = ["a.ini", "b.ini"].map(|name| folder.path().join(name));
    for path in &paths {
        fs::write(path, "0").unwrap();
        for bytes in ["1", "2", "3"] {
            let locked = lock(path, &LockOptions::default()).unwrap();
            let keep = BackupPolicy::Keep { dir: None, keep: 20 };
            locked.replace(bytes.as_bytes(), &record(), &keep).unwrap();
        }
    }
    let backups = Backups::next_to(&paths[0]);
    let count = |path: &Path| backups.by_file(path).unwrap().len();
    fs::write(backups.dir().join("a.ini.stray.bak"), "").unwrap();
    fs::write(backups.dir().join("b.ini.stray.bak"), "").unwrap();
    let files: Vec<_> = backups
        .verify_files([paths[0].as_path()])
        .unwrap()
        .into_iter()
        .map(|verdict| verdict.file)
        .collect();
    assert_eq!(files.len(), 4);
    assert!(files.iter().all(|file| file.starts_with("a.ini.")), "{files:?}");
    assert_eq!(backups.verify().unwrap().len(), 8);
    assert_eq!(backups.prune_files([paths[0].as_path()], 1).unwrap().entries.len(), 2);
    assert_eq!((count(&paths[0]), count(&paths[1])), (1, 3));
}

#[test]
fn pruned_backup_is_restored_when_the_write_fails() {
    let case = Case::new("one");
    case.write_keeping("two", 1);
    let locked = case.locked();
    fs::write(&case.path, "theirs").unwrap();
    let policy = BackupPolicy::Keep { dir: None, keep: 1 };
    locked.replace(b"three", &record(), &policy).unwrap_err();
    assert_eq!(case.listed(), ["one"]);
    assert_eq!(case.states(), [State::Ok]);
}

#[test]
fn truncated_manifest_line_is_skipped_and_removed() {
    let case = Case::new("one");
    case.write("two");
    let valid = fs::read_to_string(case.manifest()).unwrap();
    for truncated in ["{", "{\"schema_version\":1,", valid.trim_end()] {
        fs::write(case.manifest(), format!("{valid}{truncated}")).unwrap();
        assert_eq!(case.backups.list().unwrap().len(), 1);
    }
    case.write("three");
    assert_eq!(case.listed(), ["one", "two"]);
    let text = fs::read_to_string(case.manifest()).unwrap();
    assert!(text.starts_with(&valid) && text.ends_with('\n') && text.lines().count() == 2);
}

#[test]
fn unknown_manifest_lines_are_kept_and_unknown_fields_ignored() {
    let case = Case::new("one");
    case.write("two");
    let line = fs::read_to_string(case.manifest()).unwrap();
    let known = line.replacen('{', "{\"colour\":\"red\",", 1);
    let odd = "{\"schema_version\":9}\nnot json\n";
    fs::write(case.manifest(), format!("{odd}{known}")).unwrap();
    assert_eq!(case.listed(), ["one"]);
    case.write("three");
    case.backups.prune(1).unwrap();
    assert_eq!(case.listed(), ["two"]);
    assert!(fs::read_to_string(case.manifest()).unwrap().starts_with(odd));
}

#[test]
fn manifest_entry_outside_the_backup_folder_is_ignored() {
    let case = Case::new("one");
    case.write("two");
    let entry = case.backups.list().unwrap().remove(0);
    let line = fs::read_to_string(case.manifest()).unwrap();
    for file in ["../a.ini", "/etc/hostname", "", ".", "..", "manifest.ndjson", "x/y"] {
        fs::write(
            case.manifest(),
            line.replace(&format!("{:?}", entry.file), &format!("{file:?}")),
        )
        .unwrap();
        assert!(case.backups.list().unwrap().is_empty(), "{file}");
    }
}

#[test]
fn prune_removes_old_temporary_files() {
    let case = Case::new("one");
    case.write("two");
    for (name, age) in [(".msipctl-old", 7200), (".msipctl-new", 0)] {
        let file = fs::File::create(case.backups.dir().join(name)).unwrap();
        file.set_modified(SystemTime::now() - Duration::from_secs(age)).unwrap();
    }
    assert!(case.backups.prune(5).unwrap().entries.is_empty());
    let verdicts = case.backups.verify().unwrap();
    let files: Vec<_> = verdicts.iter().map(|verdict| verdict.file.as_str()).collect();
    assert_eq!(files[1..], [".msipctl-new"]);
}

#[test]
fn verify_reports_corrupt_missing_and_stray_backups() {
    let case = Case::new("one");
    for bytes in ["two", "three", "four"] {
        case.write(bytes);
    }
    let entries = case.backups.list().unwrap();
    let path = |index: usize| case.backups.dir().join(&entries[index].file);
    fs::write(path(0), "onf").unwrap();
    fs::remove_file(path(1)).unwrap();
    fs::write(case.backups.dir().join("stray"), "").unwrap();
    assert_eq!(case.states(), [State::WrongHash, State::Missing, State::Ok, State::Stray]);
    assert_eq!(case.restore(&entries[0], true).unwrap_err().kind(), Kind::BackupDamaged);
    assert_eq!(case.restore(&entries[1], true).unwrap_err().kind(), Kind::BackupNotFound);
    assert_eq!(case.text(), "four");
}

#[cfg(unix)]
#[test]
fn backup_of_a_non_unicode_path_is_listed_and_restored() {
    use std::os::unix::ffi::OsStringExt;

    let case = Case::new("");
    let name = OsString::from_vec(b"\xff\n.ini".to_vec());
    let path = case.path.with_file_name(name);
    if fs::write(&path, "one").is_err() {
        return; // This file system takes only text for names.
    }
    let policy = BackupPolicy::Keep { dir: None, keep: 1 };
    for bytes in ["two", "three"] {
        let locked = lock(&path, &LockOptions::default()).unwrap();
        locked.replace(bytes.as_bytes(), &record(), &policy).unwrap();
    }
    let entries = case.backups.by_file(&path).unwrap();
    assert_eq!(entries.len(), 1);
    case.restore(&entries[0], false).unwrap();
    assert_eq!(fs::read(&path).unwrap(), b"two");
}

#[cfg(unix)]
#[test]
fn restore_fails_when_backups_belong_to_another_user() {
    if !rustix::process::geteuid().is_root() {
        return; // Only the superuser can make such a folder.
    }
    let case = Case::new("one");
    case.write("two");
    let entry = case.backups.list().unwrap().remove(0);
    std::os::unix::fs::chown(case.backups.dir(), Some(1234), None).unwrap();
    assert_eq!(case.restore(&entry, true).unwrap_err().kind(), Kind::PermissionDenied);
    std::os::unix::fs::chown(&case.path, Some(1234), None).unwrap();
    case.restore(&entry, false).unwrap();
    assert_eq!(case.text(), "one");
}
