//! `hook test` and `hook listen` where nothing is started: what they show, and what they refuse.

use crate::runner::Folder;

const INI: &str = "[Settings]\r\ncmdOutgoingCall=C:\\a.exe {number}\r\n\
                   cmdCallEnd=\"C:\\My Hooks\\a.bat\" end\r\n\
                   cmdCallBusy=\"  \"\r\n\
                   cmdCallStart=C:\\a.exe token=secret-word\r\n";

#[test]
fn hook_test_print_shows_program_and_parameters() {
    let folder = Folder::with(INI);
    let args = ["hook", "test", "call-end", "--caller", "--x \"y\" & z", "--print"];
    let run = folder.on_ini(&args).code(0);
    insta::assert_snapshot!(run.out(), @r#"
    MicroSIP.ini:3: call-end (cmdCallEnd)
      program     C:\My Hooks\a.bat
      parameters  end --x "y" & z
    "#);
    let old = ["--microsip", "3.19.8", "--format", "json"];
    let hook = &folder.on_ini(&[&args[..], &old].concat()).code(0).json()["hooks"][0];
    assert_eq!(hook["program"], "\"C:\\My Hooks\\a.bat\" end");
    assert_eq!(hook["parameters"], "--x \"y\" & z");
    assert_eq!(hook["started"], false);
}

#[test]
fn hook_test_exits_with_1_when_the_event_has_no_command() {
    let run = Folder::with(INI).on_ini(&["hook", "test", "call-ring"]).code(1);
    assert_eq!(run.out(), "");
    assert!(run.err().contains("note: `cmdCallRing` has no command"), "{}", run.err());
    assert!(run.err().contains("msipctl hook add TEMPLATE --on call-ring"), "{}", run.err());
}

#[test]
fn hook_test_rejects_a_command_of_spaces() {
    let run = Folder::with(INI).on_ini(&["hook", "test", "call-busy", "--print"]).code(2);
    assert!(run.err().contains("`cmdCallBusy` is only whitespace"), "{}", run.err());
}

#[test]
fn hook_test_masks_secrets_and_notes_brace_placeholders() {
    let folder = Folder::with(INI);
    let args = ["hook", "test", "call-start", "--print"];
    let shown = folder.on_ini(&args).code(0).out();
    assert!(shown.contains("token=***") && !shown.contains("secret-word"), "{shown}");
    let shown = folder.on_ini(&[&args[..], &["--reveal"]].concat()).code(0).out();
    assert!(shown.contains("token=secret-word"), "{shown}");
    let err = folder.on_ini(&["hook", "test", "outgoing-call", "--print"]).code(0).err();
    assert!(err.contains("text in braces"), "{err}");
}

#[test]
fn hook_test_rejects_several_files() {
    let folder = Folder::with(INI);
    let run = folder.on_ini(&["hook", "test", "call-end", "-i", "other.ini"]).code(2);
    assert!(run.err().contains("expected one file, found 2"), "{}", run.err());
}

#[cfg(not(windows))]
#[test]
fn hook_test_and_listen_fail_outside_windows() {
    let folder = Folder::with(INI);
    let err = folder.on_ini(&["hook", "test", "call-end"]).code(2).err();
    assert!(
        err.contains("only Windows can do that") && err.contains("hint: pass `--print`"),
        "{err}"
    );
    let run = folder.run(&["hook", "listen", "--window", "x"]).code(2);
    assert_eq!((run.out().as_str(), run.err().matches("error:").count()), ("", 1));
    assert!(run.err().contains("hint: "), "{}", run.err());
}
