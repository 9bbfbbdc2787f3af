//! `wrong-case`: a word in other letters than MicroSIP's.

use super::invalid_value::taken_for;
use crate::diagnostic::Severity;
use crate::validate::context::{Context, EntryLocation};
use crate::validate::finding::Finding;
use crate::validate::fix::{Fix, Safety};
use crate::validate::rule::rule;
use microsip_schema::{Choice, Key, Kind};
use winini::Edit;

rule! {
    /// ## What it does
    /// A word that MicroSIP knows, in capital or small letters other than its own.
    ///
    /// ## Why is this bad?
    /// MicroSIP compares letter by letter. A word in other letters acts like none. Where MicroSIP happens to take it for the one that was meant, it is told of as information only.
    ///
    /// ## Example
    /// ```ini
    /// [Settings]
    /// autoAnswer=Button
    /// ```
    ///
    /// ## Use instead
    /// ```ini
    /// [Settings]
    /// autoAnswer=button
    /// ```
    ///
    /// ## How to fix
    /// An unsafe fix writes the value as MicroSIP does. MicroSIP then acts on it, which it doesn't today.
    WrongCase,
    on Filled, kinds CHOICE, requires INVALID,
    fix Sometimes
}

fn check(
    context: Context<'_>,
    (section, entry): EntryLocation<'_>,
    key: &'static Key,
    findings: &mut Vec<Finding>,
) {
    let Kind::Choice(choices) = key.kind() else { return };
    let value = entry.value();
    let mut words = choices.iter().filter(|it| it.is_known(context.microsip)).map(Choice::text);
    if words.clone().any(|word| word == value) {
        return;
    }
    let Some(word) = words.find(|word| word.eq_ignore_ascii_case(&value)) else { return };
    let message = message!(
        "`{key}` is `{value}`, expected `{expected}` letter by letter",
        key = entry.key(),
        value,
        expected = word
    );
    let edit = Edit::ReplaceValue { line: entry.line(), text: word.to_owned() };
    let fix = Fix::edits(Safety::Unsafe, format!("write `{word}`"), vec![edit]);
    let finding = RULE.at_value((section, entry), message).with_fix(fix);
    // A word that is not known is in some keys taken for one: by chance the one that was meant.
    let is_harmless = taken_for(key.name()) == word;
    findings.push(if is_harmless { finding.with_severity(Severity::Info) } else { finding });
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::validate::rules::testing::{check, fixes};

    #[test]
    fn values_that_differ_only_in_case_are_reported() {
        check(
            &RULE,
            "[Settings]\nautoAnswer=ALL\nforwarding=all\nupdatesInterval=Weekly\n[Account1]\ntransport=TLS\n",
            &[
                "2: error: `autoAnswer` is `ALL`, expected `all` letter by letter",
                "4: info: `updatesInterval` is `Weekly`, expected `weekly` letter by letter",
                "6: error: `transport` is `TLS`, expected `tls` letter by letter",
            ],
        );
    }

    #[test]
    fn unsafe_fix_corrects_the_case_of_the_value() {
        let before = "[Settings]\r\nautoAnswer = \"Header\"\r\n";
        fixes(&RULE, Safety::Safe, before, before);
        fixes(&RULE, Safety::Unsafe, before, "[Settings]\r\nautoAnswer = header\r\n");
    }
}
