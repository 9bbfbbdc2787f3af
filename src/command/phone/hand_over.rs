//! Selects a MicroSIP, and sends a command to it.

use std::path::{Path, PathBuf};

use clap::Args;

use crate::error::CliError;
use crate::exit::Exit;
use crate::output::{Output, PhoneCommandReport, PhoneCommandRow};
use microsip_schema::Version;
use msipctl_core::fleet;
use msipctl_core::phone::{
    self, InstanceSelector, NumberError, PhoneCommand, Refusal, Target, targets,
};

/// The default path of MicroSIP.
const INSTALLED: &str = r"C:\Program Files\MicroSIP\MicroSIP.exe";

/// The MicroSIP to control.
#[derive(Debug, Args)]
pub(super) struct TargetFlags {
    /// Program of MicroSIP [default: the running one]
    #[arg(long, value_name = "PATH", value_parser = program)]
    program: Option<PathBuf>,

    /// File of the MicroSIP to control
    #[arg(short, long, value_name = "PATH", conflicts_with = "program")]
    ini: Option<PathBuf>,
}

/// The MicroSIP to control, and how.
#[derive(Debug, Args)]
pub(super) struct PhoneCommandFlags {
    #[command(flatten)]
    target: TargetFlags,

    /// Target MicroSIP version, such as 3.22.3 [default: detected]
    ///
    /// The default is the version of the program, or if that is unknown, the newest known version.
    #[arg(long, value_name = "VERSION")]
    microsip: Option<Version>,

    /// Show the command line, and send nothing
    #[arg(long)]
    print: bool,
}

/// What to do if MicroSIP isn't running.
pub(super) enum NotRunning<'o> {
    /// Succeed, because nothing has to be done.
    Done,
    /// Fail.
    Fail,
    /// Fail, and suggest `--start`.
    Offer,
    /// Start it with this command.
    Start(&'o PhoneCommand),
}

impl TargetFlags {
    /// Returns the selection on the command line.
    pub(super) fn selector(&self) -> InstanceSelector {
        match (&self.program, &self.ini) {
            // On other systems, a Windows path is only printed.
            (Some(program), _) if cfg!(windows) => InstanceSelector::Program(
                std::path::absolute(program).unwrap_or_else(|_| program.clone()),
            ),
            (Some(program), _) => InstanceSelector::Program(program.clone()),
            (None, Some(ini)) => InstanceSelector::Ini(fleet::named_file(ini)),
            (None, None) => InstanceSelector::Any,
        }
    }
}

impl PhoneCommandFlags {
    /// Sends a command to the selected MicroSIP, or prints it.
    pub(super) fn send(
        &self,
        command: &PhoneCommand,
        if_none: &NotRunning<'_>,
        out: &mut Output,
    ) -> Result<Exit, CliError> {
        let selector = self.target.selector();
        let target = self.target(&selector)?;
        let version = self.microsip.or(target.version).unwrap_or(Version::NEWEST);
        let (command, state) = match (target.processes.is_empty(), if_none) {
            _ if self.print => (command, "printed"),
            (false, _) => (command, "sent"),
            (true, NotRunning::Start(first)) => (*first, "started"),
            (true, NotRunning::Done) => (command, "not running"),
            (true, NotRunning::Fail) => return Err(not_running(&target)),
            (true, NotRunning::Offer) => {
                return Err(not_running(&target).hint("pass `--start` to start it"));
            }
        };
        let argument = command.argument(version)?;
        match state {
            "sent" | "started" => {
                phone::phone().hand_over(&target.program, &argument).map_err(|error| {
                    CliError::runtime(format!("can't start the program: {error}"))
                        .at(&target.program)
                })?;
            }
            "not running" => out.note("MicroSIP isn't running"),
            _ => {}
        }
        out.report(&PhoneCommandReport::new(PhoneCommandRow {
            command: command.name(),
            state,
            program: target.program.display().to_string(),
            version: version.to_string(),
            argument: argument.as_str().to_owned(),
            command_line: argument.command_line(&target.program),
            process: target.processes.first().map(|process| process.id),
        }));
        Ok(Exit::Success)
    }

    /// Returns the selected MicroSIP.
    fn target(&self, selector: &InstanceSelector) -> Result<Target, CliError> {
        let named = match selector {
            InstanceSelector::Program(program) => Some(program.as_path()),
            _ => None,
        };
        match targets(msipctl_windows::system(), selector) {
            Ok(found) => match <[Target; 1]>::try_from(found) {
                Ok([target]) => Ok(target),
                Err(none) if none.is_empty() && self.print => Ok(Target::unknown(INSTALLED.into())),
                Err(none) if none.is_empty() => {
                    Err(CliError::precondition("MicroSIP not found: none is running or installed")
                        .hint("select its program with `--program PATH`"))
                }
                Err(several) => Err(ambiguous(&several)),
            },
            Err(error) if error.is_unsupported() && self.print => {
                Ok(Target::unknown(named.unwrap_or(Path::new(INSTALLED)).to_owned()))
            }
            Err(error) => Err(unanswered(&error)),
        }
    }
}

/// Returns the error of a system that can't list programs.
pub(super) fn unanswered(error: &msipctl_core::locate::Error) -> CliError {
    match error.is_unsupported() {
        true => CliError::runtime("`phone` commands work only on Windows")
            .hint("pass `--print` to show the command line"),
        false => CliError::runtime(error.to_string()),
    }
}

fn not_running(target: &Target) -> CliError {
    CliError::precondition("MicroSIP isn't running").at(&target.program)
}

fn ambiguous(several: &[Target]) -> CliError {
    let state = |target: &Target| match target.processes.first() {
        Some(process) => format!("process {}", process.id),
        None => "not running".to_owned(),
    };
    let listed: Vec<_> = several
        .iter()
        .map(|target| format!("{} ({})", target.program.display(), state(target)))
        .collect();
    let message =
        format!("no MicroSIP is selected, and there are {}: {}", several.len(), listed.join(", "));
    CliError::usage(message).hint("select one with `--program PATH` or `-i PATH`")
}

/// Parses the path of a program, which can't contain a quote on Windows.
fn program(text: &str) -> Result<PathBuf, String> {
    match text.contains(|character: char| character == '"' || character.is_control()) {
        false if !text.is_empty() => Ok(PathBuf::from(text)),
        _ => Err("expected the path of a program".to_owned()),
    }
}

impl From<Refusal> for CliError {
    fn from(refusal: Refusal) -> Self {
        Self::usage(refusal.to_string()).hint(refusal.hint())
    }
}

impl From<NumberError> for CliError {
    fn from(error: NumberError) -> Self {
        Self::usage(error.to_string()).hint(error.hint())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use msipctl_windows::Process;

    #[test]
    fn fails_when_several_phones_match() {
        let process = Process { id: 7, program: Some("a.exe".into()), name: "a.exe".into() };
        let running = Target { processes: vec![process], ..Target::unknown("a.exe".into()) };
        let error = ambiguous(&[running, Target::unknown("b.exe".into())]);
        assert_eq!(
            error.to_string(),
            "no MicroSIP is selected, and there are 2: a.exe (process 7), b.exe (not running)"
        );
        assert_eq!(error.exit(), Exit::Error);
    }

    #[test]
    fn program_path_with_quote_is_rejected() {
        assert_eq!(program(r"C:\a b\M.exe"), Ok(r"C:\a b\M.exe".into()));
        for text in ["", "a\"b", "a\nb"] {
            assert!(program(text).is_err(), "{text}");
        }
    }
}
