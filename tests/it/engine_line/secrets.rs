//! Secrets, paths, users, and hosts are in no line, and a missing secret doesn't keep `audit` from verifying the rest.

use std::process::Command;

use super::{ENGINES, line};
use crate::runner::{Folder, utf16};

/// A text in all secrets.
const SECRET: &str = "Tr0ub4dor";

/// A text in the names of paths, users, and hosts.
const PERSONAL: &str = "Mustermann";

const POLICY: &str = "\
[Settings]
AA = true

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
with = { program = 'C:\\Users\\Mustermann\\x.exe', argument = { env = \"KEY\" } }
";

/// A folder of a user with a policy that has secrets from all sources.
fn folder() -> Folder {
    let folder = Folder::new();
    std::fs::create_dir(folder.file(PERSONAL)).unwrap();
    folder.write("Mustermann/p.toml", POLICY);
    folder.write("Mustermann/secret.txt", "Tr0ub4dor-file\n");
    folder.write(
        "Mustermann/pcs.csv",
        "ini,site,place,apitoken,user,host\nMicroSIP.ini,Mustermann,Tr0ub4dor-row,Tr0ub4dor-token,Mustermann,Mustermann-PC\n",
    );
    let ini = "[Settings]\r\nAA=0\r\ncmdCallRing=C:\\Mustermann.exe\r\n[Account1]\r\nlabel=Tr0ub4dor-old\r\n\
               displayName=Mustermann\r\npassword=Tr0ub4dor-old\r\n";
    folder.write("Mustermann/MicroSIP.ini", utf16(ini));
    folder
}

fn with_secrets(command: &mut Command) {
    command.env("LABEL", "Tr0ub4dor-label").env("PASSWORD", "Tr0ub4dor-password");
    command.env("KEY", "Tr0ub4dor-key");
    for variable in ["USER", "USERNAME", "LOGNAME", "COMPUTERNAME"] {
        command.env(variable, PERSONAL);
    }
}

const ARGS: [&str; 3] = ["Mustermann/p.toml", "--inventory", "Mustermann/pcs.csv"];

#[test]
fn line_contains_no_secrets_paths_users_or_hosts() {
    for engine in ENGINES {
        let folder = folder();
        let run = |command: &str, code: [i32; 3]| {
            let args = [&[command], &ARGS[..], &["--engine", engine]].concat();
            let code = code[ENGINES.iter().position(|it| *it == engine).unwrap()];
            let line = line(&folder.run_as(&args, with_secrets).code(code));
            for text in [SECRET, PERSONAL, "crm.example", ".toml", ".ini", "***"] {
                assert!(!line.contains(text), "{args:?}: {line}");
            }
            assert!(!line.contains(&*folder.path().to_string_lossy()), "{line}");
            line
        };
        let drifted = run("audit", [1, 0, 1]);
        assert!(drifted.contains("Account1.password"), "{drifted}");
        let changed = run("apply", [0, 0, 0]);
        assert!(changed.contains("Account1.password"), "{changed}");
        assert!(run("audit", [0, 0, 0]).starts_with("Compliant; "));
        // Without the secrets, `apply` fails, and `audit` doesn't.
        let args = [&["apply"], &ARGS[..], &["--engine", engine]].concat();
        let failed = line(&folder.run(&args).code(1));
        assert!(failed.contains("; a secret isn't available; nothing was written; "), "{failed}");
    }
}

#[test]
fn missing_secrets_of_every_source_leave_the_rest_verified() {
    // A source, and what it needs.
    for (key, files) in [
        ("password = { env = \"NO_SUCH_VARIABLE\" }", None),
        ("password = { env = \"NO_SUCH_{{ row.extension }}\" }", None),
        (
            "password = { env = \"NO_SUCH_{{ row.extension }}\" }",
            Some("ini,extension\nMicroSIP.ini,\n"),
        ),
        (
            "password = { env = \"NO_SUCH_{{ row.extension }}\" }",
            Some("ini,extension\nMicroSIP.ini,204\n"),
        ),
        ("password = { file = \"gone.txt\" }", None),
        (
            "password = { file = \"gone/{{ row.extension }}.txt\" }",
            Some("ini,extension\nMicroSIP.ini,204\n"),
        ),
        ("password = { row = \"pin\" }", None),
        ("password = { row = \"pin\" }", Some("ini,pin\nMicroSIP.ini,\n")),
        ("label = { env = \"NO_SUCH_VARIABLE\" }", None),
    ] {
        let folder = Folder::with(utf16(
            "[Settings]\r\nAA=0\r\n[Account1]\r\nlabel=x\r\nusername=2\r\npassword=Tr0ub4dor\r\n",
        ));
        folder.write("p.toml", format!("[Settings]\nAA = true\n[Account1]\nusername = 2\n{key}\n"));
        let files = files.map(|text| folder.write("pcs.csv", text));
        let args =
            if files.is_some() { ["--inventory", "pcs.csv"] } else { ["-i", "MicroSIP.ini"] };
        let audit = [&["audit", "p.toml"], &args[..]].concat();
        let json = folder.run(&[&audit[..], &["--format", "json"]].concat()).code(1).json();
        let file = &json["files"][0];
        let name = key.split(' ').next().unwrap();
        assert_eq!(file["drift"].as_array().unwrap().len(), 1, "{key}: {file}");
        assert_eq!(file["drift"][0]["key"], "AA", "{key}");
        assert_eq!(file["missing_secrets"][0]["key"], name, "{key}");
        assert_eq!(
            (&json["summary"]["unverified"], &json["summary"]["score"]),
            (&1.into(), &50.0.into())
        );
        let line = super::run(&folder, &audit, "intune", 1);
        assert_eq!(
            line,
            "NonCompliant; 1 of 1 file drifted, 1 of 3 values; keys: Settings.AA; score 50.0%; 1 not verified"
        );
        // Nothing else drifts: a secret that can't be verified isn't drift.
        folder.run(&["set", "Settings.AA=1", "MicroSIP.ini", "--no-backup"]).code(0);
        let line = super::run(&folder, &audit, "intune", 0);
        assert_eq!(line, "Compliant; 1 file, 3 values; score 100%; 1 not verified");
        // `apply` needs the secret, and writes nothing without it.
        let apply = [&["apply", "p.toml"], &args[..]].concat();
        let line = super::run(&folder, &apply, "intune", 1);
        assert!(
            line.ends_with("; nothing was written; for details, run the command without --engine"),
            "{line}"
        );
    }
}

#[test]
fn missing_secrets_of_hooks_leave_the_rest_verified() {
    for source in ["env = \"NO_SUCH_VARIABLE\"", "file = \"gone.txt\""] {
        let folder = Folder::with(utf16("[Settings]\r\nAA=0\r\n"));
        let policy = |source: &str| {
            format!(
                "[Settings]\nAA = true\n\n[[hook]]\ntemplate = \"http-event\"\non = [\"call-end\"]\n\
                 with = {{ url = {source} }}\n\n[[hook]]\ntemplate = \"native-command\"\non = [\"call-start\"]\n\
                 with = {{ program = 'C:\\calls.exe' }}\n"
            )
        };
        folder.write("p.toml", policy("\"https://crm.example.com/?token=Tr0ub4dor\""));
        folder.run(&["apply", "p.toml", "MicroSIP.ini"]).code(0);
        folder.run(&["set", "Settings.AA=0", "MicroSIP.ini", "--no-backup"]).code(0);
        folder.run(&["hook", "remove", "native-command", "MicroSIP.ini"]).code(0);
        folder.write("p.toml", policy(&format!("{{ {source} }}")));
        let audit = ["audit", "p.toml", "MicroSIP.ini"];
        let json = folder.run(&[&audit[..], &["--format", "json"]].concat()).code(1).json();
        let file = &json["files"][0];
        assert_eq!(file["missing_secrets"][0]["key"], "cmdCallEnd", "{file}");
        let drift = file["drift"].as_array().unwrap().iter();
        let keys: Vec<_> = drift.map(|drift| drift["key"].as_str().unwrap()).collect();
        assert_eq!(keys, ["AA", "cmdCallStart"], "{file}");
        let line = super::run(&folder, &audit, "intune", 1);
        insta::allow_duplicates! { insta::assert_snapshot!(line, @"NonCompliant; 1 of 1 file drifted, 2 of 3 values; keys: Settings.AA; hooks: native-command (1 event); score 0.0%; 1 not verified"); }
        // An event without a command can't have the hook, whatever the secret is.
        folder.run(&["hook", "remove", "--all", "MicroSIP.ini"]).code(0);
        let json = folder.run(&[&audit[..], &["--format", "json"]].concat()).code(1).json();
        assert_eq!(json["files"][0]["missing_secrets"].as_array().unwrap().len(), 0, "{json}");
        assert_eq!(json["summary"]["unverified"], 0);
    }
}
