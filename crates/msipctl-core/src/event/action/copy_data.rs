//! `CopyData`: sends WM_COPYDATA and waits for the response.

#[cfg(test)]
use proptest::prelude::*;

use super::definition::{Definition, EffectError, Fill};
use super::fields::Fields;
#[cfg(test)]
use super::samples::{text, window};
use crate::event::grammar::DirectiveError;
use crate::event::text::Text;

/// Sends WM_COPYDATA to a window.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CopyData {
    /// The window's title, or `class:NAME`.
    pub window: Text,
    /// The number by which the receiver distinguishes messages.
    pub id: u32,
    /// The text to send.
    pub text: Text,
}

impl Definition for CopyData {
    const NAME: &str = "CopyData";
    const SYNTAX: &str = "window, id, text";

    fn parse(fields: &Fields<'_>) -> Result<Self, DirectiveError> {
        let (window, id, text) = (fields.at(0)?, fields.at(1)?, fields.at(2)?);
        fields.no_more_than(3)?;
        let (window, id, text) = (window.window()?, id.number("id", u32::MAX)?, text.text()?);
        Ok(Self { window, id, text })
    }

    fn fields(&self) -> Vec<String> {
        vec![self.window.to_string(), self.id.to_string(), self.text.to_string()]
    }

    fn describe(&self, call: &dyn Fill) -> Result<String, EffectError> {
        let (window, text) = (call.plain(&self.window), call.exact(&self.text));
        Ok(format!("sends WM_COPYDATA {} with `{text}` to the window `{window}`", self.id))
    }

    fn sent_as_is(&self) -> Vec<&Text> {
        vec![&self.text]
    }

    #[cfg(test)]
    fn samples() -> BoxedStrategy<String> {
        (window(), any::<u32>(), text())
            .prop_map(|(window, id, text)| format!("CopyData,{window},{id},{text}"))
            .boxed()
    }
}
