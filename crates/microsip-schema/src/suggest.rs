//! Suggests corrections for keys that MicroSIP doesn't read.

use std::fmt;

use super::key::{Key, Since};
use super::lookup::{find, find_in, keys, sections_of};
use super::section::Section;
use super::table::ALIASES;

/// A suggested correction for a key that MicroSIP doesn't read in its section. `Display` formats it as a hint.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Suggestion {
    /// The key exists in these other sections.
    Sections(Vec<Section>),
    /// A key with another name.
    Key {
        /// The suggested key.
        key: &'static Key,
        /// Whether the suggested key belongs to another section.
        is_elsewhere: bool,
    },
}

impl Suggestion {
    /// Returns the suggested key, if it is in the same section.
    pub fn in_same_section(&self) -> Option<&'static Key> {
        match self {
            Self::Key { key, is_elsewhere: false } => Some(*key),
            _ => None,
        }
    }

    /// Returns the section and name of the suggested key, if there is exactly one.
    pub fn name(&self, written: &str) -> Option<(Section, String)> {
        match self {
            Self::Sections(sections) => match sections[..] {
                [only] => Some((only, find_in(only, written)?.name().to_owned())),
                _ => None,
            },
            Self::Key { key, .. } => Some((key.section(), key.name().to_owned())),
        }
    }
}

impl fmt::Display for Suggestion {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Sections(sections) => {
                let labels: Vec<_> = sections.iter().map(|section| section.label()).collect();
                write!(f, "it belongs in `[{}]`", labels.join("]` or `["))
            }
            Self::Key { key, is_elsewhere: false } => write!(f, "did you mean `{}`?", key.name()),
            Self::Key { key, is_elsewhere: true } => {
                write!(f, "did you mean `{}` in `[{}]`?", key.name(), key.section().label())
            }
        }
    }
}

/// Returns a suggestion for a key, or `None` if MicroSIP reads it in this section or no key is similar.
///
/// Suggests, in this order: the key with this name in another section, the key for a known alias, and the key with the most
/// similar name, preferably in the same section. For a key of the single account of 3.1.18 in `[Settings]`, suggests
/// `[AccountN]`.
///
/// # Example
///
/// ```
/// use microsip_schema::suggest;
///
/// let hint = |section, key| suggest(section, key).map(|it| it.to_string());
/// assert_eq!(hint("Settings", "updateInterval").as_deref(), Some("did you mean `updatesInterval`?"));
/// assert_eq!(hint("Settings", "cmdCallIncoming").as_deref(), Some("did you mean `cmdIncomingCall`?"));
/// assert_eq!(hint("Account1", "localPort").as_deref(), Some("did you mean `sourcePort` in `[Settings]`?"));
/// assert_eq!(hint("Settings", "registerRefresh").as_deref(), Some("it belongs in `[AccountN]`"));
/// assert_eq!(hint("Settings", "somethingElse"), None);
/// ```
pub fn suggest(section: &str, key: &str) -> Option<Suggestion> {
    let written = Section::of(section)?;
    if find(section, key).is_some_and(|known| !known.is_legacy_account()) {
        return None;
    }
    // Numbers are keys in many lists.
    let is_number = key.bytes().all(|byte| byte.is_ascii_digit());
    let sections = if is_number { Vec::new() } else { sections_of(key) };
    if !sections.is_empty() {
        return Some(Suggestion::Sections(sections));
    }
    let meant = alias(key).or_else(|| {
        let others = [Section::Settings, Section::Account];
        let others = others.into_iter().filter(|other| *other != written);
        std::iter::once(written).chain(others).find_map(|section| near(section, key))
    })?;
    Some(Suggestion::Key { key: meant, is_elsewhere: meant.section() != written })
}

/// Returns the key that a known alias refers to.
fn alias(name: &str) -> Option<&'static Key> {
    let (_, section, key) = ALIASES.iter().find(|(alias, ..)| alias.eq_ignore_ascii_case(name))?;
    find_in(*section, key)
}

/// Returns the key of a section with the most similar name, if it is similar enough.
fn near(section: Section, key: &str) -> Option<&'static Key> {
    const NEAR: f64 = 0.84;
    let (folded, words) = (key.to_ascii_lowercase(), sorted_words(key));
    let nearness = |known: &Key| {
        let name = known.name().to_ascii_lowercase();
        let straight = strsim::normalized_damerau_levenshtein(&folded, &name);
        let reordered = strsim::normalized_damerau_levenshtein(&words, &sorted_words(known.name()));
        straight.max(reordered)
    };
    // Names that have few characters in common can't be similar. Comparing them would take the most time.
    let (length, counts) = (key.chars().count(), counts(&folded));
    let is_like = |known: &&Key| {
        let longest = length.max(known.name().len()) as f64;
        // The tolerance prevents rounding from excluding a name.
        common(counts, known.name()) as f64 / longest >= NEAR - 1e-9
    };
    keys()
        .filter(|known| known.section() == section && matches!(known.since(), Since::Version(_)))
        .filter(|known| !known.is_legacy_account())
        .filter(is_like)
        .map(|known| (nearness(known), known))
        .filter(|(nearness, _)| *nearness >= NEAR)
        .max_by(|(one, _), (other, _)| one.total_cmp(other))
        .map(|(_, known)| known)
}

/// Counts the ASCII characters of a name.
fn counts(name: &str) -> [u8; 128] {
    let mut counts = [0_u8; 128];
    for count in name.bytes().filter_map(|byte| Some(usize::from(byte)).filter(|it| *it < 128)) {
        counts[count] = counts[count].saturating_add(1);
    }
    counts
}

/// Returns the number of counted characters that another name also contains, in any order and case.
fn common(mut counts: [u8; 128], name: &str) -> usize {
    let mut is_common = |byte: &u8| match counts.get_mut(usize::from(*byte)) {
        Some(count @ 1..) => {
            *count -= 1;
            true
        }
        _ => false,
    };
    name.bytes().map(|byte| byte.to_ascii_lowercase()).filter(&mut is_common).count()
}

/// Returns the words of a name such as `cmdCallEnd`, sorted, so that their order doesn't matter.
fn sorted_words(name: &str) -> String {
    let mut words: Vec<String> = Vec::new();
    for character in name.chars() {
        match words.last_mut() {
            Some(word) if !character.is_ascii_uppercase() => word.push(character),
            _ => words.push(character.to_ascii_lowercase().to_string()),
        }
    }
    words.sort();
    words.concat()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(section: &str, key: &str, hint: &str) {
        let found = suggest(section, key).map(|it| it.to_string());
        assert_eq!(found.as_deref().unwrap_or_default(), hint, "{section}.{key}");
    }

    #[test]
    fn misspelled_keys_suggest_the_correct_key() {
        check("Settings", "cmdCallOutcoming", "did you mean `cmdOutgoingCall`?");
        check("Settings", "singleMod", "did you mean `singleMode`?");
        check("Account1", "usrname", "did you mean `username`?");
        check("Settings", "crmGatewayTicket", "");
        check("Settings", "allowedPC", "");
        check("Calls", "7", "");
        check("Dialed", "10", "");
        check("Elsewhere", "localPort", "");
    }

    #[test]
    fn invented_keys_suggest_the_correct_key() {
        check("Settings", "localPort", "did you mean `sourcePort`?");
        check("Account1", "hideCallerId", "did you mean `hideCID`?");
        check("Settings", "hideCallerId", "did you mean `hideCID` in `[AccountN]`?");
        check("Settings", "enableLocalDTMF", "did you mean `localDTMF`?");
        check("Settings", "volumeIn", "did you mean `volumeInput`?");
        check("Settings", "volumeOut", "did you mean `volumeOutput`?");
        check("Settings", "checkUpdates", "did you mean `updatesInterval`?");
        check("Settings", "updateInterval", "did you mean `updatesInterval`?");
        check("Account1", "user", "did you mean `username`?");
        check("Account1", "login", "did you mean `authID`?");
        check("Account1", "regInterval", "did you mean `registerRefresh`?");
        check("Account1", "ACCOUNTNAME", "did you mean `label`?");
        check("Settings", "cmdCallIncoming", "did you mean `cmdIncomingCall`?");
        check("Account2", "localPort", "did you mean `sourcePort` in `[Settings]`?");
    }

    #[test]
    fn keys_of_another_section_suggest_that_section() {
        check("Settings", "registerRefresh", "it belongs in `[AccountN]`");
        check("Settings", "LABEL", "it belongs in `[AccountN]`");
        check("Account1", "audioCodecs", "it belongs in `[Settings]`");
        check("Account1", "audioCodec", "did you mean `audioCodecs` in `[Settings]`?");
        check("Settings", "usrname", "did you mean `username` in `[AccountN]`?");
        check("Settings", "domain", "it belongs in `[AccountN]`");
        check("Dialed", "STUN", "it belongs in `[Settings]` or `[AccountN]`");
        check("Settings", "AA", "");
        check("Account1", "STUN", "");
    }

    /// Returns the names of all keys: of MicroSIP itself, of forks, and of templates.
    fn names() -> impl Iterator<Item = String> {
        keys().map(|key| key.name().to_ascii_lowercase())
    }

    #[test]
    fn aliases_lead_to_existing_keys_and_shadow_no_key() {
        for (index, (alias, section, key)) in ALIASES.iter().enumerate() {
            let target = find_in(*section, key).unwrap_or_else(|| panic!("{alias}: no {key}"));
            assert_eq!(target.name(), *key, "{alias}");
            assert!(
                matches!(target.since(), Since::Version(_)),
                "{alias}: only a fork reads {key}"
            );
            assert!(!target.is_legacy_account() && target.until().is_none(), "{alias}");
            let folded = alias.to_ascii_lowercase();
            for name in names() {
                let distance = strsim::damerau_levenshtein(&folded, &name);
                assert!(distance > 1, "{alias} is or nearly is the key {name}");
            }
            let twice =
                ALIASES[..index].iter().any(|(other, ..)| other.eq_ignore_ascii_case(alias));
            assert!(!twice, "{alias} is listed twice");
            assert!(alias.bytes().all(|byte| byte.is_ascii_alphanumeric()), "{alias}");
        }
    }
}
