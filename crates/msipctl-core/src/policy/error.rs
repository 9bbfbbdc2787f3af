//! What is wrong with a policy, and where in it.

use std::fmt;

use super::location::Location;
use microsip_schema::SecretKeys;

/// What is wrong with a policy, at a place of it. Secrets are not repeated.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Error {
    location: Location,
    message: String,
    hint: Option<String>,
    is_precondition: bool,
}

impl Error {
    pub(super) fn new(location: &Location, message: impl Into<String>) -> Self {
        let message = message.into();
        Self { location: location.clone(), message, hint: None, is_precondition: false }
    }

    pub(super) fn with_hint(mut self, hint: impl Into<String>) -> Self {
        self.hint = Some(hint.into());
        self
    }

    /// Masks secrets in it, wherever they appear.
    pub(super) fn hiding(mut self, secrets: &SecretKeys) -> Self {
        self.message = secrets.mask_text(&self.message).into_owned();
        self.hint = self.hint.map(|hint| secrets.mask_text(&hint).into_owned());
        self
    }

    /// Marks it as one of a file that has to be another first.
    pub(super) fn of_precondition(mut self) -> Self {
        self.is_precondition = true;
        self
    }

    /// Returns what is wrong, without the place.
    pub fn message(&self) -> &str {
        &self.message
    }

    /// Returns where it is.
    pub fn location(&self) -> &Location {
        &self.location
    }

    /// Returns what to do about it.
    pub fn hint(&self) -> Option<&str> {
        self.hint.as_deref()
    }

    /// Says whether the policy is right, and the file has to be another one first.
    pub fn is_precondition(&self) -> bool {
        self.is_precondition
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.location, self.message)
    }
}

impl std::error::Error for Error {}
