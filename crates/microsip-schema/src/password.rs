//! What form a password has: plain, or as MicroSIP stores it.

/// The form of a password, as far as its text tells.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PasswordForm {
    /// It is plain: MicroSIP uses it as it is, and encrypts it in place.
    Plain,
    /// It has the form in which MicroSIP stores one.
    Stored,
    /// It has that form, but is likely a plain one: MicroSIP stores in small letters, and makes 16 digits of one character
    /// at most. MicroSIP may decrypt it to garbage.
    Ambiguous,
}

/// Returns the form of a password.
///
/// MicroSIP from 3.12.1 on tries to decrypt a text of hex digits only whose number is a multiple of 16. Whether such a
/// text is an encrypted password can't be known without MicroSIP's key, so a plain password should not look like one.
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

/// Says whether a text has the form in which MicroSIP stores a password: hex digits, 16 or a multiple of that.
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
