//! `double-byte-ansi`: a code page in which a letter has two bytes.

use crate::validate::context::Context;
use crate::validate::finding::Finding;
use crate::validate::fix::Fix;
use crate::validate::rule::rule;
use winini::Encoding;

rule! {
    /// ## What it does
    /// A file in the code page of Japanese, Chinese or Korean (932, 936, 949, 950) that holds letters of two bytes, or in UTF-8 where that is the system's code page (65001).
    ///
    /// ## Why is this bad?
    /// MicroSIP 3.19.12 and newer converts it, and counts bytes where it means letters: the text comes out right, with junk behind its end.
    ///
    /// ## Example
    /// Any file with Japanese text, saved as "ANSI" on a Japanese Windows.
    ///
    /// ## Use instead
    /// UTF-16LE with byte order mark, as MicroSIP writes it.
    ///
    /// ## How to fix
    /// The file is written as UTF-16LE with byte order mark.
    DoubleByteAnsi,
    on Document, requires ENCODING,
    fix Sometimes
}

fn check(context: Context<'_>, findings: &mut Vec<Finding>) {
    if let Encoding::Ansi(page) = context.document.encoding()
        && page.is_double_byte()
    {
        let message = message!(
            "the file is in code page {page}, and MicroSIP puts junk behind its end when it converts it",
            page = page.number()
        );
        let finding = RULE.at_file(context.document, message);
        findings.push(finding.with_fix(Fix::as_microsip_writes()));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::validate::{self, Check, Safety, Selection};
    use microsip_schema::Version;
    use winini::{CodePage, Document};

    #[test]
    fn fix_converts_multi_byte_code_pages_to_utf16() {
        let selection = Selection::new(&[RULE.name], &[]).unwrap();
        let by = Check { selection: &selection, ..Check::new(Version::NEWEST) };
        for (number, text) in [
            (65001, "\u{fc}"),
            (932, "\u{8868}"),
            (936, "\u{4e2d}"),
            (949, "\u{d55c}"),
            (950, "\u{7e41}"),
        ] {
            let page = Encoding::Ansi(CodePage::new(number).unwrap());
            let text = format!("[Account1]\r\nlabel={text}\r\n");
            let document = Document::parse(page.encode(&text).unwrap().into(), page);
            assert_eq!(validate::check(&document, by).len(), 1);
            let fixed = validate::apply_fixes(&document, by, Safety::Safe).after;
            assert_eq!(Encoding::MICROSIP.decode(&fixed.bytes()[2..]), text);
            assert!(validate::check(&fixed, by).is_empty());
        }
        let western = Document::parse(b"[S]\nk=\xfc\n".to_vec(), Encoding::Ansi(CodePage::WESTERN));
        assert!(validate::check(&western, by).is_empty());
    }
}
