//! `stun-in-account`: STUN server that MicroSIP no longer reads.

use crate::event::SETTINGS;
use crate::validate::context::{Context, EntryLocation};
use crate::validate::finding::Finding;
use crate::validate::fix::{Fix, Safety};
use crate::validate::rule::rule;
use microsip_schema::Version;
use winini::Edit;
use winini::profile;

rule! {
    /// ## What it does
    /// Checks for a `STUN` server in an account, for MicroSIP 3.15.6 and newer.
    ///
    /// ## Why is this bad?
    /// Up to 3.14.5, each account had a separate server. Newer versions read `STUN` only in `[Settings]`, and at most delete the old line. MicroSIP then doesn't query its public address, and calls through a router may have no audio.
    ///
    /// ## Example
    /// ```ini
    /// [Settings]
    /// accountId=1
    /// [Account1]
    /// domain=sip.example.com
    /// username=1
    /// STUN=stun.example.com
    /// ```
    ///
    /// ## Use instead
    /// ```ini
    /// [Settings]
    /// accountId=1
    /// STUN=stun.example.com
    /// enableSTUN=1
    /// [Account1]
    /// domain=sip.example.com
    /// username=1
    /// ```
    ///
    /// ## How to fix
    /// Set `STUN` and `enableSTUN=1` in `[Settings]`.
    ///
    /// ## Fix safety
    /// Moves the first server to `[Settings]`, and sets `enableSTUN=1`. Unsafe, because MicroSIP then queries the server for all accounts. No fix is available if `STUN` is already set in `[Settings]`, or for further servers.
    StunInAccount,
    on Document, requires UNAVAILABLE,
    fix Sometimes
}

fn check(context: Context<'_>, findings: &mut Vec<Finding>) {
    if context.microsip < Version::new(3, 15, 6) {
        return;
    }
    let is_set = context.setting("STUN").is_some_and(|(_, entry)| !entry.is_empty());
    let mut is_free = !is_set;
    for account in context.accounts() {
        let Some(location) = account.filled("STUN") else { continue };
        let name = account.section.name();
        let message =
            message!("MicroSIP reads `STUN` in `[{section}]` only up to 3.14.5", section = name);
        let mut finding = RULE.at_key(location, message);
        // Only the first server moves, because all accounts share one line.
        if is_free && let Some(edits) = moved(context, location) {
            is_free = false;
            let title = "move `STUN` to `[Settings]`, and set `enableSTUN`";
            finding = finding.with_fix(Fix::edits(Safety::Unsafe, title, edits));
        }
        findings.push(finding);
    }
}

fn moved(context: Context<'_>, location: EntryLocation<'_>) -> Option<Vec<Edit>> {
    let document = context.document;
    // Without this section, each of the two keys would add a header.
    context.profile.section(SETTINGS)?;
    let mut edits = profile::set(document, SETTINGS, "STUN", &location.1.value()).ok()?;
    edits.extend(profile::set(document, SETTINGS, "enableSTUN", "1").ok()?);
    edits.extend(profile::unset(document, &location.0.name(), "STUN"));
    Some(edits)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::validate::rules::testing::{check, check_for, fixes};

    const BEFORE: &str = "[Settings]\nAA=0\n[Account1]\nSTUN=a\ndomain=d\n[Account2]\nSTUN=b\n";

    #[test]
    fn stun_in_accounts_is_reported_after_3_14_5() {
        check(
            &RULE,
            BEFORE,
            &[
                "4: warning: MicroSIP reads `STUN` in `[Account1]` only up to 3.14.5",
                "7: warning: MicroSIP reads `STUN` in `[Account2]` only up to 3.14.5",
            ],
        );
        check(&RULE, "[Account1]\nSTUN=\n", &[]);
        check_for(&RULE, Version::new(3, 14, 5), BEFORE, &[]);
    }

    #[test]
    fn unsafe_fix_moves_the_first_server_to_settings() {
        let after =
            "[Settings]\nAA=0\nSTUN=a\nenableSTUN=1\n[Account1]\ndomain=d\n[Account2]\nSTUN=b\n";
        fixes(&RULE, Safety::Unsafe, BEFORE, after);
        let without = "[Account1]\nSTUN=a\n";
        fixes(&RULE, Safety::Unsafe, without, without);
    }
}
