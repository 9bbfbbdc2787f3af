//! Finds sections and entries by name: with a linear search first, and with a table after many searches.

use super::document::{Document, Section};
use super::lexer::{LineKind, Span};
use super::names::{Name, Table};

/// Building a table takes as much time as this many linear searches.
const PATIENCE: usize = 4;

/// The maximum number of lines that are always searched linearly.
const FEW: usize = 256;

impl Document {
    /// Returns the first section with a name, ignoring the case of ASCII letters.
    pub fn section_named(&self, name: &str) -> Option<Section> {
        let is_it = |section: &Section| self.is_name(self.line(section.header()).name(), name);
        if let Some(table) = self.table() {
            let header = *table.sections.get(&Name::of(name))?;
            let section = self.section_of(header as usize).filter(is_it);
            // Different names that can't be decoded can have the same text.
            return section.or_else(|| self.sections().find(is_it));
        }
        self.note(self.sections().len());
        self.sections().find(is_it)
    }

    /// Returns the line number of the first entry with a name in a section, ignoring the case of ASCII letters.
    pub fn entry_named(&self, section: Section, name: &str) -> Option<usize> {
        let lines = self.lines();
        let is_entry = |line: &usize| lines[*line].kind() == LineKind::Entry;
        let is_it = |line: &usize| is_entry(line) && self.is_name(lines[*line].name(), name);
        let body = section.body();
        if body.len() > FEW
            && let Some(table) = self.table()
        {
            let header = u32::try_from(section.header()).ok()?;
            let line = *table.entries.get(&(header, Name::of(name)))? as usize;
            return Some(line).filter(is_it).or_else(|| section.body().find(is_it));
        }
        self.note(body.len());
        section.body().find(is_it)
    }

    fn note(&self, looked_at: usize) {
        self.names().note(looked_at);
    }

    /// Returns the table, if there were enough searches to build it.
    fn table(&self) -> Option<&Table> {
        let is_worth_it = || self.names().visited() / PATIENCE > self.lines().len().max(FEW);
        self.names().table(is_worth_it, || table(self))
    }

    /// Returns the name in a span, in a form that compares and hashes without case.
    pub fn name(&self, span: Span) -> Name {
        let mut characters = [0; Name::SHORT];
        // A name that fills the buffer could be mistaken for another one.
        match self.ascii(span, &mut characters[..Name::SHORT - 1]) {
            Some(name) => Name::of_ascii(name),
            None => Name::of(&self.text(span)),
        }
    }
}

/// Builds a table with the first section and entry of each name.
fn table(document: &Document) -> Table {
    let mut table = Table::default();
    for section in document.sections() {
        // Line numbers have 32 bits, like offsets.
        let Ok(header) = u32::try_from(section.header()) else { continue };
        let name = document.name(document.line(section.header()).name());
        table.sections.entry(name).or_insert(header);
        for line in section.body() {
            let Ok(number) = u32::try_from(line) else { continue };
            let line = document.line(line);
            if line.kind() == LineKind::Entry {
                let name = document.name(line.name());
                table.entries.entry((header, name)).or_insert(number);
            }
        }
    }
    table
}

#[cfg(test)]
mod unit_tests {
    use proptest::prelude::*;

    use super::*;
    use crate::Encoding;

    proptest! {
        #[test]
        fn name_table_agrees_with_linear_search(
            lines in prop::collection::vec(r"\[[sST\u{e9}]{1,2}\]|[kK\u{e9}\u{fffd}]{1,2}=1|;k=1|k{40}=1", 0..30),
            asked in "[ksKSTt\u{e9}\u{fffd}]{1,2}|k{40}",
            encoding in Encoding::any(),
        ) {
            let text = lines.join("\n");
            let bytes = encoding.encode(&text).unwrap_or_default();
            let looking = Document::parse(bytes.to_vec(), encoding);
            let table = looking.clone();
            table.names().note(usize::MAX / 2);
            prop_assert_eq!(table.section_named(&asked), looking.section_named(&asked));
            let known = super::table(&looking);
            for section in looking.sections() {
                let found = looking.entry_named(section, &asked);
                let header = section.header() as u32;
                let in_table = known.entries.get(&(header, Name::of(&asked))).copied();
                let in_table = in_table.map(|line| line as usize);
                if !asked.contains('\u{fffd}') {
                    prop_assert_eq!(in_table, found);
                }
            }
        }
    }
}
