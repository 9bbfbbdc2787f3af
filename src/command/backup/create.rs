//! `backup create`: backs up a file as it is now.

use clap::Args;

use super::flags::BackupFlags;
use crate::error::CliError;
use crate::exit::Exit;
use crate::output::{BackupRow, BackupsReport, Output};
use msipctl_core::store::{self, LockOptions, Phase, Record, RunId};

const EXAMPLES: &str = "\
Examples:
  # Back up a file
  msipctl backup create MicroSIP.ini";

/// Back up a file
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub(crate) struct Create {
    #[command(flatten)]
    which: BackupFlags,
}

impl Create {
    pub(super) fn run(&self, out: &mut Output) -> Result<Exit, CliError> {
        let record = Record { run: RunId::new(), command: "backup create".to_owned() };
        let mut made = Vec::new();
        for (file, backups) in self.which.folders()? {
            let locked = store::lock(&file, &LockOptions::default())?;
            made.push(BackupRow::new(&backups.create(&locked, &record)?, Phase::Alone));
        }
        out.report(&BackupsReport { backups: made });
        Ok(Exit::Success)
    }
}
