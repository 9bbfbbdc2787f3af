//! `stun-not-enabled`: STUN servers that MicroSIP doesn't query.

use crate::event::SETTINGS;
use crate::validate::context::{Context, EntryLocation};
use crate::validate::finding::Finding;
use crate::validate::fix::{Fix, Safety};
use crate::validate::rule::rule;
use microsip_schema::{Key, Version};
use winini::profile;

rule! {
    /// ## What it does
    /// Checks for servers in `STUN` of `[Settings]` without `enableSTUN`.
    ///
    /// ## Why is this bad?
    /// From 3.15.6 on, MicroSIP queries the servers only if `enableSTUN` is exactly 1. In an older or handwritten file, that line is often missing. `enableSTUN=0` isn't reported, because MicroSIP itself writes it when a user turns STUN off.
    ///
    /// ## Example
    /// ```ini
    /// [Settings]
    /// STUN=stun.example.com
    /// ```
    ///
    /// ## Use instead
    /// ```ini
    /// [Settings]
    /// STUN=stun.example.com
    /// enableSTUN=1
    /// ```
    ///
    /// ## How to fix
    /// Add `enableSTUN=1`.
    ///
    /// ## Fix safety
    /// Adds `enableSTUN=1`. Unsafe, because MicroSIP then queries the servers.
    StunNotEnabled,
    on Read, keys Settings "STUN", requires FILLED,
    fix Always
}

fn check(
    context: Context<'_>,
    location: EntryLocation<'_>,
    _: &'static Key,
    findings: &mut Vec<Finding>,
) {
    let has_setting = context.microsip >= Version::new(3, 15, 6);
    let is_unset = context.setting("enableSTUN").is_none_or(|(_, entry)| entry.is_empty());
    // 3.1.18 stored its single account here, and newer versions move its server with it.
    if !has_setting || !is_unset || location.1.is_empty() || context.has_legacy_account() {
        return;
    }
    let message =
        message!("MicroSIP doesn't query the servers in `STUN` because `enableSTUN` isn't set");
    let mut finding = RULE.at_value(location, message);
    if let Ok(edits) = profile::set(context.document, SETTINGS, "enableSTUN", "1") {
        finding = finding.with_fix(Fix::edits(Safety::Unsafe, "set `enableSTUN` to `1`", edits));
    }
    findings.push(finding);
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::validate::rules::testing::{check, check_for, fixes};

    #[test]
    fn stun_server_is_reported_unless_stun_is_explicitly_disabled() {
        let message = "2: warning: MicroSIP doesn't query the servers in `STUN` because `enableSTUN` isn't set";
        check(&RULE, "[Settings]\nSTUN=x\n", &[message]);
        check(&RULE, "[Settings]\nSTUN=x\nenableSTUN=\n", &[message]);
        check(&RULE, "[Settings]\nSTUN=x\nenableSTUN=0\n", &[]);
        check(&RULE, "[Settings]\nSTUN=\n", &[]);
        check_for(&RULE, Version::new(3, 14, 5), "[Settings]\nSTUN=x\n", &[]);
    }

    #[test]
    fn unsafe_fix_enables_stun() {
        let after = "[Settings]\nSTUN=x\nenableSTUN=1\n";
        fixes(&RULE, Safety::Unsafe, "[Settings]\nSTUN=x\n", after);
    }
}
