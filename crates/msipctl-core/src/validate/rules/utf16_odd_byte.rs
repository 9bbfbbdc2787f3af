//! `utf16-odd-byte`: incomplete UTF-16 character at the end of the file.

use crate::validate::context::Context;
use crate::validate::finding::Finding;
use crate::validate::fix::{Fix, Safety};
use crate::validate::rule::rule;
use crate::validate::segments;
use winini::{Document, Encoding};

rule! {
    /// ## What it does
    /// Checks for UTF-16 files whose last character has only one byte.
    ///
    /// ## Why is this bad?
    /// The file was truncated, or a tool that works on bytes appended to it. The value in the last line may be truncated, and sections may be missing.
    ///
    /// ## Example
    /// A copy that was interrupted within a character.
    ///
    /// ## Use instead
    /// The complete file.
    ///
    /// ## How to fix
    /// Delete the last byte. Restore the missing text from a backup.
    ///
    /// ## Fix safety
    /// Always safe. Removes the last byte, which isn't a complete character.
    Utf16OddByte,
    on Document, requires ENCODING | WIDE,
    fix Always
}

fn check(context: Context<'_>, findings: &mut Vec<Finding>) {
    let document = context.document;
    let (bytes, encoding) = (document.bytes(), document.encoding());
    let is_wide = matches!(encoding, Encoding::Utf16Le { .. } | Encoding::Utf16Be { .. });
    let Some(number) = document.lines().len().checked_sub(1) else { return };
    let is_corrupt = || {
        segments::joined(document).is_some()
            || segments::with_restored_line_endings(document).is_some()
    };
    if !is_wide || bytes.len().is_multiple_of(2) || is_corrupt() {
        return;
    }
    let message = message!("the file ends with half a UTF-16 character, so it may be truncated");
    let finding = RULE.at(number, document.line(number).content(), message);
    let after = Document::parse(bytes[..bytes.len() - 1].to_vec(), encoding);
    let fix = Fix::whole(Safety::Safe, "remove the last byte", after);
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
            "2: warning: the file ends with half a UTF-16 character, so it may be truncated";
        check(&RULE, before, &[message]);
        fixes(&RULE, Safety::Safe, before, &before[..before.len() - 1]);
        check(&RULE, b"\xff\xfe[\0", &[]);
        check(&RULE, b"[S]", &[]);
    }
}
