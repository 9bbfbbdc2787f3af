//! A secret by column, environment, or file is in nothing that msipctl prints or keeps, wherever its value appears.

use std::process::Command;

use serde_json::Value;

use crate::runner::{Folder, utf16};

/// A PIN that is also another key's value, part of a longer text, transformed, and a parameter of a hook.
const POLICY: &str = "\
[Account1]
username = \"{{ row.ext }}\"
domain = \"sip.example.com\"
password = { row = \"pin\" }
label = \"{{ row.pin }}\"
displayName = \"Ann ({{ row.pin }})\"
authID = \"{{ row.pin | upper }}\"
proxy = \"{{ row.pin | urlencode }}.example.com\"
voicemailNumber = \"{{ row['p' ~ 'in'] }}\"

[Settings]
userAgent = \"{{ user }}\"
usersDirectory = \"https://example.com/?q={{ row.pin | replace('1', '9') | replace('3', '9') }}\"

[[hook]]
template = \"http-event\"
on = [\"call-start\"]
with = { url = \"https://crm.example.com/calls?desk={{ row.pin | urlencode | literal }}\" }
";

const PINS: [&str; 2] = ["zq 81+Xy", "73G2"];

/// All forms in which a PIN must not appear.
fn forms() -> Vec<String> {
    let forms = PINS.iter().flat_map(|pin| {
        let replaced = pin.replace(['1', '3'], "9");
        [
            pin.to_lowercase(),
            pin.replace(' ', "%20").replace('+', "%2B").to_lowercase(),
            replaced.to_lowercase(),
        ]
    });
    forms.collect()
}

fn folder() -> Folder {
    let folder = Folder::new();
    folder.write("p.toml", POLICY);
    let mut inventory = "ini,ext,pin,site\n".to_owned();
    for (number, pin) in PINS.iter().enumerate() {
        std::fs::create_dir(folder.file(&format!("d{number}"))).unwrap();
        // What is there holds it already, in a comment and in a key of which the policy says nothing.
        let ini = format!(
            "[Settings]\r\nAA=0\r\n; the pin is {pin}\r\nringingSound=C:\\{pin}.wav\r\nuserAgent=x\r\n\
             [Account1]\r\nlabel={pin} old\r\n"
        );
        folder.write(&format!("d{number}/MicroSIP.ini"), utf16(&ini));
        inventory.push_str(&format!("d{number},20{number},{pin},{pin}\n"));
    }
    folder.write("pcs.csv", inventory);
    folder
}

#[track_caller]
fn nothing_in(text: &str, what: &str) {
    let folded = text.to_lowercase();
    for form in forms() {
        assert!(!folded.contains(&form), "{what} has {form}: {text}");
    }
}

/// Checks what was printed, and all files but the ini files and their backups, the policy, and the inventory.
#[track_caller]
fn check(folder: &Folder, args: &[&str], code: i32) -> String {
    let run = folder.run(args).code(code);
    let text = String::from_utf8(run.everything()).unwrap();
    nothing_in(&text, &args.join(" "));
    for (path, bytes) in folder.files_below("") {
        let name = path.file_name().unwrap().to_str().unwrap();
        if !name.starts_with("MicroSIP.ini") && !["p.toml", "pcs.csv"].contains(&name) {
            nothing_in(&String::from_utf8_lossy(&bytes), &path.display().to_string());
        }
    }
    text
}

const FORMATS: [&str; 3] = ["human", "json", "ndjson"];

#[test]
fn secret_column_is_masked_in_plans_diffs_journals_and_manifests() {
    for format in FORMATS {
        let folder = folder();
        let args = ["p.toml", "--inventory", "pcs.csv", "--format", format, "-vv"];
        check(&folder, &[&["plan"], &args[..]].concat(), 0);
        check(&folder, &[&["plan", "-o", "plan.json", "--diff"], &args[..]].concat(), 0);
        check(&folder, &[&["apply", "--dry-run", "--diff"], &args[..]].concat(), 0);
        check(&folder, &["apply", "plan.json", "--diff", "--format", format, "-vv"], 0);
        // It arrived.
        let ini = String::from_utf8_lossy(&folder.read("d1/MicroSIP.ini")).replace('\0', "");
        assert!(
            ini.contains("label=73G2\r\n") && ini.contains("displayName=Ann (73G2)\r\n"),
            "{ini}"
        );
        check(&folder, &[&["apply", "--diff"], &args[..]].concat(), 0);
        check(&folder, &["backup", "list", "-i", "d1/MicroSIP.ini", "--format", format], 0);
    }
}

#[test]
fn secret_column_is_masked_in_audits_of_every_format() {
    for format in ["human", "json", "ndjson", "sarif", "junit", "github", "markdown", "html"] {
        let folder = folder();
        let args = ["audit", "p.toml", "--inventory", "pcs.csv", "--format", format, "-vv"];
        let text = check(&folder, &args, 1);
        assert!(text.contains("displayName"), "{format}: {text}");
    }
    // A column that a policy doesn't use as a secret is shown.
    let folder = folder();
    folder.write("p.toml", "[Account1]\nlabel = \"{{ row.pin }}x\"\n[Settings]\nAA = true\n");
    folder.write("pcs.csv", "ini,pinboard\nd1,73G2\n");
    folder.write("p.toml", "[Account1]\nlabel = \"{{ row.pinboard }}x\"\n");
    let run = folder.run(&["audit", "p.toml", "--inventory", "pcs.csv"]).code(1);
    assert!(run.out().contains("expected 73G2x"), "{}", run.out());
}

#[test]
fn secret_column_named_site_or_user_is_masked() {
    let folder = folder();
    folder.write(
        "p.toml",
        "[Account1]\npassword = { row = \"site\" }\n[Settings]\nuserAgent = \"{{ user }}!\"\n",
    );
    for format in ["html", "json", "human"] {
        check(&folder, &["audit", "p.toml", "--inventory", "pcs.csv", "--format", format], 1);
    }
    folder.write("pcs.csv", "ini,user\nd1,73G2\n");
    folder.write(
        "p.toml",
        "[Account1]\npassword = { row = \"user\" }\n[Settings]\nuserAgent = \"{{ user }}!\"\n",
    );
    let text = check(&folder, &["plan", "p.toml", "--inventory", "pcs.csv"], 0);
    assert!(text.contains("userAgent = *** -> ***"), "{text}");
}

#[test]
fn secret_column_is_masked_in_errors() {
    for (policy, place) in [
        (
            "[Settings]\nvolumeRing = \"{{ row.pin }}\"\n[Account1]\npassword = { row = \"pin\" }\n",
            "p.toml:2:14",
        ),
        (
            "[Settings]\ntransport = \"x{{ row.pin }}\"\n[Account1]\npassword = { row = \"pin\" }\n",
            "p.toml:2:",
        ),
        (
            "[Settings]\nOnCallEnd = \"{{ row.pin }}\"\n[Account1]\npassword = { row = \"pin\" }\n",
            "p.toml:2:13",
        ),
        (
            "[Account1]\npassword = { row = \"pin\" }\n[Settings]\nAA = \"{{ row.pin | int }}\"\n",
            "p.toml:4:6",
        ),
        (
            "[Account1]\npassword = { row = \"pin\" }\n[[hook]]\ntemplate = \"send-message\"\non = [\"call-end\"]\n\
             with = { window = \"a\", message = \"{{ row.pin }}x\" }\n",
            "p.toml:6:34",
        ),
    ] {
        for format in FORMATS {
            let folder = folder();
            folder.write("p.toml", policy);
            for command in ["plan", "apply", "audit"] {
                let args = [command, "p.toml", "--inventory", "pcs.csv", "--format", format, "-vv"];
                let text = folder.run(&args);
                let text = String::from_utf8(text.everything()).unwrap();
                nothing_in(&text, policy);
                assert!(text.contains(place), "{policy}: {text}");
            }
        }
    }
}

#[test]
fn secret_from_environment_or_file_is_masked_everywhere() {
    let folder = folder();
    folder.write(
        "p.toml",
        "[Account1]\npassword = { env = \"PIN\" }\nproxy = { file = \"pin.txt\" }\nlabel = \"x 73G2 y\"\nauthID = \"ZQ 81+XY\"\n",
    );
    folder.write("pin.txt", "zq 81+Xy\n");
    let with = |command: &mut Command| _ = command.env("PIN", "73G2");
    for args in [
        &["plan", "p.toml", "--diff", "-i", "d0", "-i", "d1"][..],
        &["audit", "p.toml", "--format", "json", "-i", "d0", "-i", "d1"],
        &["apply", "p.toml", "--format", "json", "-i", "d0", "-i", "d1"],
    ] {
        let run = folder.run_as(args, with);
        nothing_in(&String::from_utf8(run.everything()).unwrap(), &args.join(" "));
    }
}

/// Returns every text in a JSON document.
fn texts(value: &Value, found: &mut Vec<String>) {
    match value {
        Value::String(text) => found.push(text.clone()),
        Value::Array(values) => values.iter().for_each(|value| texts(value, found)),
        Value::Object(values) => values.values().for_each(|value| texts(value, found)),
        _ => {}
    }
}

#[test]
fn saved_plan_and_journal_contain_no_unkeyed_hash() {
    let folder = folder();
    let plain: Vec<String> = ["p.toml", "pcs.csv", "d0/MicroSIP.ini", "d1/MicroSIP.ini"]
        .map(|name| msipctl_core::store::Digest::of(&folder.read(name)).to_string())
        .into();
    folder.run(&["plan", "p.toml", "--inventory", "pcs.csv", "-o", "plan.json"]).code(0);
    let plan: Value = serde_json::from_slice(&folder.read("plan.json")).unwrap();
    let mut found = Vec::new();
    texts(&plan, &mut found);
    assert!(found.iter().filter(|text| text.len() == 64).count() > 4, "{plan:#}");
    assert!(!found.iter().any(|text| plain.contains(text)), "{plan:#}");
    let run = folder.run(&["apply", "plan.json"]).code(0);
    // The name of a backup, which reports have, tells nothing of the bytes either.
    let printed = String::from_utf8(run.everything()).unwrap();
    assert!(printed.contains("backup MicroSIP.ini."), "{printed}");
    assert!(!plain.iter().any(|hash| printed.contains(&hash[..8])), "{printed}");
    let journals = folder.files_below(".runs");
    assert!(!journals.is_empty());
    for (_, bytes) in journals {
        let text = String::from_utf8_lossy(&bytes).into_owned();
        assert!(!text.contains(&plain[0]) && !text.contains(&plain[1]), "{text}");
    }
}

#[test]
fn saved_plan_is_rejected_when_the_plan_key_differs() {
    let folder = folder();
    folder.write("p.toml", "[Settings]\nAA = true\n");
    folder.run(&["plan", "p.toml", "-i", "d0", "-o", "plan.json"]).code(0);
    let before = folder.read("d0/MicroSIP.ini");
    let elsewhere = folder.file("elsewhere");
    let run = folder.run_as(&["apply", "plan.json"], |command| {
        command.env("HOME", &elsewhere).env("LOCALAPPDATA", &elsewhere);
    });
    let run = run.code(3);
    assert!(run.err().contains("created on another computer or by another user"), "{}", run.err());
    assert_eq!(folder.read("d0/MicroSIP.ini"), before);
}

#[test]
fn human_plan_creates_no_plan_key() {
    let folder = folder();
    let before = folder.state();
    folder.run(&["plan", "p.toml", "--inventory", "pcs.csv"]).code(0);
    assert!(folder.state() == before, "something was touched");
}

#[test]
fn values_of_secret_looking_names_are_masked_by_every_command() {
    let folder = Folder::with(
        "[crm]\r\napiKey=hunter2\r\nx-api-key=hunter2\r\nPIN=hunter2\r\nsessionId=hunter2\r\nauth=hunter2\r\n\
         Cookie=hunter2\r\nha1=hunter2\r\nmd5=hunter2\r\naccesskey=hunter2\r\ncredentials=hunter2\r\nbearer=hunter2\r\n\
         rememberPassword=seen1\r\npassdb backend=seen2\r\nauthor=seen3\r\nping=seen4\r\nspinner=seen5\r\n\
         [Account1]\r\nauthID=seen6\r\n\
         [Settings]\r\ncmdCallEnd=C:\\a.exe --pin hunter2 --author seen7 X-Api-Key:hunter2\r\n\
         usersDirectory=https://example.com/?apikey=hunter2&ping=seen8&sessionid=hunter2\r\n",
    );
    folder.write("none.ini", "[Settings]\r\nAA=0\r\n");
    for args in [
        &["show", "--all", "-i", "MicroSIP.ini"][..],
        &["diff", "none.ini", "MicroSIP.ini"],
        &["diff", "--text", "none.ini", "MicroSIP.ini"],
        &["diff", "--format", "json", "MicroSIP.ini", "none.ini"],
    ] {
        let run = folder.run(args);
        let text = String::from_utf8(run.everything()).unwrap();
        assert!(!text.contains("hunter2"), "{args:?}: {text}");
        for number in 1..=8 {
            assert!(text.contains(&format!("seen{number}")), "{args:?} hides seen{number}: {text}");
        }
    }
}
