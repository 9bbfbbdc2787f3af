//! `report`: works with the reports of `audit`.

mod push;

use clap::Subcommand;

use crate::error::CliError;
use crate::exit::Exit;
use crate::output::Output;

/// Send audit reports to a server
#[derive(Debug, Subcommand)]
pub(crate) enum Report {
    Push(push::Push),
}

impl Report {
    pub(super) fn run(self, out: &mut Output) -> Result<Exit, CliError> {
        match self {
            Self::Push(command) => command.run(out),
        }
    }
}
