//! Kills `apply` to many files at random moments: each file is complete, `apply --resume` finishes, and undo restores
//! every byte.
//!
//! `MSIPCTL_KILLS` and `MSIPCTL_KILL_FILES` increase the numbers, and `MSIPCTL_KILL_SEED` selects the moments.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use crate::runner::{say, utf16};

/// A small random number generator without a crate: xorshift.
struct Random(u64);

impl Random {
    fn below(&mut self, end: u128) -> u128 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        u128::from(self.0) % end.max(1)
    }
}

struct Fleet {
    root: tempfile::TempDir,
    files: Vec<PathBuf>,
}

impl Fleet {
    fn new(count: u64) -> Self {
        let root = tempfile::tempdir().unwrap();
        let files: Vec<_> =
            (0..count).map(|it| root.path().join(it.to_string()).join("MicroSIP.ini")).collect();
        fs::write(root.path().join("policy.toml"), "[Settings]\nAA = true\n").unwrap();
        for (number, path) in files.iter().enumerate() {
            fs::create_dir(path.parent().unwrap()).unwrap();
            fs::write(path, bytes(number, 0)).unwrap();
        }
        Self { root, files }
    }

    fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_msipctl"));
        command.current_dir(self.root.path()).env_clear().stdin(Stdio::null());
        command.env("MSIPCTL_RUNS", self.root.path().join("runs")).args(arguments);
        command
    }

    fn apply(&self, durability: &str) -> Command {
        let args = ["apply", "policy.toml", "-i", "*/MicroSIP.ini", "--jobs", "2"];
        let mut command = self.command(&args);
        command.args(["--durability", durability]);
        command
    }

    /// Resumes the run that was killed, or starts a new one if it was killed before it started.
    fn go_on(&self, durability: &str) -> Command {
        match self.runs().last() {
            Some((run, state)) => {
                assert!(["interrupted", "finished"].contains(&state.as_str()), "{run}: {state}");
                self.command(&["apply", "--resume", run])
            }
            None => self.apply(durability),
        }
    }

    /// Returns the number of new files; each must be that or the old one.
    fn new_ones(&self, what: &str) -> usize {
        let is_new = |(number, path): &(usize, &PathBuf)| {
            let found = fs::read(path).unwrap();
            let is_new = found == bytes(*number, 1);
            assert!(
                is_new || found == bytes(*number, 0),
                "{what}: {} is corrupted",
                path.display()
            );
            is_new
        };
        self.files.iter().enumerate().filter(is_new).count()
    }

    /// Returns the files next to the MicroSIP.ini files that are neither these nor their backups.
    fn strays(&self) -> Vec<PathBuf> {
        let list = |folder: &Path| fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
        let is_stray = |path: &PathBuf| {
            !["MicroSIP.ini", ".msipctl"].iter().any(|name| path.file_name().unwrap() == *name)
        };
        let folders = self.files.iter().map(|path| path.parent().unwrap());
        folders.flat_map(list).filter(is_stray).collect()
    }

    fn runs(&self) -> Vec<(String, String)> {
        let list = succeed(self.command(&["backup", "list", "--runs", "--format", "json"]), "list");
        let list: serde_json::Value = serde_json::from_slice(&list.stdout).unwrap();
        let text = |value: &serde_json::Value| value.as_str().unwrap().to_owned();
        let runs = list["runs"].as_array().unwrap().iter().rev();
        runs.map(|run| (text(&run["run"]), text(&run["state"]))).collect()
    }
}

/// Each file has different content of about 8,000 bytes.
fn bytes(number: usize, value: usize) -> Vec<u8> {
    let filling = format!("device=Speakers of {number}\r\n").repeat(8000 / 2 / 24);
    utf16(&format!("[Settings]\r\nAA={value}\r\n{filling}"))
}

fn succeed(mut command: Command, what: &str) -> Output {
    let output = command.output().unwrap();
    let text = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{what}: {}: {text}", output.status);
    output
}

fn variable(name: &str, default: u64) -> u64 {
    std::env::var(name).map_or(default, |text| text.parse().unwrap())
}

#[test]
fn randomly_killed_runs_leave_complete_files_and_can_be_resumed() {
    let kills = variable("MSIPCTL_KILLS", 6);
    let seed = variable("MSIPCTL_KILL_SEED", 0x6d73_6970_6374_6c21);
    let fleet = Fleet::new(variable("MSIPCTL_KILL_FILES", 200));
    let count = fleet.files.len();
    let mut random = Random(seed.max(1));
    let mut length = Duration::from_millis(500);
    let (mut killed, mut halfway) = (0, 0);
    for number in 0..kills {
        let durability = if number % 2 == 0 { "full" } else { "batch" };
        let what = format!("{durability}, kill {number} of seed {seed}");
        let mut child = fleet.apply(durability);
        let mut child = child.stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
        thread::sleep(Duration::from_nanos(
            u64::try_from(random.below(length.as_nanos())).unwrap(),
        ));
        child.kill().unwrap();
        killed += u64::from(!child.wait().unwrap().success());
        let new = fleet.new_ones(&what);
        halfway += u64::from(0 < new && new < count);

        // It finishes, and removes leftover files next to each file that it writes.
        let began = Instant::now();
        succeed(fleet.go_on(durability), &what);
        if new < count / 2 {
            length = began.elapsed();
        }
        assert_eq!(fleet.new_ones(&what), count, "{what}");

        // After undoing the runs from last to first, each file has its original content.
        for (run, state) in fleet.runs().iter().rev().filter(|(_, state)| state != "undone") {
            let undo = fleet.command(&["backup", "restore", "--run", run, "--jobs", "2"]);
            succeed(undo, &format!("{what}: undo of {run}, which is {state}"));
        }
        assert_eq!(fleet.new_ones(&what), 0, "{what}: undone");
        assert_eq!(fleet.strays(), [""; 0].map(PathBuf::from), "{what}");
        fs::remove_dir_all(fleet.root.path().join("runs")).unwrap();
    }
    say(&format!(
        "killed {killed} of {kills} runs over {count} files, {halfway} halfway (seed {seed})"
    ));
}
