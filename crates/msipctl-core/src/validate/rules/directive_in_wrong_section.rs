//! `directive-in-wrong-section`: a directive in a section that msipctl doesn't read.

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
    /// Checks for `On...` directives in a MicroSIP section other than `[Settings]`, or before the first section.
    ///
    /// ## Why is this bad?
    /// msipctl reads directives only in `[Settings]`. Scripts that append a line to the file add it to the last section, where nothing runs it.
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
    /// Move the line to `[Settings]`. If that section has another directive with the same number, use the next free number.
    ///
    /// ## Fix safety
    /// Unsafe if `[Settings]` has another directive with the same number, because the moved line then gets the next free one. The fix moves the line to `[Settings]`. If the same directive is there already, the fix removes the line.
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
        let message = message!("`{key}` is before the first section, so nothing reads it", key);
        RULE.at(line, span, message)
    } else {
        let Some(((section, entry), _)) = context.counted(line) else { return };
        let name = section.name();
        if name.eq_ignore_ascii_case(SETTINGS) {
            return;
        }
        let message = message!(
            "`{key}` is in `[{section}]`, where msipctl doesn't read it",
            key,
            section = name
        );
        RULE.at_key((section, entry), message)
    };
    let finding = finding.with_help("move it to `[Settings]`");
    findings.push(finding.with_fix(fix(context, &key, line)));
}

fn fix(context: Context<'_>, key: &str, line: usize) -> Option<Fix> {
    let (event, number) = Event::of_directive(key)?;
    let installed = context.directives(event);
    let written = context.document.text(context.document.line(line).value());
    let title = |key: &str| format!("move it to `[Settings]` as `{key}`");
    let same_number = installed.iter().find(|directive| directive.number == number);
    let (safety, title, edits) = match same_number.map(|directive| directive.entry.value()) {
        None => (Safety::Safe, title(key), moving::moved_line(context, line, key)?),
        Some(value) if value == event::read_back(&written) => {
            let edits = vec![Edit::RemoveLine { line }];
            (Safety::Safe, "remove it, because `[Settings]` already contains it".to_owned(), edits)
        }
        Some(_) => {
            let key = moving::free_key(event, &installed);
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
                "1: error: `OnCallStart` is before the first section, so nothing reads it",
                "5: error: `OnCallEnd` is in `[Account1]`, where msipctl doesn't read it",
            ],
        );
    }

    #[test]
    fn fix_moves_directive_to_settings() {
        let before = "[Settings]\nAA=1\n[Account1]\nOnCallEnd=Log,C:\\x.csv\nlabel=a\n";
        let after = "[Settings]\nAA=1\nOnCallEnd=Log,C:\\x.csv\n[Account1]\nlabel=a\n";
        fixes(&RULE, Safety::Safe, before, after);
        let before_sections = "OnCallEnd=Log,C:\\x.csv\n[Settings]\nAA=1\n";
        let in_settings = "[Settings]\nAA=1\nOnCallEnd=Log,C:\\x.csv\n";
        fixes(&RULE, Safety::Safe, before_sections, in_settings);
        let duplicated = format!("{after}OnCallEnd=Log,C:\\x.csv\n");
        fixes(&RULE, Safety::Safe, duplicated, after);
        let other = format!("{after}OnCallEnd=Log,C:\\y.csv\n");
        fixes(&RULE, Safety::Safe, &other, &other);
        let numbered = "[Settings]\nAA=1\nOnCallEnd=Log,C:\\x.csv\nOnCallEnd.2=Log,C:\\y.csv\n[Account1]\nlabel=a\n";
        fixes(&RULE, Safety::Unsafe, &other, numbered);
    }
}
