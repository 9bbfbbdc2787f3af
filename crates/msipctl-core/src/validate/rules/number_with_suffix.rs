//! `number-with-suffix`: a number with something behind it.

use crate::validate::context::{Context, EntryLocation};
use crate::validate::finding::Finding;
use crate::validate::fix::{Fix, Safety};
use crate::validate::rule::rule;
use microsip_schema::{Key, Kind, leading_number};
use winini::Edit;

rule! {
    /// ## What it does
    /// A number with a unit or other letters behind it.
    ///
    /// ## Why is this bad?
    /// MicroSIP reads the digits at the beginning and ignores the rest: `5min` are 5 seconds, and `1.5` is 1.
    ///
    /// ## Example
    /// ```ini
    /// [Settings]
    /// autoHangUpTime=30s
    /// ```
    ///
    /// ## Use instead
    /// ```ini
    /// [Settings]
    /// autoHangUpTime=30
    /// ```
    ///
    /// ## How to fix
    /// Write the number alone, in the unit that the key has.
    NumberWithSuffix,
    on Filled, kinds NUMBER | CHOICE, requires INVALID,
    fix Sometimes
}

fn check(
    _: Context<'_>,
    (section, entry): EntryLocation<'_>,
    key: &'static Key,
    findings: &mut Vec<Finding>,
) {
    let is_number = match key.kind() {
        Kind::Number { .. } => true,
        Kind::Choice(choices) => choices.iter().all(|it| it.text().parse::<u8>().is_ok()),
        _ => false,
    };
    if !is_number || key.is_secret() {
        return;
    }
    let value = entry.value();
    let (Some(number), tail) = leading_number(&value) else { return };
    if tail.is_empty() {
        return;
    }
    let message = message!(
        "`{key}` is `{value}`, of which MicroSIP reads {read}",
        key = entry.key(),
        value,
        read = number
    );
    let edit = Edit::ReplaceValue { line: entry.line(), text: number.to_string() };
    let fix = Fix::edits(Safety::Safe, format!("write `{number}`, as it is read"), vec![edit]);
    findings.push(RULE.at_value((section, entry), message).with_fix(fix));
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::validate::rules::testing::{check, fixes};

    #[test]
    fn number_followed_by_text_is_reported() {
        check(
            &RULE,
            "[Settings]\nautoHangUpTime=5min\nDTMFMethod=2833\nvolumeInput=+7\nmainX=-8\n[Account1]\nkeepAlive=1.5\n",
            &[
                "2: warning: `autoHangUpTime` is `5min`, of which MicroSIP reads 5",
                "7: warning: `keepAlive` is `1.5`, of which MicroSIP reads 1",
            ],
        );
    }

    #[test]
    fn fix_keeps_the_number_microsip_reads() {
        fixes(
            &RULE,
            Safety::Safe,
            "[Settings]\nsourcePort=5060;\n",
            "[Settings]\nsourcePort=5060\n",
        );
    }
}
