//! `duplicate-section`: a section that Windows never reads.

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
    /// Checks for sections that appear more than once, in any capitalization.
    ///
    /// ## Why is this bad?
    /// Windows reads only the first section with a given name, and MicroSIP saves its settings there. Keys in later duplicates have no effect. If a UTF-8 BOM hides a section on the first line, MicroSIP reads the second one instead.
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
    /// Move the keys that you need to the first section, and remove the others. If the second section is a separate account, give it a free number instead.
    ///
    /// ## Fix safety
    /// Unsafe if the sections differ, because MicroSIP then reads other keys. The fix moves the keys that the first section lacks to it, and removes the rest of the second one, except for comments. Keys in both sections keep the value in the first one. A second `[AccountN]` with another user or domain gets the next free number instead.
    DuplicateSection,
    on Document, requires SHADOWED,
    fix Always
}

fn check(context: Context<'_>, findings: &mut Vec<Finding>) {
    let mut first: HashMap<String, SectionView<'_>> = HashMap::new();
    // If a BOM hides the first section, MicroSIP reads the next one.
    let mut next = None;
    for section in context.profile.sections() {
        let (name, header) = (section.name(), section.place().header());
        let read = *first.entry(name.to_ascii_lowercase()).or_insert(section);
        let line = read.place().header() + 1;
        if line != header + 1 {
            let is_hidden = !is_read(context, read);
            let effective = if is_hidden { *next.get_or_insert(header) } else { header };
            let message = if is_hidden && effective != header {
                message!(
                    "duplicate section `[{section}]`: MicroSIP currently reads only the one in line {line}",
                    section = name,
                    line = effective + 1
                )
            } else if is_hidden {
                message!(
                    "duplicate section `[{section}]`: MicroSIP reads it because a BOM hides the one in line {line}",
                    section = name,
                    line
                )
            } else {
                message!(
                    "duplicate section `[{section}]`: Windows reads only the one in line {line}",
                    section = name,
                    line
                )
            };
            let span = context.document.line(header).content();
            let finding = RULE.at(header, span, message).about(&name, None);
            let finding = finding.with_help(if is_hidden {
                format!("to compare the sections, run `msipctl show {name}`")
            } else {
                format!("move its keys to the section in line {line}")
            });
            findings.push(finding.with_fix(fix(context, read, section)));
        }
    }
}

/// Returns whether MicroSIP recognizes the header of a section.
fn is_read(context: Context<'_>, section: SectionView<'_>) -> bool {
    let header = section.place().header();
    if header > 0 || context.document.body() == 0 {
        return true;
    }
    let read = as_read(context.document, CodePage::WESTERN, context.microsip);
    read.lines().first().is_some_and(|line| line.kind() == LineKind::Header)
}

/// Returns the fix of a second section.
///
/// It gives a separate account another number, and otherwise merges both sections.
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
        let title =
            format!("rename the second `[{name}]` to `{text}`, as it is a separate account");
        return Fix::edits(Safety::Unsafe, title, vec![Edit::ReplaceLine { line: header, text }]);
    }
    let document = context.document;
    let after = first.entries().next_back().map_or(first.place().header(), profile::Entry::line);
    let mut edits = Vec::new();
    let mut is_redundant = true;
    let read = by_key(first);
    let of_second = by_key(second);
    for entry in second.counting_entries() {
        match read.get(&entry.key().to_ascii_lowercase()) {
            Some(read) => is_redundant &= read.value() == entry.value(),
            None => {
                let text = document.text(document.line(entry.line()).content()).into_owned();
                edits.push(Edit::InsertLine { after: Some(after), text });
                is_redundant = false;
            }
        }
    }
    // Comments stay, and so does other text: it can be a key that lost its `=`.
    let location = second.place();
    let is_removed =
        |line: &usize| !matches!(document.line(*line).kind(), LineKind::Comment | LineKind::Text);
    let lines = (location.header()..location.body().end).filter(is_removed);
    is_redundant &= second.entries().all(|entry| {
        let read = of_second.get(&entry.key().to_ascii_lowercase());
        read.is_some_and(|read| read.value() == entry.value())
    });
    edits.extend(lines.map(|line| Edit::RemoveLine { line }));
    if is_redundant {
        let title = format!("remove the second `[{name}]`, which adds nothing");
        return Fix::edits(Safety::Safe, title, edits);
    }
    let title = format!("move missing keys to the first `[{name}]`, and remove the second");
    Fix::edits(Safety::Unsafe, title, edits)
}

/// Returns the entries that Windows reads, by key.
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
                "3: warning: duplicate section `[a]`: Windows reads only the one in line 1",
                "4: warning: duplicate section `[A]`: Windows reads only the one in line 1",
            ],
        );
    }

    #[test]
    fn second_section_is_effective_when_a_bom_hides_the_first() {
        let text = "[Settings]\nAA=1\n[Settings]\nAA=0\n[Settings]\n";
        let read = |line| {
            format!(
                "{line}: warning: duplicate section `[Settings]`: MicroSIP reads it because a BOM hides the one in line 1"
            )
        };
        let third = "5: warning: duplicate section `[Settings]`: MicroSIP currently reads only the one in line 3";
        check(&RULE, format!("\u{feff}{text}"), &[&read(3), third]);
        let units = text.encode_utf16().flat_map(u16::to_le_bytes);
        let wide: Vec<u8> = [0xff, 0xfe].into_iter().chain(units).collect();
        let message =
            "warning: duplicate section `[Settings]`: Windows reads only the one in line 1";
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
