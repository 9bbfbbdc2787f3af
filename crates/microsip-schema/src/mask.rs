//! Decides which values are secret, and masks them in output.

use std::borrow::Cow;
use std::collections::{BTreeSet, HashMap, HashSet};
use std::fmt;
use std::ops::Range;
use std::sync::{Arc, OnceLock};

use super::key::Key;
use super::lookup::find;
use super::names::names_secret;

/// The text that replaces a secret.
const MASK: &str = "***";

/// Returns whether the value of a key is a secret.
///
/// For a key in the table, the table decides. For any other key, its name decides, in any section.
///
/// # Example
///
/// ```
/// use microsip_schema::is_secret;
///
/// assert!(is_secret("Account1", "Password"));
/// assert!(is_secret("Anywhere", "crmToken"));
/// assert!(!is_secret("Account1", "authID"));
/// assert!(!is_secret("Settings", "AA"));
/// ```
pub fn is_secret(section: &str, key: &str) -> bool {
    find(section, key).map_or_else(|| is_secret_name(key), Key::is_secret)
}

/// Returns whether a name refers to a secret: a password, PIN, token, credential, cookie, session, API key, or a hash of one.
///
/// Splits the name into words at punctuation, digits, and capital letters, and compares the words.
///
/// # Example
///
/// ```
/// use microsip_schema::is_secret_name;
///
/// assert!(is_secret_name("X-Api-Key") && is_secret_name("sessionId") && is_secret_name("pin"));
/// assert!(!is_secret_name("pingInterval") && !is_secret_name("rememberPassword"));
/// ```
pub fn is_secret_name(name: &str) -> bool {
    names_secret(name)
}

/// Additional secrets: keys whose values are never shown, regardless of their names, and texts that are masked everywhere.
///
/// # Example
///
/// ```
/// use microsip_schema::SecretKeys;
///
/// let mut keys = SecretKeys::default();
/// keys.add("Account1", "label");
/// keys.add_value("4711");
/// assert!(keys.contains("account1", "Label"));
/// assert_eq!(keys.mask("Account1", "label", "x"), "***");
/// assert_eq!(keys.mask("Account1", "displayName", "Ann (4711)"), "Ann (***)");
/// assert_eq!(keys.mask("Account1", "username", "204"), "204");
/// ```
#[derive(Clone, Default)]
pub struct SecretKeys(Arc<Known>);

/// The data of [`SecretKeys`], shared because nearly all files of a run have the same secrets.
#[derive(Clone, Default)]
struct Known {
    keys: Vec<(String, String)>,
    /// The keys in lowercase.
    folded: HashSet<(String, String)>,
    values: BTreeSet<String>,
    /// The values in all forms in which they can appear. Built when a text is first masked.
    forms: OnceLock<Forms>,
}

/// The minimum length of a text that is masked. A shorter one occurs in many unrelated texts.
const MIN_LENGTH: usize = 4;

impl PartialEq for SecretKeys {
    fn eq(&self, other: &Self) -> bool {
        self.0.keys == other.0.keys && self.0.values == other.0.values
    }
}

impl Eq for SecretKeys {}

// Doesn't show the values, because they are secret.
impl fmt::Debug for SecretKeys {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("SecretKeys").field(&self.0.keys).finish()
    }
}

impl SecretKeys {
    /// Adds a key, and all keys that extend its name after a dot: further directives of an event, and entries about the key
    /// in msipctl's record.
    pub fn add(&mut self, section: &str, key: &str) {
        if !self.contains(section, key) {
            let known = Arc::make_mut(&mut self.0);
            known.folded.insert((section.to_ascii_lowercase(), key.to_ascii_lowercase()));
            known.keys.push((section.to_owned(), key.to_owned()));
        }
    }

    /// Adds a text that is masked everywhere: as is, in any case, and escaped for a URL, XML, or a quoted string.
    ///
    /// A text of fewer than four characters isn't masked, because it occurs in many unrelated texts.
    pub fn add_value(&mut self, value: &str) {
        if value.chars().count() < MIN_LENGTH {
            return;
        }
        if !self.0.values.contains(value) {
            let known = Arc::make_mut(&mut self.0);
            known.values.insert(value.to_owned());
            known.forms.take();
        }
    }

    /// Adds all secrets of `others`.
    pub fn extend(&mut self, others: &Self) {
        if self.is_empty() {
            self.clone_from(others);
            return;
        }
        others.iter().for_each(|(section, key)| self.add(section, key));
        others.0.values.iter().for_each(|value| self.add_value(value));
    }

    fn is_empty(&self) -> bool {
        self.0.keys.is_empty() && self.0.values.is_empty()
    }

    /// Returns the secret keys as pairs of section and key.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &str)> {
        self.0.keys.iter().map(|(section, key)| (section.as_str(), key.as_str()))
    }

    /// Returns whether a key is one of the added keys.
    pub fn contains(&self, section: &str, key: &str) -> bool {
        if self.0.folded.is_empty() {
            return false;
        }
        let key = key.to_ascii_lowercase();
        let mut name = (section.to_ascii_lowercase(), String::new());
        let dots = key.match_indices('.').map(|(at, _)| at);
        dots.chain([key.len()]).any(|end| {
            name.1.clear();
            name.1.push_str(&key[..end]);
            self.0.folded.contains(&name)
        })
    }

    /// Returns a value that is safe to show: masked as by [`mask`], and with the additional secrets masked, too.
    pub fn mask<'v>(&self, section: &str, key: &str, value: &'v str) -> Cow<'v, str> {
        match !value.is_empty() && self.contains(section, key) {
            true => Cow::Borrowed(MASK),
            false => match mask(section, key, value) {
                Cow::Borrowed(value) => self.mask_text(value),
                Cow::Owned(value) => Cow::Owned(self.mask_text(&value).into_owned()),
            },
        }
    }

    /// Returns free-form text that is safe to show, with each secret replaced by `***`.
    pub fn mask_text<'t>(&self, text: &'t str) -> Cow<'t, str> {
        if self.0.values.is_empty() || text.len() < MIN_LENGTH {
            return Cow::Borrowed(text);
        }
        let forms = self.0.forms.get_or_init(|| Forms::of(&self.0.values));
        let found = forms.all_in(text);
        if found.is_empty() {
            return Cow::Borrowed(text);
        }
        let mut masked = String::with_capacity(text.len());
        let mut shown = 0;
        for range in found {
            masked.push_str(&text[shown..range.start]);
            masked.push_str(MASK);
            shown = range.end;
        }
        Cow::Owned(masked + &text[shown..])
    }
}

/// A trie that searches for many texts at once, ignoring case.
#[derive(Clone, Default)]
struct Forms {
    /// The next node for each node and character. The root is node 0.
    steps: HashMap<(usize, char), usize>,
    /// The nodes where a text ends.
    ends: HashSet<usize>,
}

impl Forms {
    /// Builds a trie of all forms of some values.
    fn of(values: &BTreeSet<String>) -> Self {
        let mut forms = Self::default();
        for value in values {
            forms.add(value);
            for form in [url_encoded(value), xml_escaped(value), backslashed(value)] {
                if form != *value {
                    forms.add(&form);
                }
            }
        }
        forms
    }

    fn add(&mut self, form: &str) {
        let mut node = 0;
        self.steps.reserve(form.len());
        for character in form.chars().map(folded) {
            // Each step leads to a separate node.
            let next = self.steps.len() + 1;
            node = *self.steps.entry((node, character)).or_insert(next);
        }
        self.ends.insert(node);
    }

    /// Returns the byte ranges in which any of the texts occurs. Overlapping ranges are merged.
    fn all_in(&self, text: &str) -> Vec<Range<usize>> {
        let mut found: Vec<Range<usize>> = Vec::new();
        for (start, _) in text.char_indices() {
            let Some(end) = self.longest_at(&text[start..]).map(|length| start + length) else {
                continue;
            };
            match found.last_mut() {
                Some(last) if start < last.end => last.end = last.end.max(end),
                _ => found.push(start..end),
            }
        }
        found
    }

    /// Returns the length in bytes of the longest of the texts that `text` starts with.
    fn longest_at(&self, text: &str) -> Option<usize> {
        let (mut node, mut longest) = (0, None);
        for (at, character) in text.char_indices() {
            let Some(next) = self.steps.get(&(node, folded(character))) else { break };
            node = *next;
            if self.ends.contains(&node) {
                longest = Some(at + character.len_utf8());
            }
        }
        longest
    }
}

/// Returns a character in lowercase, as far as that is a single character.
fn folded(character: char) -> char {
    character.to_lowercase().next().unwrap_or(character)
}

/// Returns a text encoded for a URL: every byte is escaped, except ASCII letters, digits, and `-._~`.
fn url_encoded(text: &str) -> String {
    let mut encoded = String::with_capacity(text.len());
    for byte in text.bytes() {
        match byte {
            b'0'..=b'9' | b'A'..=b'Z' | b'a'..=b'z' | b'-' | b'.' | b'_' | b'~' => {
                encoded.push(char::from(byte));
            }
            // Writing to a string doesn't fail.
            _ => drop(fmt::Write::write_fmt(&mut encoded, format_args!("%{byte:02X}"))),
        }
    }
    encoded
}

/// Returns a text escaped for XML and HTML.
fn xml_escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}

/// Returns a text escaped for double quotes in JSON, TOML, and command lines.
fn backslashed(text: &str) -> String {
    text.replace('\\', r"\\").replace('"', "\\\"")
}

/// Returns a value that is safe to show.
///
/// A secret becomes `***`. In other values, credentials in URLs and in `name=value` pairs become `***`. An empty value stays
/// empty.
///
/// # Example
///
/// ```
/// use microsip_schema::mask;
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
    // Most values contain no credentials and need no copy.
    let has_bearer = || ["earer ", "EARER "].iter().any(|part| value.contains(part));
    if !value.contains([':', '=', '/', '-']) && !has_bearer() {
        return Cow::Borrowed(value);
    }
    let masked = mask_pairs(&mask_sip(&mask_addresses(value)));
    if masked == value { Cow::Borrowed(value) } else { Cow::Owned(masked) }
}

/// Masks the text between `//` and `@` in each URL.
fn mask_addresses(value: &str) -> String {
    let mut masked = String::with_capacity(value.len());
    let mut rest = value;
    while let Some((before, after)) = rest.split_once("//") {
        masked.push_str(before);
        masked.push_str("//");
        match login_end(after) {
            Some(at) if !is_placeholders(&after[..at]) => {
                masked.push_str(MASK);
                rest = &after[at..];
            }
            _ => rest = after,
        }
    }
    masked + rest
}

/// Returns the position of the `@` after the login of a URL.
///
/// A password can contain `/`, `?`, and `#` unescaped. In that case, the text after the first colon isn't a port, and the
/// login extends to the last `@`.
fn login_end(address: &str) -> Option<usize> {
    let whole = &address[..address.find([' ', '\t', '"', '\'']).unwrap_or(address.len())];
    let host = &whole[..whole.find(['/', '?', '#', ',']).unwrap_or(whole.len())];
    let is_port = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
    host.rfind('@').or_else(|| {
        let (_, after) = host.split_once(':')?;
        if host.starts_with('[') || is_port(after) { None } else { whole.rfind('@') }
    })
}

/// Masks the login of each `sip:user:password@host`. A user without a password isn't masked.
fn mask_sip(value: &str) -> String {
    const SCHEMES: [&str; 2] = ["sip:", "sips:"];
    let mut masked = String::with_capacity(value.len());
    for part in value.split_inclusive([' ', '\t', '"', '\'', '<', '>', ',']) {
        let after = SCHEMES.iter().find_map(|scheme| {
            let (start, after) = part.split_at_checked(scheme.len())?;
            start.eq_ignore_ascii_case(scheme).then_some(after)
        });
        let login = after.and_then(|after| Some((after, after.rfind('@')?)));
        match login {
            Some((after, at)) if after[..at].contains(':') && !is_placeholders(&after[..at]) => {
                masked.push_str(&part[..part.len() - after.len()]);
                masked.push_str(MASK);
                masked.push_str(&after[at..]);
            }
            _ => masked.push_str(part),
        }
    }
    masked
}

/// Returns whether a text consists only of placeholders separated by colons, which aren't secrets yet.
fn is_placeholders(text: &str) -> bool {
    text.split(':').all(|part| {
        let name = part.strip_prefix('{').and_then(|part| part.strip_suffix('}'));
        part == "%s" || name.is_some_and(|name| !name.is_empty() && !name.contains(['{', '}']))
    })
}

/// Masks the value after each name that refers to credentials.
///
/// Recognizes `name=value`, `name: value`, and `"name":"value"`, and for command-line options also `--name value` and
/// `/name value`. Placeholders aren't masked, because they aren't secrets yet.
fn mask_pairs(value: &str) -> String {
    let is_name = |character: char| character.is_alphanumeric() || "_-".contains(character);
    let mut masked = String::with_capacity(value.len());
    let mut rest = value;
    while let Some(start) = rest.find(is_name) {
        let length =
            rest[start..].find(|character| !is_name(character)).unwrap_or(rest.len() - start);
        let (before, after) = rest.split_at(start + length);
        let is_switch = is_switch(&before[..start], &before[start..]);
        let secret = secret_after(unescaped(before, start), after, is_switch);
        masked.push_str(before);
        rest = match secret {
            Some(secret) => {
                masked.push_str(&after[..secret.start]);
                masked.push_str(MASK);
                &after[secret.end..]
            }
            None => after,
        };
    }
    masked + rest
}

/// Returns the name that starts at `start`, without the digits of a URL escape before it, as in `%3Fpin`.
fn unescaped(text: &str, start: usize) -> &str {
    let name = &text[start..];
    let digits = name.split_at_checked(2).filter(|_| text[..start].ends_with('%'));
    match digits {
        Some((digits, rest)) if digits.bytes().all(|byte| byte.is_ascii_hexdigit()) => rest,
        _ => name,
    }
}

/// Returns whether a name is a command-line option: `--name`, `-name`, or `/name`.
fn is_switch(before: &str, name: &str) -> bool {
    let outside = if name.starts_with('-') { Some(before) } else { before.strip_suffix('/') };
    outside
        .is_some_and(|outside| outside.is_empty() || outside.ends_with([' ', '\t', '"', '\'', ',']))
}

/// Returns the range of the secret in `after`, the text that follows `name`.
fn secret_after(name: &str, after: &str, is_switch: bool) -> Option<Range<usize>> {
    const QUOTES: [char; 2] = ['"', '\''];
    const SCHEMES: [&str; 3] = ["basic ", "bearer ", "digest "];
    let starts = |text: &str, part: &str| {
        text.split_at_checked(part.len()).is_some_and(|(it, _)| it.eq_ignore_ascii_case(part))
    };
    let switch = name;
    let name = name.trim_start_matches('-').to_ascii_lowercase();
    let is_secret = is_secret_name(switch) || name.contains("-key") || name.contains("_key");

    // Skip the closing quote of a quoted name. The separator between name and value is escaped in a URL inside a URL.
    let unquoted = after.strip_prefix(QUOTES).unwrap_or(after).trim_start();
    let equals = |text| ["=", "%3D", "%3d"].iter().find_map(|sign| str::strip_prefix(text, sign));
    let colon = |text| [":", "%3A", "%3a"].iter().find_map(|sign| str::strip_prefix(text, sign));
    let is_header = colon(unquoted).is_some();
    let text = if let Some(text) = equals(unquoted) {
        (is_secret || name == "pw" || name.contains("key")).then_some(text)
    } else if let Some(text) = colon(unquoted) {
        (is_secret && !text.starts_with("//")).then_some(text)
    } else {
        let text = after.trim_start();
        let is_apart = text.len() < after.len();
        if is_apart && name == "bearer" && !is_switch {
            // In a header, `Bearer` precedes a token. In a sentence, it precedes an ordinary word.
            let word = text.split([' ', '\t', '"', '\'', ',', ';']).next().unwrap_or_default();
            let is_token =
                word.len() >= 16 || word.contains(|character: char| character.is_ascii_digit());
            is_token.then_some(text)
        } else if is_apart && is_login(switch) && is_switch {
            return login_secret(after);
        } else {
            (is_secret && is_switch && is_apart && !text.starts_with(['-', '/'])).then_some(text)
        }
    }?;
    // In a query string, a value can be empty: `password=&user=ann`.
    let mut text = text.trim_start();
    let is_whole = is_header && (name.ends_with("authorization") || name.ends_with("cookie"));
    let is_digest = is_whole && starts(text, "digest ");
    let ends: &[char] = match text.chars().next() {
        Some('"') => &['"'],
        Some('\'') => &['\''],
        // This header contains quotes.
        _ if is_digest => &[],
        _ if is_whole && after.trim_start_matches(QUOTES).starts_with(": ") => &QUOTES,
        _ => &['&', ';', ' ', '\t', '"', '\''],
    };
    if text.starts_with(QUOTES) {
        text = &text[1..];
    }
    if let Some(scheme) = SCHEMES.iter().find(|scheme| starts(text, scheme)) {
        text = &text[scheme.len()..];
    }
    let start = after.len() - text.len();
    let end = text.find(ends).unwrap_or(text.len());
    let end = start + text[..end].find("%26").unwrap_or(end);
    (end > start && !is_placeholders(&after[start..end])).then_some(start..end)
}

/// Returns whether a name is an option of curl or wget that takes `user:password`.
fn is_login(name: &str) -> bool {
    ["-u", "--user", "-U", "--proxy-user"].contains(&name)
}

/// Returns the range of the password in `after`, the text that follows an option that takes `user:password`.
fn login_secret(after: &str) -> Option<Range<usize>> {
    let text = after.trim_start().trim_start_matches(['"', '\'']);
    let start = after.len() - text.len();
    let text = &text[..text.find([' ', '\t', '"', '\'']).unwrap_or(text.len())];
    let (user, password) = text.split_once(':')?;
    let start = start + user.len() + 1;
    // `https://` isn't a user and password.
    let is_one = !password.is_empty() && !password.starts_with("//") && !is_placeholders(password);
    is_one.then_some(start..start + password.len())
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn secrets_are_recognized_by_table_and_by_name() {
        for (section, key) in [
            ("Account1", "password"),
            ("account0", "PASSWORD"),
            ("Settings", "password"),
            ("Accounts", "password"),
            ("", "password"),
            ("Account1", "apiPassword"),
            ("Account1", "passwordSize"),
            ("crm", "ApiToken"),
            ("crm", "x-api-key"),
            ("crm", "sessionId"),
            ("Settings", "pin"),
            ("Global", "ha1"),
        ] {
            assert_eq!(mask(section, key, "x"), "***", "{section}.{key}");
        }
        for (section, key) in [
            ("Account1", "authID"),
            ("Settings", "authID"),
            ("Account1", "disableSessionTimer"),
            ("Settings", "autoAnswer"),
            ("Settings", "callsLastKey"),
            ("Settings", "ziberEthereumPublicKey"),
            ("crm", "rememberPassword"),
            ("samba", "passdb backend"),
            ("crm", "authUser"),
        ] {
            assert_eq!(mask(section, key, "x"), "x", "{section}.{key}");
        }
        assert_eq!(mask("Account1", "password", ""), "");
        assert_eq!(mask("Settings", "portKnockerHost", "x"), "x");
    }

    #[test]
    fn credentials_within_text_are_masked() {
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
        for (text, expected) in [
            ("curl -u ann:hunter2 https://h/", "curl -u ann:*** https://h/"),
            ("curl --user \"ann:hunter2\" x", "curl --user \"ann:***\" x"),
            ("curl -u https://h/", "curl -u https://h/"),
            ("curl -H \"Cookie: a=b; sid=c\" https://h/", "curl -H \"Cookie: ***\" https://h/"),
            (
                "Authorization: Digest username=\"ann\", response=\"0f\"",
                "Authorization: Digest ***",
            ),
            ("send \"Bearer 0123456789abcdef\" now", "send \"Bearer ***\" now"),
            ("the bearer is missing", "the bearer is missing"),
            (
                "https://h/?next=%2Flogin%3Fpin%3D4711%26user%3Dann",
                "https://h/?next=%2Flogin%3Fpin%3D***%26user%3Dann",
            ),
            (
                "https://h/?pin=4711&apiKey=a&session_id=b&author=ann",
                "https://h/?pin=***&apiKey=***&session_id=***&author=ann",
            ),
            ("a.exe --pin 4711 --ping 5", "a.exe --pin *** --ping 5"),
            (
                "a.exe /accesskey:x /md5:y /auth-user:ann",
                "a.exe /accesskey:*** /md5:*** /auth-user:ann",
            ),
            ("{\"ha1\":\"x\",\"rememberPassword\":1}", "{\"ha1\":\"***\",\"rememberPassword\":1}"),
            (
                "passdb backend=tdbsam spinner=1 autoAnswer=1",
                "passdb backend=tdbsam spinner=1 autoAnswer=1",
            ),
        ] {
            assert_eq!(masked(text), expected);
        }
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

    #[test]
    fn secret_values_are_masked_in_every_form() {
        let mut keys = SecretKeys::default();
        keys.add_value("p&ss \"W\u{f6}rd\"");
        keys.add_value("4711");
        keys.add_value("12");
        for (text, expected) in [
            ("x p&ss \"W\u{f6}rd\" y", "x *** y"),
            ("P&SS \"W\u{d6}RD\"", "***"),
            ("p%26ss%20%22W%C3%B6rd%22", "***"),
            ("p%26ss%20%22w%c3%b6rd%22", "***"),
            ("p&amp;ss &quot;W\u{f6}rd&quot;", "***"),
            (r#""p&ss \"Wörd\"""#, "\"***\""),
            ("47114711-12", "******-12"),
            ("471", "471"),
        ] {
            assert_eq!(keys.mask_text(text), expected);
        }
        assert!(!format!("{keys:?}").contains("4711"));
    }

    proptest! {
        #[test]
        fn masked_text_never_contains_the_secret(
            secret in "[a-zA-Z0-9%&+ ]{4,8}",
            before in "\\PC{0,8}",
            after in "\\PC{0,8}",
        ) {
            let mut keys = SecretKeys::default();
            keys.add_value(&secret);
            let text = format!("{before}{secret}{after}");
            let masked = keys.mask("Settings", "userAgent", &text).into_owned();
            prop_assert!(!masked.to_lowercase().contains(&secret.to_lowercase()), "{}", masked);
        }

        #[test]
        fn masking_any_text_does_not_panic(value: String) {
            let _ = mask("Settings", "usersDirectory", &value);
            let mut keys = SecretKeys::default();
            keys.add_value(&value);
            let _ = keys.mask_text(&value);
        }
    }
}
