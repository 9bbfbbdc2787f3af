//! `mixed-encoding`: lines in one encoding, behind lines in another.

use crate::validate::context::Context;
use crate::validate::finding::Finding;
use crate::validate::fix::{Fix, Safety};
use crate::validate::rule::rule;
use crate::validate::segments;

rule! {
    /// ## What it does
    /// A file in UTF-16 with lines of single bytes in it, a file of single bytes with lines in UTF-16, and UTF-8 with lines that are none.
    ///
    /// ## Why is this bad?
    /// Windows reads the whole file in one encoding. Every other line becomes letters of no meaning: the key is not found, and one odd byte shifts all that stands below it.
    ///
    /// ## Example
    /// `echo DND=1 >> MicroSIP.ini` in a batch file appends bytes to the UTF-16 that MicroSIP writes. `>>` in Windows PowerShell appends UTF-16 to a file of bytes.
    ///
    /// ## Use instead
    /// One encoding: UTF-16LE with byte order mark, as MicroSIP writes it.
    ///
    /// ## How to fix
    /// Each piece is read as what it is, and the whole is written as UTF-16LE with byte order mark. That is safe where every letter is certain, and unsafe where letters beyond ASCII had to be read in a code page, or where the second piece begins in the midst of a line.
    MixedEncoding,
    on Document, requires ENCODING | WIDE,
    fix Sometimes
}

fn check(context: Context<'_>, findings: &mut Vec<Finding>) {
    let document = context.document;
    let Some(joined) = segments::joined(document) else { return };
    let number = document.position(joined.second).line.clamp(1, document.lines().len().max(1)) - 1;
    let Some(line) = document.lines().get(number) else { return };
    let message =
        message!("another encoding begins in this line, and Windows reads the whole file in one");
    let finding = RULE.at(number, line.content(), message);
    let safety = if joined.is_sure { Safety::Safe } else { Safety::Unsafe };
    let title = "read each piece as what it is, and write all as UTF-16LE with byte order mark";
    findings.push(finding.with_fix(Fix::whole(safety, title, joined.document)));
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::validate::rules::testing::{check, fixes};

    const MESSAGE: &str =
        "error: another encoding begins in this line, and Windows reads the whole file in one";

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
