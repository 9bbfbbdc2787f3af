//! Distinguishes plain-text passwords from passwords that MicroSIP encrypted.

/// The form of a password, as far as its text shows it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PasswordForm {
    /// Plain text. MicroSIP uses it as is, and encrypts it in place.
    Plain,
    /// The form in which MicroSIP stores an encrypted password.
    Stored,
    /// The stored form, but probably plain text. MicroSIP might decrypt it to garbage.
    ///
    /// MicroSIP stores passwords in lowercase, and only a single character encrypts to 16 digits.
    Ambiguous,
}

/// Returns the form of a password.
///
/// MicroSIP 3.12.1 and later try to decrypt a text that consists only of hex digits, if their number is a multiple of 16.
/// Without MicroSIP's key, it isn't possible to know whether such a text is an encrypted password. So a plain-text password
/// shouldn't look like one.
///
/// # Example
///
/// ```
/// use microsip_schema::{PasswordForm, password_form};
///
/// assert_eq!(password_form("hunter2"), PasswordForm::Plain);
/// assert_eq!(password_form("0123456789abcdef0123456789abcdef"), PasswordForm::Stored);
/// assert_eq!(password_form("1234567890123456"), PasswordForm::Ambiguous);
/// ```
pub fn password_form(text: &str) -> PasswordForm {
    const BLOCK: usize = 16;
    let is_hex = text.bytes().all(|byte| byte.is_ascii_hexdigit());
    if text.is_empty() || !is_hex || !text.len().is_multiple_of(BLOCK) {
        return PasswordForm::Plain;
    }
    let is_capital = text.bytes().any(|byte| byte.is_ascii_uppercase());
    match text.len() == BLOCK || is_capital {
        true => PasswordForm::Ambiguous,
        false => PasswordForm::Stored,
    }
}

/// Returns whether a text has the form in which MicroSIP stores a password: only hex digits, in a multiple of 16.
pub fn is_stored_password(text: &str) -> bool {
    password_form(text) != PasswordForm::Plain
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn password_form_is_plain_unless_text_is_complete_hex_blocks() {
        let hex = "0123456789abcdef";
        for (text, expected) in [
            (String::new(), PasswordForm::Plain),
            (hex[..15].to_owned(), PasswordForm::Plain),
            (hex.to_owned(), PasswordForm::Ambiguous),
            (format!("{hex}0"), PasswordForm::Plain),
            (hex.repeat(2), PasswordForm::Stored),
            (hex.repeat(2).to_uppercase(), PasswordForm::Ambiguous),
            (hex.repeat(3), PasswordForm::Stored),
            (hex.repeat(2).replace('a', "g"), PasswordForm::Plain),
        ] {
            assert_eq!(password_form(&text), expected, "{text}");
            assert_eq!(is_stored_password(&text), expected != PasswordForm::Plain, "{text}");
        }
    }
}
