//! The model of a problem: its code with its catalog entry, its message with named arguments, and its location.
//!
//! The problems that `check`, `hook explain`, and `template check` report differ only in the location type of their
//! [`Diagnostic`].

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

/// A problem at a location of any type. Its texts contain no secrets.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Diagnostic<L> {
    code: Code,
    severity: Severity,
    message: Message,
    help: Option<Cow<'static, str>>,
    location: L,
}

impl<L> Diagnostic<L> {
    /// Creates a diagnostic with the default severity of its code.
    pub fn new(code: Code, message: Message, location: L) -> Self {
        Self { code, severity: code.descriptor().severity, message, help: None, location }
    }

    /// Sets its help text, which states what to do.
    #[must_use]
    pub fn with_help(self, help: impl Into<Cow<'static, str>>) -> Self {
        Self { help: Some(help.into()), ..self }
    }

    /// Replaces its severity.
    #[must_use]
    pub fn with_severity(self, severity: Severity) -> Self {
        Self { severity, ..self }
    }

    /// Replaces its message with the result of a function.
    #[must_use]
    pub fn map_message(self, map: impl FnOnce(Message) -> Message) -> Self {
        Self { message: map(self.message), ..self }
    }

    /// Replaces its location, which can have another type.
    #[must_use]
    pub fn at<M>(self, location: M) -> Diagnostic<M> {
        let Self { code, severity, message, help, .. } = self;
        Diagnostic { code, severity, message, help, location }
    }

    /// Returns its code.
    pub fn code(&self) -> Code {
        self.code
    }

    /// Returns its severity.
    pub fn severity(&self) -> Severity {
        self.severity
    }

    /// Returns its message.
    pub fn message(&self) -> &Message {
        &self.message
    }

    /// Returns its help text, which states what to do.
    pub fn help(&self) -> Option<&str> {
        self.help.as_deref()
    }

    /// Returns its location.
    pub fn location(&self) -> &L {
        &self.location
    }

    /// Returns its location for changes.
    pub fn location_mut(&mut self) -> &mut L {
        &mut self.location
    }
}
