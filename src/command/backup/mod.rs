//! `backup`: lists, creates, and restores backups.

mod create;
mod flags;
mod list;
mod prune;
mod restore;
mod undo;
mod verify;

pub(crate) use undo::Undo;

use clap::Subcommand;

use crate::error::CliError;
use crate::exit::Exit;
use crate::output::Output;

/// List, create, and restore backups
#[derive(Debug, Subcommand)]
pub(crate) enum Backup {
    List(list::List),
    Create(create::Create),
    Restore(restore::Restore),
    Prune(prune::Prune),
    Verify(verify::Verify),
}

impl Backup {
    pub(super) fn run(self, out: &mut Output) -> Result<Exit, CliError> {
        match self {
            Self::List(command) => command.run(out),
            Self::Create(command) => command.run(out),
            Self::Restore(command) => command.run(out),
            Self::Prune(command) => command.run(out),
            Self::Verify(command) => command.run(out),
        }
    }
}
