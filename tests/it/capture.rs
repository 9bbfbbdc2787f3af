//! `capture`: an ini as a policy, which then wants nothing more of the same ini.

use std::fs;
use std::path::Path;

use microsip_schema::{Version, mask};
use msipctl_core::hook::Catalogue;
use msipctl_core::policy::{
    CaptureOptions, Captured, Inputs, Policy, Row, Source, capture, json_schema,
};
use proptest::prelude::*;
use winini::profile::Profile;
use winini::{CodePage, Document, Encoding};

use crate::runner::Folder;

fn document(bytes: &[u8]) -> Document {
    Document::parse(bytes.to_vec(), Encoding::detect(bytes, CodePage::WESTERN))
}

fn captured(document: &Document, all: bool, microsip: Version) -> Captured {
    let templates = Catalogue::shipped();
    let options = CaptureOptions { all, microsip, templates: &templates, differing: None };
    capture(document, &options)
}

/// Audits an ini by the policy that was captured of it; secrets are got from the ini.
#[track_caller]
fn wants_nothing_more(document: &Document, captured: &Captured, microsip: Version) {
    let templates = Catalogue::shipped();
    let read = |_: &Path| Ok(captured.policy.clone().into_bytes());
    let inputs = Inputs { read: &read, ansi: CodePage::WESTERN, templates: &templates };
    let told = |error| panic!("{error}\n{}", captured.policy);
    let policy = Policy::load(Path::new("captured.toml"), &inputs).unwrap_or_else(told);
    let profile = Profile::new(document);
    let env = |name: &str| {
        let secret = captured.secrets.iter().find(|secret| secret.env == name).unwrap();
        Some(profile.get(&secret.section, &secret.key).unwrap().into_owned())
    };
    let env = |name: &str| env(name);
    let row = Row::default();
    // Only one thread asks.
    let known: Vec<_> = captured.secrets.iter().map(|it| (it.env.clone(), env(&it.env))).collect();
    let env = |name: &str| known.iter().find(|(env, _)| env == name).and_then(|(_, it)| it.clone());
    let source = Source {
        row: &row,
        microsip,
        user: "",
        host: "",
        env: &env,
        read: &read,
        requires_secrets: true,
        program: r"C:\Program Files\msipctl\msipctl.exe",
        launcher_ini: None,
    };
    let told = |error| panic!("{error}\n{}", captured.policy);
    let wanted = policy.resolved(&source).unwrap_or_else(told);
    assert_eq!(wanted.drift(document), [], "{}", captured.policy);
    let desired = wanted.desired(document).unwrap();
    assert!(desired.requests().is_empty(), "{desired:?}\n{}", captured.policy);
}

#[test]
fn captured_policy_matches_every_fixture() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/roundtrip");
    let validator = jsonschema::validator_for(&json_schema()).unwrap();
    let mut files = 0;
    for entry in fs::read_dir(folder).unwrap() {
        let document = document(&fs::read(entry.unwrap().path()).unwrap());
        for microsip in [Version::NEWEST, Version::new(3, 15, 6)] {
            for all in [false, true] {
                let captured = captured(&document, all, microsip);
                wants_nothing_more(&document, &captured, microsip);
                if !all && microsip == Version::NEWEST {
                    let table: toml::Table = captured.policy.parse().unwrap();
                    let value = serde_json::to_value(table).unwrap();
                    assert!(validator.is_valid(&value), "{}", captured.policy);
                }
                files += 1;
            }
        }
    }
    assert!(files > 80, "{files}");
}

#[test]
fn captured_policy_includes_hooks_of_every_kind() {
    let folder = Folder::with("[Settings]\r\ncmdCallStart=C:\\old\\hook.exe\r\n");
    for args in [
        &["send-message", "--on", "incoming-call,call-end", "--with", "window=My, App"][..],
        &["send-message", "--on", "incoming-call", "--with", "window=Other", "--append"],
        &["call-log", "--on", "call-start", "--with", r"file=C:\a b\c.csv", "--chain"],
        &["native-command", "--on", "call-answer", "--with", r"program=C:\a b\x.exe"],
    ] {
        folder.on_ini(&[&["hook", "add"], args].concat()).code(0);
    }
    let document = document(&folder.ini());
    let captured = captured(&document, false, Version::NEWEST);
    wants_nothing_more(&document, &captured, Version::NEWEST);
    let hooks = captured.policy.matches("[[hook]]").count();
    // The chained command is none of a template, so the keys of that event are stated.
    assert_eq!(hooks, 3, "{}", captured.policy);
    assert!(captured.policy.contains("append = true"), "{}", captured.policy);
    assert!(captured.policy.contains("\"OnCallStart.2\""), "{}", captured.policy);
}

#[test]
fn captured_policy_contains_no_secrets() {
    let folder = Folder::with(
        "[Settings]\r\nusersDirectory=https://ann:hunter2@example.com/\r\nOnCallEnd=Http,POST,https://example.com/?token=hunter2\r\n\
         [Account1]\r\npassword=hunter2\r\n[Ours]\r\ncrmToken=hunter2\r\n",
    );
    for args in [&["capture"][..], &["capture", "--all"], &["capture", "--all", "--format", "json"]]
    {
        let run = folder.on_ini(args).code(0);
        assert!(!(run.out() + &run.err()).contains("hunter2"), "{}", run.out());
        assert!(run.out().contains("ACCOUNT1_PASSWORD"));
    }
    let json = folder.on_ini(&["capture", "--format", "json"]).code(0).json();
    assert_eq!(json["secrets"][0]["section"], "Settings");
    assert!(json["policy"].as_str().unwrap().contains("[Account1]"));
}

#[test]
fn capture_output_file_is_not_overwritten_without_force() {
    let folder = Folder::with("[Settings]\r\nAA=1\r\n");
    let run = folder.on_ini(&["capture", "-o", "p.toml"]).code(0);
    assert_eq!(run.out(), "p.toml: written\n");
    assert!(String::from_utf8(folder.read("p.toml")).unwrap().contains("AA = true"));
    folder.write("p.toml", "mine");
    let error = folder.on_ini(&["capture", "-o", "p.toml"]).code(2).err();
    assert!(error.contains("file already exists with different content"), "{error}");
    assert_eq!(folder.read("p.toml"), b"mine");
    folder.on_ini(&["capture", "-o", "p.toml", "--force"]).code(0);
}

#[test]
fn capture_of_several_files_suggests_columns_for_what_differs() {
    let folder =
        Folder::with("[Settings]\r\nAA=1\r\n[Account1]\r\nusername=204\r\npassword=one\r\n");
    folder
        .write("other.ini", "[Settings]\r\nAA=1\r\n[Account1]\r\nusername=205\r\npassword=two\r\n");
    let args = ["capture", "-i", "MicroSIP.ini", "-i", "other.ini"];
    let run = folder.run(&args).code(0);
    assert!(run.out().contains("username = \"{{ row.username }}\""), "{}", run.out());
    assert!(run.err().contains("with the columns `ini,username`"), "{}", run.err());
    assert!(!(run.out() + &run.err()).contains("two"), "{}", run.out());
    let json = folder.run(&[&args[..], &["--format", "json"]].concat()).code(0).json();
    assert_eq!(json["columns"][0]["column"], "username");
    folder.write("p.toml", run.out());
    folder.write("desks.csv", "ini,username\nMicroSIP.ini,204\nother.ini,205\n");
    let audit = folder.run_as(&["audit", "p.toml", "--inventory", "desks.csv"], |command| {
        command.env("ACCOUNT1_PASSWORD", "one");
    });
    let audit = audit.code(1).out();
    assert!(audit.contains("1 in sync, 1 drifted"), "{audit}");
}

proptest! {
    #[test]
    fn captured_policy_matches_any_ini(
        text in "(\\[(Settings|Account1|Ours|when|A b)\\]\r?\n|(AA|aa|label|volumeRing|password|On.2|OnCallEnd|cmdCallEnd|transport|k'\"\\\\| {1,2}x) ?= ?[\"'a-z0-9{}%#\\\\\u{e9}\u{7}=:/ ]{0,8}\r?\n){0,10}",
        all: bool,
    ) {
        let document = document(text.as_bytes());
        let captured = captured(&document, all, Version::NEWEST);
        for secret in &captured.secrets {
            let value = Profile::new(&document).get(&secret.section, &secret.key).unwrap();
            prop_assert!(mask(&secret.section, &secret.key, &value) != value);
        }
        wants_nothing_more(&document, &captured, Version::NEWEST);
    }
}
