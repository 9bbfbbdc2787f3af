//! `Http`: sends one request.

#[cfg(test)]
use proptest::prelude::*;

use super::definition::{Definition, EffectError, Fill};
use super::fields::Fields;
#[cfg(test)]
use super::samples::text;
use crate::event::body::{BodyKind, xml_filled};
use crate::event::grammar::{DirectiveError, Field};
use crate::event::text::Text;

const METHODS: [&str; 6] = ["GET", "POST", "PUT", "PATCH", "DELETE", "HEAD"];

/// The methods that support a body.
const BODIED: [&str; 3] = ["POST", "PUT", "PATCH"];

/// Sends an HTTP request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Http {
    /// The method.
    pub method: String,
    /// The URL. Values are URL-encoded.
    pub url: Text,
    /// The body. If `None`, the body is JSON about the event.
    pub body: Option<Text>,
}

impl Definition for Http {
    const NAME: &str = "Http";
    const SYNTAX: &str = "method, URL[, body]";

    fn parse(fields: &Fields<'_>) -> Result<Self, DirectiveError> {
        let (method, url) = (fields.at(0)?, fields.at(1)?);
        fields.no_more_than(3)?;
        if !METHODS.contains(&method.text.as_str()) {
            let known = METHODS.join(", ");
            return Err(
                method.error(format!("unknown method `{}`: expected one of {known}", method.text))
            );
        }
        if let Some(body) = fields.get(2)
            && !BODIED.contains(&method.text.as_str())
        {
            let known = BODIED.join(", ");
            return Err(body.error(format!(
                "unexpected body for {}: only {known} requests have one",
                method.text
            )));
        }
        let body = fields.get(2).map(Field::text).transpose()?;
        if let (Some(field), Some(text)) = (fields.get(2), &body)
            && BodyKind::of(text) == BodyKind::Xml
        {
            xml_filled(text, |_| String::new()).map_err(|what| field.error(what))?;
        }
        let url = url.url(&["http://", "https://"])?;
        Ok(Self { method: method.text.clone(), url, body })
    }

    fn fields(&self) -> Vec<String> {
        let fields = [self.method.clone(), self.url.to_string()];
        fields.into_iter().chain(self.body.iter().map(ToString::to_string)).collect()
    }

    fn describe(&self, call: &dyn Fill) -> Result<String, EffectError> {
        Ok(format!("requests {} `{}`", self.method, call.address(&self.url)?))
    }

    /// Excludes a body that is an XML document, because msipctl escapes its values.
    fn sent_as_is(&self) -> Vec<&Text> {
        self.body.iter().filter(|body| BodyKind::of(body) != BodyKind::Xml).collect()
    }

    #[cfg(test)]
    fn samples() -> BoxedStrategy<String> {
        text().prop_map(|body| format!("Http,POST,http://localhost:80/,{body}")).boxed()
    }
}
