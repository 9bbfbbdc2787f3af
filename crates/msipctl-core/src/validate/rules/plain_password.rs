//! `plain-password`: a password that everybody can read.

use crate::validate::context::{Context, EntryLocation};
use crate::validate::finding::Finding;
use crate::validate::rule::rule;
use microsip_schema::{Key, is_stored_password};

rule! {
    /// ## What it does
    /// A `password` of an account that is not in the form in which MicroSIP stores it.
    ///
    /// ## Why is this bad?
    /// This is the way to provision one: MicroSIP encrypts it in place when the account is loaded. Until then it stands there for all who can read the file; and a file that never meets MicroSIP, as a template or a backup, keeps it so. The stored form is no secret either, as anyone can decrypt it.
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
    /// Let MicroSIP start once, keep the file from others, and hand passwords out by another way than templates.
    PlainPassword,
    on Known, keys Account "password", requires INVALID
}

fn check(_: Context<'_>, place: EntryLocation<'_>, _: &'static Key, findings: &mut Vec<Finding>) {
    if !place.1.is_empty() && !is_stored_password(&place.1.value()) {
        let message = message!(
            "the password of `[{section}]` is not encrypted yet",
            section = place.0.name()
        );
        findings.push(RULE.at_key(place, message));
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
                "2: info: the password of `[Account1]` is not encrypted yet",
                "4: info: the password of `[Account0]` is not encrypted yet",
            ],
        );
        check(&RULE, format!("[Account1]\npassword={}\n", "0123456789abcdef".repeat(2)), &[]);
    }
}
