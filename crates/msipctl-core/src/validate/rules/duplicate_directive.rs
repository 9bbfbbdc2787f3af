//! `duplicate-directive`: a second directive of one number.

use crate::event::{Event, InstalledDirective, SETTINGS};
use crate::validate::context::Context;
use crate::validate::finding::Finding;
use crate::validate::fix::{Fix, Safety};
use crate::validate::moving;
use crate::validate::rule::rule;
use winini::Edit;

rule! {
    /// ## What it does
    /// A second `On...` key of the same name in `[Settings]`.
    ///
    /// ## Why is this bad?
    /// Of like keys the first one counts, and the second directive never runs. Several directives of an event need numbers.
    ///
    /// ## Example
    /// ```ini
    /// [Settings]
    /// OnCallEnd=Log,C:\calls\end.csv
    /// OnCallEnd=Udp,localhost:9000,%number%
    /// cmdCallEnd=C:\msipctl\msipctl.exe hook run call-end
    /// ```
    ///
    /// ## Use instead
    /// ```ini
    /// [Settings]
    /// OnCallEnd=Log,C:\calls\end.csv
    /// OnCallEnd.2=Udp,localhost:9000,%number%
    /// cmdCallEnd=C:\msipctl\msipctl.exe hook run call-end
    /// ```
    ///
    /// ## How to fix
    /// The second gets the next free number, which is unsafe, as it then runs. One that says the same as the first goes, which is safe.
    DuplicateDirective,
    on Document, requires SHADOWED,
    fix Sometimes
}

fn check(context: Context<'_>, findings: &mut Vec<Finding>) {
    let Some(section) = context.profile.section(SETTINGS) else { return };
    let placed = Event::ALL.map(|event| (event, context.directives(event)));
    for (event, InstalledDirective { number, entry }) in context.directive_entries() {
        let key = entry.key();
        let Some((_, placed)) = placed.iter().find(|(of, _)| *of == event) else { continue };
        let Some(first) = placed.iter().find(|placed| placed.number == number) else { continue };
        if first.entry.line() == entry.line() {
            continue;
        }
        let above = first.entry.line() + 1;
        let message = message!(
            "second directive `{key}`, only the one in line {line} runs",
            key,
            line = above
        );
        let finding = RULE.at_key((section, entry), message);
        if first.entry.value() == entry.value() {
            let edits = vec![Edit::RemoveLine { line: entry.line() }];
            findings.push(finding.with_fix(Fix::edits(Safety::Safe, "take the line away", edits)));
            continue;
        }
        let free = moving::free_key(event, placed);
        let finding = finding.with_help(format!("`{free}` is free"));
        findings.push(match moving::renamed(context, entry, &free) {
            Some(edits) => {
                let title = format!("rename it to `{free}`");
                finding.with_fix(Fix::edits(Safety::Unsafe, title, edits))
            }
            None => finding,
        });
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::validate::rules::testing::{check, fixes};

    #[test]
    fn unsafe_fix_numbers_duplicate_directives() {
        let text = "[Settings]\nOnCallEnd=Log,C:\\x.csv\noncallend=Log,C:\\y.csv\nOnCallEnd.2=Log,C:\\z.csv\nOnCallEnd=Log,C:\\a.csv\n";
        check(
            &RULE,
            text,
            &[
                "3: error: second directive `oncallend`, only the one in line 2 runs",
                "5: error: second directive `OnCallEnd`, only the one in line 2 runs",
            ],
        );
        fixes(&RULE, Safety::Safe, text, text);
        let after = "[Settings]\nOnCallEnd=Log,C:\\x.csv\nOnCallEnd.3=Log,C:\\y.csv\nOnCallEnd.2=Log,C:\\z.csv\nOnCallEnd.4=Log,C:\\a.csv\n";
        fixes(&RULE, Safety::Unsafe, text, after);
    }

    #[test]
    fn safe_fix_removes_identical_duplicate_directive() {
        let text = "[Settings]\nOnCallEnd=Log,C:\\x.csv\nOnCallEnd=\"Log,C:\\x.csv\"\n";
        fixes(&RULE, Safety::Safe, text, "[Settings]\nOnCallEnd=Log,C:\\x.csv\n");
    }
}
