//! Why a hook does not do what it says, or does more: a diagnostic whose location is a part of the event's hooks.

use super::installed::SETTINGS;
use crate::diagnostic::{Code, Diagnostic, Message};

/// Something wrong with the hooks of an event.
pub type Hazard = Diagnostic<Part>;

/// A part of the hooks of an event: its command, or a directive.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Part {
    directive: Option<String>,
    column: Option<usize>,
}

impl Part {
    /// The command as a whole.
    pub const COMMAND: Self = Self { directive: None, column: None };

    /// Makes the part that is the directive of a key.
    pub(super) fn directive_of(key: &str) -> Self {
        Self { directive: Some(key.to_owned()), column: None }
    }

    /// Makes the part that begins at a column of it.
    pub(super) fn at_column(self, column: usize) -> Self {
        Self { column: Some(column), ..self }
    }

    /// Returns the key of the directive; `None` if it is the command.
    pub fn directive(&self) -> Option<&str> {
        self.directive.as_deref()
    }

    /// Returns the column in the value, in characters from 1; `None` if the value as a whole is meant.
    pub fn column(&self) -> Option<usize> {
        self.column
    }
}

/// Makes a hazard whose message shows no secret.
pub(super) fn hazard(code: Code, part: Part, message: Message) -> Hazard {
    let message = message.map_values(|value| microsip_schema::mask(SETTINGS, "", value));
    Hazard::new(code, message, part)
}
