//! The orders, each with its arguments.

use clap::Args;

use super::hand_over::{NotRunning, PhoneCommandFlags};
use crate::error::CliError;
use crate::exit::Exit as ExitCode;
use crate::output::Output;
use msipctl_core::phone::{Digits, Number, PhoneCommand};

const DIAL_EXAMPLES: &str = "\
Examples:
  msipctl phone dial 1001
  msipctl phone dial sip:user@domain
  msipctl phone dial 1001,42#
  msipctl phone dial +4930123456 --start";

/// Call a number or an address
///
/// Digits behind a comma are sent when the call is connected. A number with a blank is refused, because
/// MicroSIP would send what is behind the blank as a message.
#[derive(Debug, Args)]
#[command(after_help = DIAL_EXAMPLES)]
pub(crate) struct Dial {
    /// Whom to call: 1001, user@domain, sip:user@domain, tel:+4930123456
    #[arg(value_name = "NUMBER")]
    number: String,

    /// Start MicroSIP if it does not run; it dials when its account is registered
    #[arg(long)]
    start: bool,

    #[command(flatten)]
    flags: PhoneCommandFlags,
}

impl Dial {
    pub(super) fn run(&self, out: &mut Output) -> Result<ExitCode, CliError> {
        let order = PhoneCommand::Dial(self.number.parse::<Number>()?);
        let if_none = if self.start { NotRunning::Start(&order) } else { NotRunning::Offer };
        self.flags.hand_over(&order, &if_none, out)
    }
}

const ANSWER_EXAMPLES: &str = "\
Examples:
  msipctl phone answer
  msipctl phone answer -i C:\\Phones\\Reception.ini";

/// Answer the call that rings, since 3.15.6
#[derive(Debug, Args)]
#[command(after_help = ANSWER_EXAMPLES)]
pub(crate) struct Answer {
    #[command(flatten)]
    flags: PhoneCommandFlags,
}

impl Answer {
    pub(super) fn run(&self, out: &mut Output) -> Result<ExitCode, CliError> {
        self.flags.hand_over(&PhoneCommand::Answer, &NotRunning::Fail, out)
    }
}

const HANGUP_EXAMPLES: &str = "\
Examples:
  msipctl phone hangup
  msipctl phone hangup --outgoing";

/// End all calls but those that ring here, since 3.14.0
#[derive(Debug, Args)]
#[command(after_help = HANGUP_EXAMPLES)]
pub(crate) struct Hangup {
    /// Only outgoing calls that nobody has answered yet, since 3.20.1
    #[arg(long)]
    outgoing: bool,

    #[command(flatten)]
    flags: PhoneCommandFlags,
}

impl Hangup {
    pub(super) fn run(&self, out: &mut Output) -> Result<ExitCode, CliError> {
        let order = if self.outgoing { PhoneCommand::HangupCalling } else { PhoneCommand::Hangup };
        self.flags.hand_over(&order, &NotRunning::Fail, out)
    }
}

const DECLINE_EXAMPLES: &str = "\
Examples:
  msipctl phone decline";

/// Refuse the calls that ring, since 3.21.4
#[derive(Debug, Args)]
#[command(after_help = DECLINE_EXAMPLES)]
pub(crate) struct Decline {
    #[command(flatten)]
    flags: PhoneCommandFlags,
}

impl Decline {
    pub(super) fn run(&self, out: &mut Output) -> Result<ExitCode, CliError> {
        self.flags.hand_over(&PhoneCommand::Decline, &NotRunning::Fail, out)
    }
}

const TRANSFER_EXAMPLES: &str = "\
Examples:
  msipctl phone transfer 1002
  msipctl phone transfer sip:user@domain";

/// Hand the current call over to somebody, since 3.19.8
#[derive(Debug, Args)]
#[command(after_help = TRANSFER_EXAMPLES)]
pub(crate) struct Transfer {
    /// To whom
    #[arg(value_name = "NUMBER")]
    number: String,

    #[command(flatten)]
    flags: PhoneCommandFlags,
}

impl Transfer {
    pub(super) fn run(&self, out: &mut Output) -> Result<ExitCode, CliError> {
        let order = PhoneCommand::Transfer(self.number.parse::<Number>()?);
        self.flags.hand_over(&order, &NotRunning::Fail, out)
    }
}

const DTMF_EXAMPLES: &str = "\
Examples:
  msipctl phone dtmf 42#";

/// Send digits into the current call, since 3.19.27
#[derive(Debug, Args)]
#[command(after_help = DTMF_EXAMPLES)]
pub(crate) struct Dtmf {
    /// 0 to 9, *, # and A to D
    #[arg(value_name = "DIGITS")]
    digits: String,

    #[command(flatten)]
    flags: PhoneCommandFlags,
}

impl Dtmf {
    pub(super) fn run(&self, out: &mut Output) -> Result<ExitCode, CliError> {
        let order = PhoneCommand::Dtmf(self.digits.parse::<Digits>()?);
        self.flags.hand_over(&order, &NotRunning::Fail, out)
    }
}

const ACCOUNT_EXAMPLES: &str = "\
Examples:
  msipctl phone account 2";

/// Make another account the one in use and save that, since 3.20.5
#[derive(Debug, Args)]
#[command(after_help = ACCOUNT_EXAMPLES)]
pub(crate) struct Account {
    /// Its number: 2 stands for [Account2]
    #[arg(value_name = "N", value_parser = clap::value_parser!(u32).range(1..=99999))]
    number: u32,

    #[command(flatten)]
    flags: PhoneCommandFlags,
}

impl Account {
    pub(super) fn run(&self, out: &mut Output) -> Result<ExitCode, CliError> {
        self.flags.hand_over(&PhoneCommand::Account(self.number), &NotRunning::Fail, out)
    }
}

const SHOW_EXAMPLES: &str = "\
Examples:
  msipctl phone show
  msipctl phone show --start";

/// Show the window of a running MicroSIP
#[derive(Debug, Args)]
#[command(after_help = SHOW_EXAMPLES)]
pub(crate) struct Show {
    /// Start MicroSIP if it does not run
    #[arg(long)]
    start: bool,

    #[command(flatten)]
    flags: PhoneCommandFlags,
}

impl Show {
    pub(super) fn run(&self, out: &mut Output) -> Result<ExitCode, CliError> {
        let if_none =
            if self.start { NotRunning::Start(&PhoneCommand::Show) } else { NotRunning::Offer };
        self.flags.hand_over(&PhoneCommand::Show, &if_none, out)
    }
}

const HIDE_EXAMPLES: &str = "\
Examples:
  msipctl phone hide
  msipctl phone hide --start";

/// Hide the window of a running MicroSIP, since 3.19.8
#[derive(Debug, Args)]
#[command(after_help = HIDE_EXAMPLES)]
pub(crate) struct Hide {
    /// Start MicroSIP without its window if it does not run
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
        self.flags.hand_over(&PhoneCommand::Hide, &if_none, out)
    }
}

const EXIT_EXAMPLES: &str = "\
Examples:
  msipctl phone exit";

/// End a running MicroSIP, which saves its settings then
#[derive(Debug, Args)]
#[command(after_help = EXIT_EXAMPLES)]
pub(crate) struct Exit {
    #[command(flatten)]
    flags: PhoneCommandFlags,
}

impl Exit {
    pub(super) fn run(&self, out: &mut Output) -> Result<ExitCode, CliError> {
        self.flags.hand_over(&PhoneCommand::Exit, &NotRunning::Done, out)
    }
}
