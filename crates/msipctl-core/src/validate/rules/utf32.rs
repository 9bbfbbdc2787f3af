//! `utf32`: four bytes a letter.

use crate::validate::context::Context;
use crate::validate::finding::Finding;
use crate::validate::fix::{Fix, Safety};
use crate::validate::rule::rule;
use crate::validate::segments;

rule! {
    /// ## What it does
    /// A file in UTF-32 with byte order mark.
    ///
    /// ## Why is this bad?
    /// Its first two bytes are those of UTF-16, so Windows reads it as that: a zero stands behind every letter, and nothing is found.
    ///
    /// ## Example
    /// Any file written by `Set-Content -Encoding utf32`.
    ///
    /// ## Use instead
    /// UTF-16LE with byte order mark, as MicroSIP writes it.
    ///
    /// ## How to fix
    /// The file is written as UTF-16LE with byte order mark.
    Utf32,
    on Document, requires ENCODING | WIDE,
    fix Sometimes
}

fn check(context: Context<'_>, findings: &mut Vec<Finding>) {
    let Some(body) = context.document.bytes().strip_prefix(b"\xff\xfe\0\0") else { return };
    let (characters, _) = body.as_chunks::<4>();
    let text: Option<String> =
        characters.iter().map(|character| char::from_u32(u32::from_le_bytes(*character))).collect();
    if let Some(text) = text.filter(|text| !text.is_empty() && !text.contains('\0')) {
        let message = message!("the file is UTF-32, of which Windows reads nothing");
        let finding = RULE.at_file(context.document, message);
        let title = "write the file as UTF-16LE with byte order mark";
        findings.push(finding.with_fix(Fix::whole(
            Safety::Safe,
            title,
            segments::document_of(&text),
        )));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::validate::rules::testing::{check, fixes};

    #[test]
    fn utf32_is_reported_and_converted() {
        let before = b"\xff\xfe\0\0[\0\0\0S\0\0\0]\0\0\0";
        check(&RULE, before, &["1: error: the file is UTF-32, of which Windows reads nothing"]);
        fixes(&RULE, Safety::Safe, before, b"\xff\xfe[\0S\0]\0");
        check(&RULE, b"\xff\xfe\0\0\0\0\0\0", &[]);
    }
}
