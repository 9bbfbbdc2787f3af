//! A whole INI file: its bytes, its lines and its sections.

use std::borrow::Cow;
use std::ops::Range;
use std::sync::{Arc, OnceLock};

use super::encoding::{Encoding, Unencodable};
use super::lexer::{self, Line, LineKind, Span};
use super::names::Names;

/// An INI file as the bytes it was read from, and where things stand in them.
///
/// The bytes are the truth: [`Document::bytes`] gives back exactly what was parsed, for any bytes. Where its lines are is
/// found when somebody first asks. A clone shares both.
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

/// Where things stand in the bytes.
#[derive(Debug)]
struct Layout {
    lines: Vec<Line>,
    headers: Vec<u32>,
    /// Where the last line ends; behind it at most one odd byte of a UTF-16 file.
    end: usize,
}

impl PartialEq for Document {
    fn eq(&self, other: &Self) -> bool {
        self.encoding == other.encoding && self.bytes == other.bytes
    }
}

impl Eq for Document {}

impl Document {
    /// Takes a file's bytes. Every byte sequence is a document.
    ///
    /// # Panics
    ///
    /// On 4 GiB or more, which the store never hands over.
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

    /// Returns the bytes: those that were parsed, unless edits made others.
    pub fn bytes(&self) -> &[u8] {
        &self.bytes
    }

    /// Gives up the bytes.
    pub fn into_bytes(self) -> Vec<u8> {
        Arc::unwrap_or_clone(self.bytes)
    }

    /// Returns where the text begins: behind the byte order mark.
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

    /// Returns one line by its number, counted from 0.
    ///
    /// # Panics
    ///
    /// When there is no such line.
    pub fn line(&self, index: usize) -> &Line {
        &self.lines()[index]
    }

    /// Returns the sections in file order; sections of one name are listed each.
    pub fn sections(&self) -> impl DoubleEndedIterator<Item = Section> + ExactSizeIterator + '_ {
        (0..self.layout().headers.len()).map(|index| self.section(index))
    }

    /// Returns the section that a line is in; none for lines above the first header.
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

    /// Returns the bytes of a span as they are.
    pub fn raw(&self, span: Span) -> &[u8] {
        &self.bytes[span.range()]
    }

    /// Decodes a span; what is no text becomes U+FFFD.
    pub fn text(&self, span: Span) -> Cow<'_, str> {
        self.encoding.decode(self.raw(span))
    }

    /// Writes the letters of a span into a buffer, if they are ASCII and it has room. No text is made for that.
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

    /// Returns the text after the byte order mark, one byte for each unit of the encoding: a UTF-16 code unit from 0xff on
    /// is 0xff.
    pub fn narrowed(&self) -> Cow<'_, [u8]> {
        lexer::narrowed(&self.bytes[self.body()..], self.encoding)
    }

    /// Says whether a span is this name, ASCII letters in any case.
    pub fn is_name(&self, span: Span, name: &str) -> bool {
        let raw = self.raw(span);
        match self.encoding {
            Encoding::Utf16Le { .. } => is_wide_name(raw, name, u16::from_le_bytes),
            Encoding::Utf16Be { .. } => is_wide_name(raw, name, u16::from_be_bytes),
            _ if raw.is_ascii() => raw.eq_ignore_ascii_case(name.as_bytes()),
            _ => self.text(span).eq_ignore_ascii_case(name),
        }
    }

    /// Returns where a byte stands, as people count.
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

    /// Writes the whole document in another encoding.
    ///
    /// # Errors
    ///
    /// [`Unencodable`] when a letter does not fit, or when the bytes hold something that is no text
    /// in their own encoding (named as U+FFFD) and the width of a unit changes.
    pub fn convert(&self, to: Encoding) -> Result<Self, Unencodable> {
        let mut bytes = to.byte_order_mark().to_vec();
        let body = &self.bytes[self.encoding.body(&self.bytes)..];
        match (self.encoding, to) {
            // Both are the same units in another order, so that unpaired surrogates stay.
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

/// A header line and the lines below it, up to the next header.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Section {
    header: usize,
    end: usize,
}

impl Section {
    /// Returns the number of its header line.
    pub fn header(self) -> usize {
        self.header
    }

    /// Returns the numbers of the lines below the header.
    pub fn body(self) -> Range<usize> {
        self.header + 1..self.end
    }
}

/// A place in a file: line and column counted from 1, the column in characters.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Position {
    /// The line's number.
    pub line: usize,
    /// The character's number in the line.
    pub column: usize,
}

/// Makes a byte of each unit; one from 0x80 on stands for all that are beyond ASCII.
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

            // The lines lie side by side from the byte order mark to the end.
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
