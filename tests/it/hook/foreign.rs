//! Commands that somebody else put on an event.

use super::{PLAIN, add, remove_all, text};
use crate::runner::Folder;

const FOREIGN: &str = r#"cmdIncomingCall="C:\Old Hooks\hook.exe" in"#;

fn foreign(line: &str) -> Folder {
    Folder::with(format!("{PLAIN}{line}\r\n"))
}

#[test]
fn hook_add_fails_when_the_event_has_a_foreign_command() {
    let folder = foreign(FOREIGN);
    let before = folder.state();
    let run = add(&folder, &[]).code(3);
    insta::assert_snapshot!(run.err(), @r#"
    error: MicroSIP.ini: `cmdIncomingCall` already has a command: "C:\Old Hooks\hook.exe" in
    hint: pass `--chain` to keep it as the first directive, or `--replace` to replace it; `hook remove` restores it in both cases
    "#);
    assert_eq!(run.out(), "");
    assert_eq!(folder.state(), before);
}

#[test]
fn replaced_foreign_command_is_restored_by_remove() {
    let folder = foreign(FOREIGN);
    let before = folder.ini();
    add(&folder, &["--replace"]).code(0);
    insta::assert_snapshot!(text(&folder).replace('\r', ""), @r#"
    [Settings]
    accountId=0
    AA=0
    cmdIncomingCall="C:\Program Files\msipctl\msipctl.exe" hook run incoming-call
    OnIncomingCall=SendMessage,MyAppWindow,WM_USER+100,%number%
    [msipctl]
    OnIncomingCall=send-message
    cmdIncomingCall.before="C:\Old Hooks\hook.exe" in
    cmdIncomingCall=launcher
    "#);
    remove_all(&folder).code(0);
    assert_eq!(folder.ini(), before);
}

/// Chains a command, checks the directive made of it, and takes all out again.
#[track_caller]
fn check_chain(command: &str, directive: &str) {
    let folder = foreign(&format!("cmdIncomingCall={command}"));
    let before = folder.ini();
    add(&folder, &["--chain"]).code(0);
    let expected = format!(
        "OnIncomingCall={directive}\r\n\
         OnIncomingCall.2=SendMessage,MyAppWindow,WM_USER+100,%number%\r\n",
    );
    assert!(text(&folder).contains(&expected), "{}", text(&folder));
    let hooked = folder.state();
    add(&folder, &["--chain"]).code(0);
    assert_eq!(folder.state(), hooked);
    remove_all(&folder).code(0);
    assert_eq!(folder.ini(), before);
}

#[test]
fn chained_foreign_command_runs_first_and_is_restored_by_remove() {
    check_chain(r"C:\x\hook.exe", r"Run,C:\x\hook.exe,%number%");
    check_chain(r"C:\x\hook.bat", r"Run,C:\x\hook.bat,%number%");
    check_chain(r"C:\x\hook.exe in -v", r"Run,C:\x\hook.exe,in,-v,%number%");
    // MicroSIP splits the arguments and joins them again without their quotes.
    check_chain(
        r#""C:\Old Hooks\hook.exe" "a b",c"#,
        r#"Run,C:\Old Hooks\hook.exe,a,"b,c",%number%"#,
    );
    check_chain(r"C:\x\hook.exe 100%", r"Run,C:\x\hook.exe,100%%,%number%");
}

#[test]
fn existing_directive_keeps_its_key_when_a_command_is_chained() {
    let folder = foreign(&format!("OnIncomingCall=Log,C:\\a.csv\r\n{FOREIGN}"));
    let before = folder.ini();
    add(&folder, &["--chain"]).code(0);
    insta::assert_snapshot!(text(&folder).replace('\r', ""), @r#"
    [Settings]
    accountId=0
    AA=0
    OnIncomingCall=Log,C:\a.csv
    cmdIncomingCall="C:\Program Files\msipctl\msipctl.exe" hook run incoming-call
    OnIncomingCall.0=Run,C:\Old Hooks\hook.exe,in,%number%
    OnIncomingCall.2=SendMessage,MyAppWindow,WM_USER+100,%number%
    [msipctl]
    OnIncomingCall.0=chain
    OnIncomingCall.2=send-message
    cmdIncomingCall.before="C:\Old Hooks\hook.exe" in
    cmdIncomingCall=launcher
    "#);
    remove_all(&folder).code(0);
    assert_eq!(folder.ini(), before);
}

#[test]
fn remove_keeps_a_command_that_changed_since() {
    let folder = Folder::with(PLAIN);
    add(&folder, &[]).code(0);
    folder.on_ini(&["set", r"Settings.cmdIncomingCall=C:\new.exe"]).code(0);
    let run = remove_all(&folder).code(0);
    insta::assert_snapshot!(run.err(), @"note: `cmdIncomingCall` was changed after msipctl wrote it, so it stays unchanged");
    assert_eq!(text(&folder), format!("{PLAIN}cmdIncomingCall=C:\\new.exe\r\n"));
}

#[test]
fn remove_deletes_a_directive_that_changed_since() {
    let folder = Folder::with(PLAIN);
    add(&folder, &[]).code(0);
    let edited = text(&folder).replace("MyAppWindow", "Another");
    folder.write("MicroSIP.ini", edited);
    remove_all(&folder).code(0);
    assert_eq!(text(&folder), PLAIN);
}

const NATIVE: &[&str] = &["hook", "add", "native-command", "--on", "call-end"];

#[test]
fn native_command_is_written_without_launcher() {
    let folder = Folder::with(PLAIN);
    let program = ["--with", r"program=C:\Old Hooks\a.bat"];
    folder.on_ini(&[NATIVE, &program].concat()).code(0);
    insta::assert_snapshot!(text(&folder).replace('\r', ""), @r#"
    [Settings]
    accountId=0
    AA=0
    cmdCallEnd="C:\Old Hooks\a.bat" call-end
    [msipctl]
    cmdCallEnd=native-command
    cmdCallEnd.wrote="C:\Old Hooks\a.bat" call-end
    "#);
    let before = folder.state();
    folder.on_ini(&[NATIVE, &program].concat()).code(0);
    assert_eq!(folder.state(), before);

    folder.on_ini(&[NATIVE, &["--with", r"program=C:\b.exe"]].concat()).code(0);
    insta::assert_snapshot!(text(&folder).replace('\r', ""), @r#"
    [Settings]
    accountId=0
    AA=0
    cmdCallEnd="C:\b.exe" call-end
    [msipctl]
    cmdCallEnd=native-command
    cmdCallEnd.wrote="C:\b.exe" call-end
    "#);
    remove_all(&folder).code(0);
    assert_eq!(text(&folder), PLAIN);
}

#[test]
fn changed_native_command_is_neither_overwritten_nor_removed() {
    let folder = Folder::with(PLAIN);
    folder.on_ini(&[NATIVE, &["--with", r"program=C:\a.exe"]].concat()).code(0);
    folder.on_ini(&["set", r"Settings.cmdCallEnd=C:\mine.exe"]).code(0);
    let run = folder.on_ini(&[NATIVE, &["--with", r"program=C:\b.exe"]].concat()).code(3);
    insta::assert_snapshot!(run.err(), @r"
    error: MicroSIP.ini: `cmdCallEnd` already has a command: C:\mine.exe
    hint: pass `--replace` to replace it; `hook remove` restores it
    ");
    remove_all(&folder).code(0);
    assert_eq!(text(&folder), format!("{PLAIN}cmdCallEnd=C:\\mine.exe\r\n"));
}

#[test]
fn native_command_does_not_replace_a_launcher() {
    let folder = Folder::with(PLAIN);
    add(&folder, &[]).code(0);
    let before = folder.state();
    let on = ["hook", "add", "native-command", "--on", "incoming-call", "--replace"];
    let run = folder.on_ini(&[&on[..], &["--with", r"program=C:\b.exe"]].concat()).code(3);
    insta::assert_snapshot!(run.err(), @"
    error: MicroSIP.ini: `cmdIncomingCall` already runs the launcher for `OnIncomingCall` directives
    hint: remove the directives first with `msipctl hook remove`, or use the template `run-program`
    ");
    assert_eq!(folder.state(), before);
}
