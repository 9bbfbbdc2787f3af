//! `header-without-bracket`: a header that lost a bracket, or has another one.

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
    /// A header of a section of MicroSIP's that lacks one of its brackets, or has round or curly ones.
    ///
    /// ## Why is this bad?
    /// Without `[`, Windows sees no header, and the keys below belong to the section above. With `}` for `]`, the name is another one. Only a `]` that is missing at the end of the line does no harm on Windows; other programs read another name.
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
    /// The brackets are put right. That is unsafe when another section of that name exists.
    HeaderWithoutBracket,
    on Line, requires OPEN_HEADER | TEXT | BRACKET,
    fix Sometimes
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
            let message = message!("`]` is missing behind `[{section}`", section = name);
            (name.to_owned(), Severity::Info, message)
        } else {
            let message = message!(
                "this header names `{written}`, expected `[{section}]`",
                written = open,
                section = name
            );
            (name.to_owned(), Severity::Error, message)
        }
    } else {
        match characters::lost_header(document, number) {
            Some(header) if header.by == Hidden::Bracket => {
                let name = header.name;
                let message =
                    message!("Windows sees no header here, expected `[{section}]`", section = name);
                (name, Severity::Error, message)
            }
            _ => return,
        }
    };
    let is_alone = Profile::new(document).section(&name).is_none();
    let safety = match severity {
        Severity::Error if !is_alone => Safety::Unsafe,
        _ => Safety::Safe,
    };
    let edit = Edit::ReplaceLine { line: number, text: format!("[{name}]") };
    let fix = Fix::edits(safety, format!("write `[{name}]`"), vec![edit]);
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
                "1: info: `]` is missing behind `[Settings`",
                "2: error: Windows sees no header here, expected `[Account1]`",
                "3: error: Windows sees no header here, expected `[Account2]`",
                "4: error: this header names `Account3}`, expected `[Account3]`",
            ],
        );
    }

    #[test]
    fn fix_restores_missing_brackets() {
        fixes(&RULE, Safety::Safe, "Settings]\nDND=1\n", "[Settings]\nDND=1\n");
        fixes(&RULE, Safety::Safe, "[Settings\nDND=1\n", "[Settings]\nDND=1\n");
        fixes(&RULE, Safety::Safe, "{Account1}\n", "[Account1]\n");
        let twice = "[Settings]\nSettings]\n";
        fixes(&RULE, Safety::Safe, twice, twice);
        fixes(&RULE, Safety::Unsafe, twice, "[Settings]\n[Settings]\n");
    }
}
