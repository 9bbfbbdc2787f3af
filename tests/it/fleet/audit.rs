//! `audit`: states and exit codes, every format, and what is new since an earlier report.

use std::fs;
use std::process::Command;

use serde_json::{Value, json};

use super::{OLD, POLICY, fits_schema, ini, pcs, report, slashed, states};
use crate::check::sarif;
use crate::runner::{Folder, say, utf16};

/// Three PCs: one in sync, one drifted, and one missing.
fn mixed() -> Folder {
    let folder = pcs(2, POLICY);
    folder.run(&["apply", "p.toml", "-i", "d01", "--no-backup"]).code(0);
    folder.write(
        "desks.csv",
        "ini,site\nd01/MicroSIP.ini,Berlin\nd02/MicroSIP.ini,Hamburg\nd03/MicroSIP.ini,Hamburg\n",
    );
    folder.write(&ini(2), utf16(&OLD.replace("volumeRing=50", "volumeRing=90|`")));
    folder
}

const ALL: [&str; 4] = ["audit", "p.toml", "--inventory", "desks.csv"];

#[test]
fn human_audit_shows_in_sync_drifted_and_failed_files() {
    let folder = mixed();
    let run = folder.run(&ALL).code(4);
    insta::assert_snapshot!(slashed(&run.out()), @"
    d01/MicroSIP.ini: in sync
    d02/MicroSIP.ini: drifted
      ~ Settings.AA = 0, expected 1 (p.toml:2:1)
      ~ Settings.volumeRing = 90|`, expected 80 or less (p.toml:3:1)
      ~ hook native-command is missing on call-end (p.toml:6:12)
    d03/MicroSIP.ini: failed
    3 files: 1 in sync, 1 drifted, 1 failed; score 50.0%, coverage 66.6%
    ");
    insta::assert_snapshot!(slashed(&run.err()), @"
    error: desks.csv:4: d03/MicroSIP.ini: file not found
    hint: check the path
    ");
    let one = folder.run(&["audit", "p.toml", "-i", "d01"]).code(0);
    assert_eq!(slashed(&one.out()), "d01/MicroSIP.ini: in sync\n");
    let gone = folder.run(&["audit", "p.toml", "-i", "gone.ini"]).code(2);
    assert_eq!(gone.out(), "");
}

#[test]
fn audit_exit_code_depends_on_drift_and_failures() {
    let folder = mixed();
    let audit =
        |args: &[&str], code| _ = folder.run(&[&["audit", "p.toml"], args].concat()).code(code);
    audit(&["-i", "d01"], 0);
    audit(&["-i", "d02"], 1);
    audit(&["-i", "d01", "-i", "d02"], 1);
    audit(&["-i", "d01", "-i", "d02", "--exit-zero"], 0);
    audit(&["-i", "d01", "-i", "gone.ini"], 4);
    audit(&["-i", "d02", "-i", "gone.ini", "--exit-zero"], 4);
    audit(&["-i", "gone.ini", "--exit-zero"], 2);
    let before = folder.state();
    audit(&["-i", "d02"], 1);
    assert!(folder.state() == before, "something was touched");
}

#[test]
fn json_audit_matches_its_schema_and_ndjson_rows() {
    let folder = mixed();
    let audit = report(&folder, &ALL, 4);
    fits_schema(&folder, "report", &audit);
    assert_eq!(
        states(&audit),
        ["d01/MicroSIP.ini in_sync", "d02/MicroSIP.ini drifted", "d03/MicroSIP.ini failed"]
    );
    assert_eq!(
        audit["files"][1]["drift"][1],
        json!({
            "section": "Settings", "key": "volumeRing", "expected": "80 or less",
            "actual": "90|`", "line": 3, "policy": "p.toml:3:1", "since": null, "hook": null,
        })
    );
    // Two files with three keys each; all three keys of one file drift.
    assert_eq!(
        audit["summary"],
        json!({
            "files": 3, "in_sync": 1, "drifted": 1, "failed": 1, "unverified": 0, "score": 50.0, "coverage": 66.66,
            "new": null, "resolved": null,
        })
    );
    let ndjson = folder.run(&[&ALL[..], &["--format", "ndjson"]].concat()).code(4).out();
    let lines: Vec<Value> = ndjson.lines().map(|it| serde_json::from_str(it).unwrap()).collect();
    assert_eq!(lines[..3], audit["files"].as_array().unwrap()[..]);
    assert_eq!(lines[3]["summary"], audit["summary"]);
    // If nothing is verified, there is no score.
    let none = report(&folder, &["audit", "p.toml", "-i", "gone.ini", "-i", "gone2.ini"], 2);
    assert_eq!(
        (&none["summary"]["score"], &none["summary"]["coverage"]),
        (&Value::Null, &json!(0.0))
    );
    fits_schema(&folder, "report", &none);
    folder.write("none.toml", "[match]\nhost = \"nobody\"\n[Settings]\nAA = true\n");
    let none = folder.run(&["audit", "none.toml", "-i", "d01", "-i", "d02"]).code(0);
    assert!(
        none.out().ends_with("2 in sync, 0 drifted; score unknown, coverage 100%\n"),
        "{}",
        none.out()
    );
}

#[test]
fn audit_prints_sarif() {
    let folder = mixed();
    let run = sarif(&folder.run(&[&ALL[..], &["--format", "sarif"]].concat()).code(4));
    let results = run["results"].as_array().unwrap();
    assert_eq!(results.len(), 3);
    insta::assert_snapshot!(results[1]["message"]["text"].as_str().unwrap(), @"`Settings.volumeRing` is `90|``, expected 80 or less");
    assert_eq!(results[1]["ruleId"], "Settings.volumeRing");
    assert_eq!(results[1]["locations"][0]["physicalLocation"]["region"]["startLine"], 3);
    let notification = &run["invocations"][0]["toolExecutionNotifications"][0];
    let message = slashed(notification["message"]["text"].as_str().unwrap());
    assert_eq!(message, "desks.csv:4: d03/MicroSIP.ini: file not found");
}

#[test]
fn audit_prints_junit_github_and_markdown() {
    let folder = mixed();
    let printed =
        |format| slashed(&folder.run(&[&ALL[..], &["--format", format]].concat()).code(4).out());
    insta::assert_snapshot!(printed("junit"), @r#"
    <?xml version="1.0" encoding="UTF-8"?>
    <testsuites name="msipctl" tests="7" skipped="0" failures="3" errors="1">
        <testsuite name="d01/MicroSIP.ini" tests="3" skipped="0" errors="0" failures="0">
            <testcase name="Settings.AA" classname="d01/MicroSIP.ini"/>
            <testcase name="Settings.volumeRing" classname="d01/MicroSIP.ini"/>
            <testcase name="hook native-command on call-end" classname="d01/MicroSIP.ini"/>
        </testsuite>
        <testsuite name="d02/MicroSIP.ini" tests="3" skipped="0" errors="0" failures="3">
            <testcase name="Settings.AA" classname="d02/MicroSIP.ini">
                <failure message="`Settings.AA` is `0`, expected 1" type="warning">d02/MicroSIP.ini:2:1: warning: `Settings.AA` is `0`, expected 1</failure>
            </testcase>
            <testcase name="Settings.volumeRing" classname="d02/MicroSIP.ini">
                <failure message="`Settings.volumeRing` is `90|``, expected 80 or less" type="warning">d02/MicroSIP.ini:3:1: warning: `Settings.volumeRing` is `90|``, expected 80 or less</failure>
            </testcase>
            <testcase name="hook native-command on call-end" classname="d02/MicroSIP.ini">
                <failure message="hook native-command is missing on call-end" type="warning">d02/MicroSIP.ini:1:1: warning: hook native-command is missing on call-end</failure>
            </testcase>
        </testsuite>
        <testsuite name="d03/MicroSIP.ini" tests="1" skipped="0" errors="1" failures="0">
            <testcase name="readable" classname="d03/MicroSIP.ini">
                <error message="desks.csv:4: d03/MicroSIP.ini: file not found"/>
            </testcase>
        </testsuite>
    </testsuites>
    "#);
    insta::assert_snapshot!(printed("github"), @"
    ::warning file=d02/MicroSIP.ini,line=2,col=1,title=Settings.AA::`Settings.AA` is `0`, expected 1
    ::warning file=d02/MicroSIP.ini,line=3,col=1,title=Settings.volumeRing::`Settings.volumeRing` is `90|``, expected 80 or less
    ::warning file=d02/MicroSIP.ini,line=1,col=1,title=hook native-command on call-end::hook native-command is missing on call-end
    ::error file=d03/MicroSIP.ini::desks.csv:4: d03/MicroSIP.ini: file not found
    ");
    insta::assert_snapshot!(printed("markdown"), @"
    ### d02/MicroSIP.ini

    | line | severity | rule | finding |
    |---:|---|---|---|
    | 2 | warning | `Settings.AA` | `Settings.AA` is `0`, expected 1 |
    | 3 | warning | `Settings.volumeRing` | /`Settings.volumeRing/` is /`90/|/`/`, expected 80 or less |
    | 1 | warning | `hook native-command on call-end` | hook native-command is missing on call-end |

    - error: desks.csv:4: d03/MicroSIP.ini: file not found

    **3 files: 1 in sync, 1 drifted, 1 failed; score 50.0%, coverage 66.6%**
    ");
}

#[test]
fn audit_prints_html() {
    let folder = mixed();
    let page = folder.run(&[&ALL[..], &["--format", "html"]].concat()).code(4).out();
    for text in ["Hamburg", "Settings.volumeRing", "file not found", "p.toml"] {
        assert!(page.contains(text), "{text} is not on the page: {page}");
    }
    let tiles = page.split("<strong>").skip(1).map(|tile| tile.split('<').next().unwrap());
    assert_eq!(tiles.collect::<Vec<_>>(), ["3", "1", "1", "1", "50%", "66.6%"]);
    folder.write("report.html", &page);
    open_in_browser(&folder);
    let refused = folder.run(&["plan", "p.toml", "-i", "d01", "--format", "html"]).code(2);
    insta::assert_snapshot!(refused.err(), @"
    error: invalid value 'html' for '--format <FORMAT>'
      [possible values: human, json, ndjson]

    For more information, try '--help'.
    ");
}

/// Opens the page in a browser, if there is one.
fn open_in_browser(folder: &Folder) {
    let names = ["chromium", "chromium-browser", "google-chrome", "google-chrome-stable"];
    let is_there = |name: &&&str| Command::new(name).arg("--version").output().is_ok();
    let Some(browser) = names.iter().find(is_there) else {
        return say("not run: the page of an audit in a browser (no chromium)");
    };
    let seen = Command::new(browser)
        .args(["--headless", "--disable-gpu", "--no-sandbox", "--no-first-run", "--dump-dom"])
        .args(["--enable-logging=stderr", "--v=0", "--virtual-time-budget=10000"])
        .arg(format!("--user-data-dir={}", folder.file("browser").display()))
        .arg(format!("file://{}", folder.file("report.html").display()))
        .output()
        .unwrap();
    let (dom, log) = (String::from_utf8_lossy(&seen.stdout), String::from_utf8_lossy(&seen.stderr));
    assert!(seen.status.success() && !log.contains("CONSOLE"), "{log}");
    let root = dom.split_once("<html").unwrap().1.split_once('>').unwrap().0;
    assert!(root.contains("data-found=\"3\"") && root.contains("data-ready"), "{root}");
    assert!(!root.contains("data-errors"), "{root}");
}

#[test]
fn audit_of_many_files_is_grouped_by_key() {
    let folder = pcs(14, "[Settings]\nAA = true\nvolumeRing = { max = 80 }\n");
    for desk in 1..=3 {
        folder.write(&ini(desk), utf16("[Settings]\r\nAA=1\r\nvolumeRing=1\r\n"));
    }
    folder.write(&ini(7), utf16("[Settings]\r\nAA=2\r\nvolumeRing=90\r\n"));
    let run = folder.run(&["audit", "p.toml", "-i", "d*", "-i", "gone.ini"]).code(4);
    insta::assert_snapshot!(slashed(&run.out()), @"
    ~ Settings.AA, expected 1 in 11 files: d04/MicroSIP.ini, d05/MicroSIP.ini, d06/MicroSIP.ini, and 8 more
          10  0
           1  2
    ~ Settings.volumeRing = 90, expected 80 or less in 1 file: d07/MicroSIP.ini
    failed: file not found (1 file: gone.ini)
    15 files: 3 in sync, 11 drifted, 1 failed; score 57.1%, coverage 93.3%
    ");
}

#[test]
fn audit_compares_drift_to_an_earlier_report() {
    let folder = mixed();
    let earlier = report(&folder, &ALL, 4);
    folder.write("earlier.json", earlier.to_string());
    folder.run(&["apply", "p.toml", "-i", "d02", "--no-backup"]).code(0);
    folder.run(&["set", "Settings.AA=0", "-i", "d01", "--no-backup"]).code(0);
    let args = [&ALL[..], &["--compare-to", "earlier.json"]].concat();
    let run = folder.run(&args).code(4);
    insta::assert_snapshot!(slashed(&run.out()), @"
    d01/MicroSIP.ini: drifted
      ~ Settings.AA = 0, expected 1 (p.toml:2:1) (new)
    d02/MicroSIP.ini: drifted
      ~ Settings.volumeRing = 90|`, expected 80 or less (p.toml:3:1)
      resolved Settings.AA
      resolved hook native-command on call-end
    d03/MicroSIP.ini: failed
    3 files: 0 in sync, 2 drifted, 1 failed; score 66.6%, coverage 66.6%; 1 new, 2 resolved
    ");
    let now = report(&folder, &args, 4);
    fits_schema(&folder, "report", &now);
    assert_eq!((&now["summary"]["new"], &now["summary"]["resolved"]), (&json!(1), &json!(2)));
    assert_eq!(now["files"][0]["drift"][0]["since"], "new");
    assert_eq!(now["files"][1]["drift"][0]["since"], "known");
    assert_eq!(now["files"][1]["resolved"].as_array().unwrap().len(), 2);
    let page = folder.run(&[&args[..], &["--format", "html"]].concat()).code(4).out();
    assert!(page.contains("earlier.json"), "{page}");

    folder.write("bad.json", "{\"files\": 1}");
    let bad = folder.run(&["audit", "p.toml", "-i", "d01", "--compare-to", "bad.json"]).code(2);
    insta::assert_snapshot!(bad.err(), @"
    error: bad.json:1:11: invalid report of `audit`: expected JSON with `files`
    hint: run `msipctl audit POLICY --format json > FILE` to create one
    ");
    let gone = folder.run(&["audit", "p.toml", "-i", "d01", "--compare-to", "gone.json"]).code(2);
    insta::assert_snapshot!(gone.err(), @"
    error: gone.json: file not found
    hint: run `msipctl audit POLICY --format json > FILE` to create one
    ");
    let plan = ["plan", "p.toml", "-i", "d01", "-o", "plan.json"];
    folder.run(&plan).code(0);
    folder.run(&["audit", "p.toml", "-i", "d01", "--compare-to", "plan.json"]).code(2);
}

#[test]
fn every_inventory_file_appears_in_the_result() {
    let folder = pcs(14, POLICY);
    fs::remove_file(folder.file(&ini(4))).unwrap();
    let lines: String = (1..=16).map(|desk| format!("{},{desk}\n", ini(desk))).collect();
    folder.write("desks.csv", format!("ini,extension\n{lines}d01,again\nz*.ini,none\n"));
    for (command, code) in [("plan", 4), ("audit", 4), ("apply", 4)] {
        let report = report(&folder, &[command, "p.toml", "--inventory", "desks.csv"], code);
        let states = states(&report);
        for desk in 1..=16 {
            let of: Vec<_> = states
                .iter()
                .filter(|state| state.starts_with(&format!("{} ", ini(desk))))
                .collect();
            assert_eq!(of.len(), 1, "{command}: {states:?}");
            assert_eq!(of[0].ends_with(" failed"), [4, 15, 16].contains(&desk), "{of:?}");
        }
        // Three missing files, and a pattern without a match.
        assert_eq!(states.len(), 17, "{states:?}");
        assert_eq!(report["summary"]["failed"], 4);
        assert_eq!(report["summary"]["files"], 17);
    }
    let audit = folder.run(&["audit", "p.toml", "--inventory", "desks.csv"]).code(4);
    assert!(audit.err().contains("is already selected by desks.csv:2"), "{}", audit.err());
}

#[test]
fn audit_report_is_valid_when_every_file_failed() {
    let folder = pcs(0, POLICY);
    for missing in [&["-i", "gone.ini"][..], &["-i", "gone.ini", "-i", "gone2.ini"]] {
        let printed = |format| {
            folder.run(&[&["audit", "p.toml", "--format", format], missing].concat()).code(2).out()
        };
        let log: Value = serde_json::from_str(&printed("sarif")).unwrap();
        let run = &log["runs"][0];
        assert_eq!(run["results"], json!([]));
        let notifications = run["invocations"][0]["toolExecutionNotifications"].as_array().unwrap();
        assert_eq!(notifications.len(), missing.len() / 2);
        for format in ["junit", "github", "markdown", "html"] {
            assert!(printed(format).contains("gone.ini"), "{}", printed(format));
        }
    }
}
