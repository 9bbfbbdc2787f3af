//! The lines of a template, to show the locations of findings. rust-ini doesn't keep locations.

use std::ops::Range;

use crate::hook::template::Spot;

/// The lines of a template.
pub(super) struct Source<'s> {
    lines: Vec<&'s str>,
}

impl<'s> Source<'s> {
    pub(super) fn new(text: &'s str) -> Self {
        Self { lines: text.strip_prefix('\u{feff}').unwrap_or(text).lines().collect() }
    }

    /// Returns the line of a spot (counted from 0), its text, and the byte range to mark in it.
    pub(super) fn find(&self, spot: &Spot) -> (usize, String, Range<usize>) {
        let last = self.lines.len().saturating_sub(1);
        let (line, start) = match spot {
            Spot::Position { line, column } => ((line - 1).min(last), column - 1),
            Spot::Section(name) => (self.section(name).unwrap_or_default(), 0),
            Spot::Key(section, key) => match self.key(section, key) {
                Some(found) => found,
                None => (self.section(section).unwrap_or_default(), 0),
            },
            Spot::File => (0, 0),
        };
        let text = self.lines.get(line).copied().unwrap_or_default();
        let mark = text.char_indices().nth(start).map_or(text.len(), |(offset, _)| offset);
        (line, text.to_owned(), mark..text.trim_end().len().max(mark))
    }

    /// Returns the line of the last header with a name.
    fn section(&self, name: &str) -> Option<usize> {
        self.lines.iter().rposition(|line| header(line) == Some(name))
    }

    /// Returns the line of the last key with a name in the sections with a name, and the column of its value, from 0.
    fn key(&self, section: &str, key: &str) -> Option<(usize, usize)> {
        let mut current = None;
        let mut found = None;
        for (index, line) in self.lines.iter().enumerate() {
            match header(line) {
                Some(name) => current = Some(name),
                None if current == Some(section) => {
                    let separator =
                        line.find(['=', ':']).filter(|separator| line[..*separator].trim() == key);
                    if let Some(separator) = separator {
                        found = Some((index, line[..=separator].chars().count()));
                    }
                }
                None => {}
            }
        }
        found
    }
}

/// Returns the name in a section header.
fn header(line: &str) -> Option<&str> {
    let name = line.trim().strip_prefix('[')?.strip_suffix(']')?;
    Some(name.trim())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(spot: &Spot, line: usize, marked: &str) {
        let text = "\u{feff}[template]\r\nsummary=a\r\n\r\n[Settings]\r\n{{ event.key }} = b\r\n";
        let (found, text, range) = Source::new(text).find(spot);
        assert_eq!((found + 1, &text[range]), (line, marked));
    }

    #[test]
    fn finding_locations_map_to_source_lines() {
        check(&Spot::File, 1, "[template]");
        check(&Spot::Section("Settings".to_owned()), 4, "[Settings]");
        check(&Spot::Key("template".to_owned(), "summary".to_owned()), 2, "a");
        check(&Spot::Key("Settings".to_owned(), "{{ event.key }}".to_owned()), 5, " b");
        check(&Spot::Key("template".to_owned(), "gone".to_owned()), 1, "[template]");
        check(&Spot::Position { line: 2, column: 4 }, 2, "mary=a");
        check(&Spot::Position { line: 9, column: 9 }, 5, ".key }} = b");
        assert_eq!(Source::new("").find(&Spot::File), (0, String::new(), 0..0));
    }
}
