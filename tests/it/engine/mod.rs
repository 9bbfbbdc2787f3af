//! The plain contract of engines: one state document in, one result out.

mod contract;
mod files;
mod properties;
mod secrets;

use std::fs::File;
use std::process::Command;

use serde_json::{Value, json};

use crate::runner::{Folder, Run};
use msipctl_core::engine::{EngineResult, Operation, StateDocument};

/// A program that exists on Windows, for launchers.
const PROGRAM: &str = r"C:\windows\system32\cmd.exe";

/// Adds the path of MicroSIP.ini to a state document that has none.
fn complete(folder: &Folder, mut document: Value) -> Value {
    if document.get("path").is_none() {
        document["path"] = json!(folder.file("MicroSIP.ini"));
    }
    document
}

/// Runs `msipctl engine` with these arguments on a state document.
fn engine(folder: &Folder, args: &[&str], document: Value) -> Run {
    engine_as(folder, args, complete(folder, document).to_string(), |_| ())
}

/// Runs `msipctl engine` with these arguments on a text, after further preparation.
fn engine_as(
    folder: &Folder,
    args: &[&str],
    input: impl AsRef<[u8]>,
    prepare: impl Fn(&mut Command),
) -> Run {
    // Outside of the folder whose state tests compare.
    let state = tempfile::NamedTempFile::new().unwrap();
    std::fs::write(state.path(), input).unwrap();
    folder.run_as(&[&["engine"], args].concat(), |command| {
        command.stdin(File::open(state.path()).unwrap());
        prepare(command);
    })
}

/// Carries out an operation in this process.
#[track_caller]
fn carry_out(folder: &Folder, operation: Operation, document: Value) -> EngineResult {
    let json = complete(folder, document).to_string();
    let document = StateDocument::parse(json.as_bytes()).unwrap();
    msipctl_engine::carry_out(&document, operation)
}

/// Parses the line of a result strictly: one line of valid JSON that ends with LF.
#[track_caller]
fn parsed(line: &[u8]) -> Value {
    let text = str::from_utf8(line).unwrap();
    assert!(text.ends_with('\n') && text.matches('\n').count() == 1, "{text:?}");
    assert!(!text.contains('\r'), "{text:?}");
    serde_json::from_str(text).unwrap()
}
