//! Locations in files that people write.

use std::fmt;
use std::ops::Range;
use std::path::Path;
use std::sync::Arc;

/// A location in a file that people write. Line and column start at 1, and the column counts characters.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Location {
    path: Arc<Path>,
    line: usize,
    column: usize,
}

impl Location {
    /// Returns the location of a byte in the text of a file.
    ///
    /// # Example
    ///
    /// ```
    /// use msipctl_core::policy::Location;
    /// use std::path::Path;
    ///
    /// let text = "[Settings]\nAA = 1\n";
    /// let location = Location::of(Path::new("desk.toml").into(), text, text.find('1').unwrap());
    /// assert_eq!(location.to_string(), "desk.toml:2:6");
    /// ```
    pub fn of(path: Arc<Path>, text: &str, offset: usize) -> Self {
        let before = text.get(..offset).unwrap_or(text);
        let line = before.matches('\n').count() + 1;
        let column = before.chars().rev().take_while(|character| *character != '\n').count() + 1;
        Self { path, line, column }
    }

    /// Returns the location at the start of a file.
    pub fn at_start(path: &Path) -> Self {
        Self::at(path.into(), 1, 1)
    }

    /// Returns the location of a byte of a line.
    pub(crate) fn in_line(path: &Path, line: usize, text: &str, offset: usize) -> Self {
        let before = text.get(..offset).unwrap_or(text);
        Self::at(path.into(), line, before.chars().count() + 1)
    }

    pub(super) fn at(path: Arc<Path>, line: usize, column: usize) -> Self {
        Self { path, line, column }
    }

    /// Returns the path of the file.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Returns the line number.
    pub fn line(&self) -> usize {
        self.line
    }

    /// Returns the column: the number of the character in its line.
    pub fn column(&self) -> usize {
        self.column
    }
}

/// Finds the locations of many bytes in one text.
pub(super) struct LocationFinder<'t> {
    text: &'t str,
    /// The offset at which each line begins.
    lines: Vec<usize>,
    /// The number of characters before each multiple of [`STEP`], or before the first character after it.
    counts: Vec<(usize, usize)>,
}

/// The distance in bytes at which characters are counted.
const STEP: usize = 1024;

impl<'t> LocationFinder<'t> {
    pub(super) fn new(text: &'t str) -> Self {
        let ends = memchr::memchr_iter(b'\n', text.as_bytes());
        let lines = std::iter::once(0).chain(ends.map(|end| end + 1)).collect();
        let mut counts = vec![(0, 0)];
        for (count, (offset, _)) in text.char_indices().enumerate() {
            if counts.last().is_none_or(|(last, _)| offset - last >= STEP) {
                counts.push((offset, count));
            }
        }
        Self { text, lines, counts }
    }

    /// Returns the location of a byte, as [`Location::of`] does.
    pub(super) fn find(&self, path: Arc<Path>, offset: usize) -> Location {
        let offset = if self.text.is_char_boundary(offset) { offset } else { self.text.len() };
        let line = self.lines.partition_point(|begin| *begin <= offset);
        let begin = self.lines.get(line.saturating_sub(1)).copied().unwrap_or_default();
        let column = self.characters(offset) - self.characters(begin) + 1;
        Location { path, line, column }
    }

    /// Returns the offset of a location.
    pub(super) fn offset(&self, location: &Location) -> Option<usize> {
        let begin = *self.lines.get(location.line.checked_sub(1)?)?;
        let mut characters = self.text.get(begin..)?.char_indices();
        Some(begin + characters.nth(location.column.checked_sub(1)?)?.0)
    }

    /// Returns the line that contains a byte, without its line ending, and the offset at which it begins.
    pub(super) fn line(&self, offset: usize) -> (usize, &'t str) {
        let line = self.lines.partition_point(|begin| *begin <= offset);
        let begin = self.lines.get(line.saturating_sub(1)).copied().unwrap_or_default();
        let end = self.lines.get(line).copied().unwrap_or(self.text.len());
        let text = self.text.get(begin..end).unwrap_or_default();
        (begin, text.trim_end_matches(['\r', '\n']))
    }

    /// Counts the characters before a byte.
    fn characters(&self, offset: usize) -> usize {
        let index = self.counts.partition_point(|(at, _)| *at <= offset).saturating_sub(1);
        let (at, count) = self.counts.get(index).copied().unwrap_or_default();
        count + self.text.get(at..offset).map_or(0, |between| between.chars().count())
    }
}

/// A line that an error is about, for people: secrets in it are masked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Excerpt {
    /// The text of the line.
    pub text: String,
    /// The bytes of the text that the error is about.
    pub marked: Range<usize>,
}

impl fmt::Display for Location {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}:{}", self.path.display(), self.line, self.column)
    }
}

#[cfg(test)]
mod unit_tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn location_finder_agrees_with_single_lookup(text in "([a\u{e9}\u{1f600}\n]|[a-z]{600}){0,12}", offset in 0..4000_usize) {
            let path: Arc<Path> = Path::new("p.toml").into();
            let found = LocationFinder::new(&text).find(path.clone(), offset);
            prop_assert_eq!(found, Location::of(path, &text, offset));
        }
    }
}
