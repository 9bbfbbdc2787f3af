//! `report`: merges the reports of `audit`, and sends them.

mod merge;
mod push;

use clap::Subcommand;

use crate::error::CliError;
use crate::exit::Exit;
use crate::output::Output;

/// Merge audit reports, and send them to a server
#[derive(Debug, Subcommand)]
pub(crate) enum Report {
    Merge(merge::Merge),
    Push(push::Push),
}

impl Report {
    /// Returns the names of the command.
    pub(super) fn path(&self) -> &'static [&'static str] {
        match self {
            Self::Merge(_) => &["report", "merge"],
            Self::Push(_) => &["report", "push"],
        }
    }

    pub(super) fn run(self, out: &mut Output) -> Result<Exit, CliError> {
        match self {
            Self::Merge(command) => command.run(out),
            Self::Push(command) => command.run(out),
        }
    }
}
