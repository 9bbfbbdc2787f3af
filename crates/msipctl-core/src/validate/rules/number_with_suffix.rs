//! `number-with-suffix`: number that is followed by other text.

use crate::validate::context::{Context, EntryLocation};
use crate::validate::finding::Finding;
use crate::validate::fix::{Fix, Safety};
use crate::validate::rule::rule;
use microsip_schema::{Key, Kind, leading_number};
use winini::Edit;

rule! {
    /// ## What it does
    /// Checks for numbers that are followed by a unit or other text.
    ///
    /// ## Why is this bad?
    /// MicroSIP reads only the digits at the start and ignores the rest. For example, it reads `5min` as 5 seconds, and `1.5` as 1.
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
    /// Write only the number, in the unit of the key.
    ///
    /// ## Fix safety
    /// Always safe. Writes the number that MicroSIP reads today.
    NumberWithSuffix,
    on Filled, kinds NUMBER | CHOICE, requires INVALID,
    fix Always
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
    let (Some(number), suffix) = leading_number(&value) else { return };
    if suffix.is_empty() {
        return;
    }
    let message = message!(
        "invalid value `{value}` for `{key}`: MicroSIP reads only `{read}`",
        key = entry.key(),
        value,
        read = number
    );
    let edit = Edit::ReplaceValue { line: entry.line(), text: number.to_string() };
    let fix =
        Fix::edits(Safety::Safe, format!("write `{number}`, which MicroSIP reads"), vec![edit]);
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
                "2: warning: invalid value `5min` for `autoHangUpTime`: MicroSIP reads only `5`",
                "7: warning: invalid value `1.5` for `keepAlive`: MicroSIP reads only `1`",
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
