//! Parses the fields of a directive: checks their number and their content.

use crate::event::grammar::{DirectiveError, Field};
use crate::event::message::Message;
use crate::event::path::is_full;
use crate::event::text::{Placeholder, Text};

/// The fields of one action, without its name.
pub(in crate::event) struct Fields<'f> {
    name: &'f Field,
    rest: &'f [Field],
    syntax: &'static str,
}

impl<'f> Fields<'f> {
    /// Creates the fields after the name of the action. `syntax` describes the expected fields.
    pub(super) fn new(name: &'f Field, rest: &'f [Field], syntax: &'static str) -> Self {
        Self { name, rest, syntax }
    }

    /// Returns a required field.
    pub(super) fn at(&self, index: usize) -> Result<&'f Field, DirectiveError> {
        self.rest.get(index).ok_or_else(|| self.miscounted())
    }

    /// Returns an optional field.
    pub(super) fn get(&self, index: usize) -> Option<&'f Field> {
        self.rest.get(index)
    }

    /// Returns the fields from an index to the end.
    pub(super) fn from(&self, index: usize) -> &'f [Field] {
        self.rest.get(index..).unwrap_or_default()
    }

    /// Checks that there aren't too many fields.
    pub(super) fn no_more_than(&self, max: usize) -> Result<(), DirectiveError> {
        if self.rest.len() > max { Err(self.miscounted()) } else { Ok(()) }
    }

    fn miscounted(&self) -> DirectiveError {
        let (name, count, syntax) = (self.name.text.as_str(), self.rest.len(), self.syntax);
        self.name.error(format!(
            "invalid number of fields for `{name}`: found {count}, expected {syntax}"
        ))
    }
}

impl Field {
    pub(super) fn error(&self, what: impl Into<String>) -> DirectiveError {
        DirectiveError::new(self.column, what)
    }

    pub(super) fn text(&self) -> Result<Text, DirectiveError> {
        Text::parse(&self.text).map_err(|error| {
            let column = self.column + self.text[..error.offset].chars().count();
            DirectiveError::new(column, error.to_string())
        })
    }

    pub(super) fn window(&self) -> Result<Text, DirectiveError> {
        if self.text.strip_prefix("class:").unwrap_or(&self.text).is_empty() {
            return Err(self.error("missing window: expected a title or `class:NAME`"));
        }
        self.local("a window name")
    }

    /// Parses a text that names something on this PC. It can't contain the caller ID, which comes from the network.
    pub(super) fn local(&self, what: &str) -> Result<Text, DirectiveError> {
        let text = self.text()?;
        let allowed = |placeholder| {
            matches!(placeholder, Placeholder::Event | Placeholder::User | Placeholder::Host)
        };
        if text.placeholders().all(allowed) {
            return Ok(text);
        }
        let expected = "expected only %event%, %user%, or %host%";
        Err(self.error(format!("invalid placeholder in {what}: {expected}")))
    }

    /// Checks that a text that begins with `start` is a full path.
    pub(super) fn full_path(&self, start: &str, example: &str) -> Result<(), DirectiveError> {
        // Paths of other systems are allowed to try directives there.
        if is_full(start) || cfg!(not(windows)) && start.starts_with('/') {
            return Ok(());
        }
        let what = format!(
            "invalid path `{}`: expected a full path such as C:\\calls\\{example}",
            self.text
        );
        Err(self.error(what))
    }

    pub(super) fn message(&self) -> Result<Message, DirectiveError> {
        Message::parse(&self.text).map_err(|error| self.error(error.to_string()))
    }

    pub(super) fn number(&self, what: &str, max: u32) -> Result<u32, DirectiveError> {
        let digits = self.text.bytes().all(|byte| byte.is_ascii_digit());
        let number = self.text.parse().ok().filter(|number| digits && *number <= max);
        number.ok_or_else(|| {
            self.error(format!(
                "invalid {what} `{}`: expected a whole number up to {max}",
                self.text
            ))
        })
    }

    /// Parses a URL with a fixed scheme and host.
    pub(super) fn url(&self, schemes: &[&str]) -> Result<Text, DirectiveError> {
        let url = self.text()?;
        let start = url.start();
        let is_known = schemes.is_empty()
            || schemes.iter().any(|scheme| {
                start.len() > scheme.len()
                    && start.is_char_boundary(scheme.len())
                    && start[..scheme.len()].eq_ignore_ascii_case(scheme)
            });
        let expected = "expected http:// or https:// and a host";
        if !is_known {
            return Err(self.error(format!("invalid URL `{}`: {expected}", self.text)));
        }
        let host = start.split_once("://").map_or("", |(_, host)| host);
        let fixed = host.contains('/') || url.literal().is_some();
        if !schemes.is_empty() && (host.starts_with('/') || !fixed) {
            return Err(
                self.error(format!("invalid URL `{}`: {expected} without placeholders", self.text))
            );
        }
        Ok(url)
    }
}
