//! The JSON forms, which are part of the contract with scripts.

use serde_json::Value;

use crate::runner::Folder;

const INI: &str = "[Settings]\r\nAA=0\r\nAA=1\r\naccountId=1\r\nrtpPortMin=9\r\nrtpPortMax=8\r\n\
                   [Account1]\r\nlabel=A\r\npassword=x\r\n";

/// Says which fields a JSON object has, in their order, with the kinds of their values.
fn shape(value: &Value) -> String {
    match value {
        Value::Null => "null".to_owned(),
        Value::Bool(_) => "bool".to_owned(),
        Value::Number(_) => "number".to_owned(),
        Value::String(_) => "text".to_owned(),
        Value::Array(items) => {
            let mut shapes: Vec<_> = items.iter().map(shape).collect();
            shapes.sort();
            shapes.dedup();
            format!("[{}]", shapes.join(" | "))
        }
        Value::Object(fields) => {
            let fields = fields.iter().map(|(name, value)| format!("{name}: {}", shape(value)));
            format!("{{{}}}", fields.collect::<Vec<_>>().join(", "))
        }
    }
}

/// Checks what every document has, and returns the shape of the rest.
#[track_caller]
fn check(document: &Value) -> String {
    let mut fields = document.as_object().unwrap().clone();
    assert_eq!(fields.remove("schema_version"), Some(1.into()));
    let tool = fields.remove("tool").unwrap();
    assert!(tool.as_str().unwrap().starts_with("msipctl 0."), "{tool}");
    let fields = fields.iter().map(|(name, value)| format!("{name}: {}", shape(value)));
    fields.collect::<Vec<_>>().join("\n")
}

/// Runs a command with `--format json` on MicroSIP.ini, and with `--format ndjson` on a copy.
#[track_caller]
fn run(args: &[&str], code: i32) -> Value {
    let on = |folder: &Folder, format: &str| {
        folder.on_ini(&[args, &["--format", format]].concat()).code(code)
    };
    let document = on(&Folder::with(INI), "json").json();
    check_ndjson(&on(&Folder::with(INI), "ndjson").out(), &document);
    document
}

/// Checks that the lines are the entries of the one list in the document, and then a summary.
#[track_caller]
fn check_ndjson(lines: &str, document: &Value) {
    let mut lines: Vec<Value> =
        lines.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    let last = lines.pop().unwrap();
    assert_eq!(last["schema_version"], 1);
    assert!(last["tool"].is_string());
    assert!(last["summary"].is_object(), "{last}");
    let names =
        ["files", "changes", "hooks", "backups", "templates", "parameters", "pages", "topics"];
    let list = names.iter().find_map(|name| document.get(name)).unwrap().as_array().unwrap();
    assert_eq!(lines.len(), list.len());
    for (line, entry) in lines.iter().zip(list) {
        let (line, entry) = (line.as_object().unwrap(), entry.as_object().unwrap());
        assert!(line.keys().eq(entry.keys()), "{line:?} is not {entry:?}");
    }
}

#[test]
fn show_json_has_the_documented_shape() {
    let document = run(&["show"], 0);
    insta::assert_snapshot!(check(&document), @"files: [{encoding: text, microsip: text, path: text, sections: [{keys: [{default: null, description: null, ignored_reason: null, key: text, line: number, on: null, set: bool, shadowed_lines: [], truncated: bool, value: text} | {default: text, description: null, ignored_reason: null, key: text, line: number, on: bool, set: bool, shadowed_lines: [number], truncated: bool, value: text} | {default: text, description: null, ignored_reason: null, key: text, line: number, on: null, set: bool, shadowed_lines: [], truncated: bool, value: text}], line: number, name: text} | {keys: [{default: null, description: null, ignored_reason: null, key: text, line: number, on: null, set: bool, shadowed_lines: [], truncated: bool, value: text}], line: number, name: text}]}]");
    let file = &document["files"][0];
    assert_eq!((&file["path"], &file["encoding"]), (&"MicroSIP.ini".into(), &"ascii".into()));
    let settings = &file["sections"][0];
    assert_eq!((&settings["name"], &settings["line"]), (&"Settings".into(), &1.into()));
    insta::assert_snapshot!(settings["keys"][0], @r#"{"default":"0","description":null,"ignored_reason":null,"key":"AA","line":2,"on":false,"set":true,"shadowed_lines":[3],"truncated":false,"value":"0"}"#);
    insta::assert_snapshot!(file["sections"][1]["keys"][1], @r#"{"default":null,"description":null,"ignored_reason":null,"key":"password","line":9,"on":null,"set":true,"shadowed_lines":[],"truncated":false,"value":"***"}"#);

    let document = run(&["show", "--all", "--microsip", "3.19.10"], 0);
    let file = &document["files"][0];
    assert_eq!(file["microsip"], "3.19.10");
    let names = file["sections"].as_array().unwrap().iter().map(|it| it["name"].as_str().unwrap());
    let expected = ["Settings", "Account1", "Global", "Calls", "Dialed", "Contacts", "Shortcuts"];
    assert_eq!(names.collect::<Vec<_>>(), expected);
    assert_eq!(file["sections"][2]["line"], Value::Null);
    let settings = file["sections"][0]["keys"].as_array().unwrap();
    let key = |name: &str| settings.iter().find(|row| row["key"] == name).unwrap();
    insta::assert_snapshot!(key("AA"), @r#"{"default":"0","description":"Whether auto answer (the AA button) is on. Takes effect only with `autoAnswer=button`.","ignored_reason":null,"key":"AA","line":2,"on":false,"set":true,"shadowed_lines":[3],"truncated":false,"value":"0"}"#);
    insta::assert_snapshot!(key("EC"), @r#"{"default":"0","description":"Whether echo cancellation is on. Has no effect while `opusStereo` is on.","ignored_reason":null,"key":"EC","line":null,"on":false,"set":false,"shadowed_lines":[],"truncated":false,"value":"0"}"#);
    insta::assert_snapshot!(key("volumeRing"), @r#"{"default":"100","description":"Ringtone volume in percent.","ignored_reason":"added in 3.19.27","key":"volumeRing","line":null,"on":null,"set":false,"shadowed_lines":[],"truncated":false,"value":"100"}"#);
    insta::assert_snapshot!(key("ringingSound"), @r#"{"default":null,"description":"Wave file to play as the ringtone. If empty, MicroSIP uses `ringtone.wav` in its own folder. A bare file name is resolved in that folder, and `%VAR%` is expanded.","ignored_reason":null,"key":"ringingSound","line":null,"on":null,"set":false,"shadowed_lines":[],"truncated":false,"value":null}"#);
}

#[test]
fn get_json_has_the_documented_shape() {
    insta::assert_snapshot!(check(&run(&["get", "Settings.AA"], 0)), @"files: [{key: text, line: number, path: text, section: text, set: bool, value: text}]");
    insta::assert_snapshot!(run(&["get", "Account1.password"], 0)["files"][0], @r#"{"key":"password","line":9,"path":"MicroSIP.ini","section":"Account1","set":true,"value":"***"}"#);
    insta::assert_snapshot!(run(&["get", "Settings.DND"], 1)["files"][0], @r#"{"key":"DND","line":null,"path":"MicroSIP.ini","section":"Settings","set":false,"value":null}"#);
}

#[test]
fn explain_json_has_the_documented_shape() {
    let folder = Folder::new();
    let explain = |name: &str| {
        let name: Vec<_> = name.split_whitespace().collect();
        let on =
            |format| folder.run(&[&["explain"], &name[..], &["--format", format]].concat()).code(0);
        let document = on("json").json();
        check_ndjson(&on("ndjson").out(), &document);
        document
    };
    insta::assert_snapshot!(check(&explain("split-program-path")), @"pages: [{enabled_by_default: bool, fix: text, group: text, kind: text, name: text, page: text, severity: text, since: text, summary: text}]");
    insta::assert_snapshot!(check(&explain("template-split-command")), @"pages: [{kind: text, name: text, severity: text, summary: text}]");
    insta::assert_snapshot!(check(&explain("Settings.denyIncoming")), @"pages: [{allowed: text, choices: [{since: null, until: null, value: text} | {since: null, until: text, value: text} | {since: text, until: null, value: text}], default: text, description: text, earlier_defaults: [{until: text, value: text}], fork: null, key: text, kind: text, legacy_account: bool, limits: [{since: null, utf16_units: number}], machine_state: bool, not_within: null, personal: bool, reads: [], replaced_by: null, rules: [text], secret: bool, section: text, sensitive: bool, since: text, type: text, until: null}]");
    insta::assert_snapshot!(check(&explain("EC")), @"pages: [{allowed: text, choices: null, default: text, description: text, earlier_defaults: [{until: text, value: text}], fork: null, key: text, kind: text, legacy_account: bool, limits: [{since: null, utf16_units: number}], machine_state: bool, not_within: null, personal: bool, reads: [{text: text, until: null} | {text: text, until: text}], replaced_by: null, rules: [], secret: bool, section: text, sensitive: bool, since: text, type: text, until: null}]");
    insta::assert_snapshot!(check(&explain("call-end")), @"pages: [{details: text, directive: text, example: text, facts: [{since: null, text: text, until: text} | {since: text, text: text, until: null} | {since: text, text: text, until: text}], key: text, kind: text, name: text, since: text, when: text}]");
    insta::assert_snapshot!(check(&explain("exit-codes")), @"pages: [{codes: [{code: number, meaning: text}], kind: text, page: text}]");
    insta::assert_snapshot!(check(&explain("")), @"
    summary: {events: number, guides: number, keys: number, rules: number, template_rules: number}
    topics: [{group: null, kind: text, name: text, summary: text} | {group: text, kind: text, name: text, summary: text}]
    ");
    let names = |document: Value, field: &str| {
        let pages = document["pages"].as_array().unwrap().iter();
        pages.map(|page| page[field].as_str().unwrap().to_owned()).collect::<Vec<_>>()
    };
    assert_eq!(names(explain("USERNAME"), "section"), ["Settings", "AccountN"]);
    assert_eq!(names(explain("account7.username"), "section"), ["AccountN"]);
    assert_eq!(names(explain("oncallend.2"), "name"), ["call-end"]);
    assert_eq!(names(explain("cmdCallEnd"), "kind"), ["event"]);
    assert_eq!(names(explain("Settings.cmdCallEnd"), "kind"), ["key"]);
}

#[test]
fn check_json_has_the_documented_shape() {
    // Whether others may read the file is of no account here.
    let document = run(&["check", "--ignore", "secrets-readable-by-others"], 1);
    insta::assert_snapshot!(check(&document), @"
    files: [{encoding: text, findings: [{arguments: {account: text}, column: number, fix: null, help: null, key: text, line: number, message: text, rule: text, section: text, severity: text} | {arguments: {first: text, last: text}, column: number, fix: text, help: null, key: text, line: number, message: text, rule: text, section: text, severity: text} | {arguments: {key: text, line: text}, column: number, fix: text, help: null, key: text, line: number, message: text, rule: text, section: text, severity: text} | {arguments: {key: text, section: text}, column: number, fix: null, help: null, key: text, line: number, message: text, rule: text, section: text, severity: text} | {arguments: {section: text}, column: number, fix: null, help: null, key: text, line: number, message: text, rule: text, section: text, severity: text}], microsip: text, path: text}]
    summary: {errors: number, fixable: number, fixed: number, infos: number, known: null, resolved: null, suppressed: number, warnings: number}
    ");
    insta::assert_snapshot!(document["summary"], @r#"{"errors":4,"fixable":2,"fixed":0,"infos":1,"known":null,"resolved":null,"suppressed":0,"warnings":1}"#);
    let findings = document["files"][0]["findings"].as_array().unwrap();
    for finding in findings {
        assert!(["error", "warning", "info"].contains(&finding["severity"].as_str().unwrap()));
        assert!(finding["fix"].is_null() || finding["fix"].is_string());
        assert!(finding["line"].as_u64() >= Some(1) && finding["column"].as_u64() >= Some(1));
    }
    insta::assert_snapshot!(findings[0], @r#"{"arguments":{"key":"AA","line":"2"},"column":1,"fix":"unsafe","help":null,"key":"AA","line":3,"message":"duplicate key `AA`: Windows reads only the one in line 2","rule":"duplicate-key","section":"Settings","severity":"warning"}"#);
}

#[test]
fn diff_json_has_the_documented_shape() {
    let folder = Folder::with(INI);
    folder.write("b.ini", "[Settings]\nAA=1\naccountId=1\nDND=1\n");
    let args = ["diff", "MicroSIP.ini", "b.ini", "--format"];
    let document = folder.run(&[&args[..], &["json"]].concat()).code(1).json();
    insta::assert_snapshot!(check(&document), @"
    bytes: {bom: null, encoding: null, line_ending: {after: text, before: text}}
    changes: [{after: null, before: text, key: text, kind: text, section: text} | {after: text, before: null, key: text, kind: text, section: text} | {after: text, before: text, key: text, kind: text, section: text}]
    omitted: number
    ");
    let kinds = document["changes"].as_array().unwrap().iter().map(|change| &change["kind"]);
    let kinds: Vec<_> = kinds.map(|kind| kind.as_str().unwrap()).collect();
    for kind in ["added", "removed", "changed"] {
        assert!(kinds.contains(&kind), "{kinds:?}");
    }
    insta::assert_snapshot!(document["bytes"], @r#"{"bom":null,"encoding":null,"line_ending":{"after":"lf","before":"crlf"}}"#);
    check_ndjson(&folder.run(&[&args[..], &["ndjson"]].concat()).code(1).out(), &document);
}

#[test]
fn hook_list_and_explain_json_have_the_documented_shape() {
    let folder = Folder::with(format!("{INI}[Settings]\r\n"));
    let add = ["hook", "add", "call-log", "--on", "call-end", "--with", r"file=C:\a.csv"];
    folder.on_ini(&add).code(0);
    folder.on_ini(&["set", r"Settings.cmdCallStart=C:\x.exe"]).code(0);
    let document = folder.on_ini(&["hook", "list", "--format", "json"]).code(0).json();
    insta::assert_snapshot!(check(&document), @"hooks: [{command: text, directive: null, event: text, has_launcher: bool, key: text, path: text, template: null} | {command: text, directive: text, event: text, has_launcher: bool, key: text, path: text, template: text}]");
    insta::assert_snapshot!(document["hooks"][0], @r#"{"command":"C:\\x.exe","directive":null,"event":"call-start","has_launcher":false,"key":"cmdCallStart","path":"MicroSIP.ini","template":null}"#);
    insta::assert_snapshot!(document["hooks"][1], @r#"{"command":"\"C:\\Program Files\\msipctl\\msipctl.exe\" hook run call-end","directive":"Log,C:\\a.csv","event":"call-end","has_launcher":true,"key":"OnCallEnd","path":"MicroSIP.ini","template":"call-log"}"#);
    let lines = folder.on_ini(&["hook", "list", "--format", "ndjson"]).code(0).out();
    check_ndjson(&lines, &document);

    let document = folder.on_ini(&["hook", "explain", "--format", "json"]).code(0).json();
    let hook = document["hooks"][1].as_object().unwrap();
    let mut fields: Vec<_> = hook.keys().map(String::as_str).collect();
    fields.sort_unstable();
    let expected = "arguments caller command directives event findings key line max_wait_ms microsip number \
                    parameters path program starts target verb";
    assert_eq!(fields, expected.split_whitespace().collect::<Vec<_>>());
    assert_eq!(hook["arguments"], serde_json::json!(["hook", "run", "call-end", "+493012345678"]));
    assert_eq!(hook["directives"][0]["effect"], r"adds a line to `C:\a.csv`");
    let lines = folder.on_ini(&["hook", "explain", "--format", "ndjson"]).code(0).out();
    check_ndjson(&lines, &document);
}

#[test]
fn set_json_has_the_documented_shape() {
    let document = run(&["set", "Settings.AA=1", "Account1.password=y"], 0);
    insta::assert_snapshot!(check(&document), @"
    dry_run: bool
    files: [{backup: text, changes: [{after: text, before: text, key: text, kind: text, section: text}], error: null, hooks: [], path: text, removed_duplicates: [], state: text}]
    run: text
    summary: {changed: number, failed: number, files: number, unchanged: number}
    ");
    let file = &document["files"][0];
    assert_eq!(file["state"], "changed");
    insta::assert_snapshot!(file["changes"][1], @r#"{"after":"***","before":"***","key":"password","kind":"changed","section":"Account1"}"#);
    insta::assert_snapshot!(document["summary"], @r#"{"changed":1,"failed":0,"files":1,"unchanged":0}"#);
    let document = run(&["set", "Settings.AA=0"], 0);
    assert_eq!(document["files"][0]["state"], "unchanged");
    assert_eq!(document["files"][0]["backup"], Value::Null);
    let document = run(&["set", "Settings.AA=1", "--dry-run"], 0);
    assert_eq!(document["dry_run"], true);
}

#[test]
fn set_json_reports_failed_and_changed_files() {
    let folder = Folder::with(INI);
    let args = ["set", "Settings.AA=1", "-i", "missing.ini", "--format", "json"];
    let run = folder.on_ini(&args).code(4);
    let document = run.json();
    assert_eq!(document["files"][0]["state"], "failed");
    assert!(document["files"][0]["error"].is_string());
    assert_eq!(document["files"][1]["state"], "changed");
    insta::assert_snapshot!(document["summary"], @r#"{"changed":1,"failed":1,"files":2,"unchanged":0}"#);
    let error: Value = serde_json::from_str(&run.err()).unwrap();
    assert_eq!(error["error"]["path"], "missing.ini");
}

#[test]
fn backup_json_has_the_documented_shape() {
    let folder = Folder::with(INI);
    folder.on_ini(&["set", "Settings.AA=1"]).code(0);
    let list = |format| folder.on_ini(&["backup", "list", "--format", format]).code(0);
    let document = list("json").json();
    insta::assert_snapshot!(check(&document), @"backups: [{bytes: number, command: text, id: text, path: text, run: text, sha256: text, state: text, time: text}]");
    check_ndjson(&list("ndjson").out(), &document);
    let backup = &document["backups"][0];
    assert_eq!(backup["command"], "set Settings.AA");
    assert_eq!(backup["bytes"], INI.len());
    assert_eq!(backup["sha256"].as_str().unwrap().len(), 64);

    let restored = folder.on_ini(&["backup", "restore", "--format", "json"]).code(0).json();
    insta::assert_snapshot!(check(&restored), @"
    dry_run: bool
    files: [{backup: text, changes: [], error: null, hooks: [], path: text, removed_duplicates: [], state: text}]
    run: text
    summary: {changed: number, failed: number, files: number, unchanged: number}
    ");
}

#[test]
fn template_json_has_the_documented_shape() {
    let folder = Folder::new();
    let document = folder.run(&["template", "list", "--format", "json"]).code(0).json();
    insta::assert_snapshot!(check(&document), @"templates: [{error: null, kind: text, name: text, source: text, summary: text}]");
    let args = ["template", "show", "send-message", "--format"];
    let document = folder.run(&[&args[..], &["json"]].concat()).code(0).json();
    insta::assert_snapshot!(check(&document), @"
    events: [text]
    kind: text
    name: text
    parameters: [{default: null, example: null, name: text, pattern: null, required: bool, summary: text} | {default: text, example: null, name: text, pattern: null, required: bool, summary: text} | {default: text, example: null, name: text, pattern: text, required: bool, summary: text}]
    source: text
    summary: text
    ");
    check_ndjson(&folder.run(&[&args[..], &["ndjson"]].concat()).code(0).out(), &document);
}

#[test]
fn integration_json_has_the_documented_shape() {
    let folder = Folder::new();
    let args = ["template", "show", "batch-dialer", "--format", "json"];
    insta::assert_snapshot!(check(&folder.run(&args).code(0).json()), @"
    files: [{name: text, text: text}]
    kind: text
    name: text
    parameters: [{default: text, example: null, name: text, pattern: text, required: bool, summary: text}]
    source: text
    summary: text
    ");
    let args = ["template", "copy", "batch-dialer", ".", "--format"];
    let document = folder.run(&[&args[..], &["json"]].concat()).code(0).json();
    insta::assert_snapshot!(check(&document), @"
    files: [{path: text, state: text}]
    next: text
    ");
    assert_eq!(document["files"][0]["state"], "written");
    let again = folder.run(&[&args[..], &["ndjson"]].concat()).code(0).out();
    check_ndjson(&again, &document);
    assert!(again.contains(r#""state":"unchanged""#), "{again}");
}

#[test]
fn error_json_has_the_documented_shape() {
    for format in ["json", "ndjson"] {
        let folder = Folder::with(INI);
        let run = folder.on_ini(&["set", "Settings.singlMode=1", "--format", format]).code(2);
        assert_eq!(run.out(), "");
        let document: Value = serde_json::from_str(&run.err()).unwrap();
        insta::allow_duplicates! {
            insta::assert_snapshot!(check(&document), @"error: {hint: text, kind: text, message: text, path: null}");
            insta::assert_snapshot!(document["error"], @r#"{"hint":"did you mean `singleMode`?","kind":"usage","message":"unknown key `singlMode` in `[Settings]`","path":null}"#);
        }
        let run = folder.run(&["show", "-i", "missing.ini", "--format", format]).code(2);
        let document: Value = serde_json::from_str(&run.err()).unwrap();
        insta::allow_duplicates! {
            insta::assert_snapshot!(document["error"], @r#"{"hint":"check the path","kind":"runtime","message":"missing.ini: file not found","path":"missing.ini"}"#);
        }
    }
}
