//! The desired state: an ordered list of requests, each with its reason.

use std::fmt;

use microsip_schema::SecretKeys;

/// The desired state of a file, as an ordered list.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Desired {
    requests: Vec<Request>,
    secrets: SecretKeys,
    unverified: Option<usize>,
    blocked: Vec<Blocked>,
    notes: Vec<String>,
}

/// A section that isn't written, because a condition for it isn't met.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Blocked {
    /// The section.
    pub section: String,
    /// The reason, for people; secrets as `***`.
    pub reason: String,
}

/// A request for a key or a section.
#[derive(Clone, PartialEq, Eq)]
pub struct Request {
    /// The section.
    pub section: String,
    /// The key, or `None` for the complete section.
    pub key: Option<String>,
    /// The expected state.
    pub want: RequestKind,
    /// The reason, for people.
    pub reason: String,
}

// A value may be secret, so it isn't shown.
impl fmt::Debug for Request {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Request({:?}, {:?}, {:?})", self.section, self.key, self.reason)
    }
}

/// The expected state of a key or a section.
#[derive(Clone, PartialEq, Eq)]
pub enum RequestKind {
    /// MicroSIP reads this value.
    Value(String),
    /// The value is written exactly like this, including quotes: the text from before.
    Written(String),
    /// It doesn't exist.
    Absent,
    /// It doesn't exist if it has nothing but its header.
    AbsentIfBare,
}

impl Desired {
    /// Creates a state without requests.
    pub fn new() -> Self {
        Self::default()
    }

    /// Returns the requests in order.
    pub fn requests(&self) -> &[Request] {
        &self.requests
    }

    /// Requests that MicroSIP reads `value` for a key.
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

    /// Requests that the value of a key is written exactly as `text`.
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

    /// Requests that a key isn't set.
    #[must_use]
    pub fn unset(self, section: &str, key: &str, reason: impl Into<String>) -> Self {
        self.request(section, Some(key), RequestKind::Absent, reason)
    }

    /// Requests that a section doesn't exist.
    #[must_use]
    pub fn unset_section(self, section: &str, reason: impl Into<String>) -> Self {
        self.request(section, None, RequestKind::Absent, reason)
    }

    /// Requests that a section doesn't exist if it has no lines.
    #[must_use]
    pub fn unset_section_if_bare(self, section: &str, reason: impl Into<String>) -> Self {
        self.request(section, None, RequestKind::AbsentIfBare, reason)
    }

    /// Hides the values of these keys, with or without a request.
    #[must_use]
    pub fn hiding(mut self, secrets: &SecretKeys) -> Self {
        self.secrets.extend(secrets);
        self
    }

    /// Records how many keys aren't changed because msipctl can't verify whether they match: passwords that MicroSIP
    /// encrypted.
    #[must_use]
    pub fn with_unverified(mut self, keys: usize) -> Self {
        self.unverified = Some(keys);
        self
    }

    /// Returns how many keys can't be verified; `None` if that wasn't recorded.
    pub fn unverified(&self) -> Option<usize> {
        self.unverified
    }

    /// Records a section that isn't written.
    #[must_use]
    pub fn with_blocked(mut self, blocked: Blocked) -> Self {
        self.blocked.push(blocked);
        self
    }

    /// Returns the sections that aren't written.
    pub fn blocked(&self) -> &[Blocked] {
        &self.blocked
    }

    /// Adds a note about the file, for people.
    #[must_use]
    pub fn with_note(mut self, note: impl Into<String>) -> Self {
        self.notes.push(note.into());
        self
    }

    /// Returns the notes about the file.
    pub fn notes(&self) -> &[String] {
        &self.notes
    }

    /// Returns the keys whose values are hidden, in addition to those that are secret by name.
    pub fn secrets(&self) -> &SecretKeys {
        &self.secrets
    }

    /// Adds all requests of another state.
    #[must_use]
    pub fn and(mut self, other: Self) -> Self {
        self.requests.extend(other.requests);
        self.secrets.extend(&other.secrets);
        self.unverified = self.unverified.or(other.unverified);
        self.blocked.extend(other.blocked);
        self.notes.extend(other.notes);
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
