//! Tests msipctl as root in folders of another user, who may have planted anything there.
//!
//! Every test in this module requires root, so each is marked `#[ignore = "needs root"]`. `.ci/run` runs them as root
//! with `cargo test --test it -- --ignored as_root`; for other users, they count as ignored.

mod links;
mod store;

use std::fs;
use std::os::unix::fs::{PermissionsExt, lchown};
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::runner::{Folder, copy_program};

/// The user and group that own the files. No account has this number.
const USER: u32 = 47_011;

/// A folder of root with the home folder of another user in it.
struct Pc {
    folder: Folder,
}

impl Pc {
    /// Creates `home/MicroSIP.ini`, which the other user owns, with these bytes.
    fn new(bytes: impl AsRef<[u8]>) -> Self {
        assert!(rustix::process::geteuid().is_root(), "needs root");
        let pc = Self { folder: Folder::new() };
        fs::set_permissions(pc.folder.path(), fs::Permissions::from_mode(0o755)).unwrap();
        fs::create_dir(pc.home()).unwrap();
        give(&pc.home());
        pc.plant("MicroSIP.ini", bytes);
        pc
    }

    fn home(&self) -> PathBuf {
        self.folder.file("home")
    }

    /// Creates a file of the other user in the home folder.
    fn plant(&self, name: &str, bytes: impl AsRef<[u8]>) {
        let path = self.home().join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        for folder in path.parent().unwrap().ancestors().take_while(|it| *it != self.home()) {
            give(folder);
        }
        fs::write(&path, bytes).unwrap();
        give(&path);
    }

    /// Creates a symbolic link of the other user in the home folder.
    fn plant_link(&self, name: &str, target: &Path) {
        let path = self.home().join(name);
        std::os::unix::fs::symlink(target, &path).unwrap();
        give(&path);
    }

    /// Prepares msipctl to run as the other user.
    fn as_user(&self, args: &[&str]) -> Command {
        // The build's own folder may be closed to other users.
        let program = self.folder.file("msipctl");
        if !program.exists() {
            copy_program(env!("CARGO_BIN_EXE_msipctl"), &program);
        }
        let mut command = self.folder.program_command(&program.display().to_string(), args);
        command.uid(USER).gid(USER).env("HOME", self.home());
        command.env("MSIPCTL_RUNS", self.home().join(".runs"));
        command
    }
}

/// Changes the owner of a path to the other user, without following a link.
fn give(path: &Path) {
    lchown(path, Some(USER), Some(USER)).unwrap();
}

fn owner(path: &Path) -> u32 {
    std::os::unix::fs::MetadataExt::uid(&fs::symlink_metadata(path).unwrap())
}

#[test]
#[ignore = "needs root"]
fn edit_as_root_keeps_the_owner_of_file_and_backups() {
    let pc = Pc::new("[Settings]\r\nAA=0\r\n");
    pc.folder.run(&["set", "Settings.AA=1", "-i", "home/MicroSIP.ini"]).code(0);
    for name in ["MicroSIP.ini", ".msipctl", ".msipctl/manifest.ndjson"] {
        assert_eq!(owner(&pc.home().join(name)), USER, "{name}");
    }
    let restored = pc.as_user(&["backup", "restore", "-i", "home/MicroSIP.ini"]).output().unwrap();
    assert!(restored.status.success(), "{restored:?}");
    assert_eq!(fs::read(pc.home().join("MicroSIP.ini")).unwrap(), b"[Settings]\r\nAA=0\r\n");
}

#[test]
#[ignore = "needs root"]
fn explicitly_selected_link_is_followed() {
    let pc = Pc::new("[Settings]\r\nAA=0\r\n");
    pc.plant_link("link.ini", Path::new("MicroSIP.ini"));
    pc.folder.run(&["set", "Settings.AA=1", "-i", "home/link.ini"]).code(0);
    assert_eq!(fs::read(pc.home().join("MicroSIP.ini")).unwrap(), b"[Settings]\r\nAA=1\r\n");
}
