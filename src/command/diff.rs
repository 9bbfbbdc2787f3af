//! `diff`: compares two files.

use std::path::PathBuf;

use clap::Args;

use super::load::warn_read_problem;

use crate::error::CliError;
use crate::exit::Exit;
use crate::flags::{CodePageFlags, SecretFlags};
use crate::output::{ChangesReport, Output};
use msipctl_core::apply;

const EXAMPLES: &str = "\
Examples:
  # Compare the settings of two files
  msipctl diff golden.ini MicroSIP.ini
  # Compare the lines of two files
  msipctl diff --text golden.ini MicroSIP.ini";

/// Compare two files
///
/// Compares each key as MicroSIP reads it, or the lines with --text. Exits with 1 if the files differ.
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub(crate) struct Diff {
    /// First file
    #[arg(value_name = "A")]
    before: PathBuf,

    /// Second file
    #[arg(value_name = "B")]
    after: PathBuf,

    /// Compare lines, as a unified diff
    #[arg(long)]
    text: bool,

    /// Exit with 0 even if the files differ
    #[arg(long)]
    exit_zero: bool,

    #[command(flatten)]
    code_page: CodePageFlags,

    #[command(flatten)]
    secrets: SecretFlags,
}

impl Diff {
    pub(super) fn run(&self, out: &mut Output) -> Result<Exit, CliError> {
        let before = apply::load(&self.before, self.code_page.code_page())?;
        let after = apply::load(&self.after, self.code_page.code_page())?;
        warn_read_problem(out, &self.before, &before);
        warn_read_problem(out, &self.after, &after);
        let names = (self.before.display().to_string(), self.after.display().to_string());
        let secrets = self.secrets.secrets();
        let report = ChangesReport::new(names, &before, &after, secrets, self.text);
        let same = report.is_empty() || self.exit_zero;
        out.report(&report);
        Ok(if same { Exit::Success } else { Exit::Found })
    }
}
