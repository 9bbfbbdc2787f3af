//! Which values are secret, and what may be shown of them.

use std::borrow::Cow;

use super::lookup::find;

/// What stands for a secret.
const MASK: &str = "***";

/// Says whether the value of a key is a secret: by the table, and wherever a name speaks of a
/// password, a secret or a token, in any section.
///
/// # Example
///
/// ```
/// use msipctl::schema::is_secret;
///
/// assert!(is_secret("Account1", "Password"));
/// assert!(is_secret("Anywhere", "crmToken"));
/// assert!(!is_secret("Settings", "AA"));
/// ```
pub fn is_secret(section: &str, key: &str) -> bool {
    if let Some(known) = find(section, key) {
        return known.is_secret();
    }
    let key = key.to_ascii_lowercase();
    ["pass", "pwd", "secret", "token"].iter().any(|word| key.contains(word))
}

/// Returns a value as it may be shown: a secret as `***`, and in any other text the credentials of
/// addresses and `name=value` pairs that speak of them. An empty value stays empty.
///
/// # Example
///
/// ```
/// use msipctl::schema::mask;
///
/// assert_eq!(mask("Account1", "password", "hunter2"), "***");
/// let url = "https://ann:hunter2@example.com/dir?user=ann&password=hunter2";
/// assert_eq!(
///     mask("Settings", "usersDirectory", url),
///     "https://***@example.com/dir?user=ann&password=***",
/// );
/// ```
pub fn mask<'v>(section: &str, key: &str, value: &'v str) -> Cow<'v, str> {
    if value.is_empty() {
        return Cow::Borrowed(value);
    }
    if is_secret(section, key) {
        return Cow::Borrowed(MASK);
    }
    // Most values hold neither, and stay as they are.
    if !value.contains("//") && !value.contains('=') {
        return Cow::Borrowed(value);
    }
    let masked = mask_pairs(&mask_addresses(value));
    if masked == value { Cow::Borrowed(value) } else { Cow::Owned(masked) }
}

/// Masks what stands between `//` and `@` in each address.
fn mask_addresses(value: &str) -> String {
    let mut masked = String::with_capacity(value.len());
    let mut rest = value;
    while let Some((before, behind)) = rest.split_once("//") {
        masked.push_str(before);
        masked.push_str("//");
        let end = behind.find(['/', '?', '#', ' ', '"', '\'', ',']).unwrap_or(behind.len());
        match behind[..end].rfind('@') {
            Some(at) => {
                masked.push_str(MASK);
                rest = &behind[at..];
            }
            None => rest = behind,
        }
    }
    masked + rest
}

/// Masks the value of each `name=value` whose name speaks of credentials. Placeholders stay, as they
/// are no secrets yet.
fn mask_pairs(value: &str) -> String {
    const END: [char; 9] = ['&', ';', ' ', '"', '\'', '>', ',', '\t', '#'];
    let mut masked = String::with_capacity(value.len());
    let mut rest = value;
    while let Some((before, behind)) = rest.split_once('=') {
        masked.push_str(before);
        masked.push('=');
        let is_other = |letter: char| !letter.is_alphanumeric() && !"_-".contains(letter);
        let name = before.rsplit(is_other).next().unwrap_or_default().to_ascii_lowercase();
        let words = ["pass", "pwd", "secret", "token", "key", "auth"];
        let speaks = words.iter().any(|word| name.contains(word)) || name == "pw";
        let end = behind.find(END).unwrap_or(behind.len());
        let text = &behind[..end];
        let is_placeholder = text.starts_with('{') && text.ends_with('}') || text == "%s";
        if speaks && !text.is_empty() && !is_placeholder {
            masked.push_str(MASK);
        } else {
            masked.push_str(text);
        }
        rest = &behind[end..];
    }
    masked + rest
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn secrets_are_known_by_table_and_by_name() {
        for (section, key) in [
            ("Account1", "password"),
            ("account0", "PASSWORD"),
            ("Settings", "password"),
            ("Accounts", "password"),
            ("", "password"),
            ("Account1", "apiPassword"),
            ("Account1", "passwordSize"),
            ("crm", "ApiToken"),
        ] {
            assert_eq!(mask(section, key, "x"), "***", "{section}.{key}");
        }
        assert_eq!(mask("Account1", "password", ""), "");
        assert_eq!(mask("Settings", "portKnockerHost", "x"), "x");
    }

    #[test]
    fn credentials_inside_a_text_are_masked() {
        let masked = |value: &str| mask("Settings", "usersDirectory", value).into_owned();
        assert_eq!(masked("http://h/?user=%s&password=%s"), "http://h/?user=%s&password=%s");
        assert_eq!(
            masked("http://h/?p={password}&key=abc;token=x"),
            "http://h/?p={password}&key=***;token=***"
        );
        assert_eq!(
            masked("curl --token=abc \"http://u:p@h/\""),
            "curl --token=*** \"http://***@h/\""
        );
        assert_eq!(masked("http://h/a@b"), "http://h/a@b");
    }

    proptest! {
        #[test]
        fn no_text_panics(value: String) {
            let _ = mask("Settings", "usersDirectory", &value);
        }
    }
}
