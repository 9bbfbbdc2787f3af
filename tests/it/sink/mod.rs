//! The sinks of `audit` and `apply`, and `report push`, with receivers on this computer.
//!
//! tests/engines/sinks/run repeats this with the programs that read the formats elsewhere.

mod push;
mod server;

use std::io::Read;
use std::net::{TcpListener, UdpSocket};
use std::thread;
use std::time::Duration;

use serde_json::Value;

use crate::runner::{Folder, RUNS};
use server::{Server, unused};

const SECRET: &str = "Tr0ub4dor";

/// The folder of the spool, as the test program finds it.
const SPOOL: &str =
    if cfg!(windows) { "local/msipctl/spool" } else { ".local/state/msipctl/spool" };

/// A folder with three files: one in sync, one that drifts in a key, a password, and a hook, and one that's missing.
fn folder() -> Folder {
    let folder = Folder::new();
    let policy = format!(
        "[Settings]\nAA = true\n[Account1]\npassword = \"{SECRET}\"\n[[hook]]\ntemplate = \"call-log\"\non = \"call-end\"\n\
         with = {{ file = 'C:\\calls.csv' }}\n"
    );
    folder.write("company.toml", policy);
    folder.write("a.ini", "[Settings]\r\nAA=0\r\n[Account1]\r\nlabel=A\r\npassword=other\r\n");
    folder.write("b.ini", "[Settings]\r\nAA=0\r\n[Account1]\r\nlabel=B\r\n");
    run(&folder, &["apply", "company.toml", "-i", "b.ini"], 0);
    folder
}

/// Runs the program, with the folder for local data of Windows in the folder of the test.
#[track_caller]
fn run(folder: &Folder, args: &[&str], code: i32) -> crate::runner::Run {
    let run = folder.run_as(args, |command| {
        command.env("LOCALAPPDATA", folder.file("local"));
    });
    let run = run.code(code);
    assert!(!String::from_utf8_lossy(&run.everything()).contains(SECRET));
    run
}

const AUDIT: [&str; 8] =
    ["audit", "company.toml", "-i", "a.ini", "-i", "b.ini", "-i", "missing.ini"];

/// Checks that nothing in the folder contains the secret, except for the policy and the files that it's applied to.
#[track_caller]
fn check_secret(folder: &Folder) {
    for (path, bytes) in folder.files_below("") {
        let name = path.file_name().unwrap().to_string_lossy().into_owned();
        let is_source = name.ends_with(".toml") || name.ends_with(".ini");
        let is_backup = path.components().any(|it| it.as_os_str() == ".msipctl");
        let text = String::from_utf8_lossy(&bytes);
        assert!(is_source || is_backup || !text.contains(SECRET), "{}", path.display());
    }
}

fn lines(bytes: &[u8]) -> Vec<Value> {
    let text = str::from_utf8(bytes).unwrap();
    assert!(text.ends_with('\n') && text.is_ascii());
    text.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

fn names(events: &[Value]) -> Vec<&str> {
    events.iter().map(|event| event["event"].as_str().unwrap()).collect()
}

#[test]
fn audit_appends_events_to_an_ndjson_file() {
    let folder = folder();
    for _ in 0..2 {
        run(&folder, &[&AUDIT[..], &["--send", "ndjson:events.ndjson"]].concat(), 4);
    }
    let events = lines(&folder.read("events.ndjson"));
    let expected = [
        "msipctl.audit.drifted",
        "msipctl.audit.in_sync",
        "msipctl.audit.failed",
        "msipctl.audit.summary",
    ];
    assert_eq!(names(&events), [expected, expected].concat());
    let drifted = &events[0];
    assert_eq!(drifted["path"], "a.ini");
    assert_eq!(drifted["policy"], "company.toml");
    assert_eq!(drifted["keys"], serde_json::json!(["Settings.AA", "Account1.password"]));
    assert_eq!(drifted["hooks"], serde_json::json!(["hook call-log on call-end"]));
    assert_eq!(events[2]["reason"], "file not found");
    let counts = &events[3]["counts"];
    let expected = serde_json::json!({"files": 3, "in_sync": 1, "drifted": 1, "failed": 1});
    assert_eq!(counts, &expected);
    assert!(events[..4].iter().all(|event| event["run"] == events[0]["run"]));
    assert_ne!(events[0]["run"], events[4]["run"]);
    check_secret(&folder);
}

#[test]
fn audit_replaces_a_prometheus_file_in_one_step() {
    let folder = folder();
    folder.write("msipctl.prom", "old");
    run(&folder, &[&AUDIT[..], &["--send", "prometheus:msipctl.prom"]].concat(), 4);
    let text = String::from_utf8(folder.read("msipctl.prom")).unwrap();
    for line in [
        "msipctl_files{policy=\"company.toml\",state=\"in_sync\"} 1\n",
        "msipctl_files{policy=\"company.toml\",state=\"drifted\"} 1\n",
        "msipctl_files{policy=\"company.toml\",state=\"failed\"} 1\n",
        "msipctl_drift_keys{policy=\"company.toml\",section=\"Settings\",key=\"AA\"} 1\n",
        "msipctl_drift_hooks{policy=\"company.toml\",template=\"call-log\",problem=\"missing\"} 1\n",
        "# TYPE msipctl_last_audit_timestamp_seconds gauge\n",
    ] {
        assert!(text.contains(line), "{line}{text}");
    }
    assert!(!text.contains('\r') && text.ends_with('\n'));
    check_secret(&folder);
}

#[test]
fn apply_sends_the_names_of_changed_keys() {
    let folder = folder();
    let sinks = ["--send", "ndjson:events.ndjson", "--send", "prometheus:apply.prom"];
    let apply = ["apply", "company.toml", "-i", "a.ini", "-i", "b.ini", "-i", "missing.ini"];
    run(&folder, &[&apply[..], &sinks].concat(), 4);
    let events = lines(&folder.read("events.ndjson"));
    let expected = [
        "msipctl.apply.changed",
        "msipctl.apply.unchanged",
        "msipctl.apply.failed",
        "msipctl.apply.summary",
    ];
    assert_eq!(names(&events), expected);
    let keys = events[0]["keys"].as_array().unwrap();
    assert!(keys.contains(&"Settings.AA".into()) && keys.contains(&"Account1.password".into()));
    assert_eq!(events[0]["hooks"], serde_json::json!(["hook call-log on call-end"]));
    let runs = folder.files_below(RUNS);
    let is_run = |run: &str| runs.iter().any(|(path, _)| path.to_string_lossy().contains(run));
    assert!(is_run(events[0]["run"].as_str().unwrap()), "the run has another ID than its journal");
    let text = String::from_utf8(folder.read("apply.prom")).unwrap();
    assert!(text.contains("msipctl_apply_files{policy=\"company.toml\",state=\"changed\"} 1\n"));
    assert!(!text.contains("msipctl_build_info"), "two files would have the same series: {text}");
    check_secret(&folder);
}

#[test]
fn saved_plan_sends_its_own_name() {
    let folder = folder();
    run(&folder, &["plan", "company.toml", "-i", "a.ini", "-o", "plan.json"], 0);
    run(&folder, &["apply", "plan.json", "--send", "ndjson:events.ndjson"], 0);
    let events = lines(&folder.read("events.ndjson"));
    assert_eq!(names(&events), ["msipctl.apply.changed", "msipctl.apply.summary"]);
    assert_eq!(events[0]["policy"], "plan.json");
}

#[test]
fn dry_run_and_files_of_the_run_are_rejected_as_sinks() {
    let folder = folder();
    let before = folder.state();
    let apply = ["apply", "company.toml", "-i", "a.ini", "--send"];
    let dry = run(&folder, &[&apply[..], &["ndjson:x.ndjson", "--dry-run"]].concat(), 2);
    assert!(dry.err().contains("`--dry-run` changes nothing"), "{}", dry.err());
    for args in [&apply[..], &["audit", "company.toml", "-i", "a.ini", "--send"]] {
        let same = run(&folder, &[args, &["ndjson:./a.ini"]].concat(), 2);
        assert!(same.err().contains("would overwrite"), "{}", same.err());
    }
    assert_eq!(folder.state(), before);
}

#[test]
fn failed_sink_is_a_warning_and_keeps_the_exit_code() {
    let folder = folder();
    let sinks = ["--send", "ndjson:none/x/events.ndjson", "--send", "prometheus:none2/a.prom"];
    folder.write("none", "a file");
    let done = run(&folder, &[&AUDIT[..], &sinks].concat(), 4);
    let warnings =
        done.err().lines().filter(|line| line.starts_with("warning: can't send")).count();
    assert_eq!(warnings, 2, "{}", done.err());
    assert!(done.out().contains("3 files: 1 in sync"), "{}", done.out());
}

#[test]
fn otlp_events_wait_in_the_spool_until_the_collector_is_reachable() {
    let folder = folder();
    let server = Server::new(&["503 Busy"]);
    let sink = format!("otlp:{}", server.url("/v1/logs?key=hidden"));
    let args = [&AUDIT[..], &["--send", &sink]].concat();
    let failed = run(&folder, &args, 4);
    assert!(failed.err().contains("the server responded with 503"), "{}", failed.err());
    assert!(!failed.err().contains("hidden"), "{}", failed.err());
    assert_eq!(folder.files_below(SPOOL).len(), 1);
    let done = run(&folder, &args, 4);
    assert!(!done.err().contains("can't send"), "{}", done.err());
    assert_eq!(folder.files_below(SPOOL), []);
    let requests = server.requests();
    assert_eq!(requests.len(), 3);
    assert_eq!(requests[0], requests[1], "the spooled request is sent again unchanged");
    for request in requests {
        assert_eq!(request.line, "POST /v1/logs?key=hidden");
        assert_eq!(request.header("content-type"), Some("application/json"));
        let body: Value = serde_json::from_str(&request.body).unwrap();
        let records = &body["resourceLogs"][0]["scopeLogs"][0]["logRecords"];
        let names: Vec<_> =
            records.as_array().unwrap().iter().map(|record| &record["eventName"]).collect();
        let expected = [
            "msipctl.audit.drifted",
            "msipctl.audit.in_sync",
            "msipctl.audit.failed",
            "msipctl.audit.summary",
        ];
        assert_eq!(names, expected);
        assert!(!request.body.contains(SECRET));
    }
}

#[test]
fn syslog_datagrams_have_one_event_each() {
    let folder = folder();
    let socket = UdpSocket::bind("127.0.0.1:0").unwrap();
    socket.set_read_timeout(Some(Duration::from_secs(20))).unwrap();
    let sink = format!("syslog:udp://{}", socket.local_addr().unwrap());
    run(&folder, &[&AUDIT[..], &["--send", &sink]].concat(), 4);
    let mut buffer = [0; 4096];
    for name in ["drifted", "in_sync", "failed", "summary"] {
        let length = socket.recv(&mut buffer).unwrap();
        let text = str::from_utf8(&buffer[..length]).unwrap();
        assert!(text.contains(&format!(" msipctl.audit.{name} - {{")), "{text}");
        assert!(!text.contains(SECRET));
    }
}

#[test]
fn syslog_over_tcp_is_spooled_and_counted_in_bytes() {
    let folder = folder();
    let gone = unused();
    let args = |address| {
        [&AUDIT[..], &["--send"]]
            .concat()
            .into_iter()
            .map(str::to_owned)
            .chain([format!("syslog:tcp://{address}")])
            .collect::<Vec<_>>()
    };
    let first = args(gone);
    let failed = run(&folder, &first.iter().map(String::as_str).collect::<Vec<_>>(), 4);
    assert!(
        failed.err().contains("warning: can't send events to `syslog:tcp://"),
        "{}",
        failed.err()
    );
    assert_eq!(folder.files_below(SPOOL).len(), 1);

    let Ok(listener) = TcpListener::bind(gone) else { return };
    let receiver = thread::spawn(move || {
        let mut streams = Vec::new();
        for _ in 0..2 {
            let mut got = String::new();
            listener.accept().unwrap().0.read_to_string(&mut got).unwrap();
            streams.push(got);
        }
        streams
    });
    let done = run(&folder, &first.iter().map(String::as_str).collect::<Vec<_>>(), 4);
    assert!(!done.err().contains("can't send"), "{}", done.err());
    assert_eq!(folder.files_below(SPOOL), []);
    for stream in receiver.join().unwrap() {
        let (mut rest, mut count) = (stream.as_str(), 0);
        while let Some((length, after)) = rest.split_once(' ') {
            let (message, after) = after.split_at(length.parse().unwrap());
            assert!(message.starts_with('<') && message.ends_with('}'), "{message}");
            (rest, count) = (after, count + 1);
        }
        assert_eq!((rest, count), ("", 4));
    }
}

#[test]
fn hostile_names_stay_inside_their_format() {
    let folder = Folder::new();
    folder.write("p.toml", "[\"Set\\\"tings\\\\\\n\"]\n\"k\\\"e}\\\\y\\u001b\\u202e\" = \"1\"\n");
    folder.write("a.ini", "[Settings]\r\nAA=0\r\n");
    let sinks = ["--send", "ndjson:a.ndjson", "--send", "prometheus:a.prom"];
    let done = folder.run(&[&["audit", "p.toml", "-i", "a.ini"][..], &sinks].concat());
    // Either the policy is rejected, or the names are escaped.
    if done.err().is_empty() {
        assert!(folder.read("a.ndjson").is_ascii());
        let metrics = String::from_utf8(folder.read("a.prom")).unwrap();
        assert!(!metrics.contains('\u{1b}'), "{metrics}");
    }
}
