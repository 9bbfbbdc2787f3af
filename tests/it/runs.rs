//! Runs over several files: listed, undone without selecting a file, and rejected if a file was changed since.

use std::fs;

use crate::runner::{Folder, RUNS};

const OLD: &str = "[Settings]\r\nAA=0\r\n";
const NEW: &str = "[Settings]\r\nAA=1\r\n";

/// Creates a folder with three folders, each with a file.
fn fleet() -> Folder {
    let folder = Folder::new();
    for name in ["a", "b", "c"] {
        fs::create_dir(folder.file(name)).unwrap();
        folder.write(&format!("{name}/MicroSIP.ini"), OLD);
    }
    folder
}

fn texts(folder: &Folder) -> Vec<String> {
    let text = |name| folder.read(&format!("{name}/MicroSIP.ini"));
    ["a", "b", "c"].map(|name| String::from_utf8(text(name)).unwrap()).to_vec()
}

/// Sets a key in all three, and returns the ID of the run.
fn set(folder: &Folder, more: &[&str]) -> String {
    let set = ["set", "Settings.AA=1", "-i", "a", "-i", "b", "-i", "c", "--format", "json"];
    let run = folder.run(&[&set[..], more].concat()).code(0);
    run.json()["run"].as_str().unwrap().to_owned()
}

#[test]
fn run_is_listed_and_undone_without_selecting_files() {
    for durability in ["full", "batch"] {
        let folder = fleet();
        let run = set(&folder, &["--durability", durability]);
        assert_eq!(texts(&folder), [NEW; 3]);
        let listed = folder.run(&["backup", "list", "--runs"]).code(0).out();
        let (_, row) = listed.split_once(" UTC  ").unwrap();
        assert_eq!(row, "finished     3 files, 3 changed, 0 failed  set Settings.AA\n");
        let dry = folder.run(&["backup", "restore", "--run", &run, "-n"]).code(0);
        assert!(dry.out().contains("3 would change"), "{}", dry.out());
        assert_eq!(texts(&folder), [NEW; 3]);
        folder.run(&["backup", "restore", "--run", &run]).code(0);
        assert_eq!(texts(&folder), [OLD; 3]);
        let before = folder.state();
        let again = folder.run(&["backup", "restore", "--run", &run]).code(0);
        assert!(again.out().contains("0 changed, 3 unchanged, 0 failed"), "{}", again.out());
        let files = |states: std::collections::BTreeMap<_, _>| {
            let is_file = |path: &std::path::PathBuf| path.ends_with("MicroSIP.ini");
            states.into_iter().filter(|(path, _)| is_file(path)).collect::<Vec<_>>()
        };
        assert_eq!(files(folder.state()), files(before));
        let list = folder.run(&["backup", "list", "--runs", "--format", "json"]).code(0).json();
        assert_eq!(list["runs"][1]["run"], *run);
        assert_eq!(list["runs"][1]["state"], "undone");
        assert_eq!(list["runs"][1]["undone_by"].as_str().map(str::len), Some(run.len()));
        assert_eq!(list["runs"].as_array().map(Vec::len), Some(2));
        assert_eq!(list["runs"][1]["files"], 3);
    }
}

#[test]
fn undo_of_a_run_can_be_undone() {
    let folder = fleet();
    let run = set(&folder, &[]);
    let undo = folder.run(&["backup", "restore", "--run", &run, "--format", "json"]).code(0).json();
    assert_eq!(texts(&folder), [OLD; 3]);
    folder.run(&["backup", "restore", "--run", undo["run"].as_str().unwrap()]).code(0);
    assert_eq!(texts(&folder), [NEW; 3]);
}

#[test]
fn undo_skips_a_changed_file_and_restores_the_others() {
    let folder = fleet();
    let run = set(&folder, &[]);
    folder.write("b/MicroSIP.ini", "mine");
    let undo = folder.run(&["backup", "restore", "--run", &run]).code(4);
    assert!(
        undo.err()
            .contains("b/MicroSIP.ini: the file was changed after the write that made backup"),
        "{}",
        undo.err()
    );
    assert_eq!(texts(&folder), [OLD, "mine", OLD]);
    let list = folder.run(&["backup", "list", "--runs", "--format", "json"]).json();
    assert_eq!(list["runs"][0]["state"], "finished");
    folder.run(&["backup", "restore", "--run", &run, "--force"]).code(0);
    assert_eq!(texts(&folder), [OLD; 3]);
}

#[test]
fn undo_deletes_files_created_by_the_run() {
    let folder = fleet();
    fs::remove_file(folder.file("b/MicroSIP.ini")).unwrap();
    let run = set(&folder, &["--create", "--encoding", "keep"]);
    assert!(folder.file("b/MicroSIP.ini").exists());
    folder.run(&["backup", "restore", "--run", &run]).code(0);
    assert!(!folder.file("b/MicroSIP.ini").exists());
}

#[test]
fn undo_finds_backups_in_backup_dir() {
    let folder = fleet();
    let run = set(&folder, &["--backup-dir", "backups"]);
    folder.run(&["backup", "restore", "--run", &run]).code(0);
    assert_eq!(texts(&folder), [OLD; 3]);
}

#[test]
fn undo_without_journal_requires_the_files() {
    let folder = fleet();
    let run = set(&folder, &[]);
    fs::remove_dir_all(folder.file(RUNS)).unwrap();
    let error = folder.run(&["backup", "restore", "--run", &run]).code(2);
    assert!(error.err().contains("select the files of the run with `-i`"), "{}", error.err());
    let named = ["backup", "restore", "--run", &run, "-i", "a", "-i", "b", "-i", "c"];
    folder.run(&named).code(0);
    assert_eq!(texts(&folder), [OLD; 3]);
}

#[test]
fn run_continues_with_a_warning_when_the_journal_fails() {
    let folder = fleet();
    folder.write(RUNS, "in the way");
    let set = ["set", "Settings.AA=1", "-i", "a", "-i", "b", "-i", "c"];
    let run = folder.run(&set).code(0);
    assert!(run.err().contains("the run has no journal, so undo needs its files"), "{}", run.err());
    assert_eq!(texts(&folder), [NEW; 3]);
}

#[test]
fn write_of_one_file_creates_no_journal() {
    let folder = Folder::with(OLD);
    folder.on_ini(&["set", "Settings.AA=1"]).code(0);
    assert_eq!(folder.names(), [".msipctl/", "MicroSIP.ini"]);
    let list = folder.run(&["backup", "list", "--runs"]).code(0);
    assert!(list.out().is_empty() && list.err().contains("no runs"), "{}", list.err());
}

#[test]
fn journal_contains_no_values() {
    let folder = fleet();
    let set = ["set", "Account1.password=geheim", "Settings.AA=7", "-i", "a", "-i", "b"];
    folder.run(&set).code(2);
    folder.run(&["set", "Account1.password=geheim", "-i", "a", "-i", "b"]).code(0);
    let runs = folder.file(RUNS);
    for entry in fs::read_dir(runs).unwrap() {
        let text = fs::read_to_string(entry.unwrap().path()).unwrap();
        assert!(!text.contains("geheim"), "{text}");
    }
}
