//! `renamed-key`: a key that goes by another name now.

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
    /// A key in whose place newer versions of MicroSIP read another one: `disableLocalAccount`, `DisableVAD`, `ListenPort`, `disableH264` and `bitrateH264` with their like.
    ///
    /// ## Why is this bad?
    /// The line is kept and never read. Where MicroSIP would do something else without it, that is a warning. Where the new key is set already, its default says the same, or the old value is the one that MicroSIP itself filled in, it is told of as information only.
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
    /// Write the new key. Those that were called `disable...` say the opposite now.
    RenamedKey,
    on Document, requires UNAVAILABLE,
    fix Sometimes
}

/// The bit rate that the settings dialog fills in by itself.
const FILLED_IN: &str = "256";

fn check(context: Context<'_>, findings: &mut Vec<Finding>) {
    let mut given = HashSet::new();
    let unread = context.entries_with(FeatureSet::UNAVAILABLE);
    for (place, key) in unread.filter_map(|(place, key)| Some((place, key?))) {
        let (section, name, value) = (place.0.name(), place.1.key(), place.1.value());
        let Availability::NotAfter(until) = key.available(context.microsip) else { continue };
        let Some(heir) = microsip_schema::renamed(&section, &name) else { continue };
        let Some(new) = microsip_schema::find(&section, heir).filter(|_| !value.is_empty()) else {
            continue;
        };
        if new.available(context.microsip) != Availability::Yes {
            continue;
        }
        let message = message!(
            "MicroSIP reads `{key}` up to {until} only, and `{replacement}` in its place",
            key = name,
            until,
            replacement = heir
        );
        let finding = RULE.at_key(place, message);
        let Some(translated) = translated(key, &value) else {
            findings.push(finding);
            continue;
        };
        let is_set = place.0.entry(heir).is_some() || !given.insert(heir);
        // Nobody chose what MicroSIP itself filled in.
        let is_unchosen =
            key.default(until) == Some(&*value) || (heir == "videoBitrate" && value == FILLED_IN);
        let is_default = new.default(context.microsip) == Some(&*translated);
        let finding = if is_set || is_unchosen || is_default {
            finding.with_severity(Severity::Info)
        } else {
            finding
        };
        findings.push(if is_set || is_default {
            let edits = profile::unset(context.document, &section, &name);
            let title = format!("delete `{name}`, which nobody reads");
            finding.with_fix(Fix::edits(Safety::Unsafe, title, edits))
        } else {
            let title = format!("write `{heir}` with the value {translated} in its place");
            let edit = context.rewritten(place, heir, Some(&translated));
            finding.with_fix(Fix::edits(Safety::Unsafe, title, edit.into_iter().collect()))
        });
    }
}

/// Returns the value of the new key that says the same: the opposite for switches, which are all inverted.
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
                "2: info: MicroSIP reads `disableLocalAccount` up to 3.12.1 only, and `enableLocalAccount` in its place",
                "3: info: MicroSIP reads `disableH264` up to 3.15.6 only, and `videoH264` in its place",
                "4: warning: MicroSIP reads `disableH263` up to 3.15.6 only, and `videoH263` in its place",
                "5: warning: MicroSIP reads `bitrateH264` up to 3.15.6 only, and `videoBitrate` in its place",
                "6: info: MicroSIP reads `bitrateVP8` up to 3.15.6 only, and `videoBitrate` in its place",
            ],
        );
        check(
            &RULE,
            "[Settings]\nbitrateH263=256\n",
            &[
                "2: info: MicroSIP reads `bitrateH263` up to 3.15.6 only, and `videoBitrate` in its place",
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
