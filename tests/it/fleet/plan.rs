//! `plan`: the output for people, saved plans, and the exit codes.

use std::fs;

use microsip_schema::{Version, validate_setting};
use serde_json::Value;

use super::{OLD, POLICY, contents, fits_schema, ini, pcs, report, slashed, states};
use crate::runner::utf16;

#[test]
fn plan_of_one_file_lists_its_changes() {
    let folder = pcs(1, POLICY);
    let before = folder.state();
    let run = folder.run(&["plan", "p.toml", "-i", "d01"]).code(0);
    insta::assert_snapshot!(slashed(&run.out()), @r#"
    d01/MicroSIP.ini: would change
      ~ Settings.AA = 0 -> 1
      + hook native-command on call-end = "C:/calls.exe" call-end
    "#);
    assert_eq!(run.err(), "");
    assert!(folder.state() == before, "something was touched");
}

#[test]
fn policy_among_the_files_is_rejected_before_any_file() {
    let folder = pcs(1, POLICY);
    let before = folder.state();
    for command in ["plan", "apply", "audit"] {
        let run = folder.run(&[command, &ini(1), "-i", "p.toml", "-i", "d01"]).code(2);
        insta::allow_duplicates! {
            insta::assert_snapshot!(run.err(), @"
            error: p.toml: the file is a policy: expected a MicroSIP.ini
            hint: put the policy before the files
            ");
        }
    }
    assert!(folder.state() == before, "something was touched");
}

#[test]
fn plan_of_a_few_files_lists_changes_and_failures() {
    let folder = pcs(3, "[Settings]\nAA = true\n");
    folder.write(&ini(2), utf16(&OLD.replace("AA=0", "AA=1")));
    folder.write("desks.csv", "ini,site\nd01,A\nd02,B\nd03,B\nd04/MicroSIP.ini,C\nx*/y.ini,E\n");
    let run = folder.run(&["plan", "p.toml", "--inventory", "desks.csv"]).code(4);
    insta::assert_snapshot!(slashed(&run.out()), @"
    d01/MicroSIP.ini: would change
      ~ Settings.AA = 0 -> 1
    d02/MicroSIP.ini: unchanged
    d03/MicroSIP.ini: would change
      ~ Settings.AA = 0 -> 1
    d04/MicroSIP.ini: failed
    x*/y.ini: failed
    5 files: 2 would change, 1 unchanged, 2 failed
    ");
    insta::assert_snapshot!(slashed(&run.err()), @"
    error: desks.csv:5: d04/MicroSIP.ini: file not found
    hint: check the path, or pass `--create` to create the file
    error: desks.csv:6: x*/y.ini: no file matches the pattern
    ");
}

#[test]
fn plan_of_many_files_groups_equal_changes() {
    let folder = pcs(12, "[Settings]\nAA = true\nDND = false\n");
    for desk in [3, 7] {
        folder.write(&ini(desk), utf16(&OLD.replace("AA=0", "AA=0\r\nDND=1")));
    }
    folder.write(&ini(5), utf16("[Settings]\r\nAA=1\r\nDND=0\r\n"));
    fs::remove_file(folder.file(&ini(9))).unwrap();
    fs::create_dir(folder.file(&ini(9))).unwrap();
    let run = folder.run(&["plan", "p.toml", "-i", "d*/MicroSIP.ini", "-i", "gone.ini"]).code(4);
    insta::assert_snapshot!(slashed(&run.out()), @"
    ~ Settings.AA = 0 -> 1 in 10 files: d01/MicroSIP.ini, d02/MicroSIP.ini, d03/MicroSIP.ini, and 7 more
    + Settings.DND = 0 in 8 files: d01/MicroSIP.ini, d02/MicroSIP.ini, d04/MicroSIP.ini, and 5 more
    ~ Settings.DND = 1 -> 0 in 2 files: d03/MicroSIP.ini, d07/MicroSIP.ini
    failed: not a file: it's a folder (1 file: d09/MicroSIP.ini)
    failed: file not found (1 file: gone.ini)
    13 files: 10 would change, 1 unchanged, 2 failed
    ");
}

#[test]
fn saved_plan_matches_its_schema_and_the_json_output() {
    let folder = pcs(3, POLICY);
    folder.write("desks.csv", "ini,site\nd01,A\nd02,B\nd03,B\nd04,C\n");
    let args = ["plan", "p.toml", "--inventory", "desks.csv", "-o", "plan.json"];
    let printed = report(&folder, &args, 4);
    let saved: Value = serde_json::from_slice(&folder.read("plan.json")).unwrap();
    assert_eq!(printed, saved);
    fits_schema(&folder, "plan", &saved);
    assert_eq!(
        states(&saved),
        ["d01/MicroSIP.ini", "d02/MicroSIP.ini", "d03/MicroSIP.ini", "d04"]
            .iter()
            .zip(["changed", "changed", "changed", "failed"])
            .map(|(path, state)| format!("{path} {state}"))
            .collect::<Vec<_>>()
    );
    assert_eq!(saved["summary"]["failed"], 1);
    assert_eq!(saved["files"][1]["rows"], serde_json::json!(["desks.csv:3"]));
    let sources = saved["sources"].as_array().unwrap();
    let kinds: Vec<_> = sources.iter().map(|source| source["is_inventory"] == true).collect();
    assert_eq!(kinds, [false, true]);

    // For rows that are printed as they come, the last one is the summary.
    let ndjson = folder.run(&[&args[..4], &["--format", "ndjson"]].concat()).code(4).out();
    let lines: Vec<Value> = ndjson.lines().map(|it| serde_json::from_str(it).unwrap()).collect();
    assert_eq!(lines[..4], saved["files"].as_array().unwrap()[..]);
    assert_eq!(lines[4]["summary"], saved["summary"]);
}

#[test]
fn plan_detailed_exitcode_depends_on_changes_and_failures() {
    let folder = pcs(2, "[Settings]\nAA = true\n");
    let plan = |args: &[&str], code| {
        let run = folder.run(&[&["plan", "p.toml", "--detailed-exitcode"], args].concat());
        run.code(code);
    };
    plan(&["-i", "d01"], 2);
    folder.write(&ini(1), utf16("[Settings]\r\nAA=1\r\n"));
    plan(&["-i", "d01"], 0);
    plan(&["-i", "d01", "-i", "d02"], 2);
    plan(&["-i", "gone.ini"], 1);
    plan(&["-i", "d01", "-i", "gone.ini"], 4);
    plan(&["--nonsense"], 1);
    folder.run(&["plan", "gone.toml", "-i", "d01", "--detailed-exitcode"]).code(1);
}

#[test]
fn policy_error_is_reported_once_with_its_location() {
    let folder = pcs(2, "[Settings]\nAA = true\nvolumeRing = 500\n");
    let error_of = |args: &[&str]| slashed(&folder.run(args).code(2).err());
    let invalid = validate_setting("Settings", "volumeRing", "500", Version::NEWEST).unwrap_err();
    let drawn = error_of(&["plan", "p.toml", "-i", "d01", "-i", "d02"]);
    insta::assert_snapshot!(drawn.replace(&invalid.to_string(), "[INVALID]"), @"
    error: [INVALID]
     --> p.toml:3:14
      |
    3 | volumeRing = 500
      |              ^^^
      |
      = help: to write it anyway, use `{ value = ..., force = true }`; to limit it to some versions, use `[match]` or `[[when]]`
    ");
    insta::assert_snapshot!(error_of(&["plan", "gone.toml", "-i", "d01"]), @"error: gone.toml: can't read the policy: file not found");
    folder.write("up.toml", "extends = [\"gone.toml\"]\n[Settings]\nAA = true\n");
    insta::assert_snapshot!(error_of(&["plan", "up.toml", "-i", "d01"]), @r#"
    error: can't read gone.toml: file not found
     --> up.toml:1:12
      |
    1 | extends = ["gone.toml"]
      |            ^^^^^^^^^^^
    "#);
    folder.write("fine.toml", POLICY);
    folder.write("file.toml", "[Account1]\npassword = { file = \"pw.txt\" }\n");
    insta::assert_snapshot!(error_of(&["plan", "file.toml", "-i", "d01"]), @r#"
    error: can't read the secret in pw.txt: file not found
     --> file.toml:2:12
      |
    2 | password = { file = "pw.txt" }
      |            ^^^^^^^^^^^^^^^^^^^
    "#);
    insta::assert_snapshot!(error_of(&["plan", "fine.toml", "--inventory", "gone.csv"]), @"
    error: gone.csv: file not found
    hint: check the path
    ");
    assert_eq!(contents(&folder, 2), [utf16(OLD), utf16(OLD)]);
}

#[test]
fn plan_is_not_saved_when_every_file_failed() {
    let folder = pcs(0, POLICY);
    let args = ["plan", "p.toml", "-i", "a.ini", "-i", "b.ini", "-o", "plan.json"];
    let run = folder.run(&args).code(2);
    assert!(!folder.file("plan.json").exists(), "{}", run.err());
}

#[test]
fn policy_and_inventory_errors_are_reported_together_before_any_file() {
    let folder = pcs(
        2,
        "[Setings]\nAA = true\n[Account1]\npassword = { value = \"hunter2\", froce = true }\n",
    );
    let run = folder.run(&["apply", "p.toml", "-i", "d01", "-i", "d02"]).code(2);
    insta::assert_snapshot!(slashed(&run.err()), @"
    error: unknown section `[Setings]`
     --> p.toml:1:2
      |
    1 | [Setings]
      |  ^^^^^^^
      |
      = help: write `[Settings]`

    error: unknown key `froce` in the value of `Account1.password`
     --> p.toml:4:27
      |
    4 | password = { value = ***, froce = *** }
      |                           ^^^^^
      |
      = help: did you mean `force`?

    error: found 2 errors in p.toml
    ");
    let json = folder.run(&["apply", "p.toml", "-i", "d01", "--format", "json"]).code(2).err();
    let json: Value = serde_json::from_str(&json).unwrap();
    assert_eq!(json["error"]["errors"][0]["line"], 1);
    assert_eq!(json["error"]["errors"][0]["correction"], "[Settings]");
    folder.write("p.toml", "[Account1]\nusername = \"{{ row.extension }}\"\n");
    folder.write("pcs.csv", "ini,extensions\nd01,100\nd02,101\n");
    let run = folder.run(&["apply", "p.toml", "--inventory", "pcs.csv"]).code(2);
    insta::assert_snapshot!(slashed(&run.err()), @r#"
    error: column `extension` not found in pcs.csv
     --> p.toml:2:12
      |
    2 | username = "{{ row.extension }}"
      |            ^^^^^^^^^^^^^^^^^^^^^
      |
      = help: did you mean `extensions`?
    "#);
    let run = folder.run(&["plan", "p.toml", "-i", "d01"]).code(2);
    assert!(run.err().contains("column `extension` needs an inventory"), "{}", run.err());
    assert_eq!(contents(&folder, 2), [utf16(OLD), utf16(OLD)]);
}
