//! Hazards: diagnostics about hooks that don't do what they say, or do more. Their location is a part of the hooks of an
//! event.

use super::installed::SETTINGS;
use crate::diagnostic::{Code, Diagnostic, Message};

/// A problem with the hooks of an event.
pub type Hazard = Diagnostic<Part>;

/// A part of the hooks of an event: its command or a directive.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Part {
    directive: Option<String>,
    column: Option<usize>,
}

impl Part {
    /// The complete command.
    pub const COMMAND: Self = Self { directive: None, column: None };

    /// Creates the part for the directive of a key.
    pub(super) fn directive_of(key: &str) -> Self {
        Self { directive: Some(key.to_owned()), column: None }
    }

    /// Returns the part that begins at a column of this part.
    pub(super) fn at_column(self, column: usize) -> Self {
        Self { column: Some(column), ..self }
    }

    /// Returns the key of the directive, or `None` for the command.
    pub fn directive(&self) -> Option<&str> {
        self.directive.as_deref()
    }

    /// Returns the column in the value, in characters from 1, or `None` for the complete value.
    pub fn column(&self) -> Option<usize> {
        self.column
    }
}

/// Creates a hazard whose message has all secrets masked.
pub(super) fn hazard(code: Code, part: Part, message: Message) -> Hazard {
    let message = message.map_values(|value| microsip_schema::mask(SETTINGS, "", value));
    Hazard::new(code, message, part)
}
