//! Tests what a crash, a full disk, a failing disk, and concurrent programs leave of a file: either the complete old
//! content or the complete new one.
//!
//! Runs the program itself, under `strace` if a system call must fail, be slow, or be the last one. Tests that aren't
//! possible on a machine are reported on stderr, and fail if `CI` is set.

mod batch;

use std::collections::{BTreeMap, HashSet};
use std::ffi::OsStr;
use std::fs;
use std::io::Write as _;
use std::os::unix::process::ExitStatusExt as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use crate::runner::copy_program;

const PROGRAM: &str = env!("CARGO_BIN_EXE_msipctl");
pub(crate) const INI: &str = "MicroSIP.ini";
pub(crate) const LOCK: &str = ".MicroSIP.ini.msipctl-lock";
const BACKUPS: &str = ".msipctl";
const SHORT: &str = "[Settings]\r\nAA=0\r\n";

/// Prints something that is visible even if the test passes.
pub(crate) fn report(text: &str) {
    drop(writeln!(std::io::stderr(), "crash: {text}"));
}

/// Reports that something wasn't tested. Fails if `CI` is set.
fn not_run(why: &str) {
    report(&format!("not run: {why}"));
    assert!(std::env::var_os("CI").is_none(), "not run: {why}");
}

/// Returns whether `strace` is installed and can trace.
pub(crate) fn can_trace() -> bool {
    let traced = Command::new("strace").args(["-o", "/dev/null", "true"]).output();
    match traced {
        Err(_) => not_run("strace is missing"),
        Ok(output) if !output.status.success() => not_run("strace may not trace"),
        Ok(_) => return true,
    }
    false
}

/// The program in a folder, with an empty environment.
pub(crate) fn program(folder: &Path) -> Command {
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
pub(crate) fn traced(folder: &Path, log: &Path, inject: Option<&str>) -> Command {
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

pub(crate) fn shown(output: &Output) -> String {
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    format!("{}\n{text}{}", output.status, String::from_utf8_lossy(&output.stderr))
}

/// Returns the names in a folder, sorted.
pub(crate) fn names(folder: &Path) -> Vec<String> {
    let entries = fs::read_dir(folder).unwrap();
    let mut names: Vec<_> =
        entries.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
    names.sort();
    names
}

/// Returns the files next to the file that are neither the file nor its backups.
fn strays(folder: &Path) -> Vec<String> {
    let mut names = names(folder);
    names.retain(|name| name != INI && name != BACKUPS);
    names
}

/// Checks that every listed backup is intact; returns their number, and what else is in the folder.
pub(crate) fn verify(folder: &Path) -> (usize, Vec<String>) {
    let text = run(folder, &["backup", "verify", "-i", INI]).stdout;
    let text = String::from_utf8(text).unwrap();
    let (stray, ok): (Vec<_>, Vec<_>) =
        text.lines().filter(|line| line.contains(' ')).partition(|line| line.starts_with("stray"));
    assert!(ok.iter().all(|line| line.starts_with("ok") || line.starts_with("no ")), "{text}");
    let ok = ok.iter().filter(|line| line.starts_with("ok")).count();
    (ok, stray.into_iter().map(str::to_owned).collect())
}

/// Checks that there is one error on stderr, with the name of a file of the test and with `cause`.
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
    /// `ID` means the only backup.
    arguments: &'static [&'static str],
}

const SCENARIOS: [Scenario; 8] = [
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
        name: "set in a batch",
        prepare: |folder| fs::write(folder.join(INI), SHORT).unwrap(),
        arguments: &["set", "--force", "--durability", "batch", "Settings.AA=1", "-i", INI],
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
        },
        arguments: &["backup", "restore", "--id", "ID", "-i", INI],
    },
];

/// A folder in the state of a scenario, which can be restored any number of times.
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
        let id = backup.unwrap_or_default();
        let arguments: Vec<_> = scenario
            .arguments
            .iter()
            .map(|it| if *it == "ID" { id.clone() } else { (*it).to_owned() })
            .collect();
        let old = fs::read(work.join(INI)).ok();
        fs::rename(&work, root.path().join("before")).unwrap();
        let mut bench = Self { root, arguments, old, new: Vec::new() };
        bench.reset();
        let output = program(&work).args(&bench.arguments).output().unwrap();
        assert!(output.status.success(), "{}: {}", scenario.name, shown(&output));
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

    /// Runs the command from the start, with one call tampered with. Returns its output and the calls.
    fn tampered(&self, inject: Option<&str>) -> (Output, Vec<String>) {
        self.reset();
        let mut command = traced(&self.work(), &self.log(), inject);
        let output = command.args(&self.arguments).output().unwrap();
        let log = fs::read(self.log()).unwrap();
        let calls = String::from_utf8_lossy(&log).lines().map(call).collect();
        (output, calls)
    }

    /// Returns the calls of a normal run, starting with the first one about the file: the name, and its ordinal among
    /// calls with that name.
    fn write_path(&self) -> Vec<(String, usize)> {
        let (output, calls) = self.tampered(None);
        assert!(output.status.success(), "{}", shown(&output));
        let first = calls.iter().position(|call| call.contains(INI) && !call.starts_with("execve"));
        ordinals(&calls, first.unwrap())
    }

    /// Returns whether the file is the new one; it must be that or the old one.
    fn is_new(&self, what: &str) -> bool {
        let bytes = self.bytes();
        let is_new = bytes.as_ref() == Some(&self.new);
        assert!(is_new || bytes == self.old, "{what}: corrupted: {bytes:?}");
        is_new
    }

    /// Runs the command normally after the failure: it succeeds and removes leftover files.
    fn recover(&self, what: &str) {
        let work = self.work();
        let was_new = self.is_new(what);
        verify_if_any(&work);
        let output = program(&work).args(&self.arguments).output().unwrap();
        assert!(output.status.success(), "{what}: then: {}", shown(&output));
        assert!(self.is_new(what), "{what}: then: is still old");
        if was_new && strays(&work) == [LOCK] {
            // If nothing must be written, nothing is touched: the next run that writes removes it.
            set(&work, "Settings.zz=1");
        }
        assert_eq!(strays(&work), [""; 0], "{what}: then");
        verify(&work);
    }
}

fn verify_if_any(folder: &Path) -> (usize, Vec<String>) {
    if folder.join(BACKUPS).exists() { verify(folder) } else { (0, Vec::new()) }
}

/// Returns the calls from the one at `first` on: the name, and its ordinal among calls with that name.
pub(crate) fn ordinals(calls: &[String], first: usize) -> Vec<(String, usize)> {
    let mut counts: BTreeMap<&str, usize> = BTreeMap::new();
    let mut path = Vec::new();
    for (index, call) in calls.iter().enumerate() {
        let Some((name, _)) = call.split_once('(') else { continue };
        if name.contains(' ') {
            continue;
        }
        let count = counts.entry(name).or_default();
        *count += 1;
        if index >= first {
            path.push((name.to_owned(), *count));
        }
    }
    path
}

/// Returns a line of the log without the process ID.
pub(crate) fn call(line: &str) -> String {
    line.trim_start_matches(|c: char| c.is_ascii_digit()).trim_start().to_owned()
}

/// Does `work` for every item on two threads, each with its own folder.
pub(crate) fn on_two_threads<P, T: Sync>(
    place: impl Fn() -> P + Sync,
    items: &[T],
    work: impl Fn(&P, &T) + Sync,
) {
    let next = AtomicUsize::new(0);
    thread::scope(|scope| {
        for _ in 0..2 {
            scope.spawn(|| {
                let place = place();
                while let Some(item) = items.get(next.fetch_add(1, Ordering::Relaxed)) {
                    work(&place, item);
                }
            });
        }
    });
}

#[test]
fn kill_before_any_system_call_leaves_old_or_new_file() {
    if !can_trace() {
        return;
    }
    let (mut all, mut old, mut new) = (0, 0, 0);
    for scenario in &SCENARIOS {
        let path = Bench::new(scenario).write_path();
        let counts = [AtomicUsize::new(0), AtomicUsize::new(0)];
        on_two_threads(
            || Bench::new(scenario),
            &path,
            |bench, (name, count)| {
                let what = format!("{}: killed at {name} {count}", scenario.name);
                let inject = format!("{name}:signal=KILL:when={count}");
                let (output, _) = bench.tampered(Some(&inject));
                assert_eq!(output.status.signal(), Some(9), "{what}: {}", shown(&output));
                counts[usize::from(bench.is_new(&what))].fetch_add(1, Ordering::Relaxed);
                bench.recover(&what);
            },
        );
        all += path.len();
        old += counts[0].load(Ordering::Relaxed);
        new += counts[1].load(Ordering::Relaxed);
    }
    assert_eq!(old + new, all);
    report(&format!("killed before each of {all} calls: {old} times old, {new} times new"));
}

/// The errors to inject into a call. After `EINTR`, a call is repeated.
fn errors(name: &str) -> &'static [&'static str] {
    match name {
        "write" => &["EIO", "ENOSPC", "EINTR"],
        "openat" => &["EIO", "ENOSPC", "EACCES", "EINTR"],
        // If the system doesn't support the call, the folder is opened one part at a time.
        "openat2" => &["EIO", "EACCES", "EINTR", "ENOSYS"],
        "mkdir" | "mkdirat" => &["EIO", "ENOSPC", "EACCES"],
        "fsync" => &["EIO", "ENOSPC", "EINTR"],
        "syncfs" => &["EIO"],
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

/// Returns the start of the system's message for an error.
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
fn error_of_any_system_call_leaves_old_or_new_file() {
    if !can_trace() {
        return;
    }
    let tally: Mutex<BTreeMap<(i32, bool), usize>> = Mutex::default();
    for scenario in &SCENARIOS {
        let path = Bench::new(scenario).write_path();
        // One command tests each error of a call; the others test only the worst one.
        let most = if scenario.name == "set" { usize::MAX } else { 1 };
        let errors = |name| errors(name).iter().take(most);
        let items: Vec<_> = path
            .iter()
            .flat_map(|(name, count)| errors(name).map(move |error| (name, count, *error)))
            .collect();
        on_two_threads(
            || Bench::new(scenario),
            &items,
            |bench, (name, count, error)| {
                let what = format!("{}: {error} of {name} {count}", scenario.name);
                let inject = format!("{name}:error={error}:when={count}");
                let listed = bench.reset_and_list();
                let (output, calls) = bench.tampered(Some(&inject));
                let failed = calls.iter().position(|call| call.contains("(INJECTED)"));
                let failed = failed.unwrap_or_else(|| panic!("{what}: nothing failed"));
                let renamed = calls.iter().take(failed).any(|call| is_replacement(call));
                let call = &calls[failed];
                let is_new = bench.is_new(&what);
                let code =
                    output.status.code().unwrap_or_else(|| panic!("{what}: {}", shown(&output)));
                let what = format!("{what}: {call}\n{}", shown(&output));
                *tally.lock().unwrap().entry((code, is_new)).or_default() += 1;
                match code {
                    0 => assert!(is_new, "{what}: success, but the file is the old one"),
                    2 | 3 => {
                        assert_eq!(is_new, renamed, "{what}");
                        // Output that stdout doesn't accept is lost. A folder that can't be found is missing.
                        if !call.starts_with("write(1") && *name != "getcwd" {
                            assert_one_error(&output, words(error), &what);
                        }
                    }
                    _ => panic!("{what}: exit code"),
                }
                if *error == "EINTR" {
                    assert_eq!(code, 0, "{what}");
                }
                // A file that can't be removed stays.
                if !name.starts_with("unlink") {
                    assert_eq!(strays(&bench.work()), [""; 0], "{what}");
                    let (backups, stray) = verify_if_any(&bench.work());
                    assert_eq!(stray, [""; 0], "{what}");
                    if !is_new {
                        assert_eq!(backups, listed, "{what}: backups");
                    }
                }
                bench.recover(&what);
            },
        );
    }
    let tally = tally.into_inner().unwrap();
    let all: usize = tally.values().sum();
    let mut text = format!("{all} calls failed:");
    for ((code, is_new), count) in tally {
        text.push_str(&format!(" exit {code} {}: {count};", if is_new { "new" } else { "old" }));
    }
    report(&text);
}

impl Bench {
    /// Restores the initial state; returns the number of backups.
    fn reset_and_list(&self) -> usize {
        self.reset();
        verify_if_any(&self.work()).0
    }
}

/// Returns whether a call put the new file in place.
fn is_replacement(call: &str) -> bool {
    let renames = call.starts_with("rename") || call.starts_with("link");
    let names = call.matches('"').nth(3).is_some()
        && call.rsplit('"').nth(1).is_some_and(|to| to == INI || to.ends_with("/MicroSIP.ini"));
    renames && names && call.contains(" = 0")
}

/// A kill keeps what was written to memory, so only the order of the calls shows what a crash of the computer leaves.
#[test]
fn new_backup_folder_is_flushed_before_the_file_is_replaced() {
    if !can_trace() {
        return;
    }
    let bench = Bench::new(&SCENARIOS[0]);
    let (output, calls) = bench.tampered(None);
    assert!(output.status.success(), "{}", shown(&output));
    let work = format!("{:?}", bench.work());
    let opened = calls.iter().find(|call| call.starts_with("openat2(") && call.contains(&work));
    let Some(opened) = opened else { return not_run("the system knows no openat2") };
    let flush = format!("fsync({})", opened.rsplit(" = ").next().unwrap());
    let created = calls.iter().position(|call| call.starts_with("mkdirat(")).unwrap();
    let flushed = calls.iter().position(|call| call.starts_with(&flush)).unwrap();
    let replaced = calls.iter().position(|call| is_replacement(call)).unwrap();
    assert!(created < flushed && flushed < replaced, "{created} {flushed} {replaced}: {calls:#?}");
}

/// Kills a run without `strace`, at an arbitrary moment.
#[test]
fn kill_at_any_time_leaves_old_or_new_file() {
    const RUNS: u32 = 50;
    let root = tempfile::tempdir().unwrap();
    let folder = root.path();
    fs::write(folder.join(INI), SHORT).unwrap();
    let content = |number: u32| format!("[Settings]\r\nAA={number}\r\n");
    // Loaded machines are slow, so the duration is that of a run just before.
    let began = Instant::now();
    set(folder, "Settings.AA=00");
    let length = began.elapsed();
    set(folder, "Settings.AA=0");
    let mut present = 0;
    let (mut killed, mut new) = (0, 0);
    for number in 1..=RUNS {
        let assignment = format!("Settings.AA={number}");
        let arguments = ["set", "--force", &assignment, "-i", INI];
        let mut command = program(folder);
        command.args(arguments).stdout(Stdio::null()).stderr(Stdio::null());
        let mut child = command.spawn().unwrap();
        // Kills once at each fiftieth of a run, in random order.
        thread::sleep(length * (number * 29 % RUNS) / RUNS);
        child.kill().unwrap();
        let status = child.wait().unwrap();
        let bytes = fs::read_to_string(folder.join(INI)).unwrap();
        assert!(bytes == content(present) || bytes == content(number), "{number}: {bytes:?}");
        killed += u32::from(status.signal() == Some(9));
        new += u32::from(bytes == content(number));
        verify_if_any(folder);
        if number % 2 == 0 {
            run(folder, &arguments);
        }
        if number % 2 == 0 || bytes == content(number) {
            present = number;
        }
    }
    set(folder, "Settings.AA=none");
    assert_eq!(strays(folder), [""; 0]);
    verify(folder);
    report(&format!(
        "{killed} of {RUNS} runs killed at some instant; the file was new {new} times"
    ));
}

fn utf16(text: &str) -> Vec<u8> {
    let units = std::iter::once(0xfeff).chain(text.encode_utf16());
    units.flat_map(u16::to_le_bytes).collect()
}

fn from_utf16(bytes: &[u8]) -> String {
    let units = bytes.chunks(2).map(|pair| u16::from_le_bytes([pair[0], pair[1]]));
    let text = char::decode_utf16(units).collect::<Result<String, _>>().unwrap();
    text.strip_prefix('\u{feff}').unwrap().to_owned()
}

/// Runs all commands at the same time, with readers in parallel. Returns how often the file was read.
fn all_at_once(folder: &Path, commands: &[Vec<String>]) -> usize {
    let done = AtomicBool::new(false);
    thread::scope(|scope| {
        // One reads through the program, one looks at the bytes.
        let through = scope.spawn(|| {
            let mut count = 0;
            while !done.load(Ordering::Relaxed) {
                let get = |key| program(folder).args(["get", key, "-i", INI]).output().unwrap();
                let output = get("Settings.last");
                assert!(output.status.success(), "{}", shown(&output));
                assert_eq!(output.stdout, b"end\n", "{}", shown(&output));
                assert_eq!(get("Settings.missing").status.code(), Some(1));
                count += 2;
            }
            count
        });
        let bytes = scope.spawn(|| {
            let mut count = 0;
            while !done.load(Ordering::Relaxed) {
                let text = from_utf16(&fs::read(folder.join(INI)).unwrap());
                assert!(text.starts_with("[Settings]\r\n") && text.ends_with("\r\n"), "{text}");
                assert!(text.contains("last=end\r\n"), "{text}");
                count += 1;
                thread::sleep(Duration::from_micros(200));
            }
            count
        });
        let children: Vec<_> = commands
            .iter()
            .map(|arguments| {
                let mut command = program(folder);
                command.args(arguments).stdout(Stdio::piped()).stderr(Stdio::piped());
                command.spawn().unwrap()
            })
            .collect();
        let outputs: Vec<_> =
            children.into_iter().map(|child| child.wait_with_output().unwrap()).collect();
        done.store(true, Ordering::Relaxed);
        for (output, arguments) in outputs.iter().zip(commands) {
            assert!(output.status.success(), "{arguments:?}: {}", shown(output));
        }
        through.join().unwrap() + bytes.join().unwrap()
    })
}

#[test]
fn twenty_concurrent_writers_keep_all_changes() {
    let root = tempfile::tempdir().unwrap();
    let folder = root.path();
    fs::write(folder.join(INI), utf16("[Settings]\r\nlast=end\r\n")).unwrap();
    let commands: Vec<Vec<String>> = (0..20)
        .map(|number| {
            let assignment = format!("Settings.k{number}=v{number}");
            ["set", "--force", &assignment, "-i", INI].map(str::to_owned).to_vec()
        })
        .collect();
    let reads = all_at_once(folder, &commands);
    let text = from_utf16(&fs::read(folder.join(INI)).unwrap());
    let lines: HashSet<&str> = text.lines().collect();
    let missing: Vec<_> =
        (0..20).filter(|it| !lines.contains(format!("k{it}=v{it}").as_str())).collect();
    assert!(missing.is_empty() && lines.len() == 22, "{missing:?}: {text}");
    assert_eq!(strays(folder), [""; 0]);
    assert_eq!(verify(folder), (20, Vec::new()));
    report(&format!("20 writers at once, {reads} reads in parallel"));
}

#[test]
fn killed_writers_do_not_affect_concurrent_writers() {
    let root = tempfile::tempdir().unwrap();
    let folder = root.path();
    fs::write(folder.join(INI), SHORT).unwrap();
    let began = Instant::now();
    set(folder, "Settings.AA=1");
    let length = began.elapsed();
    let start = |number: u32| {
        let mut command = program(folder);
        let assignment = format!("Settings.k{number}=v{number}");
        command.args(["set", "--force", &assignment, "-i", INI]);
        command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap()
    };
    let mut children: Vec<_> = (0..30).map(|number| (number, start(number))).collect();
    // Every second one is killed while all wait for each other.
    for (_, child) in children.iter_mut().step_by(2) {
        thread::sleep(length / 4);
        child.kill().unwrap();
    }
    let mut killed = 0;
    let ended: Vec<_> = children
        .into_iter()
        .map(|(number, child)| (number, child.wait_with_output().unwrap()))
        .collect();
    let text = fs::read_to_string(folder.join(INI)).unwrap();
    for (number, output) in ended {
        if output.status.signal() == Some(9) {
            killed += 1;
        } else {
            assert!(output.status.success(), "{number}: {}", shown(&output));
            assert!(text.contains(&format!("k{number}=v{number}\r\n")), "{number}: {text}");
        }
    }
    let whole = |line: &str| {
        line == "AA=1" || line.split_once("=v").is_some_and(|(key, value)| key[1..] == *value)
    };
    assert!(text.ends_with("\r\n") && text.lines().skip(1).all(whole), "{text}");
    set(folder, "Settings.AA=2");
    assert_eq!(strays(folder), [""; 0]);
    verify(folder);
    report(&format!("{killed} of 30 writers at once were killed"));
}

#[test]
fn twenty_concurrent_hook_adds_are_all_written() {
    const EVENTS: [&str; 5] =
        ["incoming-call", "call-ring", "call-answer", "call-start", "call-end"];
    let root = tempfile::tempdir().unwrap();
    let folder = root.path();
    fs::write(folder.join(INI), utf16("[Settings]\r\nlast=end\r\n")).unwrap();
    let templates = [
        ("send-message", "window=W"),
        ("post-message", "window=P"),
        ("http-event", "url=http://localhost:1/x"),
        ("copy-data", "window=C"),
    ];
    let commands: Vec<Vec<String>> = (0..20)
        .map(|number| {
            let (template, with) = templates[number % 4];
            let event = EVENTS[number / 4];
            let arguments = ["hook", "add", template, "--on", event, "--with", with, "-i", INI];
            arguments.map(str::to_owned).to_vec()
        })
        .collect();
    let reads = all_at_once(folder, &commands);
    for arguments in &commands {
        let output = run(folder, &arguments.iter().map(String::as_str).collect::<Vec<_>>());
        let text = shown(&output);
        assert!(text.contains("unchanged"), "{arguments:?} was lost: {text}");
    }
    assert_eq!(strays(folder), [""; 0]);
    assert_eq!(verify(folder), (20, Vec::new()));
    report(&format!("20 hooks at once, {reads} reads in parallel"));
}

/// A change by a program that takes no lock, and the expected result.
type Foreign = (&'static str, fn(&Path), i32);

/// A call to slow down, and how to detect that it was reached.
type Moment = (&'static str, fn(&Path) -> bool);

const THEIRS: &str = "[Settings]\r\nAA=7\r\n";

const FOREIGN: [Foreign; 5] = [
    ("written in place", |path| fs::write(path, THEIRS).unwrap(), 3),
    ("written in place with its old time", write_with_old_time, 3),
    ("replaced", replace, 3),
    ("removed", |path| fs::remove_file(path).unwrap(), 3),
    ("given other rights", |path| chmod(path, 0o640), 0),
];

fn write_with_old_time(path: &Path) {
    let time = fs::metadata(path).unwrap().modified().unwrap();
    fs::write(path, THEIRS).unwrap();
    fs::File::options().write(true).open(path).unwrap().set_modified(time).unwrap();
}

fn replace(path: &Path) {
    let new = path.with_file_name("theirs");
    fs::write(&new, THEIRS).unwrap();
    fs::rename(new, path).unwrap();
}

fn chmod(path: &Path, mode: u32) {
    use std::os::unix::fs::PermissionsExt as _;
    fs::set_permissions(path, fs::Permissions::from_mode(mode)).unwrap();
}

fn mode(path: &Path) -> u32 {
    use std::os::unix::fs::PermissionsExt as _;
    fs::metadata(path).unwrap().permissions().mode() & 0o777
}

/// Waits until `ready`, long enough for a slow machine.
fn wait_until(what: &str, mut ready: impl FnMut() -> bool) {
    let end = Instant::now() + Duration::from_secs(20);
    while !ready() {
        assert!(Instant::now() < end, "{what}: never so");
        thread::sleep(Duration::from_millis(1));
    }
}

/// Slows down one call and changes the file in the meantime. Returns the result of the run.
fn interfered(
    folder: &Path,
    log: &Path,
    slow: &str,
    ready: impl FnMut() -> bool,
    foreign: fn(&Path),
) -> Output {
    let inject = format!("{slow}:delay_enter=400ms");
    let mut command = traced(folder, log, Some(&inject));
    command.args(["set", "--force", "Settings.AA=1", "-i", INI]);
    let child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    wait_until(slow, ready);
    foreign(&folder.join(INI));
    child.wait_with_output().unwrap()
}

#[test]
fn concurrent_write_of_another_program_is_kept() {
    if !can_trace() {
        return;
    }
    let root = tempfile::tempdir().unwrap();
    let log = root.path().join("log");
    let folder = root.path().join("work");
    // While the backup is flushed, and while the new file is flushed.
    let moments: [Moment; 2] = [
        ("fsync:when=1", |folder| {
            let backups = folder.join(BACKUPS);
            backups.exists() && names(&backups).iter().any(|name| name.starts_with(".msipctl-"))
        }),
        ("fchmod:when=1", |folder| strays(folder).iter().any(|name| name != LOCK)),
    ];
    for (slow, ready) in moments {
        for (name, foreign, code) in FOREIGN {
            fs::create_dir(&folder).unwrap();
            let path = folder.join(INI);
            fs::write(&path, SHORT).unwrap();
            let what = format!("{name} during {slow}");
            let output = interfered(&folder, &log, slow, || ready(&folder), foreign);
            assert_eq!(output.status.code(), Some(code), "{what}: {}", shown(&output));
            let bytes = fs::read_to_string(&path).ok();
            match (code, name) {
                (0, _) => {
                    assert_eq!(bytes.as_deref(), Some("[Settings]\r\nAA=1\r\n"), "{what}");
                    assert_eq!(mode(&path), 0o640, "{what}");
                }
                (_, "removed") => assert_eq!(bytes, None, "{what}"),
                _ => assert_eq!(bytes.as_deref(), Some(THEIRS), "{what}"),
            }
            if code == 3 {
                assert_one_error(&output, "changed by another program", &what);
                assert_eq!(verify(&folder), (0, Vec::new()), "{what}");
            }
            assert_eq!(strays(&folder), [""; 0], "{what}");
            fs::remove_dir_all(&folder).unwrap();
        }
    }
    // Before the lock, nothing is lost, because the plan is created again.
    fs::create_dir(&folder).unwrap();
    fs::write(folder.join(INI), SHORT).unwrap();
    let theirs: fn(&Path) = |path| fs::write(path, "[Settings]\r\nAA=7\r\nBB=8\r\n").unwrap();
    let output = interfered(&folder, &log, "flock:when=1", || strays(&folder) == [LOCK], theirs);
    assert!(output.status.success(), "{}", shown(&output));
    let text = fs::read_to_string(folder.join(INI)).unwrap();
    assert_eq!(text, "[Settings]\r\nAA=1\r\nBB=8\r\n");
}

#[test]
fn held_lock_is_waited_for_and_reported() {
    let root = tempfile::tempdir().unwrap();
    let folder = root.path();
    fs::write(folder.join(INI), SHORT).unwrap();
    let held = fs::File::create(folder.join(LOCK)).unwrap();
    held.lock().unwrap();
    let began = Instant::now();
    let arguments = ["set", "--force", "--lock-timeout", "1", "Settings.AA=1", "-i", INI];
    let output = program(folder).args(arguments).output().unwrap();
    let took = began.elapsed();
    assert_eq!(output.status.code(), Some(3), "{}", shown(&output));
    assert_one_error(&output, "locked by another msipctl", "lock held");
    assert!((Duration::from_millis(900)..Duration::from_secs(3)).contains(&took), "{took:?}");
    assert_eq!(fs::read_to_string(folder.join(INI)).unwrap(), SHORT);
    assert_eq!(strays(folder), [LOCK]);
    // Reading needs no lock, and neither does a run that has nothing to write.
    run(folder, &["get", "Settings.AA", "-i", INI]);
    run(folder, &["set", "--force", "--lock-timeout", "1", "Settings.AA=0", "-i", INI]);
    // A released lock goes to the waiting process.
    let mut waiting = program(folder);
    waiting.args(["set", "--force", "Settings.AA=1", "-i", INI]).stdout(Stdio::null());
    let mut waiting = waiting.spawn().unwrap();
    thread::sleep(Duration::from_millis(100));
    assert!(waiting.try_wait().unwrap().is_none());
    drop(held);
    assert!(waiting.wait().unwrap().success());
    assert_eq!(strays(folder), [""; 0]);
}

/// Set for a test that runs again in a process that can mount: the folder to mount on.
const MOUNT: &str = "MSIPCTL_TEST_MOUNT";

/// Runs the test `name` again in a separate mount namespace, on a small file system in memory. Returns the folder of
/// that file system in the inner run.
fn inside_a_small_disk(name: &str) -> Option<PathBuf> {
    if let Some(folder) = std::env::var_os(MOUNT) {
        return Some(folder.into());
    }
    if !rustix::process::geteuid().is_root() {
        report("not run: only the superuser may mount");
        return None;
    }
    let root = tempfile::tempdir().unwrap();
    let script = "mount -t tmpfs -o size=64k,mode=755 none \"$0\" || exit 99; exec \"$@\"";
    let test = std::env::current_exe().unwrap();
    let mut command = Command::new("unshare");
    command.args(["-m", "sh", "-c", script]).arg(root.path()).arg(test);
    command.args(["--exact", name, "--nocapture"]).env(MOUNT, root.path());
    let output = command.output();
    match output {
        Err(_) => not_run("unshare is missing"),
        Ok(output) if !String::from_utf8_lossy(&output.stdout).contains("running 1 test") => {
            not_run(&format!("nothing can be mounted: {}", shown(&output)));
        }
        Ok(output) => {
            assert!(output.status.success(), "{}", shown(&output));
            let text = String::from_utf8_lossy(&output.stderr);
            text.lines().filter_map(|line| line.strip_prefix("crash: ")).for_each(report);
        }
    }
    None
}

/// Fills the disk except for this many pages.
fn fill(filler: &Path, free: usize) {
    let mut file = fs::File::create(filler).unwrap();
    while file.write_all(&[0; 4096]).is_ok() {}
    let length = file.metadata().unwrap().len() / 4096 * 4096;
    file.set_len(length - free as u64 * 4096).unwrap();
}

#[test]
fn full_disk_leaves_the_old_file() {
    let Some(disk) = inside_a_small_disk("crash::full_disk_leaves_the_old_file") else {
        return;
    };
    // Two pages: half of the backup, and half of the new file may fit.
    let filling = format!("pad={}\r\n", "x".repeat(5000));
    let old = format!("[Settings]\r\nAA=0\r\n{filling}");
    let new = format!("[Settings]\r\nAA=1\r\n{filling}");
    let arguments = ["set", "--force", "Settings.AA=1", "-i", INI];
    let mut stages: BTreeMap<&str, usize> = BTreeMap::new();
    // First without a list; then with one that almost fills its page, so that only half a line can be written.
    for lines in [0, 9] {
        for free in 0..5 {
            let what = format!("{lines} lines, {free} pages free");
            let folder = disk.join("work");
            fs::create_dir(&folder).unwrap();
            fs::write(folder.join(INI), &old).unwrap();
            for number in 0..lines {
                let value = if number + 1 == lines { 0 } else { number + 2 };
                let assignment = format!("Settings.AA={value}");
                run(&folder, &["set", "--force", "--keep", "1", &assignment, "-i", INI]);
            }
            let list = folder.join(BACKUPS).join("manifest.ndjson");
            let before = fs::read(&list).unwrap_or_default();
            assert!(lines == 0 || 4096 - before.len() % 4096 < 500, "{}", before.len());
            let listed = verify_if_any(&folder).0;
            fill(&disk.join("filler"), free);
            let output = program(&folder).args(arguments).output().unwrap();
            assert_eq!(output.status.code(), Some(2), "{what}: {}", shown(&output));
            assert_one_error(&output, "No space left", &what);
            assert_one_error(&output, "free some space", &what);
            let text = shown(&output);
            let stages_of = ["can't write the backup", "can't add the backup", "new content"];
            let stage = stages_of.into_iter().find(|stage| text.contains(stage));
            *stages.entry(stage.unwrap_or("other")).or_default() += 1;
            assert_eq!(fs::read_to_string(folder.join(INI)).unwrap(), old, "{what}");
            assert_eq!(strays(&folder), [""; 0], "{what}");
            assert_eq!(verify_if_any(&folder), (listed, Vec::new()), "{what}");
            assert_eq!(fs::read(&list).unwrap_or_default(), before, "{what}");
            fs::remove_file(disk.join("filler")).unwrap();
            run(&folder, &arguments);
            assert_eq!(fs::read_to_string(folder.join(INI)).unwrap(), new, "{what}");
            assert_eq!(verify(&folder), (listed + 1, Vec::new()), "{what}");
            assert_eq!(strays(&folder), [""; 0], "{what}");
            fs::remove_dir_all(&folder).unwrap();
        }
    }
    assert_eq!(stages.len(), 3, "{stages:?}");
    report(&format!("disk full: {stages:?}"));
}

#[test]
fn read_only_disk_is_reported_and_nothing_changes() {
    let Some(disk) = inside_a_small_disk("crash::read_only_disk_is_reported_and_nothing_changes")
    else {
        return;
    };
    fs::write(disk.join(INI), SHORT).unwrap();
    for prepared in [false, true] {
        if prepared {
            set(&disk, "Settings.AA=2");
            set(&disk, "Settings.AA=0");
        }
        let remount = |mode: &str| {
            let mut command = Command::new("mount");
            command.arg("-o").arg(format!("remount,{mode}")).arg(&disk);
            assert!(command.status().unwrap().success());
        };
        remount("ro");
        assert_refused(&disk, &mut program(&disk), "Read-only file system");
        remount("rw");
    }
    set(&disk, "Settings.AA=1");
}

/// Tries to write to a folder that no user can write to.
fn assert_refused(folder: &Path, program: &mut Command, cause: &str) {
    let before = everything(folder);
    let arguments = ["set", "--force", "Settings.AA=1", "-i", INI];
    let output = program.args(arguments).output().unwrap();
    assert!(matches!(output.status.code(), Some(2 | 3)), "{}", shown(&output));
    assert_one_error(&output, cause, cause);
    assert_eq!(everything(folder), before);
}

/// Returns all names and contents in a folder and in its folder for backups.
fn everything(folder: &Path) -> Vec<(PathBuf, Vec<u8>)> {
    let mut found = Vec::new();
    for name in names(folder) {
        let path = folder.join(name);
        if path.is_dir() {
            found.extend(everything(&path));
        } else {
            found.push((path.clone(), fs::read(&path).unwrap()));
        }
    }
    found
}

#[test]
fn unwritable_folder_is_reported_and_nothing_changes() {
    let root = tempfile::tempdir().unwrap();
    let folder = root.path().join("work");
    fs::create_dir(&folder).unwrap();
    let path = folder.join(INI);
    fs::write(&path, SHORT).unwrap();
    chmod(root.path(), 0o755);
    if !rustix::process::geteuid().is_root() {
        chmod(&folder, 0o555);
        assert_refused(&folder, &mut program(&folder), "Permission denied");
        chmod(&folder, 0o755);
        return;
    }
    // Mode bits don't restrict the superuser, so another user tries it, with a program that they can access.
    let copy = root.path().join("msipctl");
    copy_program(PROGRAM, &copy);
    let ordinary = || {
        let mut command = clean("setpriv", &folder);
        command.args(["--reuid=65534", "--regid=65534", "--clear-groups"]).arg(&copy);
        command
    };
    match ordinary().arg("--version").output() {
        Ok(output) if output.status.success() => {}
        Ok(output) => return not_run(&format!("setpriv: {}", shown(&output))),
        Err(_) => return not_run("setpriv is missing"),
    }
    assert_refused(&folder, &mut ordinary(), "Permission denied");
    // They must not replace a file of another user either, even if the folder allows it.
    chmod(&folder, 0o777);
    let output = ordinary().args(["set", "--force", "Settings.AA=1", "-i", INI]).output().unwrap();
    assert_eq!(output.status.code(), Some(2), "{}", shown(&output));
    assert_one_error(&output, "can't keep the owner", "owner");
    assert_eq!(fs::read_to_string(&path).unwrap(), SHORT);
    assert_eq!(strays(&folder), [""; 0]);
    // They may replace their own file.
    std::os::unix::fs::chown(&path, Some(65534), Some(65534)).unwrap();
    fs::remove_dir_all(folder.join(BACKUPS)).unwrap();
    let output = ordinary().args(["set", "--force", "Settings.AA=1", "-i", INI]).output().unwrap();
    assert!(output.status.success(), "{}", shown(&output));
}
