//! `key-too-new`: a key that the target version doesn't read yet.

use std::collections::HashSet;

use crate::validate::context::Context;
use crate::validate::features::FeatureSet;
use crate::validate::finding::Finding;
use crate::validate::rule::rule;
use microsip_schema::{Availability, Kind};

rule! {
    /// ## What it does
    /// Checks for keys that only versions newer than the target version read, if their value differs from the default.
    ///
    /// ## Why is this bad?
    /// The older version keeps the line, but ignores it. msipctl knows the source of only some versions, so a version in between can already read the key. `STUN` in `[Settings]` is also reported for 3.14.0 to 3.14.5, which don't read it, although versions before and after do.
    ///
    /// ## Example
    /// ```ini
    /// ; for MicroSIP 3.19.8
    /// [Settings]
    /// callWaiting=0
    /// ```
    ///
    /// ## Use instead
    /// ```ini
    /// ; for MicroSIP 3.19.27
    /// [Settings]
    /// callWaiting=0
    /// ```
    ///
    /// ## How to fix
    /// Install a newer MicroSIP. If another version is in use, pass it with `--microsip`. The line does no harm.
    KeyTooNew,
    on Document, requires UNAVAILABLE
}

fn check(context: Context<'_>, findings: &mut Vec<Finding>) {
    let mut lists = HashSet::new();
    let unavailable = context.entries_with(FeatureSet::UNAVAILABLE);
    for (location, key) in unavailable.filter_map(|(location, key)| Some((location, key?))) {
        let target = context.microsip;
        let available = key.available(target);
        let (Availability::NotBefore(_) | Availability::NotWithin(..)) = available else {
            continue;
        };
        if key.is_moot(&location.1.value(), target) || key.is_machine_state() {
            continue;
        }
        // One finding is enough for a numbered list.
        let is_entry = key.kind() == Kind::Record;
        if is_entry && !lists.insert(key.section()) {
            continue;
        }
        let name = if is_entry {
            format!("[{}]", location.0.name())
        } else {
            location.1.key().into_owned()
        };
        let message = match available {
            Availability::NotWithin(first, last) => {
                message!(
                    "MicroSIP {first} to {last} doesn't read `{name}`, and the target version is {microsip}",
                    first,
                    last,
                    name,
                    microsip = target
                )
            }
            Availability::NotBefore(since) => {
                message!(
                    "`{name}` first appears in MicroSIP {since}, but the target version is {microsip}",
                    name,
                    since,
                    microsip = target
                )
            }
            _ => continue,
        };
        findings.push(RULE.at_key(location, message));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::validate::rules::testing::{check, check_for};

    #[test]
    fn newer_key_is_reported_unless_it_has_the_default_value() {
        let text = "[Settings]\ncallWaiting=0\nbuttonAC=1\nheadsetSupport=\nversion=3.22.3\n";
        check(&RULE, text, &[]);
        let message = "2: warning: `callWaiting` first appears in MicroSIP 3.19.27, but the target version is 3.19.8";
        check_for(&RULE, microsip_schema::Version::new(3, 19, 8), text, &[message]);
        let message = "2: warning: `[Shortcuts]` first appears in MicroSIP 3.18.5, but the target version is 3.15.6";
        let list = "[Shortcuts]\n0=a;1;call\n1=b;2;call\n";
        check_for(&RULE, microsip_schema::Version::new(3, 15, 6), list, &[message]);
    }

    #[test]
    fn key_is_reported_when_only_versions_before_and_after_read_it() {
        let text = "[Settings]\nSTUN=stun.example.com\n";
        let message = "2: warning: MicroSIP 3.14.0 to 3.14.5 doesn't read `STUN`, and the target version is 3.14.0";
        check_for(&RULE, microsip_schema::Version::new(3, 14, 0), text, &[message]);
        check_for(&RULE, microsip_schema::Version::new(3, 12, 1), text, &[]);
        check_for(&RULE, microsip_schema::Version::new(3, 15, 6), text, &[]);
    }
}
