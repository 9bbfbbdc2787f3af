//! Commands over many files: selecting them, handling invalid ones, and ending a run early.

use std::fs;

use serde_json::Value;

use crate::runner::{Folder, Run};

const PLAIN: &str = "[Settings]\r\nAA=0\r\n";
const DONE: &str = "[Settings]\r\nAA=1\r\n";

/// Creates a folder with this many PCs, each with its MicroSIP.ini.
fn pcs(number: usize) -> Folder {
    let folder = Folder::new();
    for desk in 0..number {
        fs::create_dir(folder.file(&format!("desk{desk:03}"))).unwrap();
        folder.write(&ini(desk), PLAIN);
    }
    folder
}

fn ini(desk: usize) -> String {
    format!("desk{desk:03}/MicroSIP.ini")
}

/// Returns the output with paths as they are on systems other than Windows.
fn slashed(text: &str) -> String {
    // In JSON, each backslash is doubled.
    text.replace("\\\\", "/").replace('\\', "/")
}

/// Returns the files of a report as `path state`, in order.
fn states(run: &Run) -> Vec<String> {
    let report = run.json();
    let files = report["files"].as_array().unwrap();
    let text = |value: &Value| slashed(value.as_str().unwrap());
    files.iter().map(|file| format!("{} {}", text(&file["path"]), text(&file["state"]))).collect()
}

#[test]
fn folder_argument_selects_its_ini_or_those_in_subfolders() {
    let folder = pcs(2);
    folder.write("MicroSIP.txt", "");
    let get = |args: &[&str]| {
        let run = folder.run(&[&["get", "Settings.AA", "--format", "ndjson"], args].concat());
        let out = run.code(0).out();
        let lines = out.lines().map(|line| serde_json::from_str::<Value>(line).unwrap());
        let paths = lines.filter_map(|line| Some(slashed(line["path"].as_str()?)));
        paths.collect::<Vec<_>>()
    };
    assert_eq!(get(&["-i", "desk000"]), ["desk000/MicroSIP.ini"]);
    let both = ["./desk000/MicroSIP.ini", "./desk001/MicroSIP.ini"];
    assert_eq!(get(&["-i", "."]), both);
    assert_eq!(get(&["-i", "**"]), both.map(|path| path.trim_start_matches("./").to_owned()));
    assert_eq!(get(&["-i", "desk*", "-i", "."]).len(), 2);
    assert_eq!(get(&["-i", "*/Micro*.ini"]).len(), 2);
    let root: Vec<_> = get(&["--root", "."]);
    assert_eq!(root.len(), 2, "{root:?}");
    folder.write("MicroSIP.ini", PLAIN);
    assert_eq!(get(&["-i", "."]), ["./MicroSIP.ini"]);
    let none = folder.run(&["get", "Settings.AA", "-i", "none/*.ini", "-i", "desk000"]).code(4);
    insta::assert_snapshot!(slashed(&none.err()), @"error: none/*.ini: no file matches the pattern");
}

#[test]
fn every_inventory_row_appears_in_the_result() {
    let folder = pcs(4);
    fs::create_dir(folder.file("lists")).unwrap();
    folder.write(
        "lists/desks.csv",
        "ini,site\r\n../desk000,A\r\n\r\n../desk00[0-9]/MicroSIP.ini,C\r\n../desk00*/MicroSIP.ini,D\r\n\
         ../desk009/MicroSIP.ini,E\r\n../desk001,F\r\n",
    );
    let args = ["set", "Settings.AA=1", "--inventory", "lists/desks.csv", "--format", "json"];
    let run = folder.run(&args).code(4);
    assert_eq!(
        states(&run),
        [
            "lists/../desk000/MicroSIP.ini changed",
            "lists/../desk00[0-9]/MicroSIP.ini failed",
            "lists/../desk001/MicroSIP.ini changed",
            "lists/../desk002/MicroSIP.ini changed",
            "lists/../desk003/MicroSIP.ini changed",
            "lists/../desk009/MicroSIP.ini failed",
        ]
    );
    let messages = slashed(&run.err());
    for expected in [
        "lists/desks.csv:4: lists/../desk00[0-9]/MicroSIP.ini: file not found",
        "lists/desks.csv:5: `lists/../desk000/MicroSIP.ini` is already selected by lists/desks.csv:2; both rows apply",
        "lists/desks.csv:6: lists/../desk009/MicroSIP.ini: file not found",
        "lists/desks.csv:7: `lists/../desk001/MicroSIP.ini` is already selected by lists/desks.csv:5",
    ] {
        assert!(messages.contains(expected), "{expected}\n{messages}");
    }
    // Spreadsheet programs write this, too.
    let text = "\u{feff}site;INI\r\nA;desk000\r\n";
    let utf16: Vec<_> = text.encode_utf16().flat_map(u16::to_le_bytes).collect();
    folder.write("utf16.csv", utf16);
    folder.run(&["get", "Settings.AA", "--inventory", "utf16.csv"]).code(0);
    folder.write("bad.csv", "path\r\na.ini\r\n");
    let run = folder.run(&["get", "Settings.AA", "--inventory", "bad.csv"]).code(2);
    insta::assert_snapshot!(run.err(), @"
    error: missing column `ini`, which names the files
     --> bad.csv:1:1
      |
    1 | path
      | ^^^^
      |
      = help: rename the column `path` to `ini`
    ");
}

#[test]
fn invalid_rows_of_all_inventories_are_reported_before_any_file_is_read() {
    let folder = pcs(2);
    folder.write("a.csv", "ini,pin\r\ndesk000,1\r\n,4711\r\ndesk001\r\n");
    folder.write("b.csv", "ini;pin\r\ndesk001;hunter2;2\r\n");
    let before = folder.state();
    let args = ["set", "Settings.AA=1", "--inventory", "a.csv", "--inventory", "b.csv"];
    let run = folder.run(&args).code(2);
    insta::assert_snapshot!(run.err(), @"
    error: a.csv:3:1: `ini` is empty: expected a file, a folder, or a pattern
    hint: name the MicroSIP.ini of the row, or delete the row

    error: a.csv:4:8: the row has 1 value: expected 2, one for each column
    hint: add `,` for each empty value at the end of the row

    error: b.csv:2:17: the row has 3 values: expected 2, one for each column
    hint: put each value that contains `;` in double quotes

    error: found 3 errors in 2 files
    ");
    assert_eq!((run.out(), folder.state()), (String::new(), before));
}

#[cfg(unix)]
#[test]
fn unusable_files_do_not_affect_other_files() {
    use std::os::unix::fs::symlink;

    use msipctl_core::store::{LockOptions, lock};

    let folder = pcs(300);
    let bad = |desk: usize, make: &dyn Fn(&std::path::Path)| {
        let path = folder.file(&ini(desk));
        fs::remove_file(&path).unwrap();
        make(&path);
    };
    bad(10, &|path| fs::create_dir(path).unwrap());
    bad(20, &|path| symlink("gone.ini", path).unwrap());
    bad(30, &|path| symlink("MicroSIP.ini", path).unwrap());
    bad(40, &|path| fs::write(path, "[Settings\r\nAA=0\r\n").unwrap());
    bad(50, &|path| {
        fs::write(path, PLAIN).unwrap();
        let mut marks = fs::metadata(path).unwrap().permissions();
        marks.set_readonly(true);
        fs::set_permissions(path, marks).unwrap();
    });
    bad(60, &|path| fs::File::create(path).unwrap().set_len(300 << 20).unwrap());
    symlink("..", folder.file("desk070/loop")).unwrap();
    symlink(folder.file(&ini(80)), folder.file("desk081/other.ini")).unwrap();
    let locked = lock(&folder.file(&ini(90)), &LockOptions::default()).unwrap();
    let run = folder.run(&[
        "set",
        "Settings.AA=1",
        "--lock-timeout",
        "0",
        "--format",
        "json",
        "-i",
        ".",
        "-i",
        "desk299/gone.ini",
        "-i",
        "desk081/other.ini",
    ]);
    let run = run.code(4);
    drop(locked);
    let failed: Vec<_> =
        states(&run).into_iter().filter(|state| !state.ends_with(" changed")).collect();
    assert_eq!(
        failed,
        [
            "./desk010/MicroSIP.ini failed",
            "./desk020/MicroSIP.ini failed",
            "./desk030/MicroSIP.ini failed",
            "./desk050/MicroSIP.ini refused",
            "./desk060/MicroSIP.ini failed",
            "./desk090/MicroSIP.ini refused",
            "desk299/gone.ini failed",
        ]
    );
    let messages = run.err();
    for expected in [
        "./desk010/MicroSIP.ini: not a file: it's a folder",
        "file not found (2 files: ./desk020/MicroSIP.ini, desk299/gone.ini)",
        "Too many levels of symbolic links",
        "./desk050/MicroSIP.ini: the file is marked read-only",
        "./desk060/MicroSIP.ini: the file has 314572800 bytes: expected at most 268435456",
        "desk090/MicroSIP.ini: the file is locked by another msipctl",
        "note: `desk081/other.ini` is the same file as `./desk080/MicroSIP.ini`, which is already selected",
    ] {
        assert!(messages.contains(expected), "{expected}\n{messages}");
    }
    assert_eq!(
        run.json()["summary"],
        serde_json::json!({
            "files": 301, "changed": 294, "unchanged": 0, "failed": 7,
        })
    );
    for desk in (0..300).filter(|desk| ![10, 20, 30, 40, 50, 60, 90].contains(desk)) {
        assert_eq!(folder.read(&ini(desk)), DONE.as_bytes(), "{desk}");
    }
    assert_eq!(folder.read(&ini(50)), PLAIN.as_bytes());
    assert_eq!(folder.read(&ini(90)), PLAIN.as_bytes());
}

#[test]
fn rows_are_in_file_order_in_every_format() {
    let folder = pcs(300);
    fs::remove_file(folder.file(&ini(7))).unwrap();
    let args = |format| {
        ["check", "-i", "desk*/MicroSIP.ini", "-i", "desk007/MicroSIP.ini", "--format", format]
    };
    let json = folder.run(&args("json")).code(4).json();
    let ndjson = folder.run(&[&args("ndjson")[..], &["--jobs", "1"]].concat()).code(4).out();
    let mut lines: Vec<Value> =
        ndjson.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    let last = lines.pop().unwrap();
    assert_eq!(json["files"].as_array().unwrap(), &lines);
    assert_eq!(lines.len(), 300);
    assert_eq!(lines[299]["state"], "failed");
    assert_eq!((&json["summary"], &json["summary"]["failed"]), (&last["summary"], &Value::from(1)));
    let paths: Vec<_> = lines[..299].iter().map(|line| line["path"].as_str().unwrap()).collect();
    assert!(paths.is_sorted(), "{paths:?}");
}

#[test]
fn run_stops_after_max_failures_or_canary_files() {
    let folder = pcs(6);
    for desk in [1, 2] {
        fs::remove_file(folder.file(&ini(desk))).unwrap();
        fs::create_dir(folder.file(&ini(desk))).unwrap();
    }
    let set = ["set", "Settings.AA=1", "-i", "."];
    let run = folder.run(&[&set[..], &["-n", "--max-failures", "1", "--jobs", "1"]].concat());
    let run = run.code(4);
    insta::assert_snapshot!(slashed(&run.out()), @"
    ./desk000/MicroSIP.ini: would change
      ~ Settings.AA = 0 -> 1
    ./desk001/MicroSIP.ini: failed
    ./desk002/MicroSIP.ini: skipped
    ./desk003/MicroSIP.ini: skipped
    ./desk004/MicroSIP.ini: skipped
    ./desk005/MicroSIP.ini: skipped
    6 files: 1 would change, 0 unchanged, 1 failed, 4 skipped
    ");
    insta::assert_snapshot!(slashed(&run.err()), @"
    error: ./desk001/MicroSIP.ini: not a file: it's a folder
    note: stopped after 1 failure, 4 files skipped
    ");
    let run = folder.run(&[&set[..], &["--canary", "2", "--no-backup"]].concat()).code(4);
    insta::assert_snapshot!(slashed(&run.out()), @"
    ./desk000/MicroSIP.ini: changed
      ~ Settings.AA = 0 -> 1
    ./desk001/MicroSIP.ini: failed
    ./desk002/MicroSIP.ini: failed
    ./desk003/MicroSIP.ini: changed
      ~ Settings.AA = 0 -> 1
    4 files: 2 changed, 0 unchanged, 2 failed
    ");
    assert!(run.err().ends_with("note: stopped after 2 changed files, 2 files skipped\n"));
    assert_eq!(folder.read(&ini(4)), PLAIN.as_bytes());
}

/// Compares the output of `check` and `audit`, which exit with this code, for a pattern with the output for the same
/// files as arguments.
fn assert_same_output_as_listed(folder: &Folder, pattern: &str, named: &[String], codes: [i32; 2]) {
    folder.write("policy.toml", "[Settings]\nAA = \"1\"\n");
    let named: Vec<_> = named.iter().flat_map(|ini| ["-i", ini]).collect();
    let (check, audit) = ((&["check"][..], codes[0]), (&["audit", "policy.toml"][..], codes[1]));
    for ((command, code), format) in
        [(check, "human"), (check, "json"), (check, "junit"), (audit, "human"), (audit, "markdown")]
    {
        let run = |files: &[&str]| {
            let run = folder.run(&[command, &["--format", format], files].concat()).code(code);
            let messages = slashed(&run.err());
            // A file that is selected again is reported in its turn, or before all others.
            let mut messages: Vec<_> = messages.lines().map(str::to_owned).collect();
            messages.sort();
            (slashed(&run.out()), messages)
        };
        assert_eq!(run(&["-i", pattern]), run(&named), "{command:?} {format}");
    }
}

#[test]
fn pattern_output_equals_output_for_the_matching_files() {
    let folder = pcs(30);
    let (all, pattern) = ((0..30).map(ini).collect::<Vec<_>>(), "desk*/MicroSIP.ini");
    assert_same_output_as_listed(&folder, pattern, &all, [0, 1]);
    let mut there = 30;
    for number in [12, 11, 10, 2, 1] {
        // The last ones are skipped.
        (30 - there..30 - number)
            .for_each(|desk| fs::remove_file(folder.file(&ini(desk))).unwrap());
        there = number;
        assert_same_output_as_listed(&folder, pattern, &all[30 - number..], [0, 1]);
    }
    fs::remove_file(folder.file(&ini(29))).unwrap();
    let none = folder.run(&["check", "-i", pattern]).code(2);
    assert_eq!(slashed(&none.err()), "error: desk*/MicroSIP.ini: no file matches the pattern\n");
}

#[cfg(unix)]
#[test]
fn files_matched_through_links_are_listed_once() {
    use std::os::unix::fs::{PermissionsExt, symlink};

    let folder = pcs(40);
    let place = |desk: usize| {
        let path = folder.file(&ini(desk));
        fs::remove_file(&path).unwrap();
        path
    };
    [3, 12, 20].into_iter().for_each(|desk| drop(place(desk)));
    folder.write("other.ini", PLAIN);
    for (desk, to) in [
        (15, "gone.ini"),
        (16, "../desk005/MicroSIP.ini"),
        (17, "../desk025/MicroSIP.ini"),
        (18, "../other.ini"),
        (19, "../other.ini"),
        (30, "../desk022/MicroSIP.ini"),
    ] {
        symlink(to, place(desk)).unwrap();
    }
    fs::hard_link(folder.file(&ini(21)), place(22)).unwrap();
    fs::create_dir(place(23)).unwrap();
    fs::write(place(24), "[Settings\r\nAA=0\r\n").unwrap();
    let mode = |mode| {
        let shut = fs::Permissions::from_mode(mode);
        fs::set_permissions(folder.file("desk026"), shut).unwrap();
    };
    mode(0);
    let all = (0..40).map(ini);
    let named: Vec<_> = all.filter(|ini| ![3, 12, 20].map(self::ini).contains(ini)).collect();
    let pattern = "desk*/MicroSIP.ini";
    assert_same_output_as_listed(&folder, pattern, &named, [4, 4]);
    // The superuser can open every folder.
    let is_shut = fs::read(folder.file(&ini(26))).is_err();
    let run = folder.run(&["audit", "policy.toml", "-i", pattern, "--format", "json"]).code(4);
    mode(0o700);
    let failed = if is_shut { 3 } else { 2 };
    let report = run.json();
    // The two names of one file (hard links) count once.
    assert_eq!(report["files"].as_array().unwrap().len(), 32);
    assert_eq!(report["summary"]["failed"], failed);
    let notes = run.err();
    let notes: Vec<_> = notes.lines().filter(|line| line.starts_with("note")).collect();
    insta::assert_snapshot!(notes.join("\n"), @"
    note: `desk016/MicroSIP.ini` is the same file as `desk005/MicroSIP.ini`, which is already selected
    note: `desk019/MicroSIP.ini` is the same file as `desk018/MicroSIP.ini`, which is already selected
    note: `desk022/MicroSIP.ini` is the same file as `desk021/MicroSIP.ini`, which is already selected
    note: `desk025/MicroSIP.ini` is the same file as `desk017/MicroSIP.ini`, which is already selected
    note: `desk030/MicroSIP.ini` is the same file as `desk021/MicroSIP.ini`, which is already selected
    ");

    // One that is among the first files is detected before any file is read.
    fs::remove_file(folder.file(&ini(2))).unwrap();
    symlink("desk004", folder.file("desk0")).unwrap();
    symlink("../desk025/MicroSIP.ini", folder.file(&ini(2))).unwrap();
    let first = ["desk0/MicroSIP.ini".to_owned()];
    assert_same_output_as_listed(&folder, pattern, &[&first, &named[..]].concat(), [4, 4]);
}

/// Interrupts a run that waits for a file that another msipctl holds, so that this file is in progress.
#[cfg(unix)]
#[test]
fn interrupt_stops_a_run_after_the_files_in_progress() {
    use std::io::{BufRead, BufReader, Read};
    use std::process::Stdio;

    use msipctl_core::store::{LockOptions, lock};
    use rustix::process::{Pid, Signal, kill_process};

    const FILES: usize = 200;
    const HELD: usize = 5;
    let folder = pcs(FILES);
    let locked = lock(&folder.file(&ini(HELD)), &LockOptions::default()).unwrap();
    let args = ["set", "Settings.AA=1", "-i", ".", "--jobs", "1", "--format", "ndjson"];
    let mut command = folder.command(&args);
    let mut child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    let mut lines = BufReader::new(child.stdout.take().unwrap());
    // The rows are printed while the run continues.
    for _ in 0..HELD {
        lines.read_line(&mut String::new()).unwrap();
    }
    kill_process(Pid::from_child(&child), Signal::INT).unwrap();
    drop(locked);
    let mut rest = String::new();
    lines.read_to_string(&mut rest).unwrap();
    let mut messages = String::new();
    child.stderr.take().unwrap().read_to_string(&mut messages).unwrap();
    assert_eq!(child.wait().unwrap().code(), Some(130), "{messages}");
    // The last line is the summary.
    let done = HELD + rest.lines().count() - 1;
    let text = format!("interrupted after {done} of {FILES} files");
    assert!(
        messages.contains(&text) && messages.contains("run the same command again"),
        "{messages}"
    );
    assert!((HELD..FILES).contains(&done), "{done}");
    let last: Value = serde_json::from_str(rest.lines().last().unwrap()).unwrap();
    assert_eq!(last["summary"]["changed"], done);
    let new = (0..FILES).filter(|desk| {
        let bytes = folder.read(&ini(*desk));
        assert!(bytes == PLAIN.as_bytes() || bytes == DONE.as_bytes(), "{desk}");
        bytes == DONE.as_bytes()
    });
    assert_eq!(new.count(), done);
    folder.run(&args).code(0);
    assert!((0..FILES).all(|desk| folder.read(&ini(desk)) == DONE.as_bytes()));
}

/// Interrupts a run twice while it waits for a file.
#[cfg(unix)]
#[test]
fn second_interrupt_stops_a_run_immediately() {
    use std::io::{BufRead, BufReader, Read};
    use std::process::Stdio;

    use msipctl_core::store::{LockOptions, lock};
    use rustix::process::{Pid, Signal, kill_process};

    let folder = pcs(3);
    let _locked = lock(&folder.file(&ini(1)), &LockOptions::default()).unwrap();
    let mut command = folder.command(&[
        "set",
        "Settings.AA=1",
        "-i",
        ".",
        "--jobs",
        "1",
        "--lock-timeout",
        "3600",
    ]);
    let mut child = command.stdout(Stdio::piped()).spawn().unwrap();
    let mut lines = BufReader::new(child.stdout.take().unwrap());
    lines.read_line(&mut String::new()).unwrap();
    // Two that arrive at the same time count as one.
    let end = loop {
        kill_process(Pid::from_child(&child), Signal::INT).unwrap();
        std::thread::sleep(std::time::Duration::from_millis(20));
        if let Some(end) = child.try_wait().unwrap() {
            break end;
        }
    };
    assert_eq!(end.code(), Some(130));
    let mut rest = String::new();
    lines.read_to_string(&mut rest).unwrap();
    assert!(!rest.contains("files:"), "{rest}");
    let contents = [0, 1, 2].map(|desk| folder.read(&ini(desk)));
    assert_eq!(contents, [DONE, PLAIN, PLAIN].map(|text| text.as_bytes().to_vec()));
}

#[test]
fn backup_of_one_file_is_not_used_for_another() {
    let folder = Folder::with(PLAIN);
    folder.write("Other.ini", PLAIN);
    let both = ["-i", "MicroSIP.ini", "-i", "Other.ini"];
    let run = folder.run(&[&["set", "Settings.AA=1", "--format", "json"], &both[..]].concat());
    let run = run.code(0).json()["run"].as_str().unwrap().to_owned();
    let listed = folder.run(&[&["backup", "list", "--format", "json"], &both[..]].concat()).json();
    let other = listed["backups"]
        .as_array()
        .unwrap()
        .iter()
        .find(|it| it["path"].as_str().unwrap().ends_with("Other.ini"));
    let id = other.unwrap()["id"].as_str().unwrap().to_owned();
    let refused = folder.on_ini(&["backup", "restore", "--id", &id]).code(2);
    assert!(refused.err().contains("belongs to another file"), "{}", refused.err());
    folder.on_ini(&["backup", "restore", "--run", &run]).code(0);
    assert_eq!((folder.ini(), folder.read("Other.ini")), (PLAIN.into(), DONE.into()));
    let verified = folder.on_ini(&["backup", "verify"]).code(0);
    assert!(!verified.out().contains("Other.ini"), "{}", verified.out());
    folder.on_ini(&["backup", "prune", "--keep", "1"]).code(0);
    folder.run(&["backup", "restore", "-i", "Other.ini", "--id", &id]).code(0);
    assert_eq!(folder.read("Other.ini"), PLAIN.as_bytes());
}
