//! The interface that each action implements.

#[cfg(test)]
use proptest::prelude::BoxedStrategy;

use super::fields::Fields;
use crate::event::grammar::DirectiveError;
use crate::event::message::Message;
use crate::event::payload::{clean, leads_elsewhere, url_encoded};
use crate::event::text::Text;

/// Why a directive has no effect on a call.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum EffectError {
    /// The directive is invalid.
    #[error(transparent)]
    Directive(#[from] DirectiveError),
    /// Programs interpret `.` and `..` as another path.
    #[error("nothing is sent because a part of the URL path contains only dots")]
    DotsInPath,
}

/// An action: its name, its fields, and its description.
pub(super) trait Definition: Sized {
    /// The name with which directives of this action begin.
    const NAME: &str;

    /// The fields, as docs/hook-reference.md and errors name them.
    const SYNTAX: &str;

    /// Parses the fields.
    fn parse(fields: &Fields<'_>) -> Result<Self, DirectiveError>;

    /// Returns the fields as text, without the name.
    fn fields(&self) -> Vec<String>;

    /// Describes the effect on a call, or returns why there is none.
    fn describe(&self, call: &dyn Fill) -> Result<String, EffectError>;

    /// Returns the texts that are sent to a receiver without escaping.
    fn sent_as_is(&self) -> Vec<&Text> {
        Vec::new()
    }

    /// Returns the window message that the action sends.
    fn message(&self) -> Option<&Message> {
        None
    }

    /// Generates directives with unusual but valid fields.
    #[cfg(test)]
    fn samples() -> BoxedStrategy<String>;
}

/// A call whose values replace the placeholders in texts.
pub(in crate::event) trait Fill {
    /// Replaces the placeholders with values, each as `passed` returns it.
    fn filled(&self, text: &Text, passed: &dyn Fn(&str) -> String) -> String;
}

impl dyn Fill + '_ {
    /// Replaces the placeholders with the unchanged values.
    pub(super) fn exact(&self, text: &Text) -> String {
        self.filled(text, &str::to_owned)
    }

    /// Replaces the placeholders with values without characters that control a terminal, a log, or the direction of text.
    pub(super) fn plain(&self, text: &Text) -> String {
        self.filled(text, &clean)
    }

    /// Replaces the placeholders of a URL with URL-encoded values.
    pub(super) fn address(&self, text: &Text) -> Result<String, EffectError> {
        match self.filled(text, &|value| url_encoded(&clean(value))) {
            address if leads_elsewhere(&address) => Err(EffectError::DotsInPath),
            address => Ok(address),
        }
    }
}
