//! Finds line ends, names and values as spans, and decodes nothing.
//!
//! The rules are those of the Windows profile calls: a line ends at CR LF, LF or CR; space, tab and
//! vertical tab are blanks; `;` first makes a comment; `[` first makes a header whose name ends at
//! the first `]` or at the line's end; the first `=` parts key and value.

use std::borrow::Cow;
use std::ops::Range;

use super::characters::{find_equals, line_end, next_line, trimmed};
use super::encoding::{CodePage, Encoding};

/// A stretch of the document's bytes.
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

    /// Returns the offset of its first byte.
    pub fn start(self) -> usize {
        self.start as usize
    }

    /// Returns what is left of it behind that many bytes.
    #[must_use]
    pub fn after(self, bytes: usize) -> Self {
        Self::new((self.start() + bytes).min(self.end as usize), self.end as usize)
    }

    /// Says whether it holds no byte.
    pub fn is_empty(self) -> bool {
        self.start == self.end
    }
}

/// What a line is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LineKind {
    /// Nothing but blanks.
    Blank,
    /// Begins with `;`, which Windows never reads.
    Comment,
    /// `[name]`; the name without brackets and blanks is [`Line::name`].
    Header,
    /// `key=value`; [`Line::name`] is the key.
    Entry,
    /// Neither of these: no `=`, and no bracket in front.
    Text,
}

/// One line: where it stands, and where its name and value do.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Line {
    content: Span,
    name: Span,
    value: Span,
    kind: LineKind,
    line_ending: u8,
}

impl Line {
    /// Returns what the line is.
    pub fn kind(&self) -> LineKind {
        self.kind
    }

    /// Returns the line without its line ending.
    pub fn content(&self) -> Span {
        self.content
    }

    /// Returns the key of an entry or the name of a header, blanks round it left out; empty for
    /// other lines.
    pub fn name(&self) -> Span {
        self.name
    }

    /// Returns the value of an entry as written, blanks round it left out, quotes kept. An empty
    /// value stands where a new one belongs: at the line's end.
    pub fn value(&self) -> Span {
        self.value
    }

    /// Returns the line ending: CR LF, LF, CR, or nothing on a last line that has none.
    pub fn line_ending(&self) -> Span {
        Span { start: self.content.end, end: self.content.end + u32::from(self.line_ending) }
    }
}

/// Splits a document's body, which begins behind the byte order mark, into lines. Returns them with
/// the offset where the last one ends; one odd byte may follow in UTF-16.
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

/// Returns a text with one byte for each unit of the encoding: a UTF-16 code unit from 0xff on is 0xff. No half a unit at
/// the end.
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

/// A text with one byte for each unit, and where it is in the document.
///
/// In some code pages a letter has a second byte that may look like `]`; none looks like a line end, a blank, a quote,
/// `;` or `=`.
struct Text<'t> {
    text: &'t [u8],
    body: usize,
    unit: usize,
    /// The code page, if a letter may have two bytes in it.
    page: Option<CodePage>,
}

impl Text<'_> {
    fn lines(&self) -> Vec<Line> {
        // Real files have some twenty letters a line; a guess too low costs one copy.
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
                    // To the content's end, so that an empty value stands behind the blanks it may have.
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

    /// Finds the `]` that closes a header.
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

/// The document checked its length before the lexer began.
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
            b"junk\r\n [ a ] b\n;c=1\r\t\n k = v = w \r\n[open  \r\n=x\r\n[p]q]",
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
