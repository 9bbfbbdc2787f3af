//! The small program: its arguments, its streams, and its exit codes. `tests/it/engine` tests the contract itself.

#![expect(clippy::unwrap_used, reason = "a test that can't continue must stop")]
#![expect(clippy::disallowed_methods, reason = "tests make files and start the program")]

use std::io::Write;
use std::process::{Command, Output, Stdio};

fn run(args: &[&str], input: &str) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_msipctl-engine"));
    command.args(args).stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = command.spawn().unwrap();
    // The program reads no input if its arguments are invalid.
    let _ = child.stdin.take().unwrap().write_all(input.as_bytes());
    child.wait_with_output().unwrap()
}

#[test]
fn program_answers_with_one_line_and_no_messages() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("MicroSIP.ini");
    std::fs::write(&path, "[Settings]\r\nAA=0\r\n").unwrap();
    let path = path.display().to_string().replace('\\', "\\\\");
    let state = format!(
        r#"{{"path":"{path}","settings":[{{"section":"Settings","key":"AA","value":"1"}}]}}"#
    );
    for (args, code, expected) in [
        (&["get"][..], 0, r#""state":"unchanged""#),
        (&["test"], 1, r#""in_desired_state":false"#),
        (&["set", "--check"], 0, r#""state":"would_change""#),
        (&["set"], 0, r#""state":"changed""#),
        (&["test"], 0, r#""in_desired_state":true"#),
    ] {
        let output = run(args, &state);
        let line = String::from_utf8(output.stdout).unwrap();
        assert_eq!(output.status.code(), Some(code), "{args:?}: {line}");
        assert!(line.contains(expected) && line.ends_with("}\n"), "{args:?}: {line}");
        assert!(output.stderr.is_empty(), "{}", String::from_utf8_lossy(&output.stderr));
    }
    let output = run(&["set"], "{}");
    assert_eq!((output.status.code(), output.stderr.len()), (Some(2), 0));
}

#[test]
fn program_prints_usage_for_other_arguments() {
    for args in [&[][..], &["put"], &["get", "--check"], &["set", "extra"], &["--help"]] {
        let output = run(args, "");
        assert_eq!((output.status.code(), output.stdout.len()), (Some(2), 0), "{args:?}");
        let usage = String::from_utf8(output.stderr).unwrap();
        assert!(usage.starts_with("error: invalid arguments\nusage: msipctl-engine "), "{usage}");
    }
    for args in [["version"], ["--version"]] {
        let output = run(&args, "");
        let version = concat!("msipctl-engine ", env!("CARGO_PKG_VERSION"), "\n");
        assert_eq!((output.status.code(), &*output.stdout), (Some(0), version.as_bytes()));
    }
}
