//! Deferred apply: changes to files in use wait, and are made once.

#[cfg(target_os = "linux")]
mod crash;
mod engine;
#[cfg(windows)]
mod running;
mod secrets;

use std::fs;
use std::path::PathBuf;

use serde_json::Value;

use crate::runner::{Folder, PENDING, locked};

const BEFORE: &str = "[Settings]\r\nAA=0\r\ncmdCallEnd=\r\n[Account1]\r\nusername=204\r\n";
const POLICY: &str = "[Settings]\nAA = 1\n";
const QUEUE: [&str; 5] = ["apply", "p.toml", "--when-closed", "--lock-timeout", "0"];

/// Creates a folder with a file and a policy for it.
fn world(policy: &str) -> Folder {
    let folder = Folder::with(BEFORE);
    folder.write("p.toml", policy);
    folder
}

/// Queues the policy for the file, which is in use meanwhile, and returns the run.
#[track_caller]
fn queue(folder: &Folder) -> String {
    let lock = locked(folder, "MicroSIP.ini");
    let run = folder.on_ini(&[&QUEUE[..], &["--format", "json"]].concat()).code(0);
    drop(lock);
    let file = &run.json()["files"][0];
    assert_eq!(file["state"], "queued");
    file["pending"].as_str().unwrap().to_owned()
}

/// Returns the plans that `status` shows.
#[track_caller]
fn status(folder: &Folder, code: i32) -> Vec<Value> {
    let status = folder.run(&["status", "--format", "json"]).code(code).json();
    status["plans"].as_array().unwrap().clone()
}

fn text(folder: &Folder) -> String {
    String::from_utf8(folder.ini()).unwrap()
}

fn plan_file(folder: &Folder, run: &str) -> PathBuf {
    folder.file(PENDING).join(format!("{run}.plan"))
}

#[test]
#[cfg_attr(windows, ignore = "msipctlw makes the change as soon as the file is free")]
fn file_in_use_is_queued_applied_once_and_undone() {
    let folder = world(POLICY);
    let lock = locked(&folder, "MicroSIP.ini");
    let run = folder.on_ini(&QUEUE).code(0);
    drop(lock);
    assert_eq!(run.out(), "MicroSIP.ini: queued as [TIME]\n  ~ Settings.AA = 0 -> 1\n");
    assert!(run.err().starts_with("note: 1 file in use: "), "{}", run.err());
    assert_eq!(text(&folder), BEFORE);

    let shown = folder.run(&["status"]).code(0).out();
    let lines: Vec<_> = shown.lines().collect();
    assert_eq!(lines[0], "[TIME]  [FOLDER]/MicroSIP.ini  not applied yet");
    assert!(lines[1].starts_with("  apply --when-closed p.toml, queued 20"), "{shown}");
    assert_eq!(lines[2..], ["  Settings.AA"]);

    let plans = status(&folder, 0);
    assert_eq!((plans.len(), &plans[0]["state"]), (1, &Value::from("waiting")));
    let run = plans[0]["run"].as_str().unwrap();

    let applied = folder.run(&["apply", "--pending"]).code(0).out();
    assert!(applied.starts_with("[TIME]  [FOLDER]/MicroSIP.ini  applied\n"), "{applied}");
    let after = BEFORE.replace("AA=0", "AA=1");
    assert_eq!(text(&folder), after);
    assert_eq!(status(&folder, 0), [Value::Null; 0]);
    let again = folder.run(&["apply", "--pending"]).code(0);
    assert_eq!((again.out().as_str(), again.err().as_str()), ("", "note: no pending plans\n"));

    let listed = folder.run(&["backup", "list", "--runs"]).code(0).out();
    assert!(listed.contains("1 file, 1 changed, 0 failed  apply --when-closed p.toml"), "{listed}");
    folder.run(&["backup", "restore", "--run", run]).code(0);
    assert_eq!(text(&folder), BEFORE);
    let resumed = folder.run(&["apply", "--resume", run]).code(2).err();
    assert!(resumed.contains("can't resume run"), "{resumed}");
}

#[test]
#[cfg_attr(windows, ignore = "msipctlw makes the change as soon as the file is free")]
fn free_files_are_written_and_only_others_are_queued() {
    let folder = Folder::new();
    folder.write("p.toml", POLICY);
    for name in ["a", "b", "c"] {
        fs::create_dir(folder.file(name)).unwrap();
        folder.write(&format!("{name}/MicroSIP.ini"), BEFORE);
    }
    let lock = locked(&folder, "b/MicroSIP.ini");
    let args = [&QUEUE[..], &["-i", "a", "-i", "b", "-i", "c", "--format", "json"]].concat();
    let report = folder.run(&args).code(0).json();
    drop(lock);
    let states = report["files"].as_array().unwrap().iter().map(|file| &file["state"]);
    assert_eq!(states.collect::<Vec<_>>(), ["changed", "queued", "changed"]);
    assert_eq!(
        (&report["summary"]["changed"], &report["summary"]["queued"]),
        (&2.into(), &1.into())
    );
    let plans = status(&folder, 0);
    assert!(plans[0]["path"].as_str().unwrap().ends_with("MicroSIP.ini"));
    assert_eq!((plans.len(), &plans[0]["run"]), (1, &report["files"][1]["pending"]));
    let human = {
        let _lock = locked(&folder, "b/MicroSIP.ini");
        folder.run(&[&QUEUE[..], &["-i", "a", "-i", "b"]].concat()).code(0).out()
    };
    assert!(human.contains("2 files: 0 changed, 1 unchanged, 0 failed, 1 queued"), "{human}");
}

#[test]
#[cfg_attr(windows, ignore = "msipctlw makes the change as soon as the file is free")]
fn saved_plan_can_be_queued() {
    let folder = world("[Account1]\npassword = { file = \"pw\" }\n");
    folder.write("pw", "hunter2");
    folder.on_ini(&["plan", "p.toml", "-o", "plan.json"]).code(0);
    let lock = locked(&folder, "MicroSIP.ini");
    folder.run(&["apply", "plan.json", "--when-closed", "--lock-timeout", "0"]).code(0);
    drop(lock);
    folder.run(&["apply", "--pending"]).code(0);
    assert_eq!(text(&folder), format!("{BEFORE}password=hunter2\r\n"));
}

#[test]
#[cfg_attr(windows, ignore = "msipctlw makes the change as soon as the file is free")]
fn setting_survives_what_microsip_saved_meanwhile() {
    let folder = world(POLICY);
    queue(&folder);
    let saved =
        BEFORE.replace("AA=0", "volume=7\r\nAA=0").replace("cmdCallEnd=", "cmdCallEnd=\"\"");
    folder.write("MicroSIP.ini", &saved);
    folder.run(&["apply", "--pending"]).code(0);
    assert_eq!(text(&folder), saved.replace("AA=0", "AA=1"));
}

#[test]
#[cfg_attr(windows, ignore = "msipctlw makes the change as soon as the file is free")]
fn changed_hook_is_a_conflict_until_it_is_discarded() {
    let hook =
        "[[hook]]\ntemplate = \"call-log\"\non = \"call-end\"\nwith = { file = 'C:\\log.csv' }\n";
    let folder = world(&format!("{POLICY}{hook}"));
    let run = queue(&folder);
    let foreign = BEFORE.replace("cmdCallEnd=", "cmdCallEnd=C:\\other.exe");
    folder.write("MicroSIP.ini", &foreign);
    let shown = folder.run(&["apply", "--pending"]).code(1).out();
    let reason = "conflict: `Settings.cmdCallEnd` was changed since the plan was queued\n";
    assert!(shown.contains(reason), "{shown}");
    assert_eq!(text(&folder), foreign, "nothing is written");
    let plans = status(&folder, 1);
    assert_eq!((&plans[0]["state"], &plans[0]["attempts"]), (&"conflict".into(), &1.into()));
    assert!(folder.run(&["status"]).code(1).out().contains("msipctl status --discard "));

    folder.run(&["status", "--discard", &run]).code(0);
    assert_eq!(status(&folder, 0).len(), 0);
    let err = folder.run(&["status", "--discard", &run]).code(2).err();
    assert!(err.starts_with("error: pending plan `[TIME]` not found\n"), "{err}");
}

#[test]
#[cfg_attr(windows, ignore = "msipctlw makes the change as soon as the file is free")]
fn changed_policy_is_a_conflict_that_a_new_apply_solves() {
    let folder = world(POLICY);
    queue(&folder);
    folder.write("p.toml", "[Settings]\nAA = 1\nDND = 1\n");
    folder.run(&["apply", "--pending"]).code(1);
    assert!(
        status(&folder, 1)[0]["last_error"]
            .as_str()
            .unwrap()
            .ends_with("since the plan was queued")
    );
    let run = folder.on_ini(&["apply", "p.toml"]).code(0);
    assert!(run.err().contains("note: discarded 1 outdated pending plan\n"), "{}", run.err());
    assert_eq!(status(&folder, 0).len(), 0);
}

#[test]
#[cfg_attr(windows, ignore = "msipctlw makes the change as soon as the file is free")]
fn apply_first_applies_plans_of_free_files() {
    let folder = world(POLICY);
    queue(&folder);
    folder.write("other.toml", "[Settings]\nDND = 1\n");
    folder.on_ini(&["apply", "other.toml", "--dry-run"]).code(0);
    assert_eq!(text(&folder), BEFORE);
    let run = folder.on_ini(&["apply", "other.toml"]).code(0);
    let expected = "note: [FOLDER]/MicroSIP.ini: applied the pending plan [TIME]\n";
    assert!(run.err().contains(expected), "{}", run.err());
    assert!(text(&folder).contains("AA=1\r\n") && text(&folder).contains("DND=1\r\n"));
}

#[test]
#[cfg_attr(windows, ignore = "msipctlw makes the change as soon as the file is free")]
fn plans_of_two_policies_are_both_applied() {
    let folder = world(POLICY);
    queue(&folder);
    folder.write("q.toml", "[Settings]\nDND = 1\n");
    let lock = locked(&folder, "MicroSIP.ini");
    folder.on_ini(&["apply", "q.toml", "--when-closed", "--lock-timeout", "0"]).code(0);
    drop(lock);
    assert_eq!(status(&folder, 0).len(), 2);
    folder.run(&["apply", "--pending"]).code(0);
    assert!(text(&folder).contains("AA=1\r\n") && text(&folder).contains("DND=1\r\n"));
}

#[test]
#[cfg_attr(windows, ignore = "msipctlw makes the change as soon as the file is free")]
fn background_program_applies_plans_of_free_files() {
    let folder = world(POLICY);
    queue(&folder);
    let msipctlw = env!("CARGO_BIN_EXE_msipctlw");
    let output = folder.program_command(msipctlw, &["pending", "run"]).output().unwrap();
    assert_eq!(output.status.code(), Some(0), "{output:?}");
    assert!(output.stdout.is_empty() && output.stderr.is_empty(), "{output:?}");
    assert_eq!(text(&folder), BEFORE.replace("AA=0", "AA=1"));
    assert_eq!(status(&folder, 0).len(), 0);
    // Nothing to do, and no other command line.
    let output = folder.program_command(msipctlw, &["pending", "run"]).output().unwrap();
    assert_eq!(output.status.code(), Some(0));
    for args in [&["pending"][..], &["pending", "run", "x"], &["status"]] {
        let output = folder.program_command(msipctlw, args).output().unwrap();
        assert_eq!(output.status.code(), Some(2), "{args:?}");
    }
}

#[test]
fn conflicting_arguments_are_rejected() {
    let folder = world(POLICY);
    for args in [
        &["apply", "p.toml", "--when-closed", "--dry-run"][..],
        &["apply", "p.toml", "--when-closed", "--if-running", "wait"],
        &["apply", "p.toml", "--expires", "3"],
        &["apply", "p.toml", "--when-closed", "--expires", "0"],
        &["apply", "p.toml", "--pending"],
        &["apply", "--pending", "--dry-run"],
        &["apply", "--pending", "--resume", "20261201T000000Z-0000"],
        &["status", "--discard", "../x"],
    ] {
        folder.run(args).code(2);
    }
    assert_eq!(text(&folder), BEFORE);
    assert!(!folder.file(PENDING).exists());
}

#[test]
#[cfg_attr(windows, ignore = "msipctlw makes the change as soon as the file is free")]
fn damaged_plan_is_shown_and_never_applied() {
    let folder = world(POLICY);
    let run = queue(&folder);
    let path = plan_file(&folder, &run);
    let plan = fs::read_to_string(&path).unwrap();
    fs::write(&path, plan.replace("{\"value\":\"1\"}", "{\"value\":\"9\"}")).unwrap();
    let shown = folder.run(&["apply", "--pending"]).code(1).out();
    assert!(shown.contains("invalid: the plan was changed after msipctl queued it\n"), "{shown}");
    assert_eq!(
        (text(&folder).as_str(), &status(&folder, 1)[0]["state"]),
        (BEFORE, &"invalid".into())
    );
    // Another apply isn't affected.
    let run = folder.on_ini(&["apply", "p.toml"]).code(0);
    let warning = "warning: 1 pending plan not applied; run `msipctl status` to see why\n";
    assert!(run.err().contains(warning), "{}", run.err());
}

#[cfg(unix)]
#[test]
fn folder_that_others_can_write_to_is_rejected() {
    use std::os::unix::fs::PermissionsExt;

    let folder = world(POLICY);
    queue(&folder);
    fs::set_permissions(folder.file(PENDING), fs::Permissions::from_mode(0o777)).unwrap();
    for args in [&["apply", "--pending"][..], &["status"]] {
        let err = folder.run(args).failed().err();
        assert!(err.starts_with("error: [FOLDER]/.pending: "), "{err}");
    }
    let _lock = locked(&folder, "MicroSIP.ini");
    folder.on_ini(&QUEUE).failed();
    assert_eq!(text(&folder), BEFORE);
}

#[cfg(unix)]
#[test]
fn text_of_a_plan_never_reaches_a_terminal_raw() {
    let folder = Folder::new();
    let name = "d\u{1b}[35m\u{202e}\nerror: forged";
    fs::create_dir(folder.file(name)).unwrap();
    let ini = format!("{name}/MicroSIP.ini");
    folder.write(&ini, BEFORE);
    let policy = format!("{name}/p.toml");
    folder.write(&policy, POLICY);
    let lock = locked(&folder, &ini);
    let args = ["apply", &policy, "--when-closed", "--lock-timeout", "0", "-i", &ini];
    let queued = folder.run(&args).code(0);
    drop(lock);
    fs::remove_file(folder.file(&ini)).unwrap();
    let runs =
        [folder.run(&["status"]), folder.run(&["apply", "--pending"]), folder.run(&["status"])];
    for run in [&queued].into_iter().chain(&runs) {
        let text = format!("{}{}", run.out(), run.err());
        assert!(
            !text.contains(['\u{1b}', '\u{202e}']) && !text.contains("\nerror: forged"),
            "{text:?}"
        );
    }
}
