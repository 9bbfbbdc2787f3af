//! What a crash, a full disk, a failing disk and rivals leave of a file: the old bytes or the new ones, whole.
//!
//! The program itself is run, under `strace` where a call to the system is to fail, to be slow or to be the
//! last. What cannot be tried on a machine is told on stderr, and fails where `CI` is set.

use std::collections::{BTreeMap, HashSet};
use std::ffi::OsStr;
use std::fs;
use std::io::Write as _;
use std::os::unix::process::ExitStatusExt as _;
use std::path::{Path, PathBuf};
use std::process::{Command, ExitStatus, Output, Stdio};
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::thread;
use std::time::{Duration, Instant};

const PROGRAM: &str = env!("CARGO_BIN_EXE_msipctl");
const INI: &str = "MicroSIP.ini";
const LOCK: &str = ".MicroSIP.ini.msipctl-lock";
const BACKUPS: &str = ".msipctl";
const SHORT: &str = "[Settings]\r\nAA=0\r\n";

/// Says something that is seen even when the test succeeds.
fn tell(text: &str) {
    drop(writeln!(std::io::stderr(), "crash: {text}"));
}

/// Tells that something was not tried. Where `CI` is set, that is a failure.
fn not_run(why: &str) {
    tell(&format!("not run: {why}"));
    assert!(std::env::var_os("CI").is_none(), "not run: {why}");
}

/// Tells whether `strace` is there and may trace.
fn can_trace() -> bool {
    let traced = Command::new("strace").args(["-o", "/dev/null", "true"]).output();
    match traced {
        Err(_) => not_run("strace is missing"),
        Ok(output) if !output.status.success() => not_run("strace may not trace"),
        Ok(_) => return true,
    }
    false
}

/// The program in a folder, with an empty environment.
fn program(folder: &Path) -> Command {
    clean(PROGRAM, folder)
}

fn clean(program: impl AsRef<OsStr>, folder: &Path) -> Command {
    let mut command = Command::new(program);
    command.current_dir(folder).env_clear().stdin(Stdio::null());
    if let Some(path) = std::env::var_os("PATH") {
        command.env("PATH", path);
    }
    command
}

/// The program under `strace` with one call tampered with.
fn traced(folder: &Path, log: &Path, inject: Option<&str>) -> Command {
    let mut command = clean("strace", folder);
    command.arg("-f").arg("-o").arg(log);
    if let Some(inject) = inject {
        command.arg("-e").arg(format!("inject={inject}"));
    }
    command.arg(PROGRAM);
    command
}

/// Runs the program and expects it to succeed.
fn run(folder: &Path, arguments: &[&str]) -> Output {
    let output = program(folder).args(arguments).output().unwrap();
    assert!(output.status.success(), "{arguments:?}: {}", shown(&output));
    output
}

fn set(folder: &Path, assignment: &str) {
    run(folder, &["set", "--force", assignment, "-i", INI]);
}

fn shown(output: &Output) -> String {
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    format!("{}\n{text}{}", output.status, String::from_utf8_lossy(&output.stderr))
}

/// Returns the names in a folder, sorted.
fn names(folder: &Path) -> Vec<String> {
    let entries = fs::read_dir(folder).unwrap();
    let mut names: Vec<_> =
        entries.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
    names.sort();
    names
}

/// Returns what stands beside the file and is neither it nor its backups.
fn strays(folder: &Path) -> Vec<String> {
    let mut names = names(folder);
    names.retain(|name| name != INI && name != BACKUPS);
    names
}

/// Checks that every listed backup verifies; returns how many, and what else is in the folder.
fn verify(folder: &Path) -> (usize, Vec<String>) {
    let text = run(folder, &["backup", "verify", "-i", INI]).stdout;
    let text = String::from_utf8(text).unwrap();
    let (stray, ok): (Vec<_>, Vec<_>) =
        text.lines().filter(|line| line.contains(' ')).partition(|line| line.starts_with("stray"));
    assert!(ok.iter().all(|line| line.starts_with("ok") || line.starts_with("no ")), "{text}");
    let ok = ok.iter().filter(|line| line.starts_with("ok")).count();
    (ok, stray.into_iter().map(str::to_owned).collect())
}

/// Checks that there is one error on stderr, that it names a file of ours, and that it says `cause`.
fn assert_one_error(output: &Output, cause: &str, what: &str) {
    let text = String::from_utf8_lossy(&output.stderr);
    let errors: Vec<_> = text.lines().filter(|line| line.starts_with("error: ")).collect();
    assert_eq!(errors.len(), 1, "{what}: {text}");
    let named = errors[0].contains(INI) || errors[0].contains(BACKUPS);
    assert!(named, "{what}: no file is named: {text}");
    assert!(text.contains(cause), "{what}: no {cause:?}: {text}");
    assert!(!text.contains("panicked"), "{what}: {text}");
}

fn copy_folder(from: &Path, to: &Path) {
    fs::create_dir(to).unwrap();
    for entry in fs::read_dir(from).unwrap() {
        let entry = entry.unwrap();
        let to = to.join(entry.file_name());
        if entry.file_type().unwrap().is_dir() {
            copy_folder(&entry.path(), &to);
        } else {
            fs::copy(entry.path(), &to).unwrap();
        }
    }
}

/// One command on one state of the disk.
struct Scenario {
    name: &'static str,
    prepare: fn(&Path),
    /// `ID` stands for the oldest backup.
    arguments: &'static [&'static str],
}

const SCENARIOS: [Scenario; 7] = [
    Scenario {
        name: "set",
        prepare: |folder| fs::write(folder.join(INI), SHORT).unwrap(),
        arguments: &["set", "--force", "Settings.AA=1", "-i", INI],
    },
    Scenario {
        name: "hook add",
        prepare: |folder| fs::write(folder.join(INI), SHORT).unwrap(),
        arguments: &[
            "hook",
            "add",
            "send-message",
            "--on",
            "incoming-call",
            "--with",
            "window=W",
            "-i",
            INI,
        ],
    },
    Scenario {
        name: "set that lets a backup expire",
        prepare: |folder| {
            fs::write(folder.join(INI), SHORT).unwrap();
            set(folder, "Settings.AA=2");
        },
        arguments: &["set", "--force", "--keep", "1", "Settings.AA=1", "-i", INI],
    },
    Scenario {
        name: "set that clears the list",
        prepare: |folder| {
            fs::write(folder.join(INI), SHORT).unwrap();
            for number in 2..=65 {
                let assignment = format!("Settings.AA={number}");
                run(folder, &["set", "--force", "--keep", "1", &assignment, "-i", INI]);
            }
        },
        arguments: &["set", "--force", "--keep", "1", "Settings.AA=1", "-i", INI],
    },
    Scenario {
        name: "set without backup",
        prepare: |folder| fs::write(folder.join(INI), SHORT).unwrap(),
        arguments: &["set", "--force", "--no-backup", "Settings.AA=1", "-i", INI],
    },
    Scenario {
        name: "set that makes the file",
        prepare: |_| {},
        arguments: &["set", "--force", "--create", "Settings.AA=1", "-i", INI],
    },
    Scenario {
        name: "restore",
        prepare: |folder| {
            fs::write(folder.join(INI), SHORT).unwrap();
            set(folder, "Settings.AA=2");
            set(folder, "Settings.AA=3");
        },
        arguments: &["backup", "restore", "--id", "ID", "-i", INI],
    },
];

/// A folder in a scenario's state, which comes back as often as wanted.
struct Bench {
    root: tempfile::TempDir,
    arguments: Vec<String>,
    old: Option<Vec<u8>>,
    new: Vec<u8>,
}

impl Bench {
    fn new(scenario: &Scenario) -> Self {
        let root = tempfile::tempdir().unwrap();
        let work = root.path().join("work");
        fs::create_dir(&work).unwrap();
        (scenario.prepare)(&work);
        let backup = work.join(BACKUPS).exists().then(|| {
            let names = names(&work.join(BACKUPS));
            names.into_iter().find(|name| name.ends_with(".bak")).unwrap()
        });
        let oldest = backup.unwrap_or_default();
        let arguments: Vec<_> = scenario
            .arguments
            .iter()
            .map(|it| if *it == "ID" { oldest.clone() } else { (*it).to_owned() })
            .collect();
        let old = fs::read(work.join(INI)).ok();
        fs::rename(&work, root.path().join("before")).unwrap();
        let mut bench = Self { root, arguments, old, new: Vec::new() };
        bench.reset();
        assert!(program(&work).args(&bench.arguments).status().unwrap().success());
        bench.new = bench.bytes().unwrap();
        assert_ne!(bench.old.as_deref(), Some(bench.new.as_slice()));
        bench
    }

    fn work(&self) -> PathBuf {
        self.root.path().join("work")
    }

    fn log(&self) -> PathBuf {
        self.root.path().join("log")
    }

    fn bytes(&self) -> Option<Vec<u8>> {
        fs::read(self.work().join(INI)).ok()
    }

    fn reset(&self) {
        let work = self.work();
        if work.exists() {
            fs::remove_dir_all(&work).unwrap();
        }
        copy_folder(&self.root.path().join("before"), &work);
    }

    /// Runs the command from the start, with one call tampered with. Returns its output and the calls made.
    fn tampered(&self, inject: Option<&str>) -> (Output, Vec<String>) {
        self.reset();
        let mut command = traced(&self.work(), &self.log(), inject);
        let output = command.args(&self.arguments).output().unwrap();
        let log = fs::read(self.log()).unwrap();
        let calls = String::from_utf8_lossy(&log).lines().map(call).collect();
        (output, calls)
    }

    /// Returns the calls of an undisturbed run from the first that is about the file: name, and the how
    /// manieth of that name it is.
    fn write_path(&self) -> Vec<(String, usize)> {
        let (output, calls) = self.tampered(None);
        assert!(output.status.success(), "{}", shown(&output));
        let first = calls.iter().position(|call| call.contains(INI) && !call.starts_with("execve"));
        let mut counts: BTreeMap<&str, usize> = BTreeMap::new();
        let mut path = Vec::new();
        for (index, call) in calls.iter().enumerate() {
            let Some((name, _)) = call.split_once('(') else { continue };
            if name.contains(' ') {
                continue;
            }
            let count = counts.entry(name).or_default();
            *count += 1;
            if index >= first.unwrap() {
                path.push((name.to_owned(), *count));
            }
        }
        path
    }

    /// Tells whether the file is the new one; it must be that or the old one.
    fn is_new(&self, what: &str) -> bool {
        let bytes = self.bytes();
        let is_new = bytes.as_ref() == Some(&self.new);
        assert!(is_new || bytes == self.old, "{what}: torn: {bytes:?}");
        is_new
    }

    /// Runs the command undisturbed after whatever happened: it reaches its goal and clears up.
    fn recover(&self, what: &str) {
        let work = self.work();
        let was_new = self.is_new(what);
        verify_if_any(&work);
        let output = program(&work).args(&self.arguments).output().unwrap();
        assert!(output.status.success(), "{what}: then: {}", shown(&output));
        assert!(self.is_new(what), "{what}: then: is still old");
        if was_new && strays(&work) == [LOCK] {
            // Where nothing is to be written, nothing is touched: the next run that writes takes it away.
            set(&work, "Settings.zz=1");
        }
        assert_eq!(strays(&work), [""; 0], "{what}: then");
        verify(&work);
    }
}

fn verify_if_any(folder: &Path) -> (usize, Vec<String>) {
    if folder.join(BACKUPS).exists() { verify(folder) } else { (0, Vec::new()) }
}

/// Returns a line of the log without the number of the process.
fn call(line: &str) -> String {
    line.trim_start_matches(|c: char| c.is_ascii_digit()).trim_start().to_owned()
}

/// Does `work` for every item, on two threads with a bench each.
fn on_benches<T: Sync>(scenario: &Scenario, items: &[T], work: impl Fn(&Bench, &T) + Sync) {
    let next = AtomicUsize::new(0);
    thread::scope(|scope| {
        for _ in 0..2 {
            scope.spawn(|| {
                let bench = Bench::new(scenario);
                while let Some(item) = items.get(next.fetch_add(1, Ordering::Relaxed)) {
                    work(&bench, item);
                }
            });
        }
    });
}

#[test]
fn a_kill_before_any_call_leaves_the_old_file_or_the_new_one() {
    if !can_trace() {
        return;
    }
    let (mut all, mut old, mut new) = (0, 0, 0);
    for scenario in &SCENARIOS {
        let path = Bench::new(scenario).write_path();
        let counts = [AtomicUsize::new(0), AtomicUsize::new(0)];
        on_benches(scenario, &path, |bench, (name, count)| {
            let what = format!("{}: killed at {name} {count}", scenario.name);
            let inject = format!("{name}:signal=KILL:when={count}");
            let (output, _) = bench.tampered(Some(&inject));
            assert_eq!(output.status.signal(), Some(9), "{what}: {}", shown(&output));
            counts[usize::from(bench.is_new(&what))].fetch_add(1, Ordering::Relaxed);
            bench.recover(&what);
        });
        all += path.len();
        old += counts[0].load(Ordering::Relaxed);
        new += counts[1].load(Ordering::Relaxed);
    }
    assert_eq!(old + new, all);
    tell(&format!("killed before each of {all} calls: {old} times old, {new} times new"));
}

/// The errors to try for a call. After `EINTR` a call is made again.
fn errors(name: &str) -> &'static [&'static str] {
    match name {
        "write" => &["EIO", "ENOSPC", "EINTR"],
        "openat" => &["EIO", "ENOSPC", "EACCES", "EINTR"],
        "mkdir" => &["EIO", "ENOSPC", "EACCES"],
        "fsync" => &["EIO", "ENOSPC", "EINTR"],
        "read" => &["EIO", "EINTR"],
        "rename" | "renameat" | "renameat2" | "link" | "linkat" => &["EIO", "ENOSPC", "EACCES"],
        "fchmod" | "fchown" => &["EIO", "EPERM"],
        "unlink" | "unlinkat" => &["EIO", "EACCES"],
        "flock" => &["EIO", "ENOLCK"],
        "statx" | "newfstatat" | "ftruncate" | "getdents64" | "getcwd" | "readlink" => &["EIO"],
        "llistxattr" | "flistxattr" | "lseek" => &["EIO"],
        _ => &[],
    }
}

/// Returns the start of what the system says for an error.
fn words(error: &str) -> &'static str {
    match error {
        "ENOSPC" => "No space left",
        "EACCES" => "Permission denied",
        "EPERM" => "not permitted",
        "ENOLCK" => "No locks available",
        _ => "Input/output error",
    }
}

#[test]
fn an_error_of_any_call_leaves_the_old_file_or_the_new_one() {
    if !can_trace() {
        return;
    }
    let tally: Mutex<BTreeMap<(i32, bool), usize>> = Mutex::default();
    for scenario in &SCENARIOS {
        let path = Bench::new(scenario).write_path();
        let items: Vec<_> = path
            .iter()
            .flat_map(|(name, count)| errors(name).iter().map(move |error| (name, count, *error)))
            .collect();
        on_benches(scenario, &items, |bench, (name, count, error)| {
            let what = format!("{}: {error} of {name} {count}", scenario.name);
            let inject = format!("{name}:error={error}:when={count}");
            let listed = bench.reset_and_list();
            let (output, calls) = bench.tampered(Some(&inject));
            let failed = calls.iter().position(|call| call.contains("(INJECTED)"));
            let failed = failed.unwrap_or_else(|| panic!("{what}: nothing failed"));
            let renamed = calls.iter().take(failed).any(|call| is_replacement(call));
            let call = &calls[failed];
            let is_new = bench.is_new(&what);
            let code = output.status.code().unwrap_or_else(|| panic!("{what}: {}", shown(&output)));
            let what = format!("{what}: {call}\n{}", shown(&output));
            *tally.lock().unwrap().entry((code, is_new)).or_default() += 1;
            match code {
                0 => assert!(is_new, "{what}: success, but the file is the old one"),
                2 | 3 => {
                    assert_eq!(is_new, renamed, "{what}");
                    // Nobody reads what stdout did not take.
                    if !call.starts_with("write(1") {
                        assert_one_error(&output, words(error), &what);
                    }
                }
                _ => panic!("{what}: exit code"),
            }
            if *error == "EINTR" {
                assert_eq!(code, 0, "{what}");
            }
            // A file that cannot be removed stays.
            if !name.starts_with("unlink") {
                assert_eq!(strays(&bench.work()), [""; 0], "{what}");
                let (backups, stray) = verify_if_any(&bench.work());
                assert_eq!(stray, [""; 0], "{what}");
                if !is_new {
                    assert_eq!(backups, listed, "{what}: backups");
                }
            }
            bench.recover(&what);
        });
    }
    let tally = tally.into_inner().unwrap();
    let all: usize = tally.values().sum();
    let mut text = format!("{all} calls failed:");
    for ((code, is_new), count) in tally {
        text.push_str(&format!(" exit {code} {}: {count};", if is_new { "new" } else { "old" }));
    }
    tell(&text);
}

impl Bench {
    /// Goes back to the start; returns how many backups there are.
    fn reset_and_list(&self) -> usize {
        self.reset();
        verify_if_any(&self.work()).0
    }
}

/// Tells whether a call put the new file in its place.
fn is_replacement(call: &str) -> bool {
    let renames = call.starts_with("rename") || call.starts_with("link");
    let names = call.matches('"').nth(3).is_some()
        && call.rsplit('"').nth(1).is_some_and(|to| to.ends_with("/MicroSIP.ini"));
    renames && names && call.contains(" = 0")
}
