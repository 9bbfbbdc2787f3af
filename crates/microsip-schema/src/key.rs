//! One key of MicroSIP's: a row of the table.

use super::kind::{Kind, Switch, ValueError};
use super::section::Section;
use super::version::Version;

/// The longest value that is read unless a row says more, in UTF-16 units.
const LIMIT: usize = 255;

/// A key that some MicroSIP reads.
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
///     "`All` is no value of this key, expected nothing, button, header or all",
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

/// Where a key comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Since {
    /// The first MicroSIP version seen with it.
    Version(Version),
    /// A fork, named with the version it is built on.
    Fork(&'static str),
    /// Nowhere: it is in files, and no source seen reads it.
    Unread,
}

/// Whether a version reads a key.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Availability {
    /// It does.
    Yes,
    /// Only this version and newer ones do.
    NotBefore(Version),
    /// Only versions up to this one do.
    NotAfter(Version),
    /// All versions do, except those from the first to the second one.
    NotWithin(Version, Version),
    /// A fork does.
    Fork(&'static str),
    /// None does.
    Unread,
}

const SENSITIVE: u8 = 1;
const MACHINE_STATE: u8 = 2;
const PERSONAL: u8 = 4;
const LEGACY_ACCOUNT: u8 = 8;

impl Key {
    /// Returns the section it stands in.
    pub const fn section(&self) -> Section {
        self.section
    }

    /// Returns its name; numbered entries are named by their range, as `0..9`.
    pub const fn name(&self) -> &'static str {
        self.name
    }

    /// Returns what its value is.
    pub fn kind(&self) -> Kind {
        self.kind
    }

    /// Returns the value that a version uses when the key is missing, unless that is empty or depends.
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

    /// Returns the defaults of all versions: each up to the version next to it, the last one for all later versions. An
    /// empty text means that the default is empty or depends.
    pub fn defaults_by_version(&self) -> Vec<(Option<Version>, &'static str)> {
        let earlier = self.earlier_defaults.iter().map(|(until, default)| (Some(*until), *default));
        earlier.chain([(None, self.default)]).collect()
    }

    /// Returns what it means.
    pub fn description(&self) -> &'static str {
        self.description
    }

    /// Returns where it comes from.
    pub fn since(&self) -> Since {
        self.since
    }

    /// Returns the last version that reads it, if it is gone.
    pub fn until(&self) -> Option<Version> {
        self.until
    }

    /// Returns the first and the last of the versions in between that don't read it, if there are any.
    pub fn gap(&self) -> Option<(Version, Version)> {
        self.gap
    }

    /// Says whether its value is a secret.
    pub fn is_secret(&self) -> bool {
        self.kind == Kind::Secret || self.name == "passwordSize"
    }

    /// Says whether MicroSIP encrypts its value in place.
    pub fn is_encrypted_in_place(&self) -> bool {
        self.name == "password" && self.section == Section::Account
    }

    /// Says whether its value may hold credentials among other things.
    pub fn is_sensitive(&self) -> bool {
        self.flags & SENSITIVE != 0
    }

    /// Says whether it belongs to one computer and its user, not to a configuration.
    pub fn is_machine_state(&self) -> bool {
        self.flags & MACHINE_STATE != 0
    }

    /// Says whether its value is about people.
    pub fn is_personal(&self) -> bool {
        self.flags & PERSONAL != 0
    }

    /// Says whether it is part of the one account of 3.1.18, which stood in `[Settings]`.
    pub fn is_legacy_account(&self) -> bool {
        self.flags & LEGACY_ACCOUNT != 0
    }

    /// Returns the longest value that a version reads, in UTF-16 units. The rest is cut off silently.
    pub fn limit(&self, version: Version) -> usize {
        let reached = self.limits.iter().rev().find(|(since, _)| *since <= version);
        reached.map_or(LIMIT, |(_, limit)| *limit)
    }

    /// Returns the longest values that versions read, in UTF-16 units: the first limit from the first version of
    /// the key on, each further one from the version beside it on.
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

    /// Returns how versions read the switch, if it is one: each way up to the version beside it, the last one up to
    /// the last version of the key.
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

    /// Says whether a version reads it.
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

    /// Says whether a value makes no difference to a version that doesn't read the key: it is empty, or says what that
    /// version does anyway. Always `false` for a version that reads the key, and for keys that no MicroSIP reads.
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

    /// Checks that a version takes a value as it is meant.
    ///
    /// # Errors
    ///
    /// [`ValueError`] says what would be right. A secret value is not repeated in it.
    pub fn check(&self, value: &str, version: Version) -> Result<(), ValueError> {
        let checked = self.kind.check(value, version);
        if self.is_secret() { checked.map_err(ValueError::without_value) } else { checked }
    }

    /// Says how a version reads a switch: `Some(true)` is on. `None` if it is no switch.
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

    /// The defaults of versions up to each one, in order.
    pub(super) const fn earlier_defaults(
        self,
        earlier_defaults: &'static [(Version, &'static str)],
    ) -> Self {
        Self { earlier_defaults, ..self }
    }

    /// The versions, from the first to the last one, that don't read the key, although versions before and after do.
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

    /// How versions up to each one read the switch, in order.
    pub(super) const fn earlier(self, earlier: &'static [(Version, Switch)]) -> Self {
        Self { earlier, ..self }
    }

    /// Limits above the usual one, each from a version on, in order.
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
