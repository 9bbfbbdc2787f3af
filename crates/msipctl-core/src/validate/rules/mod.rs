//! All rules, one file each.

mod account_gap;
mod account_id_zero;
mod account_overwritten_at_start;
mod account_without_domain;
mod account_without_username;
mod ansi_code_page;
mod arguments_in_path;
mod blocks_ringing;
mod breaks_when_saved;
mod button_without_effect;
mod caller_not_passed;
mod command_quotes_stripped;
mod command_too_long;
mod command_too_long_when_saved;
mod conflict_marker;
mod device_names;
mod directive_in_wrong_section;
mod directive_without_launcher;
mod dns_srv_without_server;
mod double_byte_ansi;
mod doubled_carriage_return;
mod duplicate_account;
mod duplicate_codec;
mod duplicate_directive;
mod duplicate_key;
mod duplicate_section;
mod event_too_new;
mod fork_key;
mod forwarding_without_number;
mod hash_comment;
mod header_after_value;
mod header_without_bracket;
mod hex_password_misread;
mod history_in_template;
mod inline_comment;
mod invalid_directive;
mod invalid_knock_port;
mod invalid_public_address;
mod invalid_switch;
mod invalid_value;
mod invisible_character;
mod junk_before_section;
mod key_in_wrong_section;
mod key_too_new;
mod launcher_for_wrong_event;
mod launcher_for_wrong_file;
mod launcher_without_directive;
mod line_without_equals;
mod lost_characters;
mod machine_state;
mod missing_account_id;
mod missing_program;
mod misspelled_section;
mod mixed_encoding;
mod mojibake;
mod no_program;
mod non_numeric_switch;
mod non_numeric_value;
mod nul_in_text;
mod number_out_of_range;
mod number_with_suffix;
mod numbering_gap;
mod obsolete_value;
mod oem_code_page;
mod password_in_quotes;
mod password_on_command_line;
mod password_with_outer_whitespace;
mod password_without_username;
mod personal_data;
mod plain_http_hook;
mod plain_password;
mod port_conflict;
mod prefixed_lines;
mod program_writable_by_others;
mod quoted_key;
mod read_only_file;
mod redirected_to_registry;
mod relative_program;
mod removed_key;
mod renamed_key;
mod rtp_max_without_min;
mod rtp_range_reversed;
mod scheme_not_permitted;
mod script_in_editor;
mod secret_in_template;
mod secrets_readable_by_others;
mod server_with_scheme;
mod shell_character_in_path;
mod shell_injection;
mod smart_punctuation;
mod split_argument;
mod split_program_path;
mod srtp_without_tls;
mod starts_itself;
mod stun_in_account;
mod stun_not_enabled;
mod stun_without_server;
mod suppression_of_unknown_rule;
mod suppression_without_reason;
mod system_message;
mod target_is_folder;
mod text_after_header;
mod text_before_first_section;
mod too_many_servers;
mod transport_mismatch;
mod unescaped_xml;
mod unfilled_placeholder;
mod unknown_account_id;
mod unknown_codec;
mod unknown_file_type;
mod unknown_hook;
mod unknown_key;
mod unknown_placeholder;
mod unsupported_escape;
mod unused_suppression;
mod users_directory_sends_password;
mod utf16_corrupt_line_endings;
mod utf16_odd_byte;
mod utf16_without_bom;
mod utf16be;
mod utf32;
mod utf7;
mod utf8_bom;
mod utf8_without_bom;
mod value_quotes_stripped;
mod value_too_long;
mod value_too_new;
mod variable_not_expanded;
mod whitespace_stripped;
mod wrong_case;

use super::rule::Rule;
use super::rule_set::RuleSet;

/// All rules, sorted by name.
pub const RULES: &[&Rule] = &[
    &account_gap::RULE,
    &account_id_zero::RULE,
    &account_overwritten_at_start::RULE,
    &account_without_domain::RULE,
    &account_without_username::RULE,
    &ansi_code_page::RULE,
    &arguments_in_path::RULE,
    &blocks_ringing::RULE,
    &breaks_when_saved::RULE,
    &button_without_effect::RULE,
    &caller_not_passed::RULE,
    &command_quotes_stripped::RULE,
    &command_too_long::RULE,
    &command_too_long_when_saved::RULE,
    &conflict_marker::RULE,
    &device_names::RULE,
    &directive_in_wrong_section::RULE,
    &directive_without_launcher::RULE,
    &dns_srv_without_server::RULE,
    &double_byte_ansi::RULE,
    &doubled_carriage_return::RULE,
    &duplicate_account::RULE,
    &duplicate_codec::RULE,
    &duplicate_directive::RULE,
    &duplicate_key::RULE,
    &duplicate_section::RULE,
    &event_too_new::RULE,
    &fork_key::RULE,
    &forwarding_without_number::RULE,
    &hash_comment::RULE,
    &header_after_value::RULE,
    &header_without_bracket::RULE,
    &hex_password_misread::RULE,
    &history_in_template::RULE,
    &inline_comment::RULE,
    &invalid_directive::RULE,
    &invalid_knock_port::RULE,
    &invalid_public_address::RULE,
    &invalid_switch::RULE,
    &invalid_value::RULE,
    &invisible_character::RULE,
    &junk_before_section::RULE,
    &key_in_wrong_section::RULE,
    &key_too_new::RULE,
    &launcher_for_wrong_event::RULE,
    &launcher_for_wrong_file::RULE,
    &launcher_without_directive::RULE,
    &line_without_equals::RULE,
    &lost_characters::RULE,
    &machine_state::RULE,
    &missing_account_id::RULE,
    &missing_program::RULE,
    &misspelled_section::RULE,
    &mixed_encoding::RULE,
    &mojibake::RULE,
    &no_program::RULE,
    &non_numeric_switch::RULE,
    &non_numeric_value::RULE,
    &nul_in_text::RULE,
    &number_out_of_range::RULE,
    &number_with_suffix::RULE,
    &numbering_gap::RULE,
    &obsolete_value::RULE,
    &oem_code_page::RULE,
    &password_in_quotes::RULE,
    &password_on_command_line::RULE,
    &password_with_outer_whitespace::RULE,
    &password_without_username::RULE,
    &personal_data::RULE,
    &plain_http_hook::RULE,
    &plain_password::RULE,
    &port_conflict::RULE,
    &prefixed_lines::RULE,
    &program_writable_by_others::RULE,
    &quoted_key::RULE,
    &read_only_file::RULE,
    &redirected_to_registry::RULE,
    &relative_program::RULE,
    &removed_key::RULE,
    &renamed_key::RULE,
    &rtp_max_without_min::RULE,
    &rtp_range_reversed::RULE,
    &scheme_not_permitted::RULE,
    &script_in_editor::RULE,
    &secret_in_template::RULE,
    &secrets_readable_by_others::RULE,
    &server_with_scheme::RULE,
    &shell_character_in_path::RULE,
    &shell_injection::RULE,
    &smart_punctuation::RULE,
    &split_argument::RULE,
    &split_program_path::RULE,
    &srtp_without_tls::RULE,
    &starts_itself::RULE,
    &stun_in_account::RULE,
    &stun_not_enabled::RULE,
    &stun_without_server::RULE,
    &suppression_of_unknown_rule::RULE,
    &suppression_without_reason::RULE,
    &system_message::RULE,
    &target_is_folder::RULE,
    &text_after_header::RULE,
    &text_before_first_section::RULE,
    &too_many_servers::RULE,
    &transport_mismatch::RULE,
    &unescaped_xml::RULE,
    &unfilled_placeholder::RULE,
    &unknown_account_id::RULE,
    &unknown_codec::RULE,
    &unknown_file_type::RULE,
    &unknown_hook::RULE,
    &unknown_key::RULE,
    &unknown_placeholder::RULE,
    &unsupported_escape::RULE,
    &unused_suppression::RULE,
    &users_directory_sends_password::RULE,
    &utf16_corrupt_line_endings::RULE,
    &utf16_odd_byte::RULE,
    &utf16_without_bom::RULE,
    &utf16be::RULE,
    &utf32::RULE,
    &utf7::RULE,
    &utf8_bom::RULE,
    &utf8_without_bom::RULE,
    &value_quotes_stripped::RULE,
    &value_too_long::RULE,
    &value_too_new::RULE,
    &variable_not_expanded::RULE,
    &whitespace_stripped::RULE,
    &wrong_case::RULE,
];

const _: () = assert!(RULES.len() <= RuleSet::CAPACITY, "a set has a bit for each rule");

/// The rule that can report something only after all others have run, and the function that then creates its finding.
pub(super) static UNUSED_SUPPRESSION: &Rule = &unused_suppression::RULE;
pub(super) use unused_suppression::finding as unused_suppression;

#[cfg(test)]
pub(super) mod testing {
    use super::Rule;
    use crate::event::{Facts, Target};
    use crate::validate::{Check, FixAvailability, Safety, Selection};
    use microsip_schema::Version;
    use winini::{CodePage, Document, Encoding};

    /// A PC on which paths with `missing` don't exist, and on which other users can change paths with `open`.
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

    /// Fixes a file by one rule, and compares all bytes.
    #[track_caller]
    pub(super) fn fixes(
        rule: &'static Rule,
        at_most: Safety,
        before: impl AsRef<[u8]>,
        after: impl AsRef<[u8]>,
    ) {
        fixes_for(rule, Version::NEWEST, at_most, before, after);
    }

    /// Does the same as [`fixes`] for a version.
    #[track_caller]
    pub(super) fn fixes_for(
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

    /// Checks a file against one rule, and compares the findings as `line: severity: message`. Lines are counted from 1.
    #[track_caller]
    pub(super) fn check(rule: &'static Rule, bytes: impl AsRef<[u8]>, expected: &[&str]) {
        check_for(rule, Version::NEWEST, bytes, expected);
    }

    /// Does the same as [`check`] for a version.
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
                match rule.fix {
                    FixAvailability::Never => assert!(finding.fix().is_none(), "{finding:?}"),
                    FixAvailability::Sometimes => {}
                    FixAvailability::Always => assert!(finding.fix().is_some(), "{finding:?}"),
                }
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
    use crate::validate::{Check, FixAvailability, Selection};
    use microsip_schema::Version;
    use winini::{CodePage, Document, Encoding};

    const HEADINGS: [&str; 6] = [
        "## What it does",
        "## Why is this bad?",
        "## Example",
        "## Use instead",
        "## How to fix",
        "## Fix safety",
    ];

    #[test]
    fn rule_names_are_unique_well_formed_and_sorted() {
        assert!(RULES.is_sorted_by(|one, other| one.name < other.name));
        for rule in RULES {
            let is_name =
                |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-';
            assert!(rule.name.bytes().all(is_name), "{}", rule.name);
            assert!(!rule.summary.ends_with('.'), "{}", rule.name);
        }
    }

    #[test]
    fn rule_pages_have_all_headings_and_working_examples() {
        for rule in RULES {
            let headings: Vec<_> =
                rule.page.lines().map(str::trim).filter(|line| line.starts_with("##")).collect();
            let expected = match rule.fix {
                FixAvailability::Never => &HEADINGS[..5],
                FixAvailability::Sometimes | FixAvailability::Always => &HEADINGS,
            };
            assert_eq!(headings, expected, "{}", rule.name);
            // A page can't show bytes that aren't UTF-8. The tests of such a rule contain them.
            let Some(example) = block(rule.page, "## Example") else {
                assert_eq!(rule.group, Group::Encoding, "{}", rule.name);
                continue;
            };
            assert!(fires(rule, &example), "{}: {example}", rule.name);
            if let Some(instead) = block(rule.page, "## Use instead") {
                assert!(!fires(rule, &instead), "{}: {instead}", rule.name);
            }
        }
    }

    fn fires(rule: &Rule, text: &str) -> bool {
        let encoding = Encoding::detect(text.as_bytes(), CodePage::WESTERN);
        let document = Document::parse(text.into(), encoding);
        let selection = Selection::new(&["all"], &[]).unwrap();
        // Some problems exist only in some versions. A comment in the example names the version.
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

    // `check` finds everything that `hook explain` finds, except problems that depend on the caller ID.
    #[test]
    fn every_file_and_hook_code_has_exactly_one_rule() {
        const CALL_CODES: [Code; 2] = [Code::CallerIdAsOption, Code::SplitCallerId];
        for row in &CATALOG {
            let rules = RULES.iter().filter(|rule| rule.code == row.code).count();
            let has_rule = matches!(row.scope, Scope::File | Scope::Hook);
            assert_eq!(rules, usize::from(has_rule), "{}", row.name);
            let is_call_code = CALL_CODES.contains(&row.code);
            assert_eq!(is_call_code, row.scope == Scope::Call, "{}", row.name);
        }
    }

    /// Returns the INI block after a heading.
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
