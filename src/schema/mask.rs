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
    if !value.contains([':', '=']) && !value.contains("//") {
        return Cow::Borrowed(value);
    }
    let masked = mask_pairs(&mask_sip(&mask_addresses(value)));
    if masked == value { Cow::Borrowed(value) } else { Cow::Owned(masked) }
}

/// Masks what stands between `//` and `@` in each address.
fn mask_addresses(value: &str) -> String {
    let mut masked = String::with_capacity(value.len());
    let mut rest = value;
    while let Some((before, behind)) = rest.split_once("//") {
        masked.push_str(before);
        masked.push_str("//");
        match login_end(behind) {
            Some(at) if !is_placeholders(&behind[..at]) => {
                masked.push_str(MASK);
                rest = &behind[at..];
            }
            _ => rest = behind,
        }
    }
    masked + rest
}

/// Finds the `@` behind the login of an address. A password may hold `/`, `?` and `#` unescaped: then
/// what follows the first colon is no port, and the login goes on.
fn login_end(address: &str) -> Option<usize> {
    let whole = &address[..address.find([' ', '\t', '"', '\'']).unwrap_or(address.len())];
    let host = &whole[..whole.find(['/', '?', '#', ',']).unwrap_or(whole.len())];
    let is_port = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
    host.rfind('@').or_else(|| {
        let (_, behind) = host.split_once(':')?;
        if host.starts_with('[') || is_port(behind) { None } else { whole.rfind('@') }
    })
}

/// Masks the login of each `sip:user:password@host`; a user alone is no secret.
fn mask_sip(value: &str) -> String {
    const SCHEMES: [&str; 2] = ["sip:", "sips:"];
    let mut masked = String::with_capacity(value.len());
    for part in value.split_inclusive([' ', '\t', '"', '\'', '<', '>', ',']) {
        let behind = SCHEMES.iter().find_map(|scheme| {
            let (start, behind) = part.split_at_checked(scheme.len())?;
            start.eq_ignore_ascii_case(scheme).then_some(behind)
        });
        let login = behind.and_then(|behind| Some((behind, behind.rfind('@')?)));
        match login {
            Some((behind, at)) if behind[..at].contains(':') && !is_placeholders(&behind[..at]) => {
                masked.push_str(&part[..part.len() - behind.len()]);
                masked.push_str(MASK);
                masked.push_str(&behind[at..]);
            }
            _ => masked.push_str(part),
        }
    }
    masked
}

/// Says whether a text is made of placeholders only, with colons between: no secret yet.
fn is_placeholders(text: &str) -> bool {
    text.split(':').all(|part| {
        let name = part.strip_prefix('{').and_then(|part| part.strip_suffix('}'));
        part == "%s" || name.is_some_and(|name| !name.is_empty() && !name.contains(['{', '}']))
    })
}

/// Masks the value of each `name=value` whose name speaks of credentials. Placeholders stay, as they
/// are no secrets yet.
fn mask_pairs(value: &str) -> String {
    const END: [char; 6] = ['&', ';', ' ', '\t', '"', '\''];
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
        if speaks && !text.is_empty() && !is_placeholders(text) {
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
        assert_eq!(masked("http://u:p/q#r@h/d"), "http://***@h/d");
        assert_eq!(masked("http://h:80/a@b"), "http://h:80/a@b");
        assert_eq!(masked("http://%s:%s@h/"), "http://%s:%s@h/");
        assert_eq!(masked("http://{user}:{password}@h/"), "http://{user}:{password}@h/");
        assert_eq!(masked("http://{a}x:y@h/"), "http://***@h/");
        assert_eq!(masked("http://h/?password=ab,c#d>e&x=1"), "http://h/?password=***&x=1");
        assert_eq!(masked("http://h/?token={a}b{c}"), "http://h/?token=***");
        assert_eq!(masked("sip:ann:hunter2@h:5060"), "sip:***@h:5060");
        assert_eq!(masked("sip:ann@h:5060"), "sip:ann@h:5060");
    }

    proptest! {
        #[test]
        fn no_text_panics(value: String) {
            let _ = mask("Settings", "usersDirectory", &value);
        }
    }
}
