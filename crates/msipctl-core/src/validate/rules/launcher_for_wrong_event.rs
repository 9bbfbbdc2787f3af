//! `launcher-for-wrong-event`: a launcher that runs the directives of another event.

use crate::event::Launcher;
use crate::validate::context::Context;
use crate::validate::finding::Finding;
use crate::validate::fix::Safety;
use crate::validate::hazards;
use crate::validate::hazards::LocatedHazard;
use crate::validate::rule::rule;

rule! {
    /// ## What it does
    /// Checks for `cmd...` keys that start msipctl for an event other than their own.
    ///
    /// ## Why is this bad?
    /// msipctl receives the wrong event. The directives of this event never run, and those of the other event run twice or at the wrong moment. The usual cause is a key that was copied from another line. The finding is an error if this event has directives, and otherwise a warning.
    ///
    /// ## Example
    /// ```ini
    /// [Settings]
    /// OnCallEnd=Log,C:\calls\end.csv
    /// cmdCallEnd="C:\msipctl\msipctl.exe" hook run call-start
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
    /// Change the event at the end of the command to the event of the key.
    ///
    /// ## Fix safety
    /// Always unsafe, because the other event can be intended. The fix changes the launcher to the event of its key.
    LauncherForWrongEvent,
    on Document, requires HOOK,
    fix Sometimes
}

fn check(context: Context<'_>, findings: &mut Vec<Finding>) {
    for found in hazards::of(&RULE, context) {
        let finding = found.finding();
        findings.push(match corrected(&found) {
            Some(launcher) => {
                let title = format!("change the event of the launcher to `{}`", found.event);
                finding.with_fix(found.rewrite(Safety::Unsafe, title, launcher.value()))
            }
            None => finding,
        });
    }
}

/// Returns the launcher for the event of its key.
fn corrected(found: &LocatedHazard<'_>) -> Option<Launcher> {
    let other = Launcher::parse(found.entry().value().trim())?;
    let launcher = Launcher::new(other.program(), found.event).ok()?;
    match other.ini() {
        Some(ini) => launcher.with_ini(ini).ok(),
        None => Some(launcher),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::validate::rules::testing::{check, fixes};

    #[test]
    fn launcher_for_another_event_is_reported_and_fixed() {
        let other = "[Settings]\ncmdCallEnd=\"C:\\m.exe\" hook run --ini C:\\x.ini call-start\n";
        let message = "`cmdCallEnd`: the launcher runs the directives of call-start";
        check(&RULE, other, &[&format!("2: warning: {message}")]);
        let directive = format!("{other}OnCallEnd=Log,C:\\x.csv\n");
        check(&RULE, directive, &[&format!("2: error: {message}")]);
        let own = "[Settings]\ncmdCallEnd=\"C:\\m.exe\" hook run --ini C:\\x.ini call-end\n";
        check(&RULE, own, &[]);
        fixes(&RULE, Safety::Safe, other, other);
        fixes(&RULE, Safety::Unsafe, other, own);
    }
}
