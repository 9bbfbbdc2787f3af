//! `value-too-new`: value that the target version doesn't support yet.

use crate::validate::context::{Context, EntryLocation};
use crate::validate::finding::Finding;
use crate::validate::rule::rule;
use microsip_schema::{Choice, Key, Kind};

rule! {
    /// ## What it does
    /// Checks for values that require a newer MicroSIP than the target version, such as `hideCID=soft`, `SRTP=dtls`, and `updatesInterval=always`.
    ///
    /// ## Why is this bad?
    /// The older version keeps the value, but acts as if the key were empty or off.
    ///
    /// ## Example
    /// ```ini
    /// ; for MicroSIP 3.22.3
    /// [Account1]
    /// domain=sip.example.com
    /// hideCID=soft
    /// ```
    ///
    /// ## Use instead
    /// ```ini
    /// ; for MicroSIP 3.22.3
    /// [Account1]
    /// domain=sip.example.com
    /// hideCID=1
    /// ```
    ///
    /// ## How to fix
    /// Write a value that this version supports, or install a newer version. To set the target version, use `--microsip`.
    ValueTooNew,
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
    let choice = choices.iter().find(|it| it.text().eq_ignore_ascii_case(&value));
    let since = choice.and_then(Choice::since).filter(|since| *since > context.microsip);
    if let Some(since) = since {
        let (name, microsip) = (entry.key(), context.microsip);
        let message = message!(
            "`{key}` is `{value}`, which requires MicroSIP {since}, but the target version is {microsip}",
            key = name,
            value,
            since,
            microsip
        );
        findings.push(RULE.at_value((section, entry), message));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::validate::rules::testing::{check, check_for};

    #[test]
    fn value_newer_than_the_target_version_is_reported() {
        let text = "[Account1]\nSRTP=dtls\nhideCID=1\n";
        check(&RULE, text, &[]);
        let message = "2: warning: `SRTP` is `dtls`, which requires MicroSIP 3.22.3, but the target version is 3.21.6";
        check_for(&RULE, microsip_schema::Version::new(3, 21, 6), text, &[message]);
    }
}
