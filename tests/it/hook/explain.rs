//! `hook explain` on files and lines.

use std::fs::File;

#[cfg(not(windows))]
use microsip_schema::Version;

use crate::runner::{Folder, Run, utf16};

const INI: &str = "[Settings]\r\n\
                   OnCallEnd=SendMessage,My,WM_USER+100,%number%\r\n\
                   cmdCallEnd=\"C:\\msipctl\\msipctl.exe\" hook run call-end\r\n\
                   OnCallRing=Nothing\r\n\
                   cmdIncomingCall=\"C:\\Users\\Ann B\\a.bat\"\r\n";

// On Windows it also tells what stands there.
#[cfg(not(windows))]
#[test]
fn hook_explain_prints_the_started_program() {
    let run = Folder::with(INI).on_ini(&["hook", "explain", "--caller", "1 & calc"]).code(0);
    let newest = Version::NEWEST.to_string();
    insta::assert_snapshot!(run.out().replace(&newest, "(newest)"), @r#"
    MicroSIP.ini:5: cmdIncomingCall = "C:\Users\Ann B\a.bat"
      on incoming-call of `1 & calc` in MicroSIP (newest)
      starts      `C:\Users\Ann` is searched for as .com, .exe, .bat, .lnk, or .cmd, not checked here
      parameters  `B\a.bat 1 & calc`
      argument 1  `B\a.bat`
      argument 2  `1`
      argument 3  `&`
      argument 4  `calc`
      number      user part of P-Asserted-Identity or Remote-Party-ID, or of From if both are missing
      waits       until it exits, up to 10 s
      error[split-program-path]: the program path is split at the space: MicroSIP starts `C:\Users\Ann`
        = help: put the program in quotes, and end the line with an argument without quotes: "C:\a b\x.exe" call-end
      warning[split-caller-id]: this caller ID becomes 3 arguments
      info[blocks-ringing]: the phone doesn't ring until the program exits, for up to 10 s; the launcher returns immediately
        = help: use `cmdCallRing`, which runs when the phone rings

    MicroSIP.ini: cmdCallRing = 
      on call-ring of `1 & calc` in MicroSIP (newest)
      starts      nothing
      directive   OnCallRing does nothing
      error[directive-without-launcher]: the event's command isn't the launcher, so nothing runs the directives; run `msipctl hook add` to write both
      error[invalid-directive]: `OnCallRing`: column 1: unknown action `Nothing`: expected one of SendMessage, PostMessage, CopyData, Run, Open, Http, Log, Udp

    MicroSIP.ini:3: cmdCallEnd = "C:\msipctl\msipctl.exe" hook run call-end
      on call-end of `1 & calc` in MicroSIP (newest)
      starts      `C:\msipctl\msipctl.exe` is run, not checked here
      parameters  `hook run call-end 1 & calc`
      argument 1  `hook`
      argument 2  `run`
      argument 3  `call-end`
      argument 4  `1`
      argument 5  `&`
      argument 6  `calc`
      number      user part of P-Asserted-Identity or Remote-Party-ID, or of From if both are missing; in outgoing calls, of the dialed address; the domain if the user part is missing
      waits       until it exits, up to 10 s
      directive   OnCallEnd sends WM_USER+100 with `1 & calc` to the window `My`
    "#);
    let line = r"cmd.exe /c C:\a.bat %number%";
    let run = Folder::new().run(&["hook", "explain", "--line", line, "--caller", "1|2"]).code(0);
    insta::assert_snapshot!(run.out().replace(&newest, "(newest)"), @r#"
    cmdIncomingCall = cmd.exe /c C:\a.bat %number%
      on incoming-call of `1|2` in MicroSIP (newest)
      starts      `cmd.exe` is run, not checked here
      parameters  `/c C:\a.bat %number% 1|2`
      argument 1  `/c`
      argument 2  `C:\a.bat`
      argument 3  `%number%`
      argument 4  `1|2`
      number      user part of P-Asserted-Identity or Remote-Party-ID, or of From if both are missing
      waits       until it exits, up to 10 s
      info[relative-program]: `cmd.exe` isn't a full path: Windows searches MicroSIP's current folder first, then `PATH`
        = help: write the full path
      warning[unknown-placeholder]: MicroSIP doesn't replace `%number%` and passes it as it is; it appends the caller ID to the end of the command, after a space
        = help: delete it, because MicroSIP appends the caller ID
      warning[shell-injection]: cmd.exe interprets & | < > ^ % " in the caller ID, which comes from the network; this caller ID contains |
        = help: use `msipctl hook add run-program`, which removes the characters that a shell interprets
      info[blocks-ringing]: the phone doesn't ring until the program exits, for up to 10 s; the launcher returns immediately
        = help: use `cmdCallRing`, which runs when the phone rings
    "#);
    let old = ["hook", "explain", "call-ring", "--line", r"C:\a.exe", "--microsip", "3.19.8"];
    insta::assert_snapshot!(Folder::new().run(&old).code(0).out(), @r"
    cmdCallRing = C:\a.exe
      on call-ring of `+493012345678` in MicroSIP 3.19.8
      starts      nothing
      error[event-too-new]: MicroSIP 3.19.8 doesn't read `cmdCallRing`, which requires 3.19.10 or newer
    ");
}

#[test]
fn hook_explain_check_exits_with_1_when_findings_exist() {
    let folder = Folder::with(INI);
    folder.on_ini(&["hook", "explain", "incoming-call", "--check"]).code(1);
    folder.on_ini(&["hook", "explain", "incoming-call"]).code(0);
    if !cfg!(windows) {
        folder.on_ini(&["hook", "explain", "call-end", "--check"]).code(0);
    }
}

#[test]
fn hook_explain_exits_with_1_when_the_event_has_no_hook() {
    let run = Folder::with(INI).on_ini(&["hook", "explain", "call-busy"]).code(1);
    assert_eq!(
        (run.out().as_str(), run.err().as_str()),
        ("", "note: call-busy has no command and no directive\n")
    );
    let run = Folder::with("[Settings]\r\n").on_ini(&["hook", "explain"]).code(0);
    assert_eq!(run.err(), "note: no hooks\n");
}

#[test]
fn hook_explain_rejects_line_with_a_file() {
    let run = Folder::with(INI).on_ini(&["hook", "explain", "--line", "x"]).code(2);
    assert!(run.err().contains("cannot be used with"), "{}", run.err());
}

/// Explains what stands on standard input.
#[track_caller]
fn typed(input: impl AsRef<[u8]>) -> Run {
    let folder = Folder::new();
    folder.write("line.txt", input);
    let args = ["hook", "explain", "call-end", "--line", "-", "--caller", "1", "--format", "json"];
    folder.run_as(&args, |command| {
        command.stdin(File::open(folder.file("line.txt")).unwrap());
    })
}

#[test]
fn hook_explain_reads_a_line_from_stdin_in_any_encoding() {
    let line = r#""C:\My Büro\a.exe" "\"C:\my x\h.py\"" $x `y` 100% 'end'"#;
    let (before, behind) = line.split_once('ü').unwrap();
    let ansi = [before.as_bytes(), &[0xfc], behind.as_bytes()].concat();
    for input in [
        line.as_bytes().to_vec(),
        format!("{line}\n").into(),
        format!("{line}\r\n").into(),
        format!("\u{feff}{line}\r\n").into(),
        utf16(&format!("{line}\r\n")),
        ansi,
    ] {
        let json = typed(input).code(0).json();
        let hook = &json["hooks"][0];
        assert_eq!(hook["command"], line);
        assert_eq!(hook["program"], r"C:\My Büro\a.exe");
        assert_eq!(hook["arguments"][0], r"C:\my x\h.py");
    }
    assert_eq!(typed(" x ").code(0).json()["hooks"][0]["command"], " x ");
}

#[test]
fn hook_explain_rejects_stdin_without_exactly_one_line() {
    for (input, why) in [
        ("", "empty standard input: expected one line"),
        ("\r\n", "empty standard input: expected one line"),
        ("a\nb\n", "2 lines in standard input: expected one line"),
        ("a\r\n\r\n", "2 lines in standard input: expected one line"),
    ] {
        let run = typed(input).code(2);
        assert!(run.err().contains(why), "{input:?}: {}", run.err());
        assert_eq!(run.out(), "");
    }
    let run = typed(vec![b'x'; 1024 * 1024 + 1]).code(2);
    assert!(
        run.err().contains("can't read standard input: the input is larger than 1 MiB"),
        "{}",
        run.err()
    );
}

#[test]
fn help_example_is_quoted_for_every_shell() {
    let help = Folder::new().run(&["hook", "explain", "--help"]).code(0).out();
    assert!(help.contains(r#"--line "C:\My Hooks\a.bat" --microsip 3.20.1"#), "{help}");
    assert!(!help.contains("--line '"), "{help}");
}

#[test]
fn hook_explain_accepts_values_that_start_with_a_dash() {
    let args = ["hook", "explain", "--line", "-x", "--caller", "--help", "--format", "json"];
    let hook = &Folder::new().run(&args).code(0).json()["hooks"][0];
    assert_eq!((hook["program"].as_str(), hook["caller"].as_str()), (Some("-x"), Some("--help")));
}

#[test]
fn hook_explain_reports_a_password_without_showing_it() {
    let folder =
        Folder::with("[Settings]\r\ncmdOutgoingCall=C:\\a.exe --token=hunter2 {password}\r\n");
    let run = folder.on_ini(&["hook", "explain"]).code(0);
    assert!(run.out().contains("warning[password-on-command-line]"), "{}", run.out());
    assert!(run.out().contains("--token=***") && !run.out().contains("hunter2"), "{}", run.out());
}

#[test]
fn command_length_includes_masked_secrets() {
    let long = format!("[Settings]\r\ncmdCallEnd=C:\\a.exe --token={}\r\n", "x".repeat(250));
    let run = Folder::with(long).on_ini(&["hook", "explain"]).code(0);
    assert!(
        run.out().contains("error[command-too-long]: the command has 267 UTF-16 code units"),
        "{}",
        run.out()
    );
}
