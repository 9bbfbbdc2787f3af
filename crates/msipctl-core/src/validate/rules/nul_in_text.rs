//! `nul-in-text`: NUL character, at which some readers stop.

use crate::validate::context::Context;
use crate::validate::finding::Finding;
use crate::validate::fix::{Fix, Safety};
use crate::validate::rule::rule;
use crate::validate::segments;
use winini::{Document, Encoding};

rule! {
    /// ## What it does
    /// Checks for NUL characters: within the text, or at the end of a file that a crash or a full disk truncated.
    ///
    /// ## Why is this bad?
    /// Windows ends a value at a NUL character. MicroSIP converts any file that isn't UTF-16LE with BOM. The whole text then ends at the NUL character, followed by garbage bytes from memory.
    ///
    /// ## Example
    /// A file that ends in a long row of NUL characters after a power failure.
    ///
    /// ## Use instead
    /// Text without NUL characters.
    ///
    /// ## How to fix
    /// If you have a backup from before the damage, restore it. Otherwise, remove the NUL characters.
    ///
    /// ## Fix safety
    /// Removes the NUL characters at the end of the file and between lines. Unsafe if MicroSIP then reads another value, or if they are within a line, because msipctl can't know what was lost there. A file of only NUL characters is replaced by a new one without settings. That is safe, because MicroSIP reads nothing from the damaged file. msipctl keeps the damaged file as a backup.
    NulInText,
    on Document, requires ENCODING | WIDE,
    fix Always
}

fn check(context: Context<'_>, findings: &mut Vec<Finding>) {
    let document = context.document;
    let (bytes, encoding) = (document.bytes(), document.encoding());
    let bom = encoding.byte_order_mark();
    let bom = if bytes.starts_with(bom) { bom } else { b"" };
    let is_wide = matches!(encoding, Encoding::Utf16Le { .. } | Encoding::Utf16Be { .. });
    let unit = if is_wide { 2 } else { 1 };
    // UTF-32 and parts in UTF-16 also contain NUL characters, but other rules report them.
    if bytes.starts_with(b"\xff\xfe\0\0") && bytes.len() > 4 && bytes[4..].iter().any(|it| *it != 0)
    {
        return;
    }
    let body = &bytes[bom.len()..];
    let is_nul = |unit: &[u8]| unit.iter().all(|byte| *byte == 0);
    let units = || body.chunks(unit);
    let Some(first) = units().position(is_nul) else { return };
    if segments::joined(document).is_some() {
        return;
    }
    let last = units().rposition(|unit| !is_nul(unit)).map_or(0, |last| last + 1);
    let number = document.position(bom.len() + first * unit).line - 1;
    let Some(line) = document.lines().get(number) else { return };
    let at = |message| RULE.at(number, line.content(), message);
    if last == 0 {
        // MicroSIP writes the same if there is no file.
        let after = segments::document_of("[Settings]\r\n");
        let fix = Fix::whole(Safety::Safe, "write a new file without settings", after);
        let finding = at(message!("the file contains only NUL characters"));
        let help = "if you have a backup, restore it with `msipctl backup restore`";
        findings.push(finding.with_help(help).with_fix(fix));
        return;
    }
    let (finding, safety, title, kept): (_, _, _, Vec<u8>) = if first >= last {
        let kept = body[..last * unit].to_vec();
        (
            at(message!("the file ends with NUL characters")),
            Safety::Safe,
            "remove the NUL characters at the end",
            kept,
        )
    } else {
        let kept = units().filter(|unit| !is_nul(unit)).flatten().copied().collect();
        let finding = at(message!("NUL character in the text, at which Windows stops reading"));
        let safety = if is_between_lines(body, unit) { Safety::Safe } else { Safety::Unsafe };
        (finding, safety, "remove the NUL characters", kept)
    };
    let after = Document::parse([bom, &kept].concat(), encoding);
    findings.push(finding.with_fix(Fix::whole(safety, title, after)));
}

/// Returns whether all NUL characters are before or after complete lines.
fn is_between_lines(body: &[u8], unit: usize) -> bool {
    let is_line_ending = |units: &[u8]| {
        let is_ending_byte = |byte: &u8| matches!(byte, b'\r' | b'\n');
        units.iter().any(is_ending_byte)
            && units.iter().all(|byte| *byte == 0 || is_ending_byte(byte))
    };
    let units: Vec<_> = body.chunks(unit).collect();
    let is_nul = |unit: &&[u8]| unit.iter().all(|byte| *byte == 0);
    let mut at = 0;
    units.chunk_by(|one, next| is_nul(one) == is_nul(next)).all(|run| {
        let (start, end) = (at, at + run.len());
        at = end;
        !is_nul(&run[0]) || start == 0 || end == units.len() || is_line_ending(units[start - 1])
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::validate::rules::testing::{check, fixes};

    #[test]
    fn safe_fix_removes_trailing_nul_characters() {
        check(&RULE, b"[S]\nk=1\n\0\0\0", &["3: error: the file ends with NUL characters"]);
        fixes(&RULE, Safety::Safe, b"[S]\nk=1\n\0\0\0", b"[S]\nk=1\n");
        fixes(&RULE, Safety::Safe, b"\xff\xfe[\0S\0]\0\0\0\0\0", b"\xff\xfe[\0S\0]\0");
    }

    #[test]
    fn unsafe_fix_removes_nul_characters_within_text() {
        let before = b"[S]\nk=1\0\x002\n";
        check(
            &RULE,
            before,
            &["2: error: NUL character in the text, at which Windows stops reading"],
        );
        fixes(&RULE, Safety::Safe, before, before);
        fixes(&RULE, Safety::Unsafe, before, b"[S]\nk=12\n");
    }

    #[test]
    fn file_of_nul_characters_is_reported_and_replaced() {
        check(&RULE, [0; 64], &["1: error: the file contains only NUL characters"]);
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
