//! `utf16be`: UTF-16BE, which MicroSIP corrupts.

use crate::validate::context::Context;
use crate::validate::finding::Finding;
use crate::validate::fix::Fix;
use crate::validate::rule::rule;
use winini::Encoding;

rule! {
    /// ## What it does
    /// Checks for UTF-16BE files, with or without a BOM.
    ///
    /// ## Why is this bad?
    /// MicroSIP 3.19.12 and newer reads it as ANSI text that ends at the first NUL byte, and rewrites it followed by garbage bytes from memory. The content is lost.
    ///
    /// ## Example
    /// A file that was saved as "UTF-16 BE" or "Unicode big endian".
    ///
    /// ## Use instead
    /// UTF-16LE with BOM, as MicroSIP writes it.
    ///
    /// ## How to fix
    /// Save the file as UTF-16LE with BOM.
    ///
    /// ## Fix safety
    /// Always safe. Converts the file to UTF-16LE with BOM, as every edit with msipctl does.
    Utf16be,
    on Document, requires ENCODING,
    fix Always
}

fn check(context: Context<'_>, findings: &mut Vec<Finding>) {
    if matches!(context.document.encoding(), Encoding::Utf16Be { .. }) {
        let message = message!("the file is UTF-16BE, which MicroSIP corrupts when it starts");
        let finding = RULE.at_file(context.document, message);
        findings.push(finding.with_fix(Fix::as_microsip_writes()));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::validate::rules::testing::check;

    #[test]
    fn big_endian_utf16_is_reported_with_and_without_bom() {
        let message = "1: error: the file is UTF-16BE, which MicroSIP corrupts when it starts";
        check(&RULE, b"\xfe\xff\0[\0S\0]", &[message]);
        check(&RULE, b"\0[\0S\0]\0\n", &[message]);
        check(&RULE, b"\xff\xfe[\0S\0]\0", &[]);
    }
}
