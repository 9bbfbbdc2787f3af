//! Kills `apply --when-closed` and `apply --pending` before each system call: a plan is complete or absent, the file is old
//! or new, and no change is made twice.

use std::fs::{self, File};
use std::os::unix::process::ExitStatusExt as _;
use std::path::{Path, PathBuf};
use std::process::Command;

use super::{BEFORE, POLICY};
use crate::crash::{
    INI, LOCK, can_trace, names, on_two_threads, ordinals, program, report, shown, traced, verify,
};

const QUEUE: [&str; 7] = ["apply", "p.toml", "--when-closed", "--lock-timeout", "0", "-i", INI];
const APPLY: [&str; 2] = ["apply", "--pending"];

/// A folder whose state can be restored any number of times.
struct Desk {
    root: tempfile::TempDir,
}

impl Desk {
    fn new() -> Self {
        Self { root: tempfile::tempdir().unwrap() }
    }

    fn work(&self) -> PathBuf {
        self.root.path().join("work")
    }

    /// Restores the initial state: a file, a policy, and the key, but no plan.
    fn reset(&self) {
        drop(fs::remove_dir_all(self.work()));
        fs::create_dir(self.work()).unwrap();
        fs::write(self.work().join(INI), BEFORE).unwrap();
        fs::write(self.work().join("p.toml"), POLICY).unwrap();
    }

    fn lock(&self) -> File {
        let file = File::create(self.work().join(LOCK)).unwrap();
        file.lock().unwrap();
        file
    }

    fn prepared(&self, mut command: Command) -> Command {
        command.env("XDG_STATE_HOME", self.work().join("state"));
        command
    }

    /// Runs the program normally, and returns its output.
    #[track_caller]
    fn run(&self, arguments: &[&str]) -> String {
        let output = self.prepared(program(&self.work())).args(arguments).output().unwrap();
        assert!(output.status.success(), "{arguments:?}: {}", shown(&output));
        String::from_utf8(output.stdout).unwrap()
    }

    fn queue(&self) {
        let _lock = self.lock();
        self.run(&QUEUE);
    }

    /// Runs the program with one call tampered with; returns whether it was killed, and its calls.
    fn traced(&self, arguments: &[&str], inject: Option<&str>) -> (bool, Vec<String>) {
        let log = self.root.path().join("log");
        let mut command = self.prepared(traced(&self.work(), &log, inject));
        let output = command.args(arguments).output().unwrap();
        let is_killed = output.status.signal() == Some(9);
        assert!(is_killed || output.status.success(), "{}", shown(&output));
        let log = fs::read(log).unwrap();
        (is_killed, String::from_utf8_lossy(&log).lines().map(crate::crash::call).collect())
    }

    fn ini(&self) -> String {
        fs::read_to_string(self.work().join(INI)).unwrap()
    }

    /// Returns the runs of the plans, which must all be valid.
    fn plans(&self) -> Vec<String> {
        let text = self.run(&["status", "--format", "json"]);
        let report: serde_json::Value = serde_json::from_str(&text).unwrap();
        let plans = report["plans"].as_array().unwrap();
        plans.iter().map(|plan| plan["run"].as_str().unwrap().to_owned()).collect()
    }
}

/// Returns the calls of a run from the first one about the pending plans or the file: name, and ordinal.
fn calls_of(desk: &Desk, arguments: &[&str]) -> Vec<(String, usize)> {
    let (_, calls) = desk.traced(arguments, None);
    let is_first = |call: &String| {
        !call.starts_with("execve") && (call.contains(INI) || call.contains("pending"))
    };
    let first = calls.iter().position(is_first).unwrap();
    ordinals(&calls, first)
}

fn new() -> String {
    BEFORE.replace("AA=0", "AA=1")
}

#[test]
fn kill_while_queueing_leaves_one_plan_or_none() {
    if !can_trace() {
        return;
    }
    let desk = Desk::new();
    desk.reset();
    let lock = desk.lock();
    let calls = calls_of(&desk, &QUEUE);
    drop(lock);
    let counts = [(); 2].map(|()| std::sync::atomic::AtomicUsize::new(0));
    on_two_threads(Desk::new, &calls, |desk, (name, count)| {
        let what = format!("killed at {name} {count}");
        desk.reset();
        let lock = desk.lock();
        let (is_killed, _) = desk.traced(&QUEUE, Some(&format!("{name}:signal=KILL:when={count}")));
        assert!(is_killed, "{what}");
        assert_eq!(desk.ini(), BEFORE, "{what}");
        let plans = desk.plans();
        assert!(plans.len() <= 1, "{what}: {plans:?}");
        counts[plans.len()].fetch_add(1, std::sync::atomic::Ordering::Relaxed);
        // Queued again, it's still one plan, and nothing else is left.
        desk.run(&QUEUE);
        assert_eq!(desk.plans().len(), 1, "{what}");
        drop(lock);
        desk.run(&APPLY);
        assert_eq!((desk.ini(), desk.plans().len()), (new(), 0), "{what}");
        assert_no_strays(&desk.work().join("state/msipctl/pending"), &what);
    });
    let [without, with] = counts.map(std::sync::atomic::AtomicUsize::into_inner);
    assert!(with > 0 && without > 0, "{with} {without}");
    report(&format!("queueing killed before each of {} calls: {with} times a plan", calls.len()));
}

#[test]
fn kill_while_applying_never_applies_twice_or_loses_the_undo() {
    if !can_trace() {
        return;
    }
    let desk = Desk::new();
    desk.reset();
    desk.queue();
    let calls = calls_of(&desk, &APPLY);
    let applied = std::sync::atomic::AtomicUsize::new(0);
    on_two_threads(Desk::new, &calls, |desk, (name, count)| {
        let what = format!("killed at {name} {count}");
        desk.reset();
        desk.queue();
        let run = desk.plans().remove(0);
        let (is_killed, _) = desk.traced(&APPLY, Some(&format!("{name}:signal=KILL:when={count}")));
        assert!(is_killed, "{what}");
        let ini = desk.ini();
        assert!(ini == BEFORE || ini == new(), "{what}: {ini:?}");
        if ini == BEFORE {
            assert_eq!(desk.plans(), [run.as_str()], "{what}: the plan is lost");
        } else {
            applied.fetch_add(1, std::sync::atomic::Ordering::Relaxed);
        }
        desk.run(&APPLY);
        assert_eq!((desk.ini(), desk.plans().len()), (new(), 0), "{what}");
        assert_no_strays(&desk.work().join("state/msipctl/pending"), &what);
        assert!(verify(&desk.work()).0 >= 1, "{what}");
        // The run can be undone, whenever it was interrupted.
        desk.run(&["backup", "restore", "--run", &run]);
        assert_eq!(desk.ini(), BEFORE, "{what}: undone");
        // A plan that was applied isn't applied again.
        desk.run(&APPLY);
        assert_eq!(desk.ini(), BEFORE, "{what}: again");
        let left = [INI, ".msipctl", "p.toml", "state"];
        assert!(names(&desk.work()).iter().all(|name| left.contains(&name.as_str())), "{what}");
    });
    let applied = applied.into_inner();
    assert!(applied > 0 && applied < calls.len());
    report(&format!("applying killed before each of {} calls: {applied} times new", calls.len()));
}

#[track_caller]
fn assert_no_strays(folder: &Path, what: &str) {
    assert_eq!(names(folder), [""; 0], "{what}");
}
