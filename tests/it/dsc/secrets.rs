//! A planted secret, which no operation of any resource prints.

use serde_json::{Value, json};

use super::client::Client;
use super::golden::decoded;
use crate::runner::{Folder, utf16};

/// The secret, with characters that JSON escapes, and one that isn't ASCII.
const SECRET: &str = "S3CRET\\pä\"ss";

/// What the secret looks like in any output.
fn forms() -> Vec<Vec<u8>> {
    let quoted = Value::from(SECRET).to_string();
    let parts = [SECRET, quoted.trim_matches('"'), "S3CRET"];
    parts.iter().map(|part| part.as_bytes().to_vec()).collect()
}

#[track_caller]
fn check(client: &Client, what: &str) {
    let seen = client.seen.take();
    assert!(!seen.is_empty(), "{what} prints nothing");
    for form in forms() {
        let found = seen.windows(form.len()).any(|part| part == form);
        assert!(!found, "{what}: {}", String::from_utf8_lossy(&seen));
    }
}

fn secure() -> Value {
    json!({ "secureString": SECRET })
}

/// Carries out all operations twice: with drift, and then without.
fn all_operations(client: &Client, name: &str, desired: &Value) {
    let has_delete = client.manifest(name).get("delete").is_some();
    for is_set in [false, true] {
        let at = |operation: &str| format!("{operation} of {name}, set: {is_set}");
        client.get(name, desired).unwrap();
        check(client, &at("get"));
        let test = client.test(name, desired).unwrap();
        assert_eq!(test["inDesiredState"], is_set);
        check(client, &at("test"));
        client.set(name, desired, true).unwrap();
        check(client, &at("what-if"));
        if has_delete {
            client.delete(name, desired, true).unwrap();
            check(client, &at("delete what-if"));
            client.export(name, Some(&json!({ "path": desired["path"] }))).unwrap();
            let exported = client.seen.take();
            assert!(!exported.is_empty() || name == "Hook" && !is_set, "{}", at("export"));
            client.seen.borrow_mut().extend([b" ".to_vec(), exported].concat());
            check(client, &at("export"));
        }
        client.set(name, desired, false).unwrap();
        check(client, &at("set"));
    }
}

fn has_secret(folder: &Folder) -> bool {
    decoded(&folder.ini()).contains(SECRET)
}

#[test]
fn planted_secret_of_a_setting_is_never_printed() {
    for version in ["3.1", "3.3"] {
        let client = Client::new(version);
        let folder = Folder::with(utf16("[Settings]\r\nAA=0\r\n[Account1]\r\npassword=other\r\n"));
        let path = folder.file("MicroSIP.ini").display().to_string();
        for value in [secure(), SECRET.into()] {
            let desired =
                json!({ "path": path, "section": "Account1", "key": "password", "value": value });
            all_operations(&client, "Setting", &desired);
            assert!(has_secret(&folder));
            client.delete("Setting", &desired, false).unwrap();
            assert!(!has_secret(&folder));
        }
        // The key isn't always secret, but this value is.
        let desired =
            json!({ "path": path, "section": "Account1", "key": "label", "value": secure() });
        for is_what_if in [true, false, false] {
            client.get("Setting", &desired).unwrap();
            client.test("Setting", &desired).unwrap();
            client.set("Setting", &desired, is_what_if).unwrap();
        }
        check(&client, "a label");
        assert!(has_secret(&folder));
    }
}

#[test]
fn planted_secret_of_a_hook_is_never_printed() {
    for version in ["3.1", "3.3"] {
        let client = Client::new(version);
        let folder = Folder::with(utf16("[Settings]\r\nAA=0\r\n"));
        let path = folder.file("MicroSIP.ini").display().to_string();
        let file = "C:\\S3CRET.csv";
        let desired = json!({
            "path": path, "template": "call-log", "event": "call-end", "launcherIni": "none", "force": true,
            "with": { "file": { "secureString": file } },
        });
        all_operations(&client, "Hook", &desired);
        assert!(decoded(&folder.ini()).contains(file));
        // The directive contains the parameter.
        for key in ["OnCallEnd", "cmdCallEnd"] {
            let setting = json!({ "path": path, "section": "Settings", "key": key });
            client.get("Setting", &setting).unwrap();
            client.test("Setting", &setting).unwrap();
            client.delete("Setting", &setting, true).unwrap();
        }
        let all = client.export("Setting", Some(&json!({ "path": path }))).unwrap();
        assert!(all.iter().any(|it| it["name"] == "Settings.OnCallEnd"), "{all:?}");
        check(&client, "the directive");
        // A parameter that the template rejects.
        let mut invalid = desired.clone();
        invalid["with"]["file"]["secureString"] = SECRET.into();
        client.test("Hook", &invalid).unwrap_err();
        client.set("Hook", &invalid, false).unwrap_err();
        check(&client, "an invalid parameter");
    }
}

#[test]
fn planted_secret_of_a_policy_is_never_printed() {
    for version in ["3.1", "3.3"] {
        let client = Client::new(version);
        let policy = format!("[Settings]\nAA = \"1\"\n[Account1]\npassword = '{SECRET}'\n");
        let hook = "[Settings]\nAA = \"1\"\n[[hook]]\ntemplate = \"call-log\"\non = [\"call-end\"]\nwith = { file = 'C:\\S3CRET.csv' }\n";
        for (policy, is_hook) in [
            (Value::from(policy.clone()), false),
            (json!({ "secureString": policy }), false),
            (json!({ "secureString": hook }), true),
        ] {
            let folder = Folder::with(utf16("[Settings]\r\nAA=0\r\n[Account1]\r\nlabel=a\r\n"));
            let path = folder.file("MicroSIP.ini").display().to_string();
            all_operations(
                &client,
                "Policy",
                &json!({ "path": path, "policy": policy, "force": true }),
            );
            let ini = decoded(&folder.ini());
            assert!(ini.contains(if is_hook { "C:\\S3CRET.csv" } else { SECRET }), "{ini}");
        }
    }
}

#[test]
fn secrets_of_an_invalid_state_are_not_repeated() {
    let client = Client::new("3.1");
    let folder = Folder::with(utf16("[Settings]\r\nAA=0\r\n"));
    let path = folder.file("MicroSIP.ini").display().to_string();
    let secure = |text: &str| json!({ "secureString": text });
    for (section, key, value) in [
        ("Settings", "autoAnswer", secure(SECRET)),
        ("Account1", "password", secure(&format!("{SECRET}\n"))),
        ("Account1", "password", secure(&"S3CRET".repeat(9000))),
    ] {
        let desired = json!({ "path": path, "section": section, "key": key, "value": value });
        // For `test`, a secret that can't be used isn't verified.
        let _ = client.test("Setting", &desired);
        client.set("Setting", &desired, true).unwrap_err();
        client.set("Setting", &desired, false).unwrap_err();
        check(&client, key);
    }
}
