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
    insta::assert_snapshot!(check(&["get", "AA"]), @"
    error: `AA` is no name of a key, expected SECTION.KEY
    hint: for example Settings.localDTMF or Account1.domain
    ");
    insta::assert_snapshot!(check(&["get", ".AA"]), @"
    error: `.AA` is no name of a key, expected SECTION.KEY
    hint: for example Settings.localDTMF or Account1.domain
    ");
    insta::assert_snapshot!(check(&["get", "Settings."]), @"
    error: `Settings.` is no name of a key, expected SECTION.KEY
    hint: for example Settings.localDTMF or Account1.domain
    ");
    insta::assert_snapshot!(check(&["get", "\"Settings.AA"]), @r#"
    error: `"Settings.AA` is no name of a key, expected a closing double quote
    hint: for example Settings.localDTMF or Account1.domain
    "#);
    insta::assert_snapshot!(check(&["get", ""]), @"
    error: `` is no name of a key, expected SECTION.KEY
    hint: for example Settings.localDTMF or Account1.domain
    ");
    insta::assert_snapshot!(check(&["set", "Settings.AA"]), @"
    error: an argument has no `=`, expected SECTION.KEY=VALUE
    hint: put the whole argument in quotes when the value holds blanks
    ");
    insta::assert_snapshot!(check(&["set", "AA=1"]), @"
    error: `AA` is no name of a key, expected SECTION.KEY
    hint: for example Settings.localDTMF or Account1.domain
    ");
    insta::assert_snapshot!(check(&["set", "=1"]), @"
    error: `` is no name of a key, expected SECTION.KEY
    hint: for example Settings.localDTMF or Account1.domain
    ");
    insta::assert_snapshot!(check(&["unset", "Settings."]), @"
    error: `Settings.` is no name of a key, expected SECTION.KEY
    hint: for example Settings.localDTMF or Account1.domain
    ");
}

#[test]
fn invalid_template_arguments_are_rejected() {
    let on = ["--on", "call-end"];
    let add = |name, more: &[&str]| check(&[&["hook", "add", name][..], &on, more].concat());
    insta::assert_snapshot!(add("sendmessage", &[]), @"
    error: there is no template `sendmessage`
    hint: did you mean `send-message`?
    ");
    insta::assert_snapshot!(add("nothing-like-it", &[]), @"
    error: there is no template `nothing-like-it`
    hint: `msipctl template list` names them
    ");
    insta::assert_snapshot!(add("../send-message", &[]), @"
    error: there is no template `../send-message`
    hint: did you mean `send-message`?
    ");
    insta::assert_snapshot!(add("send-message", &[]), @"
    error: template `send-message` needs parameter `window`: Title of the receiving window, or class:NAME for its window class
    hint: give it with `--with window=...`
    ");
    insta::assert_snapshot!(add("send-message", &["--with", "window"]), @"error: `--with` has no `=`, expected NAME=VALUE");
    insta::assert_snapshot!(add("send-message", &["--with", "windw=W"]), @"
    error: template `send-message` has no parameter `windw`, expected `window`, `message` or `payload`
    hint: `msipctl template show NAME` lists a template's parameters
    ");
    insta::assert_snapshot!(
        add("send-message", &["--with", "window=W", "--with", "window=V"]), @"error: parameter `window` is given twice"
    );
    insta::assert_snapshot!(add("send-message", &["--with", "window="]), @"
    error: template `send-message` needs parameter `window`: Title of the receiving window, or class:NAME for its window class
    hint: give it with `--with window=...`
    ");
    insta::assert_snapshot!(add("send-message", &["--with", "window=a\nAA=1"]), @"
    error: parameter `window` of template `send-message` holds a line break or a NUL, expected one line
    hint: `msipctl template show NAME` lists a template's parameters
    ");
    insta::assert_snapshot!(
        add("send-message", &["--with", "window=W", "--with", "message=boom"]), @r"
    error: parameter `message` of template `send-message` does not match `^((WM_USER|WM_APP)\+[0-9]{1,5}|[0-9]{4,5}|0x[0-9A-Fa-f]{3,4})$`
    hint: `msipctl template show NAME` lists a template's parameters
    "
    );
    let folder = Folder::new();
    insta::assert_snapshot!(folder.run(&["template", "show", "call-lo"]).code(2).err(), @"
    error: there is no template `call-lo`
    hint: did you mean `call-log`?
    ");
}

#[test]
fn unknown_events_are_rejected() {
    insta::assert_snapshot!(check(&["hook", "add", "call-log", "--on", "incoming"]), @"
    error: invalid value 'incoming' for '--on <EVENT>': `incoming` is no event, did you mean `incoming-call`?

    For more information, try '--help'.
    ");
    insta::assert_snapshot!(check(&["hook", "add", "call-log", "--on", ""]), @"
    error: invalid value '' for '--on <EVENT>': `` is no event, expected outgoing-call, incoming-call, call-ring, call-answer, call-answer-video, call-busy, call-start or call-end

    For more information, try '--help'.
    ");
    insta::assert_snapshot!(check(&["hook", "remove", "--on", "cal-end"]), @"
    error: invalid value 'cal-end' for '--on <EVENT>': `cal-end` is no event, did you mean `call-end`?

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
    error: invalid value '65000' for '--ansi-code-page <NUMBER>': expected an ANSI code page of Windows: 874, 932, 936, 949, 950, 1250 to 1258, or 65001

    For more information, try '--help'.
    ");
    insta::assert_snapshot!(check(&["show", "--format", "xml"]), @"
    error: invalid value 'xml' for '--format <FORMAT>'
      [possible values: human, json, ndjson, sarif, junit, github, markdown, html]

      tip: a similar value exists: 'html'

    For more information, try '--help'.
    ");
    insta::assert_snapshot!(check(&["set", "Settings.AA=1", "--keep", "0"]), @"
    error: invalid value '0' for '--keep <N>': expected 1 or more

    For more information, try '--help'.
    ");
    insta::assert_snapshot!(check(&["set", "Settings.AA=1", "--encoding", "utf-8"]), @"
    error: invalid value 'utf-8' for '--encoding <POLICY>'
      [possible values: auto, keep, utf-16le]

      tip: a similar value exists: 'utf-16le'

    For more information, try '--help'.
    ");
    insta::assert_snapshot!(check(&["backup", "restore", "--run", "yesterday"]), @"
    error: invalid value 'yesterday' for '--run <RUN>': `yesterday` names no run, expected a name such as [TIME]

    For more information, try '--help'.
    ");
    insta::assert_snapshot!(check(&["backup", "restore", "--time", "yesterday"]), @"
    error: invalid value 'yesterday' for '--time <TIME>': expected a time such as 2026-11-23T09:00:00Z

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
