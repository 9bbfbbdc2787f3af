//! The reference pages: events, actions, placeholders, limits, templates, exit codes, files, and environment variables.

use std::collections::BTreeSet;
use std::fs;
#[cfg(not(windows))]
use std::net::UdpSocket;
use std::path::Path;
#[cfg(not(windows))]
use std::thread::sleep;
#[cfg(not(windows))]
use std::time::Instant;

use msipctl_core::event::{Directive, Event, Message, Text};
use msipctl_core::hook::{Catalogue, Integration};

#[cfg(not(windows))]
use super::{PATIENCE, blocks, is_time};
use super::{assert_says, check_table, in_backticks, page, paragraph, path, spans, table};
#[cfg(not(windows))]
use crate::runner::Folder;

const NAME: &str = "hook-reference";

#[test]
fn events_and_what_versions_do_on_them_are_listed() {
    let row = |event: &Event| {
        let names = [event.name(), event.directive(), event.key()].map(|name| format!("`{name}`"));
        [names.to_vec(), vec![event.since().to_string(), event.about().to_owned()]].concat()
    };
    let rows: Vec<_> = Event::ALL.iter().map(row).collect();
    assert_eq!(rows.len(), 8);
    check_table(&path(NAME), "| Event | Directive |", &rows);

    let mut rows: Vec<Vec<String>> = Vec::new();
    for fact in Event::ALL.iter().flat_map(|event| event.facts()) {
        let has_fact = |event: &Event| event.facts().into_iter().any(|other| other == fact);
        let events = Event::ALL.into_iter().filter(has_fact).map(Event::name);
        let events = in_backticks(events).replace("` `", "`, `");
        let row = vec![events, fact.versions(), fact.text().to_owned()];
        if !rows.contains(&row) {
            rows.push(row);
        }
    }
    assert!(rows.len() > 8);
    check_table(&path(NAME), "| Events | MicroSIP |", &rows);
}

#[test]
fn templates_and_integrations_are_listed() {
    let catalogue = Catalogue::shipped();
    let row = |name: &str, summary: &str| vec![format!("`{name}`"), summary.to_owned()];
    let template = |name: &str| catalogue.template(name).unwrap().unwrap();
    let rows = catalogue.names().map(|(name, _)| row(name, template(name).summary()));
    check_table(&path(NAME), "| Template |", &rows.collect::<Vec<_>>());
    let integration = |name| Integration::find(name).unwrap().unwrap();
    let rows = Integration::names().map(|name| row(name, integration(name).summary()));
    check_table(&path(NAME), "| Integration |", &rows.collect::<Vec<_>>());
}

#[test]
fn exit_codes_are_listed() {
    let row = |exit: msipctl::Exit| vec![exit.code().to_string(), exit.meaning().to_owned()];
    let rows = msipctl::Exit::ALL.map(row);
    check_table(&path("exit-codes"), "| Code |", &rows);
    check_table(Path::new("README.md"), "| Code |", &rows);
}

/// Returns the names of all actions, as an error lists them.
fn actions() -> Vec<String> {
    let error = Directive::parse("?").unwrap_err().to_string();
    let (_, names) = error.split_once("expected one of ").unwrap();
    names.split(", ").map(str::to_owned).collect()
}

#[test]
fn actions_and_their_fields_are_listed() {
    let actions = actions();
    assert_eq!(actions.len(), 8);
    let page_text = page(NAME);
    let rows = table(&page_text, "| Action | Fields |");
    let names: Vec<_> = rows.iter().map(|row| row[0].trim_matches('`')).collect();
    assert_eq!(names, actions);
    for row in rows {
        let error = Directive::parse(row[0].trim_matches('`')).unwrap_err().to_string();
        let (_, fields) = error.split_once("expected ").unwrap();
        assert_eq!(row[1].trim_matches('`'), fields);
    }
    let page_text = page("hook-security");
    let rows = table(&page_text, "| Action | What a hostile caller");
    let names: Vec<_> = rows.iter().flat_map(|row| spans(row[0])).collect();
    assert_eq!(names, actions);
}

#[test]
fn placeholders_are_listed() {
    let error = Text::parse("%x%").unwrap_err().to_string();
    let (_, known) = error.split_once("expected ").unwrap();
    let known: Vec<_> = known.split([' ', ',']).filter(|word| word.starts_with('%')).collect();
    let page = page(NAME);
    let rows = table(&page, "| Placeholder |");
    let names: Vec<_> = rows.iter().map(|row| row[0].trim_matches('`')).collect();
    assert_eq!(names, known);
}

#[test]
fn messages_have_the_listed_numbers() {
    for row in table(&page(NAME), "| Message | Number |") {
        let message = Message::parse(row[0].trim_matches('`')).unwrap();
        assert_eq!(format!("0x{:x}", message.number()), row[1]);
    }
    assert_eq!(Message::parse("WM_USER+100").unwrap().number(), 0x464);
    assert_says(&page("receive-window-messages"), "`WM_USER+100`, which is 0x464 or 1124");
}

/// Asserts that the table of limits has a row that begins with a text.
#[track_caller]
fn assert_limit(row: &str) {
    assert!(page(NAME).contains(&format!("\n| {row} |")), "{row}");
}

#[test]
fn limits_of_fields_are_errors() {
    let is_read = |text: &str| Directive::parse(text).is_ok();
    assert_limit("`timeout_ms` | 1 to 10000 (default 5000)");
    assert!(is_read("SendMessage,W,WM_USER+1,x,10000") && is_read("SendMessage,W,WM_USER+1,x,1"));
    assert!(!is_read("SendMessage,W,WM_USER+1,x,10001") && !is_read("SendMessage,W,WM_USER+1,x,0"));
    assert_limit("`id` of `CopyData` | 4294967295");
    assert!(is_read("CopyData,W,4294967295,x") && !is_read("CopyData,W,4294967296,x"));
}

/// Returns the texts of a constant, which is a list of them.
fn constant<'s>(source: &'s str, name: &str) -> Vec<&'s str> {
    let (_, list) = source.split_once(&format!("const {name}: ")).unwrap();
    let (_, list) = list.split_once('=').unwrap();
    let (list, _) = list.split_once(';').unwrap();
    list.split('"').skip(1).step_by(2).collect()
}

#[test]
fn directives_that_the_page_calls_errors_are_rejected() {
    let page = page(NAME);
    let error = |text: &str| Directive::parse(text).unwrap_err().to_string();

    let run = paragraph(&page, "**Run.** ").split_whitespace().collect::<Vec<_>>().join(" ");
    let (_, scripts) = run.split_once("a script or a link (").unwrap();
    let (scripts, _) = scripts.split_once(')').unwrap();
    let scripts: Vec<_> =
        spans(scripts).iter().map(|extension| extension.trim_matches('.')).collect();
    assert_eq!(
        scripts,
        constant(include_str!("../../../crates/msipctl-core/src/event/path.rs"), "SCRIPTS")
    );
    for script in scripts {
        let error = error(&format!(r"Run,C:\hooks\a.{script},%number%"));
        assert!(error.contains("can't run the script"), "{error}");
    }
    assert_says(&run, "full path of a program or a batch file, without placeholders");
    assert!(error("Run,a.exe").contains("expected a full path"));
    assert!(error(r"Run,C:\%event%\a.exe").contains("has no placeholder"));
    assert!(Directive::parse(r"Run,C:\hooks\a.bat").is_ok());

    let never = paragraph(&page, "`file:`, ");
    let never: Vec<_> = spans(never).iter().map(|scheme| scheme.trim_matches(':')).collect();
    assert_eq!(
        never,
        constant(
            include_str!("../../../crates/msipctl-core/src/event/action/open.rs"),
            "NEVER_OPENED"
        )
    );
    for scheme in never {
        assert!(error(&format!("Open,{scheme}:x")).contains("can't open"), "{scheme}");
    }

    let windows = paragraph(&page, "**SendMessage, PostMessage, and CopyData.** ");
    assert_says(windows, "can contain `%event%`, `%user%`, and `%host%`");
    assert!(Directive::parse("SendMessage,%event% %user% %host%,WM_USER+1,x").is_ok());
    assert!(
        error("SendMessage,%number%,WM_USER+1,x").contains("invalid placeholder in a window name")
    );

    let http = paragraph(&page, "**Http.** ");
    assert_says(http, "GET, HEAD, and DELETE have no body, and a body is an error");
    for (method, has_body) in [
        ("GET", false),
        ("HEAD", false),
        ("DELETE", false),
        ("POST", true),
        ("PUT", true),
        ("PATCH", true),
    ] {
        let text = format!("Http,{method},https://crm.example.com/,n=1");
        assert_eq!(Directive::parse(&text).is_ok(), has_body, "{method}");
    }

    let log = paragraph(&page, "**Log.** ");
    assert_says(log, "Any other extension, or a path that isn't a full path, is an error");
    assert!(error("Log,calls.csv").contains("expected a full path"));
    assert!(error(r"Log,C:\calls.txt").contains("unknown file type"));
}

#[test]
fn times_and_sizes_are_those_of_the_source() {
    let source =
        |name: &str| fs::read_to_string(Path::new("crates/msipctl-hook/src").join(name)).unwrap();
    for (row, name, text) in [
        (
            "Wait for the response to `CopyData` | 5 s",
            "window.rs",
            "WAIT: Duration = Duration::from_secs(5)",
        ),
        (
            "Connection of `Http` | 5 s",
            "client.rs",
            "CONNECT_TIMEOUT: Duration = Duration::from_secs(5)",
        ),
        (
            "Request and response of `Http` together | 10 s",
            "client.rs",
            "TOTAL_TIMEOUT: Duration = Duration::from_secs(10)",
        ),
        ("Response of `Http` | 64 KiB", "client.rs", "MAX_RESPONSE: usize = 64 * 1024"),
        (
            "Wait for other programs that write to the file of `Log` | 5 s",
            "log.rs",
            "WAIT: Duration = Duration::from_secs(5)",
        ),
        ("Name lookup of `Udp` | 5 s", "udp.rs", "WAIT: Duration = Duration::from_secs(5)"),
    ] {
        assert_limit(row);
        assert!(source(name).contains(text), "{name}: {text}");
    }
}

#[cfg(not(windows))]
#[test]
fn limits_hold_when_an_event_occurs() {
    let udp = UdpSocket::bind("127.0.0.1:0").unwrap();
    udp.set_read_timeout(Some(PATIENCE)).unwrap();
    let folder = Folder::new();
    let log = folder.file("calls.ndjson");
    let address = udp.local_addr().unwrap();
    let long = "x".repeat(2049 - "https://x.example/".len());
    folder.write(
        "MicroSIP.ini",
        format!(
            "[Settings]\r\nOnCallEnd=Log,{}\r\nOnCallEnd.2=Open,https://x.example/{long}\r\n\
             OnCallEnd.3=Udp,{address},%number%\r\n",
            log.display()
        ),
    );
    let state = ".local/state/msipctl";
    fs::create_dir_all(folder.file(state)).unwrap();
    folder.write(&format!("{state}/hooks.ndjson"), vec![b'\n'; 1024 * 1024]);
    let caller = "4".repeat(5000);
    folder.run(&["hook", "run", "--ini", "MicroSIP.ini", "call-end", &caller]).code(0);

    let mut buffer = [0; 5000];
    assert_eq!(udp.recv(&mut buffer).unwrap(), 1200);
    assert_limit("Text of `Udp` | 1200 bytes");
    let line: serde_json::Value = serde_json::from_slice(&folder.read("calls.ndjson")).unwrap();
    assert_eq!(line["number"].as_str().unwrap().len(), 4096);
    assert!(is_time(line["time"].as_str().unwrap()), "{line}");
    let page_text = page(NAME);
    assert_says(&page_text, "Times are in UTC, with milliseconds.");
    assert_limit("Caller ID | 4096 characters");
    let example = blocks(&page_text, "json")[0];
    let example: serde_json::Value = serde_json::from_str(example).unwrap();
    let names = |object: &serde_json::Value| {
        object.as_object().unwrap().keys().cloned().collect::<Vec<_>>()
    };
    assert_eq!(names(&example), names(&line));
    let notes = folder.run(&["hook", "log"]).code(0).out();
    assert!(notes.contains("URL too long: it has 2049 bytes, and the maximum is 2048"), "{notes}");
    assert_limit("Address of `Open` | 2048 bytes");
    assert_eq!(folder.read(&format!("{state}/hooks.old.ndjson")).len(), 1024 * 1024);
    assert_says(&page("debug-hooks"), "At 1 MiB, msipctl renames the file to `hooks.old.ndjson`");
}

#[cfg(not(windows))]
#[test]
fn configuration_on_the_page_permits_the_schemes_that_it_names() {
    let page = page(NAME);
    let shown = blocks(&page, "toml");
    let [shown] = shown[..] else { panic!("{shown:?}") };
    let ini = "[Settings]\r\nOnCallEnd=Open,crm:%number%\r\nOnCallEnd.2=Open,tel:%number%\r\n\
               OnCallEnd.3=Open,x-other:%number%\r\n";
    let folder = Folder::with(ini);
    let configuration = folder.file(".config/msipctl");
    fs::create_dir_all(&configuration).unwrap();
    fs::write(configuration.join("msipctl.toml"), shown).unwrap();
    folder.run(&["hook", "run", "--ini", "MicroSIP.ini", "call-end", "4930"]).code(0);
    let begin = Instant::now();
    let mut notes = String::new();
    while notes.lines().count() < 3 {
        assert!(begin.elapsed() < PATIENCE, "{notes}");
        sleep(std::time::Duration::from_millis(20));
        notes = folder.run(&["hook", "log"]).code(0).out();
    }
    for (note, why) in notes.lines().zip([
        "only Windows can do that",
        "only Windows can do that",
        "its scheme must be http or https",
    ]) {
        assert!(note.contains(why), "{notes}");
    }
}

#[test]
fn http_is_described_as_the_source_has_it() {
    let page = page(NAME);
    let http = include_str!("../../../crates/msipctl-windows/src/http.rs");
    assert_says(&page, "the HTTP client of Windows (WinHTTP), with the proxy");
    assert!(http.contains("WinHttp from \"winhttp.dll\"") && http.contains("AUTOMATIC_PROXY"));
    assert_says(&page, "Requests to this computer bypass any proxy");
    assert!(http.contains("is_direct") && http.contains("ACCESS_TYPE_NO_PROXY"));
    let calls = [
        include_str!("../../../crates/msipctl-hook/src/client.rs"),
        include_str!("../../../crates/msipctl-hook/src/udp.rs"),
    ]
    .concat();
    assert!(calls.contains("send_request(request)") && calls.contains("send_datagram(host, port"));
}

#[test]
fn log_messages_of_windows_are_those_of_the_source() {
    let source = [
        include_str!("../../../crates/msipctl-hook/src/error.rs"),
        include_str!("../../../crates/msipctl-windows/src/messages.rs"),
    ]
    .concat();
    let rows = page("receive-window-messages");
    let rows = table(&rows, "| Message in the log |");
    assert!(rows.len() >= 5);
    for row in rows {
        for part in row[0].trim_start_matches("2 ").split("MyAppWindow") {
            assert!(source.contains(part.trim()), "{part}");
        }
    }
}

#[test]
fn environment_variables_are_listed() {
    let page = page("files-and-environment");
    let listed: BTreeSet<_> = table(&page, "| Variable |")
        .iter()
        .flat_map(|row| spans(row[0]))
        .filter(|name| name.starts_with("MSIPCTL_"))
        .map(str::to_owned)
        .collect();
    let source = include_str!("../../../crates/msipctl-host/src/process.rs");
    let read = source.split("var_os(\"").skip(1).map(|rest| rest.split('"').next().unwrap());
    let read: BTreeSet<_> =
        read.filter(|name| name.starts_with("MSIPCTL_")).map(str::to_owned).collect();
    assert!(read.len() >= 4);
    assert_eq!(listed, read);
}
