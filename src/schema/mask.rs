//! Which values are secret, and what may be shown of them.

use std::borrow::Cow;
use std::ops::Range;

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

/// Keys whose values are secret whatever they are called, as they come from where secrets are kept.
///
/// # Example
///
/// ```
/// use msipctl::schema::SecretKeys;
///
/// let mut keys = SecretKeys::default();
/// keys.add("Account1", "label");
/// assert!(keys.contains("account1", "Label"));
/// assert_eq!(keys.mask("Account1", "label", "4711"), "***");
/// assert_eq!(keys.mask("Account1", "username", "204"), "204");
/// ```
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct SecretKeys(Vec<(String, String)>);

impl SecretKeys {
    /// Adds a key, and with it those that go on behind a dot: further directives of an event, and what msipctl's record
    /// says of a key.
    pub fn add(&mut self, section: &str, key: &str) {
        if !self.contains(section, key) {
            self.0.push((section.to_owned(), key.to_owned()));
        }
    }

    /// Adds all of others.
    pub fn extend(&mut self, others: &Self) {
        others.0.iter().for_each(|(section, key)| self.add(section, key));
    }

    /// Returns them as section and key.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &str)> {
        self.0.iter().map(|(section, key)| (section.as_str(), key.as_str()))
    }

    /// Says whether a key is one of them.
    pub fn contains(&self, section: &str, key: &str) -> bool {
        let is_key = |name: &str| {
            key.split_at_checked(name.len()).is_some_and(|(start, rest)| {
                start.eq_ignore_ascii_case(name) && (rest.is_empty() || rest.starts_with('.'))
            })
        };
        self.iter().any(|(of, name)| of.eq_ignore_ascii_case(section) && is_key(name))
    }

    /// Returns a value as it may be shown, as [`mask`] does.
    pub fn mask<'v>(&self, section: &str, key: &str, value: &'v str) -> Cow<'v, str> {
        match !value.is_empty() && self.contains(section, key) {
            true => Cow::Borrowed(MASK),
            false => mask(section, key, value),
        }
    }
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
    if !value.contains([':', '=', '/', '-']) {
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

/// Masks the value behind each name that speaks of credentials: `name=value`, `name: value` and
/// `"name":"value"`, and behind a blank where the name is one of a command line, `--name value` or
/// `/name value`. Placeholders stay, as they are no secrets yet.
fn mask_pairs(value: &str) -> String {
    let is_name = |letter: char| letter.is_alphanumeric() || "_-".contains(letter);
    let mut masked = String::with_capacity(value.len());
    let mut rest = value;
    while let Some(start) = rest.find(is_name) {
        let length = rest[start..].find(|letter| !is_name(letter)).unwrap_or(rest.len() - start);
        let (before, behind) = rest.split_at(start + length);
        let is_switch = is_switch(&before[..start], &before[start..]);
        let secret = secret_behind(&before[start..], behind, is_switch);
        masked.push_str(before);
        rest = match secret {
            Some(secret) => {
                masked.push_str(&behind[..secret.start]);
                masked.push_str(MASK);
                &behind[secret.end..]
            }
            None => behind,
        };
    }
    masked + rest
}

/// Says whether a name is one that a command line gives a value to: `--name`, `-name` or `/name`.
fn is_switch(before: &str, name: &str) -> bool {
    let outside = if name.starts_with('-') { Some(before) } else { before.strip_suffix('/') };
    outside
        .is_some_and(|outside| outside.is_empty() || outside.ends_with([' ', '\t', '"', '\'', ',']))
}

/// Finds the secret that `behind` holds if `name` stands in front of it.
fn secret_behind(name: &str, behind: &str, is_switch: bool) -> Option<Range<usize>> {
    const QUOTES: [char; 2] = ['"', '\''];
    const SCHEMES: [&str; 3] = ["basic ", "bearer ", "digest "];
    let name = name.trim_start_matches('-').to_ascii_lowercase();
    let speaks_of = |words: &[&str]| words.iter().any(|word| name.contains(word));
    let speaks = speaks_of(&["pass", "pwd", "secret", "token", "auth", "apikey", "-key", "_key"]);

    // The closing quote of a name in quotes, and the sign between name and value.
    let parted = behind.strip_prefix(QUOTES).unwrap_or(behind).trim_start();
    let text = match parted.strip_prefix(['=', ':']) {
        Some(text) if parted.starts_with('=') => {
            (speaks || name == "pw" || name.contains("key")).then_some(text)
        }
        Some(text) => (speaks && !text.starts_with("//")).then_some(text),
        None => {
            let text = behind.trim_start();
            (speaks && is_switch && text.len() < behind.len() && !text.starts_with(['-', '/']))
                .then_some(text)
        }
    }?;
    // In an address and such, an empty value ends at once: `password=&user=ann`.
    let mut text = text.trim_start();
    let is_quoted = text.starts_with(QUOTES);
    let ends: &[char] = match text.chars().next() {
        Some('"') => &['"'],
        Some('\'') => &['\''],
        _ => &['&', ';', ' ', '\t', '"', '\''],
    };
    if is_quoted {
        text = &text[1..];
    }
    if let Some(scheme) = SCHEMES.iter().find(|scheme| {
        text.split_at_checked(scheme.len()).is_some_and(|(it, _)| it.eq_ignore_ascii_case(scheme))
    }) {
        text = &text[scheme.len()..];
    }
    let start = behind.len() - text.len();
    let end = start + text.find(ends).unwrap_or(text.len());
    (end > start && !is_placeholders(&behind[start..end])).then_some(start..end)
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

    #[test]
    fn credentials_of_command_lines_and_headers_are_masked() {
        let masked = |value: &str| mask("Settings", "cmdCallEnd", value).into_owned();
        assert_eq!(masked(r"C:\a.exe --password PW end"), r"C:\a.exe --password *** end");
        assert_eq!(masked(r"C:\a.exe /password:PW 1"), r"C:\a.exe /password:*** 1");
        assert_eq!(masked(r"C:\a.exe -pwd 'P W' 1"), r"C:\a.exe -pwd '***' 1");
        assert_eq!(masked("X-Api-Key: PW"), "X-Api-Key: ***");
        assert_eq!(masked(r#"{"token":"P W","n":1}"#), r#"{"token":"***","n":1}"#);
        assert_eq!(masked(r#"{"token" : "PW"}"#), r#"{"token" : "***"}"#);
        assert_eq!(masked("Authorization=Basic PW"), "Authorization=Basic ***");
        assert_eq!(masked("Authorization: Bearer PW"), "Authorization: Bearer ***");
        assert_eq!(masked("password=\"P W\" x"), "password=\"***\" x");
        assert_eq!(masked("password=&user=ann"), "password=&user=ann");
        assert_eq!(masked("--password {password}"), "--password {password}");
        for text in [
            r"C:\keys\a.bat",
            r"C:\My Tokens\a.bat -v 1",
            "https://h/token/list",
            "--no-auth --quiet",
            "hotkey: F5",
            "token://x",
        ] {
            assert_eq!(masked(text), text);
        }
    }

    proptest! {
        #[test]
        fn no_text_panics(value: String) {
            let _ = mask("Settings", "usersDirectory", &value);
        }
    }
}
