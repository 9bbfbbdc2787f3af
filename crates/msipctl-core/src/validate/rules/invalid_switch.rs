//! `invalid-switch`: an on/off setting that is neither 0 nor 1.

use super::non_numeric_switch::meant;
use crate::diagnostic::Severity;
use crate::validate::context::{Context, EntryLocation};
use crate::validate::finding::Finding;
use crate::validate::fix::{Fix, Safety};
use crate::validate::rule::rule;
use microsip_schema::{Key, leading_number};
use winini::Edit;

rule! {
    /// ## What it does
    /// Checks for on/off settings whose value is neither `0` nor `1`, nor a word for off or on.
    ///
    /// ## Why is this bad?
    /// Whether MicroSIP reads such a value as on depends on the key. For example, `2` is on in most keys and off in some, but `ja` is off in most and on in some. A number that MicroSIP reads as intended is reported as `info`.
    ///
    /// ## Example
    /// ```ini
    /// [Account1]
    /// domain=sip.example.com
    /// ICE=2
    /// ```
    ///
    /// ## Use instead
    /// ```ini
    /// [Account1]
    /// domain=sip.example.com
    /// ICE=1
    /// ```
    ///
    /// ## How to fix
    /// Set the value to `0` or `1`.
    ///
    /// ## Fix safety
    /// Always safe. The fix writes `1` for a nonzero number that MicroSIP reads as on, and `0` for a zero that it reads as off. It skips other values, because their intention is unclear.
    InvalidSwitch,
    on Filled, kinds SWITCH, requires INVALID,
    fix Sometimes
}

fn check(
    context: Context<'_>,
    (section, entry): EntryLocation<'_>,
    key: &'static Key,
    findings: &mut Vec<Finding>,
) {
    let value = entry.value();
    let Some(read) = key.switch_on(&value, context.microsip) else { return };
    if value == "0" || value == "1" || meant(&value).is_some() {
        return;
    }
    let (digit, state) = if read { ("1", "on") } else { ("0", "off") };
    let message = message!(
        "invalid value `{value}` for `{key}`: MicroSIP reads it as {read}",
        value,
        key = entry.key(),
        read = state
    );
    let finding = RULE.at_value((section, entry), message);
    let number = leading_number(&value).0;
    // A nonzero number means on. What a word means is unclear.
    let is_as_intended = number.is_some_and(|number| (number != 0) == read);
    findings.push(if is_as_intended {
        let edit = Edit::ReplaceValue { line: entry.line(), text: digit.to_owned() };
        let title = format!("write `{digit}`, which MicroSIP reads the same way");
        finding.with_severity(Severity::Info).with_fix(Fix::edits(Safety::Safe, title, vec![edit]))
    } else {
        finding.with_help("set it to `0` or `1`")
    });
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::validate::rules::testing::{check, fixes};

    #[test]
    fn nonstandard_switch_is_info_when_it_reads_as_intended() {
        check(
            &RULE,
            "[Settings]\nAA=2\nnoResize=2\nrport=00\nDND=ja\nAC=on\nFWD=1\n",
            &[
                "2: info: invalid value `2` for `AA`: MicroSIP reads it as on",
                "3: warning: invalid value `2` for `noResize`: MicroSIP reads it as off",
                "4: warning: invalid value `00` for `rport`: MicroSIP reads it as on",
                "5: warning: invalid value `ja` for `DND`: MicroSIP reads it as off",
            ],
        );
    }

    #[test]
    fn fix_keeps_the_switch_state_microsip_reads() {
        fixes(
            &RULE,
            Safety::Unsafe,
            "[Settings]\nAA=01\nnoResize=2\n",
            "[Settings]\nAA=1\nnoResize=2\n",
        );
    }
}
