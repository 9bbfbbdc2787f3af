//! Whatever a file looks like before: a hook put in and taken out leaves the bytes as they were.

use super::{PLAIN, add, remove_all};
use crate::runner::{Folder, utf16};

/// Puts a hook in and takes it out again, with these writing flags for both.
#[track_caller]
fn check(bytes: impl AsRef<[u8]>, flags: &[&str]) {
    let folder = Folder::with(&bytes);
    add(&folder, flags).code(0);
    assert_ne!(folder.ini(), bytes.as_ref(), "nothing was put in");
    let hooks = folder.on_ini(&["hook", "list", "--format", "json"]).code(0).json();
    let has_launcher = hooks["hooks"].as_array().unwrap().iter().any(|hook| {
        hook["directive"] == "SendMessage,MyAppWindow,WM_USER+100,%number%"
            && hook["has_launcher"] == true
    });
    assert!(has_launcher, "{hooks:#}");
    let hooked = folder.state();
    add(&folder, flags).code(0);
    assert_eq!(folder.state(), hooked, "the second time something was touched");

    folder.on_ini(&[&["hook", "remove", "--all"], flags].concat()).code(0);
    let (now, before) = (folder.ini(), bytes.as_ref());
    let (now, before) = (now.escape_ascii().to_string(), before.escape_ascii().to_string());
    assert_eq!(now, before);
}

#[test]
fn hooks_round_trip_with_every_kind_of_line_ending() {
    let lf = PLAIN.replace("\r\n", "\n");
    check(PLAIN, &[]);
    check(&lf, &[]);
    check(PLAIN.replace("\r\n", "\r"), &[]);
    check(format!("{PLAIN}{lf}"), &[]);
    check("[Settings]\nAA=0\r\nDND=0\r", &[]);
}

#[test]
fn hooks_round_trip_without_final_line_ending() {
    check(PLAIN.trim_end(), &[]);
    check(PLAIN.trim_end().replace("\r\n", "\n"), &[]);
    check("[Settings]", &[]);
    check("[Settings]\r\nAA=0\r\n[Account1]", &[]);
    check(utf16(PLAIN.trim_end()), &[]);
    check("[Account1]\r\nlabel=x", &[]);
}

#[test]
fn hooks_round_trip_without_settings_section() {
    check("[Account1]\r\nlabel=x\r\n", &[]);
    check("[Account1]\r\nlabel=x\r\n\r\n", &[]);
    check(utf16("[Calls]\r\n0=1\r\n"), &[]);
    check("; a comment alone\r\n", &[]);
    check("\r\n\r\n", &[]);
    check("text without any section", &[]);
}

#[test]
fn hooks_round_trip_in_an_empty_file() {
    check(utf16(""), &[]);
    // What is left of an empty file is its new encoding.
    let folder = Folder::with("");
    add(&folder, &[]).code(0);
    remove_all(&folder).code(0);
    assert_eq!(folder.ini(), utf16(""));
}

#[test]
fn hooks_round_trip_with_trailing_comments_and_blank_lines() {
    check(format!("{PLAIN}; the end\r\n"), &[]);
    check(format!("{PLAIN}\r\n; the end\r\n\r\n; really"), &[]);
    check(format!("{PLAIN}\r\n\r\n\r\n"), &[]);
    check(format!("{PLAIN}; about accounts\r\n[Account1]\r\nlabel=x\r\n; the end"), &[]);
}

#[test]
fn hooks_round_trip_with_empty_commands() {
    check(format!("{PLAIN}cmdIncomingCall=\"\"\r\n"), &[]);
    check(format!("{PLAIN}cmdIncomingCall=\r\n"), &[]);
    check(format!("{PLAIN}cmdIncomingCall = \r\n"), &[]);
    check(format!("{PLAIN}CMDINCOMINGCALL=''\r\nx=1"), &[]);
    check(format!("{PLAIN}cmdIncomingCall=\"\"\r\ncmdIncomingCall=x.exe\r\n"), &[]);
}

#[test]
fn hooks_round_trip_with_existing_directives() {
    check(format!("{PLAIN}OnIncomingCall=Log,C:\\calls.csv\r\n"), &[]);
    check(format!("{PLAIN}OnIncomingCall=no directive at all\r\n"), &[]);
    check(format!("{PLAIN}OnIncomingCall.7=Log,C:\\calls.csv\r\nx=1"), &[]);
    check(format!("{PLAIN}OnIncomingCall=SendMessage,MyAppWindow,WM_USER+100,%number%\r\n"), &[]);
}

#[test]
fn hooks_round_trip_with_duplicates_and_stray_text() {
    check(format!("{PLAIN}[Account1]\r\nlabel=x\r\n[settings]\r\nAA=1\r\n"), &[]);
    check(format!("junk\r\nkey=before\r\n{PLAIN}"), &[]);
    check(format!("  \t{PLAIN}  no equals sign\r\n=no key\r\n"), &[]);
    check(" [ Settings ] ; trailing\r\nAA = 0\r\n\tDND\t=\t0\r\n", &[]);
    check("[Settings]\r\n\r\n[Settings]\r\nAA=1\r\n", &[]);
    check(format!("{PLAIN}[msipctl]\r\nnote=mine\r\n"), &[]);
    check(format!("{PLAIN}[msipctl]\r\n; only a comment\r\n"), &[]);
    check(format!("[msipctl]\r\n\r\n{PLAIN}"), &[]);
}

#[test]
fn hooks_round_trip_in_supported_encodings() {
    let keep = &["--encoding", "keep"];
    let text = format!("{PLAIN}label=Büro\r\n");
    check(b"[Settings]\r\nlabel=B\xfcro\r\n", keep);
    check(b"[Settings]\r\nlabel=B\xfcro\r\n", &[]);
    check(utf16(&text), keep);
    check(PLAIN, keep);
}

#[test]
fn misread_files_are_rejected_with_encoding_keep() {
    let text = format!("{PLAIN}label=Büro\r\n");
    let be = utf16(&text).chunks(2).flat_map(|unit| [unit[1], unit[0]]).collect::<Vec<_>>();
    let with_bom = format!("\u{feff}{text}").into_bytes();
    let without_bom = utf16(&text)[2..].to_vec();
    for bytes in [text.into_bytes(), with_bom, be, without_bom] {
        let folder = Folder::with(&bytes);
        let before = folder.state();
        add(&folder, &["--encoding", "keep"]).code(2);
        assert_eq!(folder.state(), before);
        // Converted, MicroSIP reads it.
        add(&folder, &[]).code(0);
    }
    let folder = Folder::with(b"[Settings]\r\nx=a\0b\r\n");
    let before = folder.state();
    add(&folder, &[]).code(2);
    assert_eq!(folder.state(), before);
}

#[test]
fn hooks_round_trip_with_undecodable_bytes() {
    check(b"[Settings]\r\nx=\x81\xff\xfe\r\nlast=\xff", &["--encoding", "keep"]);
    check(utf16("[Settings]\r\nx=a\0b\r\n"), &[]);
    let mut surrogate = utf16("[Settings]\r\nx=");
    surrogate.extend([0x3d, 0xd8]);
    surrogate.extend(&utf16("\r\n")[2..]);
    check(&surrogate, &[]);
    check([surrogate.as_slice(), b"x"].concat(), &[]);
}

#[test]
fn missing_file_is_created_only_with_create() {
    let folder = Folder::new();
    insta::assert_snapshot!(add(&folder, &[]).code(2).err(), @"
    error: MicroSIP.ini: file not found
    hint: check the path, or pass `--create` to create the file
    ");
    assert!(folder.names().is_empty());
    insta::assert_snapshot!(add(&folder, &["--create"]).code(0).out(), @"
    MicroSIP.ini: changed
      + hook send-message on incoming-call = SendMessage,MyAppWindow,WM_USER+100,%number%
    ");
    assert_eq!(&folder.ini()[..2], [0xff, 0xfe]);
    remove_all(&folder).code(0);
    assert_eq!(folder.ini(), utf16(""));
}
