//! `removed-key`: key that newer versions no longer read.

use crate::validate::context::{Context, EntryLocation};
use crate::validate::finding::Finding;
use crate::validate::fix::{Fix, Safety};
use crate::validate::rule::rule;
use microsip_schema::{Availability, Key, Section};
use winini::profile;

rule! {
    /// ## What it does
    /// Checks for keys that newer MicroSIP versions no longer read and didn't replace, if the value once had an effect.
    ///
    /// ## Why is this bad?
    /// MicroSIP keeps the line but ignores it. For example, with `silent=1`, windows pop up again from 3.22.3 on. Keys that MicroSIP itself migrates when it starts, such as the call history, aren't reported.
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
    /// Find another setting with the same effect, and delete the line.
    ///
    /// ## Fix safety
    /// Deletes the line. Unsafe, because an older MicroSIP still reads it.
    RemovedKey,
    on Known, requires UNAVAILABLE,
    fix Always
}

fn check(
    context: Context<'_>,
    location: EntryLocation<'_>,
    key: &'static Key,
    findings: &mut Vec<Finding>,
) {
    let Availability::NotAfter(until) = key.available(context.microsip) else { return };
    let (section, name, value) = (location.0.name(), location.1.key(), location.1.value());
    let has_no_effect = key.is_moot(&value, context.microsip);
    let is_renamed = microsip_schema::renamed(&section, &name).is_some();
    // `stun-in-account` reports the first one.
    let is_excluded = key.name() == "STUN" || carries_over(key.section());
    if has_no_effect || is_renamed || is_excluded || key.is_machine_state() {
        return;
    }
    let message = message!("MicroSIP reads `{key}` only up to {until}", key = name, until);
    let edits = profile::unset(context.document, &section, &name);
    let title = format!("delete `{name}`, which MicroSIP doesn't read");
    let fix = Fix::edits(Safety::Unsafe, title, edits);
    findings.push(RULE.at_key(location, message).with_fix(fix));
}

/// Returns whether newer versions move the entries of a section to another file.
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
        check(&RULE, text, &["2: warning: MicroSIP reads `silent` only up to 3.21.6"]);
        check(&RULE, "[Settings]\nsilent=0\n[Account1]\npasswordSize=\nSTUN=\n", &[]);
        check_for(&RULE, Version::new(3, 21, 6), text, &[]);
    }

    #[test]
    fn unsafe_fix_removes_the_line() {
        fixes(&RULE, Safety::Unsafe, "[Settings]\nsilent=1\nAA=0\n", "[Settings]\nAA=0\n");
        fixes(&RULE, Safety::Safe, "[Settings]\nsilent=1\n", "[Settings]\nsilent=1\n");
    }
}
