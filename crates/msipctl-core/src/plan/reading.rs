//! What MicroSIP reads from a file, and where that differs from what msipctl reads.
//!
//! msipctl reads a file as its author intended ([`Encoding::detect`]). MicroSIP 3.19.12 and newer converts every file
//! that doesn't start with FF FE when it starts: it decodes the bytes up to the first NUL as the ANSI code page. Older
//! versions leave the file to Windows, which also reads it as the ANSI code page. Only this module knows the
//! difference.

use std::borrow::Cow;
use std::collections::HashMap;
use std::fmt;

use microsip_schema::{Availability, Key, Kind, Section, Version, leading_number};
use winini::profile::{Profile, SectionView, encoding_read, read_rule, truncate};
use winini::{CodePage, Document, Encoding};

/// The first version that converts a file when it starts.
const CONVERTS_SINCE: Version = Version::new(3, 19, 12);

/// Why MicroSIP doesn't read a file as msipctl does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ReadProblem {
    /// The file contains only NUL characters.
    OnlyNul,
    /// The file ends in NUL characters, as after a power failure.
    NulAtEnd,
    /// NUL characters are followed by more text.
    NulInText {
        /// The line of the first one, starting at 1.
        line: usize,
        /// Whether the text ends there for MicroSIP. In UTF-16LE with BOM, only a value does.
        ends_text: bool,
    },
    /// MicroSIP doesn't support the encoding.
    Encoding(Encoding),
}

impl ReadProblem {
    /// Returns why a version of MicroSIP doesn't read a file as msipctl does; `None` if it does.
    ///
    /// # Example
    ///
    /// ```
    /// use winini::{Document, Encoding};
    /// use msipctl_core::plan::ReadProblem;
    /// use microsip_schema::Version;
    ///
    /// let of = |bytes: &[u8]| {
    ///     ReadProblem::of(&Document::parse(bytes.to_vec(), Encoding::Ascii), Version::NEWEST)
    /// };
    /// assert_eq!(of(b"[Settings]\r\nAA=1\r\n"), None);
    /// assert_eq!(of(b"[Settings]\r\nAA=1\r\n\0\0\0\0"), Some(ReadProblem::NulAtEnd));
    /// assert_eq!(of(&[0; 512]), Some(ReadProblem::OnlyNul));
    /// ```
    pub fn of(document: &Document, microsip: Version) -> Option<Self> {
        let nul = nul(document);
        nul.or_else(|| {
            let encoding = document.encoding();
            let is_kept = matches!(encoding, Encoding::Ansi(_)) && microsip < CONVERTS_SINCE;
            let is_misread = !is_kept && super::encoding::read_problem(encoding).is_some();
            is_misread.then_some(Self::Encoding(encoding))
        })
    }

    /// Describes the problem of a file, with its encoding if that is the reason.
    pub fn about(self, document: &Document) -> String {
        match self.of_encoding() {
            Some(reason) => format!("the file is {}: {reason}", document.encoding()),
            None => self.to_string(),
        }
    }

    /// Returns whether MicroSIP reads other values than msipctl, and not only garbage after them.
    pub fn changes_values(self) -> bool {
        !matches!(
            self,
            Self::Encoding(Encoding::Ansi(_)) | Self::NulInText { ends_text: false, .. }
        )
    }

    /// Returns whether NUL characters are the reason.
    pub fn is_nul(self) -> bool {
        !matches!(self, Self::Encoding(_))
    }

    /// Returns the next step.
    pub fn hint(self) -> &'static str {
        match self {
            Self::OnlyNul => {
                "run `msipctl backup restore` to restore a backup, or `msipctl check --fix` to create a new file"
            }
            Self::NulInText { .. } => {
                "run `msipctl check --fix`, which keeps a backup; to also apply a fix that may be wrong, pass `--unsafe-fixes`"
            }
            Self::NulAtEnd | Self::Encoding(_) => {
                "run `msipctl check --fix`, which writes a new file and keeps a backup"
            }
        }
    }
}

impl ReadProblem {
    /// Returns how MicroSIP misreads the encoding, if that is the reason.
    pub fn of_encoding(self) -> Option<&'static str> {
        match self {
            Self::Encoding(encoding) => super::encoding::read_problem(encoding),
            _ => None,
        }
    }
}

impl fmt::Display for ReadProblem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::OnlyNul => {
                f.write_str("the file holds only NUL characters, so its settings are lost")
            }
            Self::NulAtEnd => f.write_str(
                "the file ends in NUL characters, as after a power failure, so its last lines may be missing",
            ),
            Self::NulInText { line, ends_text } => {
                let what = if *ends_text { "text for MicroSIP" } else { "value for Windows" };
                write!(f, "line {line} holds a NUL character, which ends the {what}")
            }
            Self::Encoding(encoding) => {
                let reason = super::encoding::read_problem(*encoding).unwrap_or_default();
                write!(f, "the file is {encoding}: {reason}")
            }
        }
    }
}

/// Finds NUL characters.
fn nul(document: &Document) -> Option<ReadProblem> {
    let (start, unit) = (document.body(), document.encoding().unit());
    let body = &document.bytes()[start..];
    let first = if unit == 1 { memchr::memchr(0, body)? } else { wide_nul(body)? };
    let kept = without_nul_at_end(body, unit);
    Some(match first {
        _ if kept.is_empty() => ReadProblem::OnlyNul,
        first if first >= kept.len() => ReadProblem::NulAtEnd,
        first => ReadProblem::NulInText {
            line: document.position(start + first).line,
            // UTF-32 starts like UTF-16.
            ends_text: document.encoding() != Encoding::MICROSIP || first == 0,
        },
    })
}

/// Finds the first UTF-16 code unit that is NUL.
fn wide_nul(body: &[u8]) -> Option<usize> {
    let mut from = 0;
    while let Some(found) = memchr::memmem::find(&body[from..], b"\0\0") {
        let found = from + found;
        if found.is_multiple_of(2) {
            return Some(found);
        }
        // A high byte and the low byte after it.
        from = found + 1;
    }
    None
}

/// Returns what remains without the NUL characters at the end.
fn without_nul_at_end(body: &[u8], unit: usize) -> &[u8] {
    let last = body.chunks(unit).rposition(|unit| unit.iter().any(|byte| *byte != 0));
    let end = last.map_or(0, |last| ((last + 1) * unit).min(body.len()));
    &body[..end]
}

/// Returns the document without the NUL characters at its end; `None` if there are none, or nothing else.
pub(super) fn truncated(document: &Document) -> Option<Document> {
    let (start, unit) = (document.body(), document.encoding().unit());
    let body = &document.bytes()[start..];
    let kept = without_nul_at_end(body, unit);
    let is_truncated = kept.len() < body.len() && !kept.is_empty();
    is_truncated.then(|| {
        let bytes = document.bytes()[..start + kept.len()].to_vec();
        Document::parse(bytes, document.encoding())
    })
}

/// Returns the document as a version of MicroSIP reads it. `page` is the ANSI code page of its PC.
///
/// # Example
///
/// ```
/// use winini::{CodePage, Document, Encoding};
/// use msipctl_core::plan::as_read;
/// use winini::profile::Profile;
/// use microsip_schema::Version;
///
/// let bytes = b"\xef\xbb\xbf[Settings]\r\nAA=1\r\n[Settings]\r\nAA=0\r\n".to_vec();
/// let document = Document::parse(bytes, Encoding::Utf8 { bom: true });
/// let read = as_read(&document, CodePage::WESTERN, Version::NEWEST);
/// assert_eq!(Profile::new(&document).get("Settings", "AA").as_deref(), Some("1"));
/// assert_eq!(Profile::new(&read).get("Settings", "AA").as_deref(), Some("0"));
/// ```
pub fn as_read(document: &Document, page: CodePage, microsip: Version) -> Cow<'_, Document> {
    let bytes = document.bytes();
    let (encoding, page) = match document.encoding() {
        Encoding::Ansi(page) => (encoding_read(bytes, page), page),
        _ => (encoding_read(bytes, page), page),
    };
    if bytes.is_empty() || encoding == document.encoding() && encoding == Encoding::MICROSIP {
        return Cow::Borrowed(document);
    }
    let converts = microsip >= CONVERTS_SINCE && encoding != Encoding::MICROSIP;
    let end = if converts { memchr::memchr(0, bytes) } else { None };
    match document.encoding() {
        // Also if an edit removed what hid a BOM.
        _ if encoding == Encoding::MICROSIP => {
            Cow::Owned(Document::parse(bytes.to_vec(), encoding))
        }
        Encoding::Ascii | Encoding::Ansi(_) if end.is_none() => Cow::Borrowed(document),
        _ => {
            let read = bytes[..end.unwrap_or(bytes.len())].to_vec();
            Cow::Owned(Document::parse(read, Encoding::Ansi(page)))
        }
    }
}

/// Returns whether a version of MicroSIP reads every value after a change that it reads before.
///
/// A key that it didn't find before may have any value after the change. So may a value whose non-ASCII characters it
/// decoded in the wrong encoding, if the change decodes the same bytes correctly.
pub fn keeps_values(
    before: &Document,
    after: &Document,
    page: CodePage,
    microsip: Version,
) -> bool {
    let (now, then) = (as_read(before, page, microsip), as_read(after, page, microsip));
    if now == then {
        return true;
    }
    let is_decoded_wrong = now.encoding() != before.encoding() && !now.bytes().is_ascii();
    let then = Profile::new(&then);
    for section in Profile::new(&now).counting_sections() {
        let entries = values(section, microsip);
        if entries.is_empty() {
            continue;
        }
        let Some(section) = then.section(&section.name()) else { return false };
        let after = values(section, microsip);
        for (name, (key, entry)) in &entries {
            let Some((_, other)) = after.get(name) else { return false };
            let (value, new) = (entry.value(), other.value());
            if is_same(key, &value, &new, microsip) || is_shifted(&value) {
                continue;
            }
            let raw = now.raw(entry.value_span());
            let meant = || read_rule(&before.encoding().decode(raw)) == new;
            if !(is_decoded_wrong && !raw.is_ascii() && meant()) {
                return false;
            }
        }
    }
    true
}

/// Returns whether msipctl and MicroSIP, which reads `read`, find different values in a file.
pub(super) fn differs(document: &Document, read: &Document) -> bool {
    let entries = |document: &Document| -> Vec<(String, String, String)> {
        let profile = Profile::new(document);
        let of = |section: SectionView<'_>| {
            let name = section.name().to_ascii_lowercase();
            let entries = section.counting_entries().into_iter();
            let row = |entry: winini::profile::Entry<'_>| {
                let key = entry.key().to_ascii_lowercase();
                (name.clone(), key, entry.value().into_owned())
            };
            entries.map(row).collect::<Vec<_>>()
        };
        profile.counting_sections().flat_map(of).collect()
    };
    entries(document) != entries(read)
}

type Values<'d> = HashMap<String, (&'static Key, winini::profile::Entry<'d>)>;

/// Returns the entries of a section that a version reads, by key.
fn values(section: SectionView<'_>, microsip: Version) -> Values<'_> {
    let name = section.name();
    let Some(kind) = Section::of(&name) else { return HashMap::new() };
    let mut values: Values<'_> = HashMap::new();
    for entry in section.counting_entries() {
        let key = entry.key();
        let row = microsip_schema::find(&name, &key);
        if let Some(row) = row.filter(|row| row.available(microsip) == Availability::Yes) {
            values.insert(key.to_ascii_lowercase(), (row, entry));
        }
    }
    // The account of old versions is read only if `accountId` doesn't select another one.
    let id = values.get("accountid").is_some_and(|(_, entry)| !entry.is_empty());
    if kind == Section::Settings && id {
        values.retain(|_, (row, _)| !row.is_legacy_account());
    }
    // A list ends at the first missing number.
    if matches!(kind, Section::Shortcuts | Section::Dialed | Section::Contacts) {
        let missing = (0_usize..).find(|number| !values.contains_key(&number.to_string()));
        let count = missing.unwrap_or_default();
        values.retain(|key, _| key.parse::<usize>().is_ok_and(|number| number < count));
    }
    values
}

/// Returns whether a value contains a line ending whose bytes are shifted by one, as in UTF-16 whose line endings were
/// converted as bytes.
fn is_shifted(value: &str) -> bool {
    value.contains(['\u{a00}', '\u{a0d}', '\u{d00}'])
}

/// Returns whether a version treats two values of a key as the same.
pub fn is_same(key: &Key, value: &str, other: &str, microsip: Version) -> bool {
    let limit = key.limit(microsip);
    let (value, other) = (truncate(value, limit), truncate(other, limit));
    value == other
        || match key.kind() {
            Kind::Switch(_) => key.switch_on(value, microsip) == key.switch_on(other, microsip),
            Kind::Number { .. } => {
                let number = |value| leading_number(value).0.unwrap_or_default();
                number(value) == number(other) && !value.is_empty() && !other.is_empty()
            }
            _ => false,
        }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(bytes: &[u8]) -> Option<ReadProblem> {
        let encoding = Encoding::detect(bytes, CodePage::WESTERN);
        ReadProblem::of(&Document::parse(bytes.to_vec(), encoding), Version::NEWEST)
    }

    fn wide(text: &str) -> Vec<u8> {
        let units = text.encode_utf16().flat_map(u16::to_le_bytes);
        [0xff, 0xfe].into_iter().chain(units).collect()
    }

    #[test]
    fn nul_characters_are_detected_in_every_encoding() {
        use ReadProblem::{NulAtEnd, NulInText, OnlyNul};
        let text = "[Settings]\r\nlabel=\u{100}\u{fc}\r\n";
        let utf8 = text.as_bytes();
        assert_eq!(of(&[utf8, &[0; 9]].concat()), Some(NulAtEnd));
        assert_eq!(of(b"[S]\r\nk=\xfc\r\n\0\0\0"), Some(NulAtEnd));
        assert_eq!(
            of(b"[S]\r\nk=1\0\r\nl=2\r\n\0\0"),
            Some(NulInText { line: 2, ends_text: true })
        );
        assert_eq!(of(&wide(text)), None);
        // In UTF-16, an odd byte may follow.
        for count in [2, 3, 512, 513] {
            assert_eq!(of(&[wide(text), vec![0; count]].concat()), Some(NulAtEnd), "{count}");
        }
        assert_eq!(of(&wide("[S]\r\n\0\0k=1\r\n")), Some(NulInText { line: 2, ends_text: false }));
        assert_eq!(of(b"\xff\xfe\0\0[\0\0\0"), Some(NulInText { line: 1, ends_text: true }));
        for bytes in [&[0; 512][..], &[0; 511], b"\xff\xfe\0\0\0\0", b"\xef\xbb\xbf\0\0"] {
            assert_eq!(of(bytes), Some(OnlyNul), "{bytes:?}");
        }
        // msipctl doesn't detect truncated UTF-16 without BOM as UTF-16.
        assert_eq!(of(&wide("[S]\r\n")[2..9]), Some(NulInText { line: 1, ends_text: true }));
        assert_eq!(of(b"\xff\xfe"), None);
        assert_eq!(of(b""), None);
    }

    #[test]
    fn unsupported_encodings_are_reported_as_misread() {
        let encoding = |bytes: &[u8]| match of(bytes) {
            Some(ReadProblem::Encoding(encoding)) => Some(encoding),
            _ => None,
        };
        assert_eq!(encoding(b"\xef\xbb\xbf"), Some(Encoding::Utf8 { bom: true }));
        assert_eq!(encoding(b"\xfe\xff\0[\0S"), Some(Encoding::Utf16Be { bom: true }));
        assert_eq!(encoding(b"[\0S\0"), Some(Encoding::Utf16Le { bom: false }));
        assert_eq!(encoding("[\u{fc}]".as_bytes()), Some(Encoding::Utf8 { bom: false }));
        assert_eq!(encoding(b"[\xfc]"), None);
        let japanese = Encoding::Ansi(CodePage::new(932).unwrap());
        let document = Document::parse(b"k=\x81\x5d".to_vec(), japanese);
        let misread = ReadProblem::of(&document, Version::NEWEST).unwrap();
        assert!(!misread.changes_values());
        assert_eq!(ReadProblem::of(&document, Version::new(3, 19, 11)), None);
    }

    fn keeps(before: &[u8], after: &[u8]) -> bool {
        let parse = |bytes: &[u8]| {
            Document::parse(bytes.to_vec(), Encoding::detect(bytes, CodePage::WESTERN))
        };
        keeps_values(&parse(before), &parse(after), CodePage::WESTERN, Version::NEWEST)
    }

    #[test]
    fn effective_values_are_compared_as_microsip_reads_them() {
        let bom = "\u{feff}[Settings]\r\nAA=1\r\n";
        assert!(keeps(bom.as_bytes(), &wide("[Settings]\r\nAA=1\r\n")));
        let twice = "[Settings]\r\nAA=1\r\n[Settings]\r\nAA=0\r\n";
        let with_bom = format!("\u{feff}{twice}");
        assert!(!keeps(with_bom.as_bytes(), &wide(twice)));
        // The same bytes, decoded correctly.
        let label = "[Account1]\r\nlabel=B\u{fc}ro\r\n";
        assert!(keeps(label.as_bytes(), &wide(label)));
        assert!(!keeps(label.as_bytes(), &wide(&label.replace('B', "D"))));
        assert!(keeps(b"[Settings]\r\nDND=0x\r\n", b"[Settings]\r\nDND=0\r\n"));
        assert!(!keeps(b"[Settings]\r\nDND=0\r\n", b"[Settings]\r\n"));
        assert!(!keeps(b"[Settings]\r\ncmdCallEnd=\r\n", b"[Settings]\r\ncmdCallEnd=a\r\n"));
        assert!(keeps(b"[Settings]\r\nnote=1\r\n", b"[Settings]\r\nnote=2\r\n"));
        assert!(keeps(b"[Shortcuts]\r\n1=a;1;call\r\n", b"[Shortcuts]\r\n0=a;1;call\r\n"));
    }
}
