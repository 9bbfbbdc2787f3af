//! `backup list`: lists backups and runs.

use clap::Args;

use super::flags::BackupFlags;
use crate::error::CliError;
use crate::exit::Exit;
use crate::output::{BackupRow, BackupsReport, Output, RunsReport};
use msipctl_core::store;
use msipctl_host::process;

const EXAMPLES: &str = "\
Examples:
  # List the backups of a file
  msipctl backup list MicroSIP.ini
  # List all backups in a folder as JSON
  msipctl backup list --backup-dir /var/backups/msipctl --format json
  # List the runs over several files
  msipctl backup list --runs";

/// List backups
///
/// Lists the backups of the selected files, oldest first. With --backup-dir and no file, lists all backups in that folder.
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub(crate) struct List {
    /// List the runs over several files, newest first
    ///
    /// `msipctl backup restore --run` undoes such a run without a list of its files.
    #[arg(long, conflicts_with_all = ["paths", "ini", "backup_dir"])]
    runs: bool,

    #[command(flatten)]
    which: BackupFlags,
}

impl List {
    pub(super) fn run(&self, out: &mut Output) -> Result<Exit, CliError> {
        if self.runs {
            let dir = process::runs_folder(msipctl_windows::system());
            let mut runs = dir.map(|dir| store::runs(&dir)).transpose()?.unwrap_or_default();
            runs.reverse();
            if runs.is_empty() {
                out.note("no runs");
            }
            out.report(&RunsReport::new(&runs));
            return Ok(Exit::Success);
        }
        let mut backups = Vec::new();
        for meant in self.which.by_folder()? {
            let entries = meant.list()?;
            let phases = meant.backups.phases(&entries)?;
            backups.extend(entries.iter().zip(phases).map(|(it, phase)| BackupRow::new(it, phase)));
        }
        if backups.is_empty() {
            out.note("no backups");
        }
        out.report(&BackupsReport { backups });
        Ok(Exit::Success)
    }
}
