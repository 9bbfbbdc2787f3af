//! A complete INI file: its bytes, lines, and sections.

use std::borrow::Cow;
use std::ops::Range;
use std::sync::{Arc, OnceLock};

use super::encoding::{Encoding, Unencodable};
use super::lexer::{self, Line, LineKind, Span};
use super::names::Names;

/// An INI file: its bytes, and the positions of its lines, names, and values.
///
/// [`Document::bytes`] returns exactly the bytes that were parsed, for any input. The lines are located on first use. A clone
/// shares the bytes and the positions.
///
/// # Example
///
/// ```
/// use winini::{CodePage, Document, Encoding};
///
/// let bytes = b"; phones\r\n[Settings]\r\nsingleMode = 1".to_vec();
/// let encoding = Encoding::detect(&bytes, CodePage::WESTERN);
/// let document = Document::parse(bytes.clone(), encoding);
///
/// assert_eq!(document.bytes(), bytes);
/// let section = document.sections().next().expect("one section");
/// assert_eq!(document.text(document.line(section.header()).name()), "Settings");
/// ```
#[derive(Debug, Clone)]
pub struct Document {
    bytes: Arc<Vec<u8>>,
    encoding: Encoding,
    layout: Arc<OnceLock<Layout>>,
    names: Names,
}

/// The positions of lines and headers.
#[derive(Debug)]
struct Layout {
    lines: Vec<Line>,
    headers: Vec<u32>,
    /// The offset where the last line ends. In a UTF-16 file, one odd byte can follow.
    end: usize,
}

impl PartialEq for Document {
    fn eq(&self, other: &Self) -> bool {
        self.encoding == other.encoding && self.bytes == other.bytes
    }
}

impl Eq for Document {}

impl Document {
    /// Creates a document from the bytes of a file. Any byte sequence is a valid document.
    ///
    /// To find the encoding of a file, use [`Encoding::detect`] or [`encoding_read`](crate::profile::encoding_read).
    ///
    /// # Panics
    ///
    /// If there are 4 GiB or more.
    pub fn parse(bytes: Vec<u8>, encoding: Encoding) -> Self {
        assert!(u32::try_from(bytes.len()).is_ok(), "spans are offsets of 32 bits");
        let (bytes, layout) = (Arc::new(bytes), Arc::default());
        Self { bytes, encoding, layout, names: Names::default() }
    }

    pub(super) fn names(&self) -> &Names {
        &self.names
    }

    fn layout(&self) -> &Layout {
        self.layout.get_or_init(|| {
            let (lines, end) = lexer::lines(&self.bytes, self.encoding);
            let headers = (0u32..)
                .zip(&lines)
                .filter(|(_, line)| line.kind() == LineKind::Header)
                .map(|(index, _)| index)
                .collect();
            Layout { lines, headers, end }
        })
    }

    /// Returns the bytes of the file.
    pub fn bytes(&self) -> &[u8] {
        &self.bytes
    }

    /// Returns the bytes of the file without copying them, unless a clone shares them.
    pub fn into_bytes(self) -> Vec<u8> {
        Arc::unwrap_or_clone(self.bytes)
    }

    /// Returns the byte offset where the text starts, after the byte order mark (BOM).
    pub fn body(&self) -> usize {
        self.encoding.body(&self.bytes)
    }

    /// Returns the encoding that the bytes were parsed as.
    pub fn encoding(&self) -> Encoding {
        self.encoding
    }

    /// Returns all lines, in file order.
    pub fn lines(&self) -> &[Line] {
        &self.layout().lines
    }

    /// Returns the line with the given number, starting at 0.
    ///
    /// # Panics
    ///
    /// If there is no such line.
    pub fn line(&self, index: usize) -> &Line {
        &self.lines()[index]
    }

    /// Returns all sections in file order, including sections with the same name.
    pub fn sections(&self) -> impl DoubleEndedIterator<Item = Section> + ExactSizeIterator + '_ {
        (0..self.layout().headers.len()).map(|index| self.section(index))
    }

    /// Returns the section that contains a line, or `None` for a line before the first header.
    pub fn section_of(&self, line: usize) -> Option<Section> {
        let above = self.layout().headers.partition_point(|header| *header as usize <= line);
        above.checked_sub(1).map(|index| self.section(index))
    }

    fn section(&self, index: usize) -> Section {
        let Layout { lines, headers, .. } = self.layout();
        let header = headers[index] as usize;
        let end = headers.get(index + 1).map_or(lines.len(), |next| *next as usize);
        Section { header, end }
    }

    /// Returns the bytes of a span.
    ///
    /// # Panics
    ///
    /// If the span is from another document and doesn't fit into this one.
    pub fn raw(&self, span: Span) -> &[u8] {
        &self.bytes[span.range()]
    }

    /// Returns the text of a span. Bytes that can't be decoded become U+FFFD, the replacement character.
    pub fn text(&self, span: Span) -> Cow<'_, str> {
        self.encoding.decode(self.raw(span))
    }

    /// Copies the characters of a span into a buffer and returns them, without allocating memory.
    ///
    /// Returns `None` if the span isn't ASCII or the buffer is too small.
    ///
    /// # Example
    ///
    /// ```
    /// use winini::{Document, Encoding};
    ///
    /// let document = Document::parse(b"[\0S\0]\0".to_vec(), Encoding::Utf16Le { bom: false });
    /// let name = document.line(0).name();
    /// assert_eq!(document.ascii(name, &mut [0; 8]), Some(&b"S"[..]));
    /// assert_eq!(document.ascii(name, &mut [0; 0]), None);
    /// ```
    pub fn ascii<'b>(&self, span: Span, buffer: &'b mut [u8]) -> Option<&'b [u8]> {
        let raw = self.raw(span);
        let length = raw.len() / self.encoding.unit();
        let characters = buffer.get_mut(..length)?;
        match self.encoding {
            Encoding::Utf16Le { .. } => narrow(raw, characters, u16::from_le_bytes),
            Encoding::Utf16Be { .. } => narrow(raw, characters, u16::from_be_bytes),
            _ => characters.copy_from_slice(raw),
        }
        let characters: &[u8] = characters;
        characters.is_ascii().then_some(characters)
    }

    /// Returns the text after the BOM, with one byte per code unit. A UTF-16 code unit of 0xff or more becomes 0xff.
    pub fn narrowed(&self) -> Cow<'_, [u8]> {
        lexer::narrowed(&self.bytes[self.body()..], self.encoding)
    }

    /// Returns whether a span contains a name, ignoring the case of ASCII letters.
    pub fn is_name(&self, span: Span, name: &str) -> bool {
        let raw = self.raw(span);
        match self.encoding {
            Encoding::Utf16Le { .. } => is_wide_name(raw, name, u16::from_le_bytes),
            Encoding::Utf16Be { .. } => is_wide_name(raw, name, u16::from_be_bytes),
            _ if raw.is_ascii() => raw.eq_ignore_ascii_case(name.as_bytes()),
            _ => self.text(span).eq_ignore_ascii_case(name),
        }
    }

    /// Returns the line and column of a byte offset, starting at 1.
    pub fn position(&self, offset: usize) -> Position {
        let Layout { lines, end, .. } = self.layout();
        let index = lines.partition_point(|line| line.line_ending().range().end <= offset);
        let start = match lines.get(index) {
            Some(line) => line.content().start(),
            None => *end,
        };
        let before = &self.bytes[start..offset.clamp(start, self.bytes.len())];
        let column = self.encoding.decode(before).chars().count() + 1;
        Position { line: index + 1, column }
    }

    /// Returns the document converted to another encoding.
    ///
    /// # Errors
    ///
    /// [`Unencodable`] if a character doesn't exist in the target encoding. Also if the size of a code unit changes and some
    /// bytes can't be decoded in their own encoding; the error then contains U+FFFD.
    pub fn convert(&self, to: Encoding) -> Result<Self, Unencodable> {
        let mut bytes = to.byte_order_mark().to_vec();
        let body = &self.bytes[self.encoding.body(&self.bytes)..];
        match (self.encoding, to) {
            // Only swap the bytes of each code unit, which keeps unpaired surrogates.
            (Encoding::Utf16Be { .. }, Encoding::Utf16Le { .. })
            | (Encoding::Utf16Le { .. }, Encoding::Utf16Be { .. }) => {
                let (pairs, rest) = body.as_chunks::<2>();
                bytes.extend(pairs.iter().flat_map(|[first, second]| [*second, *first]));
                bytes.extend(rest);
            }
            (from, _) if from.unit() == to.unit() && from.unit() == 2 => bytes.extend(body),
            (from, _) => {
                let text = from
                    .decode_exact(body)
                    .ok_or_else(|| Unencodable::new(char::REPLACEMENT_CHARACTER, to))?;
                bytes.extend_from_slice(&to.encode(&text)?);
            }
        }
        Ok(Self::parse(bytes, to))
    }
}

/// A section: its header line, and the lines up to the next header.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Section {
    header: usize,
    end: usize,
}

impl Section {
    /// Returns the number of the header line, starting at 0.
    pub fn header(self) -> usize {
        self.header
    }

    /// Returns the numbers of the lines after the header, starting at 0.
    pub fn body(self) -> Range<usize> {
        self.header + 1..self.end
    }
}

/// A position in a file, as editors show it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Position {
    /// The line number, starting at 1.
    pub line: usize,
    /// The column in characters, starting at 1.
    pub column: usize,
}

/// Writes each code unit as one byte. Units of 0xff or more become 0xff.
fn narrow(raw: &[u8], characters: &mut [u8], unit: impl Fn([u8; 2]) -> u16) {
    let (pairs, _) = raw.as_chunks::<2>();
    for (character, pair) in characters.iter_mut().zip(pairs) {
        *character = unit(*pair).min(0xff) as u8;
    }
}

fn is_wide_name(raw: &[u8], name: &str, unit: impl Fn([u8; 2]) -> u16) -> bool {
    let (pairs, rest) = raw.as_chunks::<2>();
    if !rest.is_empty() {
        return false;
    }
    // Only a name of ASCII characters has as many UTF-16 code units as bytes.
    if pairs.len() == name.len() {
        let is_same = |(pair, byte): (&[u8; 2], u8)| {
            u8::try_from(unit(*pair))
                .is_ok_and(|it| it.is_ascii() && it.eq_ignore_ascii_case(&byte))
        };
        return pairs.iter().zip(name.bytes()).all(is_same);
    }
    let fold = |unit: u16| match u8::try_from(unit) {
        Ok(byte) => u16::from(byte.to_ascii_lowercase()),
        Err(_) => unit,
    };
    let ours = pairs.iter().map(|pair| fold(unit(*pair)));
    !name.is_ascii() && ours.eq(name.encode_utf16().map(fold))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn positions_count_lines_and_columns_from_one() {
        let document = Document::parse("[a]\r\nkü=v\r\n".into(), Encoding::Utf8 { bom: false });
        let entry = document.line(1);
        assert_eq!(document.position(entry.value().start()), Position { line: 2, column: 4 });
        assert_eq!(document.position(document.bytes().len()), Position { line: 3, column: 1 });
    }

    #[test]
    fn names_are_compared_without_case_in_every_encoding() {
        for encoding in [Encoding::Ascii, Encoding::MICROSIP, Encoding::Utf16Be { bom: true }] {
            let mut bytes = encoding.byte_order_mark().to_vec();
            bytes.extend_from_slice(&encoding.encode("[SetTings]\r\n").unwrap());
            let document = Document::parse(bytes, encoding);
            let name = document.line(0).name();
            assert!(document.is_name(name, "settings"), "{encoding}");
            assert!(!document.is_name(name, "setting"), "{encoding}");
        }
    }

    #[test]
    fn converting_keeps_an_unpaired_surrogate_between_byte_orders() {
        let document =
            Document::parse(b"\xfe\xff\0k\0=\xd8\0".to_vec(), Encoding::Utf16Be { bom: true });
        let converted = document.convert(Encoding::MICROSIP).unwrap();
        assert_eq!(converted.bytes(), b"\xff\xfek\0=\0\0\xd8");
    }

    #[test]
    fn converting_fails_on_undecodable_bytes() {
        let document = Document::parse(b"k=\xd8\0".to_vec(), Encoding::Utf8 { bom: false });
        assert!(document.convert(Encoding::MICROSIP).is_err());
    }

    proptest! {
        #[test]
        fn parse_then_render_is_identity_for_any_bytes(
            bytes in prop::collection::vec(
                prop_oneof![any::<u8>(), prop::sample::select(b"[]=;\r\n \t\0\"'a".to_vec())],
                0..200,
            ),
            encoding in Encoding::any(),
        ) {
            let document = Document::parse(bytes.clone(), encoding);
            prop_assert_eq!(document.bytes(), &bytes[..]);

            // The lines cover everything from the BOM to the end, without gaps.
            let mut offset = encoding.body(&bytes);
            for line in document.lines() {
                prop_assert_eq!(line.content().start(), offset);
                offset = line.line_ending().range().end;
            }
            prop_assert_eq!(offset, document.layout().end);
            prop_assert!(bytes.len() - offset < encoding.unit());
        }
    }
}
