//! Reading: what a profile call returns for a section and a key.

use std::borrow::Cow;
use std::collections::hash_map::Entry::{Occupied, Vacant};
use std::collections::{HashMap, HashSet};
use std::ops::Range;

use super::value::read_rule;
use crate::document::{Document, Section};
use crate::encoding::{CodePage, Encoding};
use crate::lexer::{LineKind, Span};
use crate::names::Name;

/// A document seen through the Windows profile calls.
///
/// Names are found in any case (ASCII letters), of like sections and keys only the first counts,
/// `;` lines and lines above the first header are never read.
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
    /// Looks at a document.
    pub fn new(document: &'d Document) -> Self {
        Self { document }
    }

    /// Returns the document looked at.
    pub fn document(self) -> &'d Document {
        self.document
    }

    /// Returns all sections in file order, like ones each, as the list of section names has them.
    pub fn sections(self) -> impl DoubleEndedIterator<Item = SectionView<'d>> {
        let document = self.document;
        document.sections().map(move |section| SectionView { document, section })
    }

    /// Returns the section that counts: the first of that name. Blanks (spaces only) round the name
    /// asked for do not count.
    pub fn section(self, name: &str) -> Option<SectionView<'d>> {
        let document = self.document;
        let section = document.section_named(asked(name))?;
        Some(SectionView { document, section })
    }

    /// Returns every section of that name. Windows looks at the first only.
    pub fn sections_named(self, name: &str) -> impl Iterator<Item = SectionView<'d>> {
        let name = asked(name);
        self.sections().filter(move |section| section.is_named(name))
    }

    /// Returns the sections that Windows looks at: the first of each name, in file order.
    pub fn counting_sections(self) -> impl Iterator<Item = SectionView<'d>> {
        let mut seen = HashSet::new();
        self.sections().filter(move |section| seen.insert(section.folded_name()))
    }

    /// Returns what Windows reads, in file order, and which lines of the same names it doesn't.
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

    /// Returns the section that a line is in, the first or another one of its name; none for lines above the first header.
    pub fn section_at(self, line: usize) -> Option<SectionView<'d>> {
        let document = self.document;
        document.section_of(line).map(|section| SectionView { document, section })
    }

    /// Returns the entry in a line and its section, whether they count or not; none for other lines, and above the first
    /// header.
    pub fn entry_at(self, line: usize) -> Option<(SectionView<'d>, Entry<'d>)> {
        let document = self.document;
        let is_entry = document.lines().get(line)?.kind() == LineKind::Entry;
        Some((self.section_at(line)?, Entry { document, line })).filter(|_| is_entry)
    }

    /// Returns the entry that counts: the first of that key in the first section of that name.
    pub fn entry(self, section: &str, key: &str) -> Option<Entry<'d>> {
        self.section(section)?.entry(key)
    }

    /// Returns the value that `GetPrivateProfileString` gives for an ample buffer.
    pub fn get(self, section: &str, key: &str) -> Option<Cow<'d, str>> {
        self.entry(section, key).map(Entry::value)
    }
}

/// A section that Windows looks at: the first of its name.
#[derive(Debug, Clone)]
pub struct Reading<'d> {
    /// The section.
    pub section: SectionView<'d>,
    /// The entries that Windows reads, each with the lines of those of its name that it doesn't: in this section, and in
    /// others of the same name.
    pub entries: Vec<(Entry<'d>, Vec<usize>)>,
}

/// One section: a header and the entries below it.
#[derive(Debug, Clone, Copy)]
pub struct SectionView<'d> {
    document: &'d Document,
    section: Section,
}

impl<'d> SectionView<'d> {
    /// Returns the name as it stands in the file.
    pub fn name(self) -> Cow<'d, str> {
        self.document.text(self.name_span())
    }

    /// Returns where its name stands.
    pub fn name_span(self) -> Span {
        self.document.line(self.section.header()).name()
    }

    /// Returns where the section stands.
    pub fn place(self) -> Section {
        self.section
    }

    /// Returns all entries in file order, like ones each, as the list of keys has them.
    pub fn entries(self) -> impl DoubleEndedIterator<Item = Entry<'d>> {
        self.entries_of(self.section.body())
    }

    /// Returns the entries in some lines of the section.
    pub(super) fn entries_of(
        self,
        lines: Range<usize>,
    ) -> impl DoubleEndedIterator<Item = Entry<'d>> {
        let document = self.document;
        lines
            .filter(move |line| document.line(*line).kind() == LineKind::Entry)
            .map(move |line| Entry { document, line })
    }

    /// Returns a line without its line ending, as its bytes.
    pub(super) fn raw_line(self, line: usize) -> &'d [u8] {
        self.document.raw(self.document.line(line).content())
    }

    /// Returns all lines below the header, as their bytes.
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

    /// Returns the entry that counts: the first of that key. Blanks (spaces only) round the key
    /// asked for do not count.
    pub fn entry(self, key: &str) -> Option<Entry<'d>> {
        let line = self.document.entry_named(self.section, asked(key))?;
        Some(Entry { document: self.document, line })
    }

    /// Returns every entry of that key. Windows reads the first only.
    pub fn entries_named(self, key: &str) -> impl Iterator<Item = Entry<'d>> {
        let key = asked(key);
        self.entries().filter(move |entry| entry.is_named(key))
    }

    fn is_named(self, name: &str) -> bool {
        self.document.is_name(self.name_span(), name)
    }

    /// Returns the name as it is compared with others.
    pub(super) fn folded_name(self) -> Name {
        self.document.name(self.name_span())
    }
}

/// One `key=value` line.
#[derive(Debug, Clone, Copy)]
pub struct Entry<'d> {
    document: &'d Document,
    line: usize,
}

impl<'d> Entry<'d> {
    /// Returns the number of its line, counted from 0.
    pub fn line(self) -> usize {
        self.line
    }

    /// Returns the key as it stands in the file.
    pub fn key(self) -> Cow<'d, str> {
        self.document.text(self.document.line(self.line).name())
    }

    /// Returns where the key stands.
    pub fn key_span(self) -> Span {
        self.document.line(self.line).name()
    }

    /// Returns the key as it is compared with others.
    pub(super) fn folded_key(self) -> Name {
        self.document.name(self.key_span())
    }

    /// Returns where the value stands, quotes included.
    pub fn value_span(self) -> Span {
        self.document.line(self.line).value()
    }

    /// Says whether the key is this one, ASCII letters in any case.
    pub fn is_named(self, key: &str) -> bool {
        self.document.is_name(self.document.line(self.line).name(), key)
    }

    /// Returns the value as written: quotes kept, blanks round it left out.
    pub fn written(self) -> Cow<'d, str> {
        self.document.text(self.document.line(self.line).value())
    }

    /// Returns the value as written, or `None` when its bytes are no text in the file's encoding.
    pub fn written_exact(self) -> Option<Cow<'d, str>> {
        let value = self.document.line(self.line).value();
        self.document.encoding().decode_exact(self.document.raw(value))
    }

    /// Says whether the value is empty as Windows reads it.
    pub fn is_empty(self) -> bool {
        const WRAP: usize = 1 << 16;
        let raw = self.document.raw(self.value_span());
        match raw {
            [] => true,
            // Neither blank, quote nor zero, and not so long that its length wraps round.
            [first, ..] if first.is_ascii_alphanumeric() && raw.len() < WRAP => false,
            _ => self.value().is_empty(),
        }
    }

    /// Returns the value as Windows reads it.
    pub fn value(self) -> Cow<'d, str> {
        match self.written() {
            Cow::Borrowed(written) => Cow::Borrowed(read_rule(written)),
            Cow::Owned(mut written) => {
                // Only ever a part of what is there: cut in place.
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

/// Tells which encoding the profile calls take a file to be in: UTF-16LE if it begins FF FE, else
/// the ANSI code page, whatever the bytes look like.
pub fn encoding_read(bytes: &[u8], ansi: CodePage) -> Encoding {
    if bytes.starts_with(b"\xff\xfe") { Encoding::MICROSIP } else { Encoding::Ansi(ansi) }
}

/// The name asked for loses spaces at both ends; tab and vertical tab stay, so that nothing is found.
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
