//! `undo`: `backup restore` under the name by which users look for it.

use clap::Args;

use super::restore::Restore;
use crate::error::CliError;
use crate::exit::Exit;
use crate::output::Output;

const EXAMPLES: &str = "\
Examples:
  # Undo the last change of a file
  msipctl undo MicroSIP.ini
  # Undo the last run over several files
  msipctl undo --run last";

/// Undo the last change (same as `backup restore`)
///
/// Undoes the most recent write that wasn't a restore. Backs up the current content first. Doesn't restore a file that was changed
/// since the backup, unless you pass --force.
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub(crate) struct Undo {
    #[command(flatten)]
    restore: Restore,
}

impl Undo {
    pub(in crate::command) fn run(&self, out: &mut Output) -> Result<Exit, CliError> {
        self.restore.run(out)
    }
}
