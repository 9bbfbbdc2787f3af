//! `utf8-without-bom`: UTF-8 text that MicroSIP reads as ANSI.

use crate::validate::context::Context;
use crate::validate::finding::Finding;
use crate::validate::fix::Fix;
use crate::validate::rule::rule;
use winini::{Encoding, Line};

rule! {
    /// ## What it does
    /// Checks for UTF-8 files without a BOM that contain non-ASCII characters.
    ///
    /// ## Why is this bad?
    /// MicroSIP 3.19.12 and newer treats the file as ANSI text and rewrites it. Every non-ASCII character permanently becomes two or three wrong ones.
    ///
    /// ## Example
    /// A file with an umlaut that was saved as "UTF-8".
    ///
    /// ## Use instead
    /// UTF-16LE with BOM, as MicroSIP writes it.
    ///
    /// ## How to fix
    /// Save the file as UTF-16LE with BOM.
    ///
    /// ## Fix safety
    /// Always safe. Converts the file to UTF-16LE with BOM, as every edit with msipctl does.
    Utf8WithoutBom,
    on Document, requires ENCODING,
    fix Always
}

fn check(context: Context<'_>, findings: &mut Vec<Finding>) {
    if context.document.encoding() != (Encoding::Utf8 { bom: false }) {
        return;
    }
    let document = context.document;
    // An earlier fix may have removed the last non-ASCII character.
    let has_non_ascii = |line: &Line| !document.raw(line.content()).is_ascii();
    let Some(first) = document.lines().iter().position(has_non_ascii) else { return };
    let message =
        message!("the file is UTF-8 without a BOM, so MicroSIP misreads its non-ASCII characters");
    let span = document.line(first).content();
    let finding = RULE.at(first, span, message);
    findings.push(finding.with_fix(Fix::as_microsip_writes()));
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::validate::rules::testing::check;

    #[test]
    fn finding_points_at_the_first_non_ascii_character() {
        let message = "2: error: the file is UTF-8 without a BOM, so MicroSIP misreads its non-ASCII characters";
        check(&RULE, "[Account1]\nlabel=B\u{fc}ro\n", &[message]);
        check(&RULE, b"[Account1]\nlabel=B\xfcro\n", &[]);
        check(&RULE, "[Account1]\n", &[]);
    }
}
