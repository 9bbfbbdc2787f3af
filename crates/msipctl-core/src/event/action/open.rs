//! `Open`: opens a URL in the browser.

#[cfg(test)]
use proptest::prelude::*;

use super::definition::{Definition, EffectError, Fill};
use super::fields::Fields;
use crate::event::grammar::DirectiveError;
#[cfg(test)]
use crate::event::grammar::field;
use crate::event::text::Text;

/// Schemes with which a URL is a program or the path of a program.
const NEVER_OPENED: [&str; 6] = ["file", "javascript", "vbscript", "data", "shell", "search-ms"];

/// Opens a URL in the browser.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Open {
    /// The URL. Values are URL-encoded.
    pub url: Text,
}

impl Open {
    /// Returns the scheme of the URL in lowercase if it requires permission, which all schemes except http and https do.
    pub fn scheme_to_permit(&self) -> Option<String> {
        let scheme = self.url.start().split(':').next().unwrap_or_default().to_ascii_lowercase();
        (!matches!(scheme.as_str(), "http" | "https")).then_some(scheme)
    }
}

impl Definition for Open {
    const NAME: &str = "Open";
    const SYNTAX: &str = "URL";

    fn parse(fields: &Fields<'_>) -> Result<Self, DirectiveError> {
        let field = fields.at(0)?;
        fields.no_more_than(1)?;
        let scheme = field.text.split_once(':').map_or("", |(scheme, _)| scheme);
        // A single letter is a drive.
        let is_scheme = scheme.len() > 1
            && scheme.starts_with(|first: char| first.is_ascii_alphabetic())
            && scheme.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"+-.".contains(&byte));
        if !is_scheme {
            let what =
                format!("missing scheme in `{}`: expected a URL such as https://...", field.text);
            return Err(field.error(what));
        }
        if NEVER_OPENED.iter().any(|never| scheme.eq_ignore_ascii_case(never)) {
            let what = format!(
                "can't open `{}`: a URL with this scheme can run a program or a script",
                field.text
            );
            return Err(field.error(what));
        }
        let is_web = ["http", "https"].iter().any(|web| scheme.eq_ignore_ascii_case(web));
        let url = field.url(if is_web { &["http://", "https://"] } else { &[] })?;
        Ok(Self { url })
    }

    fn fields(&self) -> Vec<String> {
        vec![self.url.to_string()]
    }

    fn describe(&self, call: &dyn Fill) -> Result<String, EffectError> {
        Ok(format!("opens `{}`", call.address(&self.url)?))
    }

    #[cfg(test)]
    fn samples() -> BoxedStrategy<String> {
        "[a-z ,]{0,3}%number%"
            .prop_map(|path| format!("Open,{}", field(&format!("https://h/{path}"))))
            .boxed()
    }
}
