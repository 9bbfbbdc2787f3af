//! Finds lines, names, and values as spans, without decoding them.
//!
//! The rules are those of the Windows profile functions:
//!
//! - A line ends at CR LF, LF, or CR.
//! - Spaces, tabs, and vertical tabs are whitespace.
//! - A line that starts with `;` is a comment.
//! - A line that starts with `[` is a header. Its name ends at the first `]`, or at the end of the line.
//! - In other lines, the first `=` separates the key from the value.

use std::borrow::Cow;
use std::ops::Range;

use super::characters::{find_equals, line_end, next_line, trimmed};
use super::encoding::{CodePage, Encoding};

/// A range of bytes in a document.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Span {
    start: u32,
    end: u32,
}

impl Span {
    fn new(start: usize, end: usize) -> Self {
        Self { start: narrow(start), end: narrow(end) }
    }

    /// Returns the span as a range of byte offsets.
    pub fn range(self) -> Range<usize> {
        self.start as usize..self.end as usize
    }

    /// Returns the offset of the first byte.
    pub fn start(self) -> usize {
        self.start as usize
    }

    /// Returns the span without its first `bytes` bytes.
    #[must_use]
    pub fn after(self, bytes: usize) -> Self {
        Self::new((self.start() + bytes).min(self.end as usize), self.end as usize)
    }

    /// Returns whether the span contains no bytes.
    pub fn is_empty(self) -> bool {
        self.start == self.end
    }
}

/// The kind of a line.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LineKind {
    /// An empty line, or only whitespace.
    Blank,
    /// A comment, which starts with `;`. Windows ignores it.
    Comment,
    /// A header, `[name]`. [`Line::name`] is the name without brackets and outer whitespace.
    Header,
    /// An entry, `key=value`. [`Line::name`] is the key.
    Entry,
    /// Any other line, which has no `=` and doesn't start with `[`. Windows ignores it.
    Text,
}

/// The position of a line, its name, and its value.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Line {
    content: Span,
    name: Span,
    value: Span,
    kind: LineKind,
    line_ending: u8,
}

impl Line {
    /// Returns the kind of the line.
    pub fn kind(&self) -> LineKind {
        self.kind
    }

    /// Returns the span of the line without its line ending.
    pub fn content(&self) -> Span {
        self.content
    }

    /// Returns the span of the key of an entry, or of the name of a header, without outer whitespace. Empty for other lines.
    pub fn name(&self) -> Span {
        self.name
    }

    /// Returns the span of the value of an entry, with quotes and without outer whitespace. Empty for other lines.
    ///
    /// The span of an empty value is at the end of the line, where a new value belongs.
    pub fn value(&self) -> Span {
        self.value
    }

    /// Returns the span of the line ending: CR LF, LF, or CR. Empty if the last line has none.
    pub fn line_ending(&self) -> Span {
        Span { start: self.content.end, end: self.content.end + u32::from(self.line_ending) }
    }
}

/// Splits the text after the BOM into lines. Returns them and the offset where the last one ends.
///
/// In UTF-16, one odd byte can follow the last line.
pub(super) fn lines(bytes: &[u8], encoding: Encoding) -> (Vec<Line>, usize) {
    let body = encoding.body(bytes);
    let text = narrowed(&bytes[body..], encoding);
    let page = match encoding {
        Encoding::Ansi(page) if page.is_double_byte() => Some(page),
        _ => None,
    };
    let text = Text { text: &text, body, unit: encoding.unit(), page };
    (text.lines(), body + text.text.len() * text.unit)
}

/// Returns a text with one byte per code unit. A UTF-16 code unit of 0xff or more becomes 0xff. Omits an odd byte at the end.
pub(super) fn narrowed(body: &[u8], encoding: Encoding) -> Cow<'_, [u8]> {
    let (pairs, _) = body.as_chunks::<2>();
    match encoding {
        Encoding::Utf16Le { .. } => {
            Cow::Owned(pairs.iter().map(|pair| u16::from_le_bytes(*pair).min(0xff) as u8).collect())
        }
        Encoding::Utf16Be { .. } => {
            Cow::Owned(pairs.iter().map(|pair| u16::from_be_bytes(*pair).min(0xff) as u8).collect())
        }
        _ => Cow::Borrowed(body),
    }
}

/// A text with one byte per code unit, and its position in the document.
///
/// In some code pages, the second byte of a character can look like `]`. It never looks like a line ending, whitespace, a
/// quote, `;`, or `=`.
struct Text<'t> {
    text: &'t [u8],
    body: usize,
    unit: usize,
    /// The code page, if its characters can have two bytes.
    page: Option<CodePage>,
}

impl Text<'_> {
    fn lines(&self) -> Vec<Line> {
        // Real files have about 20 characters per line. If there are more lines, the vector is copied once.
        let mut lines = Vec::with_capacity(self.text.len() / 20 + 4);
        let mut start = 0;
        while start < self.text.len() {
            let end = line_end(self.text, start);
            let next = next_line(self.text, end);
            lines.push(self.line(start..end, next - end));
            start = next;
        }
        lines
    }

    #[inline]
    fn line(&self, content: Range<usize>, line_ending: usize) -> Line {
        let text = trimmed(self.text, content.clone());
        let (kind, name, value) = match self.text[text.clone()].first() {
            None => (LineKind::Blank, None, None),
            Some(b';') => (LineKind::Comment, None, None),
            Some(b'[') => {
                let start = text.start + 1;
                let close = self.find_bracket(start..text.end).unwrap_or(text.end);
                (LineKind::Header, Some(trimmed(self.text, start..close)), None)
            }
            Some(_) => match find_equals(self.text, text.clone()) {
                Some(equals) => {
                    let key = trimmed(self.text, text.start..equals);
                    // Up to the end of the content, so that an empty value is after any whitespace.
                    let value = trimmed(self.text, equals + 1..content.end);
                    (LineKind::Entry, Some(key), Some(value))
                }
                None => (LineKind::Text, None, None),
            },
        };
        Line {
            content: self.span(content),
            name: name.map(|name| self.span(name)).unwrap_or_default(),
            value: value.map(|value| self.span(value)).unwrap_or_default(),
            kind,
            // A line ending has at most two units of two bytes.
            line_ending: (line_ending * self.unit) as u8,
        }
    }

    fn span(&self, range: Range<usize>) -> Span {
        Span::new(self.body + range.start * self.unit, self.body + range.end * self.unit)
    }

    /// Returns the offset of the `]` that closes a header.
    fn find_bracket(&self, range: Range<usize>) -> Option<usize> {
        let Some(page) = self.page else {
            let found = memchr::memchr(b']', &self.text[range.clone()]);
            return found.map(|found| range.start + found);
        };
        let mut offset = range.start;
        while offset < range.end {
            match self.text[offset] {
                b']' => return Some(offset),
                lead if page.is_lead_byte(lead) => offset += 2,
                _ => offset += 1,
            }
        }
        None
    }
}

/// Converts an offset to 32 bits. The document checked its length before the lexer started.
fn narrow(offset: usize) -> u32 {
    offset as u32
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(bytes: &[u8], encoding: Encoding, expected: &[(LineKind, &str, &str, usize)]) {
        let (lines, _) = lines(bytes, encoding);
        let found: Vec<_> = lines
            .iter()
            .map(|line| {
                let text = |span: Span| encoding.decode(&bytes[span.range()]).into_owned();
                (
                    line.kind(),
                    text(line.name()),
                    text(line.value()),
                    line.line_ending().range().len(),
                )
            })
            .collect();
        let expected: Vec<_> = expected
            .iter()
            .map(|(kind, name, value, line_ending)| {
                (*kind, (*name).into(), (*value).into(), *line_ending)
            })
            .collect();
        assert_eq!(found, expected);
    }

    #[test]
    fn lexer_distinguishes_the_kinds_of_lines() {
        use LineKind::{Blank, Comment, Entry, Header, Text};
        check(
            b"text\r\n [ a ] b\n;c=1\r\t\n k = v = w \r\n[open  \r\n=x\r\n[p]q]",
            Encoding::Ascii,
            &[
                (Text, "", "", 2),
                (Header, "a", "", 1),
                (Comment, "", "", 1),
                (Blank, "", "", 1),
                (Entry, "k", "v = w", 2),
                (Header, "open", "", 2),
                (Entry, "", "x", 2),
                (Header, "p", "", 0),
            ],
        );
    }

    #[test]
    fn utf16_characters_containing_newline_bytes_do_not_end_a_line() {
        let text = "[\u{0a0d}\u{0d0a}]\r\n\u{3d3d}=\u{5d00}\u{010a}\n";
        for encoding in [Encoding::Utf16Le { bom: false }, Encoding::Utf16Be { bom: false }] {
            let bytes = encoding.encode(text).unwrap();
            check(
                &bytes,
                encoding,
                &[
                    (LineKind::Header, "\u{0a0d}\u{0d0a}", "", 4),
                    (LineKind::Entry, "\u{3d3d}", "\u{5d00}\u{010a}", 2),
                ],
            );
        }
    }

    #[test]
    fn trail_byte_equal_to_a_bracket_does_not_close_a_header() {
        let page = CodePage::new(932).unwrap();
        // U+2014 is 81 5C, U+30FE is 81 53, U+3015 is 81 6C; 81 5D is U+2010.
        check(
            b"[\x81\x5d\x81\x5c]\n",
            Encoding::Ansi(page),
            &[(LineKind::Header, "\u{2010}\u{2015}", "", 1)],
        );
    }
}
