//! Desired state for several files: planned, applied, audited, gone on with, undone.

use std::collections::BTreeMap;
use std::fs;
use std::path::PathBuf;

use serde_json::Value;

use crate::runner::{Folder, Run, utf16};

const POLICY: &str = r#"[Settings]
AA = true
crashReport = { absent = true }
rtpPortMin = { min = 16384, max = 32000 }

[Account1]
domain = "sip.example.com"
username = "{{ row.extension }}"
password = { row = "password" }
authID = { env = "SIP_ID" }

[[hook]]
template = "send-message"
on = ["incoming-call"]
with = { window = "MyAppWindow" }
"#;

/// What nobody may see, one of a row each and one of the environment.
const SECRETS: [&str; 4] = ["hunter-a", "hunter-b", "hunter-c", "identity-9"];

const NAMES: [&str; 3] = ["a", "b", "c"];

/// Makes three desks, an inventory that names a fourth one, and a policy.
fn fleet() -> Folder {
    let folder = Folder::new();
    folder.write("company.toml", POLICY);
    let mut inventory = "ini,extension,password,site\n".to_owned();
    for (number, name) in NAMES.iter().enumerate() {
        fs::create_dir(folder.file(name)).unwrap();
        let before = "[Settings]\r\naccountId=1\r\nAA=0\r\nrtpPortMin=20000\r\ncrashReport=1\r\n[Account1]\r\nserver=x\r\n";
        folder.write(&format!("{name}/MicroSIP.ini"), utf16(before));
        inventory.push_str(&format!("{name}/MicroSIP.ini,10{number},hunter-{name},Bonn\n"));
    }
    folder.write("desks.csv", format!("{inventory}gone/MicroSIP.ini,199,x,Bonn\n"));
    folder
}

/// Runs the program with the secret in the environment, and sees that it shows none.
#[track_caller]
fn run(folder: &Folder, args: &[&str]) -> Run {
    let run = folder.run_as(args, |command| {
        command.env("SIP_ID", "identity-9");
    });
    let everything = String::from_utf8(run.everything()).unwrap();
    for secret in SECRETS {
        assert!(!everything.contains(secret), "{args:?} shows {secret}: {everything}");
    }
    run
}

/// Returns the bytes of the three files.
fn bytes(folder: &Folder) -> Vec<Vec<u8>> {
    NAMES.iter().map(|name| folder.read(&format!("{name}/MicroSIP.ini"))).collect()
}

fn text(folder: &Folder, name: &str) -> String {
    let bytes = folder.read(&format!("{name}/MicroSIP.ini"));
    String::from_utf8_lossy(&bytes).replace('\0', "")
}

/// Holds a document against the schema that the program prints.
#[track_caller]
fn fits(folder: &Folder, kind: &str, document: &Value) {
    let schema = run(folder, &["schema", kind]).code(0).json();
    let validator = jsonschema::validator_for(&schema).unwrap();
    let errors: Vec<_> = validator.iter_errors(document).map(|error| error.to_string()).collect();
    assert_eq!(errors, [""; 0], "{document}");
}

const ON_DESKS: [&str; 3] = ["company.toml", "--inventory", "desks.csv"];

fn on_desks<'a>(command: &'a str, more: &[&'a str]) -> Vec<&'a str> {
    [&[command], &ON_DESKS[..], more].concat()
}

#[test]
fn a_plan_is_done_as_it_was_shown_and_holds_no_secret() {
    let folder = fleet();
    let before = bytes(&folder);
    let planned = run(&folder, &on_desks("plan", &["-o", "plan.json"])).code(4);
    assert!(planned.out().contains("4 files: 3 would change, 0 unchanged, 1 failed"));
    assert!(
        planned.err().contains("desks.csv:5: gone/MicroSIP.ini: is missing"),
        "{}",
        planned.err()
    );
    assert_eq!(bytes(&folder), before);

    let plan = String::from_utf8(folder.read("plan.json")).unwrap();
    SECRETS.iter().for_each(|secret| assert!(!plan.contains(secret), "{secret}"));
    let plan: Value = serde_json::from_str(&plan).unwrap();
    fits(&folder, "plan", &plan);
    assert_eq!(plan["files"].as_array().unwrap().len(), 4);

    let applied = run(&folder, &["apply", "plan.json"]).code(0);
    assert!(
        applied.out().contains("3 files: 3 changed, 0 unchanged, 0 failed"),
        "{}",
        applied.out()
    );
    for (name, number) in [("a", 0), ("b", 1), ("c", 2)] {
        let text = text(&folder, name);
        for expected in [
            "AA=1\r\n",
            "domain=sip.example.com\r\n",
            &format!("username=10{number}\r\n"),
            &format!("password=hunter-{name}\r\n"),
            "authID=identity-9\r\n",
            "OnIncomingCall=SendMessage,MyAppWindow,WM_USER+100,%number%\r\n",
        ] {
            assert!(text.contains(expected), "{expected}: {text}");
        }
        assert!(!text.contains("crashReport"), "{text}");
    }
    let again = run(&folder, &["apply", "plan.json"]).code(0);
    assert!(again.out().contains("3 files: 0 changed, 3 unchanged, 0 failed"), "{}", again.out());
    let audited = run(&folder, &on_desks("audit", &["--format", "json"])).code(4).json();
    assert_eq!(audited["summary"]["in_sync"], 3);
}

#[test]
fn a_plan_is_for_the_files_and_secrets_it_was_made_of() {
    let folder = fleet();
    run(&folder, &on_desks("plan", &["-o", "plan.json"])).code(4);
    let changed = [folder.read("b/MicroSIP.ini"), utf16("; x\r\n")[2..].to_vec()].concat();
    folder.write("b/MicroSIP.ini", &changed);
    let applied = run(&folder, &["apply", "plan.json"]).code(4);
    assert!(applied.err().contains("b/MicroSIP.ini: changed since the plan was made"));
    assert!(applied.out().contains("2 changed, 0 unchanged, 1 failed"), "{}", applied.out());
    assert_eq!(folder.read("b/MicroSIP.ini"), changed);

    let folder = fleet();
    let before = bytes(&folder);
    run(&folder, &on_desks("plan", &["-o", "plan.json"])).code(4);
    let other = folder.run_as(&["apply", "plan.json"], |it| {
        it.env("SIP_ID", "another");
    });
    let other = other.code(3);
    assert!(other.err().contains("`Account1.authID` is another one than when the plan was made"));
    folder.write("company.toml", POLICY.replace("sip.example.com", "other.example.com"));
    let refused = run(&folder, &["apply", "plan.json"]).code(3);
    assert!(refused.err().contains("the policy or the inventory changed since the plan was made"));
    assert_eq!(bytes(&folder), before);

    run(&folder, &["apply", "plan.json", "-i", "a"]).code(2);
    folder.write("plan.json", "{\n  \"files\": 1\n}");
    assert!(run(&folder, &["apply", "plan.json"]).code(2).err().contains("plan.json:2:12"));
}

#[test]
fn a_policy_applied_twice_touches_nothing() {
    let folder = fleet();
    let apply = on_desks("apply", &["--detailed-exitcode"]);
    run(&folder, &on_desks("apply", &["--dry-run"])).code(4);
    run(&folder, &apply).code(4);
    folder.write(
        "desks.csv",
        String::from_utf8(folder.read("desks.csv")).unwrap().replace("gone", "a"),
    );
    let before: BTreeMap<PathBuf, _> = folder.state();
    let again = run(&folder, &apply).code(0);
    assert!(again.out().contains("3 files: 0 changed, 3 unchanged, 0 failed"), "{}", again.out());
    assert_eq!(folder.state(), before);
    assert!(again.err().contains("named already by desks.csv:2"), "{}", again.err());

    folder.write("company.toml", POLICY.replace("AA = true", "AA = false"));
    run(&folder, &apply).code(2);
    folder.write("company.toml", "[Settings]\nAA = {");
    run(&folder, &apply).code(1);
}

#[test]
fn a_run_is_gone_on_with_and_undone() {
    let folder = fleet();
    let before = bytes(&folder);
    // It stops at the first failure, which is the second file; what is left is done later.
    let whole = folder.read("b/MicroSIP.ini");
    fs::remove_file(folder.file("b/MicroSIP.ini")).unwrap();
    fs::create_dir(folder.file("b/MicroSIP.ini")).unwrap();
    let args = on_desks("apply", &["--jobs", "1", "--max-failures", "1", "--format", "json"]);
    let begun = run(&folder, &args).code(4).json();
    let name = begun["run"].as_str().unwrap();
    assert_eq!(begun["summary"]["changed"], 1, "{begun}");
    let listed = run(&folder, &["backup", "list", "--runs", "--format", "json"]).code(0).json();
    assert_eq!(listed["runs"][0]["state"], "interrupted", "{listed}");

    fs::remove_dir(folder.file("b/MicroSIP.ini")).unwrap();
    folder.write("b/MicroSIP.ini", whole);
    let resumed = run(&folder, &["apply", "--resume", name]);
    assert!(resumed.err().contains("1 of 4 files are done"), "{}", resumed.err());
    assert!(text(&folder, "b").contains("username=101"), "{}", text(&folder, "b"));
    assert!(text(&folder, "c").contains("username=102"), "{}", text(&folder, "c"));

    run(&folder, &["backup", "restore", "--run", name]).code(0);
    assert_eq!(bytes(&folder), before);
    // Asked for twice, because asking must not make it one that was interrupted.
    for _ in 0..2 {
        let refused = run(&folder, &["apply", "--resume", name]).code(3);
        assert!(refused.err().contains("was undone by run"), "{}", refused.err());
    }
    assert_eq!(bytes(&folder), before);
    run(&folder, &["apply", "--resume", name, "--dry-run"]).code(2);
    let unknown = run(&folder, &["apply", "--resume", "20200101T000000Z-0000"]).code(2);
    assert!(unknown.err().contains("hint: "), "{}", unknown.err());
}

#[test]
fn an_audit_tells_the_same_in_every_format() {
    let folder = fleet();
    for (format, expected) in [
        ("human", "4 files: 0 in sync, 3 drifted, 1 failed"),
        ("ndjson", "\"state\":\"drifted\""),
        ("sarif", "\"ruleId\": \"Account1.domain\""),
        ("junit", "<testcase name=\"Settings.AA\""),
        ("github", "title=Settings.AA::`Settings.AA` is `0`, expected 1"),
        ("markdown", "`Settings.AA` is `0`, expected 1"),
        ("html", "</html>"),
    ] {
        let audit = run(&folder, &on_desks("audit", &["--format", format])).code(4);
        assert!(audit.out().contains(expected), "{format}: {}", audit.out());
        let all = audit.out() + &audit.err();
        assert!(all.contains("gone"), "{format} does not name the missing file: {all}");
    }
    let report = run(&folder, &on_desks("audit", &["--format", "json"])).code(4);
    let document = report.json();
    fits(&folder, "report", &document);
    let states: Vec<_> =
        document["files"].as_array().unwrap().iter().map(|it| &it["state"]).collect();
    assert_eq!(states, ["drifted", "drifted", "drifted", "failed"]);
    assert_eq!(document["summary"]["coverage"], 75.0);

    folder.write("last.json", serde_json::to_vec(&document).unwrap());
    run(&folder, &["set", "Settings.AA=1", "Settings.rtpPortMin=1", "-i", "a"]).code(0);
    let since = run(&folder, &on_desks("audit", &["--since", "last.json", "--format", "json"]));
    let summary = &since.code(4).json()["summary"];
    assert_eq!((&summary["new"], &summary["resolved"]), (&1.into(), &1.into()), "{summary}");
    run(&folder, &["audit", "company.toml", "--exit-zero", "--inventory", "desks.csv"]).code(4);
}

#[test]
fn a_secret_that_stands_in_the_policy_is_warned_of_and_not_shown() {
    let folder = fleet();
    folder.write("p.toml", "[Account1]\npassword = \"hunter-a\"\n");
    for command in ["plan", "audit", "apply"] {
        let run = run(&folder, &[command, "p.toml", "-i", "a"]);
        let expected = "warning: p.toml:2:12: `Account1.password` stands in the policy itself";
        assert!(run.err().contains(expected), "{command}: {}", run.err());
    }
}

#[test]
fn many_files_are_shown_by_what_is_the_same() {
    let folder = Folder::new();
    folder.write("p.toml", "[Settings]\nAA = true\nDND = { one_of = [\"0\"] }\n");
    for number in 0..12 {
        let name = format!("desk{number:02}");
        fs::create_dir(folder.file(&name)).unwrap();
        let value = if number == 7 { "AA=2\r\nDND=1" } else { "AA=0" };
        folder.write(&format!("{name}/MicroSIP.ini"), format!("[Settings]\r\n{value}\r\n"));
    }
    // As docs/fleet.md shows it.
    let page = include_str!("../../docs/fleet.md");
    let plan = run(&folder, &["plan", "p.toml", "-i", "."]).code(0).out().replace('\\', "/");
    let audit = run(&folder, &["audit", "p.toml", "-i", "."]).code(1).out().replace('\\', "/");
    assert!(page.contains(&plan) && page.contains(&audit), "{plan}{audit}");
    insta::assert_snapshot!(plan, @"
    11 files would change
      ~ Settings.AA = 0 -> 1
      ./desk00/MicroSIP.ini, ./desk01/MicroSIP.ini, ./desk02/MicroSIP.ini and 8 more
    1 file would change
      ~ Settings.AA = 2 -> 1
      ./desk07/MicroSIP.ini
    12 files: 12 would change, 0 unchanged, 0 failed
    ");
    insta::assert_snapshot!(audit, @"
    Settings.AA: 12 files, expected 1
          11  0
           1  2
      ./desk00/MicroSIP.ini, ./desk01/MicroSIP.ini, ./desk02/MicroSIP.ini and 9 more
    Settings.DND: 1 file, expected 0
           1  1
      ./desk07/MicroSIP.ini
    12 files: 0 in sync, 12 drifted; score 45.8 %, coverage 100 %
    ");
}
