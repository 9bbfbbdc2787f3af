//! Many state documents on files of each kind: states, schema, and what check mode leaves alone.

use std::fmt::Write as _;

use serde_json::{Value, json};

use super::{PROGRAM, carry_out, parsed};
use crate::runner::{Folder, utf16};
use msipctl_core::engine::{EngineResult, Operation, result_schema};
use msipctl_core::store::{self, LockOptions};

const INI: &str = "; desk\r\n[Settings]\r\nAA=0\r\nsingleMode=1\r\naccountId=1\r\n[Account1]\r\nlabel=K\u{e4}the\r\n\
                   password=old-one\r\n[Account2]\r\nlabel=x\r\n";

/// The kinds of files, in the columns of the table.
const KINDS: [&str; 6] = ["utf-16", "ansi", "utf-8-bom", "missing", "read-only", "locked"];

fn folder_of(kind: &str) -> Folder {
    match kind {
        "missing" => Folder::new(),
        "ansi" => {
            let bytes = INI.chars().map(|character| u8::try_from(u32::from(character)).unwrap());
            Folder::with(bytes.collect::<Vec<_>>())
        }
        "utf-8-bom" => Folder::with(format!("\u{feff}{INI}")),
        _ => Folder::with(utf16(INI)),
    }
}

fn documents() -> Vec<(&'static str, Value)> {
    let setting = |section: &str, key: &str, value: Value| json!({ "settings": [{ "section": section, "key": key, "value": value }] });
    let absent = |section: &str, key: Value| json!({ "settings": [{ "section": section, "key": key, "state": "absent" }] });
    let hook = |hook: Value| json!({ "hooks": [hook], "options": { "program": PROGRAM } });
    let purge = |purge: Value| json!({ "purge": purge });
    let policy = |text: &str| json!({ "policy": { "text": text } });
    vec![
        ("same value", setting("Settings", "AA", json!("0"))),
        ("other value", setting("Settings", "AA", json!("1"))),
        ("boolean", setting("settings", "aa", json!(true))),
        ("integer", setting("Settings", "sourcePort", json!(5070))),
        ("empty value", setting("Account1", "label", json!(""))),
        ("non-ASCII value", setting("Account1", "label", json!("Żółw"))),
        ("new section", setting("Account3", "label", json!("new"))),
        (
            "raw value",
            json!({ "settings": [
                { "section": "Account1", "key": "label", "value": "\"quoted\"", "raw": true },
            ]}),
        ),
        ("invalid value", setting("Settings", "AA", json!("7"))),
        (
            "forced value",
            json!({
                "settings": [{ "section": "Settings", "key": "AA", "value": "7" }],
                "options": { "force": true },
            }),
        ),
        ("unknown key", setting("Settings", "singelMode", json!("1"))),
        ("absent key", absent("Settings", json!("singleMode"))),
        ("absent missing key", absent("Settings", json!("DND"))),
        ("absent section", absent("Account2", json!(null))),
        (
            "secret",
            json!({ "settings": [
                { "section": "Account1", "key": "password", "secret": { "value": "hunter2-hunter2" } },
            ]}),
        ),
        (
            "missing secret",
            json!({ "settings": [
                { "section": "Account1", "key": "password", "secret": { "env": "MSIPCTL_TEST_MISSING" } },
            ]}),
        ),
        (
            "hook",
            hook(
                json!({ "template": "send-message", "on": ["call-end"], "with": { "window": "A" } }),
            ),
        ),
        (
            "hook on all events",
            hook(json!({ "template": "call-log", "with": { "file": "C:\\c.csv" } })),
        ),
        (
            "secret hook",
            hook(json!({
                "template": "http-event", "on": ["call-end"], "with": { "url": "https://a.example/t0k3n-t0k3n" }, "secret_with": ["url"],
            })),
        ),
        ("unknown template", hook(json!({ "template": "no-such-template" }))),
        ("hook without parameter", hook(json!({ "template": "send-message" }))),
        ("absent hook", hook(json!({ "template": "send-message", "state": "absent" }))),
        ("policy", policy("[Settings]\nAA = 1\n")),
        ("policy in sync", policy("[Settings]\nsingleMode = 1\n")),
        ("invalid policy", policy("[Settings\n")),
        ("constraint", policy("[Settings]\nAA = { one_of = [1] }\n")),
        (
            "policy with hook",
            policy(&format!(
                "[[hook]]\ntemplate = \"send-message\"\non = \"call-end\"\nwith = {{ window = \"A\" }}\nmsipctl = '{PROGRAM}'\n"
            )),
        ),
        ("purge keys", purge(json!({ "keys": ["Settings"] }))),
        ("purge active account", purge(json!({ "accounts": true }))),
        (
            "create",
            json!({
                "settings": [{ "section": "Settings", "key": "AA", "value": "1" }],
                "options": { "create": true, "backup": false },
            }),
        ),
    ]
}

/// Returns the state, or the kind of the error.
fn shown(result: &EngineResult) -> String {
    let state = parsed(&result.to_line())["state"].as_str().unwrap().to_owned();
    match &result.error {
        Some(error) => {
            parsed(&msipctl_core::engine::line(error))["kind"].as_str().unwrap().to_owned()
        }
        None => format!("{state}{}", if result.in_desired_state == Some(false) { "!" } else { "" }),
    }
}

#[test]
fn every_document_has_a_valid_result_on_every_file() {
    let validator = jsonschema::validator_for(&result_schema()).unwrap();
    let mut table = format!("{:24}", "set");
    KINDS.iter().for_each(|kind| write!(table, "{kind:14}").unwrap());
    for (name, document) in documents() {
        write!(table, "\n{name:24}").unwrap();
        for kind in KINDS {
            let folder = folder_of(kind);
            let path = folder.file("MicroSIP.ini");
            let mut document = document.clone();
            if kind == "read-only" {
                let mut permissions = std::fs::metadata(&path).unwrap().permissions();
                permissions.set_readonly(true);
                std::fs::set_permissions(&path, permissions).unwrap();
            }
            let locked = (kind == "locked").then(|| {
                if document.get("options").is_none() {
                    document["options"] = json!({});
                }
                document["options"]["lock_timeout"] = json!(0);
                store::lock(&path, &LockOptions::default()).unwrap()
            });
            let before = folder.state();
            let bytes = std::fs::read(&path).ok();
            let valid = |result: &EngineResult| {
                let result = parsed(&result.to_line());
                let errors: Vec<_> =
                    validator.iter_errors(&result).map(|error| error.to_string()).collect();
                assert!(errors.is_empty(), "{name}, {kind}: {errors:?}\n{result:#}");
            };
            for operation in [Operation::Get, Operation::Test] {
                valid(&carry_out(&folder, operation, document.clone()));
            }
            let mut check = document.clone();
            check["check"] = json!(true);
            check["diff"] = json!(true);
            let check = carry_out(&folder, Operation::Set, check);
            valid(&check);
            assert!(folder.state() == before, "{name}, {kind}: check mode touched the disk");

            let set = carry_out(&folder, Operation::Set, document.clone());
            valid(&set);
            write!(table, "{:14}", shown(&set)).unwrap();
            drop(locked);
            if set.error.is_some() {
                assert_eq!(std::fs::read(&path).ok(), bytes, "{name}, {kind}");
                continue;
            }
            assert_eq!(check.changes, set.changes, "{name}, {kind}");
            assert_eq!(check.hooks, set.hooks, "{name}, {kind}");
            let after = folder.state();
            let again = carry_out(&folder, Operation::Set, document.clone());
            assert_eq!(shown(&again).trim_end_matches('!'), "unchanged", "{name}, {kind}");
            let test = carry_out(&folder, Operation::Test, document);
            assert_eq!(test.in_desired_state, set.in_desired_state, "{name}, {kind}");
            assert!(folder.state() == after, "{name}, {kind}: a second run touched the disk");
        }
    }
    let table: Vec<_> = table.lines().map(str::trim_end).collect();
    insta::assert_snapshot!(table.join("\n"), @"
    set                     utf-16        ansi          utf-8-bom     missing       read-only     locked
    same value              unchanged     unchanged     unchanged     runtime       unchanged     unchanged
    other value             changed       changed       changed       runtime       precondition  precondition
    boolean                 changed       changed       changed       runtime       precondition  precondition
    integer                 changed       changed       changed       runtime       precondition  precondition
    empty value             changed       changed       changed       runtime       precondition  precondition
    non-ASCII value         changed       changed       changed       runtime       precondition  precondition
    new section             changed       changed       changed       runtime       precondition  precondition
    raw value               changed       changed       changed       runtime       precondition  precondition
    invalid value           usage         usage         usage         usage         usage         usage
    forced value            changed       changed       changed       runtime       precondition  precondition
    unknown key             usage         usage         usage         usage         usage         usage
    absent key              changed       changed       changed       unchanged     precondition  precondition
    absent missing key      unchanged     unchanged     unchanged     unchanged     unchanged     unchanged
    absent section          changed       changed       changed       unchanged     precondition  precondition
    secret                  changed       changed       changed       runtime       precondition  precondition
    missing secret          usage         usage         usage         usage         usage         usage
    hook                    changed       changed       changed       runtime       precondition  precondition
    hook on all events      changed       changed       changed       runtime       precondition  precondition
    secret hook             changed       changed       changed       runtime       precondition  precondition
    unknown template        usage         usage         usage         usage         usage         usage
    hook without parameter  usage         usage         usage         usage         usage         usage
    absent hook             unchanged     unchanged     unchanged     unchanged     unchanged     unchanged
    policy                  changed       changed       changed       runtime       precondition  precondition
    policy in sync          unchanged     unchanged     unchanged     runtime       unchanged     unchanged
    invalid policy          usage         usage         usage         usage         usage         usage
    constraint              unchanged!    unchanged!    unchanged!    unchanged!    unchanged!    unchanged!
    policy with hook        changed       changed       changed       runtime       precondition  precondition
    purge keys              changed       changed       changed       unchanged     precondition  precondition
    purge active account    usage         usage         usage         unchanged     usage         usage
    create                  changed       changed       changed       changed       precondition  precondition
    ");
}
