//! `utf8-bom`: UTF-8 BOM that hides the first section.

use crate::validate::context::Context;
use crate::validate::finding::Finding;
use crate::validate::fix::Fix;
use crate::validate::rule::rule;
use winini::Encoding;

rule! {
    /// ## What it does
    /// Checks for files that start with the UTF-8 BOM (EF BB BF).
    ///
    /// ## Why is this bad?
    /// MicroSIP 3.19.12 and newer treats every file that doesn't start with FF FE as ANSI text, and rewrites it. The BOM becomes three garbage characters before the first header. MicroSIP then doesn't find the first section, and starts with its defaults.
    ///
    /// ## Example
    /// A file that was saved as "UTF-8 with BOM", for example by `Set-Content -Encoding utf8` in Windows PowerShell.
    ///
    /// ## Use instead
    /// UTF-16LE with BOM, as MicroSIP writes it.
    ///
    /// ## How to fix
    /// Save the file as UTF-16LE with BOM.
    ///
    /// ## Fix safety
    /// Converts the file to UTF-16LE with BOM, as every edit with msipctl does. Unsafe if MicroSIP already added another section with this name, because the first section then replaces its values. To compare both, run `msipctl show`.
    Utf8Bom,
    on Document, requires ENCODING,
    fix Always
}

fn check(context: Context<'_>, findings: &mut Vec<Finding>) {
    if context.document.encoding() == (Encoding::Utf8 { bom: true }) {
        let message = message!(
            "the file starts with a UTF-8 BOM, so MicroSIP doesn't find its first section"
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
        // The second section has the same values.
        let same = "\u{feff}[Settings]\nAA=1\n[Settings]\nAA=1\n";
        let units = same.trim_start_matches('\u{feff}').encode_utf16().flat_map(u16::to_le_bytes);
        let after: Vec<u8> = [0xff, 0xfe].into_iter().chain(units).collect();
        fixes(&RULE, Safety::Safe, same, after);
    }

    #[test]
    fn utf8_is_reported_only_with_bom() {
        let message = "1: error: the file starts with a UTF-8 BOM, so MicroSIP doesn't find its first section";
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
