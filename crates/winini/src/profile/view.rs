//! Reads sections and keys as the profile functions do.

use std::borrow::Cow;
use std::collections::hash_map::Entry::{Occupied, Vacant};
use std::collections::{HashMap, HashSet};
use std::ops::Range;

use super::value::read_rule;
use crate::document::{Document, Section};
use crate::encoding::{CodePage, Encoding};
use crate::lexer::{LineKind, Span};
use crate::names::Name;

/// The Windows view of a document.
///
/// Names match in any case of ASCII letters. If several sections or keys have the same name, Windows reads only the first.
/// Windows never reads lines that start with `;`, or lines before the first header.
///
/// # Example
///
/// ```
/// use winini::{Document, Encoding};
/// use winini::profile::Profile;
///
/// let bytes = b"[Settings]\r\nlocalDTMF = \"1\"\r\nLocalDtmf=0\r\n".to_vec();
/// let document = Document::parse(bytes, Encoding::Ascii);
/// let profile = Profile::new(&document);
/// assert_eq!(profile.get("settings", "LOCALDTMF").as_deref(), Some("1"));
/// assert_eq!(profile.get("settings", "enableLog"), None);
/// ```
#[derive(Debug, Clone, Copy)]
pub struct Profile<'d> {
    document: &'d Document,
}

impl<'d> Profile<'d> {
    /// Creates a view of a document.
    pub fn new(document: &'d Document) -> Self {
        Self { document }
    }

    /// Returns the document.
    pub fn document(self) -> &'d Document {
        self.document
    }

    /// Returns all sections in file order, including duplicates, as in the list of section names that Windows returns.
    pub fn sections(self) -> impl DoubleEndedIterator<Item = SectionView<'d>> {
        let document = self.document;
        document.sections().map(move |section| SectionView { document, section })
    }

    /// Returns the section that Windows reads: the first one with this name. Ignores spaces, but not tabs, around `name`.
    pub fn section(self, name: &str) -> Option<SectionView<'d>> {
        let document = self.document;
        let section = document.section_named(asked(name))?;
        Some(SectionView { document, section })
    }

    /// Returns all sections with this name. Windows reads only the first.
    pub fn sections_named(self, name: &str) -> impl Iterator<Item = SectionView<'d>> {
        let name = asked(name);
        self.sections().filter(move |section| section.is_named(name))
    }

    /// Returns the sections that Windows reads: the first of each name, in file order.
    pub fn counting_sections(self) -> impl Iterator<Item = SectionView<'d>> {
        let mut seen = HashSet::new();
        self.sections().filter(move |section| seen.insert(section.folded_name()))
    }

    /// Returns all entries that Windows reads, in file order, each with the lines of its shadowed duplicates.
    ///
    /// # Example
    ///
    /// ```
    /// use winini::{Document, Encoding};
    /// use winini::profile::Profile;
    ///
    /// let document = Document::parse(b"[S]\na=1\nA=2\nb=3\n[s]\na=4\nc=5\n".to_vec(), Encoding::Ascii);
    /// let readings = Profile::new(&document).readings();
    /// assert_eq!(readings.len(), 1);
    /// let entries: Vec<_> = readings[0].entries.iter().map(|(it, others)| (it.line(), others.as_slice())).collect();
    /// assert_eq!(entries, [(1, &[2, 5][..]), (3, &[][..])]);
    /// ```
    pub fn readings(self) -> Vec<Reading<'d>> {
        let document = self.document;
        let mut readings: Vec<Reading<'d>> = Vec::new();
        let mut sections = HashMap::new();
        let mut entries: HashMap<(usize, Name), usize> =
            HashMap::with_capacity(document.lines().len());
        for section in self.sections() {
            let place = *sections.entry(section.folded_name()).or_insert_with(|| {
                readings.push(Reading { section, entries: Vec::new() });
                readings.len() - 1
            });
            let reading = &mut readings[place];
            let is_first = reading.section.place() == section.place();
            for entry in section.entries() {
                match entries.entry((place, entry.folded_key())) {
                    Occupied(known) => reading.entries[*known.get()].1.push(entry.line()),
                    Vacant(new) if is_first => {
                        new.insert(reading.entries.len());
                        reading.entries.push((entry, Vec::new()));
                    }
                    Vacant(_) => {}
                }
            }
        }
        readings
    }

    /// Returns the section that contains a line, even if it's a duplicate. Returns `None` for a line before the first header.
    pub fn section_at(self, line: usize) -> Option<SectionView<'d>> {
        let document = self.document;
        document.section_of(line).map(|section| SectionView { document, section })
    }

    /// Returns the entry in a line and its section, even if they're duplicates.
    ///
    /// Returns `None` for a line that isn't an entry, and for a line before the first header.
    pub fn entry_at(self, line: usize) -> Option<(SectionView<'d>, Entry<'d>)> {
        let document = self.document;
        let is_entry = document.lines().get(line)?.kind() == LineKind::Entry;
        Some((self.section_at(line)?, Entry { document, line })).filter(|_| is_entry)
    }

    /// Returns the entry that Windows reads: the first one of this key in the first section with this name.
    pub fn entry(self, section: &str, key: &str) -> Option<Entry<'d>> {
        self.section(section)?.entry(key)
    }

    /// Returns the value that `GetPrivateProfileString` returns with a sufficiently large buffer, or `None` if the key isn't
    /// set.
    pub fn get(self, section: &str, key: &str) -> Option<Cow<'d, str>> {
        self.entry(section, key).map(Entry::value)
    }
}

/// A section that Windows reads, with its entries.
#[derive(Debug, Clone)]
pub struct Reading<'d> {
    /// The section: the first one of its name.
    pub section: SectionView<'d>,
    /// The entries that Windows reads, each with the line numbers of its shadowed duplicates in all sections of this name.
    pub entries: Vec<(Entry<'d>, Vec<usize>)>,
}

/// A section: a header and the entries after it.
#[derive(Debug, Clone, Copy)]
pub struct SectionView<'d> {
    document: &'d Document,
    section: Section,
}

impl<'d> SectionView<'d> {
    /// Returns the name as it is written in the file.
    pub fn name(self) -> Cow<'d, str> {
        self.document.text(self.name_span())
    }

    /// Returns the span of the name.
    pub fn name_span(self) -> Span {
        self.document.line(self.section.header()).name()
    }

    /// Returns the lines of the section.
    pub fn place(self) -> Section {
        self.section
    }

    /// Returns all entries in file order, including duplicates, as in the list of keys that Windows returns.
    pub fn entries(self) -> impl DoubleEndedIterator<Item = Entry<'d>> {
        self.entries_of(self.section.body())
    }

    /// Returns the entries in a range of lines of the section.
    pub(super) fn entries_of(
        self,
        lines: Range<usize>,
    ) -> impl DoubleEndedIterator<Item = Entry<'d>> {
        let document = self.document;
        lines
            .filter(move |line| document.line(*line).kind() == LineKind::Entry)
            .map(move |line| Entry { document, line })
    }

    /// Returns the bytes of a line, without its line ending.
    pub(super) fn raw_line(self, line: usize) -> &'d [u8] {
        self.document.raw(self.document.line(line).content())
    }

    /// Returns the bytes of all lines after the header.
    pub(super) fn raw_body(self) -> &'d [u8] {
        let lines = &self.document.lines()[self.section.body()];
        let bytes = lines
            .first()
            .zip(lines.last())
            .map_or(0..0, |(first, last)| first.content().start()..last.line_ending().range().end);
        &self.document.bytes()[bytes]
    }

    /// Returns the encoding of the document.
    pub(super) fn encoding(self) -> Encoding {
        self.document.encoding()
    }

    /// Returns the entries that Windows reads: the first of each key, in file order.
    pub fn counting_entries(self) -> Vec<Entry<'d>> {
        let mut seen = HashSet::new();
        let is_first = |entry: &Entry<'_>| seen.insert(entry.folded_key());
        self.entries().filter(is_first).collect()
    }

    /// Returns the entry that Windows reads: the first one of this key. Ignores spaces, but not tabs, around `key`.
    pub fn entry(self, key: &str) -> Option<Entry<'d>> {
        let line = self.document.entry_named(self.section, asked(key))?;
        Some(Entry { document: self.document, line })
    }

    /// Returns all entries of this key. Windows reads only the first.
    pub fn entries_named(self, key: &str) -> impl Iterator<Item = Entry<'d>> {
        let key = asked(key);
        self.entries().filter(move |entry| entry.is_named(key))
    }

    fn is_named(self, name: &str) -> bool {
        self.document.is_name(self.name_span(), name)
    }

    /// Returns the name, folded for comparison.
    pub(super) fn folded_name(self) -> Name {
        self.document.name(self.name_span())
    }
}

/// An entry: a `key=value` line.
#[derive(Debug, Clone, Copy)]
pub struct Entry<'d> {
    document: &'d Document,
    line: usize,
}

impl<'d> Entry<'d> {
    /// Returns the line number, starting at 0.
    pub fn line(self) -> usize {
        self.line
    }

    /// Returns the key as it is written in the file.
    pub fn key(self) -> Cow<'d, str> {
        self.document.text(self.document.line(self.line).name())
    }

    /// Returns the span of the key.
    pub fn key_span(self) -> Span {
        self.document.line(self.line).name()
    }

    /// Returns the key, folded for comparison.
    pub(super) fn folded_key(self) -> Name {
        self.document.name(self.key_span())
    }

    /// Returns the span of the value, including its quotes.
    pub fn value_span(self) -> Span {
        self.document.line(self.line).value()
    }

    /// Returns whether the entry has this key, ignoring the case of ASCII letters.
    pub fn is_named(self, key: &str) -> bool {
        self.document.is_name(self.document.line(self.line).name(), key)
    }

    /// Returns the value as it is written in the file: with quotes, but without outer whitespace.
    pub fn written(self) -> Cow<'d, str> {
        self.document.text(self.document.line(self.line).value())
    }

    /// Returns the value as it is written in the file, or `None` if its bytes can't be decoded in the encoding of the file.
    pub fn written_exact(self) -> Option<Cow<'d, str>> {
        let value = self.document.line(self.line).value();
        self.document.encoding().decode_exact(self.document.raw(value))
    }

    /// Returns whether Windows reads an empty value.
    pub fn is_empty(self) -> bool {
        const WRAP: usize = 1 << 16;
        let raw = self.document.raw(self.value_span());
        match raw {
            [] => true,
            // Neither whitespace, a quote, nor a NUL character, and too short for its length to overflow.
            [first, ..] if first.is_ascii_alphanumeric() && raw.len() < WRAP => false,
            _ => self.value().is_empty(),
        }
    }

    /// Returns the value that Windows reads.
    pub fn value(self) -> Cow<'d, str> {
        match self.written() {
            Cow::Borrowed(written) => Cow::Borrowed(read_rule(written)),
            Cow::Owned(mut written) => {
                // The result is always a part of the text, so it can be truncated in place.
                let read = read_rule(&written);
                let start = read.as_ptr() as usize - written.as_ptr() as usize;
                let end = start + read.len();
                written.truncate(end);
                written.drain(..start);
                Cow::Owned(written)
            }
        }
    }
}

/// Returns the encoding in which the profile functions read a file: UTF-16LE if it starts with the bytes FF FE, and otherwise
/// the ANSI code page of the system.
///
/// To find the encoding that the author of the file used, call [`Encoding::detect`].
///
/// # Example
///
/// ```
/// use winini::profile::encoding_read;
/// use winini::{CodePage, Encoding};
///
/// // Windows doesn't recognize UTF-8.
/// let bytes = "[Büro]".as_bytes();
/// assert_eq!(encoding_read(bytes, CodePage::WESTERN), Encoding::Ansi(CodePage::WESTERN));
/// assert_eq!(Encoding::detect(bytes, CodePage::WESTERN), Encoding::Utf8 { bom: false });
/// ```
pub fn encoding_read(bytes: &[u8], ansi: CodePage) -> Encoding {
    if bytes.starts_with(b"\xff\xfe") { Encoding::MICROSIP } else { Encoding::Ansi(ansi) }
}

/// Strips spaces from a requested name, as Windows does. It keeps tabs and vertical tabs, so such a name is never found.
pub(super) fn asked(name: &str) -> &str {
    name.trim_matches(' ')
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn values_are_equal_in_utf16_and_utf8(text in r#"[ \t"'a\u{e9}]{0,12}"#) {
            let wide = Encoding::Utf16Le { bom: false };
            let line = format!("[S]\nk={text}\n");
            let of = |encoding: Encoding| {
                let document = Document::parse(encoding.encode(&line).unwrap().into(), encoding);
                Profile::new(&document).get("S", "k").map(Cow::into_owned)
            };
            prop_assert_eq!(of(wide), of(Encoding::Utf8 { bom: false }));
            for encoding in [wide, Encoding::Utf16Be { bom: false }, Encoding::Utf8 { bom: false }] {
                let document = Document::parse(encoding.encode(&line).unwrap().into(), encoding);
                let entry = Profile::new(&document).entry("S", "k").unwrap();
                prop_assert_eq!(entry.is_empty(), entry.value().is_empty());
            }
        }
    }
}
