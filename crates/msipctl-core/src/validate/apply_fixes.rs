//! Applies fixes repeatedly, until no applicable fix is left.

use std::collections::HashMap;

use super::finding::Finding;
use super::fix::{Change, Fix, Safety};
use super::safety::is_kept;
use microsip_schema::Version;
use winini::{Document, Edit};

/// The maximum number of rounds. Each round fixes what the previous one uncovered.
const MAX_ROUNDS: usize = 40;

/// A document after its fixes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FixOutcome {
    /// The document after all fixes.
    pub after: Document,
    /// The findings that were fixed, in the order of their fixes.
    pub fixed: Vec<Finding>,
}

/// Applies fixes repeatedly until `find` returns nothing fixable. A finding is fixed if its fix is at most as unsafe as
/// `at_most`. If several fixes touch the same lines, the later ones wait for the next round.
pub(super) fn apply_fixes(
    document: &Document,
    microsip: Version,
    at_most: Safety,
    find: impl Fn(&Document) -> Vec<Finding>,
) -> FixOutcome {
    let mut after = document.clone();
    let mut fixed = Vec::new();
    for _ in 0..MAX_ROUNDS {
        let found = find(&after);
        // Safe fixes come first, because they often make unsafe ones unnecessary.
        let of = |safety: Safety| {
            let has_safety = |it: &&Finding| it.fix().is_some_and(|fix| fix.safety() == safety);
            found.iter().filter(has_safety).cloned().collect()
        };
        let is_kept = |next: &Document| is_kept(&after, next, microsip);
        let safe = apply_once(&after, of(Safety::Safe), is_kept);
        let done = safe.or_else(|| {
            let mut fixable: Vec<_> = (at_most == Safety::Unsafe).then(|| of(Safety::Unsafe))?;
            // A restored header decides which section the keys after it belong to, and whether they are duplicates.
            if fixable.iter().any(adds_header) {
                fixable.retain(adds_header);
            }
            apply_once(&after, fixable, |_| true)
        });
        let Some((next, done)) = done else { break };
        after = next;
        fixed.extend(done);
    }
    FixOutcome { after, fixed }
}

/// Returns whether a fix inserts a header on a separate line.
fn adds_header(finding: &Finding) -> bool {
    let Some(Change::Edits(edits)) = finding.fix().map(Fix::change) else { return false };
    edits.iter().any(|edit| matches!(edit, Edit::InsertLine { text, .. } if text.starts_with('[')))
}

/// The maximum number of fixes that are tried one by one.
const MAX_TRIED: usize = 64;

/// Applies as many fixes as possible that don't touch the same lines and whose result is `allowed`. `None` if no fix can
/// be applied.
fn apply_once(
    document: &Document,
    fixable: Vec<Finding>,
    allowed: impl Fn(&Document) -> bool,
) -> Option<(Document, Vec<Finding>)> {
    // A new document, and then a new encoding, change every line, so they come first and alone.
    let change = |finding: &Finding| finding.fix().map(|fix| fix.change().clone());
    for finding in &fixable {
        if let Some(Change::Document(next)) = change(finding)
            && next != *document
        {
            return Some((next, vec![finding.clone()]));
        }
    }
    for finding in &fixable {
        if let Some(Change::Encoding(encoding)) = change(finding)
            && let Ok(next) = document.convert(encoding)
            && next != *document
        {
            return Some((next, vec![finding.clone()]));
        }
    }
    let edits = |finding: &Finding| match change(finding) {
        Some(Change::Edits(edits)) => edits,
        _ => Vec::new(),
    };
    let mut touched = HashMap::new();
    let separate: Vec<_> =
        fixable.into_iter().filter(|finding| touch(&mut touched, &edits(finding))).collect();
    let all: Vec<_> = separate.iter().flat_map(edits).collect();
    let next = document.edit(&all);
    if let Ok(next) = &next
        && allowed(next)
    {
        return (next != document).then_some((next.clone(), separate));
    }
    // A fix that can't be applied, for example because the encoding lacks a character, doesn't block the others. Neither
    // does a fix that changes a value only in combination with others.
    let tried = if next.is_ok() { MAX_TRIED } else { usize::MAX };
    let (mut together, mut done) = (Vec::new(), Vec::new());
    for finding in separate.into_iter().take(tried) {
        let combined = [together.as_slice(), &edits(&finding)].concat();
        if document.edit(&combined).is_ok_and(|next| tried == usize::MAX || allowed(&next)) {
            together = combined;
            done.push(finding);
        }
    }
    let next = document.edit(&together).ok()?;
    (next != *document && allowed(&next)).then_some((next, done))
}

/// The touched lines, each with the keys of the lines that are inserted after it, or `None` if the line itself changes.
type Touched = HashMap<usize, Option<Vec<String>>>;

/// Records the lines that edits touch, and returns whether they are separate from the lines that are touched already.
fn touch(touched: &mut Touched, edits: &[Edit]) -> bool {
    let is_separate = edits.iter().all(|edit| match (touched.get(&edit.line()), new_key(edit)) {
        (None, _) => true,
        (Some(Some(keys)), Some(key)) => !keys.contains(&key),
        _ => false,
    });
    if !is_separate || edits.is_empty() {
        return false;
    }
    for edit in edits {
        let keys = touched.entry(edit.line()).or_insert_with(|| Some(Vec::new()));
        match new_key(edit) {
            Some(key) => keys.iter_mut().for_each(|keys| keys.push(key.clone())),
            None => *keys = None,
        }
    }
    true
}

/// Returns the key of a new line, or its text if it has no key. `None` for a header, because it changes the section of the
/// lines after it.
fn new_key(edit: &Edit) -> Option<String> {
    let Edit::InsertLine { text, .. } = edit else { return None };
    if text.trim_start().starts_with('[') {
        return None;
    }
    Some(text.split('=').next().unwrap_or_default().trim().to_ascii_lowercase())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::validate::{self, Check};
    use microsip_schema::{Availability, Kind, Section};
    use proptest::prelude::*;
    use winini::profile::{self, Profile, truncate};
    use winini::{CodePage, Encoding};

    /// Lines of a file with many problems.
    fn lines() -> impl Strategy<Value = Vec<&'static str>> {
        let line = prop::sample::select(vec![
            "[Settings]",
            "[settings]",
            "[Account1]",
            "[Account2]",
            "[Account 3]",
            "[Shortcuts]",
            "[Other]",
            "[Settings",
            "[Account1] ; x",
            "[Settings] AA=1",
            "AA=0",
            "aa=1",
            "DND=1 ; on",
            "DND: 0",
            "DND\u{a0}=1",
            "cmdCallEnd=",
            "cmdCallEnd=C:\\\\a.exe",
            "cmdCallEnd=“C:\\a b.exe”",
            "domain=a",
            "domain=b",
            "username= c ",
            "password=\u{a0}x",
            "label=BÃ¼ro",
            "label=B\u{fffd}",
            "0=a;1;call",
            "2=b;2;call",
            "# AA=1",
            "; note",
            "x=y",
            "text",
            "",
        ]);
        prop::collection::vec(line, 0..24)
    }

    /// Lines that hide headers or keys, so that a fix moves keys to another section.
    fn hostile_lines() -> impl Strategy<Value = Vec<u8>> {
        let odd = prop::sample::select(vec![
            b"\xef\xbb\xbf".as_slice(),
            b"\xff\xfe",
            b"\0",
            b"D\0N\0D\0=\x001\0\r\0\n\0",
            b"AA=1\r\n",
            b"[Settings]\r\n",
            b"[\0S\0e\0t\0t\0i\0n\0g\0s\0]\0\r\0\n\0",
            b"Settings]\n",
            b"DND=0[Account1]\n",
            b"\xfc",
            b"label=B\xc3\xbcro\r\n",
            b"+AD0-\n",
            b"\r\0\r\n\0",
            b"x",
        ]);
        prop::collection::vec(odd, 0..16).prop_map(|hostile_lines| hostile_lines.concat())
    }

    fn fixed(document: &Document, at_most: Safety) -> FixOutcome {
        validate::apply_fixes(document, Check::new(Version::NEWEST), at_most)
    }

    fn versions() -> impl Strategy<Value = Version> {
        prop::sample::select(vec![Version::NEWEST, Version::new(3, 19, 11), Version::new(3, 14, 0)])
    }

    /// Returns all values that a version reads, independently of the code under test: the bytes as the profile calls decode
    /// them.
    fn read_values(bytes: &[u8], microsip: Version) -> Vec<(String, String, String)> {
        let is_wide = bytes.starts_with(b"\xff\xfe");
        let is_converted = !is_wide && microsip >= Version::new(3, 19, 12);
        let text = bytes.split(|byte| *byte == 0).next().filter(|_| is_converted).unwrap_or(bytes);
        let encoding = profile::encoding_read(bytes, CodePage::WESTERN);
        let document = Document::parse(text.to_vec(), encoding);
        let mut values = Vec::new();
        for section in Profile::new(&document).counting_sections() {
            let name = section.name();
            for entry in section.counting_entries() {
                let key = entry.key();
                let row = microsip_schema::find(&name, &key);
                let Some(row) = row.filter(|it| it.available(microsip) == Availability::Yes) else {
                    continue;
                };
                let value = truncate(&entry.value(), row.limit(microsip)).to_owned();
                let number =
                    || microsip_schema::leading_number(&value).0.unwrap_or_default().to_string();
                let value = match row.kind() {
                    Kind::Switch(_) => format!("{:?}", row.switch_on(&value, microsip)),
                    Kind::Number { .. } if !value.is_empty() => number(),
                    // The numbers of a list have no meaning.
                    Kind::Record => continue,
                    _ => value,
                };
                values.push((name.to_ascii_lowercase(), key.to_ascii_lowercase(), value));
            }
        }
        values
    }

    #[track_caller]
    fn assert_safe_fixes_keep_values(document: &Document, microsip: Version) {
        let by = Check::new(microsip);
        let FixOutcome { after, fixed } = validate::apply_fixes(document, by, Safety::Safe);
        let read = read_values(after.bytes(), microsip);
        let is_decoded = !document.bytes().starts_with(b"\xff\xfe");
        for (section, key, value) in read_values(document.bytes(), microsip) {
            // Non-ASCII characters may be decoded right after the fix.
            if is_decoded && !value.is_ascii() {
                continue;
            }
            let row = (section, key, value);
            assert!(read.contains(&row), "{row:?} isn't in {read:?} after {fixed:#?}");
        }
    }

    proptest! {
        #[test]
        fn fixes_keep_values_that_no_finding_names(
            lines in lines(),
            at_most in prop::sample::select(vec![Safety::Safe, Safety::Unsafe]),
        ) {
            let document = Document::parse(lines.join("\r\n").into(), Encoding::Utf8 { bom: false });
            let FixOutcome { after, fixed } = fixed(&document, at_most);
            let is_named = |section: &str, key: &str| fixed.iter().any(|finding| {
                let is_it = |text: Option<&str>, name: &str| text.is_some_and(|it| it.eq_ignore_ascii_case(name));
                is_it(finding.key(), key) || (finding.key().is_none() && is_it(finding.section(), section))
            });
            let profile = Profile::new(&document);
            for section in profile.counting_sections().filter(|it| Section::of(&it.name()).is_some()) {
                for entry in section.counting_entries() {
                    let (name, key) = (section.name(), entry.key());
                    // A fix may renumber records, and rename keys that MicroSIP doesn't read.
                    let is_record = key.parse::<u32>().is_ok();
                    let is_read = microsip_schema::find(&name, &key).is_some();
                    if is_read && !is_record && !is_named(&name, &key) {
                        let read = Profile::new(&after).get(&name, &key);
                        prop_assert_eq!(read, Some(entry.value()), "{:?}", fixed);
                    }
                }
            }
        }

        #[test]
        fn safe_fixes_keep_all_effective_values(
            lines in lines(),
            bom in any::<bool>(),
            microsip in versions(),
        ) {
            let text = [if bom { "\u{feff}" } else { "" }, &lines.join("\r\n")].concat();
            let document = Document::parse(text.into(), Encoding::Utf8 { bom });
            assert_safe_fixes_keep_values(&document, microsip);
        }

        #[test]
        fn safe_fixes_of_corrupt_bytes_keep_all_effective_values(
            bytes in hostile_lines(),
            microsip in versions(),
        ) {
            let encoding = Encoding::detect(&bytes, CodePage::WESTERN);
            assert_safe_fixes_keep_values(&Document::parse(bytes, encoding), microsip);
        }

        #[test]
        fn fixes_are_idempotent(
            lines in lines(),
            at_most in prop::sample::select(vec![Safety::Safe, Safety::Unsafe]),
        ) {
            let document = Document::parse(lines.join("\r\n").into(), Encoding::Utf8 { bom: false });
            let after = fixed(&document, at_most).after;
            let again = fixed(&after, at_most);
            prop_assert_eq!(&again.after, &after, "{:?}", again.fixed);
        }

        #[test]
        fn fixes_of_corrupt_bytes_are_idempotent_and_do_not_panic(
            bytes in hostile_lines(),
            at_most in prop::sample::select(vec![Safety::Safe, Safety::Unsafe]),
        ) {
            let encoding = Encoding::detect(&bytes, CodePage::WESTERN);
            let after = fixed(&Document::parse(bytes, encoding), at_most).after;
            let again = fixed(&after, at_most);
            prop_assert_eq!(&again.after, &after, "{:?}", again.fixed);
        }
    }
}
