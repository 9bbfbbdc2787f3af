//! `prefixed-lines`: prefix on every line.

use crate::validate::context::Context;
use crate::validate::finding::Finding;
use crate::validate::fix::{Fix, Safety};
use crate::validate::rule::rule;
use winini::{Edit, LineKind};

rule! {
    /// ## What it does
    /// Checks for files in which every line starts with `>`, as in a quoted email, or with `+`, as in a Git diff.
    ///
    /// ## Why is this bad?
    /// Windows finds no header and no key with the right name, so MicroSIP starts with its defaults.
    ///
    /// ## Example
    /// ```ini
    /// > [Settings]
    /// > DND=1
    /// ```
    ///
    /// ## Use instead
    /// ```ini
    /// [Settings]
    /// DND=1
    /// ```
    ///
    /// ## How to fix
    /// Remove the prefix from every line.
    ///
    /// ## Fix safety
    /// Always safe. Removes the prefix. MicroSIP reads nothing from the file today.
    PrefixedLines,
    on Document, requires ABOVE,
    fix Always
}

fn check(context: Context<'_>, findings: &mut Vec<Finding>) {
    let document = context.document;
    let lines =
        || document.lines().iter().enumerate().filter(|(_, line)| line.kind() != LineKind::Blank);
    let Some((first, line)) = lines().next() else { return };
    let Some(prefix) = document.text(line.content()).chars().next() else { return };
    let is_prefixed =
        |(_, line): (usize, &winini::Line)| document.text(line.content()).starts_with(prefix);
    if !matches!(prefix, '>' | '+') || !lines().all(is_prefixed) {
        return;
    }
    let edits: Vec<_> = lines()
        .map(|(number, line)| {
            let text = document.text(line.content());
            let text = text.strip_prefix(prefix).unwrap_or(&text);
            let text = text.strip_prefix(' ').unwrap_or(text).to_owned();
            Edit::ReplaceLine { line: number, text }
        })
        .collect();
    // Without a header, the lines may be any text.
    let is_header =
        |edit: &Edit| matches!(edit, Edit::ReplaceLine { text, .. } if text.starts_with('['));
    if !edits.iter().any(is_header) {
        return;
    }
    let message =
        message!("every line starts with `{prefix}`, so Windows finds no section", prefix);
    let fix = Fix::edits(Safety::Safe, format!("remove `{prefix}` from every line"), edits);
    findings.push(RULE.at(first, line.content(), message).with_fix(fix));
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::validate::rules::testing::{check, fixes};

    #[test]
    fn fix_removes_prefix_when_every_line_has_it() {
        let before = "> [Settings]\r\n>DND=1\r\n\r\n>\r\n";
        check(
            &RULE,
            before,
            &["1: error: every line starts with `>`, so Windows finds no section"],
        );
        fixes(&RULE, Safety::Safe, before, "[Settings]\r\nDND=1\r\n\r\n\r\n");
        fixes(&RULE, Safety::Safe, "+[Settings]\n+DND=1\n", "[Settings]\nDND=1\n");
        check(&RULE, "> [Settings]\nDND=1\n", &[]);
        check(&RULE, "> x\n", &[]);
    }
}
