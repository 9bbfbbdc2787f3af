//! `backup verify`: verifies backups.

use clap::Args;

use super::flags::BackupFlags;
use crate::error::CliError;
use crate::exit::Exit;
use crate::output::{Output, VerifyReport};

const EXAMPLES: &str = "\
Examples:
  # Verify the backups of a file
  msipctl backup verify MicroSIP.ini";

/// Verify backups
///
/// Compares each backup with the hash of its bytes. Exits with 1 if one is missing or damaged.
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
