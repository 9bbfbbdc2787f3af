//! Single cases of `set`, `get`, and `unset` that once went wrong.

use proptest::prelude::*;
use serde_json::json;

use crate::runner::{Folder, utf16};

/// Sets keys, and expects these bytes; in UTF-16, too.
#[track_caller]
fn check_set(before: &str, args: &[&str], after: &str) {
    for encode in [|text: &str| text.as_bytes().to_vec(), utf16] {
        let folder = Folder::with(encode(before));
        let args = [&["set"], args].concat();
        folder.on_ini(&args).code(0);
        assert_eq!(
            folder.ini().escape_ascii().to_string(),
            encode(after).escape_ascii().to_string()
        );
        let run = folder.on_ini(&args).code(0);
        assert_eq!(run.out(), "MicroSIP.ini: unchanged\n", "setting it a second time");
    }
}

#[test]
fn set_completes_a_key_without_equals_sign() {
    check_set(
        "[Settings]\r\nAA=0\r\nDND\r\nEC=1\r\n",
        &["Settings.DND=1"],
        "[Settings]\r\nAA=0\r\nDND=1\r\nEC=1\r\n",
    );
    // Its own spelling and place stay, and the spacing is that of the other keys.
    check_set(
        "[Settings]\r\n  dnd\t\r\nAA = 0\r\n[Account1]\r\nlabel\r\n",
        &["Settings.DND=1", "Account1.label= B "],
        "[Settings]\r\n  dnd = 1\r\nAA = 0\r\n[Account1]\r\nlabel=\" B \"\r\n",
    );
    check_set("[Settings]\nDND", &["settings.dnd=1"], "[Settings]\nDND=1");
}

#[test]
fn set_keeps_other_lines_without_equals_sign() {
    for other in [";DND", "DND: 1", "DND 1", "# DND", "DNDs"] {
        check_set(
            &format!("[Settings]\r\nAA=0\r\n{other}\r\n"),
            &["Settings.DND=1"],
            &format!("[Settings]\r\nAA=0\r\nDND=1\r\n{other}\r\n"),
        );
    }
    // Windows reads the key, wherever the other line is.
    check_set(
        "[Settings]\r\nDND\r\nDND=0\r\n[settings]\r\nDND\r\n",
        &["Settings.DND=1"],
        "[Settings]\r\nDND\r\nDND=1\r\n[settings]\r\nDND\r\n",
    );
}

#[test]
fn every_writing_command_completes_a_key_without_equals_sign() {
    let before = "[Settings]\r\nAA=0\r\nDND\r\ncmdCallEnd\r\n";
    let folder = Folder::with(before);
    folder.write("policy.toml", "[Settings]\nDND = 1\n");
    folder.on_ini(&["apply", "policy.toml"]).code(0);
    assert_eq!(folder.ini(), before.replace("DND", "DND=1").as_bytes());
    let add =
        ["hook", "add", "native-command", "--on", "call-end", "--with", r"program=C:\x\a.exe"];
    folder.on_ini(&add).code(0);
    let text = String::from_utf8(folder.ini()).unwrap();
    assert_eq!(text.matches("cmdCallEnd").count(), 3, "the key, and two of the record: {text}");
    assert!(text.contains("\r\ncmdCallEnd=\"C:\\x\\a.exe\" call-end\r\n"), "{text}");
}

const DUPLICATES: &str = "[Settings]\r\nAA=0\r\nDND=0\r\naa=1\r\nAA=\"2\"\r\n[settings]\r\nAA=3\r\n[Account1]\r\npassword=a\r\npassword=hunter2\r\n";

#[test]
fn unset_lists_every_line_of_a_duplicate_key() {
    let folder = Folder::with(DUPLICATES);
    let dry = folder.on_ini(&["unset", "Settings.AA", "Account1.password", "--dry-run"]).code(0);
    insta::assert_snapshot!(dry.out(), @"
    MicroSIP.ini: would change
      - Settings.AA = 0
      - Account1.password = ***
      - Settings.aa = 1  (duplicate in line 4, never read)
      - Settings.AA = 2  (duplicate in line 5, never read)
      - Account1.password = ***  (duplicate in line 10, never read)
    ");
    assert_eq!(folder.ini(), DUPLICATES.as_bytes());
    let diff = folder.on_ini(&["unset", "Settings.AA", "--dry-run", "--diff"]).code(0);
    insta::assert_snapshot!(diff.out(), @r#"
    MicroSIP.ini: would change
    --- MicroSIP.ini
    +++ MicroSIP.ini
    @@ -1,8 +1,5 @@
     [Settings]
    -AA=0
     DND=0
    -aa=1
    -AA="2"
     [settings]
     AA=3
     [Account1]
    "#);
    let run = folder.on_ini(&["unset", "Settings.AA"]).code(0);
    insta::assert_snapshot!(run.out(), @"
    MicroSIP.ini: changed
      - Settings.AA = 0
      - Settings.aa = 1  (duplicate in line 4, never read)
      - Settings.AA = 2  (duplicate in line 5, never read)
      backup MicroSIP.ini.[TIME]
    ");
}

#[test]
fn unset_lists_duplicates_in_json_and_ndjson() {
    let expected = json!([
        { "line": 4, "section": "Settings", "key": "aa", "value": "1" },
        { "line": 5, "section": "Settings", "key": "AA", "value": "2" },
        { "line": 10, "section": "Account1", "key": "password", "value": "***" },
    ]);
    let folder = Folder::with(DUPLICATES);
    let args = ["unset", "Settings.AA", "Account1.password", "--dry-run", "--format"];
    let json = folder.on_ini(&[&args[..], &["json"]].concat()).code(0).json();
    assert_eq!(json["files"][0]["removed_duplicates"], expected);
    let ndjson = folder.on_ini(&[&args[..], &["ndjson"]].concat()).code(0);
    let row: serde_json::Value =
        serde_json::from_str(ndjson.out().lines().next().unwrap()).unwrap();
    assert_eq!(row["removed_duplicates"], expected);
    assert_eq!(row["changes"].as_array().unwrap().len(), 2);
}

#[test]
fn unset_of_a_section_lists_duplicates_and_duplicate_sections() {
    let folder = Folder::with(DUPLICATES);
    let run = folder.on_ini(&["unset", "Settings", "--dry-run"]).code(0);
    insta::assert_snapshot!(run.out(), @"
    MicroSIP.ini: would change
      - Settings.AA = 0
      - Settings.DND = 0
      - Settings.aa = 1  (duplicate in line 4, never read)
      - Settings.AA = 2  (duplicate in line 5, never read)
      - settings.AA = 3  (duplicate in line 7, never read)
    ");
}

#[test]
fn plans_list_the_duplicates_they_remove() {
    let folder = Folder::with(DUPLICATES);
    folder.write("policy.toml", "[Settings]\nAA = { absent = true }\n");
    let plan = folder.on_ini(&["plan", "policy.toml"]).code(0);
    assert!(
        plan.out().contains("- Settings.aa = 1  (duplicate in line 4, never read)"),
        "{}",
        plan.out()
    );
    let json = folder.on_ini(&["plan", "policy.toml", "--format", "json"]).code(0).json();
    assert_eq!(json["files"][0]["removed_duplicates"].as_array().unwrap().len(), 2);
}

#[test]
fn set_raw_writes_the_output_of_get_raw() {
    for raw in ["B", "\"B\"", "' B '", "\"", "\"\"B\"\"", "\"a' b", "a;b=c", ""] {
        let label = format!("[Account1]\r\nlabel = {raw}\r\n");
        let from = Folder::with(&label);
        let printed = from.on_ini(&["get", "Account1.label", "--raw"]).code(0).out();
        let printed = printed.strip_suffix('\n').unwrap();
        assert_eq!(printed, raw);
        let argument = format!("Account1.label={printed}");
        let to = Folder::with("[Account1]\r\nlabel = other\r\n");
        to.on_ini(&["set", "--raw", &argument]).code(0);
        assert_eq!(
            to.ini().escape_ascii().to_string(),
            label.as_bytes().escape_ascii().to_string()
        );
        let again = to.on_ini(&["set", "--raw", &argument]).code(0);
        assert_eq!(again.out(), "MicroSIP.ini: unchanged\n");
    }
}

#[test]
fn set_raw_keeps_outer_spaces() {
    check_set(
        "[Account1]\r\nlabel = B\r\n",
        &["--raw", "Account1.label=  \"B\"  "],
        "[Account1]\r\nlabel =  \"B\"  \r\n",
    );
}

#[test]
fn set_raw_rejects_line_breaks() {
    let before = "[Account1]\r\nlabel=B\r\n";
    let folder = Folder::with(before);
    for value in ["a\nb", "a\rb", "a\r\n[Account2]\r\nx=1"] {
        let argument = format!("Account1.label={value}");
        folder.on_ini(&["set", "--raw", &argument]).code(2);
        folder.on_ini(&["set", "--raw", "--force", &argument]).code(2);
    }
    assert_eq!(folder.ini(), before.as_bytes());
}

#[test]
fn set_raw_validates_the_effective_value() {
    let folder = Folder::with("[Settings]\r\nAA=0\r\n");
    folder.on_ini(&["set", "--raw", "Settings.AA=\"1\""]).code(0);
    assert_eq!(folder.ini(), b"[Settings]\r\nAA=\"1\"\r\n");
    folder.on_ini(&["set", "--raw", "Settings.AA='true'"]).code(2);
    assert_eq!(folder.ini(), b"[Settings]\r\nAA=\"1\"\r\n");
    folder.on_ini(&["set", "--raw", "--force", "Settings.AA='true'"]).code(0);
    assert_eq!(folder.ini(), b"[Settings]\r\nAA='true'\r\n");
}

#[test]
fn set_raw_output_contains_no_secrets() {
    let folder = Folder::with("[Account1]\r\npassword=old\r\n");
    let run = folder.on_ini(&["set", "--raw", "Account1.password=\"hunter2\"", "--diff"]).code(0);
    assert!(!run.out().contains("hunter2"), "{}", run.out());
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(16))]

    #[test]
    fn any_raw_value_round_trips_through_get_and_set(
        raw in r#"[ \t"'a=;\[\]%\\é]{0,8}"#,
        other in r#"[ "'x]{0,4}"#,
    ) {
        let from = Folder::with(utf16(&format!("[Account1]\r\nlabel={raw}\r\n")));
        let to = Folder::with(utf16(&format!("[Account1]\r\nlabel={other}\r\n")));
        let get = |folder: &Folder, args: &[&str]| {
            let args = [&["get", "Account1.label"], args].concat();
            folder.on_ini(&args).code(0).out().strip_suffix('\n').unwrap().to_owned()
        };
        let printed = get(&from, &["--raw"]);
        to.on_ini(&["set", "--raw", &format!("Account1.label={printed}")]).code(0);
        prop_assert_eq!(get(&to, &["--raw"]), printed);
        prop_assert_eq!(get(&to, &[]), get(&from, &[]));
    }
}
