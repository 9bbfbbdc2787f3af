//! Directives run by the program, as MicroSIP's start of the bridge would.

use std::io::{Read, Write};
use std::net::{TcpListener, UdpSocket};
use std::thread;
use std::time::{Duration, Instant};

use crate::runner::{Folder, Run, utf16};

/// A caller with all that shells and files act on.
const CALLER: &str = "+49 30 \"x\" & calc";

/// The longest that anything here takes.
const PATIENCE: Duration = Duration::from_secs(30);

fn folder(directives: &str) -> Folder {
    Folder::with(utf16(&format!("[Settings]\r\n{directives}")))
}

/// Runs the directives of incoming calls.
fn call(folder: &Folder, caller: &[&str]) -> Run {
    let args = ["hook", "run", "--ini", "MicroSIP.ini", "incoming-call"];
    folder.run(&[&args, caller].concat())
}

/// Waits until a file in the folder holds a text, and returns all of it.
#[track_caller]
fn wait_for(folder: &Folder, name: &str, text: &str) -> String {
    let begin = Instant::now();
    loop {
        let found = std::fs::read(folder.file(name)).unwrap_or_default();
        let found = String::from_utf8(found).unwrap();
        if found.contains(text) {
            return found;
        }
        assert!(begin.elapsed() < PATIENCE, "waited for `{text}` in {name}: {found}");
        thread::sleep(Duration::from_millis(10));
    }
}

fn journal() -> &'static str {
    ".local/state/msipctl/hooks.ndjson"
}

#[test]
fn every_directive_is_run_while_the_first_start_is_gone() {
    let udp = UdpSocket::bind("127.0.0.1:0").unwrap();
    udp.set_read_timeout(Some(PATIENCE)).unwrap();
    let tcp = TcpListener::bind("127.0.0.1:0").unwrap();
    let (to_udp, to_tcp) = (udp.local_addr().unwrap(), tcp.local_addr().unwrap());
    let slow = Duration::from_millis(1500);
    let server = thread::spawn(move || {
        let (mut stream, _) = tcp.accept().unwrap();
        thread::sleep(slow);
        let mut got = Vec::new();
        let mut buffer = [0; 4096];
        while !got.ends_with(b"}") {
            let length = stream.read(&mut buffer).unwrap();
            assert!(length > 0, "no whole request: {}", String::from_utf8_lossy(&got));
            got.extend_from_slice(&buffer[..length]);
        }
        stream.write_all(b"HTTP/1.1 204 No Content\r\nconnection: close\r\n\r\n").unwrap();
        String::from_utf8(got).unwrap()
    });
    let place = Folder::new();
    let csv = place.file("calls.csv");
    let folder = folder(&format!(
        "OnIncomingCall=Http,POST,http://{to_tcp}/call?n=%number%\r\n\
         OnIncomingCall.2=Open,crm:%number%\r\n\
         OnIncomingCall.3=Udp,{to_udp},%event% %number%\r\n\
         OnIncomingCall.4=Log,{}\r\n",
        csv.display()
    ));

    let begin = Instant::now();
    let run = call(&folder, &[CALLER]).code(0);
    let took = begin.elapsed();
    assert!(took < slow, "it waited for its work: {took:?}");
    assert_eq!((run.out(), run.err()), (String::new(), String::new()));

    let request = server.join().unwrap();
    let (head, body) = request.split_once("\r\n\r\n").unwrap();
    assert!(
        head.starts_with("POST /call?n=%2B49%2030%20%22x%22%20%26%20calc HTTP/1.1\r\n"),
        "{head}"
    );
    let body: serde_json::Value = serde_json::from_str(body).unwrap();
    assert_eq!((&body["event"], &body["number"]), (&"incoming-call".into(), &CALLER.into()));

    let mut buffer = [0; 2000];
    let length = udp.recv(&mut buffer).unwrap();
    assert_eq!(buffer[..length], *format!("incoming-call {CALLER}").as_bytes());
    let lines = wait_for(&place, "calls.csv", "calc");
    assert!(lines.contains(",incoming-call,\"'+49 30 \"\"x\"\" & calc\","), "{lines}");

    // The refused scheme stopped nobody, and is told.
    wait_for(&folder, journal(), "only http and https");
    let log = folder.run(&["hook", "log", "--format", "json"]).code(0).json();
    let notes = log["notes"].as_array().unwrap();
    assert_eq!(notes.len(), 1, "{notes:?}");
    assert_eq!(
        (&notes[0]["directive"], &notes[0]["action"]),
        (&"OnIncomingCall.2".into(), &"Open".into())
    );
}

#[test]
fn options_behind_the_event_are_the_callers_text() {
    let udp = UdpSocket::bind("127.0.0.1:0").unwrap();
    udp.set_read_timeout(Some(PATIENCE)).unwrap();
    let folder = folder(&format!("OnIncomingCall=Udp,{},%number%\r\n", udp.local_addr().unwrap()));
    for (caller, expected) in [
        (&["--ini", "none.ini"][..], "--ini none.ini"),
        (&["--", "--help"], "-- --help"),
        (&["--now  a"], "--now  a"),
        (&["-h"], "-h"),
    ] {
        call(&folder, caller).code(0);
        let mut buffer = [0; 2000];
        let length = udp.recv(&mut buffer).unwrap();
        assert_eq!(str::from_utf8(&buffer[..length]).unwrap(), expected);
    }
}

#[test]
fn failures_are_told_by_the_journal_alone() {
    let folder = folder(
        "OnIncomingCall=SendMessage,W,WM_USER+1,%number%\r\n\
         OnIncomingCall.2=Nonsense\r\n\
         OnIncomingCall.3=Run,calc.exe,%number%\r\n\
         OnIncomingCall.4=Http,GET,https://127.0.0.1:1/\r\n",
    );
    call(&folder, &["100"]).code(0);
    let lines = wait_for(&folder, journal(), "OnIncomingCall.4");
    assert_eq!(lines.lines().count(), 4, "{lines}");
    let log = folder.run(&["hook", "log", "-n", "3"]).code(0).out();
    assert!(log.contains("`Nonsense` is no action"), "{log}");
    assert!(log.contains("`calc.exe` is no full path (100)"), "{log}");
    assert_eq!(log.lines().count(), 3);

    let none = Folder::new();
    none.run(&["hook", "run", "--ini", "none.ini", "call-end", "1"]).code(0);
    wait_for(&none, journal(), "none.ini: is missing");
    none.run(&["hook", "run", "call-end-x", "1"]).code(2);
    none.run(&["hook", "run", "--verbose", "call-end", "1"]).code(2);
}
