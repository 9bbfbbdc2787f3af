//! The grammar of directives: fields that are separated by commas and can be quoted.

use std::fmt;

use winini::WHITESPACE;

/// A problem in a directive and its column.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DirectiveError {
    column: usize,
    what: String,
}

/// A field without its quotes, and the column where it begins.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Field {
    pub(super) text: String,
    pub(super) column: usize,
}

impl DirectiveError {
    pub(super) fn new(column: usize, what: impl Into<String>) -> Self {
        Self { column, what: what.into() }
    }

    /// Returns the column, in characters of the text of the directive, counted from 1.
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

/// Formats a text as one field, in double quotes if it needs them.
///
/// # Example
///
/// ```
/// use msipctl_core::event::field;
///
/// assert_eq!(field("MyAppWindow"), "MyAppWindow");
/// assert_eq!(field("Calls, all"), "\"Calls, all\"");
/// assert_eq!(field("a \"b\""), "\"a \"\"b\"\"\"");
/// ```
pub fn field(text: &str) -> String {
    let plain =
        !text.contains(['"', ',']) && !text.starts_with(WHITESPACE) && !text.ends_with(WHITESPACE);
    if plain { text.to_owned() } else { format!("\"{}\"", text.replace('"', "\"\"")) }
}

/// Counts the fields of a directive, without checking their content.
///
/// # Errors
///
/// [`DirectiveError`] for quotes that don't enclose a complete field.
///
/// # Example
///
/// ```
/// assert_eq!(msipctl_core::event::count_fields("Log,\"C:\\calls, all.csv\"").unwrap(), 2);
/// ```
pub fn count_fields(text: &str) -> Result<usize, DirectiveError> {
    fields(text).map(|fields| fields.len())
}

/// Splits a directive into fields.
pub(super) fn fields(text: &str) -> Result<Vec<Field>, DirectiveError> {
    let mut fields = Vec::new();
    let mut offset = 0;
    // The count continues from the previous field.
    let (mut start, mut counted) = (1, 0);
    loop {
        start += text[counted..offset].chars().count();
        counted = offset;
        let (found, end) = match text[offset..].strip_prefix('"') {
            Some(quoted) => {
                let (found, length) = quoted_field(quoted)
                    .ok_or_else(|| DirectiveError::new(start, "missing closing quote"))?;
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
            let what = "unexpected quote inside a field: put the complete field in quotes";
            return Err(DirectiveError::new(column(text, offset + quote), what));
        }
        fields.push(Field { text: found, column: start });
        match text[end..].chars().next() {
            None => return Ok(fields),
            Some(',') => offset = end + 1,
            Some(other) => {
                let what = format!("unexpected `{other}` after a closing quote: expected a comma");
                return Err(DirectiveError::new(column(text, end), what));
            }
        }
    }
}

/// Reads up to the closing quote. Returns the text and its length including that quote.
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

pub(super) fn column(text: &str, offset: usize) -> usize {
    text[..offset].chars().count() + 1
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn any_text_round_trips_through_a_field(text in "[^\r\n\0]{0,20}") {
            let parsed = fields(&field(&text)).unwrap();
            prop_assert_eq!(parsed, vec![Field { text, column: 1 }]);
        }
    }
}
