//! `lost-characters`: marks that stand where letters were.

use crate::diagnostic::{Prose, Severity};
use crate::validate::characters;
use crate::validate::context::{Context, EntryLocation};
use crate::validate::finding::Finding;
use crate::validate::rule::rule;
use microsip_schema::{Key, Kind};

rule! {
    /// ## What it does
    /// U+FFFD in a value, the mark that programs put where they could not read a letter; and question marks in the midst of a word of a label or display name, which they put where they could not write one.
    ///
    /// ## Why is this bad?
    /// The letters are gone, and nothing in the file tells what they were. In a password or a path nothing works any more.
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
    /// Type the value again, or take it from a backup. Nobody can tell which letter it was.
    LostCharacters,
    on Counted, requires QUESTION | NON_ASCII
}

fn check(
    context: Context<'_>,
    place: EntryLocation<'_>,
    known: Option<&'static Key>,
    findings: &mut Vec<Finding>,
) {
    let entry = place.1;
    let raw = context.document.raw(entry.value_span());
    if !raw.contains(&b'?') && !characters::has_beyond_ascii(context.document, entry.value_span()) {
        return;
    }
    let (key, value) = (entry.key(), entry.value());
    // Those of lists come from the other side, and are rewritten by MicroSIP.
    if known.is_some_and(|known| known.kind() == Kind::Record) {
        return;
    }
    let help = "type the value again, or take it from a backup";
    let lost = value.matches('\u{fffd}').count();
    if lost > 0 {
        let s = if lost == 1 { "" } else { "s" };
        let message = message!(
            "`{key}` has lost {count} letter{s}, marks stand in their place",
            key,
            count = lost,
            s = Prose(s)
        );
        findings.push(RULE.at_value(place, message).with_help(help));
        return;
    }
    let is_name = known.is_some_and(|known| matches!(known.name(), "label" | "displayName"));
    if is_name && has_question_mark_in_word(&value) {
        let message =
            message!("`{key}` may have lost letters, question marks stand in a word", key);
        let finding = RULE.at_value(place, message).with_severity(Severity::Info);
        findings.push(finding.with_help(help));
    }
}

/// Says whether question marks stand between letters, or in front of one, or are all there is.
fn has_question_mark_in_word(value: &str) -> bool {
    let characters: Vec<char> = value.chars().collect();
    let is_marks =
        characters.len() > 2 && characters.iter().all(|character| matches!(character, '?' | ' '));
    let in_front = characters.windows(2).any(|two| two[0] == '?' && two[1].is_alphabetic());
    is_marks || in_front
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
                "2: warning: `label` has lost 2 letters, marks stand in their place",
                "3: info: `displayName` may have lost letters, question marks stand in a word",
                "5: warning: `username` has lost 1 letter, marks stand in their place",
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
