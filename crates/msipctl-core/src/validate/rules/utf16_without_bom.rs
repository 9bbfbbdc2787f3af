//! `utf16-without-bom`: UTF-16 that lost its mark.

use crate::validate::context::Context;
use crate::validate::finding::Finding;
use crate::validate::fix::Fix;
use crate::validate::rule::rule;
use winini::Encoding;

rule! {
    /// ## What it does
    /// A file in UTF-16, low byte first, that does not begin with FF FE.
    ///
    /// ## Why is this bad?
    /// MicroSIP 3.19.12 and newer takes it for ANSI text that ends at the first zero byte, and rewrites it with whatever lies in memory behind that. The content is destroyed.
    ///
    /// ## Example
    /// A file written by a program that encodes to UTF-16 without a byte order mark, or one whose first two bytes were cut off.
    ///
    /// ## Use instead
    /// UTF-16LE with byte order mark, as MicroSIP writes it.
    ///
    /// ## How to fix
    /// The file is written as UTF-16LE with BOM. Always safe, as is every edit with msipctl, which does it, too.
    Utf16WithoutBom,
    on Document, requires ENCODING,
    fix Sometimes
}

fn check(context: Context<'_>, findings: &mut Vec<Finding>) {
    if context.document.encoding() == (Encoding::Utf16Le { bom: false }) {
        let message = message!(
            "the file is UTF-16 without byte order mark, and MicroSIP destroys it at its start"
        );
        let finding = RULE.at_file(context.document, message);
        findings.push(finding.with_fix(Fix::as_microsip_writes()));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::validate::rules::testing::check;

    #[test]
    fn utf16_is_reported_only_without_bom() {
        let message = "1: error: the file is UTF-16 without byte order mark, and MicroSIP destroys it at its start";
        check(&RULE, b"[\0S\0]\0\n\0", &[message]);
        check(&RULE, b"\xff\xfe[\0S\0]\0", &[]);
    }
}
