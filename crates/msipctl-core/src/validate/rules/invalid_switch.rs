//! `invalid-switch`: a switch that is neither off nor on.

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
    /// A switch whose value is neither 0 nor 1, and no word for off or on.
    ///
    /// ## Why is this bad?
    /// Whether that is on depends on the key: `2` is on in most switches and off in some, `ja` is off in most and on in some. A number that reads as on is told of as information only.
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
    /// Write 0 or 1.
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
    let (digit, reads) = if read { ("1", "on") } else { ("0", "off") };
    let message = message!(
        "`{key}` is `{value}`, which MicroSIP reads as {read}",
        key = entry.key(),
        value,
        read = reads
    );
    let finding = RULE.at_value((section, entry), message);
    let number = leading_number(&value).0;
    // A number says on by being none of 0; what a word says nobody knows.
    let is_meant = number.is_some_and(|number| (number != 0) == read);
    findings.push(if is_meant {
        let edit = Edit::ReplaceValue { line: entry.line(), text: digit.to_owned() };
        let title = format!("write `{digit}`, as it is read");
        finding.with_severity(Severity::Info).with_fix(Fix::edits(Safety::Safe, title, vec![edit]))
    } else {
        finding.with_help("expected 0 or 1")
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
                "2: info: `AA` is `2`, which MicroSIP reads as on",
                "3: warning: `noResize` is `2`, which MicroSIP reads as off",
                "4: warning: `rport` is `00`, which MicroSIP reads as on",
                "5: warning: `DND` is `ja`, which MicroSIP reads as off",
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
