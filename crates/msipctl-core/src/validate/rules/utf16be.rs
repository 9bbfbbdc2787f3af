//! `utf16be`: an encoding that MicroSIP destroys.

use crate::validate::context::Context;
use crate::validate::finding::Finding;
use crate::validate::fix::Fix;
use crate::validate::rule::rule;
use winini::Encoding;

rule! {
    /// ## What it does
    /// A file in UTF-16 with the high byte first, with byte order mark or without.
    ///
    /// ## Why is this bad?
    /// MicroSIP 3.19.12 and newer takes it for ANSI text that ends at the first zero byte, and rewrites it with whatever lies in memory behind that. The content is destroyed.
    ///
    /// ## Example
    /// Any file saved as "UTF-16 BE" or "Unicode big endian".
    ///
    /// ## Use instead
    /// UTF-16LE with byte order mark, as MicroSIP writes it.
    ///
    /// ## How to fix
    /// The file is written as UTF-16LE with BOM. Always safe, as is every edit with msipctl, which does it, too.
    Utf16be,
    on Document, requires ENCODING,
    fix Sometimes
}

fn check(context: Context<'_>, findings: &mut Vec<Finding>) {
    if matches!(context.document.encoding(), Encoding::Utf16Be { .. }) {
        let message = message!(
            "the file is UTF-16 with the high byte first, and MicroSIP destroys it at its start"
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
    fn big_endian_utf16_is_reported_with_and_without_bom() {
        let message = "1: error: the file is UTF-16 with the high byte first, and MicroSIP destroys it at its start";
        check(&RULE, b"\xfe\xff\0[\0S\0]", &[message]);
        check(&RULE, b"\0[\0S\0]\0\n", &[message]);
        check(&RULE, b"\xff\xfe[\0S\0]\0", &[]);
    }
}
