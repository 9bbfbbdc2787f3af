//! Numbers and addresses that MicroSIP can only interpret as something to dial.

use std::fmt;
use std::str::FromStr;

/// The maximum length of a number in bytes. MicroSIP's SIP library doesn't accept longer addresses.
const MAX_LENGTH: usize = 255;

/// The maximum number of DTMF digits in one command.
const MAX_DIGITS: usize = 32;

/// The characters that a number can contain besides letters and digits. All other characters split arguments, are
/// decoded, or have a meaning in a shell.
const PUNCTUATION: &str = "+*#-_.~@:;=()[]";

/// The schemes that MicroSIP removes before it dials. Their capitalization doesn't matter.
const SCHEMES: [&str; 3] = ["sip", "tel", "callto"];

/// Words that look like commands and would be dialed, each with the intended command.
const WORDS: &[(&str, &str)] = &[
    ("account", "account N"),
    ("answer", "answer"),
    ("call", "dial NUMBER"),
    ("close", "exit"),
    ("decline", "decline"),
    ("dial", "dial NUMBER"),
    ("dnd", "status"),
    ("dtmf", "dtmf DIGITS"),
    ("end", "hangup"),
    ("exit", "exit"),
    ("hangup", "hangup"),
    ("hangupall", "hangup"),
    ("hangupcalling", "hangup --outgoing"),
    ("hangupincoming", "decline"),
    ("hidden", "hide"),
    ("hide", "hide"),
    ("minimize", "hide"),
    ("minimized", "hide"),
    ("mute", "status"),
    ("quit", "exit"),
    ("reject", "decline"),
    ("reset", "status"),
    ("resetnoask", "status"),
    ("restore", "show"),
    ("show", "show"),
    ("status", "status"),
    ("stop", "exit"),
    ("transfer", "transfer NUMBER"),
    ("unmute", "status"),
];

/// A number or an address that MicroSIP can only dial.
///
/// # Example
///
/// ```
/// use msipctl_core::phone::Number;
///
/// assert!("sip:1001@pbx.example.com".parse::<Number>().is_ok());
/// assert!("1001,42#".parse::<Number>().is_ok(), "42# is dialed after the call is connected");
/// assert!("1001 hello".parse::<Number>().is_err(), "MicroSIP would send a message");
/// assert!("/exit".parse::<Number>().is_err());
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Number {
    scheme: Option<&'static str>,
    address: String,
    suffix: Option<Digits>,
}

/// DTMF digits: `0` to `9`, `*`, `#`, and `A` to `D`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Digits(String);

/// Why a text can't be dialed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NumberError {
    text: String,
    problem: Problem,
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum Problem {
    Empty,
    TooLong { max: usize },
    Command,
    Word { meant: &'static str },
    Whitespace,
    Percent,
    Character(char),
    Scheme(String),
    Address,
    Suffix,
    Digits,
    SuffixOfTransfer,
}

impl Number {
    /// Returns the number for a transfer, which supports neither `tel:` nor digits after a comma.
    ///
    /// # Errors
    ///
    /// If the number has digits after a comma.
    pub(super) fn for_transfer(&self) -> Result<String, NumberError> {
        if self.suffix.is_some() {
            return Err(NumberError { text: self.to_string(), problem: Problem::SuffixOfTransfer });
        }
        let scheme = if self.scheme == Some("sip") { "sip:" } else { "" };
        Ok(format!("{scheme}{}", self.address))
    }
}

impl FromStr for Number {
    type Err = NumberError;

    fn from_str(text: &str) -> Result<Self, NumberError> {
        let fail = |problem| Err(NumberError { text: text.to_owned(), problem });
        if text.is_empty() {
            return fail(Problem::Empty);
        }
        if text.len() > MAX_LENGTH {
            return fail(Problem::TooLong { max: MAX_LENGTH });
        }
        if text.starts_with('/') {
            return fail(Problem::Command);
        }
        for character in text.chars() {
            match character {
                _ if character.is_ascii_alphanumeric()
                    || PUNCTUATION.contains(character)
                    || character == ',' => {}
                '/' if scheme(text).is_some() => return fail(Problem::Address),
                '%' => return fail(Problem::Percent),
                _ if character.is_whitespace() => return fail(Problem::Whitespace),
                _ => return fail(Problem::Character(character)),
            }
        }
        let lower = text.to_ascii_lowercase();
        if let Some((_, meant)) = WORDS.iter().find(|(word, _)| *word == lower) {
            return fail(Problem::Word { meant });
        }
        let (before, suffix) = match text.split_once(',') {
            Some((before, suffix)) => (before, Some(suffix)),
            None => (text, None),
        };
        let (scheme, address) = match scheme(before) {
            None => (None, before),
            Some((word, rest)) => {
                let known = SCHEMES.into_iter().find(|known| word.eq_ignore_ascii_case(known));
                let Some(known) = known else { return fail(Problem::Scheme(word.to_owned())) };
                (Some(known), rest)
            }
        };
        if !is_address(address) {
            return fail(Problem::Address);
        }
        let suffix = match suffix.map(str::parse) {
            None => None,
            Some(Ok(digits)) => Some(digits),
            Some(Err(_)) => return fail(Problem::Suffix),
        };
        Ok(Self { scheme, address: address.to_owned(), suffix })
    }
}

impl fmt::Display for Number {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(scheme) = self.scheme {
            write!(f, "{scheme}:")?;
        }
        f.write_str(&self.address)?;
        match &self.suffix {
            Some(suffix) => write!(f, ",{suffix}"),
            None => Ok(()),
        }
    }
}

impl FromStr for Digits {
    type Err = NumberError;

    fn from_str(text: &str) -> Result<Self, NumberError> {
        let fail = |problem| Err(NumberError { text: text.to_owned(), problem });
        if text.is_empty() {
            return fail(Problem::Empty);
        }
        if text.len() > MAX_DIGITS {
            return fail(Problem::TooLong { max: MAX_DIGITS });
        }
        match text.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'*' | b'#' | b'A'..=b'D')) {
            true => Ok(Self(text.to_owned())),
            false => fail(Problem::Digits),
        }
    }
}

impl fmt::Display for Digits {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl NumberError {
    /// Returns what to enter instead.
    pub fn hint(&self) -> String {
        match &self.problem {
            Problem::Empty => {
                "enter a number such as 1001, or an address such as sip:user@domain".to_owned()
            }
            Problem::TooLong { .. } => "enter a shorter number".to_owned(),
            Problem::Command => "to list the commands, run `msipctl phone --help`".to_owned(),
            Problem::Word { meant } if *meant == "status" => {
                format!(
                    "MicroSIP has no such command; to call a user of that name, dial `sip:{}`",
                    self.text
                )
            }
            Problem::Word { meant } => {
                format!(
                    "run `msipctl phone {meant}`; to call a user of that name, dial `sip:{}`",
                    self.text
                )
            }
            Problem::Whitespace => "write the number without spaces".to_owned(),
            Problem::Percent => "write the character itself: `+`, not `%2B`".to_owned(),
            Problem::Character(_) => format!("use only letters, digits, and {PUNCTUATION}"),
            Problem::Scheme(word) if word.eq_ignore_ascii_case("sips") => {
                "write `sip:`, and set the account's transport to TLS".to_owned()
            }
            Problem::Scheme(_) => "use sip:, tel:, or callto:".to_owned(),
            Problem::Address => {
                "enter a number or an address such as 1001, user@domain, or sip:user@domain"
                    .to_owned()
            }
            Problem::Suffix | Problem::Digits => "use only 0 to 9, *, #, and A to D".to_owned(),
            Problem::SuffixOfTransfer => {
                "transfer the call first, or dial the number with the digits".to_owned()
            }
        }
    }
}

impl fmt::Display for NumberError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let text = &self.text;
        match &self.problem {
            Problem::Empty => f.write_str("the number is empty"),
            Problem::TooLong { max } => {
                write!(f, "the number has {} bytes: expected at most {max}", text.len())
            }
            Problem::Command => {
                write!(f, "invalid number `{text}`: msipctl doesn't send it as a command")
            }
            Problem::Word { .. } => {
                write!(f, "`{text}` isn't a command of MicroSIP, which would dial it")
            }
            Problem::Whitespace => {
                write!(
                    f,
                    "`{text}` contains a space: MicroSIP would send the text after it as a message"
                )
            }
            Problem::Percent => {
                write!(f, "`{text}` contains a `%`: MicroSIP would decode the characters after it")
            }
            Problem::Character(character) => {
                write!(f, "`{text}` contains a `{}`", character.escape_debug())
            }
            Problem::Scheme(word) => {
                write!(f, "`{text}` begins with `{word}:`, which MicroSIP doesn't dial")
            }
            Problem::Address => write!(f, "`{text}` is neither a number nor an address"),
            Problem::Suffix => write!(f, "`{text}` can have only digits after the comma"),
            Problem::Digits => write!(f, "`{text}` can have only digits"),
            Problem::SuffixOfTransfer => {
                write!(f, "can't transfer to `{text}`: a transfer can't have digits after a comma")
            }
        }
    }
}

impl std::error::Error for NumberError {}

/// Splits off the scheme: a word before the first colon that can't be a host.
fn scheme(text: &str) -> Option<(&str, &str)> {
    let (word, rest) = text.split_once(':')?;
    let is_word = word.starts_with(|character: char| character.is_ascii_alphabetic())
        && word.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'+' | b'-'));
    is_word.then_some((word, rest))
}

/// Returns whether a text without a scheme is a number, or a user and a host.
fn is_address(text: &str) -> bool {
    let is_dialed = |character: char| character.is_ascii_alphanumeric() || "*#".contains(character);
    let parts: Vec<_> = text.split('@').collect();
    scheme(text).is_none()
        && parts.len() <= 2
        && parts.iter().all(|part| part.contains(is_dialed))
        && parts[0]
            .starts_with(|character: char| is_dialed(character) || "+([_~".contains(character))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn accepts(text: &str) {
        assert_eq!(text.parse::<Number>().unwrap().to_string(), text);
    }

    /// Checks that a text is refused with this message and hint.
    #[track_caller]
    fn refuses(text: &str, message: &str, hint: &str) {
        let error = text.parse::<Number>().unwrap_err();
        assert!(error.to_string().contains(message), "{error}");
        assert!(error.hint().contains(hint), "{}", error.hint());
    }

    #[test]
    fn numbers_and_addresses_are_accepted_unchanged() {
        for text in [
            "1001",
            "+4930123456",
            "*43",
            "#31#1001",
            "(030)123-456",
            "anna.b@pbx.example.com",
            "sip:1001@10.0.0.5:5060;transport=tls",
            "tel:+4930123456",
            "callto:1001",
            "sip:answer",
            "answer@pbx",
            "10.0.0.5:5060",
            "[2001::1]",
            "1001,42#A",
        ] {
            accepts(text);
        }
        assert_eq!("SIP:a@b".parse::<Number>().unwrap().to_string(), "sip:a@b");
    }

    #[test]
    fn numbers_with_side_effects_are_rejected() {
        refuses("", "is empty", "1001");
        refuses("1001 hello", "would send the text after it as a message", "without spaces");
        refuses("1001\thello", "message", "without spaces");
        refuses("1001\u{a0}x", "message", "without spaces");
        refuses("/exit", "doesn't send it as a command", "msipctl phone --help");
        refuses("/resetnoask", "doesn't send it as a command", "--help");
        refuses("/account:2", "doesn't send it as a command", "--help");
        refuses("answer", "which would dial it", "`msipctl phone answer`");
        refuses("HangUp", "which would dial it", "`msipctl phone hangup`");
        refuses("call", "which would dial it", "`msipctl phone dial NUMBER`");
        refuses("dnd", "which would dial it", "has no such command");
        refuses("1001%20hello", "contains a `%`", "`%2B`");
        refuses("sips:a@b", "begins with `sips:`", "TLS");
        refuses("msip:answer", "begins with `msip:`", "tel:");
        refuses("tel:msip:answer", "neither a number nor an address", "such as");
        refuses("dial:1001", "begins with `dial:`", "tel:");
        refuses("http://x", "neither a number nor an address", "such as");
        refuses("sip://a@b", "neither a number nor an address", "sip:user@domain");
        refuses("1001/account", "contains a `/`", "only letters");
        refuses("\"1001\"", "contains a `\\\"`", "only letters");
        refuses("1001\n", "message", "spaces");
        refuses("1001\0", r"contains a `\0`", "only letters");
        refuses("1001&calc", "contains a `&`", "only letters");
        refuses("j\u{fc}rgen", "contains a `\u{fc}`", "only letters");
        refuses("1001,", "after the comma", "A to D");
        refuses("1001,1,2", "after the comma", "A to D");
        refuses("1001,x", "after the comma", "A to D");
        refuses(",12", "neither a number", "such as");
        refuses("+", "neither a number", "such as");
        refuses("@pbx", "neither a number", "such as");
        refuses("a@b@c", "neither a number", "such as");
        refuses("sip:", "neither a number", "such as");
        refuses("-5", "neither a number", "such as");
        refuses(&"1".repeat(256), "256 bytes", "shorter");
    }

    #[test]
    fn dtmf_accepts_only_telephone_digits() {
        assert_eq!("12*#AD".parse::<Digits>().unwrap().to_string(), "12*#AD");
        for text in ["", "E", "a", "1 2", "1,2", "-1", "\u{661}", &"1".repeat(33)] {
            assert!(text.parse::<Digits>().is_err(), "{text}");
        }
    }

    #[test]
    fn transfer_target_excludes_scheme_and_dtmf_digits() {
        let check = |text: &str| text.parse::<Number>().unwrap().for_transfer();
        assert_eq!(check("tel:+49").unwrap(), "+49");
        assert_eq!(check("sip:a@b").unwrap(), "sip:a@b");
        assert!(check("1001,2").unwrap_err().to_string().contains("can't transfer to"));
    }
}
