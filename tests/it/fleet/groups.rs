//! Many files together: equal results share a line, hooks are reported as hooks, and lists and reports are written to
//! files.

use std::fs;

use serde_json::Value;

use super::{ini, pcs, slashed};
use crate::runner::{Folder, utf16};

/// Creates this many PCs, and an inventory with a column for each.
fn numbered_pcs(number: usize, policy: &str) -> Folder {
    let folder = pcs(number, policy);
    let row = |desk| format!("{},{desk},secret{desk}\n", ini(desk));
    let rows: String = (1..=number).map(row).collect();
    folder.write("desks.csv", format!("ini,extension,secret\n{rows}"));
    folder
}

const OWN: &str = "\
[Settings]
AA = true

[Account1]
label = \"Desk {{ row.extension }}\"
username = \"{{ row.extension }}\"
password = { row = \"secret\" }
domain = \"sip.example.org\"

[[hook]]
template = \"call-log\"
on = [\"outgoing-call\", \"incoming-call\", \"call-ring\", \"call-answer\", \"call-start\", \"call-end\"]
with = { file = 'C:\\calls.csv' }
";

#[test]
fn plan_groups_equal_changes_own_values_and_hooks() {
    let folder = numbered_pcs(12, OWN);
    let args = ["plan", "p.toml", "--inventory", "desks.csv"];
    let run = folder.run(&args).code(0);
    insta::assert_snapshot!(slashed(&run.out()), @"
    ~ Settings.AA = 0 -> 1 in 12 files: d01/MicroSIP.ini, d02/MicroSIP.ini, d03/MicroSIP.ini, and 9 more
    ~ Account1.domain = sip.example.com -> sip.example.org in 12 files: d01/MicroSIP.ini, d02/MicroSIP.ini, d03/MicroSIP.ini, and 9 more
    + Account1.label, username, password: own value in 12 files: d01/MicroSIP.ini, d02/MicroSIP.ini, d03/MicroSIP.ini, and 9 more
    + hook call-log on 6 events in 12 files: d01/MicroSIP.ini, d02/MicroSIP.ini, d03/MicroSIP.ini, and 9 more
    12 files: 12 would change, 0 unchanged, 0 failed
    ");
    insta::assert_snapshot!(slashed(&run.err()), @"");
    // Each file is listed on request.
    let all = folder.run(&[&args[..], &["-v"]].concat()).code(0).out();
    assert_eq!(all.matches("MicroSIP.ini: would change").count(), 12, "{all}");
    assert!(all.contains("  + Account1.username = 12\n"), "{all}");
    let diff = folder.run(&[&args[..], &["--diff"]].concat()).code(0).out();
    assert_eq!(diff.matches("+++ ").count(), 12, "{diff}");
}

#[test]
fn set_apply_and_restore_group_equal_results() {
    let folder = numbered_pcs(13, "[Settings]\nAA = true\n");
    for desk in [3, 5] {
        fs::remove_file(folder.file(&ini(desk))).unwrap();
        fs::create_dir(folder.file(&ini(desk))).unwrap();
    }
    let set = folder.run(&["set", "Settings.AA=2", "-i", "d*/MicroSIP.ini", "--force"]).code(4);
    insta::assert_snapshot!(slashed(&set.out()), @"
    ~ Settings.AA = 0 -> 2 in 11 files: d01/MicroSIP.ini, d02/MicroSIP.ini, d04/MicroSIP.ini, and 8 more
    failed: not a file: it's a folder (2 files: d03/MicroSIP.ini, d05/MicroSIP.ini)
    13 files: 11 changed, 0 unchanged, 2 failed
    ");
    insta::assert_snapshot!(slashed(&set.err()), @"error: not a file: it's a folder (2 files: d03/MicroSIP.ini, d05/MicroSIP.ini)");
    // Undo processes the files in the order in which they were written.
    let args = ["apply", "p.toml", "--inventory", "desks.csv", "--jobs", "1", "--format", "json"];
    let apply = folder.run(&args);
    let apply = apply.code(4).json();
    let undo = ["backup", "restore", "--run", apply["run"].as_str().unwrap()];
    let dry = folder.run(&[&undo[..], &["-n"]].concat()).code(0);
    insta::assert_snapshot!(slashed(&dry.out()), @"
    ~ would be restored in 11 files: [FOLDER]/d01/MicroSIP.ini, [FOLDER]/d02/MicroSIP.ini, [FOLDER]/d04/MicroSIP.ini, and 8 more
    11 files: 11 would change, 0 unchanged, 0 failed
    ");
    let undone = folder.run(&undo).code(0);
    insta::assert_snapshot!(slashed(&undone.out()), @"
    ~ restored in 11 files: [FOLDER]/d01/MicroSIP.ini, [FOLDER]/d02/MicroSIP.ini, [FOLDER]/d04/MicroSIP.ini, and 8 more
    11 files: 11 changed, 0 unchanged, 0 failed
    ");
}

#[test]
fn notes_about_many_files_are_printed_once() {
    let folder = numbered_pcs(12, "[Settings]\nAA = true\n");
    for desk in 1..=12 {
        folder.write(&ini(desk), "[Settings]\r\nAA=0\r\nlabel=\u{fc}\r\n");
    }
    let run = folder.run(&["apply", "p.toml", "--inventory", "desks.csv"]).code(0);
    assert_eq!(run.err().lines().count(), 1, "{}", run.err());
    assert!(run.err().starts_with("note: 12 files (d01"), "{}", run.err());
    assert!(run.out().contains("~ encoding: utf-8 -> utf-16le in 12 files: d01"), "{}", run.out());
}

#[test]
fn failed_plans_and_applies_print_their_summary() {
    // A value that depends on the version can only be checked with its file.
    let policy = "[Settings]\nvolumeRing = \"{{ row.volume if microsip }}\"\n";
    let folder = numbered_pcs(2, policy);
    folder.write("desks.csv", format!("ini,volume\n{},loud\n{},loud\n", ini(1), ini(2)));
    for (command, changed) in [("plan", "would change"), ("apply", "changed")] {
        let run = folder.run(&[command, "p.toml", "--inventory", "desks.csv"]).code(2);
        let summary = format!("2 files: 0 {changed}, 0 unchanged, 2 failed\n");
        assert!(run.out().ends_with(&summary), "{}", run.out());
    }
    let audit = folder.run(&["audit", "p.toml", "--inventory", "desks.csv"]).code(2);
    assert!(audit.out().contains("2 files: 0 in sync, 0 drifted, 2 failed"), "{}", audit.out());
}

#[test]
fn audit_reports_hooks_as_hooks_in_every_format() {
    let folder = numbered_pcs(12, OWN);
    let args = ["audit", "p.toml", "--inventory", "desks.csv"];
    let run = folder.run(&args).code(1);
    insta::assert_snapshot!(slashed(&run.out()), @"
    ~ Account1.domain = sip.example.com, expected sip.example.org in 12 files: d01/MicroSIP.ini, d02/MicroSIP.ini, d03/MicroSIP.ini, and 9 more
    ~ Account1.label, username, expected own value in 12 files: d01/MicroSIP.ini, d02/MicroSIP.ini, d03/MicroSIP.ini, and 9 more
    ~ Account1.password = not set, expected *** in 12 files: d01/MicroSIP.ini, d02/MicroSIP.ini, d03/MicroSIP.ini, and 9 more
    ~ Settings.AA = 0, expected 1 in 12 files: d01/MicroSIP.ini, d02/MicroSIP.ini, d03/MicroSIP.ini, and 9 more
    ~ hook call-log is missing on 6 events in 12 files: d01/MicroSIP.ini, d02/MicroSIP.ini, d03/MicroSIP.ini, and 9 more
    12 files: 0 in sync, 12 drifted; score 0.0%, coverage 100%
    ");
    for format in ["json", "ndjson", "sarif", "junit", "github", "markdown", "html"] {
        let text = folder.run(&[&args[..], &["--format", format]].concat()).code(1).out();
        assert!(text.contains("call-log on incoming-call") || format.ends_with("json"), "{format}");
        assert!(!text.contains("cmdIncomingCall"), "{format}: {text}");
        assert!(
            !text.contains("OnIncomingCall ") && !text.contains("Settings.OnIncomingCall"),
            "{format}"
        );
    }
    // The error of a single file is the complete output.
    let one = folder.run(&["audit", "p.toml", "-i", "d01", "--format", "json"]);
    assert_eq!(one.code(2).out(), "");
    let json = folder.run(&[&args[..], &["--format", "json"]].concat()).code(1).json();
    let drift = json["files"][0]["drift"].as_array().unwrap();
    let hooks: Vec<&Value> =
        drift.iter().map(|it| &it["hook"]).filter(|it| it.is_object()).collect();
    assert_eq!(hooks.len(), 6);
    insta::assert_snapshot!(hooks[1], @r#"{"event":"incoming-call","problem":"missing","template":"call-log"}"#);
}

#[test]
fn audit_distinguishes_problems_of_hooks() {
    let folder = pcs(
        4,
        "[[hook]]\ntemplate = \"call-log\"\non = [\"call-end\"]\nwith = { file = 'C:\\a.csv' }\n",
    );
    let add = |desk: usize, file: &str| {
        let with = format!("file=C:\\{file}.csv");
        let args = ["hook", "add", "call-log", "--on", "call-end", "--with", &with, "--no-backup"];
        // As users run it: on Windows, the launcher names a file that `locate` doesn't find.
        folder.run(&[&args[..], &["--launcher-ini", "auto", "-i", &ini(desk)]].concat()).code(0);
    };
    add(1, "a");
    add(2, "b");
    add(3, "a");
    folder.run(&["unset", "Settings.cmdCallEnd", "-i", "d03", "--no-backup"]).code(0);
    let run = folder.run(&["audit", "p.toml", "-i", "d*"]).code(1);
    insta::assert_snapshot!(slashed(&run.out()), @"
    d01/MicroSIP.ini: in sync
    d02/MicroSIP.ini: drifted
      ~ hook call-log is different on call-end, expected Log,C:/a.csv (p.toml:2:12)
    d03/MicroSIP.ini: drifted
      ~ hook call-log never runs on call-end: its launcher is missing or different (p.toml:2:12)
    d04/MicroSIP.ini: drifted
      ~ hook call-log is missing on call-end (p.toml:2:12)
    4 files: 1 in sync, 3 drifted; score 25.0%, coverage 100%
    ");
    let list = |which: &str| {
        slashed(&folder.run(&["audit", "p.toml", "-i", "d*", "--list", which]).code(1).out())
    };
    assert_eq!(list("missing-hooks"), "d03/MicroSIP.ini\nd04/MicroSIP.ini\n");
    assert_eq!(list("drifted"), "d02/MicroSIP.ini\nd03/MicroSIP.ini\nd04/MicroSIP.ini\n");
    assert_eq!(list("failed"), "");
}

#[test]
fn audit_list_names_failed_files_and_refuses_other_formats() {
    let folder = numbered_pcs(12, "[Settings]\nAA = true\n");
    fs::remove_file(folder.file(&ini(4))).unwrap();
    let args = ["audit", "p.toml", "--inventory", "desks.csv", "--list", "failed"];
    let run = folder.run(&args).code(4);
    assert_eq!(slashed(&run.out()), "d04/MicroSIP.ini\n");
    let run = folder.run(&[&args[..], &["--format", "json"]].concat()).code(2);
    insta::assert_snapshot!(run.err(), @r#"{"error":{"hint":"remove one of the two flags","kind":"usage","message":"`--list` prints paths, so it can't be combined with `--format`","path":null},"schema_version":1,"tool":"msipctl 0.1.0"}"#);
}

#[test]
fn hook_list_names_the_files_without_a_hook() {
    let folder = pcs(3, "");
    let add = |desk: usize, template: &str, on: &str, with: &str| {
        let args = ["hook", "add", template, "--on", on, "--with", with, "--no-backup", "-i"];
        folder.run(&[&args[..], &[&ini(desk)]].concat()).code(0);
    };
    add(1, "call-log", "call-end", "file=C:\\a.csv");
    add(2, "native-command", "call-end", "program=C:\\a.exe");
    folder.write(
        &ini(3),
        "[Settings]\r\nOnCallEnd=Log,C:\\a.csv\r\n[msipctl]\r\nOnCallEnd=call-log\r\n",
    );
    let missing = |name: &str, code| {
        let run = folder.run(&["hook", "list", "--missing", name, "-i", "d*"]).code(code);
        slashed(&run.out())
    };
    // Without its launcher, a directive never runs.
    assert_eq!(missing("call-end", 1), "d03/MicroSIP.ini\n");
    assert_eq!(missing("call-log", 1), "d02/MicroSIP.ini\nd03/MicroSIP.ini\n");
    assert_eq!(missing("incoming-call", 1).lines().count(), 3);
    let one = ["hook", "list", "--missing", "call-log", "-i", "d01"];
    assert_eq!(folder.run(&one).code(0).out(), "");
    let json =
        folder.run(&["hook", "list", "--missing", "call-log", "-i", "d*", "--format", "json"]);
    let json = json.code(1).json();
    assert_eq!(json["files"][0]["missing"], "call-log");
    assert_eq!(json["summary"]["missing"], 2);
    let wrong = folder.run(&["hook", "list", "--missing", "call-lgo", "-i", "d*"]).code(2);
    insta::assert_snapshot!(wrong.err(), @"
    error: unknown event or template `call-lgo`
    hint: did you mean `call-log`?
    ");
}

#[test]
fn reports_are_written_to_a_file_in_utf8() {
    let folder = numbered_pcs(2, "[Settings]\nAA = true\n");
    folder.write(&ini(1), utf16("[Settings]\r\nAA=\u{fc}\r\n"));
    let audit = ["audit", "p.toml", "--inventory", "desks.csv"];
    for format in ["human", "json", "sarif", "junit", "markdown", "html"] {
        let args = [&audit[..], &["--format", format, "--color", "always"]].concat();
        let printed = folder.run(&args[..6]).code(1).out();
        let run = folder.run(&[&args[..], &["-o", "report"]].concat()).code(1);
        assert_eq!((run.out(), run.err()), (String::new(), folder.run(&args).code(1).err()));
        let written = String::from_utf8(folder.read("report")).unwrap();
        let written = written.replace(&*folder.path().display().to_string(), "[FOLDER]");
        let without_time = |text: &str| {
            let changes = ["2026-", "[TIME]", "\"time\"", "\"run\""];
            let lines = text.lines().filter(|line| !changes.iter().any(|it| line.contains(it)));
            lines.collect::<Vec<_>>().join("\n")
        };
        assert_eq!(without_time(&written), without_time(&printed), "{format}");
    }
    let check = ["check", "-i", "d*", "--format", "json"];
    let printed = folder.run(&check).code(1).out();
    folder.run(&[&check[..], &["--output", "findings.json"]].concat()).code(1);
    assert_eq!(folder.read("findings.json"), printed.as_bytes());
    // A report is a baseline.
    folder.run(&["check", "-i", "d*", "--baseline", "findings.json"]).code(0);
}

#[test]
fn report_does_not_replace_a_file_that_it_covers() {
    let folder = numbered_pcs(2, "[Settings]\nAA = true\n");
    let before = folder.state();
    for output in ["d01/MicroSIP.ini", "./d01/../d01/MicroSIP.ini"] {
        for command in [&["audit", "p.toml"][..], &["check"]] {
            let run = folder.run(&[command, &["-i", "d*", "-o", output]].concat()).code(2);
            assert!(run.err().contains("would replace one of the files"), "{}", run.err());
        }
    }
    let run = folder.run(&["audit", "p.toml", "-i", "d*", "-o", "gone/report.json"]).code(2);
    assert!(run.err().starts_with("error: "), "{}", run.err());
    assert!(folder.state() == before, "something was touched");
}

#[test]
fn check_of_many_files_is_grouped_by_rule() {
    let folder = Folder::new();
    for number in 0..12 {
        let more = if number < 4 { "AA=1\r\nAA=2\r\nxOne=1\r\n" } else { "" };
        folder.write(&format!("{number:02}.ini"), format!("[Settings]\r\nAA=0\r\n{more}"));
    }
    let args = ["check", "-i", "*.ini", "-i", "gone.ini", "--select", "duplicate-key,unknown-key"];
    let run = folder.run(&args).code(4);
    insta::assert_snapshot!(run.out(), @"
    warning[duplicate-key]: second key with the same name: 8 findings in 4 files: 00.ini, 01.ini, 02.ini, and 1 more
    info[unknown-key]: key that MicroSIP doesn't read in 4 files: 00.ini, 01.ini, 02.ini, and 1 more
    failed: file not found (1 file: gone.ini)
    Found 8 warnings and 4 info in 12 files; 1 file failed; 8 fixable with `--unsafe-fixes`
    ");
    insta::assert_snapshot!(run.err(), @"
    error: gone.ini: file not found
    hint: check the path
    ");
    let all = folder.run(&[&args[..], &["-v"]].concat()).code(4).out();
    assert_eq!(all.matches("duplicate-key]").count(), 8, "{all}");
    let fixed = folder.run(&[&args[..], &["--unsafe-fixes", "--no-backup"]].concat()).code(4);
    insta::assert_snapshot!(fixed.out(), @"
    fixed[duplicate-key]: second key with the same name: 8 findings in 4 files: 00.ini, 01.ini, 02.ini, and 1 more
    info[unknown-key]: key that MicroSIP doesn't read in 4 files: 00.ini, 01.ini, 02.ini, and 1 more
    failed: file not found (1 file: gone.ini)
    Found 4 info in 12 files; 1 file failed; 8 fixed
    ");
}

#[test]
fn canary_run_is_listed_with_the_files_that_it_changed() {
    let folder = numbered_pcs(5, "[Settings]\nAA = true\n");
    let apply = ["apply", "p.toml", "--inventory", "desks.csv", "--limit", "2", "--format", "json"];
    let run = folder.run(&apply).code(0).json()["run"].as_str().unwrap().to_owned();
    let runs = || folder.run(&["backup", "list", "--runs"]).code(0).out();
    assert!(runs().contains("canary: 2 of 5 files, 0 failed"), "{}", runs());
    let json = folder.run(&["backup", "list", "--runs", "--format", "json"]).code(0).json();
    assert_eq!(json["runs"][0]["state"], "canary");
    // It can be resumed, and undone.
    folder.run(&["apply", "--resume", &run]).code(0);
    assert!(runs().contains("canary: 4 of 5 files"), "{}", runs());
    folder.run(&["backup", "restore", "--run", &run]).code(0);
    assert!(runs().contains("undone"), "{}", runs());
    assert_eq!(folder.read(&ini(1)), utf16(super::OLD));
}

#[test]
fn policy_in_utf16_is_read() {
    let folder = numbered_pcs(1, "");
    for bytes in [utf16("[Settings]\r\nAA = true\r\n"), {
        let text = "\u{feff}[Settings]\nAA = true\n";
        text.encode_utf16().flat_map(u16::to_be_bytes).collect()
    }] {
        folder.write("p.toml", bytes);
        let run = folder.run(&["audit", "p.toml", "-i", "d01"]).code(1);
        assert!(run.out().contains("Settings.AA = 0, expected 1 (p.toml:2:1)"), "{}", run.out());
    }
    folder.write("p.toml", b"\xff\xfe\x00\xd8");
    folder.run(&["audit", "p.toml", "-i", "d01"]).code(2);
}

#[test]
fn diff_compares_a_file_with_folders_and_inventories() {
    let folder = numbered_pcs(3, "");
    folder.write("golden.ini", utf16("[Settings]\r\nAA=1\r\nvolumeRing=\r\nmainX=5\r\n"));
    folder.write(&ini(2), folder.read("golden.ini"));
    let run = folder.run(&["diff", "golden.ini", "desks.csv"]).code(1);
    insta::assert_snapshot!(slashed(&run.out()), @"
    d01/MicroSIP.ini: different
      ~ Settings.AA = 1 -> 0
      ~ Settings.volumeRing = (empty) -> 50
      + Account1.domain = sip.example.com
    d02/MicroSIP.ini: same
    d03/MicroSIP.ini: different
      ~ Settings.AA = 1 -> 0
      ~ Settings.volumeRing = (empty) -> 50
      + Account1.domain = sip.example.com
    2 machine-specific keys omitted; to show all, pass `--all`
    3 files: 1 same, 2 different
    ");
    let other = folder.run(&["diff", ".", "golden.ini", "--all"]).code(1);
    assert!(
        other.out().contains("  ~ Settings.mainX = not set (default 0) -> 5\n"),
        "{}",
        other.out()
    );
    let json = folder.run(&["diff", "golden.ini", "desks.csv", "--format", "json"]).code(1).json();
    let states: Vec<_> = json["files"].as_array().unwrap().iter().map(|it| &it["state"]).collect();
    assert_eq!(states, ["different", "same", "different"]);
    assert_eq!(
        (&json["summary"]["different"], &json["files"][0]["omitted"]),
        (&2.into(), &1.into())
    );
    let ndjson = folder.run(&["diff", "golden.ini", "desks.csv", "--format", "ndjson"]).code(1);
    assert_eq!(ndjson.out().lines().count(), 4);
    let text = folder.run(&["diff", "golden.ini", "d*/MicroSIP.ini", "--text"]).code(1).out();
    assert_eq!(text.matches("+++ d0").count(), 2, "{text}");
    folder.run(&["diff", "golden.ini", "desks.csv", "--exit-zero"]).code(0);
    let two = folder.run(&["diff", "desks.csv", "desks.csv"]).code(2);
    insta::assert_snapshot!(two.err(), @"
    error: an inventory can only be compared with one file
    hint: name one file on the other side, for example a golden file
    ");
    folder.write("gone.csv", "ini\nd01/MicroSIP.ini\ngone.ini\n");
    let gone = folder.run(&["diff", "golden.ini", "gone.csv"]).code(4);
    assert!(gone.err().contains("gone.csv:3: gone.ini: "), "{}", gone.err());
}

#[test]
fn diff_pairs_the_files_of_two_folders_by_relative_path() {
    let folder = Folder::new();
    for name in ["old", "old/a", "old/b", "old/c", "new", "new/a", "new/b", "new/d"] {
        fs::create_dir(folder.file(name)).unwrap();
    }
    for name in ["old/a", "old/b", "old/c", "new/a", "new/b", "new/d"] {
        let value = usize::from(name == "new/b");
        folder.write(&format!("{name}/MicroSIP.ini"), format!("[Settings]\r\nAA={value}\r\n"));
    }
    let run = folder.run(&["diff", "old", "new"]).code(1);
    insta::assert_snapshot!(slashed(&run.out()), @"
    new/a/MicroSIP.ini: same
    new/b/MicroSIP.ini: different
      ~ Settings.AA = 0 -> 1
    new/d/MicroSIP.ini: only in the second
    old/c/MicroSIP.ini: only in the first
    4 files: 1 same, 1 different, 1 only in the first, 1 only in the second
    ");
    folder.run(&["diff", "old", "old"]).code(0);
}

#[test]
fn diff_of_many_files_is_grouped() {
    let folder = numbered_pcs(12, "");
    folder.write("golden.ini", utf16(&super::OLD.replace("AA=0", "AA=1")));
    let run = folder.run(&["diff", "golden.ini", "desks.csv"]).code(1);
    insta::assert_snapshot!(slashed(&run.out()), @"
    ~ Settings.AA = 1 -> 0 in 12 files: d01/MicroSIP.ini, d02/MicroSIP.ini, d03/MicroSIP.ini, and 9 more
    12 files: 0 same, 12 different
    ");
}

#[test]
fn diff_shows_defaults_empty_values_and_omitted_keys() {
    let folder = Folder::new();
    folder.write("a.ini", "[Settings]\r\nAA=\r\nmainX=1\r\nuserAgent=x\r\n[Dialed]\r\n0=204\r\n");
    folder
        .write("b.ini", "[Settings]\r\nAA=1\r\nvolumeRing=50\r\nmainX=2\r\n[Dialed]\r\n0=205\r\n");
    let run = folder.run(&["diff", "a.ini", "b.ini"]).code(1);
    insta::assert_snapshot!(run.out(), @"
    ~ Settings.AA = (empty) -> 1
    - Settings.userAgent = x
    ~ Settings.volumeRing = not set (default 100) -> 50
    2 machine-specific keys omitted; to show all, pass `--all`
    ");
    let all = folder.run(&["diff", "a.ini", "b.ini", "--all"]).code(1).out();
    assert!(all.contains("~ Settings.mainX = 1 -> 2\n"), "{all}");
    assert!(all.contains("~ Dialed.0 = 204 -> 205\n"), "{all}");
    folder.write("c.ini", "[Settings]\r\nAA=\r\nmainX=3\r\nuserAgent=x\r\n");
    let same = folder.run(&["diff", "a.ini", "c.ini"]).code(0);
    assert_eq!(same.out(), "2 machine-specific keys omitted; to show all, pass `--all`\n");
    folder.run(&["diff", "a.ini", "c.ini", "--all"]).code(1);
}
