//! The flags of commands that management tools run.

use std::ffi::OsString;

use clap::{Args, ValueEnum};

use super::error::CliError;
use super::flags::FileFlags;
use msipctl_core::fleet::Targets;

/// Whether a management tool runs the command.
#[derive(Debug, Args)]
pub(super) struct EngineFlags {
    /// Print one line for Intune, ConfigMgr, or an RMM agent
    ///
    /// The line has at most 2,048 characters, and contains no path, user, host, or value. msipctl prints nothing on stderr, and
    /// exits only with 0 or 1. If no file is selected, msipctl processes every file that `msipctl locate` finds; as SYSTEM, the
    /// files of all users.
    #[arg(long, value_enum, value_name = "ENGINE", help_heading = "Output")]
    engine: Option<Engine>,

    /// Fail if MicroSIP.ini is missing
    ///
    /// By default, a PC without MicroSIP is a success with --engine.
    #[arg(long, requires = "engine", help_heading = "Output", hide_short_help = true)]
    require: bool,
}

/// A management tool that runs msipctl by its own contract.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(super) enum Engine {
    /// Remediation of Microsoft Intune: drift exits with 1
    Intune,
    /// Baseline of Microsoft Configuration Manager: the first word is the result, and only an error exits with 1
    Sccm,
    /// Agent for remote monitoring and management: drift exits with 1
    Rmm,
}

/// How an engine runs a command.
#[derive(Debug, Clone, Copy)]
pub(super) struct EngineRun {
    pub(super) engine: Engine,
    /// Whether a missing MicroSIP.ini is an error.
    pub(super) requires_file: bool,
    /// Whether the command may change files.
    pub(super) writes: bool,
    /// Whether a report in a format goes to a file.
    pub(super) has_report: bool,
}

impl EngineFlags {
    /// Returns how an engine runs the command; `None` if no engine does.
    pub(super) fn run(&self, writes: bool, has_report: bool) -> Option<EngineRun> {
        let requires_file = self.require;
        self.engine.map(|engine| EngineRun { engine, requires_file, writes, has_report })
    }

    /// Returns the files, each once. For an engine, there may be none.
    pub(super) fn targets(&self, files: &FileFlags) -> Result<Targets, CliError> {
        match self.engine {
            Some(_) => files.present_targets(),
            None => files.targets(),
        }
    }
}

impl EngineRun {
    /// Checks the flags of every command.
    pub(super) fn check(&self, has_format: bool, is_verbose: bool) -> Result<(), CliError> {
        let flag = match (has_format && !self.has_report, is_verbose) {
            (true, _) => "--format",
            (false, true) => "--verbose",
            (false, false) => return Ok(()),
        };
        Err(CliError::usage(format!("`--engine` can't be combined with `{flag}`")))
    }
}

/// Returns whether a command line that can't be parsed is for an engine.
pub(super) fn is_for_engine(args: &[OsString]) -> bool {
    let mut flags = args.iter().take_while(|arg| *arg != "--");
    flags.any(|arg| {
        arg == "--engine" || arg.to_str().is_some_and(|arg| arg.starts_with("--engine="))
    })
}
