//! `non-numeric-value`: a number without digits.

use crate::diagnostic::Severity;
use crate::validate::context::{Context, EntryLocation};
use crate::validate::finding::Finding;
use crate::validate::fix::{Fix, Safety};
use crate::validate::rule::rule;
use microsip_schema::{Key, Kind, leading_number};
use winini::Edit;

rule! {
    /// ## What it does
    /// A word where MicroSIP reads a number.
    ///
    /// ## Why is this bad?
    /// MicroSIP reads it as 0, which in many keys means never, none or the default, whatever the word says.
    ///
    /// ## Example
    /// ```ini
    /// [Settings]
    /// volumeOutput=loud
    /// ```
    ///
    /// ## Use instead
    /// ```ini
    /// [Settings]
    /// volumeOutput=100
    /// ```
    ///
    /// ## How to fix
    /// Write the number. Where the word says no or never, 0 is that.
    NonNumericValue,
    on Filled, kinds NUMBER, requires INVALID,
    fix Sometimes
}

/// Words that mean 0.
const NOTHING: [&str; 7] = ["never", "none", "no", "off", "false", "disabled", "default"];

fn check(
    _: Context<'_>,
    (section, entry): EntryLocation<'_>,
    key: &'static Key,
    findings: &mut Vec<Finding>,
) {
    if !matches!(key.kind(), Kind::Number { .. }) || key.is_secret() {
        return;
    }
    let (name, value) = (entry.key(), entry.value());
    if leading_number(&value).0.is_some() {
        return;
    }
    let finding = RULE.at_value(
        (section, entry),
        message!("`{key}` is `{value}`, which MicroSIP reads as 0", key = name, value),
    );
    let is_nothing = NOTHING.iter().any(|word| word.eq_ignore_ascii_case(&value));
    findings.push(if is_nothing {
        let edit = Edit::ReplaceValue { line: entry.line(), text: "0".to_owned() };
        let fix = Fix::edits(Safety::Safe, "write `0`, as it is read", vec![edit]);
        finding.with_severity(Severity::Info).with_fix(fix)
    } else {
        finding.with_help("expected digits")
    });
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::validate::rules::testing::{check, fixes};

    #[test]
    fn text_that_means_zero_is_info_and_other_text_a_warning() {
        check(
            &RULE,
            "[Settings]\nautoHangUpTime=Never\nautoAnswerDelay=five\naccountId=\n",
            &[
                "2: info: `autoHangUpTime` is `Never`, which MicroSIP reads as 0",
                "3: warning: `autoAnswerDelay` is `five`, which MicroSIP reads as 0",
            ],
        );
    }

    #[test]
    fn fix_writes_zero_only_for_text_that_means_zero() {
        fixes(
            &RULE,
            Safety::Safe,
            "[Settings]\nautoHangUpTime=off\n",
            "[Settings]\nautoHangUpTime=0\n",
        );
        fixes(
            &RULE,
            Safety::Unsafe,
            "[Settings]\nautoHangUpTime=x\n",
            "[Settings]\nautoHangUpTime=x\n",
        );
    }
}
