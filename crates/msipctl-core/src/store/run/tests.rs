use std::fs;
#[cfg(unix)]
use std::path::Path;
use std::path::PathBuf;

use super::folder::{KEEP, journals, open_runs, path_of};
use super::journal::Journal;
use super::line::{Line, Name, encode};
use super::list::runs;
use super::record::{Change, Progress, Run, Start, Step};
use crate::store::{BackupId, Digest, Kind, RunId};

struct Case {
    folder: tempfile::TempDir,
    run: RunId,
    files: Vec<PathBuf>,
}

impl Case {
    fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let files = ["a.ini", "b.ini", "c.ini"].map(|name| folder.path().join(name)).to_vec();
        Self { folder, run: RunId::new(), files }
    }

    fn dir(&self) -> PathBuf {
        self.folder.path().join("state").join("runs")
    }

    /// Creates a journal and writes its first lines.
    fn create(&self) -> Journal {
        let journal = Journal::new(&self.dir(), &self.start(), &self.files);
        journal.note(&[]).unwrap();
        journal
    }

    fn start(&self) -> Start {
        let data = serde_json::json!({ "policy": "p.toml" });
        Start { run: self.run, command: "apply".into(), backup_dir: None, data }
    }

    fn change(&self, index: usize, after: &[u8]) -> Change {
        let path = self.files[index].clone();
        let (before, after) = (Some(Digest::of(b"old")), Some(Digest::of(after)));
        let backup = Some((
            self.folder.path().into(),
            BackupId::parse("a.ini.20261123T090102Z-9f3c01d2").unwrap(),
        ));
        Change { target: path.clone(), path, before, after, backup }
    }

    fn read(&self) -> Run {
        Run::read(&self.dir(), &self.run).unwrap()
    }
}

#[test]
fn journal_without_its_first_line_is_replaced_and_a_complete_one_is_not() {
    for left in ["", "{\"line\":\"start\",\"sch"] {
        let case = Case::new();
        drop(case.create());
        fs::write(path_of(&case.dir(), &case.run), left).unwrap();
        case.create().check().unwrap();
        assert_eq!(case.read().files, case.files, "{left}");
        assert_eq!(case.create().check().unwrap_err().kind(), Kind::Io, "{left}");
        assert_eq!(case.read().files, case.files, "{left}");
    }
}

#[test]
fn journal_entries_are_read_back() {
    let case = Case::new();
    let journal = case.create();
    journal.unchanged(&case.files[0]).unwrap();
    journal.note(&[case.change(1, b"new")]).unwrap();
    journal.failed(&case.files[2], "no").unwrap();
    assert_eq!(case.read().progress, Progress::Running);
    journal.finish();
    let run = case.read();
    assert_eq!((&run.start, &run.files), (&case.start(), &case.files));
    let steps =
        [Step::Unchanged, Step::Changed(case.change(1, b"new")), Step::Failed("no".to_owned())];
    assert_eq!(run.steps, Vec::from_iter(case.files.iter().cloned().zip(steps)));
    assert_eq!(run.progress, Progress::Finished);
    drop(journal);
    let other = RunId::new();
    Run::note_undone(&case.dir(), &case.run, &other).unwrap();
    assert_eq!(case.read().progress, Progress::Undone(other));
    let [summary] = &runs(&case.dir()).unwrap()[..] else { panic!("not one run") };
    assert_eq!((summary.files, summary.changed, summary.failed), (3, 1, 1));
    assert_eq!((summary.run, summary.progress), (case.run, Progress::Undone(other)));
}

#[test]
fn limited_run_is_listed_as_limited_until_it_is_resumed() {
    let case = Case::new();
    let journal = case.create();
    journal.note(&[case.change(0, b"new")]).unwrap();
    journal.stop_at_limit();
    drop(journal);
    assert_eq!(case.read().progress, Progress::Limited);
    let [summary] = &runs(&case.dir()).unwrap()[..] else { panic!("not one run") };
    assert_eq!((summary.changed, summary.files, summary.progress), (1, 3, Progress::Limited));
    let (journal, _) = Journal::resume(&case.dir(), &case.run).unwrap();
    drop(journal);
    assert_eq!(case.read().progress, Progress::Interrupted);
    assert_eq!(runs(&case.dir()).unwrap()[0].progress, Progress::Interrupted);
}

#[test]
fn run_without_changes_writes_no_journal() {
    let case = Case::new();
    let journal = Journal::new(&case.dir(), &case.start(), &case.files);
    journal.unchanged(&case.files[0]).unwrap();
    journal.failed(&case.files[1], "no").unwrap();
    journal.finish();
    assert!(!case.dir().exists());
    journal.note(&[]).unwrap();
    assert_eq!(case.read().steps, [(case.files[1].clone(), Step::Failed("no".to_owned()))]);
}

#[test]
fn remaining_files_are_determined_from_their_contents() {
    let case = Case::new();
    let journal = case.create();
    journal.note(&[case.change(0, b"new"), case.change(1, b"new")]).unwrap();
    drop(journal);
    // The first was written, the second was not.
    fs::write(&case.files[0], "new").unwrap();
    fs::write(&case.files[1], "old").unwrap();
    let run = case.read();
    assert_eq!(run.progress, Progress::Interrupted);
    assert_eq!(run.remaining(), [case.files[1].as_path(), case.files[2].as_path()]);
}

#[test]
fn failure_cancels_the_preceding_change_of_the_file() {
    let case = Case::new();
    let journal = case.create();
    journal.note(&[case.change(0, b"one")]).unwrap();
    journal.note(&[case.change(0, b"two")]).unwrap();
    journal.failed(&case.files[0], "no").unwrap();
    let run = case.read();
    assert_eq!(Vec::from_iter(run.changes()), [&case.change(0, b"one")]);
}

#[test]
fn truncated_journal_line_is_ignored() {
    let case = Case::new();
    drop(case.create());
    let path = path_of(&case.dir(), &case.run);
    let valid = fs::read(&path).unwrap();
    let line = String::from_utf8(encode(&Line::Unchanged { path: Name::new(&case.files[0]) }));
    let line = line.unwrap();
    for end in 0..line.len() {
        fs::write(&path, [&valid, &line.as_bytes()[..end]].concat()).unwrap();
        assert_eq!(case.read().steps, [], "{end}");
        let (journal, _) = Journal::resume(&case.dir(), &case.run).unwrap();
        journal.unchanged(&case.files[1]).unwrap();
        // A line that lacks only its line feed is accepted, because its content is complete.
        let complete = usize::from(end == line.len() - 1);
        assert_eq!(case.read().steps.len(), 1 + complete, "{end}");
    }
}

#[test]
fn run_cannot_be_resumed_while_it_is_in_progress() {
    let case = Case::new();
    let journal = case.create();
    let error = Journal::resume(&case.dir(), &case.run).unwrap_err();
    assert_eq!(error.kind(), Kind::Locked);
    assert_eq!(case.create().check().unwrap_err().kind(), Kind::Locked);
    drop(journal);
    assert_eq!(case.create().check().unwrap_err().kind(), Kind::Io);
    let (journal, _) = Journal::resume(&case.dir(), &case.run).unwrap();
    drop(journal);
    let error = Journal::resume(&case.dir(), &RunId::new()).unwrap_err();
    assert_eq!(error.kind(), Kind::RunNotFound);
    assert_eq!(fs::read_dir(case.dir()).unwrap().count(), 1, "a lock file is left");
}

#[test]
fn concurrent_journal_entries_stay_intact() {
    let case = Case::new();
    let journal = case.create();
    std::thread::scope(|scope| {
        for path in &case.files {
            scope.spawn(|| (0..200).for_each(|_| journal.unchanged(path).unwrap()));
        }
    });
    assert_eq!(case.read().steps.len(), 600);
}

#[test]
fn oldest_journals_are_deleted_above_the_limit() {
    let case = Case::new();
    fs::create_dir_all(case.dir()).unwrap();
    for second in 0..KEEP + 5 {
        let name = format!("20200101T00{:02}{:02}Z-0000.ndjson", second / 60, second % 60);
        fs::write(case.dir().join(name), "").unwrap();
    }
    fs::write(case.dir().join("notes.ndjson"), "").unwrap();
    drop(case.create());
    let folder = open_runs(&case.dir()).unwrap().unwrap();
    let left = journals(&folder).unwrap();
    assert_eq!(left.len(), KEEP);
    assert_eq!(left[0].0.to_string(), "20200101T000006Z-0000");
    assert_eq!(left[KEEP - 1].0, case.run);
    assert!(case.dir().join("notes.ndjson").exists());
}

#[cfg(unix)]
#[test]
fn journal_is_private_and_keeps_non_unicode_paths() {
    use std::ffi::OsStr;
    use std::os::unix::ffi::OsStrExt;
    use std::os::unix::fs::PermissionsExt;

    let mut case = Case::new();
    case.files[0] = case.folder.path().join(OsStr::from_bytes(b"\xff.ini"));
    let journal = case.create();
    journal.unchanged(&case.files[0]).unwrap();
    assert_eq!(case.read().files, case.files);
    assert_eq!(case.read().steps, [(case.files[0].clone(), Step::Unchanged)]);
    let mode = |path: &Path| fs::metadata(path).unwrap().permissions().mode() & 0o777;
    assert_eq!(mode(&case.dir()), 0o700);
    assert_eq!(mode(&path_of(&case.dir(), &case.run)), 0o600);
}
