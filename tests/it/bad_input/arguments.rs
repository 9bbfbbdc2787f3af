//! Arguments that are wrong.

use crate::runner::Folder;

#[track_caller]
fn check(args: &[&str]) -> String {
    let folder = Folder::with("[Settings]\r\nAA=0\r\n");
    let before = folder.state();
    let run = folder.on_ini(args).code(2);
    assert_eq!(run.out(), "");
    assert_eq!(folder.state(), before);
    run.err()
}

#[test]
fn invalid_key_names_are_rejected() {
    insta::assert_snapshot!(check(&["get", "nothing"]), @"
    error: missing section in `nothing`: expected `SECTION.KEY`
    hint: for example, use `Settings.localDTMF` or `Account1.domain`
    ");
    insta::assert_snapshot!(check(&["get", ".AA"]), @"
    error: invalid name `.AA`: expected `SECTION.KEY`
    hint: for example, use `Settings.localDTMF` or `Account1.domain`
    ");
    insta::assert_snapshot!(check(&["get", "Settings."]), @"
    error: invalid name `Settings.`: expected `SECTION.KEY`
    hint: for example, use `Settings.localDTMF` or `Account1.domain`
    ");
    insta::assert_snapshot!(check(&["get", "\"Settings.AA"]), @r#"
    error: invalid name `"Settings.AA`: expected a closing double quote
    hint: for example, use `Settings.localDTMF` or `Account1.domain`
    "#);
    insta::assert_snapshot!(check(&["get", ""]), @"
    error: a value is required for '<[SECTION.]KEY|FILE>...' but none was supplied

    For more information, try '--help'.
    ");
    insta::assert_snapshot!(check(&["set", "Settings.AA"]), @"error: missing value for `Settings.AA`: expected `Settings.AA=VALUE`");
    // An argument that isn't the name of a key may be a password.
    insta::assert_snapshot!(check(&["set", "AA=1", "Settings.hunter2"]), @"
    error: an argument has no `=`: expected `SECTION.KEY=VALUE`
    hint: if the value has spaces, put the argument in quotes
    ");
    insta::assert_snapshot!(check(&["set", "nothing=1"]), @"
    error: missing section in `nothing`: expected `SECTION.KEY`
    hint: for example, use `Settings.localDTMF` or `Account1.domain`
    ");
    insta::assert_snapshot!(check(&["set", "=1"]), @"
    error: invalid name ``: expected `SECTION.KEY`
    hint: for example, use `Settings.localDTMF` or `Account1.domain`
    ");
    insta::assert_snapshot!(check(&["unset", "Settings."]), @"
    error: invalid name `Settings.`: expected `SECTION.KEY`
    hint: for example, use `Settings.localDTMF` or `Account1.domain`
    ");
}

#[test]
fn invalid_template_arguments_are_rejected() {
    let on = ["--on", "call-end"];
    let add = |name, more: &[&str]| check(&[&["hook", "add", name][..], &on, more].concat());
    insta::assert_snapshot!(add("sendmessage", &[]), @"
    error: unknown template `sendmessage`
    hint: did you mean `send-message`?
    ");
    insta::assert_snapshot!(add("nothing-like-it", &[]), @"
    error: unknown template `nothing-like-it`
    hint: run `msipctl template list` to list the templates
    ");
    insta::assert_snapshot!(add("../send-message", &[]), @"
    error: expected one template, found 0
    hint: run `msipctl template list` to list the templates
    ");
    insta::assert_snapshot!(add("send-message", &[]), @"
    error: missing parameter `window` for template `send-message`: Title of the receiving window, or class:NAME for its window class
    hint: pass it with `--with window=...`
    ");
    insta::assert_snapshot!(add("send-message", &["--with", "window"]), @"error: `--with` has no `=`: expected `NAME=VALUE`");
    insta::assert_snapshot!(add("send-message", &["--with", "windw=W"]), @"
    error: unknown parameter `windw` for template `send-message`: expected `window`, `message`, or `payload`
    hint: did you mean `window`?
    ");
    insta::assert_snapshot!(
        add("send-message", &["--with", "window=W", "--with", "window=V"]), @"error: duplicate parameter `window`"
    );
    insta::assert_snapshot!(add("send-message", &["--with", "window="]), @"
    error: missing parameter `window` for template `send-message`: Title of the receiving window, or class:NAME for its window class
    hint: pass it with `--with window=...`
    ");
    insta::assert_snapshot!(add("send-message", &["--with", "window=a\nAA=1"]), @"
    error: parameter `window` of template `send-message` contains a line break or a NUL character: expected one line
    hint: run `msipctl template show send-message` to see its events and parameters
    ");
    insta::assert_snapshot!(
        add("send-message", &["--with", "window=W", "--with", "message=boom"]), @"
    error: invalid value for parameter `message` of template `send-message`: Message ID to send: WM_USER+n, WM_APP+n, or a number
    hint: run `msipctl template show send-message` to see its events and parameters
    "
    );
    let folder = Folder::new();
    insta::assert_snapshot!(folder.run(&["template", "show", "call-lo"]).code(2).err(), @"
    error: unknown template `call-lo`
    hint: did you mean `call-log`?
    ");
}

#[test]
fn unknown_events_are_rejected() {
    insta::assert_snapshot!(check(&["hook", "add", "call-log", "--on", "incoming"]), @"
    error: invalid value 'incoming' for '--on <EVENT>': unknown event `incoming`; did you mean `incoming-call`?

    For more information, try '--help'.
    ");
    insta::assert_snapshot!(check(&["hook", "add", "call-log", "--on", ""]), @"
    error: invalid value '' for '--on <EVENT>': unknown event ``: expected outgoing-call, incoming-call, call-ring, call-answer, call-answer-video, call-busy, call-start, or call-end

    For more information, try '--help'.
    ");
    insta::assert_snapshot!(check(&["hook", "remove", "--on", "cal-end"]), @"
    error: invalid value 'cal-end' for '--on <EVENT>': unknown event `cal-end`; did you mean `call-end`?

    For more information, try '--help'.
    ");
}

#[test]
fn invalid_flag_values_are_rejected() {
    insta::assert_snapshot!(check(&["check", "--microsip", "new"]), @"
    error: invalid value 'new' for '--microsip <VERSION>': invalid MicroSIP version `new`: expected a version such as 3.22.3 or 3.19

    For more information, try '--help'.
    ");
    insta::assert_snapshot!(check(&["check", "--ansi-code-page", "65000"]), @"
    error: invalid value '65000' for '--ansi-code-page <NUMBER>': expected a Windows ANSI code page: 874, 932, 936, 949, 950, 1250 to 1258, or 65001

    For more information, try '--help'.
    ");
    insta::assert_snapshot!(check(&["show", "--format", "xml"]), @"
    error: invalid value 'xml' for '--format <FORMAT>'
      [possible values: human, json, ndjson]

    For more information, try '--help'.
    ");
    insta::assert_snapshot!(check(&["set", "Settings.AA=1", "--keep", "0"]), @"
    error: invalid value '0' for '--keep <N>': expected at least 1

    For more information, try '--help'.
    ");
    insta::assert_snapshot!(check(&["set", "Settings.AA=1", "--encoding", "utf-8"]), @"
    error: invalid value 'utf-8' for '--encoding <POLICY>'
      [possible values: auto, keep, utf-16le]

      tip: a similar value exists: 'utf-16le'

    For more information, try '--help'.
    ");
    insta::assert_snapshot!(check(&["backup", "restore", "--run", "yesterday"]), @"
    error: invalid value 'yesterday' for '--run <RUN>': expected a run ID, for example [TIME]

    For more information, try '--help'.
    ");
    insta::assert_snapshot!(check(&["backup", "restore", "--time", "yesterday"]), @"
    error: invalid value 'yesterday' for '--time <TIME>': expected a time, for example 2026-11-23T09:00:00Z

    For more information, try '--help'.
    ");
    insta::assert_snapshot!(check(&["shw"]), @"
    error: unrecognized subcommand 'shw'

      tip: a similar subcommand exists: 'show'

    Usage: msipctl [OPTIONS] <COMMAND>

    For more information, try '--help'.
    ");
}

#[cfg(unix)]
#[test]
fn non_unicode_argument_is_rejected() {
    use std::ffi::OsStr;
    use std::os::unix::ffi::OsStrExt;
    let folder = Folder::with("[Settings]\r\n");
    let mut command = folder.command(&["set", "-i", "MicroSIP.ini"]);
    let output = command.arg(OsStr::from_bytes(b"Account1.label=\xff")).output().unwrap();
    assert_eq!(output.status.code(), Some(2));
    assert_eq!(folder.ini(), b"[Settings]\r\n");
}
