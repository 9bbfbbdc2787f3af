//! `backup`: the bytes from before each write, and how to get them back.

mod create;
mod flags;
mod list;
mod prune;
mod restore;
mod verify;

use clap::Subcommand;

use crate::error::CliError;
use crate::exit::Exit;
use crate::output::Output;

/// List, make and restore backups
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
