//! Policies over many files: plans, applying them, audits, and runs that are resumed and undone.

mod accounts;
mod apply;
mod audit;
mod groups;
mod many_faults;
mod plan;
#[cfg(unix)]
mod resume;
mod secrets;

use std::fs;

use serde_json::Value;

use crate::runner::{Folder, Run, utf16};

/// A policy with a value, a constraint, and a hook that is the same on every system.
const POLICY: &str = "\
[Settings]
AA = true
volumeRing = { max = 80 }

[[hook]]
template = \"native-command\"
on = [\"call-end\"]
with = { program = 'C:\\calls.exe' }
";

/// The content of the files before that.
const OLD: &str = "[Settings]\r\nAA=0\r\nvolumeRing=50\r\n[Account1]\r\ndomain=sip.example.com\r\n";

/// Creates a folder with a policy and this many PCs, each with its MicroSIP.ini.
fn pcs(number: usize, policy: &str) -> Folder {
    let folder = Folder::new();
    folder.write("p.toml", policy);
    for desk in 1..=number {
        fs::create_dir(folder.file(&format!("d{desk:02}"))).unwrap();
        folder.write(&ini(desk), utf16(OLD));
    }
    folder
}

fn ini(desk: usize) -> String {
    format!("d{desk:02}/MicroSIP.ini")
}

/// Returns the output with paths as they are on systems other than Windows.
pub(crate) fn slashed(text: &str) -> String {
    text.replace('\\', "/")
}

/// Returns the files of a report as `path state`, in order.
fn states(report: &Value) -> Vec<String> {
    let text = |value: &Value| slashed(value.as_str().unwrap());
    let files = report["files"].as_array().unwrap().iter();
    files.map(|file| format!("{} {}", text(&file["path"]), text(&file["state"]))).collect()
}

/// Returns the contents of the files of this many PCs.
fn contents(folder: &Folder, number: usize) -> Vec<Vec<u8>> {
    (1..=number).map(|desk| folder.read(&ini(desk))).collect()
}

/// Validates a document with the schema that the program prints.
#[track_caller]
fn fits_schema(folder: &Folder, kind: &str, document: &Value) {
    let schema: Value = serde_json::from_str(&folder.run(&["schema", kind]).code(0).out()).unwrap();
    let validator = jsonschema::validator_for(&schema).unwrap();
    let errors: Vec<_> = validator.iter_errors(document).map(|error| error.to_string()).collect();
    assert!(errors.is_empty(), "{errors:#?}\n{document:#}");
    let mut wrong = document.clone();
    wrong["files"][0]["state"] = "odd".into();
    assert!(!validator.is_valid(&wrong));
}

/// Runs a command that must finish, and returns its report.
#[track_caller]
fn report(folder: &Folder, args: &[&str], code: i32) -> Value {
    json(&folder.run(&[args, &["--format", "json"]].concat()).code(code))
}

fn json(run: &Run) -> Value {
    let report = run.json();
    assert_eq!(report["schema_version"], 1);
    report
}
