//! `double-byte-ansi`: a code page in which a character can have two bytes.

use crate::validate::context::Context;
use crate::validate::finding::Finding;
use crate::validate::fix::Fix;
use crate::validate::rule::rule;
use winini::Encoding;

rule! {
    /// ## What it does
    /// Checks for non-ASCII text in a Japanese, Chinese, or Korean code page (932, 936, 949, 950), or in UTF-8 as the system code page (65001).
    ///
    /// ## Why is this bad?
    /// MicroSIP 3.19.12 and newer converts such a file, and counts bytes as characters. The text is correct, but stray text follows its end.
    ///
    /// ## Example
    /// Any file with Japanese text that was saved as "ANSI" on a Japanese Windows PC.
    ///
    /// ## Use instead
    /// UTF-16LE with BOM, the encoding that MicroSIP writes.
    ///
    /// ## How to fix
    /// Save the file as UTF-16LE with BOM.
    ///
    /// ## Fix safety
    /// Always safe. The fix converts the file to UTF-16LE with BOM.
    DoubleByteAnsi,
    on Document, requires ENCODING,
    fix Always
}

fn check(context: Context<'_>, findings: &mut Vec<Finding>) {
    if let Encoding::Ansi(page) = context.document.encoding()
        && page.is_double_byte()
    {
        let message = message!(
            "MicroSIP adds stray text to the end of the file when it converts it from code page {page}",
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
