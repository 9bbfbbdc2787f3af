//! Looks up keys in the table.

use super::index;
use super::key::{Key, Since};
use super::section::Section;

/// Returns all keys, grouped by section. Keys of forks come last.
pub fn keys() -> impl Iterator<Item = &'static Key> {
    index::ROWS.into_iter()
}

/// Returns the key with the given section and name, which can be in any case.
///
/// # Example
///
/// ```
/// use microsip_schema::find;
///
/// assert_eq!(find("account3", "DOMAIN").map(|key| key.name()), Some("domain"));
/// assert_eq!(find("Dialed", "7").map(|key| key.name()), Some("0..9"));
/// assert!(find("Settings", "domainn").is_none());
/// ```
pub fn find(section: &str, key: &str) -> Option<&'static Key> {
    find_in(Section::of(section)?, key)
}

/// Returns the key of a section with the given name, which can be in any case.
pub(super) fn find_in(section: Section, key: &str) -> Option<&'static Key> {
    row_of(section, key.as_bytes()).map(|(_, known)| known)
}

/// Returns a key, as [`find`] does, and its row number, which is less than [`ROW_COUNT`].
///
/// The name is in bytes, in any encoding that extends ASCII. Every byte of a non-ASCII character must be 0x80 or higher.
pub fn row_of(section: Section, key: &[u8]) -> Option<(usize, &'static Key)> {
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

/// The number of keys in the table.
pub const ROW_COUNT: usize = index::COUNT;

/// Returns the sections in which MicroSIP itself reads a key with this name.
///
/// `[Settings]` isn't included for keys of the single account of 3.1.18.
pub fn sections_of(key: &str) -> Vec<Section> {
    let own =
        |known: &&Key| matches!(known.since(), Since::Version(_)) && !known.is_legacy_account();
    let found = Section::ALL.into_iter().filter_map(|section| find_in(section, key));
    found.filter(own).map(Key::section).collect()
}

/// Removed keys of `[Settings]`, each with its replacement.
const REPLACEMENTS: [(&str, &str); 9] = [
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

/// Returns the name of the key that replaced a removed key of `[Settings]`.
pub fn renamed(section: &str, key: &str) -> Option<&'static str> {
    let is_settings = Section::of(section) == Some(Section::Settings);
    let found =
        REPLACEMENTS.iter().find(|(removed, _)| is_settings && removed.eq_ignore_ascii_case(key));
    found.map(|(_, replacement)| *replacement)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Availability;
    use crate::Kind;
    use crate::Version;
    use std::collections::BTreeMap;

    #[test]
    fn table_has_every_surveyed_key() {
        const SURVEYED: Version = Version::new(3, 22, 18);
        let is_newer =
            |key: &&Key| matches!(key.since(), Since::Version(since) if since > SURVEYED);
        let surveyed: Vec<_> = keys().filter(|key| !is_newer(key)).collect();
        let mut counts = BTreeMap::new();
        surveyed.iter().for_each(|key| *counts.entry(key.section()).or_insert(0) += 1);
        let counts: Vec<_> = counts.into_iter().collect();
        assert_eq!(surveyed.len(), 201);
        assert_eq!(
            counts,
            [
                (Section::Settings, 162),
                (Section::Global, 3),
                (Section::Account, 32),
                (Section::Calls, 1),
                (Section::Dialed, 1),
                (Section::Contacts, 1),
                (Section::Shortcuts, 1),
            ]
        );
    }

    #[test]
    fn table_rows_are_complete_and_unique() {
        let mut seen = Vec::new();
        for key in keys() {
            let name = (key.section(), key.name().to_ascii_lowercase());
            assert!(!seen.contains(&name), "{name:?} is listed twice");
            seen.push(name);
            let text = key.description();
            assert!(text.ends_with('.') && text.len() <= 240 && text.is_ascii(), "{}", key.name());
            if let (Since::Version(since), Some(until)) = (key.since(), key.until()) {
                assert!(since <= until, "{}", key.name());
            }
            for (until, default) in key.defaults_by_version() {
                let version = until.or(key.until()).unwrap_or(Version::NEWEST);
                assert_eq!(key.default(version).unwrap_or_default(), default, "{}", key.name());
                if !default.is_empty() {
                    assert_eq!(key.check(default, version), Ok(()), "{}", key.name());
                }
            }
        }
    }

    #[test]
    fn allowed_values_depend_on_the_version() {
        let check = |section: &str, key: &str, value: &str, version: (u16, u16, u16)| {
            let version = Version::new(version.0, version.1, version.2);
            find(section, key).unwrap().check(value, version).is_ok()
        };
        assert!(check("Settings", "autoAnswer", "1", (3, 15, 6)));
        assert!(!check("Settings", "autoAnswer", "1", (3, 18, 5)));
        assert!(check("Settings", "denyIncoming", "rdomain", (3, 20, 1)));
        assert!(!check("Settings", "denyIncoming", "rdomain", (3, 21, 3)));
        for word in ["soft", "hard"] {
            assert!(check("Account1", "hideCID", word, (3, 22, 5)), "{word}");
            assert!(!check("Account1", "hideCID", word, (3, 22, 4)), "{word}");
        }
        assert!(check("Account1", "SRTP", "dtls-sdes", (3, 22, 0)));
        assert!(!check("Account1", "SRTP", "dtls-sdes", (3, 21, 6)));
        assert!(check("Account1", "SRTP", "dtls", (3, 22, 3)));
        assert!(!check("Account1", "SRTP", "dtls", (3, 22, 2)));
        assert!(!check("Settings", "DTMFMethod", "4", (3, 22, 3)));
    }

    #[test]
    fn length_limits_depend_on_the_version() {
        let limit = |section: &str, key: &str, minor: u16| {
            find(section, key).unwrap().limit(Version::new(3, minor, 6))
        };
        for key in ["server", "proxy", "domain", "username", "authID", "displayName"] {
            let limit = |patch| find("Account1", key).unwrap().limit(Version::new(3, 21, patch));
            assert_eq!([limit(3), limit(4)], [255, 1040], "{key}");
        }
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
    fn switch_states_depend_on_the_version() {
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

    /// Checks that a version reads a value of a switch differently than the next version.
    #[track_caller]
    fn changes(key: &str, value: &str, last: (u16, u16, u16), next: (u16, u16, u16)) {
        let key = find("Settings", key).unwrap();
        let read = |version: (u16, u16, u16)| {
            key.switch_on(value, Version::new(version.0, version.1, version.2))
        };
        assert_ne!(read(last), read(next), "{}", key.name());
        assert_eq!(read(next), key.switch_on(value, Version::NEWEST), "{}", key.name());
    }

    #[test]
    fn switch_kinds_change_at_the_documented_versions() {
        changes("forceCodec", "2", (3, 18, 5), (3, 19, 0));
        changes("disableMessaging", "2", (3, 21, 3), (3, 21, 4));
        changes("randomAnswerBox", "2", (3, 15, 6), (3, 18, 5));
        changes("enableLog", "2", (3, 14, 5), (3, 15, 6));
        changes("dnsSrv", "2", (3, 19, 8), (3, 19, 10));
        for key in ["publish", "ICE", "allowRewrite"] {
            let key = find("Settings", key).unwrap();
            assert_eq!(key.switch_on("2", Version::new(3, 12, 1)), Some(false), "{}", key.name());
        }
    }

    #[test]
    fn defaults_depend_on_the_version() {
        let default = |section: &str, key: &str, version: (u16, u16, u16)| {
            find(section, key).unwrap().default(Version::new(version.0, version.1, version.2))
        };
        assert_eq!(default("Settings", "EC", (3, 19, 18)), Some("0"));
        assert_eq!(default("Settings", "EC", (3, 19, 27)), Some("1"));
        for key in ["autoAnswer", "denyIncoming"] {
            assert_eq!(default("Settings", key, (3, 19, 2)), None, "{key}");
            assert_eq!(default("Settings", key, (3, 19, 8)), Some("button"), "{key}");
        }
        assert_eq!(default("Account1", "transport", (3, 19, 27)), None);
        assert_eq!(default("Account1", "transport", (3, 20, 1)), Some("udp"));
        let codecs = |version| default("Settings", "audioCodecs", version).unwrap();
        assert!(codecs((3, 19, 17)).starts_with("opus/"), "{}", codecs((3, 19, 17)));
        assert_eq!(codecs((3, 19, 18)), "PCMA/8000/1 PCMU/8000/1");
    }

    #[test]
    fn key_availability_depends_on_the_version() {
        let available = |section: &str, key: &str, version: (u16, u16, u16)| {
            let version = Version::new(version.0, version.1, version.2);
            find(section, key).unwrap().available(version) == Availability::Yes
        };
        for (section, key, last, first) in [
            ("Settings", "networkChanges", (3, 21, 6), (3, 22, 0)),
            ("Settings", "featureCodeBT", (3, 21, 4), (3, 21, 5)),
            ("Settings", "featureCodeAT", (3, 21, 4), (3, 21, 5)),
            ("Settings", "STUN", (3, 14, 0), (3, 15, 6)),
            ("Settings", "STUN", (3, 14, 5), (3, 12, 1)),
            ("Settings", "callsLastKey", (3, 22, 5), (3, 22, 4)),
            ("Calls", "0", (3, 22, 5), (3, 22, 4)),
        ] {
            assert!(!available(section, key, last), "{key} {last:?}");
            assert!(available(section, key, first), "{key} {first:?}");
        }
        // It isn't known in which section the versions in between store these keys.
        for patch in 4..=15 {
            for section in ["Settings", "Global"] {
                for key in ["version", "checkUpdatesTime"] {
                    assert!(available(section, key, (3, 22, patch)), "{section}.{key} {patch}");
                }
            }
        }
        assert!(!available("Settings", "version", (3, 22, 16)));
        assert!(!available("Global", "version", (3, 22, 3)));
    }

    #[test]
    fn values_equal_to_the_version_behavior_are_moot() {
        let moot = |key: &str, value: &str, version: (u16, u16, u16)| {
            let version = Version::new(version.0, version.1, version.2);
            find("Settings", key).unwrap().is_moot(value, version)
        };
        assert!(
            moot("featureCodeCP", "**", (3, 20, 5)),
            "the key is too new, and this is its default"
        );
        assert!(!moot("featureCodeCP", "*8", (3, 20, 5)));
        assert!(moot("disableH264", "0", (3, 22, 16)) && !moot("disableH264", "1", (3, 22, 16)));
        assert!(moot("STUN", "", (3, 14, 0)) && !moot("STUN", "a", (3, 14, 0)));
        assert!(!moot("EM", "1", (3, 22, 16)), "the program might be the fork that reads this key");
    }

    #[test]
    fn version_lists_match_the_behavior_of_each_version() {
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
    fn silent_switch_kind_changes_in_its_last_versions() {
        let key = find("Settings", "silent").unwrap();
        let read = |minor, patch| key.switch_on("2", Version::new(3, minor, patch));
        assert_eq!([read(20, 5), read(21, 3), read(21, 6)], [Some(false), Some(true), Some(true)]);
    }

    #[test]
    fn value_errors_do_not_repeat_secrets() {
        for section in ["Settings", "Account1"] {
            let key = find(section, "passwordSize").unwrap();
            let error = key.check("hunter2", Version::new(3, 20, 1)).unwrap_err();
            assert!(!error.to_string().contains("hunter2"), "{error}");
        }
    }

    #[test]
    fn call_and_contact_lists_are_personal() {
        for section in ["Calls", "Dialed", "Contacts"] {
            assert!(find(section, "0").unwrap().is_personal(), "{section}");
        }
    }

    #[test]
    fn removed_key_names_its_replacement() {
        assert_eq!(renamed("Settings", "bitrateVP8"), Some("videoBitrate"));
        let key = find("Settings", "disableH264").unwrap();
        assert_eq!(key.available(Version::NEWEST), Availability::NotAfter(Version::new(3, 15, 6)));
        assert_eq!(renamed("Settings", "disableh264"), Some("videoH264"));
    }
}
