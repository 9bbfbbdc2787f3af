//! `invalid-value`: a value that MicroSIP doesn't know.

use crate::diagnostic::{Prose, Severity};
use crate::validate::context::{Context, EntryLocation};
use crate::validate::finding::Finding;
use crate::validate::rule::rule;
use microsip_schema::{Key, Kind, leading_number};

rule! {
    /// ## What it does
    /// Checks for values that a key allows in no version and in no capitalization.
    ///
    /// ## Why is this bad?
    /// MicroSIP shows no error. It treats an unknown value as if the key were empty, or in a few keys as another value. The value `0` is reported as `info` where an empty value turns the setting off.
    ///
    /// ## Example
    /// ```ini
    /// [Settings]
    /// autoAnswer=always
    /// ```
    ///
    /// ## Use instead
    /// ```ini
    /// [Settings]
    /// autoAnswer=all
    /// ```
    ///
    /// ## How to fix
    /// Use one of the values that the help of the finding lists.
    InvalidValue,
    on Filled, kinds CHOICE, requires INVALID
}

fn check(
    context: Context<'_>,
    (section, entry): EntryLocation<'_>,
    key: &'static Key,
    findings: &mut Vec<Finding>,
) {
    let Kind::Choice(choices) = key.kind() else { return };
    let value = entry.value();
    if choices.iter().any(|choice| choice.text().eq_ignore_ascii_case(&value)) {
        return;
    }
    let is_numeric = choices.iter().all(|choice| choice.text().parse::<u8>().is_ok());
    // MicroSIP ignores a suffix after a number.
    let number = leading_number(&value).0.filter(|_| is_numeric).map(|number| number.to_string());
    if number.is_some_and(|number| choices.iter().any(|choice| choice.text() == number)) {
        return;
    }
    let Err(error) = key.check(&value, context.microsip) else { return };
    let effect = match taken_for(key.name()) {
        "" => "as empty".to_owned(),
        other => format!("as `{other}`"),
    };
    let message = message!(
        "invalid value `{value}` for `{key}`: MicroSIP treats it {effect}",
        value,
        key = entry.key(),
        effect = Prose(effect)
    );
    let mut finding = RULE.at_value((section, entry), message);
    if value == "0" && taken_for(key.name()).is_empty() && key.name() != "transport" {
        finding = finding.with_severity(Severity::Info);
    }
    findings.push(finding.with_help(format!("expected {}", error.expected())));
}

/// Returns the value that MicroSIP uses instead of one that it doesn't know.
pub(super) fn taken_for(key: &str) -> &'static str {
    match key {
        "defaultAction" => "message",
        "recordingFormat" => "mp3",
        "updatesInterval" => "weekly",
        "hideCID" | "DTMFMethod" => "0",
        _ => "",
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::validate::rules::testing::check;

    #[test]
    fn finding_names_the_effective_value() {
        check(
            &RULE,
            "[Settings]\ndenyIncoming=0\nupdatesInterval=0\nDTMFMethod=rfc\nforwarding=yes\n",
            &[
                "2: info: invalid value `0` for `denyIncoming`: MicroSIP treats it as empty",
                "3: warning: invalid value `0` for `updatesInterval`: MicroSIP treats it as `weekly`",
                "4: warning: invalid value `rfc` for `DTMFMethod`: MicroSIP treats it as `0`",
                "5: warning: invalid value `yes` for `forwarding`: MicroSIP treats it as empty",
            ],
        );
    }

    #[test]
    fn values_covered_by_other_rules_are_not_reported() {
        check(&RULE, "[Settings]\nautoAnswer=Button\nforwarding=\nDTMFMethod=2x\n", &[]);
        check(&RULE, "[Settings]\nautoAnswer=1\naudioInputDevice=\"\"\n", &[]);
    }
}
