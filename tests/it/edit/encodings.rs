//! What an edit makes of a file's encoding.

use crate::runner::{Folder, utf16};

const TEXT: &str = "[Settings]\r\nAA=0\r\n[Account1]\r\nlabel=Büro €\r\n";

fn ansi(text: &str) -> Vec<u8> {
    text.chars()
        .map(|character| match character {
            'ü' => 0xfc,
            '€' => 0x80,
            other => u8::try_from(other).unwrap(),
        })
        .collect()
}

fn utf16be(text: &str) -> Vec<u8> {
    utf16(text).chunks(2).flat_map(|unit| [unit[1], unit[0]]).collect()
}

fn utf8_bom(text: &str) -> Vec<u8> {
    format!("\u{feff}{text}").into_bytes()
}

fn utf16_without_bom(text: &str) -> Vec<u8> {
    utf16(text)[2..].to_vec()
}

/// Sets a key in a file and expects the same text with the other value, in an encoding.
#[track_caller]
fn check(from: fn(&str) -> Vec<u8>, flags: &[&str], to: fn(&str) -> Vec<u8>) -> String {
    let folder = Folder::with(from(TEXT));
    let run = folder.on_ini(&[&["set", "Settings.AA=1"], flags].concat()).code(0);
    assert_eq!(folder.ini(), to(&TEXT.replace("AA=0", "AA=1")));
    folder.on_ini(&["backup", "restore"]).code(0);
    assert_eq!(folder.ini(), from(TEXT));
    run.err()
}

fn utf8(text: &str) -> Vec<u8> {
    text.as_bytes().to_vec()
}

#[test]
fn supported_encodings_are_kept() {
    assert_eq!(check(utf16, &[], utf16), "");
    assert_eq!(check(ansi, &[], ansi), "");
}

#[test]
fn misread_encodings_are_converted_to_utf16() {
    insta::assert_snapshot!(check(utf8_bom, &[], utf16), @"note: MicroSIP.ini: converted from utf-8-bom to utf-16le: MicroSIP treats the BOM as text and loses the first section");
    insta::assert_snapshot!(check(utf8, &[], utf16), @"note: MicroSIP.ini: converted from utf-8 to utf-16le: MicroSIP reads it in the ANSI code page, so non-ASCII characters are garbled");
    insta::assert_snapshot!(check(utf16be, &[], utf16), @"note: MicroSIP.ini: converted from utf-16be to utf-16le: MicroSIP destroys a file in this encoding when it starts");
    insta::assert_snapshot!(check(utf16_without_bom, &[], utf16), @"note: MicroSIP.ini: converted from utf-16le-without-bom to utf-16le: MicroSIP destroys a file in this encoding when it starts");
}

#[test]
fn encoding_keep_rejects_misread_encodings() {
    let keep = &["--encoding", "keep"];
    let rejected = |from: fn(&str) -> Vec<u8>| {
        let folder = Folder::with(from(TEXT));
        let before = folder.state();
        let run = folder.on_ini(&["set", "Settings.AA=1", "--encoding", "keep"]).code(2);
        assert_eq!(folder.state(), before);
        run.err()
    };
    insta::assert_snapshot!(rejected(utf8_bom), @"
    error: MicroSIP.ini: the file is utf-8-bom: MicroSIP treats the BOM as text and loses the first section; nothing was written
    hint: to convert the file to UTF-16LE, remove `--encoding keep`
    ");
    insta::assert_snapshot!(rejected(utf8), @"
    error: MicroSIP.ini: the file is utf-8: MicroSIP reads it in the ANSI code page, so non-ASCII characters are garbled; nothing was written
    hint: to convert the file to UTF-16LE, remove `--encoding keep`
    ");
    insta::assert_snapshot!(rejected(utf16be), @"
    error: MicroSIP.ini: the file is utf-16be: MicroSIP destroys a file in this encoding when it starts; nothing was written
    hint: to convert the file to UTF-16LE, remove `--encoding keep`
    ");
    insta::assert_snapshot!(rejected(utf16_without_bom), @"
    error: MicroSIP.ini: the file is utf-16le-without-bom: MicroSIP destroys a file in this encoding when it starts; nothing was written
    hint: to convert the file to UTF-16LE, remove `--encoding keep`
    ");
    assert_eq!(check(ansi, keep, ansi), "");
}

#[test]
fn encoding_utf16le_converts_without_another_change() {
    let flag = &["--encoding", "utf-16le"];
    insta::assert_snapshot!(check(ansi, flag, utf16), @"note: MicroSIP.ini: converted from windows-1252 to utf-16le");
    check(utf8, flag, utf16);

    let folder = Folder::with(ansi(TEXT));
    folder.on_ini(&[&["set", "Settings.AA=0"], &flag[..]].concat()).code(0);
    assert_eq!(folder.ini(), utf16(TEXT));
}

#[test]
fn unchanged_file_is_not_converted() {
    let folder = Folder::with(utf8_bom(TEXT));
    let before = folder.state();
    folder.on_ini(&["set", "Settings.AA=0"]).code(0);
    assert_eq!(folder.state(), before);
}

#[test]
fn unencodable_character_converts_the_file_or_fails() {
    let folder = Folder::with(ansi(TEXT));
    let before = folder.state();
    let wish = ["set", "Account1.label=\u{416}"];
    let run = folder.on_ini(&[&wish[..], &["--encoding", "keep"]].concat()).code(2);
    insta::assert_snapshot!(run.err(), @"
    error: MicroSIP.ini: `label` in `[Account1]`: can't encode `Ж` (U+0416) in windows-1252
    hint: to convert the file to UTF-16LE, pass `--encoding auto`
    ");
    assert_eq!(folder.state(), before);
    insta::assert_snapshot!(folder.on_ini(&wish).code(0).err(), @"note: MicroSIP.ini: converted from windows-1252 to utf-16le");
    assert_eq!(folder.ini(), utf16(&TEXT.replace("Büro €", "\u{416}")));
}

#[test]
fn ansi_code_page_flag_selects_the_encoding() {
    let folder = Folder::with(b"[Account1]\r\nlabel=\xc6\r\n");
    let page = ["--ansi-code-page", "1251"];
    let get = folder.on_ini(&[&["get", "Account1.label"], &page[..]].concat()).code(0);
    assert_eq!(get.out(), "\u{416}\n");
    folder.on_ini(&[&["set", "Account1.label=\u{416}\u{416}"], &page[..]].concat()).code(0);
    assert_eq!(folder.ini(), b"[Account1]\r\nlabel=\xc6\xc6\r\n");
}
