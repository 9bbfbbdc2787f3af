//! The fingerprint of a finding, which is the same after lines above it were added or removed.

use std::collections::BTreeMap;
use std::fmt;

use msipctl_core::diagnostic::Message;
use msipctl_core::store::Digest;

/// The code, section, key, and arguments of a finding, without line numbers and wording.
///
/// # Invariants
///
/// Names in another case, moved lines, and another wording don't change it.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(crate) struct Fingerprint(String);

/// The arguments of a message by their names.
pub(crate) type Arguments<Name = &'static str> = BTreeMap<Name, String>;

impl Fingerprint {
    pub(crate) fn new<Name: AsRef<str>>(
        code: &str,
        section: Option<&str>,
        key: Option<&str>,
        arguments: &Arguments<Name>,
    ) -> Self {
        let name = |name: Option<&str>| name.unwrap_or_default().to_ascii_lowercase();
        let mut text = [code, &name(section), &name(key)].join("\0");
        for (name, value) in arguments {
            let (name, value) = (name.as_ref(), value.as_str());
            // The same name in another case is the same argument.
            let own = match name {
                "section" => section,
                "key" => key,
                _ => None,
            };
            let is_own = own.is_some_and(|own| own.eq_ignore_ascii_case(value));
            if Message::is_identifying(name) && !is_own {
                text.extend(["\0", name, "=", value]);
            }
        }
        Self(text)
    }
}

/// Formats it as 32 hex digits.
impl fmt::Display for Fingerprint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let digest = Digest::of(self.0.as_bytes()).to_string();
        f.write_str(&digest[..32])
    }
}

#[cfg(test)]
mod tests {
    use msipctl_core::message;

    use super::*;

    fn of(message: &Message) -> Fingerprint {
        let arguments = message.arguments().map(|(name, value)| (name, value.to_owned()));
        Fingerprint::new("r", Some("S"), Some("k"), &arguments.collect())
    }

    #[test]
    fn fingerprint_ignores_wording_and_line_numbers() {
        let known = message!("second key `{key}`, see line {line}", key = "k", line = 2);
        let reworded = message!("line {line} has `{key}`, too", line = 14, key = "K");
        assert_ne!(known.to_string(), reworded.to_string());
        assert_eq!(of(&known), of(&reworded));
    }

    #[test]
    fn fingerprint_differs_when_arguments_differ() {
        let long = |units: usize| message!("has {units} units", units);
        assert_eq!(of(&long(300)), of(&long(300)));
        assert_ne!(of(&long(300)), of(&long(301)));
        assert_ne!(of(&long(300)), of(&message!("has {characters} characters", characters = 300)));
        assert_ne!(of(&message!("x")), of(&long(300)));
    }

    #[test]
    fn fingerprint_ignores_case_and_separates_section_from_key() {
        let arguments = Arguments::<&str>::new();
        let of = |section, key| Fingerprint::new("r", section, key, &arguments);
        assert_eq!(of(Some("Settings"), Some("AA")), of(Some("settings"), Some("aa")));
        assert_ne!(of(Some("a"), None), of(None, Some("a")));
        assert_eq!(of(None, None).to_string().len(), 32);
    }
}
