//! `ansi-code-page`: letters that depend on the code page of the computer.

use crate::validate::context::Context;
use crate::validate::finding::Finding;
use crate::validate::fix::{Fix, Safety};
use crate::validate::rule::rule;
use winini::Encoding;

rule! {
    /// ## What it does
    /// A file of single bytes with letters beyond ASCII: ANSI.
    ///
    /// ## Why is this bad?
    /// Nothing in the file names its code page. On a computer with another one, Windows reads other letters, and MicroSIP writes those for good when it converts the file.
    ///
    /// ## Example
    /// A file with Russian names, saved as "ANSI" and copied to a German Windows.
    ///
    /// ## Use instead
    /// UTF-16LE with byte order mark, as MicroSIP writes it.
    ///
    /// ## How to fix
    /// An unsafe fix writes the file as UTF-16LE, with the letters of the code page that `--ansi-code-page` names, or that of this computer.
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
    let is_beyond = |line: &winini::Line| !document.raw(line.content()).is_ascii();
    let Some(number) = document.lines().iter().position(is_beyond) else { return };
    let message = message!(
        "letters beyond ASCII are taken for those of code page {page}",
        page = page.number()
    );
    let finding = RULE.at(number, document.line(number).content(), message);
    let finding = match document.convert(Encoding::MICROSIP) {
        Ok(after) => {
            let title = format!("write the letters of code page {} as UTF-16LE", page.number());
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
        let message = "2: info: letters beyond ASCII are taken for those of code page 1252";
        check(&RULE, b"[Account1]\nlabel=B\xfcro\n", &[message]);
        check(&RULE, b"[Account1]\nlabel=Buero\n", &[]);
        fixes(&RULE, Safety::Safe, b"[S]\n;\xfc", b"[S]\n;\xfc");
        fixes(&RULE, Safety::Unsafe, b"[S]\n;\xfc", b"\xff\xfe[\0S\0]\0\n\0;\0\xfc\0");
    }
}
