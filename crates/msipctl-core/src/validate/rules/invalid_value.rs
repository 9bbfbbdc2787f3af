//! `invalid-value`: a word that MicroSIP does not know.

use crate::diagnostic::{Prose, Severity};
use crate::validate::context::{Context, EntryLocation};
use crate::validate::finding::Finding;
use crate::validate::rule::rule;
use microsip_schema::{Key, Kind, leading_number};

rule! {
    /// ## What it does
    /// A value that is none of the words of its key, in no version and in no case of letters.
    ///
    /// ## Why is this bad?
    /// MicroSIP never complains. A word it does not know acts as if the key were empty, in a few keys as another word. `0` where the word for nothing is an empty value is told of as information only.
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
    /// Write one of the words in the help.
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
    if choices.iter().any(|word| word.text().eq_ignore_ascii_case(&value)) {
        return;
    }
    let numbered = choices.iter().all(|word| word.text().parse::<u8>().is_ok());
    // Of a number with a tail the number counts.
    let number = leading_number(&value).0.filter(|_| numbered).map(|number| number.to_string());
    if number.is_some_and(|number| choices.iter().any(|word| word.text() == number)) {
        return;
    }
    let Err(error) = key.check(&value, context.microsip) else { return };
    let acts = match taken_for(key.name()) {
        "" => "as if the key were empty".to_owned(),
        word => format!("like `{word}`"),
    };
    let message = message!(
        "`{key}` is `{value}`, which acts {acts}",
        key = entry.key(),
        value,
        acts = Prose(acts)
    );
    let mut finding = RULE.at_value((section, entry), message);
    if value == "0" && taken_for(key.name()).is_empty() && key.name() != "transport" {
        finding = finding.with_severity(Severity::Info);
    }
    findings.push(finding.with_help(format!("expected {}", error.expected())));
}

/// Returns the word that MicroSIP takes one for that it does not know.
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
                "2: info: `denyIncoming` is `0`, which acts as if the key were empty",
                "3: warning: `updatesInterval` is `0`, which acts like `weekly`",
                "4: warning: `DTMFMethod` is `rfc`, which acts like `0`",
                "5: warning: `forwarding` is `yes`, which acts as if the key were empty",
            ],
        );
    }

    #[test]
    fn values_covered_by_other_rules_are_not_reported() {
        check(&RULE, "[Settings]\nautoAnswer=Button\nforwarding=\nDTMFMethod=2x\n", &[]);
        check(&RULE, "[Settings]\nautoAnswer=1\naudioInputDevice=\"\"\n", &[]);
    }
}
