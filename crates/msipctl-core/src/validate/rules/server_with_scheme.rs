//! `server-with-scheme`: an address where a host is expected.

use crate::validate::context::{Account, Context, EntryLocation};
use crate::validate::finding::Finding;
use crate::validate::fix::{Fix, Safety};
use crate::validate::rule::rule;
use microsip_schema::Key;
use winini::Edit;

rule! {
    /// ## What it does
    /// A `server` or `domain` that begins with `sip:`, `http://` or the like. A `proxy` may be a SIP address.
    ///
    /// ## Why is this bad?
    /// MicroSIP puts `sip:` in front itself. The address it makes of both is none, and the account does not register.
    ///
    /// ## Example
    /// ```ini
    /// [Settings]
    /// accountId=1
    /// [Account1]
    /// domain=sip:pbx.example.com
    /// username=1
    /// ```
    ///
    /// ## Use instead
    /// ```ini
    /// [Settings]
    /// accountId=1
    /// [Account1]
    /// domain=pbx.example.com
    /// username=1
    /// ```
    ///
    /// ## How to fix
    /// An unsafe fix writes the host, with `:port` if it has one: MicroSIP then connects to another server than today.
    ServerWithScheme,
    on Known, keys Account "server" | "domain", requires COLON,
    fix Sometimes
}

const SCHEMES: [&str; 6] = ["sip://", "sips://", "http://", "https://", "sips:", "sip:"];

fn check(_: Context<'_>, place: EntryLocation<'_>, _: &'static Key, findings: &mut Vec<Finding>) {
    if Account::of(place.0).is_none() {
        return;
    }
    let (key, value) = (place.1.key(), place.1.value());
    let Some((scheme, host)) = SCHEMES.iter().find_map(|scheme| {
        let (start, host) = value.split_at_checked(scheme.len())?;
        start.eq_ignore_ascii_case(scheme).then_some((*scheme, host))
    }) else {
        return;
    };
    let message = message!("`{key}` begins with `{scheme}`, expected a host", key, scheme);
    let finding = RULE.at_value(place, message);
    // There may be more than a host behind the scheme.
    let is_host = !host.is_empty() && !host.contains(['/', '@', ';', '?', ' ', '"']);
    findings.push(if is_host {
        let edit = Edit::ReplaceValue { line: place.1.line(), text: host.to_owned() };
        let title = format!("leave `{scheme}` out of `{key}`");
        finding.with_fix(Fix::edits(Safety::Unsafe, title, vec![edit]))
    } else {
        finding
    });
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::validate::rules::testing::{check, fixes};

    #[test]
    fn scheme_is_reported_for_server_and_domain_but_not_for_proxy() {
        check(
            &RULE,
            "[Account1]\ndomain=a\nserver=SIP:a:5060\nproxy=sip:b\n[Account2]\ndomain=https://c/x\n",
            &[
                "3: error: `server` begins with `sip:`, expected a host",
                "6: error: `domain` begins with `https://`, expected a host",
            ],
        );
        check(&RULE, "[Account1]\ndomain=sipgate.example.com\nserver=sip.example.com\n", &[]);
    }

    #[test]
    fn unsafe_fix_removes_the_scheme() {
        let before = "[Account1]\ndomain=sip:a:5060\nserver=sips:b\n[Account2]\ndomain=sip:u@c\n";
        fixes(&RULE, Safety::Safe, before, before);
        let all = "[Account1]\ndomain=a:5060\nserver=b\n[Account2]\ndomain=sip:u@c\n";
        fixes(&RULE, Safety::Unsafe, before, all);
    }
}
