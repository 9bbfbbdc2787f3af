//! `non-numeric-switch`: a switch that is set by a word.

use crate::diagnostic::Severity;
use crate::validate::context::{Context, EntryLocation};
use crate::validate::finding::Finding;
use crate::validate::fix::{Fix, Safety};
use crate::validate::rule::rule;
use microsip_schema::Key;
use winini::Edit;

rule! {
    /// ## What it does
    /// `true`, `yes`, `on` and the like, or `false`, `no`, `off`, where MicroSIP reads 0 or 1.
    ///
    /// ## Why is this bad?
    /// Most switches read every word as off, some read every word as on. The message says how this one reads. Where that happens to be what the word says, it is told of as information only.
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
    /// Write 1 or 0. What MicroSIP reads changes then, unless it read the word as meant.
    NonNumericSwitch,
    on Filled, kinds SWITCH, requires INVALID,
    fix Sometimes
}

const ON: [&str; 7] = ["true", "yes", "on", "enable", "enabled", "y", "t"];
const OFF: [&str; 8] = ["false", "no", "off", "disable", "disabled", "n", "f", "none"];

/// Returns what a word says, if it is one of on and off.
pub(super) fn meant(value: &str) -> Option<bool> {
    let is_of = |words: &[&str]| words.iter().any(|word| word.eq_ignore_ascii_case(value));
    if is_of(&ON) { Some(true) } else { is_of(&OFF).then_some(false) }
}

fn check(
    context: Context<'_>,
    (section, entry): EntryLocation<'_>,
    key: &'static Key,
    findings: &mut Vec<Finding>,
) {
    let value = entry.value();
    let (Some(meant), Some(read)) = (meant(&value), key.switch_on(&value, context.microsip)) else {
        return;
    };
    let (digit, reads) = (if meant { "1" } else { "0" }, if read { "on" } else { "off" });
    let message = message!(
        "`{key}` is `{value}`, which MicroSIP reads as {read}",
        key = entry.key(),
        value,
        read = reads
    );
    let finding = RULE.at_value((section, entry), message);
    let edit = Edit::ReplaceValue { line: entry.line(), text: digit.to_owned() };
    let title = format!("write `{digit}`");
    findings.push(if meant == read {
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
                "2: warning: `DND` is `Yes`, which MicroSIP reads as off",
                "3: warning: `rport` is `off`, which MicroSIP reads as on",
                "4: warning: `noResize` is `on`, which MicroSIP reads as off",
                "5: info: `AA` is `no`, which MicroSIP reads as off",
                "6: info: `videoVP8` is `true`, which MicroSIP reads as on",
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
