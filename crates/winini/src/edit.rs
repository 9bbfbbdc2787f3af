//! Applies line-based edits. Bytes outside the span of an edit don't change.

use std::collections::HashMap;
use std::collections::hash_map::Entry::{Occupied, Vacant};
use std::ops::Range;

use super::document::Document;
use super::encoding::Unencodable;
use super::lexer::{Line, LineKind};

/// A change to a document. Line numbers start at 0, as in [`Document::line`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Edit {
    /// Replaces the value of an entry.
    ReplaceValue {
        /// The line number of the entry.
        line: usize,
        /// The new value, including any quotes.
        text: String,
    },
    /// Inserts a new line, with the most common line ending of its section.
    InsertLine {
        /// The number of the line before it, or `None` for the start of the file.
        after: Option<usize>,
        /// The text of the new line, without a line ending.
        text: String,
    },
    /// Replaces a line, but keeps its line ending.
    ReplaceLine {
        /// The line number.
        line: usize,
        /// The new text, without a line ending.
        text: String,
    },
    /// Removes a line and its line ending.
    RemoveLine {
        /// The line number.
        line: usize,
    },
}

impl Edit {
    /// Returns the number of the line that the edit changes. For a new line, returns that of the line before it, or 0.
    pub fn line(&self) -> usize {
        match self {
            Self::ReplaceValue { line, .. }
            | Self::ReplaceLine { line, .. }
            | Self::RemoveLine { line } => *line,
            Self::InsertLine { after, .. } => after.unwrap_or_default(),
        }
    }
}

/// The reason why edits couldn't be applied. The document doesn't change.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum EditError {
    /// A character of the new text doesn't exist in the encoding of the file.
    #[error(transparent)]
    Unencodable(#[from] Unencodable),
    /// Two edits change the same bytes, or an edit refers to a line that doesn't exist.
    #[error("conflicting edits for line {line}, or the line doesn't exist")]
    Overlap {
        /// The line number, starting at 1.
        line: usize,
    },
}

/// The new bytes for a range of old bytes.
struct Splice {
    range: Range<usize>,
    bytes: Vec<u8>,
}

impl Document {
    /// Returns a document with the edits applied. Insertions after the same line keep their order.
    ///
    /// If the last line of a file has no line ending, that doesn't change: a line added after it also gets none. If that last
    /// line is removed, the line before it loses its line ending.
    ///
    /// # Errors
    ///
    /// [`EditError::Unencodable`] if a character doesn't exist in the encoding, and [`EditError::Overlap`] if two edits change
    /// the same bytes or an edit refers to a line that doesn't exist.
    ///
    /// # Example
    ///
    /// ```
    /// use winini::{Document, Edit, Encoding};
    ///
    /// let document = Document::parse(b"[S]\nk = 1 ".to_vec(), Encoding::Ascii);
    /// let edited = document.edit(&[
    ///     Edit::ReplaceValue { line: 1, text: "2".into() },
    ///     Edit::InsertLine { after: Some(1), text: "n = 3".into() },
    /// ])?;
    /// assert_eq!(edited.bytes(), b"[S]\nk = 2 \nn = 3");
    /// # Ok::<(), winini::EditError>(())
    /// ```
    pub fn edit(&self, edits: &[Edit]) -> Result<Self, EditError> {
        let mut splices = self.removals(edits)?;
        let mut endings = HashMap::new();
        for edit in edits {
            match edit {
                Edit::ReplaceValue { line, text } => {
                    let found = self.lines().get(*line);
                    let Some(entry) = found.filter(|line| line.kind() == LineKind::Entry) else {
                        return Err(EditError::Overlap { line: line + 1 });
                    };
                    let bytes = self.encoding().encode(text)?.into_owned();
                    splices.push(Splice { range: entry.value().range(), bytes });
                }
                Edit::ReplaceLine { line, text } => {
                    let Some(found) = self.lines().get(*line) else {
                        return Err(EditError::Overlap { line: line + 1 });
                    };
                    let bytes = self.encoding().encode(text)?.into_owned();
                    splices.push(Splice { range: found.content().range(), bytes });
                }
                Edit::InsertLine { after, text } => {
                    let line_ending = match endings.entry(*after) {
                        Occupied(known) => known.into_mut(),
                        Vacant(new) => new.insert(self.line_ending_near(*after)?),
                    };
                    splices.push(self.insertion(*after, text, line_ending)?);
                }
                Edit::RemoveLine { .. } => {}
            }
        }
        // A stable sort keeps the order of insertions at the same offset.
        splices.sort_by_key(|splice| (splice.range.start, splice.range.end));
        self.splice(&splices)
    }

    fn removals(&self, edits: &[Edit]) -> Result<Vec<Splice>, EditError> {
        let mut removed: Vec<usize> = edits
            .iter()
            .filter_map(|edit| match edit {
                Edit::RemoveLine { line } => Some(*line),
                _ => None,
            })
            .collect();
        removed.sort_unstable();
        removed.dedup();
        if let Some(line) = removed.last().filter(|line| **line >= self.lines().len()) {
            return Err(EditError::Overlap { line: line + 1 });
        }
        let runs = removed.chunk_by(|line, next| line + 1 == *next);
        Ok(runs.map(|run| self.removal(run[0], run[run.len() - 1])).collect())
    }

    fn removal(&self, first: usize, last: usize) -> Splice {
        let end = self.line(last).line_ending().range();
        let start = match first.checked_sub(1) {
            Some(above) if end.is_empty() => self.line(above).line_ending().start(),
            _ => self.line(first).content().start(),
        };
        Splice { range: start..end.end, bytes: Vec::new() }
    }

    fn insertion(
        &self,
        after: Option<usize>,
        text: &str,
        line_ending: &[u8],
    ) -> Result<Splice, EditError> {
        let encoding = self.encoding();
        let text = encoding.encode(text)?;
        let above = match after {
            Some(line) => {
                Some(self.lines().get(line).ok_or(EditError::Overlap { line: line + 1 })?)
            }
            None => None,
        };
        let (offset, bytes) = match above {
            Some(line) if line.line_ending().is_empty() => {
                (line.line_ending().start(), [line_ending, &text].concat())
            }
            Some(_) => {
                let offset = self.end_of(after);
                let (cr, lf) = (encoding.encode("\r")?, encoding.encode("\n")?);
                // A CR and the LF of the following blank line would form a single line ending.
                let is_taken = *line_ending == *cr && self.bytes()[offset..].starts_with(&lf);
                let lf: &[u8] = if is_taken { &lf } else { &[] };
                (offset, [&*text, line_ending, lf].concat())
            }
            None => {
                let top = encoding.body(self.bytes());
                (top, [&*text, line_ending].concat())
            }
        };
        Ok(Splice { range: offset..offset, bytes })
    }

    /// Returns whether a line ends with CR CR LF, as in a text that was converted twice.
    ///
    /// Such a line consists of a line that ends with CR, and an empty line that ends with CR LF.
    fn is_doubled(&self, line: usize) -> bool {
        let unit = self.encoding().unit();
        let (lines, length) = (self.lines(), |line: &Line| line.line_ending().range().len());
        let is_cr = |line: &Line| self.text(line.line_ending()) == "\r";
        lines.get(line).is_some_and(|line| length(line) == unit && is_cr(line))
            && lines
                .get(line + 1)
                .is_some_and(|next| next.content().is_empty() && length(next) == 2 * unit)
    }

    /// Returns the offset where a line inserted after `after` starts.
    fn end_of(&self, after: Option<usize>) -> usize {
        let line = after.unwrap_or_default();
        let last = if self.is_doubled(line) { line + 1 } else { line };
        self.line(last).line_ending().range().end
    }

    /// Returns the most common line ending of the section that contains `after`.
    ///
    /// If several are equally common, returns the one nearest to `after`. Returns CR LF instead of CR CR LF: Windows would
    /// read a new line with both CR characters as two lines, and removing the key would remove only one of them.
    fn line_ending_of_section(&self, after: usize) -> Option<Vec<u8>> {
        let section = self.section_of(after)?;
        let mut counts: Vec<(&[u8], usize, usize)> = Vec::new();
        let mut line = section.header();
        while line < section.body().end {
            let start = self.line(line).line_ending().start();
            let last = if self.is_doubled(line) { line + 1 } else { line };
            let line_ending = &self.bytes()[start..self.line(last).line_ending().range().end];
            let distance = line.abs_diff(after);
            match counts.iter_mut().find(|(known, ..)| *known == line_ending) {
                Some((_, count, nearest)) => {
                    *count += 1;
                    *nearest = distance.min(*nearest);
                }
                None if line_ending.is_empty() => {}
                None => counts.push((line_ending, 1, distance)),
            }
            line = last + 1;
        }
        let unit = self.encoding().unit();
        let rank = |(line_ending, count, nearest): &(&[u8], usize, usize)| {
            (*count, line_ending.len() <= 2 * unit, usize::MAX - nearest)
        };
        let (line_ending, ..) = counts.into_iter().max_by_key(rank)?;
        Some(line_ending[line_ending.len().saturating_sub(2 * unit)..].to_vec())
    }

    /// Returns the line ending for a line inserted after `after`.
    ///
    /// Uses the first of these that exists: the line ending of the section, that of the nearest previous line, that of the
    /// first line, and CR LF.
    fn line_ending_near(&self, after: Option<usize>) -> Result<Vec<u8>, EditError> {
        if let Some(line_ending) = after.and_then(|after| self.line_ending_of_section(after)) {
            return Ok(line_ending);
        }
        let ends = |line: &&Line| !line.line_ending().is_empty();
        let lines = |line: usize| self.lines().get(..=line).unwrap_or_default();
        let above = after.and_then(|line| lines(line).iter().rev().find(ends));
        match above.or_else(|| self.lines().first().filter(ends)) {
            Some(line) => Ok(self.raw(line.line_ending()).to_vec()),
            None => Ok(self.encoding().encode("\r\n")?.into_owned()),
        }
    }

    fn splice(&self, splices: &[Splice]) -> Result<Self, EditError> {
        let old = self.bytes();
        let added: usize = splices.iter().map(|splice| splice.bytes.len()).sum();
        let mut bytes = Vec::with_capacity(old.len() + added);
        if old.is_empty() {
            bytes.extend_from_slice(self.encoding().byte_order_mark());
        }
        let mut copied = 0;
        for splice in splices {
            if splice.range.start < copied {
                return Err(EditError::Overlap { line: self.position(splice.range.start).line });
            }
            bytes.extend_from_slice(&old[copied..splice.range.start]);
            bytes.extend_from_slice(&splice.bytes);
            copied = splice.range.end;
        }
        bytes.extend_from_slice(&old[copied..]);
        Ok(Self::parse(bytes, self.encoding()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Encoding;

    fn check(before: &str, edits: &[Edit], after: &str) {
        for encoding in [Encoding::Ascii, Encoding::MICROSIP, Encoding::Utf16Be { bom: true }] {
            let whole =
                |text: &str| [encoding.byte_order_mark(), &encoding.encode(text).unwrap()].concat();
            let document = Document::parse(whole(before), encoding);
            let edited = document.edit(edits).unwrap();
            assert_eq!(edited.bytes(), whole(after), "{encoding}");
        }
    }

    fn insert(after: Option<usize>, text: &str) -> Edit {
        Edit::InsertLine { after, text: text.into() }
    }

    fn replace(line: usize, text: &str) -> Edit {
        Edit::ReplaceValue { line, text: text.into() }
    }

    fn remove(line: usize) -> Edit {
        Edit::RemoveLine { line }
    }

    #[test]
    fn replace_changes_only_the_value() {
        check("[S]\r\n k = \"1\" \r\n", &[replace(1, "22")], "[S]\r\n k = 22 \r\n");
    }

    #[test]
    fn replace_keeps_spaces_before_an_empty_value() {
        check("k = \n", &[replace(0, "v")], "k = v\n");
        check("k=", &[replace(0, "v")], "k=v");
    }

    #[test]
    fn new_line_copies_the_line_ending_of_the_previous_line() {
        check("a\rb\nc\r\n", &[insert(Some(1), "x"), insert(Some(0), "y")], "a\ry\rb\nx\nc\r\n");
    }

    #[test]
    fn new_line_uses_the_most_common_line_ending_of_its_section() {
        let text = "[S]\r\na=1\r\nb=2\n[T]\nc=3\nd=4\r\n";
        let after = "[S]\r\na=1\r\nb=2\nx\r\n[T]\nc=3\nd=4\r\ny\n";
        check(text, &[insert(Some(2), "x"), insert(Some(5), "y")], after);
        // If both are equally common, the nearest one is used.
        check("[S]\na=1\r\n", &[insert(Some(1), "x")], "[S]\na=1\r\nx\r\n");
        check("[S]\na=1\r\n", &[insert(Some(0), "x")], "[S]\nx\na=1\r\n");
    }

    #[test]
    fn new_line_has_one_carriage_return_when_the_section_has_two() {
        let text = "[S]\r\r\na=1\r\r\n[T]\r\r\n";
        let after = "[S]\r\r\na=1\r\r\nx\r\n[T]\r\r\n";
        check(text, &[insert(Some(2), "x")], after);
        // No blank line is added if only one line of the section ends like this.
        check("[S]\r\na=1\r\r\n", &[insert(Some(1), "x")], "[S]\r\na=1\r\r\nx\r\n");
    }

    #[test]
    fn new_line_keeps_the_blank_line_after_it() {
        check("[S]\ra=1\r\r\n\n", &[insert(Some(1), "x")], "[S]\ra=1\r\r\nx\r\n\n");
    }

    #[test]
    fn file_without_final_line_ending_stays_without() {
        check("a\nb", &[insert(Some(1), "x"), insert(Some(1), "y")], "a\nb\nx\ny");
        check("a\nb\nx", &[remove(2)], "a\nb");
        check("a\nb\nx", &[remove(1), remove(2)], "a");
        check("a", &[remove(0)], "");
    }

    #[test]
    fn empty_file_gets_crlf_line_endings() {
        check("", &[insert(None, "a"), insert(None, "b")], "a\r\nb\r\n");
    }

    #[test]
    fn empty_file_gets_a_bom() {
        let document = Document::parse(Vec::new(), Encoding::MICROSIP);
        let edited = document.edit(&[insert(None, "a")]).unwrap();
        assert_eq!(edited.bytes(), b"\xff\xfea\0\r\0\n\0");
    }

    #[test]
    fn odd_last_byte_of_utf16_remains_last() {
        let document = Document::parse(b"\xff\xfea\0\x07".to_vec(), Encoding::MICROSIP);
        let edited = document.edit(&[insert(Some(0), "b")]).unwrap();
        assert_eq!(edited.bytes(), b"\xff\xfea\0\r\0\n\0b\0\x07");
    }

    #[test]
    fn overlapping_and_out_of_range_edits_are_rejected() {
        let document = Document::parse(b"k=1\nl=2\n".to_vec(), Encoding::Ascii);
        let error = document.edit(&[replace(1, "3"), remove(1)]).unwrap_err();
        assert_eq!(error, EditError::Overlap { line: 2 });
        assert!(document.edit(&[remove(2)]).is_err());
        assert!(document.edit(&[replace(2, "x")]).is_err());
        assert!(document.edit(&[insert(Some(2), "x")]).is_err());
    }
}
