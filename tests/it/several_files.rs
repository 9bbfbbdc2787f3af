//! Reading commands over several files, and what of a file's text reaches a terminal.

use crate::runner::Folder;

const PLAIN: &str = "[Settings]\r\nAA=1\r\n";

#[test]
fn unreadable_file_does_not_stop_other_files() {
    let folder = Folder::with(PLAIN);
    for command in [&["show"][..], &["get", "Settings.AA"], &["check"], &["hook", "list"]] {
        let both = [command, &["-i", "MicroSIP.ini", "-i", "none.ini"]].concat();
        let run = folder.run(&both).code(4);
        assert!(
            run.err().contains("error: none.ini: file not found"),
            "{command:?}: {}",
            run.err()
        );
        let none = [command, &["-i", "no.ini", "-i", "none.ini"]].concat();
        let run = folder.run(&none).code(2);
        assert_eq!(run.err().matches("error:").count(), 2, "{command:?}: {}", run.err());
        let summary = if command == ["check"] { "No file checked; 2 files failed\n" } else { "" };
        assert_eq!(run.out(), summary);
    }
    folder.write("b.ini", PLAIN);
    let args = ["get", "Settings.AA", "-i", "MicroSIP.ini", "-i", "./MicroSIP.ini", "-i", "b.ini"];
    let run = folder.run(&args).code(0);
    insta::assert_snapshot!(run.out(), @"
    MicroSIP.ini: 1
    b.ini: 1
    ");
    insta::assert_snapshot!(run.err(), @"note: `./MicroSIP.ini` is the same file as `MicroSIP.ini`, which is already selected");
}

#[test]
fn get_writes_the_raw_value_to_a_pipe() {
    let folder = Folder::with("[Account1]\r\nlabel=a\x1b[31mb\x07\r\n");
    let run = folder.on_ini(&["get", "Account1.label"]).code(0);
    assert_eq!(run.everything(), b"a\x1b[31mb\x07\n");
}

#[test]
fn control_characters_of_a_file_are_escaped() {
    let text =
        "[Settings]\r\nOnCallEnd=a\x1b[31mb\r\nAB\x07C=1\r\n[Account1]\r\nlabel=a\x1b[31mb\x07\r\n";
    let folder = Folder::with(text);
    folder.write("other.ini", PLAIN);
    for command in [
        &["show"][..],
        &["check", "--exit-zero"],
        &["hook", "list"],
        &["set", "Account1.label=x\x1by", "--diff", "-n"],
        &["set", "Account1.label=x\x1by", "-n"],
        &["set", "Settings.x\x1by=1"],
    ] {
        let run = folder.on_ini(command);
        let left = run.everything().iter().filter(|byte| matches!(byte, 0x1b | 0x07)).count();
        assert_eq!(left, 0, "{command:?}: {}", run.out());
    }
    let diff = folder.run(&["diff", "MicroSIP.ini", "other.ini", "--color", "always"]).code(1);
    assert!(diff.out().contains(r"a\u{1b}[31mb\u{7}"), "{}", diff.out());
}

#[test]
fn usage_error_is_json_when_format_is_json() {
    let folder = Folder::with(PLAIN);
    for args in [&["get", "--nope", "--format", "json"][..], &["--format=ndjson", "nope"]] {
        let run = folder.run(args).code(2);
        let error: serde_json::Value = serde_json::from_str(&run.err()).unwrap();
        assert_eq!(error["error"]["kind"], "usage");
        assert!(error["error"]["message"].as_str().unwrap().contains("nope"), "{error}");
    }
}

#[test]
fn set_rejects_account_keys_of_3_1_18_in_settings() {
    let folder = Folder::with(PLAIN);
    insta::assert_snapshot!(folder.on_ini(&["set", "Settings.domain=x"]).code(2).err(), @"
    error: MicroSIP.ini: `Settings.domain` belongs to the single account of MicroSIP 3.1.18; newer versions store accounts in `[Account1]`, `[Account2]`, …
    hint: use `Account1.domain`
    ");
    assert_eq!(folder.ini(), PLAIN.as_bytes());
}
