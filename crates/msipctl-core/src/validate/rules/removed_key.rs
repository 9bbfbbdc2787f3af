//! `removed-key`: a key that no newer version reads.

use crate::validate::context::{Context, EntryLocation};
use crate::validate::finding::Finding;
use crate::validate::fix::{Fix, Safety};
use crate::validate::rule::rule;
use microsip_schema::{Availability, Key, Section};
use winini::profile;

rule! {
    /// ## What it does
    /// A key that MicroSIP has stopped reading, without one that took its place, with a value that once did something.
    ///
    /// ## Why is this bad?
    /// The line is kept, and what it did does not happen any more: with `silent=1`, windows pop up again from 3.22.3 on. What MicroSIP itself carries over at its start, such as the call history, is not reported.
    ///
    /// ## Example
    /// ```ini
    /// [Settings]
    /// silent=1
    /// ```
    ///
    /// ## Use instead
    /// ```ini
    /// [Settings]
    /// minimized=1
    /// ```
    ///
    /// ## How to fix
    /// Look for another way, and delete the line.
    RemovedKey,
    on Known, requires UNAVAILABLE,
    fix Sometimes
}

fn check(
    context: Context<'_>,
    place: EntryLocation<'_>,
    key: &'static Key,
    findings: &mut Vec<Finding>,
) {
    let Availability::NotAfter(until) = key.available(context.microsip) else { return };
    let (section, name, value) = (place.0.name(), place.1.key(), place.1.value());
    let is_usual = key.is_moot(&value, context.microsip);
    let has_heir = microsip_schema::renamed(&section, &name).is_some();
    // `stun-in-account` is a rule of its own.
    let is_left = key.name() == "STUN" || carries_over(key.section());
    if is_usual || has_heir || is_left || key.is_machine_state() {
        return;
    }
    let message = message!("MicroSIP reads `{key}` up to {until} only", key = name, until);
    let edits = profile::unset(context.document, &section, &name);
    let fix = Fix::edits(Safety::Unsafe, format!("delete `{name}`, which nobody reads"), edits);
    findings.push(RULE.at_key(place, message).with_fix(fix));
}

/// Says whether newer versions take the section's entries into a file of their own.
fn carries_over(section: Section) -> bool {
    matches!(section, Section::Calls | Section::Contacts)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::validate::rules::testing::{check, check_for, fixes};
    use microsip_schema::Version;

    #[test]
    fn removed_key_is_reported_unless_it_had_no_effect() {
        let text = "[Settings]\nsilent=1\ncrashReport=0\ncheckUpdatesTime=1\ndisableH264=1\n[Calls]\n0=1;2;3;4;5\n";
        check(&RULE, text, &["2: warning: MicroSIP reads `silent` up to 3.21.6 only"]);
        check(&RULE, "[Settings]\nsilent=0\n[Account1]\npasswordSize=\nSTUN=\n", &[]);
        check_for(&RULE, Version::new(3, 21, 6), text, &[]);
    }

    #[test]
    fn unsafe_fix_removes_the_line() {
        fixes(&RULE, Safety::Unsafe, "[Settings]\nsilent=1\nAA=0\n", "[Settings]\nAA=0\n");
        fixes(&RULE, Safety::Safe, "[Settings]\nsilent=1\n", "[Settings]\nsilent=1\n");
    }
}
