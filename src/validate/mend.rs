//! Mending what was found, again and again: the document that all fixes lead to.

use std::collections::HashMap;

use super::finding::Finding;
use super::fix::{Change, Safety};
use crate::ini::{Document, Edit};

/// The most rounds of finding and mending. Each round mends what the one before uncovered.
const ROUNDS: usize = 40;

/// A document that was mended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mended {
    /// The document after all fixes.
    pub after: Document,
    /// What was mended, in the order in which it was done.
    pub mended: Vec<Finding>,
}

/// Mends what `find` finds, again and again until it finds nothing that may be mended. A finding is mended if
/// its fix is at most as unsafe as `at_most`; those that touch the same lines wait for the next round.
pub(super) fn mend(
    document: &Document,
    at_most: Safety,
    find: impl Fn(&Document) -> Vec<Finding>,
) -> Mended {
    let mut after = document.clone();
    let mut mended = Vec::new();
    for _ in 0..ROUNDS {
        let found = find(&after);
        // What is certain comes first: often nothing is left to guess then.
        let of = |safety: Safety| {
            let is_it = |it: &&Finding| it.fix().is_some_and(|fix| fix.safety() == safety);
            found.iter().filter(is_it).cloned().collect()
        };
        let safe = round(&after, of(Safety::Safe));
        let done = safe.or_else(|| {
            if at_most == Safety::Unsafe { round(&after, of(Safety::Unsafe)) } else { None }
        });
        let Some((next, done)) = done else { break };
        after = next;
        mended.extend(done);
    }
    Mended { after, mended }
}

/// Does as many fixes as stand apart; `None` if none can be done.
fn round(document: &Document, fixable: Vec<Finding>) -> Option<(Document, Vec<Finding>)> {
    // Other bytes, then another encoding, change every line, so they come first and alone.
    let change = |finding: &Finding| finding.fix().map(|fix| fix.change().clone());
    for finding in &fixable {
        if let Some(Change::Whole(next)) = change(finding)
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
    let apart: Vec<_> =
        fixable.into_iter().filter(|finding| touch(&mut touched, &edits(finding))).collect();
    let all: Vec<_> = apart.iter().flat_map(edits).collect();
    if let Ok(next) = document.edit(&all) {
        return (next != *document).then_some((next, apart));
    }
    // One that cannot be done, as a letter does not fit the encoding, holds up no other.
    let (mut together, mut done) = (Vec::new(), Vec::new());
    for finding in apart {
        let wanted = [together.as_slice(), &edits(&finding)].concat();
        if document.edit(&wanted).is_ok() {
            together = wanted;
            done.push(finding);
        }
    }
    let next = document.edit(&together).ok()?;
    (next != *document).then_some((next, done))
}

/// The lines that are touched, each with the keys of the lines that are put below it; `None` where the line itself is.
type Touched = HashMap<usize, Option<Vec<String>>>;

/// Notes what edits touch, if that stands apart from what is touched already.
fn touch(touched: &mut Touched, wanted: &[Edit]) -> bool {
    let is_apart = wanted.iter().all(|edit| match (touched.get(&edit.line()), new_key(edit)) {
        (None, _) => true,
        (Some(Some(keys)), Some(key)) => !keys.contains(&key),
        _ => false,
    });
    if !is_apart || wanted.is_empty() {
        return false;
    }
    for edit in wanted {
        let keys = touched.entry(edit.line()).or_insert_with(|| Some(Vec::new()));
        match new_key(edit) {
            Some(key) => keys.iter_mut().for_each(|keys| keys.push(key.clone())),
            None => *keys = None,
        }
    }
    true
}

/// Returns the key, or the whole, of a new line. A new header stands alone, as it takes what is put below it.
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
    use crate::ini::{CodePage, Encoding};
    use crate::profile::Profile;
    use crate::schema::{self, Section, Version};
    use crate::validate::{self, Check};
    use proptest::prelude::*;

    /// Lines of a file in which much is wrong.
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

    /// Lines that hide headers or keys, so that a fix gives keys another section.
    fn pieces() -> impl Strategy<Value = Vec<u8>> {
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
        prop::collection::vec(odd, 0..16).prop_map(|pieces| pieces.concat())
    }

    fn mended(document: &Document, at_most: Safety) -> Mended {
        validate::mend(document, Check::new(Version::NEWEST), at_most)
    }

    proptest! {
        #[test]
        fn what_no_finding_names_reads_as_before(
            lines in lines(),
            at_most in prop::sample::select(vec![Safety::Safe, Safety::Unsafe]),
        ) {
            let document = Document::parse(lines.join("\r\n").into(), Encoding::Utf8 { bom: false });
            let Mended { after, mended } = mended(&document, at_most);
            let is_named = |section: &str, key: &str| mended.iter().any(|finding| {
                let is_it = |text: Option<&str>, name: &str| text.is_some_and(|it| it.eq_ignore_ascii_case(name));
                is_it(finding.key(), key) || (finding.key().is_none() && is_it(finding.section(), section))
            });
            let profile = Profile::new(&document);
            for section in profile.counting_sections().filter(|it| Section::of(&it.name()).is_some()) {
                for entry in section.counting_entries() {
                    let (name, key) = (section.name(), entry.key());
                    // The numbers of records are no names, and what nobody reads may get another one.
                    let is_record = key.parse::<u32>().is_ok();
                    let is_read = schema::find(&name, &key).is_some();
                    if is_read && !is_record && !is_named(&name, &key) {
                        let read = Profile::new(&after).get(&name, &key);
                        prop_assert_eq!(read, Some(entry.value()), "{:?}", mended);
                    }
                }
            }
        }

        #[test]
        fn what_is_mended_is_mended_once(
            lines in lines(),
            at_most in prop::sample::select(vec![Safety::Safe, Safety::Unsafe]),
        ) {
            let document = Document::parse(lines.join("\r\n").into(), Encoding::Utf8 { bom: false });
            let after = mended(&document, at_most).after;
            let again = mended(&after, at_most);
            prop_assert_eq!(&again.after, &after, "{:?}", again.mended);
        }

        #[test]
        fn torn_bytes_are_mended_once_and_panic_never(
            bytes in pieces(),
            at_most in prop::sample::select(vec![Safety::Safe, Safety::Unsafe]),
        ) {
            let encoding = Encoding::detect(&bytes, CodePage::WESTERN);
            let after = mended(&Document::parse(bytes, encoding), at_most).after;
            let again = mended(&after, at_most);
            prop_assert_eq!(&again.after, &after, "{:?}", again.mended);
        }
    }
}
