//! Whether a version reads a value of a key as it is meant, and what was probably meant where it does not.

use super::key::{Availability, Key};
use super::kind::ValueError;
use super::lookup::{find, renamed};
use super::nearest::{NEAR, nearest};
use super::password::is_stored_password;
use super::section::{Section, account_number};
use super::suggest::suggest;
use super::version::Version;

/// Why MicroSIP would not read a value as it is meant.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum SettingError {
    /// MicroSIP reads no such section.
    #[error(
        "MicroSIP reads no section `[{section}]`, expected Settings, Account1, Account2 and so on, or Shortcuts"
    )]
    Section {
        /// The section.
        section: String,
    },
    /// MicroSIP reads no such key.
    #[error("MicroSIP reads no key `{key}` in `[{section}]`")]
    Key {
        /// The section.
        section: String,
        /// The key.
        key: String,
    },
    /// The key is of the one account that MicroSIP 3.1.18 had.
    #[error("`{section}.{key}` is of the one account that MicroSIP 3.1.18 had")]
    LegacyAccount {
        /// The section.
        section: String,
        /// The key.
        key: String,
        /// The key as accounts have it now.
        now: &'static str,
    },
    /// The version does not read the key yet.
    #[error("`{name}` is read from MicroSIP {since} on, not by {version}")]
    NotBefore {
        /// Section and key.
        name: String,
        /// The first version that does.
        since: Version,
        /// The version aimed at.
        version: Version,
    },
    /// The version does not read the key any more.
    #[error("`{name}` is read up to MicroSIP {until}, not by {version}{}", heir.map(|heir| format!("; its heir is `{heir}`")).unwrap_or_default())]
    NotAfter {
        /// Section and key.
        name: String,
        /// The last version that does.
        until: Version,
        /// The version aimed at.
        version: Version,
        /// The key that took its place.
        heir: Option<&'static str>,
    },
    /// Versions before and after read the key, and this one doesn't.
    #[error("`{name}` is not read by MicroSIP {first} to {last}, and so not by {version}")]
    NotWithin {
        /// Section and key.
        name: String,
        /// The first version that doesn't.
        first: Version,
        /// The last version that doesn't.
        last: Version,
        /// The target version.
        version: Version,
    },
    /// The version takes the value for another one.
    #[error("`{name}`: {error}")]
    Value {
        /// Section and key.
        name: String,
        /// What is wrong with the value.
        error: ValueError,
    },
    /// The password looks like one that MicroSIP has encrypted.
    #[error(
        "invalid password for `{name}`: MicroSIP {version} may decrypt it to garbage: expected other characters than hex digits, or a length that isn't a multiple of 16"
    )]
    StoredPassword {
        /// Section and key.
        name: String,
        /// The version aimed at.
        version: Version,
    },
    /// The version does not read the whole value.
    #[error("`{name}` has {units} UTF-16 units, and MicroSIP {version} cuts it at {limit}")]
    TooLong {
        /// Section and key.
        name: String,
        /// How long the value is.
        units: usize,
        /// How much is read.
        limit: usize,
        /// The version aimed at.
        version: Version,
    },
}

impl SettingError {
    /// Returns what was probably meant.
    pub fn hint(&self) -> Option<String> {
        match self {
            Self::Section { section } => {
                let near = nearest_section(section)?;
                Some(format!("did you mean `{}`?", near.label()))
            }
            Self::Key { section, key } => {
                suggest(section, key).map(|suggestion| suggestion.to_string())
            }
            Self::LegacyAccount { now, .. } => Some(format!("`Account1.{now}` is meant now")),
            _ => None,
        }
    }

    /// Leaves the value out, where it is a secret.
    #[must_use]
    pub fn without_value(self) -> Self {
        match self {
            Self::Value { name, error } => Self::Value { name, error: error.without_value() },
            other => other,
        }
    }
}

/// Finds a key that MicroSIP reads in some version.
///
/// # Errors
///
/// [`SettingError::Section`] or [`SettingError::Key`].
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

/// Checks that a version reads a key, or that the value makes no difference to it. This is the one rule by which `set`,
/// policies in TOML, and golden files reject a key or write it:
///
/// - A key that the version reads is written. A key that only a fork reads is written, too: the program that reads the
///   file may be that fork. So are keys that are in the table although no MicroSIP reads them.
/// - A key that is not in the table is rejected if another key was probably meant; else another program may read it.
///   [`known`] rejects all of these, for what people state key by key.
/// - A key that is too new for the version, that it doesn't read anymore, or that another key has replaced is rejected,
///   unless the value is [moot](Key::is_moot).
///
/// # Errors
///
/// [`SettingError::Key`], [`SettingError::LegacyAccount`], [`SettingError::NotBefore`], [`SettingError::NotAfter`], or [`SettingError::NotWithin`].
///
/// # Example
///
/// ```
/// use microsip_schema::{Version, reads};
///
/// assert!(reads("Settings", "silent", "1", Version::new(3, 22, 3)).is_err());
/// assert!(reads("Settings", "silent", "0", Version::new(3, 22, 3)).is_ok(), "off is what it does anyway");
/// assert!(reads("Settings", "localPort", "5070", Version::NEWEST).is_err(), "`sourcePort` was meant");
/// assert!(reads("Settings", "ziberNodeIP", "10.0.0.1", Version::NEWEST).is_ok());
/// ```
pub fn reads(section: &str, key: &str, value: &str, version: Version) -> Result<(), SettingError> {
    let Some(known) = find(section, key) else {
        let (section, key) = (section.to_owned(), key.to_owned());
        let is_meant_otherwise = suggest(&section, &key).is_some();
        return if is_meant_otherwise { Err(SettingError::Key { section, key }) } else { Ok(()) };
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
            let heir = renamed(section, key);
            Err(SettingError::NotAfter { name: name(), until, version, heir })
        }
        Availability::NotWithin(first, last) => {
            Err(SettingError::NotWithin { name: name(), first, last, version })
        }
        Availability::Yes | Availability::Fork(_) | Availability::Unread => Ok(()),
    }
}

/// Checks that a version reads a key, by [`reads`], and takes the value as it is meant.
///
/// # Errors
///
/// [`SettingError`], in which a secret value is not repeated.
///
/// # Example
///
/// ```
/// use microsip_schema::{Version, fits};
///
/// assert_eq!(fits("Settings", "AA", "1", Version::NEWEST), Ok(()));
/// let error = fits("Settings", "AA", "yes", Version::NEWEST).unwrap_err();
/// assert_eq!(error.to_string(), "`Settings.AA`: `yes` is no switch, expected 0 or 1");
/// ```
pub fn fits(section: &str, key: &str, value: &str, version: Version) -> Result<(), SettingError> {
    let name = || format!("{section}.{key}");
    let known = known(section, key)?;
    reads(section, key, value, version)?;
    // What a version does anyway is nothing that it could misread.
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

/// Returns section and key as MicroSIP spells them, for keys that are not in a file yet.
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

/// The first version with sections of accounts.
const ACCOUNTS: Version = Version::new(3, 12, 1);

fn nearest_section(section: &str) -> Option<Section> {
    let near = nearest(section, Section::ALL.map(Section::label), NEAR)?;
    Section::ALL.into_iter().find(|known| known.label() == near)
}
