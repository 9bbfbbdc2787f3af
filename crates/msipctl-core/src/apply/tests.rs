//! Tests of the pipeline with a simulated system and MicroSIP.

use std::ffi::OsString;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Mutex;
use std::time::Duration;

use super::*;
use crate::phone::{Argument, Phone};
use msipctl_windows::{Folder, Hive, Process, System};

/// A PC with one folder of MicroSIP, and the events on it in order.
struct Pc {
    folder: tempfile::TempDir,
    running: Mutex<Vec<Process>>,
    /// Whether the running ones exit when asked to, or while waiting.
    ends: bool,
    /// What MicroSIP writes to its file when it exits.
    leaves: Option<&'static [u8]>,
    /// Whether the system can't list processes.
    unsupported: bool,
    story: Mutex<Vec<String>>,
}

const BEFORE: &[u8] = b"[Settings]\r\nAA=0\r\n";

impl Pc {
    fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("MicroSIP.ini");
        write(&file, BEFORE);
        Self {
            folder,
            running: Mutex::default(),
            ends: true,
            leaves: None,
            unsupported: false,
            story: Mutex::default(),
        }
    }

    fn ini(&self) -> PathBuf {
        self.folder.path().join("MicroSIP.ini")
    }

    /// Starts a MicroSIP that uses the file.
    fn with_microsip(self, id: u32) -> Self {
        let program = Some(self.folder.path().join("MicroSIP.exe"));
        self.running.lock().unwrap().push(Process { id, program, name: "MicroSIP.exe".into() });
        self
    }

    fn log_event(&self, what: String) {
        self.story.lock().unwrap().push(what);
    }

    /// Edits with this policy, and returns the result, the notices, and the events.
    fn edit(self, policy: IfRunning, dry_run: bool, value: &str) -> Edited {
        let pc: &'static Self = Box::leak(Box::new(self));
        let options = Options {
            dry_run,
            create: false,
            wait: Duration::from_secs(5),
            running: Running::new(policy, pc, pc),
            code_page: CodePage::WESTERN,
            encoding: EncodingPolicy::Auto,
            backup: BackupPolicy::None,
            run: RunId::new(),
            command: "test".to_owned(),
            journal: None,
        };
        let edited = || {
            edit(&pc.ini(), &options, |_| match value {
                "refused" => Err("refused".to_owned()),
                _ => Ok(Desired::new().set("Settings", "AA", value, "test")),
            })
        };
        let result = edited().map(|outcome| outcome.state).map_err(|error| error.to_string());
        pc.log_event("edited".to_owned());
        let notices = options.running.notices();
        let bytes = store::read(&pc.ini()).unwrap().into_bytes();
        Edited { result, notices, bytes, story: std::mem::take(&mut *pc.story.lock().unwrap()) }
    }
}

struct Edited {
    result: Result<State, String>,
    notices: Vec<Notice>,
    bytes: Vec<u8>,
    story: Vec<String>,
}

/// Writes a file as MicroSIP does.
fn write(path: &Path, bytes: &[u8]) {
    let locked = store::lock(path, &LockOptions { create: true, ..LockOptions::default() });
    let record = Record { run: RunId::new(), command: "test".to_owned() };
    locked.unwrap().replace(bytes, &record, &BackupPolicy::None).unwrap();
}

impl System for Pc {
    fn processes(&self) -> io::Result<Vec<Process>> {
        if self.unsupported {
            return Err(io::ErrorKind::Unsupported.into());
        }
        Ok(self.running.lock().unwrap().clone())
    }

    fn user(&self, _: u32) -> io::Result<String> {
        Err(io::ErrorKind::PermissionDenied.into())
    }

    fn wait(&self, process: u32, _at_most: Duration) -> io::Result<bool> {
        self.log_event(format!("wait {process}"));
        if self.ends {
            self.running.lock().unwrap().retain(|it| it.id != process);
            if let Some(bytes) = self.leaves {
                write(&self.ini(), bytes);
            }
        }
        Ok(self.ends)
    }

    fn registry_text(&self, _: Hive, _: &str, _: Option<&str>) -> io::Result<Option<OsString>> {
        Ok(None)
    }

    fn registry_keys(&self, _: Hive, _: &str) -> io::Result<Vec<OsString>> {
        Ok(Vec::new())
    }

    fn folder(&self, _: Folder) -> io::Result<PathBuf> {
        Err(io::ErrorKind::NotFound.into())
    }

    fn program_version(&self, _: &Path) -> io::Result<Option<[u16; 4]>> {
        Ok(None)
    }
}

impl Phone for Pc {
    fn exit(&self, program: &Path) -> io::Result<()> {
        assert_eq!(program.file_name(), Some("MicroSIP.exe".as_ref()));
        self.log_event("exit".to_owned());
        Ok(())
    }

    fn start(&self, program: &Path) -> io::Result<()> {
        assert_eq!(program.file_name(), Some("MicroSIP.exe".as_ref()));
        let bytes = store::read(&self.ini()).unwrap().into_bytes();
        let value = String::from_utf8_lossy(&bytes).trim_end().chars().last().unwrap();
        self.log_event(format!("start with AA={value}"));
        Ok(())
    }

    fn hand_over(&self, _: &Path, argument: &Argument) -> io::Result<()> {
        self.log_event(format!("hand over {}", argument.as_str()));
        Ok(())
    }
}

#[test]
fn edit_is_written_when_microsip_is_not_running() {
    let edited = Pc::new().edit(IfRunning::Fail, false, "1");
    assert_eq!(edited.result, Ok(State::Changed));
    assert_eq!(edited.story, ["edited"]);
    assert_eq!(edited.notices, []);
}

#[test]
fn edit_fails_and_names_the_process_when_microsip_runs() {
    let pc = Pc::new().with_microsip(1234);
    let expected = format!(
        "{}: file is in use by MicroSIP (process 1234, {}), which would overwrite the change when it exits",
        pc.ini().display(),
        pc.folder.path().join("MicroSIP.exe").display(),
    );
    let edited = pc.edit(IfRunning::Fail, false, "1");
    assert_eq!(edited.result, Err(expected));
    assert_eq!((edited.bytes.as_slice(), edited.story), (BEFORE, vec!["edited".to_owned()]));
}

#[test]
fn running_microsip_is_ignored_when_nothing_is_written() {
    for policy in [IfRunning::Fail, IfRunning::Exit, IfRunning::Restart] {
        let edited = Pc::new().with_microsip(1).edit(policy, true, "1");
        assert_eq!((edited.result, edited.story.len()), (Ok(State::WouldChange), 1));
        let edited = Pc::new().with_microsip(1).edit(policy, false, "0");
        assert_eq!((edited.result, edited.story.len()), (Ok(State::Unchanged), 1));
        let edited = Pc::new().with_microsip(1).edit(policy, false, "refused");
        assert!(edited.result.is_err() && edited.story.len() == 1);
    }
}

#[test]
fn edit_waits_for_every_microsip_process() {
    let pc = Pc::new().with_microsip(1).with_microsip(2);
    let edited = pc.edit(IfRunning::Wait(Duration::from_secs(7)), false, "1");
    assert_eq!(edited.result, Ok(State::Changed));
    assert_eq!(edited.story, ["wait 1", "wait 2", "edited"]);
    assert_eq!(edited.notices, []);
}

#[test]
fn edit_fails_when_microsip_outlives_the_wait_timeout() {
    let pc = Pc { ends: false, ..Pc::new() }.with_microsip(1);
    let edited = pc.edit(IfRunning::Wait(Duration::from_secs(7)), false, "1");
    assert!(edited.result.unwrap_err().ends_with("which didn't exit within 7 s"));
    assert_eq!(edited.bytes, BEFORE);
}

#[test]
fn edit_applies_to_the_file_microsip_saved_on_exit() {
    let left = b"[Settings]\r\nDND=1\r\nAA=0\r\n";
    let pc = Pc { leaves: Some(left), ..Pc::new() }.with_microsip(1);
    let edited = pc.edit(IfRunning::Exit, false, "1");
    assert_eq!(edited.result, Ok(State::Changed));
    assert_eq!(edited.story, ["exit", "wait 1", "edited"]);
    assert_eq!(edited.bytes, b"[Settings]\r\nDND=1\r\nAA=1\r\n");
    assert!(matches!(&edited.notices[..], [Notice::Ended(process)] if process.id == 1));
}

#[test]
fn edit_writes_nothing_when_microsip_ignores_exit() {
    for policy in [IfRunning::Exit, IfRunning::Restart] {
        let edited = Pc { ends: false, ..Pc::new() }.with_microsip(1).edit(policy, false, "1");
        let error = edited.result.unwrap_err();
        assert!(error.ends_with("asked to exit but didn't within 30 s"), "{error}");
        assert_eq!(edited.story, ["exit", "wait 1", "edited"]);
        assert_eq!((edited.bytes.as_slice(), edited.notices), (BEFORE, vec![]));
    }
}

#[test]
fn microsip_restarts_after_the_edit() {
    let edited = Pc::new().with_microsip(1).edit(IfRunning::Restart, false, "1");
    assert_eq!(edited.result, Ok(State::Changed));
    assert_eq!(edited.story, ["exit", "wait 1", "start with AA=1", "edited"]);
    assert!(matches!(&edited.notices[..], [Notice::Ended(_), Notice::Started(_)]));
}

#[test]
fn microsip_restarts_after_a_failed_edit() {
    let pc = Pc::new().with_microsip(1);
    let running: &'static Pc = Box::leak(Box::new(pc));
    let way = Running::new(IfRunning::Restart, running, running);
    let result: Result<(), Error<String>> =
        way.make_way(&running.ini(), || Err(Error::Decide(running.ini(), "no".to_owned())));
    assert!(result.is_err());
    assert_eq!(*running.story.lock().unwrap(), ["exit", "wait 1", "start with AA=0"]);
    assert!(matches!(&way.notices()[..], [Notice::Ended(_), Notice::Started(_)]));
}

#[test]
fn edit_fails_when_the_program_to_exit_is_unknown() {
    let pc = Pc::new();
    let stranger = Process { id: 9, program: None, name: "MicroSIP.exe".into() };
    pc.running.lock().unwrap().push(stranger);
    let edited = pc.edit(IfRunning::Exit, false, "1");
    let error = edited.result.unwrap_err();
    assert!(
        error.ends_with("MicroSIP (process 9), which msipctl can't close from here"),
        "{error}"
    );
    assert_eq!(edited.story, ["edited"]);
}

#[test]
fn unknown_process_state_is_noted_once() {
    let pc: &'static Pc = Box::leak(Box::new(Pc { unsupported: true, ..Pc::new() }));
    let way = Running::new(IfRunning::Fail, pc, pc);
    for _ in 0..2 {
        let done: Result<(), Error<String>> = way.make_way(&pc.ini(), || Ok(()));
        assert!(done.is_ok());
    }
    assert!(matches!(&way.notices()[..], [Notice::Unknown(..)]));
}
