//! Backups and journals of runs that another user planted, linked, or owns.

use super::*;

const OLD: &str = "[Settings]\r\nAA=0\r\n";
const NEW: &str = "[Settings]\r\nAA=1\r\n";
const SET: [&str; 4] = ["set", "Settings.AA=1", "-i", "home/MicroSIP.ini"];

/// Creates a folder of root that the other user must not access.
fn treasury(pc: &Pc) -> PathBuf {
    let folder = pc.folder.file("treasury");
    fs::create_dir(&folder).unwrap();
    fs::write(folder.join("important"), "important").unwrap();
    folder
}

fn assert_untouched(treasury: &Path) {
    let names: Vec<_> =
        fs::read_dir(treasury).unwrap().map(|entry| entry.unwrap().file_name()).collect();
    assert_eq!(names, ["important"]);
    assert_eq!(fs::read(treasury.join("important")).unwrap(), b"important");
    assert_eq!((owner(treasury), owner(&treasury.join("important"))), (0, 0));
}

fn ini(pc: &Pc) -> String {
    fs::read_to_string(pc.home().join("MicroSIP.ini")).unwrap()
}

/// Returns a line of a list of backups that makes the next write remove `file`.
fn line(pc: &Pc, file: &str) -> String {
    let hash = "0".repeat(64);
    let line = serde_json::json!({
        "schema_version": 1, "id": file.strip_suffix(".bak").unwrap_or(file), "file": file,
        "path": pc.home().join("MicroSIP.ini"), "run": "20261123T034501Z-9f3c",
        "time": "2026-11-23T03:45:01Z", "command": "set", "bytes": 9,
        "sha256": hash, "sha256_after": hash, "keep": 1,
    });
    format!("{line}\n")
}

#[test]
#[ignore = "needs root"]
fn backup_folder_that_is_a_link_is_rejected() {
    let pc = Pc::new(OLD);
    let treasury = treasury(&pc);
    pc.plant_link(".msipctl", &treasury);
    let rejected = pc.folder.run(&SET).code(2);
    let expected = ".msipctl: not a folder: it's a symbolic link";
    assert!(rejected.err().contains(expected), "{}", rejected.err());
    assert!(rejected.err().contains("nothing was written"), "{}", rejected.err());
    for command in ["list", "create", "restore", "prune", "verify"] {
        let run = pc.folder.run(&["backup", command, "-i", "home/MicroSIP.ini"]).code(2);
        assert!(run.err().contains(expected), "{command}: {}", run.err());
    }
    assert_eq!(ini(&pc), OLD);
    assert_untouched(&treasury);
}

#[test]
#[ignore = "needs root"]
fn prune_deletes_only_backups_when_the_manifest_is_forged() {
    let pc = Pc::new(OLD);
    let treasury = treasury(&pc);
    let names = ["important", "../important", "x.bak", "../../treasury/important"];
    let list: String = names.iter().map(|name| line(&pc, name)).collect();
    pc.plant(".msipctl/manifest.ndjson", list);
    pc.plant(".msipctl/important", "important");
    pc.plant(".msipctl/x.bak", "important");
    pc.plant("important", "important");
    pc.folder.run(&[&SET[..], &["--keep", "1"]].concat()).code(0);
    pc.folder.run(&["backup", "prune", "--keep", "1", "-i", "home/MicroSIP.ini"]).code(0);
    for name in ["important", ".msipctl/important", ".msipctl/x.bak"] {
        assert_eq!(fs::read(pc.home().join(name)).unwrap(), b"important", "{name}");
    }
    assert_untouched(&treasury);
}

#[test]
#[ignore = "needs root"]
fn backup_folder_of_a_third_user_is_rejected() {
    let pc = Pc::new(OLD);
    let folder = pc.home().join(".msipctl");
    fs::create_dir(&folder).unwrap();
    lchown(&folder, Some(USER + 1), Some(USER + 1)).unwrap();
    let rejected = pc.folder.run(&SET).code(2);
    assert!(rejected.err().contains("belongs to another user"), "{}", rejected.err());
    assert_eq!(fs::read_dir(&folder).unwrap().count(), 0);
    assert_eq!(ini(&pc), OLD);
    // It may belong to the owner of the file or to the caller.
    for user in [USER, 0] {
        lchown(&folder, Some(user), Some(user)).unwrap();
        pc.folder.run(&["backup", "create", "-i", "home/MicroSIP.ini"]).code(0);
    }
}

#[test]
#[ignore = "needs root"]
fn links_as_manifest_or_lock_file_are_rejected() {
    for name in ["lock", "manifest.ndjson"] {
        let pc = Pc::new(OLD);
        let treasury = treasury(&pc);
        fs::create_dir(pc.home().join(".msipctl")).unwrap();
        give(&pc.home().join(".msipctl"));
        pc.plant_link(&format!(".msipctl/{name}"), &treasury.join("important"));
        let rejected = pc.folder.run(&SET).code(2);
        assert!(rejected.err().contains(name), "{}", rejected.err());
        assert_eq!(ini(&pc), OLD);
        assert_untouched(&treasury);
    }
    // A truncated line is removed from a list, but not from a file that has another name elsewhere.
    let pc = Pc::new(OLD);
    let treasury = treasury(&pc);
    fs::create_dir(pc.home().join(".msipctl")).unwrap();
    give(&pc.home().join(".msipctl"));
    let list = pc.home().join(".msipctl/manifest.ndjson");
    fs::hard_link(treasury.join("important"), list).unwrap();
    let rejected = pc.folder.run(&SET).code(2);
    assert!(rejected.err().contains("it's a hard link"), "{}", rejected.err());
    assert_eq!(ini(&pc), OLD);
    assert_untouched(&treasury);
}

#[test]
#[ignore = "needs root"]
fn backup_dir_is_rejected_when_other_users_control_it() {
    let pc = Pc::new(OLD);
    let set = |dir: &str| pc.folder.run(&[&SET[..], &["--backup-dir", dir]].concat());
    let rejected = |dir: &str, expected: &str| {
        let run = set(dir).code(2);
        assert!(run.err().contains(expected), "{dir}: {}", run.err());
        assert_eq!(ini(&pc), OLD, "{dir}");
    };
    let treasury = treasury(&pc);
    pc.plant_link("theirs", &treasury);
    rejected("home/theirs", "not a folder: it's a symbolic link of another user");
    rejected("home/theirs/new", "it's a symbolic link of another user");
    assert_untouched(&treasury);
    let shared = pc.folder.file("shared");
    fs::create_dir(&shared).unwrap();
    lchown(&shared, Some(USER + 1), Some(USER + 1)).unwrap();
    rejected("shared", "belongs to another user");
    lchown(&shared, Some(0), Some(0)).unwrap();
    fs::set_permissions(&shared, fs::Permissions::from_mode(0o777)).unwrap();
    rejected("shared", "other users can write to the folder");
    assert_eq!(fs::read_dir(&shared).unwrap().count(), 0);
    fs::set_permissions(&shared, fs::Permissions::from_mode(0o1777)).unwrap();
    set("shared").code(0);
    // A link of the caller is followed.
    std::os::unix::fs::symlink("shared", pc.folder.file("link")).unwrap();
    let list = pc.folder.run(&["backup", "list", "--backup-dir", "link"]).code(0);
    assert!(list.out().contains("MicroSIP.ini."), "{}", list.out());
    pc.folder.run(&["backup", "restore", "--backup-dir", "link", "-i", "home/MicroSIP.ini"]);
    assert_eq!(ini(&pc), OLD);
}

/// Edits two files in a run with a journal; returns its ID.
fn run_of_two(pc: &Pc) -> String {
    pc.plant("other/MicroSIP.ini", OLD);
    let set = [&SET[..], &["-i", "home/other", "--format", "json"]].concat();
    pc.folder.run(&set).code(0).json()["run"].as_str().unwrap().to_owned()
}

#[test]
#[ignore = "needs root"]
fn journal_of_another_user_is_not_used() {
    let pc = Pc::new(OLD);
    let run = run_of_two(&pc);
    let runs = pc.folder.file(crate::runner::RUNS);
    let journal = runs.join(format!("{run}.ndjson"));
    let commands: [&[&str]; 4] = [
        &["backup", "restore", "--run", &run],
        &["backup", "restore", "--run", &run, "--force"],
        &["apply", "--resume", &run],
        &["backup", "list", "--runs"],
    ];
    // The journal, its folder, and a folder in which others can write.
    let check = |expected: &str| {
        for command in commands {
            let rejected = pc.folder.run(command).code(2);
            assert!(rejected.err().contains(expected), "{command:?}: {}", rejected.err());
            assert_eq!(ini(&pc), NEW, "{command:?}");
        }
    };
    give(&journal);
    check("the journal belongs to another user");
    lchown(&journal, Some(0), Some(0)).unwrap();
    give(&runs);
    check("the folder of the journals belongs to another user");
    lchown(&runs, Some(0), Some(0)).unwrap();
    fs::set_permissions(&runs, fs::Permissions::from_mode(0o1777)).unwrap();
    check("other users can write to the folder");
    fs::set_permissions(&runs, fs::Permissions::from_mode(0o700)).unwrap();
    pc.folder.run(&["backup", "restore", "--run", &run]).code(0);
    assert_eq!(ini(&pc), OLD);
}

#[test]
#[ignore = "needs root"]
fn run_continues_without_journal_when_others_control_its_folder() {
    let pc = Pc::new(OLD);
    let treasury = treasury(&pc);
    pc.plant("other/MicroSIP.ini", OLD);
    pc.plant_link("runs", &treasury);
    let set = [&SET[..], &["-i", "home/other"]].concat();
    let runs = pc.home().join("runs");
    let run = pc.folder.run_as(&set, |command| {
        command.env("MSIPCTL_RUNS", &runs);
    });
    let run = run.code(0);
    assert!(run.err().contains("it's a symbolic link of another user"), "{}", run.err());
    assert_untouched(&treasury);
    assert_eq!(ini(&pc), NEW);
}
