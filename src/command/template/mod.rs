//! `template`: the catalogue, and templates of one's own.

mod check;
mod copy;
mod find;
mod flags;
mod list;
mod new;
mod parameters;
mod show;
mod source_name;

pub(crate) use find::find;
pub(crate) use flags::TemplateFlags;
pub(crate) use parameters::parameters;

use clap::Subcommand;

use crate::error::CliError;
use crate::exit::Exit;
use crate::output::Output;

const EXAMPLES: &str = "\
Examples:
  msipctl template list
  msipctl template show send-message
  msipctl template copy home-assistant C:\\HomeAssistant --with number=+4930123456
  msipctl template new crm-popup --action open
  msipctl template check crm-popup";

/// Hook templates and integrations: list, show, write out; start and check one of your own
#[derive(Debug, Subcommand)]
#[command(after_help = EXAMPLES)]
pub(crate) enum Template {
    List(list::List),
    Show(show::Show),
    Copy(copy::Copy),
    New(new::New),
    Check(check::Check),
}

impl Template {
    pub(super) fn run(self, out: &mut Output) -> Result<Exit, CliError> {
        match self {
            Self::List(command) => command.run(out),
            Self::Show(command) => command.run(out),
            Self::Copy(command) => command.run(out),
            Self::New(command) => command.run(out),
            Self::Check(command) => command.run(out),
        }
    }
}
