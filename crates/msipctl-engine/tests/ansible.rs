//! The small program as Ansible starts it: with the path of a file that contains the arguments of a module.

#![expect(clippy::unwrap_used, reason = "a test that can't continue must stop")]
#![expect(clippy::disallowed_methods, reason = "tests make files and start the program")]

use std::path::Path;
use std::process::{Command, Output};

use serde_json::{Value, json};

const SECRET: &str = "S3CR3T-pässwörd";

/// Starts the program with a file that contains this.
fn run(folder: &Path, arguments: &[u8]) -> Output {
    let file = folder.join("args");
    std::fs::write(&file, arguments).unwrap();
    Command::new(env!("CARGO_BIN_EXE_msipctl-engine")).arg(&file).output().unwrap()
}

/// Runs a module, and returns its reply.
fn reply(folder: &Path, module: &str, mut arguments: Value) -> Value {
    arguments["_ansible_module_name"] = format!("msipctl.microsip.{module}").into();
    let output = run(folder, arguments.to_string().as_bytes());
    let text = String::from_utf8(output.stdout).expect("Ansible rejects invalid UTF-8");
    assert!(output.stderr.is_empty(), "{}", String::from_utf8_lossy(&output.stderr));
    assert!(text.ends_with("}\n") && text.lines().count() == 1, "{text}");
    assert!(!text.contains("S3CR3T"), "{text}");
    let reply: Value = serde_json::from_str(&text).unwrap();
    assert_eq!(reply.get("rc"), None, "Ansible treats `rc` as a failure");
    assert_eq!(output.status.code(), Some(i32::from(reply["failed"] == true)));
    reply
}

#[test]
fn module_previews_changes_and_then_changes_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let ini = folder.path().join("MicroSIP.ini");
    // UTF-16LE with a lone surrogate, as a damaged file has it.
    let text = "\u{feff}[Settings]\r\nAA=0\r\n[X]\r\na=";
    let mut units: Vec<u16> = text.encode_utf16().collect();
    units.push(0xd800);
    let bytes: Vec<u8> = units.into_iter().flat_map(u16::to_le_bytes).collect();
    std::fs::write(&ini, &bytes).unwrap();
    let arguments = json!({
        "path": ini,
        "section": "Settings", "key": "AA", "value": true,
        "account": { "domain": "sip.example.com", "username": "204", "password": SECRET },
        "_ansible_diff": true,
    });
    let mut check = arguments.clone();
    check["_ansible_check_mode"] = true.into();
    let preview = reply(folder.path(), "microsip_ini", check);
    assert_eq!((&preview["changed"], &preview["state"]), (&true.into(), &"would_change".into()));
    assert_eq!(std::fs::read(&ini).unwrap(), bytes, "check mode writes nothing");
    let diff = preview["diff"][0]["prepared"].as_str().unwrap();
    assert!(diff.contains("\n-AA=0\n+AA=1\n") && diff.contains("+password=***\n"), "{diff}");
    let changed = reply(folder.path(), "microsip_ini", arguments.clone());
    assert_eq!((&changed["changed"], &changed["state"]), (&true.into(), &"changed".into()));
    assert_eq!(changed["msg"], "changed 4 keys");
    assert!(changed["backup"].is_string() && changed["run"].is_string(), "{changed}");
    let again = reply(folder.path(), "microsip_ini", arguments);
    assert_eq!((&again["changed"], &again["state"]), (&false.into(), &"unchanged".into()));
    assert_eq!(again.get("diff"), None);
    let info = reply(folder.path(), "microsip_info", json!({ "path": ini }));
    let file = &info["ansible_facts"]["microsip"]["files"][0];
    assert_eq!(file["settings"]["Account1"]["password"], "***");
    assert_eq!(file["settings"]["X"]["a"], "\u{fffd}");
}

#[test]
fn audit_reports_drift_and_verifies_the_rest_without_a_secret() {
    let folder = tempfile::tempdir().unwrap();
    let ini = folder.path().join("MicroSIP.ini");
    std::fs::write(&ini, format!("[Settings]\nAA=0\n[Account1]\npassword={SECRET}\n")).unwrap();
    let policy =
        "[Settings]\nAA = 1\n[Account1]\npassword = { env = 'MSIPCTL_NO_SUCH_VARIABLE' }\n";
    let audit = json!({ "path": ini, "policy": policy });
    let answer = reply(folder.path(), "microsip_audit", audit.clone());
    assert_eq!(answer["changed"], false);
    assert_eq!(answer["in_sync"], false);
    assert_eq!(answer["msg"], "the file differs from the policy");
    let file = &answer["files"][0];
    assert_eq!(file["drift"][0]["key"], "AA");
    assert_eq!(file["missing_secrets"][0]["key"], "password");
    let mut strict = audit;
    strict["fail_on_drift"] = true.into();
    assert_eq!(reply(folder.path(), "microsip_audit", strict)["failed"], true);
    let policy = format!("[Account1]\npassword = '{SECRET}x'\n");
    let wrong = reply(folder.path(), "microsip_audit", json!({ "path": ini, "policy": policy }));
    assert_eq!(wrong["files"][0]["drift"][0]["expected"], "***");
}

#[test]
fn errors_never_repeat_a_secret() {
    let folder = tempfile::tempdir().unwrap();
    let ini = folder.path().join("MicroSIP.ini");
    std::fs::write(&ini, "[Settings]\nAA=0\n").unwrap();
    let hook = json!({
        "template": "send-message", "events": ["call-end"],
        "with": { "window": "A", "payload": SECRET, "unknown": SECRET }, "secret_with": ["payload"],
    });
    for arguments in [
        json!({ "path": "MicroSIP.ini", "account": { "password": SECRET } }),
        json!({ "path": ini, "policy": format!("[Account1]\npassword = '{SECRET}") }),
        json!({ "path": ini, "policy": format!("[Account1]\npassword = {SECRET}") }),
        json!({ "path": ini, "policy": format!("[Account1]\npasswrd = '{SECRET}'") }),
        json!({ "path": ini, "account": { "password": format!("{SECRET}\nAA=1") } }),
        json!({ "path": ini, "settings": [
            { "section": "Settings", "key": "autoAnswer", "secret": { "value": SECRET } },
        ] }),
        json!({ "path": ini, "hooks": [hook] }),
    ] {
        let answer = reply(folder.path(), "microsip_ini", arguments.clone());
        assert_eq!(answer["failed"], true, "{arguments}: {answer}");
        assert!(answer["msg"].as_str().is_some_and(|it| !it.is_empty()), "{answer}");
    }
}

#[test]
fn file_without_the_arguments_of_a_module_prints_usage() {
    let folder = tempfile::tempdir().unwrap();
    for text in ["", "{", "[]", "{}", "1", r#"{"_ansible_module_name":1}"#, "\u{0}"] {
        let output = run(folder.path(), text.as_bytes());
        assert_eq!((output.status.code(), output.stdout.len()), (Some(2), 0), "{text:?}");
    }
}
