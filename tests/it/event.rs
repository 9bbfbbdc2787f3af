//! An event from end to end: a MicroSIP that runs starts the command that `hook add` wrote, and the message arrives.

use std::collections::BTreeSet;
use std::io::{BufRead, BufReader};
use std::process::{Child, Command, Stdio};
use std::time::Instant;
use std::{env, fs};

use crate::runner::{Folder, program, say, started};
use crate::running::Desk;

/// A caller with all that a shell acts on.
const CALLER: &str = r#"+49 30 "x" & calc"#;

/// How long `hook listen` waits for what should come.
const PATIENCE: &str = "40";

/// A title that no other test has.
fn title(name: &str) -> String {
    format!("msipctl event {name} {}", std::process::id())
}

/// Puts the hook of the brief on incoming calls, as a user does who names neither msipctl nor the ini.
fn add(desk: &Desk, window: &str) {
    let with = format!("window={window}");
    let args = ["hook", "add", "send-message", "--on", "incoming-call", "--with", &with];
    let run = started(|| {
        let mut command = desk.folder.bare_command(&args);
        command.args(["-i", "MicroSIP.ini", "--if-running", "restart"]).output()
    });
    assert!(run.status.success(), "{}", String::from_utf8_lossy(&run.stderr));
    // MicroSIP waits for what it starts, so that is the program that has no console.
    let ini = String::from_utf8_lossy(&desk.folder.read("MicroSIP.ini")).replace('\0', "");
    assert!(ini.contains(r#"\msipctlw.exe" hook run"#), "{ini}");
}

/// Lets MicroSIP have a call, by telling it as a second instance does.
fn receive(desk: &Desk, key: &str, caller: &str) {
    let mut command = Command::new(desk.program());
    std::os::windows::process::CommandExt::raw_arg(
        &mut command,
        format!("standin-event:{key}:{caller}"),
    );
    let before = desk.count("event");
    started(|| command.status());
    desk.until("the event is over", || desk.count("event") > before);
}

/// Starts `hook listen`, and waits until it listens.
fn listen(folder: &Folder, window: &str, count: &str) -> Child {
    let args = ["hook", "listen", "--window", window, "--count", count, "--timeout", PATIENCE];
    let mut command = folder.command(&args);
    command.args(["--format", "ndjson"]);
    command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = started(|| command.spawn());
    let mut ready = String::new();
    BufReader::new(child.stderr.take().unwrap()).read_line(&mut ready).unwrap();
    assert!(ready.starts_with("note: listening as "), "{ready}");
    child
}

/// Returns the texts that came, with what they came by.
fn messages(child: Child) -> Vec<(String, u64, String)> {
    let output = child.wait_with_output().unwrap();
    let lines = String::from_utf8(output.stdout).unwrap();
    let rows = lines.lines().map(|line| serde_json::from_str::<serde_json::Value>(line).unwrap());
    rows.filter(|row| row.get("message").is_some())
        .map(|row| {
            let text = |name: &str| row[name].as_str().unwrap().to_owned();
            (text("message"), row["wparam"].as_u64().unwrap(), text("text"))
        })
        .collect()
}

#[test]
fn hostile_caller_id_arrives_as_text_and_starts_no_program() {
    let Some(desk) = Desk::new("MicroSIP") else { return };
    let Some(probe) = program("MSIPCTL_PROBE", "event", "probe program") else { return };
    // Whoever acts on the caller's text starts this one, which leaves a trace.
    fs::copy(probe, desk.folder.file("calc.exe")).unwrap();
    let trap = desk.folder.file("calc.txt");
    desk.folder.write("MicroSIP.ini", "[Settings]\r\ncmdCallEnd=cmd.exe /c echo\r\n");
    let window = title("hostile");
    add(&desk, &window);
    desk.start(&[("PROBE_OUT", trap.to_str().unwrap()), ("PROBE_SEEN", "1")]);
    let listener = listen(&desk.folder, &window, "1");

    receive(&desk, "cmdIncomingCall", CALLER);
    assert_eq!(messages(listener), [("WM_USER+100".to_owned(), 0, CALLER.to_owned())]);
    let event = desk.trace().into_iter().find(|line| line.starts_with("event ")).unwrap();
    assert!(event.contains("cmdIncomingCall, started 1, ended 1, exit 0, "), "{event}");
    assert!(!trap.exists(), "calc was started");

    // The same caller through a shell, which shows that the trap closes.
    receive(&desk, "cmdCallEnd", CALLER);
    desk.until("the shell started calc", || trap.exists());
}

#[test]
fn launcher_names_its_ini_and_is_unchanged_after_microsip_saves() {
    let (Some(other), Some(desk)) = (Desk::new("MicroSIP"), Desk::new("MicroSIP")) else { return };
    other.start(&[]);
    let window = title("saved");
    desk.start(&[]);
    add(&desk, &window);
    desk.until("it runs again", || desk.count("start") == 2);
    let read = || desk.run(&["get", "Settings.cmdIncomingCall"]).code(0).out();
    let launcher = read();
    assert!(
        launcher.contains(" hook run --ini ") && launcher.ends_with(" incoming-call\n"),
        "{launcher}"
    );

    // Exit saves all settings, in quotes; the next start reads what was saved.
    let restart = ["set", "Settings.AA=1", "--if-running", "restart"];
    desk.run(&restart).code(0);
    desk.until("it runs again", || desk.count("start") == 3);
    assert_eq!(read(), launcher);
    let listener = listen(&desk.folder, &window, "1");
    receive(&desk, "cmdIncomingCall", "4930123456");
    let expected = ("WM_USER+100".to_owned(), 4_930_123_456, "4930123456".to_owned());
    assert_eq!(messages(listener), [expected]);
}

#[test]
fn every_event_runs_its_directives() {
    let Some(desk) = Desk::new("MicroSIP") else { return };
    let log = desk.folder.file("calls.ndjson");
    let with = format!("file={}", log.display());
    let events = "outgoing-call,incoming-call,call-ring,call-answer,call-answer-video,call-busy,\
                  call-start,call-end";
    let args = ["hook", "add", "call-log", "--on", events, "--with", &with, "-i", "MicroSIP.ini"];
    let run = started(|| desk.folder.bare_command(&args).output());
    assert!(run.status.success(), "{}", String::from_utf8_lossy(&run.stderr));
    desk.start(&[]);
    let mut expected = BTreeSet::new();
    for event in msipctl_core::event::Event::ALL {
        receive(&desk, event.key(), &format!("{event} -x"));
        expected.insert((event.to_string(), format!("{event} -x")));
    }
    let logged = || {
        let text = fs::read_to_string(&log).unwrap_or_default();
        let rows = text.lines().filter_map(|line| serde_json::from_str(line).ok());
        rows.map(|row: serde_json::Value| {
            let text = |name: &str| row[name].as_str().unwrap().to_owned();
            (text("event"), text("number"))
        })
        .collect::<BTreeSet<_>>()
    };
    desk.until("all are logged", || logged().len() == 8);
    assert_eq!(logged(), expected);
}

/// How long MicroSIP is held up is only printed. That each start ended by itself is what is judged.
#[test]
fn hook_run_does_not_delay_microsip() {
    let Some(desk) = Desk::new("MicroSIP") else { return };
    let window = title("time");
    add(&desk, &window);
    desk.start(&[]);
    let count = env::var("EVENT_CALLS").map_or(10, |count| count.parse().unwrap());
    let begin = Instant::now();
    for number in 0..count {
        receive(&desk, "cmdIncomingCall", &number.to_string());
    }
    let line = |line: &String| {
        let text = line.strip_prefix("event ")?;
        assert!(text.contains("started 1, ended 1, exit 0"), "{text}");
        text.rsplit(", ").next()?.strip_suffix(" ms")?.parse::<f64>().ok()
    };
    let mut times: Vec<f64> = desk.trace().iter().filter_map(line).collect();
    times.sort_by(f64::total_cmp);
    assert_eq!(times.len(), count);
    say(&format!(
        "event: from the start to the return of hook run: median {:.1} ms, worst {:.1} ms of {count} in {:.1} s",
        times[count / 2],
        times[count - 1],
        begin.elapsed().as_secs_f64()
    ));
    assert!(times[count - 1] < 10_000.0);
}
