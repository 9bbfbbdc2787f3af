//! `template`: lists, copies, creates, and checks templates.

mod check;
mod copy;
mod find;
mod flags;
mod list;
mod new;
mod parameters;
mod show;
mod source_name;

pub(crate) use find::{find, is_template};
pub(crate) use flags::TemplateFlags;
pub(crate) use parameters::parameters;

use clap::Subcommand;

use crate::error::CliError;
use crate::exit::Exit;
use crate::output::Output;

const EXAMPLES: &str = "\
Examples:
  # List hook templates and integrations
  msipctl template list
  # Show a template and its parameters
  msipctl template show send-message
  # Copy the files of an integration
  msipctl template copy home-assistant C:\\HomeAssistant --with number=+4930123456
  # Create a custom template that opens a page
  msipctl template new crm-popup --action open
  # Check a custom template
  msipctl template check crm-popup";

/// Manage hook templates and integrations
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
