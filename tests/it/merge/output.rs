//! `audit -o DIR`, and the formats of a merged report.

use std::fs;

use super::desks::AS_OF;
use super::{fleet, merged};
use crate::runner::{Folder, without_times};

/// Returns the names of the files in a folder.
fn names(folder: &Folder, name: &str) -> Vec<String> {
    let entries = fs::read_dir(folder.file(name)).unwrap();
    entries.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect()
}

#[test]
fn audit_writes_one_json_file_per_host_and_user_into_a_folder() {
    let folder = Folder::new();
    folder.write("p.toml", "[Settings]\nAA = true\n[Account1]\npassword = \"geheim-4711\"\n");
    folder.write("MicroSIP.ini", "[Settings]\nAA=0\n");
    let audit = |user: &str, args: &[&str]| {
        let args = [&["audit", "p.toml", "MicroSIP.ini"], args].concat();
        let run = folder.run_as(&args, |command| {
            command.env("USER", user).env("USERNAME", user).env("COMPUTERNAME", "PC");
        });
        assert_eq!(run.code(1).out(), "");
    };
    audit("Ann", &["-o", "out/"]);
    audit("Ann", &["-o", "out"]);
    let [name] = &names(&folder, "out")[..] else { panic!("{:?}", names(&folder, "out")) };
    assert!(name.ends_with("-ann.json"), "{name}");
    let report: serde_json::Value =
        serde_json::from_slice(&folder.read(&format!("out/{name}"))).unwrap();
    let audit_of = &report["audit"];
    assert_eq!(audit_of["user"], "Ann");
    assert_eq!(audit_of["policy"].as_str().unwrap().len(), 64);
    assert_eq!(audit_of["time"], report["time"]);
    audit("../../x", &["-o", "out"]);
    audit("Ann", &["-o", "out", "--format", "html"]);
    assert_eq!(names(&folder, "out").len(), 3);
    // The hash of the policy doesn't depend on the secret, and on nothing else but its text.
    let policy = |text: &str| {
        folder.write("p.toml", text);
        let run = folder.run(&["audit", "p.toml", "MicroSIP.ini", "--format", "json"]);
        run.code(1).json()["audit"]["policy"].clone()
    };
    let secret = |secret: &str| {
        policy(&format!("[Settings]\nAA = true\n[Account1]\npassword = \"{secret}\"\n"))
    };
    assert_eq!(secret("1"), audit_of["policy"]);
    assert_eq!(secret("geheim"), audit_of["policy"]);
    assert_ne!(policy("[Settings]\nAA = true\n"), audit_of["policy"]);
}

#[test]
fn human_merge_shows_drift_and_what_is_missing() {
    let (folder, _) = fleet(100);
    folder.write("pcs.csv", "host\nDESK-00005\nDESK-99999\n");
    let args = ["report", "merge", "reports", "--as-of", AS_OF, "--inventory", "pcs.csv"];
    let run = folder.run(&args).code(1);
    insta::assert_snapshot!(run.out(), @r"
    ~ Settings.singleMode = not set, expected 1 in 5 files: DESK-00007: C:\Users\user7\AppData\Roaming\MicroSIP\MicroSIP.ini, DESK-00028: C:\Users\user28\AppData\Roaming\MicroSIP\MicroSIP.ini, DESK-00049: C:\Users\user49\AppData\Roaming\MicroSIP\MicroSIP.ini, and 2 more
    ~ Settings.volumeRing = 90, expected 80 in 5 files: DESK-00014: C:\Users\user14\AppData\Roaming\MicroSIP\MicroSIP.ini, DESK-00035: C:\Users\user35\AppData\Roaming\MicroSIP\MicroSIP.ini, DESK-00056: C:\Users\user56\AppData\Roaming\MicroSIP\MicroSIP.ini, and 2 more
    ~ Settings.AA = 0, expected 1 in 4 files: DESK-00021: C:\Users\user21\AppData\Roaming\MicroSIP\MicroSIP.ini, DESK-00042: C:\Users\user42\AppData\Roaming\MicroSIP\MicroSIP.ini, DESK-00063: C:\Users\user63\AppData\Roaming\MicroSIP\MicroSIP.ini, and 1 more
    silent: 2 PCs: DESK-00033, DESK-00060
    no report: 1 PC: DESK-99999
    broken: 3 documents
    96 PCs not in the inventory
    107 reports of 97 PCs; 10 older rows replaced by newer ones
    97 files: 83 in sync, 14 drifted; score 97.9%, coverage 100%; 97 passwords not verified
    ");
}

#[test]
fn every_format_of_audit_is_supported() {
    let (folder, desks) = fleet(100);
    for format in ["sarif", "junit", "github", "markdown", "html", "ndjson"] {
        let args = ["report", "merge", "reports", "--as-of", AS_OF, "--format", format];
        let printed = folder.run(&args).code(1).out();
        assert!(printed.contains("DESK-00007"), "{format}: {printed}");
        let args = [&args[..], &["-o", "merged"]].concat();
        assert_eq!(folder.run(&args).code(1).out(), "");
        let written = String::from_utf8(folder.read("merged")).unwrap();
        assert_eq!(without_times(&written), without_times(&printed), "{format}");
    }
    folder.run(&["report", "merge", "reports", "--as-of", AS_OF, "-o", "out/"]).code(1);
    assert_eq!(names(&folder, "out"), ["merged.json"]);
    let merged = merged(&folder, &[], 1);
    assert_eq!(merged["summary"]["drifted"], desks.drifted);
    let schema = folder.run(&["schema", "report"]).code(0).json();
    let validator = jsonschema::validator_for(&schema).unwrap();
    let errors: Vec<_> = validator.iter_errors(&merged).map(|error| error.to_string()).collect();
    assert!(errors.is_empty(), "{errors:#?}");
}
