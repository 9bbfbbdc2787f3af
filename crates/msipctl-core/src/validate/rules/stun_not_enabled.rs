//! `stun-not-enabled`: STUN servers that are not asked.

use crate::event::SETTINGS;
use crate::validate::context::{Context, EntryLocation};
use crate::validate::finding::Finding;
use crate::validate::fix::{Fix, Safety};
use crate::validate::rule::rule;
use microsip_schema::{Key, Version};
use winini::profile;

rule! {
    /// ## What it does
    /// Servers in `STUN` of `[Settings]` and no `enableSTUN`.
    ///
    /// ## Why is this bad?
    /// From 3.15.6 on MicroSIP asks the servers only while `enableSTUN` is exactly 1. In a file of before, or one put together by hand, the line that does it is missing. `enableSTUN=0` is what MicroSIP itself writes when somebody switches STUN off, so that is left alone.
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
    StunNotEnabled,
    on Read, keys Settings "STUN", requires FILLED,
    fix Sometimes
}

fn check(
    context: Context<'_>,
    place: EntryLocation<'_>,
    _: &'static Key,
    findings: &mut Vec<Finding>,
) {
    let is_read = context.microsip >= Version::new(3, 15, 6);
    let is_open = context.setting("enableSTUN").is_none_or(|(_, entry)| entry.is_empty());
    // 3.1.18 kept its one account here: then its server moves with it.
    if !is_read || !is_open || place.1.is_empty() || context.has_legacy_account() {
        return;
    }
    let message = message!("the servers in `STUN` are not asked, as `enableSTUN` is not set");
    let mut finding = RULE.at_value(place, message);
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
        let message = "2: warning: the servers in `STUN` are not asked, as `enableSTUN` is not set";
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
