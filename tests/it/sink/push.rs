//! `report push`: what a server receives, and what the spool keeps.

use serde_json::{Value, json};

use super::server::{Server, unused};
use super::{SPOOL, run};
use crate::runner::Folder;

const TOKEN: &str = "s3cr3t-t0ken";

/// Creates a folder with reports of two PCs and a token.
fn folder() -> Folder {
    let folder = Folder::new();
    std::fs::create_dir(folder.file("reports")).unwrap();
    for name in ["desk-1-ann", "desk-2-ben"] {
        folder.write(&format!("reports/{name}.json"), report(name));
    }
    folder.write("token.txt", format!("{TOKEN}\r\n"));
    folder
}

fn report(name: &str) -> String {
    json!({"schema_version": 1, "tool": "msipctl 0.1.0", "files": [{"path": name}]}).to_string()
}

/// Checks that the token is nowhere but in its file.
#[track_caller]
fn check_token(folder: &Folder) {
    for (path, bytes) in folder.files_below("") {
        let is_token = path.ends_with("token.txt");
        assert!(is_token || !String::from_utf8_lossy(&bytes).contains(TOKEN), "{}", path.display());
    }
}

#[test]
fn reports_are_uploaded_below_a_folder_url() {
    let folder = folder();
    let server = Server::new(&[]);
    let url = server.url("/in box/");
    let push = ["report", "push", &url.replace(' ', "%20"), "reports", "--token-file", "token.txt"];
    let pushed = run(&folder, &push, 0);
    assert!(pushed.out().contains("2 reports: 2 sent, 0 spooled"), "{}", pushed.out());
    let requests = server.requests();
    let lines: Vec<_> = requests.iter().map(|request| request.line.as_str()).collect();
    assert_eq!(lines, ["PUT /in%20box/desk-1-ann.json", "PUT /in%20box/desk-2-ben.json"]);
    assert_eq!(requests[0].body, report("desk-1-ann"));
    let authorization = format!("Bearer {TOKEN}");
    for request in &requests {
        assert_eq!(request.header("authorization"), Some(authorization.as_str()));
        assert_eq!(request.header("content-type"), Some("application/json"));
        assert!(request.header("user-agent").unwrap().starts_with("msipctl/"));
    }
    let keys: Vec<_> = requests.iter().map(|request| request.header("idempotency-key")).collect();
    assert!(keys[0].is_some() && keys[0] != keys[1]);
    assert_eq!(folder.files_below(SPOOL), []);
    assert!(!String::from_utf8_lossy(&pushed.everything()).contains(TOKEN));
    check_token(&folder);
}

#[test]
fn temporary_failures_are_retried() {
    let folder = folder();
    let server = Server::new(&["503 Busy\r\nRetry-After: 0", "429 Slow\r\nRetry-After: 0"]);
    let pushed = run(
        &folder,
        &["report", "push", &server.url("/r"), "reports/desk-1-ann.json", "--format", "json"],
        0,
    );
    let document = pushed.json();
    let report = format!("reports{}desk-1-ann.json", '/');
    assert_eq!(document["reports"][0]["report"], report);
    assert_eq!(document["reports"][0]["state"], "sent");
    let summary = json!({"reports": 1, "sent": 1, "spooled": 0, "rejected": 0, "failed": 0});
    assert_eq!(document["summary"], summary);
    let requests = server.requests();
    assert_eq!(requests.len(), 3);
    assert_eq!(requests[0].line, "POST /r");
    assert!(requests.iter().all(|request| *request == requests[0]));
}

#[test]
fn unreachable_server_loses_nothing() {
    let folder = folder();
    let gone = format!("http://{}/r", unused());
    let push = ["report", "push", &gone, "reports", "--retries", "0"];
    let failed = run(&folder, &push, 2);
    assert!(failed.out().contains("2 reports: 0 sent, 2 spooled"), "{}", failed.out());
    assert!(failed.err().contains("in the spool"), "{}", failed.err());
    assert_eq!(folder.files_below(SPOOL).len(), 2);
    // The original reports aren't needed anymore.
    std::fs::remove_dir_all(folder.file("reports")).unwrap();
    run(&folder, &["report", "push", &gone, "--retries", "0"], 2);
    assert_eq!(folder.files_below(SPOOL).len(), 2);
    // Another URL leaves them alone.
    let other = Server::new(&[]);
    let none = run(&folder, &["report", "push", &other.url("/r")], 0);
    assert!(none.out().contains("0 reports"), "{}", none.out());
    assert_eq!(other.requests(), []);
}

#[test]
fn spooled_reports_are_sent_oldest_first_by_the_next_run() {
    let folder = folder();
    let server = Server::new(&["500 No", "500 No"]);
    let url = server.url("/r");
    let push = |file: &str, code| {
        run(&folder, &["report", "push", &url, file, "--retries", "0"], code);
    };
    push("reports/desk-1-ann.json", 2);
    push("reports/desk-2-ben.json", 2);
    run(&folder, &["report", "push", &url], 0);
    let bodies: Vec<_> = server.requests().into_iter().map(|request| request.body).collect();
    let (ann, ben) = (report("desk-1-ann"), report("desk-2-ben"));
    // After a failure, later reports aren't tried.
    assert_eq!(bodies, [ann.clone(), ann.clone(), ann, ben]);
    assert_eq!(folder.files_below(SPOOL), []);
}

#[test]
fn rejected_report_is_kept_apart_and_does_not_block_others() {
    let folder = folder();
    let server = Server::new(&["422 Invalid"]);
    let pushed = run(&folder, &["report", "push", &server.url("/r"), "reports"], 4);
    assert!(pushed.out().contains("1 sent, 0 spooled, 1 rejected"), "{}", pushed.out());
    assert_eq!(server.requests().len(), 2);
    let kept = folder.files_below(SPOOL);
    assert_eq!(kept.len(), 1);
    assert!(kept[0].0.parent().unwrap().ends_with("rejected"), "{}", kept[0].0.display());
    assert!(String::from_utf8_lossy(&kept[0].1).contains("desk-1-ann"));
}

#[test]
fn refused_token_keeps_all_reports() {
    let folder = folder();
    for (status, reason) in [
        ("401 Unauthorized", "another token"),
        ("302 Found\r\nLocation: http://127.0.0.1:9/", "doesn't follow redirects"),
    ] {
        let server = Server::new(&[status]);
        let push = ["report", "push", &server.url("/r"), "reports", "--token-file", "token.txt"];
        let pushed = run(&folder, &push, 2);
        assert!(pushed.out().contains(reason), "{}", pushed.out());
        assert!(pushed.out().contains("2 spooled"), "{}", pushed.out());
        // It isn't tried again, and neither is the next report.
        assert_eq!(server.requests().len(), 1, "{status}");
        check_token(&folder);
    }
}

#[test]
fn other_files_are_never_sent() {
    let folder = folder();
    let server = Server::new(&[]);
    folder.write("MicroSIP.ini", "[Account1]\r\npassword=x\r\n");
    folder.write("other.json", json!({"schema_version": 1, "tool": "other 1.0"}).to_string());
    folder.write("truncated.json", &report("x")[..30]);
    folder.write("large.json", report(&"x".repeat(1_000_000)));
    for file in ["MicroSIP.ini", "other.json", "truncated.json", "large.json", "none.json"] {
        let pushed = run(&folder, &["report", "push", &server.url("/r"), file], 2);
        assert!(pushed.err().contains(file), "{}", pushed.err());
    }
    assert_eq!(server.requests(), []);
    // A broken report doesn't stop the others.
    folder.write("reports/broken.json", "{");
    let pushed = run(&folder, &["report", "push", &server.url("/r"), "reports"], 4);
    assert!(pushed.out().contains("2 sent, 0 spooled, 0 rejected, 1 failed"), "{}", pushed.out());
}

#[test]
fn token_is_not_sent_unencrypted_to_other_computers() {
    let folder = folder();
    let push = ["report", "push", "http://192.0.2.1/r", "reports", "--token-file", "token.txt"];
    let refused = run(&folder, &push, 2);
    assert!(refused.err().contains("sent unencrypted"), "{}", refused.err());
    assert_eq!(folder.files_below(SPOOL), []);
    for (token, reason) in [("", "invalid token"), ("two words", "invalid token")] {
        folder.write("token.txt", token);
        let server = Server::new(&[]);
        let push = ["report", "push", &server.url("/r"), "reports", "--token-file", "token.txt"];
        let refused = run(&folder, &push, 2);
        assert!(refused.err().contains(reason), "{}", refused.err());
        assert_eq!(server.requests(), []);
    }
}

#[cfg(not(windows))]
#[test]
fn https_shows_the_command_of_curl_instead() {
    let folder = folder();
    let url = "https://reports.example.com/in/?k='$(x)";
    let push = ["report", "push", url, "reports", "--token-file", "token.txt"];
    let refused = run(&folder, &push, 2);
    let hint = refused.err();
    assert!(hint.contains("only on Windows") && hint.contains("curl --fail"), "{hint}");
    assert!(!hint.contains("$(x)") && !hint.contains(TOKEN), "{hint}");
    assert_eq!(folder.files_below(SPOOL), []);
}

#[test]
fn empty_folder_and_unknown_urls_are_errors() {
    let folder = folder();
    std::fs::create_dir(folder.file("empty")).unwrap();
    let empty = run(&folder, &["report", "push", "http://127.0.0.1:9/r", "empty"], 2);
    assert!(empty.err().contains("no reports"), "{}", empty.err());
    for url in ["reports", "ftp://h/", "http://ann:x@h/", "http://127.1/"] {
        run(&folder, &["report", "push", url, "reports"], 2);
    }
}

#[test]
fn two_pushes_at_the_same_time_send_everything() {
    let folder = folder();
    let server = Server::new(&[]);
    let url = server.url("/r");
    let push = |file: &str| {
        let mut command = folder.command(&["report", "push", &url, file]);
        command.env("LOCALAPPDATA", folder.file("local")).spawn().unwrap()
    };
    let children =
        [push("reports/desk-1-ann.json"), push("reports/desk-2-ben.json"), push("reports")];
    for mut child in children {
        assert!(child.wait().unwrap().success());
    }
    let bodies: Vec<Value> = server
        .requests()
        .iter()
        .map(|request| serde_json::from_str(&request.body).unwrap())
        .collect();
    for name in ["desk-1-ann", "desk-2-ben"] {
        assert_eq!(bodies.iter().filter(|body| body["files"][0]["path"] == name).count(), 2);
    }
    assert_eq!(folder.files_below(SPOOL), []);
}

/// Kills the program at each of its system calls, and then runs it again.
#[cfg(target_os = "linux")]
#[test]
fn killed_push_delivers_each_report_at_least_once() {
    use std::process::Command;

    use crate::runner::say;

    let strace = Command::new("strace").args(["-o", "/dev/null", "true"]).output();
    if !strace.is_ok_and(|output| output.status.success()) {
        assert!(std::env::var_os("CI").is_none(), "not run: strace can't trace");
        return say("not run: killed_push_delivers_each_report_at_least_once (strace can't trace)");
    }
    let mut kills = 0;
    // The calls that change the disk or the network, each with more times than it's made.
    for call in
        ["openat", "write", "fsync", "renameat", "unlinkat", "connect", "sendto", "recvfrom"]
    {
        for count in 1..40 {
            let folder = folder();
            let server = Server::new(&[]);
            let url = server.url("/r");
            let mut traced = Command::new("strace");
            traced.args(["-f", "-o", "/dev/null", "-e"]);
            traced.arg(format!("inject={call}:signal=KILL:when={count}"));
            traced.arg(env!("CARGO_BIN_EXE_msipctl"));
            traced.args(["report", "push", &url, "reports/desk-1-ann.json"]);
            traced.current_dir(folder.path()).env_clear().env("HOME", folder.path());
            traced.env("PATH", std::env::var_os("PATH").unwrap());
            let status = traced.output().unwrap().status;
            if status.success() {
                break;
            }
            kills += 1;
            // If the report reached neither the spool nor the server, its file is still there to be pushed.
            let spooled = || {
                let mut files = folder.files_below(SPOOL);
                // A killed write can leave a temporary file.
                files.retain(|(path, _)| {
                    !path.file_name().unwrap().to_string_lossy().starts_with('.')
                });
                files
            };
            let is_spooled = !spooled().is_empty();
            let has_arrived = !server.requests().is_empty();
            run(&folder, &["report", "push", &url], 0);
            let arrived = server.requests();
            assert_eq!(!arrived.is_empty(), is_spooled || has_arrived, "{call} {count}");
            assert!(arrived.iter().all(|it| it.body == report("desk-1-ann")), "{call} {count}");
            assert_eq!(spooled(), [], "{call} {count}");
        }
    }
    assert!(kills > 20, "{kills}");
}
