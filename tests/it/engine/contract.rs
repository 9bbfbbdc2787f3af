//! What engines rely on: streams, exit codes, and the same result as other commands.

use serde_json::{Value, json};

use super::{PROGRAM, engine, engine_as, parsed};
use crate::runner::{Folder, utf16};

const INI: &str =
    "[Settings]\r\nAA=0\r\nAA=1\r\nDND=1\r\n[Account1]\r\nlabel=A\r\npassword=old-one\r\n";

fn setting(value: &str) -> Value {
    json!({ "settings": [{ "section": "Settings", "key": "AA", "value": value }] })
}

#[test]
fn exit_code_tells_success_difference_error_and_block() {
    let folder = Folder::with(INI);
    let run = |args: &[&str], document: Value, code: i32| {
        let run = engine(&folder, args, document).code(code);
        assert_eq!(run.err(), "");
        parsed(&run.everything())
    };
    assert_eq!(run(&["get"], setting("1"), 0)["settings"][0]["value"], "0");
    assert_eq!(run(&["test"], setting("0"), 0)["in_desired_state"], true);
    assert_eq!(run(&["test"], setting("1"), 1)["in_desired_state"], false);
    assert_eq!(run(&["set", "--check"], setting("1"), 0)["state"], "would_change");
    assert_eq!(folder.ini(), INI.as_bytes());
    assert_eq!(run(&["set"], setting("2"), 2)["error"]["kind"], "usage");
    assert_eq!(run(&["set"], setting("1"), 0)["state"], "changed");
    assert_eq!(run(&["set"], setting("1"), 0)["state"], "unchanged");
    folder.run(&["undo", "MicroSIP.ini"]).code(0);
    assert_eq!(folder.ini(), INI.as_bytes());

    let occupied = Folder::with("[Settings]\r\ncmdCallEnd=C:\\other.exe\r\n");
    let hook = json!({
        "hooks": [{ "template": "send-message", "on": ["call-end"], "with": { "window": "A" } }],
        "options": { "program": PROGRAM },
    });
    let blocked = parsed(&engine(&occupied, &["set"], hook).code(3).everything());
    assert_eq!(blocked["error"]["kind"], "precondition");
}

#[test]
fn accounts_that_violate_a_constraint_are_blocked() {
    let folder = Folder::with(INI);
    let policy = "[Account1]\nlabel = { one_of = [\"B\"] }\nusername = \"204\"\n";
    let run = engine(&folder, &["set"], json!({ "policy": { "text": policy } })).code(3);
    let result = parsed(&run.everything());
    assert_eq!((&result["in_desired_state"], &result["error"]), (&json!(false), &json!(null)));
    assert_eq!(result["blocked"][0]["section"], "Account1");
    assert_eq!(folder.ini(), INI.as_bytes());
}

#[test]
fn stderr_stays_empty_whatever_happens() {
    let folder = Folder::with(INI);
    let invalid: [&[u8]; 5] = [b"", b"{", b"[]", b"\xff\xfe{\0", b"{\"path\": 1}"];
    let valid = super::complete(&folder, setting("1")).to_string();
    let inputs = invalid.into_iter().chain([valid.as_bytes()]);
    for input in inputs {
        for args in [&["get"][..], &["test"], &["set", "--check"]] {
            let run = engine_as(&folder, args, input, |command| {
                command.env("RUST_LOG", "trace").env("CLICOLOR_FORCE", "1").env("TERM", "xterm");
            });
            assert_eq!(run.err(), "", "{args:?}");
            parsed(&run.everything());
        }
    }
}

#[cfg(target_os = "linux")]
#[test]
fn closed_stdout_is_silent() {
    let folder = Folder::with(INI);
    let valid = super::complete(&folder, setting("0")).to_string();
    let state = tempfile::NamedTempFile::new().unwrap();
    std::fs::write(state.path(), valid).unwrap();
    let mut command = folder.command(&["engine", "set"]);
    command.stdin(std::fs::File::open(state.path()).unwrap()).stderr(std::process::Stdio::piped());
    let (read, write) = std::io::pipe().unwrap();
    drop(read);
    let output = command.stdout(write).spawn().unwrap().wait_with_output().unwrap();
    assert_eq!(String::from_utf8_lossy(&output.stderr), "");
}

#[test]
fn result_lists_the_same_changes_as_apply() {
    let policy = "[Settings]\nAA = 1\nDND = { absent = true }\n[Account1]\nlabel = \"B\"\npassword = \"hunter2\"\n\
                  [[hook]]\ntemplate = \"call-log\"\non = \"call-end\"\nwith = { file = 'C:\\calls.csv' }\n\
                  msipctl = 'C:\\windows\\system32\\cmd.exe'\n";
    let folder = Folder::with(INI);
    folder.write("p.toml", policy);
    let apply = ["apply", "p.toml", "-i", "MicroSIP.ini", "--dry-run", "--format", "json"];
    let apply = folder.run(&apply).code(0).json();
    let apply = &apply["files"][0];
    for source in [json!({ "text": policy }), json!({ "file": folder.file("p.toml") })] {
        let run = engine(&folder, &["set", "--check"], json!({ "policy": source })).code(0);
        let result = parsed(&run.everything());
        for list in ["changes", "hooks", "removed_duplicates"] {
            assert!(!apply[list].as_array().unwrap().is_empty() || list == "removed_duplicates");
            assert_eq!(result[list], apply[list], "{list}");
        }
    }
}

#[test]
fn lone_surrogate_in_a_file_becomes_valid_json() {
    let mut bytes = utf16("[Account1]\r\nlabel=a");
    bytes.extend([0x00, 0xd8, b'z', 0, b'\r', 0, b'\n', 0]);
    let folder = Folder::with(bytes);
    let label = json!({ "settings": [{ "section": "Account1", "key": "label" }] });
    let result = parsed(&engine(&folder, &["get"], label).code(0).everything());
    assert_eq!(result["settings"][0]["value"], "a\u{fffd}z");
}

#[test]
fn hidden_characters_are_escaped() {
    let folder = Folder::with(utf16("[Account1]\r\nlabel=a\u{202e}\u{1b}[2Jb\r\n"));
    let label = json!({ "settings": [{ "section": "Account1", "key": "label" }] });
    let run = engine(&folder, &["get"], label).code(0);
    let text = String::from_utf8(run.everything()).unwrap();
    assert!(text.contains(r#""value":"a\u202e\u001b[2Jb""#), "{text}");
    assert_eq!(parsed(text.as_bytes())["settings"][0]["value"], "a\u{202e}\u{1b}[2Jb");
}

#[test]
fn examples_of_the_guide_match_the_schema() {
    let page = std::fs::read_to_string("docs/engines.md").unwrap().replace("\r\n", "\n");
    let schema = msipctl_core::engine::state_schema();
    assert!(jsonschema::meta::is_valid(&schema));
    let validator = jsonschema::validator_for(&schema).unwrap();
    let examples: Vec<_> = page.split("\n```json\n").skip(1).collect();
    assert!(!examples.is_empty());
    for example in examples {
        let example: Value = serde_json::from_str(example.split("\n```").next().unwrap()).unwrap();
        assert!(validator.is_valid(&example), "{example}");
    }
    // Each field of the schema is on the page.
    let properties = schema["properties"].as_object().unwrap();
    let types = schema["$defs"].as_object().unwrap().values();
    let types = types.filter_map(|it| it["properties"].as_object()).flat_map(|it| it.keys());
    for field in properties.keys().chain(types) {
        assert!(page.contains(&format!("`{field}`")), "docs/engines.md doesn't describe `{field}`");
    }
    let result = msipctl_core::engine::result_schema();
    assert!(jsonschema::meta::is_valid(&result));
    for field in result["properties"].as_object().unwrap().keys() {
        let is_common = ["schema_version", "tool", "path"].contains(&field.as_str());
        assert!(is_common || page.contains(&format!("`{field}`")), "no `{field}` on the page");
    }
}
