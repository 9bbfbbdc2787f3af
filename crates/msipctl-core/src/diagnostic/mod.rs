//! The one model of a problem: its code, what is known of each code, its message with named arguments, and where it is.
//!
//! What `check`, `hook explain`, and `template check` report differs only in the location that a [`Diagnostic`] has.

mod catalog;
mod classification;
#[macro_use]
mod message;

pub use catalog::{CATALOG, Code, Descriptor, UnknownCode};
pub use classification::{Group, Scope, Severity};
#[doc(hidden)]
pub use message::check_template;
pub use message::{Argument, Message, Prose, ToArgument};

use std::borrow::Cow;

/// One problem, at a location of a kind that its finder chooses. Its texts hold no secrets.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Diagnostic<L> {
    code: Code,
    severity: Severity,
    message: Message,
    help: Option<Cow<'static, str>>,
    location: L,
}

impl<L> Diagnostic<L> {
    /// Makes a diagnostic with the severity that its code has in the catalog.
    pub fn new(code: Code, message: Message, location: L) -> Self {
        Self { code, severity: code.descriptor().severity, message, help: None, location }
    }

    /// Adds what to do about it.
    #[must_use]
    pub fn with_help(self, help: impl Into<Cow<'static, str>>) -> Self {
        Self { help: Some(help.into()), ..self }
    }

    /// Replaces its severity.
    #[must_use]
    pub fn with_severity(self, severity: Severity) -> Self {
        Self { severity, ..self }
    }

    /// Replaces its message by a function of it.
    #[must_use]
    pub fn map_message(self, map: impl FnOnce(Message) -> Message) -> Self {
        Self { message: map(self.message), ..self }
    }

    /// Moves it to a location of another kind.
    #[must_use]
    pub fn at<M>(self, location: M) -> Diagnostic<M> {
        let Self { code, severity, message, help, .. } = self;
        Diagnostic { code, severity, message, help, location }
    }

    /// Returns its code.
    pub fn code(&self) -> Code {
        self.code
    }

    /// Returns how bad it is.
    pub fn severity(&self) -> Severity {
        self.severity
    }

    /// Returns what is wrong.
    pub fn message(&self) -> &Message {
        &self.message
    }

    /// Returns what to do about it.
    pub fn help(&self) -> Option<&str> {
        self.help.as_deref()
    }

    /// Returns where it is.
    pub fn location(&self) -> &L {
        &self.location
    }

    /// Changes where it is.
    pub fn location_mut(&mut self) -> &mut L {
        &mut self.location
    }
}
