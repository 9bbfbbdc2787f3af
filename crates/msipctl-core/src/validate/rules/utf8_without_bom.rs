//! `utf8-without-bom`: letters that MicroSIP reads as the ANSI code page.

use crate::validate::context::Context;
use crate::validate::finding::Finding;
use crate::validate::fix::Fix;
use crate::validate::rule::rule;
use winini::{Encoding, Line};

rule! {
    /// ## What it does
    /// A file without byte order mark that holds letters beyond ASCII in UTF-8.
    ///
    /// ## Why is this bad?
    /// MicroSIP 3.19.12 and newer takes it for ANSI text and rewrites it, so every such letter becomes two or three wrong ones, for good.
    ///
    /// ## Example
    /// Any file with an umlaut that was saved as "UTF-8".
    ///
    /// ## Use instead
    /// UTF-16LE with byte order mark, as MicroSIP writes it.
    ///
    /// ## How to fix
    /// The file is written as UTF-16LE with BOM. Always safe, as is every edit with msipctl, which does it, too.
    Utf8WithoutBom,
    on Document, requires ENCODING,
    fix Sometimes
}

fn check(context: Context<'_>, findings: &mut Vec<Finding>) {
    if context.document.encoding() != (Encoding::Utf8 { bom: false }) {
        return;
    }
    let document = context.document;
    // A fix may have taken the last such letter away.
    let is_beyond = |line: &Line| !document.raw(line.content()).is_ascii();
    let Some(first) = document.lines().iter().position(is_beyond) else { return };
    let message = message!(
        "the file is UTF-8 without byte order mark, so MicroSIP reads its letters beyond \
                   ASCII as others"
    );
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
        let message = "2: error: the file is UTF-8 without byte order mark, so MicroSIP reads its letters beyond ASCII as others";
        check(&RULE, "[Account1]\nlabel=B\u{fc}ro\n", &[message]);
        check(&RULE, b"[Account1]\nlabel=B\xfcro\n", &[]);
        check(&RULE, "[Account1]\n", &[]);
    }
}
