//! The finding of a rule, and its location.

use std::borrow::Cow;

use super::fix::Fix;
use crate::diagnostic::{Code, Diagnostic, Message, Severity};
use winini::Span;

/// A problem that a rule found in a file. Its texts contain no secrets.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Finding {
    diagnostic: Diagnostic<Location>,
    fix: Option<Fix>,
}

/// The location of a finding in a file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Location {
    section: Option<String>,
    key: Option<String>,
    line: usize,
    span: Span,
}

impl Location {
    /// Creates the location of a line and the bytes in it.
    pub(super) fn new(line: usize, span: Span) -> Self {
        Self { section: None, key: None, line, span }
    }
}

impl From<Diagnostic<Location>> for Finding {
    fn from(diagnostic: Diagnostic<Location>) -> Self {
        Self { diagnostic, fix: None }
    }
}

impl Finding {
    /// Creates the finding of a rule for a line and the bytes in it.
    pub(super) fn new(code: Code, message: Message, line: usize, span: Span) -> Self {
        Diagnostic::new(code, message, Location::new(line, span)).into()
    }

    /// Sets its section and key.
    #[must_use]
    pub(super) fn about(mut self, section: &str, key: Option<&str>) -> Self {
        let location = self.diagnostic.location_mut();
        location.section = Some(section.to_owned());
        location.key = key.map(str::to_owned);
        self
    }

    /// Sets its help text, which states what to do.
    #[must_use]
    pub(super) fn with_help(self, help: impl Into<Cow<'static, str>>) -> Self {
        Self { diagnostic: self.diagnostic.with_help(help), ..self }
    }

    /// Sets its fix, if there is one.
    #[must_use]
    pub(super) fn with_fix(self, fix: impl Into<Option<Fix>>) -> Self {
        Self { fix: fix.into().or(self.fix), ..self }
    }

    /// Replaces the default severity of its rule.
    #[must_use]
    pub(super) fn with_severity(self, severity: Severity) -> Self {
        Self { diagnostic: self.diagnostic.with_severity(severity), ..self }
    }

    /// Marks its fix as unsafe.
    pub(super) fn make_fix_unsafe(&mut self) {
        if let Some(fix) = &mut self.fix {
            fix.make_unsafe();
        }
    }

    /// Returns the code of the rule.
    pub fn code(&self) -> Code {
        self.diagnostic.code()
    }

    /// Returns the name of the rule.
    pub fn rule(&self) -> &'static str {
        self.code().name()
    }

    /// Returns its severity.
    pub fn severity(&self) -> Severity {
        self.diagnostic.severity()
    }

    /// Returns its message.
    pub fn message(&self) -> &Message {
        self.diagnostic.message()
    }

    /// Returns its help text, which states what to do.
    pub fn help(&self) -> Option<&str> {
        self.diagnostic.help()
    }

    /// Returns its section.
    pub fn section(&self) -> Option<&str> {
        self.diagnostic.location().section.as_deref()
    }

    /// Returns its key.
    pub fn key(&self) -> Option<&str> {
        self.diagnostic.location().key.as_deref()
    }

    /// Returns the line that it points at, counted from 0.
    pub fn line(&self) -> usize {
        self.diagnostic.location().line
    }

    /// Returns the bytes that it points at.
    pub fn span(&self) -> Span {
        self.diagnostic.location().span
    }

    /// Returns its fix, if msipctl has one.
    pub fn fix(&self) -> Option<&Fix> {
        self.fix.as_ref()
    }
}
