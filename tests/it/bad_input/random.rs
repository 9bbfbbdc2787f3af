//! Random bytes as MicroSIP.ini.

use proptest::prelude::*;
use proptest::test_runner::{Config, TestRunner};

use crate::runner::{Folder, started};

/// Bytes that look like nothing, and bytes that look like an ini in any encoding.
fn bytes() -> impl Strategy<Value = Vec<u8>> {
    bytes_with(&["[msipctl]", "cmdIncomingCall.before="])
}

/// The same of a file in which msipctl has recorded nothing.
pub(crate) fn foreign_bytes() -> impl Strategy<Value = Vec<u8>> {
    bytes_with(&[])
}

fn bytes_with(more: &[&'static str]) -> impl Strategy<Value = Vec<u8>> + use<> {
    let junk = prop::collection::vec(any::<u8>(), 0..200);
    let pieces = [
        "[Settings]",
        "[Account1]",
        "[",
        "]",
        "=",
        "\"",
        ";",
        "\r\n",
        "\n",
        "\r",
        "\0",
        " ",
        "\t",
        "cmdIncomingCall=",
        "OnIncomingCall=SendMessage,",
        "password=",
        "accountId=1",
        "%",
        "é",
        "😀",
        "AA=1",
        "usersDirectory=http://a:b@c/?p=",
    ];
    let piece = prop::sample::select([&pieces, more].concat());
    let ini = prop::collection::vec(piece, 0..30).prop_map(|pieces| pieces.concat().into_bytes());
    let wide = |text: Vec<u8>| text.into_iter().flat_map(|byte| [byte, 0]).collect::<Vec<_>>();
    let body = prop_oneof![junk, ini.clone(), ini.prop_map(wide)];
    let mark = prop::sample::select(vec![&b""[..], b"\xff\xfe", b"\xfe\xff", b"\xef\xbb\xbf"]);
    (mark, body).prop_map(|(mark, body)| [mark, &body].concat())
}

/// How many files: seven starts of the program for each, of which Wine does some fifteen in a second.
fn cases() -> u32 {
    if cfg!(windows) { 64 } else { Config::default().cases }
}

#[test]
fn commands_do_not_panic_on_random_bytes() {
    // Not by the macro, which takes the number of cases from `PROPTEST_CASES` whatever is said here.
    let config = Config { failure_persistence: None, cases: cases(), ..Config::default() };
    let result = TestRunner::new(config).run(&bytes(), |bytes| stands(&bytes));
    result.unwrap_or_else(|error| panic!("{error}"));
}

/// Puts a file before all commands.
fn stands(bytes: &[u8]) -> Result<(), TestCaseError> {
    let folder = Folder::with(bytes);
    let mut expected = bytes.to_vec();
    for args in [
        &["show"][..],
        &["show", "--all"],
        &["get", "Settings.AA"],
        &["check"],
        &["set", "Settings.AA=1"],
        &["hook", "add", "call-log", "--on", "call-end", "--with", "file=C:\\a.csv"],
        &["hook", "remove", "--all"],
        &["unset", "Settings"],
    ] {
        let args_on_ini = [args, &["-i", "MicroSIP.ini"]].concat();
        let output = started(|| folder.command(&args_on_ini).output());
        let stderr = String::from_utf8_lossy(&output.stderr);
        let code = output.status.code();
        prop_assert!(code.is_some_and(|code| (0..=4).contains(&code)), "{args:?}: {stderr}");
        prop_assert!(!stderr.contains("panicked"), "{args:?}: {stderr}");
        if code != Some(0) || !["set", "hook", "unset"].contains(&args[0]) {
            prop_assert_eq!(&folder.ini(), &expected, "{:?} failed and wrote", args);
        }
        expected = folder.ini();
    }
    Ok(())
}
