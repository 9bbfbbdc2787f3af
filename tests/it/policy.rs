//! Policies: what the page shows can be loaded, and the JSON Schemas take what msipctl takes.

use std::collections::{BTreeMap, BTreeSet};
use std::io;
use std::path::Path;

use microsip_schema::Version;
use msipctl_core::hook::Catalogue;
use msipctl_core::policy::{Errors, Inputs, Policy, Row, Source, json_schema};
use msipctl_core::store::Input;
use serde_json::{Value, json};
use winini::CodePage;

use crate::runner::Folder;

const GUIDE: &str = include_str!("../../docs/write-a-policy.md");
const REFERENCE: &str = include_str!("../../docs/policy-syntax.md");
const README: &str = include_str!("../../README.md");

/// Returns the policies that a page shows, each with the name in its first line, if there is one.
fn blocks(page: &str) -> Vec<(String, String)> {
    let mut blocks = Vec::new();
    for (language, comment, ending) in [("toml", "# ", ".toml"), ("text", "; ", ".ini")] {
        for block in page.split(&format!("\n```{language}\n")).skip(1) {
            let text = block.split("\n```").next().unwrap();
            let first = text.lines().next().unwrap();
            let name = first.strip_prefix(comment).filter(|name| name.ends_with(ending));
            let name = name.map_or_else(|| format!("{}{ending}", blocks.len()), str::to_owned);
            blocks.push((name, format!("{text}\n")));
        }
    }
    blocks
}

/// Loads a policy and asks it for a file of which everything is known.
fn load(files: &BTreeMap<String, String>, name: &str) -> Result<usize, Errors> {
    let read = |path: &Path| {
        let text = files.get(path.to_str().unwrap());
        text.map(|text| text.clone().into_bytes()).ok_or_else(|| io::ErrorKind::NotFound.into())
    };
    let templates = Catalogue::shipped();
    let inputs = Inputs { read: &read, ansi: CodePage::WESTERN, templates: &templates };
    let policy = Policy::load(Path::new(name), &inputs)?;
    let columns = ["extension", "name", "pin"].map(|name| (name.to_owned(), "1".to_owned()));
    let row = Row::new("pcs.csv:2", columns);
    let source = Source {
        row: &row,
        microsip: Version::NEWEST,
        user: "ann",
        host: "desk-4",
        env: &|_| Some("x".to_owned()),
        read: &|_| Ok(b"secret\n".to_vec()),
        requires_secrets: true,
        program: r"C:\Program Files\msipctl\msipctl.exe",
        launcher_ini: None,
    };
    Ok(policy.resolved(&source)?.len())
}

#[test]
fn documented_policies_can_be_loaded() {
    let company = ("company.toml".to_owned(), "[Settings]\nAA = true\n".to_owned());
    for (page, least) in [(GUIDE, 9), (REFERENCE, 3), (README, 1)] {
        let files: BTreeMap<_, _> = [company.clone()].into_iter().chain(blocks(page)).collect();
        let mut loaded = 0;
        for name in files.keys().filter(|name| name.ends_with(".toml")) {
            let wanted =
                load(&files, name).unwrap_or_else(|error| panic!("{error}\n{}", files[name]));
            assert!(wanted > 0, "{name}");
            loaded += 1;
        }
        assert!(loaded >= least, "{loaded}");
    }
}

/// Turns TOML into what a validator takes.
fn parsed(text: &str) -> Value {
    let table: toml::Table = text.parse().unwrap();
    serde_json::to_value(table).unwrap()
}

#[test]
fn policy_schema_accepts_valid_policies() {
    let validator = jsonschema::validator_for(&json_schema()).unwrap();
    for (name, text) in [GUIDE, REFERENCE, README].into_iter().flat_map(blocks) {
        if name.ends_with(".toml") {
            let errors: Vec<_> =
                validator.iter_errors(&parsed(&text)).map(|it| it.to_string()).collect();
            assert!(errors.is_empty(), "{errors:?}\n{text}");
        }
    }
}

#[test]
fn policy_schema_and_loader_accept_the_same_forms() {
    let validator = jsonschema::validator_for(&json_schema()).unwrap();
    for text in [
        "extends = \"p2.toml\"\n[Settings]\nAA = 1\n",
        "[[hook]]\ntemplate = \"call-log\"\non = \"call-end\"\nwith = { file = 'C:\\c.csv' }\n",
        "[Account1]\npassword = { env = \"SIP_{{ row.extension }}\" }\n",
        "[Settings]\nvolumeRing = { default = 70 }\n",
        "[\"Account*\"]\ndomain = \"sip.example.com\"\n",
        "[\"Account*\"]\nmatch = { domain = [\"sip.*\", \"\"] }\nabsent = true\n",
        "[[\"Account*\"]]\nmatch = { username = \"{{ row.extension }}\" }\nlabel = \"x\"\n[[\"Account*\"]]\nlabel = \"y\"\n",
        "[[when]]\nmatch = { row.name = \"1*\" }\n[[when.\"Account*\"]]\nmatch = { domain = \"x\" }\nlabel = \"y\"\n",
        "[\"Account{{ row.extension }}\"]\nusername = \"{{ row.name }}\"\n",
        "[Account2]\nabsent = true\n",
        "[Shortcuts]\nreplace = true\n",
        "[[when]]\nmatch = { row.name = \"1*\" }\n[when.Settings]\nAA = 1\n",
    ] {
        let errors: Vec<_> =
            validator.iter_errors(&parsed(text)).map(|it| it.to_string()).collect();
        assert!(errors.is_empty(), "{errors:?}\n{text}");
        let files = [("p.toml", text), ("p2.toml", "")]
            .map(|(name, text)| (name.to_owned(), text.to_owned()));
        assert!(load(&files.into(), "p.toml").unwrap() > 0, "{text}");
    }
}

#[test]
fn policy_schema_rejects_invalid_policies() {
    let validator = jsonschema::validator_for(&json_schema()).unwrap();
    for text in [
        "[Settings]\nsingleMod = 1\n",
        "[Settings]\nAA = \"yes\"\n",
        "[Settings]\nvolumeRing = 500\n",
        "[Settings]\nupdatesInterval = \"hourly\"\n",
        "[Settings]\nAA = { mn = 1 }\n",
        "[Settings]\nAA = { absent = false }\n",
        "[Setings]\nAA = 1\n",
        "[match]\nhosts = \"a\"\n",
        "[[when]]\n[when.Settings]\nAA = 1\n",
        "[[hook]]\ntemplate = \"call-log\"\non = [\"callend\"]\n",
        "[[hook]]\non = [\"call-end\"]\n",
        "extends = 3\n",
        "[\"Account*\"]\nabsent = true\n",
        "[\"Account*\"]\nmatch = { domian = \"x\" }\n",
        "[\"Account*\"]\nmatch = { password = \"x\" }\n",
        "[\"Account*\"]\nmatch = {}\nlabel = \"x\"\n",
        "[[hook]]\ntemplate = \"call-log\"\non = []\n",
    ] {
        assert!(!validator.is_valid(&parsed(text)), "{text}");
        let files = [("p.toml".to_owned(), text.to_owned())].into();
        assert!(load(&files, "p.toml").is_err(), "{text}");
    }
}

#[test]
fn reference_lists_every_key_of_values_and_conditions() {
    let schema = json_schema();
    for (table, heading) in [("Value", "## Values"), ("MatchTable", "## Conditions")] {
        let (_, section) = REFERENCE.split_once(&format!("\n{heading}\n")).unwrap();
        let section = section.split("\n## ").next().unwrap();
        let cells = section.lines().filter_map(|line| line.strip_prefix("| `")?.split_once("` |"));
        let listed: BTreeSet<_> =
            cells.map(|(key, _)| key).filter(|key| !key.contains('`')).collect();
        let keys = schema["$defs"][table]["properties"].as_object().unwrap().keys();
        assert_eq!(listed, keys.map(String::as_str).collect(), "{heading}");
    }
}

#[test]
fn reference_states_the_limits_of_files() {
    for (row, input) in [
        ("Policy in TOML", Input::Policy),
        ("Golden file", Input::GoldenFile),
        ("Inventory", Input::Inventory),
        ("Earlier report, saved plan", Input::Report),
        ("Earlier report, saved plan", Input::Plan),
        ("`msipctl.toml`", Input::Config),
        ("Secret file", Input::Secret),
        ("Hook template", Input::Template),
    ] {
        let kib = input.limit() / 1024;
        let limit = if kib < 1024 { format!("{kib} KiB") } else { format!("{} MiB", kib / 1024) };
        assert!(REFERENCE.contains(&format!("\n| {row} | {limit}")), "{row}: {limit}");
    }
}

#[test]
fn printed_schemas_are_valid_json_schemas() {
    let folder = Folder::new();
    for kind in ["policy", "plan", "report", "inventory"] {
        let schema: Value =
            serde_json::from_str(&folder.run(&["schema", kind]).code(0).out()).unwrap();
        assert!(jsonschema::meta::is_valid(&schema), "{kind}");
        assert!(schema["title"].as_str().unwrap().contains("msipctl"), "{kind}");
        if kind == "policy" {
            assert_eq!(schema, json_schema());
        }
    }
    assert_eq!(folder.run(&["schema", "ini"]).code(2).out(), "");
}

#[test]
fn plan_and_report_schemas_accept_actual_output() {
    let folder = Folder::with("[Settings]\r\nAA=0\r\ncrashReport=1\r\n");
    folder.write("other.ini", "[Settings]\r\nAA=1\r\n[Account1]\r\npassword=hunter2\r\n");
    folder.write(
        "p.toml",
        "[Settings]\nAA = true\ncrashReport = { absent = true }\nvolumeRing = { max = 80 }\n\
         [Account1]\npassword = { env = \"SIP_PASSWORD\" }\n\
         [[hook]]\ntemplate = \"call-log\"\non = [\"call-end\"]\nwith = { file = 'C:\\calls.csv' }\n",
    );
    let print = |command: &str| -> Value {
        let files = ["-i", "MicroSIP.ini", "-i", "other.ini", "-i", "gone.ini"];
        let args = [&[command, "p.toml", "--format", "json"], &files[..]].concat();
        let run = folder.run_as(&args, |run| {
            run.env("SIP_PASSWORD", "hunter2");
        });
        let out = run.code(4).out();
        assert!(!out.contains("hunter2"), "{out}");
        serde_json::from_str(&out).unwrap()
    };
    for (kind, command) in [("plan", "plan"), ("report", "audit")] {
        let schema = serde_json::from_str(&folder.run(&["schema", kind]).code(0).out()).unwrap();
        let validator = jsonschema::validator_for(&schema).unwrap();
        let document = print(command);
        let errors: Vec<_> = validator.iter_errors(&document).map(|it| it.to_string()).collect();
        assert!(errors.is_empty(), "{errors:?}\n{document:#}");
        let mut wrong = document.clone();
        wrong["files"][0]["state"] = json!("odd");
        assert!(!validator.is_valid(&wrong), "{kind}");
        let mut lacking = document;
        lacking["files"][0].as_object_mut().unwrap().remove("error");
        assert!(!validator.is_valid(&lacking), "{kind}");
    }
}

#[test]
fn inventory_schema_accepts_inventory_rows() {
    let schema = Folder::new().run(&["schema", "inventory"]).code(0).out();
    let schema = serde_json::from_str(&schema).unwrap();
    let validator = jsonschema::validator_for(&schema).unwrap();
    assert!(validator.is_valid(&json!({ "ini": "a.ini", "extension": "204", "host": "desk-4" })));
    assert!(!validator.is_valid(&json!({ "extension": "204" })));
}
