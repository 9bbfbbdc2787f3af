//! `ansi-code-page`: characters that depend on the PC's ANSI code page.

use crate::validate::context::Context;
use crate::validate::finding::Finding;
use crate::validate::fix::{Fix, Safety};
use crate::validate::rule::rule;
use winini::Encoding;

rule! {
    /// ## What it does
    /// Checks for files in a single-byte ANSI code page that contain non-ASCII characters.
    ///
    /// ## Why is this bad?
    /// The file doesn't record its code page. On a PC with another one, Windows reads other characters, and MicroSIP saves those permanently when it converts the file.
    ///
    /// ## Example
    /// A file with Russian names that was saved as "ANSI" and copied to a German Windows PC.
    ///
    /// ## Use instead
    /// UTF-16LE with BOM, the encoding that MicroSIP writes.
    ///
    /// ## How to fix
    /// Save the file as UTF-16LE with BOM. If it was written in the code page of another PC, pass that one with `--ansi-code-page`.
    ///
    /// ## Fix safety
    /// Always unsafe, because msipctl can't detect the code page. The fix converts the file to UTF-16LE. It uses the code page that `--ansi-code-page` names, or by default the one of this PC.
    AnsiCodePage,
    on Document, requires ENCODING,
    fix Sometimes
}

fn check(context: Context<'_>, findings: &mut Vec<Finding>) {
    let document = context.document;
    let Encoding::Ansi(page) = document.encoding() else { return };
    if page.is_double_byte() {
        return;
    }
    let is_non_ascii = |line: &winini::Line| !document.raw(line.content()).is_ascii();
    let Some(number) = document.lines().iter().position(is_non_ascii) else { return };
    let message =
        message!("non-ASCII characters are read in code page {page}", page = page.number());
    let finding = RULE.at(number, document.line(number).content(), message);
    let finding = match document.convert(Encoding::MICROSIP) {
        Ok(after) => {
            let title = format!("convert the file from code page {} to UTF-16LE", page.number());
            finding.with_fix(Fix::whole(Safety::Unsafe, title, after))
        }
        Err(_) => finding,
    };
    findings.push(finding);
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::validate::rules::testing::{check, fixes};

    #[test]
    fn first_line_with_ansi_characters_is_reported() {
        let message = "2: info: non-ASCII characters are read in code page 1252";
        check(&RULE, b"[Account1]\nlabel=B\xfcro\n", &[message]);
        check(&RULE, b"[Account1]\nlabel=Buero\n", &[]);
        fixes(&RULE, Safety::Safe, b"[S]\n;\xfc", b"[S]\n;\xfc");
        fixes(&RULE, Safety::Unsafe, b"[S]\n;\xfc", b"\xff\xfe[\0S\0]\0\n\0;\0\xfc\0");
    }
}
