//! `srtp-without-tls`: encrypted audio whose keys are sent unencrypted.

use crate::diagnostic::Prose;
use crate::validate::context::{Account, Context, EntryLocation};
use crate::validate::finding::Finding;
use crate::validate::rule::rule;
use microsip_schema::Key;

rule! {
    /// ## What it does
    /// Checks for `SRTP=optional` or `mandatory` with `transport=udp`, `transport=tcp`, or no transport, which has the same effect.
    ///
    /// ## Why is this bad?
    /// The SIP messages contain the encryption keys of the call. Without TLS, attackers who can record the call can also read its keys.
    ///
    /// ## Example
    /// ```ini
    /// [Settings]
    /// accountId=1
    /// [Account1]
    /// domain=sip.example.com
    /// username=1
    /// SRTP=mandatory
    /// transport=udp
    /// ```
    ///
    /// ## Use instead
    /// ```ini
    /// [Settings]
    /// accountId=1
    /// [Account1]
    /// domain=sip.example.com
    /// username=1
    /// SRTP=mandatory
    /// transport=tls
    /// ```
    ///
    /// ## How to fix
    /// Set `transport=tls` if the server supports it. From 3.22.3 on, `SRTP=dtls` doesn't need TLS.
    SrtpWithoutTls,
    on Known, keys Account "SRTP", requires FILLED
}

fn check(
    _: Context<'_>,
    location: EntryLocation<'_>,
    _: &'static Key,
    findings: &mut Vec<Finding>,
) {
    let Some(account) = Account::of(location.0).filter(|_| !location.1.is_empty()) else { return };
    let (value, transport) = (location.1.value(), account.get("transport"));
    let hosts = ["proxy", "server", "domain"].map(|key| account.get(key).to_ascii_lowercase());
    let names_tls = hosts.iter().any(|host| host.contains("transport=tls"));
    let is_in_messages = matches!(&*value, "optional" | "mandatory");
    if is_in_messages && matches!(&*transport, "" | "udp" | "tcp") && !names_tls {
        let how = if transport.is_empty() {
            "without TLS".to_owned()
        } else {
            format!("unencrypted over `{transport}`")
        };
        let message = message!(
            "`SRTP` is `{value}`, but its keys are sent {how}",
            value,
            how = Prose(how);
            transport = transport
        );
        findings.push(RULE.at_value(location, message));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::validate::rules::testing::check;

    #[test]
    fn srtp_is_reported_unless_transport_is_tls_or_keys_use_dtls() {
        let account = |text: &str| format!("[Account1]\n{text}\n");
        check(
            &RULE,
            account("SRTP=optional\ntransport=tcp"),
            &["2: warning: `SRTP` is `optional`, but its keys are sent unencrypted over `tcp`"],
        );
        check(
            &RULE,
            account("SRTP=mandatory"),
            &["2: warning: `SRTP` is `mandatory`, but its keys are sent without TLS"],
        );
        check(&RULE, account("SRTP=mandatory\ntransport=tls"), &[]);
        check(&RULE, account("SRTP=dtls\ntransport=udp"), &[]);
        check(&RULE, account("SRTP=mandatory\nproxy=sip:a;transport=TLS"), &[]);
        check(&RULE, account("SRTP=\ntransport=udp"), &[]);
    }
}
