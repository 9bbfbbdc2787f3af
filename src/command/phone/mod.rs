//! `phone`: what a running MicroSIP can be told.

mod hand_over;
mod orders;
mod status;

use clap::Subcommand;

use crate::error::CliError;
use crate::exit::Exit;
use crate::output::Output;

const EXAMPLES: &str = "\
Examples:
  msipctl phone dial +4930123456
  msipctl phone answer
  msipctl phone transfer 1002 --program C:\\Phones\\Reception.exe
  msipctl phone status --format json
  msipctl phone hangup --print";

/// Drive a running MicroSIP through its own command line
///
/// MicroSIP dials whatever it does not know as a command, and each version knows others. So msipctl looks up
/// the version, hands over only what that one knows, and starts no MicroSIP unless --start is given.
/// MicroSIP does not tell what became of an order.
#[derive(Debug, Subcommand)]
#[command(after_help = EXAMPLES)]
pub(crate) enum Phone {
    Dial(orders::Dial),
    Answer(orders::Answer),
    Hangup(orders::Hangup),
    Decline(orders::Decline),
    Transfer(orders::Transfer),
    Dtmf(orders::Dtmf),
    Account(orders::Account),
    Show(orders::Show),
    Hide(orders::Hide),
    Exit(orders::Exit),
    Status(status::Status),
}

impl Phone {
    pub(super) fn run(self, out: &mut Output) -> Result<Exit, CliError> {
        match self {
            Self::Dial(command) => command.run(out),
            Self::Answer(command) => command.run(out),
            Self::Hangup(command) => command.run(out),
            Self::Decline(command) => command.run(out),
            Self::Transfer(command) => command.run(out),
            Self::Dtmf(command) => command.run(out),
            Self::Account(command) => command.run(out),
            Self::Show(command) => command.run(out),
            Self::Hide(command) => command.run(out),
            Self::Exit(command) => command.run(out),
            Self::Status(command) => command.run(out),
        }
    }
}
