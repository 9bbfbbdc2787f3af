//! Arguments as Windows gives them, and output as Windows programs that read it expect.

use std::ffi::OsString;
use std::os::windows::ffi::OsStringExt;

use crate::runner::{Folder, started, utf16};

/// A text with half of a surrogate pair, which is no Unicode and yet may be an argument.
fn unpaired() -> OsString {
    OsString::from_wide(&[u16::from(b'x'), 0xd83d, u16::from(b'y')])
}

#[track_caller]
fn check(arguments: impl IntoIterator<Item = OsString>) -> String {
    let folder = Folder::with("[Settings]\r\nAA=0\r\n");
    let before = folder.state();
    let arguments: Vec<_> = arguments.into_iter().collect();
    let output = started(|| folder.bare_command(&[]).args(&arguments).output());
    let error = String::from_utf8(output.stderr).unwrap();
    assert_eq!(output.status.code(), Some(2), "{error}");
    assert!(error.starts_with("error: "), "{error}");
    assert_eq!(error.matches("error: ").count(), 1, "{error}");
    assert_eq!(folder.state(), before);
    error
}

#[test]
fn non_unicode_argument_is_an_error_without_panic() {
    let plain = |text: &str| OsString::from(text);
    check([unpaired()]);
    check([plain("get"), unpaired(), plain("-i"), plain("MicroSIP.ini")]);
    check([plain("set"), unpaired(), plain("-i"), plain("MicroSIP.ini")]);
    check([plain("show"), plain("--format"), unpaired()]);
    let error = check([plain("show"), plain("-i"), unpaired()]);
    assert!(error.contains("file not found"), "{error}");
}

#[test]
fn unicode_arguments_arrive_unchanged() {
    let folder = Folder::with(utf16("[Account1]\r\nlabel=\r\n"));
    let value = "Zoë \"Ж\" 日本 😀 %PATH% ^& |";
    folder.on_ini(&["set", &format!("Account1.label={value}")]).code(0);
    assert_eq!(folder.on_ini(&["get", "Account1.label"]).code(0).out(), format!("{value}\n"));
}

#[test]
fn piped_output_is_plain_utf8() {
    let folder = Folder::with(utf16("[Account1]\r\nlabel=Zoë 😀\r\n"));
    for format in ["human", "json", "ndjson"] {
        let out = folder.on_ini(&["show", "Account1", "--format", format]).code(0).everything();
        assert!(!out.starts_with(b"\xef\xbb\xbf"), "{format}");
        assert!(!out.contains(&0x1b), "{format}: no color in a pipe");
        let text = String::from_utf8(out).unwrap();
        assert!(text.contains("Zoë 😀"), "{text}");
        assert!(!text.contains('\r'), "{format}: line feeds only, as on other systems");
    }
}
