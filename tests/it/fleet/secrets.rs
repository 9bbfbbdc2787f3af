//! Tests that a secret is in no plan, journal, or report, even if its key isn't known to be secret.

use std::process::Command;

use super::{OLD, ini, pcs};
use crate::runner::{Folder, Run, utf16};

const POLICY: &str = "\
[Account1]
label = { env = \"LABEL\" }
displayName = { file = \"secret.txt\" }
domain = { row = \"place\" }
username = \"{{ row.apitoken }}-4\"
password = { env = \"PASSWORD\" }

[Ours]
crmToken = { value = \"Tr0ub4dor-literal\", force = true }

[[hook]]
template = \"http-event\"
on = [\"call-start\"]
with = { url = \"https://crm.example.com/calls?token=Tr0ub4dor-hook\" }

[[hook]]
template = \"native-command\"
on = [\"call-end\"]
with = { program = 'C:\\x.exe', argument = { env = \"KEY\" } }
";

/// A text in all of the secrets.
const SECRET: &str = "Tr0ub4dor";

fn planted() -> Folder {
    let folder = pcs(3, POLICY);
    folder.write("secret.txt", "Tr0ub4dor-file\n");
    folder.write(
        "desks.csv",
        "ini,site,place,apitoken\nd01,A,Tr0ub4dor-row,Tr0ub4dor-token\n\
         d02,A,Tr0ub4dor-row,Tr0ub4dor-token\nd03,B,Tr0ub4dor-row,Tr0ub4dor-token\n",
    );
    // The value in the file is a secret as well.
    folder
        .write(&ini(2), utf16(&format!("{OLD}label=Tr0ub4dor-old\r\npassword=Tr0ub4dor-old\r\n")));
    folder
}

fn with_secrets(command: &mut Command) {
    command.env("LABEL", "Tr0ub4dor-label").env("PASSWORD", "Tr0ub4dor-password");
    command.env("KEY", "Tr0ub4dor-key");
}

#[track_caller]
fn run(folder: &Folder, args: &[&str], code: i32) -> Run {
    let run = folder.run_as(args, with_secrets).code(code);
    let text = String::from_utf8(run.everything()).unwrap();
    assert!(!text.contains(SECRET), "{args:?} prints {text}");
    run
}

/// Searches all files except those that must contain secrets.
#[track_caller]
fn assert_no_secret_is_stored(folder: &Folder) {
    let mut searched = 0;
    for (path, bytes) in folder.files_below("") {
        let name = path.file_name().unwrap().to_str().unwrap();
        let is_ini = name.starts_with("MicroSIP.ini");
        if is_ini || ["p.toml", "q.toml", "secret.txt", "desks.csv"].contains(&name) {
            continue;
        }
        let text = String::from_utf8_lossy(&bytes);
        assert!(!text.contains(SECRET), "{} holds {text}", path.display());
        searched += 1;
    }
    assert!(searched > 0);
}

const FORMATS: [&str; 3] = ["human", "json", "ndjson"];

#[test]
fn plan_output_contains_no_secrets() {
    let folder = planted();
    for format in FORMATS {
        for more in [&[][..], &["--diff"], &["-vv"]] {
            let args = ["plan", "p.toml", "--inventory", "desks.csv", "--format", format];
            let run = run(&folder, &[&args[..], &["-o", "plan.json"], more].concat(), 0);
            assert!(
                run.err().contains("`Ours.crmToken` is written in the policy itself"),
                "{}",
                run.err()
            );
            assert_no_secret_is_stored(&folder);
        }
    }
}

#[cfg(unix)]
#[test]
fn plan_key_is_readable_only_by_the_user() {
    use std::os::unix::fs::PermissionsExt;

    let folder = planted();
    run(&folder, &["plan", "p.toml", "--inventory", "desks.csv", "-o", "plan.json"], 0);
    let key = std::fs::metadata(folder.file(".local/state/msipctl/plan.key")).unwrap();
    assert_eq!(key.permissions().mode() & 0o777, 0o600);
}

#[test]
fn apply_output_contains_no_secrets() {
    for format in FORMATS {
        let folder = planted();
        run(&folder, &["plan", "p.toml", "--inventory", "desks.csv", "-o", "plan.json"], 0);
        run(&folder, &["apply", "plan.json", "--diff", "--format", format], 0);
        assert_no_secret_is_stored(&folder);
        let text = String::from_utf8(folder.read(&ini(2))).unwrap_or_default();
        assert!(!text.contains("old"));
        run(&folder, &["apply", "plan.json", "--format", format, "-vv"], 0);
        run(&folder, &["audit", "p.toml", "--inventory", "desks.csv", "--format", format], 0);
        // A key that already matches is next to one that changes.
        folder.write("q.toml", POLICY.replace("[Ours]", "authID = \"4\"\n\n[Ours]"));
        let args = ["q.toml", "--inventory", "desks.csv", "--diff", "--format", format];
        run(&folder, &[&["plan"], &args[..], &["-o", "plan.json"]].concat(), 0);
        run(&folder, &["apply", "plan.json", "-n", "--diff", "--format", format], 0);
        run(&folder, &[&["apply"], &args[..]].concat(), 0);
        assert_no_secret_is_stored(&folder);
    }
}

#[test]
fn audit_output_contains_no_secrets_in_any_format() {
    let folder = planted();
    for format in ["human", "json", "ndjson", "sarif", "junit", "github", "markdown", "html"] {
        let args = ["audit", "p.toml", "--inventory", "desks.csv", "-i", "gone.ini"];
        let run = run(&folder, &[&args[..], &["--format", format]].concat(), 4);
        assert!(run.out().contains("label"), "{}", run.out());
    }
}

#[test]
fn policy_errors_contain_no_secrets() {
    let folder = planted();
    // Each value is invalid for the key.
    for (policy, code) in [
        ("[Settings]\nvolumeRing = { env = \"LABEL\" }\n", 2),
        ("[Account1]\npassword = { file = \"desks.csv\" }\n", 2),
        ("[Settings]\ntransport = { row = \"place\" }\n", 2),
        (
            "[[hook]]\ntemplate = \"http-event\"\non = [\"call-end\"]\nwith = { url = { env = \"LABEL\" } }\n",
            2,
        ),
    ] {
        folder.write("q.toml", policy);
        for command in ["plan", "apply", "audit"] {
            for format in FORMATS {
                let args =
                    [command, "q.toml", "--inventory", "desks.csv", "--format", format, "-vv"];
                let run = folder.run_as(&args, with_secrets);
                let text = String::from_utf8(run.everything()).unwrap();
                assert!(!text.contains(SECRET), "{policy}: {args:?} prints {text}");
                run.code(code);
            }
        }
    }
}

#[test]
fn audit_verifies_everything_else_when_a_secret_is_missing() {
    let policy = "[Settings]\nAA = true\n[Account1]\npassword = { env = \"SIP_PASSWORD_{{ row.extension }}\" }\n";
    let folder = pcs(2, policy);
    folder.write(&ini(1), utf16("[Settings]\r\nAA=1\r\n[Account1]\r\npassword=Tr0ub4dor\r\n"));
    folder.write("desks.csv", "ini,extension\nd01,100\nd02,101\n");
    let run = run(&folder, &["audit", "p.toml", "--inventory", "desks.csv"], 1);
    insta::assert_snapshot!(super::slashed(&run.out()), @"
    d01/MicroSIP.ini: in sync
      ? Account1.password isn't verified: environment variable `SIP_PASSWORD_100` isn't set (p.toml:4:1)
    d02/MicroSIP.ini: drifted
      ~ Settings.AA = 0, expected 1 (p.toml:2:1)
      ~ Account1.password = not set, expected *** (p.toml:4:1)
    2 files: 1 in sync, 1 drifted; score 33.3%, coverage 100%; 1 value isn't verified without the secret
    ");
    let json = folder.run(&["audit", "p.toml", "--inventory", "desks.csv", "--format", "json"]);
    let json: serde_json::Value = serde_json::from_str(&json.code(1).out()).unwrap();
    assert_eq!(json["files"][0]["missing_secrets"][0]["key"], "password");
    assert_eq!(json["summary"]["unverified"], 1);
    let plan = folder.run(&["plan", "p.toml", "--inventory", "desks.csv"]).code(2);
    assert!(
        plan.err().contains("environment variable `SIP_PASSWORD_101` isn't set"),
        "{}",
        plan.err()
    );
    let with = |command: &mut Command| {
        command.env("SIP_PASSWORD_100", "Tr0ub4dor").env("SIP_PASSWORD_101", "Tr0ub4dor-2");
    };
    let applied = folder.run_as(&["apply", "p.toml", "--inventory", "desks.csv"], with).code(0);
    assert!(!String::from_utf8(applied.everything()).unwrap().contains(SECRET));
    let again = folder.run_as(&["audit", "p.toml", "--inventory", "desks.csv"], with).code(0);
    assert!(again.out().contains("2 in sync, 0 drifted; score 100%"), "{}", again.out());
    folder.write("desks.csv", "ini,extension\nd01,../100\n");
    folder.write("p.toml", "[Account1]\npassword = { file = \"secrets/{{ row.extension }}\" }\n");
    let refused = folder.run(&["apply", "p.toml", "--inventory", "desks.csv"]).code(2);
    let expected = "the path of the secret file in the row at desks.csv:2 is invalid";
    assert!(refused.err().contains(expected), "{}", refused.err());
}

#[test]
fn plain_text_password_in_the_policy_causes_a_warning() {
    let folder = pcs(1, "[Account1]\npassword = \"Tr0ub4dor\"\n");
    for (command, code) in [("plan", 0), ("audit", 1), ("apply", 0)] {
        let run = run(&folder, &[command, "p.toml", "-i", "d01"], code);
        let expected = "warning: p.toml:2:12: `Account1.password` is written in the policy itself";
        assert!(run.err().contains(expected), "{command}: {}", run.err());
    }
}

#[test]
fn secret_columns_that_the_policy_does_not_use_are_masked() {
    const CONSTANT: &str = "[Account1]\nlabel = \"Desk\"\n";
    let with_env = format!("{CONSTANT}displayName = {{ env = \"LABEL\" }}\n");
    for policy in [CONSTANT, &with_env] {
        let folder = Folder::with("[Account1]\r\nlabel=Tr0ub4dor-pin\r\n");
        folder.write("p.toml", policy);
        folder.write("pcs.csv", "ini,password\nMicroSIP.ini,Tr0ub4dor-pin\n");
        for (command, code) in [("audit", 1), ("plan", 0), ("apply", 0)] {
            let out = run(&folder, &[command, "p.toml", "--inventory", "pcs.csv"], code).out();
            assert!(out.contains("~ Account1.label = ***"), "{out}");
        }
    }
}
