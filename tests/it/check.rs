//! `check`: its formats, what is suppressed, its configuration, baselines, and the version it is done for.

use microsip_schema::Version;
use msipctl_core::diagnostic::{Code, Scope};
use msipctl_core::event::{Facts, Target};
use msipctl_core::validate::{Check, RULES, Rule, Selection};
use serde_json::Value;
use winini::{CodePage, Document, Encoding};

use crate::runner::{Folder, Run, utf16};

const INI: &str = "[Settings]\r\nAA=0\r\nAA=1\r\nautoAnswer=Büt|ton\r\nxNotes=1\r\n\
                   cmdCallEnd=\"C:\\My Hooks\\end.bat\"\r\n";

/// The same, with the last two suppressed by comments.
const COMMENTED: &str = "[Settings]\r\nAA=0\r\nAA=1\r\nautoAnswer=Büt|ton\r\n\
    ; msipctl: ignore unknown-key of our own build\r\nxNotes=1\r\n\
    ; msipctl: ignore split-program-path,command-too-long mended by hand\r\ncmdCallEnd=\"C:\\My Hooks\\end.bat\"\r\n";

/// The rules that find something in them, and no others that may come.
const SELECT: &str = "duplicate-key,invalid-value,unknown-key,split-program-path,command-too-long,unused-suppression";

/// Checks a file in a format.
#[track_caller]
fn check(ini: &str, format: &str) -> Run {
    let folder = Folder::new();
    std::fs::create_dir(folder.file("desk 1")).unwrap();
    folder.write("desk 1/a,b.ini", utf16(ini));
    folder.run(&["check", "-i", "desk 1/a,b.ini", "--format", format, "--select", SELECT])
}

/// Holds a log against the schema of SARIF 2.1.0, and returns its one run.
#[track_caller]
pub(crate) fn sarif(run: &Run) -> Value {
    let schema = include_str!("../fixtures/schema/sarif-2.1.0-rtm.5.json");
    let mut schema: Value = serde_json::from_str(schema).unwrap();
    // A pattern has a bracket too many for this library; it is about a field that is never written.
    for holder in ["run", "toolComponent"] {
        let place = format!("/definitions/{holder}/properties/language");
        let language = schema.pointer_mut(&place).unwrap();
        language.as_object_mut().unwrap().remove("pattern").unwrap();
    }
    let validator = jsonschema::validator_for(&schema).unwrap();
    let log = run.json();
    let errors: Vec<_> = validator.iter_errors(&log).map(|error| error.to_string()).collect();
    assert!(errors.is_empty(), "{errors:#?}");
    // It does refuse what is wrong.
    let mut wrong = log.clone();
    wrong["runs"][0]["results"][0]["level"] = "bad".into();
    assert!(!validator.is_valid(&wrong));
    log["runs"][0].clone()
}

#[test]
fn check_prints_human_report() {
    insta::assert_snapshot!(check(INI, "human").code(1).out(), @r#"
    warning[duplicate-key]: duplicate key `AA`: Windows reads only the one in line 2
     --> desk 1/a,b.ini:3:1
      |
    3 | AA=1
      | ^^

    warning[invalid-value]: invalid value `Büt|ton` for `autoAnswer`: MicroSIP treats it as empty
     --> desk 1/a,b.ini:4:12
      |
    4 | autoAnswer=Büt|ton
      |            ^^^^^^^
      |
      = help: expected `""` (empty), `button`, `header`, or `all`

    info[unknown-key]: unknown key `xNotes` in `[Settings]`
     --> desk 1/a,b.ini:5:1
      |
    5 | xNotes=1
      | ^^^^^^

    error[split-program-path]: `cmdCallEnd`: the program path is split at the space: MicroSIP starts `C:\My`
     --> desk 1/a,b.ini:6:12
      |
    6 | cmdCallEnd="C:\My Hooks\end.bat"
      |            ^^^^^^^^^^^^^^^^^^^^^
      |
      = help: put the program in quotes, and end the line with an argument without quotes: "C:\a b\x.exe" call-end

    Found 1 error, 2 warnings, and 1 info in 1 file; 2 fixable with `--unsafe-fixes`
    "#);
    insta::assert_snapshot!(check(COMMENTED, "human").code(1).out(), @r#"
    warning[duplicate-key]: duplicate key `AA`: Windows reads only the one in line 2
     --> desk 1/a,b.ini:3:1
      |
    3 | AA=1
      | ^^

    warning[invalid-value]: invalid value `Büt|ton` for `autoAnswer`: MicroSIP treats it as empty
     --> desk 1/a,b.ini:4:12
      |
    4 | autoAnswer=Büt|ton
      |            ^^^^^^^
      |
      = help: expected `""` (empty), `button`, `header`, or `all`

    info[unused-suppression]: unused suppression of `command-too-long`
     --> desk 1/a,b.ini:7:1
      |
    7 | ; msipctl: ignore split-program-path,command-too-long mended by hand
      | ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^

    Found 2 warnings and 1 info in 1 file; 2 suppressed; 1 fixable with `--unsafe-fixes`
    "#);
}

#[test]
fn check_prints_sarif() {
    let run = sarif(&check(COMMENTED, "sarif").code(1));
    assert_eq!(run["tool"]["driver"]["name"], "msipctl");
    let rules = run["tool"]["driver"]["rules"].as_array().unwrap();
    for result in run["results"].as_array().unwrap() {
        let index = usize::try_from(result["ruleIndex"].as_u64().unwrap()).unwrap();
        assert_eq!(rules[index]["id"], result["ruleId"]);
    }
    let torn = rules.iter().find(|rule| rule["id"] == "split-program-path").unwrap();
    assert_eq!(torn["name"], "SplitProgramPath");
    assert_eq!(torn["defaultConfiguration"]["level"], "error");
    assert_eq!(torn["properties"]["tags"], serde_json::json!(["hooks"]));
    let page = torn["help"]["markdown"].as_str().unwrap();
    assert!(
        page.starts_with("Fix is sometimes available.\n\n## What it does\nChecks for "),
        "{page}"
    );
    assert!(!torn["fullDescription"]["text"].as_str().unwrap().contains('#'));

    let results = run["results"].as_array().unwrap();
    insta::assert_snapshot!(serde_json::to_string_pretty(&results[1]).unwrap(), @r#"
    {
      "level": "warning",
      "locations": [
        {
          "physicalLocation": {
            "artifactLocation": {
              "uri": "desk%201/a%2Cb.ini"
            },
            "region": {
              "endColumn": 19,
              "startColumn": 12,
              "startLine": 4
            }
          }
        }
      ],
      "message": {
        "text": "invalid value `Büt|ton` for `autoAnswer`: MicroSIP treats it as empty\nexpected `\"\"` (empty), `button`, `header`, or `all`"
      },
      "partialFingerprints": {
        "msipctl/v2": "5d315bcd9c56bff360e7986c1d21c942:1"
      },
      "properties": {
        "arguments": {
          "key": "autoAnswer",
          "value": "Büt|ton"
        },
        "key": "autoAnswer",
        "section": "Settings"
      },
      "ruleId": "invalid-value",
      "ruleIndex": 2,
      "suppressions": []
    }
    "#);
    let suppressed: Vec<_> =
        results.iter().filter(|result| result["suppressions"] != serde_json::json!([])).collect();
    assert_eq!(suppressed.len(), 2);
    insta::assert_snapshot!(suppressed[1]["suppressions"], @r#"[{"justification":"mended by hand","kind":"inSource"}]"#);
}

#[test]
fn sarif_reports_unreadable_files_as_notifications() {
    let folder = Folder::with("[Settings]\r\nAA=0\r\n");
    let log = folder.on_ini(&["check", "--format", "sarif", "-i", "none.ini"]).code(4).json();
    let run = &log["runs"][0];
    assert_eq!(run["results"], serde_json::json!([]));
    assert_eq!(run["invocations"][0]["executionSuccessful"], false);
    let notification = &run["invocations"][0]["toolExecutionNotifications"][0];
    insta::assert_snapshot!(notification["message"]["text"], @r#""none.ini: file not found""#);
}

#[test]
fn sarif_fingerprints_are_stable_when_lines_move() {
    let prints = |ini: &str| -> Vec<String> {
        let run = sarif(&check(ini, "sarif").code(1));
        let results = run["results"].as_array().unwrap().iter();
        results
            .map(|it| it["partialFingerprints"]["msipctl/v2"].as_str().unwrap().to_owned())
            .collect()
    };
    let before = prints(INI);
    let mut distinct = before.clone();
    distinct.sort();
    distinct.dedup();
    assert_eq!(distinct.len(), before.len());
    assert_eq!(prints(&INI.replace("[Settings]", "; moved\r\n\r\n[Settings]")), before);
}

#[test]
fn sarif_does_not_reveal_the_length_of_secrets() {
    let column = |password: &str| {
        let ini =
            format!("[Account1]\r\nlabel=A\r\npassword={password}\r\npassword={password}\r\n");
        sarif(&check(&ini, "sarif").code(1))["results"].to_string()
    };
    assert_eq!(column("abc"), column("abcdefgh"));
}

#[test]
fn check_prints_junit() {
    let out = check(COMMENTED, "junit").code(1).out();
    insta::assert_snapshot!(out, @r#"
    <?xml version="1.0" encoding="UTF-8"?>
    <testsuites name="msipctl" tests="6" skipped="2" failures="2" errors="0">
        <testsuite name="desk 1/a,b.ini" tests="6" skipped="2" errors="0" failures="2">
            <testcase name="command-too-long" classname="desk 1/a,b.ini"/>
            <testcase name="duplicate-key" classname="desk 1/a,b.ini">
                <failure message="duplicate key `AA`: Windows reads only the one in line 2" type="warning">desk 1/a,b.ini:3:1: warning: duplicate key `AA`: Windows reads only the one in line 2</failure>
            </testcase>
            <testcase name="invalid-value" classname="desk 1/a,b.ini">
                <failure message="invalid value `Büt|ton` for `autoAnswer`: MicroSIP treats it as empty" type="warning">desk 1/a,b.ini:4:12: warning: invalid value `Büt|ton` for `autoAnswer`: MicroSIP treats it as empty
      expected `&quot;&quot;` (empty), `button`, `header`, or `all`</failure>
            </testcase>
            <testcase name="split-program-path" classname="desk 1/a,b.ini">
                <skipped message="mended by hand"/>
            </testcase>
            <testcase name="unknown-key" classname="desk 1/a,b.ini">
                <skipped message="of our own build"/>
            </testcase>
            <testcase name="unused-suppression" classname="desk 1/a,b.ini">
                <system-out>desk 1/a,b.ini:7:1: info: unused suppression of `command-too-long`</system-out>
            </testcase>
        </testsuite>
    </testsuites>
    "#);

    let folder = Folder::with("[Settings]\r\nAA=0\r\n");
    let args = ["check", "--format", "junit", "--select", "split-program-path", "-i", "none.ini"];
    insta::assert_snapshot!(folder.on_ini(&args).code(4).out(), @r#"
    <?xml version="1.0" encoding="UTF-8"?>
    <testsuites name="msipctl" tests="2" skipped="0" failures="0" errors="1">
        <testsuite name="MicroSIP.ini" tests="1" skipped="0" errors="0" failures="0">
            <testcase name="split-program-path" classname="MicroSIP.ini"/>
        </testsuite>
        <testsuite name="none.ini" tests="1" skipped="0" errors="1" failures="0">
            <testcase name="readable" classname="none.ini">
                <error message="none.ini: file not found"/>
            </testcase>
        </testsuite>
    </testsuites>
    "#);
}

#[test]
fn junit_failures_match_the_exit_code() {
    let folder = Folder::with("[Settings]\r\nAA=0\r\nAA=1\r\n");
    let args = ["check", "--format", "junit", "--select", "duplicate-key"];
    assert!(folder.on_ini(&args).code(1).out().contains("<failure"));
    let out = folder.on_ini(&[&args[..], &["--fail-on", "error"]].concat()).code(0).out();
    assert!(!out.contains("<failure") && out.contains("<system-out>MicroSIP.ini:3:1: "), "{out}");
}

#[test]
fn check_prints_github_annotations() {
    insta::assert_snapshot!(check(COMMENTED, "github").code(1).out(), @r#"
    ::warning file=desk 1/a%2Cb.ini,line=3,col=1,endColumn=3,title=duplicate-key::duplicate key `AA`: Windows reads only the one in line 2
    ::warning file=desk 1/a%2Cb.ini,line=4,col=12,endColumn=19,title=invalid-value::invalid value `Büt|ton` for `autoAnswer`: MicroSIP treats it as empty%0Aexpected `""` (empty), `button`, `header`, or `all`
    ::notice file=desk 1/a%2Cb.ini,line=7,col=1,endColumn=69,title=unused-suppression::unused suppression of `command-too-long`
    "#);
}

#[test]
fn check_prints_markdown() {
    insta::assert_snapshot!(check(COMMENTED, "markdown").code(1).out(), @r#"
    ### desk 1/a,b.ini

    | line | severity | rule | finding |
    |---:|---|---|---|
    | 3 | warning | `duplicate-key` | duplicate key `AA`: Windows reads only the one in line 2 |
    | 4 | warning | `invalid-value` | invalid value `Büt\|ton` for `autoAnswer`: MicroSIP treats it as empty; expected `""` (empty), `button`, `header`, or `all` |
    | 7 | info | `unused-suppression` | unused suppression of `command-too-long` |

    **Found 2 warnings and 1 info in 1 file; 2 suppressed; 1 fixable with `--unsafe-fixes`**
    "#);
    insta::assert_snapshot!(check("[Settings]\r\nAA=0\r\n", "markdown").code(0).out(), @"**No findings in 1 file**");
}

#[test]
fn json_summary_counts_suppressed_findings() {
    let document = check(COMMENTED, "json").code(1).json();
    insta::assert_snapshot!(document["summary"], @r#"{"errors":0,"fixable":1,"fixed":0,"infos":1,"known":null,"resolved":null,"suppressed":2,"warnings":2}"#);
}

#[test]
fn set_rejects_finding_formats_before_writing() {
    let folder = Folder::with(INI);
    let before = folder.state();
    let run = folder.on_ini(&["set", "Settings.AA=1", "--format", "sarif"]).code(2);
    insta::assert_snapshot!(run.err(), @"
    error: invalid value 'sarif' for '--format <FORMAT>'
      [possible values: human, json, ndjson]

    For more information, try '--help'.
    ");
    assert_eq!(run.out(), "");
    assert_eq!(folder.state(), before);
}

#[test]
fn human_report_has_a_heading_per_file() {
    let folder = Folder::with("[Settings]\r\nAA=0\r\nAA=1\r\n");
    folder.write("clean.ini", "[Settings]\r\nAA=0\r\n");
    folder.write("old.ini", "[Settings]\r\nxA=1\r\n[Global]\r\nversion=3.20.5\r\n");
    let run = folder.on_ini(&["check", "-i", "clean.ini", "-i", "old.ini", "--select", SELECT]);
    insta::assert_snapshot!(run.code(1).out(), @"
    old.ini: 1 info, checked for MicroSIP 3.20.5, recorded in the file

    info[unknown-key]: unknown key `xA` in `[Settings]`
     --> old.ini:2:1
      |
    2 | xA=1
      | ^^

    MicroSIP.ini: 1 warning

    warning[duplicate-key]: duplicate key `AA`: Windows reads only the one in line 2
     --> MicroSIP.ini:3:1
      |
    3 | AA=1
      | ^^

    Found 1 warning and 1 info in 3 files; 1 fixable with `--unsafe-fixes`
    ");
}

#[test]
fn check_targets_the_version_stored_in_the_file() {
    let folder = Folder::with("[Settings]\r\nAA=0\r\n[Global]\r\nversion=\"3.20.5\"\r\n");
    let check = |more: &[&str]| {
        let run = folder.on_ini(&[&["check", "--select", "split-program-path"], more].concat());
        run.code(0).out()
    };
    insta::assert_snapshot!(check(&[]), @"
    checked for MicroSIP 3.20.5, recorded in the file
    No findings in 1 file
    ");
    insta::assert_snapshot!(check(&["--microsip", "3.19"]), @"
    checked for MicroSIP 3.19.0
    No findings in 1 file
    ");
    let newest = Version::NEWEST.to_string();
    insta::assert_snapshot!(check(&["--microsip", &newest]), @"No findings in 1 file");
    folder.write("msipctl.toml", "[check]\nmicrosip = \"3.21.3\"\n");
    insta::assert_snapshot!(check(&[]), @"
    checked for MicroSIP 3.21.3, set in the configuration
    No findings in 1 file
    ");

    // A key that came later is refused, and an older one is cut where that version cuts it.
    folder.write("old.ini", "[Account1]\r\n[Global]\r\nversion=3.20.5\r\n");
    let long = format!("Account1.domain={}", "x".repeat(300));
    let set = |ini: &str| folder.run(&["set", &long, "-n", "-i", ini]);
    assert!(set("old.ini").code(2).err().contains("MicroSIP 3.20.5 truncates it to 255"));
    folder.write("new.ini", "[Account1]\r\n");
    set("new.ini").code(0);
    folder.write(
        "long.ini",
        format!("[Account1]\r\ndomain={}\r\n[Global]\r\nversion=3.20.5\r\n", "x".repeat(300)),
    );
    let got = folder.run(&["get", "Account1.domain", "-i", "long.ini"]).code(0).out();
    assert_eq!(got.trim_end().len(), 255);
}

const CONFIG: &str = "\
[check]
select = [\"duplicate-*\", \"schema\"]
ignore = [\"duplicate-section\"]
fail_on = \"error\"

[[check.suppress]]
rule = \"unknown-key\"
file = \"MicroSIP.ini\"
section = \"settings\"
key = \"x*\"
reason = \"of our own build\"
until = 9999-12-31

[[check.suppress]]
rule = \"duplicate-key\"
reason = \"until the next roll-out\"
until = 2001-12-31
";

#[test]
fn configuration_is_found_in_parent_folders() {
    let folder = Folder::with(INI);
    folder.write("msipctl.toml", CONFIG);
    let run = folder.on_ini(&["check"]).code(0);
    assert!(run.out().contains("; 1 suppressed"), "{}", run.out());
    insta::assert_snapshot!(run.err(), @"warning: [FOLDER]/msipctl.toml:15: the suppression of `duplicate-key` expired on 2001-12-31");
    assert!(!run.out().contains("split-program-path"));

    std::fs::create_dir(folder.file("below")).unwrap();
    let below = folder.run_as(&["check", "-i", "../MicroSIP.ini"], |command| {
        command.current_dir(folder.file("below"));
    });
    assert!(below.code(0).out().contains("; 1 suppressed"));

    // What the command line says counts.
    folder.on_ini(&["check", "--fail-on", "warning"]).code(1);
    let run = folder.on_ini(&["check", "--select", "split-program-path"]).code(1);
    assert!(run.out().starts_with("error[split-program-path]"), "{}", run.out());

    folder.write("other.toml", "[check]\nselect = [\"utf*\"]\n");
    folder.on_ini(&["check", "--config", "other.toml"]).code(1);
    let run = folder.on_ini(&["check", "--config", "none.toml"]).code(2);
    insta::assert_snapshot!(run.err(), @"
    error: none.toml: file not found
    hint: check the path
    ");
}

#[test]
fn user_configuration_applies_when_no_folder_has_one() {
    let folder = Folder::with(INI);
    std::fs::create_dir_all(folder.file(".config/msipctl")).unwrap();
    folder.write(".config/msipctl/msipctl.toml", "[check]\nselect = [\"split-program-path\"]\n");
    let own = |command: &mut std::process::Command| {
        command.env("APPDATA", folder.file(".config"));
    };
    let check = || folder.run_as(&["check", "-i", "MicroSIP.ini"], own).code(1).out();
    assert!(check().contains("\nFound 1 error in 1 file"), "{}", check());
    folder.write("msipctl.toml", "[check]\nselect = [\"duplicate-key\"]\n");
    assert!(check().contains("\nFound 1 warning in 1 file"), "{}", check());
}

#[test]
fn configuration_error_reports_its_location() {
    let folder = Folder::with(INI);
    folder.write("msipctl.toml", "[check]\nselect = [\"split-progam-path\"]\n");
    let run = folder.on_ini(&["check"]).code(2);
    insta::assert_snapshot!(run.err(), @r#"
    error: unknown rule or group `split-progam-path`; did you mean `split-program-path`?
     --> [FOLDER]/msipctl.toml:2:11
      |
    2 | select = ["split-progam-path"]
      |           ^^^^^^^^^^^^^^^^^^^
    "#);
}

#[test]
fn baseline_hides_known_findings() {
    let folder = Folder::with(INI);
    let json = folder.on_ini(&["check", "--format", "json", "--select", SELECT]).code(1).out();
    folder.write("known.json", &json);
    // As PowerShell redirects it.
    folder.write("wide.json", utf16(&json));

    let args = ["check", "--select", SELECT, "--baseline", "known.json"];
    insta::assert_snapshot!(folder.on_ini(&args).code(0).out(), @"No new findings in 1 file; 4 known, 0 resolved");
    folder.on_ini(&["check", "--select", SELECT, "--baseline", "wide.json"]).code(0);
    folder.run(&[&args[..], &["-i", "./MicroSIP.ini"]].concat()).code(0);

    // One is gone, one is new, and one is there once more.
    let now = INI.replace("autoAnswer=Büt|ton", "\r\nyNotes=1").replace("AA=1", "AA=1\r\nAA=1");
    folder.write("MicroSIP.ini", now);
    insta::assert_snapshot!(folder.on_ini(&args).code(1).out(), @"
    warning[duplicate-key]: duplicate key `AA`: Windows reads only the one in line 2
     --> MicroSIP.ini:4:1
      |
    4 | AA=1
      | ^^

    info[unknown-key]: unknown key `yNotes` in `[Settings]`
     --> MicroSIP.ini:6:1
      |
    6 | yNotes=1
      | ^^^^^^

    Found 1 warning and 1 info in 1 file; 3 known, 1 resolved; 1 fixable with `--unsafe-fixes`
    ");
    let document = folder.on_ini(&[&args[..], &["--format", "json"]].concat()).code(1).json();
    insta::assert_snapshot!(document["summary"], @r#"{"errors":0,"fixable":1,"fixed":0,"infos":1,"known":3,"resolved":1,"suppressed":0,"warnings":1}"#);
    let run = sarif(&folder.on_ini(&[&args[..], &["--format", "sarif"]].concat()).code(1));
    assert_eq!(run["results"][0]["baselineState"], "new");
}

#[test]
fn baseline_matches_findings_by_arguments_and_not_by_message() {
    let folder = Folder::with(INI);
    let known = folder.on_ini(&["check", "--format", "json", "--select", SELECT]).code(1).out();
    let args = ["check", "--select", SELECT, "--baseline", "known.json", "--format", "json"];
    let new = |report: &str| {
        folder.write("known.json", report);
        let document = folder.on_ini(&args).json();
        let findings = document["files"][0]["findings"].as_array().unwrap().clone();
        findings.iter().map(|it| it["rule"].as_str().unwrap().to_owned()).collect::<Vec<_>>()
    };
    let mut report: Value = serde_json::from_str(&known).unwrap();
    assert_eq!(new(&report.to_string()), [""; 0]);
    let findings = report["files"][0]["findings"].as_array_mut().unwrap();
    for finding in findings.iter_mut() {
        finding["message"] = "other words".into();
        finding["line"] = 99.into();
        if finding["arguments"]["line"].is_string() {
            finding["arguments"]["line"] = "98".into();
        }
    }
    assert_eq!(new(&report.to_string()), [""; 0]);
    let findings = report["files"][0]["findings"].as_array_mut().unwrap();
    let value = findings.iter_mut().find(|it| it["rule"] == "invalid-value").unwrap();
    value["arguments"]["value"] = "all the time".into();
    assert_eq!(new(&report.to_string()), ["invalid-value"]);
}

#[test]
fn baseline_without_arguments_is_rejected() {
    let folder = Folder::with(INI);
    let known = folder.on_ini(&["check", "--format", "json", "--select", SELECT]).code(1).out();
    let mut report: Value = serde_json::from_str(&known).unwrap();
    for finding in report["files"][0]["findings"].as_array_mut().unwrap() {
        finding.as_object_mut().unwrap().remove("arguments");
    }
    folder.write("known.json", report.to_string());
    let run = folder.on_ini(&["check", "--baseline", "known.json"]).code(2);
    insta::assert_snapshot!(run.err(), @"
    error: known.json: findings without `arguments`, as an older msipctl wrote them
    hint: run `msipctl check --format json > FILE` to create one
    ");
}

/// The identity of each finding of a rule in a text, as a baseline knows it.
fn identities(rule: &'static Rule, text: &str) -> Vec<String> {
    struct Elsewhere;
    impl Facts for Elsewhere {
        fn target(&self, _: &str) -> Option<Target> {
            None
        }
    }
    let document =
        Document::parse(text.into(), Encoding::detect(text.as_bytes(), CodePage::WESTERN));
    let selection = Selection::new(&[rule.name], &[]).unwrap();
    let by = Check { selection: &selection, facts: &Elsewhere, ..Check::new(Version::NEWEST) };
    let findings = msipctl_core::validate::check(&document, by);
    let mut found: Vec<_> = findings
        .iter()
        .map(|it| {
            let identity: Vec<_> = it.message().identity().collect();
            format!("{} {:?} {:?} {identity:?}", it.code(), it.section(), it.key())
        })
        .collect();
    found.sort();
    found
}

#[test]
fn finding_identity_is_stable_when_lines_move() {
    let mut compared = 0;
    for rule in RULES {
        let page = rule.text();
        let example = page.split("## Example").nth(1).and_then(|it| it.split("```ini\n").nth(1));
        let Some(example) = example.and_then(|it| it.split("```").next()) else { continue };
        let known = identities(rule, example);
        let moved = identities(rule, &format!("\n\n\n{example}"));
        assert_eq!(moved, known, "{}", rule.name);
        compared += usize::from(!known.is_empty());
    }
    assert!(compared > 90, "{compared}");
}

/// `hook explain` and `check` say the same of the same hooks: each finding of `check` is one of `hook explain`, and as bad.
#[test]
fn hook_explain_agrees_with_check() {
    let ini = "[Settings]\r\ncmdCallEnd=\"C:\\My Hooks\\end.bat\"\r\ncmdCallStart=notepad\r\n\
               cmdCallBusy=tool.exe %s\r\ncmdCallRing=https://example.com/\r\n\
               cmdCallAnswer=C:\\x.exe C:\\My file.txt\r\ncmdIncomingCall=C:\\x.exe hook run call-end\r\n\
               OnIncomingCall=\r\nOnIncomingCall.2=Udp,h:1,<a>%number%</a> {number}\r\n\
               OnIncomingCall.3=PostMessage,W,WM_CLOSE,%number%\r\nOnIncomingCall.4=Nothing\r\n";
    let folder = Folder::with(ini);
    let told = |list: &Value| -> Vec<(String, String, Value)> {
        let text = |value: &Value| value.as_str().unwrap().to_owned();
        let row = |it: &Value| {
            let mut arguments = it["arguments"].clone();
            // Where it is in the file is what `check` adds.
            arguments.as_object_mut().unwrap().remove("key");
            (text(&it["rule"]), text(&it["severity"]), arguments)
        };
        list.as_array().unwrap().iter().map(row).collect()
    };
    let explained = folder.on_ini(&["hook", "explain", "--format", "json"]).code(0).json();
    let hazards: Vec<_> = explained["hooks"]
        .as_array()
        .unwrap()
        .iter()
        .flat_map(|hook| told(&hook["findings"]))
        .collect();
    let args = ["check", "--select", "hooks,security", "--format", "json"];
    let checked = folder.on_ini(&args).code(1).json();
    let mut severities = std::collections::BTreeSet::new();
    for finding in told(&checked["files"][0]["findings"]) {
        let code: Code = finding.0.parse().unwrap();
        if code.descriptor().scope == Scope::Hook && !finding.0.starts_with("directive-without") {
            assert!(hazards.contains(&finding), "{finding:?} is none of {hazards:?}");
            severities.insert((finding.0, finding.1));
        }
    }
    for (code, severity) in [
        ("split-program-path", "error"),
        ("split-argument", "info"),
        ("relative-program", "info"),
        ("relative-program", "warning"),
        ("unknown-placeholder", "warning"),
        ("caller-not-passed", "info"),
        ("invalid-directive", "info"),
        ("invalid-directive", "error"),
        ("unescaped-xml", "warning"),
        ("system-message", "warning"),
    ] {
        assert!(severities.contains(&(code.into(), severity.into())), "{code} {severities:?}");
    }
}

#[test]
fn missing_or_invalid_baseline_is_an_error() {
    let folder = Folder::with(INI);
    let run = folder.on_ini(&["check", "--baseline", "none.json"]).code(2);
    insta::assert_snapshot!(run.err(), @"
    error: none.json: file not found
    hint: run `msipctl check --format json > FILE` to create one
    ");
    folder.write("no.json", "{\"files\": 1}");
    let run = folder.on_ini(&["check", "--baseline", "no.json"]).code(2);
    insta::assert_snapshot!(run.err(), @"
    error: no.json:1:11: invalid report of `check`: expected JSON with `files`
    hint: run `msipctl check --format json > FILE` to create one
    ");
}

const SUPPRESS: &str = include_str!("../../docs/suppress-findings.md");
const CONFIGURATION: &str = include_str!("../../docs/configuration.md");

#[test]
fn configurations_that_pages_show_suppress_the_finding() {
    for page in [SUPPRESS, CONFIGURATION] {
        let folder = Folder::new();
        std::fs::create_dir(folder.file("pc-1")).unwrap();
        folder.write("pc-1/MicroSIP.ini", utf16("[Settings]\r\naccountId=0\r\nxNotes=1\r\n"));
        let check = || folder.run(&["check", "--select", "unknown-key", "-i", "pc-1/MicroSIP.ini"]);
        assert!(!check().code(0).out().contains("suppressed"));
        let (_, block) = page.split_once("```toml\n").unwrap();
        folder.write("msipctl.toml", block.split_once("\n```").unwrap().0);
        assert!(check().code(0).out().contains("1 suppressed"));
    }
}

#[test]
fn rules_about_suppressions_are_listed() {
    let mut listed = 0;
    for rule in RULES.iter().filter(|rule| rule.name.contains("suppression")) {
        assert!(SUPPRESS.contains(&format!("| `{}` |", rule.name)), "{}", rule.name);
        listed += 1;
    }
    assert_eq!(listed, 3);
}

#[test]
fn check_prints_html_with_the_sites_of_the_inventory() {
    let folder = Folder::new();
    folder.write("a.ini", INI);
    folder.write("b.ini", "[Settings]\r\nAA=0\r\n");
    folder.write("pcs.csv", "ini,site\na.ini,Berlin<b>\nb.ini,Bonn\nc.ini,Bonn\n");
    let args = ["check", "--inventory", "pcs.csv", "--select", SELECT, "--format", "html"];
    let page = folder.run(&args).code(4).out();
    let tiles = page.split("<strong>").skip(1).map(|tile| tile.split('<').next().unwrap());
    // Files, errors, warnings, infos, no findings, failed, findings, fixable.
    let tiles: Vec<_> = tiles.collect();
    assert_eq!(tiles[..7], ["3", "1", "0", "0", "1", "1", "4"], "{tiles:?}");
    for text in ["Bonn", "Berlin&lt;b&gt;", "id=\"rule-duplicate-key\"", "file not found"] {
        assert!(page.contains(text), "{text} is not on the page: {page}");
    }
    let to_file = [&args[..], &["-o", "check.html"]].concat();
    assert_eq!(folder.run(&to_file).code(4).out(), "");
    let saved = std::fs::read_to_string(folder.file("check.html")).unwrap();
    assert!(saved.starts_with("<!doctype html>") && saved.ends_with("</html>"), "{saved}");
    // Findings that a baseline has aren't on the page.
    let baseline =
        folder.run(&["check", "--inventory", "pcs.csv", "--format", "json"]).code(4).out();
    folder.write("known.json", baseline);
    let known = folder.run(&[&args[..], &["--baseline", "known.json"]].concat()).code(4).out();
    assert!(known.contains("No file has findings.") && known.contains("4 known"), "{known}");
}
