//! `key-too-new`: a key that the version aimed at does not read yet.

use std::collections::HashSet;

use crate::validate::context::Context;
use crate::validate::features::FeatureSet;
use crate::validate::finding::Finding;
use crate::validate::rule::rule;
use microsip_schema::{Availability, Kind};

rule! {
    /// ## What it does
    /// A key that only newer versions of MicroSIP read than the one given by `--microsip`, with a value other than its default. So is `STUN` in `[Settings]` for 3.14.0 to 3.14.5, which don't read it, although versions before and after do.
    ///
    /// ## Why is this bad?
    /// The older version keeps the line and does nothing with it. Versions between two whose source was read may have the key before it was seen.
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
    /// Install a newer MicroSIP, or name the one in use with `--microsip`. The line does no harm.
    KeyTooNew,
    on Document, requires UNAVAILABLE
}

fn check(context: Context<'_>, findings: &mut Vec<Finding>) {
    let mut lists = HashSet::new();
    let unread = context.entries_with(FeatureSet::UNAVAILABLE);
    for (place, key) in unread.filter_map(|(place, key)| Some((place, key?))) {
        let aim = context.microsip;
        let available = key.available(aim);
        let (Availability::NotBefore(_) | Availability::NotWithin(..)) = available else {
            continue;
        };
        if key.is_moot(&place.1.value(), aim) || key.is_machine_state() {
            continue;
        }
        // Of a numbered list one finding tells all.
        let is_entry = key.kind() == Kind::Record;
        if is_entry && !lists.insert(key.section()) {
            continue;
        }
        let name =
            if is_entry { format!("[{}]", place.0.name()) } else { place.1.key().into_owned() };
        let message = match available {
            Availability::NotWithin(first, last) => {
                message!(
                    "MicroSIP {first} to {last} don't read `{name}`, and so {microsip} doesn't",
                    first,
                    last,
                    name,
                    microsip = aim
                )
            }
            Availability::NotBefore(since) => {
                message!(
                    "`{name}` is first seen in MicroSIP {since}, not in {microsip}",
                    name,
                    since,
                    microsip = aim
                )
            }
            _ => continue,
        };
        findings.push(RULE.at_key(place, message));
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
        let message = "2: warning: `callWaiting` is first seen in MicroSIP 3.19.27, not in 3.19.8";
        check_for(&RULE, microsip_schema::Version::new(3, 19, 8), text, &[message]);
        let message = "2: warning: `[Shortcuts]` is first seen in MicroSIP 3.18.5, not in 3.15.6";
        let list = "[Shortcuts]\n0=a;1;call\n1=b;2;call\n";
        check_for(&RULE, microsip_schema::Version::new(3, 15, 6), list, &[message]);
    }

    #[test]
    fn key_is_reported_when_only_versions_before_and_after_read_it() {
        let text = "[Settings]\nSTUN=stun.example.com\n";
        let message =
            "2: warning: MicroSIP 3.14.0 to 3.14.5 don't read `STUN`, and so 3.14.0 doesn't";
        check_for(&RULE, microsip_schema::Version::new(3, 14, 0), text, &[message]);
        check_for(&RULE, microsip_schema::Version::new(3, 12, 1), text, &[]);
        check_for(&RULE, microsip_schema::Version::new(3, 15, 6), text, &[]);
    }
}
