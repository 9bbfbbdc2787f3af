//! Backups and journals as an interrupted run, a concurrent program, or an attacker may leave them: they must not cause
//! other changes.

use std::fs;
use std::path::{Path, PathBuf};

use serde_json::{Value, json};

use crate::runner::{Folder, RUNS};

const OLD: &str = "[Settings]\r\nAA=0\r\n";
const NEW: &str = "[Settings]\r\nAA=1\r\n";
const THEIRS: &str = "[Settings]\r\nAA=7\r\n";

/// More than msipctl reads from a list or a journal.
const TOO_LONG: u64 = 256 * 1024 * 1024 + 1;

/// Edits three files in one run; returns the folder and the ID of the run.
fn fleet() -> (Folder, String) {
    let folder = Folder::new();
    for name in ["a", "b", "c"] {
        fs::create_dir(folder.file(name)).unwrap();
        folder.write(&format!("{name}/MicroSIP.ini"), OLD);
    }
    folder.write("important", "important");
    let set = ["set", "Settings.AA=1", "-i", "a", "-i", "b", "-i", "c", "--format", "json"];
    let run = folder.run(&set).code(0).json()["run"].as_str().unwrap().to_owned();
    (folder, run)
}

fn journal(folder: &Folder, run: &str) -> PathBuf {
    folder.file(RUNS).join(format!("{run}.ndjson"))
}

/// Modifies the lines of a journal that record changes.
fn tamper(folder: &Folder, run: &str, change: impl Fn(&mut Value)) {
    let path = journal(folder, run);
    let text = fs::read_to_string(&path).unwrap();
    let lines = text.lines().map(|line| {
        let mut line: Value = serde_json::from_str(line).unwrap();
        if line["line"] == "changed" {
            change(&mut line);
        }
        format!("{line}\n")
    });
    fs::write(path, lines.collect::<String>()).unwrap();
}

/// Checks that undoing a run fails, forced or not, and changes no file.
fn assert_not_undone(folder: &Folder, run: &str, expected: &str) {
    for force in [&[][..], &["--force"]] {
        let before = files(folder);
        let undo = folder.run(&[&["backup", "restore", "--run", run], force].concat());
        assert!(undo.err().contains(expected), "{force:?}: {}", undo.err());
        assert_eq!(files(folder), before, "{force:?}");
    }
}

/// Returns the files that aren't backups or journals.
fn files(folder: &Folder) -> Vec<(PathBuf, Vec<u8>)> {
    let is_own = |path: &Path| {
        path.components().any(|part| part.as_os_str() == ".msipctl" || part.as_os_str() == RUNS)
    };
    let mut files = folder.files_below("");
    files.retain(|(path, _)| !is_own(path));
    files
}

#[test]
fn journal_with_an_invalid_backup_name_restores_nothing() {
    for name in ["../../important", "important", "", "x", "manifest.ndjson"] {
        let (folder, run) = fleet();
        tamper(&folder, &run, |line| line["backup"] = json!(name));
        assert_not_undone(&folder, &run, "the run wrote the file without a backup");
    }
}

#[test]
fn file_with_a_backup_is_not_removed_when_the_journal_is_forged() {
    let (folder, run) = fleet();
    tamper(&folder, &run, |line| line["before"] = Value::Null);
    assert_not_undone(&folder, &run, "can't remove the file: the run made backup");
}

#[test]
fn file_that_the_run_did_not_write_is_not_removed() {
    let (folder, run) = fleet();
    let important = fs::canonicalize(folder.path()).unwrap().join("important");
    tamper(&folder, &run, |line| {
        line["path"] = json!(important);
        line["target"] = json!(important);
        line["before"] = Value::Null;
    });
    let undo = folder.run(&["backup", "restore", "--run", &run]);
    assert!(undo.err().contains("the file was changed after the run created it"), "{}", undo.err());
    assert_eq!(folder.read("important"), b"important");
}

#[test]
fn backups_in_a_forged_backup_folder_are_not_used() {
    let (folder, run) = fleet();
    let dir = folder.file("invented");
    tamper(&folder, &run, |line| line["backup_dir"] = json!(dir));
    assert_not_undone(&folder, &run, "backup not found");
    assert!(!dir.exists());
}

#[cfg(unix)]
#[test]
fn file_is_not_restored_when_the_link_has_another_target() {
    let (folder, run) = fleet();
    let root = fs::canonicalize(folder.path()).unwrap();
    folder.write("other.ini", NEW);
    std::os::unix::fs::symlink("a/MicroSIP.ini", folder.file("link.ini")).unwrap();
    tamper(&folder, &run, |line| {
        line["path"] = json!(root.join("link.ini"));
        line["target"] = json!(root.join("other.ini"));
    });
    for force in [&[][..], &["--force"]] {
        let undo = folder.run(&[&["backup", "restore", "--run", &run], force].concat());
        assert!(undo.err().contains("no longer leads to"), "{}", undo.err());
        assert_eq!(folder.read("other.ini"), NEW.as_bytes());
    }
}

#[cfg(unix)]
#[test]
fn target_that_became_a_link_is_not_restored() {
    let (folder, run) = fleet();
    folder.write("other.ini", NEW);
    fs::remove_file(folder.file("a/MicroSIP.ini")).unwrap();
    std::os::unix::fs::symlink("../other.ini", folder.file("a/MicroSIP.ini")).unwrap();
    let undo = folder.run(&["backup", "restore", "--run", &run, "--force"]);
    assert!(undo.err().contains("not a file: it's a symbolic link"), "{}", undo.err());
    assert_eq!(folder.read("other.ini"), NEW.as_bytes());
    assert_eq!(folder.read("b/MicroSIP.ini"), OLD.as_bytes());
}

#[test]
fn journal_copied_to_another_run_id_is_rejected() {
    let (folder, run) = fleet();
    let other = "20261123T034501Z-9f3c";
    fs::copy(journal(&folder, &run), journal(&folder, other)).unwrap();
    let undo = folder.run(&["backup", "restore", "--run", other]).code(2);
    assert!(undo.err().contains("no backups of run") || undo.err().contains("select the files"));
    assert_eq!(folder.read("a/MicroSIP.ini"), NEW.as_bytes());
}

/// Puts each kind of file that isn't a list at a path, and checks how msipctl describes it.
fn plant_each(path: &Path, check: impl Fn(&str)) {
    let remove = || {
        drop(fs::remove_file(path));
        drop(fs::remove_dir(path));
    };
    remove();
    fs::create_dir(path).unwrap();
    check("not a list that msipctl wrote: it's a folder");
    remove();
    fs::File::create(path).unwrap().set_len(TOO_LONG).unwrap();
    check("bytes: expected at most");
    remove();
    #[cfg(unix)]
    {
        use rustix::fs::{CWD, FileType, Mode, mknodat};

        mknodat(CWD, path, FileType::Fifo, Mode::RUSR | Mode::WUSR, 0).unwrap();
        check("not a list that msipctl wrote: it's a pipe");
        remove();
        std::os::unix::fs::symlink("elsewhere", path).unwrap();
        check("not a list that msipctl wrote: it's a symbolic link");
        remove();
    }
}

#[test]
fn manifest_that_is_not_a_plain_file_is_an_error() {
    let folder = Folder::with(OLD);
    folder.on_ini(&["set", "Settings.AA=1"]).code(0);
    plant_each(&folder.file(".msipctl/manifest.ndjson"), |expected| {
        let commands: [&[&str]; 6] = [
            &["backup", "list"],
            &["backup", "restore"],
            &["backup", "verify"],
            &["backup", "prune"],
            &["backup", "create"],
            &["set", "Settings.AA=0"],
        ];
        for command in commands {
            let run = folder.on_ini(command).code(2);
            assert!(run.err().contains(expected), "{command:?}: {}", run.err());
            assert!(run.err().contains("manifest.ndjson"), "{command:?}: {}", run.err());
        }
        assert_eq!(folder.ini(), NEW.as_bytes(), "{expected}");
        assert_eq!(folder.names(), [".msipctl/", "MicroSIP.ini"], "{expected}");
    });
}

#[test]
fn journal_that_is_not_a_plain_file_is_an_error() {
    let (folder, run) = fleet();
    plant_each(&journal(&folder, &run), |expected| {
        let commands: [&[&str]; 3] = [
            &["backup", "list", "--runs"],
            &["backup", "restore", "--run", &run],
            &["apply", "--resume", &run],
        ];
        for command in commands {
            let rejected = folder.run(command).code(2);
            assert!(rejected.err().contains(expected), "{command:?}: {}", rejected.err());
        }
    });
}

#[cfg(unix)]
#[test]
fn backup_folder_that_is_a_link_or_a_file_is_rejected() {
    let folder = Folder::with(OLD);
    fs::create_dir(folder.file("elsewhere")).unwrap();
    std::os::unix::fs::symlink("elsewhere", folder.file(".msipctl")).unwrap();
    let rejected = folder.on_ini(&["set", "Settings.AA=1"]).code(2);
    assert!(rejected.err().contains("not a folder: it's a symbolic link"), "{}", rejected.err());
    assert_eq!(fs::read_dir(folder.file("elsewhere")).unwrap().count(), 0);
    fs::remove_file(folder.file(".msipctl")).unwrap();
    folder.write(".msipctl", "");
    let rejected = folder.on_ini(&["backup", "list"]).code(2);
    assert!(rejected.err().contains("not a folder: it's a file"), "{}", rejected.err());
    assert_eq!(folder.ini(), OLD.as_bytes());
}

/// Leaves the file like a run that was killed between its backup and its write: the backup is in the list, and the file
/// has the old content.
fn interrupted() -> Folder {
    let folder = Folder::with(OLD);
    folder.on_ini(&["set", "Settings.AA=1"]).code(0);
    folder.on_ini(&["set", "Settings.AA=0"]).code(0);
    folder.write("MicroSIP.ini", NEW);
    folder
}

#[test]
fn restore_skips_backups_of_interrupted_writes() {
    let folder = interrupted();
    let list = folder.on_ini(&["backup", "list", "--format", "json"]).code(0).json();
    let states = |list: &Value| {
        let backups = list["backups"].as_array().unwrap().iter();
        backups.map(|it| it["state"].as_str().unwrap().to_owned()).collect::<Vec<_>>()
    };
    assert_eq!(states(&list), ["written", "interrupted"]);
    let human = folder.on_ini(&["backup", "list"]).code(0);
    assert!(human.out().contains("interrupted before the write: set"), "{}", human.out());
    let run = list["backups"][1]["run"].as_str().unwrap();
    let restore = folder.on_ini(&["backup", "restore", "--run", run]).code(2);
    assert!(restore.err().contains("interrupted before it wrote"), "{}", restore.err());
    folder.on_ini(&["backup", "restore"]).code(0);
    assert_eq!(folder.ini(), OLD.as_bytes());
    // Restoring twice is the same as restoring once.
    folder.on_ini(&["backup", "restore"]).code(0);
    assert_eq!(folder.ini(), OLD.as_bytes());
    let list = folder.on_ini(&["backup", "list", "--format", "json"]).code(0).json();
    assert_eq!(states(&list), ["written", "interrupted", "written"]);
}

#[test]
fn write_counts_as_written_when_another_program_changed_the_file() {
    let folder = interrupted();
    folder.write("MicroSIP.ini", THEIRS);
    let list = folder.on_ini(&["backup", "list", "--format", "json"]).code(0).json();
    assert_eq!(list["backups"][1]["state"], "written");
    folder.on_ini(&["backup", "create"]).code(0);
    let list = folder.on_ini(&["backup", "list", "--format", "json"]).code(0).json();
    assert_eq!(list["backups"][2]["state"], "copied");
}

#[test]
fn stray_files_are_reported_by_verify_and_removed_by_prune() {
    let folder = Folder::with(OLD);
    let strays = [
        ".MicroSIP.ini.msipctl-lock",
        ".MicroSIP.ini.msipctl-Xy12zZ",
        ".msipctl/MicroSIP.ini.20261123T090102Z-9f3c01d2.bak",
    ];
    let others = [
        ".Other.ini.msipctl-Xy12zZ",
        ".msipctl/Other.ini.20261123T090102Z-9f3c01d2.bak",
        ".msipctl/notes.bak",
    ];
    // Also if the very first run was killed, and there is no list yet.
    for is_listed in [false, true] {
        if is_listed {
            folder.on_ini(&["set", "Settings.AA=1"]).code(0);
        }
        fs::create_dir_all(folder.file(".msipctl")).unwrap();
        strays.iter().chain(&others).for_each(|name| folder.write(name, "x"));
        let text = |args| String::from_utf8(folder.on_ini(args).code(0).everything()).unwrap();
        let (verify, prune) = (text(&["backup", "verify"]), text(&["backup", "prune"]));
        for name in strays.iter().filter(|name| cfg!(unix) || !name.ends_with("lock")) {
            let file = Path::new(name).file_name().unwrap().to_str().unwrap();
            assert!(verify.contains(&format!("stray      {file}")), "{verify}");
            assert!(prune.contains(file), "{name}: {prune}");
            assert!(!folder.file(name).exists(), "{name}");
        }
        assert!(others.iter().all(|name| folder.file(name).exists()), "{:?}", folder.names());
        let verify = folder.on_ini(&["backup", "verify"]).code(0);
        assert!(!verify.out().contains("stray"), "{}", verify.out());
    }
    folder.on_ini(&["backup", "restore"]).code(0);
    assert_eq!(folder.ini(), OLD.as_bytes());
}

#[cfg(unix)]
#[test]
fn lock_file_in_use_is_not_reported_as_stray() {
    let folder = Folder::with(OLD);
    let path = folder.file(".MicroSIP.ini.msipctl-lock");
    let held = fs::File::create(&path).unwrap();
    held.lock().unwrap();
    folder.write(".MicroSIP.ini.msipctl-Xy12zZ", "x");
    let verify = folder.on_ini(&["backup", "verify"]).code(0);
    assert!(!verify.out().contains("stray"), "{}", verify.out());
    folder.on_ini(&["backup", "prune"]).code(0);
    assert!(path.exists() && folder.file(".MicroSIP.ini.msipctl-Xy12zZ").exists());
}

/// A library that sets the clock of a program to the year 9999 and later.
#[cfg(target_os = "linux")]
const CLOCK: &str = "
#include <time.h>
#include <stdlib.h>
int clock_gettime(clockid_t clock, struct timespec *time) {
    time->tv_sec = clock == CLOCK_REALTIME ? atoll(getenv(\"TEST_CLOCK\")) : 1;
    time->tv_nsec = 0;
    return 0;
}
";

#[cfg(target_os = "linux")]
#[test]
fn commands_work_when_the_clock_is_out_of_range() {
    let tools = tempfile::tempdir().unwrap();
    let (source, library) = (tools.path().join("clock.c"), tools.path().join("clock.so"));
    fs::write(&source, CLOCK).unwrap();
    let mut compiler = std::process::Command::new("cc");
    compiler.args(["-shared", "-fPIC", "-o"]).arg(&library).arg(&source);
    assert!(compiler.status().unwrap().success(), "cc is what Rust links with");
    let commands: [&[&str]; 8] = [
        &["set", "Settings.AA=1", "-i", "a", "-i", "b"],
        &["backup", "list", "-i", "a"],
        &["backup", "list", "--runs"],
        &["backup", "restore", "-i", "a"],
        &["backup", "create", "-i", "a"],
        &["backup", "prune", "-i", "a"],
        &["check", "-i", "a"],
        &["audit", "policy.toml", "-i", "a", "-i", "b", "--format", "json"],
    ];
    for clock in ["253402300800", "400000000000", "9000000000000000000", "-1", "-400000000000"] {
        let folder = Folder::new();
        for name in ["a", "b"] {
            fs::create_dir(folder.file(name)).unwrap();
            folder.write(&format!("{name}/MicroSIP.ini"), OLD);
        }
        folder.write("policy.toml", "[Settings]\nAA = true\n");
        for command in commands {
            let mut program = folder.command(command);
            let output = program.env("LD_PRELOAD", &library).env("TEST_CLOCK", clock).output();
            let output = output.unwrap();
            let is_well = output.status.code().is_some_and(|code| code <= 1);
            let text = String::from_utf8_lossy(&output.stderr);
            assert!(is_well && !text.contains("panicked"), "{clock}: {command:?}: {text}");
        }
    }
}
