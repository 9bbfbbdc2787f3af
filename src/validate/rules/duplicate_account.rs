//! `duplicate-account`: one user twice.

use std::collections::HashMap;

use crate::validate::rule::rule;
use crate::validate::{Context, Finding};

rule! {
    /// ## What it checks
    /// Two accounts with the same `username`, `domain`, `server`, `proxy` and `transport`.
    ///
    /// ## Why it matters
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
    /// ## Instead
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
    /// ## Fix
    /// Delete one of them in MicroSIP, which moves the later ones down.
    "duplicate-account", "two accounts of one user", Warning, Accounts, since "0.1.0",
    where ACCOUNTS
}

fn check(context: Context<'_>, findings: &mut Vec<Finding>) {
    let mut first = HashMap::new();
    for account in context.accounts() {
        let username = account.get("username");
        if username.is_empty() || !account.loads() {
            continue;
        }
        // Hosts are the same in any case of letters, users are not.
        let host = |key| account.get(key).to_ascii_lowercase();
        let same = (username.into_owned(), ["domain", "server", "proxy", "transport"].map(host));
        let name = account.section.name();
        let above = first.entry(same).or_insert_with(|| name.clone());
        if *above != name {
            let message = format!("`[{name}]` is the same user at the same server as `[{above}]`");
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
    fn another_server_is_another_account() {
        check(
            &RULE,
            "[Account1]\ndomain=A\nusername=1\n[Account2]\nusername=1\ndomain=a\n[Account3]\ndomain=a\nusername=1\nproxy=b\n[Account4]\ndomain=a\n[Account5]\ndomain=a\n",
            &["4: warning: `[Account2]` is the same user at the same server as `[Account1]`"],
        );
    }
}
