//! What a key's value is, and how a version takes a text for it.

use super::version::Version;

/// What a value is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// On or off; how other texts than 0 and 1 read depends on the key.
    Switch(Switch),
    /// A whole number in a range.
    Number {
        /// The least.
        min: i64,
        /// The most.
        max: i64,
    },
    /// One of some words, compared letter by letter.
    Choice(&'static [Choice]),
    /// Audio codecs as `name/rate/channels`, with one space between.
    Codecs,
    /// Ports from 1 to 65535, with commas between.
    Ports,
    /// Several things of a form of their own.
    List,
    /// Any text.
    Text,
    /// The path of a file or folder.
    Path,
    /// A command to start.
    Command,
    /// A password.
    Secret,
    /// One entry of a numbered list, fields with semicolons between.
    Record,
}

/// How a switch is read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Switch {
    /// On if it begins with a number other than 0.
    NonZero,
    /// On if it is exactly `1`.
    ExactlyOne,
    /// On unless it is exactly `0`.
    NotZero,
}

/// One of the words of a choice, and the versions that know it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Choice {
    pub(super) text: &'static str,
    pub(super) since: Option<Version>,
    pub(super) until: Option<Version>,
}

/// A value that MicroSIP would take for another one.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{found}, expected {expected}")]
pub struct ValueError {
    found: String,
    expected: String,
}

impl ValueError {
    /// Returns what would be right.
    pub fn expected(&self) -> &str {
        &self.expected
    }

    /// Leaves the value out, as it is a secret.
    pub(super) fn without_value(self) -> Self {
        Self { found: "the value does not fit this key".to_owned(), ..self }
    }
}

impl Switch {
    /// Says which texts are on and which are off.
    pub fn reads(self) -> &'static str {
        match self {
            Self::NonZero => "on if it begins with a number other than 0, else off",
            Self::ExactlyOne => "on if it is exactly 1, else off",
            Self::NotZero => "off if it is exactly 0, else on",
        }
    }

    /// Says how a text is read.
    pub(super) fn is_on(self, value: &str) -> bool {
        match self {
            Self::NonZero => leading_number(value).0.unwrap_or_default() != 0,
            Self::ExactlyOne => value == "1",
            Self::NotZero => value != "0",
        }
    }
}

impl Choice {
    /// Returns the word.
    pub fn text(&self) -> &'static str {
        self.text
    }

    /// Returns the first version that knows it, if not all have.
    pub fn since(&self) -> Option<Version> {
        self.since
    }

    /// Returns the last version that knows it, if it is gone.
    pub fn until(&self) -> Option<Version> {
        self.until
    }

    /// Says whether a version knows it.
    pub fn is_known(&self, version: Version) -> bool {
        self.since.is_none_or(|since| since <= version)
            && self.until.is_none_or(|until| version <= until)
    }
}

impl Kind {
    /// Returns its name.
    pub fn name(self) -> &'static str {
        match self {
            Self::Switch(_) => "switch",
            Self::Number { .. } => "number",
            Self::Choice(_) => "choice",
            Self::Codecs => "codecs",
            Self::Ports => "ports",
            Self::List => "list",
            Self::Text => "text",
            Self::Path => "path",
            Self::Command => "command",
            Self::Secret => "secret",
            Self::Record => "record",
        }
    }

    /// Says which values are meant to be given, in all versions.
    ///
    /// # Example
    ///
    /// ```
    /// use microsip_schema::find;
    ///
    /// let allowed = |key| find("Settings", key).unwrap().kind().allowed();
    /// assert_eq!(allowed("volumeRing"), "a whole number from 0 to 100");
    /// assert!(allowed("denyIncoming").ends_with(", address (up to 3.20.5) or rdomain (up to 3.20.5)"));
    /// ```
    pub fn allowed(self) -> String {
        match self {
            Self::Switch(_) => SWITCH.to_owned(),
            Self::Number { min, max } => number_range(min, max),
            Self::Choice(choices) => {
                let shown = |choice: &Choice| {
                    let word = if choice.text.is_empty() { "nothing" } else { choice.text };
                    match (choice.since, choice.until) {
                        (None, None) => word.to_owned(),
                        (Some(since), None) => format!("{word} (from {since} on)"),
                        (None, Some(until)) => format!("{word} (up to {until})"),
                        (Some(since), Some(until)) => format!("{word} ({since} to {until})"),
                    }
                };
                one_of(&choices.iter().map(shown).collect::<Vec<_>>())
            }
            Self::Codecs => CODECS.to_owned(),
            Self::Ports => PORTS.to_owned(),
            Self::List => "a list of a form of its own".to_owned(),
            Self::Text | Self::Secret => "any text".to_owned(),
            Self::Path => "the path of a file or folder".to_owned(),
            Self::Command => "a command to start".to_owned(),
            Self::Record => "fields with semicolons between".to_owned(),
        }
    }

    /// Checks that a text is one that a version takes as it is meant.
    pub(super) fn check(self, value: &str, version: Version) -> Result<(), ValueError> {
        let fault = |what: &str, expected: String| {
            Err(ValueError { found: format!("`{value}` is no {what}"), expected })
        };
        match self {
            Self::Switch(_) if value != "0" && value != "1" => fault("switch", SWITCH.to_owned()),
            Self::Number { min, max } if !is_number(value, min, max) => {
                fault("number of this key", number_range(min, max))
            }
            Self::Choice(choices) => {
                let known: Vec<_> =
                    choices.iter().filter(|choice| choice.is_known(version)).collect();
                if known.iter().any(|choice| choice.text == value) {
                    return Ok(());
                }
                let words: Vec<_> = known
                    .iter()
                    .map(|choice| if choice.text.is_empty() { "nothing" } else { choice.text })
                    .collect();
                fault("value of this key", one_of(&words))
            }
            Self::Codecs
                if !value.is_empty() && !value.split(' ').all(|id| codec_name(id).is_some()) =>
            {
                fault("list of codecs", CODECS.to_owned())
            }
            Self::Ports if !value.is_empty() && !value.split(',').all(is_port) => {
                fault("list of ports", PORTS.to_owned())
            }
            _ => Ok(()),
        }
    }
}

const SWITCH: &str = "0 or 1";
const CODECS: &str = "name/rate/channels with one space between, such as `PCMA/8000/1 PCMU/8000/1`";
const PORTS: &str = "numbers from 1 to 65535 with commas between";

fn number_range(min: i64, max: i64) -> String {
    match max {
        _ if min == i64::from(i32::MIN) => "a whole number".to_owned(),
        _ if max >= i64::from(i32::MAX) => format!("a whole number from {min} on"),
        max => format!("a whole number from {min} to {max}"),
    }
}

/// Lists words as `one, two or three`.
fn one_of<T: AsRef<str>>(words: &[T]) -> String {
    match words {
        [] => "nothing".to_owned(),
        [only] => only.as_ref().to_owned(),
        [others @ .., last] => {
            let others: Vec<_> = others.iter().map(AsRef::as_ref).collect();
            format!("{} or {}", others.join(", "), last.as_ref())
        }
    }
}

/// Reads a number as MicroSIP does: the digits at the beginning count, and the rest, which comes second, is ignored.
/// Without digits there is no number, and MicroSIP reads 0.
///
/// # Example
///
/// ```
/// use microsip_schema::leading_number;
///
/// assert_eq!(leading_number("30s"), (Some(30), "s"));
/// assert_eq!(leading_number("-1"), (Some(-1), ""));
/// assert_eq!(leading_number("never"), (None, "never"));
/// ```
pub fn leading_number(value: &str) -> (Option<i64>, &str) {
    let value = value.trim_start();
    let (sign, digits) = match value.strip_prefix('-') {
        Some(digits) => (-1, digits),
        None => (1, value.strip_prefix('+').unwrap_or(value)),
    };
    let end = digits.find(|character: char| !character.is_ascii_digit()).unwrap_or(digits.len());
    if end == 0 {
        return (None, value);
    }
    // A number too long for the type is at least not 0.
    let number: i64 = digits[..end].parse().unwrap_or(i64::MAX);
    (Some(sign * number), &digits[end..])
}

fn is_number(value: &str, min: i64, max: i64) -> bool {
    let digits = value.strip_prefix('-').unwrap_or(value);
    let is_plain = !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit());
    is_plain && value.parse().is_ok_and(|number: i64| (min..=max).contains(&number))
}

/// Returns the name of a codec of an id such as `opus/48000/2`, if the id is complete.
pub fn codec_name(id: &str) -> Option<&str> {
    let digits = |part: &str| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_digit());
    match id.split('/').collect::<Vec<_>>().as_slice() {
        [name, rate, channels] if !name.is_empty() && digits(rate) && digits(channels) => {
            Some(name)
        }
        _ => None,
    }
}

fn is_port(port: &str) -> bool {
    is_number(port.trim(), 1, 65_535)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn switch_kinds_read_nonstandard_values_differently() {
        let read = |value: &str| {
            [Switch::NonZero, Switch::ExactlyOne, Switch::NotZero].map(|it| it.is_on(value))
        };
        assert_eq!(read("1"), [true, true, true]);
        assert_eq!(read("0"), [false, false, false]);
        assert_eq!(read("true"), [false, false, true]);
        assert_eq!(read("2x"), [true, false, true]);
        assert_eq!(read("01"), [true, false, true]);
        assert_eq!(read("-1"), [true, false, true]);
        assert_eq!(read(""), [false, false, true]);
        assert_eq!(read("99999999999999999999"), [true, false, true]);
    }

    #[test]
    fn list_values_are_validated_per_item() {
        let check = |kind: Kind, value: &str| kind.check(value, Version::NEWEST).is_ok();
        assert!(check(Kind::Codecs, "opus/48000/2 PCMA/8000/1"));
        assert!(!check(Kind::Codecs, "opus/48000/2  PCMA/8000/1"));
        assert!(!check(Kind::Codecs, "opus"));
        assert!(check(Kind::Ports, "1,65535"));
        assert!(!check(Kind::Ports, "0"));
        assert!(!check(Kind::Number { min: 0, max: 9 }, "+1"));
        assert!(!check(Kind::Number { min: 0, max: 9 }, ""));
    }
}
