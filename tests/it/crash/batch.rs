//! The same tests for a batch: files that are flushed together, with a journal of the run.

use super::*;

const FOLDERS: [&str; 3] = ["a", "b", "c"];

/// Folders with a file each, and the command that edits all of them in one batch.
struct Fleet {
    root: tempfile::TempDir,
}

impl Fleet {
    fn new() -> Self {
        Self { root: tempfile::tempdir().unwrap() }
    }

    fn work(&self) -> PathBuf {
        self.root.path().join("work")
    }

    /// Restores the initial state.
    fn reset(&self) {
        drop(fs::remove_dir_all(self.work()));
        for (number, folder) in FOLDERS.iter().enumerate() {
            fs::create_dir_all(self.work().join(folder)).unwrap();
            fs::write(self.work().join(folder).join(INI), text(number, 0)).unwrap();
        }
    }

    fn arguments(value: usize) -> Vec<String> {
        let set = format!("Settings.AA={value}");
        let set = ["set", "--force", "--jobs", "1", "--durability", "batch", &set];
        let files = FOLDERS.iter().flat_map(|folder| ["-i", folder]);
        set.into_iter().chain(files).map(str::to_owned).collect()
    }

    fn run(&self, arguments: &[impl AsRef<OsStr>]) -> Output {
        let mut command = program(&self.work());
        command.env("XDG_STATE_HOME", self.work().join("state"));
        command.args(arguments).output().unwrap()
    }

    /// Runs the command from the start, with one call tampered with. Returns its output and the calls, except for those
    /// of the thread that waits for Ctrl+C, because `strace` counts per thread.
    fn tampered(&self, inject: Option<&str>) -> (Output, Vec<String>) {
        self.reset();
        let log = self.root.path().join("log");
        let mut command = traced(&self.work(), &log, inject);
        command.env("XDG_STATE_HOME", self.work().join("state"));
        let output = command.args(Self::arguments(1)).output().unwrap();
        let log = fs::read(log).unwrap();
        let log = String::from_utf8_lossy(&log);
        let thread = |line: &str| line.split_whitespace().next().map(str::to_owned);
        let main = log.lines().next().and_then(thread);
        (output, log.lines().filter(|line| thread(line) == main).map(call).collect())
    }

    /// Returns the calls of a normal run, starting with the first one about a file: the name, and its ordinal among
    /// calls with that name.
    fn write_path(&self) -> Vec<(String, usize)> {
        let (output, calls) = self.tampered(None);
        assert!(output.status.success(), "{}", shown(&output));
        let is_first = |call: &String| call.contains(INI) && !call.starts_with("execve");
        let first = calls.iter().position(is_first).unwrap();
        ordinals(&calls, first)
    }

    /// Returns which files are the new ones; each must be that or the old one.
    fn new_ones(&self, what: &str) -> Vec<bool> {
        let is_new = |(number, folder): (usize, &&str)| {
            let bytes = fs::read_to_string(self.work().join(folder).join(INI)).unwrap();
            let is_new = bytes == text(number, 1);
            assert!(is_new || bytes == text(number, 0), "{what}: {folder} is corrupted: {bytes:?}");
            is_new
        };
        FOLDERS.iter().enumerate().map(is_new).collect()
    }

    fn strays(&self) -> Vec<String> {
        FOLDERS.iter().flat_map(|folder| strays(&self.work().join(folder))).collect()
    }

    fn verify(&self) {
        FOLDERS.iter().for_each(|folder| drop(verify_if_any(&self.work().join(folder))));
    }

    /// Runs the command normally after the failure: it succeeds, and undoing all runs restores every byte and leaves no
    /// other files. Without a journal of the first run, its changes stay.
    fn recover(&self, what: &str, has_journal: bool) {
        let failed = |output: &Output| format!("{what}: then: {}", shown(output));
        self.verify();
        let output = self.run(&Self::arguments(1));
        assert!(output.status.success(), "{}", failed(&output));
        assert_eq!(self.new_ones(what), [true; 3], "{what}: then");
        self.verify();
        // A file that was already new wasn't touched: only a run that writes removes leftover files next to it.
        let output = self.run(&Self::arguments(2));
        assert!(output.status.success(), "{}", failed(&output));
        assert_eq!(self.strays(), [""; 0], "{what}: then");
        for run in self.runs().iter().rev() {
            let output = self.run(&["backup", "restore", "--run", run]);
            assert!(output.status.success(), "{}", failed(&output));
        }
        assert_eq!(self.new_ones(what), [!has_journal; 3], "{what}: undone");
        assert_eq!(self.strays(), [""; 0], "{what}: undone");
    }

    fn runs(&self) -> Vec<String> {
        let output = self.run(&["backup", "list", "--runs", "--format", "json"]);
        let list: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
        let runs = list["runs"].as_array().unwrap().iter().rev();
        runs.map(|run| run["run"].as_str().unwrap().to_owned()).collect()
    }
}

fn text(number: usize, value: usize) -> String {
    format!("[Settings]\r\nAA={value}\r\nnumber={number}\r\n")
}

#[test]
fn kill_during_a_batch_leaves_each_file_old_or_new() {
    if !can_trace() {
        return;
    }
    let path = Fleet::new().write_path();
    let tally: Mutex<BTreeMap<usize, usize>> = Mutex::default();
    on_two_threads(Fleet::new, &path, |fleet, (name, count)| {
        let what = format!("killed at {name} {count}");
        let inject = format!("{name}:signal=KILL:when={count}");
        let (output, _) = fleet.tampered(Some(&inject));
        assert_eq!(output.status.signal(), Some(9), "{what}: {}", shown(&output));
        let new = fleet.new_ones(&what).into_iter().filter(|is_new| *is_new).count();
        *tally.lock().unwrap().entry(new).or_default() += 1;
        fleet.recover(&what, true);
    });
    let tally = tally.into_inner().unwrap();
    assert_eq!(tally.keys().copied().collect::<Vec<_>>(), [0, 1, 2, 3]);
    let (all, three) = (path.len(), FOLDERS.len());
    report(&format!("a batch of {three} killed before each of {all} calls; new ones: {tally:?}"));
}

#[test]
fn error_during_a_batch_leaves_each_file_old_or_new() {
    if !can_trace() {
        return;
    }
    let path = Fleet::new().write_path();
    let errors = |name: &str| match name {
        "syncfs" | "fdatasync" => &["EIO"][..],
        name => &errors(name)[..errors(name).len().min(1)],
    };
    let items: Vec<_> = path
        .iter()
        .flat_map(|(name, count)| errors(name).iter().map(move |error| (name, count, *error)))
        .collect();
    let tally: Mutex<BTreeMap<(i32, usize), usize>> = Mutex::default();
    on_two_threads(Fleet::new, &items, |fleet, (name, count, error)| {
        let what = format!("{error} of {name} {count}");
        let (output, calls) = fleet.tampered(Some(&format!("{name}:error={error}:when={count}")));
        let failed = calls.iter().find(|call| call.contains("(INJECTED)"));
        let what = format!("{what}: {}\n{}", failed.unwrap(), shown(&output));
        let code = output.status.code().unwrap_or_else(|| panic!("{what}"));
        let new = fleet.new_ones(&what);
        let count = new.iter().filter(|is_new| **is_new).count();
        *tally.lock().unwrap().entry((code, count)).or_default() += 1;
        match (code, count) {
            (0, 3) | (4, 2) | (2, 0) => {}
            // The report couldn't be printed, or the last flush failed: each file is reported.
            (2 | 4, 3) => {}
            _ => panic!("{what}: exit code {code}, {count} new"),
        }
        // A file that can't be removed stays.
        if !name.starts_with("unlink") {
            assert_eq!(fleet.strays(), [""; 0], "{what}");
            for (folder, is_new) in FOLDERS.iter().zip(&new) {
                let (backups, stray) = verify_if_any(&fleet.work().join(folder));
                assert_eq!((backups, stray), (usize::from(*is_new), Vec::new()), "{what}");
            }
        }
        let has_journal = !what.contains("the run has no journal");
        fleet.recover(&what, has_journal);
    });
    let tally = tally.into_inner().unwrap();
    report(&format!("{} calls of a batch failed; exit code and new ones: {tally:?}", items.len()));
}

/// A kill keeps what was written to memory, so only the order of the calls shows what a crash of the computer leaves.
#[test]
fn batch_is_flushed_before_and_after_files_are_replaced() {
    if !can_trace() {
        return;
    }
    let fleet = Fleet::new();
    let (output, calls) = fleet.tampered(None);
    assert!(output.status.success(), "{}", shown(&output));
    let flushes: Vec<_> = (0..calls.len()).filter(|at| calls[*at].starts_with("syncfs(")).collect();
    let replaced: Vec<_> = (0..calls.len()).filter(|at| is_replacement(&calls[*at])).collect();
    if flushes.is_empty() {
        return not_run("the file system here is flushed file by file");
    }
    let ([before, after], [first, _, last]) = (&flushes[..], &replaced[..]) else {
        panic!("{flushes:?} {replaced:?}: {calls:#?}");
    };
    assert!(before < first && last < after, "{before} {first} {last} {after}");
    let is_backup_or_new = |call: &&String| {
        call.contains("/.msipctl/") && call.starts_with("rename") || call.contains(".bak\"")
    };
    assert_eq!(calls[*before..].iter().filter(is_backup_or_new).count(), 0, "{calls:#?}");
    // The journal is flushed when it's created, and again before any file is replaced.
    let journal: Vec<_> = (0..*first)
        .filter(|at| calls[*at].starts_with("fsync(") || calls[*at].starts_with("fdatasync("))
        .collect();
    // Three folders are created for it; each is flushed in the folder above it.
    assert_eq!(journal.len(), 6, "the journal, its folders, and the journal again: {calls:#?}");
    assert!(calls[*before..*after].iter().all(|call| !call.starts_with("write(")), "{calls:#?}");
}

#[test]
fn locked_file_of_a_batch_is_written_last() {
    let fleet = Fleet::new();
    fleet.reset();
    let held = fs::File::create(fleet.work().join("b").join(LOCK)).unwrap();
    held.lock().unwrap();
    let mut command = program(&fleet.work());
    command.args(Fleet::arguments(1)).stdout(Stdio::null()).stderr(Stdio::null());
    let mut child = command.spawn().unwrap();
    wait_until("the others", || fleet.new_ones("one held") == [true, false, true]);
    assert!(child.try_wait().unwrap().is_none());
    drop(held);
    assert!(child.wait().unwrap().success());
    assert_eq!(fleet.new_ones("let go of"), [true; 3]);
    assert_eq!(fleet.strays(), [""; 0]);
}
