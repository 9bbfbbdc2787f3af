//! Creates a unified diff: the lines that differ, with three lines of context.

use std::time::{Duration, Instant};

use similar::{Algorithm, DiffOp, DiffTag, capture_diff_slices_deadline, group_diff_ops};

use super::line::all_lines;
use super::secrets::Secrets;
use winini::Document;

/// The number of equal lines before and after a change.
const CONTEXT: usize = 3;

/// A group of changes and their context, as in a unified diff.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Hunk {
    /// The first line (from 1) and the number of lines in the old file.
    pub before: (usize, usize),
    /// The first line (from 1) and the number of lines in the new file.
    pub after: (usize, usize),
    /// The lines.
    pub lines: Vec<HunkLine>,
}

/// A line of a hunk, with secrets masked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HunkLine {
    /// The files that contain the line.
    pub sign: LineOrigin,
    /// The text without its line ending.
    pub text: String,
    /// Whether the line has no line ending, which is possible only for the last line.
    pub is_open: bool,
}

/// The files that contain a line.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LineOrigin {
    /// Both files.
    Both,
    /// Only the old file.
    Before,
    /// Only the new file.
    After,
}

impl LineOrigin {
    /// Returns the character before the line in a diff.
    pub fn prefix(self) -> char {
        match self {
            Self::Both => ' ',
            Self::Before => '-',
            Self::After => '+',
        }
    }
}

impl Hunk {
    /// Returns the header of the hunk, such as `@@ -3,7 +3,8 @@`.
    pub fn header(&self) -> String {
        let range = |(start, count): (usize, usize)| match count {
            1 => start.to_string(),
            0 => format!("{},0", start - 1),
            _ => format!("{start},{count}"),
        };
        format!("@@ -{} +{} @@", range(self.before), range(self.after))
    }
}

/// Compares the text of two documents line by line. A change of only the encoding returns no hunk. Secrets are
/// compared by their values and shown masked.
///
/// # Example
///
/// ```
/// use msipctl_core::diff::{Secrets, hunks};
/// use winini::{Document, Encoding};
///
/// let old = Document::parse(b"[Account1]\npassword=old\n".to_vec(), Encoding::Ascii);
/// let new = Document::parse(b"[Account1]\npassword=new\n".to_vec(), Encoding::Ascii);
/// let hunks = hunks(&old, &new, Secrets::Masked);
/// assert_eq!(hunks[0].header(), "@@ -1,2 +1,2 @@");
/// let lines: Vec<_> = hunks[0].lines.iter().map(|line| line.text.as_str()).collect();
/// assert_eq!(lines, ["[Account1]", "password=***", "password=***"]);
/// ```
pub fn hunks(before: &Document, after: &Document, secrets: Secrets<'_>) -> Vec<Hunk> {
    let old = all_lines(before, Secrets::Revealed);
    let new = all_lines(after, Secrets::Revealed);
    // Includes the line endings, so that a removed last line ending is a change.
    let (old, new) = (with_line_endings(before, old), with_line_endings(after, new));
    let ops = capture_diff_slices_deadline(Algorithm::Myers, &old, &new, deadline(&old, &new));
    if ops.iter().all(|op| op.tag() == DiffTag::Equal) {
        return Vec::new();
    }
    let shown = (Shown::new(before, secrets), Shown::new(after, secrets));
    group_diff_ops(ops, CONTEXT).iter().map(|group| hunk(group, &shown)).collect()
}

/// The maximum product of both line counts for which the shortest diff is always found.
const MAX_EXACT: usize = 4_000 * 4_000;

/// How long to search for the shortest diff of larger files. After that, the remaining lines are shown as removed and
/// added.
const MAX_SEARCH_TIME: Duration = Duration::from_secs(2);

/// Returns when the search must stop, or `None` for small inputs. The time grows with the square of the number of
/// differing lines.
fn deadline(old: &[String], new: &[String]) -> Option<Instant> {
    let before = old.iter().zip(new).take_while(|(one, other)| one == other).count();
    let (old, new) = (&old[before..], &new[before..]);
    let after = old.iter().rev().zip(new.iter().rev());
    let after = after.take_while(|(one, other)| one == other).count();
    let is_exact = (old.len() - after).saturating_mul(new.len() - after) <= MAX_EXACT;
    (!is_exact).then(|| Instant::now() + MAX_SEARCH_TIME)
}

fn with_line_endings(document: &Document, lines: Vec<String>) -> Vec<String> {
    let endings = document.lines().iter().map(|line| document.text(line.line_ending()));
    lines.into_iter().zip(endings).map(|(line, ending)| line + &ending).collect()
}

/// The lines of a document, with secrets masked.
struct Shown {
    lines: Vec<String>,
    is_open: bool,
}

impl Shown {
    fn new(document: &Document, secrets: Secrets<'_>) -> Self {
        let is_open = document.lines().last().is_some_and(|line| line.line_ending().is_empty());
        Self { lines: all_lines(document, secrets), is_open }
    }

    fn line(&self, index: usize, sign: LineOrigin) -> HunkLine {
        let is_open = self.is_open && index + 1 == self.lines.len();
        HunkLine { sign, text: self.lines[index].clone(), is_open }
    }
}

fn hunk(group: &[DiffOp], (before, after): &(Shown, Shown)) -> Hunk {
    let mut lines = Vec::new();
    let (mut old, mut new) = ((usize::MAX, 0), (usize::MAX, 0));
    for op in group {
        let (old_range, new_range) = (op.old_range(), op.new_range());
        old = (old.0.min(old_range.start + 1), old.1 + old_range.len());
        new = (new.0.min(new_range.start + 1), new.1 + new_range.len());
        if op.tag() == DiffTag::Equal {
            lines.extend(new_range.map(|index| after.line(index, LineOrigin::Both)));
        } else {
            lines.extend(old_range.map(|index| before.line(index, LineOrigin::Before)));
            lines.extend(new_range.map(|index| after.line(index, LineOrigin::After)));
        }
    }
    Hunk { before: old, after: new, lines }
}

#[cfg(test)]
mod tests {
    use super::*;
    use winini::Encoding;

    fn check(before: &str, after: &str, expected: &[&str]) {
        let parse = |text: &str| Document::parse(text.into(), Encoding::Ascii);
        let mut found = Vec::new();
        for hunk in hunks(&parse(before), &parse(after), Secrets::Masked) {
            found.push(hunk.header());
            found.extend(hunk.lines.iter().map(|line| {
                let open = if line.is_open { "<no end>" } else { "" };
                format!("{}{}{open}", line.sign.prefix(), line.text)
            }));
        }
        assert_eq!(found, expected);
    }

    #[test]
    fn diff_shows_missing_line_ending_at_end_of_file() {
        check("a", "a\n", &["@@ -1 +1 @@", "-a<no end>", "+a"]);
    }

    #[test]
    fn diff_of_an_empty_file_starts_at_line_zero() {
        check("", "a\n", &["@@ -0,0 +1 @@", "+a"]);
        check("a\n", "a\n", &[]);
    }

    #[test]
    fn diff_shows_three_context_lines_around_a_change() {
        let before = "1\n2\n3\n4\n5\n6\n7\n8\n9\n";
        check(
            before,
            &before.replace('5', "x"),
            &["@@ -2,7 +2,7 @@", " 2", " 3", " 4", "-5", "+x", " 6", " 7", " 8"],
        );
    }
}
