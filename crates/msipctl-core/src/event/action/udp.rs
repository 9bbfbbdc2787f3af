//! `Udp`: sends one datagram.

#[cfg(test)]
use proptest::prelude::*;

use super::definition::{Definition, EffectError, Fill};
use super::fields::Fields;
#[cfg(test)]
use super::samples::text;
use crate::event::grammar::DirectiveError;
use crate::event::text::Text;

/// Sends a datagram.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Udp {
    /// The host and port.
    pub address: String,
    /// The text.
    pub text: Text,
}

impl Definition for Udp {
    const NAME: &str = "Udp";
    const SYNTAX: &str = "host:port, text";

    fn parse(fields: &Fields<'_>) -> Result<Self, DirectiveError> {
        let (address, text) = (fields.at(0)?, fields.at(1)?);
        fields.no_more_than(2)?;
        let parts = address.text.rsplit_once(':');
        let is_address = parts.is_some_and(|(host, port)| {
            let is_host = !host.is_empty() && !host.contains(['%', ' ', '/']);
            let digits = port.bytes().all(|byte| byte.is_ascii_digit());
            is_host && digits && port.parse::<u16>().is_ok_and(|port| port > 0)
        });
        if !is_address {
            let what = format!("invalid address `{}`: expected host:port", address.text);
            return Err(address.error(what));
        }
        Ok(Self { address: address.text.clone(), text: text.text()? })
    }

    fn fields(&self) -> Vec<String> {
        vec![self.address.clone(), self.text.to_string()]
    }

    fn describe(&self, call: &dyn Fill) -> Result<String, EffectError> {
        Ok(format!("sends `{}` to {} by UDP", call.plain(&self.text), self.address))
    }

    fn sent_as_is(&self) -> Vec<&Text> {
        vec![&self.text]
    }

    #[cfg(test)]
    fn samples() -> BoxedStrategy<String> {
        (1..u16::MAX, text())
            .prop_map(|(port, text)| format!("Udp,localhost:{port},{text}"))
            .boxed()
    }
}
