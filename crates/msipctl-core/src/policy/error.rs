//! Errors in policies and other files that people write for msipctl, each with its location.

use std::fmt;

use super::location::{Excerpt, Location};
use microsip_schema::SecretKeys;

/// An error at a location in a file. It doesn't repeat secrets.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Error {
    location: Location,
    message: String,
    hint: Option<String>,
    excerpt: Option<Box<Excerpt>>,
    correction: Option<String>,
    is_precondition: bool,
    is_missing_secret: bool,
}

impl Error {
    /// Creates an error without hint.
    pub fn new(location: &Location, message: impl Into<String>) -> Self {
        Self {
            location: location.clone(),
            message: message.into(),
            hint: None,
            excerpt: None,
            correction: None,
            is_precondition: false,
            is_missing_secret: false,
        }
    }

    /// Adds a hint: what the user can do about it.
    #[must_use]
    pub fn with_hint(mut self, hint: impl Into<String>) -> Self {
        self.hint = Some(hint.into());
        self
    }

    /// Replaces the message.
    pub(super) fn with_message(mut self, message: String) -> Self {
        self.message = message;
        self
    }

    /// Adds the line that the error is about.
    #[must_use]
    pub fn with_excerpt(mut self, excerpt: Option<Excerpt>) -> Self {
        self.excerpt = excerpt.map(Box::new);
        self
    }

    /// Adds the corrected line.
    pub(super) fn with_correction(mut self, correction: Option<String>) -> Self {
        self.correction = correction;
        self
    }

    /// Masks secrets wherever they appear in the texts.
    pub(super) fn hiding(mut self, secrets: &SecretKeys) -> Self {
        self.message = secrets.mask_text(&self.message).into_owned();
        self.hint = self.hint.map(|hint| secrets.mask_text(&hint).into_owned());
        self
    }

    /// Marks the error as a precondition: the policy is valid, but the file must change first.
    pub(super) fn of_precondition(mut self) -> Self {
        self.is_precondition = true;
        self
    }

    /// Marks the error as a secret that isn't available here.
    pub(super) fn of_missing_secret(mut self) -> Self {
        self.is_missing_secret = true;
        self
    }

    /// Returns whether a secret isn't available here.
    pub fn is_missing_secret(&self) -> bool {
        self.is_missing_secret
    }

    /// Returns the message, without the location.
    pub fn message(&self) -> &str {
        &self.message
    }

    /// Returns the location.
    pub fn location(&self) -> &Location {
        &self.location
    }

    /// Returns what the user can do about it.
    pub fn hint(&self) -> Option<&str> {
        self.hint.as_deref()
    }

    /// Returns the line that the error is about, if it can be shown.
    pub fn excerpt(&self) -> Option<&Excerpt> {
        self.excerpt.as_deref()
    }

    /// Returns the corrected line, if it is known.
    pub fn correction(&self) -> Option<&str> {
        self.correction.as_deref()
    }

    /// Returns whether the policy is valid, but the file must change first.
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

/// The maximum number of errors that are kept. More are counted.
const MAX_ERRORS: usize = 50;

/// All errors that were found in one or more files. There is at least one, unless it was created empty.
///
/// # Example
///
/// ```
/// use msipctl_core::policy::{Error, Errors, Location};
/// use std::path::Path;
///
/// let error = Error::new(&Location::at_start(Path::new("p.toml")), "missing `extends`");
/// assert_eq!(Errors::from(error).to_string(), "p.toml:1:1: missing `extends`");
/// ```
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Errors {
    list: Vec<Error>,
    omitted: usize,
}

impl Errors {
    /// Adds an error. After the first 50, errors are only counted.
    pub fn push(&mut self, error: Error) {
        match self.list.len() {
            ..MAX_ERRORS => self.list.push(error),
            _ => self.omitted += 1,
        }
    }

    /// Adds all errors of others.
    pub fn extend(&mut self, others: Self) {
        self.omitted += others.omitted;
        others.list.into_iter().for_each(|error| self.push(error));
    }

    /// Returns the errors that were kept.
    pub fn iter(&self) -> std::slice::Iter<'_, Error> {
        self.list.iter()
    }

    /// Returns the number of errors, including those that were only counted.
    pub fn count(&self) -> usize {
        self.list.len() + self.omitted
    }

    /// Returns whether there is none.
    pub fn is_empty(&self) -> bool {
        self.list.is_empty()
    }

    /// Returns whether no more errors are kept.
    pub(super) fn is_full(&self) -> bool {
        self.list.len() >= MAX_ERRORS
    }

    /// Sorts the errors of one file by location.
    pub(super) fn sorted(mut self) -> Self {
        self.list.sort_by_key(|error| (error.location.line(), error.location.column()));
        self
    }

    /// Returns the value if there is no error.
    ///
    /// # Errors
    ///
    /// Returns the errors if there is one.
    pub fn or_ok<T>(self, value: T) -> Result<T, Self> {
        if self.is_empty() { Ok(value) } else { Err(self) }
    }
}

impl<'e> IntoIterator for &'e Errors {
    type Item = &'e Error;
    type IntoIter = std::slice::Iter<'e, Error>;

    fn into_iter(self) -> Self::IntoIter {
        self.iter()
    }
}

impl From<Error> for Errors {
    fn from(error: Error) -> Self {
        Self { list: vec![error], omitted: 0 }
    }
}

impl fmt::Display for Errors {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(first) = self.list.first() {
            first.fmt(f)?;
        }
        match self.count() {
            0 | 1 => Ok(()),
            2 => f.write_str(" (and 1 more error)"),
            count => write!(f, " (and {} more errors)", count - 1),
        }
    }
}

impl std::error::Error for Errors {}
