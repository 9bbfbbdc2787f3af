//! `dns-srv-without-server`: `dnsSrv` without a name server to query.

use crate::validate::context::{Context, EntryLocation};
use crate::validate::finding::Finding;
use crate::validate::rule::rule;
use microsip_schema::Key;

rule! {
    /// ## What it does
    /// Checks for `dnsSrv=1` without a name server in `dnsSrvNs`.
    ///
    /// ## Why is this bad?
    /// MicroSIP queries only the name servers in `dnsSrvNs`, not those of Windows. Without one, `dnsSrv` has no effect, and the settings dialog turns it off again.
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
    /// Add a server to `dnsSrvNs`, or set `dnsSrv=0`.
    DnsSrvWithoutServer,
    on Read, keys Settings "dnsSrv", requires NOT_ZERO
}

fn check(
    context: Context<'_>,
    location: EntryLocation<'_>,
    _: &'static Key,
    findings: &mut Vec<Finding>,
) {
    let has_server = context.setting("dnsSrvNs").is_some_and(|(_, entry)| !entry.is_empty());
    if context.is_on("dnsSrv") && !has_server {
        let message = message!("`dnsSrv` has no effect because `dnsSrvNs` names no server");
        findings.push(RULE.at_value(location, message));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::validate::rules::testing::check;

    #[test]
    fn dns_srv_is_reported_when_no_server_is_set() {
        let message = "2: warning: `dnsSrv` has no effect because `dnsSrvNs` names no server";
        check(&RULE, "[Settings]\ndnsSrv=1\ndnsSrvNs=\n", &[message]);
        check(&RULE, "[Settings]\ndnsSrv=0\n", &[]);
        check(&RULE, "[Settings]\ndnsSrv=1\ndnsSrvNs=x\n", &[]);
    }
}
