//! A MicroSIP that runs: the stand-in of `running`.

use serde_json::json;

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
