//! `duplicate-account`: one user twice.

use std::collections::HashMap;

use crate::validate::context::Context;
use crate::validate::finding::Finding;
use crate::validate::rule::rule;

rule! {
    /// ## What it does
    /// Two accounts with the same `username`, `domain`, `server`, `proxy`, and `transport`. Where only one of `domain` and `server` is set, it counts for both.
    ///
    /// ## Why is this bad?
    /// Both register as the same user. Switching between them changes nothing, and a password that is changed in one is still the old one in the other.
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
    /// Delete one of them in MicroSIP, which moves the later ones down.
    DuplicateAccount,
    on Document, requires ACCOUNTS
}

fn check(context: Context<'_>, findings: &mut Vec<Finding>) {
    let mut first = HashMap::new();
    for account in context.accounts() {
        let username = account.get("username");
        // Hosts are the same in any case of letters, users are not.
        let host = |key: &str| account.get(key).to_ascii_lowercase();
        let either = |one: &str, other: &str| {
            let host_of_one = host(one);
            if host_of_one.is_empty() { host(other) } else { host_of_one }
        };
        let (domain, server) = (either("domain", "server"), either("server", "domain"));
        let is_elsewhere = !account.loads() && account.is_of_fork();
        if username.is_empty() || domain.is_empty() || is_elsewhere {
            continue;
        }
        let same = (username.into_owned(), [domain, server, host("proxy"), host("transport")]);
        let name = account.section.name();
        let above = first.entry(same).or_insert_with(|| name.clone());
        if *above != name {
            let message = message!(
                "`[{section}]` is the same user at the same server as `[{other}]`",
                section = name,
                other = above
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
            &["4: warning: `[Account2]` is the same user at the same server as `[Account1]`"],
        );
    }

    #[test]
    fn server_and_domain_are_equivalent_when_only_one_is_set() {
        check(
            &RULE,
            "[Account1]\ndomain=a\nusername=1\n[Account2]\nserver=A\nusername=1\n[Account3]\nserver=a\ndomain=a\nusername=1\n[Account4]\nserver=a\ndomain=b\nusername=1\n[Account5]\nusername=1\n[Account6]\nusername=1\n",
            &[
                "4: warning: `[Account2]` is the same user at the same server as `[Account1]`",
                "7: warning: `[Account3]` is the same user at the same server as `[Account1]`",
            ],
        );
    }
}
