//! Commands for MicroSIP, and the command-line argument for each in each version.

use std::fmt;
use std::path::Path;

use super::number::{Digits, Number, NumberError};
use microsip_schema::Version;

/// The first versions in which the forms of the command line are known to work.
const EXIT: Version = Version::new(3, 12, 1);
const MINIMIZED: Version = Version::new(3, 12, 1);
const HANGUP: Version = Version::new(3, 14, 0);
const ANSWER: Version = Version::new(3, 15, 6);
const NAMED_COMMANDS: Version = Version::new(3, 19, 8);
const CURRENT_CALL: Version = Version::new(3, 19, 27);
const HANGUP_CALLING: Version = Version::new(3, 20, 1);
const ACCOUNT: Version = Version::new(3, 20, 5);
const DECLINE: Version = Version::new(3, 21, 4);

/// A command for MicroSIP.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum PhoneCommand {
    /// Calls a number.
    Dial(Number),
    /// Answers the ringing call.
    Answer,
    /// Ends all calls, except incoming calls that are ringing.
    Hangup,
    /// Ends the outgoing calls that weren't answered yet.
    HangupCalling,
    /// Declines the incoming calls that are ringing.
    Decline,
    /// Transfers the current call to a number.
    Transfer(Number),
    /// Sends DTMF digits in the current call.
    Dtmf(Digits),
    /// Activates an account and saves that.
    Account(u32),
    /// Exits the program.
    Exit,
    /// Shows the window.
    Show,
    /// Hides the window of the running program.
    Hide,
    /// Starts the program without showing its window. Does nothing if the program is already running.
    StartHidden,
}

/// The only argument that MicroSIP is started with. An empty text means no argument.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Argument(String);

/// The reason why a command can't be sent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Refusal {
    /// The version doesn't support the command.
    TooOld {
        /// The argument for MicroSIP.
        argument: String,
        /// The first version that is known to support the argument.
        since: Version,
        /// The version of the program.
        microsip: Version,
        /// What to do instead, as a hint.
        instead: &'static str,
    },
    /// The number isn't valid for the command.
    Number(NumberError),
}

impl PhoneCommand {
    /// Returns the name of the command on the command line of msipctl.
    pub fn name(&self) -> &'static str {
        match self {
            Self::Dial(_) => "dial",
            Self::Answer => "answer",
            Self::Hangup | Self::HangupCalling => "hangup",
            Self::Decline => "decline",
            Self::Transfer(_) => "transfer",
            Self::Dtmf(_) => "dtmf",
            Self::Account(_) => "account",
            Self::Exit => "exit",
            Self::Show => "show",
            Self::Hide => "hide",
            Self::StartHidden => "start",
        }
    }

    /// Returns the argument that sends the command to a version.
    ///
    /// # Errors
    ///
    /// If the version doesn't support the command and would dial it, or the number isn't valid for the command.
    ///
    /// # Example
    ///
    /// ```
    /// use msipctl_core::phone::PhoneCommand;
    /// use microsip_schema::Version;
    ///
    /// let argument = PhoneCommand::Decline.argument(Version::NEWEST)?;
    /// assert_eq!(argument.as_str(), "/hangupincoming");
    /// assert!(PhoneCommand::Decline.argument(Version::new(3, 20, 5)).is_err());
    /// # Ok::<(), msipctl_core::phone::Refusal>(())
    /// ```
    pub fn argument(&self, microsip: Version) -> Result<Argument, Refusal> {
        let in_window = "use the window of MicroSIP, or update MicroSIP";
        let (argument, since, instead) = match self {
            Self::Dial(number) => return Ok(Argument(number.to_string())),
            Self::Show => return Ok(Argument(String::new())),
            Self::Answer => ("/answer".to_owned(), ANSWER, in_window),
            Self::Hangup => ("/hangupall".to_owned(), HANGUP, in_window),
            Self::HangupCalling => (
                "/hangupcalling".to_owned(),
                HANGUP_CALLING,
                "run `msipctl phone hangup` without `--outgoing`, which also ends answered calls",
            ),
            Self::Decline => ("/hangupincoming".to_owned(), DECLINE, in_window),
            Self::Transfer(number) => {
                let number = number.for_transfer().map_err(Refusal::Number)?;
                match microsip >= CURRENT_CALL {
                    true => (format!("/transfer:{number}"), CURRENT_CALL, in_window),
                    false => (format!("msip:transfer_{number}"), NAMED_COMMANDS, in_window),
                }
            }
            Self::Dtmf(digits) => (format!("/dtmf:{digits}"), CURRENT_CALL, in_window),
            Self::Account(number) => (
                format!("/account:{number}"),
                ACCOUNT,
                "run `msipctl set Settings.accountId=N --if-running restart`, which works in any version",
            ),
            Self::Exit => ("/exit".to_owned(), EXIT, "close it manually"),
            Self::Hide => ("msip:minimize".to_owned(), NAMED_COMMANDS, in_window),
            Self::StartHidden => ("/minimized".to_owned(), MINIMIZED, "start it manually"),
        };
        match microsip >= since {
            true => Ok(Argument(argument)),
            false => Err(Refusal::TooOld { argument, since, microsip, instead }),
        }
    }
}

impl Argument {
    /// Returns the text. An empty text means no argument.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Returns the complete command line, as Windows passes it to the program.
    pub fn command_line(&self, program: &Path) -> String {
        let program = program.display();
        match self.0.as_str() {
            "" => format!("\"{program}\""),
            argument => format!("\"{program}\" {argument}"),
        }
    }
}

impl Refusal {
    /// Returns what to do instead.
    pub fn hint(&self) -> String {
        match self {
            Self::TooOld { instead, .. } => (*instead).to_owned(),
            Self::Number(error) => error.hint(),
        }
    }
}

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::TooOld { argument, since, microsip, .. } => {
                write!(
                    f,
                    "`{argument}` requires MicroSIP {since} or newer; MicroSIP {microsip} would dial it"
                )
            }
            Self::Number(error) => error.fmt(f),
        }
    }
}

impl std::error::Error for Refusal {}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const VERSIONS: [&str; 7] =
        ["3.12.1", "3.15.6", "3.19.27", "3.20.5", "3.21.4", "3.22.3", "3.22.16"];

    /// Checks the argument for each of the versions, where `-` means that the command is refused.
    #[track_caller]
    fn check(command: &PhoneCommand, expected: [&str; 7]) {
        let sent = VERSIONS.map(|version| match command.argument(version.parse().unwrap()) {
            Ok(argument) => argument.0,
            Err(refusal) => {
                assert!(refusal.to_string().contains(&format!("MicroSIP {version} would dial it")));
                assert!(!refusal.hint().is_empty());
                "-".to_owned()
            }
        });
        assert_eq!(sent, expected, "{command:?}");
    }

    fn number(text: &str) -> Number {
        text.parse().unwrap()
    }

    #[test]
    fn phone_commands_use_only_arguments_the_version_supports() {
        check(&PhoneCommand::Dial(number("sip:1001@pbx")), ["sip:1001@pbx"; 7]);
        check(&PhoneCommand::Dial(number("1001,12")), ["1001,12"; 7]);
        check(&PhoneCommand::Show, [""; 7]);
        check(&PhoneCommand::Exit, ["/exit"; 7]);
        check(&PhoneCommand::StartHidden, ["/minimized"; 7]);
        let since = |first: usize, argument: &'static str| {
            std::array::from_fn(|index| if index < first { "-" } else { argument })
        };
        check(&PhoneCommand::Hangup, since(1, "/hangupall"));
        check(&PhoneCommand::Answer, since(1, "/answer"));
        check(&PhoneCommand::Hide, since(2, "msip:minimize"));
        check(&PhoneCommand::Transfer(number("tel:1002")), since(2, "/transfer:1002"));
        check(&PhoneCommand::Dtmf("12#".parse().unwrap()), since(2, "/dtmf:12#"));
        check(&PhoneCommand::HangupCalling, since(3, "/hangupcalling"));
        check(&PhoneCommand::Account(2), since(3, "/account:2"));
        check(&PhoneCommand::Decline, since(4, "/hangupincoming"));
        assert!(PhoneCommand::Decline.argument(Version::new(3, 21, 3)).is_err());
    }

    #[test]
    fn transfer_uses_the_older_syntax_before_3_19_27() {
        let sent =
            |version| PhoneCommand::Transfer(number("1002")).argument(version).map(|sent| sent.0);
        assert_eq!(sent(Version::new(3, 19, 8)).unwrap(), "msip:transfer_1002");
        assert_eq!(sent(Version::new(3, 19, 18)).unwrap(), "msip:transfer_1002");
        let refusal = sent(Version::new(3, 19, 2)).unwrap_err().to_string();
        assert_eq!(
            refusal,
            "`msip:transfer_1002` requires MicroSIP 3.19.8 or newer; MicroSIP 3.19.2 would dial it"
        );
    }

    #[test]
    fn phone_command_line_is_the_program_and_one_argument() {
        let program = Path::new(r"C:\Program Files\MicroSIP\MicroSIP.exe");
        let line = |command: PhoneCommand| {
            command.argument(Version::NEWEST).unwrap().command_line(program)
        };
        assert_eq!(
            line(PhoneCommand::Answer),
            r#""C:\Program Files\MicroSIP\MicroSIP.exe" /answer"#
        );
        assert_eq!(line(PhoneCommand::Show), r#""C:\Program Files\MicroSIP\MicroSIP.exe""#);
    }

    /// Generates numbers, and texts that are similar to commands.
    fn texts() -> impl Strategy<Value = String> {
        let part = prop_oneof![
            Just("/".to_owned()),
            Just("msip:".to_owned()),
            Just("sip:".to_owned()),
            Just("tel:".to_owned()),
            Just("exit".to_owned()),
            Just("answer".to_owned()),
            Just("reset".to_owned()),
            Just("account:2".to_owned()),
            Just(" ".to_owned()),
            Just("%20".to_owned()),
            Just("\"".to_owned()),
            "[0-9+*#,@.;:-]{0,4}",
            any::<String>(),
        ];
        proptest::collection::vec(part, 0..5).prop_map(|parts| parts.concat())
    }

    fn is_dangerous(character: char) -> bool {
        character.is_whitespace() || character.is_control() || "\"'%/&|<>^".contains(character)
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(2000))]

        #[test]
        fn dialed_number_is_never_a_command_or_message(text in texts(), patch in 0u16..30) {
            let versions = [Version::new(3, 19, patch), Version::NEWEST];
            if let Ok(number) = text.parse::<Number>() {
                for version in versions {
                    let dialed = PhoneCommand::Dial(number.clone()).argument(version).unwrap().0;
                    let lower = dialed.to_lowercase();
                    prop_assert!(dialed.is_ascii() && !dialed.is_empty());
                    prop_assert!(!lower.starts_with('/') && !lower.starts_with("msip:"));
                    prop_assert!(!dialed.contains(is_dangerous), "{}", dialed);
                    if let Ok(sent) = PhoneCommand::Transfer(number.clone()).argument(version) {
                        let rest = sent.0.strip_prefix("/transfer:");
                        let rest = rest.or_else(|| sent.0.strip_prefix("msip:transfer_")).unwrap();
                        prop_assert!(!rest.contains(is_dangerous), "{}", rest);
                    }
                }
            }
            if let Ok(digits) = text.parse::<Digits>() {
                let sent = PhoneCommand::Dtmf(digits).argument(Version::NEWEST).unwrap().0;
                prop_assert_eq!(sent, format!("/dtmf:{text}"));
            }
        }
    }
}
