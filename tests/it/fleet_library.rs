//! Runs over many files with the library alone, without the command line.

use std::collections::HashMap;
use std::convert::Infallible;
use std::fs;
use std::num::NonZero;
use std::path::{Path, PathBuf};
use std::sync::{Condvar, Mutex};
use std::time::Duration;

use msipctl_core::apply::{self, Notice, Outcome};
use msipctl_core::fleet::{
    End, Event, Options, RunError, Runner, Sources, Stop, Summary, Target, TargetError, Targets,
    Undo, UndoError, UndoOptions, resume,
};
use msipctl_core::plan::Desired;
use msipctl_core::store::{Durability, Kind, Progress, Run, RunId};
use winini::Document;

const OLD: &str = "; kept\r\n[Settings]\r\nAA=0\r\n";
const NEW: &str = "; kept\r\n[Settings]\r\nAA=1\r\n";

/// PCs with a MicroSIP.ini each, and the folder of journals.
struct Fleet {
    folder: tempfile::TempDir,
}

impl Fleet {
    fn new(files: usize) -> Self {
        let fleet = Self { folder: tempfile::tempdir().unwrap() };
        for number in 0..files {
            let path = fleet.path(number);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, OLD).unwrap();
        }
        fleet
    }

    fn path(&self, number: usize) -> PathBuf {
        let root = dunce::canonicalize(self.folder.path()).unwrap();
        root.join(format!("pc{number:03}")).join("MicroSIP.ini")
    }

    fn runs(&self) -> PathBuf {
        self.folder.path().join("runs")
    }

    fn targets(&self, files: usize) -> Targets {
        Targets::new((0..files).map(|it| Target::file(self.path(it), None)).collect())
    }

    /// Returns the names of the files with the new content; every other one must have the old content.
    fn changed(&self, files: usize) -> Vec<usize> {
        let is_changed = |number: &usize| match fs::read_to_string(self.path(*number)).unwrap() {
            text if text == NEW => true,
            text => {
                assert_eq!(text, OLD);
                false
            }
        };
        (0..files).filter(is_changed).collect()
    }

    /// Sets one key in each file, and passes a summary of each event to `on_event`.
    fn apply(
        &self,
        targets: &Targets,
        options: Options<'_>,
        edit: apply::Options,
        mut on_event: impl FnMut(&str),
    ) -> Summary {
        let mut notices = 0;
        let digest = |_: &Target, outcome: Outcome| outcome.state;
        let summary =
            Runner::new(targets, options).apply(edit, decide, digest, |event| match event {
                Event::Notice(Notice::Unknown(..)) => notices += 1,
                event => on_event(&short(&event)),
            });
        // On systems other than Windows, msipctl can't determine whether a MicroSIP uses a file. A run reports it once.
        assert_eq!(notices, usize::from(cfg!(not(windows)) && summary.changed > 0));
        summary
    }
}

fn decide(_: &Target, _: &Document) -> Result<Desired, Infallible> {
    Ok(Desired::new().set("Settings", "AA", "1", "asked for"))
}

fn edit() -> apply::Options {
    apply::Options::new("set Settings.AA")
}

/// Formats an event as its target and what happened.
fn short<R: std::fmt::Debug, E: std::fmt::Display>(event: &Event<'_, R, E>) -> String {
    let name = |target: &Target| {
        let folder = target.path().parent().and_then(Path::file_name);
        folder.unwrap_or_default().to_string_lossy().into_owned()
    };
    match event {
        Event::Notice(notice) => format!("notice {notice:?}"),
        Event::Done(target, result) => format!("{} {result:?}", name(target)),
        Event::Failed(target, error) => format!("{} failed: {error}", name(target)),
        Event::NoFile(target, error) => format!("{} no file: {error}", name(target)),
        Event::Skipped(target) => format!("{} skipped", name(target)),
    }
}

fn several(number: usize) -> NonZero<usize> {
    NonZero::new(number).unwrap()
}

#[test]
fn events_arrive_in_file_order_when_the_first_file_is_slowest() {
    let fleet = Fleet::new(100);
    let targets = fleet.targets(100);
    let stop = Stop::new();
    let (others, is_done) = (Mutex::new(0), Condvar::new());
    let read = |target: &Target| {
        let mut others = others.lock().unwrap();
        if target.path() == fleet.path(0) {
            // Another worker must get ahead in the meantime.
            let waited = is_done.wait_timeout_while(others, Duration::from_secs(60), |it| *it == 0);
            assert!(!waited.unwrap().1.timed_out(), "no other file was read");
        } else {
            *others += 1;
            is_done.notify_all();
        }
        Ok::<_, Infallible>(fs::read(target.path()).unwrap().len())
    };
    let mut events = Vec::new();
    let options = Options { jobs: several(3), ..Options::new(&stop) };
    let summary = Runner::new(&targets, options).read(read, |event| events.push(short(&event)));
    let expected: Vec<_> = (0..100).map(|it| format!("pc{it:03} {}", OLD.len())).collect();
    assert_eq!(events, expected);
    assert_eq!((summary.files, summary.failed, summary.skipped), (100, 0, 0));
    assert_eq!(summary.end, End::Finished);
}

#[test]
fn every_target_has_one_event_when_a_run_is_stopped() {
    let fleet = Fleet::new(200);
    let targets = fleet.targets(200);
    for (jobs, durability) in [
        (1, Durability::Full),
        (3, Durability::Full),
        (1, Durability::Batch),
        (3, Durability::Batch),
    ] {
        (0..200).for_each(|it| fs::write(fleet.path(it), OLD).unwrap());
        let stop = Stop::new();
        let runs = fleet.runs();
        let options =
            Options { jobs: several(jobs), durability, runs: Some(&runs), ..Options::new(&stop) };
        let edit = edit();
        let run = edit.run;
        let mut events = Vec::new();
        let summary = fleet.apply(&targets, options, edit, |event| {
            stop.request();
            events.push(event.to_owned());
        });
        assert!(events.iter().map(|it| &it[..5]).is_sorted(), "{events:?}");
        let changed: Vec<_> = (0..200).filter(|it| events[*it].ends_with("Changed")).collect();
        let skipped = events.iter().filter(|event| event.ends_with("skipped")).count();
        assert_eq!((events.len(), changed.len() + skipped), (200, 200), "{events:?}");
        assert_eq!((summary.changed, summary.skipped), (changed.len(), skipped));
        assert_eq!(fleet.changed(200), changed);
        let noted = Run::read(&runs, &run).unwrap();
        assert_eq!(noted.remaining().len(), skipped);
        let (end, progress) = match skipped {
            0 => (End::Finished, Progress::Finished),
            _ => (End::Stopped, Progress::Interrupted),
        };
        assert_eq!((summary.end, noted.progress), (end, progress), "{jobs} {durability:?}");
        // A batch has several files, so all of a few files may be in progress.
        assert!(skipped > 0 || durability == Durability::Batch);
    }
}

#[test]
fn run_stops_after_the_maximum_number_of_failures() {
    let fleet = Fleet::new(6);
    let mut targets: Vec<_> = fleet.targets(6).list().to_vec();
    fs::write(fleet.path(1), "[Settings]\r\nAA=2\r\n").unwrap();
    targets[3] = Target::failed(fleet.path(3), TargetError::NoMatch { origin: None });
    let targets = Targets::new(targets);
    let decide = |_: &Target, document: &Document| match document.bytes().ends_with(b"2\r\n") {
        true => Err("two"),
        false => Ok(Desired::new().set("Settings", "AA", "1", "asked for")),
    };
    let check = |max: usize, expected: &[&str], end: End| {
        let stop = Stop::new();
        let options = Options { max_failures: NonZero::new(max), ..Options::new(&stop) };
        let edit = apply::Options { dry_run: true, ..edit() };
        let mut events = Vec::new();
        let digest = |_: &Target, outcome: Outcome| outcome.state;
        let summary = Runner::new(&targets, options).apply(edit, decide, digest, |event| {
            events.push(short(&event).replace(&fleet.path(1).display().to_string(), "PATH"));
        });
        assert_eq!(events, expected);
        assert_eq!(summary.end, end);
        assert_eq!(summary.files, summary.changed + summary.failed + summary.skipped);
    };
    let (failed, no_file) =
        ("pc001 failed: PATH: two", "pc003 no file: no file matches the pattern");
    let [first, third, fifth, sixth] = [0, 2, 4, 5].map(|it| format!("pc{it:03} WouldChange"));
    let skipped = [2, 3, 4, 5].map(|it| format!("pc{it:03} skipped"));
    let [third_skipped, fourth_skipped, fifth_skipped, sixth_skipped] = &skipped;
    let one = [&*first, failed, third_skipped, fourth_skipped, fifth_skipped, sixth_skipped];
    check(1, &one, End::MaxFailures);
    check(2, &[&*first, failed, &third, no_file, fifth_skipped, sixth_skipped], End::MaxFailures);
    check(3, &[&*first, failed, &third, no_file, &fifth, &sixth], End::Finished);
    assert_eq!(fs::read_to_string(fleet.path(0)).unwrap(), OLD, "a dry run writes nothing");
    assert!(!fleet.runs().exists(), "a dry run has no journal");
}

#[test]
fn run_stops_after_the_maximum_number_of_changed_files() {
    let fleet = Fleet::new(5);
    fs::write(fleet.path(0), NEW).unwrap();
    let targets = fleet.targets(5);
    for durability in [Durability::Full, Durability::Batch] {
        (1..5).for_each(|it| fs::write(fleet.path(it), OLD).unwrap());
        let stop = Stop::new();
        let max_changes = NonZero::new(2);
        let options = Options { jobs: several(4), max_changes, durability, ..Options::new(&stop) };
        let mut events = Vec::new();
        let summary = fleet.apply(&targets, options, edit(), |it| events.push(it.to_owned()));
        let expected =
            ["pc000 Unchanged", "pc001 Changed", "pc002 Changed", "pc003 skipped", "pc004 skipped"];
        assert_eq!(events, expected);
        assert_eq!((summary.end, summary.changed), (End::MaxChanges, 2));
        assert_eq!(fleet.changed(5), [0, 1, 2]);
    }
}

/// Applies until two files changed, and returns the run.
fn interrupted(fleet: &Fleet, targets: &Targets) -> RunId {
    let (stop, runs) = (Stop::new(), fleet.runs());
    let data = "policy.toml".into();
    let options = Options { runs: Some(&runs), data, ..Options::new(&stop) };
    let edit = edit();
    let run = edit.run;
    let mut changed = 0;
    let summary = fleet.apply(targets, options, edit, |event| {
        changed += usize::from(event.ends_with("Changed"));
        if changed == 2 {
            stop.request();
        }
    });
    assert_eq!((summary.end, summary.changed), (End::Stopped, 2));
    run
}

#[test]
fn resume_processes_the_remaining_files_of_an_interrupted_run() {
    let fleet = Fleet::new(5);
    let targets = fleet.targets(5);
    let run = interrupted(&fleet, &targets);
    let runs = fleet.runs();
    assert_eq!(Run::read_own(&runs, &run).unwrap().start.data, "policy.toml");

    // The last file is no longer a target, but is still part of the run.
    let resumed = resume(&runs, &run, &fleet.targets(4)).unwrap();
    assert_eq!((resumed.files, resumed.done), (5, 2));
    let left: Vec<_> = resumed.targets.list().iter().map(Target::path).collect();
    assert_eq!(left, [fleet.path(2), fleet.path(3), fleet.path(4)]);
    let bases: Vec<_> = resumed.targets.list().iter().map(|it| it.base().is_some()).collect();
    assert_eq!(
        bases,
        [false, false, true],
        "a link to a file that the user didn't name isn't trusted"
    );
    assert!(
        matches!(resume(&runs, &run, &targets), Err(RunError::InProgress(other)) if other == run)
    );

    let stop = Stop::new();
    let edit = apply::Options { run, journal: Some(resumed.journal), ..edit() };
    let options = Options { runs: Some(&runs), ..Options::new(&stop) };
    let mut events = Vec::new();
    let summary = fleet.apply(&resumed.targets, options, edit, |it| events.push(it.to_owned()));
    assert_eq!(events, ["pc002 Changed", "pc003 Changed", "pc004 Changed"]);
    assert_eq!((summary.end, summary.journal_error.is_none()), (End::Finished, true));
    let noted = Run::read(&runs, &run).unwrap();
    assert_eq!((noted.progress, noted.remaining().len()), (Progress::Finished, 0));
    assert_eq!(fleet.changed(5), [0, 1, 2, 3, 4]);

    // One run, whose parts are undone.
    assert_eq!(undo(&fleet, &run, false, |_| ()).unwrap().changed, 5);
    assert_eq!(fleet.changed(5), [0_usize; 0]);
    let again = resume(&runs, &run, &targets);
    assert!(matches!(again, Err(RunError::Undone { run: of, .. }) if of == run), "{again:?}");
}

#[test]
fn resume_fails_when_the_journal_is_missing() {
    let fleet = Fleet::new(2);
    let error = resume(&fleet.runs(), &RunId::new(), &fleet.targets(2)).unwrap_err();
    assert!(matches!(&error, RunError::Store(it) if it.kind() == Kind::RunNotFound), "{error}");
    assert!(!fleet.runs().exists());
}

/// Undoes a run with several workers.
fn undo(
    fleet: &Fleet,
    run: &RunId,
    dry_run: bool,
    on_event: impl FnMut(Event<'_, msipctl_core::fleet::Restored, UndoError>),
) -> Result<Summary, msipctl_core::store::Error> {
    let (stop, runs) = (Stop::new(), fleet.runs());
    let undo = Undo::new(&Run::read(&runs, run)?).unwrap();
    let how = UndoOptions { dry_run, ..UndoOptions::new("undo") };
    let options = Options { jobs: several(2), runs: Some(&runs), ..Options::new(&stop) };
    undo.apply(&runs, &how, options, on_event)
}

#[test]
fn undo_restores_files_and_keeps_those_that_changed_since() {
    let fleet = Fleet::new(4);
    let targets = fleet.targets(4);
    let (stop, runs) = (Stop::new(), fleet.runs());
    let options = Options {
        jobs: several(2),
        durability: Durability::Batch,
        runs: Some(&runs),
        ..Options::new(&stop)
    };
    let edit = edit();
    let run = edit.run;
    assert_eq!(fleet.apply(&targets, options, edit, |_| ()).changed, 4);
    fs::write(fleet.path(2), "mine").unwrap();

    let dry = undo(&fleet, &run, true, |_| ()).unwrap();
    assert_eq!((dry.changed, dry.failed), (4, 0), "a dry run reads the files only");
    assert_eq!(fs::read_to_string(fleet.path(0)).unwrap(), NEW);

    let mut outcomes = HashMap::new();
    let summary = undo(&fleet, &run, false, |event| match event {
        Event::Done(target, restored) => {
            assert!(restored.is_changed && restored.backup.is_some());
            outcomes.insert(target.path().to_owned(), None);
        }
        Event::Failed(target, UndoError::Store(error)) => {
            outcomes.insert(target.path().to_owned(), Some(error.kind()));
        }
        Event::Notice(Notice::Unknown(..)) => {}
        other => panic!("{other:?}"),
    });
    assert_eq!(summary.unwrap().failed, 1);
    let expected = [None, None, Some(Kind::ChangedSince), None];
    assert_eq!(outcomes, HashMap::from_iter((0..4).map(|it| (fleet.path(it), expected[it]))));
    // One file has other content, so the run isn't undone yet.
    assert_eq!(Run::read(&runs, &run).unwrap().progress, Progress::Finished);

    fs::write(fleet.path(2), NEW).unwrap();
    assert_eq!(undo(&fleet, &run, false, |_| ()).unwrap().changed, 1);
    assert_eq!(fleet.changed(4), [0_usize; 0]);
    assert!(matches!(Run::read(&runs, &run).unwrap().progress, Progress::Undone(_)));
}

#[test]
fn sources_are_found_in_order_without_duplicates_and_with_errors() {
    let fleet = Fleet::new(3);
    let inventory = fleet.folder.path().join("pcs.csv");
    fs::write(&inventory, "ini,site\npc001/MicroSIP.ini,X\nnone*/MicroSIP.ini,Z\n").unwrap();
    let pattern = fleet.folder.path().join("pc*").join("MicroSIP.ini");
    let sources = Sources {
        paths: vec![fleet.path(2), pattern],
        inventories: vec![inventory],
        ..Sources::default()
    };
    let targets = sources.find(msipctl_windows::system()).unwrap();
    let shown: Vec<_> = targets
        .list()
        .iter()
        .map(|target| match target.error() {
            None => target.path().parent().unwrap().file_name().unwrap().to_str().unwrap().into(),
            Some(error) => error.to_string(),
        })
        .collect();
    assert_eq!(shown, ["pc002", "pc000", "pc001", "no file matches the pattern"]);
    let repeated: Vec<_> = targets.repeated().map(|it| it.again.row().is_some()).collect();
    assert_eq!(repeated, [false, true], "by the pattern and by the inventory");
    assert!(Sources::default().is_empty() && !sources.is_empty());
    let missing = Sources { inventories: vec!["none.csv".into()], ..Sources::default() };
    assert!(missing.find(msipctl_windows::system()).is_err());
}
