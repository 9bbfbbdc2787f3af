//! `check`: what is wrong with a file.

use clap::{Args, ValueEnum};

use super::load::each_file;
use crate::cli::error::CliError;
use crate::cli::exit::Exit;
use crate::cli::flags::{FileFlags, VersionFlags};
use crate::cli::output::{CheckedFile, FindingsReport, Output};
use crate::validate::{self, Severity};

const EXAMPLES: &str = "\
Examples:
  msipctl check -i MicroSIP.ini
  msipctl check -i MicroSIP.ini --microsip 3.21.3 --format json";

/// Find what makes MicroSIP not do what the file says
///
/// Exits with 1 when there is a finding as bad as --fail-on, or worse.
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub(in crate::cli) struct Check {
    /// How bad a finding must be to exit with 1
    #[arg(long, value_enum, default_value_t, value_name = "LEVEL")]
    fail_on: Level,

    /// Exit with 0 also when there are findings
    #[arg(long)]
    exit_zero: bool,

    #[command(flatten)]
    files: FileFlags,

    #[command(flatten)]
    version: VersionFlags,
}

/// A severity, as typed.
#[derive(Debug, Clone, Copy, Default, ValueEnum)]
enum Level {
    /// Anything
    Info,
    /// Warnings and errors
    #[default]
    Warning,
    /// Errors only
    Error,
}

impl Check {
    pub(super) fn run(&self, out: &mut Output) -> Result<Exit, CliError> {
        let mut report = FindingsReport::default();
        let failures = each_file(&self.files, |path, document| {
            let findings = validate::check(document, self.version.microsip);
            report.push(CheckedFile::new(path, document, &findings));
        })?;
        if failures.is_total() {
            return failures.finish(out, Exit::Error);
        }
        let level = match self.fail_on {
            Level::Info => Severity::Info,
            Level::Warning => Severity::Warning,
            Level::Error => Severity::Error,
        };
        let found = report.worst().is_some_and(|worst| worst >= level) && !self.exit_zero;
        out.report(&report);
        failures.finish(out, if found { Exit::Found } else { Exit::Success })
    }
}
