//! `backup list`: which backups there are, and which runs.

use clap::Args;

use super::flags::BackupFlags;
use crate::error::CliError;
use crate::exit::Exit;
use crate::output::{BackupRow, BackupsReport, Output, RunsReport};
use crate::process;
use msipctl_core::store;

const EXAMPLES: &str = "\
Examples:
  msipctl backup list -i MicroSIP.ini
  msipctl backup list --backup-dir /var/backups/msipctl --format json
  msipctl backup list --runs";

/// List the backups of a file, oldest first; with `--backup-dir` alone, all in that folder
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub(crate) struct List {
    /// List the runs over several files instead, which `backup restore --run` undoes without naming their files
    #[arg(long, conflicts_with_all = ["ini", "backup_dir"])]
    runs: bool,

    #[command(flatten)]
    which: BackupFlags,
}

impl List {
    pub(super) fn run(&self, out: &mut Output) -> Result<Exit, CliError> {
        if self.runs {
            let dir = process::runs_folder(msipctl_windows::system());
            let runs = dir.map(|dir| store::runs(&dir)).transpose()?.unwrap_or_default();
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
