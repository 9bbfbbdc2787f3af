//! `junk-before-section`: letters in front of a header, which hide it.

use crate::diagnostic::Prose;
use crate::validate::characters::{self, Hidden};
use crate::validate::context::Context;
use crate::validate::finding::Finding;
use crate::validate::fix::{Fix, Safety};
use crate::validate::rule::rule;
use winini::Edit;
use winini::profile::Profile;

rule! {
    /// ## What it does
    /// A header with something in front of its bracket: a byte order mark that was read as text, in any code page, a second mark, letters that are not seen, or words.
    ///
    /// ## Why is this bad?
    /// Windows sees no header in such a line. On the first line, the whole first section is lost: MicroSIP starts with its defaults and later appends a second `[Settings]`. Further down, the keys below it belong to the section above.
    ///
    /// ## Example
    /// ```ini
    /// ï»¿[Settings]
    /// DND=1
    /// ```
    ///
    /// ## Use instead
    /// ```ini
    /// [Settings]
    /// DND=1
    /// ```
    ///
    /// ## How to fix
    /// The junk is taken off. That is safe unless MicroSIP has since written another section of that name, or words stand in front, which become a comment.
    JunkBeforeSection,
    on Line, requires TEXT | BRACKET,
    fix Sometimes
}

fn check(context: Context<'_>, number: usize, findings: &mut Vec<Finding>) {
    let document = context.document;
    let Some(header) = characters::lost_header(document, number) else { return };
    if header.by == Hidden::Bracket {
        return;
    }
    let name = &header.name;
    let line = document.line(number);
    let what = if header.by == Hidden::Junk { "letters that are no text" } else { "words" };
    let message = message!(
        "{what} in front of `[{section}]` hide the section",
        what = Prose(what),
        section = name
    );
    let is_alone = Profile::new(document).section(name).is_none();
    let text = document.text(line.content());
    let mut edits = vec![Edit::ReplaceLine { line: number, text: format!("[{name}]") }];
    if header.by == Hidden::Text {
        let words = text.split('[').next().unwrap_or_default().trim();
        let after = number.checked_sub(1);
        edits.insert(0, Edit::InsertLine { after, text: format!("; {words}") });
    }
    let safety = match header.by {
        Hidden::Junk if is_alone => Safety::Safe,
        _ => Safety::Unsafe,
    };
    let fix = Fix::edits(safety, format!("leave `[{name}]` alone in its line"), edits);
    let finding = RULE.at(number, line.content(), message).about(name, None);
    findings.push(finding.with_fix(fix));
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::validate::rules::testing::{check, fixes};

    #[test]
    fn bom_decoded_in_any_code_page_is_removed() {
        for junk in ["ï»¿", "п»ї", "ÿþ", "∩╗┐", "???", "\u{fffd}\u{fffd}", "癤?", "\u{200b}"]
        {
            let before = format!("{junk}[Settings]\nDND=1\n");
            check(
                &RULE,
                &before,
                &["1: error: letters that are no text in front of `[Settings]` hide the section"],
            );
            fixes(&RULE, Safety::Safe, &before, "[Settings]\nDND=1\n");
        }
        let twice = "\u{feff}\u{feff}[Settings]\n";
        fixes(&RULE, Safety::Safe, twice, "\u{feff}[Settings]\n");
        for swallowed in ["锘縖Settings]\n", "嚜縒Settings]\n"] {
            fixes(&RULE, Safety::Safe, swallowed, "[Settings]\n");
        }
    }

    #[test]
    fn fix_is_unsafe_when_the_section_exists_twice() {
        let before = "ï»¿[Settings]\nDND=1\n[Settings]\nDND=0\n";
        fixes(&RULE, Safety::Safe, before, before);
        fixes(&RULE, Safety::Unsafe, before, "[Settings]\nDND=1\n[Settings]\nDND=0\n");
    }

    #[test]
    fn unsafe_fix_turns_text_before_header_into_comment() {
        let before = "[A]\nfoo [Settings]\nDND=1\n";
        fixes(&RULE, Safety::Safe, before, before);
        fixes(&RULE, Safety::Unsafe, before, "[A]\n; foo\n[Settings]\nDND=1\n");
    }

    #[test]
    fn headers_values_and_comments_are_not_reported() {
        check(&RULE, " [Settings]\nx=[Settings]\n; \u{e9}[Settings]\n\u{e9}[note]\n", &[]);
    }
}
