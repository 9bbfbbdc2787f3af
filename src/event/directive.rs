//! The grammar of a directive: fields between commas, the first of which names the action.

use std::fmt;

use super::action::Action;

/// One thing that shall happen on an event: `SendMessage,MyAppWindow,WM_USER+100,%number%`.
///
/// # Example
///
/// ```
/// use msipctl::event::{Action, Directive};
///
/// let text = "SendMessage,MyAppWindow,WM_USER+100,%number%";
/// let directive = Directive::parse(text)?;
/// assert!(matches!(directive.action(), Action::SendMessage { .. }));
/// assert_eq!(directive.to_string(), text);
///
/// let error = Directive::parse("SendMesage,x").unwrap_err();
/// assert_eq!(error.to_string(), "column 1: `SendMesage` is no action, did you mean `SendMessage`?");
/// # Ok::<(), msipctl::event::DirectiveError>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Directive {
    action: Action,
}

/// What is wrong with a directive, and where.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DirectiveError {
    column: usize,
    what: String,
}

/// One field, quotes taken off, with the column where it begins.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Field {
    pub(super) text: String,
    pub(super) column: usize,
}

impl Directive {
    /// Parses a directive.
    ///
    /// # Errors
    ///
    /// [`DirectiveError`] says what was found at which column, and what was expected.
    pub fn parse(text: &str) -> Result<Self, DirectiveError> {
        if let Some(offset) = text.find(['\r', '\n', '\0']) {
            let what = "a line break or NUL, expected one line";
            return Err(DirectiveError::new(column(text, offset), what));
        }
        let fields = fields(text)?;
        Ok(Self { action: Action::parse(&fields)? })
    }

    /// Returns what it does.
    pub fn action(&self) -> &Action {
        &self.action
    }

    /// Says whether it sends a message that belongs to Windows itself.
    pub fn needs_system_permission(&self) -> bool {
        match &self.action {
            Action::SendMessage { message, .. } | Action::PostMessage { message, .. } => {
                message.is_system()
            }
            _ => false,
        }
    }

    /// Says whether it opens an address of another scheme than http and https.
    pub fn needs_scheme_permission(&self) -> bool {
        match &self.action {
            Action::Open { url } => {
                let start = url.to_string().to_ascii_lowercase();
                !start.starts_with("http://") && !start.starts_with("https://")
            }
            _ => false,
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

impl DirectiveError {
    pub(super) fn new(column: usize, what: impl Into<String>) -> Self {
        Self { column, what: what.into() }
    }

    /// Returns the column, in characters of the directive's text, counted from 1.
    pub fn column(&self) -> usize {
        self.column
    }
}

impl fmt::Display for DirectiveError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "column {}: {}", self.column, self.what)
    }
}

impl std::error::Error for DirectiveError {}

/// Writes a text as one field: in double quotes if it could be taken for something else.
///
/// # Example
///
/// ```
/// use msipctl::event::field;
///
/// assert_eq!(field("MyAppWindow"), "MyAppWindow");
/// assert_eq!(field("Calls, all"), "\"Calls, all\"");
/// assert_eq!(field("a \"b\""), "\"a \"\"b\"\"\"");
/// ```
pub fn field(text: &str) -> String {
    let blank = |letter: char| matches!(letter, ' ' | '\t' | '\x0b');
    let plain = !text.contains(['"', ',']) && !text.starts_with(blank) && !text.ends_with(blank);
    if plain { text.to_owned() } else { format!("\"{}\"", text.replace('"', "\"\"")) }
}

/// Splits a directive into fields.
fn fields(text: &str) -> Result<Vec<Field>, DirectiveError> {
    let mut fields = Vec::new();
    let mut offset = 0;
    loop {
        let start = column(text, offset);
        let (found, end) = match text[offset..].strip_prefix('"') {
            Some(quoted) => {
                let (found, length) = quoted_field(quoted).ok_or_else(|| {
                    DirectiveError::new(start, "a quote without end, expected another `\"`")
                })?;
                (found, offset + 1 + length)
            }
            None => {
                let end = text[offset..].find(',').map_or(text.len(), |comma| offset + comma);
                (text[offset..end].to_owned(), end)
            }
        };
        if let Some(quote) =
            text[offset..end].find('"').filter(|_| !text[offset..].starts_with('"'))
        {
            let what = "a quote inside a field, expected the whole field in quotes";
            return Err(DirectiveError::new(column(text, offset + quote), what));
        }
        fields.push(Field { text: found, column: start });
        match text[end..].chars().next() {
            None => return Ok(fields),
            Some(',') => offset = end + 1,
            Some(other) => {
                let what = format!("`{other}` behind a closing quote, expected a comma");
                return Err(DirectiveError::new(column(text, end), what));
            }
        }
    }
}

/// Reads up to the closing quote. Returns the text and the length with that quote.
fn quoted_field(quoted: &str) -> Option<(String, usize)> {
    let mut text = String::new();
    let mut offset = 0;
    loop {
        let quote = quoted[offset..].find('"')?;
        text.push_str(&quoted[offset..offset + quote]);
        offset += quote + 1;
        if !quoted[offset..].starts_with('"') {
            return Some((text, offset));
        }
        text.push('"');
        offset += 1;
    }
}

fn column(text: &str, offset: usize) -> usize {
    text[..offset].chars().count() + 1
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
    fn faults_are_placed() {
        check_error("SendMessage,\"a", "column 13: a quote without end, expected another `\"`");
        check_error(
            "Run,C:\\a\"b",
            "column 9: a quote inside a field, expected the whole field in quotes",
        );
        check_error("Run,\"C:\\a\"b", "column 11: `b` behind a closing quote, expected a comma");
        check_error("Log,a\nb", "column 6: a line break or NUL, expected one line");
    }

    proptest! {
        #[test]
        fn a_field_round_trips_any_text(text in "[^\r\n\0]{0,20}") {
            let parsed = fields(&field(&text)).unwrap();
            prop_assert_eq!(parsed, vec![Field { text, column: 1 }]);
        }

        #[test]
        fn no_text_panics(text: String) {
            let _ = Directive::parse(&text);
        }

        #[test]
        fn what_is_printed_parses_to_the_same(
            directive in crate::event::action::testing::directives(),
        ) {
            let parsed = Directive::parse(&directive).unwrap();
            let printed = parsed.to_string();
            prop_assert_eq!(Directive::parse(&printed).unwrap().to_string(), printed.clone());
            prop_assert_eq!(Directive::parse(&printed), Ok(parsed));
        }
    }
}
