//! `non-numeric-switch`: on/off setting whose value is text.

use crate::diagnostic::Severity;
use crate::validate::context::{Context, EntryLocation};
use crate::validate::finding::Finding;
use crate::validate::fix::{Fix, Safety};
use crate::validate::rule::rule;
use microsip_schema::Key;
use winini::Edit;

rule! {
    /// ## What it does
    /// Checks for on/off settings that are set to text such as `true`, `yes`, `on`, `false`, `no`, or `off` instead of 0 or 1.
    ///
    /// ## Why is this bad?
    /// MicroSIP reads any text as off in most settings, and as on in some. The message says how it reads this one. If that matches the text, the finding is only `info`.
    ///
    /// ## Example
    /// ```ini
    /// [Settings]
    /// enableLog=true
    /// ```
    ///
    /// ## Use instead
    /// ```ini
    /// [Settings]
    /// enableLog=1
    /// ```
    ///
    /// ## How to fix
    /// Write 1 or 0.
    ///
    /// ## Fix safety
    /// Writes 1 or 0, as the text says. Unsafe if MicroSIP reads the text differently today, because the setting then changes.
    NonNumericSwitch,
    on Filled, kinds SWITCH, requires INVALID,
    fix Always
}

const ON: [&str; 7] = ["true", "yes", "on", "enable", "enabled", "y", "t"];
const OFF: [&str; 8] = ["false", "no", "off", "disable", "disabled", "n", "f", "none"];

/// Returns whether a text means on or off, if it is a known one.
pub(super) fn meant(value: &str) -> Option<bool> {
    let is_of = |texts: &[&str]| texts.iter().any(|text| text.eq_ignore_ascii_case(value));
    if is_of(&ON) { Some(true) } else { is_of(&OFF).then_some(false) }
}

fn check(
    context: Context<'_>,
    (section, entry): EntryLocation<'_>,
    key: &'static Key,
    findings: &mut Vec<Finding>,
) {
    let value = entry.value();
    let (Some(meant), Some(is_on)) = (meant(&value), key.switch_on(&value, context.microsip))
    else {
        return;
    };
    let (digit, read) = (if meant { "1" } else { "0" }, if is_on { "on" } else { "off" });
    let message = message!(
        "invalid value `{value}` for `{key}`: MicroSIP reads it as {read}",
        key = entry.key(),
        value,
        read
    );
    let finding = RULE.at_value((section, entry), message);
    let edit = Edit::ReplaceValue { line: entry.line(), text: digit.to_owned() };
    let title = format!("write `{digit}`");
    findings.push(if meant == is_on {
        let fix = Fix::edits(Safety::Safe, title, vec![edit]);
        finding.with_severity(Severity::Info).with_fix(fix)
    } else {
        finding.with_fix(Fix::edits(Safety::Unsafe, title, vec![edit]))
    });
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::validate::rules::testing::{check, fixes};

    #[test]
    fn finding_says_how_each_kind_of_switch_reads_text() {
        check(
            &RULE,
            "[Settings]\nDND=Yes\nrport=off\nnoResize=on\nAA=no\nvideoVP8=true\nAC=maybe\n",
            &[
                "2: warning: invalid value `Yes` for `DND`: MicroSIP reads it as off",
                "3: warning: invalid value `off` for `rport`: MicroSIP reads it as on",
                "4: warning: invalid value `on` for `noResize`: MicroSIP reads it as off",
                "5: info: invalid value `no` for `AA`: MicroSIP reads it as off",
                "6: info: invalid value `true` for `videoVP8`: MicroSIP reads it as on",
            ],
        );
    }

    #[test]
    fn safe_fix_changes_only_switches_that_read_as_intended() {
        let before = "[Settings]\nDND=yes\nAA=no\n";
        fixes(&RULE, Safety::Safe, before, "[Settings]\nDND=yes\nAA=0\n");
        fixes(&RULE, Safety::Unsafe, before, "[Settings]\nDND=1\nAA=0\n");
    }
}
