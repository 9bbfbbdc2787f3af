//! A directive: an action and its fields in one text.

use std::fmt;

use super::action::Action;
use super::grammar::{DirectiveError, column, field, fields};
use super::message::Message;

/// What msipctl does on an event, such as `SendMessage,MyAppWindow,WM_USER+100,%number%`.
///
/// # Example
///
/// ```
/// use msipctl_core::event::{Action, Directive};
///
/// let text = "SendMessage,MyAppWindow,WM_USER+100,%number%";
/// let directive = Directive::parse(text)?;
/// assert!(matches!(directive.action(), Action::SendMessage(_)));
/// assert_eq!(directive.to_string(), text);
///
/// let error = Directive::parse("SendMesage,x").unwrap_err();
/// assert_eq!(error.to_string(), "column 1: unknown action `SendMesage`; did you mean `SendMessage`?");
/// # Ok::<(), msipctl_core::event::DirectiveError>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Directive {
    action: Action,
}

impl Directive {
    /// Parses a directive.
    ///
    /// # Errors
    ///
    /// [`DirectiveError`] describes the problem and its column.
    pub fn parse(text: &str) -> Result<Self, DirectiveError> {
        if let Some(offset) = text.find(['\r', '\n', '\0']) {
            let what = "unexpected line break or NUL character: expected one line";
            return Err(DirectiveError::new(column(text, offset), what));
        }
        let fields = fields(text)?;
        Ok(Self { action: Action::parse(&fields)? })
    }

    /// Returns the action.
    pub fn action(&self) -> &Action {
        &self.action
    }

    /// Returns the message that the directive sends if Windows defines it, so that it requires permission.
    pub fn system_message(&self) -> Option<&Message> {
        self.action.message().filter(|message| message.is_system())
    }

    /// Returns whether the directive inserts the caller ID into XML without escaping it. In an `Http` body that is an XML
    /// document, msipctl escapes it.
    pub fn has_unescaped_xml(&self) -> bool {
        self.action.has_unescaped_xml()
    }

    /// Returns the scheme of the URL to open in lowercase if it requires permission, which all schemes except http and
    /// https do.
    pub fn scheme_to_permit(&self) -> Option<String> {
        match &self.action {
            Action::Open(open) => open.scheme_to_permit(),
            _ => None,
        }
    }
}

impl fmt::Display for Directive {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let fields = self.action.fields();
        let fields: Vec<_> = fields.iter().map(|text| field(text)).collect();
        f.write_str(&fields.join(","))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[track_caller]
    fn check_error(text: &str, expected: &str) {
        assert_eq!(Directive::parse(text).unwrap_err().to_string(), expected);
    }

    #[test]
    fn syntax_errors_report_their_column() {
        check_error("SendMessage,\"a", "column 13: missing closing quote");
        check_error(
            "Run,C:\\a\"b",
            "column 9: unexpected quote inside a field: put the complete field in quotes",
        );
        check_error(
            "Run,\"C:\\a\"b",
            "column 11: unexpected `b` after a closing quote: expected a comma",
        );
        check_error(
            "Log,a\nb",
            "column 6: unexpected line break or NUL character: expected one line",
        );
    }

    proptest! {
        #[test]
        fn parsing_any_text_does_not_panic(text: String) {
            let _ = Directive::parse(&text);
        }

        #[test]
        fn printed_directive_parses_to_the_same_directive(
            directive in crate::event::action::sample_directives(),
        ) {
            let parsed = Directive::parse(&directive).unwrap();
            let printed = parsed.to_string();
            prop_assert_eq!(Directive::parse(&printed).unwrap().to_string(), printed.clone());
            prop_assert_eq!(Directive::parse(&printed), Ok(parsed));
        }
    }
}
