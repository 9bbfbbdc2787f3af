//! `launcher-without-directive`: a launcher without a directive to run.

use super::unknown_hook;
use crate::event::{Event, Hooks, SETTINGS};
use crate::validate::context::Context;
use crate::validate::finding::Finding;
use crate::validate::fix::{Fix, Safety};
use crate::validate::hazards;
use crate::validate::rule::rule;
use winini::LineKind;
use winini::profile;
use winini::profile::SectionView;

rule! {
    /// ## What it does
    /// Checks for `cmd...` keys that start msipctl for an event without an `On...` directive.
    ///
    /// ## Why is this bad?
    /// On every such call, MicroSIP starts msipctl, which finds nothing to do.
    ///
    /// ## Example
    /// ```ini
    /// [Settings]
    /// cmdCallEnd="C:\msipctl\msipctl.exe" hook run call-end
    /// ```
    ///
    /// ## Use instead
    /// ```ini
    /// [Settings]
    /// OnCallEnd=Log,C:\calls\end.csv
    /// cmdCallEnd="C:\msipctl\msipctl.exe" hook run call-end
    /// ```
    ///
    /// ## How to fix
    /// Run `msipctl hook add` to add a directive, or remove the launcher. If msipctl recorded the launcher, run `msipctl hook remove`, which also restores the previous command.
    ///
    /// ## Fix safety
    /// Always unsafe, because a directive may have been lost. The fix removes the launcher. msipctl has no fix if it recorded the launcher, or if a directive of the event is misspelled or in another section.
    LauncherWithoutDirective,
    on Document, requires HOOK,
    fix Sometimes
}

fn check(context: Context<'_>, findings: &mut Vec<Finding>) {
    for found in hazards::of(&RULE, context) {
        let (key, finding) = (found.event.key(), found.finding());
        if Hooks::new(context.profile).record(key).is_some() {
            let help = format!("run `msipctl hook remove {}` to remove the launcher", found.event);
            findings.push(finding.with_help(help));
            continue;
        }
        if is_misplaced(context, found.event) {
            findings.push(finding.with_help(
                "correct the directive of this event: it is misspelled or in another section",
            ));
            continue;
        }
        let edits = profile::unset(context.document, SETTINGS, key);
        findings.push(finding.with_fix(Fix::edits(
            Safety::Unsafe,
            format!("remove `{key}`"),
            edits,
        )));
    }
}

/// Returns whether a directive of an event is in a section where msipctl doesn't read it, or has a misspelled name.
fn is_misplaced(context: Context<'_>, event: Event) -> bool {
    let document = context.document;
    let entries = document.lines().iter().filter(|line| line.kind() == LineKind::Entry);
    let is_of_event = |key: &str| Event::of_directive(key).is_some_and(|(of, _)| of == event);
    let in_settings = context.profile.section(SETTINGS).into_iter().flat_map(SectionView::entries);
    entries.map(|line| document.text(line.name())).any(|key| is_of_event(&key))
        || in_settings
            .filter_map(|entry| unknown_hook::unknown(SETTINGS, entry)?)
            .any(|meant| is_of_event(&meant))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::validate::rules::testing::{check, fixes};

    #[test]
    fn launcher_without_directive_is_reported_and_removed() {
        let launcher = "[Settings]\nAA=1\ncmdCallEnd=C:\\m.exe hook run call-end\n";
        let message = "3: warning: `cmdCallEnd`: the launcher has nothing to run, because the event has no directive";
        check(&RULE, launcher, &[message]);
        check(&RULE, format!("{launcher}OnCallEnd.4=Log,C:\\x.csv\n"), &[]);
        fixes(&RULE, Safety::Unsafe, launcher, "[Settings]\nAA=1\n");
        let recorded = format!("{launcher}[msipctl]\ncmdCallEnd=launcher\n");
        fixes(&RULE, Safety::Unsafe, &recorded, &recorded);
        for elsewhere in ["[Account1]\nOnCallEnd=Log,C:\\x.csv\n", "OnCalEnd=Log,C:\\x.csv\n"] {
            let elsewhere = format!("{launcher}{elsewhere}");
            fixes(&RULE, Safety::Unsafe, &elsewhere, &elsewhere);
        }
    }
}
