//! `event-too-new`: an event that the target version doesn't have.

use crate::validate::context::Context;
use crate::validate::finding::Finding;
use crate::validate::hazards;
use crate::validate::rule::rule;

rule! {
    /// ## What it does
    /// Checks for `cmd...` and `On...` keys of events that are newer than the target version.
    ///
    /// ## Why is this bad?
    /// The target version doesn't read the key, so nothing starts.
    ///
    /// ## Example
    /// ```ini
    /// ; for MicroSIP 3.20.1
    /// [Settings]
    /// cmdCallAnswerVideo=C:\hooks\a.exe
    /// ```
    ///
    /// ## Use instead
    /// ```ini
    /// ; for MicroSIP 3.20.1
    /// [Settings]
    /// cmdCallAnswer=C:\hooks\a.exe
    /// ```
    ///
    /// ## How to fix
    /// Update MicroSIP, or use an event that the target version has. `msipctl hook explain --help` lists the events.
    EventTooNew,
    on Document, requires HOOK
}

fn check(context: Context<'_>, findings: &mut Vec<Finding>) {
    findings.extend(hazards::findings(&RULE, context));
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::validate::rules::testing::{check, check_for};
    use microsip_schema::Version;

    #[test]
    fn events_newer_than_the_target_version_are_reported() {
        let text =
            "[Settings]\ncmdCallRing=C:\\a.exe\nOnCallBusy=Log,C:\\x.csv\ncmdCallEnd=C:\\a.exe\n";
        check(&RULE, text, &[]);
        check_for(
            &RULE,
            Version::new(3, 19, 8),
            text,
            &[
                "2: error: MicroSIP 3.19.8 doesn't read `cmdCallRing`, which requires 3.19.10 or newer",
                "3: error: MicroSIP 3.19.8 doesn't read `cmdCallBusy`, which requires 3.19.10 or newer",
            ],
        );
        check_for(&RULE, Version::new(3, 19, 8), "[Settings]\ncmdCallRing=\n", &[]);
    }
}
