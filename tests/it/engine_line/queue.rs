//! Files that another program uses: the change waits, and that's a success.

use std::fs;

use super::{ENGINES, run, same_for_all};
use crate::runner::{Folder, locked, without_times};

const BEFORE: &str = "[Settings]\r\nAA=0\r\nvolumeRing=50\r\n";
const POLICY: &str = "[Settings]\nAA = true\nvolumeRing = { max = 80 }\n";
const AUDIT: [&str; 3] = ["audit", "p.toml", "MicroSIP.ini"];
const APPLY: [&str; 5] = ["apply", "p.toml", "MicroSIP.ini", "--lock-timeout", "0"];

fn folder() -> Folder {
    let folder = Folder::with(BEFORE);
    folder.write("p.toml", POLICY);
    folder
}

#[test]
fn change_to_a_locked_file_is_queued_and_made_later() {
    for engine in ENGINES {
        let folder = folder();
        let lock = locked(&folder, "MicroSIP.ini");
        let queued = run(&folder, &APPLY, engine, 0);
        insta::allow_duplicates! { insta::assert_snapshot!(without_times(&queued), @"Queued; 1 of 1 file queued; keys: Settings.AA; queued as run [TIME]"); }
        assert_eq!(folder.ini(), BEFORE.as_bytes());
        let audited = run(&folder, &AUDIT, engine, 0);
        insta::allow_duplicates! { insta::assert_snapshot!(audited, @"Queued; 1 of 1 file drifted, 1 of 2 values; keys: Settings.AA; score 50.0%; 1 file queued"); }
        drop(lock);
        // Each `apply` first makes the changes that wait.
        let again = run(&folder, &APPLY, engine, 0);
        assert_eq!(again, "Compliant; 1 file, nothing to change");
        assert_eq!(folder.ini(), BEFORE.replace("AA=0", "AA=1").as_bytes());
        assert!(run(&folder, &AUDIT, engine, 0).starts_with("Compliant; "));
    }
}

#[test]
#[cfg_attr(windows, ignore = "msipctlw makes the change as soon as the file is free")]
fn drift_is_queued_only_with_the_same_policy_and_all_its_keys() {
    let folder = folder();
    let lock = locked(&folder, "MicroSIP.ini");
    run(&folder, &APPLY, "intune", 0);
    drop(lock);
    assert!(same_for_all(&folder, &AUDIT, [0, 0, 0]).starts_with("Queued; "));
    // Another key drifts, which `apply` can't write.
    folder.write("MicroSIP.ini", BEFORE.replace("=50", "=90"));
    assert!(same_for_all(&folder, &AUDIT, [1, 0, 1]).starts_with("NonCompliant; "));
    folder.write("MicroSIP.ini", BEFORE);
    folder.write("p.toml", format!("{POLICY}\n# Changed\n"));
    assert!(same_for_all(&folder, &AUDIT, [1, 0, 1]).starts_with("NonCompliant; "));
}

#[test]
#[cfg_attr(windows, ignore = "msipctlw makes the change as soon as the file is free")]
fn only_locked_files_are_queued() {
    let folder = Folder::new();
    folder.write("p.toml", POLICY);
    for name in ["a", "b", "c"] {
        fs::create_dir(folder.file(name)).unwrap();
        folder.write(&format!("{name}/MicroSIP.ini"), BEFORE);
    }
    let lock = locked(&folder, "b/MicroSIP.ini");
    let args = ["apply", "p.toml", "a", "b", "c", "--lock-timeout", "0"];
    let queued = run(&folder, &args, "rmm", 0);
    insta::assert_snapshot!(without_times(&queued), @"Queued; 2 of 3 files changed; 1 of 3 files queued; keys: Settings.AA; run [TIME] queued as run [TIME]");
    drop(lock);
    let audited = same_for_all(&folder, &["audit", "p.toml", "a", "b", "c"], [0, 0, 0]);
    insta::assert_snapshot!(audited, @"Queued; 1 of 3 files drifted, 1 of 6 values; keys: Settings.AA; score 83.3%; 1 file queued");
}

#[test]
fn secret_that_is_not_available_later_is_an_error() {
    let folder = folder();
    folder.write("p.toml", "[Settings]\nAA = true\n[Account1]\nlabel = { env = \"LABEL\" }\n");
    let _lock = locked(&folder, "MicroSIP.ini");
    let args = [&APPLY[..], &["--engine", "intune"]].concat();
    let failed = folder.run_as(&args, |command| {
        command.env("LABEL", "Tr0ub4dor");
    });
    insta::assert_snapshot!(super::line(&failed.code(1)), @"Error; 1 of 1 file failed: the file is in use, and a secret isn't available later; nothing was written; for details, run the command without --engine");
    assert_eq!(folder.ini(), BEFORE.as_bytes());
}

#[cfg(windows)]
#[test]
fn change_is_queued_while_microsip_runs() {
    use crate::running::Desk;

    let Some(desk) = Desk::new("MicroSIP") else { return };
    desk.folder.write("p.toml", "[Settings]\nAA = true\n");
    desk.start(&[]);
    for engine in ENGINES {
        let queued = super::line(&desk.run(&["apply", "p.toml", "--engine", engine]).code(0));
        assert!(queued.starts_with("Queued; 1 of 1 file queued; keys: Settings.AA; "), "{queued}");
        let audited = super::line(&desk.run(&["audit", "p.toml", "--engine", engine]).code(0));
        assert!(audited.starts_with("Queued; "), "{audited}");
    }
    assert_eq!(desk.trace(), ["start"], "nothing closes MicroSIP");
}
