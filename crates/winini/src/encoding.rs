//! The encodings of INI files.

use std::borrow::Cow;
use std::fmt;

/// A Windows ANSI code page, such as 1252 (Western Europe), 932 (Japan), or 65001 (UTF-8).
///
/// # Example
///
/// ```
/// use winini::CodePage;
///
/// let page = CodePage::new(1251).expect("1251 is an ANSI code page");
/// assert_eq!(page.number(), 1251);
/// assert!(CodePage::new(850).is_none(), "850 is an OEM code page");
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct CodePage {
    number: u16,
    table: &'static encoding_rs::Encoding,
}

impl CodePage {
    /// Code page 1252, which Windows uses in Western Europe and America.
    pub const WESTERN: Self = Self { number: 1252, table: encoding_rs::WINDOWS_1252 };

    /// Returns the code page with a number, or `None` if it isn't an ANSI code page of Windows.
    pub fn new(number: u16) -> Option<Self> {
        let table = match number {
            874 => encoding_rs::WINDOWS_874,
            932 => encoding_rs::SHIFT_JIS,
            936 => encoding_rs::GBK,
            949 => encoding_rs::EUC_KR,
            950 => encoding_rs::BIG5,
            1250 => encoding_rs::WINDOWS_1250,
            1251 => encoding_rs::WINDOWS_1251,
            1252 => encoding_rs::WINDOWS_1252,
            1253 => encoding_rs::WINDOWS_1253,
            1254 => encoding_rs::WINDOWS_1254,
            1255 => encoding_rs::WINDOWS_1255,
            1256 => encoding_rs::WINDOWS_1256,
            1257 => encoding_rs::WINDOWS_1257,
            1258 => encoding_rs::WINDOWS_1258,
            65001 => encoding_rs::UTF_8,
            _ => return None,
        };
        Some(Self { number, table })
    }

    /// Returns the Windows number of the code page.
    pub fn number(self) -> u16 {
        self.number
    }

    /// Returns whether a character can have several bytes. Except in UTF-8, the second byte can look like an ASCII character.
    pub fn is_double_byte(self) -> bool {
        !self.table.is_single_byte()
    }

    /// Returns whether a byte is the first byte of a two-byte character.
    pub(super) fn is_lead_byte(self, byte: u8) -> bool {
        match self.number {
            932 => matches!(byte, 0x81..=0x9f | 0xe0..=0xfc),
            936 | 949 | 950 => matches!(byte, 0x81..=0xfe),
            _ => false,
        }
    }
}

/// The encoding of a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Encoding {
    /// ASCII: only bytes below 128, which all encodings except UTF-16 read in the same way.
    Ascii,
    /// A Windows code page. The file doesn't indicate which one.
    Ansi(CodePage),
    /// UTF-8.
    Utf8 {
        /// Whether the file starts with the BOM EF BB BF.
        bom: bool,
    },
    /// UTF-16 in little-endian byte order, which MicroSIP writes since 3.19.12.
    Utf16Le {
        /// Whether the file starts with the BOM FF FE.
        bom: bool,
    },
    /// UTF-16 in big-endian byte order.
    Utf16Be {
        /// Whether the file starts with the BOM FE FF.
        bom: bool,
    },
}

impl Encoding {
    /// UTF-16LE with BOM, the only encoding that every MicroSIP version reads correctly.
    pub const MICROSIP: Self = Self::Utf16Le { bom: true };

    /// Returns the encoding that the author of a file probably used.
    ///
    /// The first of these rules that applies decides:
    ///
    /// 1. The file starts with a BOM: the encoding of the BOM.
    /// 2. The zero bytes of the first two characters indicate UTF-16 without BOM.
    /// 3. All bytes are ASCII: ASCII.
    /// 4. The code page `ansi` is UTF-8 (65001): the code page.
    /// 5. All bytes are valid UTF-8: UTF-8 without BOM.
    /// 6. Otherwise: the code page `ansi`.
    ///
    /// Windows itself reads the file differently: see [`encoding_read`](crate::profile::encoding_read).
    ///
    /// # Example
    ///
    /// ```
    /// use winini::{CodePage, Encoding};
    ///
    /// let of = |bytes| Encoding::detect(bytes, CodePage::WESTERN);
    /// assert_eq!(of(b"\xff\xfe[\0"), Encoding::Utf16Le { bom: true });
    /// assert_eq!(of("[Büro]".as_bytes()), Encoding::Utf8 { bom: false });
    /// assert_eq!(of(b"[B\xfcro]"), Encoding::Ansi(CodePage::WESTERN));
    /// assert_eq!(of(b"[Office]"), Encoding::Ascii);
    /// ```
    pub fn detect(bytes: &[u8], ansi: CodePage) -> Self {
        match bytes {
            [0xff, 0xfe, ..] => Self::Utf16Le { bom: true },
            [0xfe, 0xff, ..] => Self::Utf16Be { bom: true },
            [0xef, 0xbb, 0xbf, ..] => Self::Utf8 { bom: true },
            _ if begins_wide(bytes, 1) => Self::Utf16Le { bom: false },
            _ if begins_wide(bytes, 0) => Self::Utf16Be { bom: false },
            _ if bytes.is_ascii() => Self::Ascii,
            _ if ansi.table == encoding_rs::UTF_8 => Self::Ansi(ansi),
            _ if encoding_rs::Encoding::utf8_valid_up_to(bytes) == bytes.len() => {
                Self::Utf8 { bom: false }
            }
            _ => Self::Ansi(ansi),
        }
    }

    /// Returns the BOM of the encoding, or an empty slice if it has none.
    pub fn byte_order_mark(self) -> &'static [u8] {
        match self {
            Self::Utf16Le { bom: true } => b"\xff\xfe",
            Self::Utf16Be { bom: true } => b"\xfe\xff",
            Self::Utf8 { bom: true } => b"\xef\xbb\xbf",
            _ => b"",
        }
    }

    /// Returns the name of the encoding, such as `utf-16le` or `windows-1252`.
    pub fn name(self) -> String {
        let name = match self {
            Self::Ascii => "ascii",
            Self::Ansi(page) => return format!("windows-{}", page.number()),
            Self::Utf8 { bom: false } => "utf-8",
            Self::Utf8 { bom: true } => "utf-8-bom",
            Self::Utf16Le { bom: true } => "utf-16le",
            Self::Utf16Le { bom: false } => "utf-16le-without-bom",
            Self::Utf16Be { bom: true } => "utf-16be",
            Self::Utf16Be { bom: false } => "utf-16be-without-bom",
        };
        name.to_owned()
    }

    /// Decodes bytes without a BOM. Bytes that can't be decoded become U+FFFD, the replacement character.
    pub fn decode(self, bytes: &[u8]) -> Cow<'_, str> {
        match self {
            Self::Ascii | Self::Utf8 { .. } => String::from_utf8_lossy(bytes),
            Self::Ansi(page) => page.table.decode_without_bom_handling(bytes).0,
            Self::Utf16Le { .. } => Cow::Owned(decode_wide(bytes, u16::from_le_bytes)),
            Self::Utf16Be { .. } => Cow::Owned(decode_wide(bytes, u16::from_be_bytes)),
        }
    }

    /// Decodes bytes without a BOM, or returns `None` if encoding the text again wouldn't return the same bytes.
    pub fn decode_exact(self, bytes: &[u8]) -> Option<Cow<'_, str>> {
        let text = self.decode(bytes);
        let exact = self.encode(&text).is_ok_and(|again| again == bytes);
        exact.then_some(text)
    }

    /// Encodes text, without a BOM.
    ///
    /// # Errors
    ///
    /// [`Unencodable`] with the first character that doesn't exist in this encoding.
    pub fn encode(self, text: &str) -> Result<Cow<'_, [u8]>, Unencodable> {
        match self {
            Self::Utf8 { .. } => Ok(Cow::Borrowed(text.as_bytes())),
            Self::Ascii => match text.chars().find(|character| !character.is_ascii()) {
                Some(character) => Err(Unencodable { character, encoding: self }),
                None => Ok(Cow::Borrowed(text.as_bytes())),
            },
            Self::Ansi(page) => self.encode_ansi(page, text),
            Self::Utf16Le { .. } => {
                Ok(Cow::Owned(text.encode_utf16().flat_map(u16::to_le_bytes).collect()))
            }
            Self::Utf16Be { .. } => {
                Ok(Cow::Owned(text.encode_utf16().flat_map(u16::to_be_bytes).collect()))
            }
        }
    }

    /// Returns the offset where the text starts: after the BOM, if there is one.
    pub(super) fn body(self, bytes: &[u8]) -> usize {
        let mark = self.byte_order_mark();
        if bytes.starts_with(mark) { mark.len() } else { 0 }
    }

    /// Returns the size of a code unit in bytes: 2 for UTF-16, and 1 for other encodings.
    pub fn unit(self) -> usize {
        if self.is_wide() { 2 } else { 1 }
    }

    fn is_wide(self) -> bool {
        matches!(self, Self::Utf16Le { .. } | Self::Utf16Be { .. })
    }

    fn encode_ansi(self, page: CodePage, text: &str) -> Result<Cow<'_, [u8]>, Unencodable> {
        let (bytes, _, unmappable) = page.table.encode(text);
        if !unmappable {
            return Ok(bytes);
        }
        let character = text.chars().find(|character| {
            let mut buffer = [0; 4];
            page.table.encode(character.encode_utf8(&mut buffer)).2
        });
        Err(Unencodable {
            character: character.unwrap_or(char::REPLACEMENT_CHARACTER),
            encoding: self,
        })
    }
}

impl fmt::Display for Encoding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.name())
    }
}

/// An error for a character that doesn't exist in an encoding.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("can't encode `{character}` (U+{code:04X}) in {encoding}", code = *character as u32)]
pub struct Unencodable {
    character: char,
    encoding: Encoding,
}

impl Unencodable {
    pub(super) fn new(character: char, encoding: Encoding) -> Self {
        Self { character, encoding }
    }
}

/// Returns whether a file is UTF-16 without BOM: the first two characters are ASCII, with their zero bytes at index `zero`.
///
/// Text in any other encoding doesn't contain zero bytes.
fn begins_wide(bytes: &[u8], zero: usize) -> bool {
    let [a, b, c, d, ..] = *bytes else { return false };
    let pairs = [[a, b], [c, d]];
    bytes.len().is_multiple_of(2)
        && pairs.iter().all(|pair| pair[zero] == 0 && matches!(pair[1 - zero], 0x09..=0x7e))
}

fn decode_wide(bytes: &[u8], unit: impl Fn([u8; 2]) -> u16) -> String {
    let (pairs, rest) = bytes.as_chunks::<2>();
    // Nearly all text is ASCII, which needs no surrogate handling. Convert it first, and check afterwards.
    if rest.is_empty() {
        let mut all = 0;
        let mut characters = Vec::with_capacity(pairs.len());
        characters.extend(pairs.iter().map(|pair| {
            all |= unit(*pair);
            unit(*pair) as u8
        }));
        if all < 0x80 {
            return String::from_utf8(characters).unwrap_or_default();
        }
    }
    let mut text = String::with_capacity(pairs.len());
    let units = pairs.iter().map(|pair| unit(*pair));
    text.extend(
        char::decode_utf16(units).map(|character| character.unwrap_or(char::REPLACEMENT_CHARACTER)),
    );
    if !rest.is_empty() {
        text.push(char::REPLACEMENT_CHARACTER);
    }
    text
}

#[cfg(test)]
impl Encoding {
    /// Generates any encoding, for tests.
    pub fn any() -> impl proptest::strategy::Strategy<Value = Self> {
        use proptest::prelude::*;

        prop_oneof![
            Just(Self::Ascii),
            Just(Self::Ansi(CodePage::WESTERN)),
            Just(Self::Ansi(CodePage::new(932).unwrap())),
            any::<bool>().prop_map(|bom| Self::Utf8 { bom }),
            any::<bool>().prop_map(|bom| Self::Utf16Le { bom }),
            any::<bool>().prop_map(|bom| Self::Utf16Be { bom }),
        ]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn utf16_without_bom_is_detected_by_zero_bytes() {
        assert_eq!(
            Encoding::detect(b"[\0S\0", CodePage::WESTERN),
            Encoding::Utf16Le { bom: false }
        );
        assert_eq!(
            Encoding::detect(b"\0[\0S", CodePage::WESTERN),
            Encoding::Utf16Be { bom: false }
        );
        assert_eq!(Encoding::detect(b"[S]\0", CodePage::WESTERN), Encoding::Ascii);
    }

    #[test]
    fn utf8_is_detected_as_ansi_when_the_code_page_is_65001() {
        let page = CodePage::new(65001).unwrap();
        assert_eq!(Encoding::detect("[B\u{fc}ro]".as_bytes(), page), Encoding::Ansi(page));
        assert_eq!(Encoding::detect(b"[B\xfcro]", page), Encoding::Ansi(page));
        assert_eq!(Encoding::Ansi(page).decode_exact(b"[B\xfcro]"), None);
        assert_eq!(Encoding::detect(b"\xef\xbb\xbf[S]", page), Encoding::Utf8 { bom: true });
        assert_eq!(Encoding::detect(b"[S]", page), Encoding::Ascii);
    }

    #[test]
    fn unpaired_surrogate_has_no_exact_decoding() {
        let encoding = Encoding::MICROSIP;
        assert_eq!(encoding.decode(b"a\0\x00\xd8"), "a\u{fffd}");
        assert_eq!(encoding.decode_exact(b"a\0\x00\xd8"), None);
        assert_eq!(encoding.decode_exact(b"a\0").as_deref(), Some("a"));
    }

    #[test]
    fn encoding_error_names_the_unencodable_character() {
        let error = Encoding::Ansi(CodePage::WESTERN).encode("aж").unwrap_err();
        assert_eq!(error.to_string(), "can't encode `ж` (U+0436) in windows-1252");
    }

    #[test]
    fn ansi_code_pages_round_trip_their_own_characters() {
        let samples = [
            (874, "ก"),
            (932, "表"),
            (936, "中"),
            (949, "한"),
            (950, "繁"),
            (1250, "č"),
            (1251, "ж"),
            (1252, "é"),
            (1253, "λ"),
            (1254, "ğ"),
            (1255, "ש"),
            (1256, "س"),
            (1257, "ė"),
            (1258, "ơ"),
            (65001, "表é"),
        ];
        for (number, text) in samples {
            let encoding = Encoding::Ansi(CodePage::new(number).unwrap());
            let bytes = encoding.encode(text).unwrap();
            assert_eq!(encoding.decode(&bytes), text, "{number}");
        }
    }
}
