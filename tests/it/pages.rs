//! What the pages about hooks say is what the program does.
//!
//! A `console` block is run: `$ cat NAME` shows a file, which is made where there is none; below `$ msipctl ...`
//! stands what that prints, stdout before stderr; `> NAME` puts stdout into a file. The blocks of one `##` section share
//! a folder, which is called `/srv/desks`, and any name of a run in a command is that of the newest. What needs
//! Windows stands in `text` blocks.

use std::fs;
use std::path::Path;

use microsip_schema::Version;
use msipctl_core::event::{
    Directive, Event, Launcher, Message, Text, arguments, launch, launch_hazards, read_back, saved,
};

const README: &str = include_str!("../../README.md");
const HOOKS: &str = include_str!("../../docs/hooks.md");
const QUOTING: &str = include_str!("../../docs/quoting.md");
const RECEIVERS: &str = include_str!("../../docs/receivers.md");
const SECURITY: &str = include_str!("../../docs/security.md");
const POLICY: &str = include_str!("../../docs/policy.md");
const FLEET: &str = include_str!("../../docs/fleet.md");

const PAGES: [&str; 6] = [HOOKS, QUOTING, RECEIVERS, SECURITY, POLICY, FLEET];

/// Returns the rows of the table whose head begins so, each as its cells.
#[track_caller]
fn table<'p>(page: &'p str, head: &str) -> Vec<Vec<&'p str>> {
    let rows = page.lines().skip_while(|line| !line.starts_with(head)).skip(2);
    let rows = rows.take_while(|line| line.starts_with('|'));
    let rows: Vec<Vec<_>> =
        rows.map(|row| row.trim_matches('|').split('|').map(str::trim).collect()).collect();
    assert!(!rows.is_empty(), "there is no table `{head}`");
    rows
}

/// Returns what stands in backticks.
fn spans(text: &str) -> Vec<&str> {
    text.split('`').skip(1).step_by(2).collect()
}

/// Returns what stands in the blocks of a language.
fn blocks<'p>(text: &'p str, language: &str) -> Vec<&'p str> {
    let begin = format!("\n```{language}\n");
    let mut found = Vec::new();
    let mut rest = text;
    while let Some((_, behind)) = rest.split_once(&begin) {
        let (block, after) = behind.split_once("\n```").unwrap();
        found.push(block);
        rest = after;
    }
    found
}

/// Splits a line as a shell does, of which quotes are all that the pages use.
fn words(line: &str) -> Vec<String> {
    let mut words = Vec::new();
    let mut word = String::new();
    let mut quote = None;
    for character in line.chars() {
        match (quote, character) {
            (None, '"' | '\'') => quote = Some(character),
            (Some(open), _) if open == character => quote = None,
            (None, ' ') => words.push(std::mem::take(&mut word)),
            _ => word.push(character),
        }
    }
    assert_eq!(quote, None, "{line}");
    words.push(word);
    words
}

#[cfg(not(windows))]
mod run {
    use std::net::UdpSocket;
    use std::thread::sleep;
    use std::time::{Duration, Instant};

    use msipctl_core::diagnostic::{CATALOG, Scope};
    use msipctl_core::event::{Call, Facts, Target, explain};
    use msipctl_core::store::RunId;

    use super::*;
    use crate::runner::{Folder, without_times};

    /// The longest that anything here takes.
    const PATIENCE: Duration = Duration::from_secs(30);

    #[test]
    fn pages_show_actual_output() {
        let mut commands = 0;
        for page in PAGES {
            for section in page.split("\n## ") {
                let folder = Folder::new();
                for block in blocks(section, "console") {
                    for step in block.strip_prefix("$ ").unwrap().split("\n$ ") {
                        let (command, shown) = step.split_once('\n').unwrap_or((step, ""));
                        match command.split_once(' ') {
                            Some(("cat", name)) => cat(&folder, name, shown),
                            Some(("msipctl", rest)) => msipctl(&folder, rest, shown),
                            _ => panic!("{command}"),
                        }
                        commands += 1;
                    }
                }
            }
        }
        assert!(commands > 25, "{commands}");
    }

    /// Makes a file that is shown, or compares it.
    fn cat(folder: &Folder, name: &str, shown: &str) {
        let shown: String = shown.lines().map(|line| format!("{line}\r\n")).collect();
        let path = folder.file(name);
        if path.exists() {
            assert_eq!(String::from_utf8(folder.read(name)).unwrap(), shown, "{name}");
        } else {
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            folder.write(name, shown);
        }
    }

    fn msipctl(folder: &Folder, command: &str, shown: &str) {
        let (command, file) = match command.split_once(" > ") {
            Some((command, file)) => (command, Some(file)),
            None => (command, None),
        };
        let words = words(command);
        let newest = words.iter().any(|word| word.parse::<RunId>().is_ok()).then(|| newest(folder));
        let args: Vec<_> = words
            .iter()
            .map(|word| match &newest {
                Some(newest) if word.parse::<RunId>().is_ok() => newest,
                _ => word.as_str(),
            })
            .collect();
        let print = || {
            let run = folder.run(&args);
            match file {
                Some(file) => {
                    folder.write(file, run.json().to_string());
                    masked(&run.err())
                }
                None => masked(&(run.out() + &run.err())),
            }
        };
        let expected = masked(&without_times(&shown.replace("/srv/desks", "[FOLDER]")));
        let begin = Instant::now();
        let mut printed = print();
        // `hook run` is gone before its work is done.
        while args.starts_with(&["hook", "log"]) && printed != expected {
            assert!(begin.elapsed() < PATIENCE, "{printed}");
            sleep(Duration::from_millis(20));
            printed = print();
        }
        assert_eq!(printed, expected, "msipctl {command}");
    }

    /// Returns the name of the newest run.
    fn newest(folder: &Folder) -> String {
        let list = folder.run(&["backup", "list", "--runs", "--format", "json"]).code(0).json();
        let newest = list["runs"].as_array().unwrap().first().unwrap();
        newest["run"].as_str().unwrap().to_owned()
    }

    /// Masks times of day, dates of runs, and names of backups.
    fn masked(text: &str) -> String {
        let date = |line: &str| {
            let (before, after) = line.split_once(" UTC  ")?;
            let begin = before.len().checked_sub("2026-11-23 09:01:02".len())?;
            Some(format!("{}[DATE]  {after}\n", &before[..begin]))
        };
        let line = |line: &str| match line.split_at_checked(TIME.len()) {
            _ if date(line).is_some() => date(line).unwrap_or_default(),
            _ if line.starts_with("  backup ") => "  backup [NAME]\n".to_owned(),
            Some((time, rest)) if is_time(time) => format!("[TIME]{rest}\n"),
            _ => format!("{line}\n"),
        };
        text.lines().map(line).collect()
    }

    /// What comes of a line on an event: what is started or tried, its arguments and the rules of the dangers.
    fn explained(event: &str, line: &str, microsip: &str) -> (String, Vec<String>, Vec<String>) {
        let line = format!("--line={line}");
        let args = ["hook", "explain", event, "--caller", "4930", "--format", "json", &line];
        let json = Folder::new().run(&[&args[..], &["--microsip", microsip]].concat()).json();
        let hook = &json["hooks"][0];
        let text = |value: &serde_json::Value| value.as_str().unwrap().to_owned();
        let list = |name: &str| hook[name].as_array().unwrap().iter();
        let dangers = list("findings").map(|danger| text(&danger["rule"]));
        let tries = if hook["starts"] == true { "" } else { "nothing, tries " };
        let program = format!("{tries}`{}`", text(&hook["program"]));
        (program, list("arguments").map(text).collect(), dangers.collect())
    }

    #[test]
    fn quoting_page_rows_match_hook_explain() {
        let newest = Version::NEWEST.to_string();
        assert!(QUOTING.contains(&format!("MicroSIP {newest}. The program gets")));
        let common = table(QUOTING, "| line | starts |");
        let versions = table(QUOTING, "| line | MicroSIP |");
        assert!(common.len() >= 20 && versions.len() >= 6);
        let rows = common.iter().map(|row| (row[0], &*newest, row[1], row[2], row[3]));
        let rows = rows.chain(versions.iter().map(|row| (row[0], row[1], row[2], row[3], row[4])));
        for (line, microsip, starts, arguments, dangers) in rows {
            let line = spans(line)[0];
            let found = explained("call-end", line, microsip);
            assert_eq!(found.0, starts, "{line} in {microsip}");
            assert_eq!(found.1, spans(arguments), "{line} in {microsip}");
            assert_eq!(found.2, spans(dangers), "{line} in {microsip}");
        }
    }

    #[test]
    fn file_extension_rows_match_hook_explain() {
        for row in table(QUOTING, "| ending |") {
            for ending in spans(row[0]) {
                let line = format!(r"C:\x\a{ending}");
                let out = Folder::new().run(&["hook", "explain", "--line", &line]).code(0).out();
                let expected = format!("`{line}` {}, not checked here\n", row[1]);
                assert!(out.contains(&expected), "{out}");
            }
        }
    }

    #[test]
    fn command_length_rows_match_hook_explain() {
        let rows = table(QUOTING, "| units |");
        assert_eq!(rows.len(), 4);
        for row in rows {
            let units: usize = row[0].parse().unwrap();
            let line = format!("{:x<units$}", r"C:\a.exe ");
            for (cell, microsip) in [(row[1], "3.21.3"), (row[2], "3.22.16")] {
                let expected = if cell == "whole" { Vec::new() } else { spans(cell) };
                assert_eq!(explained("call-end", &line, microsip).2, expected, "{units}");
            }
        }
    }

    #[test]
    fn number_placeholder_is_filled_as_documented() {
        assert!(QUOTING.contains("`{number}` in it is filled in from 3.21.3 on"));
        let line = "https://crm.example.com/?n={number}";
        let found = |event, microsip| explained(event, line, microsip);
        assert_eq!(
            found("outgoing-call", "3.21.3"),
            ("`https://crm.example.com/?n=4930`".to_owned(), Vec::new(), Vec::new())
        );
        let unknown = ["caller-not-passed", "unknown-placeholder"];
        assert_eq!(found("outgoing-call", "3.20.1").2, unknown);
        assert_eq!(found("call-end", "3.22.16").2, unknown);
    }

    /// A machine on which nothing is allowed, and no other ini is this one.
    struct Strict;

    impl Facts for Strict {
        fn target(&self, _: &str) -> Option<Target> {
            None
        }

        fn may_open(&self, _: &str) -> Option<bool> {
            Some(false)
        }

        fn is_own_ini(&self, _: &str) -> Option<bool> {
            Some(false)
        }
    }

    #[test]
    fn security_page_lists_every_hook_finding_with_example() {
        let rows = table(SECURITY, "| rule | example |");
        let mut listed = Vec::new();
        for row in &rows {
            let rule = spans(row[0])[0];
            listed.push(rule.to_owned());
            let examples = spans(row[1]);
            if examples.is_empty() {
                // These need a disk, or are too long to show; `command_length_rows_match_hook_explain` has the long ones.
                let needs_more = [
                    "target-is-folder",
                    "program-writable-by-others",
                    "command-too-long",
                    "command-too-long-when-saved",
                ];
                assert!(needs_more.contains(&rule), "{rule} has no example");
                continue;
            }
            let is_entry = |span: &&str| {
                let key = span.split_once('=').map_or("", |(key, _)| key);
                Event::of_key(key).is_some() || Event::of_directive(key).is_some()
            };
            let (lines, caller): (Vec<_>, Vec<_>) = examples.into_iter().partition(is_entry);
            if row[1].starts_with("on Windows: ") {
                let parts = lines.iter().map(|line| line.split_once('=').unwrap());
                let (commands, directives): (Vec<_>, Vec<_>) =
                    parts.partition(|(key, _)| Event::of_key(key).is_some());
                let owned = |(key, text): (&str, &str)| (key.to_owned(), text.to_owned());
                let directives: Vec<_> = directives.into_iter().map(owned).collect();
                let call = Call {
                    directives: Some(&directives),
                    ..Call::new(Event::of_key(commands[0].0).unwrap(), commands[0].1)
                };
                let hazards = explain(&call, &Strict).hazards;
                assert!(hazards.iter().any(|it| it.code().name() == rule), "{rule}: {hazards:?}");
                continue;
            }
            let ini = lines.iter().map(|line| format!("{line}\r\n")).collect::<String>();
            let folder = Folder::with(format!("[Settings]\r\n{ini}"));
            let caller = caller.first().copied().unwrap_or("4930");
            let newest = Version::NEWEST.to_string();
            let microsip = row[1].split_once("MicroSIP ").map_or(&*newest, |(_, version)| version);
            let args = ["hook", "explain", "--caller", caller, "--microsip", microsip, "--check"];
            let out = folder.on_ini(&args).code(1).out();
            assert!(out.contains(&format!("[{rule}]: ")), "{rule}: {out}");
        }
        let hazards = CATALOG.iter().filter(|row| matches!(row.scope, Scope::Hook | Scope::Call));
        let mut rules: Vec<_> = hazards.map(|row| row.name).collect();
        rules.sort();
        listed.sort();
        assert_eq!(listed, rules);
    }

    #[test]
    fn documented_limits_are_enforced() {
        let says = |row: &str| assert!(HOOKS.contains(&format!("\n| {row} |")), "{row}");
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
        says("text of Udp | 1200 bytes");
        let line: serde_json::Value = serde_json::from_slice(&folder.read("calls.ndjson")).unwrap();
        assert_eq!(line["number"].as_str().unwrap().len(), 4096);
        assert!(is_time(line["time"].as_str().unwrap()), "{line}");
        assert!(HOOKS.contains("Times are UTC with three digits behind the second."));
        says("caller's text | 4096 characters");
        let example = blocks(HOOKS, "json")[0];
        let example: serde_json::Value = serde_json::from_str(example).unwrap();
        let names = |object: &serde_json::Value| {
            object.as_object().unwrap().keys().cloned().collect::<Vec<_>>()
        };
        assert_eq!(names(&example), names(&line));
        let notes = folder.run(&["hook", "log"]).code(0).out();
        assert!(notes.contains("the address has 2049 bytes, expected at most 2048"), "{notes}");
        says("address of Open | 2048 bytes");
        assert_eq!(folder.read(&format!("{state}/hooks.old.ndjson")).len(), 1024 * 1024);
        assert!(HOOKS.contains("At 1 MiB the file becomes `hooks.old.ndjson`"));
    }

    #[test]
    fn documented_configuration_permits_its_url_schemes() {
        let shown = blocks(HOOKS, "toml");
        let [shown] = shown[..] else { panic!("{shown:?}") };
        let ini = "[Settings]\r\nOnCallEnd=Open,crm:%number%\r\nOnCallEnd.2=Open,tel:%number%\r\n\
                   OnCallEnd.3=Open,x-other:%number%\r\n";
        let folder = Folder::with(ini);
        let place = folder.file(".config/msipctl");
        fs::create_dir_all(&place).unwrap();
        fs::write(place.join("msipctl.toml"), shown).unwrap();
        folder.run(&["hook", "run", "--ini", "MicroSIP.ini", "call-end", "4930"]).code(0);
        let begin = Instant::now();
        let mut notes = String::new();
        while notes.lines().count() < 3 {
            assert!(begin.elapsed() < PATIENCE, "{notes}");
            sleep(Duration::from_millis(20));
            notes = folder.run(&["hook", "log"]).code(0).out();
        }
        for (note, why) in notes.lines().zip([
            "only Windows can do that",
            "only Windows can do that",
            "only http and https addresses are opened",
        ]) {
            assert!(note.contains(why), "{notes}");
        }
    }
}

/// The form of the times that are shown.
const TIME: &str = "2026-11-23T09:01:02.123Z";

/// Says whether a text is a time of this form, to the thousandth of a second.
fn is_time(text: &str) -> bool {
    text.len() == TIME.len() && has_same_shape(text)
}

/// Says whether a text has the form of a time as far as both go.
fn has_same_shape(text: &str) -> bool {
    text.bytes().zip(TIME.bytes()).all(|(one, other)| match other {
        b'0'..=b'9' => one.is_ascii_digit(),
        _ => one == other,
    })
}

#[test]
fn documented_times_have_milliseconds() {
    let second = "2026-11-23T09:01:02".len();
    let mut times = 0;
    for page in PAGES {
        for (start, _) in page.char_indices() {
            let shown = &page[start..];
            if shown.get(..second).is_some_and(has_same_shape) {
                assert!(shown.get(..TIME.len()).is_some_and(is_time), "{}", &shown[..second]);
                times += 1;
            }
        }
    }
    assert!(times >= 5, "{times}");
}

#[test]
fn documented_events_match_the_code() {
    let rows = table(HOOKS, "| event | directive |");
    assert_eq!(rows.len(), Event::ALL.len());
    for (row, event) in rows.iter().zip(Event::ALL) {
        let code = |text: &str| format!("`{text}`");
        let since = event.since().to_string();
        let (name, directive, key) =
            (code(event.name()), code(event.directive()), code(event.key()));
        assert_eq!(row[..], [&*name, &*directive, &*key, &*since, event.about()]);
    }
}

/// Returns the names of all actions, as an error lists them.
fn actions() -> Vec<String> {
    let error = Directive::parse("?").unwrap_err().to_string();
    let (_, names) = error.split_once("expected ").unwrap();
    names.split(", ").map(str::to_owned).collect()
}

#[test]
fn documented_actions_match_the_code() {
    let actions = actions();
    assert_eq!(actions.len(), 8);
    let rows = table(HOOKS, "| action | fields |");
    let names: Vec<_> = rows.iter().map(|row| row[0].trim_matches('`')).collect();
    assert_eq!(names, actions);
    for row in rows {
        let error = Directive::parse(row[0].trim_matches('`')).unwrap_err().to_string();
        let (_, fields) = error.split_once("expected ").unwrap();
        assert_eq!(row[1].trim_matches('`'), fields);
    }
    let rows = table(SECURITY, "| action | what a hostile caller");
    let names: Vec<_> = rows.iter().flat_map(|row| spans(row[0])).collect();
    assert_eq!(names, actions);
}

#[test]
fn documented_placeholders_match_the_code() {
    let error = Text::parse("%x%").unwrap_err().to_string();
    let (_, known) = error.split_once("expected ").unwrap();
    let known: Vec<_> = known.split([' ', ',']).filter(|word| word.starts_with('%')).collect();
    let rows = table(HOOKS, "| placeholder |");
    let names: Vec<_> = rows.iter().map(|row| row[0].trim_matches('`')).collect();
    assert_eq!(names, known);
}

#[test]
fn documented_message_ids_match_the_code() {
    for row in table(HOOKS, "| message | number |") {
        let message = Message::parse(row[0].trim_matches('`')).unwrap();
        assert_eq!(format!("0x{:x}", message.number()), row[1]);
    }
    assert_eq!(Message::parse("WM_USER+100").unwrap().number(), 0x464);
    assert!(RECEIVERS.contains("WM_USER+100 is 0x464, 1124"));
}

#[test]
fn documented_field_limits_are_enforced() {
    let is_read = |text: &str| Directive::parse(text).is_ok();
    assert!(HOOKS.contains("| `timeout_ms` | 1 to 10000, 5000 if it is missing |"));
    assert!(is_read("SendMessage,W,WM_USER+1,x,10000") && is_read("SendMessage,W,WM_USER+1,x,1"));
    assert!(!is_read("SendMessage,W,WM_USER+1,x,10001") && !is_read("SendMessage,W,WM_USER+1,x,0"));
    assert!(HOOKS.contains("| `id` | 4294967295 |"));
    assert!(is_read("CopyData,W,4294967295,x") && !is_read("CopyData,W,4294967296,x"));
}

/// Returns the texts of a constant, which is a list of them.
fn constant<'s>(source: &'s str, name: &str) -> Vec<&'s str> {
    let (_, list) = source.split_once(&format!("const {name}: ")).unwrap();
    let (_, list) = list.split_once('=').unwrap();
    let (list, _) = list.split_once(';').unwrap();
    list.split('"').skip(1).step_by(2).collect()
}

/// Returns the paragraph that begins so.
fn paragraph<'p>(page: &'p str, start: &str) -> &'p str {
    page.split("\n\n").find(|paragraph| paragraph.starts_with(start)).unwrap()
}

#[test]
fn documented_directive_errors_are_reported() {
    let error = |text: &str| Directive::parse(text).unwrap_err().to_string();

    let run = paragraph(HOOKS, "**Run.** ");
    let (_, scripts) = run.split_once("So is a script or").unwrap();
    let (scripts, _) = scripts.split_once(')').unwrap();
    let scripts: Vec<_> = spans(scripts).iter().map(|ending| ending.trim_matches('.')).collect();
    assert_eq!(
        scripts,
        constant(include_str!("../../crates/msipctl-core/src/event/path.rs"), "SCRIPTS")
    );
    for script in scripts {
        let error = error(&format!(r"Run,C:\hooks\a.{script},%number%"));
        assert!(error.contains("a script is not started by itself"), "{error}");
    }
    assert!(run.contains("full path of a program or a batch file, without placeholders; anything"));
    assert!(error("Run,a.exe").contains("is no full path"));
    assert!(error(r"Run,C:\%event%\a.exe").contains("has a placeholder"));
    assert!(Directive::parse(r"Run,C:\hooks\a.bat").is_ok());

    let never = paragraph(HOOKS, "`file:`, ");
    let never: Vec<_> = spans(never).iter().map(|scheme| scheme.trim_matches(':')).collect();
    assert_eq!(
        never,
        constant(
            include_str!("../../crates/msipctl-core/src/event/action/open.rs"),
            "NEVER_OPENED"
        )
    );
    for scheme in never {
        assert!(error(&format!("Open,{scheme}:x")).contains("is never opened"), "{scheme}");
    }

    let windows = paragraph(HOOKS, "**SendMessage, PostMessage, CopyData.** ");
    assert!(windows.contains("`%event%`, `%user%` and `%host%` may stand in it;"));
    assert!(Directive::parse("SendMessage,%event% %user% %host%,WM_USER+1,x").is_ok());
    assert!(error("SendMessage,%number%,WM_USER+1,x").contains("a placeholder in a window's name"));

    let http = paragraph(HOOKS, "**Http.** ");
    assert!(http.starts_with("**Http.** GET, HEAD and DELETE without body, with which one is an"));
    for (method, is_bodied) in [
        ("GET", false),
        ("HEAD", false),
        ("DELETE", false),
        ("POST", true),
        ("PUT", true),
        ("PATCH", true),
    ] {
        let text = format!("Http,{method},https://crm.example.com/,n=1");
        assert_eq!(Directive::parse(&text).is_ok(), is_bodied, "{method}");
    }

    let log = paragraph(HOOKS, "**Log.** ");
    assert!(log.contains("Another\nending or no full path is an error"));
    assert!(error("Log,calls.csv").contains("is no full path"));
    assert!(error(r"Log,C:\calls.txt").contains("has no known ending"));
}

#[test]
fn documented_timeouts_and_sizes_match_the_code() {
    let source =
        |name: &str| fs::read_to_string(Path::new("crates/msipctl-hook/src").join(name)).unwrap();
    for (row, name, text) in [
        ("wait for CopyData | 5 s", "window.rs", "WAIT: Duration = Duration::from_secs(5)"),
        (
            "connection of Http | 5 s",
            "client.rs",
            "CONNECT_TIMEOUT: Duration = Duration::from_secs(5)",
        ),
        (
            "request and answer of Http together | 10 s",
            "client.rs",
            "TOTAL_TIMEOUT: Duration = Duration::from_secs(10)",
        ),
        ("answer of Http that is read | 64 KiB", "client.rs", "MAX_RESPONSE: usize = 64 * 1024"),
        (
            "wait for others who write to the file of Log | 5 s",
            "log.rs",
            "WAIT: Duration = Duration::from_secs(5)",
        ),
        ("search for the host of Udp | 5 s", "udp.rs", "WAIT: Duration = Duration::from_secs(5)"),
    ] {
        assert!(HOOKS.contains(&format!("\n| {row} |")), "{row}");
        assert!(source(name).contains(text), "{name}: {text}");
    }
}

#[test]
fn ini_lines_in_pages_are_valid() {
    let mut lines = 0;
    for line in PAGES.iter().flat_map(|page| blocks(page, "ini")).flat_map(str::lines) {
        let Some((key, value)) = line.split_once('=') else { continue };
        if Event::of_directive(key).is_some() {
            assert_eq!(Directive::parse(value).unwrap().to_string(), value);
        } else {
            let event = Event::of_key(key).unwrap();
            assert_eq!(launch_hazards(value, Version::NEWEST), [], "{line}");
            let launcher = Launcher::parse(read_back(value)).map(|launcher| launcher.event());
            assert_eq!(launcher, value.contains("hook run").then_some(event), "{line}");
        }
        lines += 1;
    }
    assert!(lines > 5, "{lines}");
}

#[test]
fn documented_stable_commands_are_unchanged_when_saved() {
    let versions = [(3, 19, 10), (3, 20, 1), (3, 21, 3), (3, 21, 6), (3, 22, 16)];
    for row in table(QUOTING, "| form |") {
        let form = spans(row[0])[0];
        let mut written = form.to_owned();
        let first = launch(read_back(form), "4930", Version::NEWEST);
        for (major, minor, patch) in versions.iter().chain(versions.iter().rev()) {
            let version = Version::new(*major, *minor, *patch);
            assert_eq!(launch_hazards(&written, version), [], "{written}");
            assert_eq!(launch(read_back(&written), "4930", version), first, "{written}");
            written = saved(read_back(&written), version);
        }
    }
}

#[test]
fn documented_shell_quoting_passes_the_line_unchanged() {
    let rows = table(QUOTING, "| shell |");
    let typed: Vec<_> = rows.iter().map(|row| spans(row[1])[0]).collect();
    let line = r#""C:\My Hooks\a.exe" end"#;
    assert_eq!(words(typed[0]), [line]);
    // This one puts quotes round a word with blanks, and looks no further.
    let inside = typed[1].trim_matches('\'');
    assert_eq!(arguments(&format!("\"{inside}\"")), [line]);
    // This one hands over what was typed.
    assert_eq!(arguments(typed[2]), [line]);
}

#[test]
fn documented_log_messages_match_the_code() {
    let source = [
        include_str!("../../crates/msipctl-hook/src/window.rs"),
        include_str!("../../crates/msipctl-windows/src/messages.rs"),
    ]
    .concat();
    for row in table(RECEIVERS, "| in the log |") {
        for part in row[0].trim_start_matches("2 ").split("`MyAppWindow`") {
            assert!(source.contains(part.trim()), "{part}");
        }
    }
}

#[test]
fn statements_about_windows_match_the_code() {
    for page in PAGES.into_iter().chain([README]) {
        assert!(!page.contains("not built for Windows"));
    }
    let http = include_str!("../../crates/msipctl-windows/src/http.rs");
    assert!(HOOKS.contains("Windows' own client\n(WinHTTP), with the proxy"));
    assert!(http.contains("WinHttp from \"winhttp.dll\"") && http.contains("AUTOMATIC_PROXY"));
    assert!(HOOKS.contains("to this computer itself, past any proxy"));
    assert!(http.contains("is_direct") && http.contains("ACCESS_TYPE_NO_PROXY"));
    let calls = [
        include_str!("../../crates/msipctl-hook/src/client.rs"),
        include_str!("../../crates/msipctl-hook/src/udp.rs"),
    ]
    .concat();
    assert!(calls.contains("send_request(request)") && calls.contains("send_datagram(host, port"));
}

#[test]
fn links_in_pages_have_targets() {
    let mut files =
        vec![Path::new("README.md").to_owned(), Path::new("CONTRIBUTING.md").to_owned()];
    files.extend(fs::read_dir("docs").unwrap().map(|entry| entry.unwrap().path()));
    let mut links = 0;
    for file in files.iter().filter(|file| file.extension().is_some_and(|it| it == "md")) {
        let text = fs::read_to_string(file).unwrap();
        for link in text.split("](").skip(1) {
            let link = link.split(')').next().unwrap();
            if link.contains("://") {
                continue;
            }
            let (path, heading) = link.split_once('#').unwrap_or((link, ""));
            let folder = file.parent().unwrap();
            let target = if path.is_empty() { file.clone() } else { folder.join(path) };
            assert!(target.exists(), "{}: {link}", file.display());
            if !heading.is_empty() {
                let target = fs::read_to_string(&target).unwrap();
                assert!(
                    anchors(&target).contains(&heading.to_owned()),
                    "{}: {link}",
                    file.display()
                );
            }
            links += 1;
        }
    }
    assert!(links > 15, "{links}");
}

/// Returns the names by which the headings of a page are linked to.
fn anchors(page: &str) -> Vec<String> {
    let headings = page.lines().filter(|line| line.starts_with('#'));
    let anchor = |heading: &str| {
        let text = heading.trim_start_matches('#').trim().to_lowercase();
        let kept = text
            .chars()
            .filter(|character| character.is_alphanumeric() || " -_".contains(*character));
        kept.collect::<String>().replace(' ', "-")
    };
    headings.map(anchor).collect()
}
