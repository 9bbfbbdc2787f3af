//! `utf32`: UTF-32, which Windows can't read.

use crate::validate::context::Context;
use crate::validate::finding::Finding;
use crate::validate::fix::{Fix, Safety};
use crate::validate::rule::rule;
use crate::validate::segments;

rule! {
    /// ## What it does
    /// Checks for UTF-32 files with a BOM.
    ///
    /// ## Why is this bad?
    /// The first two bytes are the same as the UTF-16 BOM, so Windows reads the file as UTF-16. Every character is then followed by a NUL character, and Windows finds nothing.
    ///
    /// ## Example
    /// A file that `Set-Content -Encoding utf32` wrote.
    ///
    /// ## Use instead
    /// UTF-16LE with BOM, as MicroSIP writes it.
    ///
    /// ## How to fix
    /// Save the file as UTF-16LE with BOM.
    ///
    /// ## Fix safety
    /// Always safe. Converts the file to UTF-16LE with BOM.
    Utf32,
    on Document, requires ENCODING | WIDE,
    fix Always
}

fn check(context: Context<'_>, findings: &mut Vec<Finding>) {
    let Some(body) = context.document.bytes().strip_prefix(b"\xff\xfe\0\0") else { return };
    let (characters, _) = body.as_chunks::<4>();
    let text: Option<String> =
        characters.iter().map(|character| char::from_u32(u32::from_le_bytes(*character))).collect();
    if let Some(text) = text.filter(|text| !text.is_empty() && !text.contains('\0')) {
        let message = message!("the file is UTF-32, which Windows can't read");
        let finding = RULE.at_file(context.document, message);
        let title = "convert the file to UTF-16LE with BOM";
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
        check(&RULE, before, &["1: error: the file is UTF-32, which Windows can't read"]);
        fixes(&RULE, Safety::Safe, before, b"\xff\xfe[\0S\0]\0");
        check(&RULE, b"\xff\xfe\0\0\0\0\0\0", &[]);
    }
}
