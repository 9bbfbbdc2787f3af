//! `non-numeric-value`: text without digits where MicroSIP reads a number.

use crate::diagnostic::Severity;
use crate::validate::context::{Context, EntryLocation};
use crate::validate::finding::Finding;
use crate::validate::fix::{Fix, Safety};
use crate::validate::rule::rule;
use microsip_schema::{Key, Kind, leading_number};
use winini::Edit;

rule! {
    /// ## What it does
    /// Checks for text in keys where MicroSIP reads a number.
    ///
    /// ## Why is this bad?
    /// MicroSIP reads any text as 0. In many keys, 0 means never, none, or the default. If the text means that too, such as `never` or `off`, the finding is only `info`.
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
    /// Write the number, or 0 for never or none.
    ///
    /// ## Fix safety
    /// Always safe. Writes `0` where the text means never, none, or the default, because MicroSIP reads 0 either way. Other text has no fix.
    NonNumericValue,
    on Filled, kinds NUMBER, requires INVALID,
    fix Sometimes
}

/// Texts that mean 0.
const ZERO_TEXTS: [&str; 7] = ["never", "none", "no", "off", "false", "disabled", "default"];

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
        message!("invalid value `{value}` for `{key}`: MicroSIP reads it as 0", key = name, value),
    );
    let means_zero = ZERO_TEXTS.iter().any(|text| text.eq_ignore_ascii_case(&value));
    findings.push(if means_zero {
        let edit = Edit::ReplaceValue { line: entry.line(), text: "0".to_owned() };
        let fix = Fix::edits(Safety::Safe, "write `0`, which MicroSIP reads", vec![edit]);
        finding.with_severity(Severity::Info).with_fix(fix)
    } else {
        finding.with_help("write the number in digits")
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
                "2: info: invalid value `Never` for `autoHangUpTime`: MicroSIP reads it as 0",
                "3: warning: invalid value `five` for `autoAnswerDelay`: MicroSIP reads it as 0",
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
