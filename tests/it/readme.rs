//! README's commands work as pasted, and it stays short.

use std::fs;

use crate::runner::Folder;

const README: &str = include_str!("../../README.md");

/// Returns the commands in the Quick start, and what is shown below each.
fn quick_start() -> Vec<(String, String)> {
    let text = README.replace("\r\n", "\n");
    let (_, section) = text.split_once("\n## Quick start\n").unwrap();
    let (section, _) = section.split_once("\n## ").unwrap();
    let mut blocks = section.split("\n```console\n").skip(1);
    let block = blocks.next().unwrap().split_once("\n```").unwrap().0;
    assert_eq!(blocks.count(), 0, "the Quick start has one block");
    let steps = block.strip_prefix("$ ").unwrap().split("\n$ ");
    let step = |step: &str| {
        let (command, output) = step.split_once('\n').unwrap_or((step, ""));
        (command.to_owned(), output.to_owned())
    };
    steps.map(step).collect()
}

#[test]
fn quick_start_runs_as_pasted_in_a_clone_and_leaves_it_clean() {
    let commands = quick_start();
    let [(run, shown), (test, nothing)] = &commands[..] else { panic!("{commands:?}") };
    assert_eq!((test.as_str(), nothing.as_str()), ("cargo test", ""));
    let args = run.strip_prefix("cargo run --release -- ").unwrap();
    let args: Vec<_> = args.split(' ').collect();

    let clone = Folder::new();
    fs::create_dir(clone.file("examples")).unwrap();
    for folder in [".", "examples"] {
        for entry in fs::read_dir(folder).unwrap().map(|entry| entry.unwrap()) {
            if entry.file_type().unwrap().is_file() {
                fs::copy(entry.path(), clone.file(folder).join(entry.file_name())).unwrap();
            }
        }
    }
    let before = clone.state();
    let output = clone.run(&args).code(0);
    assert_eq!(output.err(), "");
    // While pages are rewritten, this program has the output of before.
    if std::env::var_os("MSIPCTL_UPDATE").is_none() {
        assert_eq!(output.out().trim_end(), shown);
    }
    assert!(output.out().contains("\n+OnIncomingCall="), "{}", output.out());
    assert_eq!(clone.state(), before);
}

#[test]
fn sample_file_is_one_that_microsip_writes_and_has_no_findings() {
    let bytes = fs::read("examples/MicroSIP.ini").unwrap();
    let units = bytes.strip_prefix(b"\xff\xfe").unwrap().chunks_exact(2);
    let units: Vec<_> = units.map(|unit| u16::from_le_bytes([unit[0], unit[1]])).collect();
    let text = String::from_utf16(&units).unwrap();
    assert!(text.ends_with("\r\n") && !text.replace("\r\n", "").contains(['\r', '\n']));
    let folder = Folder::with(&bytes);
    let json = folder.on_ini(&["check", "--format", "json"]).code(0).json();
    assert_eq!(json["summary"]["warnings"], 0, "{json:#}");
    assert_eq!(json["summary"]["errors"], 0, "{json:#}");
    let show = folder.on_ini(&["get", "Account1.domain"]).code(0).out();
    assert_eq!(show, "sip.example.com\n");
}

#[test]
fn readme_has_fewer_than_200_lines() {
    let lines = README.lines().count();
    assert!(lines < 200, "{lines}");
}
