//! `junk-before-section`: stray text before a header, which hides it.

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
    /// Checks for headers with text before the bracket: a BOM that was read as text in any code page, a second BOM, invisible characters, or words.
    ///
    /// ## Why is this bad?
    /// Windows doesn't recognize such a header. On the first line, this hides the complete first section, so MicroSIP starts with its defaults and later appends a second `[Settings]`. Elsewhere, the keys below the header belong to the section above.
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
    /// Remove the text before the header.
    ///
    /// ## Fix safety
    /// Unsafe if MicroSIP has since written another section with that name, or if words precede the header, because the intention is then unclear. The fix removes stray characters, and turns words into a comment.
    JunkBeforeSection,
    on Line, requires TEXT | BRACKET,
    fix Always
}

fn check(context: Context<'_>, number: usize, findings: &mut Vec<Finding>) {
    let document = context.document;
    let Some(header) = characters::lost_header(document, number) else { return };
    if header.by == Hidden::Bracket {
        return;
    }
    let name = &header.name;
    let line = document.line(number);
    let stray = if header.by == Hidden::Junk { "stray characters" } else { "words" };
    let message = message!(
        "{stray} before `[{section}]` hide the section",
        stray = Prose(stray),
        section = name
    );
    let is_unique = Profile::new(document).section(name).is_none();
    let text = document.text(line.content());
    let mut edits = vec![Edit::ReplaceLine { line: number, text: format!("[{name}]") }];
    let mut title = format!("remove the stray characters before `[{name}]`");
    if header.by == Hidden::Text {
        let words = text.split('[').next().unwrap_or_default().trim();
        let after = number.checked_sub(1);
        edits.insert(0, Edit::InsertLine { after, text: format!("; {words}") });
        title = format!("turn the words before `[{name}]` into a comment");
    }
    let safety = match header.by {
        Hidden::Junk if is_unique => Safety::Safe,
        _ => Safety::Unsafe,
    };
    let fix = Fix::edits(safety, title, edits);
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
                &["1: error: stray characters before `[Settings]` hide the section"],
            );
            fixes(&RULE, Safety::Safe, &before, "[Settings]\nDND=1\n");
        }
        let doubled = "\u{feff}\u{feff}[Settings]\n";
        fixes(&RULE, Safety::Safe, doubled, "\u{feff}[Settings]\n");
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
