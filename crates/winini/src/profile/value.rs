//! Values, as Windows reads them from the text in the file.

use crate::whitespace::WHITESPACE;

/// The quotes of which Windows strips one outer pair.
const QUOTES: [u8; 2] = [b'"', b'\''];

/// Returns the value that Windows reads from the text after the `=` of an entry.
///
/// Windows applies these rules, in this order:
///
/// 1. The value ends at the first NUL character.
/// 2. Whitespace (spaces, tabs, and vertical tabs) is stripped from both ends.
/// 3. One outer pair of matching quotes, `"` or `'`, is stripped.
/// 4. The value is truncated to its length in UTF-16 code units modulo 65,536.
///
/// # Example
///
/// ```
/// use winini::profile::read_rule;
///
/// assert_eq!(read_rule(r#" "C:\a b\x.bat" end "#), r#""C:\a b\x.bat" end"#);
/// assert_eq!(read_rule("'  kept  '"), "  kept  ");
/// assert_eq!(read_rule("a ; b"), "a ; b", "the semicolon doesn't start a comment");
/// ```
pub fn read_rule(written: &str) -> &str {
    let end = memchr::memchr(0, written.as_bytes());
    let ended = end.map_or(written, |end| &written[..end]);
    let is_dropped = |byte: &u8| QUOTES.contains(byte) || WHITESPACE.contains(&char::from(*byte));
    let bytes = ended.as_bytes();
    // Most values have neither whitespace nor quotes at their ends.
    if !bytes.first().is_some_and(is_dropped) && !bytes.last().is_some_and(is_dropped) {
        return wrapped(ended);
    }
    let trimmed = ended.trim_matches(WHITESPACE);
    let unquoted = QUOTES
        .into_iter()
        .map(char::from)
        .find_map(|quote| trimmed.strip_prefix(quote)?.strip_suffix(quote))
        .unwrap_or(trimmed);
    wrapped(unquoted)
}

/// Returns a text truncated to at most `units` UTF-16 code units. A surrogate pair is never split.
///
/// # Example
///
/// ```
/// use winini::profile::truncate;
///
/// assert_eq!(truncate("Zo\u{eb} \u{1f600}", 5), "Zo\u{eb} ", "the last character has two code units");
/// ```
pub fn truncate(value: &str, units: usize) -> &str {
    let mut left = units;
    let end =
        value.char_indices().find(|(_, character)| match left.checked_sub(character.len_utf16()) {
            Some(rest) => {
                left = rest;
                false
            }
            None => true,
        });
    match end {
        Some((offset, _)) => &value[..offset],
        None => value,
    }
}

/// Truncates a value to its length modulo 65,536, in UTF-16 code units.
fn wrapped(value: &str) -> &str {
    const WRAP: usize = 1 << 16;
    // A text never has more UTF-16 code units than bytes.
    if value.len() < WRAP {
        return value;
    }
    let units = value.encode_utf16().count();
    truncate(value, units % WRAP)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn whitespace_is_stripped_before_one_pair_of_quotes(text in "[ \\t\u{b}\"'a\0\u{e9}]{0,6}") {
            let ended = text.split('\0').next().unwrap();
            let trimmed = ended.trim_matches(WHITESPACE);
            let is_quoted = |quote: char| {
                trimmed.len() > 1 && trimmed.starts_with(quote) && trimmed.ends_with(quote)
            };
            let expected = match is_quoted('"') || is_quoted('\'') {
                true => &trimmed[1..trimmed.len() - 1],
                false => trimmed,
            };
            prop_assert_eq!(read_rule(&text), expected);
        }
    }

    #[test]
    fn one_outer_pair_of_matching_quotes_is_stripped() {
        let rows = [
            (r#""a""#, "a"),
            ("'a'", "a"),
            (r#"""a"""#, r#""a""#),
            (r#""a'"#, r#""a'"#),
            (r#"'"a'""#, r#"'"a'""#),
            (r#""a" b"#, r#""a" b"#),
            ("\"", "\""),
            (r#""""#, ""),
            ("\t\x0b a \x0b", "a"),
            ("\u{a0}a", "\u{a0}a"),
            ("a\0b", "a"),
        ];
        for (written, value) in rows {
            assert_eq!(read_rule(written), value, "{written}");
        }
    }
}
