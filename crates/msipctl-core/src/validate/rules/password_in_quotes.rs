//! `password-in-quotes`: password whose quotes Windows strips.

use crate::validate::context::{Account, Context, EntryLocation};
use crate::validate::finding::Finding;
use crate::validate::fix::{Fix, Safety};
use crate::validate::rule::rule;
use microsip_schema::Key;
use winini::Edit;
use winini::profile::read_rule;

rule! {
    /// ## What it does
    /// Checks for a `password` in one pair of quotes that protect no whitespace.
    ///
    /// ## Why is this bad?
    /// Windows strips the quotes, so they aren't part of the password. That is fine if a form or script added them, but a password that itself starts and ends with a quote needs another pair.
    ///
    /// ## Example
    /// ```ini
    /// [Settings]
    /// accountId=1
    /// [Account1]
    /// domain=sip.example.com
    /// username=1
    /// password="swordfish"
    /// ```
    ///
    /// ## Use instead
    /// ```ini
    /// [Settings]
    /// accountId=1
    /// [Account1]
    /// domain=sip.example.com
    /// username=1
    /// password=swordfish
    /// ```
    ///
    /// ## How to fix
    /// Remove the quotes, or write two pairs if they belong to the password.
    ///
    /// ## Fix safety
    /// Always safe. Removes the quotes, and MicroSIP reads the same password.
    PasswordInQuotes,
    on Known, keys Account "password", requires QUOTE | NON_ASCII,
    fix Always
}

fn check(
    _: Context<'_>,
    location: EntryLocation<'_>,
    _: &'static Key,
    findings: &mut Vec<Finding>,
) {
    let Some(account) = Account::of(location.0).filter(|_| !location.1.is_empty()) else { return };
    let (written, value) = (location.1.written(), location.1.value());
    // Outer whitespace and inner quotes need the outer quotes.
    if written == value || read_rule(&value) != value {
        return;
    }
    let name = account.section.name();
    let message =
        message!("Windows strips the quotes around the password of `[{section}]`", section = name);
    let edit = Edit::ReplaceValue { line: location.1.line(), text: value.into_owned() };
    let fix = Fix::edits(Safety::Safe, "remove the quotes", vec![edit]);
    findings.push(RULE.at_value(location, message).with_fix(fix));
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::validate::rules::testing::{check, fixes};

    #[test]
    fn quotes_that_preserve_characters_are_not_reported() {
        let account = |password: &str| format!("[Account1]\npassword={password}\n");
        let message = "2: info: Windows strips the quotes around the password of `[Account1]`";
        check(&RULE, account("\"hunter2\""), &[message]);
        for password in ["hunter2", "\"hunter2 \"", "\"\"hunter2\"\"", "hunter2\"", "\"\""] {
            check(&RULE, account(password), &[]);
        }
    }

    #[test]
    fn fix_removes_quotes_around_the_password() {
        fixes(&RULE, Safety::Safe, "[Account1]\npassword='a b'\n", "[Account1]\npassword=a b\n");
    }
}
