//! Manifests, compared with the fields that each version of DSC knows.

use serde_json::{Value, json};

use super::client::{Client, is_allowed};
use crate::runner::Folder;

/// The fields of each version, as paths: `[]` is any element of a list. DSC drops a manifest with another one.
const FIELDS: [(&str, &[&str]); 3] = [
    (
        "3.1",
        &[
            "$schema",
            "type",
            "kind",
            "version",
            "description",
            "tags",
            "tags.[]",
            "get",
            "get.executable",
            "get.args",
            "get.args.[]",
            "get.input",
            "set",
            "set.executable",
            "set.args",
            "set.args.[]",
            "set.input",
            "set.implementsPretest",
            "set.handlesExist",
            "set.return",
            "whatIf",
            "whatIf.executable",
            "whatIf.args",
            "whatIf.args.[]",
            "whatIf.input",
            "whatIf.implementsPretest",
            "whatIf.handlesExist",
            "whatIf.return",
            "test",
            "test.executable",
            "test.args",
            "test.args.[]",
            "test.input",
            "test.return",
            "delete",
            "delete.executable",
            "delete.args",
            "delete.args.[]",
            "delete.input",
            "export",
            "export.executable",
            "export.args",
            "export.args.[]",
            "export.input",
            "exitCodes",
            "exitCodes.0",
            "exitCodes.2",
            "exitCodes.3",
            "schema",
            "schema.embedded",
        ],
    ),
    (
        "3.2",
        &[
            "condition",
            "deprecationMessage",
            "set.args.[].whatIfArg",
            "set.whatIfReturns",
            "set.requireSecurityContext",
            "delete.args.[].whatIfArg",
        ],
    ),
    ("3.3", &["export.supportsFiltering", "export.schema"]),
];

/// Returns the fields that a version knows: its own, and those of the older ones.
fn known(version: &str) -> Vec<&'static str> {
    let older = FIELDS.iter().take_while(|(of, _)| *of <= version);
    older.flat_map(|(_, fields)| fields.iter().copied()).collect()
}

/// Returns the fields of a manifest that a version doesn't know. A schema can have any fields.
fn unknown(manifest: &Value, version: &str) -> Vec<String> {
    fn add(value: &Value, path: &str, found: &mut Vec<String>) {
        let below = |name: &str| {
            if path.is_empty() { name.to_owned() } else { format!("{path}.{name}") }
        };
        match value {
            _ if path == "schema.embedded" => {}
            Value::Object(fields) => {
                for (name, value) in fields {
                    found.push(below(name));
                    add(value, &below(name), found);
                }
            }
            Value::Array(items) => {
                for item in items {
                    found.push(below("[]"));
                    add(item, &below("[]"), found);
                }
            }
            _ => {}
        }
    }
    let mut found = Vec::new();
    add(manifest, "", &mut found);
    assert!(found.len() > 20, "{found:?}");
    let known = known(version);
    found.retain(|field| !known.contains(&field.as_str()));
    found
}

fn manifests(version: &str) -> Vec<Value> {
    let run = Folder::new().run(&["dsc", "manifest", "--for", version]).code(0);
    run.json().as_array().unwrap().clone()
}

#[test]
fn manifests_contain_only_fields_that_the_version_knows() {
    for version in ["3.0", "3.1", "3.1.3", "3.2", "3.3", "3.4.0-preview.1"] {
        let known = match version {
            "3.0" | "3.1.3" => "3.1",
            "3.4.0-preview.1" => "3.3",
            version => version,
        };
        let manifests = manifests(version);
        assert_eq!(manifests.len(), 3);
        for manifest in manifests {
            assert_eq!(unknown(&manifest, known), [""; 0], "{version}: {}", manifest["type"]);
        }
    }
    // What newer versions have, older ones don't know.
    let newer = |version: &str, of: &str| unknown(&manifests(version)[0], of);
    assert_eq!(
        newer("3.2", "3.1"),
        ["delete.args.[].whatIfArg", "set.args.[].whatIfArg", "set.whatIfReturns"]
    );
    assert_eq!(newer("3.3", "3.2"), ["export.supportsFiltering"]);
    assert_eq!(newer("3.4", "3.1").len(), 4);
}

#[test]
fn unknown_fields_of_a_manifest_are_found() {
    let mut manifest = manifests("3.1").remove(0);
    manifest["set"]["whatIfReturns"] = "stateAndDiff".into();
    manifest["colour"] = "red".into();
    assert_eq!(unknown(&manifest, "3.1"), ["colour", "set.whatIfReturns"]);
    assert_eq!(unknown(&manifest, "3.2"), ["colour"]);
}

#[test]
fn default_manifests_are_those_for_the_oldest_version() {
    let folder = Folder::new();
    assert_eq!(folder.run(&["dsc", "manifest"]).code(0).json(), Value::from(manifests("3.1")));
    for manifest in manifests("3.1") {
        assert!(manifest["whatIf"].is_object(), "{manifest}");
        assert!(manifest["set"]["args"].as_array().unwrap().iter().all(Value::is_string));
    }
    let run = folder.run(&["dsc", "manifest", "--for", "3.9"]).code(2);
    assert!(run.err().contains("expected a DSC version from `3.0` to `3.4`"), "{}", run.err());
}

#[test]
fn manifest_types_are_names_that_dsc_accepts() {
    for manifest in manifests("3.1") {
        let name = manifest["type"].as_str().unwrap();
        let (namespace, name) = name.split_once('/').unwrap();
        let is_word = |word: &str| {
            !word.is_empty()
                && word
                    .chars()
                    .all(|character| character.is_ascii_alphanumeric() || character == '_')
        };
        assert!(namespace.split('.').all(is_word) && is_word(name), "{manifest}");
        assert_eq!(manifest["version"].as_str().unwrap().split('.').count(), 3);
        for tag in manifest["tags"].as_array().unwrap() {
            assert!(is_word(tag.as_str().unwrap()), "{tag}");
        }
    }
}

#[test]
fn client_finds_each_resource_with_its_capabilities() {
    for version in ["3.1", "3.2", "3.3"] {
        let all = vec!["get", "set", "test", "delete", "export", "setHandlesExist"];
        let expected = [
            ("Msipctl.MicroSIP/Hook".to_owned(), all.clone()),
            ("Msipctl.MicroSIP/Policy".to_owned(), vec!["get", "set", "test"]),
            ("Msipctl.MicroSIP/Setting".to_owned(), all),
        ];
        assert_eq!(Client::new(version).list(), expected);
    }
}

#[test]
fn manifests_name_the_program_by_its_path_unless_they_are_next_to_it() {
    let folder = Folder::new();
    let run = folder.run(&["dsc", "manifest", "-o", "d"]).code(0);
    assert!(run.err().contains("warning: the manifests work only as long as "), "{}", run.err());
    let read = |name: &str| -> Value {
        let name = format!("d/msipctl-{name}.dsc.resource.json");
        serde_json::from_slice(&folder.read(&name)).unwrap()
    };
    for name in ["setting", "hook", "policy"] {
        let program = read(name)["get"]["executable"].as_str().unwrap().to_owned();
        assert!(std::path::Path::new(&program).is_absolute(), "{program}");
    }
    let again = folder.run(&["dsc", "manifest", "-o", "d"]).code(0);
    assert!(again.out().contains("msipctl-hook.dsc.resource.json: unchanged"), "{}", again.out());
    let newer = folder.run(&["dsc", "manifest", "-o", "d", "--for", "3.3"]).code(0);
    assert!(newer.out().contains("msipctl-hook.dsc.resource.json: replaced"), "{}", newer.out());
    for manifest in manifests("3.1") {
        assert_eq!(manifest["get"]["executable"], "msipctl");
    }
}

#[test]
fn schema_command_prints_the_embedded_schema() {
    let folder = Folder::new();
    for manifest in manifests("3.1") {
        let name = manifest["type"].as_str().unwrap();
        let run = folder.run(&["dsc", "schema", name]).code(0);
        assert_eq!(run.json(), manifest["schema"]["embedded"]);
    }
    folder.run(&["dsc", "schema", "keys"]).code(2);
}

#[test]
fn schema_allows_only_the_properties_of_the_resource() {
    let client = Client::new("3.1");
    let check = |name: &str, state: Value, is_expected: bool| {
        assert_eq!(is_allowed(client.manifest(name), &state), is_expected, "{name}: {state}");
    };
    let setting =
        |value: Value| json!({ "path": "/a", "section": "s", "key": "k", "value": value });
    check("Setting", setting("1".into()), true);
    check("Setting", setting(json!({ "secureString": "x" })), true);
    check("Setting", setting(1.into()), false);
    check("Setting", setting(true.into()), false);
    check("Setting", setting(json!({ "secureString": "x", "other": "y" })), false);
    check("Setting", json!({ "path": "/a", "value": "1" }), false);
    check("Setting", json!({ "section": "s", "key": "k" }), false);
    check("Setting", json!({ "path": "/a", "_purge": true }), false);
    // The filter of `export`.
    check("Setting", json!({ "path": "/a" }), true);
    check("Setting", json!({ "path": "/a", "section": "s" }), true);
    let hook = |event: &str| json!({ "path": "/a", "template": "t", "event": event, "with": {} });
    check("Hook", hook("call-end"), true);
    check("Hook", hook("call-ends"), false);
    check(
        "Hook",
        json!({ "path": "/a", "with": { "token": { "secureString": "x" } }, "template": "t", "event": "call-end" }),
        true,
    );
    check("Policy", json!({ "path": "/a", "policyFile": "/p" }), true);
    check("Policy", json!({ "path": "/a", "policy": "", "_purge": true }), true);
    check("Policy", json!({ "path": "/a", "policy": "", "policyFile": "/p" }), false);
    check("Policy", json!({ "path": "/a", "policyFile": "/p", "_exist": true }), false);
    let restart = |item: Value| json!({ "path": "/a", "_restartRequired": [item] });
    check("Policy", restart(json!({ "process": { "name": "microsip.exe", "id": 77 } })), true);
    check("Policy", restart(json!({ "process": { "name": "microsip.exe" } })), false);
    check("Policy", restart(json!({ "microsip": 77 })), false);
}
