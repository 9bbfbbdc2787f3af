//! `if_running: defer` of engines.

use serde_json::{Value, json};

use super::{status, text, world};
use crate::runner::{Folder, PENDING, locked};

/// Sets a state while another msipctl writes the file.
#[track_caller]
fn set(folder: &Folder, settings: &Value, code: i32) -> Value {
    let document = json!({
        "path": folder.file("MicroSIP.ini"),
        "settings": settings,
        "options": { "if_running": "defer", "lock_timeout": 0 },
    });
    let lock = locked(folder, "MicroSIP.ini");
    folder.write("state.json", document.to_string());
    let input = std::fs::File::open(folder.file("state.json")).unwrap();
    let run = folder.run_as(&["engine", "set"], |command| {
        command.stdin(input.try_clone().unwrap()).env("SIP_PASSWORD", "hunter2");
    });
    drop(lock);
    run.code(code).json()
}

#[test]
#[cfg_attr(windows, ignore = "msipctlw makes the change as soon as the file is free")]
fn blocked_change_is_queued_once_and_made_later() {
    let folder = world("");
    let settings = json!([{ "section": "Settings", "key": "AA", "value": "1" }]);
    let before = text(&folder);
    let first = set(&folder, &settings, 0);
    assert_eq!((&first["state"], &first["pending"]["is_new"]), (&json!("queued"), &json!(true)));
    assert_eq!((&first["changes"][0]["after"], &first["error"]), (&json!("1"), &Value::Null));
    let again = set(&folder, &settings, 0);
    assert_eq!(again["pending"]["run"], first["pending"]["run"]);
    assert_eq!(again["pending"]["is_new"], false);
    assert_eq!((text(&folder), status(&folder, 0).len()), (before, 1));

    folder.run(&["apply", "--pending"]).code(0);
    assert!(text(&folder).contains("AA=1\r\n"));
    assert!(status(&folder, 0).is_empty());
}

#[test]
#[cfg_attr(windows, ignore = "msipctlw makes the change as soon as the file is free")]
fn secret_is_queued_only_if_it_can_be_read_later() {
    let folder = world("");
    folder.write("secret.txt", "hunter2\n");
    let secret =
        |source: Value| json!([{ "section": "Account1", "key": "password", "secret": source }]);
    for source in [json!({ "value": "hunter2" }), json!({ "env": "SIP_PASSWORD" })] {
        let result = set(&folder, &secret(source), 3);
        assert!(!result.to_string().contains("hunter2"));
        assert_eq!(result["state"], "failed");
        let message = result["error"]["message"].as_str().unwrap();
        assert!(message.starts_with("can't defer `Account1.password`: "), "{message}");
    }
    assert!(status(&folder, 0).is_empty());

    let queued = set(&folder, &secret(json!({ "file": folder.file("secret.txt") })), 0);
    assert_eq!(queued["state"], "queued");
    for entry in std::fs::read_dir(folder.file(PENDING)).unwrap() {
        let bytes = std::fs::read(entry.unwrap().path()).unwrap();
        assert!(!String::from_utf8_lossy(&bytes).contains("hunter2"));
    }
    folder.run(&["apply", "--pending"]).code(0);
    assert!(text(&folder).contains("password=hunter2\r\n"));
}
