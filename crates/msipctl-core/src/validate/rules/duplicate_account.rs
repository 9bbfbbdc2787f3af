//! `duplicate-account`: two accounts of one user.

use std::collections::HashMap;

use crate::validate::context::Context;
use crate::validate::finding::Finding;
use crate::validate::rule::rule;

rule! {
    /// ## What it does
    /// Checks for accounts with the same `username`, `domain`, `server`, `proxy`, and `transport`.
    ///
    /// ## Why is this bad?
    /// Both accounts register as the same user, so switching between them changes nothing. If you change the password in one, the other keeps the old one. If only one of `domain` and `server` is set, the rule uses it for both.
    ///
    /// ## Example
    /// ```ini
    /// [Settings]
    /// accountId=1
    /// [Account1]
    /// domain=sip.example.com
    /// username=1001
    /// [Account2]
    /// domain=sip.example.com
    /// username=1001
    /// ```
    ///
    /// ## Use instead
    /// ```ini
    /// [Settings]
    /// accountId=1
    /// [Account1]
    /// domain=sip.example.com
    /// username=1001
    /// [Account2]
    /// domain=sip.example.com
    /// username=1002
    /// ```
    ///
    /// ## How to fix
    /// Delete one of the accounts in MicroSIP, which renumbers the later ones.
    DuplicateAccount,
    on Document, requires ACCOUNTS
}

fn check(context: Context<'_>, findings: &mut Vec<Finding>) {
    let mut first = HashMap::new();
    for account in context.accounts() {
        let username = account.get("username");
        // Host names ignore case, but user names are case-sensitive.
        let host = |key: &str| account.get(key).to_ascii_lowercase();
        let either = |one: &str, other: &str| {
            let host_of_one = host(one);
            if host_of_one.is_empty() { host(other) } else { host_of_one }
        };
        let (domain, server) = (either("domain", "server"), either("server", "domain"));
        let has_domain_from_fork = !account.loads() && account.is_of_fork();
        if username.is_empty() || domain.is_empty() || has_domain_from_fork {
            continue;
        }
        let identity = (username.into_owned(), [domain, server, host("proxy"), host("transport")]);
        let name = account.section.name();
        let other = first.entry(identity).or_insert_with(|| name.clone());
        if *other != name {
            let message = message!(
                "`[{section}]` has the same user and server as `[{other}]`",
                section = name,
                other
            );
            let header = account.section.place().header();
            let span = context.document.line(header).content();
            findings.push(RULE.at(header, span, message).about(&name, None));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::validate::rules::testing::check;

    #[test]
    fn accounts_with_the_same_user_and_server_are_reported() {
        check(
            &RULE,
            "[Account1]\ndomain=A\nusername=1\n[Account2]\nusername=1\ndomain=a\n[Account3]\ndomain=a\nusername=1\nproxy=b\n[Account4]\ndomain=a\n[Account5]\ndomain=a\n",
            &["4: warning: `[Account2]` has the same user and server as `[Account1]`"],
        );
    }

    #[test]
    fn server_and_domain_are_equivalent_when_only_one_is_set() {
        check(
            &RULE,
            "[Account1]\ndomain=a\nusername=1\n[Account2]\nserver=A\nusername=1\n[Account3]\nserver=a\ndomain=a\nusername=1\n[Account4]\nserver=a\ndomain=b\nusername=1\n[Account5]\nusername=1\n[Account6]\nusername=1\n",
            &[
                "4: warning: `[Account2]` has the same user and server as `[Account1]`",
                "7: warning: `[Account3]` has the same user and server as `[Account1]`",
            ],
        );
    }
}
