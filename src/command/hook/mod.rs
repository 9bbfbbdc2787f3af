//! `hook`: adds, lists, tests, and removes event hooks.

mod add;
mod event_names;
mod explain;
mod list;
mod listen;
mod log;
mod remove;
mod run;
mod test;

pub(crate) use run::started;

use clap::Subcommand;

use crate::error::CliError;
use crate::exit::Exit;
use crate::output::Output;

/// Add, list, test, and remove event hooks
#[derive(Debug, Subcommand)]
pub(crate) enum Hook {
    Add(add::Add),
    Explain(explain::Explain),
    List(list::List),
    Listen(listen::Listen),
    Log(log::Log),
    Remove(remove::Remove),
    Run(run::Run),
    Test(test::Test),
}

impl Hook {
    pub(super) fn run(self, out: &mut Output) -> Result<Exit, CliError> {
        match self {
            Self::Add(command) => command.run(out),
            Self::Explain(command) => command.run(out),
            Self::List(command) => command.run(out),
            Self::Listen(command) => command.run(out),
            Self::Log(command) => command.run(out),
            Self::Remove(command) => command.run(out),
            Self::Run(command) => command.run(),
            Self::Test(command) => command.run(out),
        }
    }
}
