//! `transport-mismatch`: port that belongs to another transport.

use crate::diagnostic::Severity;
use crate::validate::context::{Account, Context, EntryLocation};
use crate::validate::finding::Finding;
use crate::validate::rule::rule;
use microsip_schema::Key;

rule! {
    /// ## What it does
    /// Checks for `transport=tls` with port 5060 (SIP without TLS), and for `udp` or `tcp` with port 5061 (SIP over TLS).
    ///
    /// ## Why is this bad?
    /// The server doesn't respond, and the account stays offline without an error message. The second case is only `info`, because a server may use port 5061 for something else.
    ///
    /// ## Example
    /// ```ini
    /// [Settings]
    /// accountId=1
    /// [Account1]
    /// domain=sip.example.com
    /// server=sip.example.com:5060
    /// username=1
    /// transport=tls
    /// ```
    ///
    /// ## Use instead
    /// ```ini
    /// [Settings]
    /// accountId=1
    /// [Account1]
    /// domain=sip.example.com
    /// server=sip.example.com:5061
    /// username=1
    /// transport=tls
    /// ```
    ///
    /// ## How to fix
    /// Write the port of the transport, or none. msipctl checks the port in `proxy`, or if that is empty, in `server`, and then in `domain`.
    TransportMismatch,
    on Known, keys Account "proxy" | "server" | "domain", requires COLON | QUOTE | NON_ASCII
}

fn check(
    _: Context<'_>,
    location: EntryLocation<'_>,
    _: &'static Key,
    findings: &mut Vec<Finding>,
) {
    let Some(account) = Account::of(location.0) else { return };
    let transport = account.get("transport");
    let host = ["proxy", "server", "domain"].iter().find_map(|key| account.filled(key));
    if host.is_none_or(|(_, entry)| entry.line() != location.1.line()) {
        return;
    }
    let value = location.1.value();
    let (port, severity) = match &*transport {
        "tls" => ("5060", Severity::Warning),
        "udp" | "tcp" => ("5061", Severity::Info),
        _ => return,
    };
    let has_port = |host: &str| host.rsplit_once(':').is_some_and(|(_, after)| after == port);
    // A proxy may have parameters, which may include another transport.
    if value.split_whitespace().all(|host| !host.contains(';') && has_port(host)) {
        let key = location.1.key();
        let message = message!(
            "`{key}` has port {port}, but `transport` is `{transport}`",
            key,
            port,
            transport
        );
        findings.push(RULE.at_value(location, message).with_severity(severity));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::validate::rules::testing::check;

    #[test]
    fn port_of_another_transport_is_reported() {
        let account = |text: &str| format!("[Account1]\n{text}\n");
        check(
            &RULE,
            account("transport=tls\ndomain=a:5061\nproxy=b:5060"),
            &["4: warning: `proxy` has port 5060, but `transport` is `tls`"],
        );
        check(
            &RULE,
            account("transport=udp\ndomain=a:5061"),
            &["3: info: `domain` has port 5061, but `transport` is `udp`"],
        );
        check(&RULE, account("transport=tls\ndomain=a:5061"), &[]);
        check(&RULE, account("transport=tls\ndomain=a:15060"), &[]);
        check(&RULE, account("transport=\ndomain=a:5061"), &[]);
        check(&RULE, account("transport=tls\nproxy=sip:a:5060;transport=tcp"), &[]);
    }
}
