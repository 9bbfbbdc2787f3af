//! Input that is wrong: one clear error, the right exit code, nothing written.

mod arguments;
pub(crate) mod random;

use std::fs;

use crate::runner::Folder;

const COMMANDS: &[&[&str]] = &[
    &["show"],
    &["get", "Settings.AA"],
    &["check"],
    &["hook", "list"],
    &["set", "Settings.AA=1"],
    &["unset", "Settings.AA"],
    &["hook", "add", "call-log", "--on", "call-end", "--with", r"file=C:\a.csv"],
    &["hook", "remove", "--all"],
    &["backup", "create"],
];

/// Runs all commands on a path, expects each to fail in the same way, and returns how.
#[track_caller]
fn check(folder: &Folder, path: &str, code: i32) -> String {
    let before = folder.state();
    let mut errors: Vec<_> = COMMANDS
        .iter()
        .map(|command| {
            let run = folder.run(&[command, &["-i", path][..]].concat()).code(code);
            assert_eq!(run.out(), "", "{command:?}");
            run.err()
        })
        .collect();
    assert_eq!(folder.state(), before);
    errors.sort();
    errors.dedup();
    errors.join("----\n")
}

#[test]
fn missing_file_is_reported_by_every_command() {
    insta::assert_snapshot!(check(&Folder::new(), "missing.ini", 2), @"
    error: missing.ini: file not found
    hint: check the path
    ----
    error: missing.ini: file not found
    hint: check the path, or pass `--create` to create the file
    ");
    insta::assert_snapshot!(check(&Folder::new(), "no/such/folder/MicroSIP.ini", 2), @"
    error: no/such/folder/MicroSIP.ini: file not found
    hint: check the path
    ----
    error: no/such/folder/MicroSIP.ini: file not found
    hint: check the path, or pass `--create` to create the file
    ");
}

#[test]
fn folder_without_microsip_ini_is_reported() {
    let folder = Folder::new();
    fs::create_dir(folder.file("empty")).unwrap();
    fs::create_dir(folder.file("folder.ini")).unwrap();
    insta::assert_snapshot!(check(&folder, "empty", 2).replace('\\', "/"), @"
    error: empty/MicroSIP.ini: file not found
    hint: check the path
    ----
    error: empty/MicroSIP.ini: file not found
    hint: check the path, or pass `--create` to create the file
    ");
    insta::assert_snapshot!(check(&folder, "folder.ini", 2), @"error: folder.ini: not a file: it's a folder");
}

#[cfg(unix)]
#[test]
fn path_below_a_file_is_reported() {
    let folder = Folder::with("[Settings]\r\n");
    insta::assert_snapshot!(check(&folder, "MicroSIP.ini/MicroSIP.ini", 2), @"
    error: MicroSIP.ini/MicroSIP.ini: can't open the file: Not a directory (os error 20)
    ----
    error: MicroSIP.ini/MicroSIP.ini: can't resolve the path: Not a directory (os error 20)
    ");
}

#[test]
fn empty_path_is_rejected() {
    insta::assert_snapshot!(check(&Folder::new(), "", 2), @"
    error: a value is required for '--ini <PATH>' but none was supplied

    For more information, try '--help'.
    ");
}

// On Windows the file is looked for: see `locate`.
#[cfg(not(windows))]
#[test]
fn missing_path_is_reported_outside_windows() {
    let folder = Folder::with("[Settings]\r\n");
    for command in COMMANDS {
        let run = folder.run(command).code(2);
        assert_eq!(
            run.err(),
            "error: MicroSIP.ini not found: no file is selected, and `locate` finds none\n\
             hint: select a file with `-i PATH`, for example `-i \"$APPDATA/MicroSIP/MicroSIP.ini\"`\n",
            "{command:?}"
        );
    }
}

#[test]
fn oversized_file_is_rejected() {
    let folder = Folder::new();
    let file = fs::File::create(folder.file("MicroSIP.ini")).unwrap();
    file.set_len(2 << 30).unwrap();
    for command in COMMANDS {
        let run = folder.on_ini(command).code(2);
        assert_eq!(run.out(), "", "{command:?}");
        insta::allow_duplicates! { insta::assert_snapshot!(run.err(), @"error: MicroSIP.ini: the file has 2147483648 bytes: expected at most 268435456"); }
    }
    assert_eq!(file.metadata().unwrap().len(), 2 << 30);
}

#[cfg(unix)]
#[test]
fn pipes_and_devices_are_rejected() {
    let folder = Folder::new();
    let made = std::process::Command::new("mkfifo").arg(folder.file("pipe.ini")).status();
    assert!(made.unwrap().success());
    insta::assert_snapshot!(check(&folder, "pipe.ini", 2), @"error: pipe.ini: not a file: it's a pipe");
    insta::assert_snapshot!(check(&folder, "/dev/null", 2), @"error: /dev/null: not a file: it's a device");
}

#[cfg(unix)]
#[test]
fn dangling_and_cyclic_links_are_rejected() {
    let folder = Folder::new();
    std::os::unix::fs::symlink("loop.ini", folder.file("loop.ini")).unwrap();
    std::os::unix::fs::symlink("gone.ini", folder.file("dangling.ini")).unwrap();
    let code = |path: &str| -> Vec<_> {
        let runs = COMMANDS.iter().map(|command| {
            folder.command(&[command, &["-i", path][..]].concat()).output().unwrap()
        });
        runs.map(|output| output.status.code()).collect()
    };
    assert!(code("loop.ini").iter().all(|code| *code == Some(2)));
    assert!(code("dangling.ini").iter().all(|code| *code == Some(2)));
    assert_eq!(folder.names(), ["dangling.ini", "loop.ini"]);
}

#[test]
fn empty_file_has_no_settings_and_no_findings() {
    let folder = Folder::with("");
    let before = folder.state();
    insta::assert_snapshot!(folder.on_ini(&["show"]).code(0).out(), @"MicroSIP.ini (utf-16le)");
    insta::assert_snapshot!(folder.on_ini(&["get", "Settings.AA"]).code(1).err(), @"note: `Settings.AA` is not set");
    insta::assert_snapshot!(folder.on_ini(&["check"]).code(0).out(), @"No findings in 1 file");
    insta::assert_snapshot!(folder.on_ini(&["hook", "list"]).code(0).err(), @"note: no hooks");
    assert_eq!(folder.state(), before);
}

#[test]
fn diff_error_names_the_missing_file() {
    let folder = Folder::with("[Settings]\r\n");
    let run = folder.run(&["diff", "MicroSIP.ini", "other.ini"]).code(2);
    insta::assert_snapshot!(run.err(), @"
    error: other.ini: file not found
    hint: check the path
    ");
}

#[test]
fn missing_backups_are_reported() {
    let folder = Folder::with("[Settings]\r\n");
    let before = folder.state();
    insta::assert_snapshot!(folder.on_ini(&["backup", "restore"]).code(2).err(), @"
    error: MicroSIP.ini: no backups found
    hint: run `msipctl backup list` to list backups
    ");
    let run = folder.on_ini(&["backup", "restore", "--id", "nope"]).code(2);
    insta::assert_snapshot!(run.err(), @"
    error: [FOLDER]/.msipctl: backup `nope` not found
    hint: run `msipctl backup list` to list backups
    ");
    let run = folder.on_ini(&["backup", "restore", "--run", "20200101T000000Z-0000"]).code(2);
    insta::assert_snapshot!(run.err(), @"
    error: no backups of run `[TIME]` found
    hint: run `msipctl backup list` to list backups
    ");
    let run = folder.on_ini(&["backup", "restore", "--time", "2020-01-01T00:00:00Z"]).code(2);
    insta::assert_snapshot!(run.err(), @"
    error: MicroSIP.ini: no backup of a write since 2020-01-01T00:00:00Z found
    hint: run `msipctl backup list` to list backups
    ");
    insta::assert_snapshot!(folder.on_ini(&["backup", "list"]).code(0).err(), @"note: no backups");
    assert_eq!(folder.state(), before);
}

#[test]
fn corrupt_manifest_does_not_panic() {
    let folder = Folder::with("[Settings]\r\nAA=0\r\n");
    folder.on_ini(&["set", "Settings.AA=1"]).code(0);
    folder.write(".msipctl/manifest.ndjson", "{ no json\n\0\0");
    for command in [&["backup", "list"][..], &["backup", "verify"], &["backup", "restore"]] {
        let output = folder.on_ini(command);
        assert!(!output.err().contains("panicked"), "{command:?}: {}", output.err());
    }
    assert_eq!(folder.ini(), b"[Settings]\r\nAA=1\r\n");
}

#[test]
fn modified_backup_is_not_restored() {
    let folder = Folder::with("[Settings]\r\nAA=0\r\n");
    folder.on_ini(&["set", "Settings.AA=1"]).code(0);
    let backups = folder.on_ini(&["backup", "list", "--format", "json"]).json();
    let id = backups["backups"][0]["id"].as_str().unwrap();
    folder.write(&format!(".msipctl/{id}.bak"), "[Settings]\r\nAA=0\r\nx=evil\r\n");
    insta::assert_snapshot!(folder.on_ini(&["backup", "verify"]).code(1).out(), @"damaged    MicroSIP.ini.[TIME]");
    insta::assert_snapshot!(folder.on_ini(&["backup", "restore"]).code(2).err(), @"
    error: [FOLDER]/.msipctl/MicroSIP.ini.[TIME]: the backup is corrupted: its hash doesn't match
    hint: run `msipctl backup verify` to verify all backups
    ");
    assert_eq!(folder.ini(), b"[Settings]\r\nAA=1\r\n");
}
