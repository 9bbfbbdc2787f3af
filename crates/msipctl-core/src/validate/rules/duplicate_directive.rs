//! `duplicate-directive`: a second directive with the same number.

use crate::event::{Event, InstalledDirective, SETTINGS};
use crate::validate::context::Context;
use crate::validate::finding::Finding;
use crate::validate::fix::{Fix, Safety};
use crate::validate::moving;
use crate::validate::rule::rule;
use winini::Edit;

rule! {
    /// ## What it does
    /// Checks for `On...` keys that appear more than once in `[Settings]`.
    ///
    /// ## Why is this bad?
    /// msipctl runs only the first directive with a given name. To run several directives on one event, number them.
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
    /// Number the later directives, for example `OnCallEnd.2`. Remove directives that repeat an earlier one.
    ///
    /// ## Fix safety
    /// Unsafe if the directives differ, because the later one then runs. The fix gives it the next free number. If the directives are identical, the fix removes the later one.
    DuplicateDirective,
    on Document, requires SHADOWED,
    fix Sometimes
}

fn check(context: Context<'_>, findings: &mut Vec<Finding>) {
    let Some(section) = context.profile.section(SETTINGS) else { return };
    let by_event = Event::ALL.map(|event| (event, context.directives(event)));
    for (event, InstalledDirective { number, entry }) in context.directive_entries() {
        let key = entry.key();
        let Some((_, installed)) = by_event.iter().find(|(of, _)| *of == event) else { continue };
        let Some(first) = installed.iter().find(|other| other.number == number) else { continue };
        if first.entry.line() == entry.line() {
            continue;
        }
        let line = first.entry.line() + 1;
        let message = message!(
            "duplicate directive `{key}`: msipctl runs only the one in line {line}",
            key,
            line
        );
        let finding = RULE.at_key((section, entry), message);
        if first.entry.value() == entry.value() {
            let edits = vec![Edit::RemoveLine { line: entry.line() }];
            findings.push(finding.with_fix(Fix::edits(
                Safety::Safe,
                "remove the duplicate",
                edits,
            )));
            continue;
        }
        let free = moving::free_key(event, installed);
        let finding = finding.with_help(format!("use the next free number: `{free}`"));
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
                "3: error: duplicate directive `oncallend`: msipctl runs only the one in line 2",
                "5: error: duplicate directive `OnCallEnd`: msipctl runs only the one in line 2",
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
