//! What shall be so: an ordered list of wishes, each with its reason.

use std::fmt;

use microsip_schema::SecretKeys;

/// How the file shall be, as an ordered list.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Desired {
    requests: Vec<Request>,
    secrets: SecretKeys,
    unverified: Option<usize>,
    blocked: Vec<Blocked>,
}

/// A section that isn't written, because what must be so first isn't.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Blocked {
    /// The section.
    pub section: String,
    /// Why, for people; secrets as `***`.
    pub reason: String,
}

/// One thing that shall be so.
#[derive(Clone, PartialEq, Eq)]
pub struct Request {
    /// The section.
    pub section: String,
    /// The key, or `None` for the section as a whole.
    pub key: Option<String>,
    /// What is wanted there.
    pub want: RequestKind,
    /// Why, for people.
    pub reason: String,
}

// A value may be secret, so it is not shown.
impl fmt::Debug for Request {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Wish({:?}, {:?}, {:?})", self.section, self.key, self.reason)
    }
}

/// What is wanted of a key or a section.
#[derive(Clone, PartialEq, Eq)]
pub enum RequestKind {
    /// Reads as this value.
    Value(String),
    /// Stands written so, quotes included: what a file had before.
    Written(String),
    /// Is not there.
    Absent,
    /// Is not there if it holds nothing but its header.
    AbsentIfBare,
}

impl Desired {
    /// Wants nothing yet.
    pub fn new() -> Self {
        Self::default()
    }

    /// Returns the wishes in order.
    pub fn requests(&self) -> &[Request] {
        &self.requests
    }

    /// Wants a key to read as `value`.
    #[must_use]
    pub fn set(
        self,
        section: &str,
        key: &str,
        value: impl Into<String>,
        reason: impl Into<String>,
    ) -> Self {
        self.request(section, Some(key), RequestKind::Value(value.into()), reason)
    }

    /// Wants the value of a key to stand written as `text`.
    #[must_use]
    pub fn set_written(
        self,
        section: &str,
        key: &str,
        text: impl Into<String>,
        reason: impl Into<String>,
    ) -> Self {
        self.request(section, Some(key), RequestKind::Written(text.into()), reason)
    }

    /// Wants a key not to be set.
    #[must_use]
    pub fn unset(self, section: &str, key: &str, reason: impl Into<String>) -> Self {
        self.request(section, Some(key), RequestKind::Absent, reason)
    }

    /// Wants a section not to be there.
    #[must_use]
    pub fn unset_section(self, section: &str, reason: impl Into<String>) -> Self {
        self.request(section, None, RequestKind::Absent, reason)
    }

    /// Wants a section not to be there if it has no lines.
    #[must_use]
    pub fn unset_section_if_bare(self, section: &str, reason: impl Into<String>) -> Self {
        self.request(section, None, RequestKind::AbsentIfBare, reason)
    }

    /// Never shows the values of these keys, wanted or not.
    #[must_use]
    pub fn hiding(mut self, secrets: &SecretKeys) -> Self {
        self.secrets.extend(secrets);
        self
    }

    /// Notes how many keys are left as they are because it can't be verified whether they are as wanted: passwords that
    /// MicroSIP has encrypted.
    #[must_use]
    pub fn with_unverified(mut self, keys: usize) -> Self {
        self.unverified = Some(keys);
        self
    }

    /// Returns how many keys can't be verified; `None` where nobody asked.
    pub fn unverified(&self) -> Option<usize> {
        self.unverified
    }

    /// Notes a section that isn't written.
    #[must_use]
    pub fn with_blocked(mut self, blocked: Blocked) -> Self {
        self.blocked.push(blocked);
        self
    }

    /// Returns the sections that aren't written.
    pub fn blocked(&self) -> &[Blocked] {
        &self.blocked
    }

    /// Returns the keys whose values are never shown, besides those that are secret by name.
    pub fn secrets(&self) -> &SecretKeys {
        &self.secrets
    }

    /// Wants all that another state wants, too.
    #[must_use]
    pub fn and(mut self, other: Self) -> Self {
        self.requests.extend(other.requests);
        self.secrets.extend(&other.secrets);
        self.unverified = self.unverified.or(other.unverified);
        self.blocked.extend(other.blocked);
        self
    }

    fn request(
        mut self,
        section: &str,
        key: Option<&str>,
        want: RequestKind,
        reason: impl Into<String>,
    ) -> Self {
        let reason = reason.into();
        let key = key.map(str::to_owned);
        self.requests.push(Request { section: section.to_owned(), key, want, reason });
        self
    }
}
