//! Every shipped template, put into a file for a user whose name is not ASCII: what MicroSIP starts, and what the
//! directive that it leads to does, for hostile callers.

use std::collections::BTreeMap;

use microsip_schema::Version;
use msipctl_core::event::{
    Action, Call, CopyData, Directive, Event, Facts, Hooks, Http, Invocation, Log, Open,
    Placeholder, PostMessage, Run, SendMessage, Target, Text, Udp, explain,
};
use msipctl_core::hook::{self, AddOptions, Catalogue, Occupied, Template};
use msipctl_core::plan::{EncodingPolicy, Plan};
use winini::profile::Profile;
use winini::{CodePage, Document, Encoding};

use super::{CALLERS, awkward};
use crate::runner::utf16;

/// Where msipctl stands.
const MSIPCTL: &str = "C:\\Users\\Zo\u{eb} \u{dc}nal\\My Tools\\msipctl.exe";

const POWERSHELL: &str = r"C:\Windows\System32\WindowsPowerShell\v1.0\powershell.exe";

/// A template with parameters, and what comes of it: the action and its fields, or the word `native`, the program
/// and its arguments. `CALLER` and `EVENT` stand for those.
struct Row {
    template: &'static str,
    with: Vec<(&'static str, String)>,
    expected: Vec<String>,
}

fn row(template: &'static str, with: &[(&'static str, &str)], expected: &[&str]) -> Row {
    let with = with.iter().map(|(name, value)| (*name, (*value).to_owned())).collect();
    let expected = expected.iter().map(|text| (*text).to_owned()).collect();
    Row { template, with, expected }
}

fn rows() -> Vec<Row> {
    let [ahk, csv, ndjson, exe, ps1, py, python] =
        ["a.ahk", "%event%.csv", "a.ndjson", "a b.exe", "a.ps1", "a.py", "pythonw.exe"]
            .map(awkward);
    let (ahk, exe, ps1, py, python) = (&*ahk, &*exe, &*ps1, &*py, &*python);
    // In a log's path, a `%` of its own is doubled.
    let log = |path: &str| path.replace("100%", "100%%");
    let (csv_given, ndjson_given) = (log(&csv), log(&ndjson));
    let autohotkey = r"C:\Program Files\AutoHotkey\v2\AutoHotkey64.exe";
    let (window, title) = ("Zo\u{eb}'s \"calls\", all", "class:Receiver");
    let file = |program, script| {
        [
            "Run",
            program,
            "-NoProfile",
            "-NonInteractive",
            "-WindowStyle",
            "Hidden",
            "-ExecutionPolicy",
            "RemoteSigned",
            "-File",
            script,
            "EVENT",
            "number=CALLER",
        ]
    };
    let pwsh = r"C:\Program Files\PowerShell\7\pwsh.exe";
    vec![
        row(
            "autohotkey",
            &[("script", ahk)],
            &["Run", autohotkey, "/force", "/ErrorStdOut=UTF-8", ahk, "EVENT", "CALLER"],
        ),
        row("call-log", &[("file", &csv_given)], &["Log", &csv.replace("%event%", "EVENT")]),
        row("call-log", &[("file", &ndjson_given)], &["Log", &ndjson]),
        row("copy-data", &[("window", window)], &["CopyData", window, "1", "EVENT CALLER"]),
        row(
            "copy-data",
            &[("window", title), ("id", "7"), ("text", "\"%number%\", 100%%")],
            &["CopyData", title, "7", "\"CALLER\", 100%"],
        ),
        row(
            "http-event",
            &[("url", "https://crm.example/a,b?n=%number%")],
            &["Http", "POST", "https://crm.example/a,b?n=CALLER"],
        ),
        row("native-command", &[("program", &exe.replace('%', ""))], &["native", "", "EVENT"]),
        row(
            "native-command",
            &[("program", &python.replace('%', "")), ("argument", py), ("word", "end")],
            &["native", "", py, "end"],
        ),
        row(
            "open-url",
            &[("url", "https://crm.example/a%%20b?n=%number%")],
            &["Open", "https://crm.example/a%20b?n=CALLER"],
        ),
        row(
            "post-message",
            &[("window", window)],
            &["PostMessage", window, "WM_USER+100", "CALLER"],
        ),
        row("powershell-file", &[("script", ps1)], &file(POWERSHELL, ps1)),
        row("powershell-file", &[("script", ps1), ("powershell", pwsh)], &file(pwsh, ps1)),
        row(
            "python-script",
            &[("script", py)],
            &["Run", r"C:\Windows\pyw.exe", py, "EVENT", "CALLER"],
        ),
        row(
            "python-script",
            &[("script", py), ("python", python)],
            &["Run", python, py, "EVENT", "CALLER"],
        ),
        row("run-program", &[("program", exe)], &["Run", exe, "EVENT", "CALLER"]),
        row(
            "send-message",
            &[("window", window)],
            &["SendMessage", window, "WM_USER+100", "CALLER"],
        ),
        row(
            "send-message",
            &[("window", title), ("message", "WM_APP+1"), ("payload", "%event%, %number%")],
            &["SendMessage", title, "WM_APP+1", "EVENT, CALLER"],
        ),
        row("toast", &[("script", ps1)], &file(POWERSHELL, ps1)),
        row(
            "udp",
            &[("address", "[::1]:5005"), ("text", "a, %number%")],
            &["Udp", "[::1]:5005", "a, CALLER"],
        ),
    ]
}

impl Row {
    fn with(&self) -> BTreeMap<String, String> {
        self.with.iter().map(|(name, value)| ((*name).to_owned(), value.clone())).collect()
    }

    fn expected(&self, event: Event, caller: &str) -> Vec<String> {
        let text = |text: &String| text.replace("EVENT", event.name()).replace("CALLER", caller);
        self.expected.iter().map(text).collect()
    }

    /// Puts the template on all its events, and returns the file as it is read from the disk.
    fn file(&self, template: &Template, before: &[u8]) -> Document {
        let options = AddOptions {
            ini: None,
            program: None,
            default_program: MSIPCTL.to_owned(),
            occupied: Occupied::Refuse,
            append: false,
            allow_system_message: false,
            microsip: Version::NEWEST,
        };
        let read = |bytes: Vec<u8>| {
            let encoding = Encoding::detect(&bytes, CodePage::WESTERN);
            Document::parse(bytes, encoding)
        };
        let document = read(before.to_vec());
        let rendered = template.render(template.events(), &self.with()).unwrap();
        let desired = hook::add(Hooks::new(Profile::new(&document)), &rendered, &options).unwrap();
        let plan = Plan::new(&document, &desired, EncodingPolicy::Auto).unwrap();
        read(plan.after().bytes().to_vec())
    }
}

/// A machine of which nothing is known.
struct Unknown;

impl Facts for Unknown {
    fn target(&self, _: &str) -> Option<Target> {
        None
    }
}

#[test]
fn every_built_in_template_has_a_table_row() {
    let mut templates: Vec<_> = rows().iter().map(|row| row.template).collect();
    assert!(templates.is_sorted());
    templates.dedup();
    let catalogue = Catalogue::shipped();
    assert_eq!(templates, catalogue.names().map(|(name, _)| name).collect::<Vec<_>>());
}

#[test]
fn rendered_lines_start_the_expected_program() {
    let mut calls = 0;
    for row in rows() {
        let template = Catalogue::shipped().template(row.template).unwrap().unwrap();
        for before in [utf16("[Settings]\r\nAA=0\r\n"), b"[Settings]\nAA=0\n".to_vec()] {
            let document = row.file(&template, &before);
            let hooks = Hooks::new(Profile::new(&document));
            for event in template.events() {
                for caller in CALLERS {
                    match row.expected[0].as_str() {
                        "native" => check_native(&row, hooks, *event, caller),
                        _ => check_launched(&row, hooks, *event, caller),
                    }
                    calls += 1;
                }
            }
        }
    }
    assert!(calls > 4000, "{calls}");
}

/// MicroSIP starts msipctl, which is given the caller as it came and does what the directive says.
fn check_launched(row: &Row, hooks: Hooks<'_>, event: Event, caller: &str) {
    let command = hooks.command(event).unwrap();
    assert_eq!(command.launcher(event).unwrap().program(), MSIPCTL);
    let written = command.entry().written();
    let explained = explain(&Call { caller, ..Call::new(event, &written) }, &Unknown);
    assert_eq!(explained.program.as_deref(), Some(MSIPCTL));
    let line = format!("\"{MSIPCTL}\" {}", explained.parameters);
    let invocation = Invocation::parse(&line).unwrap();
    assert_eq!(
        (invocation.event.as_str(), invocation.caller.as_str()),
        (event.name(), caller),
        "{line}"
    );

    let [placed] = &hooks.directives(event)[..] else { panic!("one directive") };
    let directive = Directive::parse(&placed.entry.value()).unwrap();
    let fields = fields(directive.action(), event, caller);
    assert_eq!(fields, row.expected(event, caller), "{}", row.template);
}

/// MicroSIP starts the program itself; the caller stands behind all that the template says.
fn check_native(row: &Row, hooks: Hooks<'_>, event: Event, caller: &str) {
    let written = hooks.command(event).unwrap().entry().written().into_owned();
    let explained = explain(&Call { caller, ..Call::new(event, &written) }, &Unknown);
    assert_eq!(explained.program.as_ref(), row.with().get("program"), "{written}");
    let expected = row.expected(event, "");
    assert_eq!(explained.arguments[..expected.len() - 2], expected[2..], "{written}");
}

/// Names an action and its fields, with the values of a call in them.
fn fields(action: &Action, event: Event, caller: &str) -> Vec<String> {
    let fill = |text: &Text| {
        text.expand(|placeholder| match placeholder {
            Placeholder::Number => caller.to_owned(),
            Placeholder::Event => event.name().to_owned(),
            other => panic!("{other:?}"),
        })
    };
    let (name, rest) = match action {
        Action::SendMessage(SendMessage { window, message, payload, timeout_ms: None }) => {
            ("SendMessage", vec![fill(window), message.to_string(), fill(payload)])
        }
        Action::PostMessage(PostMessage { window, message, payload }) => {
            ("PostMessage", vec![fill(window), message.to_string(), fill(payload)])
        }
        Action::CopyData(CopyData { window, id, text }) => {
            ("CopyData", vec![fill(window), id.to_string(), fill(text)])
        }
        Action::Run(Run { program, arguments }) => {
            ("Run", [program.clone()].into_iter().chain(arguments.iter().map(fill)).collect())
        }
        Action::Open(Open { url }) => ("Open", vec![fill(url)]),
        Action::Http(Http { method, url, body: None }) => ("Http", vec![method.clone(), fill(url)]),
        Action::Log(Log { file }) => ("Log", vec![fill(file)]),
        Action::Udp(Udp { address, text }) => ("Udp", vec![address.clone(), fill(text)]),
        other => panic!("{other:?}"),
    };
    [name.to_owned()].into_iter().chain(rest).collect()
}
