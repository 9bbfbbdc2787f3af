//! Killed runs of `apply`: resuming and undoing them, and when either is rejected.

use std::fs;
use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::Stdio;

use msipctl_core::store::{LockOptions, lock};
use serde_json::Value;

use super::{OLD, POLICY, contents, ini, pcs};
use crate::runner::{Folder, RUNS, Run, utf16};

const FILES: usize = 40;

/// Another msipctl holds this one when a run is killed.
const HELD: usize = 15;

/// Starts `apply` with these arguments, kills it when it reaches the file that is held, and returns the run.
fn killed(folder: &Folder, args: &[&str]) -> String {
    let held = lock(&folder.file(&ini(HELD)), &LockOptions::default()).unwrap();
    let args = [&["apply"], args, &["--jobs", "1", "--format", "ndjson"]].concat();
    let mut command = folder.command(&args);
    let mut child = command.stdout(Stdio::piped()).stderr(Stdio::null()).spawn().unwrap();
    let mut lines = BufReader::new(child.stdout.take().unwrap());
    for _ in 1..HELD {
        let mut line = String::new();
        assert_ne!(lines.read_line(&mut line).unwrap(), 0, "the run came to its end");
        assert!(line.contains("\"changed\""), "{line}");
    }
    child.kill().unwrap();
    child.wait().unwrap();
    drop(held);
    let runs = runs(folder);
    let [(run, state)] = &runs[..] else { panic!("{runs:?}") };
    assert_eq!(state, "interrupted");
    run.clone()
}

fn runs(folder: &Folder) -> Vec<(String, String)> {
    let list = folder.run(&["backup", "list", "--runs", "--format", "json"]).code(0).json();
    let text = |value: &Value| value.as_str().unwrap().to_owned();
    let runs = list["runs"].as_array().unwrap().iter();
    runs.map(|run| (text(&run["run"]), text(&run["state"]))).collect()
}

fn resume(folder: &Folder, run: &str) -> Run {
    folder.run(&["apply", "--resume", run])
}

/// Returns the number of files that changed.
fn changed(folder: &Folder) -> usize {
    contents(folder, FILES).iter().filter(|bytes| **bytes != utf16(OLD)).count()
}

#[test]
fn killed_run_can_be_resumed_and_undone() {
    for what in ["policy", "plan"] {
        let folder = pcs(FILES, POLICY);
        fs::create_dir(folder.file("elsewhere")).unwrap();
        let run = match what {
            "policy" => killed(&folder, &["p.toml", "-i", "d*"]),
            _ => {
                folder.run(&["plan", "p.toml", "-i", "d*", "-o", "plan.json"]).code(0);
                killed(&folder, &["plan.json"])
            }
        };
        let done = changed(&folder);
        assert_eq!(done, HELD - 1);
        let elsewhere = folder.file("elsewhere");
        let resumed = folder.run_as(&["apply", "--resume", &run, "--format", "json"], |command| {
            command.current_dir(&elsewhere);
        });
        let resumed = resumed.code(0);
        let said = format!("run {run}: resuming after {done} of {FILES} files");
        assert!(String::from_utf8(resumed.everything()).unwrap().contains(&said));
        assert_eq!(resumed.json()["summary"]["changed"], FILES - done);
        assert_eq!(resumed.json()["run"], run);
        assert_eq!(changed(&folder), FILES);
        assert_eq!(runs(&folder), [(run.clone(), "finished".to_owned())]);
        folder.run(&["audit", "p.toml", "-i", "d*"]).code(0);

        // A finished run has no remaining files, so its journal isn't opened again.
        let again = resume(&folder, &run).code(0);
        assert!(again.err().contains("is finished; nothing to resume"), "{}", again.err());
        assert_eq!(again.out(), "");
        assert_eq!(runs(&folder), [(run.clone(), "finished".to_owned())]);

        folder.run(&["backup", "restore", "--run", &run]).code(0);
        assert_eq!(changed(&folder), 0);
        for _ in 0..2 {
            let undone = resume(&folder, &run).code(3);
            assert!(undone.err().contains(" was undone by run "), "{}", undone.err());
            assert_eq!(runs(&folder).last(), Some(&(run.clone(), "undone".to_owned())));
        }
        assert_eq!(changed(&folder), 0);
    }
}

#[test]
fn killed_run_can_be_undone_without_resuming() {
    let folder = pcs(FILES, POLICY);
    let run = killed(&folder, &["p.toml", "-i", "d*"]);
    folder.run(&["backup", "restore", "--run", &run]).code(0);
    assert_eq!(changed(&folder), 0);
    resume(&folder, &run).code(3);
}

#[test]
fn resume_fails_when_policy_inventory_or_plan_changed() {
    let folder = pcs(FILES, POLICY);
    let lines: String = (1..=FILES).map(|desk| format!("d{desk:02}\n")).collect();
    folder.write("desks.csv", format!("ini\n{lines}"));
    let run = killed(&folder, &["p.toml", "--inventory", "desks.csv"]);
    let journal = journal(&folder, &run);
    let refused = || {
        for _ in 0..2 {
            let run = resume(&folder, &run).code(3);
            assert!(run.err().contains("changed since the run was started"), "{}", run.err());
        }
        assert_eq!(self::journal(&folder, &run), journal);
    };
    folder.write("p.toml", POLICY.replace("true", "false"));
    refused();
    folder.write("p.toml", POLICY);
    folder.write("desks.csv", format!("ini\n{lines}d41\n"));
    refused();
    folder.write("desks.csv", format!("ini\n{lines}"));
    resume(&folder, &run).code(0);
    assert_eq!(changed(&folder), FILES);

    let folder = pcs(FILES, POLICY);
    let plan = ["plan", "p.toml", "-i", "d*", "-o", "plan.json"];
    folder.run(&plan).code(0);
    let run = killed(&folder, &["plan.json"]);
    folder.run(&plan).code(0);
    let run = resume(&folder, &run).code(3);
    assert!(run.err().contains("changed since the run was started"), "{}", run.err());
}

fn journal(folder: &Folder, run: &str) -> Vec<u8> {
    folder.read(&Path::new(RUNS).join(format!("{run}.ndjson")).display().to_string())
}

#[test]
fn resume_reports_a_deleted_file_as_failed() {
    let folder = pcs(FILES, POLICY);
    let run = killed(&folder, &["p.toml", "-i", "d*/MicroSIP.ini"]);
    fs::remove_file(folder.file(&ini(FILES))).unwrap();
    let resumed = resume(&folder, &run).code(4);
    assert!(resumed.err().contains("d40/MicroSIP.ini: file not found"), "{}", resumed.err());
    let failed = resumed.out();
    let failed = failed.lines().find(|line| line.starts_with("failed: file not found")).unwrap();
    assert!(failed.ends_with("d40/MicroSIP.ini)"), "{failed}");
    folder.write(&ini(FILES), utf16(OLD));
    let again = resume(&folder, &run).code(0);
    assert!(again.out().contains("d40/MicroSIP.ini: changed"), "{}", again.out());
}

#[test]
fn resume_error_explains_why_a_run_cannot_be_resumed() {
    let folder = pcs(2, POLICY);
    let unknown = resume(&folder, "20261124T091500Z-9f3c").code(2);
    insta::assert_snapshot!(unknown.err(), @"
    error: [FOLDER]/.runs: run `[TIME]` not found: the folder has no journal of it
    hint: run `msipctl backup list --runs` to list runs
    ");
    let set = ["set", "Settings.AA=1", "-i", "d*", "--format", "json"];
    let run = folder.run(&set).code(0).json()["run"].as_str().unwrap().to_owned();
    let other = resume(&folder, &run).code(2).err();
    insta::assert_snapshot!(other, @"
    error: can't resume run `[TIME]`: only `apply` runs can be resumed
    hint: run `msipctl backup list --runs` to list runs
    ");
    // It resumes with its original arguments.
    for flag in ["--dry-run", "--no-backup", "--create", "--jobs=1", "-id01", "--microsip=3.20"] {
        let refused = folder.run(&["apply", "--resume", &run, flag]).code(2).err();
        assert!(refused.contains("cannot be used with"), "{refused}");
    }
    let running = lock(&folder.file(&ini(2)), &LockOptions::default()).unwrap();
    let mut command = folder.command(&["apply", "p.toml", "-i", "d*", "--jobs", "1"]);
    let mut child = command.stdout(Stdio::piped()).stderr(Stdio::null()).spawn().unwrap();
    BufReader::new(child.stdout.take().unwrap()).read_line(&mut String::new()).unwrap();
    let run = runs(&folder).first().unwrap().clone();
    assert_eq!(run.1, "running");
    let refused = resume(&folder, &run.0).code(3).err();
    assert!(refused.contains("is still in progress"), "{refused}");
    child.kill().unwrap();
    child.wait().unwrap();
    drop(running);
}
