//! Secrets of pending plans: read again, and in no file and no output.

use std::fs;

use super::{BEFORE, QUEUE, locked, queue, status, text, world};
use crate::runner::{Folder, PENDING, RUNS};

/// A text in all secrets.
const SECRET: &str = "Tr0ub4dor";

const POLICY: &str = "\
[Account1]
password = { file = \"pw\" }
label = { row = \"label\" }
displayName = \"Tr0ub4dor-literal {{ row.apitoken }}\"

[Ours]
crmToken = { value = \"Tr0ub4dor-token\", force = true }

[[hook]]
template = \"http-event\"
on = [\"call-start\"]
with = { url = \"https://crm.example.com/calls?token=Tr0ub4dor-hook\" }
";

fn planted() -> Folder {
    let folder = world(POLICY);
    folder.write("pw", "Tr0ub4dor-file\n");
    folder.write("pcs.csv", "ini,label,apitoken\nMicroSIP.ini,Tr0ub4dor-row,Tr0ub4dor-column\n");
    folder
}

const INVENTORY: [&str; 2] = ["--inventory", "pcs.csv"];

fn queue_planted(folder: &Folder) {
    let lock = locked(folder, "MicroSIP.ini");
    let run = folder.run(&[&QUEUE[..], &INVENTORY].concat()).code(0);
    drop(lock);
    assert!(!String::from_utf8(run.everything()).unwrap().contains(SECRET));
}

/// Searches what msipctl stored for itself.
#[track_caller]
fn check_stored(folder: &Folder) {
    let stored = [PENDING, RUNS, ".local"].map(|name| folder.files_below(name)).concat();
    for (path, bytes) in stored {
        let text = String::from_utf8_lossy(&bytes);
        assert!(!text.contains(SECRET), "{}: {text}", path.display());
    }
}

#[test]
#[cfg_attr(windows, ignore = "msipctlw makes the change as soon as the file is free")]
fn secrets_from_all_sources_are_read_again_and_never_stored() {
    let folder = planted();
    queue_planted(&folder);
    assert!(!folder.files_below(PENDING).is_empty());
    check_stored(&folder);
    for args in [&["status"][..], &["status", "--format", "json"], &["apply", "--pending", "-vv"]] {
        let run = folder.run(args).code(0);
        assert!(!String::from_utf8(run.everything()).unwrap().contains(SECRET), "{args:?}");
    }
    check_stored(&folder);
    assert_eq!(status(&folder, 0).len(), 0);
    let after = text(&folder);
    for expected in [
        "password=Tr0ub4dor-file\r\n",
        "label=Tr0ub4dor-row\r\n",
        "displayName=Tr0ub4dor-literal Tr0ub4dor-column\r\n",
        "crmToken=Tr0ub4dor-token\r\n",
        "?token=Tr0ub4dor-hook",
    ] {
        assert!(after.contains(expected), "{expected}: {after}");
    }
}

#[test]
#[cfg_attr(windows, ignore = "msipctlw makes the change as soon as the file is free")]
fn changed_secret_or_inventory_blocks_the_plan() {
    let changes = [
        (
            "pw",
            "Tr0ub4dor-other",
            "blocked_secret",
            "the secret for `Account1.password` was changed",
        ),
        ("pcs.csv", "ini,label,apitoken\nMicroSIP.ini,a,b\n", "conflict", "pcs.csv was changed"),
    ];
    for (name, content, state, reason) in changes {
        let folder = planted();
        queue_planted(&folder);
        folder.write(name, content);
        let run = folder.run(&["apply", "--pending"]).code(1);
        assert!(!String::from_utf8(run.everything()).unwrap().contains(SECRET));
        let plan = &status(&folder, 1)[0];
        assert_eq!(plan["state"], state);
        assert!(plan["last_error"].as_str().unwrap().contains(reason), "{plan}");
        assert_eq!(text(&folder), BEFORE);
    }
}

#[test]
#[cfg_attr(windows, ignore = "msipctlw makes the change as soon as the file is free")]
fn missing_secret_file_is_tried_again() {
    let folder = world("[Account1]\npassword = { file = \"pw\" }\n");
    folder.write("pw", SECRET);
    queue(&folder);
    fs::remove_file(folder.file("pw")).unwrap();
    folder.run(&["apply", "--pending"]).code(1);
    assert_eq!(status(&folder, 1)[0]["state"], "failed");
    assert_eq!(text(&folder), BEFORE);
    folder.write("pw", SECRET);
    folder.run(&["apply", "--pending"]).code(0);
    assert_eq!(text(&folder), format!("{BEFORE}password={SECRET}\r\n"));
}

#[test]
fn secret_of_this_process_alone_refuses_the_complete_change() {
    let hook = "[[hook]]\ntemplate = \"native-command\"\non = \"call-end\"\nwith = { program = 'C:\\x.exe', argument = { env = \"PIN_{{ row.id }}\" } }\n";
    let cases = [
        (
            "[Settings]\nAA = 1\n[Account1]\npassword = { env = \"PIN\" }\n",
            "PIN",
            "Account1.password",
        ),
        ("[\"Account*\"]\npassword = { env = \"PIN\" }\n", "PIN", "Account1.password"),
        (hook, "PIN_7", "Settings.cmdCallEnd"),
    ];
    for (policy, variable, key) in cases {
        let folder = world(policy);
        folder.write("pcs.csv", "ini,id\nMicroSIP.ini,7\n");
        let lock = locked(&folder, "MicroSIP.ini");
        let run = folder.run_as(&[&QUEUE[..], &INVENTORY].concat(), |command| {
            command.env(variable, SECRET);
        });
        drop(lock);
        let err = run.code(3).err();
        let expected = format!(
            "MicroSIP.ini: can't defer `{key}`: the environment variable `{variable}` isn't available later\n"
        );
        assert!(err.contains(&expected) && err.contains("use `{ file = \"...\" }`"), "{err}");
        assert!(!err.contains(SECRET));
        assert!(!folder.file(PENDING).exists());
        assert_eq!(text(&folder), BEFORE);
    }
}
