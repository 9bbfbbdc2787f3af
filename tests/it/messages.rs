//! Messages between programs. The receiver is a program of its own, built of `tests/windows/receiver.c` and
//! named by the variable `MSIPCTL_RECEIVER`.

use std::fs;
use std::io::{self, BufRead, BufReader};
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::sync::atomic::{AtomicU32, Ordering};
use std::thread::sleep;
use std::time::{Duration, Instant};

use msipctl_windows::{Window, WindowName, desktop};

use crate::runner::{Folder, program, started};

/// The longest that anything here takes.
const PATIENCE: Duration = Duration::from_secs(40);

const WM_CLOSE: u32 = 0x10;
const WM_USER: u32 = 0x400;

/// What the receiver answers to private messages.
const ANSWER: u64 = 4711;

/// A receiver that runs; it is ended with the test.
struct Receiver {
    folder: Folder,
    title: String,
    child: Child,
}

impl Receiver {
    /// Returns `None` where there is no receiver.
    fn new(title: &str, more: &[&str]) -> Option<Self> {
        let path = receiver()?;
        let folder = Folder::new();
        let mut command = Command::new(path);
        command.args(["--title", title, "--trace"]).arg(folder.file("trace")).args(more);
        command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
        let child = started(|| command.spawn());
        let receiver = Self { folder, title: title.to_owned(), child };
        receiver.until("ready", |lines| lines.first().is_some_and(|line| line == "ready"));
        Some(receiver)
    }

    /// Returns its window.
    #[track_caller]
    fn window(&self) -> Window {
        let found = find(WindowName::Title(&self.title));
        assert_eq!(found.len(), 1, "{found:?}");
        found[0]
    }

    /// Waits until this is so of what it wrote down, and returns that.
    #[track_caller]
    fn until(&self, what: &str, is_so: impl Fn(&[String]) -> bool) -> Vec<String> {
        let begin = Instant::now();
        loop {
            let lines = self.trace();
            if is_so(&lines) {
                return lines;
            }
            assert!(begin.elapsed() < PATIENCE, "waited for: {what}; {lines:?}");
            sleep(Duration::from_millis(20));
        }
    }

    /// Waits for as many messages, and returns them.
    #[track_caller]
    fn messages(&self, count: usize) -> Vec<String> {
        self.until("messages", |lines| lines.len() > count).split_off(1)
    }

    fn trace(&self) -> Vec<String> {
        let bytes = fs::read(self.folder.file("trace")).unwrap_or_default();
        String::from_utf8(bytes).unwrap().lines().map(str::to_owned).collect()
    }
}

impl Drop for Receiver {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn receiver() -> Option<PathBuf> {
    program("MSIPCTL_RECEIVER", "messages", "receiver")
}

/// Returns a title that no other test has.
fn title(name: &str) -> String {
    static NUMBER: AtomicU32 = AtomicU32::new(0);
    let number = NUMBER.fetch_add(1, Ordering::Relaxed);
    format!("msipctl test {name} {} {number}", std::process::id())
}

#[track_caller]
fn find(name: WindowName<'_>) -> Vec<Window> {
    desktop().find_windows(name).unwrap()
}

#[track_caller]
fn send(window: Window, message: u32, wparam: u64, text: &str) {
    assert_eq!(desktop().send_message(window, message, wparam, text, PATIENCE).unwrap(), ANSWER);
}

#[test]
fn sent_message_carries_number_and_text() {
    let Some(receiver) = Receiver::new(&title("send"), &[]) else { return };
    let window = receiver.window();
    send(window, WM_USER + 100, 4_930_123, "4930123");
    send(window, WM_USER + 101, u64::MAX, "");
    send(window, WM_USER + 102, 0, r#"+49 30 "x" & calc %PATH%"#);
    send(window, WM_USER + 103, 0, "Jürgen 東京 \u{1f4de}");
    send(window, WM_USER + 104, 0, "#31#");
    send(window, WM_USER + 105, 0, "#1234");
    send(window, WM_USER + 106, 0, "#0049");
    assert_eq!(
        receiver.messages(7),
        [
            "sent 100 4930123 4930123",
            "sent 101 18446744073709551615 -",
            r#"sent 102 0 +49 30 "x" & calc %PATH%"#,
            "sent 103 0 Jürgen 東京 \u{1f4de}",
            "sent 104 0 #31#",
            "sent 105 0 #1234",
            "sent 106 0 #0049 ",
        ]
    );
}

#[test]
fn long_text_is_truncated_to_the_atom_limit() {
    let Some(receiver) = Receiver::new(&title("long"), &[]) else { return };
    let window = receiver.window();
    let long: String = ('a'..='z').cycle().take(300).collect();
    send(window, WM_USER, 0, &long);
    let pairs = "\u{1f4de}".repeat(150);
    send(window, WM_USER, 0, &pairs);
    let expected =
        [format!("sent 0 0 {}", &long[..255]), format!("sent 0 0 {}", "\u{1f4de}".repeat(127))];
    assert_eq!(receiver.messages(2), expected);
}

#[test]
fn post_message_does_not_wait() {
    let Some(receiver) = Receiver::new(&title("post"), &["--sleep", "2000"]) else { return };
    let window = receiver.window();
    let begin = Instant::now();
    desktop().post_message(window, WM_USER + 100, 7, "unit: posted").unwrap();
    desktop().post_message(window, WM_USER + 101, 8, "").unwrap();
    assert!(begin.elapsed() < Duration::from_millis(1500), "{:?}", begin.elapsed());
    assert_eq!(receiver.messages(2), ["posted 100 7 unit: posted", "posted 101 8 -"]);
}

#[test]
fn copy_data_carries_the_complete_text() {
    let Some(receiver) = Receiver::new(&title("data"), &[]) else { return };
    let window = receiver.window();
    let long = "é".repeat(1000);
    for text in ["4930123", "Jürgen 東京 \u{1f4de}", "", &long] {
        assert_eq!(desktop().copy_data(window, 7, text, PATIENCE).unwrap(), 1);
    }
    let lines = receiver.messages(4);
    assert_eq!(lines[0].trim_end_matches('\0'), "data 7 16 4930123");
    assert_eq!(lines[1].trim_end_matches('\0'), "data 7 26 Jürgen 東京 \u{1f4de}");
    assert_eq!(lines[2].trim_end_matches('\0'), "data 7 2 ");
    assert_eq!(lines[3].trim_end_matches('\0'), format!("data 7 2002 {long}"));
}

#[test]
fn missing_or_closed_window_is_not_found() {
    let title = title("gone");
    let Some(receiver) = Receiver::new(&title, &[]) else { return };
    assert_eq!(find(WindowName::Title(&title[1..])), []);
    let window = receiver.window();
    desktop().post_message(window, WM_CLOSE, 0, "").unwrap();
    receiver.until("closed", |lines| lines.last().is_some_and(|line| line == "closed"));
    let begin = Instant::now();
    while !find(WindowName::Title(&title)).is_empty() {
        assert!(begin.elapsed() < PATIENCE, "the window stays");
        sleep(Duration::from_millis(20));
    }
    let error = desktop().send_message(window, WM_USER, 0, "x", PATIENCE).unwrap_err();
    assert_eq!(error.kind(), io::ErrorKind::NotFound, "{error}");
}

#[test]
fn unresponsive_window_delays_only_until_the_timeout() {
    let title = title("hung");
    let Some(receiver) = Receiver::new(&title, &["--sleep", "8000"]) else { return };
    let window = receiver.window();
    desktop().post_message(window, WM_USER, 0, "").unwrap();
    receiver.messages(1);
    let at_most = Duration::from_millis(500);
    for data in [false, true] {
        let begin = Instant::now();
        // It is found in no time, though it takes no messages.
        assert_eq!(find(WindowName::Title(&title)), [window]);
        let found_after = begin.elapsed();
        assert!(found_after < Duration::from_millis(400), "{found_after:?}");
        let begin = Instant::now();
        let answer = match data {
            false => desktop().send_message(window, WM_USER + 1, 0, "unit: late", at_most),
            true => desktop().copy_data(window, 1, "unit: late", at_most),
        };
        let error = answer.unwrap_err();
        assert_eq!(error.kind(), io::ErrorKind::TimedOut, "{error}");
        let elapsed = begin.elapsed();
        assert!((400..3000).contains(&elapsed.as_millis()), "{elapsed:?}");
    }
}

#[test]
fn topmost_window_is_found_first() {
    let title = title("several");
    let Some(first) = Receiver::new(&title, &[]) else { return };
    let Some(second) = Receiver::new(&title.to_uppercase(), &[]) else { return };
    let Some(third) = Receiver::new(&title, &["--only-messages"]) else { return };
    let found = find(WindowName::Title(&title));
    assert_eq!(found.len(), 3);
    for (number, window) in (0..).zip(&found) {
        send(*window, WM_USER, number, "");
    }
    let mut order = vec![first.messages(1), second.messages(1)];
    order.sort();
    assert_eq!(order, [["sent 0 0 -"], ["sent 0 1 -"]]);
    // One for messages only lies below all others.
    assert_eq!(third.messages(1), ["sent 0 2 -"]);
}

#[test]
fn window_is_found_by_class_name() {
    let class = title("class");
    let Some(receiver) = Receiver::new("any title", &["--class", &class]) else { return };
    let found = find(WindowName::Class(&class.to_uppercase()));
    assert_eq!(found.len(), 1);
    assert_eq!(find(WindowName::Title(&class)), []);
    send(found[0], WM_USER + 100, 1, "by class");
    assert_eq!(receiver.messages(1), ["sent 100 1 by class"]);
}

#[test]
fn listen_prints_received_messages() {
    let title = title("listen");
    let lines = listen(&["--window", &title, "--count", "4", "--timeout", "40"], 0, || {
        let [window] = find(WindowName::Title(&title))[..] else { panic!("one window") };
        desktop().send_message(window, WM_USER + 100, 4_930_123, "4930123", PATIENCE).unwrap();
        desktop().send_message(window, WM_USER + 1, 2, "", PATIENCE).unwrap();
        desktop().copy_data(window, 7, "Jürgen \"x\"", PATIENCE).unwrap();
        desktop().post_message(window, 0x8000 + 5, 3, "unit: later").unwrap();
    });
    assert_eq!(
        lines,
        [
            r#"WM_USER+100 wParam=4930123 "4930123""#,
            "WM_USER+1 wParam=2 lParam=0",
            r#"WM_COPYDATA id=7 "Jürgen "x"""#,
            r#"WM_APP+5 wParam=3 "unit: later"  posted"#,
        ]
    );
}

#[test]
fn listen_prints_ndjson() {
    let (title, class) = (title("ndjson"), title("ndjson class"));
    let args = ["--window", &title, "--class", &class, "--timeout", "2", "--count", "2"];
    let lines = listen(&[&args[..], &["--format", "ndjson"]].concat(), 1, || {
        let [window] = find(WindowName::Class(&class))[..] else { panic!("one window") };
        desktop().send_message(window, WM_USER + 100, 1, "a\"b", PATIENCE).unwrap();
    });
    let lines: Vec<serde_json::Value> =
        lines.iter().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert_eq!(lines.len(), 2);
    assert_eq!(lines[0]["message"], "WM_USER+100");
    assert_eq!((&lines[0]["wparam"], &lines[0]["text"]), (&1.into(), &"a\"b".into()));
    // The second message did not come in time.
    assert_eq!(lines[1]["summary"]["messages"], 1);
}

/// Runs `hook listen`, sends to it when it says that it is ready, and returns what it printed.
#[track_caller]
fn listen(args: &[&str], code: i32, send: impl FnOnce()) -> Vec<String> {
    let folder = Folder::new();
    let mut command = folder.command(&[&["hook", "listen"], args].concat());
    command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = started(|| command.spawn());
    let mut ready = String::new();
    let mut stderr = BufReader::new(child.stderr.take().unwrap());
    stderr.read_line(&mut ready).unwrap();
    assert!(ready.starts_with("note: listening as `msipctl test"), "{ready}");
    send();
    let output = child.wait_with_output().unwrap();
    assert_eq!(output.status.code(), Some(code), "{output:?}");
    String::from_utf8(output.stdout).unwrap().lines().map(str::to_owned).collect()
}

#[test]
fn hook_test_starts_a_command_and_reports_its_exit_code() {
    let folder = Folder::with("[Settings]\r\ncmdCallEnd=cmd.exe /c exit 3 &rem\r\n");
    let run = folder.on_ini(&["hook", "test", "call-end", "--caller", "a b", "--format", "json"]);
    let hook = &run.code(0).json()["hooks"][0];
    assert_eq!((&hook["program"], &hook["exit"]), (&"cmd.exe".into(), &3.into()));
    assert_eq!(hook["parameters"], "/c exit 3 &rem a b");
    assert!(hook["process"].as_u64().is_some_and(|process| process > 0));
    assert!(hook["elapsed_ms"].as_u64().is_some_and(|elapsed| elapsed < 10_000));

    let human = folder.on_ini(&["hook", "test", "call-end", "--caller", "a b"]).code(0).out();
    assert!(human.contains("  exit code   3\n"), "{human}");
}

#[test]
fn hook_test_waits_as_long_as_microsip() {
    let title = title("waits");
    let Some(receiver) = receiver() else { return };
    let folder = Folder::new();
    let (program, trace) = (receiver.display(), folder.file("trace"));
    let trace = trace.display();
    let words: Vec<_> = title.split(' ').collect();
    let title = words.join("-");
    folder.write(
        "MicroSIP.ini",
        format!("[Settings]\r\ncmdCallEnd={program} --trace {trace} --title {title} --class\r\n"),
    );
    let args = ["hook", "test", "call-end", "--caller", "caller", "--format", "json"];
    let run = folder.on_ini(&args).code(0).json();
    let hook = &run["hooks"][0];
    assert_eq!((&hook["started"], &hook["exit"]), (&true.into(), &serde_json::Value::Null));
    assert!(hook["elapsed_ms"].as_u64().is_some_and(|elapsed| elapsed >= 10_000), "{hook}");
    let [window] = find(WindowName::Class("caller"))[..] else { panic!("one window") };
    desktop().post_message(window, WM_CLOSE, 0, "").unwrap();
    let begin = Instant::now();
    while !find(WindowName::Title(&title)).is_empty() && begin.elapsed() < PATIENCE {
        sleep(Duration::from_millis(20));
    }
}

#[test]
fn hook_test_reports_a_program_that_cannot_start() {
    let folder = Folder::with("[Settings]\r\ncmdCallEnd=C:\\none\\of this.exe\r\n");
    let err = folder.on_ini(&["hook", "test", "call-end"]).code(2).err();
    assert!(err.contains(r"can't start `C:\none\of`: "), "{err}");
}
