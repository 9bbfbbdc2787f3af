//! All rules, one file each.

mod account_gap;
mod account_id_missing;
mod account_id_to_nowhere;
mod account_id_zero;
mod account_overwritten_at_start;
mod account_without_domain;
mod account_without_username;
mod ansi_letters;
mod arguments_in_path;
mod blanks_dropped;
mod blocks_ringing;
mod bridge_of_other_event;
mod bridge_of_other_file;
mod bridge_without_directive;
mod button_without_effect;
mod caller_not_passed;
mod comment_behind_value;
mod conflict_marker;
mod cut_off;
mod cut_when_saved;
mod device_names;
mod directive_in_wrong_section;
mod directive_invalid;
mod directive_without_bridge;
mod dns_srv_without_server;
mod double_byte_ansi;
mod doubled_carriage_return;
mod duplicate_account;
mod duplicate_codec;
mod duplicate_directive;
mod duplicate_key;
mod duplicate_section;
mod escaped_letters;
mod event_too_new;
mod fork_key;
mod forwarding_without_number;
mod hash_comment;
mod header_behind_value;
mod header_without_bracket;
mod hex_password_misread;
mod history_in_template;
mod invalid_public_address;
mod invalid_value;
mod junk_before_section;
mod key_gone;
mod key_in_wrong_section;
mod key_renamed;
mod key_too_new;
mod line_without_equals;
mod lost_letters;
mod lost_quotes;
mod lost_when_saved;
mod machine_state;
mod misnamed_section;
mod mixed_encoding;
mod mojibake;
mod no_program;
mod nul_in_text;
mod number_out_of_range;
mod number_with_tail;
mod odd_blank;
mod oem_letters;
mod old_value;
mod password_in_quotes;
mod password_on_command_line;
mod password_with_blanks;
mod password_without_username;
mod personal_data;
mod placeholder_unknown;
mod plain_http_hook;
mod plain_password;
mod port_conflict;
mod port_skipped;
mod quoted_key;
mod quoted_lines;
mod quotes_dropped;
mod read_only_file;
mod record_behind_gap;
mod redirected_to_registry;
mod relative_program;
mod rtp_max_without_min;
mod rtp_range_reversed;
mod scheme_not_permitted;
mod script_in_editor;
mod secret_in_template;
mod secrets_readable_by_others;
mod server_with_scheme;
mod shell_letter_in_path;
mod shell_reached;
mod smart_punctuation;
mod srtp_without_tls;
mod starts_itself;
mod stun_in_account;
mod stun_not_enabled;
mod stun_without_server;
mod suppression_of_unknown_rule;
mod suppression_without_reason;
mod switch_in_words;
mod switch_not_0_or_1;
mod system_message;
mod target_is_folder;
mod target_missing;
mod target_writable;
mod text_above_first_section;
mod text_behind_header;
mod too_many_servers;
mod torn_argument;
mod torn_program;
mod transport_mismatch;
mod type_unknown;
mod unescaped_xml;
mod unfilled_placeholder;
mod unknown_codec;
mod unknown_hook;
mod unknown_key;
mod unused_suppression;
mod users_directory_sends_password;
mod utf16_odd_byte;
mod utf16_torn_line_ends;
mod utf16_without_bom;
mod utf16be;
mod utf32;
mod utf7;
mod utf8_bom;
mod utf8_without_bom;
mod value_cut;
mod value_too_new;
mod variable_not_expanded;
mod word_for_number;
mod wrong_case;

use super::rule::Rule;
use super::rule_set::RuleSet;

/// Every rule, in order of name.
pub const RULES: &[&Rule] = &[
    &account_gap::RULE,
    &account_id_missing::RULE,
    &account_id_to_nowhere::RULE,
    &account_id_zero::RULE,
    &account_overwritten_at_start::RULE,
    &account_without_domain::RULE,
    &account_without_username::RULE,
    &ansi_letters::RULE,
    &arguments_in_path::RULE,
    &blanks_dropped::RULE,
    &blocks_ringing::RULE,
    &bridge_of_other_event::RULE,
    &bridge_of_other_file::RULE,
    &bridge_without_directive::RULE,
    &button_without_effect::RULE,
    &caller_not_passed::RULE,
    &comment_behind_value::RULE,
    &conflict_marker::RULE,
    &cut_off::RULE,
    &cut_when_saved::RULE,
    &device_names::RULE,
    &directive_in_wrong_section::RULE,
    &directive_invalid::RULE,
    &directive_without_bridge::RULE,
    &dns_srv_without_server::RULE,
    &double_byte_ansi::RULE,
    &doubled_carriage_return::RULE,
    &duplicate_account::RULE,
    &duplicate_codec::RULE,
    &duplicate_directive::RULE,
    &duplicate_key::RULE,
    &duplicate_section::RULE,
    &escaped_letters::RULE,
    &event_too_new::RULE,
    &fork_key::RULE,
    &forwarding_without_number::RULE,
    &hash_comment::RULE,
    &header_behind_value::RULE,
    &header_without_bracket::RULE,
    &hex_password_misread::RULE,
    &history_in_template::RULE,
    &invalid_public_address::RULE,
    &invalid_value::RULE,
    &junk_before_section::RULE,
    &key_gone::RULE,
    &key_in_wrong_section::RULE,
    &key_renamed::RULE,
    &key_too_new::RULE,
    &line_without_equals::RULE,
    &lost_letters::RULE,
    &lost_quotes::RULE,
    &lost_when_saved::RULE,
    &machine_state::RULE,
    &misnamed_section::RULE,
    &mixed_encoding::RULE,
    &mojibake::RULE,
    &no_program::RULE,
    &nul_in_text::RULE,
    &number_out_of_range::RULE,
    &number_with_tail::RULE,
    &odd_blank::RULE,
    &oem_letters::RULE,
    &old_value::RULE,
    &password_in_quotes::RULE,
    &password_on_command_line::RULE,
    &password_with_blanks::RULE,
    &password_without_username::RULE,
    &personal_data::RULE,
    &placeholder_unknown::RULE,
    &plain_http_hook::RULE,
    &plain_password::RULE,
    &port_conflict::RULE,
    &port_skipped::RULE,
    &quoted_key::RULE,
    &quoted_lines::RULE,
    &quotes_dropped::RULE,
    &read_only_file::RULE,
    &record_behind_gap::RULE,
    &redirected_to_registry::RULE,
    &relative_program::RULE,
    &rtp_max_without_min::RULE,
    &rtp_range_reversed::RULE,
    &scheme_not_permitted::RULE,
    &script_in_editor::RULE,
    &secret_in_template::RULE,
    &secrets_readable_by_others::RULE,
    &server_with_scheme::RULE,
    &shell_letter_in_path::RULE,
    &shell_reached::RULE,
    &smart_punctuation::RULE,
    &srtp_without_tls::RULE,
    &starts_itself::RULE,
    &stun_in_account::RULE,
    &stun_not_enabled::RULE,
    &stun_without_server::RULE,
    &suppression_of_unknown_rule::RULE,
    &suppression_without_reason::RULE,
    &switch_in_words::RULE,
    &switch_not_0_or_1::RULE,
    &system_message::RULE,
    &target_is_folder::RULE,
    &target_missing::RULE,
    &target_writable::RULE,
    &text_above_first_section::RULE,
    &text_behind_header::RULE,
    &too_many_servers::RULE,
    &torn_argument::RULE,
    &torn_program::RULE,
    &transport_mismatch::RULE,
    &type_unknown::RULE,
    &unescaped_xml::RULE,
    &unfilled_placeholder::RULE,
    &unknown_codec::RULE,
    &unknown_hook::RULE,
    &unknown_key::RULE,
    &unused_suppression::RULE,
    &users_directory_sends_password::RULE,
    &utf16_odd_byte::RULE,
    &utf16_torn_line_ends::RULE,
    &utf16_without_bom::RULE,
    &utf16be::RULE,
    &utf32::RULE,
    &utf7::RULE,
    &utf8_bom::RULE,
    &utf8_without_bom::RULE,
    &value_cut::RULE,
    &value_too_new::RULE,
    &variable_not_expanded::RULE,
    &word_for_number::RULE,
    &wrong_case::RULE,
];

const _: () = assert!(RULES.len() <= RuleSet::CAPACITY, "a set has room for all rules");

/// The rule that knows what to say only when all others have run, and what it then says.
pub(super) static UNUSED_SUPPRESSION: &Rule = &unused_suppression::RULE;
pub(super) use unused_suppression::finding as unused_suppression;

#[cfg(test)]
pub(super) mod testing {
    use super::Rule;
    use crate::event::{Facts, Target};
    use crate::validate::{Check, Safety, Selection};
    use microsip_schema::Version;
    use winini::{CodePage, Document, Encoding};

    /// A machine on which what is called `missing` is not there, and others may change what is called `open`.
    pub(in crate::validate) struct Machine;

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
        mends_for(rule, Version::NEWEST, at_most, before, after);
    }

    /// The same for a version.
    #[track_caller]
    pub(super) fn mends_for(
        rule: &'static Rule,
        microsip: Version,
        at_most: Safety,
        before: impl AsRef<[u8]>,
        after: impl AsRef<[u8]>,
    ) {
        let bytes = before.as_ref().to_vec();
        let encoding = Encoding::detect(&bytes, CodePage::WESTERN);
        let selection = Selection::new(&[rule.name], &[]).unwrap();
        let by = Check { selection: &selection, facts: &Machine, ..Check::new(microsip) };
        let fixed = crate::validate::apply_fixes(&Document::parse(bytes, encoding), by, at_most);
        let shown = |bytes: &[u8]| bytes.escape_ascii().to_string();
        assert_eq!(shown(fixed.after.bytes()), shown(after.as_ref()));
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
            readable_by_others: &|| Some(true),
            is_read_only: true,
            is_redirected: true,
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
    use crate::diagnostic::{CATALOG, Code, Group, Scope};
    use crate::validate::{Check, Selection};
    use microsip_schema::Version;
    use winini::{CodePage, Document, Encoding};

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
        // Some faults are faults of one version only: their examples name it in a comment.
        let named = text.lines().find_map(|line| line.strip_prefix("; for MicroSIP "));
        let microsip = named.map_or(Version::NEWEST, |version| version.parse().unwrap());
        let by = Check {
            selection: &selection,
            facts: &testing::Machine,
            readable_by_others: &|| Some(true),
            is_read_only: true,
            is_redirected: true,
            ..Check::new(microsip)
        };
        let findings = crate::validate::check(&document, by);
        findings.iter().any(|finding| finding.rule() == rule.name)
    }

    /// What `hook explain` finds, `check` finds, too. What a caller ID brings with it is left out: a file has no caller.
    #[test]
    fn every_code_of_files_is_one_rule() {
        const OF_A_CALLER: [Code; 2] = [Code::CallerAsOption, Code::CallerSplits];
        for row in &CATALOG {
            let rules = RULES.iter().filter(|rule| rule.code == row.code).count();
            let is_of_files = matches!(row.scope, Scope::File | Scope::Hook);
            assert_eq!(rules, usize::from(is_of_files), "{}", row.name);
            let is_of_caller = OF_A_CALLER.contains(&row.code);
            assert_eq!(is_of_caller, row.scope == Scope::Call, "{}", row.name);
        }
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
