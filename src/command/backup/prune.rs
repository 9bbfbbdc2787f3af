//! `backup prune`: all but the newest backups removed.

use clap::Args;

use super::flags::BackupFlags;
use crate::error::CliError;
use crate::exit::Exit;
use crate::flags::keep;
use crate::output::{BackupRow, BackupsReport, Output};

const EXAMPLES: &str = "\
Examples:
  msipctl backup prune -i MicroSIP.ini --keep 5";

/// Remove all but the newest backups of each file
///
/// Also removes what interrupted runs left: backups that no list names, temporary files, and locks that no run holds.
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub(crate) struct Prune {
    /// How many to keep for each file
    #[arg(long, value_name = "N", default_value_t = 20, value_parser = keep)]
    keep: usize,

    #[command(flatten)]
    which: BackupFlags,
}

impl Prune {
    pub(super) fn run(&self, out: &mut Output) -> Result<Exit, CliError> {
        let (mut removed, mut strays) = (Vec::new(), Vec::new());
        for meant in self.which.by_folder()? {
            let pruned = meant.prune(self.keep)?;
            removed.extend(
                pruned
                    .entries
                    .iter()
                    .zip(pruned.phases)
                    .map(|(it, phase)| BackupRow::new(it, phase)),
            );
            strays.extend(pruned.strays);
        }
        let count = removed.len();
        out.report(&BackupsReport { backups: removed });
        out.note(&format!("{count} backups removed"));
        for stray in &strays {
            out.note(&format!("removed {}, which an interrupted run left", stray.display()));
        }
        Ok(Exit::Success)
    }
}
