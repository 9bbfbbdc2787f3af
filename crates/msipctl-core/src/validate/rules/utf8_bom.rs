//! `utf8-bom`: a byte order mark that MicroSIP takes for text.

use crate::validate::context::Context;
use crate::validate::finding::Finding;
use crate::validate::fix::Fix;
use crate::validate::rule::rule;
use winini::Encoding;

rule! {
    /// ## What it does
    /// A file that begins with the UTF-8 byte order mark EF BB BF.
    ///
    /// ## Why is this bad?
    /// MicroSIP 3.19.12 and newer takes every file that does not begin with FF FE for ANSI text and rewrites it. Three junk letters then stand before the first header, the whole first section is lost, and MicroSIP starts with its defaults.
    ///
    /// ## Example
    /// Any file saved as "UTF-8 with BOM", for example by `Set-Content -Encoding utf8` in Windows PowerShell.
    ///
    /// ## Use instead
    /// UTF-16LE with byte order mark, as MicroSIP writes it.
    ///
    /// ## How to fix
    /// The file is written as UTF-16LE with BOM. That is unsafe if MicroSIP already added another section of that name, because the values in that section are then replaced by those of the first one: `msipctl show` lists both. Otherwise it is safe, and every edit with msipctl does it, too.
    Utf8Bom,
    on Document, requires ENCODING,
    fix Sometimes
}

fn check(context: Context<'_>, findings: &mut Vec<Finding>) {
    if context.document.encoding() == (Encoding::Utf8 { bom: true }) {
        let message = message!(
            "the file begins with a UTF-8 byte order mark, so MicroSIP does not see its \
                       first section"
        );
        let finding = RULE.at_file(context.document, message);
        findings.push(finding.with_fix(Fix::as_microsip_writes()));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::validate::Safety;
    use crate::validate::rules::testing::{check, fixes};

    #[test]
    fn fix_is_unsafe_when_microsip_reads_a_second_section() {
        let text = "[Settings]\nAA=1\n[Settings]\nDND=1\nAA=0\n";
        let before = format!("\u{feff}{text}");
        fixes(&RULE, Safety::Safe, &before, &before);
        let units = text.encode_utf16().flat_map(u16::to_le_bytes);
        let after: Vec<u8> = [0xff, 0xfe].into_iter().chain(units).collect();
        fixes(&RULE, Safety::Unsafe, &before, after);
        // The second section says the same.
        let same = "\u{feff}[Settings]\nAA=1\n[Settings]\nAA=1\n";
        let units = same.trim_start_matches('\u{feff}').encode_utf16().flat_map(u16::to_le_bytes);
        let after: Vec<u8> = [0xff, 0xfe].into_iter().chain(units).collect();
        fixes(&RULE, Safety::Safe, same, after);
    }

    #[test]
    fn utf8_is_reported_only_with_bom() {
        let message = "1: error: the file begins with a UTF-8 byte order mark, so MicroSIP does not see its first section";
        check(&RULE, b"\xef\xbb\xbf[Settings]\n", &[message]);
        check(&RULE, "[Settings]\n", &[]);
        check(&RULE, "[Settings]\nlabel=\u{e9}\n", &[]);
    }

    #[test]
    fn fix_converts_utf8_to_utf16() {
        let before = b"\xef\xbb\xbf[S]\n";
        fixes(&RULE, Safety::Safe, before, b"\xff\xfe[\0S\0]\0\n\0");
    }
}
