//! `hash-comment`: text that Windows doesn't treat as a comment.

use crate::validate::characters;
use crate::validate::context::Context;
use crate::validate::finding::Finding;
use crate::validate::fix::{Fix, Safety};
use crate::validate::rule::rule;
use winini::{Edit, LineKind};

rule! {
    /// ## What it does
    /// Checks for lines that start with `#` or `//`, in a MicroSIP section or before the first section.
    ///
    /// ## Why is this bad?
    /// In Windows, only `;` starts a comment. If the line contains `=`, Windows reads it as a key with a name such as `# DND`. It does no harm until a program lists the keys of the section.
    ///
    /// ## Example
    /// ```ini
    /// [Settings]
    /// # DND=1
    /// ```
    ///
    /// ## Use instead
    /// ```ini
    /// [Settings]
    /// ; DND=1
    /// ```
    ///
    /// ## How to fix
    /// Replace `#` or `//` with `;`.
    ///
    /// ## Fix safety
    /// Always safe. The line becomes a comment, and MicroSIP ignores it either way.
    HashComment,
    on Line, requires TEXT | ODD_KEY,
    fix Always
}

fn check(context: Context<'_>, number: usize, findings: &mut Vec<Finding>) {
    let document = context.document;
    let line = document.line(number);
    if !matches!(line.kind(), LineKind::Entry | LineKind::Text) {
        return;
    }
    let text = document.text(line.content());
    if !is_comment(&text) {
        return;
    }
    // Other programs can have other comments.
    let section = document.section_of(number);
    let is_foreign = section.is_some_and(|section| {
        !characters::is_known(&document.text(document.line(section.header()).name()))
    });
    if is_foreign {
        return;
    }
    let prefix = if text.trim_start().starts_with('#') { "#" } else { "//" };
    let message = message!("`{prefix}` doesn't start a comment: Windows supports only `;`", prefix);
    let edit = Edit::ReplaceLine { line: number, text: text.replacen(prefix, ";", 1) };
    let fix = Fix::edits(Safety::Safe, format!("replace `{prefix}` with `;`"), vec![edit]);
    findings.push(RULE.at(number, line.content(), message).with_fix(fix));
}

/// Returns whether a line is meant as a comment that Windows doesn't support.
pub(super) fn is_comment(text: &str) -> bool {
    let text = text.trim_start();
    text.starts_with('#') || text.starts_with("//")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::validate::rules::testing::{check, fixes};

    #[test]
    fn fix_replaces_hash_and_slashes_with_semicolon() {
        let before = "# a\n[Settings]\n #DND=1\n// b\n; #c\nx=#\n[Other]\n# d\n";
        check(
            &RULE,
            before,
            &[
                "1: info: `#` doesn't start a comment: Windows supports only `;`",
                "3: info: `#` doesn't start a comment: Windows supports only `;`",
                "4: info: `//` doesn't start a comment: Windows supports only `;`",
            ],
        );
        fixes(
            &RULE,
            Safety::Safe,
            before,
            "; a\n[Settings]\n ;DND=1\n; b\n; #c\nx=#\n[Other]\n# d\n",
        );
    }
}
