//! What a running MicroSIP means for an edit: it holds `[Settings]` in memory and writes all of it when
//! it exits, so an edit made meanwhile is lost.

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

/// How long a MicroSIP that was told to exit may take for it.
const EXIT_WAIT: Duration = Duration::from_secs(30);

/// What to do when a MicroSIP uses the file that is to be written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum IfRunning {
    /// Write nothing.
    #[default]
    Fail,
    /// Wait so long for it to end, then write nothing.
    Wait(Duration),
    /// Tell it to exit and wait for that.
    Exit,
    /// The same, and start it again afterwards, whatever became of the edit.
    Restart,
}

/// The policy for a running MicroSIP, whom to ask about it, and what was done.
pub struct Running {
    policy: IfRunning,
    system: &'static dyn System,
    phone: &'static dyn Phone,
    notices: Mutex<Vec<Notice>>,
    unknown_was_said: AtomicBool,
}

/// Something that was done, or could not be, and is no reason to stop.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Notice {
    /// It cannot be known whether a MicroSIP uses this file. Said once.
    Unknown(PathBuf, String),
    /// A MicroSIP was told to exit, and did.
    Ended(Process),
    /// That MicroSIP was started again.
    Started(Process),
    /// It could not be.
    NotStarted(Process, String),
}

/// Why the file of a running MicroSIP is not written.
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
    CannotTell(io::Error),
    CannotWait(io::Error),
}

impl Running {
    /// Makes one of a policy and those who answer.
    pub fn new(policy: IfRunning, system: &'static dyn System, phone: &'static dyn Phone) -> Self {
        Self {
            policy,
            system,
            phone,
            notices: Mutex::default(),
            unknown_was_said: AtomicBool::default(),
        }
    }

    /// Tells whether a MicroSIP may have to be started again after an edit.
    pub(super) fn starts_again(&self) -> bool {
        self.policy == IfRunning::Restart
    }

    /// Returns what there is to say since the last time.
    pub fn notices(&self) -> Vec<Notice> {
        std::mem::take(&mut self.notices.lock().unwrap_or_else(PoisonError::into_inner))
    }

    /// Does `work`, which reads the file `ini` and writes it, while no MicroSIP uses that.
    ///
    /// MicroSIP writes the file when it exits, so nothing that was read of it before counts in `work`.
    ///
    /// # Errors
    ///
    /// [`Error`] when one uses it and goes on to; `work` was then not called. Else those of `work`.
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

    /// Sees to it that no MicroSIP uses the file. Those that were told to and did end are in `ended`,
    /// also when another one did not.
    fn end(&self, ini: &Path, ended: &mut Vec<Process>) -> Result<(), Error> {
        let tells = matches!(self.policy, IfRunning::Exit | IfRunning::Restart);
        let at_most = match self.policy {
            IfRunning::Fail => Duration::ZERO,
            IfRunning::Wait(at_most) => at_most,
            IfRunning::Exit | IfRunning::Restart => EXIT_WAIT,
        };
        let begin = Instant::now();
        let mut told = HashSet::new();
        let mut gone = HashSet::new();
        // Again, because another one may have started, and because the one that hands the command over
        // runs from the same program for a moment.
        loop {
            let users = self.users(ini);
            let users: Vec<_> = users.into_iter().filter(|it| !gone.contains(&it.id)).collect();
            if users.is_empty() {
                return Ok(());
            }
            if self.policy == IfRunning::Fail {
                let process = users.into_iter().next();
                return process.map_or(Ok(()), |it| Err(Error::new(it, Reason::InUse)));
            }
            let mut told_now = HashSet::new();
            if tells {
                for process in &users {
                    let Some(program) = process.program.clone() else {
                        return Err(Error::new(process.clone(), Reason::ProgramUnknown));
                    };
                    if told.insert(program.clone()) {
                        if let Err(error) = self.phone.exit(&program) {
                            return Err(Error::new(process.clone(), Reason::CannotTell(error)));
                        }
                        told_now.insert(process.id);
                    }
                }
            }
            // All are waited for, so that each that ended is known and can be started again.
            let mut failed = None;
            for process in users {
                let left = at_most.saturating_sub(begin.elapsed());
                match self.system.wait(process.id, left) {
                    Ok(true) => {
                        gone.insert(process.id);
                        if told_now.contains(&process.id) {
                            self.add_notice(Notice::Ended(process.clone()));
                            ended.push(process);
                        }
                    }
                    Ok(false) => {
                        let reason =
                            if tells { Reason::IgnoresExit } else { Reason::StillThere(at_most) };
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

    /// Returns the processes that use the file; none when that cannot be known, which is then said.
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

/// Asks this computer, and writes nothing that a MicroSIP uses.
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

    /// Says what to do about it.
    pub fn hint(&self) -> &'static str {
        match self.reason {
            Reason::InUse => "close MicroSIP, or pass `--if-running exit`, `restart`, or `wait`",
            Reason::StillThere(_) => "to close it, pass `--if-running exit` or `restart`",
            Reason::IgnoresExit => "check whether it shows a dialog, and close it manually",
            Reason::ProgramUnknown => "close it as the user who runs it",
            Reason::CannotTell(_) | Reason::CannotWait(_) => "close it manually",
        }
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Process { id, program, name } = &self.process;
        let name = name.to_string_lossy();
        let name = name.strip_suffix(".exe").unwrap_or(&name);
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
            Reason::CannotTell(error) => write!(f, ", which msipctl can't close: {error}"),
            Reason::CannotWait(error) => {
                write!(f, ", and msipctl can't wait for it to exit: {error}")
            }
        }
    }
}

impl std::error::Error for Error {}

/// Tells whether a path names a file of another computer, whose processes cannot be seen.
fn is_on_a_share(path: &Path) -> bool {
    let path = path.to_string_lossy().replace('/', r"\").to_lowercase();
    let is_local = path.starts_with(r"\\?\") || path.starts_with(r"\\.\");
    path.starts_with(r"\\?\unc\") || path.starts_with(r"\\") && !is_local
}
