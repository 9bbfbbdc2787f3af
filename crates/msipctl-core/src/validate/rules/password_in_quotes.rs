//! `password-in-quotes`: a password whose quotes are not read.

use crate::validate::context::{Account, Context, EntryLocation};
use crate::validate::finding::Finding;
use crate::validate::fix::{Fix, Safety};
use crate::validate::rule::rule;
use microsip_schema::Key;
use winini::Edit;
use winini::profile::read_rule;

rule! {
    /// ## What it does
    /// A `password` in one pair of quotes that keeps no blank.
    ///
    /// ## Why is this bad?
    /// Windows drops the quotes: they are no part of the password. Where they came from a form or a script that puts quotes round everything, that is right; where the password itself begins and ends with one, it needs another pair.
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
    /// Leave the quotes out, or write two pairs if they belong to the password.
    PasswordInQuotes,
    on Known, keys Account "password", requires QUOTE | NON_ASCII,
    fix Sometimes
}

fn check(_: Context<'_>, place: EntryLocation<'_>, _: &'static Key, findings: &mut Vec<Finding>) {
    let Some(account) = Account::of(place.0).filter(|_| !place.1.is_empty()) else { return };
    let (written, value) = (place.1.written(), place.1.value());
    // Blanks and inner quotes need the outer ones.
    if written == value || read_rule(&value) != value {
        return;
    }
    let name = account.section.name();
    let message = message!(
        "the quotes round the password of `[{section}]` are no part of it",
        section = name
    );
    let edit = Edit::ReplaceValue { line: place.1.line(), text: value.into_owned() };
    let fix = Fix::edits(Safety::Safe, "leave the quotes out", vec![edit]);
    findings.push(RULE.at_value(place, message).with_fix(fix));
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::validate::rules::testing::{check, fixes};

    #[test]
    fn quotes_that_preserve_characters_are_not_reported() {
        let account = |password: &str| format!("[Account1]\npassword={password}\n");
        let message = "2: info: the quotes round the password of `[Account1]` are no part of it";
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
