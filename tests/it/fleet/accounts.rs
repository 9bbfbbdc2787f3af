//! Several rows for the accounts of one file, and accounts that are found by value.

use std::fs;

use super::{OLD, fits_schema, ini, pcs, report, slashed};
use crate::runner::{Folder, utf16};

const POLICY: &str = "\
[Settings]
AA = true

[\"Account{{ row.account }}\"]
username = \"{{ row.username }}\"
password = { env = \"PW_{{ row.username }}\" }
";

const ROWS: &str = "ini,account,username\nd01,1,100\nd02,1,200\nd01,2,101\n";

fn with_secrets(command: &mut std::process::Command) {
    command.env("PW_100", "Tr0ub4dor-1").env("PW_101", "Tr0ub4dor-2").env("PW_200", "Tr0ub4dor-3");
}

fn agents(policy: &str, rows: &str) -> Folder {
    let folder = pcs(2, policy);
    folder.write("agents.csv", rows);
    folder
}

#[test]
fn rows_of_one_file_are_planned_and_written_once() {
    let folder = agents(POLICY, ROWS);
    let plan = ["plan", "p.toml", "--inventory", "agents.csv", "-o", "plan.json"];
    let run = folder.run_as(&plan, with_secrets).code(0);
    insta::assert_snapshot!(slashed(&run.out()), @"
    d01/MicroSIP.ini: would change
      ~ Settings.AA = 0 -> 1
      + Account1.username = 100
      + Account1.password = ***
      + Account2.username = 101
      + Account2.password = ***
    d02/MicroSIP.ini: would change
      ~ Settings.AA = 0 -> 1
      + Account1.username = 200
      + Account1.password = ***
    2 files: 2 would change, 0 unchanged, 0 failed
    ");
    let saved: serde_json::Value = serde_json::from_slice(&folder.read("plan.json")).unwrap();
    fits_schema(&folder, "plan", &saved);
    assert_eq!(saved["files"][0]["rows"], serde_json::json!(["agents.csv:2", "agents.csv:4"]));
    let applied = folder.run_as(&["apply", "plan.json"], with_secrets).code(0);
    assert!(!String::from_utf8(applied.everything()).unwrap().contains("Tr0ub4dor"));
    let backups = fs::read_dir(folder.file("d01")).unwrap().count();
    assert_eq!(backups, fs::read_dir(folder.file("d02")).unwrap().count());
    let again = ["apply", "p.toml", "--inventory", "agents.csv"];
    let again = folder.run_as(&again, with_secrets).code(0);
    assert!(again.out().contains("0 changed, 2 unchanged"), "{}", again.out());
    assert_eq!(again.err(), "");
    folder.run(&["backup", "restore", "--run", "last"]).code(0);
    assert_eq!(folder.read(&ini(1)), utf16(OLD));
}

#[test]
fn drift_is_reported_for_each_account() {
    let folder = agents(POLICY, ROWS);
    let run = folder.run(&["audit", "p.toml", "--inventory", "agents.csv"]).code(1);
    let out = slashed(&run.out());
    for expected in [
        "~ Account1.username = not set, expected 100",
        "~ Account2.username = not set, expected 101",
        "2 files: 0 in sync, 2 drifted",
    ] {
        assert!(out.contains(expected), "{expected}\n{out}");
    }
}

#[test]
fn contradicting_rows_are_rejected_before_any_file() {
    let folder = agents(POLICY, "ini,account,username\nd02,1,200\nd01,1,100\nd01,1,101\n");
    let before = folder.state();
    for command in ["plan", "apply", "audit"] {
        let args = [command, "p.toml", "--inventory", "agents.csv"];
        let run = folder.run_as(&args, with_secrets).code(2);
        let expected = "the rows agents.csv:3 and agents.csv:4 name the same file, but state different values for `Account1.username`";
        assert!(run.err().contains(expected), "{}", run.err());
        assert!(folder.state() == before, "{command} touched something");
    }
}

#[test]
fn account_found_by_value_is_written_and_its_absence_is_noted() {
    let policy = "[\"Account*\"]\nmatch = { domain = \"sip.example.com\" }\nlabel = \"Work\"\n";
    let folder = agents(policy, ROWS);
    folder.write(&ini(2), utf16("[Settings]\r\nAA=0\r\n[Account1]\r\ndomain=other.example\r\n"));
    let args = |command| [command, "p.toml", "-i", "d01", "-i", "d02"];
    let note = "note: d02/MicroSIP.ini: no account has `domain` `sip.example.com` (p.toml:2:9)";
    for (command, code) in [("plan", 0), ("audit", 1), ("apply", 0), ("audit", 0)] {
        let run = folder.run(&args(command)).code(code);
        assert!(slashed(&run.err()).contains(note), "{command}: {}", run.err());
        if command == "plan" {
            insta::assert_snapshot!(slashed(&run.out()), @"
            d01/MicroSIP.ini: would change
              + Account1.label = Work
            d02/MicroSIP.ini: unchanged
            2 files: 1 would change, 1 unchanged, 0 failed
            ");
        }
    }
    let audited = report(&folder, &args("audit"), 0);
    assert_eq!(audited["summary"]["drifted"], 0);
}
