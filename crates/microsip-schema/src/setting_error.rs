//! Validates settings for a MicroSIP version, and suggests corrections.

use super::key::{Availability, Key};
use super::kind::ValueError;
use super::lookup::{find, renamed};
use super::nearest::{NEAR, nearest};
use super::password::is_stored_password;
use super::section::{Section, account_number};
use super::suggest::suggest;
use super::version::Version;

/// The reason why MicroSIP wouldn't read a setting as it was intended.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum SettingError {
    /// MicroSIP has no such section.
    #[error(
        "unknown section `[{section}]`: expected `[Settings]`, `[Account1]`, `[Account2]`, …, or `[Shortcuts]`"
    )]
    Section {
        /// The section.
        section: String,
    },
    /// MicroSIP has no such key in the section.
    #[error("unknown key `{key}` in `[{section}]`")]
    Key {
        /// The section.
        section: String,
        /// The key.
        key: String,
    },
    /// The key belongs to the single account of MicroSIP 3.1.18.
    #[error(
        "`{section}.{key}` belongs to the single account of MicroSIP 3.1.18; newer versions store accounts in `[Account1]`, `[Account2]`, …"
    )]
    LegacyAccount {
        /// The section.
        section: String,
        /// The key.
        key: String,
        /// The name of the key in `[AccountN]` of newer versions.
        now: &'static str,
    },
    /// The target version is older than the key.
    #[error("`{name}` requires MicroSIP {since} or later; the target version is {version}")]
    NotBefore {
        /// The section and key.
        name: String,
        /// The first version that reads the key.
        since: Version,
        /// The target version.
        version: Version,
    },
    /// The target version no longer reads the key.
    #[error("MicroSIP stopped reading `{name}` after {until}; the target version is {version}")]
    NotAfter {
        /// The section and key.
        name: String,
        /// The last version that reads the key.
        until: Version,
        /// The target version.
        version: Version,
        /// The key that replaced it, if any.
        replaced_by: Option<&'static str>,
    },
    /// The target version doesn't read the key, although earlier and later versions do.
    #[error("MicroSIP {first} to {last} don't read `{name}`; the target version is {version}")]
    NotWithin {
        /// The section and key.
        name: String,
        /// The first version that doesn't read the key.
        first: Version,
        /// The last version that doesn't read the key.
        last: Version,
        /// The target version.
        version: Version,
    },
    /// The target version would read the value as a different one.
    #[error("invalid value{} for `{name}`: expected {}", error.shown_value(), error.expected())]
    Value {
        /// The section and key.
        name: String,
        /// The value and the allowed values.
        error: ValueError,
    },
    /// The password looks like one that MicroSIP encrypted.
    #[error(
        "invalid password for `{name}`: MicroSIP {version} may decrypt it to garbage: expected other characters than hex digits, or a length that isn't a multiple of 16"
    )]
    StoredPassword {
        /// The section and key.
        name: String,
        /// The target version.
        version: Version,
    },
    /// The target version would truncate the value.
    #[error(
        "the value of `{name}` is too long: it has {units} UTF-16 code units, and MicroSIP {version} truncates it to {limit}"
    )]
    TooLong {
        /// The section and key.
        name: String,
        /// The length of the value in UTF-16 code units.
        units: usize,
        /// The maximum length in UTF-16 code units.
        limit: usize,
        /// The target version.
        version: Version,
    },
}

impl SettingError {
    /// Returns a suggestion for what to write instead, if there is one.
    pub fn hint(&self) -> Option<String> {
        match self {
            Self::Section { section } => {
                let near = nearest_section(section)?;
                Some(format!("did you mean `{}`?", near.label()))
            }
            Self::Key { section, key } => {
                suggest(section, key).map(|suggestion| suggestion.to_string())
            }
            Self::LegacyAccount { now, .. } => Some(format!("use `Account1.{now}`")),
            Self::NotAfter { name, replaced_by: Some(replacement), .. } => {
                let section = name.split_once('.').map_or("Settings", |(section, _)| section);
                Some(format!("use `{section}.{replacement}`"))
            }
            _ => None,
        }
    }

    /// Removes the value from the message, because it is a secret.
    #[must_use]
    pub fn without_value(self) -> Self {
        match self {
            Self::Value { name, error } => Self::Value { name, error: error.without_value() },
            other => other,
        }
    }
}

/// Returns the key with the given section and name, in any case.
///
/// # Errors
///
/// [`SettingError::Section`] if MicroSIP has no such section, and [`SettingError::Key`] if the table has no such key.
///
/// # Example
///
/// ```
/// use microsip_schema::known;
///
/// assert_eq!(known("account1", "DOMAIN")?.name(), "domain");
/// let error = known("Settings", "singleMod").unwrap_err();
/// assert_eq!(error.hint().as_deref(), Some("did you mean `singleMode`?"));
/// # Ok::<(), microsip_schema::SettingError>(())
/// ```
pub fn known(section: &str, key: &str) -> Result<&'static Key, SettingError> {
    if Section::of(section).is_none() {
        return Err(SettingError::Section { section: section.to_owned() });
    }
    let unknown = || SettingError::Key { section: section.to_owned(), key: key.to_owned() };
    find(section, key).ok_or_else(unknown)
}

/// Checks that a version reads a key, or that the value makes no difference to it.
///
/// `set`, policies in TOML, and golden files all use this rule to accept or reject a key:
///
/// - A key that the version reads is accepted. A key that only a fork reads is also accepted, because that fork might
///   read the file, and so is a key in the table that no known program reads.
/// - A key that isn't in the table is rejected if it's probably a misspelling of another key. Otherwise, another program
///   might read it. To reject all unknown keys, use [`known`].
/// - A key is rejected if it's too new for the version, or if it was removed or replaced, unless the value is
///   [moot](Key::is_moot).
///
/// # Errors
///
/// [`SettingError::Key`], [`SettingError::LegacyAccount`], [`SettingError::NotBefore`], [`SettingError::NotAfter`], or
/// [`SettingError::NotWithin`].
///
/// # Example
///
/// ```
/// use microsip_schema::{Version, reads};
///
/// assert!(reads("Settings", "silent", "1", Version::new(3, 22, 3)).is_err());
/// assert!(reads("Settings", "silent", "0", Version::new(3, 22, 3)).is_ok(), "3.22.3 behaves this way in any case");
/// assert!(reads("Settings", "localPort", "5070", Version::NEWEST).is_err(), "the key is called `sourcePort`");
/// assert!(reads("Settings", "ziberNodeIP", "10.0.0.1", Version::NEWEST).is_ok());
/// ```
pub fn reads(section: &str, key: &str, value: &str, version: Version) -> Result<(), SettingError> {
    let Some(known) = find(section, key) else {
        let (section, key) = (section.to_owned(), key.to_owned());
        let is_misspelled = suggest(&section, &key).is_some();
        return if is_misspelled { Err(SettingError::Key { section, key }) } else { Ok(()) };
    };
    let name = || format!("{section}.{key}");
    if known.is_legacy_account() && version >= ACCOUNTS && !value.is_empty() {
        let (section, key, now) = (section.to_owned(), key.to_owned(), known.name());
        return Err(SettingError::LegacyAccount { section, key, now });
    }
    if known.is_moot(value, version) {
        return Ok(());
    }
    match known.available(version) {
        Availability::NotBefore(since) => {
            Err(SettingError::NotBefore { name: name(), since, version })
        }
        Availability::NotAfter(until) => {
            let replaced_by = renamed(section, key);
            Err(SettingError::NotAfter { name: name(), until, version, replaced_by })
        }
        Availability::NotWithin(first, last) => {
            Err(SettingError::NotWithin { name: name(), first, last, version })
        }
        Availability::Yes | Availability::Fork(_) | Availability::Unread => Ok(()),
    }
}

/// Checks that a version reads a key, as [`reads`] does, and that it reads the value as intended.
///
/// # Errors
///
/// [`SettingError`]. Its message never contains a secret value.
///
/// # Example
///
/// ```
/// use microsip_schema::{Version, validate_setting};
///
/// assert_eq!(validate_setting("Settings", "AA", "1", Version::NEWEST), Ok(()));
/// let error = validate_setting("Settings", "AA", "yes", Version::NEWEST).unwrap_err();
/// assert_eq!(error.to_string(), "invalid value `yes` for `Settings.AA`: expected `0` or `1`");
/// ```
pub fn validate_setting(
    section: &str,
    key: &str,
    value: &str,
    version: Version,
) -> Result<(), SettingError> {
    let name = || format!("{section}.{key}");
    let known = known(section, key)?;
    reads(section, key, value, version)?;
    // The version behaves this way in any case, so it can't misread the value.
    if known.is_moot(value, version) {
        return Ok(());
    }
    known.check(value, version).map_err(|error| SettingError::Value { name: name(), error })?;
    if known.is_encrypted_in_place() && version >= ACCOUNTS && is_stored_password(value) {
        return Err(SettingError::StoredPassword { name: name(), version });
    }
    let (units, limit) = (value.encode_utf16().count(), known.limit(version));
    if units > limit {
        return Err(SettingError::TooLong { name: name(), units, limit, version });
    }
    Ok(())
}

/// Returns a version for which [`validate_setting`] fails if no version accepts a value, or if no version reads the key.
///
/// # Example
///
/// ```
/// use microsip_schema::{Version, rejecting_version};
///
/// assert_eq!(rejecting_version("Settings", "AA", "1"), None);
/// assert_eq!(rejecting_version("Settings", "AA", "yes"), Some(Version::NEWEST));
/// assert_eq!(rejecting_version("Settings", "singelMode", "1"), Some(Version::NEWEST));
/// ```
pub fn rejecting_version(section: &str, key: &str, value: &str) -> Option<Version> {
    match find(section, key) {
        Some(known) => known.rejecting_version(value),
        None => Some(Version::NEWEST),
    }
}

/// Returns a section and key in MicroSIP's own capitalization, for keys that aren't in a file yet.
///
/// # Example
///
/// ```
/// let spelled = microsip_schema::spelled("account2", "DOMAIN");
/// assert_eq!(spelled, ("Account2".to_owned(), "domain".to_owned()));
/// ```
pub fn spelled(section: &str, key: &str) -> (String, String) {
    let known = find(section, key).filter(|known| known.name().eq_ignore_ascii_case(key));
    let key = known.map_or(key, |known| known.name()).to_owned();
    let section = match (Section::of(section), account_number(section)) {
        (_, Some(number)) => format!("Account{number}"),
        (Some(known), None) => known.label().to_owned(),
        (None, None) => section.to_owned(),
    };
    (section, key)
}

/// The first version that stores accounts in their own sections.
const ACCOUNTS: Version = Version::new(3, 12, 1);

fn nearest_section(section: &str) -> Option<Section> {
    let near = nearest(section, Section::ALL.map(Section::label), NEAR)?;
    Section::ALL.into_iter().find(|known| known.label() == near)
}
