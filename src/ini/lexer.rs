//! Finds line ends, names and values as spans, and decodes nothing.
//!
//! The rules are those of the Windows profile calls: a line ends at CR LF, LF or CR; space, tab and
//! vertical tab are blanks; `;` first makes a comment; `[` first makes a header whose name ends at
//! the first `]` or at the line's end; the first `=` parts key and value.

use std::ops::Range;

use super::encoding::{CodePage, Encoding};
use super::whitespace::is_whitespace;

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
    pub fn behind(self, bytes: usize) -> Self {
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
    ending: u8,
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
    pub fn ending(&self) -> Span {
        Span { start: self.content.end, end: self.content.end + u32::from(self.ending) }
    }
}

/// Splits a document's body, which begins behind the byte order mark, into lines. Returns them with
/// the offset where the last one ends; one odd byte may follow in UTF-16.
pub(super) fn lines(bytes: &[u8], encoding: Encoding) -> (Vec<Line>, usize) {
    let body = encoding.body(bytes);
    match encoding {
        Encoding::Utf16Le { .. } => split(&Wide::<true> { bytes }, body),
        Encoding::Utf16Be { .. } => split(&Wide::<false> { bytes }, body),
        Encoding::Ansi(page) => split(&Narrow { bytes, page: Some(page) }, body),
        _ => split(&Narrow { bytes, page: None }, body),
    }
}

/// The bytes seen as units of one width. Offsets are always in bytes.
trait Units {
    const WIDTH: usize;

    fn end(&self, body: usize) -> usize;
    fn at(&self, offset: usize) -> u16;
    fn find(&self, range: Range<usize>, unit: u8) -> Option<usize>;
    fn find_line_end(&self, range: Range<usize>) -> Option<usize>;

    /// Finds the `]` that closes a header.
    fn find_bracket(&self, range: Range<usize>) -> Option<usize> {
        self.find(range, b']')
    }

    fn is_blank(&self, offset: usize) -> bool {
        is_whitespace(self.at(offset))
    }

    /// Leaves out the blanks at both ends. What is nothing but blanks becomes empty, at its end.
    fn trim(&self, range: Range<usize>) -> Range<usize> {
        let Range { mut start, mut end } = range;
        while start < end && self.is_blank(start) {
            start += Self::WIDTH;
        }
        while start < end && self.is_blank(end - Self::WIDTH) {
            end -= Self::WIDTH;
        }
        start..end
    }
}

fn split<U: Units>(units: &U, body: usize) -> (Vec<Line>, usize) {
    let end = units.end(body);
    // Real files have some twenty letters a line; a guess too low costs one copy.
    let mut lines = Vec::with_capacity((end - body) / (24 * U::WIDTH) + 4);
    let mut start = body;
    while start < end {
        let content_end = units.find_line_end(start..end).unwrap_or(end);
        let ending = ending(units, content_end, end);
        lines.push(line(units, start..content_end, ending));
        start = content_end + ending;
    }
    (lines, end)
}

/// Returns how many bytes the line ending at `offset` has.
fn ending<U: Units>(units: &U, offset: usize, end: usize) -> usize {
    if offset == end {
        return 0;
    }
    let pair = offset + U::WIDTH < end
        && units.at(offset) == u16::from(b'\r')
        && units.at(offset + U::WIDTH) == u16::from(b'\n');
    if pair { 2 * U::WIDTH } else { U::WIDTH }
}

fn line<U: Units>(units: &U, content: Range<usize>, ending: usize) -> Line {
    let text = units.trim(content.clone());
    let (kind, name, value) = if text.is_empty() {
        (LineKind::Blank, 0..0, 0..0)
    } else if units.at(text.start) == u16::from(b';') {
        (LineKind::Comment, 0..0, 0..0)
    } else if units.at(text.start) == u16::from(b'[') {
        let start = text.start + U::WIDTH;
        let close = units.find_bracket(start..text.end).unwrap_or(text.end);
        (LineKind::Header, units.trim(start..close), 0..0)
    } else if let Some(equals) = units.find(text.clone(), b'=') {
        let key = units.trim(text.start..equals);
        // To the content's end, so that an empty value stands behind the blanks it may have.
        let value = units.trim(equals + U::WIDTH..content.end);
        (LineKind::Entry, key, value)
    } else {
        (LineKind::Text, 0..0, 0..0)
    };
    Line {
        content: Span::new(content.start, content.end),
        name: Span::new(name.start, name.end),
        value: Span::new(value.start, value.end),
        kind,
        // A line ending has at most two units of two bytes.
        ending: ending as u8,
    }
}

/// The document checked its length before the lexer began.
fn narrow(offset: usize) -> u32 {
    offset as u32
}

/// One byte a unit: ASCII, UTF-8 and the code pages. In some code pages a letter has a second byte
/// that may look like `]`; none looks like a line end, a blank, a quote, `;` or `=`.
struct Narrow<'b> {
    bytes: &'b [u8],
    page: Option<CodePage>,
}

impl Units for Narrow<'_> {
    const WIDTH: usize = 1;

    fn end(&self, _body: usize) -> usize {
        self.bytes.len()
    }

    fn at(&self, offset: usize) -> u16 {
        u16::from(self.bytes[offset])
    }

    fn find(&self, range: Range<usize>, unit: u8) -> Option<usize> {
        let start = range.start;
        memchr::memchr(unit, &self.bytes[range]).map(|found| start + found)
    }

    fn find_line_end(&self, range: Range<usize>) -> Option<usize> {
        let start = range.start;
        memchr::memchr2(b'\n', b'\r', &self.bytes[range]).map(|found| start + found)
    }

    fn find_bracket(&self, range: Range<usize>) -> Option<usize> {
        let Some(page) = self.page.filter(|page| page.is_double_byte()) else {
            return self.find(range, b']');
        };
        let mut offset = range.start;
        while offset < range.end {
            match self.bytes[offset] {
                b']' => return Some(offset),
                lead if page.is_lead_byte(lead) => offset += 2,
                _ => offset += 1,
            }
        }
        None
    }
}

/// UTF-16, two bytes a unit; `LE` when the low byte comes first.
struct Wide<'b, const LE: bool> {
    bytes: &'b [u8],
}

impl<const LE: bool> Wide<'_, LE> {
    /// Turns the offset of a byte found in `range` into that of its unit, if the byte is the low one
    /// of a unit whose high one is zero.
    fn unit_of(&self, range: &Range<usize>, found: usize) -> Option<usize> {
        let second = (found - range.start) % 2 == 1;
        match (LE, second) {
            (true, false) => (self.bytes[found + 1] == 0).then_some(found),
            (false, true) => (self.bytes[found - 1] == 0).then_some(found - 1),
            _ => None,
        }
    }

    fn first(
        &self,
        range: Range<usize>,
        mut next: impl FnMut(&[u8]) -> Option<usize>,
    ) -> Option<usize> {
        let mut from = range.start;
        while let Some(found) = next(&self.bytes[from..range.end]) {
            let found = from + found;
            if let Some(unit) = self.unit_of(&range, found) {
                return Some(unit);
            }
            from = found + 1;
        }
        None
    }
}

impl<const LE: bool> Units for Wide<'_, LE> {
    const WIDTH: usize = 2;

    fn end(&self, body: usize) -> usize {
        body + (self.bytes.len() - body) / 2 * 2
    }

    fn at(&self, offset: usize) -> u16 {
        let pair = [self.bytes[offset], self.bytes[offset + 1]];
        if LE { u16::from_le_bytes(pair) } else { u16::from_be_bytes(pair) }
    }

    fn find(&self, range: Range<usize>, unit: u8) -> Option<usize> {
        self.first(range, |bytes| memchr::memchr(unit, bytes))
    }

    fn find_line_end(&self, range: Range<usize>) -> Option<usize> {
        self.first(range, |bytes| memchr::memchr2(b'\n', b'\r', bytes))
    }
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
                (line.kind(), text(line.name()), text(line.value()), line.ending().range().len())
            })
            .collect();
        let expected: Vec<_> = expected
            .iter()
            .map(|(kind, name, value, ending)| (*kind, (*name).into(), (*value).into(), *ending))
            .collect();
        assert_eq!(found, expected);
    }

    #[test]
    fn tells_the_kinds_of_line_apart() {
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
    fn wide_letters_that_hold_the_byte_of_a_line_end_are_no_line_end() {
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
    fn a_second_byte_that_looks_like_a_bracket_closes_nothing() {
        let page = CodePage::new(932).unwrap();
        // U+2014 is 81 5C, U+30FE is 81 53, U+3015 is 81 6C; 81 5D is U+2010.
        check(
            b"[\x81\x5d\x81\x5c]\n",
            Encoding::Ansi(page),
            &[(LineKind::Header, "\u{2010}\u{2015}", "", 1)],
        );
    }
}
