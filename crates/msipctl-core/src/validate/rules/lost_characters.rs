//! `lost-characters`: replacement characters for text that was lost.

use crate::diagnostic::{Prose, Severity};
use crate::validate::characters;
use crate::validate::context::{Context, EntryLocation};
use crate::validate::finding::Finding;
use crate::validate::rule::rule;
use microsip_schema::{Key, Kind};

rule! {
    /// ## What it does
    /// Checks for U+FFFD replacement characters in values, and for question marks inside a word of a label or display name.
    ///
    /// ## Why is this bad?
    /// Programs write U+FFFD for a character that they can't read, and a question mark for one that they can't write. The original is lost, and nothing in the file shows what it was. A password or path with such a character doesn't work. Question marks are reported as `info`.
    ///
    /// ## Example
    /// ```ini
    /// [Account1]
    /// label=Gr�ner B�ro
    /// ```
    ///
    /// ## Use instead
    /// ```ini
    /// [Account1]
    /// label=Grüner Büro
    /// ```
    ///
    /// ## How to fix
    /// Type the value again, or restore it from a backup. msipctl can't restore the characters.
    LostCharacters,
    on Counted, requires QUESTION | NON_ASCII
}

fn check(
    context: Context<'_>,
    location: EntryLocation<'_>,
    known: Option<&'static Key>,
    findings: &mut Vec<Finding>,
) {
    let entry = location.1;
    let raw = context.document.raw(entry.value_span());
    if !raw.contains(&b'?') && !characters::has_beyond_ascii(context.document, entry.value_span()) {
        return;
    }
    let (key, value) = (entry.key(), entry.value());
    // In lists, they come from the other party, and MicroSIP writes them again.
    if known.is_some_and(|known| known.kind() == Kind::Record) {
        return;
    }
    let help = "type the value again, or restore it from a backup";
    let lost = value.matches('\u{fffd}').count();
    if lost > 0 {
        let s = if lost == 1 { "" } else { "s" };
        let message = message!(
            "`{key}` contains {count} replacement character{s} for lost text",
            key,
            count = lost,
            s = Prose(s)
        );
        findings.push(RULE.at_value(location, message).with_help(help));
        return;
    }
    let is_name = known.is_some_and(|known| matches!(known.name(), "label" | "displayName"));
    if is_name && has_question_mark_in_word(&value) {
        let message =
            message!("`{key}` contains question marks that may replace lost characters", key);
        let finding = RULE.at_value(location, message).with_severity(Severity::Info);
        findings.push(finding.with_help(help));
    }
}

/// Returns whether question marks are inside or at the start of a word, or are the complete value.
fn has_question_mark_in_word(value: &str) -> bool {
    let characters: Vec<char> = value.chars().collect();
    let is_all_marks =
        characters.len() > 2 && characters.iter().all(|character| matches!(character, '?' | ' '));
    let is_in_word = characters.windows(2).any(|two| two[0] == '?' && two[1].is_alphabetic());
    is_all_marks || is_in_word
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::validate::rules::testing::check;

    #[test]
    fn replacement_characters_are_counted() {
        check(
            &RULE,
            "[Account1]\nlabel=B\u{fffd}ro \u{fffd}\ndisplayName=J?rg\nserver=a?b\nusername=\u{fffd}\n",
            &[
                "2: warning: `label` contains 2 replacement characters for lost text",
                "3: info: `displayName` contains question marks that may replace lost characters",
                "5: warning: `username` contains 1 replacement character for lost text",
            ],
        );
    }

    #[test]
    fn ordinary_question_marks_are_not_reported() {
        check(
            &RULE,
            "[Account1]\nlabel=Who?\n[Settings]\nusersDirectory=http://x/?a=b\n[Calls]\n0=1;a\u{fffd};0\n",
            &[],
        );
    }
}
