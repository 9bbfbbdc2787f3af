//! `text-before-first-section`: text before the first section.

use crate::validate::characters;
use crate::validate::context::Context;
use crate::validate::finding::Finding;
use crate::validate::fix::{Fix, Safety};
use crate::validate::rule::rule;
use winini::{Edit, LineKind};

rule! {
    /// ## What it does
    /// Checks for lines before the first header that aren't comments: text, and keys that MicroSIP doesn't know.
    ///
    /// ## Why is this bad?
    /// They belong to no section, so no program reads them. Often they are script output, or the rest of a truncated line.
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
    /// Turn the line into a comment, or delete it.
    ///
    /// ## Fix safety
    /// Always safe. The line becomes a comment, and MicroSIP ignores it either way. A file without any section has no fix.
    TextBeforeFirstSection,
    on Document, requires ABOVE,
    fix Sometimes
}

fn check(context: Context<'_>, findings: &mut Vec<Finding>) {
    let document = context.document;
    let first = document.sections().next().map_or(document.lines().len(), winini::Section::header);
    for (number, line) in document.lines()[..first].iter().enumerate() {
        // Once this header is fixed, the next lines belong to its section.
        if characters::lost_header(document, number).is_some() {
            break;
        }
        let text = document.text(line.content());
        // Other rules report NUL characters, lost headers, `#` comments, and MicroSIP's keys.
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
        let message = message!("this line is before the first section, so MicroSIP ignores it");
        let edit =
            Edit::ReplaceLine { line: number, text: format!("; {}", characters::trimmed(&text)) };
        let finding = RULE.at(number, line.content(), message);
        // A file without any section may not be an INI file.
        findings.push(if document.sections().next().is_some() {
            finding.with_fix(Fix::edits(Safety::Safe, "turn the line into a comment", vec![edit]))
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
        let message = "warning: this line is before the first section, so MicroSIP ignores it";
        check(&RULE, before, &[&format!("1: {message}"), &format!("2: {message}")]);
        let after = "; Hello\n; x=1\n; no\n\n# no\nAA=1\nSettings]\n[S]\nHello\n";
        fixes(&RULE, Safety::Safe, before, after);
        fixes(&RULE, Safety::Safe, "Hello\n", "Hello\n");
    }
}
