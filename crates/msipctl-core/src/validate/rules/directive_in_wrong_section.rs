//! `directive-in-wrong-section`: a directive where msipctl does not look for it.

use crate::event;
use crate::event::{Event, SETTINGS};
use crate::validate::context::Context;
use crate::validate::finding::Finding;
use crate::validate::fix::{Fix, Safety};
use crate::validate::moving;
use crate::validate::rule::rule;
use winini::{Edit, LineKind};

rule! {
    /// ## What it does
    /// An `On...` directive in another section of MicroSIP's than `[Settings]`, or above the first section.
    ///
    /// ## Why is this bad?
    /// msipctl reads directives in `[Settings]` only. Scripts that append a line at the end of the file put it into the last section, where nothing runs it.
    ///
    /// ## Example
    /// ```ini
    /// [Settings]
    /// cmdCallEnd=C:\msipctl\msipctl.exe hook run call-end
    /// [Account1]
    /// OnCallEnd=Log,C:\calls\end.csv
    /// ```
    ///
    /// ## Use instead
    /// ```ini
    /// [Settings]
    /// OnCallEnd=Log,C:\calls\end.csv
    /// cmdCallEnd=C:\msipctl\msipctl.exe hook run call-end
    /// ```
    ///
    /// ## How to fix
    /// The line moves to `[Settings]`. Safe where that has no directive of this number; where it has another one, the line gets the next free number, which is unsafe. One that stands there already goes.
    DirectiveInWrongSection,
    on Line, requires HOOK,
    fix Sometimes
}

fn check(context: Context<'_>, line: usize, findings: &mut Vec<Finding>) {
    let document = context.document;
    let span = document.line(line).name();
    let key = document.text(span);
    if document.line(line).kind() != LineKind::Entry || Event::of_directive(&key).is_none() {
        return;
    }
    let finding = if document.section_of(line).is_none() {
        let message =
            message!("`{key}` stands above the first section, where it is never read", key);
        RULE.at(line, span, message)
    } else {
        let Some(((section, entry), _)) = context.counted(line) else { return };
        let name = section.name();
        if name.eq_ignore_ascii_case(SETTINGS) {
            return;
        }
        let message = message!(
            "`{key}` stands in `[{section}]`, where msipctl does not read it",
            key,
            section = name
        );
        RULE.at_key((section, entry), message)
    };
    let finding = finding.with_help("it belongs in `[Settings]`");
    findings.push(finding.with_fix(fix(context, &key, line)));
}

fn fix(context: Context<'_>, key: &str, line: usize) -> Option<Fix> {
    let (event, number) = Event::of_directive(key)?;
    let placed = context.directives(event);
    let written = context.document.text(context.document.line(line).value());
    let title = |key: &str| format!("move it to `[Settings]` as `{key}`");
    let of_number = placed.iter().find(|placed| placed.number == number);
    let (safety, title, edits) = match of_number.map(|placed| placed.entry.value()) {
        None => (Safety::Safe, title(key), moving::moved_line(context, line, key)?),
        Some(value) if value == event::read_back(&written) => {
            let edits = vec![Edit::RemoveLine { line }];
            (Safety::Safe, "take the line away, as it stands in `[Settings]`".to_owned(), edits)
        }
        Some(_) => {
            let key = moving::free_key(event, &placed);
            (Safety::Unsafe, title(&key), moving::moved_line(context, line, &key)?)
        }
    };
    Some(Fix::edits(safety, title, edits))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::validate::rules::testing::{check, fixes};

    #[test]
    fn directives_outside_settings_are_reported_except_in_foreign_sections() {
        check(
            &RULE,
            "OnCallStart=Log,C:\\x.csv\n[Settings]\nOnCallEnd=Log,C:\\x.csv\n[Account1]\nOnCallEnd=Log,C:\\x.csv\n[Other]\nOnCallEnd=x\n[msipctl]\nOnCallEnd=call-log\n",
            &[
                "1: error: `OnCallStart` stands above the first section, where it is never read",
                "5: error: `OnCallEnd` stands in `[Account1]`, where msipctl does not read it",
            ],
        );
    }

    #[test]
    fn fix_moves_directive_to_settings() {
        let before = "[Settings]\nAA=1\n[Account1]\nOnCallEnd=Log,C:\\x.csv\nlabel=a\n";
        let after = "[Settings]\nAA=1\nOnCallEnd=Log,C:\\x.csv\n[Account1]\nlabel=a\n";
        fixes(&RULE, Safety::Safe, before, after);
        let above = "OnCallEnd=Log,C:\\x.csv\n[Settings]\nAA=1\n";
        let below = "[Settings]\nAA=1\nOnCallEnd=Log,C:\\x.csv\n";
        fixes(&RULE, Safety::Safe, above, below);
        let twice = format!("{after}OnCallEnd=Log,C:\\x.csv\n");
        fixes(&RULE, Safety::Safe, twice, after);
        let other = format!("{after}OnCallEnd=Log,C:\\y.csv\n");
        fixes(&RULE, Safety::Safe, &other, &other);
        let numbered = "[Settings]\nAA=1\nOnCallEnd=Log,C:\\x.csv\nOnCallEnd.2=Log,C:\\y.csv\n[Account1]\nlabel=a\n";
        fixes(&RULE, Safety::Unsafe, &other, numbered);
    }
}
