//! `obsolete-value`: a word of older versions.

use crate::diagnostic::{Prose, Severity};
use crate::validate::context::{Context, EntryLocation};
use crate::validate::finding::Finding;
use crate::validate::fix::{Fix, Safety};
use crate::validate::rule::rule;
use microsip_schema::{Choice, Key, Kind};
use winini::Edit;

rule! {
    /// ## What it does
    /// A word that older versions of MicroSIP knew and the one aimed at does not: `autoAnswer` 0, 1 and 2 of before 3.18.5, `denyIncoming` `address` and `rdomain` of before 3.21.3.
    ///
    /// ## Why is this bad?
    /// The word is kept and acts like none: calls are not answered, or not refused, any more. `autoAnswer=0` is told of as information only, as none is what it meant.
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
    /// An unsafe fix writes the value that replaced it. MicroSIP acts on it again, and may then answer calls by itself.
    ObsoleteValue,
    on Filled, kinds CHOICE, requires INVALID,
    fix Sometimes
}

/// Keys and words of before, with what took their place.
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
    let is_word = |choice: &&Choice| choice.text().eq_ignore_ascii_case(&value);
    let mut words = choices.iter().filter(is_word);
    if words.clone().any(|word| word.is_known(context.microsip)) {
        return;
    }
    let gone = |choice: &Choice| choice.until().filter(|until| *until < context.microsip);
    let Some(until) = words.find_map(gone) else { return };
    let (name, replacement) = (entry.key(), replacement(key.name(), &value));
    let does = if replacement == Some("") {
        "for which an empty value stands now"
    } else {
        "and acts like nothing now"
    };
    let message = message!(
        "`{key}` is `{value}`, a word of MicroSIP up to {until}, {does}",
        key = name,
        value,
        until,
        does = Prose(does)
    );
    let mut finding = RULE.at_value((section, entry), message);
    if let Some(replacement) = replacement {
        let title = if replacement.is_empty() {
            "write nothing".to_owned()
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
        |(of, word, _): &&(&str, &str, &str)| *of == key && word.eq_ignore_ascii_case(value);
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
                "2: warning: `autoAnswer` is `1`, a word of MicroSIP up to 3.15.6, and acts like nothing now",
                "3: warning: `denyIncoming` is `address`, a word of MicroSIP up to 3.20.5, and acts like nothing now",
            ],
        );
        check(
            &RULE,
            "[Settings]\nautoAnswer=0\n",
            &[
                "2: info: `autoAnswer` is `0`, a word of MicroSIP up to 3.15.6, for which an empty value stands now",
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
