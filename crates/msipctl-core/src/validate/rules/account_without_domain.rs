//! `account-without-domain`: an account that MicroSIP ignores.

use crate::validate::context::Context;
use crate::validate::finding::Finding;
use crate::validate::fix::{Fix, Safety};
use crate::validate::rule::rule;
use winini::profile;

rule! {
    /// ## What it does
    /// Checks for accounts with a server, a user, or a password, but without a `domain`.
    ///
    /// ## Why is this bad?
    /// MicroSIP ignores an account without a `domain`, even if it has a `server`. It also doesn't list the accounts after it.
    ///
    /// ## Example
    /// ```ini
    /// [Settings]
    /// accountId=1
    /// [Account1]
    /// server=sip.example.com
    /// username=1001
    /// ```
    ///
    /// ## Use instead
    /// ```ini
    /// [Settings]
    /// accountId=1
    /// [Account1]
    /// server=sip.example.com
    /// domain=sip.example.com
    /// username=1001
    /// ```
    ///
    /// ## How to fix
    /// Set `domain`. If one server handles everything, use the value of `server`.
    ///
    /// ## Fix safety
    /// Always unsafe, because the domain can differ from the server. If `server` is set, the fix copies its value to `domain`.
    AccountWithoutDomain,
    on Document, requires ACCOUNTS,
    fix Sometimes
}

/// The keys that distinguish an account from an empty form.
const ACCOUNT_KEYS: [&str; 4] = ["server", "username", "password", "authID"];

fn check(context: Context<'_>, findings: &mut Vec<Finding>) {
    for account in context.accounts() {
        let Some(key) = ACCOUNT_KEYS.iter().find(|key| account.filled(key).is_some()) else {
            continue;
        };
        if account.loads() || account.is_of_fork() {
            continue;
        }
        let (name, header) = (account.section.name(), account.section.place().header());
        let message = message!(
            "`[{section}]` has `{key}` but no `domain`, so MicroSIP ignores it",
            section = name,
            key
        );
        let span = context.document.line(header).content();
        let finding = RULE.at(header, span, message).about(&name, Some("domain"));
        let server = account.get("server");
        let edits = profile::set(context.document, &name, "domain", &server).ok();
        findings.push(match edits.filter(|_| !server.is_empty()) {
            Some(edits) => finding.with_fix(Fix::edits(
                Safety::Unsafe,
                "set `domain` to the value of `server`",
                edits,
            )),
            None => finding,
        });
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::validate::rules::testing::{check, fixes};

    #[test]
    fn account_with_username_but_no_domain_is_reported() {
        check(
            &RULE,
            "[Account0]\nusername=x\n[Account1]\ndomain=\nserver=\n[Account2]\ndomain=\nusername=1\n[Account3]\nuserName=1\napiLogin=1\n",
            &["6: error: `[Account2]` has `username` but no `domain`, so MicroSIP ignores it"],
        );
        check(&RULE, "[Account1]\ndomain=a\nusername=1\n", &[]);
    }

    #[test]
    fn unsafe_fix_copies_server_to_domain() {
        let before = "[Account1]\nserver=a:5\ndomain=\n[Account2]\nusername=1\n";
        let after = "[Account1]\nserver=a:5\ndomain=a:5\n[Account2]\nusername=1\n";
        fixes(&RULE, Safety::Unsafe, before, after);
        fixes(&RULE, Safety::Safe, before, before);
    }
}
