//! `header-without-bracket`: a section header with a missing or wrong bracket.

use crate::diagnostic::Severity;
use crate::validate::characters::{self, Hidden};
use crate::validate::context::Context;
use crate::validate::finding::Finding;
use crate::validate::fix::{Fix, Safety};
use crate::validate::rule::rule;
use winini::profile::Profile;
use winini::{Edit, LineKind};

rule! {
    /// ## What it does
    /// Checks for headers of MicroSIP sections with a missing bracket, or with another kind of bracket, such as `(` or `}`.
    ///
    /// ## Why is this bad?
    /// Without `[`, Windows doesn't recognize the header, and the keys below it belong to the section above. With `}` instead of `]`, the section has another name. If only the `]` at the end is missing, Windows reads the right name, but other programs don't, so the finding is `info`.
    ///
    /// ## Example
    /// ```ini
    /// Settings]
    /// DND=1
    /// ```
    ///
    /// ## Use instead
    /// ```ini
    /// [Settings]
    /// DND=1
    /// ```
    ///
    /// ## How to fix
    /// Write the header as `[NAME]`.
    ///
    /// ## Fix safety
    /// Unsafe if another section with that name exists, or if it changes a value that MicroSIP reads, because keys then belong to another section. If only `]` is missing, the fix is always safe. The fix corrects the brackets.
    HeaderWithoutBracket,
    on Line, requires OPEN_HEADER | TEXT | BRACKET,
    fix Always
}

fn check(context: Context<'_>, number: usize, findings: &mut Vec<Finding>) {
    let document = context.document;
    let line = document.line(number);
    let (name, severity, message) = if line.kind() == LineKind::Header {
        let text = document.text(line.content());
        if text.contains(']') {
            return;
        }
        let open = document.text(line.name());
        let name = open.trim_end_matches(['}', ')', '>', '\u{ff3d}']).trim();
        if !characters::is_known(name) {
            return;
        }
        if name.len() == open.len() {
            let message = message!("missing `]` after `[{section}`", section = name);
            (name.to_owned(), Severity::Info, message)
        } else {
            let message = message!(
                "invalid section header `[{header}`: expected `[{section}]`",
                header = open,
                section = name
            );
            (name.to_owned(), Severity::Error, message)
        }
    } else {
        match characters::lost_header(document, number) {
            Some(header) if header.by == Hidden::Bracket => {
                let name = header.name;
                let message = message!(
                    "Windows doesn't recognize this header: expected `[{section}]`",
                    section = name
                );
                (name, Severity::Error, message)
            }
            _ => return,
        }
    };
    let is_unique = Profile::new(document).section(&name).is_none();
    let safety = match severity {
        Severity::Error if !is_unique => Safety::Unsafe,
        _ => Safety::Safe,
    };
    let edit = Edit::ReplaceLine { line: number, text: format!("[{name}]") };
    let fix = Fix::edits(safety, format!("change the header to `[{name}]`"), vec![edit]);
    let finding = RULE.at(number, line.content(), message).about(&name, None);
    findings.push(finding.with_severity(severity).with_fix(fix));
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::validate::rules::testing::{check, fixes};

    #[test]
    fn missing_and_wrong_brackets_are_reported() {
        check(
            &RULE,
            "[Settings\nAccount1]\n(Account2)\n[Account3}\n[Other\nOther]\n[Dialed] x\n",
            &[
                "1: info: missing `]` after `[Settings`",
                "2: error: Windows doesn't recognize this header: expected `[Account1]`",
                "3: error: Windows doesn't recognize this header: expected `[Account2]`",
                "4: error: invalid section header `[Account3}`: expected `[Account3]`",
            ],
        );
    }

    #[test]
    fn fix_restores_missing_brackets() {
        fixes(&RULE, Safety::Safe, "Settings]\nDND=1\n", "[Settings]\nDND=1\n");
        fixes(&RULE, Safety::Safe, "[Settings\nDND=1\n", "[Settings]\nDND=1\n");
        fixes(&RULE, Safety::Safe, "{Account1}\n", "[Account1]\n");
        let duplicated = "[Settings]\nSettings]\n";
        fixes(&RULE, Safety::Safe, duplicated, duplicated);
        fixes(&RULE, Safety::Unsafe, duplicated, "[Settings]\n[Settings]\n");
    }
}
