//! `srtp-without-tls`: keys that are sent in the clear.

use crate::diagnostic::Prose;
use crate::validate::context::{Account, Context, EntryLocation};
use crate::validate::finding::Finding;
use crate::validate::rule::rule;
use microsip_schema::Key;

rule! {
    /// ## What it does
    /// `SRTP=optional` or `mandatory` with `transport=udp` or `tcp`, or with no transport named, which is the same.
    ///
    /// ## Why is this bad?
    /// The keys of such a call are in its SIP messages. Whoever can hear the call can read them, too, unless SIP goes by TLS.
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
    /// Set `transport=tls`, if the server has it; from 3.22.3 on, `SRTP=dtls` needs no TLS.
    SrtpWithoutTls,
    on Known, keys Account "SRTP", requires FILLED
}

fn check(_: Context<'_>, place: EntryLocation<'_>, _: &'static Key, findings: &mut Vec<Finding>) {
    let Some(account) = Account::of(place.0).filter(|_| !place.1.is_empty()) else { return };
    let (value, transport) = (place.1.value(), account.get("transport"));
    let hosts = ["proxy", "server", "domain"].map(|key| account.get(key).to_ascii_lowercase());
    let is_told = hosts.iter().any(|host| host.contains("transport=tls"));
    let is_in_messages = matches!(&*value, "optional" | "mandatory");
    if is_in_messages && matches!(&*transport, "" | "udp" | "tcp") && !is_told {
        let by = if transport.is_empty() {
            "without TLS".to_owned()
        } else {
            format!("by `{transport}`")
        };
        let message = message!(
            "`SRTP` is `{value}`, but its keys are sent {by}",
            value,
            by = Prose(by);
            transport = transport
        );
        findings.push(RULE.at_value(place, message));
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
            &["2: warning: `SRTP` is `optional`, but its keys are sent by `tcp`"],
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
