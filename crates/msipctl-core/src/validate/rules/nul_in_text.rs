//! `nul-in-text`: zeros, where a file ends for some readers.

use crate::validate::context::Context;
use crate::validate::finding::Finding;
use crate::validate::fix::{Fix, Safety};
use crate::validate::rule::rule;
use crate::validate::segments;
use winini::Document;
use winini::Encoding;

rule! {
    /// ## What it does
    /// A zero in the text: among the letters, or as the rest of a file that a crash or a full disk has cut short.
    ///
    /// ## Why is this bad?
    /// Windows ends a value at a zero. When MicroSIP converts a file that is not UTF-16LE with byte order mark, the whole text ends there and the rest is filled with whatever lies in memory.
    ///
    /// ## Example
    /// A file that ends in a long row of zeros after the power failed.
    ///
    /// ## Use instead
    /// Text without zeros.
    ///
    /// ## How to fix
    /// NUL characters at the end of the file, and between lines, are removed. That is safe unless MicroSIP then reads another value. Those within a line are removed by an unsafe fix, because msipctl can't know what was lost there. A file of only NUL characters is replaced by a new one without settings, which is safe: MicroSIP reads nothing of it. If there is a backup from before the damage, restore that instead. msipctl keeps the damaged file as a backup, too.
    NulInText,
    on Document, requires ENCODING | WIDE,
    fix Sometimes
}

fn check(context: Context<'_>, findings: &mut Vec<Finding>) {
    let document = context.document;
    let (bytes, encoding) = (document.bytes(), document.encoding());
    let mark = encoding.byte_order_mark();
    let mark = if bytes.starts_with(mark) { mark } else { b"" };
    let is_wide = matches!(encoding, Encoding::Utf16Le { .. } | Encoding::Utf16Be { .. });
    let unit = if is_wide { 2 } else { 1 };
    // A file of UTF-32 is all zeros and another rule's, as are pieces of UTF-16.
    if bytes.starts_with(b"\xff\xfe\0\0") && bytes.len() > 4 && bytes[4..].iter().any(|it| *it != 0)
    {
        return;
    }
    let body = &bytes[mark.len()..];
    let is_zero = |unit: &[u8]| unit.iter().all(|byte| *byte == 0);
    let units = || body.chunks(unit);
    let Some(first) = units().position(is_zero) else { return };
    if segments::joined(document).is_some() {
        return;
    }
    let last = units().rposition(|unit| !is_zero(unit)).map_or(0, |last| last + 1);
    let number = document.position(mark.len() + first * unit).line - 1;
    let Some(line) = document.lines().get(number) else { return };
    let at = |message| RULE.at(number, line.content(), message);
    if last == 0 {
        // What MicroSIP itself writes where there is no file.
        let after = segments::document_of("[Settings]\r\n");
        let fix = Fix::whole(Safety::Safe, "write a new file without settings", after);
        let finding = at(message!("the file holds nothing but zeros"));
        findings.push(finding.with_help("restore a backup if there is one").with_fix(fix));
        return;
    }
    let (finding, safety, title, kept): (_, _, _, Vec<u8>) = if first >= last {
        let kept = body[..last * unit].to_vec();
        (
            at(message!("the file ends in zeros")),
            Safety::Safe,
            "take the zeros at the end away",
            kept,
        )
    } else {
        let kept = units().filter(|unit| !is_zero(unit)).flatten().copied().collect();
        let finding = at(message!("a zero stands in the text, where it ends for Windows"));
        let safety = if is_between_lines(body, unit) { Safety::Safe } else { Safety::Unsafe };
        (finding, safety, "take the zeros away", kept)
    };
    let after = Document::parse([mark, &kept].concat(), encoding);
    findings.push(finding.with_fix(Fix::whole(safety, title, after)));
}

/// Says whether all NUL characters are before or after whole lines.
fn is_between_lines(body: &[u8], unit: usize) -> bool {
    let is_end = |units: &[u8]| {
        let is_line_end = |byte: &u8| matches!(byte, b'\r' | b'\n');
        units.iter().any(is_line_end) && units.iter().all(|byte| *byte == 0 || is_line_end(byte))
    };
    let units: Vec<_> = body.chunks(unit).collect();
    let is_zero = |unit: &&[u8]| unit.iter().all(|byte| *byte == 0);
    let mut at = 0;
    units.chunk_by(|one, next| is_zero(one) == is_zero(next)).all(|run| {
        let (start, end) = (at, at + run.len());
        at = end;
        !is_zero(&run[0]) || start == 0 || end == units.len() || is_end(units[start - 1])
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::validate::rules::testing::{check, fixes};

    #[test]
    fn safe_fix_removes_trailing_nul_characters() {
        check(&RULE, b"[S]\nk=1\n\0\0\0", &["3: error: the file ends in zeros"]);
        fixes(&RULE, Safety::Safe, b"[S]\nk=1\n\0\0\0", b"[S]\nk=1\n");
        fixes(&RULE, Safety::Safe, b"\xff\xfe[\0S\0]\0\0\0\0\0", b"\xff\xfe[\0S\0]\0");
    }

    #[test]
    fn unsafe_fix_removes_nul_characters_within_text() {
        let before = b"[S]\nk=1\0\x002\n";
        check(&RULE, before, &["2: error: a zero stands in the text, where it ends for Windows"]);
        fixes(&RULE, Safety::Safe, before, before);
        fixes(&RULE, Safety::Unsafe, before, b"[S]\nk=12\n");
    }

    #[test]
    fn file_of_nul_characters_is_reported_and_replaced() {
        check(&RULE, [0; 64], &["1: error: the file holds nothing but zeros"]);
        let new = b"\xff\xfe[\0S\0e\0t\0t\0i\0n\0g\0s\0]\0\r\0\n\0";
        fixes(&RULE, Safety::Safe, [0; 64], new);
        fixes(&RULE, Safety::Safe, b"\xff\xfe\0\0\0\0", new);
    }

    #[test]
    fn safe_fix_removes_nul_characters_between_lines() {
        let before = b"[Settings]\nAA=1\n\0\0\0\0DND=1\n\0\0";
        fixes(&RULE, Safety::Safe, before, b"[Settings]\nAA=1\nDND=1\n");
        // Half a line was lost.
        let before = b"[Settings]\nA\0\0\0\0DND=1\n";
        fixes(&RULE, Safety::Safe, before, before);
    }

    #[test]
    fn zero_bytes_of_utf16_are_not_reported() {
        check(&RULE, b"\xff\xfe[\0S\0]\0", &[]);
        check(&RULE, b"[\0S\0]\0\n\0", &[]);
        check(&RULE, "", &[]);
    }
}
