//! `wrong-case`: value with the wrong capitalization.

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
    /// Checks for values that differ from a value of MicroSIP only in capitalization.
    ///
    /// ## Why is this bad?
    /// MicroSIP's values are case-sensitive. A value with the wrong capitalization has no effect. If MicroSIP happens to use the intended value anyway, the finding is only `info`.
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
    /// Write the value with MicroSIP's capitalization.
    ///
    /// ## Fix safety
    /// Corrects the capitalization. Unsafe, because MicroSIP then acts on the value, which it doesn't do today.
    WrongCase,
    on Filled, kinds CHOICE, requires INVALID,
    fix Always
}

fn check(
    context: Context<'_>,
    (section, entry): EntryLocation<'_>,
    key: &'static Key,
    findings: &mut Vec<Finding>,
) {
    let Kind::Choice(choices) = key.kind() else { return };
    let value = entry.value();
    let mut values = choices.iter().filter(|it| it.is_known(context.microsip)).map(Choice::text);
    if values.clone().any(|known| known == value) {
        return;
    }
    let Some(expected) = values.find(|known| known.eq_ignore_ascii_case(&value)) else { return };
    let message = message!(
        "invalid value `{value}` for `{key}`: expected `{expected}`, because values are case-sensitive",
        key = entry.key(),
        value,
        expected
    );
    let edit = Edit::ReplaceValue { line: entry.line(), text: expected.to_owned() };
    let fix = Fix::edits(Safety::Unsafe, format!("write `{expected}`"), vec![edit]);
    let finding = RULE.at_value((section, entry), message).with_fix(fix);
    // In some keys, MicroSIP reads an unknown value as a certain known one, which may be the intended one.
    let is_harmless = taken_for(key.name()) == expected;
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
                "2: error: invalid value `ALL` for `autoAnswer`: expected `all`, because values are case-sensitive",
                "4: info: invalid value `Weekly` for `updatesInterval`: expected `weekly`, because values are case-sensitive",
                "6: error: invalid value `TLS` for `transport`: expected `tls`, because values are case-sensitive",
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
