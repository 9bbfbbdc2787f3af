//! `value-too-new`: a word that the version aimed at does not know yet.

use crate::validate::context::{Context, EntryLocation};
use crate::validate::finding::Finding;
use crate::validate::rule::rule;
use microsip_schema::{Choice, Key, Kind};

rule! {
    /// ## What it does
    /// A word that only newer versions of MicroSIP know: `hideCID=soft`, `SRTP=dtls`, `updatesInterval=always` and such, for the version given by `--microsip`.
    ///
    /// ## Why is this bad?
    /// The older version keeps the word, and acts as if the key were empty or off.
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
    /// Write a word that this version knows, or install a newer one.
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
    let word = choices.iter().find(|it| it.text().eq_ignore_ascii_case(&value));
    let since = word.and_then(Choice::since).filter(|since| *since > context.microsip);
    if let Some(since) = since {
        let (name, aim) = (entry.key(), context.microsip);
        let message = message!(
            "`{key}` is `{value}`, which MicroSIP knows from {since} on, not {microsip}",
            key = name,
            value,
            since,
            microsip = aim
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
        let message =
            "2: warning: `SRTP` is `dtls`, which MicroSIP knows from 3.22.3 on, not 3.21.6";
        check_for(&RULE, microsip_schema::Version::new(3, 21, 6), text, &[message]);
    }
}
