//! `utf8-bom`: a byte order mark that MicroSIP takes for text.

use crate::ini::Encoding;
use crate::validate::rule::rule;
use crate::validate::{Context, Finding};

rule! {
    /// ## What it checks
    /// A file that begins with the UTF-8 byte order mark EF BB BF.
    ///
    /// ## Why it matters
    /// MicroSIP 3.19.12 and newer takes every file that does not begin with FF FE for ANSI text and rewrites it. Three junk letters then stand before the first header, the whole first section is lost, and MicroSIP starts with its defaults.
    ///
    /// ## Example
    /// Any file saved as "UTF-8 with BOM", for example by `Set-Content -Encoding utf8` in Windows PowerShell.
    ///
    /// ## Instead
    /// UTF-16LE with byte order mark, as MicroSIP writes it.
    ///
    /// ## Fix
    /// Any edit with msipctl converts the file to UTF-16LE; `msipctl set ... --encoding utf-16le` does it at once.
    "utf8-bom", "UTF-8 byte order mark that hides the first section", Error, since "0.1.0"
}

fn check(context: Context<'_>, findings: &mut Vec<Finding>) {
    if context.document.encoding() == (Encoding::Utf8 { bom: true }) {
        let message = "the file begins with a UTF-8 byte order mark, so MicroSIP does not see its \
                       first section";
        findings.push(RULE.at_file(context.document, message));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::validate::rules::testing::check;

    #[test]
    fn finds_the_mark_only() {
        let message = "1: error: the file begins with a UTF-8 byte order mark, so MicroSIP does not see its first section";
        check(&RULE, b"\xef\xbb\xbf[Settings]\n", &[message]);
        check(&RULE, "[Settings]\n", &[]);
        check(&RULE, "[Settings]\nlabel=\u{e9}\n", &[]);
    }
}
