//! Links that another user planted where root searches for files.

use std::fs;
use std::os::unix::fs::{MetadataExt, symlink};
use std::path::PathBuf;

use super::{Pc, USER, give, owner};

/// A file of root, which the other user must not get.
const SECRET: &str = "[Settings]\r\nAA=0\r\n[Account1]\r\nusername=root-secret\r\n";

/// A folder of root with a secret file, and links of the other user to it.
struct Planted {
    pc: Pc,
    secret: PathBuf,
}

impl Planted {
    fn new() -> Self {
        let pc = Pc::new("[Settings]\r\nAA=0\r\n");
        let secret = pc.folder.file("private/MicroSIP.ini");
        fs::create_dir(secret.parent().unwrap()).unwrap();
        fs::write(&secret, SECRET).unwrap();
        fs::create_dir(pc.home().join("a")).unwrap();
        give(&pc.home().join("a"));
        pc.plant_link("a/MicroSIP.ini", &secret);
        pc.plant_link("b", secret.parent().unwrap());
        Self { pc, secret }
    }

    /// Runs a command and checks that it fails because of the planted links, reveals nothing of root's file, and
    /// doesn't change it.
    #[track_caller]
    fn check(&self, args: &[&str], link: &str) {
        let before = fs::metadata(&self.secret).unwrap();
        let run = self.pc.folder.run(args).failed();
        let shown = run.out() + &run.err();
        assert!(!shown.contains("root-secret"), "{args:?}: {shown}");
        assert!(shown.contains(link) && shown.contains("planted"), "{args:?}: {shown}");
        assert!(shown.contains("-i PATH"), "{args:?}: {shown}");
        assert_eq!(fs::read_to_string(&self.secret).unwrap(), SECRET, "{args:?}");
        let after = fs::metadata(&self.secret).unwrap();
        assert_eq!((after.ino(), after.uid()), (before.ino(), 0), "{args:?}");
        let folder = fs::read_dir(self.secret.parent().unwrap()).unwrap();
        assert_eq!(folder.count(), 1, "{args:?}: something was made in root's folder");
    }
}

const COMMANDS: [&[&str]; 8] = [
    &["check"],
    &["check", "--fix"],
    &["show"],
    &["get", "Account1.username"],
    &["set", "Settings.AA=1"],
    &["unset", "Settings.AA"],
    &["hook", "list"],
    &["hook", "add", "http-event", "--on", "incoming-call", "--with", "url=http://x.example/"],
];

#[test]
#[ignore = "needs root"]
fn planted_link_is_not_followed_when_found_in_a_folder() {
    let planted = Planted::new();
    for command in COMMANDS {
        planted.check(&[command, &["-i", "home/a"]].concat(), "home/a/MicroSIP.ini");
    }
}

#[test]
#[ignore = "needs root"]
fn planted_link_is_not_followed_when_found_by_a_pattern() {
    let planted = Planted::new();
    for command in COMMANDS {
        planted.check(&[command, &["-i", "home/*/MicroSIP.ini"]].concat(), "home/a/MicroSIP.ini");
        planted.check(&[command, &["-i", "home/a/*.ini"]].concat(), "home/a/MicroSIP.ini");
        planted.check(&[command, &["-i", "home/**/MicroSIP.ini"]].concat(), "home/a/MicroSIP.ini");
    }
}

#[test]
#[ignore = "needs root"]
fn planted_folder_link_is_not_followed_by_a_pattern() {
    let planted = Planted::new();
    fs::remove_file(planted.pc.home().join("a/MicroSIP.ini")).unwrap();
    for command in COMMANDS {
        planted.check(&[command, &["-i", "home/*/MicroSIP.ini"]].concat(), "home/b");
        planted.check(&[command, &["-i", "home/*/*.ini"]].concat(), "home/b");
        planted.check(&[command, &["-i", "ho*/b/MicroSIP.ini"]].concat(), "home/b");
    }
}

#[test]
#[ignore = "needs root"]
fn planted_link_is_not_followed_when_found_by_inventory_or_root() {
    let planted = Planted::new();
    planted.pc.folder.write("list.csv", "ini\nhome/*/MicroSIP.ini\n");
    planted.pc.folder.write("policy.toml", "[Settings]\nAA = 1\n");
    for command in COMMANDS {
        let link = "home/a/MicroSIP.ini";
        planted.check(&[command, &["--inventory", "list.csv"]].concat(), link);
        planted.check(&[command, &["--root", "home"]].concat(), link);
    }
    for command in ["plan", "audit", "apply"] {
        let args = [command, "policy.toml", "--inventory", "list.csv"];
        planted.check(&args, "home/a/MicroSIP.ini");
    }
}

#[test]
#[ignore = "needs root"]
fn backups_of_the_target_of_a_planted_link_are_unchanged() {
    let planted = Planted::new();
    let folder = &planted.pc.folder;
    folder.run(&["backup", "create", "-i", "private/MicroSIP.ini"]).code(0);
    fs::write(&planted.secret, "[Settings]\r\nAA=7\r\n").unwrap();
    for command in ["create", "restore", "list", "prune", "verify"] {
        let extra: &[&str] = if command == "prune" { &["--keep", "1"] } else { &[] };
        let args = [&["backup", command, "-i", "home/a"], extra].concat();
        let run = folder.run(&args);
        assert!(run.err().contains("planted"), "{command}: {}", run.err());
        assert_eq!(fs::read(&planted.secret).unwrap(), b"[Settings]\r\nAA=7\r\n");
    }
    let backups = fs::read_dir(planted.secret.with_file_name(".msipctl")).unwrap();
    assert!(backups.count() >= 2, "the backup is still there");
}

#[test]
#[ignore = "needs root"]
fn link_is_followed_when_its_owner_owns_the_target() {
    let pc = Pc::new("[Settings]\r\nAA=0\r\n");
    pc.plant("real/phone.ini", "[Settings]\r\nAA=0\r\n");
    pc.plant("a/none", "");
    pc.plant_link("a/MicroSIP.ini", &pc.home().join("real/phone.ini"));
    pc.plant_link("b", &pc.home().join("a"));
    pc.folder.run(&["set", "Settings.AA=1", "-i", "home/*/MicroSIP.ini"]).code(0);
    assert_eq!(fs::read(pc.home().join("real/phone.ini")).unwrap(), b"[Settings]\r\nAA=1\r\n");
    assert_eq!(owner(&pc.home().join("real/phone.ini")), USER);
    assert!(pc.home().join("a/MicroSIP.ini").is_symlink());
}

#[test]
#[ignore = "needs root"]
fn link_is_followed_when_it_and_its_folder_belong_to_the_user() {
    let pc = Pc::new("[Settings]\r\nAA=0\r\n");
    fs::create_dir(pc.folder.file("sites")).unwrap();
    symlink("../home", pc.folder.file("sites/x")).unwrap();
    pc.folder.run(&["set", "Settings.AA=1", "-i", "sites/*/MicroSIP.ini"]).code(0);
    assert_eq!(fs::read(pc.home().join("MicroSIP.ini")).unwrap(), b"[Settings]\r\nAA=1\r\n");
    // In the home folder, a link of root is followed only to a file of root.
    symlink(pc.folder.file("home/MicroSIP.ini"), pc.home().join("other.ini")).unwrap();
    let run = pc.folder.run(&["get", "Settings.AA", "-i", "home/oth*.ini"]).code(2);
    assert!(run.err().contains("planted"), "{}", run.err());
}

#[test]
#[ignore = "needs root"]
fn chain_of_links_is_not_followed_when_another_user_owns_the_target() {
    let planted = Planted::new();
    planted.pc.plant_link("a/x", std::path::Path::new("MicroSIP.ini"));
    planted.check(&["show", "-i", "home/a/x*"], "home/a/x");
    planted.pc.plant_link("a/y.ini", &planted.pc.home().join("b/../private/MicroSIP.ini"));
    planted.check(&["show", "-i", "home/a/y*.ini"], "home/a/y.ini");
}

#[test]
#[ignore = "needs root"]
fn link_of_root_to_a_file_of_root_is_followed_by_other_users() {
    // The other user may follow root's link to root's file, because both belong to root; the file's own mode decides.
    let planted = Planted::new();
    symlink(&planted.secret, planted.pc.folder.file("linked.ini")).unwrap();
    let run = planted.pc.as_user(&["get", "Account1.username", "-i", "link*.ini"]);
    let output = { run }.output().unwrap();
    assert!(output.status.success(), "{output:?}");
}

#[test]
#[ignore = "needs root"]
fn undo_of_a_run_does_not_follow_a_link_planted_later() {
    let planted = Planted::new();
    let (pc, home) = (&planted.pc, planted.pc.home());
    pc.plant("c/MicroSIP.ini", SECRET);
    pc.plant("d/MicroSIP.ini", SECRET);
    pc.folder.write("list.csv", "ini\nhome/c/MicroSIP.ini\nhome/d/MicroSIP.ini\n");
    let run = pc.folder.run(&["set", "Settings.AA=1", "--inventory", "list.csv"]).code(0);
    drop(run);
    // Root's file has the content that the run left, at the path that it wrote.
    fs::write(&planted.secret, fs::read(home.join("c/MicroSIP.ini")).unwrap()).unwrap();
    fs::copy(home.join("c/MicroSIP.ini"), home.join("kept")).unwrap();
    fs::rename(home.join("c"), home.join("moved")).unwrap();
    pc.plant_link("c", planted.secret.parent().unwrap());
    let before = fs::read(&planted.secret).unwrap();
    let runs = pc.folder.run(&["backup", "list", "--runs", "--format", "json"]).code(0).json();
    let oldest = runs["runs"].as_array().unwrap().last().unwrap();
    let id = oldest["run"].as_str().unwrap_or_default().to_owned();
    pc.folder.run(&["backup", "restore", "--run", &id]).failed();
    assert_eq!(fs::read(&planted.secret).unwrap(), before);
    assert_eq!(fs::read_dir(planted.secret.parent().unwrap()).unwrap().count(), 1);
    assert_eq!(fs::read_to_string(home.join("d/MicroSIP.ini")).unwrap(), SECRET);
}

#[test]
#[ignore = "needs root"]
fn folder_repeatedly_swapped_for_a_link_is_not_written_through() {
    use std::sync::atomic::{AtomicBool, Ordering};

    let planted = Planted::new();
    let home = planted.pc.home();
    planted.pc.plant("c/MicroSIP.ini", "[Settings]\r\nAA=0\r\n");
    planted.pc.plant_link("swap", planted.secret.parent().unwrap());
    let stop = AtomicBool::new(false);
    std::thread::scope(|scope| {
        let swap = scope.spawn(|| {
            use rustix::fs::{CWD, RenameFlags, renameat_with};
            let (one, other) = (home.join("c"), home.join("swap"));
            while !stop.load(Ordering::Relaxed) {
                renameat_with(CWD, &one, CWD, &other, RenameFlags::EXCHANGE).unwrap();
            }
        });
        for turn in 0..60 {
            let value = format!("Settings.AA={}", turn % 2);
            let run = planted.pc.folder.run(&["set", &value, "-i", "home/c*/MicroSIP.ini"]);
            assert!(!run.err().contains("root-secret"));
        }
        stop.store(true, Ordering::Relaxed);
        swap.join().unwrap();
    });
    assert_eq!(fs::read_to_string(&planted.secret).unwrap(), SECRET);
    assert_eq!(fs::metadata(&planted.secret).unwrap().uid(), 0);
}

#[test]
#[ignore = "needs root"]
fn hard_link_of_another_user_to_roots_file_is_not_written() {
    let planted = Planted::new();
    let link = planted.pc.home().join("c");
    fs::create_dir(&link).unwrap();
    give(&link);
    fs::hard_link(&planted.secret, link.join("MicroSIP.ini")).unwrap();
    planted.check(&["set", "Settings.AA=1", "-i", "home/c"], "home/c/MicroSIP.ini");
    planted.check(&["show", "-i", "home/c/*.ini"], "home/c/MicroSIP.ini");
}

#[test]
#[ignore = "needs root"]
fn hard_links_of_another_user_keep_their_owner_when_written() {
    let pc = Pc::new("[Settings]\r\nAA=0\r\n");
    fs::hard_link(pc.home().join("MicroSIP.ini"), pc.home().join("b.ini")).unwrap();
    pc.folder.run(&["set", "Settings.AA=1", "-i", "home"]).code(0);
    for name in ["MicroSIP.ini", "b.ini"] {
        let path = pc.home().join(name);
        assert_eq!(fs::read(&path).unwrap(), b"[Settings]\r\nAA=1\r\n");
        assert_eq!(owner(&path), USER);
        assert_eq!(fs::metadata(&path).unwrap().nlink(), 2);
    }
}
