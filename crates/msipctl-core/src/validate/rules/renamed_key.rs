//! `renamed-key`: key that was renamed.

use std::collections::HashSet;

use crate::diagnostic::Severity;
use crate::validate::context::Context;
use crate::validate::features::FeatureSet;
use crate::validate::finding::Finding;
use crate::validate::fix::{Fix, Safety};
use crate::validate::rule::rule;
use microsip_schema::{Availability, Key};
use winini::profile;

rule! {
    /// ## What it does
    /// Checks for keys that newer MicroSIP versions replaced: `disableLocalAccount`, `DisableVAD`, `ListenPort`, `disableH264`, `bitrateH264`, and similar keys.
    ///
    /// ## Why is this bad?
    /// MicroSIP keeps the line but never reads it. The finding is a warning if the missing setting changes what MicroSIP does. It's only `info` if the new key is set, its default has the same effect, or MicroSIP itself filled in the old value.
    ///
    /// ## Example
    /// ```ini
    /// [Settings]
    /// disableH264=1
    /// ```
    ///
    /// ## Use instead
    /// ```ini
    /// [Settings]
    /// videoH264=0
    /// ```
    ///
    /// ## How to fix
    /// Write the new key. Keys that were called `disable...` have the opposite meaning now.
    ///
    /// ## Fix safety
    /// Replaces the key with the new one, or deletes it if the new key is set or its default has the same effect. Unsafe, because MicroSIP then acts on the value, and an older MicroSIP no longer finds it.
    RenamedKey,
    on Document, requires UNAVAILABLE,
    fix Sometimes
}

/// The bit rate that the settings dialog fills in automatically.
const FILLED_IN: &str = "256";

fn check(context: Context<'_>, findings: &mut Vec<Finding>) {
    let mut given = HashSet::new();
    let unread = context.entries_with(FeatureSet::UNAVAILABLE);
    for (location, key) in unread.filter_map(|(location, key)| Some((location, key?))) {
        let (section, name, value) = (location.0.name(), location.1.key(), location.1.value());
        let Availability::NotAfter(until) = key.available(context.microsip) else { continue };
        let Some(replacement) = microsip_schema::renamed(&section, &name) else { continue };
        let Some(new) = microsip_schema::find(&section, replacement).filter(|_| !value.is_empty())
        else {
            continue;
        };
        if new.available(context.microsip) != Availability::Yes {
            continue;
        }
        let message = message!(
            "MicroSIP reads `{key}` only up to {until}, and newer versions read `{replacement}` instead",
            key = name,
            until,
            replacement
        );
        let finding = RULE.at_key(location, message);
        let Some(translated) = translated(key, &value) else {
            findings.push(finding);
            continue;
        };
        let is_set = location.0.entry(replacement).is_some() || !given.insert(replacement);
        // A value that MicroSIP filled in isn't the user's choice.
        let is_unchosen = key.default(until) == Some(&*value)
            || (replacement == "videoBitrate" && value == FILLED_IN);
        let is_default = new.default(context.microsip) == Some(&*translated);
        let finding = if is_set || is_unchosen || is_default {
            finding.with_severity(Severity::Info)
        } else {
            finding
        };
        findings.push(if is_set || is_default {
            let edits = profile::unset(context.document, &section, &name);
            let title = format!("delete `{name}`, which MicroSIP doesn't read");
            finding.with_fix(Fix::edits(Safety::Unsafe, title, edits))
        } else {
            let title = format!("replace it with `{replacement}={translated}`");
            let edit = context.rewritten(location, replacement, Some(&translated));
            finding.with_fix(Fix::edits(Safety::Unsafe, title, edit.into_iter().collect()))
        });
    }
}

/// Returns the value of the new key with the same effect. For on/off settings, which are all inverted, it's the opposite.
fn translated(old: &Key, value: &str) -> Option<String> {
    let Availability::NotAfter(until) = old.available(microsip_schema::Version::NEWEST) else {
        return None;
    };
    match old.switch_on(value, until) {
        Some(was_on) => Some(if was_on { "0" } else { "1" }.to_owned()),
        None => microsip_schema::leading_number(value).0.map(|number| number.to_string()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::validate::rules::testing::{check, check_for, fixes};

    #[test]
    fn renamed_key_is_info_when_it_matches_the_default() {
        check(
            &RULE,
            "[Settings]\ndisableLocalAccount=0\ndisableH264=0\ndisableH263=1\nbitrateH264=384\nbitrateVP8=300\nListenPort=\n",
            &[
                "2: info: MicroSIP reads `disableLocalAccount` only up to 3.12.1, and newer versions read `enableLocalAccount` instead",
                "3: info: MicroSIP reads `disableH264` only up to 3.15.6, and newer versions read `videoH264` instead",
                "4: warning: MicroSIP reads `disableH263` only up to 3.15.6, and newer versions read `videoH263` instead",
                "5: warning: MicroSIP reads `bitrateH264` only up to 3.15.6, and newer versions read `videoBitrate` instead",
                "6: info: MicroSIP reads `bitrateVP8` only up to 3.15.6, and newer versions read `videoBitrate` instead",
            ],
        );
        check(
            &RULE,
            "[Settings]\nbitrateH263=256\n",
            &[
                "2: info: MicroSIP reads `bitrateH263` only up to 3.15.6, and newer versions read `videoBitrate` instead",
            ],
        );
        check_for(
            &RULE,
            microsip_schema::Version::new(3, 12, 1),
            "[Settings]\ndisableH264=1\n",
            &[],
        );
    }

    #[test]
    fn fix_inverts_value_of_renamed_disable_keys() {
        fixes(
            &RULE,
            Safety::Unsafe,
            "[Settings]\n disableH264 = 1 \nDISABLELOCALACCOUNT=0\nbitrateH264=9\nbitrateVP8=8\n",
            "[Settings]\n videoH264 = 0 \nenableLocalAccount=1\nvideoBitrate=9\n",
        );
        let both = "[Settings]\ndisableH264=1\nvideoH264=1\n";
        fixes(&RULE, Safety::Unsafe, both, "[Settings]\nvideoH264=1\n");
        fixes(&RULE, Safety::Safe, both, both);
    }
}
