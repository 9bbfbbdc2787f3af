//! `stun-in-account`: a STUN server where it is not looked for any more.

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
    /// A `STUN` server in an account, for MicroSIP 3.15.6 and newer.
    ///
    /// ## Why is this bad?
    /// Up to 3.14.5 each account had a server of its own. Newer versions read `STUN` in `[Settings]` only, and at most delete the old line: the public address is not asked for any more, and calls from behind a router may have no sound.
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
        let Some(place) = account.filled("STUN") else { continue };
        let name = account.section.name();
        let message =
            message!("`STUN` in `[{section}]` is read up to MicroSIP 3.14.5 only", section = name);
        let mut finding = RULE.at_key(place, message);
        // Of several accounts' servers the first moves, as there is one line for all.
        if is_free && let Some(edits) = moved(context, place) {
            is_free = false;
            let title = "set `STUN` in `[Settings]`, with `enableSTUN`, in its place";
            finding = finding.with_fix(Fix::edits(Safety::Unsafe, title, edits));
        }
        findings.push(finding);
    }
}

fn moved(context: Context<'_>, place: EntryLocation<'_>) -> Option<Vec<Edit>> {
    let document = context.document;
    // Where there is no such section each of the two would bring a header of its own.
    context.profile.section(SETTINGS)?;
    let mut edits = profile::set(document, SETTINGS, "STUN", &place.1.value()).ok()?;
    edits.extend(profile::set(document, SETTINGS, "enableSTUN", "1").ok()?);
    edits.extend(profile::unset(document, &place.0.name(), "STUN"));
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
                "4: warning: `STUN` in `[Account1]` is read up to MicroSIP 3.14.5 only",
                "7: warning: `STUN` in `[Account2]` is read up to MicroSIP 3.14.5 only",
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
