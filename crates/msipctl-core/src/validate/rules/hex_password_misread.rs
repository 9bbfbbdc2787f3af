//! `hex-password-misread`: a plain password that looks encrypted.

use crate::validate::context::{Account, Context, EntryLocation};
use crate::validate::finding::Finding;
use crate::validate::rule::rule;
use microsip_schema::{Key, PasswordForm, Version, password_form};

rule! {
    /// ## What it does
    /// A password of 16 hex digits, or of 32, 48 and so on with capital letters among them.
    ///
    /// ## Why is this bad?
    /// MicroSIP stores passwords as hex digits, always a multiple of 16 and in small letters; of 16 only those that have at most one character. So this one is likely plain, and MicroSIP may by chance decrypt it, to rubbish: the account then does not register.
    ///
    /// ## Example
    /// ```ini
    /// [Settings]
    /// accountId=1
    /// [Account1]
    /// domain=sip.example.com
    /// username=1
    /// password=00112233AABBCCDD
    /// ```
    ///
    /// ## Use instead
    /// ```ini
    /// [Settings]
    /// accountId=1
    /// [Account1]
    /// domain=sip.example.com
    /// username=1
    /// password=00112233AABBCCDDx
    /// ```
    ///
    /// ## How to fix
    /// Choose a password that is longer or shorter, or has another letter in it.
    HexPasswordMisread,
    on Known, keys Account "password", requires INVALID
}

fn check(
    context: Context<'_>,
    place: EntryLocation<'_>,
    _: &'static Key,
    findings: &mut Vec<Finding>,
) {
    let Some(account) = Account::of(place.0).filter(|_| !place.1.is_empty()) else { return };
    let value = place.1.value();
    let is_read_so = context.microsip >= Version::new(3, 12, 1);
    if is_read_so && password_form(&value) == PasswordForm::Ambiguous {
        let name = account.section.name();
        let message = message!(
            "the password of `[{section}]` looks like an encrypted one, but likely is none",
            section = name
        );
        findings.push(RULE.at_key(place, message));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::validate::rules::testing::check;

    #[test]
    fn hex_password_is_reported_unless_it_has_the_encrypted_form() {
        let account = |password: &str| format!("[Account1]\npassword={password}\n");
        let message = "2: warning: the password of `[Account1]` looks like an encrypted one, but likely is none";
        check(&RULE, account("1234567890123456"), &[message]);
        check(&RULE, account("0123456789ABCDEF0123456789ABCDEF"), &[message]);
        check(&RULE, account("0123456789abcdef0123456789abcdef"), &[]);
        check(&RULE, account("0123456789ABCDE"), &[]);
    }
}
