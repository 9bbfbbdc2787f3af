//! Configurations as DSC carries them out: what-if, set, again, test, an assertion, and export.

use serde_json::{Value, json};

use super::client::Client;
use crate::runner::Folder;

const VERSIONS: [&str; 3] = ["3.1", "3.2", "3.3"];

const INI: &str = "[Settings]\r\nAA=0\r\n[Account1]\r\nlabel=a\r\npassword=other\r\n";

fn resources(folder: &Folder) -> Vec<(&'static str, Value)> {
    let path = folder.file("MicroSIP.ini").display().to_string();
    let policy = "[Settings]\nsingleMode = \"0\"\n";
    folder.write("company.toml", "[Settings]\nDND = \"0\"\n");
    let file = folder.file("company.toml").display().to_string();
    vec![
        ("Setting", json!({ "path": path, "section": "Settings", "key": "AA", "value": "1" })),
        (
            "Setting",
            json!({ "path": path, "section": "Account1", "key": "password", "value": { "secureString": "S3CRET" } }),
        ),
        (
            "Setting",
            json!({ "path": path, "section": "Account1", "key": "label", "_exist": false }),
        ),
        (
            "Hook",
            json!({
                "path": path, "template": "call-log", "event": "call-end", "launcherIni": "none",
                "with": { "file": "C:\\calls.csv" }, "program": "C:\\msipctl\\msipctlw.exe", "force": true,
            }),
        ),
        ("Policy", json!({ "path": path, "policy": policy })),
        ("Policy", json!({ "path": path, "policyFile": file })),
    ]
}

#[test]
fn configuration_is_previewed_then_set_once_then_in_desired_state() {
    for version in VERSIONS {
        let folder = Folder::with(INI);
        let resources = resources(&folder);
        let client = Client::new(version);
        let before = folder.state();
        let what_if = client.config_set(&resources, true).unwrap();
        assert_eq!(before, folder.state(), "what-if writes nothing");
        let texts: Vec<_> =
            what_if.as_array().unwrap().iter().map(|it| &it["metadata"]["whatIf"]).collect();
        assert_eq!(
            texts,
            [
                &json!(["set Settings.AA: 0 -> 1"]),
                &json!(["set Account1.password: *** -> ***"]),
                &json!(["unset Account1.label"]),
                &json!(["add hook call-log on call-end"]),
                &json!(["set Settings.singleMode: (not set) -> 0"]),
                &json!(["set Settings.DND: (not set) -> 0"]),
            ]
        );
        let (_, is_fulfilled) = client.config_test(&resources).unwrap();
        assert!(!is_fulfilled);

        let set = client.config_set(&resources, false).unwrap();
        let changed = |set: &Value| -> Vec<Value> {
            let results = set.as_array().unwrap().iter();
            results.map(|it| it["result"]["changedProperties"].clone()).collect()
        };
        let expected = [
            json!(["value"]),
            json!(["value"]),
            json!(["_exist", "value"]),
            json!(["_exist"]),
            json!(["drift"]),
            json!(["drift"]),
        ];
        assert_eq!(changed(&set), expected);
        // What-if predicts what changes.
        assert_eq!(changed(&what_if), expected);
        let after = |index: usize| &set[index]["result"]["afterState"];
        assert_eq!(after(0)["value"], "1");
        assert_eq!((&after(1)["_exist"], after(1).get("value")), (&json!(true), None));
        assert_eq!(after(2)["_exist"], false);
        assert_eq!(after(4)["drift"], json!([]));
        let ini = String::from_utf8(folder.ini()).unwrap();
        for line in
            ["AA=1", "password=S3CRET", "OnCallEnd=Log,C:\\calls.csv", "singleMode=0", "DND=0"]
        {
            assert!(ini.lines().any(|it| it == line), "{line}: {ini}");
        }

        let before = folder.state();
        let again = client.config_set(&resources, false).unwrap();
        assert!(changed(&again).iter().all(|it| *it == json!([])), "{again:#}");
        assert_eq!(before, folder.state(), "a second set writes nothing");
        let (results, is_fulfilled) = client.config_test(&resources).unwrap();
        assert!(is_fulfilled, "{results:#?}");
        assert_eq!(results[1]["desiredState"]["value"], "<secureValue>");
    }
}

#[test]
fn instances_are_deleted_and_delete_is_previewed() {
    for version in VERSIONS {
        let folder = Folder::with(INI);
        let client = Client::new(version);
        let path = folder.file("MicroSIP.ini").display().to_string();
        let setting = json!({ "path": path, "section": "Settings", "key": "AA" });
        let what_if = client.delete("Setting", &setting, true).unwrap();
        match version {
            // DSC compares instead.
            "3.1" => assert_eq!(what_if["actualState"]["_exist"], true),
            _ => assert_eq!(what_if, json!(["unset Settings.AA"])),
        }
        assert_eq!(client.get("Setting", &setting).unwrap()["actualState"]["value"], "0");
        client.delete("Setting", &setting, false).unwrap();
        assert_eq!(client.get("Setting", &setting).unwrap()["actualState"]["_exist"], false);

        let (_, hook) = resources(&folder).remove(3);
        let unchanged = folder.ini();
        client.set("Hook", &hook, false).unwrap();
        assert_eq!(client.get("Hook", &hook).unwrap()["actualState"]["_exist"], true);
        client.delete("Hook", &hook, false).unwrap();
        assert_eq!(folder.ini(), unchanged);
    }
}

#[test]
fn hook_is_changed_if_its_parameters_differ() {
    let folder = Folder::with(INI);
    let client = Client::new("3.1");
    let (_, mut hook) = resources(&folder).remove(3);
    client.set("Hook", &hook, false).unwrap();
    hook["with"]["file"] = "C:\\other.csv".into();
    let test = client.test("Hook", &hook).unwrap();
    assert_eq!(test["differingProperties"], json!(["with"]));
    let set = client.set("Hook", &hook, false).unwrap();
    assert_eq!(set["changedProperties"], json!(["with"]));
    assert_eq!(client.test("Hook", &hook).unwrap()["inDesiredState"], true);
    hook["_exist"] = false.into();
    assert_eq!(client.test("Hook", &hook).unwrap()["differingProperties"], json!(["_exist"]));
    let set = client.set("Hook", &hook, false).unwrap();
    assert_eq!(set["changedProperties"], json!(["_exist"]));
    assert_eq!(set["afterState"]["_exist"], false);
}

#[test]
fn exported_instances_are_in_desired_state() {
    for version in VERSIONS {
        let folder = Folder::with(INI);
        let client = Client::new(version);
        let (_, hook) = resources(&folder).remove(3);
        client.set("Hook", &hook, false).unwrap();
        let filter = json!({ "path": hook["path"] });
        let settings = client.export("Setting", Some(&filter)).unwrap();
        let names: Vec<_> = settings.iter().map(|it| it["name"].as_str().unwrap()).collect();
        assert!(
            names.contains(&"Settings.AA") && names.contains(&"Account1.password"),
            "{names:?}"
        );
        for resource in &settings {
            let test = client.test("Setting", &resource["properties"]).unwrap();
            assert_eq!(test["inDesiredState"], true, "{resource}");
        }
        let hooks = client.export("Hook", Some(&filter)).unwrap();
        let [hook] = &hooks[..] else { panic!("{hooks:?}") };
        assert_eq!(hook["name"], "call-log on call-end");
        assert_eq!(hook["properties"]["template"], "call-log");
    }
}

#[test]
fn text_of_any_encoding_arrives_as_valid_json() {
    // A half of a surrogate pair can't be text.
    let mut ini = crate::runner::utf16("[Settings]\r\nAA=1\r\nringingSound=\u{1b}[31m\u{202e}ä🙂");
    ini.extend([0x00, 0xd8, b'\r', 0, b'\n', 0]);
    let folder = Folder::with(ini);
    let client = Client::new("3.1");
    let path = folder.file("MicroSIP.ini").display().to_string();
    let setting = json!({ "path": path, "section": "Settings", "key": "ringingSound" });
    let state = client.get("Setting", &setting).unwrap();
    assert_eq!(state["actualState"]["value"], "\u{1b}[31m\u{202e}ä🙂\u{fffd}");
    let seen = String::from_utf8(client.seen.borrow().clone()).unwrap();
    assert!(seen.contains("\\u001b[31m\\u202eä🙂"), "{seen}");
}

#[test]
fn blocked_change_has_exit_code_3_and_its_description() {
    let folder = Folder::with("[Settings]\r\ncmdCallEnd=C:\\other.exe\r\n");
    let client = Client::new("3.1");
    let (_, hook) = resources(&folder).remove(3);
    let failure = client.set("Hook", &hook, false).unwrap_err();
    assert_eq!(failure.code, 3);
    assert!(failure.description.starts_with("blocked: MicroSIP is running"), "{failure:?}");
    let [error] = &failure.log[..] else { panic!("{failure:?}") };
    assert!(error.contains("`cmdCallEnd` already has a command: C:\\other.exe"), "{error}");
    // For a comparison, it isn't an error.
    let test = client.test("Hook", &hook).unwrap();
    assert_eq!(test["differingProperties"], json!(["_exist"]));
}

#[cfg(not(windows))]
#[test]
fn export_without_a_path_finds_no_files_on_other_systems() {
    let client = Client::new("3.1");
    for name in ["Setting", "Hook"] {
        assert_eq!(client.export(name, None).unwrap(), [Value::Null; 0]);
        let log = String::from_utf8(client.seen.take()).unwrap();
        assert!(log.contains("can't detect MicroSIP.ini on this system"), "{log}");
        assert!(log.contains("set `path` to the full path of MicroSIP.ini"), "{log}");
    }
}
