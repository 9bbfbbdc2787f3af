//! `backup prune`: deletes old backups.

use clap::Args;

use super::flags::BackupFlags;
use crate::error::CliError;
use crate::exit::Exit;
use crate::flags::keep;
use crate::output::{BackupRow, BackupsReport, Output, count as number_of};

const EXAMPLES: &str = "\
Examples:
  # Show which backups would be deleted
  msipctl backup prune MicroSIP.ini --keep 5 --dry-run
  # Keep the 5 newest backups
  msipctl backup prune MicroSIP.ini --keep 5";

/// Delete old backups
///
/// Keeps the newest backups of each file. Also deletes the remains of interrupted runs: unlisted backups, temporary files, and
/// locks that no run holds.
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub(crate) struct Prune {
    /// Number of backups to keep per file
    #[arg(long, value_name = "N", default_value_t = 20, value_parser = keep)]
    keep: usize,

    /// List the backups that would be deleted, and delete nothing
    #[arg(short = 'n', long)]
    dry_run: bool,

    #[command(flatten)]
    which: BackupFlags,
}

impl Prune {
    pub(super) fn run(&self, out: &mut Output) -> Result<Exit, CliError> {
        if self.dry_run {
            return self.preview(out);
        }
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
        out.note(&format!("deleted {}", number_of(count, "backup")));
        for stray in &strays {
            out.note(&format!("deleted {}, left by an interrupted run", stray.display()));
        }
        Ok(Exit::Success)
    }

    fn preview(&self, out: &mut Output) -> Result<Exit, CliError> {
        let mut backups = Vec::new();
        for meant in self.which.by_folder()? {
            let entries = meant.prunable(self.keep)?;
            let phases = meant.backups.phases(&entries)?;
            backups.extend(entries.iter().zip(phases).map(|(it, phase)| BackupRow::new(it, phase)));
        }
        let count = backups.len();
        out.report(&BackupsReport { backups });
        out.note(&format!("would delete {}", number_of(count, "backup")));
        Ok(Exit::Success)
    }
}
