//! `utf16-corrupt-line-endings`: UTF-16 whose line endings were converted as bytes.

use crate::validate::context::Context;
use crate::validate::finding::Finding;
use crate::validate::fix::{Fix, Safety};
use crate::validate::rule::rule;
use crate::validate::segments;

rule! {
    /// ## What it does
    /// Checks for UTF-16 files in which a tool added or removed a byte of a line ending.
    ///
    /// ## Why is this bad?
    /// One extra or missing byte shifts everything after it, so MicroSIP reads that part as garbage and finds no keys in it.
    ///
    /// ## Example
    /// A file that Git checked out with `core.autocrlf`, or that `sed`, `unix2dos`, or an FTP program in text mode changed.
    ///
    /// ## Use instead
    /// Line endings of two UTF-16 characters with two bytes each.
    ///
    /// ## How to fix
    /// Restore the line endings. To prevent the problem, add `*.ini -text` to `.gitattributes`.
    ///
    /// ## Fix safety
    /// Always safe. Restores the missing bytes, or removes the extra ones.
    Utf16CorruptLineEndings,
    on Document, requires ENCODING | WIDE,
    fix Always
}

fn check(context: Context<'_>, findings: &mut Vec<Finding>) {
    let Some((first, restored)) = segments::with_restored_line_endings(context.document) else {
        return;
    };
    let number = context.document.position(first).line - 1;
    let Some(line) = context.document.lines().get(number) else { return };
    let message = message!("UTF-16 line endings were converted as bytes from here on");
    let finding = RULE.at(number, line.content(), message);
    let fix = Fix::whole(Safety::Safe, "restore the UTF-16 line endings", restored);
    findings.push(finding.with_fix(fix));
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::validate::rules::testing::{check, fixes};

    #[test]
    fn fix_removes_extra_bytes_from_line_endings() {
        let intact = b"\xff\xfe[\0S\0]\0\r\0\n\0k\0=\x001\0\r\0\n\0";
        let corrupt = b"\xff\xfe[\0S\0]\0\r\0\r\n\0k\0=\x001\0\r\0\r\n\0";
        check(&RULE, intact, &[]);
        let message = "UTF-16 line endings were converted as bytes from here on";
        assert_eq!(messages(corrupt), [message]);
        fixes(&RULE, Safety::Safe, corrupt, intact);
    }

    fn messages(bytes: &[u8]) -> Vec<String> {
        use winini::{Document, Encoding};
        let document = Document::parse(bytes.to_vec(), Encoding::MICROSIP);
        let by = crate::validate::Check::new(microsip_schema::Version::NEWEST);
        let findings = crate::validate::check(&document, by);
        let found = findings.iter().filter(|it| it.rule() == RULE.name);
        found.map(|it| it.message().to_string()).collect()
    }
}
