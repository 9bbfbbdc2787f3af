//! Finding keys in the table.

use super::index;
use super::key::{Key, Since};
use super::section::Section;

/// Returns all keys, section by section.
pub fn keys() -> impl Iterator<Item = &'static Key> {
    index::ROWS.into_iter()
}

/// Finds a key by the names that stand in a file, in any case.
///
/// # Example
///
/// ```
/// use msipctl::schema::find;
///
/// assert_eq!(find("account3", "DOMAIN").map(|key| key.name()), Some("domain"));
/// assert_eq!(find("Dialed", "7").map(|key| key.name()), Some("0..9"));
/// assert!(find("Settings", "domainn").is_none());
/// ```
pub fn find(section: &str, key: &str) -> Option<&'static Key> {
    find_in(Section::of(section)?, key)
}

/// Finds a key of a section by the name that stands in a file, in any case.
fn find_in(section: Section, key: &str) -> Option<&'static Key> {
    row_of(section, key.as_bytes()).map(|(_, known)| known)
}

/// Finds a key as [`find`] does, and the number of its row, which is below [`ROW_COUNT`]. Letters of the name are bytes,
/// those beyond ASCII any bytes from 0x80 on.
pub(crate) fn row_of(section: Section, key: &[u8]) -> Option<(usize, &'static Key)> {
    let row = match key {
        // `01` is another name.
        [b'0', _, ..] => None,
        [b'0'..=b'9', ..] => {
            let (row, most) = index::numbered(section)?;
            let number = str::from_utf8(key).ok()?.parse::<u32>().ok()?;
            (number <= most).then_some(row)
        }
        _ => index::find(section, key),
    };
    row.map(|row| (row, index::ROWS[row]))
}

/// How many keys there are.
pub(crate) const ROW_COUNT: usize = index::COUNT;

/// Returns the sections in which MicroSIP itself reads a key of this name.
pub fn sections_of(key: &str) -> Vec<Section> {
    let own = |known: &&Key| matches!(known.since(), Since::Version(_));
    let found = Section::ALL.into_iter().filter_map(|section| find_in(section, key));
    found.filter(own).map(Key::section).collect()
}

/// Returns the key that was probably meant by a name that is none.
///
/// # Example
///
/// ```
/// use msipctl::schema::suggest;
///
/// let meant = |key| suggest("Settings", key).map(|key| key.name());
/// assert_eq!(meant("updateInterval"), Some("updatesInterval"));
/// assert_eq!(meant("cmdCallIncoming"), Some("cmdIncomingCall"));
/// assert_eq!(meant("somethingElse"), None);
/// ```
pub fn suggest(section: &str, key: &str) -> Option<&'static Key> {
    const NEAR: f64 = 0.84;
    let section = Section::of(section)?;
    let (folded, words) = (key.to_ascii_lowercase(), sorted_words(key));
    let nearness = |known: &Key| {
        let name = known.name().to_ascii_lowercase();
        let straight = strsim::normalized_damerau_levenshtein(&folded, &name);
        let parted = strsim::normalized_damerau_levenshtein(&words, &sorted_words(known.name()));
        straight.max(parted)
    };
    // Names of other lengths cannot be near, and comparing is what takes the time.
    let length = |text: &str| text.chars().count() as f64;
    let is_like = |known: &&Key| {
        let (one, other) = (length(key), length(known.name()));
        one.min(other) >= NEAR * one.max(other)
    };
    keys()
        .filter(|known| known.section() == section && matches!(known.since(), Since::Version(_)))
        .filter(is_like)
        .map(|known| (nearness(known), known))
        .filter(|(nearness, _)| *nearness >= NEAR)
        .max_by(|(one, _), (other, _)| one.total_cmp(other))
        .map(|(_, known)| known)
}

/// Keys of `[Settings]` that are gone, each with the one that took its place.
const HEIRS: [(&str, &str); 9] = [
    ("disableLocalAccount", "enableLocalAccount"),
    ("DisableVAD", "VAD"),
    ("ListenPort", "sourcePort"),
    ("disableH264", "videoH264"),
    ("disableH263", "videoH263"),
    ("disableVP8", "videoVP8"),
    ("bitrateH264", "videoBitrate"),
    ("bitrateH263", "videoBitrate"),
    ("bitrateVP8", "videoBitrate"),
];

/// Returns the key that took the place of one that is gone.
pub fn renamed(section: &str, key: &str) -> Option<&'static str> {
    let is_settings = Section::of(section) == Some(Section::Settings);
    let heir = HEIRS.iter().find(|(gone, _)| is_settings && gone.eq_ignore_ascii_case(key));
    heir.map(|(_, heir)| *heir)
}

/// The words of a name such as `cmdCallEnd`, sorted, so that their order does not count.
fn sorted_words(name: &str) -> String {
    let mut words: Vec<String> = Vec::new();
    for letter in name.chars() {
        match words.last_mut() {
            Some(word) if !letter.is_ascii_uppercase() => word.push(letter),
            _ => words.push(letter.to_ascii_lowercase().to_string()),
        }
    }
    words.sort();
    words.concat()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::schema::{Availability, Kind, Version};
    use std::collections::BTreeMap;

    #[test]
    fn every_row_of_the_survey_is_there() {
        let mut counts = BTreeMap::new();
        keys().for_each(|key| *counts.entry(key.section()).or_insert(0) += 1);
        let counts: Vec<_> = counts.into_iter().collect();
        assert_eq!(keys().count(), 199);
        assert_eq!(
            counts,
            [
                (Section::Settings, 161),
                (Section::Global, 2),
                (Section::Account, 32),
                (Section::Calls, 1),
                (Section::Dialed, 1),
                (Section::Contacts, 1),
                (Section::Shortcuts, 1),
            ]
        );
    }

    #[test]
    fn rows_are_whole() {
        let mut seen = Vec::new();
        for key in keys() {
            let name = (key.section(), key.name().to_ascii_lowercase());
            assert!(!seen.contains(&name), "{name:?} stands twice");
            seen.push(name);
            let text = key.description();
            assert!(text.ends_with('.') && text.len() <= 240 && text.is_ascii(), "{}", key.name());
            if let (Since::Version(since), Some(until)) = (key.since(), key.until()) {
                assert!(since <= until, "{}", key.name());
            }
            if let Some(default) = key.default() {
                let version = key.until().unwrap_or(Version::NEWEST);
                assert_eq!(key.check(default, version), Ok(()), "{}", key.name());
            }
        }
    }

    #[test]
    fn values_depend_on_the_version() {
        let check = |section: &str, key: &str, value: &str, version: (u16, u16, u16)| {
            let version = Version::new(version.0, version.1, version.2);
            find(section, key).unwrap().check(value, version).is_ok()
        };
        assert!(check("Settings", "autoAnswer", "1", (3, 15, 6)));
        assert!(!check("Settings", "autoAnswer", "1", (3, 18, 5)));
        assert!(check("Settings", "denyIncoming", "rdomain", (3, 20, 1)));
        assert!(!check("Settings", "denyIncoming", "rdomain", (3, 21, 3)));
        assert!(check("Account1", "hideCID", "soft", (3, 22, 16)));
        assert!(!check("Account1", "hideCID", "soft", (3, 22, 3)));
        assert!(!check("Account1", "SRTP", "dtls", (3, 21, 6)));
        assert!(!check("Settings", "DTMFMethod", "4", (3, 22, 3)));
    }

    #[test]
    fn limits_depend_on_the_version() {
        let limit = |section: &str, key: &str, minor: u16| {
            find(section, key).unwrap().limit(Version::new(3, minor, 6))
        };
        assert_eq!([limit("Account1", "domain", 20), limit("Account1", "domain", 21)], [255, 1040]);
        assert_eq!(
            [limit("Settings", "audioCodecs", 20), limit("Settings", "audioCodecs", 21)],
            [255, 511]
        );
        assert_eq!(
            [limit("Account1", "password", 15), limit("Account1", "password", 19)],
            [255, 1040]
        );
        assert_eq!(limit("Settings", "domain", 22), 255);
        assert_eq!(limit("Shortcuts", "0", 22), 1023);
    }

    #[test]
    fn switches_depend_on_the_version() {
        let read = |key: &str, value: &str, version: (u16, u16, u16)| {
            let version = Version::new(version.0, version.1, version.2);
            find("Settings", key).unwrap().switch_on(value, version)
        };
        assert_eq!(read("EC", "2", (3, 15, 6)), Some(false));
        assert_eq!(read("EC", "yes", (3, 19, 12)), Some(true));
        assert_eq!(read("EC", "2", (3, 19, 14)), Some(false));
        assert_eq!(read("EC", "2", (3, 22, 3)), Some(true));
        assert_eq!(read("userAgent", "1", (3, 22, 3)), None);
    }

    #[test]
    fn what_versions_do_is_listed_as_each_does_it() {
        for key in keys() {
            let newest = key.until().unwrap_or(Version::NEWEST);
            let (_, limit) = *key.limits_by_version().last().unwrap();
            assert_eq!(limit, key.limit(newest), "{}", key.name());
            assert_eq!(
                key.switches_by_version().is_empty(),
                !matches!(key.kind(), Kind::Switch(_))
            );
            for (until, switch) in key.switches_by_version() {
                for value in ["", "0", "1", "2", "01", "yes"] {
                    let read = key.switch_on(value, until.unwrap_or(newest));
                    assert_eq!(read, Some(switch.is_on(value)), "{} {value}", key.name());
                }
            }
        }
        let limits = |section: &str, key: &str| find(section, key).unwrap().limits_by_version();
        assert_eq!(limits("Shortcuts", "0"), [(None, 1023)]);
        let longer = (Some(Version::new(3, 21, 3)), 511);
        assert_eq!(limits("Settings", "audioCodecs"), [(None, 255), longer]);
    }

    #[test]
    fn silent_was_read_otherwise_by_its_last_versions() {
        let key = find("Settings", "silent").unwrap();
        let read = |minor, patch| key.switch_on("2", Version::new(3, minor, patch));
        assert_eq!([read(20, 5), read(21, 3), read(21, 6)], [Some(false), Some(true), Some(true)]);
    }

    #[test]
    fn a_secret_is_not_repeated() {
        for section in ["Settings", "Account1"] {
            let key = find(section, "passwordSize").unwrap();
            let error = key.check("hunter2", Version::new(3, 20, 1)).unwrap_err();
            assert!(!error.to_string().contains("hunter2"), "{error}");
        }
    }

    #[test]
    fn lists_of_people_are_personal() {
        for section in ["Calls", "Dialed", "Contacts"] {
            assert!(find(section, "0").unwrap().is_personal(), "{section}");
        }
    }

    #[test]
    fn a_key_that_is_gone_names_its_heir() {
        assert_eq!(renamed("Settings", "bitrateVP8"), Some("videoBitrate"));
        let key = find("Settings", "disableH264").unwrap();
        assert_eq!(key.available(Version::NEWEST), Availability::NotAfter(Version::new(3, 15, 6)));
        assert_eq!(renamed("Settings", "disableh264"), Some("videoH264"));
    }

    #[test]
    fn names_that_do_not_exist_lead_to_those_that_do() {
        let meant = |key: &str| suggest("Settings", key).map(Key::name);
        assert_eq!(meant("cmdCallOutcoming"), Some("cmdOutgoingCall"));
        assert_eq!(meant("singleMod"), Some("singleMode"));
        assert_eq!(meant("crmGatewayTicket"), None);
        assert_eq!(suggest("Account1", "usrname").map(Key::name), Some("username"));
    }
}
