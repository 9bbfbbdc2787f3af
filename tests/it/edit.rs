//! `set` and `unset` by the program, byte for byte.

mod encodings;
mod files;
mod refusals;

use crate::runner::{Folder, utf16};

const INI: &str = "; mine\r\n[Settings]\r\nAA=0\r\n  singleMode\t=  1  \r\nunknown = kept\r\n\
                   DND=0\nringingSound=\"a b\"\r\n\r\n[Account1]\r\nlabel=B\r\ndomain=d\r\n";

/// Edits a file, and expects `from` to become `to` in it and nothing else to move.
#[track_caller]
fn check(args: &[&str], from: &str, to: &str) {
    assert_eq!(INI.matches(from).count(), 1, "{from:?} stands once in the file");
    for encode in [|text: &str| text.as_bytes().to_vec(), utf16] {
        let folder = Folder::with(encode(INI));
        folder.on_ini(args).code(0);
        let expected = encode(&INI.replace(from, to));
        let (now, expected) = (folder.ini(), expected);
        assert_eq!(now.escape_ascii().to_string(), expected.escape_ascii().to_string());
        let before = folder.state();
        folder.on_ini(args).code(0);
        assert_eq!(folder.state(), before, "the second time something was touched");
    }
}

#[test]
fn set_changes_only_the_bytes_of_the_value() {
    check(&["set", "Settings.AA=1"], "AA=0", "AA=1");
    check(&["set", "settings.aa=1"], "AA=0", "AA=1");
    check(&["set", "Settings.DND=1"], "DND=0", "DND=1");
    check(&["set", "Account1.label=a longer one"], "label=B", "label=a longer one");
}

#[test]
fn set_keeps_whitespace_around_a_value() {
    check(&["set", "Settings.singleMode=0"], "\t=  1  \r", "\t=  0  \r");
}

#[test]
fn set_adds_quotes_when_a_value_needs_them() {
    check(&["set", "Account1.label= B "], "label=B", "label=\" B \"");
    check(&["set", "Account1.label='B'"], "label=B", "label=\"'B'\"");
    check(&["set", "Account1.label=a;b=c #"], "label=B", "label=a;b=c #");
}

#[test]
fn set_adds_a_new_key_after_the_last_one_of_its_section() {
    let last = "ringingSound=\"a b\"\r\n";
    check(&["set", "settings.enablelog=1"], last, &format!("{last}enableLog=1\r\n"));
    check(&["set", "Account1.Username=100"], "domain=d\r\n", "domain=d\r\nusername=100\r\n");
}

#[test]
fn unset_removes_the_line() {
    check(&["unset", "Settings.AA"], "AA=0\r\n", "");
    check(&["unset", "Settings.DND"], "DND=0\n", "");
    check(&["unset", "Settings.Unknown"], "unknown = kept\r\n", "");
    check(&["unset", "Settings.ringingSound"], "ringingSound=\"a b\"\r\n", "");
}

#[test]
fn unset_of_a_missing_key_changes_nothing() {
    let folder = Folder::with(INI);
    let before = folder.state();
    let run = folder.on_ini(&["unset", "Settings.none", "Nowhere"]).code(0);
    insta::assert_snapshot!(run.out(), @"MicroSIP.ini: unchanged");
    assert_eq!(folder.state(), before);
}

#[test]
fn unset_of_a_section_keeps_its_comments() {
    let folder = Folder::with("[A]\r\nx=1\r\n; about A\r\n[Account1]\r\nlabel=B\r\n");
    folder.on_ini(&["unset", "Account1"]).code(0);
    assert_eq!(folder.ini(), b"[A]\r\nx=1\r\n; about A\r\n");
    folder.on_ini(&["unset", "A"]).code(0);
    insta::assert_snapshot!(folder.ini().escape_ascii(), @r"; about A\r\n");
}

#[test]
fn unset_then_set_changes_no_other_line() {
    let folder = Folder::with(utf16(INI));
    folder.on_ini(&["unset", "Settings.AA"]).code(0);
    folder.on_ini(&["set", "Settings.AA=0"]).code(0);
    let last = "ringingSound=\"a b\"\r\n";
    let expected = INI.replace("AA=0\r\n", "").replace(last, &format!("{last}AA=0\r\n"));
    assert_eq!(folder.ini(), utf16(&expected));
}

#[test]
fn unset_removes_all_duplicates_and_set_changes_the_first() {
    let doubles = "[Settings]\r\nAA=0\r\naa=1\r\n[settings]\r\nAA=1\r\n";
    let folder = Folder::with(doubles);
    folder.on_ini(&["set", "Settings.AA=1"]).code(0);
    assert_eq!(folder.ini(), doubles.replacen("AA=0", "AA=1", 1).as_bytes());
    folder.on_ini(&["unset", "Settings.AA"]).code(0);
    insta::assert_snapshot!(folder.ini().escape_ascii(), @r"[Settings]\r\n[settings]\r\nAA=1\r\n");
}

#[test]
fn set_of_several_keys_creates_one_backup() {
    let folder = Folder::with(INI);
    let args = ["set", "Settings.AA=1", "Account1.label=C", "Account2.label=new"];
    let run = folder.on_ini(&args).code(0);
    insta::assert_snapshot!(run.out(), @"
    MicroSIP.ini: changed
      ~ Settings.AA = 0 -> 1
      ~ Account1.label = B -> C
      + Account2.label = new
      backup MicroSIP.ini.[TIME]
    ");
    let expected = INI.replace("AA=0", "AA=1").replace("label=B", "label=C");
    assert_eq!(folder.ini(), format!("{expected}[Account2]\r\nlabel=new\r\n").as_bytes());
    let backups = folder.on_ini(&["backup", "list", "--format", "json"]).code(0).json();
    assert_eq!(backups["backups"].as_array().unwrap().len(), 1);
    folder.on_ini(&["backup", "restore"]).code(0);
    assert_eq!(folder.ini(), INI.as_bytes());
}

#[test]
fn set_uses_the_last_value_when_a_key_is_repeated() {
    let folder = Folder::with(INI);
    folder.on_ini(&["set", "Settings.AA=0", "settings.aa=1"]).code(0);
    assert_eq!(folder.ini(), INI.replace("AA=0", "AA=1").as_bytes());
}
