//! Tests of the engine core with a simulated system.

use std::path::{Path, PathBuf};

use proptest::prelude::*;
use serde_json::{Value, json};

use super::*;
use crate::fleet::HostFacts;
use crate::hook::Catalogue;
use crate::locate::fake::{Fake, write};
use crate::phone;
use crate::store;
use winini::CodePage;

const INI: &[u8] =
    b"; desk 4\r\n[Settings]\r\nAA=0\r\nsingleMode=1\r\naccountId=1\r\nmainX=5\r\nfoo=1\r\n\
                     [Account1]\r\nlabel=Ann\r\npassword=old-one\r\n[Account2]\r\nlabel=Old\r\n";

/// A folder with a MicroSIP.ini, on a system without or with a running MicroSIP.
struct Pc {
    folder: tempfile::TempDir,
    system: &'static Fake,
    has_program: fn(&str) -> bool,
}

impl Pc {
    fn new() -> Self {
        Self::with(Fake::default())
    }

    fn with(system: Fake) -> Self {
        let folder = tempfile::tempdir().unwrap();
        write(&folder.path().join("MicroSIP.ini"), INI);
        Self { folder, system: Box::leak(Box::new(system)), has_program: |_| true }
    }

    fn ini(&self) -> PathBuf {
        self.folder.path().join("MicroSIP.ini")
    }

    fn text(&self) -> String {
        let bytes = store::read(&self.ini()).unwrap().into_bytes();
        String::from_utf8(bytes).unwrap()
    }

    fn run(&self, operation: Operation, mut document: Value) -> EngineResult {
        if document.get("path").is_none() {
            document["path"] = json!(self.ini());
        }
        let templates = Catalogue::shipped();
        let host = Host {
            facts: HostFacts {
                user: "ann".to_owned(),
                host: "desk-4".to_owned(),
                program: r"C:\Program Files\msipctl\msipctlw.exe".to_owned(),
                env: |name| (name == "SIP_PASSWORD").then(|| "hunter2-hunter2".to_owned()),
            },
            templates: &templates,
            code_page: CodePage::WESTERN,
            system: self.system,
            phone: phone::phone(),
            has_program: self.has_program,
        };
        match StateDocument::parse(document.to_string().as_bytes()) {
            Ok(document) => run(&document, operation, &host),
            Err(error) => EngineResult::failed("", &error),
        }
    }

    #[track_caller]
    fn set(&self, document: Value) -> EngineResult {
        let result = self.run(Operation::Set, document);
        assert_eq!(result.error, None);
        result
    }

    #[track_caller]
    fn error(&self, operation: Operation, document: Value) -> (String, String) {
        let before = self.text();
        let result = self.run(operation, document);
        assert_eq!((result.state, result.in_desired_state), (State::Failed, None));
        assert_eq!(self.text(), before);
        let error = result.error.unwrap();
        let hint = error.hint.unwrap_or_default();
        assert!(!hint.contains("--"), "{hint}");
        let path = self.ini().display().to_string();
        (error.message.replace(&path, "INI"), hint)
    }
}

fn setting(section: &str, key: &str, value: &str) -> Value {
    json!({ "section": section, "key": key, "value": value })
}

#[test]
fn set_changes_only_what_differs_and_then_nothing() {
    let pc = Pc::new();
    let document = json!({ "settings": [
        { "section": "settings", "key": "aa", "value": true },
        { "section": "Settings", "key": "singleMode", "value": 1 },
        { "section": "Settings", "key": "foo", "state": "absent" },
        { "section": "Account2", "state": "absent" },
    ]});
    let result = pc.set(document.clone());
    assert_eq!((result.state, result.in_desired_state), (State::Changed, Some(true)));
    let differs: Vec<_> = result.settings.iter().map(|row| row.differs).collect();
    assert_eq!(differs, [true, false, true, true]);
    let row = &result.settings[0];
    assert_eq!((row.value.as_deref(), row.was.as_deref()), (Some("1"), Some("0")));
    assert!(result.run.is_some() && result.backup.is_some());
    let expected = "; desk 4\r\n[Settings]\r\nAA=1\r\nsingleMode=1\r\naccountId=1\r\nmainX=5\r\n\
                    [Account1]\r\nlabel=Ann\r\npassword=old-one\r\n";
    assert_eq!(pc.text(), expected);

    let again = pc.set(document);
    assert_eq!((again.state, again.in_desired_state), (State::Unchanged, Some(true)));
    assert_eq!((again.run, again.backup, again.changes), (None, None, Vec::new()));
}

#[test]
fn check_mode_and_test_write_nothing() {
    let pc = Pc::new();
    let document = json!({ "settings": [setting("Settings", "AA", "1")], "diff": true });
    let test = pc.run(Operation::Test, document.clone());
    assert_eq!((test.state, test.in_desired_state), (State::WouldChange, Some(false)));
    assert_eq!(test.settings[0].value.as_deref(), Some("0"), "a test describes the file as it is");
    let mut check = document;
    check["check"] = json!(true);
    let check = pc.set(check);
    assert_eq!((check.state, check.in_desired_state), (State::WouldChange, Some(false)));
    assert_eq!(check.settings[0].value.as_deref(), Some("1"));
    assert_eq!(check.changes, test.changes);
    let diff = check.diff.unwrap();
    assert_eq!(
        diff.text,
        "@@ -1,6 +1,6 @@\n ; desk 4\n [Settings]\n-AA=0\n+AA=1\n singleMode=1\n accountId=1\n mainX=5\n"
    );
    assert_eq!(pc.text().as_bytes(), INI);
    assert!(!store::exists(&pc.folder.path().join(".msipctl")));
}

#[test]
fn get_reports_stated_keys_and_hooks() {
    let pc = Pc::new();
    pc.set(json!({ "hooks": [
        { "template": "send-message", "on": ["incoming-call"], "with": { "window": "MyApp" } },
    ]}));
    let result = pc.run(
        Operation::Get,
        json!({
            "settings": [
                { "section": "Settings", "key": "AA" },
                { "section": "Account1", "key": "password" },
                { "section": "Account9", "key": "label" },
            ],
            "hooks": [{ "template": "send-message", "on": ["incoming-call", "call-end"] }],
        }),
    );
    let rows: Vec<_> =
        result.settings.iter().map(|row| (row.exists, row.value.as_deref(), row.secret)).collect();
    assert_eq!(rows, [(true, Some("0"), false), (true, None, true), (false, None, false)]);
    let hooks: Vec<_> = result.stated_hooks.iter().map(|row| (row.event, row.exists)).collect();
    assert_eq!(hooks, [("incoming-call", true), ("call-end", false)]);
    assert_eq!((result.state, result.in_desired_state), (State::Unchanged, None));
}

#[test]
fn missing_file_is_compared_as_an_empty_one() {
    let pc = Pc::new();
    let path = json!(pc.folder.path().join("new/MicroSIP.ini"));
    let present = json!({ "path": path, "settings": [setting("Settings", "AA", "1")] });
    let absent = json!({ "path": path, "settings": [
        { "section": "Settings", "key": "AA", "state": "absent" },
    ]});
    let test = pc.run(Operation::Test, present.clone());
    assert_eq!((test.exists, test.in_desired_state), (false, Some(false)));
    let failed = pc.run(Operation::Set, present.clone()).error.unwrap();
    assert!(failed.message.ends_with(": file not found"), "{}", failed.message);
    assert_eq!(failed.hint.as_deref(), Some("check the path, or set `create` to `true`"));
    assert_eq!(pc.set(absent).state, State::Unchanged);
    let mut create = present;
    create["options"] = json!({ "create": true });
    let created = pc.set(create);
    assert_eq!((created.state, created.exists), (State::Changed, false));
    assert_eq!(created.encoding.as_deref(), Some("utf-16le"));
}

#[test]
fn encrypted_password_that_may_match_stays() {
    let pc = Pc::new();
    let encrypted = "0123456789abcdef".repeat(3);
    write(&pc.ini(), format!("[Account1]\r\npassword={encrypted}\r\n"));
    let secret = |value: &str| {
        json!({ "settings": [
            { "section": "Account1", "key": "password", "secret": { "value": value } },
        ]})
    };
    let kept = pc.set(secret("hunter2"));
    assert_eq!(
        (kept.state, kept.unverified, kept.in_desired_state),
        (State::Unchanged, 1, Some(true))
    );
    // Another length can't be the same password.
    assert_eq!(pc.set(secret("a much longer password")).state, State::Changed);
}

#[test]
fn hooks_are_added_and_removed_exactly() {
    let pc = Pc::new();
    let hook = |state: &str| {
        json!({ "hooks": [{
            "template": "send-message", "on": ["incoming-call"], "with": { "window": "MyApp" }, "state": state,
        }], "options": { "launcher_ini": "none" } })
    };
    let added = pc.set(hook("present"));
    assert_eq!(added.hooks.len(), 1);
    assert!(added.changes.is_empty(), "{:?}", added.changes);
    assert_eq!((added.stated_hooks[0].exists, added.stated_hooks[0].differs), (true, true));
    let launcher =
        r#"cmdIncomingCall="C:\Program Files\msipctl\msipctlw.exe" hook run incoming-call"#;
    assert!(pc.text().contains(launcher), "{}", pc.text());
    assert_eq!(pc.set(hook("present")).state, State::Unchanged);
    assert_eq!(pc.set(hook("absent")).state, State::Changed);
    assert_eq!(pc.text().as_bytes(), INI);
    assert_eq!(pc.set(hook("absent")).state, State::Unchanged);
}

#[test]
fn hook_whose_program_is_missing_is_rejected_unless_forced() {
    let pc = Pc { has_program: |_| false, ..Pc::new() };
    let mut document = json!({ "hooks": [
        { "template": "send-message", "on": ["call-end"], "with": { "window": "MyApp" } },
    ]});
    let (message, hint) = pc.error(Operation::Set, document.clone());
    let expected = r"INI: missing program C:\Program Files\msipctl\msipctlw.exe, which the hook on `call-end` starts";
    assert_eq!(message, expected);
    assert_eq!(hint, "install msipctl, or set `program` to the full path of msipctlw.exe");
    // A command that runs without msipctl needs no program.
    let native = json!({ "hooks": [{
        "template": "native-command", "on": ["call-end"], "with": { "program": r"C:\Tools\a.exe" },
    }]});
    assert_eq!(pc.set(native).state, State::Changed);
    let undo = json!({ "hooks": [{ "template": "native-command", "state": "absent" }] });
    assert_eq!(pc.set(undo).state, State::Changed);
    document["options"] = json!({ "force": true });
    assert_eq!(pc.set(document).state, State::Changed);
}

#[test]
fn purge_keeps_what_is_stated_personal_or_secret() {
    let pc = Pc::new();
    pc.set(json!({ "hooks": [
        { "template": "send-message", "on": ["incoming-call", "call-end"], "with": { "window": "MyApp" } },
    ]}));
    let result = pc.set(json!({
        "settings": [setting("Settings", "singleMode", "1"), setting("Account1", "label", "Ann")],
        "hooks": [{ "template": "send-message", "on": ["call-end"], "with": { "window": "MyApp" } }],
        "purge": { "hooks": true, "accounts": true, "keys": ["Settings", "Account1"] },
    }));
    assert_eq!(result.in_desired_state, Some(true));
    let text = pc.text();
    assert!(!text.contains("AA=0") && !text.contains("[Account2]"), "{text}");
    assert!(!text.contains("OnIncomingCall"), "{text}");
    for kept in [
        "singleMode=1",
        "accountId=1",
        "mainX=5",
        "foo=1",
        "label=Ann",
        "password=old-one",
        "OnCallEnd=",
    ] {
        assert!(text.contains(kept), "{kept}: {text}");
    }
}

#[test]
fn purge_never_removes_the_active_account() {
    let pc = Pc::new();
    let (message, hint) = pc.error(Operation::Set, json!({ "purge": { "accounts": true } }));
    assert_eq!(message, "INI: can't purge `[Account1]`: `Settings.accountId` names this account");
    assert!(hint.starts_with("add the account to `settings`"), "{hint}");
}

#[test]
fn purge_keeps_the_accounts_and_hooks_of_a_policy() {
    let pc = Pc::new();
    write(
        &pc.ini(),
        "[Settings]\r\naccountId=1\r\nOnCallEnd=Http,POST,https://a.example/\r\n[Account1]\r\nlabel=Ann\r\n\
         [Account2]\r\nlabel=Bob\r\n[Account3]\r\nusername=7\r\n[msipctl]\r\nOnCallEnd=http-event\r\n",
    );
    let policy = "[\"Account*\"]\nmatch = { label = \"Ann\" }\ndomain = \"a.example\"\n\
                  [[hook]]\ntemplate = \"http-event\"\non = \"call-end\"\nwith = { url = { env = \"MISSING\" } }\n";
    let result = pc.run(
        Operation::Test,
        json!({ "policy": { "text": policy }, "purge": { "accounts": true, "hooks": true } }),
    );
    assert_eq!(result.error, None);
    let changes: Vec<_> = result.changes.iter().map(|row| (&*row.section, &*row.key)).collect();
    assert_eq!(changes, [("Account1", "domain"), ("Account2", "label"), ("Account3", "username")]);
    assert_eq!(result.hooks, []);
}

#[test]
fn policy_and_settings_are_one_desired_state() {
    let pc = Pc::new();
    let policy = "[Settings]\nAA = 1\n[Account1]\nlabel = \"Ann\"\n";
    let result = pc.set(json!({
        "policy": { "text": policy },
        "settings": [setting("Settings", "AA", "1"), setting("Settings", "DND", "0")],
    }));
    assert_eq!((result.state, result.score), (State::Changed, Some(50.0)));
    let drift = result.drift.unwrap();
    assert_eq!(
        (drift.len(), drift[0].key.as_str(), drift[0].policy.as_str()),
        (1, "AA", "policy:2:1")
    );
    let (message, hint) = pc.error(
        Operation::Test,
        json!({ "policy": { "text": policy }, "settings": [setting("settings", "aa", "0")] }),
    );
    assert_eq!(message, "INI: `Settings.AA` in `settings` contradicts the policy at policy:2:1");
    assert_eq!(hint, "remove one of them");
}

#[test]
fn inline_policy_names_other_files_only_by_absolute_paths() {
    let pc = Pc::new();
    let policy = json!({ "policy": { "text": "extends = \"base.toml\"\n" } });
    let (message, _) = pc.error(Operation::Test, policy);
    let reason = "an inline policy can name other files only by absolute paths";
    assert_eq!(message, format!("policy:1:11: can't read base.toml: {reason}"));
    let policy = json!({ "policy": { "text": "[Account1]\npassword = { file = \"pw.txt\" }\n" } });
    let (message, _) = pc.error(Operation::Set, policy);
    assert!(message.contains(reason), "{message}");
}

#[test]
fn test_verifies_the_rest_when_a_secret_is_missing() {
    let pc = Pc::new();
    let document = json!({
        "settings": [{ "section": "Account1", "key": "password", "secret": { "env": "MISSING" } }],
        "policy": { "text": "[Account1]\nusername = { env = \"MISSING\" }\nlabel = \"Ann\"\n" },
    });
    let result = pc.run(Operation::Test, document.clone());
    assert_eq!(result.error, None);
    let missing: Vec<_> = result.missing_secrets.iter().map(|row| row.key.as_str()).collect();
    assert_eq!(missing, ["password"]);
    assert_eq!(result.in_desired_state, Some(false), "the username isn't set");
    let (message, hint) = pc.error(Operation::Set, document);
    assert_eq!(message, "environment variable `MISSING` not found");
    assert_eq!(hint, "set it where msipctl runs");
}

#[test]
fn running_microsip_blocks_a_change_that_can_be_queued() {
    let pc = Pc::new();
    let program = pc.folder.path().join("MicroSIP.exe");
    let pc = Pc {
        system: Box::leak(Box::new(Fake::default().process(77, &program.to_string_lossy()))),
        ..pc
    };
    let document = json!({ "settings": [
        setting("Settings", "AA", "1"),
        { "section": "Account1", "key": "password", "secret": { "env": "SIP_PASSWORD" } },
    ]});
    let blocked = pc.run(Operation::Set, document.clone());
    let error = blocked.error.as_ref().unwrap();
    assert_eq!(error.kind, ErrorKind::Precondition);
    assert!(error.message.contains("file is in use by MicroSIP (process 77"), "{}", error.message);
    assert_eq!(
        error.hint.as_deref(),
        Some("close MicroSIP, or set `if_running` to `exit`, `restart`, or `wait`")
    );
    assert_eq!(blocked.exit(false), EngineExit::Blocked);
    assert_eq!(pc.text().as_bytes(), INI);
    let queueable = blocked.queueable().unwrap();
    assert_eq!((queueable.desired.requests().len(), queueable.processes[0].id), (2, 77));
    assert!(!format!("{blocked:?}").contains("hunter2"));

    let queued = blocked.queued("20261201T091500Z-9f3c", true);
    assert_eq!((queued.state, queued.in_desired_state), (State::Queued, Some(false)));
    let process = ProcessRow { name: "MicroSIP.exe".to_owned(), id: 77 };
    assert_eq!(queued.restart, [RestartRow { process: process.clone() }]);
    assert_eq!(queued.pending.unwrap().waits_for, [process]);
    // A change that's to be queued is described as it will be.
    let mut deferred = document.clone();
    deferred["options"] = json!({ "if_running": "defer" });
    let deferred = pc.run(Operation::Set, deferred);
    assert_eq!((deferred.state, deferred.changes.len()), (State::Failed, 2));
    assert_eq!(deferred.settings[0].value.as_deref(), Some("1"));
    let waited = deferred.clone().queued("20261201T091500Z-9f3c", false);
    assert!(waited.error.is_none() && !waited.is_change() && !waited.restart.is_empty());
    let refused = deferred.not_queued(&Error::precondition("can't queue the change"));
    assert_eq!(refused.error.unwrap().message, "can't queue the change");
    // Nothing is asked when nothing is written.
    let mut check = document;
    check["check"] = json!(true);
    assert_eq!(pc.set(check).state, State::WouldChange);
}

#[test]
fn invalid_documents_are_rejected_with_a_reason() {
    let pc = Pc::new();
    let path = if cfg!(windows) { r"C:\a.ini" } else { "/a.ini" };
    let cases = [
        (
            json!({ "path": "MicroSIP.ini", "settings": [] }),
            "invalid `path` `MicroSIP.ini`: expected an absolute path",
        ),
        (
            json!({}),
            "the state document asks for nothing: expected `settings`, `hooks`, `policy`, or `purge`",
        ),
        (json!({ "path": path, "schema_version": 2 }), "unsupported schema version 2: expected 1"),
        (json!({ "path": path, "setings": [] }), "unknown field `setings`"),
        (
            json!({ "settings": [{ "section": "Settings", "key": "AA" }] }),
            "missing value for `Settings.AA`",
        ),
        (
            json!({ "settings": [{ "section": "Settings", "value": "1" }] }),
            "missing `key` for `[Settings]`",
        ),
        (
            json!({ "settings": [{ "section": "Settings", "key": "", "value": "1" }] }),
            "a setting has an empty `section` or `key`: expected a name",
        ),
        (
            json!({ "settings": [{ "section": "Settings", "key": "AA", "value": "1", "state": "absent" }] }),
            "`Settings.AA` is absent, but has a value",
        ),
        (
            json!({ "settings": [{ "section": "Settings", "key": "AA", "value": "1", "secret": { "env": "X" } }] }),
            "`value` can't be combined with `secret` for `Settings.AA`",
        ),
        (
            json!({ "settings": [setting("Settings", "AA", "1"), setting("settings", "aa", "0")] }),
            "`settings.aa` has two different expectations",
        ),
        (
            json!({ "settings": [{ "section": "Account1", "state": "absent" }, setting("account1", "label", "x")] }),
            "`[Account1]` is absent, but `account1.label` is present",
        ),
        (
            json!({ "settings": [setting("Settings", "AA", "2")] }),
            "INI: invalid value `2` for `Settings.AA`: expected `0` or `1`",
        ),
        (
            json!({ "settings": [setting("Settings", "singelMode", "1")] }),
            "INI: unknown key `singelMode` in `[Settings]`",
        ),
        (
            json!({ "settings": [{ "section": "Account1", "key": "password", "secret": { "file": "pw.txt" } }] }),
            "invalid `secret.file` `pw.txt`: expected an absolute path",
        ),
        (json!({ "hooks": [{ "template": "send-mesage" }] }), "unknown template `send-mesage`"),
        (
            json!({ "hooks": [{ "template": "send-message" }] }),
            "missing parameter `window` for template `send-message`: Title of the receiving window, or class:NAME for its window class",
        ),
        (
            json!({ "hooks": [{ "template": "send-message", "with": {}, "secret_with": ["token"] }] }),
            "`secret_with` of the hook `send-message` names `token`, which isn't in `with`",
        ),
        (
            json!({ "purge": { "keys": ["Calls"] } }),
            "can't purge `[Calls]`: expected `Settings`, `Account1`, `Account2`, …, or `Shortcuts`",
        ),
        (
            json!({ "policy": { "file": "p.toml" } }),
            "invalid `policy` `p.toml`: expected an absolute path",
        ),
        (
            json!({ "purge": { "hooks": true }, "options": { "keep": 0 } }),
            "invalid `keep`: expected at least 1",
        ),
        (
            json!({ "purge": { "hooks": true }, "options": { "ansi_code_page": 1 } }),
            "invalid `ansi_code_page` 1: expected 874, 932, 936, 949, 950, 1250 to 1258, or 65001",
        ),
    ];
    for (document, expected) in cases {
        let (message, _) = pc.error(Operation::Set, document.clone());
        assert_eq!(message, expected, "{document}");
    }
}

#[test]
fn hints_name_the_options_of_a_state_document() {
    let pc = Pc::new();
    write(&pc.ini(), "[Settings]\r\ncmdCallEnd=C:\\other.exe\r\n");
    let document = json!({ "hooks": [
        { "template": "send-message", "on": ["call-end"], "with": { "window": "MyApp" } },
    ]});
    let (message, hint) = pc.error(Operation::Set, document);
    assert!(message.starts_with("INI: `cmdCallEnd` already has a command"), "{message}");
    assert_eq!(
        hint,
        "set `existing` to `chain` to keep it as the first directive, or to `replace` to replace it; \
         `hook remove` restores it in both cases"
    );
    let (_, hint) = pc.error(
        Operation::Set,
        json!({ "settings": [setting("Account1", "label", "ж")], "options": { "encoding": "keep" } }),
    );
    assert_eq!(hint, "to convert the file to UTF-16LE, set `encoding` to `auto`");
}

#[test]
fn fields_of_tools_are_ignored_but_noop_is_check_mode() {
    let parse = |json: Value| StateDocument::parse(json.to_string().as_bytes());
    let document = parse(json!({ "path": "/a", "_task": "set_state", "_noop": true })).unwrap();
    assert!(document.check);
    assert!(!parse(json!({ "path": "/a", "_noop": false })).unwrap().check);
    assert!(parse(json!({ "path": "/a", "_noop": "yes" })).is_err());
    let text = "\u{feff}{\"path\": \"/a\"}";
    assert_eq!(StateDocument::parse(text.as_bytes()).unwrap().path, Path::new("/a"));
    assert!(StateDocument::parse(&vec![b' '; MAX_INPUT + 1]).is_err());
}

#[test]
fn schemas_describe_documents_and_results() {
    let schema = state_schema();
    assert_eq!(schema["additionalProperties"], false);
    assert_eq!(schema["required"], json!(["path"]));
    assert!(result_schema()["properties"]["error"].is_object());
}

/// Valid documents with random places that are damaged.
fn damaged() -> impl Strategy<Value = Vec<u8>> {
    let whole = json!({
        "path": "/a", "settings": [{ "section": "Settings", "key": "AA", "value": 1, "state": "present", "raw": true },
        { "section": "Account1", "key": "password", "secret": { "env": "A" } }],
        "hooks": [{ "template": "t", "on": ["call-end"], "with": { "a": "b" }, "secret_with": ["a"], "existing": "chain" }],
        "policy": { "text": "" }, "purge": { "hooks": true, "keys": ["Settings"] },
        "options": { "if_running": "wait", "microsip": "3.21.1", "encoding": "utf-16le" },
    });
    let whole = whole.to_string().into_bytes();
    let length = whole.len();
    prop::collection::vec((0..length, any::<u8>(), 0..3u8), 0..4).prop_map(move |damage| {
        let mut bytes = whole.clone();
        for (at, byte, kind) in damage {
            let at = at.min(bytes.len().saturating_sub(1));
            match kind {
                0 => bytes[at] = byte,
                1 => drop(bytes.remove(at)),
                _ => bytes.insert(at, byte),
            }
        }
        bytes
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(20_000))]

    #[test]
    fn parsing_never_panics(bytes in damaged()) {
        if let Ok(document) = StateDocument::parse(&bytes) {
            let _ = document.check(Operation::Set);
        }
    }

    #[test]
    fn parse_errors_never_contain_values(secret in "[A-Z]{3}[a-z0-9]{5,9}", wrong in 0..7) {
        let value = json!(secret);
        let setting = |field: &str, value: Value| {
            json!({ "settings": [{ "section": "Account1", "key": "password", field: value }] })
        };
        let mut document = match wrong {
            0 => setting("secret", value),
            1 => setting("secret", json!([value])),
            2 => setting("value", json!([value])),
            3 => setting("state", value),
            4 => json!({ "settings": value }),
            5 => json!({ "policy": value }),
            _ => json!({ "hooks": [{ "template": "t", "with": value }] }),
        };
        document["path"] = json!("/a");
        let error = StateDocument::parse(document.to_string().as_bytes()).unwrap_err();
        prop_assert!(!error.message().contains(&secret), "{}", error.message());
    }
}
