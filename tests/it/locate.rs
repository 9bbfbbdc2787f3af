//! Finding the ini, in a tree of no Windows that runs, and on Windows in the current folder.

use std::fs;

use crate::runner::{Folder, utf16};

fn tree() -> Folder {
    let folder = Folder::new();
    for place in ["Users/ada/AppData/Roaming/MicroSIP", "Users/bob", "Tools/Phone"] {
        fs::create_dir_all(folder.file(place)).unwrap();
    }
    let text = "[Settings]\r\nAA=0\r\n[Global]\r\nversion=3.22.16\r\n";
    folder.write("Users/ada/AppData/Roaming/MicroSIP/MicroSIP.ini", utf16(text));
    folder.write("Tools/Phone/microsip.ini", "[Settings]\r\n");
    folder
}

#[cfg(not(windows))]
#[test]
fn locate_root_searches_a_folder_outside_windows() {
    let folder = tree();
    let run = folder.run(&["locate", "--root", "."]).code(0);
    insta::assert_snapshot!(run.out(), @"
    ./Users/ada/AppData/Roaming/MicroSIP/MicroSIP.ini
        offline: in the profile of a user
        utf-16le, MicroSIP 3.22.16, writable
    ./Tools/Phone/microsip.ini
        offline: recognized by its name
        ascii, writable
    2 files
    ");
    assert_eq!(run.err(), "");
    assert!(folder.names().iter().all(|name| name.ends_with('/')), "nothing is made");
}

#[test]
fn locate_prints_json_and_ndjson() {
    let folder = tree();
    let json = folder.run(&["locate", "--root", ".", "--format", "json"]).code(0).json();
    assert_eq!(json["summary"]["files"], 2);
    let first = &json["files"][0];
    assert_eq!(first["kind"], "offline");
    assert_eq!(first["product"], "MicroSIP");
    assert_eq!(first["version"], "3.22.16");
    assert_eq!(first["writable"], true);
    assert!(first["process"].is_null());
    assert!(first["path"].as_str().unwrap().ends_with("MicroSIP.ini"));
    let lines = folder.run(&["locate", "--root", ".", "--format", "ndjson"]).code(0).out();
    assert_eq!(lines.lines().count(), 3);
}

#[test]
fn locate_reports_when_nothing_is_found() {
    let folder = tree();
    let run = folder.run(&["locate", "--root", ".", "--product", "LSPhone"]).code(1);
    assert_eq!(run.out(), "");
    assert!(run.err().contains("no MicroSIP.ini found"), "{}", run.err());
    let run = folder.run(&["locate", "--root", "none"]).code(2);
    assert!(run.err().contains("none: file not found"), "{}", run.err());
    folder.run(&["locate", "--product", "a\\b"]).code(2);
    folder.run(&["locate", "--root", ".", "--all-users"]).code(2);
}

#[cfg(not(windows))]
#[test]
fn locate_requires_root_outside_windows() {
    let run = Folder::new().run(&["locate"]).code(2);
    insta::assert_snapshot!(run.err(), @"
    error: can't detect MicroSIP.ini on this system: only Windows can do that
    hint: pass `--root DIR` to search a mounted Windows drive
    ");
}

#[cfg(windows)]
#[test]
fn ini_in_the_current_folder_is_found_and_used() {
    let folder = Folder::with("[Settings]\r\nAA=1\r\n");
    let json = folder.run(&["locate", "--format", "json"]).code(0).json();
    let files = json["files"].as_array().unwrap();
    let name = folder.path().file_name().unwrap().to_str().unwrap();
    let own = format!(r"{name}\MicroSIP.ini");
    let is_own = |file: &&serde_json::Value| file["path"].as_str().unwrap().ends_with(&own);
    let found: Vec<_> = files.iter().filter(is_own).collect();
    assert_eq!(found.len(), 1, "{json}");
    assert_eq!(found[0]["kind"], "portable");
    // A MicroSIP that this computer has besides makes the choice the user's.
    let run = folder.run(&["get", "Settings.AA"]);
    if run.err().contains("are found") {
        run.code(2);
        return;
    }
    assert_eq!(run.code(0).out(), "1\n");
}

#[cfg(windows)]
#[test]
fn fails_when_several_ini_files_are_found() {
    let folder = Folder::with("[Settings]\r\nAA=1\r\n");
    folder.write("Reception.ini", "[Settings]\r\nAA=1\r\n");
    folder.write("Reception.exe", "");
    for command in [&["get", "Settings.AA"][..], &["set", "Settings.AA=0"]] {
        let run = folder.run(command).code(2);
        assert!(run.err().contains("`locate` finds 2"), "{}", run.err());
        assert!(run.err().contains("Reception.ini (portable)"), "{}", run.err());
    }
    assert_eq!(folder.ini(), b"[Settings]\r\nAA=1\r\n");
}
