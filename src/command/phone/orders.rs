//! The phone commands, each with its arguments.

use clap::Args;

use super::hand_over::{NotRunning, PhoneCommandFlags};
use crate::error::CliError;
use crate::exit::Exit as ExitCode;
use crate::output::Output;
use msipctl_core::phone::{Digits, Number, PhoneCommand};

const DIAL_EXAMPLES: &str = "\
Examples:
  # Call an extension
  msipctl phone dial 1001
  # Call a SIP address
  msipctl phone dial sip:user@domain
  # Send digits after the call is connected
  msipctl phone dial 1001,42#
  # Start MicroSIP if it isn't running
  msipctl phone dial +4930123456 --start";

/// Call a number or an address
///
/// MicroSIP sends digits after a comma when the call is connected. A number can't contain a space, because MicroSIP would send the
/// text after the space as a message.
#[derive(Debug, Args)]
#[command(after_help = DIAL_EXAMPLES)]
pub(crate) struct Dial {
    /// Number, or an address such as sip:user@domain
    ///
    /// For example, 1001, user@domain, sip:user@domain, or tel:+4930123456.
    #[arg(value_name = "NUMBER")]
    number: String,

    /// Start MicroSIP if it isn't running
    ///
    /// It dials when its account is registered.
    #[arg(long)]
    start: bool,

    #[command(flatten)]
    flags: PhoneCommandFlags,
}

impl Dial {
    pub(super) fn run(&self, out: &mut Output) -> Result<ExitCode, CliError> {
        let command = PhoneCommand::Dial(self.number.parse::<Number>()?);
        let if_none = if self.start { NotRunning::Start(&command) } else { NotRunning::Offer };
        self.flags.send(&command, &if_none, out)
    }
}

const ANSWER_EXAMPLES: &str = "\
Examples:
  # Answer a ringing call
  msipctl phone answer
  # Answer the call of another MicroSIP
  msipctl phone answer -i C:\\Phones\\Reception.ini";

/// Answer a ringing call
///
/// Requires MicroSIP 3.15.6.
#[derive(Debug, Args)]
#[command(after_help = ANSWER_EXAMPLES)]
pub(crate) struct Answer {
    #[command(flatten)]
    flags: PhoneCommandFlags,
}

impl Answer {
    pub(super) fn run(&self, out: &mut Output) -> Result<ExitCode, CliError> {
        self.flags.send(&PhoneCommand::Answer, &NotRunning::Fail, out)
    }
}

const HANGUP_EXAMPLES: &str = "\
Examples:
  # Hang up
  msipctl phone hangup
  # Hang up outgoing calls that aren't answered yet
  msipctl phone hangup --outgoing";

/// Hang up all calls except ringing incoming ones
///
/// Requires MicroSIP 3.14.0.
#[derive(Debug, Args)]
#[command(after_help = HANGUP_EXAMPLES)]
pub(crate) struct Hangup {
    /// Hang up only unanswered outgoing calls
    ///
    /// Requires MicroSIP 3.20.1.
    #[arg(long)]
    outgoing: bool,

    #[command(flatten)]
    flags: PhoneCommandFlags,
}

impl Hangup {
    pub(super) fn run(&self, out: &mut Output) -> Result<ExitCode, CliError> {
        let command =
            if self.outgoing { PhoneCommand::HangupCalling } else { PhoneCommand::Hangup };
        self.flags.send(&command, &NotRunning::Fail, out)
    }
}

const DECLINE_EXAMPLES: &str = "\
Examples:
  # Decline a ringing call
  msipctl phone decline";

/// Decline ringing calls
///
/// Requires MicroSIP 3.21.4.
#[derive(Debug, Args)]
#[command(after_help = DECLINE_EXAMPLES)]
pub(crate) struct Decline {
    #[command(flatten)]
    flags: PhoneCommandFlags,
}

impl Decline {
    pub(super) fn run(&self, out: &mut Output) -> Result<ExitCode, CliError> {
        self.flags.send(&PhoneCommand::Decline, &NotRunning::Fail, out)
    }
}

const TRANSFER_EXAMPLES: &str = "\
Examples:
  # Transfer the call to an extension
  msipctl phone transfer 1002
  # Transfer the call to a SIP address
  msipctl phone transfer sip:user@domain";

/// Transfer the current call
///
/// Requires MicroSIP 3.19.8.
#[derive(Debug, Args)]
#[command(after_help = TRANSFER_EXAMPLES)]
pub(crate) struct Transfer {
    /// Number or address to transfer the call to
    #[arg(value_name = "NUMBER")]
    number: String,

    #[command(flatten)]
    flags: PhoneCommandFlags,
}

impl Transfer {
    pub(super) fn run(&self, out: &mut Output) -> Result<ExitCode, CliError> {
        let command = PhoneCommand::Transfer(self.number.parse::<Number>()?);
        self.flags.send(&command, &NotRunning::Fail, out)
    }
}

const DTMF_EXAMPLES: &str = "\
Examples:
  # Send the digits 4, 2, and #
  msipctl phone dtmf 42#";

/// Send digits in the current call
///
/// Requires MicroSIP 3.19.27.
#[derive(Debug, Args)]
#[command(after_help = DTMF_EXAMPLES)]
pub(crate) struct Dtmf {
    /// Digits: 0 to 9, *, #, and A to D
    #[arg(value_name = "DIGITS")]
    digits: String,

    #[command(flatten)]
    flags: PhoneCommandFlags,
}

impl Dtmf {
    pub(super) fn run(&self, out: &mut Output) -> Result<ExitCode, CliError> {
        let command = PhoneCommand::Dtmf(self.digits.parse::<Digits>()?);
        self.flags.send(&command, &NotRunning::Fail, out)
    }
}

const ACCOUNT_EXAMPLES: &str = "\
Examples:
  # Switch to [Account2]
  msipctl phone account 2";

/// Switch the active account
///
/// MicroSIP saves the choice. Requires MicroSIP 3.20.5.
#[derive(Debug, Args)]
#[command(after_help = ACCOUNT_EXAMPLES)]
pub(crate) struct Account {
    /// Number of the account, such as 2 for [Account2]
    #[arg(value_name = "N", value_parser = clap::value_parser!(u32).range(1..=99999))]
    number: u32,

    #[command(flatten)]
    flags: PhoneCommandFlags,
}

impl Account {
    pub(super) fn run(&self, out: &mut Output) -> Result<ExitCode, CliError> {
        self.flags.send(&PhoneCommand::Account(self.number), &NotRunning::Fail, out)
    }
}

const SHOW_EXAMPLES: &str = "\
Examples:
  # Show the window
  msipctl phone show
  # Start MicroSIP if it isn't running
  msipctl phone show --start";

/// Show the window of a running MicroSIP
#[derive(Debug, Args)]
#[command(after_help = SHOW_EXAMPLES)]
pub(crate) struct Show {
    /// Start MicroSIP if it isn't running
    #[arg(long)]
    start: bool,

    #[command(flatten)]
    flags: PhoneCommandFlags,
}

impl Show {
    pub(super) fn run(&self, out: &mut Output) -> Result<ExitCode, CliError> {
        let if_none =
            if self.start { NotRunning::Start(&PhoneCommand::Show) } else { NotRunning::Offer };
        self.flags.send(&PhoneCommand::Show, &if_none, out)
    }
}

const HIDE_EXAMPLES: &str = "\
Examples:
  # Hide the window
  msipctl phone hide
  # Start MicroSIP without its window if it isn't running
  msipctl phone hide --start";

/// Hide the window of a running MicroSIP
///
/// Requires MicroSIP 3.19.8.
#[derive(Debug, Args)]
#[command(after_help = HIDE_EXAMPLES)]
pub(crate) struct Hide {
    /// Start MicroSIP without its window if it isn't running
    #[arg(long)]
    start: bool,

    #[command(flatten)]
    flags: PhoneCommandFlags,
}

impl Hide {
    pub(super) fn run(&self, out: &mut Output) -> Result<ExitCode, CliError> {
        let if_none = if self.start {
            NotRunning::Start(&PhoneCommand::StartHidden)
        } else {
            NotRunning::Offer
        };
        self.flags.send(&PhoneCommand::Hide, &if_none, out)
    }
}

const EXIT_EXAMPLES: &str = "\
Examples:
  # Close MicroSIP
  msipctl phone exit";

/// Close a running MicroSIP
///
/// MicroSIP saves its settings when it exits.
#[derive(Debug, Args)]
#[command(after_help = EXIT_EXAMPLES)]
pub(crate) struct Exit {
    #[command(flatten)]
    flags: PhoneCommandFlags,
}

impl Exit {
    pub(super) fn run(&self, out: &mut Output) -> Result<ExitCode, CliError> {
        self.flags.send(&PhoneCommand::Exit, &NotRunning::Done, out)
    }
}
