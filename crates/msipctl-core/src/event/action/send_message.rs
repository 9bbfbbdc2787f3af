//! `SendMessage`: sends a window message and waits for the response.

#[cfg(test)]
use proptest::prelude::*;

use super::definition::{Definition, EffectError, Fill};
use super::fields::Fields;
#[cfg(test)]
use super::samples::{message, text, window};
use crate::event::grammar::DirectiveError;
use crate::event::message::Message;
use crate::event::text::Text;

/// Sends a message to a window and waits for the response. Times are in milliseconds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SendMessage {
    /// The window's title, or `class:NAME`.
    pub window: Text,
    /// The message.
    pub message: Message,
    /// The text to send.
    pub payload: Text,
    /// The maximum time to wait, from 1 to 10000.
    pub timeout_ms: Option<u32>,
}

impl Definition for SendMessage {
    const NAME: &str = "SendMessage";
    const SYNTAX: &str = "window, message, payload[, timeout_ms]";

    fn parse(fields: &Fields<'_>) -> Result<Self, DirectiveError> {
        let (window, message, payload) = (fields.at(0)?, fields.at(1)?, fields.at(2)?);
        let timeout_ms = match fields.get(3) {
            Some(field) => match field.number("timeout", 10_000)? {
                0 => return Err(field.error("invalid timeout `0`: expected 1 to 10000")),
                timeout => Some(timeout),
            },
            None => None,
        };
        fields.no_more_than(4)?;
        let (window, message, payload) = (window.window()?, message.message()?, payload.text()?);
        Ok(Self { window, message, payload, timeout_ms })
    }

    fn fields(&self) -> Vec<String> {
        let Self { window, message, payload, timeout_ms } = self;
        let fields = [window.to_string(), message.to_string(), payload.to_string()];
        fields.into_iter().chain(timeout_ms.map(|timeout| timeout.to_string())).collect()
    }

    fn describe(&self, call: &dyn Fill) -> Result<String, EffectError> {
        let (window, payload) = (call.plain(&self.window), call.exact(&self.payload));
        Ok(format!("sends {} with `{payload}` to the window `{window}`", self.message))
    }

    fn sent_as_is(&self) -> Vec<&Text> {
        vec![&self.payload]
    }

    fn message(&self) -> Option<&Message> {
        Some(&self.message)
    }

    #[cfg(test)]
    fn samples() -> BoxedStrategy<String> {
        (window(), message(), text(), prop::option::of(1..10_000u32))
            .prop_map(|(window, message, payload, timeout)| {
                let timeout = timeout.map(|timeout| format!(",{timeout}")).unwrap_or_default();
                format!("SendMessage,{window},{message},{payload}{timeout}")
            })
            .boxed()
    }
}
