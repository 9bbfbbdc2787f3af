//! `backup verify`: whether backups still hold what was backed up.

use clap::Args;

use super::flags::BackupFlags;
use crate::error::CliError;
use crate::exit::Exit;
use crate::output::{Output, VerifyReport};

const EXAMPLES: &str = "\
Examples:
  msipctl backup verify -i MicroSIP.ini";

/// Check that every backup still holds the bytes that were backed up
///
/// Exits with 1 when one does not.
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub(crate) struct Verify {
    #[command(flatten)]
    which: BackupFlags,
}

impl Verify {
    pub(super) fn run(&self, out: &mut Output) -> Result<Exit, CliError> {
        let mut verdicts = Vec::new();
        for meant in self.which.by_folder()? {
            verdicts.extend(meant.verify()?);
        }
        let report = VerifyReport::new(&verdicts);
        let sound = report.is_restorable();
        out.report(&report);
        Ok(if sound { Exit::Success } else { Exit::Found })
    }
}
