//! The flags of `hook add` and `hook remove`.

use super::{PLAIN, add, remove_all, text};
use crate::runner::{Folder, Run, started};

const DIRECTIVE: &str = "SendMessage,MyAppWindow,WM_USER+100,%number%";

/// Runs `hook add` with these arguments on a plain file, which must stay as it is.
#[track_caller]
fn refused(args: &[&str], code: i32) -> String {
    let folder = Folder::with(PLAIN);
    let before = folder.state();
    let run = folder.on_ini(&[&["hook", "add"], args].concat()).code(code);
    assert_eq!(run.out(), "");
    assert_eq!(folder.state(), before);
    run.err()
}

/// Lists the lines of `[Settings]` that hooks have made, in their order.
fn hook_lines(folder: &Folder) -> Vec<String> {
    let text = text(folder);
    let settings = text.split("[msipctl]").next().unwrap();
    let lines = settings.lines().filter(|line| line.starts_with("On") || line.starts_with("cmd"));
    lines.map(str::to_owned).collect()
}

#[test]
fn hook_add_on_several_events_creates_one_backup() {
    let folder = Folder::with(PLAIN);
    let on = "incoming-call,call-end,outgoing-call";
    let args = ["hook", "add", "call-log", "--on", on, "--with", r"file=C:\calls.csv"];
    folder.on_ini(&args).code(0);
    insta::assert_snapshot!(hook_lines(&folder).join("\n"), @r#"
    OnIncomingCall=Log,C:\calls.csv
    cmdIncomingCall="C:\Program Files\msipctl\msipctl.exe" hook run incoming-call
    OnCallEnd=Log,C:\calls.csv
    cmdCallEnd="C:\Program Files\msipctl\msipctl.exe" hook run call-end
    OnOutgoingCall=Log,C:\calls.csv
    cmdOutgoingCall="C:\Program Files\msipctl\msipctl.exe" hook run outgoing-call
    "#);
    let backups = folder.on_ini(&["backup", "list", "--format", "json"]).code(0).json();
    assert_eq!(backups["backups"].as_array().unwrap().len(), 1);

    folder.on_ini(&["hook", "remove", "--on", "call-end"]).code(0);
    assert!(!text(&folder).contains("CallEnd"));
    assert!(text(&folder).contains("cmdOutgoingCall"));
    remove_all(&folder).code(0);
    assert_eq!(text(&folder), PLAIN);
}

#[test]
fn hook_add_with_other_parameters_updates_the_directive() {
    let folder = Folder::with(PLAIN);
    add(&folder, &[]).code(0);
    let before = text(&folder);
    add(&folder, &["--with", "message=WM_APP+1"]).code(0);
    assert_eq!(text(&folder), before.replace("WM_USER+100", "WM_APP+1"));
    remove_all(&folder).code(0);
    assert_eq!(text(&folder), PLAIN);
}

#[test]
fn append_adds_a_second_directive_from_the_same_template() {
    let folder = Folder::with(PLAIN);
    add(&folder, &[]).code(0);
    let more = ["--with", "message=WM_APP+1", "--append"];
    add(&folder, &more).code(0);
    insta::assert_snapshot!(hook_lines(&folder).join("\n"), @r#"
    OnIncomingCall=SendMessage,MyAppWindow,WM_USER+100,%number%
    cmdIncomingCall="C:\Program Files\msipctl\msipctl.exe" hook run incoming-call
    OnIncomingCall.2=SendMessage,MyAppWindow,WM_APP+1,%number%
    "#);
    let before = folder.state();
    add(&folder, &more).code(0);
    assert_eq!(folder.state(), before);
    remove_all(&folder).code(0);
    assert_eq!(text(&folder), PLAIN);
}

#[test]
fn launcher_is_kept_while_a_directive_needs_it() {
    let folder = Folder::with(PLAIN);
    add(&folder, &[]).code(0);
    let log = ["hook", "add", "call-log", "--on", "incoming-call", "--with", r"file=C:\calls.csv"];
    folder.on_ini(&log).code(0);
    folder.on_ini(&["hook", "remove", "send-message"]).code(0);
    insta::assert_snapshot!(hook_lines(&folder).join("\n"), @r#"
    cmdIncomingCall="C:\Program Files\msipctl\msipctl.exe" hook run incoming-call
    OnIncomingCall.2=Log,C:\calls.csv
    "#);
    folder.on_ini(&["hook", "remove", "call-log"]).code(0);
    assert_eq!(text(&folder), PLAIN);
}

#[test]
fn hook_remove_requires_a_template_event_or_all() {
    let folder = Folder::with(PLAIN);
    insta::assert_snapshot!(folder.on_ini(&["hook", "remove"]).code(2).err(), @"
    error: missing hooks to remove: expected a template, `--on`, or `--all`
    hint: to remove all hooks that msipctl added, pass `--all`
    ");
}

#[test]
fn hook_remove_fails_when_the_template_is_unknown() {
    let folder = Folder::with(PLAIN);
    add(&folder, &[]).code(0);
    folder.write("other.ini", PLAIN);
    let before = folder.state();
    let refused = |args: &[&str]| folder.on_ini(&[&["hook", "remove"], args].concat()).code(2);
    insta::assert_snapshot!(refused(&["sendmessage"]).err(), @"
    error: unknown template `sendmessage`: no hook of it is in a file
    hint: did you mean `send-message`?
    ");
    insta::assert_snapshot!(refused(&["send-message", "xyz", "--on", "call-end"]).err(), @"
    error: unknown template `xyz`: no hook of it is in a file
    hint: run `msipctl hook list` to list hooks and their templates
    ");
    // What serves the hooks is none.
    refused(&["launcher", "-i", "other.ini"]);
    assert_eq!(folder.state(), before);
    // One of the catalogue's that no file has is a wish that is met.
    folder.on_ini(&["hook", "remove", "call-log", "-i", "other.ini"]).code(0);
    assert_eq!(folder.state(), before);
    // A file that cannot be read says so.
    let run = folder.run(&["hook", "remove", "send-message", "-i", "none.ini"]).code(2);
    assert!(run.err().starts_with("error: none.ini: file not found"), "{}", run.err());
}

#[test]
fn hook_remove_accepts_recorded_and_custom_templates() {
    let folder = Folder::with(PLAIN);
    std::fs::create_dir(folder.file("ours")).unwrap();
    folder.write("ours/ours.ini", OWN);
    own(&folder, "ours", &["--template-dir", "ours"]).code(0);
    folder.write("other.ini", PLAIN);
    let near = folder.on_ini(&["hook", "remove", "our"]).code(2).err();
    assert!(near.contains("did you mean `ours`?"), "{near}");
    // A name out of a file gives a terminal no commands.
    folder.write("odd.ini", "[msipctl]\r\nOnCallEnd=ours\x1b[31m\r\n");
    let odd = folder.run(&["hook", "remove", "ours[31m", "-i", "odd.ini"]).code(2);
    assert!(!odd.everything().contains(&0x1b), "{}", odd.err());
    assert!(odd.err().contains(r"did you mean `ours\u{1b}[31m`?"), "{}", odd.err());
    // Recorded in one of the files.
    folder.run(&["hook", "remove", "ours", "-i", "other.ini", "-i", "MicroSIP.ini"]).code(0);
    assert_eq!(text(&folder), PLAIN);
    // Now only in the user's catalogue.
    let remove = ["hook", "remove", "ours", "-i", "MicroSIP.ini"];
    folder.run(&remove).code(2);
    let ours = folder.file("ours");
    folder.run_as(&remove, |command| _ = command.env("MSIPCTL_TEMPLATES", &ours)).code(0);
}

#[test]
fn launcher_starts_the_program_given_by_msipctl_flag() {
    let folder = Folder::with(PLAIN);
    add(&folder, &["--msipctl", r"D:\Tools\msipctl.exe"]).code(0);
    let launcher = r#"cmdIncomingCall="D:\Tools\msipctl.exe" hook run incoming-call"#;
    assert_eq!(hook_lines(&folder), [&format!("OnIncomingCall={DIRECTIVE}"), launcher]);
    // It is kept by later runs that name none or the same one in another spelling, and changed by those that name another.
    let before = folder.state();
    add(&folder, &["--msipctl", "d:/tools/MSIPCTL.exe"]).code(0);
    assert_eq!(folder.state(), before);
    let again = ["hook", "add", "send-message", "--on", "incoming-call", "--with"];
    let again = [&again[..], &["window=MyAppWindow", "-i", "MicroSIP.ini"]].concat();
    assert!(started(|| folder.bare_command(&again).status()).success());
    assert_eq!(folder.state(), before);
    add(&folder, &["--msipctl", r"E:\m.exe"]).code(0);
    assert_eq!(hook_lines(&folder)[1], r#"cmdIncomingCall="E:\m.exe" hook run incoming-call"#);
    remove_all(&folder).code(0);
    assert_eq!(text(&folder), PLAIN);
}

#[test]
fn launcher_names_the_ini_given_by_flag() {
    let folder = Folder::with(PLAIN);
    let named = ["--launcher-ini", r"C:\Users\Ann B\MicroSIP.ini"];
    add(&folder, &named).code(0);
    let launcher = r#"cmdIncomingCall="C:\Program Files\msipctl\msipctl.exe" hook run --ini "\"C:\Users\Ann B\MicroSIP.ini\"" incoming-call"#;
    assert_eq!(hook_lines(&folder)[1], launcher);
    // It is kept by later runs that name none or the same file in another spelling, and changed by another file.
    let before = folder.state();
    add(&folder, &["--launcher-ini", "none"]).code(0);
    add(&folder, &["--launcher-ini", r"c:\users\ann b\microsip.INI"]).code(0);
    add(&folder, &["--launcher-ini", r"\\?\C:/Users/Ann B/MicroSIP.ini"]).code(0);
    assert_eq!(folder.state(), before);
    add(&folder, &["--launcher-ini", r"D:\M.ini"]).code(0);
    let launcher = r#"cmdIncomingCall="C:\Program Files\msipctl\msipctl.exe" hook run --ini D:\M.ini incoming-call"#;
    assert_eq!(hook_lines(&folder)[1], launcher);
    remove_all(&folder).code(0);
    assert_eq!(text(&folder), PLAIN);

    insta::assert_snapshot!(
        add(&folder, &["--launcher-ini", "M.ini"]).code(2).err(),
        @r"
    error: MicroSIP.ini: can't write the launcher for `incoming-call`: invalid path of MicroSIP.ini `M.ini`, which isn't a full path: expected a full Windows path
    hint: pass `--launcher-ini` with the full Windows path of MicroSIP.ini
    "
    );
    insta::assert_snapshot!(
        add(&folder, &["-i", "other.ini", "--launcher-ini", r"C:\M.ini"]).code(2).err(),
        @"
    error: `--launcher-ini` names one file, but several files are selected
    hint: run `msipctl hook add` once per file
    "
    );
}

fn refused_program(program: &str) -> String {
    let args = ["send-message", "--on", "call-end", "--with", "window=W", "--msipctl", program];
    refused(&args, 2)
}

#[test]
fn hook_add_rejects_a_program_that_microsip_cannot_start() {
    insta::assert_snapshot!(refused_program("msipctl.exe"), @r"
    error: MicroSIP.ini: can't write the launcher for `call-end`: invalid program path `msipctl.exe`, which isn't a full path: expected a full Windows path such as C:\Program Files\msipctl\msipctl.exe
    hint: pass `--msipctl` with the full Windows path of the program
    ");
    insta::assert_snapshot!(refused_program(r"tools\msipctl.exe"), @r"
    error: MicroSIP.ini: can't write the launcher for `call-end`: invalid program path `tools\msipctl.exe`, which isn't a full path: expected a full Windows path such as C:\Program Files\msipctl\msipctl.exe
    hint: pass `--msipctl` with the full Windows path of the program
    ");
    insta::assert_snapshot!(refused_program(r#""C:\msipctl.exe""#), @r#"
    error: MicroSIP.ini: can't write the launcher for `call-end`: invalid program path `"C:\msipctl.exe"`, which contains a quote: expected a full Windows path such as C:\Program Files\msipctl\msipctl.exe
    hint: pass `--msipctl` with the full Windows path of the program
    "#);
    insta::assert_snapshot!(refused_program(""), @r"
    error: MicroSIP.ini: can't write the launcher for `call-end`: invalid program path ``, which isn't a full path: expected a full Windows path such as C:\Program Files\msipctl\msipctl.exe
    hint: pass `--msipctl` with the full Windows path of the program
    ");
    let long = format!(r"C:\{}\msipctl.exe", "x".repeat(260));
    insta::assert_snapshot!(refused_program(&long).replace(&"x".repeat(260), "x..."), @"
    error: MicroSIP.ini: can't write the launcher for `call-end`: the command has 295 UTF-16 code units: expected at most 253
    hint: pass `--msipctl` with a shorter path, or `--launcher-ini none` to leave out the path of MicroSIP.ini
    ");
}

#[test]
fn hook_add_rejects_versions_that_do_not_support_the_hook() {
    let args = ["send-message", "--on", "incoming-call", "--with", "window=W", "--microsip"];
    insta::assert_snapshot!(refused(&[&args[..], &["3.19.8"]].concat(), 2), @"
    error: MicroSIP.ini: MicroSIP 3.19.8 doesn't start commands with arguments, which requires 3.19.10 or newer
    hint: to change the target version, pass `--microsip`
    ");
    let args = ["send-message", "--on", "call-answer-video", "--with", "window=W", "--microsip"];
    insta::assert_snapshot!(refused(&[&args[..], &["3.20.0"]].concat(), 2), @"
    error: MicroSIP.ini: MicroSIP 3.20.0 doesn't read `cmdCallAnswerVideo`, which requires 3.21.3 or newer
    hint: to change the target version, pass `--microsip`
    ");
}

#[test]
fn system_message_requires_allow_system_message() {
    let args =
        ["send-message", "--on", "call-end", "--with", "window=W", "--with", "message=0x010"];
    insta::assert_snapshot!(refused(&args, 2), @"
    error: MicroSIP.ini: `0x010` is a window message that Windows defines: expected WM_USER+n or WM_APP+n
    hint: to send it anyway, pass `--allow-system-message`
    ");
    let folder = Folder::with(PLAIN);
    let allow = [&["hook", "add"], &args[..], &["--allow-system-message"]].concat();
    folder.on_ini(&allow).code(0);
    assert_eq!(hook_lines(&folder)[0], "OnCallEnd=SendMessage,W,0x010,%number%");
}

#[test]
fn parameter_with_special_characters_remains_one_field() {
    let folder = Folder::with(PLAIN);
    let window = r#"window=A "b", c;%%=[x]"#;
    let args = ["hook", "add", "send-message", "--on", "call-end", "--with", window];
    folder.on_ini(&args).code(0);
    let expected = r#"OnCallEnd=SendMessage,"A ""b"", c;%%=[x]",WM_USER+100,%number%"#;
    assert_eq!(hook_lines(&folder)[0], expected);
    remove_all(&folder).code(0);
    assert_eq!(text(&folder), PLAIN);
}

const OWN: &str = "[template]\nsummary=Ours\nevents=call-end\n\n\
                   [Settings]\n{{ event.directive }}=Log,C:\\ours.csv\n";

fn own(folder: &Folder, name: &str, flags: &[&str]) -> Run {
    folder.on_ini(&[&["hook", "add", name, "--on", "call-end"], flags].concat())
}

#[test]
fn custom_template_overrides_the_built_in_one() {
    let folder = Folder::with(PLAIN);
    std::fs::create_dir(folder.file("ours")).unwrap();
    folder.write("ours/send-message.ini", OWN);
    own(&folder, "send-message", &["--template-dir", "ours"]).code(0);
    assert_eq!(hook_lines(&folder)[0], r"OnCallEnd=Log,C:\ours.csv");
    insta::assert_snapshot!(
        own(&folder, "send-message", &["--template-dir", "none"]).code(2).err(), @"
    error: none: file not found
    hint: check the path
    "
    );
}

#[test]
fn template_folder_is_found_by_environment_variable() {
    let folder = Folder::with(PLAIN);
    std::fs::create_dir(folder.file("ours")).unwrap();
    folder.write("ours/ours.ini", OWN);
    own(&folder, "ours", &[]).code(2);
    let args = ["hook", "add", "ours", "--on", "call-end", "-i", "MicroSIP.ini"];
    let mut command = folder.command(&args);
    let status = command.env("MSIPCTL_TEMPLATES", folder.file("ours")).output().unwrap().status;
    assert!(status.success());
    assert_eq!(hook_lines(&folder)[0], r"OnCallEnd=Log,C:\ours.csv");
    // Taking out needs no template.
    remove_all(&folder).code(0);
    assert_eq!(text(&folder), PLAIN);
}

#[test]
fn hook_add_rejects_events_the_template_does_not_support() {
    let args = ["open-url", "--on", "call-busy", "--with", "url=http://x/%number%"];
    insta::assert_snapshot!(refused(&args, 2), @"
    error: template `open-url` doesn't support `call-busy`: expected `outgoing-call`, `incoming-call`, `call-ring`, `call-answer`, `call-start`, or `call-end`
    hint: run `msipctl template show open-url` to see its events and parameters
    ");
}
