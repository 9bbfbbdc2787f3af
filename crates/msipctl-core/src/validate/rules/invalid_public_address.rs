//! `invalid-public-address`: a `publicAddr` that isn't an address.

use crate::validate::context::{Account, Context, EntryLocation};
use crate::validate::finding::Finding;
use crate::validate::rule::rule;
use microsip_schema::Key;
use std::net::{Ipv4Addr, Ipv6Addr};

rule! {
    /// ## What it does
    /// Checks for `publicAddr` values that are neither an IP address nor a host name, for example with a scheme, port, path, or space.
    ///
    /// ## Why is this bad?
    /// MicroSIP sends this value to other devices unchanged. Calls connect, but the audio from the other side never arrives.
    ///
    /// ## Example
    /// ```ini
    /// [Settings]
    /// accountId=1
    /// [Account1]
    /// domain=sip.example.com
    /// username=1
    /// publicAddr=203.0.113.7:5060
    /// ```
    ///
    /// ## Use instead
    /// ```ini
    /// [Settings]
    /// accountId=1
    /// [Account1]
    /// domain=sip.example.com
    /// username=1
    /// publicAddr=203.0.113.7
    /// ```
    ///
    /// ## How to fix
    /// Set only the address, or leave the value empty, so that MicroSIP detects the address.
    InvalidPublicAddress,
    on Known, keys Account "publicAddr", requires FILLED
}

fn check(
    _: Context<'_>,
    location: EntryLocation<'_>,
    _: &'static Key,
    findings: &mut Vec<Finding>,
) {
    if Account::of(location.0).is_none() || location.1.is_empty() {
        return;
    }
    let value = location.1.value();
    if !is_address(&value) {
        let message = message!(
            "invalid value `{value}` for `publicAddr`: expected an IP address or a host name",
            value
        );
        findings.push(RULE.at_value(location, message));
    }
}

fn is_address(value: &str) -> bool {
    let inner = value.strip_prefix('[').and_then(|value| value.strip_suffix(']')).unwrap_or(value);
    if inner.parse::<Ipv6Addr>().is_ok() {
        return true;
    }
    // A value of only digits and dots is meant as an IPv4 address.
    if value.bytes().all(|byte| byte.is_ascii_digit() || byte == b'.') {
        return value.parse::<Ipv4Addr>().is_ok();
    }
    value.chars().all(|character| character.is_alphanumeric() || ".-_".contains(character))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::validate::rules::testing::check;

    #[test]
    fn public_address_with_port_or_scheme_is_reported() {
        let account = |address: &str| format!("[Account1]\npublicAddr={address}\n");
        for address in [
            "",
            "192.0.2.1",
            "a-b.example.com",
            "2001:db8::1",
            "[2001:db8::1]",
            "b\u{fc}ro.example",
        ] {
            check(&RULE, account(address), &[]);
        }
        for address in ["192.0.2.1:5060", "192.0.2", "192.0.2.300", "sip:a", "a/b", "a b"] {
            let message = format!(
                "2: warning: invalid value `{address}` for `publicAddr`: expected an IP address or a host name"
            );
            check(&RULE, account(address), &[&message]);
        }
    }
}
