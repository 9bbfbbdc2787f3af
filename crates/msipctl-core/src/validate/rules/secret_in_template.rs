//! `secret-in-template`: secret in a file for many PCs.

use crate::validate::context::Context;
use crate::validate::finding::Finding;
use crate::validate::fix::{Fix, Safety};
use crate::validate::rule::rule;
use winini::Edit;

rule! {
    /// ## What it does
    /// Checks for passwords, plain or as MicroSIP stores them, and other secrets in a file that is meant for many PCs.
    ///
    /// ## Why is this bad?
    /// All users who get the file can use the secret. The stored form is the same on every PC, and anyone can decrypt it. The rule runs only with `--select hygiene`.
    ///
    /// ## Example
    /// ```ini
    /// [Account1]
    /// domain=sip.example.com
    /// username=1
    /// password=swordfish
    /// ```
    ///
    /// ## Use instead
    /// ```ini
    /// [Account1]
    /// domain=sip.example.com
    /// username=1
    /// password=
    /// ```
    ///
    /// ## How to fix
    /// Remove the secret, and set it on each PC: `msipctl set --secret Account1.password=env:NAME`. If the file was distributed before, change the password.
    ///
    /// ## Fix safety
    /// Clears the value, if the complete value is a secret. Unsafe, because MicroSIP then has no password. A secret within another value, such as an address, has no fix.
    SecretInTemplate,
    on Document,
    fix Sometimes
}

fn check(context: Context<'_>, findings: &mut Vec<Finding>) {
    for section in context.profile.counting_sections() {
        let name = section.name();
        for entry in section.counting_entries() {
            let (key, value) = (entry.key(), entry.value());
            if value.is_empty() {
                continue;
            }
            let location = (section, entry);
            if microsip_schema::is_secret(&name, &key) {
                let edit = Edit::ReplaceValue { line: entry.line(), text: String::new() };
                let title = format!("clear `{key}`");
                let fix = Fix::edits(Safety::Unsafe, title, vec![edit]);
                findings.push(
                    RULE.at_key(location, message!("`{key}` is a secret", key)).with_fix(fix),
                );
            } else if microsip_schema::mask(&name, &key, &value) != value {
                findings.push(RULE.at_key(location, message!("`{key}` contains a secret", key)));
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::validate::rules::testing::{check, fixes};

    #[test]
    fn secrets_are_reported_including_those_within_addresses() {
        let text = "[Settings]\nusersDirectory=https://a:hunter2@h/\n[Account1]\npassword=\"hunter2\"\n[Account2]\npassword=\n[crm]\ntoken=hunter2\n";
        check(
            &RULE,
            text,
            &[
                "2: warning: `usersDirectory` contains a secret",
                "4: warning: `password` is a secret",
                "8: warning: `token` is a secret",
            ],
        );
        let after = "[Settings]\nusersDirectory=https://a:hunter2@h/\n[Account1]\npassword=\n[Account2]\npassword=\n[crm]\ntoken=\n";
        fixes(&RULE, Safety::Unsafe, text, after);
    }
}
