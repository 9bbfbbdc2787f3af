//! `utf16-corrupt-line-endings`: UTF-16 whose line ends were converted as bytes.

use crate::validate::context::Context;
use crate::validate::finding::Finding;
use crate::validate::fix::{Fix, Safety};
use crate::validate::rule::rule;
use crate::validate::segments;

rule! {
    /// ## What it does
    /// A file in UTF-16 in which the byte of a line end was put in or taken out.
    ///
    /// ## Why is this bad?
    /// One byte more or less shifts all that stands behind it: half of the file is letters of no meaning, and no key in it is found.
    ///
    /// ## Example
    /// A file that git checked out with `core.autocrlf`, or that `sed`, `unix2dos` or an FTP program in text mode went over.
    ///
    /// ## Use instead
    /// Line ends of two letters of two bytes. `*.ini -text` in `.gitattributes` keeps git away.
    ///
    /// ## How to fix
    /// The bytes are put in or taken out again.
    Utf16CorruptLineEndings,
    on Document, requires ENCODING | WIDE,
    fix Sometimes
}

fn check(context: Context<'_>, findings: &mut Vec<Finding>) {
    let Some((first, whole)) = segments::with_line_ends(context.document) else { return };
    let number = context.document.position(first).line - 1;
    let Some(line) = context.document.lines().get(number) else { return };
    let message = message!("a tool for bytes converted the line ends of UTF-16 from here on");
    let finding = RULE.at(number, line.content(), message);
    let fix = Fix::whole(Safety::Safe, "put the line ends of UTF-16 back", whole);
    findings.push(finding.with_fix(fix));
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::validate::rules::testing::{check, fixes};

    #[test]
    fn fix_removes_extra_bytes_from_line_endings() {
        let whole = b"\xff\xfe[\0S\0]\0\r\0\n\0k\0=\x001\0\r\0\n\0";
        let torn = b"\xff\xfe[\0S\0]\0\r\0\r\n\0k\0=\x001\0\r\0\r\n\0";
        let message = "2: error: a tool for bytes converted the line ends of UTF-16 from here on";
        check(&RULE, whole, &[]);
        let found = check_lines(torn);
        assert_eq!(found, 1, "{message}");
        fixes(&RULE, Safety::Safe, torn, whole);
    }

    fn check_lines(bytes: &[u8]) -> usize {
        use winini::{Document, Encoding};
        let document = Document::parse(bytes.to_vec(), Encoding::MICROSIP);
        let by = crate::validate::Check::new(microsip_schema::Version::NEWEST);
        crate::validate::check(&document, by).iter().filter(|it| it.rule() == RULE.name).count()
    }
}
