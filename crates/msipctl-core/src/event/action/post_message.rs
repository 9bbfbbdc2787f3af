//! `PostMessage`: posts a window message without waiting for the response.

#[cfg(test)]
use proptest::prelude::*;

use super::definition::{Definition, EffectError, Fill};
use super::fields::Fields;
#[cfg(test)]
use super::samples::{message, text, window};
use crate::event::grammar::DirectiveError;
use crate::event::message::Message;
use crate::event::text::Text;

/// Posts a message to a window.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PostMessage {
    /// The window's title, or `class:NAME`.
    pub window: Text,
    /// The message.
    pub message: Message,
    /// The text to send.
    pub payload: Text,
}

impl Definition for PostMessage {
    const NAME: &str = "PostMessage";
    const SYNTAX: &str = "window, message, payload";

    fn parse(fields: &Fields<'_>) -> Result<Self, DirectiveError> {
        let (window, message, payload) = (fields.at(0)?, fields.at(1)?, fields.at(2)?);
        fields.no_more_than(3)?;
        let (window, message, payload) = (window.window()?, message.message()?, payload.text()?);
        Ok(Self { window, message, payload })
    }

    fn fields(&self) -> Vec<String> {
        vec![self.window.to_string(), self.message.to_string(), self.payload.to_string()]
    }

    fn describe(&self, call: &dyn Fill) -> Result<String, EffectError> {
        let (window, payload) = (call.plain(&self.window), call.exact(&self.payload));
        Ok(format!("posts {} with `{payload}` to the window `{window}`", self.message))
    }

    fn sent_as_is(&self) -> Vec<&Text> {
        vec![&self.payload]
    }

    fn message(&self) -> Option<&Message> {
        Some(&self.message)
    }

    #[cfg(test)]
    fn samples() -> BoxedStrategy<String> {
        (window(), message(), text())
            .prop_map(|(window, message, text)| format!("PostMessage,{window},{message},{text}"))
            .boxed()
    }
}
