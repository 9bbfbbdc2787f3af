//! Invisible and misleading characters, and headers that they hide, as copying, saving, and joining files leave them.

use microsip_schema::Section;
use winini::{Document, Encoding, LineKind, Span, WHITESPACE};

/// A header that Windows reads as text.
pub(super) struct LostHeader {
    /// The name of its section.
    pub name: String,
    /// The text that hides it.
    pub by: Hidden,
}

/// The kind of text that hides a header.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Hidden {
    /// Stray characters before it: a BOM, or the result of misreading one.
    Junk,
    /// Words before it.
    Text,
    /// A missing or wrong bracket.
    Bracket,
}

/// Returns whether a character looks like a space or is invisible, but isn't whitespace for Windows.
pub(super) fn is_invisible(character: char) -> bool {
    matches!(
        character,
        '\u{85}'
            | '\u{a0}'
            | '\u{ad}'
            | '\u{1680}'
            | '\u{180e}'
            | '\u{2000}'..='\u{200f}'
            | '\u{2028}'..='\u{202f}'
            | '\u{205f}'..='\u{2064}'
            | '\u{2066}'..='\u{2069}'
            | '\u{3000}'
            | '\u{feff}'
    )
}

/// Returns whether Windows strips a character around names and values.
pub(super) fn is_whitespace_byte(character: char) -> bool {
    WHITESPACE.contains(&character)
}

/// Returns whether a span of a document contains non-ASCII characters.
pub(super) fn has_beyond_ascii(document: &Document, span: Span) -> bool {
    let raw = document.raw(span);
    match document.encoding() {
        Encoding::Utf16Le { .. } | Encoding::Utf16Be { .. } => !document.text(span).is_ascii(),
        _ => !raw.is_ascii(),
    }
}

/// Removes whitespace and invisible characters from both ends.
pub(super) fn trimmed(text: &str) -> &str {
    text.trim_matches(|character| is_whitespace_byte(character) || is_invisible(character))
}

/// Returns whether MicroSIP or msipctl reads a section.
pub(super) fn is_known(section: &str) -> bool {
    Section::of(section).is_some() || section.eq_ignore_ascii_case("msipctl")
}

/// Returns the header that a line was meant to be, if Windows doesn't recognize it.
pub(super) fn lost_header(document: &Document, line: usize) -> Option<LostHeader> {
    let found = document.line(line);
    if !matches!(found.kind(), LineKind::Text | LineKind::Entry) {
        return None;
    }
    let text = document.text(found.content());
    let text = trimmed(&text);
    const CLOSING: [char; 6] = [']', ')', '}', '>', '\u{ff3d}', '\u{3011}'];
    const OPENING: [char; 6] = ['[', '(', '{', '<', '\u{ff3b}', '\u{3010}'];
    let lost = |name: &str, by| Some(LostHeader { name: name.to_owned(), by });
    if let Some(open) = text.strip_suffix(']')
        && let Some((before, name)) = open.split_once('[')
    {
        let is_stray = before.chars().all(is_stray);
        let is_name = !name.is_empty() && !name.contains(['[', ']', '=']);
        return match is_stray {
            true if is_name && (line == 0 || is_known(name)) => lost(name, Hidden::Junk),
            false if is_known(name) && !before.contains('=') => lost(name, Hidden::Text),
            _ => None,
        };
    }
    // In two code pages, the last byte of the BOM and the bracket become one character.
    if let Some(open) = text.strip_suffix(']') {
        let name = open.trim_start_matches(|character: char| !character.is_ascii());
        if name.len() < open.len() && is_known(name) {
            return lost(name, Hidden::Junk);
        }
    }
    let name = text.trim_start_matches(OPENING).trim_end_matches(CLOSING);
    let name = trimmed(name);
    if name.len() < text.len() && is_known(name) { lost(name, Hidden::Bracket) } else { None }
}

/// Returns whether a character belongs to no word, such as the characters that a BOM becomes in any code page.
fn is_stray(character: char) -> bool {
    !character.is_ascii() || matches!(character, '?' | '\0' | ' ' | '\x1a')
}
