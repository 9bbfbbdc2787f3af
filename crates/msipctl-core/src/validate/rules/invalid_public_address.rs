//! `invalid-public-address`: an address that nobody can answer to.

use crate::validate::context::{Account, Context, EntryLocation};
use crate::validate::finding::Finding;
use crate::validate::rule::rule;
use microsip_schema::Key;
use std::net::{Ipv4Addr, Ipv6Addr};

rule! {
    /// ## What it does
    /// A `publicAddr` that is neither an IP address nor a host name: with a scheme, a port, a path or blanks.
    ///
    /// ## Why is this bad?
    /// MicroSIP tells it to others as it is. Calls are set up, and the sound of the other side goes nowhere.
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
    /// Write the address alone, or leave it empty: MicroSIP then finds it out.
    InvalidPublicAddress,
    on Known, keys Account "publicAddr", requires FILLED,
    fix Sometimes
}

fn check(_: Context<'_>, place: EntryLocation<'_>, _: &'static Key, findings: &mut Vec<Finding>) {
    if Account::of(place.0).is_none() || place.1.is_empty() {
        return;
    }
    let value = place.1.value();
    if !is_address(&value) {
        let message =
            message!("`publicAddr` is `{value}`, expected an IP address or a host name", value);
        findings.push(RULE.at_value(place, message));
    }
}

fn is_address(value: &str) -> bool {
    let inner = value.strip_prefix('[').and_then(|value| value.strip_suffix(']')).unwrap_or(value);
    if inner.parse::<Ipv6Addr>().is_ok() {
        return true;
    }
    // What is made of digits and dots only is meant to be an address of four numbers.
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
                "2: warning: `publicAddr` is `{address}`, expected an IP address or a host name"
            );
            check(&RULE, account(address), &[&message]);
        }
    }
}
