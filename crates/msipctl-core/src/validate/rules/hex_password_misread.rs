//! `hex-password-misread`: a plain password that looks encrypted.

use crate::validate::context::{Account, Context, EntryLocation};
use crate::validate::finding::Finding;
use crate::validate::rule::rule;
use microsip_schema::{Key, PasswordForm, Version, password_form};

rule! {
    /// ## What it does
    /// Checks for passwords of 16 hex digits, and for longer multiples of 16 (32, 48, and so on) that contain uppercase hex digits.
    ///
    /// ## Why is this bad?
    /// MicroSIP encrypts passwords as lowercase hex digits in multiples of 16, and uses 16 digits only for passwords of at most one character. So this password is probably plain. MicroSIP can still decrypt it by chance, to garbage, and the account then doesn't register.
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
    /// Choose a longer or shorter password, or one with a character that is not a hex digit.
    HexPasswordMisread,
    on Known, keys Account "password", requires INVALID
}

fn check(
    context: Context<'_>,
    location: EntryLocation<'_>,
    _: &'static Key,
    findings: &mut Vec<Finding>,
) {
    let Some(account) = Account::of(location.0).filter(|_| !location.1.is_empty()) else { return };
    let value = location.1.value();
    let is_decrypted = context.microsip >= Version::new(3, 12, 1);
    if is_decrypted && password_form(&value) == PasswordForm::Ambiguous {
        let name = account.section.name();
        let message = message!(
            "the password of `[{section}]` looks encrypted, but is probably plain",
            section = name
        );
        findings.push(RULE.at_key(location, message));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::validate::rules::testing::check;

    #[test]
    fn hex_password_is_reported_unless_it_has_the_encrypted_form() {
        let account = |password: &str| format!("[Account1]\npassword={password}\n");
        let message =
            "2: warning: the password of `[Account1]` looks encrypted, but is probably plain";
        check(&RULE, account("1234567890123456"), &[message]);
        check(&RULE, account("0123456789ABCDEF0123456789ABCDEF"), &[message]);
        check(&RULE, account("0123456789abcdef0123456789abcdef"), &[]);
        check(&RULE, account("0123456789ABCDE"), &[]);
    }
}
