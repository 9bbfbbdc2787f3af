//! Compares two files key by key, as Windows reads them.

use super::secrets::Secrets;
use winini::profile::{Difference, Entry, Profile, differences};
use winini::{Document, Encoding};

/// A key that was added, removed, or changed. Secret values are masked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Change {
    /// The section.
    pub section: String,
    /// The key.
    pub key: String,
    /// The old value, or `None` if the key wasn't set.
    pub before: Option<String>,
    /// The new value, or `None` if the key isn't set anymore.
    pub after: Option<String>,
}

/// How a key changed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// The key wasn't set before.
    Added,
    /// The key isn't set anymore.
    Removed,
    /// The key has another value.
    Changed,
}

impl Change {
    /// Returns how the key changed.
    pub fn kind(&self) -> Kind {
        match (&self.before, &self.after) {
            (None, _) => Kind::Added,
            (_, None) => Kind::Removed,
            _ => Kind::Changed,
        }
    }
}

/// Returns the keys that changed: first those of the old file in its order, then new keys in the order of
/// the new file. Ignores shadowed duplicates, because Windows never reads them.
///
/// # Example
///
/// ```
/// use msipctl_core::diff::{Kind, Secrets, changes};
/// use winini::{Document, Encoding};
///
/// let old = Document::parse(b"[Account1]\npassword=old\n".to_vec(), Encoding::Ascii);
/// let new = Document::parse(b"[account1]\nPassword=new\n".to_vec(), Encoding::Ascii);
/// let changes = changes(&old, &new, Secrets::Masked);
/// assert_eq!(changes.len(), 1);
/// assert_eq!(changes[0].kind(), Kind::Changed);
/// assert_eq!(changes[0].after.as_deref(), Some("***"));
/// ```
pub fn changes(before: &Document, after: &Document, secrets: Secrets<'_>) -> Vec<Change> {
    let shown = |Difference { section, before, after }: Difference<'_>| {
        let (section, key) = (section.name().into_owned(), before.or(after).map(Entry::key));
        let key = key.unwrap_or_default().into_owned();
        let shown = |entry: Option<Entry<'_>>| {
            entry.map(|entry| secrets.shown(&section, &key, &entry.value()).into_owned())
        };
        let (before, after) = (shown(before), shown(after));
        Change { section, key, before, after }
    };
    let found = differences(Profile::new(before), Profile::new(after));
    found.into_iter().map(shown).collect()
}

/// Differences that concern the complete file. Each is a pair of the old and the new state, if they differ.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct ByteChanges {
    /// The encoding.
    pub encoding: Option<(Encoding, Encoding)>,
    /// The line ending that most lines have.
    pub line_ending: Option<(&'static str, &'static str)>,
    /// Whether the file has a byte order mark.
    pub byte_order_mark: Option<(bool, bool)>,
}

impl ByteChanges {
    /// Returns whether nothing differs.
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }
}

/// Compares the encoding, the line ending, and the byte order mark of two files.
pub fn byte_changes(before: &Document, after: &Document) -> ByteChanges {
    fn differ<T: PartialEq>(before: T, after: T) -> Option<(T, T)> {
        (before != after).then_some((before, after))
    }
    if before == after {
        return ByteChanges::default();
    }
    let prefix = |document: &Document| !document.encoding().byte_order_mark().is_empty();
    ByteChanges {
        encoding: differ(before.encoding(), after.encoding()),
        line_ending: differ(line_ending(before), line_ending(after)),
        byte_order_mark: differ(prefix(before), prefix(after)),
    }
}

fn line_ending(document: &Document) -> &'static str {
    let mut counts = [("none", 0), ("crlf", 0), ("lf", 0), ("cr", 0)];
    let unit = document.encoding().unit();
    for line in document.lines() {
        let ending = document.raw(line.line_ending());
        let index = match ending.len() / unit {
            0 => continue,
            1 if ending.contains(&b'\n') => 2,
            1 => 3,
            _ => 1,
        };
        counts[index].1 += 1;
    }
    counts.iter().rev().max_by_key(|(_, count)| *count).map_or("none", |(name, _)| name)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(before: &str, after: &str, expected: &[(&str, &str, Option<&str>, Option<&str>)]) {
        let parse = |text: &str| Document::parse(text.into(), Encoding::Ascii);
        let changes = changes(&parse(before), &parse(after), Secrets::Masked);
        let found: Vec<_> = changes
            .iter()
            .map(|change| {
                let Change { section, key, before, after } = change;
                (section.as_str(), key.as_str(), before.as_deref(), after.as_deref())
            })
            .collect();
        assert_eq!(found, expected);
    }

    #[test]
    fn key_changes_compare_only_lines_that_windows_reads() {
        check("[S]\na=1\nA=2\n[s]\nb=1\n", "[s]\nA=\"1\"\n;b=1\n", &[]);
        check(
            "[S]\na=1\nb=2\n",
            "[S]\nb=3\n[T]\nc=\n",
            &[
                ("S", "a", Some("1"), None),
                ("S", "b", Some("2"), Some("3")),
                ("T", "c", None, Some("")),
            ],
        );
    }

    #[test]
    fn byte_changes_include_encoding_line_endings_and_bom() {
        let old = Document::parse(b"a\nb\n".to_vec(), Encoding::Ascii);
        let new = Document::parse(b"\xff\xfea\0\r\0\n\0".to_vec(), Encoding::MICROSIP);
        let changes = byte_changes(&old, &new);
        assert_eq!(changes.encoding, Some((Encoding::Ascii, Encoding::MICROSIP)));
        assert_eq!(changes.line_ending, Some(("lf", "crlf")));
        assert_eq!(changes.byte_order_mark, Some((false, true)));
        assert!(byte_changes(&old, &old).is_empty());
    }
}
