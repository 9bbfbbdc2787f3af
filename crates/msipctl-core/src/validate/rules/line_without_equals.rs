//! `line-without-equals`: a line in a section that isn't a key.

use std::collections::HashSet;

use crate::diagnostic::Severity;
use crate::validate::characters;
use crate::validate::context::Context;
use crate::validate::finding::Finding;
use crate::validate::fix::{Fix, Safety};
use crate::validate::rule::rule;
use microsip_schema::Section;
use winini::profile::read_rule;
use winini::{Edit, LineKind};

rule! {
    /// ## What it does
    /// Checks for lines in a MicroSIP section that have no `=` and aren't comments.
    ///
    /// ## Why is this bad?
    /// Windows doesn't read a key in such a line. It can be a key with `:` or a space instead of `=`, the end of a wrapped line, or output of a script.
    ///
    /// ## Example
    /// ```ini
    /// [Settings]
    /// DND: 1
    /// ```
    ///
    /// ## Use instead
    /// ```ini
    /// [Settings]
    /// DND=1
    /// ```
    ///
    /// ## How to fix
    /// Write the line as `key=value`, join it to the line above, or delete it.
    ///
    /// ## Fix safety
    /// Unsafe if only a space follows the key, because the line can be other text. The fix replaces the colon or space after the name of a key with `=`. It requires a valid value and a key that isn't set already.
    LineWithoutEquals,
    on Document, requires TEXT,
    fix Sometimes
}

fn check(context: Context<'_>, findings: &mut Vec<Finding>) {
    let document = context.document;
    for section in context.profile.sections() {
        let name = section.name();
        if Section::of(&name).is_none() {
            continue;
        }
        let mut seen = HashSet::new();
        for number in section.place().body() {
            let line = document.line(number);
            let text = document.text(line.content());
            if line.kind() != LineKind::Text
                || super::hash_comment::is_comment(&text)
                || text.contains('\0')
                || characters::lost_header(document, number).is_some()
            {
                continue;
            }
            let text = characters::trimmed(&text);
            let end =
                text.find(|character: char| !character.is_alphanumeric()).unwrap_or(text.len());
            let (key, rest) = text.split_at(end);
            let Some(known) = microsip_schema::find(&name, key)
                .filter(|_| !is_number(key) || rest.trim_start().starts_with(':'))
            else {
                let message =
                    message!("Windows doesn't read a key in this line: expected `key=value`");
                let finding = RULE.at(number, line.content(), message);
                findings.push(finding.with_severity(Severity::Warning));
                continue;
            };
            let message =
                message!("missing `=` after `{key}`, so Windows doesn't read the key", key);
            let finding = RULE.at(number, line.content(), message).about(&name, Some(key));
            let is_space =
                |character: char| character.is_whitespace() || characters::is_invisible(character);
            let is_separator =
                |character: char| matches!(character, ':' | '\u{ff1d}' | '\u{2236}' | '\u{ff1a}');
            let value = rest.trim_start_matches(is_space);
            let value =
                value.strip_prefix(is_separator).unwrap_or(value).trim_start_matches(is_space);
            let is_valid = !value.is_empty()
                && rest.starts_with(|character| is_space(character) || is_separator(character))
                && known.check(read_rule(value), context.microsip).is_ok();
            let is_set = context.profile.entry(&name, key).is_some()
                || !seen.insert(key.to_ascii_lowercase());
            findings.push(if is_valid && !is_set {
                let has_separator = rest.contains(is_separator);
                let safety = if has_separator { Safety::Safe } else { Safety::Unsafe };
                let edit = Edit::ReplaceLine { line: number, text: format!("{key}={value}") };
                finding.with_fix(Fix::edits(safety, format!("write `=` after `{key}`"), vec![edit]))
            } else {
                finding
            });
        }
    }
}

fn is_number(key: &str) -> bool {
    key.bytes().all(|byte| byte.is_ascii_digit())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::validate::rules::testing::{check, fixes};

    #[test]
    fn keys_without_equals_are_distinguished_from_text() {
        check(
            &RULE,
            "[Settings]\nDND: 1\nAA 1\nEC\nbroken path\n[Other]\nx\n",
            &[
                "2: error: missing `=` after `DND`, so Windows doesn't read the key",
                "3: error: missing `=` after `AA`, so Windows doesn't read the key",
                "4: error: missing `=` after `EC`, so Windows doesn't read the key",
                "5: warning: Windows doesn't read a key in this line: expected `key=value`",
            ],
        );
    }

    #[test]
    fn fix_inserts_equals_sign_when_the_value_is_valid() {
        let before = "[Settings]\nDND: 1\nAA 1\nEC\nVAD: perhaps\nDND: 0\n";
        let safe = "[Settings]\nDND=1\nAA 1\nEC\nVAD: perhaps\nDND: 0\n";
        fixes(&RULE, Safety::Safe, before, safe);
        let all = "[Settings]\nDND=1\nAA=1\nEC\nVAD: perhaps\nDND: 0\n";
        fixes(&RULE, Safety::Unsafe, before, all);
    }

    #[test]
    fn number_before_a_colon_is_treated_as_a_key() {
        let before = "[Dialed]\n0: 100\n1 200\n";
        fixes(&RULE, Safety::Safe, before, "[Dialed]\n0=100\n1 200\n");
    }

    #[test]
    fn findings_do_not_contain_the_password() {
        let text = "[Account1]\npassword: hunter2\nhunter2\n";
        let document = winini::Document::parse(text.into(), winini::Encoding::Ascii);
        let by = crate::validate::Check::new(microsip_schema::Version::NEWEST);
        assert!(!format!("{:?}", crate::validate::check(&document, by)).contains("hunter2"));
    }
}
