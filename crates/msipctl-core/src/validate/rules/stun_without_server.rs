//! `stun-without-server`: enableSTUN without a server.

use crate::validate::context::{Context, EntryLocation};
use crate::validate::finding::Finding;
use crate::validate::rule::rule;
use microsip_schema::Key;

rule! {
    /// ## What it does
    /// Checks for `enableSTUN=1` without a server in `STUN`.
    ///
    /// ## Why is this bad?
    /// The setting has no effect, and the settings dialog turns it off again. The servers may be set elsewhere, for example in an account.
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
    /// Add a server to `STUN`, or set `enableSTUN=0`.
    StunWithoutServer,
    on Read, keys Settings "enableSTUN", requires NOT_ZERO
}

fn check(
    context: Context<'_>,
    location: EntryLocation<'_>,
    _: &'static Key,
    findings: &mut Vec<Finding>,
) {
    let has_server = context.setting("STUN").is_some_and(|(_, entry)| !entry.is_empty());
    if context.is_on("enableSTUN") && !has_server {
        let message = message!("`enableSTUN` is on, but `STUN` lists no server");
        findings.push(RULE.at_value(location, message));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::validate::rules::testing::check;

    #[test]
    fn stun_is_reported_when_no_server_is_set() {
        let message = "3: warning: `enableSTUN` is on, but `STUN` lists no server";
        check(&RULE, "[Settings]\nSTUN=\nenableSTUN=1\n", &[message]);
        check(&RULE, "[Settings]\nenableSTUN=0\n", &[]);
        check(&RULE, "[Settings]\nSTUN=x\nenableSTUN=1\n", &[]);
    }
}
