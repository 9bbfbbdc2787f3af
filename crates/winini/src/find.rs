//! Finding sections and entries by name: by looking at each, until that was done so often that a table is faster.

use super::document::{Document, Section};
use super::lexer::{LineKind, Span};
use super::names::{Name, Table};

/// A table costs as much as this many looks at each line.
const PATIENCE: usize = 4;

/// So few lines are always looked at.
const FEW: usize = 256;

impl Document {
    /// Finds the first section of a name, as looking at each does.
    pub fn section_named(&self, name: &str) -> Option<Section> {
        let is_it = |section: &Section| self.is_name(self.line(section.header()).name(), name);
        if let Some(table) = self.table() {
            let header = *table.sections.get(&Name::of(name))?;
            let section = self.section_of(header as usize).filter(is_it);
            // Names that aren't text can look alike.
            return section.or_else(|| self.sections().find(is_it));
        }
        self.note(self.sections().len());
        self.sections().find(is_it)
    }

    /// Finds the first entry of a name in a section, as looking at each does.
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

    /// Returns the table, if it is worth it.
    fn table(&self) -> Option<&Table> {
        let is_worth_it = || self.names().visited() / PATIENCE > self.lines().len().max(FEW);
        self.names().table(is_worth_it, || table(self))
    }

    /// Returns the name at a place.
    pub fn name(&self, span: Span) -> Name {
        let mut characters = [0; Name::SHORT];
        // One that fills the room could be taken for another.
        match self.ascii(span, &mut characters[..Name::SHORT - 1]) {
            Some(name) => Name::of_ascii(name),
            None => Name::of(&self.text(span)),
        }
    }
}

/// Lists the first of each name.
fn table(document: &Document) -> Table {
    let mut table = Table::default();
    for section in document.sections() {
        // Lines are counted in 32 bits, as their places are.
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
