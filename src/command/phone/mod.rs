//! `phone`: controls a running MicroSIP.

mod hand_over;
mod orders;
mod status;

use clap::Subcommand;

use crate::error::CliError;
use crate::exit::Exit;
use crate::output::Output;

const EXAMPLES: &str = "\
Examples:
  # Call a number
  msipctl phone dial +4930123456
  # Answer a ringing call
  msipctl phone answer
  # Transfer the call of another MicroSIP
  msipctl phone transfer 1002 --program C:\\Phones\\Reception.exe
  # Print the status as JSON
  msipctl phone status --format json
  # Show the command line, and send nothing
  msipctl phone hangup --print";

/// Control a running MicroSIP
///
/// Uses the command line of MicroSIP. MicroSIP dials everything that it doesn't recognize as a command, and each version
/// recognizes other commands. So msipctl detects the version, and sends only commands that it recognizes. It starts MicroSIP only
/// with --start. MicroSIP doesn't report the result of a command.
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
