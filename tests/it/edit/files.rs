//! The files that are edited: previews, new ones, links, several at once.

use std::path::Path;

use super::INI;
use crate::runner::{Folder, utf16};

#[test]
fn dry_run_writes_nothing() {
    let folder = Folder::with(INI);
    let before = folder.state();
    let run = folder.on_ini(&["set", "Settings.AA=1", "--dry-run"]).code(0);
    insta::assert_snapshot!(run.out(), @"
    MicroSIP.ini: would change
      ~ Settings.AA = 0 -> 1
    ");
    let run = folder.on_ini(&["unset", "Account1", "--dry-run", "--diff"]).code(0);
    insta::assert_snapshot!(run.out(), @r#"
    MicroSIP.ini: would change
    --- MicroSIP.ini
    +++ MicroSIP.ini
    @@ -6,6 +6,3 @@
     DND=0
     ringingSound="a b"
     
    -[Account1]
    -label=B
    -domain=d
    "#);
    assert_eq!(folder.state(), before);
}

#[test]
fn dry_run_creates_no_file() {
    let folder = Folder::new();
    folder.on_ini(&["set", "Settings.AA=1", "--create", "-n"]).code(0);
    assert!(folder.names().is_empty());
}

#[test]
fn missing_file_is_created_only_with_create() {
    let folder = Folder::new();
    insta::assert_snapshot!(folder.on_ini(&["set", "Settings.AA=1"]).code(2).err(), @"
    error: MicroSIP.ini: file not found
    hint: check the path, or pass `--create` to create the file
    ");
    assert!(folder.names().is_empty());
    folder.on_ini(&["set", "Settings.AA=1", "--create"]).code(0);
    assert_eq!(folder.ini(), utf16("[Settings]\r\nAA=1\r\n"));
}

#[test]
fn backups_are_written_to_backup_dir() {
    let folder = Folder::with(INI);
    folder.on_ini(&["set", "Settings.AA=1", "--no-backup"]).code(0);
    let without = folder.names();
    folder.on_ini(&["set", "Settings.AA=0", "--backup-dir", "kept"]).code(0);
    assert!(folder.names().contains(&"kept/".to_owned()));
    let args = ["backup", "list", "--backup-dir", "kept", "--format", "json"];
    let backups = folder.run(&args).code(0).json();
    assert_eq!(backups["backups"].as_array().unwrap().len(), 1);
    assert!(!without.contains(&"kept/".to_owned()));
}

/// Names the files whose backups are listed, in the order of the list.
#[track_caller]
fn listed(folder: &Folder, args: &[&str]) -> Vec<String> {
    let args = [&["backup", "list", "--format", "json"], args].concat();
    let json = folder.run(&args).code(0).json();
    let paths = json["backups"].as_array().unwrap().iter().map(|row| row["path"].as_str().unwrap());
    let name = |path| Path::new(path).file_name().unwrap().to_str().unwrap().to_owned();
    paths.map(name).collect()
}

#[test]
fn backup_list_shows_only_backups_of_the_selected_files() {
    let folder = Folder::new();
    folder.write("a.ini", INI);
    folder.write("b.ini", INI);
    for (name, value) in [("a.ini", "1"), ("b.ini", "1"), ("a.ini", "0")] {
        folder.run(&["set", &format!("Settings.AA={value}"), "-i", name]).code(0);
    }
    assert_eq!(listed(&folder, &["-i", "a.ini"]), ["a.ini", "a.ini"]);
    assert_eq!(listed(&folder, &["-i", "b.ini"]), ["b.ini"]);
    assert!(listed(&folder, &["-i", "none.ini"]).is_empty());
    // Of several, oldest first, whatever the order in which they are named.
    let all = ["a.ini", "b.ini", "a.ini"];
    assert_eq!(listed(&folder, &["-i", "b.ini", "-i", "a.ini", "-i", "./a.ini"]), all);
    assert_eq!(listed(&folder, &["--backup-dir", ".msipctl"]), all);
    assert_eq!(listed(&folder, &["--backup-dir", ".msipctl", "-i", "b.ini"]), ["b.ini"]);
    // One that is gone can be had back, and a link is as good as what it leads to.
    std::fs::remove_file(folder.file("b.ini")).unwrap();
    assert_eq!(listed(&folder, &["-i", "b.ini"]), ["b.ini"]);
    #[cfg(unix)]
    {
        std::os::unix::fs::symlink("a.ini", folder.file("link.ini")).unwrap();
        assert_eq!(listed(&folder, &["-i", "link.ini"]), ["a.ini", "a.ini"]);
    }
}

#[cfg(unix)]
#[test]
fn symbolic_link_is_kept_when_edited() {
    let folder = Folder::new();
    folder.write("real.ini", INI);
    std::os::unix::fs::symlink("real.ini", folder.file("MicroSIP.ini")).unwrap();
    folder.on_ini(&["set", "Settings.AA=1"]).code(0);
    assert!(folder.file("MicroSIP.ini").is_symlink());
    assert_eq!(folder.read("real.ini"), INI.replace("AA=0", "AA=1").as_bytes());
}

#[cfg(unix)]
#[test]
fn file_mode_is_kept_when_edited() {
    use std::os::unix::fs::PermissionsExt;
    let folder = Folder::with(INI);
    let mode = || std::fs::metadata(folder.file("MicroSIP.ini")).unwrap().permissions().mode();
    let permissions = std::fs::Permissions::from_mode(0o640);
    std::fs::set_permissions(folder.file("MicroSIP.ini"), permissions).unwrap();
    folder.on_ini(&["set", "Settings.AA=1"]).code(0);
    assert_eq!(mode() & 0o777, 0o640);
}

#[cfg(unix)]
#[test]
fn hard_links_of_an_edited_file_are_noted() {
    let folder = Folder::with(INI);
    std::fs::hard_link(folder.file("MicroSIP.ini"), folder.file("other.ini")).unwrap();
    insta::assert_snapshot!(folder.on_ini(&["set", "Settings.AA=1"]).code(0).err(), @"note: MicroSIP.ini: the file has 2 names (hard links), which all get the new content");
}

#[test]
fn read_only_file_is_not_edited() {
    let folder = Folder::with(INI);
    let path = folder.file("MicroSIP.ini");
    let mut permissions = std::fs::metadata(&path).unwrap().permissions();
    permissions.set_readonly(true);
    std::fs::set_permissions(&path, permissions).unwrap();
    let run = folder.on_ini(&["set", "Settings.AA=1"]).code(3);
    insta::assert_snapshot!(run.err(), @"
    error: MicroSIP.ini: the file is marked read-only
    hint: remove the read-only attribute of the file, then run the command again
    ");
    assert_eq!(folder.ini(), INI.as_bytes());
}

#[test]
fn failed_file_does_not_stop_other_files() {
    let folder = Folder::with(INI);
    folder.write("second.ini", utf16(INI));
    let files = ["-i", "MicroSIP.ini", "-i", "missing.ini", "-i", "second.ini"];
    let run = folder.run(&[&["set", "Settings.AA=1"], &files[..]].concat()).code(4);
    insta::assert_snapshot!(run.out(), @"
    MicroSIP.ini: changed
      ~ Settings.AA = 0 -> 1
      backup MicroSIP.ini.[TIME]
    missing.ini: failed
    second.ini: changed
      ~ Settings.AA = 0 -> 1
      backup second.ini.[TIME]
    3 files: 2 changed, 0 unchanged, 1 failed
    ");
    insta::assert_snapshot!(run.err(), @"
    error: missing.ini: file not found
    hint: check the path, or pass `--create` to create the file
    ");
    let expected = INI.replace("AA=0", "AA=1");
    assert_eq!(folder.ini(), expected.as_bytes());
    assert_eq!(folder.read("second.ini"), utf16(&expected));
    assert!(!folder.names().contains(&"missing.ini".to_owned()));
}

#[test]
fn folder_argument_selects_the_microsip_ini_in_it() {
    let folder = Folder::new();
    std::fs::create_dir(folder.file("MicroSIP")).unwrap();
    folder.write("MicroSIP/MicroSIP.ini", INI);
    folder.run(&["set", "Settings.AA=1", "-i", "MicroSIP"]).code(0);
    assert_eq!(folder.read("MicroSIP/MicroSIP.ini"), INI.replace("AA=0", "AA=1").as_bytes());
}
