//! `report`: works with reports of many computers.

mod merge;

use clap::Subcommand;

use crate::error::CliError;
use crate::exit::Exit;
use crate::output::Output;

/// Work with the audit reports of many PCs
#[derive(Debug, Subcommand)]
pub(crate) enum Report {
    Merge(merge::Merge),
}

impl Report {
    /// Returns the names of the command.
    pub(super) fn path(&self) -> &'static [&'static str] {
        match self {
            Self::Merge(_) => &["report", "merge"],
        }
    }

    pub(super) fn run(self, out: &mut Output) -> Result<Exit, CliError> {
        match self {
            Self::Merge(command) => command.run(out),
        }
    }
}
