//! A key of MicroSIP.ini: one row of the table.

use super::kind::{Kind, Switch, ValueError};
use super::section::Section;
use super::version::Version;

/// The maximum length of a value in UTF-16 code units, unless a row sets a higher one.
const LIMIT: usize = 255;

/// A key that at least one MicroSIP version, fork, or template uses.
///
/// # Example
///
/// ```
/// use microsip_schema::{Version, find};
///
/// let key = find("Settings", "autoanswer").expect("a key of MicroSIP");
/// assert_eq!(key.name(), "autoAnswer");
/// assert!(key.check("all", Version::NEWEST).is_ok());
/// assert_eq!(
///     key.check("All", Version::NEWEST).unwrap_err().to_string(),
///     "invalid value `All`: expected `\"\"` (empty), `button`, `header`, or `all`",
/// );
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Key {
    section: Section,
    name: &'static str,
    kind: Kind,
    default: &'static str,
    earlier_defaults: &'static [(Version, &'static str)],
    since: Since,
    until: Option<Version>,
    gap: Option<(Version, Version)>,
    earlier: &'static [(Version, Switch)],
    limits: &'static [(Version, usize)],
    flags: u8,
    description: &'static str,
}

/// The origin of a key.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Since {
    /// MicroSIP: the first known version that reads the key.
    Version(Version),
    /// A fork: its name and the MicroSIP version it is based on.
    Fork(&'static str),
    /// Unknown: the key occurs in files, but no known source reads it.
    Unread,
}

/// Whether a version reads a key.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Availability {
    /// The version reads the key.
    Yes,
    /// Only this version and later ones read the key.
    NotBefore(Version),
    /// Only this version and earlier ones read the key.
    NotAfter(Version),
    /// All versions read the key, except those from the first to the second one.
    NotWithin(Version, Version),
    /// Only a fork reads the key.
    Fork(&'static str),
    /// No known program reads the key.
    Unread,
}

const SENSITIVE: u8 = 1;
const MACHINE_STATE: u8 = 2;
const PERSONAL: u8 = 4;
const LEGACY_ACCOUNT: u8 = 8;

impl Key {
    /// Returns the section that contains the key.
    pub const fn section(&self) -> Section {
        self.section
    }

    /// Returns the name of the key. The name of numbered entries is their range, such as `0..9`.
    pub const fn name(&self) -> &'static str {
        self.name
    }

    /// Returns the kind of the value.
    pub fn kind(&self) -> Kind {
        self.kind
    }

    /// Returns the value that a version uses if the key is missing.
    ///
    /// Returns `None` if the default is empty or depends on something else.
    ///
    /// # Example
    ///
    /// ```
    /// use microsip_schema::{Version, find};
    ///
    /// let key = find("Settings", "EC").expect("a key of MicroSIP");
    /// assert_eq!(key.default(Version::NEWEST), Some("1"));
    /// assert_eq!(key.default(Version::new(3, 19, 18)), Some("0"));
    /// ```
    pub fn default(&self, version: Version) -> Option<&'static str> {
        let earlier = self.earlier_defaults.iter().find(|(until, _)| version <= *until);
        let default = earlier.map_or(self.default, |(_, default)| *default);
        (!default.is_empty()).then_some(default)
    }

    /// Returns the defaults of all versions, oldest first.
    ///
    /// Each default is valid up to the version it is paired with, and the last one, paired with `None`, for all later
    /// versions. An empty text means that the default is empty or depends on something else.
    pub fn defaults_by_version(&self) -> Vec<(Option<Version>, &'static str)> {
        let earlier = self.earlier_defaults.iter().map(|(until, default)| (Some(*until), *default));
        earlier.chain([(None, self.default)]).collect()
    }

    /// Returns the description of the key: one or more English sentences, with code in backticks.
    pub fn description(&self) -> &'static str {
        self.description
    }

    /// Returns the origin of the key.
    pub fn since(&self) -> Since {
        self.since
    }

    /// Returns the last version that reads the key, if later versions don't.
    pub fn until(&self) -> Option<Version> {
        self.until
    }

    /// Returns the first and last version of a gap in which MicroSIP doesn't read the key, if there is one.
    pub fn gap(&self) -> Option<(Version, Version)> {
        self.gap
    }

    /// Returns whether the value is a secret.
    pub fn is_secret(&self) -> bool {
        self.kind == Kind::Secret || self.name == "passwordSize"
    }

    /// Returns whether MicroSIP encrypts the value in place.
    pub fn is_encrypted_in_place(&self) -> bool {
        self.name == "password" && self.section == Section::Account
    }

    /// Returns whether the value can contain credentials among other things.
    pub fn is_sensitive(&self) -> bool {
        self.flags & SENSITIVE != 0
    }

    /// Returns whether the key is machine-specific: it belongs to one PC and its user, not to a configuration.
    pub fn is_machine_state(&self) -> bool {
        self.flags & MACHINE_STATE != 0
    }

    /// Returns whether the value contains personal data.
    pub fn is_personal(&self) -> bool {
        self.flags & PERSONAL != 0
    }

    /// Returns whether the key belongs to the single account of 3.1.18, which was stored in `[Settings]`.
    pub fn is_legacy_account(&self) -> bool {
        self.flags & LEGACY_ACCOUNT != 0
    }

    /// Returns the maximum length of a value in UTF-16 code units. MicroSIP silently truncates longer values.
    pub fn limit(&self, version: Version) -> usize {
        let reached = self.limits.iter().rev().find(|(since, _)| *since <= version);
        reached.map_or(LIMIT, |(_, limit)| *limit)
    }

    /// Returns the maximum lengths of a value in UTF-16 code units, oldest version first.
    ///
    /// The first limit, paired with `None`, applies since the first version of the key, and each further limit since the
    /// version it is paired with.
    pub fn limits_by_version(&self) -> Vec<(Option<Version>, usize)> {
        let mut limits = vec![(None, LIMIT)];
        for (from, limit) in self.limits {
            match self.since {
                Since::Version(since) if *from <= since => limits = vec![(None, *limit)],
                _ => limits.push((Some(*from), *limit)),
            }
        }
        limits
    }

    /// Returns the ways in which versions read the switch, oldest first. Empty for other kinds.
    ///
    /// Each way applies up to the version it is paired with, and the last one, paired with `None`, up to the last version
    /// of the key.
    pub fn switches_by_version(&self) -> Vec<(Option<Version>, Switch)> {
        let Kind::Switch(newest) = self.kind else { return Vec::new() };
        let mut switches = Vec::new();
        for (until, switch) in self.earlier {
            if self.until.is_some_and(|last| last <= *until) {
                switches.push((None, *switch));
                return switches;
            }
            switches.push((Some(*until), *switch));
        }
        switches.push((None, newest));
        switches
    }

    /// Returns whether a version reads the key, and if not, which versions do.
    pub fn available(&self, version: Version) -> Availability {
        match (self.since, self.until) {
            (Since::Fork(who), _) => Availability::Fork(who),
            (Since::Unread, _) => Availability::Unread,
            (Since::Version(since), _) if version < since => Availability::NotBefore(since),
            (_, Some(until)) if version > until => Availability::NotAfter(until),
            _ => match self.gap {
                Some((first, last)) if (first..=last).contains(&version) => {
                    Availability::NotWithin(first, last)
                }
                _ => Availability::Yes,
            },
        }
    }

    /// Returns whether a value makes no difference to a version that doesn't read the key.
    ///
    /// That is the case if the value is empty or matches what that version does anyway. Always `false` for a version that
    /// reads the key, and for keys that MicroSIP itself never reads.
    ///
    /// # Example
    ///
    /// ```
    /// use microsip_schema::{Version, find};
    ///
    /// let key = find("Settings", "silent").expect("a key of old versions");
    /// assert!(key.is_moot("0", Version::new(3, 22, 3)));
    /// assert!(!key.is_moot("1", Version::new(3, 22, 3)));
    /// assert!(!key.is_moot("0", Version::new(3, 21, 6)), "that version reads it");
    /// ```
    pub fn is_moot(&self, value: &str, version: Version) -> bool {
        match self.available(version) {
            Availability::Yes | Availability::Fork(_) | Availability::Unread => false,
            Availability::NotBefore(_) | Availability::NotWithin(..) => {
                value.is_empty() || self.default(Version::NEWEST) == Some(value)
            }
            Availability::NotAfter(until) => {
                value.is_empty()
                    || self.default(until) == Some(value)
                    || self.switch_on(value, until) == Some(false)
            }
        }
    }

    /// Checks that a version reads a value as it was intended.
    ///
    /// # Errors
    ///
    /// [`ValueError`] if the value isn't allowed. Its message lists the allowed values, and never contains a secret value.
    pub fn check(&self, value: &str, version: Version) -> Result<(), ValueError> {
        let checked = self.kind.check(value, version);
        if self.is_secret() { checked.map_err(ValueError::without_value) } else { checked }
    }

    /// Returns the newest version that reads the key if no version accepts a value. Returns `None` if some version accepts it.
    pub(super) fn rejecting_version(&self, value: &str) -> Option<Version> {
        let is_choice = match self.kind {
            Kind::Choice(choices) => choices.iter().any(|choice| choice.text() == value),
            _ => false,
        };
        let is_accepted = is_choice || self.check(value, Version::NEWEST).is_ok();
        (!is_accepted).then(|| self.until.unwrap_or(Version::NEWEST))
    }

    /// Returns whether a version reads a value as on. Returns `None` if the key isn't a switch.
    pub fn switch_on(&self, value: &str, version: Version) -> Option<bool> {
        let Kind::Switch(newest) = self.kind else { return None };
        let earlier = self.earlier.iter().find(|(until, _)| version <= *until);
        Some(earlier.map_or(newest, |(_, switch)| *switch).is_on(value))
    }

    pub(super) const fn new(section: Section, name: &'static str, kind: Kind) -> Self {
        Self {
            section,
            name,
            kind,
            default: "",
            earlier_defaults: &[],
            since: Since::Unread,
            until: None,
            gap: None,
            earlier: &[],
            limits: &[],
            flags: 0,
            description: "",
        }
    }

    pub(super) const fn default_is(self, default: &'static str) -> Self {
        Self { default, ..self }
    }

    /// Sets the defaults of earlier versions, each up to a version, oldest first.
    pub(super) const fn earlier_defaults(
        self,
        earlier_defaults: &'static [(Version, &'static str)],
    ) -> Self {
        Self { earlier_defaults, ..self }
    }

    /// Sets the first and last version of a gap in which MicroSIP doesn't read the key.
    pub(super) const fn not_within(self, first: Version, last: Version) -> Self {
        Self { gap: Some((first, last)), ..self }
    }

    pub(super) const fn from(self, major: u16, minor: u16, patch: u16) -> Self {
        Self { since: Since::Version(Version::new(major, minor, patch)), ..self }
    }

    pub(super) const fn up_to(self, major: u16, minor: u16, patch: u16) -> Self {
        Self { until: Some(Version::new(major, minor, patch)), ..self }
    }

    pub(super) const fn of_fork(self, who: &'static str) -> Self {
        Self { since: Since::Fork(who), ..self }
    }

    /// Sets the ways in which earlier versions read the switch, each up to a version, oldest first.
    pub(super) const fn earlier(self, earlier: &'static [(Version, Switch)]) -> Self {
        Self { earlier, ..self }
    }

    /// Sets length limits above the usual one, each since a version, oldest first.
    pub(super) const fn limits(self, limits: &'static [(Version, usize)]) -> Self {
        Self { limits, ..self }
    }

    pub(super) const fn sensitive(self) -> Self {
        Self { flags: self.flags | SENSITIVE, ..self }
    }

    pub(super) const fn machine_state(self) -> Self {
        Self { flags: self.flags | MACHINE_STATE, ..self }
    }

    pub(super) const fn personal(self) -> Self {
        Self { flags: self.flags | PERSONAL, ..self }
    }

    pub(super) const fn legacy_account(self) -> Self {
        Self { flags: self.flags | LEGACY_ACCOUNT, ..self }
    }

    pub(super) const fn about(self, description: &'static str) -> Self {
        Self { description, ..self }
    }
}
