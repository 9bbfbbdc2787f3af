//! What the shipped templates make: the directive meant, and of a hostile caller never more than text.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use msipctl::event::{Action, Directive, Event, Placeholder, Text};
use msipctl::hook::Catalogue;

/// What a caller from the network might try.
const CALLERS: &[&str] = &[
    "+49 30 123",
    "",
    "-Command",
    "-EncodedCommand:x",
    "\u{2013}File",
    "--help",
    "/c calc",
    "\" & calc & \"",
    "\\\" & calc",
    "%number%",
    "%PATH%",
    "%%",
    "a,b,\"c\"",
    "'; Remove-Item x; '",
    "$(calc)",
    "`calc`",
    "x\\",
    "</text><x>",
    "Zo\u{eb} \u{1f4de}",
];

fn directive(template: &str, with: &[(&str, &str)]) -> Directive {
    let template = Catalogue::shipped().template(template).unwrap().unwrap();
    let with: BTreeMap<_, _> =
        with.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
    let rendered = template.render(&[Event::IncomingCall], &with).unwrap();
    let [(event, line)] = rendered.lines() else { panic!("{rendered:?}") };
    assert_eq!((line.section.as_str(), line.key.as_str()), ("Settings", event.directive()));
    Directive::parse(&line.value).unwrap()
}

/// Checks what is started for each hostile caller: `expected` has `CALLER` where the caller shall be.
#[track_caller]
fn check_run(template: &str, with: &[(&str, &str)], program: &str, expected: &[&str]) {
    let directive = directive(template, with);
    let Action::Run { program: found, arguments } = directive.action() else {
        panic!("{directive}");
    };
    assert_eq!(found, program);
    for caller in CALLERS {
        let filled: Vec<_> = arguments
            .iter()
            .map(|argument| {
                argument.expand(|placeholder| match placeholder {
                    Placeholder::Number => (*caller).to_owned(),
                    Placeholder::Event => "incoming-call".to_owned(),
                    other => panic!("{other:?}"),
                })
            })
            .collect();
        let expected: Vec<_> =
            expected.iter().map(|argument| argument.replace("CALLER", caller)).collect();
        assert_eq!(filled, expected);
    }
}

/// A path with a blank, a comma, a per cent sign and a name that is not ASCII.
fn awkward(file: &str) -> String {
    format!("C:\\Users\\Zo\u{eb} \u{dc}nal\\My Scripts, 100%\\{file}")
}

#[test]
fn scripts_get_the_caller_as_one_last_argument() {
    let script = awkward("a.ps1");
    let powershell = r"C:\Windows\System32\WindowsPowerShell\v1.0\powershell.exe";
    let arguments = [
        "-NoProfile",
        "-NonInteractive",
        "-WindowStyle",
        "Hidden",
        "-ExecutionPolicy",
        "RemoteSigned",
        "-File",
        &script,
        "incoming-call",
        "number=CALLER",
    ];
    check_run("powershell-file", &[("script", &script)], powershell, &arguments);
    let newer = r"C:\Program Files\PowerShell\7\pwsh.exe";
    let with = [("script", script.as_str()), ("powershell", newer)];
    check_run("powershell-file", &with, newer, &arguments);

    let script = awkward("a.py");
    let arguments = [script.as_str(), "incoming-call", "CALLER"];
    check_run("python-script", &[("script", &script)], r"C:\Windows\pyw.exe", &arguments);
    let python = awkward("pythonw.exe");
    let with = [("script", script.as_str()), ("python", &python)];
    check_run("python-script", &with, &python, &arguments);

    let script = awkward("a.ahk");
    let arguments = ["/force", "/ErrorStdOut=UTF-8", &script, "incoming-call", "CALLER"];
    let autohotkey = r"C:\Program Files\AutoHotkey\v2\AutoHotkey64.exe";
    check_run("autohotkey", &[("script", &script)], autohotkey, &arguments);

    let program = awkward("a.exe");
    check_run("run-program", &[("program", &program)], &program, &["incoming-call", "CALLER"]);
}

#[test]
fn nothing_powershell_gets_from_a_caller_begins_with_a_dash() {
    let directive = directive("powershell-file", &[("script", r"C:\a.ps1")]);
    let Action::Run { arguments, .. } = directive.action() else { panic!("{directive}") };
    let has_caller = |text: &&Text| text.placeholders().any(|it| it == Placeholder::Number);
    let with_caller: Vec<_> = arguments.iter().filter(has_caller).collect();
    assert_eq!(with_caller.len(), 1);
    for dash in ['-', '\u{2013}', '\u{2014}', '\u{2015}', '/'] {
        let filled = with_caller[0].expand(|_| format!("{dash}Command"));
        assert_eq!(filled, format!("number={dash}Command"));
    }
}

#[test]
fn the_others_make_the_directive_meant() {
    let made = directive("udp", &[("address", "[::1]:5005"), ("text", "a, %number%")]);
    let Action::Udp { address, text } = made.action() else { panic!("{made}") };
    assert_eq!((address.as_str(), text.to_string().as_str()), ("[::1]:5005", "a, %number%"));

    for ending in ["csv", "ndjson"] {
        let file = format!("C:\\Users\\Zo\u{eb} \u{dc}nal\\My Calls\\%event%.{ending}");
        let made = directive("call-log", &[("file", &file)]);
        let Action::Log { file: text } = made.action() else { panic!("{made}") };
        assert_eq!(text.expand(|_| "x".to_owned()), file.replace("%event%", "x"));
    }

    let made = directive("open-url", &[("url", "https://crm.example/a%%20b?n=%number%")]);
    let Action::Open { url } = made.action() else { panic!("{made}") };
    assert_eq!(url.expand(|_| "1".to_owned()), "https://crm.example/a%20b?n=1");
}

#[test]
fn a_caller_never_becomes_part_of_a_log_file_s_name() {
    let template = Catalogue::shipped().template("call-log").unwrap().unwrap();
    let with = [("file".to_owned(), r"C:\%number%.csv".to_owned())].into();
    let rendered = template.render(&[Event::CallEnd], &with).unwrap();
    let error = Directive::parse(&rendered.lines()[0].1.value).unwrap_err();
    assert!(error.to_string().contains("a placeholder in a file's name"), "{error}");
}

#[test]
fn the_catalogue_holds_what_the_folder_holds() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("templates").join("hook");
    let mut names: Vec<_> = fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect();
    names.sort();
    let catalogue = Catalogue::shipped();
    let shipped: Vec<_> = catalogue.names().map(|(name, _)| format!("{name}.ini")).collect();
    assert_eq!(names, shipped);
}
