//! `backup prune`: all but the newest backups removed.

use clap::Args;

use super::BackupFlags;
use crate::cli::error::CliError;
use crate::cli::exit::Exit;
use crate::cli::flags::keep;
use crate::cli::output::{BackupRow, BackupsReport, Output};

const EXAMPLES: &str = "\
Examples:
  msipctl backup prune -i MicroSIP.ini --keep 5";

/// Remove all but the newest backups of each file
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub(in crate::cli) struct Prune {
    /// How many to keep for each file
    #[arg(long, value_name = "N", default_value_t = 20, value_parser = keep)]
    keep: usize,

    #[command(flatten)]
    which: BackupFlags,
}

impl Prune {
    pub(super) fn run(&self, out: &mut Output) -> Result<Exit, CliError> {
        let mut removed = Vec::new();
        for meant in self.which.by_folder()? {
            removed.extend(meant.prune(self.keep)?);
        }
        out.report(&BackupsReport { backups: removed.iter().map(BackupRow::from).collect() });
        out.note(&format!("{} backups removed", removed.len()));
        Ok(Exit::Success)
    }
}
