//! Edits while a MicroSIP runs. This one is a stand-in, built from `tests/windows/microsip.c` and set in the variable
//! `MSIPCTL_STANDIN`.

use std::fs;
use std::path::PathBuf;
use std::process::{Command, Stdio};
use std::thread::sleep;
use std::time::{Duration, Instant};

use crate::runner::{Folder, program, started};

const BEFORE: &str = "[Settings]\r\naccountId=1\r\nAA=0\r\ncmdCallEnd=\"\"\r\n";

/// The maximum duration of any step here.
const PATIENCE: Duration = Duration::from_secs(40);

/// A folder with a running MicroSIP, which is closed with the test.
pub(crate) struct Desk {
    pub(crate) folder: Folder,
    stem: &'static str,
}

impl Desk {
    /// Returns `None` if there is no stand-in.
    pub(crate) fn new(stem: &'static str) -> Option<Self> {
        let standin = standin()?;
        let folder = Folder::new();
        folder.write(&format!("{stem}.ini"), BEFORE);
        fs::copy(standin, folder.file(&format!("{stem}.exe"))).unwrap();
        Some(Self { folder, stem })
    }

    pub(crate) fn program(&self) -> PathBuf {
        self.folder.file(&format!("{}.exe", self.stem))
    }

    /// Starts MicroSIP with these variables, and waits until it accepts commands.
    #[expect(clippy::zombie_processes, reason = "Windows has none, and it ends by a command")]
    pub(crate) fn start(&self, variables: &[(&str, &str)]) -> &Self {
        let starts = self.count("start");
        let mut command = Command::new(self.program());
        command.envs(variables.iter().copied()).current_dir(self.folder.path());
        command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
        started(|| command.spawn());
        self.until("it started", || self.count("start") > starts);
        self
    }

    /// Asks MicroSIP to exit, and waits until it does.
    pub(crate) fn end(&self) {
        started(|| Command::new(self.program()).arg("/exit").status());
        self.until("it ended", || self.count("exit") == self.count("start"));
    }

    /// Waits until a condition is met.
    pub(crate) fn until(&self, what: &str, is_so: impl Fn() -> bool) {
        let begin = Instant::now();
        while !is_so() {
            assert!(begin.elapsed() < PATIENCE, "waited for: {what}; {:?}", self.trace());
            sleep(Duration::from_millis(20));
        }
    }

    /// Returns the events of MicroSIP so far.
    pub(crate) fn trace(&self) -> Vec<String> {
        let bytes = fs::read(self.folder.file(&format!("{}.trace", self.stem))).unwrap_or_default();
        String::from_utf8(bytes).unwrap().lines().map(str::to_owned).collect()
    }

    /// Returns how often an event happened.
    pub(crate) fn count(&self, what: &str) -> usize {
        self.trace().iter().filter(|line| line.split(' ').next() == Some(what)).count()
    }

    pub(crate) fn ini(&self) -> String {
        let bytes = self.folder.read(&format!("{}.ini", self.stem));
        String::from_utf8(bytes).unwrap()
    }

    /// Edits the file of MicroSIP.
    pub(crate) fn run(&self, args: &[&str]) -> crate::runner::Run {
        let ini = format!("{}.ini", self.stem);
        self.folder.run(&[args, &["-i", &ini]].concat())
    }
}

impl Drop for Desk {
    fn drop(&mut self) {
        // One that ignores this exits by itself after two minutes.
        let _ = Command::new(self.program()).arg("/exit").status();
        let begin = Instant::now();
        while self.count("exit") < self.count("start") && begin.elapsed() < Duration::from_secs(3) {
            sleep(Duration::from_millis(20));
        }
    }
}

fn standin() -> Option<PathBuf> {
    program("MSIPCTL_STANDIN", "running", "stand-in program")
}

#[test]
fn edit_fails_when_microsip_uses_the_file() {
    let Some(desk) = Desk::new("MicroSIP") else { return };
    desk.start(&[]);
    let err = desk.run(&["set", "Settings.AA=1"]).code(3).err();
    assert!(err.contains("MicroSIP.ini: file is in use by MicroSIP (process "), "{err}");
    assert!(err.contains("MicroSIP.exe), which would overwrite the change when it exits"), "{err}");
    assert!(err.contains("hint: close MicroSIP, or pass `--if-running exit`"), "{err}");
    assert_eq!((desk.ini().as_str(), desk.trace()), (BEFORE, vec!["start".to_owned()]));

    // An edit that changes nothing, or writes nothing, isn't blocked.
    desk.run(&["set", "Settings.AA=0"]).code(0);
    desk.run(&["set", "Settings.AA=1", "--dry-run"]).code(0);
    assert_eq!((desk.ini().as_str(), desk.trace().len()), (BEFORE, 1));
}

#[test]
fn restart_adds_a_hook_that_microsip_keeps() {
    let Some(desk) = Desk::new("MicroSIP") else { return };
    desk.start(&[("STANDIN_EXIT_DELAY_MS", "1500")]);
    let begin = Instant::now();
    let args = ["hook", "add", "send-message", "--on", "incoming-call", "--with", "window=My"];
    let run = desk.run(&[&args[..], &["--if-running", "restart"]].concat()).code(0);
    assert!(begin.elapsed() > Duration::from_millis(1400), "it didn't wait");
    let err = run.err();
    assert!(err.contains("note: closed MicroSIP (process "), "{err}");
    assert!(err.contains("note: restarted MicroSIP"), "{err}");
    desk.until("it runs again", || desk.count("start") == 2);
    assert_eq!(desk.trace(), ["start", "command /exit", "exit", "start /minimized"]);

    let directive = "OnIncomingCall=SendMessage,My,WM_USER+100,%number%\r\n";
    let launcher =
        "cmdIncomingCall=\"C:\\Program Files\\msipctl\\msipctl.exe\" hook run incoming-call";
    assert!(desk.ini().contains(directive) && desk.ini().contains(launcher), "{}", desk.ini());
    desk.end();
    // It wrote its settings, with the command in quotes as usual, and had read the edited value.
    let after = desk.ini();
    assert!(after.contains("OnIncomingCall=SendMessage,My,WM_USER+100,%number%"), "{after}");
    let value = desk.run(&["get", "Settings.cmdIncomingCall"]).code(0).out();
    assert_eq!(
        value.trim_end(),
        r#""C:\Program Files\msipctl\msipctl.exe" hook run incoming-call"#
    );
}

#[test]
fn exit_stops_microsip_without_restarting() {
    let Some(desk) = Desk::new("MicroSIP") else { return };
    desk.start(&[]);
    let err = desk.run(&["set", "Settings.AA=1", "--if-running", "exit"]).code(0).err();
    assert!(err.contains("note: closed MicroSIP (process ") && !err.contains("restarted"), "{err}");
    assert_eq!(desk.trace(), ["start", "command /exit", "exit"]);
    assert_eq!(desk.run(&["get", "Settings.AA"]).code(0).out().trim_end(), "1");
}

#[test]
fn wait_times_out_with_exit_code_3() {
    let Some(desk) = Desk::new("MicroSIP") else { return };
    desk.start(&[]);
    let err = desk.run(&["set", "Settings.AA=1", "--if-running", "wait=1"]).code(3).err();
    assert!(err.contains("which didn't exit within 1 s"), "{err}");
    assert_eq!((desk.ini().as_str(), desk.trace()), (BEFORE, vec!["start".to_owned()]));
}

#[test]
fn wait_continues_after_microsip_exits() {
    let Some(desk) = Desk::new("MicroSIP") else { return };
    desk.start(&[("STANDIN_EXIT_DELAY_MS", "2000")]);
    started(|| Command::new(desk.program()).arg("/exit").status());
    assert_eq!(desk.count("exit"), 0);
    desk.run(&["set", "Settings.AA=1", "--if-running", "wait"]).code(0);
    assert_eq!(desk.count("exit"), 1);
    assert_eq!(desk.run(&["get", "Settings.AA"]).code(0).out().trim_end(), "1");
}

#[test]
fn edit_fails_when_microsip_ignores_exit() {
    let Some(desk) = Desk::new("MicroSIP") else { return };
    desk.start(&[("STANDIN_IGNORE_EXIT", "1")]);
    let err = desk.run(&["set", "Settings.AA=1", "--if-running", "restart"]).code(3).err();
    assert!(err.contains("asked to exit but didn't within 30 s"), "{err}");
    assert_eq!(desk.ini(), BEFORE);
    assert_eq!(desk.trace(), ["start", "command /exit"]);
}

#[test]
fn microsip_restarts_after_a_failed_edit() {
    let Some(desk) = Desk::new("MicroSIP") else { return };
    desk.start(&[]);
    // A file in place of the folder for backups: the plan succeeds, and the write fails.
    desk.folder.write("occupied", "");
    let args = ["set", "Settings.AA=1", "--if-running", "restart", "--backup-dir", "occupied"];
    let run = desk.run(&args).code(2);
    assert!(run.err().contains("note: restarted MicroSIP"), "{}", run.err());
    desk.until("it runs again", || desk.count("start") == 2);
    assert!(desk.ini().contains("AA=0"), "{}", desk.ini());
}

#[test]
fn microsip_in_another_folder_does_not_block_an_edit() {
    let (Some(desk), Some(other)) = (Desk::new("MicroSIP"), Desk::new("MicroSIP")) else { return };
    other.start(&[]);
    desk.run(&["set", "Settings.AA=1"]).code(0);
    desk.start(&[]);
    desk.run(&["set", "Settings.AA=0", "--if-running", "exit"]).code(0);
    assert_eq!(other.trace(), ["start"]);
}

#[test]
fn renamed_microsip_uses_its_own_ini() {
    let Some(desk) = Desk::new("Reception") else { return };
    desk.start(&[]);
    let err = desk.run(&["set", "Settings.AA=1"]).code(3).err();
    assert!(err.contains("Reception.ini: file is in use by Reception (process "), "{err}");
    desk.folder.write("MicroSIP.ini", BEFORE);
    desk.folder.on_ini(&["set", "Settings.AA=1"]).code(0);
    desk.run(&["set", "Settings.AA=1", "--if-running", "restart"]).code(0);
    desk.until("it runs again", || desk.count("start") == 2);
    assert_eq!(desk.trace().last().map(String::as_str), Some("start /minimized"));
}

#[test]
fn restore_fails_when_microsip_uses_the_file() {
    let Some(desk) = Desk::new("MicroSIP") else { return };
    desk.run(&["set", "Settings.AA=1"]).code(0);
    let edited = desk.ini();
    desk.start(&[]);
    let err = desk.run(&["backup", "restore"]).code(3).err();
    assert!(err.contains("is in use by MicroSIP (process "), "{err}");
    assert_eq!(desk.ini(), edited);
    let args = ["backup", "restore", "--force", "--if-running", "restart"];
    desk.run(&args).code(0);
    desk.until("it runs again", || desk.count("start") == 2);
    assert_eq!(desk.ini(), BEFORE);
}
