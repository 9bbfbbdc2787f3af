//! Files with bytes in several encodings, and UTF-16 that a tool changed as bytes.

use winini::{CodePage, Document, Encoding};

/// The joined segments of a file.
pub(super) struct Joined {
    /// The complete text, as MicroSIP would have written it.
    pub document: Document,
    /// The offset at which the second segment starts.
    pub second: usize,
    /// Whether no character had to be guessed.
    pub is_sure: bool,
}

/// Returns the document of a text.
pub(super) fn document_of(text: &str) -> Document {
    let encoding = Encoding::MICROSIP;
    let mut bytes = encoding.byte_order_mark().to_vec();
    bytes.extend(text.encode_utf16().flat_map(u16::to_le_bytes));
    Document::parse(bytes, encoding)
}

/// Decodes a file segment by segment, each in its encoding: single-byte lines after UTF-16 lines, or the reverse. `None` if
/// the file has only one segment.
pub(super) fn joined(document: &Document) -> Option<Joined> {
    let (bytes, encoding) = (document.bytes(), document.encoding());
    let bom = encoding.byte_order_mark();
    let start = if bytes.starts_with(bom) { bom.len() } else { 0 };
    let wide = match encoding {
        Encoding::Utf16Le { .. } => Some(ByteOrder::Little),
        Encoding::Utf16Be { .. } => Some(ByteOrder::Big),
        _ => None,
    };
    // Most files have one segment, which is quickly recognized without decoding every character.
    if wide.is_none() && memchr::memchr(0, bytes).is_none() {
        return lines(document, start);
    }
    let page = match encoding {
        Encoding::Ansi(page) => page,
        _ => CodePage::WESTERN,
    };
    let reader = Reader { bytes, page, was_wide: wide.is_some() };
    reader.read(start, wide)
}

/// The byte order of UTF-16.
#[derive(Clone, Copy, PartialEq, Eq)]
enum ByteOrder {
    Little,
    Big,
}

struct Reader<'b> {
    bytes: &'b [u8],
    page: CodePage,
    was_wide: bool,
}

impl Reader<'_> {
    fn read(&self, start: usize, mut wide: Option<ByteOrder>) -> Option<Joined> {
        let bytes = self.bytes;
        let (mut text, mut units) = (String::new(), Vec::new());
        let (mut offset, mut second, mut is_sure) = (start, None, true);
        while offset < bytes.len() {
            let Some(order) = wide else {
                let end = self.narrow_end(offset);
                let (segment, sure) = narrow_text(&bytes[offset..end], self.page);
                text.push_str(&segment);
                is_sure &= sure;
                offset = end;
                if offset < bytes.len() {
                    second.get_or_insert(offset);
                    offset += if bytes[offset..].starts_with(b"\xff\xfe") { 2 } else { 0 };
                    wide = Some(ByteOrder::Little);
                }
                continue;
            };
            let is_start = text_ends_line(&units, &text);
            if self.is_narrow_at(offset, is_start) {
                second.get_or_insert(offset);
                text.push_str(&String::from_utf16_lossy(&units));
                units.clear();
                if !is_start {
                    text.push_str("\r\n");
                    is_sure = false;
                }
                wide = None;
                continue;
            }
            // An invalid UTF-8 byte has become a replacement character of three bytes.
            if !self.was_wide && bytes[offset..].starts_with(b"\xef\xbf\xbd") {
                units.push(0xfffd);
                offset += 3 + usize::from(bytes.get(offset + 3) == Some(&0));
                continue;
            }
            let Some([one, other]) = bytes[offset..].first_chunk::<2>() else { break };
            units.push(match order {
                ByteOrder::Little => u16::from_le_bytes([*one, *other]),
                ByteOrder::Big => u16::from_be_bytes([*one, *other]),
            });
            offset += 2;
        }
        text.push_str(&String::from_utf16_lossy(&units));
        let text = text.trim_end_matches('\0');
        Some(Joined { document: document_of(text), second: second?, is_sure })
    }

    /// Returns the end of a single-byte segment: the next UTF-16 character, or the end of the file.
    fn narrow_end(&self, from: usize) -> usize {
        let bytes = self.bytes;
        let mut at = from;
        while let Some(nul) = memchr::memchr(0, &bytes[at..]) {
            let nul = at + nul;
            let character = nul.checked_sub(1).filter(|character| *character >= from);
            // A character followed by a NUL byte, and then by another such character, a non-ASCII character, or the end.
            let is_not_nul = |at: usize| bytes.get(at).is_none_or(|byte| *byte != 0);
            let is_wide = bytes.get(nul + 2).is_none_or(|high| *high == 0 || *high >= 0x80);
            match character {
                Some(character) if is_not_nul(character) && is_not_nul(nul + 1) && is_wide => {
                    let bom = character.checked_sub(2).filter(|bom| *bom >= from);
                    return bom
                        .filter(|bom| bytes[*bom..].starts_with(b"\xff\xfe"))
                        .unwrap_or(character);
                }
                _ => at = nul + 1,
            }
        }
        bytes.len()
    }

    /// Returns whether single-byte lines start at an offset within UTF-16: a key and `=`, a header, or a comment, up to the
    /// end of the line and without a NUL byte. Within a line, the key must be one of MicroSIP's.
    fn is_narrow_at(&self, offset: usize, is_start: bool) -> bool {
        /// Longer than any key.
        const MAX_KEY: usize = 64;
        let rest = &self.bytes[offset..];
        let is_name = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'_' | b'-');
        let near = &rest[..rest.len().min(MAX_KEY)];
        let key_end = near.iter().position(|byte| !is_name(*byte)).unwrap_or(near.len());
        let (key, after) = near.split_at(key_end);
        let is_entry = after.trim_ascii_start().first() == Some(&b'=');
        let is_other = is_start && matches!(rest[0], b'[' | b';');
        // Almost always, this is enough, and the search for the end of the line isn't needed.
        if !is_entry && !is_other {
            return false;
        }
        let end = memchr::memchr2(b'\r', b'\n', rest).unwrap_or(rest.len());
        let line = &rest[..end];
        if line.len() < 3 || memchr::memchr(0, line).is_some() {
            return false;
        }
        let Ok(key) = str::from_utf8(key) else { return false };
        match is_start {
            true => match line[0] {
                b'[' => line[1..]
                    .iter()
                    .position(|byte| *byte == b']')
                    .is_some_and(|end| line[1..=end].iter().all(u8::is_ascii_graphic)),
                b';' => line.is_ascii(),
                _ => !key.is_empty() && is_entry,
            },
            false => is_entry && !microsip_schema::sections_of(key).is_empty() && key.len() > 1,
        }
    }
}

/// Returns whether the text that was decoded so far ends with a line ending.
fn text_ends_line(units: &[u16], text: &str) -> bool {
    match units.last() {
        Some(unit) => matches!(unit, 0x0a | 0x0d),
        None => text.is_empty() || text.ends_with(['\r', '\n']),
    }
}

/// Decodes a single-byte segment line by line, and returns whether no line needed a code page.
fn narrow_text(segment: &[u8], page: CodePage) -> (String, bool) {
    let (mut text, mut is_sure) = (String::new(), true);
    for line in segment.split_inclusive(|byte| *byte == b'\n') {
        match str::from_utf8(line) {
            Ok(line) => text.push_str(line),
            Err(_) => {
                text.push_str(&Encoding::Ansi(page).decode(line));
                is_sure = false;
            }
        }
    }
    (text, is_sure)
}

/// Decodes a file with a UTF-8 BOM in which some lines are in a code page.
fn lines(document: &Document, start: usize) -> Option<Joined> {
    let bytes = document.bytes();
    if document.encoding() != (Encoding::Utf8 { bom: true }) || str::from_utf8(bytes).is_ok() {
        return None;
    }
    let second = start + str::from_utf8(&bytes[start..]).err()?.valid_up_to();
    let (text, is_sure) = narrow_text(&bytes[start..], CodePage::WESTERN);
    Some(Joined { document: document_of(&text), second, is_sure })
}

/// Returns the offset of the first line ending of UTF-16 that was converted as bytes, and the restored document.
pub(super) fn with_restored_line_endings(document: &Document) -> Option<(usize, Document)> {
    if !matches!(document.encoding(), Encoding::Utf16Le { .. }) {
        return None;
    }
    let bytes = document.bytes();
    // CR was added before each LF, or each CR was removed.
    let conversions: [(&[u8], &[u8]); 3] =
        [(b"\r\0\r\n\0", b"\r\0\n\0"), (b"\0\r\n\0", b"\0\r\0\n\0"), (b"\0\0\n\0", b"\0\r\0\n\0")];
    for (from, to) in conversions {
        let first = memchr::memmem::find(bytes, from);
        let Some(first) = first else { continue };
        let mut restored = Vec::with_capacity(bytes.len());
        let mut rest = bytes;
        while let Some(found) = memchr::memmem::find(rest, from) {
            restored.extend_from_slice(&rest[..found]);
            restored.extend_from_slice(to);
            rest = &rest[found + from.len()..];
        }
        restored.extend_from_slice(rest);
        let restored = Document::parse(restored, document.encoding());
        if ascii_units(&restored) > ascii_units(document) && restored.lines().len() > 1 {
            return Some((first, restored));
        }
        return None;
    }
    None
}

/// Returns the number of UTF-16 code units that are ASCII characters.
fn ascii_units(document: &Document) -> usize {
    let (pairs, _) = document.bytes().as_chunks::<2>();
    pairs.iter().filter(|[low, high]| *high == 0 && *low != 0 && low.is_ascii()).count()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn wide(text: &str) -> Vec<u8> {
        text.encode_utf16().flat_map(u16::to_le_bytes).collect()
    }

    #[track_caller]
    fn check(segments: &[&[u8]], expected: Option<(&str, bool)>) {
        let bytes = segments.concat();
        let encoding = Encoding::detect(&bytes, CodePage::WESTERN);
        let found = joined(&Document::parse(bytes, encoding));
        let found = found.map(|joined| {
            let bytes = joined.document.bytes();
            (Encoding::MICROSIP.decode(&bytes[2..]).into_owned(), joined.is_sure)
        });
        assert_eq!(found.as_ref().map(|(text, sure)| (text.as_str(), *sure)), expected);
    }

    #[test]
    fn ansi_bytes_after_utf16_are_decoded() {
        let text = wide("[Settings]\r\nAA=1\r\n");
        check(
            &[b"\xff\xfe", &text, b"DND=1 \r\n"],
            Some(("[Settings]\r\nAA=1\r\nDND=1 \r\n", true)),
        );
        check(&[b"\xff\xfe", &text, b"DND=1\r\n"], Some(("[Settings]\r\nAA=1\r\nDND=1\r\n", true)));
        check(&[b"\xff\xfe", &text, b"[X]\r\n"], Some(("[Settings]\r\nAA=1\r\n[X]\r\n", true)));
        check(
            &[b"\xff\xfe", &text, b"x=1\r\n", &wide("y=2\r\n")],
            Some(("[Settings]\r\nAA=1\r\nx=1\r\ny=2\r\n", true)),
        );
        let open = wide("[Settings]\r\nAA=1");
        check(
            &[b"\xff\xfe", &open, b"DND=1\r\n"],
            Some(("[Settings]\r\nAA=1\r\nDND=1\r\n", false)),
        );
        check(&[b"\xff\xfe", &text], None);
        check(&[b"\xff\xfe", &wide("[Settings]\r\n\u{4e2d}\u{6587}=\u{6568}\r\n")], None);
    }

    #[test]
    fn utf16_after_ansi_bytes_is_decoded() {
        let text = wide("DND=1\r\n");
        check(&[b"[Settings]\r\n", &text], Some(("[Settings]\r\nDND=1\r\n", true)));
        check(&[b"[Settings]\r\n\xff\xfe", &text], Some(("[Settings]\r\nDND=1\r\n", true)));
        check(&[b"[Settings]\r\nlabel=a\0b\r\n"], None);
        check(&[b"[Settings]\r\n\0\0\0\0"], None);
    }

    #[test]
    fn utf8_with_ansi_lines_is_decoded_per_line() {
        check(
            &["\u{feff}[S]\na=\u{fc}\n".as_bytes(), b"b=\xfc\n"],
            Some(("[S]\na=ü\nb=ü\n", false)),
        );
        check(&["\u{feff}[S]\na=\u{fc}\n".as_bytes()], None);
    }

    #[test]
    fn corrupt_utf16_line_endings_are_restored() {
        let intact = [b"\xff\xfe".as_slice(), &wide("[S]\r\na=1\r\nb=\u{fc}\r\n")].concat();
        let check = |corrupt: Vec<u8>| {
            let found = with_restored_line_endings(&Document::parse(corrupt, Encoding::MICROSIP));
            assert_eq!(found.map(|(_, document)| document.into_bytes()), Some(intact.clone()));
        };
        let mut with_cr = Vec::new();
        for byte in &intact {
            if *byte == b'\n' {
                with_cr.push(b'\r');
            }
            with_cr.push(*byte);
        }
        check(with_cr);
        check(intact.iter().copied().filter(|byte| *byte != b'\r').collect());
        assert!(
            with_restored_line_endings(&Document::parse(intact.clone(), Encoding::MICROSIP))
                .is_none()
        );
    }

    proptest! {
        #[test]
        fn joining_any_bytes_does_not_panic(bytes in prop::collection::vec(
            prop_oneof![any::<u8>(), prop::sample::select(b"\0\0\0AA=1[\r\n\xff\xfe\xef\xbf\xbd".to_vec())],
            0..80,
        )) {
            let encoding = Encoding::detect(&bytes, CodePage::WESTERN);
            let document = Document::parse(bytes, encoding);
            joined(&document);
            with_restored_line_endings(&document);
        }
    }
}
