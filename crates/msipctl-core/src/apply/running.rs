//! How a running MicroSIP affects an edit: it holds `[Settings]` in memory and writes the complete section when it
//! exits, so an edit in the meantime is lost.

use std::collections::HashSet;
use std::fmt;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use crate::locate;
use crate::phone::{self, Phone};
use msipctl_windows::{Process, System};

/// How long to wait for a MicroSIP that was asked to exit.
const EXIT_WAIT: Duration = Duration::from_secs(30);

/// What to do if a MicroSIP uses the file to write.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum IfRunning {
    /// Write nothing.
    #[default]
    Fail,
    /// Wait this long for it to exit, then write nothing.
    Wait(Duration),
    /// Ask it to exit, and wait for that.
    Exit,
    /// The same, and restart it afterward, even if the edit fails.
    Restart,
}

/// The policy for a running MicroSIP, the system to query, and the actions so far.
pub struct Running {
    policy: IfRunning,
    system: &'static dyn System,
    phone: &'static dyn Phone,
    notices: Mutex<Vec<Notice>>,
    unknown_was_said: AtomicBool,
}

/// An action that was taken, or failed without stopping the edit.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Notice {
    /// msipctl can't determine whether a MicroSIP uses this file. Reported once.
    Unknown(PathBuf, String),
    /// A MicroSIP was asked to exit, and exited.
    Ended(Process),
    /// That MicroSIP was restarted.
    Started(Process),
    /// It couldn't be restarted.
    NotStarted(Process, String),
}

/// Why a file in use by MicroSIP isn't written.
#[derive(Debug)]
pub struct Error {
    process: Process,
    reason: Reason,
}

#[derive(Debug)]
enum Reason {
    InUse,
    StillThere(Duration),
    IgnoresExit,
    ProgramUnknown,
    CannotClose(io::Error),
    CannotWait(io::Error),
}

impl Running {
    /// Creates one from a policy and the system to query.
    pub fn new(policy: IfRunning, system: &'static dyn System, phone: &'static dyn Phone) -> Self {
        Self {
            policy,
            system,
            phone,
            notices: Mutex::default(),
            unknown_was_said: AtomicBool::default(),
        }
    }

    /// Returns whether a MicroSIP may have to be restarted after an edit.
    pub(super) fn starts_again(&self) -> bool {
        self.policy == IfRunning::Restart
    }

    /// Returns the notices since the last call.
    pub fn notices(&self) -> Vec<Notice> {
        std::mem::take(&mut self.notices.lock().unwrap_or_else(PoisonError::into_inner))
    }

    /// Does `work`, which reads and writes the file `ini`, while no MicroSIP uses that.
    ///
    /// MicroSIP writes the file when it exits, so `work` must not use anything that was read from the file before.
    ///
    /// # Errors
    ///
    /// [`Error`] when a MicroSIP uses the file and keeps using it; `work` wasn't called then. Otherwise, the errors of
    /// `work`.
    pub fn make_way<T, E: From<(PathBuf, Error)>>(
        &self,
        ini: &Path,
        work: impl FnOnce() -> Result<T, E>,
    ) -> Result<T, E> {
        let mut ended = Vec::new();
        let result = match self.end(ini, &mut ended) {
            Ok(()) => work(),
            Err(error) => Err(E::from((ini.to_owned(), error))),
        };
        if self.policy == IfRunning::Restart {
            self.start_again(ended);
        }
        result
    }

    /// Ensures that no MicroSIP uses the file. `ended` gets those that were asked to exit and did, even if another one
    /// didn't.
    fn end(&self, ini: &Path, ended: &mut Vec<Process>) -> Result<(), Error> {
        let asks_to_exit = matches!(self.policy, IfRunning::Exit | IfRunning::Restart);
        let at_most = match self.policy {
            IfRunning::Fail => Duration::ZERO,
            IfRunning::Wait(at_most) => at_most,
            IfRunning::Exit | IfRunning::Restart => EXIT_WAIT,
        };
        let begin = Instant::now();
        let mut asked = HashSet::new();
        let mut exited = HashSet::new();
        // Checked again, because another one may have started, and because the process that sends the command runs from
        // the same program for a moment.
        loop {
            let users = self.users(ini);
            let users: Vec<_> = users.into_iter().filter(|it| !exited.contains(&it.id)).collect();
            if users.is_empty() {
                return Ok(());
            }
            if self.policy == IfRunning::Fail {
                let process = users.into_iter().next();
                return process.map_or(Ok(()), |it| Err(Error::new(it, Reason::InUse)));
            }
            let mut asked_now = HashSet::new();
            if asks_to_exit {
                for process in &users {
                    let Some(program) = process.program.clone() else {
                        return Err(Error::new(process.clone(), Reason::ProgramUnknown));
                    };
                    if asked.insert(program.clone()) {
                        if let Err(error) = self.phone.exit(&program) {
                            return Err(Error::new(process.clone(), Reason::CannotClose(error)));
                        }
                        asked_now.insert(process.id);
                    }
                }
            }
            // Waits for all of them, so that each one that exited is known and can be restarted.
            let mut failed = None;
            for process in users {
                let left = at_most.saturating_sub(begin.elapsed());
                match self.system.wait(process.id, left) {
                    Ok(true) => {
                        exited.insert(process.id);
                        if asked_now.contains(&process.id) {
                            self.add_notice(Notice::Ended(process.clone()));
                            ended.push(process);
                        }
                    }
                    Ok(false) => {
                        let reason = if asks_to_exit {
                            Reason::IgnoresExit
                        } else {
                            Reason::StillThere(at_most)
                        };
                        failed.get_or_insert(Error::new(process, reason));
                    }
                    Err(error) => {
                        failed.get_or_insert(Error::new(process, Reason::CannotWait(error)));
                    }
                }
            }
            if let Some(error) = failed {
                return Err(error);
            }
        }
    }

    /// Returns the processes that use the file. If they can't be determined, adds a notice and returns none.
    fn users(&self, ini: &Path) -> Vec<Process> {
        let users = locate::running(self.system, ini);
        let unknown = match &users {
            Ok(users) if users.is_empty() && is_on_a_share(ini) => {
                Some("other computers can use it too".to_owned())
            }
            Ok(_) => None,
            Err(error) => Some(error.to_string()),
        };
        if let Some(reason) = unknown
            && !self.unknown_was_said.swap(true, Ordering::Relaxed)
        {
            self.add_notice(Notice::Unknown(ini.to_owned(), reason));
        }
        users.unwrap_or_default()
    }

    fn start_again(&self, ended: Vec<Process>) {
        for process in ended {
            let started = match &process.program {
                Some(program) => self.phone.start(program),
                None => continue,
            };
            self.add_notice(match started {
                Ok(()) => Notice::Started(process),
                Err(error) => Notice::NotStarted(process, error.to_string()),
            });
        }
    }

    fn add_notice(&self, remark: Notice) {
        self.notices.lock().unwrap_or_else(PoisonError::into_inner).push(remark);
    }
}

impl Notice {
    /// Returns whether the action failed.
    pub fn is_warning(&self) -> bool {
        matches!(self, Self::NotStarted(..))
    }
}

impl fmt::Display for Notice {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Unknown(path, reason) => {
                let path = path.display();
                write!(f, "{path}: can't detect whether MicroSIP uses the file: {reason}")
            }
            Self::Ended(process) => {
                write!(f, "closed {} (process {})", named(process), process.id)
            }
            Self::Started(process) => write!(f, "restarted {}", named(process)),
            Self::NotStarted(process, reason) => {
                write!(f, "can't restart {}: {reason}", named(process))
            }
        }
    }
}

/// Returns the name of a program, without its extension.
fn named(process: &Process) -> String {
    let name = process.name.to_string_lossy();
    name.strip_suffix(".exe").unwrap_or(&name).to_owned()
}

/// Queries this computer, and doesn't write a file that a MicroSIP uses.
impl Default for Running {
    fn default() -> Self {
        Self::new(IfRunning::Fail, msipctl_windows::system(), phone::phone())
    }
}

impl fmt::Debug for Running {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Running").field(&self.policy).finish()
    }
}

impl Error {
    fn new(process: Process, reason: Reason) -> Self {
        Self { process, reason }
    }

    /// Returns the process that uses the file.
    pub fn process(&self) -> &Process {
        &self.process
    }

    /// Returns what to do about it.
    pub fn hint(&self) -> &'static str {
        match self.reason {
            Reason::InUse => "close MicroSIP, or pass `--if-running exit`, `restart`, or `wait`",
            Reason::StillThere(_) => "to close it, pass `--if-running exit` or `restart`",
            Reason::IgnoresExit => "check whether it shows a dialog, and close it manually",
            Reason::ProgramUnknown => "close it as the user who runs it",
            Reason::CannotClose(_) | Reason::CannotWait(_) => "close it manually",
        }
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Process { id, program, .. } = &self.process;
        let name = named(&self.process);
        write!(f, "file is in use by {name} (process {id}")?;
        if let Some(program) = program {
            write!(f, ", {}", program.display())?;
        }
        f.write_str(")")?;
        match &self.reason {
            Reason::InUse => f.write_str(", which would overwrite the change when it exits"),
            Reason::StillThere(waited) => {
                write!(f, ", which didn't exit within {} s", waited.as_secs())
            }
            Reason::IgnoresExit => {
                write!(f, ", which was asked to exit but didn't within {} s", EXIT_WAIT.as_secs())
            }
            Reason::ProgramUnknown => f.write_str(", which msipctl can't close from here"),
            Reason::CannotClose(error) => write!(f, ", which msipctl can't close: {error}"),
            Reason::CannotWait(error) => {
                write!(f, ", and msipctl can't wait for it to exit: {error}")
            }
        }
    }
}

impl std::error::Error for Error {}

/// Returns whether a path is a file of another computer, whose processes msipctl can't list.
fn is_on_a_share(path: &Path) -> bool {
    let path = path.to_string_lossy().replace('/', r"\").to_lowercase();
    let is_local = path.starts_with(r"\\?\") || path.starts_with(r"\\.\");
    path.starts_with(r"\\?\unc\") || path.starts_with(r"\\") && !is_local
}
