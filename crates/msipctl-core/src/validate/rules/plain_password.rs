//! `plain-password`: password that MicroSIP hasn't encrypted yet.

use crate::validate::context::{Context, EntryLocation};
use crate::validate::finding::Finding;
use crate::validate::rule::rule;
use microsip_schema::{Key, is_stored_password};

rule! {
    /// ## What it does
    /// Checks for an account's `password` that isn't in the encrypted form in which MicroSIP stores it.
    ///
    /// ## Why is this bad?
    /// MicroSIP encrypts the password in place when it loads the account, so a plain one is the normal way to provision it. Until then, and permanently in a template or backup, all users who can read the file can read the password. The encrypted form isn't a secret either, because anyone can decrypt it.
    ///
    /// ## Example
    /// ```ini
    /// [Settings]
    /// accountId=1
    /// [Account1]
    /// domain=sip.example.com
    /// username=1
    /// password=swordfish
    /// ```
    ///
    /// ## Use instead
    /// ```ini
    /// [Settings]
    /// accountId=1
    /// [Account1]
    /// domain=sip.example.com
    /// username=1
    /// ```
    ///
    /// ## How to fix
    /// Start MicroSIP once, restrict access to the file, and don't distribute passwords in templates.
    PlainPassword,
    on Known, keys Account "password", requires INVALID
}

fn check(
    _: Context<'_>,
    location: EntryLocation<'_>,
    _: &'static Key,
    findings: &mut Vec<Finding>,
) {
    if !location.1.is_empty() && !is_stored_password(&location.1.value()) {
        let message = message!(
            "the password of `[{section}]` isn't encrypted yet",
            section = location.0.name()
        );
        findings.push(RULE.at_key(location, message));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::validate::rules::testing::check;

    #[test]
    fn passwords_are_reported_unless_they_look_encrypted() {
        check(
            &RULE,
            "[Account1]\npassword=hunter2\n[Account0]\npassword=0123456789abcde\n[Account2]\npassword=\n",
            &[
                "2: info: the password of `[Account1]` isn't encrypted yet",
                "4: info: the password of `[Account0]` isn't encrypted yet",
            ],
        );
        check(&RULE, format!("[Account1]\npassword={}\n", "0123456789abcdef".repeat(2)), &[]);
    }
}
