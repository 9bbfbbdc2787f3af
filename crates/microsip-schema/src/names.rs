//! Recognizes names that refer to a secret, by their words instead of arbitrary substrings.

use std::iter;

/// Parts that refer to a secret anywhere in a word, as in `sippassword` and `crmtokens`.
const PARTS: [&str; 12] = [
    "passw",
    "passphrase",
    "passcode",
    "passkey",
    "pwd",
    "secret",
    "token",
    "credential",
    "apikey",
    "accesskey",
    "sessid",
    "sessionid",
];

/// Words that contain such a part but mean something else.
const OTHERS: [&str; 3] = ["secretar", "tokeniz", "tokenis"];

/// Words that end in `pass` but mean something else.
const NO_PASS: [&str; 7] =
    ["bypass", "compass", "encompass", "overpass", "surpass", "trespass", "underpass"];

/// Words that refer to a secret on their own. In the singular, without a number at the end.
const WORDS: [&str; 10] =
    ["pass", "cookie", "session", "auth", "oauth", "authorization", "bearer", "ha1", "md5", "pin"];

/// Pairs of words that refer to a secret, as in `api-key`, `ApiKey`, and `API_KEY`.
const PAIRS: [(&str, &str); 10] = [
    ("api", "key"),
    ("access", "key"),
    ("private", "key"),
    ("secret", "key"),
    ("shared", "key"),
    ("signing", "key"),
    ("encryption", "key"),
    ("master", "key"),
    ("session", "id"),
    ("sess", "id"),
];

/// Words before the name of a secret that turn it into the name of an on/off setting, as in `rememberPassword`.
const SETTINGS: [&str; 17] = [
    "remember", "save", "show", "hide", "ask", "prompt", "require", "requires", "required", "has",
    "is", "enable", "enabled", "disable", "disabled", "allow", "no",
];

/// Words after a word of [`WORDS`] that turn it into the name of something related, as in `authUser` and `sessionTimeout`.
const AROUND: [&str; 33] = [
    "user", "username", "login", "realm", "type", "method", "mode", "scheme", "domain", "server",
    "host", "port", "url", "uri", "timeout", "timer", "ttl", "expiry", "expires", "interval",
    "retry", "retries", "length", "size", "min", "max", "count", "limit", "enabled", "required",
    "name", "policy", "path",
];

/// Words that can follow the noun `pin`. With other words, it's a verb, as in `pinToTaskbar`.
const AFTER_PIN: [&str; 5] = ["code", "number", "hash", "value", "nr"];

/// Returns whether a name refers to a secret.
pub(super) fn names_secret(name: &str) -> bool {
    const ROOTS: [&str; 13] = [
        "pass", "pwd", "secret", "token", "cred", "key", "sess", "pin", "cookie", "auth", "bearer",
        "ha1", "md5",
    ];
    const MIN_LENGTH: usize = 3;
    // Most names contain none of the roots.
    if name.len() < MIN_LENGTH {
        return false;
    }
    let folded = name.to_ascii_lowercase();
    if !ROOTS.iter().any(|root| folded.contains(root)) {
        return false;
    }
    let words: Vec<String> = words(name).map(str::to_ascii_lowercase).collect();
    let is_setting = words.first().is_some_and(|word| SETTINGS.contains(&word.as_str()));
    let mut names = (0..words.len()).filter(|index| is_named(&words, *index));
    match names.next() {
        None => false,
        // `rememberPassword` is a setting, but `savePasswordHash` contains a secret.
        Some(first) => !(is_setting && first > 0 && first + 1 == words.len()),
    }
}

/// Returns whether the word at an index refers to a secret, alone or with the next word.
fn is_named(words: &[String], index: usize) -> bool {
    let word = words[index].as_str();
    let bare = bare_of(word);
    let next = words.get(index + 1).map(String::as_str);
    let is_part = PARTS.iter().any(|part| word.contains(part))
        && !OTHERS.iter().any(|other| word.contains(other));
    let is_pass = bare.len() > 4 && bare.ends_with("pass") && !NO_PASS.contains(&bare);
    let joined = next.is_some_and(|next| {
        let next = bare_of(next);
        // `APIkey` is split at a different character.
        let both = word.bytes().chain(next.bytes());
        PAIRS.iter().any(|(one, other)| both.clone().eq(one.bytes().chain(other.bytes())))
    });
    if is_part || is_pass || joined {
        return true;
    }
    if !WORDS.contains(&bare) && !WORDS.contains(&word) {
        return false;
    }
    let before = index.checked_sub(1).map(|index| words[index].as_str());
    match (bare, next) {
        ("pass", _) => {
            !matches!(next, Some("through" | "thru" | "by" | "filter"))
                && !matches!(before, Some("low" | "high" | "band" | "by" | "all"))
        }
        ("pin", Some(next)) => AFTER_PIN.contains(&next),
        // An authentication ID is a user name.
        ("auth" | "oauth", Some("id")) => false,
        (_, Some(next)) => !AROUND.contains(&next),
        (_, None) => true,
    }
}

/// Returns a word in the singular, without a number at its end.
fn bare_of(word: &str) -> &str {
    let bare = word.trim_end_matches(|character: char| character.is_ascii_digit());
    bare.strip_suffix('s').filter(|bare| !bare.ends_with('s')).unwrap_or(bare)
}

/// Splits a name into words: at characters other than letters and digits, before a capital letter that starts a word, and
/// after digits.
fn words(name: &str) -> impl Iterator<Item = &str> {
    name.split(|character: char| !character.is_alphanumeric()).flat_map(|part| {
        let characters: Vec<(usize, char)> = part.char_indices().collect();
        let mut starts = vec![0];
        for index in 1..characters.len() {
            let (at, character) = characters[index];
            let before = characters[index - 1].1;
            let is_followed =
                characters.get(index + 1).is_some_and(|(_, next)| next.is_lowercase());
            let begins = character.is_uppercase()
                && (!before.is_uppercase() || is_followed && before.is_uppercase());
            let is_after_digits = before.is_ascii_digit() && !character.is_ascii_digit();
            if begins || is_after_digits {
                starts.push(at);
            }
        }
        let ends: Vec<usize> = starts.iter().skip(1).copied().chain([part.len()]).collect();
        iter::zip(starts, ends)
            .map(|(start, end)| &part[start..end])
            .filter(|word| !word.is_empty())
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn names_are_split_into_words() {
        for (name, expected) in [
            ("apiKey", "api Key"),
            ("X-Api-Key", "X Api Key"),
            ("HTTPAuthToken2", "HTTP Auth Token2"),
            ("md5hash", "md5 hash"),
            ("passdb backend", "passdb backend"),
            ("SIP_PIN", "SIP PIN"),
            ("", ""),
            ("__", ""),
        ] {
            assert_eq!(words(name).collect::<Vec<_>>().join(" "), expected, "{name}");
        }
    }

    #[test]
    fn secret_names_are_recognized_in_common_spellings() {
        for name in [
            "apiKey",
            "api_key",
            "api-key",
            "APIKEY",
            "APIkey",
            "x-api-key",
            "X-API-Key",
            "apikey2",
            "pin",
            "PIN",
            "userPin",
            "sip_pin",
            "pin_code",
            "pinNumber",
            "pin2",
            "token",
            "authToken",
            "auth_token",
            "crmtoken",
            "AccessTokens",
            "credential",
            "credentials",
            "SipCredentials",
            "cookie",
            "Cookie",
            "Set-Cookie",
            "cookies",
            "session",
            "sessionId",
            "session_id",
            "PHPSESSID",
            "JSESSIONID",
            "auth",
            "Authorization",
            "Proxy-Authorization",
            "X-Auth-Key",
            "oauth2",
            "bearer",
            "ha1",
            "HA1",
            "sipHa1",
            "md5",
            "md5Hash",
            "md5_password",
            "accesskey",
            "access_key",
            "accessKeyId",
            "secret",
            "client_secret",
            "secretKey",
            "pwd",
            "dbpwd",
            "pass",
            "userpass",
            "user_pass",
            "Password",
            "passwort",
            "passwd",
            "PASSWORD1",
            "passphrase",
            "privateKey",
            "savePasswordHash",
        ] {
            assert!(names_secret(name), "{name}");
        }
    }

    #[test]
    fn names_that_merely_contain_a_secret_name_are_not_secret() {
        for name in [
            "rememberPassword",
            "remember_password",
            "savePassword",
            "showPassword",
            "passdb backend",
            "authID",
            "authUser",
            "auth_username",
            "authRealm",
            "authMethod",
            "AutoAnswer",
            "autoAnswer",
            "author",
            "Authority",
            "ping",
            "pingInterval",
            "spinner",
            "pinToTaskbar",
            "pinned",
            "opinion",
            "bypass",
            "compass",
            "passThrough",
            "lowPass",
            "highPassFilter",
            "passenger",
            "passive",
            "secretary",
            "tokenizer",
            "sessionTimeout",
            "disableSessionTimer",
            "sessionExpires",
            "obsession",
            "cmd5",
            "hash",
            "keyboard",
            "hotkey",
            "callsLastKey",
            "monkey",
            "label",
            "",
            "no-auth",
            "cookieDomain",
            "publicKey",
            "usersDirectory",
        ] {
            assert!(!names_secret(name), "{name}");
        }
    }

    const NAMES: [&str; 14] = [
        "api key",
        "pin",
        "token",
        "credential",
        "credentials",
        "cookie",
        "session id",
        "auth token",
        "bearer",
        "ha1",
        "md5",
        "access key",
        "password",
        "secret",
    ];

    /// Joins words in one of the common styles for names.
    fn spelled(words: &[&str], style: u8) -> String {
        let capital = |word: &str| word[..1].to_uppercase() + &word[1..];
        match style {
            0 => words.join("_"),
            1 => words.join("-"),
            2 => words.join(" "),
            3 => words.concat(),
            4 => words.join("_").to_uppercase(),
            5 => words.iter().map(|word| capital(word)).collect::<Vec<_>>().join("-"),
            6 => words.iter().map(|word| capital(word)).collect(),
            _ => {
                words[0].to_owned()
                    + &words[1..].iter().map(|word| capital(word)).collect::<String>()
            }
        }
    }

    proptest! {
        #[test]
        fn secret_names_are_recognized_in_every_spelling(
            secret in prop::sample::select(NAMES.to_vec()),
            before in prop::sample::select(vec!["", "sip", "crm", "x", "my", "user"]),
            style in 0..8u8,
        ) {
            let words: Vec<&str> = before.split(' ').chain(secret.split(' ')).filter(|it| !it.is_empty()).collect();
            // Without a separator, the words form a single word.
            prop_assume!(style != 3 || before.is_empty());
            let name = spelled(&words, style);
            prop_assert!(names_secret(&name), "{}", name);
        }

        #[test]
        fn ordinary_names_are_not_secret_in_any_spelling(
            words in prop::collection::vec(prop::sample::select(vec![
                "auto", "answer", "ping", "author", "spinner", "user", "label", "compass", "domain", "port", "video",
                "happy", "opinion", "assess", "recording", "cmd", "call", "last", "number", "monkey", "authority",
            ]), 1..4),
            style in 0..8u8,
        ) {
            prop_assume!(style != 3);
            let name = spelled(&words, style);
            prop_assert!(!names_secret(&name), "{}", name);
        }

        #[test]
        fn checking_any_name_does_not_panic(name: String) {
            let _ = names_secret(&name);
        }
    }
}
