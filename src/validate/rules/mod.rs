//! All rules, one file each.

mod account_id_to_nowhere;
mod ansi_letters;
mod blanks_dropped;
mod comment_behind_value;
mod conflict_marker;
mod directive_without_bridge;
mod double_byte_ansi;
mod duplicate_key;
mod duplicate_section;
mod escaped_letters;
mod hash_comment;
mod header_behind_value;
mod header_without_bracket;
mod hook_too_long;
mod invalid_value;
mod junk_before_section;
mod key_in_wrong_section;
mod line_without_equals;
mod lost_letters;
mod misnamed_section;
mod mixed_encoding;
mod mojibake;
mod nul_in_text;
mod odd_blank;
mod oem_letters;
mod quoted_key;
mod quoted_lines;
mod quotes_dropped;
mod record_behind_gap;
mod rtp_range_reversed;
mod smart_punctuation;
mod text_above_first_section;
mod text_behind_header;
mod torn_hook;
mod unknown_key;
mod utf16_odd_byte;
mod utf16_torn_line_ends;
mod utf16_without_bom;
mod utf16be;
mod utf32;
mod utf7;
mod utf8_bom;
mod utf8_without_bom;
mod value_cut;

use super::rule::Rule;

/// Every rule, in order of name.
pub const RULES: &[&Rule] = &[
    &account_id_to_nowhere::RULE,
    &ansi_letters::RULE,
    &blanks_dropped::RULE,
    &comment_behind_value::RULE,
    &conflict_marker::RULE,
    &directive_without_bridge::RULE,
    &double_byte_ansi::RULE,
    &duplicate_key::RULE,
    &duplicate_section::RULE,
    &escaped_letters::RULE,
    &hash_comment::RULE,
    &header_behind_value::RULE,
    &header_without_bracket::RULE,
    &hook_too_long::RULE,
    &invalid_value::RULE,
    &junk_before_section::RULE,
    &key_in_wrong_section::RULE,
    &line_without_equals::RULE,
    &lost_letters::RULE,
    &misnamed_section::RULE,
    &mixed_encoding::RULE,
    &mojibake::RULE,
    &nul_in_text::RULE,
    &odd_blank::RULE,
    &oem_letters::RULE,
    &quoted_key::RULE,
    &quoted_lines::RULE,
    &quotes_dropped::RULE,
    &record_behind_gap::RULE,
    &rtp_range_reversed::RULE,
    &smart_punctuation::RULE,
    &text_above_first_section::RULE,
    &text_behind_header::RULE,
    &torn_hook::RULE,
    &unknown_key::RULE,
    &utf16_odd_byte::RULE,
    &utf16_torn_line_ends::RULE,
    &utf16_without_bom::RULE,
    &utf16be::RULE,
    &utf32::RULE,
    &utf7::RULE,
    &utf8_bom::RULE,
    &utf8_without_bom::RULE,
    &value_cut::RULE,
];

/// Reads a number as MicroSIP does: leading digits count, the rest is ignored, none is 0.
fn leading_number(value: &str) -> u64 {
    let end = value.find(|letter: char| !letter.is_ascii_digit()).unwrap_or(value.len());
    value[..end].parse().unwrap_or_default()
}

#[cfg(test)]
mod testing {
    use super::Rule;
    use crate::event::{Facts, Target};
    use crate::ini::{CodePage, Document, Encoding};
    use crate::schema::Version;
    use crate::validate::{Check, Safety, Selection};

    /// A machine on which what is called `missing` is not there, and others may change what is called `open`.
    pub(super) struct Machine;

    impl Facts for Machine {
        fn target(&self, path: &str) -> Option<Target> {
            match path {
                missing if missing.contains("missing") => Some(Target::Missing),
                folder if folder.ends_with("folder") => Some(Target::Folder),
                open if open.contains("open") => {
                    Some(Target::File { writable_by_others: Some(true) })
                }
                _ => None,
            }
        }

        fn may_open(&self, _: &str) -> Option<bool> {
            Some(false)
        }

        fn is_own_ini(&self, path: &str) -> Option<bool> {
            Some(!path.contains("other"))
        }
    }

    /// Mends a file by one rule, and compares all bytes.
    #[track_caller]
    pub(super) fn mends(
        rule: &'static Rule,
        at_most: Safety,
        before: impl AsRef<[u8]>,
        after: impl AsRef<[u8]>,
    ) {
        let bytes = before.as_ref().to_vec();
        let encoding = Encoding::detect(&bytes, CodePage::WESTERN);
        let selection = Selection::new(&[rule.name], &[]).unwrap();
        let by = Check { selection: &selection, facts: &Machine, ..Check::new(Version::NEWEST) };
        let mended = crate::validate::mend(&Document::parse(bytes, encoding), by, at_most);
        let shown = |bytes: &[u8]| bytes.escape_ascii().to_string();
        assert_eq!(shown(mended.after.bytes()), shown(after.as_ref()));
    }

    /// Checks a file against one rule: each finding as `line: severity: message`, lines from 1.
    #[track_caller]
    pub(super) fn check(rule: &'static Rule, bytes: impl AsRef<[u8]>, expected: &[&str]) {
        check_for(rule, Version::NEWEST, bytes, expected);
    }

    /// The same for a version.
    #[track_caller]
    pub(super) fn check_for(
        rule: &'static Rule,
        microsip: Version,
        bytes: impl AsRef<[u8]>,
        expected: &[&str],
    ) {
        let bytes = bytes.as_ref().to_vec();
        let encoding = Encoding::detect(&bytes, CodePage::WESTERN);
        let document = Document::parse(bytes, encoding);
        let selection = Selection::new(&[rule.name], &[]).unwrap();
        let by = Check {
            selection: &selection,
            facts: &Machine,
            readable_by_others: Some(true),
            ..Check::new(microsip)
        };
        let findings = crate::validate::check(&document, by);
        let found: Vec<_> = findings
            .iter()
            .filter(|finding| finding.rule() == rule.name)
            .map(|finding| {
                let line = finding.line() + 1;
                format!("{line}: {}: {}", finding.severity(), finding.message())
            })
            .collect();
        assert_eq!(found, expected);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ini::{CodePage, Document, Encoding};
    use crate::schema::Version;
    use crate::validate::{Check, Group, Selection};

    const HEADINGS: [&str; 5] =
        ["## What it checks", "## Why it matters", "## Example", "## Instead", "## Fix"];

    #[test]
    fn names_are_unique_well_formed_and_in_order() {
        assert!(RULES.is_sorted_by(|one, other| one.name < other.name));
        for rule in RULES {
            let is_name =
                |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-';
            assert!(rule.name.bytes().all(is_name), "{}", rule.name);
            assert!(!rule.summary.ends_with('.'), "{}", rule.name);
        }
    }

    #[test]
    fn pages_have_their_headings_and_examples_fire() {
        for rule in RULES {
            let headings: Vec<_> =
                rule.page.lines().map(str::trim).filter(|line| line.starts_with("##")).collect();
            assert_eq!(headings, HEADINGS, "{}", rule.name);
            // Bytes that are no UTF-8 cannot be shown as text; the tests of such a rule hold them.
            let Some(example) = block(rule.page, "## Example") else {
                assert_eq!(rule.group, Group::Encoding, "{}", rule.name);
                continue;
            };
            assert!(fires(rule, &example), "{}: {example}", rule.name);
            if let Some(instead) = block(rule.page, "## Instead") {
                assert!(!fires(rule, &instead), "{}: {instead}", rule.name);
            }
        }
    }

    fn fires(rule: &Rule, text: &str) -> bool {
        let encoding = Encoding::detect(text.as_bytes(), CodePage::WESTERN);
        let document = Document::parse(text.into(), encoding);
        let selection = Selection::new(&["all"], &[]).unwrap();
        let by = Check {
            selection: &selection,
            facts: &testing::Machine,
            readable_by_others: Some(true),
            ..Check::new(Version::NEWEST)
        };
        let findings = crate::validate::check(&document, by);
        findings.iter().any(|finding| finding.rule() == rule.name)
    }

    /// Returns the ini block below a heading.
    fn block(page: &str, heading: &str) -> Option<String> {
        let section = page.split(heading).nth(1)?.split("## ").next()?;
        let block = section.split("```ini").nth(1)?.split("```").next()?;
        Some(
            block
                .lines()
                .map(str::trim)
                .filter(|line| !line.is_empty())
                .fold(String::new(), |text, line| text + line + "\n"),
        )
    }
}
