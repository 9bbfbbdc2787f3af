//! `audit` and `apply` with `--engine`: one line on stdout, nothing on stderr, and only exit codes that the engine knows.

mod errors;
mod names;
mod queue;
mod scripts;
mod secrets;
mod states;

use crate::runner::{Folder, Run};

/// The engines, as the command line names them.
const ENGINES: [&str; 3] = ["intune", "sccm", "rmm"];

/// Checks what every engine relies on, and returns the line without its line feed.
#[track_caller]
fn line(run: &Run) -> String {
    assert_eq!(run.err(), "");
    let out = String::from_utf8(run.everything()).unwrap();
    assert!(out.is_ascii() && out.len() <= 2048, "{} bytes: {out}", out.len());
    let line = out.strip_suffix('\n').unwrap_or_else(|| panic!("no line feed: {out}"));
    assert!(!line.contains(|it: char| it.is_ascii_control()), "{line:?}");
    line.to_owned()
}

/// Runs a command for an engine, and returns its line.
#[track_caller]
fn run(folder: &Folder, args: &[&str], engine: &str, code: i32) -> String {
    line(&folder.run(&[args, &["--engine", engine]].concat()).code(code))
}

/// Runs a command for each engine, and checks that all of them get the same line.
#[track_caller]
fn same_for_all(folder: &Folder, args: &[&str], codes: [i32; 3]) -> String {
    let lines = ENGINES.iter().zip(codes).map(|(engine, code)| run(folder, args, engine, code));
    let lines: Vec<_> = lines.collect();
    assert!(lines.iter().all(|line| *line == lines[0]), "{lines:#?}");
    lines[0].clone()
}
