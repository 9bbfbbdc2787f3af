//! Compares two files by the values that Windows reads.

use std::collections::HashMap;
use std::iter::zip;
use std::ops::Range;

use super::view::{Entry, Profile, SectionView};
use crate::names::Name;

/// A key whose value differs between two files.
#[derive(Debug, Clone, Copy)]
pub struct Difference<'d> {
    /// The section in the first file, or if it isn't there, the section in the second file.
    pub section: SectionView<'d>,
    /// The entry that Windows reads in the first file, or `None` if the key isn't set.
    pub before: Option<Entry<'d>>,
    /// The entry that Windows reads in the second file, or `None` if the key isn't set.
    pub after: Option<Entry<'d>>,
}

/// Returns the keys whose values differ between two files.
///
/// Keys of the first file come first, in its order, and then new keys, in the order of the second file. Lines that Windows
/// never reads are ignored.
///
/// # Example
///
/// ```
/// use winini::{Document, Encoding};
/// use winini::profile::{Profile, differences};
///
/// let [before, after] = ["[S]\na=1\nb=2\n", "[s]\nB=3\na=\"1\"\n"]
///     .map(|text| Document::parse(text.into(), Encoding::Ascii));
/// let found = differences(Profile::new(&before), Profile::new(&after));
/// assert_eq!(found.len(), 1);
/// assert_eq!(found[0].after.map(|entry| entry.value()).as_deref(), Some("3"));
/// ```
pub fn differences<'d>(before: Profile<'d>, after: Profile<'d>) -> Vec<Difference<'d>> {
    if before.document() == after.document() {
        return Vec::new();
    }
    let sections = |profile: Profile<'d>| -> Vec<(Name, SectionView<'d>)> {
        profile.counting_sections().map(|section| (section.folded_name(), section)).collect()
    };
    let (before, after) = (sections(before), sections(after));
    let mut new: HashMap<&Name, SectionView<'d>> =
        after.iter().map(|(name, it)| (name, *it)).collect();
    let mut found = Vec::new();
    for (name, section) in &before {
        compare(Some(*section), new.remove(name), &mut found);
    }
    for (name, section) in &after {
        if new.contains_key(name) {
            compare(None, Some(*section), &mut found);
        }
    }
    found
}

fn compare<'d>(
    before: Option<SectionView<'d>>,
    after: Option<SectionView<'d>>,
    found: &mut Vec<Difference<'d>>,
) {
    let Some(section) = before.or(after) else { return };
    let body = |section: Option<SectionView<'d>>| section.map_or(0..0, |it| it.place().body());
    let raw = |section: Option<SectionView<'d>>, line: usize| section.map(|it| it.raw_line(line));
    let is_same_encoding = before.map(SectionView::encoding) == after.map(SectionView::encoding);
    if is_same_encoding && before.map(SectionView::raw_body) == after.map(SectionView::raw_body) {
        return;
    }
    let is_same =
        |(old, new): &(usize, usize)| is_same_encoding && raw(before, *old) == raw(after, *new);
    let (old, new) = (body(before), body(after));
    let above = zip(old.clone(), new.clone()).take_while(is_same).count();
    let (same, old, new) =
        (old.start..old.start + above, old.start + above..old.end, new.start + above..new.end);
    let below = zip(old.clone().rev(), new.clone().rev()).take_while(is_same).count();
    let (old, old_below) = (old.start..old.end - below, old.end - below..old.end);
    let (new, new_below) = (new.start..new.end - below, new.end - below..new.end);
    let entries = |section: Option<SectionView<'d>>, lines: Range<usize>| {
        section.into_iter().flat_map(move |section| section.entries_of(lines.clone()))
    };

    // Only keys in lines between the identical beginning and end can differ.
    let mut keys: HashMap<Name, (Option<Entry<'d>>, Option<Entry<'d>>)> = HashMap::new();
    for entry in entries(before, old) {
        keys.entry(entry.folded_key()).or_default().0.get_or_insert(entry);
    }
    for entry in entries(after, new) {
        keys.entry(entry.folded_key()).or_default().1.get_or_insert(entry);
    }
    if keys.is_empty() {
        return;
    }
    // Windows reads the first entry of a key. It can be before these lines, or if a file has none in them, after them.
    for entry in entries(before, same) {
        keys.remove(&entry.folded_key());
    }
    if keys.values().any(|(old, new)| old.is_none() || new.is_none()) {
        for (old, new) in zip(entries(before, old_below), entries(after, new_below)) {
            if let Some(first) = keys.get_mut(&old.folded_key()) {
                first.0.get_or_insert(old);
                first.1.get_or_insert(new);
            }
        }
    }
    let first = found.len();
    let differ =
        keys.into_values().filter(|(old, new)| old.map(Entry::value) != new.map(Entry::value));
    found.extend(differ.map(|(before, after)| Difference { section, before, after }));
    found[first..].sort_unstable_by_key(|Difference { before, after, .. }| {
        (before.is_none(), before.or(*after).map(Entry::line))
    });
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::{Document, Encoding};

    /// Returns what Windows reads from a document, with folded names.
    fn readings(document: &Document) -> Vec<(String, String, String)> {
        let profile = Profile::new(document);
        let entries = |section: SectionView<'_>| -> Vec<_> {
            let name = section.name().to_ascii_lowercase();
            let row = |entry: Entry<'_>| {
                (name.clone(), entry.key().to_ascii_lowercase(), entry.value().into_owned())
            };
            section.counting_entries().into_iter().map(row).collect()
        };
        profile.counting_sections().flat_map(entries).collect()
    }

    proptest! {
        #[test]
        fn comparison_reports_exactly_the_keys_that_differ(
            lines in prop::collection::vec(r"\[[sST\u{e9}]\]|[abcA\u{e9}] ?=[12]|;a=1", 0..14),
            other in prop::collection::vec(r"\[[sST\u{e9}]\]|[abcA\u{e9}] ?=[12]|;a=1", 0..4),
            (from, to) in (0..14usize, 0..14usize),
            encodings in (Encoding::any(), Encoding::any()),
        ) {
            let (from, to) = (from.min(lines.len()), to.min(lines.len()));
            let (from, to) = (from.min(to), to.max(from));
            let changed = [&lines[..from], &other, &lines[to..]].concat();
            let parse = |lines: &[String], encoding: Encoding| {
                let bytes = encoding.encode(&lines.join("\n")).map(std::borrow::Cow::into_owned);
                Document::parse(bytes.unwrap_or_default(), encoding)
            };
            for encoding in [encodings.0, encodings.1] {
                let (before, after) = (parse(&lines, encodings.0), parse(&changed, encoding));
                let (old, new) = (readings(&before), readings(&after));
                let value = |all: &[(String, String, String)], like: &(String, String, String)| {
                    let found = all.iter().find(|it| (&it.0, &it.1) == (&like.0, &like.1));
                    found.map(|it| it.2.clone())
                };
                let differs = |it: &&(String, String, String)| value(&old, it) != value(&new, it);
                let mut expected: Vec<_> = old.iter().filter(differs).collect();
                expected.extend(new.iter().filter(|it| value(&old, it).is_none()));
                let expected: Vec<_> = expected
                    .into_iter()
                    .map(|it| (it.0.clone(), it.1.clone(), value(&old, it), value(&new, it)))
                    .collect();
                let found: Vec<_> = differences(Profile::new(&before), Profile::new(&after))
                    .into_iter()
                    .map(|Difference { section, before, after }| {
                        let key = before.or(after).map(|entry| entry.key().to_ascii_lowercase());
                        let value = |entry: Option<Entry<'_>>| entry.map(|it| it.value().into_owned());
                        (section.name().to_ascii_lowercase(), key.unwrap(), value(before), value(after))
                    })
                    .collect();
                let by_section = |rows: &[(String, String, Option<String>, Option<String>)]| {
                    let mut rows = rows.to_vec();
                    let mut order: Vec<String> = Vec::new();
                    for row in old.iter().chain(&new) {
                        if !order.contains(&row.0) { order.push(row.0.clone()); }
                    }
                    rows.sort_by_key(|row| order.iter().position(|it| *it == row.0));
                    rows
                };
                prop_assert_eq!(by_section(&found), by_section(&expected));
            }
        }
    }
}
