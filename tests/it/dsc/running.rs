//! A MicroSIP that runs: the stand-in of `running`.

use serde_json::{Value, json};

use super::client::Client;
use crate::running::Desk;

#[test]
fn running_microsip_blocks_set_until_if_running_handles_it() {
    let Some(desk) = Desk::new("MicroSIP") else { return };
    desk.start(&[]);
    let client = Client::new("3.1");
    let path = desk.folder.file("MicroSIP.ini").display().to_string();
    let mut desired = json!({ "path": path, "section": "Settings", "key": "AA", "value": "1" });
    // What only reads doesn't ask MicroSIP.
    assert_eq!(client.test("Setting", &desired).unwrap()["inDesiredState"], false);
    let what_if = client.set("Setting", &desired, true).unwrap();
    assert_eq!(what_if["changedProperties"], json!(["value"]));
    let failure = client.set("Setting", &desired, false).unwrap_err();
    assert_eq!(failure.code, 3);
    assert!(failure.description.starts_with("blocked: MicroSIP is running"), "{failure:?}");
    let [error] = &failure.log[..] else { panic!("{failure:?}") };
    assert!(error.contains("MicroSIP.ini: file is in use by MicroSIP (process "), "{error}");
    assert!(error.contains("set `ifRunning` to `exit`"), "{error}");
    assert_eq!(desk.trace(), ["start"]);

    desired["ifRunning"] = "exit".into();
    let set = client.set("Setting", &desired, false).unwrap();
    assert_eq!(set["afterState"]["value"], "1");
    // Nothing has the old state in its memory.
    assert_eq!(set["afterState"].get("_restartRequired"), None);
    desk.until("it exited", || desk.count("exit") == 1);
}

#[test]
fn deferred_change_asks_for_a_restart_and_is_made_after_microsip_exits() {
    let Some(desk) = Desk::new("MicroSIP") else { return };
    desk.start(&[]);
    let client = Client::new("3.1");
    let path = desk.folder.file("MicroSIP.ini").display().to_string();
    let desired = json!({
        "path": path, "section": "Settings", "key": "AA", "value": "1", "ifRunning": "defer",
    });
    let set = client.set("Setting", &desired, false).unwrap();
    // The state as it will be, as for a change that needs a restart of the computer.
    let after = &set["afterState"];
    assert_eq!((&after["value"], &set["changedProperties"]), (&json!("1"), &json!(["value"])));
    assert_eq!(after["_restartRequired"][0]["process"]["name"], "MicroSIP.exe");
    assert_eq!(client.test("Setting", &desired).unwrap()["inDesiredState"], false);
    assert!(desk.ini().contains("AA=0"), "{}", desk.ini());

    desk.end();
    desk.until("the change is made", || desk.ini().contains("AA=1"));
    let test = client.test("Setting", &desired).unwrap();
    assert_eq!(test["inDesiredState"], true);
    assert_eq!(test["actualState"].get("_restartRequired").unwrap_or(&Value::Null), &Value::Null);
}
