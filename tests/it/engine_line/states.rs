//! The state of each outcome, and the exit code that each engine expects for it.

use std::fs;

use serde_json::Value;

use super::{line, run, same_for_all};
use crate::runner::{Folder, utf16};

const POLICY: &str = "\
[Settings]
AA = true
updatesInterval = \"never\"
volumeRing = { max = 80 }

[[hook]]
template = \"native-command\"
on = [\"call-start\", \"call-end\"]
with = { program = 'C:\\calls.exe' }
";

const BEFORE: &str = "[Settings]\r\nAA=0\r\nvolumeRing=50\r\n";

fn folder(policy: &str) -> Folder {
    let folder = Folder::with(utf16(BEFORE));
    folder.write("p.toml", policy);
    folder
}

/// Returns a line without the time of the run.
fn without_run(line: &str) -> String {
    crate::runner::without_times(line)
}

const AUDIT: [&str; 3] = ["audit", "p.toml", "MicroSIP.ini"];
const APPLY: [&str; 3] = ["apply", "p.toml", "MicroSIP.ini"];

#[test]
fn audit_line_names_drifted_keys_and_hooks() {
    let folder = folder(POLICY);
    insta::assert_snapshot!(same_for_all(&folder, &AUDIT, [1, 0, 1]), @"NonCompliant; 1 of 1 file drifted, 4 of 5 values; keys: Settings.AA, Settings.updatesInterval; hooks: native-command (2 events); score 20.0%");
    folder.run(&APPLY).code(0);
    insta::assert_snapshot!(same_for_all(&folder, &AUDIT, [0, 0, 0]), @"Compliant; 1 file, 5 values; score 100%");
}

#[test]
fn apply_line_names_changed_keys_and_hooks() {
    for engine in super::ENGINES {
        let folder = folder(POLICY);
        insta::allow_duplicates! {
            insta::assert_snapshot!(without_run(&run(&folder, &APPLY, engine, 0)), @"Changed; 1 of 1 file changed; keys: Settings.AA, Settings.updatesInterval; hooks: native-command (2 events); run [TIME]");
            insta::assert_snapshot!(run(&folder, &APPLY, engine, 0), @"Compliant; 1 file, nothing to change");
        }
        folder.run(&AUDIT).code(0);
    }
}

#[test]
fn missing_file_is_a_success_unless_it_is_required() {
    let folder = folder(POLICY);
    for command in ["audit", "apply"] {
        for path in ["gone.ini", "gone/*/MicroSIP.ini"] {
            let args = [command, "p.toml", path];
            let not_present = same_for_all(&folder, &args, [0, 0, 0]);
            assert_eq!(not_present, "NotPresent; no MicroSIP.ini found");
            let required = same_for_all(&folder, &[&args[..], &["--require"]].concat(), [1, 1, 1]);
            assert!(
                required.starts_with("Error; 1 of 1 file failed: MicroSIP.ini not found"),
                "{required}"
            );
        }
    }
    assert!(!folder.names().contains(&"gone.ini".to_owned()));
}

#[cfg(not(windows))]
#[test]
fn pc_without_microsip_is_a_success_unless_it_is_required() {
    let folder = folder(POLICY);
    for command in ["audit", "apply"] {
        let args = [command, "p.toml"];
        let not_present = same_for_all(&folder, &args, [0, 0, 0]);
        assert_eq!(not_present, "NotPresent; no MicroSIP.ini found");
        let required = same_for_all(&folder, &[&args[..], &["--require"]].concat(), [1, 1, 1]);
        assert!(required.starts_with("Error; MicroSIP.ini not found; "), "{required}");
    }
}

#[test]
fn missing_files_among_others_are_counted() {
    let folder = folder(POLICY);
    let args = [&AUDIT[..], &["gone.ini"]].concat();
    let drifted = same_for_all(&folder, &args, [1, 0, 1]);
    assert!(drifted.starts_with("NonCompliant; 1 of 1 file drifted, "), "{drifted}");
    assert!(drifted.contains("; 1 file not found"), "{drifted}");
    let required = same_for_all(&folder, &[&args[..], &["--require"]].concat(), [1, 1, 1]);
    assert!(
        required.starts_with("Error; 1 of 2 files failed: MicroSIP.ini not found; "),
        "{required}"
    );
}

#[test]
fn unmet_constraint_is_not_compliant_after_apply() {
    let folder = folder("[Settings]\nAA = true\nvolumeRing = { max = 40 }\n");
    let applied = run(&folder, &APPLY, "intune", 1);
    insta::assert_snapshot!(without_run(&applied), @"NonCompliant; 1 of 1 file changed; keys: Settings.AA; not written, because a constraint isn't met: Settings.volumeRing; run [TIME]");
    let again = same_for_all(&folder, &APPLY, [1, 0, 1]);
    insta::assert_snapshot!(again, @"NonCompliant; 1 file, nothing to change; not written, because a constraint isn't met: Settings.volumeRing");
}

#[test]
fn saved_plan_is_applied_for_an_engine() {
    let folder = folder(POLICY);
    folder.run(&["plan", "p.toml", "MicroSIP.ini", "-o", "plan.json"]).code(0);
    let applied = run(&folder, &["apply", "plan.json"], "rmm", 0);
    assert!(applied.starts_with("Changed; 1 of 1 file changed; keys: "), "{applied}");
    folder.run(&AUDIT).code(0);
    let again = run(&folder, &["apply", "plan.json"], "rmm", 0);
    assert_eq!(again, "Compliant; 1 file, nothing to change");
}

#[test]
fn line_covers_all_files_of_an_inventory() {
    let folder = folder(POLICY);
    let mut inventory = "ini,site\n".to_owned();
    for number in 0..30 {
        let name = format!("desk{number}");
        fs::create_dir(folder.file(&name)).unwrap();
        folder.write(&format!("{name}/MicroSIP.ini"), utf16(BEFORE));
        inventory += &format!("{name},Berlin\n");
    }
    folder.write("pcs.csv", inventory);
    folder.run(&["apply", "p.toml", "desk3"]).code(0);
    let audited = run(&folder, &["audit", "p.toml", "--inventory", "pcs.csv"], "intune", 1);
    insta::assert_snapshot!(audited, @"NonCompliant; 29 of 30 files drifted, 116 of 150 values; keys: Settings.AA, Settings.updatesInterval; hooks: native-command (2 events); score 22.6%");
    let applied = run(&folder, &["apply", "p.toml", "--inventory", "pcs.csv"], "intune", 0);
    insta::assert_snapshot!(without_run(&applied), @"Changed; 29 of 30 files changed; keys: Settings.AA, Settings.updatesInterval; hooks: native-command (2 events); run [TIME]");
}

#[test]
fn report_is_written_to_a_file_in_any_format() {
    let folder = folder(POLICY);
    let args = [&AUDIT[..], &["--format", "json", "-o", "report.json"]].concat();
    same_for_all(&folder, &args, [1, 0, 1]);
    let report: Value = serde_json::from_slice(&folder.read("report.json")).unwrap();
    assert_eq!(report["summary"]["drifted"], 1);
    let refused = run(&folder, &[&AUDIT[..], &["--format", "json"]].concat(), "intune", 1);
    assert!(
        refused.starts_with("Error; the command line or an input file is invalid; "),
        "{refused}"
    );
}

#[test]
fn report_file_is_complete_even_without_microsip() {
    let folder = folder(POLICY);
    let args = ["audit", "p.toml", "gone.ini", "--format", "json", "-o", "report.json"];
    same_for_all(&folder, &args, [0, 0, 0]);
    let report = || -> Value { serde_json::from_slice(&folder.read("report.json")).unwrap() };
    assert_eq!(report()["summary"]["failed"], 1);
    assert_eq!(report()["files"][0]["state"], "failed");
    folder.write("report.json", "");
    folder.run(&args).code(2);
    assert_eq!(report()["files"][0]["state"], "failed");
    #[cfg(not(windows))]
    {
        let args = ["audit", "p.toml", "--format", "ndjson", "-o", "report.json"];
        same_for_all(&folder, &args, [0, 0, 0]);
        assert_eq!((&report()["files"], &report()["summary"]["files"]), (&Value::Null, &0.into()));
    }
}

#[test]
fn audit_for_an_engine_writes_nothing() {
    let folder = folder(POLICY);
    let before = folder.state();
    run(&folder, &AUDIT, "intune", 1);
    assert!(folder.state() == before, "something was touched");
}

#[test]
fn color_and_log_settings_do_not_affect_the_line() {
    let folder = folder(POLICY);
    let plain = run(&folder, &AUDIT, "intune", 1);
    let args = [&AUDIT[..], &["--engine", "intune", "--color", "always"]].concat();
    let loud = folder.run_as(&args, |command| {
        command.env("RUST_LOG", "trace").env("CLICOLOR_FORCE", "1");
    });
    assert_eq!(line(&loud.code(1)), plain);
}
