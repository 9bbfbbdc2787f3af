//! `mixed-encoding`: lines in a different encoding from the rest.

use crate::validate::context::Context;
use crate::validate::finding::Finding;
use crate::validate::fix::{Fix, Safety};
use crate::validate::rule::rule;
use crate::validate::segments;

rule! {
    /// ## What it does
    /// Checks for UTF-16 files with single-byte lines, single-byte files with UTF-16 lines, and UTF-8 files with invalid lines.
    ///
    /// ## Why is this bad?
    /// Windows reads the complete file in one encoding. Lines in another encoding become garbage, so their keys aren't found. A single odd byte shifts everything below it.
    ///
    /// ## Example
    /// In a batch file, `echo DND=1 >> MicroSIP.ini` appends single bytes to the UTF-16 file that MicroSIP writes. In Windows PowerShell, `>>` appends UTF-16 to a single-byte file.
    ///
    /// ## Use instead
    /// One encoding: UTF-16LE with BOM, as MicroSIP writes it.
    ///
    /// ## How to fix
    /// Save the complete file as UTF-16LE with BOM. Change it with `msipctl set`, not with `>>`.
    ///
    /// ## Fix safety
    /// Unsafe if a part has non-ASCII characters in a code page, or starts in the middle of a line, because its text is then uncertain. The fix reads each part in its encoding, and writes the file as UTF-16LE with BOM.
    MixedEncoding,
    on Document, requires ENCODING | WIDE,
    fix Always
}

fn check(context: Context<'_>, findings: &mut Vec<Finding>) {
    let document = context.document;
    let Some(joined) = segments::joined(document) else { return };
    let number = document.position(joined.second).line.clamp(1, document.lines().len().max(1)) - 1;
    let Some(line) = document.lines().get(number) else { return };
    let message = message!(
        "the encoding changes in this line, but Windows reads the complete file in one encoding"
    );
    let finding = RULE.at(number, line.content(), message);
    let safety = if joined.is_sure { Safety::Safe } else { Safety::Unsafe };
    let title = "convert each part from its encoding, and write the file as UTF-16LE with BOM";
    findings.push(finding.with_fix(Fix::whole(safety, title, joined.document)));
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::validate::rules::testing::{check, fixes};

    const MESSAGE: &str = "error: the encoding changes in this line, but Windows reads the complete file in one encoding";

    #[test]
    fn ansi_lines_appended_to_utf16_are_reported_and_converted() {
        let before = b"\xff\xfe[\0S\0]\0\r\0\n\0k=1\r\n";
        check(&RULE, before, &[&format!("2: {MESSAGE}")]);
        fixes(&RULE, Safety::Safe, before, b"\xff\xfe[\0S\0]\0\r\0\n\0k\0=\x001\0\r\0\n\0");
    }

    #[test]
    fn fix_is_unsafe_for_ansi_characters_in_utf8() {
        let before = b"\xef\xbb\xbf[S]\nk=\xfc\n";
        check(&RULE, before, &[&format!("2: {MESSAGE}")]);
        fixes(&RULE, Safety::Safe, before, before);
        fixes(&RULE, Safety::Unsafe, before, b"\xff\xfe[\0S\0]\0\n\0k\0=\0\xfc\0\n\0");
    }

    #[test]
    fn files_in_one_encoding_are_not_reported() {
        check(&RULE, b"\xff\xfe[\0S\0]\0\r\0\n\0", &[]);
        check(&RULE, b"[S]\nk=\xfc\n", &[]);
        check(&RULE, "[S]\nk=\u{fc}\n", &[]);
    }
}
