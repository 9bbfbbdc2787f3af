//! What changed, key by key, as Windows reads both files.

use std::borrow::Cow;
use std::collections::HashMap;

use super::secrets::Secrets;
use winini::profile::{Entry, Profile, SectionView};
use winini::{Document, Encoding};

/// One key that reads differently, its values as they may be shown.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Change {
    /// The section.
    pub section: String,
    /// The key.
    pub key: String,
    /// What it read as; `None` when it was not set.
    pub before: Option<String>,
    /// What it reads as; `None` when it is not set.
    pub after: Option<String>,
}

/// What became of a key.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// It was not set before.
    Added,
    /// It is not set any more.
    Removed,
    /// It reads differently.
    Changed,
}

impl Change {
    /// Returns what became of the key.
    pub fn kind(&self) -> Kind {
        match (&self.before, &self.after) {
            (None, _) => Kind::Added,
            (_, None) => Kind::Removed,
            _ => Kind::Changed,
        }
    }
}

/// Returns the keys that read differently: those of the old file in its order, then new ones in the
/// order of the new file. Shadowed doubles do not count, as Windows never reads them.
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
    let (before, after) = (Sections::new(before), Sections::new(after));
    let mut changes = Vec::new();
    for section in &before.in_order {
        compare(Some(*section), after.like(*section), secrets, &mut changes);
    }
    for section in &after.in_order {
        if before.like(*section).is_none() {
            compare(None, Some(*section), secrets, &mut changes);
        }
    }
    changes
}

/// How the bytes changed beyond single keys: before and after, where they differ.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct ByteChanges {
    /// The encoding.
    pub encoding: Option<(Encoding, Encoding)>,
    /// The line ending that most lines have.
    pub line_ending: Option<(&'static str, &'static str)>,
    /// Whether there is a byte order mark.
    pub byte_order_mark: Option<(bool, bool)>,
}

impl ByteChanges {
    /// Says whether nothing differs.
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }
}

/// Compares what is true of the bytes as a whole.
pub fn byte_changes(before: &Document, after: &Document) -> ByteChanges {
    fn differ<T: PartialEq>(before: T, after: T) -> Option<(T, T)> {
        (before != after).then_some((before, after))
    }
    let mark = |document: &Document| !document.encoding().byte_order_mark().is_empty();
    ByteChanges {
        encoding: differ(before.encoding(), after.encoding()),
        line_ending: differ(line_ending(before), line_ending(after)),
        byte_order_mark: differ(mark(before), mark(after)),
    }
}

fn line_ending(document: &Document) -> &'static str {
    let mut counts = [("none", 0), ("crlf", 0), ("lf", 0), ("cr", 0)];
    for line in document.lines() {
        let ending = document.text(line.ending());
        let index = match &*ending {
            "\r\n" => 1,
            "\n" => 2,
            "\r" => 3,
            _ => continue,
        };
        counts[index].1 += 1;
    }
    counts.iter().rev().max_by_key(|(_, count)| *count).map_or("none", |(name, _)| name)
}

fn compare(
    before: Option<SectionView<'_>>,
    after: Option<SectionView<'_>>,
    secrets: Secrets<'_>,
    changes: &mut Vec<Change>,
) {
    let Some(section) = before.or(after).map(SectionView::name) else { return };
    let (before, after) = (Entries::new(before), Entries::new(after));
    let new = after.in_order.iter().filter(|entry| before.value(**entry).is_none());
    for entry in before.in_order.iter().chain(new) {
        let (old, new) = (before.value(*entry), after.value(*entry));
        if old != new {
            let key = entry.key();
            let shown = |value: Option<Cow<'_, str>>| {
                value.map(|value| secrets.shown(&section, &key, &value).into_owned())
            };
            let (before, after) = (shown(old), shown(new));
            let (section, key) = (section.clone().into_owned(), key.clone().into_owned());
            changes.push(Change { section, key, before, after });
        }
    }
}

/// The sections of a file that Windows looks at.
struct Sections<'d> {
    in_order: Vec<SectionView<'d>>,
    by_name: HashMap<String, SectionView<'d>>,
}

impl<'d> Sections<'d> {
    fn new(document: &'d Document) -> Self {
        let in_order: Vec<_> = Profile::new(document).counting_sections().collect();
        let by_name =
            in_order.iter().map(|section| (section.name().to_ascii_lowercase(), *section));
        Self { by_name: by_name.collect(), in_order }
    }

    /// Returns the section of the same name as one of another file.
    fn like(&self, section: SectionView<'_>) -> Option<SectionView<'d>> {
        self.by_name.get(&section.name().to_ascii_lowercase()).copied()
    }
}

/// The entries of a section that Windows reads.
struct Entries<'d> {
    in_order: Vec<Entry<'d>>,
    by_key: HashMap<String, Entry<'d>>,
}

impl<'d> Entries<'d> {
    fn new(section: Option<SectionView<'d>>) -> Self {
        let in_order = section.map(SectionView::counting_entries).unwrap_or_default();
        let by_key = in_order.iter().map(|entry| (entry.key().to_ascii_lowercase(), *entry));
        Self { by_key: by_key.collect(), in_order }
    }

    /// Returns what the key of an entry, of this section or of another one, reads as here.
    fn value(&self, entry: Entry<'_>) -> Option<Cow<'d, str>> {
        self.by_key.get(&entry.key().to_ascii_lowercase()).map(|entry| entry.value())
    }
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
    fn only_what_windows_reads_counts() {
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
    fn the_bytes_are_compared_as_a_whole() {
        let old = Document::parse(b"a\nb\n".to_vec(), Encoding::Ascii);
        let new = Document::parse(b"\xff\xfea\0\r\0\n\0".to_vec(), Encoding::MICROSIP);
        let changes = byte_changes(&old, &new);
        assert_eq!(changes.encoding, Some((Encoding::Ascii, Encoding::MICROSIP)));
        assert_eq!(changes.line_ending, Some(("lf", "crlf")));
        assert_eq!(changes.byte_order_mark, Some((false, true)));
        assert!(byte_changes(&old, &old).is_empty());
    }
}
