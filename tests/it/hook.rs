//! Hooks put in and taken out by the program, byte for byte.

mod any_file;
mod explain;
mod foreign;
mod options;
mod start_files;
mod test;

use crate::runner::{Folder, Run, utf16};

/// A file as MicroSIP writes it.
const MICROSIP: &str = "[Settings]\r\naccountId=1\r\nsingleMode=1\r\ncmdIncomingCall=\"\"\r\n\
                        cmdCallEnd=\"\"\r\nringingSound=\r\n\r\n\
                        [Account1]\r\nlabel=Büro\r\nserver=sip.example.com\r\ndomain=sip.example.com\r\n\
                        username=100\r\npassword=hunter2\r\n\r\n\
                        [Calls]\r\n0=100;1700000000;5\r\n";

const PLAIN: &str = "[Settings]\r\naccountId=0\r\nAA=0\r\n";

/// Runs `hook add` for incoming calls on MicroSIP.ini, with more arguments.
fn add(folder: &Folder, more: &[&str]) -> Run {
    let args = ["hook", "add", "send-message", "--on", "incoming-call"];
    folder.on_ini(&[&args[..], &["--with", "window=MyAppWindow"], more].concat())
}

fn remove_all(folder: &Folder) -> Run {
    folder.on_ini(&["hook", "remove", "--all"])
}

#[test]
fn hook_add_writes_send_message_and_keeps_other_lines() {
    let folder = Folder::with(utf16(MICROSIP));
    let run = add(&folder, &["--diff"]).code(0);
    insta::assert_snapshot!(run.out(), @r#"
    MicroSIP.ini: changed
    --- MicroSIP.ini
    +++ MicroSIP.ini
    @@ -1,9 +1,10 @@
     [Settings]
     accountId=1
     singleMode=1
    -cmdIncomingCall=""
    +cmdIncomingCall="C:\Program Files\msipctl\msipctl.exe" hook run incoming-call
     cmdCallEnd=""
     ringingSound=
    +OnIncomingCall=SendMessage,MyAppWindow,WM_USER+100,%number%
     
     [Account1]
     label=Büro
    @@ -14,3 +15,7 @@
     
     [Calls]
     0=100;1700000000;5
    +[msipctl]
    +OnIncomingCall=send-message
    +cmdIncomingCall.before=""""
    +cmdIncomingCall=launcher
      backup MicroSIP.ini.[TIME]
    "#);
    assert_eq!(run.err(), "");
    let launcher =
        r#"cmdIncomingCall="C:\Program Files\msipctl\msipctl.exe" hook run incoming-call"#;
    let directive = "OnIncomingCall=SendMessage,MyAppWindow,WM_USER+100,%number%";
    let expected = MICROSIP
        .replace("cmdIncomingCall=\"\"", launcher)
        .replace("ringingSound=\r\n", &format!("ringingSound=\r\n{directive}\r\n"))
        + "[msipctl]\r\nOnIncomingCall=send-message\r\n\
           cmdIncomingCall.before=\"\"\"\"\r\ncmdIncomingCall=launcher\r\n";
    assert_eq!(text(&folder), expected);
    assert_eq!(folder.ini(), utf16(&expected));
}

#[test]
fn hook_add_changes_nothing_the_second_time() {
    let folder = Folder::with(utf16(MICROSIP));
    add(&folder, &[]).code(0);
    let before = folder.state();
    let run = add(&folder, &["--diff"]).code(0);
    insta::assert_snapshot!(run.out(), @"MicroSIP.ini: unchanged");
    assert_eq!(folder.state(), before);
}

#[test]
fn hook_remove_restores_the_original_bytes() {
    let folder = Folder::with(utf16(MICROSIP));
    add(&folder, &[]).code(0);
    let run = remove_all(&folder).code(0);
    assert_eq!(run.err(), "");
    assert_eq!(folder.ini(), utf16(MICROSIP));

    let before = folder.state();
    let run = remove_all(&folder).code(0);
    insta::assert_snapshot!(run.out(), @"MicroSIP.ini: unchanged");
    assert_eq!(folder.state(), before);
}

#[test]
fn backup_restore_after_hook_add_is_idempotent() {
    let folder = Folder::with(utf16(MICROSIP));
    add(&folder, &[]).code(0);
    let run = folder.on_ini(&["backup", "restore"]).code(0);
    insta::assert_snapshot!(run.out(), @"
    [FOLDER]/MicroSIP.ini: changed
      backup MicroSIP.ini.[TIME]
    ");
    assert_eq!(folder.ini(), utf16(MICROSIP));
    let before = folder.state();
    folder.on_ini(&["backup", "restore"]).code(0);
    assert_eq!(folder.state(), before);
}

#[test]
fn hook_list_shows_the_template_of_each_hook() {
    let folder = Folder::with(utf16(MICROSIP));
    insta::assert_snapshot!(folder.on_ini(&["hook", "list"]).code(0).err(), @"note: no hooks");
    add(&folder, &[]).code(0);
    insta::assert_snapshot!(folder.on_ini(&["hook", "list"]).code(0).out(), @"incoming-call     OnIncomingCall = SendMessage,MyAppWindow,WM_USER+100,%number%  from send-message");
}

/// The text of MicroSIP.ini, which is UTF-16LE with byte order mark or ASCII.
fn text(folder: &Folder) -> String {
    let bytes = folder.ini();
    match bytes.strip_prefix(&[0xff, 0xfe]) {
        Some(units) => {
            let units = units.chunks(2).map(|unit| u16::from_le_bytes([unit[0], unit[1]]));
            char::decode_utf16(units).map(Result::unwrap).collect()
        }
        None => String::from_utf8(bytes).unwrap(),
    }
}
