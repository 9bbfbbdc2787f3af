use std::cell::RefCell;

use msipctl_core::apply;
use msipctl_core::engine::{EngineResult, Error, Operation, StateDocument};
use msipctl_core::event::Event;
use serde_json::{Map, Value, json};

use super::reply::ModuleReply;
use super::{modules, reply_to};

/// Runs a module of the collection, and returns its reply and the state documents that it passed on.
fn run(module: &str, arguments: Value) -> (ModuleReply, Vec<(StateDocument, Operation)>) {
    let Value::Object(mut sent) = arguments else { panic!("arguments are a dictionary") };
    sent.insert("_ansible_module_name".into(), format!("msipctl.microsip.{module}").into());
    let passed = RefCell::new(Vec::new());
    let carry_out = |document: &StateDocument, operation| {
        passed.borrow_mut().push((document.clone(), operation));
        let error = Error::precondition("`Settings.AA` is locked").with_hint("close it");
        EngineResult::failed("/x.ini", &error)
    };
    let reply = reply_to(&sent, &carry_out);
    (reply, passed.into_inner())
}

/// Returns the messages of a module that refuses its arguments.
fn refusals(module: &str, arguments: Value) -> Vec<String> {
    let (reply, passed) = run(module, arguments);
    assert!(passed.is_empty(), "invalid arguments are never carried out");
    assert_eq!(reply.get("failed"), true);
    let Value::Array(errors) = reply.get("errors") else { panic!("{reply:?} has no errors") };
    errors.iter().map(|error| error["message"].as_str().unwrap().to_owned()).collect()
}

#[test]
fn wrong_options_are_refused_together_with_their_place() {
    let arguments = json!({
        "settings": [{ "key": "AA", "value": ["1"], "sate": "present" }],
        "create": "maybe",
        "if_running": "Fail",
        "wait_seconds": -1,
        "lock_timeout": "soon",
        "hooks": "send-message",
        "account": { "number": 0, "pasword": "S3CR3T" },
        "microsip": 3.2,
        "policy": "a", "policy_file": "/b",
        "backupdir": "/c",
    });
    assert_eq!(
        refusals("microsip_ini", arguments),
        [
            "missing option `path`",
            "missing option `settings[0].section`",
            "invalid type for `settings[0].value`: expected text, found a list",
            "unknown option `settings[0].sate`",
            "invalid value for `account.number`: expected an integer from 1 to 99",
            "unknown option `account.pasword`",
            "invalid type for `hooks`: expected a list, found text",
            "invalid value `Fail` for `if_running`: expected `fail`, `wait`, `exit`, `restart`, or `defer`",
            "invalid value for `wait_seconds`: expected an integer from 0 to 86400",
            "invalid value for `lock_timeout`: expected an integer from 0 to 86400",
            "invalid value for `create`: expected `true` or `false`",
            "invalid type for `microsip`: expected text, found a decimal number",
            "unknown option `backupdir`",
            "`policy` and `policy_file` can't be combined",
        ]
    );
}

#[test]
fn reply_to_wrong_options_has_one_message_and_one_hint() {
    let (reply, _) = run("microsip_ini", json!({ "path": "/x", "setings": [], "purge": {} }));
    assert_eq!(reply.get("msg"), "unknown option `setings`");
    assert_eq!(reply.get("hint"), "did you mean `settings`?");
    let (reply, _) = run("microsip_ini", json!({ "path": "/x" }));
    let expected = "missing option: expected `settings`, `section`, `account`, `hooks`, `policy`, \
                    `policy_file`, or `purge`";
    assert_eq!(reply.get("msg"), expected);
    let output = String::from_utf8(reply.into_reply().stdout).unwrap();
    assert_eq!(output.matches("missing option").count(), 2, "in `msg` and in `errors`: {output}");
}

#[test]
fn refusal_never_repeats_a_value_that_can_be_secret() {
    let secret = "S3CR3T";
    for arguments in [
        json!({ "path": "/x", "account": secret }),
        json!({ "path": "/x", "settings": secret }),
        json!({ "path": "/x", "settings": [secret] }),
        json!({ "path": "/x", "account": { "number": secret, "password": [secret] } }),
        json!({ "path": "/x", "settings": [{ "section": "a", "key": "b", "secret": secret }] }),
        json!({ "path": "/x", "settings": [
            { "section": "a", "key": "b", "secret": { "value": secret, "env": "A" } },
        ] }),
        json!({ "path": "/x", "hooks": [{ "template": "a", "with": { "b": [secret] } }] }),
        json!({ "path": "/x", "account": { "password": secret }, "create": secret }),
        json!({ "path": "/x", "account": { "password": secret }, "wait_seconds": secret }),
    ] {
        let (reply, passed) = run("microsip_ini", arguments.clone());
        assert!(passed.is_empty(), "{arguments}");
        let output = String::from_utf8(reply.into_reply().stdout).unwrap();
        assert!(!output.contains(secret), "{output}");
    }
}

#[test]
fn state_document_has_what_the_options_state() {
    let (_, passed) = run(
        "microsip_ini",
        json!({
            "path": "/x.ini",
            "settings": [{ "section": "Settings", "key": "AA", "value": true }],
            "section": "Settings", "key": "DND", "state": "absent",
            "account": { "password": "x", "keep_alive": "30" },
            "hooks": [{ "template": "t", "events": ["call-end"], "with": { "window": 7 } }],
            "policy": "[Settings]",
            "purge": { "hooks": "yes" },
            "create": "True", "wait_seconds": "5", "microsip": "3.22", "backup": 0,
            "_ansible_check_mode": true, "_ansible_diff": true, "_ansible_future": {},
        }),
    );
    let [(document, Operation::Set)] = &passed[..] else { panic!("one operation: {passed:?}") };
    let value = |index: usize| {
        let setting = &document.settings[index];
        (setting.key.as_deref().unwrap(), setting.value.as_deref())
    };
    let settings: Vec<_> = (0..document.settings.len()).map(value).collect();
    let expected =
        [("AA", Some("1")), ("DND", None), ("password", Some("x")), ("keepAlive", Some("30"))];
    assert_eq!(settings, expected);
    assert_eq!(document.hooks[0].with["window"], "7");
    assert_eq!(document.hooks[0].on, [Event::CallEnd]);
    assert!(document.check && document.diff && document.purge.hooks);
    assert!(document.options.create && !document.options.backup);
    assert_eq!(document.options.wait_seconds, 5);
    assert_eq!(document.options.microsip.unwrap().to_string(), "3.22.0");
}

#[test]
fn null_and_internal_arguments_are_not_options() {
    let arguments = json!({
        "path": "/x.ini", "section": "Settings", "key": "AA", "value": "1",
        "account": null, "policy": null, "policy_file": null, "_ansible_new": 1,
    });
    assert_eq!(run("microsip_ini", arguments).1.len(), 1);
    let arguments = json!({
        "path": "/x.ini", "section": "S", "key": "a", "value": "1", "new": 1,
        "_ansible_ignore_unknown_opts": true,
    });
    assert_eq!(run("microsip_ini", arguments).1.len(), 1);
}

#[test]
fn error_of_the_engine_becomes_message_and_hint() {
    let arguments = json!({ "path": "/x.ini", "section": "S", "key": "a", "value": "1" });
    let (reply, _) = run("microsip_ini", arguments);
    assert_eq!(reply.get("failed"), true);
    assert_eq!(reply.get("changed"), false);
    assert_eq!(reply.get("msg"), "`Settings.AA` is locked");
    assert_eq!(reply.get("hint"), "close it");
    assert_eq!(reply.get("kind"), "precondition");
    assert_eq!(reply.get("rc"), Value::Null);
    assert_eq!(reply.into_reply().code, 1);
}

#[test]
fn reply_without_log_names_no_section_and_no_option() {
    let arguments = json!({
        "path": "/x.ini", "section": "S", "key": "a", "value": "1", "_ansible_no_log": true,
    });
    let (reply, _) = run("microsip_ini", arguments);
    let output = String::from_utf8(reply.into_reply().stdout).unwrap();
    assert!(!output.contains("Settings") && !output.contains("x.ini"), "{output}");
    assert!(output.contains("blocked"), "{output}");
    let (reply, _) = run("microsip_ini", json!({ "secret_option": 1, "_ansible_no_log": true }));
    let output = String::from_utf8(reply.into_reply().stdout).unwrap();
    assert!(!output.contains("secret_option"), "{output}");
}

#[test]
fn audit_compares_each_present_file() {
    let disk = tempfile::tempdir().unwrap();
    let ini = disk.path().join("MicroSIP.ini");
    apply::write_file(&ini, b"[Settings]\n", "test").unwrap();
    let missing = disk.path().join("missing.ini");
    let arguments = json!({ "paths": [ini, missing], "policy": "[Settings]\nAA = 1\n" });
    let (reply, passed) = run("microsip_audit", arguments);
    let [(document, Operation::Test)] = &passed[..] else { panic!("one file: {passed:?}") };
    assert_eq!(document.path, ini);
    assert!(document.check);
    assert_eq!(reply.get("summary")["failed"], 1);
    assert_eq!(reply.get("changed"), false);
}

#[test]
fn computer_without_microsip_is_skipped_unless_required() {
    let disk = tempfile::tempdir().unwrap();
    let path = disk.path().join("MicroSIP.ini");
    for (module, mut arguments) in [
        ("microsip_audit", json!({ "path": path, "policy": "[Settings]" })),
        ("microsip_info", json!({ "path": path })),
    ] {
        let (reply, passed) = run(module, arguments.clone());
        assert!(passed.is_empty());
        assert_eq!(reply.get("skipped"), true, "{module}");
        arguments["require"] = true.into();
        assert_eq!(run(module, arguments).0.get("failed"), true, "{module}");
    }
}

#[test]
fn info_returns_settings_and_hooks_without_secrets() {
    let disk = tempfile::tempdir().unwrap();
    let ini = disk.path().join("MicroSIP.ini");
    let text = "[Settings]\nAA=1\nOnCallEnd=SendMessage \"App\" S3CR3T\ncmdCallRing=calc.exe S3CR3T\n\
                [Account1]\nlabel=Ann\npassword=S3CR3T\n[msipctl]\nOnCallEnd=send-message\n";
    apply::write_file(&ini, text.as_bytes(), "test").unwrap();
    let (reply, _) = run("microsip_info", json!({ "path": ini }));
    let facts = reply.get("ansible_facts");
    let file = &facts["microsip"]["files"][0];
    assert_eq!(
        file["settings"],
        json!({ "Settings": { "AA": "1" }, "Account1": { "label": "Ann", "password": "***" } })
    );
    let events: Vec<_> = file["hooks"].as_array().unwrap().iter().map(|it| &it["event"]).collect();
    assert_eq!(events, ["call-ring", "call-end"]);
    assert!(!facts.to_string().contains("S3CR3T"), "{facts}");
}

#[test]
fn unknown_module_is_refused() {
    let mut sent = Map::new();
    sent.insert("_ansible_module_name".into(), "msipctl.microsip.microsip_inf".into());
    let carry_out = |_: &StateDocument, _| unreachable!("nothing is carried out");
    let reply = reply_to(&sent, &carry_out);
    assert_eq!(reply.get("msg"), "unknown module");
    assert_eq!(reply.get("hint"), "did you mean `microsip_info`?");
}

#[test]
fn options_of_a_module_have_descriptions_and_each_name_once() {
    fn check(module: &str, options: &[super::ModuleOption]) {
        let mut names: Vec<_> = options.iter().map(|option| option.name.as_ref()).collect();
        names.sort_unstable();
        assert!(names.windows(2).all(|pair| pair[0] != pair[1]), "{module}: {names:?}");
        for option in options {
            assert!(option.about.ends_with('.'), "{module}: {}", option.name);
            if let super::Kind::Dictionary(below)
            | super::Kind::Dictionaries(below)
            | super::Kind::OneOf(below) = &option.kind
            {
                check(module, below);
            }
        }
    }
    modules().iter().for_each(|module| check(module.name, &module.options));
}
