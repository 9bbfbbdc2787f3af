//! What each action defines of itself.

#[cfg(test)]
use proptest::prelude::BoxedStrategy;

use super::fields::Fields;
use crate::event::grammar::DirectiveError;
use crate::event::message::Message;
use crate::event::payload::{clean, leads_elsewhere, url_encoded};
use crate::event::text::Text;

/// Why a directive does nothing on a call.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum EffectError {
    /// The directive can't be read.
    #[error(transparent)]
    Directive(#[from] DirectiveError),
    /// Programs read `.` and `..` as another path.
    #[error("nothing is sent because a part of the URL path contains only dots")]
    DotsInPath,
}

/// An action: its name, its fields, and what is known of it without doing it.
pub(super) trait Definition: Sized {
    /// How directives begin that have this action.
    const NAME: &str;

    /// The fields as docs/hook-reference.md and errors name them.
    const SYNTAX: &str;

    /// Reads the fields.
    fn parse(fields: &Fields<'_>) -> Result<Self, DirectiveError>;

    /// Returns the fields as texts, without the name.
    fn fields(&self) -> Vec<String>;

    /// Describes what it does on a call, or why it does nothing.
    fn describe(&self, call: &dyn Fill) -> Result<String, EffectError>;

    /// Returns the texts that go to a receiver without being escaped.
    fn sent_as_is(&self) -> Vec<&Text> {
        Vec::new()
    }

    /// Returns the window message that it sends.
    fn message(&self) -> Option<&Message> {
        None
    }

    /// Directives with odd but allowed fields.
    #[cfg(test)]
    fn samples() -> BoxedStrategy<String>;
}

/// A call whose values are put into texts.
pub(in crate::event) trait Fill {
    /// Fills in the values, each as `passed` returns it.
    fn filled(&self, text: &Text, passed: &dyn Fn(&str) -> String) -> String;
}

impl dyn Fill + '_ {
    /// Fills in the values as they are.
    pub(super) fn exact(&self, text: &Text) -> String {
        self.filled(text, &str::to_owned)
    }

    /// Fills in the values without characters that steer a terminal, a log, or the direction of text.
    pub(super) fn plain(&self, text: &Text) -> String {
        self.filled(text, &clean)
    }

    /// Fills in the values of an address, URL-encoded.
    pub(super) fn address(&self, text: &Text) -> Result<String, EffectError> {
        match self.filled(text, &|value| url_encoded(&clean(value))) {
            address if leads_elsewhere(&address) => Err(EffectError::DotsInPath),
            address => Ok(address),
        }
    }
}
