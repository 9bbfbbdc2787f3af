//! `doubled-carriage-return`: CR CR LF line endings, from text that was converted twice.

use crate::diagnostic::Prose;
use crate::validate::context::Context;
use crate::validate::finding::Finding;
use crate::validate::fix::{Fix, Safety};
use crate::validate::rule::rule;
use winini::{Document, Encoding};

rule! {
    /// ## What it does
    /// Checks for lines that end with CR CR LF.
    ///
    /// ## Why is this bad?
    /// A program wrote a file with Windows line endings in text mode, which adds a CR to each of them. Windows reads an empty line after each line. The next such write adds another CR, and other programs show blank lines or one long line.
    ///
    /// ## Example
    /// A file that was read in binary mode and written in text mode, or that `unix2dos` converted twice.
    ///
    /// ## Use instead
    /// One CR and one LF at the end of each line.
    ///
    /// ## How to fix
    /// Replace each CR CR LF with CR LF.
    ///
    /// ## Fix safety
    /// Always safe. The fix removes the extra CR characters.
    DoubledCarriageReturn,
    on Document, requires LONE_CR,
    fix Always
}

fn check(context: Context<'_>, findings: &mut Vec<Finding>) {
    let document = context.document;
    let (pattern, cr): (&[u8], &[u8]) = match document.encoding() {
        Encoding::Utf16Le { .. } => (b"\r\0\r\0\n\0", b"\r\0"),
        Encoding::Utf16Be { .. } => (b"\0\r\0\r\0\n", b"\0\r"),
        _ => (b"\r\r\n", b"\r"),
    };
    let start = document.body();
    let body = &document.bytes()[start..];
    let mut found = memchr::memmem::find_iter(body, pattern)
        .filter(|at| at.is_multiple_of(document.encoding().unit()))
        .peekable();
    let Some(first) = found.peek().map(|at| start + at) else { return };
    let mut bytes = document.bytes()[..start].to_vec();
    let (mut from, mut count) = (0, 0);
    for at in found {
        count += 1;
        let mut end = at;
        // If there are three or more, all but one are extra.
        while end >= from + cr.len() && body[from..end].ends_with(cr) {
            end -= cr.len();
        }
        bytes.extend_from_slice(&body[from..end]);
        from = at + cr.len();
    }
    bytes.extend_from_slice(&body[from..]);
    let number = document.position(first).line - 1;
    let Some(line) = document.lines().get(number) else { return };
    let lines = if count == 1 { "line" } else { "lines" };
    let message =
        message!("{count} {lines} with CR CR LF instead of CR LF", count, lines = Prose(lines));
    let finding = RULE.at(number, line.content(), message);
    let after = Document::parse(bytes, document.encoding());
    findings.push(finding.with_fix(Fix::whole(
        Safety::Safe,
        "remove the extra CR characters",
        after,
    )));
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::validate::rules::testing::{check, fixes};

    #[test]
    fn extra_carriage_returns_are_removed() {
        let before = "[Settings]\r\r\nAA=1\r\r\r\nDND=0\r\n\r\nx=1\r";
        check(&RULE, before, &["1: warning: 2 lines with CR CR LF instead of CR LF"]);
        let after = "[Settings]\r\nAA=1\r\nDND=0\r\n\r\nx=1\r";
        fixes(&RULE, Safety::Safe, before, after);
        let wide = |text: &str, unit: fn(u16) -> [u8; 2], bom: &[u8]| {
            [bom, &text.encode_utf16().flat_map(unit).collect::<Vec<_>>()].concat()
        };
        let little = |text| wide(text, u16::to_le_bytes, b"\xff\xfe");
        fixes(&RULE, Safety::Safe, little(before), little(after));
        let big = |text| wide(text, u16::to_be_bytes, b"\xfe\xff");
        fixes(&RULE, Safety::Safe, big(before), big(after));
    }

    #[test]
    fn other_line_endings_are_not_reported() {
        for text in ["[S]\r\na=1\r\n", "[S]\ra=1\r", "[S]\n\na=1\n\r", "[S]\r\n\r\na=1"] {
            check(&RULE, text, &[]);
        }
        // The bytes of U+0D00, CR, and LF, but not two CR.
        check(&RULE, b"\xff\xfe[\0S\0]\0\0\r\0\r\0\n\0\0", &[]);
    }
}
