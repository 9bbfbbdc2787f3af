//! `password-without-username`: password that MicroSIP deletes at the next save.

use crate::validate::context::Context;
use crate::validate::finding::Finding;
use crate::validate::fix::{Fix, Safety};
use crate::validate::rule::rule;
use winini::profile;

rule! {
    /// ## What it does
    /// Checks for accounts with a `password` but no `username`.
    ///
    /// ## Why is this bad?
    /// When MicroSIP saves such an account, it clears the user name and password without a message. The provisioned password is lost.
    ///
    /// ## Example
    /// ```ini
    /// [Settings]
    /// accountId=1
    /// [Account1]
    /// domain=sip.example.com
    /// authID=1001
    /// password=swordfish
    /// ```
    ///
    /// ## Use instead
    /// ```ini
    /// [Settings]
    /// accountId=1
    /// [Account1]
    /// domain=sip.example.com
    /// username=1001
    /// authID=1001
    /// password=swordfish
    /// ```
    ///
    /// ## How to fix
    /// Set `username`. If only `authID` is set, it's probably the user name.
    ///
    /// ## Fix safety
    /// Copies `authID` to `username` if it's set. Unsafe, because the user name may be different.
    PasswordWithoutUsername,
    on Document, requires ACCOUNTS,
    fix Sometimes
}

fn check(context: Context<'_>, findings: &mut Vec<Finding>) {
    for account in context.accounts() {
        let Some(location) = account.filled("password") else { continue };
        if !account.get("username").is_empty() || account.is_of_fork() {
            continue;
        }
        let name = account.section.name();
        let message = message!(
            "`[{section}]` has no `username`, so MicroSIP deletes its password at the next save",
            section = name
        );
        let finding = RULE.at_key(location, message);
        let auth_id = account.get("authID");
        let edits = profile::set(context.document, &name, "username", &auth_id).ok();
        findings.push(match edits.filter(|_| !auth_id.is_empty()) {
            Some(edits) => finding.with_fix(Fix::edits(
                Safety::Unsafe,
                "set `username` to the value of `authID`",
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
    fn password_is_reported_when_username_is_missing() {
        check(
            &RULE,
            "[Account1]\npassword=hunter2\nusername=\n[Account2]\npassword=\n[Account0]\npassword=x\n",
            &[
                "2: error: `[Account1]` has no `username`, so MicroSIP deletes its password at the next save",
            ],
        );
    }

    #[test]
    fn unsafe_fix_copies_auth_id_to_username() {
        let before = "[Account1]\nauthID=a\npassword=b\n";
        fixes(&RULE, Safety::Unsafe, before, "[Account1]\nauthID=a\npassword=b\nusername=a\n");
        fixes(&RULE, Safety::Safe, before, before);
    }
}
