//! `too-many-servers`: more servers than MicroSIP queries.

use crate::validate::context::{Context, EntryLocation};
use crate::validate::finding::Finding;
use crate::validate::rule::rule;
use microsip_schema::Key;

rule! {
    /// ## What it does
    /// Checks for more than eight servers in `STUN`, or more than four in `dnsSrvNs`.
    ///
    /// ## Why is this bad?
    /// MicroSIP queries the first ones and ignores the rest.
    ///
    /// ## Example
    /// ```ini
    /// [Settings]
    /// dnsSrv=1
    /// dnsSrvNs=192.0.2.1,192.0.2.2,192.0.2.3,192.0.2.4,192.0.2.5
    /// ```
    ///
    /// ## Use instead
    /// ```ini
    /// [Settings]
    /// dnsSrv=1
    /// dnsSrvNs=192.0.2.1,192.0.2.2,192.0.2.3,192.0.2.4
    /// ```
    ///
    /// ## How to fix
    /// Keep only the servers that MicroSIP should query.
    TooManyServers,
    on Read, keys Settings "STUN" | "dnsSrvNs", requires FILLED
}

/// Keys that list servers, and how many of them MicroSIP queries.
const MAX_SERVERS: [(&str, usize); 2] = [("STUN", 8), ("dnsSrvNs", 4)];

fn check(
    _: Context<'_>,
    location: EntryLocation<'_>,
    key: &'static Key,
    findings: &mut Vec<Finding>,
) {
    let Some((name, max)) = MAX_SERVERS.iter().find(|(name, _)| *name == key.name()) else {
        return;
    };
    let value = location.1.value();
    let servers = value.split([',', ';']).filter(|server| !server.trim().is_empty()).count();
    if servers > *max {
        let message = message!(
            "`{key}` lists {count} servers, but MicroSIP queries only {max}",
            key = name,
            count = servers,
            max
        );
        findings.push(RULE.at_value(location, message));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::validate::rules::testing::check;

    #[test]
    fn stun_servers_are_reported_when_there_are_more_than_eight() {
        let servers = |count: usize| format!("[Settings]\nSTUN={}\n", "a;".repeat(count));
        check(&RULE, servers(8), &[]);
        check(
            &RULE,
            servers(9),
            &["2: warning: `STUN` lists 9 servers, but MicroSIP queries only 8"],
        );
    }
}
