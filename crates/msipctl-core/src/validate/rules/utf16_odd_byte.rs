//! `utf16-odd-byte`: half a letter at the end of UTF-16.

use crate::validate::context::Context;
use crate::validate::finding::Finding;
use crate::validate::fix::{Fix, Safety};
use crate::validate::rule::rule;
use crate::validate::segments;
use winini::{Document, Encoding};

rule! {
    /// ## What it does
    /// A file in UTF-16 whose last letter has one byte only.
    ///
    /// ## Why is this bad?
    /// It was cut off, or a tool for bytes appended to it. The value in the last line may be cut short, and sections may be missing.
    ///
    /// ## Example
    /// A copy that was broken off in the midst of a letter.
    ///
    /// ## Use instead
    /// The whole file.
    ///
    /// ## How to fix
    /// The odd byte, which is no letter, is taken away. What was cut off behind it must come from a backup.
    Utf16OddByte,
    on Document, requires ENCODING | WIDE,
    fix Sometimes
}

fn check(context: Context<'_>, findings: &mut Vec<Finding>) {
    let document = context.document;
    let (bytes, encoding) = (document.bytes(), document.encoding());
    let is_wide = matches!(encoding, Encoding::Utf16Le { .. } | Encoding::Utf16Be { .. });
    let Some(number) = document.lines().len().checked_sub(1) else { return };
    let is_torn =
        || segments::joined(document).is_some() || segments::with_line_ends(document).is_some();
    if !is_wide || bytes.len().is_multiple_of(2) || is_torn() {
        return;
    }
    let message = message!("the file ends in the midst of a letter, what follows was cut off");
    let finding = RULE.at(number, document.line(number).content(), message);
    let after = Document::parse(bytes[..bytes.len() - 1].to_vec(), encoding);
    let fix = Fix::whole(Safety::Safe, "take the odd byte away", after);
    findings.push(finding.with_help("compare the end of the file with a backup").with_fix(fix));
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::validate::rules::testing::{check, fixes};

    #[test]
    fn fix_removes_the_odd_byte() {
        let before = b"\xff\xfe[\0S\0]\0\n\0k\0=\x001\0\r";
        let message =
            "2: warning: the file ends in the midst of a letter, what follows was cut off";
        check(&RULE, before, &[message]);
        fixes(&RULE, Safety::Safe, before, &before[..before.len() - 1]);
        check(&RULE, b"\xff\xfe[\0", &[]);
        check(&RULE, b"[S]", &[]);
    }
}
