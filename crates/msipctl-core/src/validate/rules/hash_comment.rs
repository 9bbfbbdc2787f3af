//! `hash-comment`: a comment that is none for Windows.

use crate::validate::characters;
use crate::validate::context::Context;
use crate::validate::finding::Finding;
use crate::validate::fix::{Fix, Safety};
use crate::validate::rule::rule;
use winini::{Edit, LineKind};

rule! {
    /// ## What it does
    /// A line that begins with `#` or `//`, in a section of MicroSIP's or above the first.
    ///
    /// ## Why is this bad?
    /// Only `;` begins a comment. With a `=` in it, such a line is a key for Windows, called `# DND` or the like. That does no harm until a program lists the keys of the section.
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
    /// `;` is put in place of it.
    HashComment,
    on Line, requires TEXT | ODD_KEY,
    fix Sometimes
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
    // Other programs have comments of their own.
    let section = document.section_of(number);
    let is_foreign = section.is_some_and(|section| {
        !characters::is_known(&document.text(document.line(section.header()).name()))
    });
    if is_foreign {
        return;
    }
    let mark = if text.trim_start().starts_with('#') { "#" } else { "//" };
    let message = message!("`{mark}` begins no comment for Windows, expected `;`", mark);
    let edit = Edit::ReplaceLine { line: number, text: text.replacen(mark, ";", 1) };
    let fix = Fix::edits(Safety::Safe, "begin the comment with `;`", vec![edit]);
    findings.push(RULE.at(number, line.content(), message).with_fix(fix));
}

/// Says whether a line is a comment for people and not for Windows.
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
                "1: info: `#` begins no comment for Windows, expected `;`",
                "3: info: `#` begins no comment for Windows, expected `;`",
                "4: info: `//` begins no comment for Windows, expected `;`",
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
