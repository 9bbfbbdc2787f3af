//! `unknown-key`: key that MicroSIP doesn't read.

use std::collections::HashSet;

use super::unknown_hook;
use crate::diagnostic::Severity;
use crate::event::Event;
use crate::validate::context::Context;
use crate::validate::features::FeatureSet;
use crate::validate::finding::Finding;
use crate::validate::fix::{Fix, Safety};
use crate::validate::rule::rule;
use microsip_schema::{Availability, Since};

rule! {
    /// ## What it does
    /// Checks for keys in MicroSIP's sections that no MicroSIP version and no known fork reads.
    ///
    /// ## Why is this bad?
    /// MicroSIP keeps the line and never reads it. A name close to a real key, or an invented name that is known, is almost always a mistake. Keys of other programs are reported as `info`.
    ///
    /// ## Example
    /// ```ini
    /// [Settings]
    /// updateInterval=never
    /// ```
    ///
    /// ## Use instead
    /// ```ini
    /// [Settings]
    /// updatesInterval=never
    /// ```
    ///
    /// ## How to fix
    /// Write the correct name. If another program reads the key, keep it.
    ///
    /// ## Fix safety
    /// Renames the key if the correct one isn't set, and the target version reads it with this value. Unsafe, because MicroSIP then uses the value.
    UnknownKey,
    on Document, requires UNKNOWN_KEY,
    fix Sometimes
}

fn check(context: Context<'_>, findings: &mut Vec<Finding>) {
    let mut meant = HashSet::new();
    for ((section, entry), known) in context.entries_with(FeatureSet::UNKNOWN_KEY) {
        let (name, key) = (section.name(), entry.key());
        let is_directive = Event::of_directive(&key).is_some();
        let is_hook = unknown_hook::unknown(&name, entry).is_some();
        let elsewhere = !microsip_schema::sections_of(&key).is_empty();
        let is_unread = known.is_some_and(|known| known.since() == Since::Unread);
        if is_directive || is_hook || (!is_unread && (elsewhere || known.is_some())) {
            continue;
        }
        let message = message!("unknown key `{key}` in `[{section}]`", key, section = name);
        let finding = RULE.at_key((section, entry), message);
        let Some(suggestion) = microsip_schema::suggest(&name, &key) else {
            findings.push(finding.with_severity(Severity::Info));
            continue;
        };
        let finding = finding.with_help(suggestion.to_string());
        let Some(near) = suggestion.in_same_section() else {
            findings.push(finding);
            continue;
        };
        // If the correct key is set, it's unknown which of the two was meant.
        let is_free = section.entry(near.name()).is_none() && meant.insert((name, near.name()));
        let is_read = near.available(context.microsip) == Availability::Yes
            && near.check(&entry.value(), context.microsip).is_ok();
        let edit = context.rewritten((section, entry), near.name(), None);
        findings.push(match edit.filter(|_| is_free && is_read) {
            Some(edit) => {
                let title = format!("rename it to `{}`", near.name());
                finding.with_fix(Fix::edits(Safety::Unsafe, title, vec![edit]))
            }
            None => finding,
        });
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::validate::rules::testing::{check, fixes};

    #[test]
    fn misspelled_key_is_a_warning_and_foreign_key_is_info() {
        check(
            &RULE,
            "[Settings]\nsingleMod=1\ncrmGatewayTicket=1\n[Other]\nx=1\n",
            &[
                "2: warning: unknown key `singleMod` in `[Settings]`",
                "3: info: unknown key `crmGatewayTicket` in `[Settings]`",
            ],
        );
    }

    #[test]
    fn unsafe_fix_renames_key_unless_the_correct_key_exists() {
        let before = "[Settings]\n updateInterval = never\nsingleMod=1\nSingleMode=0\n";
        let after = "[Settings]\n updatesInterval = never\nsingleMod=1\nSingleMode=0\n";
        fixes(&RULE, Safety::Unsafe, before, after);
        fixes(&RULE, Safety::Safe, before, before);
        let twice = "[Settings]\nsingleMod=1\nsingleModes=0\n";
        fixes(&RULE, Safety::Unsafe, twice, "[Settings]\nsingleMode=1\nsingleModes=0\n");
    }

    #[test]
    fn unsafe_fix_replaces_invented_names_when_the_value_is_valid() {
        let text = "[Settings]\nlocalPort=5070\nhideCallerId=1\ncheckUpdates=0\n[Account1]\nregInterval=60\nlogin=5\n";
        check(
            &RULE,
            text,
            &[
                "2: warning: unknown key `localPort` in `[Settings]`",
                "3: warning: unknown key `hideCallerId` in `[Settings]`",
                "4: warning: unknown key `checkUpdates` in `[Settings]`",
                "6: warning: unknown key `regInterval` in `[Account1]`",
                "7: warning: unknown key `login` in `[Account1]`",
            ],
        );
        // `0` isn't a valid interval, and `hideCID` belongs to an account.
        let after = "[Settings]\nsourcePort=5070\nhideCallerId=1\ncheckUpdates=0\n[Account1]\nregisterRefresh=60\nauthID=5\n";
        fixes(&RULE, Safety::Unsafe, text, after);
        fixes(&RULE, Safety::Safe, text, text);
    }

    #[test]
    fn keys_written_but_never_read_by_microsip_are_info() {
        let message = "2: info: unknown key `ListenPort` in `[Account1]`";
        check(&RULE, "[Account1]\nListenPort=\n", &[message]);
    }

    #[test]
    fn directives_and_record_keys_are_not_reported() {
        check(&RULE, "[Settings]\nOnCallEnd.2=Log,C:\\x.csv\n[msipctl]\nOnCallEnd=x\n", &[]);
    }
}
