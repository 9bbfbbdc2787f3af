//! `transport-mismatch`: a port that belongs to another transport.

use crate::diagnostic::Severity;
use crate::validate::context::{Account, Context, EntryLocation};
use crate::validate::finding::Finding;
use crate::validate::rule::rule;
use microsip_schema::Key;

rule! {
    /// ## What it does
    /// `transport=tls` with port 5060, which is that of SIP without TLS, or `udp` and `tcp` with port 5061, which is that of SIP over TLS. The port is looked for in `proxy`, else in `server`, else in `domain`.
    ///
    /// ## Why is this bad?
    /// The server does not answer, and the account stays offline without a reason being shown. A server may use port 5061 for something else; so the second case is told of as information only.
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
    /// Write the port of the transport, or none.
    TransportMismatch,
    on Known, keys Account "proxy" | "server" | "domain", requires COLON | QUOTE | NON_ASCII
}

fn check(_: Context<'_>, place: EntryLocation<'_>, _: &'static Key, findings: &mut Vec<Finding>) {
    let Some(account) = Account::of(place.0) else { return };
    let transport = account.get("transport");
    let host = ["proxy", "server", "domain"].iter().find_map(|key| account.filled(key));
    if host.is_none_or(|(_, entry)| entry.line() != place.1.line()) {
        return;
    }
    let value = place.1.value();
    let (port, severity) = match &*transport {
        "tls" => ("5060", Severity::Warning),
        "udp" | "tcp" => ("5061", Severity::Info),
        _ => return,
    };
    let ends = |host: &str| host.rsplit_once(':').is_some_and(|(_, behind)| behind == port);
    // A proxy may carry parameters, which may name a transport of its own.
    if value.split_whitespace().all(|host| !host.contains(';') && ends(host)) {
        let key = place.1.key();
        let message = message!(
            "`{key}` has port {port}, but `transport` is `{transport}`",
            key,
            port,
            transport
        );
        findings.push(RULE.at_value(place, message).with_severity(severity));
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
