//! `utf16-without-bom`: UTF-16 without a BOM.

use crate::validate::context::Context;
use crate::validate::finding::Finding;
use crate::validate::fix::Fix;
use crate::validate::rule::rule;
use winini::Encoding;

rule! {
    /// ## What it does
    /// Checks for UTF-16LE files that don't start with the BOM (FF FE).
    ///
    /// ## Why is this bad?
    /// MicroSIP 3.19.12 and newer reads it as ANSI text that ends at the first NUL byte, and rewrites it followed by garbage bytes from memory. The content is lost.
    ///
    /// ## Example
    /// A file that a program wrote as UTF-16 without a BOM, or whose first two bytes are missing.
    ///
    /// ## Use instead
    /// UTF-16LE with BOM, as MicroSIP writes it.
    ///
    /// ## How to fix
    /// Save the file as UTF-16LE with BOM.
    ///
    /// ## Fix safety
    /// Always safe. Converts the file to UTF-16LE with BOM, as every edit with msipctl does.
    Utf16WithoutBom,
    on Document, requires ENCODING,
    fix Always
}

fn check(context: Context<'_>, findings: &mut Vec<Finding>) {
    if context.document.encoding() == (Encoding::Utf16Le { bom: false }) {
        let message =
            message!("the file is UTF-16 without a BOM, which MicroSIP corrupts when it starts");
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
        let message =
            "1: error: the file is UTF-16 without a BOM, which MicroSIP corrupts when it starts";
        check(&RULE, b"[\0S\0]\0\n\0", &[message]);
        check(&RULE, b"\xff\xfe[\0S\0]\0", &[]);
    }
}
