//! `prefixed-lines`: a mark in front of every line.

use crate::validate::context::Context;
use crate::validate::finding::Finding;
use crate::validate::fix::{Fix, Safety};
use crate::validate::rule::rule;
use winini::{Edit, LineKind};

rule! {
    /// ## What it does
    /// A file in which every line begins with `>`, as in the answer to a mail, or with `+`, as in a difference of git.
    ///
    /// ## Why is this bad?
    /// Windows sees no header and no key of that name. MicroSIP starts with its defaults.
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
    /// The marks are taken away.
    PrefixedLines,
    on Document, requires ABOVE,
    fix Sometimes
}

fn check(context: Context<'_>, findings: &mut Vec<Finding>) {
    let document = context.document;
    let lines =
        || document.lines().iter().enumerate().filter(|(_, line)| line.kind() != LineKind::Blank);
    let Some((first, line)) = lines().next() else { return };
    let Some(mark) = document.text(line.content()).chars().next() else { return };
    let is_marked =
        |(_, line): (usize, &winini::Line)| document.text(line.content()).starts_with(mark);
    if !matches!(mark, '>' | '+') || !lines().all(is_marked) {
        return;
    }
    let edits: Vec<_> = lines()
        .map(|(number, line)| {
            let text = document.text(line.content());
            let text = text.strip_prefix(mark).unwrap_or(&text);
            let text = text.strip_prefix(' ').unwrap_or(text).to_owned();
            Edit::ReplaceLine { line: number, text }
        })
        .collect();
    // Without a header nothing tells what the lines were.
    let is_header =
        |edit: &Edit| matches!(edit, Edit::ReplaceLine { text, .. } if text.starts_with('['));
    if !edits.iter().any(is_header) {
        return;
    }
    let message = message!("every line begins with `{mark}`, so Windows sees no section", mark);
    let fix = Fix::edits(Safety::Safe, format!("take `{mark}` away from every line"), edits);
    findings.push(RULE.at(first, line.content(), message).with_fix(fix));
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::validate::rules::testing::{check, fixes};

    #[test]
    fn fix_removes_prefix_when_every_line_has_it() {
        let before = "> [Settings]\r\n>DND=1\r\n\r\n>\r\n";
        check(&RULE, before, &["1: error: every line begins with `>`, so Windows sees no section"]);
        fixes(&RULE, Safety::Safe, before, "[Settings]\r\nDND=1\r\n\r\n\r\n");
        fixes(&RULE, Safety::Safe, "+[Settings]\n+DND=1\n", "[Settings]\nDND=1\n");
        check(&RULE, "> [Settings]\nDND=1\n", &[]);
        check(&RULE, "> x\n", &[]);
    }
}
