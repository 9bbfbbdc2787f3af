//! Compares passwords with expected ones, as far as that's possible.
//!
//! MicroSIP accepts a plain password, and encrypts it in place when it loads the account: lowercase hex digits, whose
//! number depends on the length of the password. Only MicroSIP has the key, so msipctl can't decrypt them.

use microsip_schema::is_stored_password;

/// The result of comparing a value.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Verdict {
    /// It matches.
    Right,
    /// It differs.
    Wrong,
    /// It can't be verified.
    Unknown,
}

/// Returns whether MicroSIP encrypts the value of a key in place.
pub(super) fn is_encrypted_in_place(section: &str, key: &str) -> bool {
    microsip_schema::find(section, key).is_some_and(microsip_schema::Key::is_encrypted_in_place)
}

/// Returns whether a text has the form of a password that MicroSIP encrypted.
pub(super) fn is_encrypted(text: &str) -> bool {
    is_stored_password(text) && !text.bytes().any(|byte| byte.is_ascii_uppercase())
}

/// Compares the password in a file with the expected one.
pub(super) fn compare(expected: &str, there: &str) -> Verdict {
    if expected == there {
        return Verdict::Right;
    }
    // Equal passwords have equal digits everywhere, so other digits are another password.
    if !is_encrypted(there) || is_encrypted(expected) {
        return Verdict::Wrong;
    }
    match digits(expected) {
        Some(digits) if digits != there.len() => Verdict::Wrong,
        _ => Verdict::Unknown,
    }
}

/// Returns the number of digits of an encrypted password, if known.
fn digits(password: &str) -> Option<usize> {
    const MAX_LENGTH: usize = 254;
    let units = password.encode_utf16().count();
    // An empty one stays empty.
    let digits = if units == 0 { 0 } else { 16 * ((4 + 2 * units) / 8 + 1) };
    (units <= MAX_LENGTH).then_some(digits)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn encrypted_password_is_verified_by_length_only() {
        let hex = |digits: usize| "0123456789abcdef".repeat(digits / 16);
        for (expected, there, verdict) in [
            ("hunter2", "hunter2".to_owned(), Verdict::Right),
            ("hunter2", "hunter3".to_owned(), Verdict::Wrong),
            ("hunter2", String::new(), Verdict::Wrong),
            ("hunter2", hex(48), Verdict::Unknown),
            ("hunter2", hex(32), Verdict::Wrong),
            ("hunter2", hex(64), Verdict::Wrong),
            ("hunter2", hex(48).to_uppercase(), Verdict::Wrong),
            ("", hex(16), Verdict::Wrong),
            ("a", hex(16), Verdict::Unknown),
            ("ab", hex(32), Verdict::Unknown),
        ] {
            assert_eq!(compare(expected, &there), verdict, "{expected} {there}");
        }
        assert_eq!(compare(&"x".repeat(255), &hex(48)), Verdict::Unknown);
        // A golden file has the digits themselves.
        assert_eq!(compare(&hex(48), &hex(48)), Verdict::Right);
        assert_eq!(compare(&hex(48), &"f".repeat(48)), Verdict::Wrong);
    }
}
