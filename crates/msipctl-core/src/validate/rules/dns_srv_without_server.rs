//! `dns-srv-without-server`: SRV records with nobody to ask.

use crate::validate::context::{Context, EntryLocation};
use crate::validate::finding::Finding;
use crate::validate::rule::rule;
use microsip_schema::Key;

rule! {
    /// ## What it does
    /// `dnsSrv=1` and no name server in `dnsSrvNs`.
    ///
    /// ## Why is this bad?
    /// MicroSIP asks only the name servers in `dnsSrvNs`, not those of Windows. Without one, `dnsSrv` has no effect, and the settings dialog switches it off again.
    ///
    /// ## Example
    /// ```ini
    /// [Settings]
    /// dnsSrv=1
    /// ```
    ///
    /// ## Use instead
    /// ```ini
    /// [Settings]
    /// dnsSrv=1
    /// dnsSrvNs=192.0.2.53
    /// ```
    ///
    /// ## How to fix
    /// Name a server in `dnsSrvNs`, or set `dnsSrv=0`.
    DnsSrvWithoutServer,
    on Read, keys Settings "dnsSrv", requires NOT_ZERO
}

fn check(
    context: Context<'_>,
    place: EntryLocation<'_>,
    _: &'static Key,
    findings: &mut Vec<Finding>,
) {
    let has_server = context.setting("dnsSrvNs").is_some_and(|(_, entry)| !entry.is_empty());
    if context.is_on("dnsSrv") && !has_server {
        let message = message!("`dnsSrv` is on, but `dnsSrvNs` names no server");
        findings.push(RULE.at_value(place, message));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::validate::rules::testing::check;

    #[test]
    fn dns_srv_is_reported_when_no_server_is_set() {
        let message = "2: warning: `dnsSrv` is on, but `dnsSrvNs` names no server";
        check(&RULE, "[Settings]\ndnsSrv=1\ndnsSrvNs=\n", &[message]);
        check(&RULE, "[Settings]\ndnsSrv=0\n", &[]);
        check(&RULE, "[Settings]\ndnsSrv=1\ndnsSrvNs=x\n", &[]);
    }
}
