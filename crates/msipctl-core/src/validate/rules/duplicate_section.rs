//! `duplicate-section`: a section that Windows never looks at.

use std::collections::HashMap;

use crate::plan::as_read;
use crate::validate::context::Context;
use crate::validate::finding::Finding;
use crate::validate::fix::{Fix, Safety};
use crate::validate::rule::rule;
use winini::profile::{self, Profile, SectionView};
use winini::{CodePage, Edit, LineKind};

rule! {
    /// ## What it does
    /// A second section of the same name, in any case of letters.
    ///
    /// ## Why is this bad?
    /// Windows looks at the first section of a name only. Nothing in the second one is read, and what MicroSIP saves goes into the first. Where a UTF-8 byte order mark hides a section in the first line, it is the second one that MicroSIP reads.
    ///
    /// ## Example
    /// ```ini
    /// [Settings]
    /// AA=0
    /// [settings]
    /// DND=1
    /// ```
    ///
    /// ## Use instead
    /// ```ini
    /// [Settings]
    /// AA=0
    /// DND=1
    /// ```
    ///
    /// ## How to fix
    /// A second section that says nothing else than the first is taken away. Otherwise an unsafe fix moves the keys that the first one lacks into it and takes the rest away; of keys in both, the first section's is the one in use. A second `[AccountN]` with another user or domain gets the next number instead.
    DuplicateSection,
    on Document, requires SHADOWED,
    fix Sometimes
}

fn check(context: Context<'_>, findings: &mut Vec<Finding>) {
    let mut first: HashMap<String, SectionView<'_>> = HashMap::new();
    // Where the first one is hidden, MicroSIP reads the next one.
    let mut next = None;
    for section in context.profile.sections() {
        let (name, line) = (section.name(), section.place().header());
        let read = *first.entry(name.to_ascii_lowercase()).or_insert(section);
        let above = read.place().header() + 1;
        if above != line + 1 {
            let is_hidden = !is_read(context, read);
            let seen = if is_hidden { *next.get_or_insert(line) } else { line };
            let message = if is_hidden && seen != line {
                let seen = seen + 1;
                message!(
                    "second section `[{section}]`, only the one in line {line} is read now",
                    section = name,
                    line = seen
                )
            } else if is_hidden {
                message!(
                    "second section `[{section}]`, which MicroSIP reads now, as a byte order mark hides the one in line {line}",
                    section = name,
                    line = above
                )
            } else {
                message!(
                    "second section `[{section}]`, only the one in line {line} is read",
                    section = name,
                    line = above
                )
            };
            let span = context.document.line(line).content();
            let finding = RULE.at(line, span, message).about(&name, None);
            let finding = finding.with_help(if is_hidden {
                format!("compare both sections with `msipctl show {name}`")
            } else {
                format!("move its keys to line {above}")
            });
            findings.push(finding.with_fix(fix(context, read, section)));
        }
    }
}

/// Returns whether MicroSIP sees the header of a section.
fn is_read(context: Context<'_>, section: SectionView<'_>) -> bool {
    let header = section.place().header();
    if header > 0 || context.document.body() == 0 {
        return true;
    }
    let read = as_read(context.document, CodePage::WESTERN, context.microsip);
    read.lines().first().is_some_and(|line| line.kind() == LineKind::Header)
}

/// Mends a second section: by another number for an account of its own, else by making one of both.
fn fix(context: Context<'_>, first: SectionView<'_>, second: SectionView<'_>) -> Fix {
    let name = second.name();
    let header = second.place().header();
    let differs = |key: &str| {
        let (one, other) = (first.entry(key), second.entry(key));
        one.zip(other).is_some_and(|(one, other)| one.value() != other.value())
    };
    let is_account = microsip_schema::account_number(&name).is_some_and(|number| number > 0);
    if is_account && (differs("domain") || differs("username")) {
        let next = format!("Account{}", next_account(context.profile));
        let text = format!("[{next}]");
        let title = format!("make the second `[{name}]` an account of its own, `{text}`");
        return Fix::edits(Safety::Unsafe, title, vec![Edit::ReplaceLine { line: header, text }]);
    }
    let document = context.document;
    let after = first.entries().next_back().map_or(first.place().header(), profile::Entry::line);
    let mut edits = Vec::new();
    let mut is_same = true;
    let read = by_key(first);
    let of_second = by_key(second);
    for entry in second.counting_entries() {
        match read.get(&entry.key().to_ascii_lowercase()) {
            Some(read) => is_same &= read.value() == entry.value(),
            None => {
                let text = document.text(document.line(entry.line()).content()).into_owned();
                edits.push(Edit::InsertLine { after: Some(after), text });
                is_same = false;
            }
        }
    }
    // Comments stay, and so does a line that is none of these: it may be a key that lost its `=`.
    let place = second.place();
    let goes =
        |line: &usize| !matches!(document.line(*line).kind(), LineKind::Comment | LineKind::Text);
    let lines = (place.header()..place.body().end).filter(goes);
    is_same &= second.entries().all(|entry| {
        let read = of_second.get(&entry.key().to_ascii_lowercase());
        read.is_some_and(|read| read.value() == entry.value())
    });
    edits.extend(lines.map(|line| Edit::RemoveLine { line }));
    if is_same {
        let title = format!("take the second `[{name}]`, which says nothing else, away");
        return Fix::edits(Safety::Safe, title, edits);
    }
    let title = format!("move what the first `[{name}]` lacks into it, and take the second away");
    Fix::edits(Safety::Unsafe, title, edits)
}

/// Returns the entries that would be read, by key.
fn by_key(section: SectionView<'_>) -> HashMap<String, profile::Entry<'_>> {
    let entries = section.counting_entries().into_iter();
    entries.map(|entry| (entry.key().to_ascii_lowercase(), entry)).collect()
}

/// Returns the first number that no account has.
fn next_account(profile: Profile<'_>) -> u32 {
    let is_free = |number: &u32| profile.section(&format!("Account{number}")).is_none();
    (1..).find(is_free).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::validate::rules::testing::{check, fixes};

    #[test]
    fn every_later_section_with_the_same_name_is_reported() {
        check(
            &RULE,
            "[A]\n[b]\n[a]\n[ A ]\n",
            &[
                "3: warning: second section `[a]`, only the one in line 1 is read",
                "4: warning: second section `[A]`, only the one in line 1 is read",
            ],
        );
    }

    #[test]
    fn second_section_is_effective_when_a_bom_hides_the_first() {
        let text = "[Settings]\nAA=1\n[Settings]\nAA=0\n[Settings]\n";
        let read = |line| {
            format!(
                "{line}: warning: second section `[Settings]`, which MicroSIP reads now, as a byte order mark hides the one in line 1"
            )
        };
        let third = "5: warning: second section `[Settings]`, only the one in line 3 is read now";
        check(&RULE, format!("\u{feff}{text}"), &[&read(3), third]);
        let units = text.encode_utf16().flat_map(u16::to_le_bytes);
        let wide: Vec<u8> = [0xff, 0xfe].into_iter().chain(units).collect();
        let message = "warning: second section `[Settings]`, only the one in line 1 is read";
        check(&RULE, wide, &[&format!("3: {message}"), &format!("5: {message}")]);
    }

    #[test]
    fn safe_fix_removes_section_that_only_repeats_keys() {
        let before = "[A]\nk=1\n[B]\n[a]\nK=\"1\"\n; why\n\n[B]\nx=1\n";
        fixes(&RULE, Safety::Safe, before, "[A]\nk=1\n[B]\n; why\n[B]\nx=1\n");
    }

    #[test]
    fn unsafe_fix_moves_missing_keys_to_the_first_section() {
        let before = "[A]\nk=1\n\n[B]\nx=1\n[a]\nk=2\nl = 3\n[a]\nm=4\nl=5\n";
        fixes(&RULE, Safety::Unsafe, before, "[A]\nk=1\nl = 3\nm=4\n\n[B]\nx=1\n");
        fixes(&RULE, Safety::Safe, before, before);
        fixes(&RULE, Safety::Unsafe, "[A]\n[B]\n[a]\nk=2", "[A]\nk=2\n[B]");
    }

    #[test]
    fn unsafe_fix_renumbers_duplicate_account_sections() {
        let before = "[Account1]\ndomain=a\n[Account1]\ndomain=b\n[Account1]\ndomain=c\n";
        let after = "[Account1]\ndomain=a\n[Account2]\ndomain=b\n[Account3]\ndomain=c\n";
        fixes(&RULE, Safety::Unsafe, before, after);
        fixes(&RULE, Safety::Safe, before, before);
    }
}
