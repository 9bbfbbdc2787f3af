//! `secret-in-template`: a password that goes to everyone.

use crate::validate::context::Context;
use crate::validate::finding::Finding;
use crate::validate::fix::{Fix, Safety};
use crate::validate::rule::rule;
use winini::Edit;

rule! {
    /// ## What it does
    /// A password, plain or as MicroSIP stores it, or another secret, in a file that is meant for many. Looked for only with `--select hygiene`.
    ///
    /// ## Why is this bad?
    /// Everyone who gets the file can use it. The stored form is the same on every computer and can be decrypted by anyone.
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
    /// Take it out, and set it on each computer: `msipctl set --secret Account1.password=env:NAME`. If the file was handed out before, change the password.
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
            let place = (section, entry);
            if microsip_schema::is_secret(&name, &key) {
                let edit = Edit::ReplaceValue { line: entry.line(), text: String::new() };
                let title = format!("empty `{key}`");
                let fix = Fix::edits(Safety::Unsafe, title, vec![edit]);
                findings
                    .push(RULE.at_key(place, message!("`{key}` is a secret", key)).with_fix(fix));
            } else if microsip_schema::mask(&name, &key, &value) != value {
                findings.push(RULE.at_key(place, message!("`{key}` holds a secret", key)));
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
                "2: warning: `usersDirectory` holds a secret",
                "4: warning: `password` is a secret",
                "8: warning: `token` is a secret",
            ],
        );
        let after = "[Settings]\nusersDirectory=https://a:hunter2@h/\n[Account1]\npassword=\n[Account2]\npassword=\n[crm]\ntoken=\n";
        fixes(&RULE, Safety::Unsafe, text, after);
    }
}
