//! `apply`: applying a policy twice, applying a plan exactly, and rejected plans.

use std::fs;
use std::path::PathBuf;

use serde_json::{Value, json};

use super::{OLD, POLICY, contents, ini, pcs, report, slashed, states};
use crate::runner::{Folder, utf16};

/// A policy for one of the PCs, with secrets.
const SECRET: &str = "\
[Account1]
password = { row = \"pin\" }
label = { env = \"LABEL\" }
domain = \"sip.example.org\"
";

/// Saves a plan for all PCs.
#[track_caller]
fn plan(folder: &Folder, args: &[&str]) -> Value {
    let args = [&["plan", "p.toml", "-o", "plan.json"], args].concat();
    folder.run_as(&args, |command| _ = command.env("LABEL", "Desk")).code(0);
    serde_json::from_slice(&folder.read("plan.json")).unwrap()
}

#[track_caller]
fn apply(folder: &Folder, label: &str, args: &[&str]) -> crate::runner::Run {
    folder.run_as(&[&["apply"], args].concat(), |command| _ = command.env("LABEL", label))
}

#[test]
fn apply_makes_exactly_the_planned_changes() {
    let hooks = "\n[[hook]]\ntemplate = \"call-log\"\non = [\"call-start\"]\nchain = true\n\
        with = { file = 'C:\\b.csv' }\n[[hook]]\ntemplate = \"native-command\"\non = [\"call-busy\"]\n\
        replace = true\nwith = { program = 'C:\\a b\\x.exe' }\n";
    let folder =
        pcs(3, &(POLICY.to_owned() + hooks + "\n[Account1]\nhideCID = { absent = true }\n"));
    folder.write(
        &ini(2),
        "[Settings]\nAA = \"0\"\ncmdCallStart=C:\\old\\a.exe\ncmdCallBusy=\"C:\\old\\b.exe\"\n[Account1]\nhideCID=1\n",
    );
    folder.write(&ini(3), b"\xef\xbb\xbf[Account1]\r\nlabel=B\xc3\xbcro\r\n");
    let plan = plan(&folder, &["-i", "d*"]);
    let run = apply(&folder, "", &["plan.json", "--format", "json"]).code(0).json();
    assert_eq!(run["summary"]["changed"], 3);
    // A digest depends on the bytes, and on the key of this computer.
    let now = report(&folder, &["plan", "p.toml", "-i", "d*"], 0);
    for desk in 1..=3 {
        let saved = &plan["files"][desk - 1];
        assert_eq!(saved["digest_after"], now["files"][desk - 1]["digest"], "{saved:#}");
        assert_ne!(saved["digest_after"], saved["digest"], "{saved:#}");
        assert_eq!(run["files"][desk - 1]["changes"], saved["changes"]);
    }
    // The file then already matches.
    let before = folder.state();
    let again = apply(&folder, "", &["plan.json", "--detailed-exitcode"]).code(0);
    assert!(
        again.out().ends_with("3 files: 0 changed, 3 unchanged, 0 failed\n"),
        "{}",
        again.out()
    );
    assert!(folder.state() == before, "something was touched");
    let audit = report(&folder, &["audit", "p.toml", "-i", "d*"], 1);
    // The constraint isn't required where it isn't set.
    assert_eq!(audit["summary"]["in_sync"], 1);
}

#[test]
fn apply_rejects_changed_files_and_applies_the_others() {
    let folder = pcs(3, POLICY);
    plan(&folder, &["-i", "d*"]);
    let mine = utf16(&(OLD.to_owned() + "label=mine\r\n"));
    folder.write(&ini(2), &mine);
    let run = apply(&folder, "", &["plan.json", "--no-backup"]).code(4);
    insta::assert_snapshot!(slashed(&run.err()), @"
    error: d02/MicroSIP.ini: file was changed since the plan was created
    hint: create the plan again
    ");
    assert!(run.out().contains("3 files: 2 changed, 0 unchanged, 1 failed"), "{}", run.out());
    assert_eq!(folder.read(&ini(2)), mine);
    assert_ne!(folder.read(&ini(3)), utf16(OLD));
    folder.write(&ini(1), &mine);
    folder.write(&ini(3), &mine);
    let run = apply(&folder, "", &["plan.json", "--format", "json"]).code(3);
    assert_eq!(run.json()["files"][0]["state"], "refused");
    assert_eq!(contents(&folder, 3), [&mine[..]; 3]);
    fs::remove_file(folder.file(&ini(1))).unwrap();
    let run = apply(&folder, "", &["plan.json"]).code(3);
    assert!(
        slashed(&run.err()).contains("error: d01/MicroSIP.ini: file not found"),
        "{}",
        run.err()
    );
}

#[test]
fn saved_plan_applies_from_another_folder() {
    let folder = pcs(2, SECRET);
    folder.write("desks.csv", "ini,pin\nd01,1111\nd02,2222\n");
    plan(&folder, &["--inventory", "desks.csv"]);
    fs::create_dir(folder.file("elsewhere")).unwrap();
    let elsewhere = folder.file("elsewhere");
    let run = folder.run_as(&["apply", "../plan.json", "--format", "json"], |command| {
        command.current_dir(&elsewhere).env("LABEL", "Desk");
    });
    let run = run.code(0).json();
    let path = PathBuf::from(run["files"][0]["path"].as_str().unwrap());
    assert!(path.is_absolute() && path.ends_with(ini(1)), "{}", path.display());
    let text = |desk| String::from_utf8_lossy(&folder.read(&ini(desk))).replace('\0', "");
    assert!(text(1).contains("password=1111") && text(1).contains("label=Desk"), "{}", text(1));
    assert!(text(2).contains("password=2222"), "{}", text(2));
    assert_eq!(fs::read_dir(elsewhere).unwrap().count(), 0);
}

#[test]
fn apply_rejects_the_plan_when_secrets_differ() {
    let inventory = "ini,pin\nd01,1111\nd02,2222\n";
    let folder = pcs(2, SECRET);
    folder.write("desks.csv", inventory);
    plan(&folder, &["--inventory", "desks.csv"]);
    let refused = |label: &str, message: &str| {
        let run = apply(&folder, label, &["plan.json"]).code(3);
        let expected = format!("error: d01/MicroSIP.ini: {message}\nhint: create the plan again\n");
        assert!(slashed(&run.err()).starts_with(&expected), "{}", run.err());
        assert_eq!(contents(&folder, 2), [utf16(OLD), utf16(OLD)]);
    };
    let another = "the secret for `Account1.label` was changed since the plan was created";
    refused("Other", another);
    let changed = "the policy or the inventory changed since the plan was created";
    folder.write("desks.csv", inventory.replace("1111", "3333"));
    refused("Desk", changed);
    folder.write("desks.csv", inventory);
    folder.write("p.toml", SECRET.to_owned() + "# a word\n");
    refused("Desk", changed);
    folder.write("p.toml", SECRET);
    let missing = folder.run(&["apply", "plan.json"]).code(2);
    assert!(missing.err().contains("environment variable `LABEL` isn't set"), "{}", missing.err());
    apply(&folder, "Desk", &["plan.json"]).code(0);
    // A value that already matches needs no secret, so none has to be available.
    fs::remove_file(folder.file("p.toml")).unwrap();
    let before = folder.state();
    let again = folder.run(&["apply", "plan.json"]).code(0);
    assert!(again.out().contains("0 changed, 2 unchanged"), "{}", again.out());
    assert!(folder.state() == before, "something was touched");
    // Another key, such as that of another user or computer, reveals nothing.
    folder.write(&ini(1), utf16(OLD));
    folder.write("p.toml", SECRET);
    fs::remove_dir_all(folder.file(".local")).ok();
    if cfg!(unix) {
        let run = apply(&folder, "Desk", &["plan.json"]).code(3);
        assert!(
            run.err().contains("created on another computer or by another user"),
            "{}",
            run.err()
        );
    }
}

#[test]
fn saved_plan_without_secrets_does_not_read_the_policy() {
    let folder = pcs(2, POLICY);
    plan(&folder, &["-i", "d*"]);
    folder.write("p.toml", "[Settings]\nAA = false\n");
    apply(&folder, "", &["plan.json"]).code(0);
    fs::remove_file(folder.file("p.toml")).unwrap();
    apply(&folder, "", &["plan.json"]).code(0);
    let get = folder.run(&["get", "Settings.AA", "-i", "d01"]).code(0);
    assert_eq!(get.out(), "1\n");
}

#[test]
fn files_that_failed_in_the_plan_fail_in_apply() {
    let folder = pcs(2, POLICY);
    let args = ["plan", "p.toml", "-i", "d*", "-i", "gone.ini", "-o", "plan.json"];
    folder.run(&args).code(4);
    let run = apply(&folder, "", &["plan.json", "--format", "json"]).code(4);
    assert_eq!(
        states(&run.json()),
        ["d01/MicroSIP.ini changed", "d02/MicroSIP.ini changed", "gone.ini failed"]
    );
    let error = &run.json()["files"][2]["error"];
    assert_eq!(error, "gone.ini: file not found (when the plan was created)");
}

#[test]
fn invalid_plan_is_rejected_with_its_location() {
    let folder = pcs(1, POLICY);
    plan(&folder, &["-i", "d01"]);
    let named = apply(&folder, "", &["plan.json", "-i", "d01"]).code(2);
    insta::assert_snapshot!(named.err(), @"
    error: a saved plan lists its own files, so it can't be combined with `-i`, `--inventory`, `--root`, or `--all-users`
    hint: create a plan for the other files
    ");
    let text = String::from_utf8(folder.read("plan.json")).unwrap();
    let error_of = |text: &str| {
        folder.write("plan.json", text);
        apply(&folder, "", &["plan.json"]).code(2).err()
    };
    let other = text.replace("\"schema_version\": 1", "\"schema_version\": 2");
    assert_ne!(other, text);
    insta::assert_snapshot!(error_of(&other), @"
    error: plan.json: unsupported plan version 2: expected 1
    hint: create the plan again
    ");
    insta::assert_snapshot!(error_of("{\"schema_version\": 2, \"new\": []}"), @"
    error: plan.json: unsupported plan version 2: expected 1
    hint: create the plan again
    ");
    insta::assert_snapshot!(error_of("{\n  \"schema_version\": 1,\n  \"files\": [}\n"), @"
    error: plan.json:3:13: invalid report of `plan`: expected JSON with `files`
    hint: run `msipctl plan POLICY -o FILE` to create a plan
    ");
    insta::assert_snapshot!(error_of(""), @"
    error: plan.json:1:1: invalid report of `plan`: expected JSON with `files`
    hint: run `msipctl plan POLICY -o FILE` to create a plan
    ");
    insta::assert_snapshot!(error_of("{\"schema_version\": 1, \"files\": []}"), @"
    error: plan.json:1:34: invalid report of `plan`: expected JSON with `files`
    hint: run `msipctl plan POLICY -o FILE` to create a plan
    ");
    fs::remove_file(folder.file("plan.json")).unwrap();
    insta::assert_snapshot!(apply(&folder, "", &["plan.json"]).code(2).err(), @"
    error: plan.json: file not found
    hint: run `msipctl plan POLICY -o FILE` to create a plan
    ");
    assert_eq!(folder.read(&ini(1)), utf16(OLD));
}

#[test]
fn policy_applied_twice_changes_nothing_the_second_time() {
    let folder = pcs(3, POLICY);
    let args = ["apply", "p.toml", "-i", "d*"];
    let dry = folder.state();
    let run = folder.run(&[&args[..], &["--dry-run", "--detailed-exitcode"]].concat()).code(2);
    assert!(run.out().contains("3 files: 3 would change, 0 unchanged, 0 failed"), "{}", run.out());
    assert!(folder.state() == dry, "something was touched");

    let run = folder.run(&[&args[..], &["--detailed-exitcode"]].concat()).code(2);
    insta::assert_snapshot!(slashed(&run.out()), @r#"
    d01/MicroSIP.ini: changed
      ~ Settings.AA = 0 -> 1
      + hook native-command on call-end = "C:/calls.exe" call-end
      backup MicroSIP.ini.[TIME]
    d02/MicroSIP.ini: changed
      ~ Settings.AA = 0 -> 1
      + hook native-command on call-end = "C:/calls.exe" call-end
      backup MicroSIP.ini.[TIME]
    d03/MicroSIP.ini: changed
      ~ Settings.AA = 0 -> 1
      + hook native-command on call-end = "C:/calls.exe" call-end
      backup MicroSIP.ini.[TIME]
    3 files: 3 changed, 0 unchanged, 0 failed
    "#);
    // Nothing is touched anymore: no time, no identity, no backup.
    let before = folder.state();
    let again = report(&folder, &[&args[..], &["--detailed-exitcode"]].concat(), 0);
    assert_eq!(
        again["summary"],
        json!({"files": 3, "changed": 0, "unchanged": 3, "failed": 0, "unverified": 0, "blocked": 0})
    );
    assert!(folder.state() == before, "something was touched");
    folder.run(&["audit", "p.toml", "-i", "d*"]).code(0);
}

#[test]
fn policy_hook_writes_directive_launcher_and_record() {
    let policy = "[[hook]]\ntemplate = \"call-log\"\non = [\"call-end\"]\n\
        with = { file = 'C:\\calls.csv' }\nmsipctl = 'C:\\a b\\msipctl.exe'\n";
    let folder = pcs(2, policy);
    folder.run(&["apply", "p.toml", "-i", "d*"]).code(0);
    let text = String::from_utf8_lossy(&folder.read(&ini(1))).replace('\0', "");
    for line in [
        "\nOnCallEnd=Log,C:\\calls.csv\r\n",
        "\ncmdCallEnd=\"C:\\a b\\msipctl.exe\" hook run ",
        "\n[msipctl]\r\n",
        "\nOnCallEnd=call-log\r\n",
        "\ncmdCallEnd=launcher\r\n",
    ] {
        assert!(text.contains(line), "{line}\n{text}");
    }
    folder.run(&["audit", "p.toml", "-i", "d*"]).code(0);
    let list = folder.run(&["hook", "list", "-i", "d01", "--format", "json"]).code(0).json();
    assert_eq!(list["hooks"][0]["template"], "call-log");
}

#[test]
fn canary_and_max_failures_stop_a_run() {
    let folder = pcs(4, POLICY);
    fs::remove_file(folder.file(&ini(2))).unwrap();
    fs::create_dir(folder.file(&ini(2))).unwrap();
    let args = ["apply", "p.toml", "-i", "d*/MicroSIP.ini", "--no-backup"];
    let run = folder.run(&[&args[..], &["--canary", "1"]].concat()).code(0);
    assert!(run.err().contains("stopped after 1 changed file, 3 files skipped"));
    assert_eq!(folder.read(&ini(3)), utf16(OLD));
    let failing = ["--max-failures", "1", "--jobs", "1", "--format", "json"];
    let run = folder.run(&[&args[..], &failing].concat()).code(4);
    let found: Vec<_> = states(&run.json());
    assert_eq!(
        found,
        [
            "1/MicroSIP.ini unchanged",
            "2/MicroSIP.ini failed",
            "3/MicroSIP.ini skipped",
            "4/MicroSIP.ini skipped"
        ]
        .map(|it| format!("d0{it}"))
    );
    folder.run(&args).code(4);
    assert_eq!(folder.read(&ini(4)), folder.read(&ini(1)));
}

#[test]
fn encrypted_password_is_not_overwritten_when_it_may_match() {
    let folder = pcs(1, "[Account1]\npassword = { env = \"LABEL\" }\n");
    let args = ["p.toml", "-i", "d01"];
    apply(&folder, "hunter2", &args).code(0);
    // Like MicroSIP: hex digits, whose number depends on the length.
    let stored = |digits: usize| {
        let digits = "0123456789abcdef".repeat(digits / 16);
        folder.write(&ini(1), utf16(&format!("{OLD}password={digits}\r\n")));
    };
    stored(48);
    let before = folder.state();
    let run = apply(&folder, "hunter2", &args).code(0);
    assert_eq!(
        slashed(&run.out()),
        "d01/MicroSIP.ini: unchanged\n  1 password not verified (encrypted in the file)\n"
    );
    assert!(folder.state() == before, "something was touched");
    let audit = folder.run_as(&["audit", "p.toml", "-i", "d01", "--format", "json"], |command| {
        command.env("LABEL", "hunter2");
    });
    let audit = audit.code(0).json();
    assert_eq!(audit["files"][0]["unverified"], 1);
    assert_eq!(audit["summary"]["score"], Value::Null);
    stored(32);
    apply(&folder, "hunter2", &args).code(0);
    assert!(String::from_utf8_lossy(&folder.read(&ini(1))).replace('\0', "").contains("=hunter2"));
}

#[test]
fn apply_fills_an_ini_template_for_each_row() {
    let folder = pcs(0, "");
    folder.write(
        "phone.template.ini",
        "[Settings]\r\naccountId=1\r\n[Account1]\r\nusername={{ row.extension }}\r\npassword={{ row.pin }}\r\n",
    );
    folder.write("pcs.csv", "ini,extension,pin\nd1.ini,100,Tr0ub4dor-1\nd2.ini,101,Tr0ub4dor-2\n");
    let args = ["apply", "phone.template.ini", "--inventory", "pcs.csv", "--create"];
    let run = folder.run(&args).code(0);
    assert!(!String::from_utf8(run.everything()).unwrap().contains("Tr0ub4dor"), "{}", run.out());
    for (name, expected) in [("d1.ini", "100"), ("d2.ini", "101")] {
        let get = folder.run(&["get", "Account1.username", "-i", name]).code(0);
        assert_eq!(get.out().trim_end(), expected);
    }
    assert!(folder.run(&args).code(0).out().contains("0 changed, 2 unchanged"));
    // With another name, the placeholders would be written unchanged.
    fs::rename(folder.file("phone.template.ini"), folder.file("golden.ini")).unwrap();
    let run = folder.run(&["apply", "golden.ini", "--inventory", "pcs.csv"]).code(2);
    assert!(run.err().contains("msipctl doesn't render a golden file"), "{}", run.err());
    assert!(run.err().contains(".template.ini"), "{}", run.err());
}
