//! `obsolete-value`: value that only older versions support.

use crate::diagnostic::{Prose, Severity};
use crate::validate::context::{Context, EntryLocation};
use crate::validate::finding::Finding;
use crate::validate::fix::{Fix, Safety};
use crate::validate::rule::rule;
use microsip_schema::{Choice, Key, Kind};
use winini::Edit;

rule! {
    /// ## What it does
    /// Checks for values that the target version no longer supports: `autoAnswer` 0, 1, and 2 (before 3.18.5), and `denyIncoming` `address` and `rdomain` (before 3.21.3).
    ///
    /// ## Why is this bad?
    /// MicroSIP keeps the value but ignores it, so it no longer answers or rejects these calls. `autoAnswer=0` is only `info`, because it meant the same as an empty value.
    ///
    /// ## Example
    /// ```ini
    /// [Settings]
    /// denyIncoming=rdomain
    /// ```
    ///
    /// ## Use instead
    /// ```ini
    /// [Settings]
    /// denyIncoming=remotedomain
    /// ```
    ///
    /// ## How to fix
    /// Write the value that replaced it, or an empty value.
    ///
    /// ## Fix safety
    /// Writes the value that replaced it. Unsafe, because MicroSIP acts on it again, and may then answer calls automatically.
    ObsoleteValue,
    on Filled, kinds CHOICE, requires INVALID,
    fix Sometimes
}

/// Keys and their obsolete values, with the values that replaced them.
const REPLACEMENTS: [(&str, &str, &str); 5] = [
    ("autoAnswer", "0", ""),
    ("autoAnswer", "1", "all"),
    ("autoAnswer", "2", "header"),
    ("denyIncoming", "address", "userdomain"),
    ("denyIncoming", "rdomain", "remotedomain"),
];

fn check(
    context: Context<'_>,
    (section, entry): EntryLocation<'_>,
    key: &'static Key,
    findings: &mut Vec<Finding>,
) {
    let Kind::Choice(choices) = key.kind() else { return };
    let value = entry.value();
    let is_value = |choice: &&Choice| choice.text().eq_ignore_ascii_case(&value);
    let mut found = choices.iter().filter(is_value);
    if found.clone().any(|choice| choice.is_known(context.microsip)) {
        return;
    }
    let removed = |choice: &Choice| choice.until().filter(|until| *until < context.microsip);
    let Some(until) = found.find_map(removed) else { return };
    let (name, replacement) = (entry.key(), replacement(key.name(), &value));
    let effect = if replacement == Some("") {
        "newer versions use an empty value instead"
    } else {
        "newer versions ignore it"
    };
    let message = message!(
        "obsolete value `{value}` for `{key}`: MicroSIP supports it up to {until}, and {effect}",
        key = name,
        value,
        until,
        effect = Prose(effect)
    );
    let mut finding = RULE.at_value((section, entry), message);
    if let Some(replacement) = replacement {
        let title = if replacement.is_empty() {
            "write an empty value".to_owned()
        } else {
            format!("write `{replacement}`")
        };
        let edit = Edit::ReplaceValue { line: entry.line(), text: replacement.to_owned() };
        finding = finding.with_fix(Fix::edits(Safety::Unsafe, title, vec![edit]));
        if replacement.is_empty() {
            finding = finding.with_severity(Severity::Info);
        }
    }
    findings.push(finding);
}

fn replacement(key: &str, value: &str) -> Option<&'static str> {
    let is_replacement =
        |(of, old, _): &&(&str, &str, &str)| *of == key && old.eq_ignore_ascii_case(value);
    REPLACEMENTS.iter().find(is_replacement).map(|(_, _, replacement)| *replacement)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::validate::rules::testing::{check, check_for, fixes};

    #[test]
    fn obsolete_off_value_is_info_and_others_are_warnings() {
        check(
            &RULE,
            "[Settings]\nautoAnswer=1\ndenyIncoming=address\n",
            &[
                "2: warning: obsolete value `1` for `autoAnswer`: MicroSIP supports it up to 3.15.6, and newer versions ignore it",
                "3: warning: obsolete value `address` for `denyIncoming`: MicroSIP supports it up to 3.20.5, and newer versions ignore it",
            ],
        );
        check(
            &RULE,
            "[Settings]\nautoAnswer=0\n",
            &[
                "2: info: obsolete value `0` for `autoAnswer`: MicroSIP supports it up to 3.15.6, and newer versions use an empty value instead",
            ],
        );
    }

    #[test]
    fn obsolete_value_is_not_reported_for_old_versions() {
        let old = microsip_schema::Version::new(3, 15, 6);
        check_for(&RULE, old, "[Settings]\nautoAnswer=1\ndenyIncoming=rdomain\n", &[]);
    }

    #[test]
    fn unsafe_fix_writes_the_current_value() {
        let before = "[Settings]\nautoAnswer=1\ndenyIncoming=rdomain\n";
        fixes(&RULE, Safety::Safe, before, before);
        let all = "[Settings]\nautoAnswer=all\ndenyIncoming=remotedomain\n";
        fixes(&RULE, Safety::Unsafe, before, all);
        fixes(&RULE, Safety::Unsafe, "[Settings]\nautoAnswer=0\n", "[Settings]\nautoAnswer=\n");
    }
}
