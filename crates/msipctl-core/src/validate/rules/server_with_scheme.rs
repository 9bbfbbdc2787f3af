//! `server-with-scheme`: URL where a host name is expected.

use crate::validate::context::{Account, Context, EntryLocation};
use crate::validate::finding::Finding;
use crate::validate::fix::{Fix, Safety};
use crate::validate::rule::rule;
use microsip_schema::Key;
use winini::Edit;

rule! {
    /// ## What it does
    /// Checks for a `server` or `domain` that starts with a scheme such as `sip:` or `http://`.
    ///
    /// ## Why is this bad?
    /// MicroSIP adds `sip:` itself. The resulting address is invalid, so the account doesn't register.
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
    /// Write only the host name, with `:port` if needed. A `proxy` can be a SIP address.
    ///
    /// ## Fix safety
    /// Removes the scheme, if only a host with or without a port follows it. Unsafe, because MicroSIP then connects to another server than today.
    ServerWithScheme,
    on Known, keys Account "server" | "domain", requires COLON,
    fix Sometimes
}

const SCHEMES: [&str; 6] = ["sip://", "sips://", "http://", "https://", "sips:", "sip:"];

fn check(
    _: Context<'_>,
    location: EntryLocation<'_>,
    _: &'static Key,
    findings: &mut Vec<Finding>,
) {
    if Account::of(location.0).is_none() {
        return;
    }
    let (key, value) = (location.1.key(), location.1.value());
    let Some((scheme, host)) = SCHEMES.iter().find_map(|scheme| {
        let (start, host) = value.split_at_checked(scheme.len())?;
        start.eq_ignore_ascii_case(scheme).then_some((*scheme, host))
    }) else {
        return;
    };
    let message =
        message!("invalid value for `{key}`: expected a host name without `{scheme}`", key, scheme);
    let finding = RULE.at_value(location, message);
    // More than a host name may follow the scheme.
    let is_host = !host.is_empty() && !host.contains(['/', '@', ';', '?', ' ', '"']);
    findings.push(if is_host {
        let edit = Edit::ReplaceValue { line: location.1.line(), text: host.to_owned() };
        let title = format!("remove `{scheme}` from `{key}`");
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
                "3: error: invalid value for `server`: expected a host name without `sip:`",
                "6: error: invalid value for `domain`: expected a host name without `https://`",
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
