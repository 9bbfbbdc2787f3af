//! What a rule found, and where.

use std::borrow::Cow;

use super::fix::Fix;
use crate::diagnostic::{Code, Diagnostic, Message, Severity};
use winini::Span;

/// One thing that a rule found in a file. Its texts hold no secret value.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Finding {
    diagnostic: Diagnostic<Location>,
    fix: Option<Fix>,
}

/// Where a finding is in a file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Location {
    section: Option<String>,
    key: Option<String>,
    line: usize,
    span: Span,
}

impl Location {
    /// Makes the location of a line, and the bytes in it.
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
    /// Makes a rule's finding about a place: a line, and the bytes in it.
    pub(super) fn new(code: Code, message: Message, line: usize, span: Span) -> Self {
        Diagnostic::new(code, message, Location::new(line, span)).into()
    }

    /// Names the section and key it is about.
    #[must_use]
    pub(super) fn about(mut self, section: &str, key: Option<&str>) -> Self {
        let location = self.diagnostic.location_mut();
        location.section = Some(section.to_owned());
        location.key = key.map(str::to_owned);
        self
    }

    /// Says what to do.
    #[must_use]
    pub(super) fn with_help(self, help: impl Into<Cow<'static, str>>) -> Self {
        Self { diagnostic: self.diagnostic.with_help(help), ..self }
    }

    /// Says how it is mended, if that is known.
    #[must_use]
    pub(super) fn with_fix(self, fix: impl Into<Option<Fix>>) -> Self {
        Self { fix: fix.into().or(self.fix), ..self }
    }

    /// Gives it another severity than its rule's.
    #[must_use]
    pub(super) fn with_severity(self, severity: Severity) -> Self {
        Self { diagnostic: self.diagnostic.with_severity(severity), ..self }
    }

    /// Makes its fix unsafe.
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

    /// Returns how bad it is.
    pub fn severity(&self) -> Severity {
        self.diagnostic.severity()
    }

    /// Returns what was found.
    pub fn message(&self) -> &Message {
        self.diagnostic.message()
    }

    /// Returns what to do about it.
    pub fn help(&self) -> Option<&str> {
        self.diagnostic.help()
    }

    /// Returns the section it is about.
    pub fn section(&self) -> Option<&str> {
        self.diagnostic.location().section.as_deref()
    }

    /// Returns the key it is about.
    pub fn key(&self) -> Option<&str> {
        self.diagnostic.location().key.as_deref()
    }

    /// Returns the line it points at, counted from 0.
    pub fn line(&self) -> usize {
        self.diagnostic.location().line
    }

    /// Returns the bytes it points at.
    pub fn span(&self) -> Span {
        self.diagnostic.location().span
    }

    /// Returns how it is mended, if msipctl knows.
    pub fn fix(&self) -> Option<&Fix> {
        self.fix.as_ref()
    }
}
