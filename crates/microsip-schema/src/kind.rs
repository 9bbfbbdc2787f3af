//! The kinds of values, and how each MicroSIP version reads them.

use super::version::Version;

/// The kind of a key's value.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// An on/off setting. How MicroSIP reads values other than 0 and 1 depends on the key.
    Switch(Switch),
    /// An integer in a range.
    Number {
        /// The minimum.
        min: i64,
        /// The maximum.
        max: i64,
    },
    /// One of several allowed values, compared exactly, including case.
    Choice(&'static [Choice]),
    /// Audio codecs as `name/rate/channels`, separated by single spaces.
    Codecs,
    /// Ports from 1 to 65535, separated by commas.
    Ports,
    /// A list whose format depends on the key.
    List,
    /// Any text.
    Text,
    /// The path of a file or folder.
    Path,
    /// A command to run.
    Command,
    /// A password.
    Secret,
    /// An entry of a numbered list, with fields separated by semicolons.
    Record,
}

/// The way MicroSIP reads a switch.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Switch {
    /// On if the value starts with a number other than 0.
    NonZero,
    /// On if the value is exactly `1`.
    ExactlyOne,
    /// On unless the value is exactly `0`.
    NotZero,
}

/// An allowed value of a [`Kind::Choice`], and the versions that support it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Choice {
    pub(super) text: &'static str,
    pub(super) since: Option<Version>,
    pub(super) until: Option<Version>,
}

/// An error for a value that MicroSIP would read as a different one.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("invalid value{}: expected {expected}", self.shown_value())]
pub struct ValueError {
    /// The value, unless it is secret.
    value: Option<String>,
    expected: String,
}

impl ValueError {
    /// Returns a description of the values that are allowed, such as `an integer from 0 to 100`.
    pub fn expected(&self) -> &str {
        &self.expected
    }

    /// Removes the value from the message, because it is a secret.
    pub(super) fn without_value(self) -> Self {
        Self { value: None, ..self }
    }

    /// Returns the value as a message names it, with a space before it. Empty for a secret.
    pub(super) fn shown_value(&self) -> String {
        self.value.as_ref().map(|value| format!(" `{value}`")).unwrap_or_default()
    }
}

impl Switch {
    /// Returns a description of the values that turn the switch on and off.
    pub fn reads(self) -> &'static str {
        match self {
            Self::NonZero => "on if the value starts with a number other than 0, otherwise off",
            Self::ExactlyOne => "on if the value is exactly 1, otherwise off",
            Self::NotZero => "off if the value is exactly 0, otherwise on",
        }
    }

    /// Returns whether a value turns the switch on.
    pub(super) fn is_on(self, value: &str) -> bool {
        match self {
            Self::NonZero => leading_number(value).0.unwrap_or_default() != 0,
            Self::ExactlyOne => value == "1",
            Self::NotZero => value != "0",
        }
    }
}

impl Choice {
    /// Returns the value as it is written in the file. It can be empty.
    pub fn text(&self) -> &'static str {
        self.text
    }

    /// Returns the first version that supports the value, or `None` if all versions with the key do.
    pub fn since(&self) -> Option<Version> {
        self.since
    }

    /// Returns the last version that supports the value, or `None` if it wasn't removed.
    pub fn until(&self) -> Option<Version> {
        self.until
    }

    /// Returns the value as messages show it, in code font.
    fn shown(&self) -> String {
        match self.text {
            "" => "`\"\"` (empty)".to_owned(),
            text => format!("`{text}`"),
        }
    }

    /// Returns whether a version supports the value.
    pub fn is_known(&self, version: Version) -> bool {
        self.since.is_none_or(|since| since <= version)
            && self.until.is_none_or(|until| version <= until)
    }
}

impl Kind {
    /// Returns the name of the kind, as `msipctl explain` shows it.
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

    /// Returns a description of the allowed values in all versions.
    ///
    /// # Example
    ///
    /// ```
    /// use microsip_schema::find;
    ///
    /// let allowed = |key| find("Settings", key).unwrap().kind().allowed();
    /// assert_eq!(allowed("volumeRing"), "an integer from 0 to 100");
    /// assert!(allowed("denyIncoming").ends_with(", `address` (up to 3.20.5), or `rdomain` (up to 3.20.5)"));
    /// ```
    pub fn allowed(self) -> String {
        match self {
            Self::Switch(_) => SWITCH.to_owned(),
            Self::Number { min, max } => number_range(min, max),
            Self::Choice(choices) => {
                let shown = |choice: &Choice| {
                    let value = choice.shown();
                    match (choice.since, choice.until) {
                        (None, None) => value,
                        (Some(since), None) => format!("{value} (since {since})"),
                        (None, Some(until)) => format!("{value} (up to {until})"),
                        (Some(since), Some(until)) => format!("{value} ({since} to {until})"),
                    }
                };
                one_of(&choices.iter().map(shown).collect::<Vec<_>>())
            }
            Self::Codecs => CODECS.to_owned(),
            Self::Ports => PORTS.to_owned(),
            Self::List => "a list, in a format specific to this key".to_owned(),
            Self::Text | Self::Secret => "any text".to_owned(),
            Self::Path => "the path of a file or folder".to_owned(),
            Self::Command => "a command to run".to_owned(),
            Self::Record => "fields separated by semicolons".to_owned(),
        }
    }

    /// Checks that a version reads a value as it was intended.
    pub(super) fn check(self, value: &str, version: Version) -> Result<(), ValueError> {
        let invalid =
            |expected: String| Err(ValueError { value: Some(value.to_owned()), expected });
        match self {
            Self::Switch(_) if value != "0" && value != "1" => invalid(SWITCH.to_owned()),
            Self::Number { min, max } if !is_number(value, min, max) => {
                invalid(number_range(min, max))
            }
            Self::Choice(choices) => {
                let known: Vec<_> =
                    choices.iter().filter(|choice| choice.is_known(version)).collect();
                if known.iter().any(|choice| choice.text == value) {
                    return Ok(());
                }
                invalid(one_of(&known.iter().map(|choice| choice.shown()).collect::<Vec<_>>()))
            }
            Self::Codecs
                if !value.is_empty() && !value.split(' ').all(|id| codec_name(id).is_some()) =>
            {
                invalid(CODECS.to_owned())
            }
            Self::Ports if !value.is_empty() && !value.split(',').all(is_port) => {
                invalid(PORTS.to_owned())
            }
            _ => Ok(()),
        }
    }
}

const SWITCH: &str = "`0` or `1`";
const CODECS: &str =
    "`name/rate/channels` separated by single spaces, such as `PCMA/8000/1 PCMU/8000/1`";
const PORTS: &str = "integers from 1 to 65535, separated by commas";

fn number_range(min: i64, max: i64) -> String {
    match max {
        _ if min == i64::from(i32::MIN) => "an integer".to_owned(),
        _ if max >= i64::from(i32::MAX) => format!("an integer, at least {min}"),
        max => format!("an integer from {min} to {max}"),
    }
}

/// Joins values as `one, two, or three`.
fn one_of(values: &[String]) -> String {
    match values {
        [] => String::new(),
        [only] => only.clone(),
        [one, other] => format!("{one} or {other}"),
        [others @ .., last] => format!("{}, or {last}", others.join(", ")),
    }
}

/// Returns the number that a value starts with, as MicroSIP reads it, and the rest of the value, which MicroSIP ignores.
///
/// Without digits, there's no number, and MicroSIP reads 0.
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
    // A number that is too large for the type still isn't 0.
    let number: i64 = digits[..end].parse().unwrap_or(i64::MAX);
    (Some(sign * number), &digits[end..])
}

fn is_number(value: &str, min: i64, max: i64) -> bool {
    let digits = value.strip_prefix('-').unwrap_or(value);
    let is_plain = !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit());
    is_plain && value.parse().is_ok_and(|number: i64| (min..=max).contains(&number))
}

/// Returns the codec name in an ID such as `opus/48000/2`, or `None` if the ID is incomplete.
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
