//! `text-before-first-section`: what belongs to no section.

use crate::validate::characters;
use crate::validate::context::Context;
use crate::validate::finding::Finding;
use crate::validate::fix::{Fix, Safety};
use crate::validate::rule::rule;
use winini::Edit;
use winini::LineKind;

rule! {
    /// ## What it does
    /// Lines above the first header that are no comment: text, and keys that MicroSIP does not know.
    ///
    /// ## Why is this bad?
    /// They belong to no section, so nothing reads them. Often they are what a script printed into the file, or the rest of something that was cut off.
    ///
    /// ## Example
    /// ```ini
    /// MicroSIP settings
    /// [Settings]
    /// DND=1
    /// ```
    ///
    /// ## Use instead
    /// ```ini
    /// ; MicroSIP settings
    /// [Settings]
    /// DND=1
    /// ```
    ///
    /// ## How to fix
    /// The line becomes a comment, which is as little read as it was.
    TextBeforeFirstSection,
    on Document, requires ABOVE,
    fix Sometimes
}

fn check(context: Context<'_>, findings: &mut Vec<Finding>) {
    let document = context.document;
    let first = document.sections().next().map_or(document.lines().len(), winini::Section::header);
    for (number, line) in document.lines()[..first].iter().enumerate() {
        // What follows is in that section, once it is found again.
        if characters::lost_header(document, number).is_some() {
            break;
        }
        let text = document.text(line.content());
        // Zeros, headers that are lost, `#` and keys of MicroSIP's are other rules'.
        let is_other = match line.kind() {
            LineKind::Text => false,
            LineKind::Entry => {
                !microsip_schema::sections_of(&document.text(line.name())).is_empty()
            }
            _ => true,
        };
        let is_comment = super::hash_comment::is_comment(&text);
        if is_other || is_comment || text.contains('\0') {
            continue;
        }
        let message = message!("this line is in no section, nothing reads it");
        let edit =
            Edit::ReplaceLine { line: number, text: format!("; {}", characters::trimmed(&text)) };
        let finding = RULE.at(number, line.content(), message);
        // Without any section it may be no ini file at all.
        findings.push(if document.sections().next().is_some() {
            finding.with_fix(Fix::edits(Safety::Safe, "make it a comment", vec![edit]))
        } else {
            finding
        });
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::validate::rules::testing::{check, fixes};

    #[test]
    fn fix_turns_text_and_unknown_keys_into_comments() {
        let before = "Hello\nx=1\n; no\n\n# no\nAA=1\nSettings]\n[S]\nHello\n";
        let message = "warning: this line is in no section, nothing reads it";
        check(&RULE, before, &[&format!("1: {message}"), &format!("2: {message}")]);
        let after = "; Hello\n; x=1\n; no\n\n# no\nAA=1\nSettings]\n[S]\nHello\n";
        fixes(&RULE, Safety::Safe, before, after);
        fixes(&RULE, Safety::Safe, "Hello\n", "Hello\n");
    }
}
