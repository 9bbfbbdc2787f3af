//! `stun-without-server`: STUN with nobody to ask.

use crate::validate::context::{Context, EntryLocation};
use crate::validate::finding::Finding;
use crate::validate::rule::rule;
use microsip_schema::Key;

rule! {
    /// ## What it does
    /// `enableSTUN=1` and no server in `STUN`.
    ///
    /// ## Why is this bad?
    /// It has no effect, and the settings dialog switches it off again. The servers may stand elsewhere, for example in an account.
    ///
    /// ## Example
    /// ```ini
    /// [Settings]
    /// enableSTUN=1
    /// ```
    ///
    /// ## Use instead
    /// ```ini
    /// [Settings]
    /// STUN=stun.example.com
    /// enableSTUN=1
    /// ```
    ///
    /// ## How to fix
    /// Name a server in `STUN`, or set `enableSTUN=0`.
    StunWithoutServer,
    on Read, keys Settings "enableSTUN", requires NOT_ZERO
}

fn check(
    context: Context<'_>,
    place: EntryLocation<'_>,
    _: &'static Key,
    findings: &mut Vec<Finding>,
) {
    let has_server = context.setting("STUN").is_some_and(|(_, entry)| !entry.is_empty());
    if context.is_on("enableSTUN") && !has_server {
        let message = message!("`enableSTUN` is on, but `STUN` names no server");
        findings.push(RULE.at_value(place, message));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::validate::rules::testing::check;

    #[test]
    fn stun_is_reported_when_no_server_is_set() {
        let message = "3: warning: `enableSTUN` is on, but `STUN` names no server";
        check(&RULE, "[Settings]\nSTUN=\nenableSTUN=1\n", &[message]);
        check(&RULE, "[Settings]\nenableSTUN=0\n", &[]);
        check(&RULE, "[Settings]\nSTUN=x\nenableSTUN=1\n", &[]);
    }
}
