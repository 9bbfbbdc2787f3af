//! What a rule found, and where.

use std::fmt;

use super::fix::Fix;
use crate::ini::Span;

/// How bad a finding is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Severity {
    /// Worth knowing.
    Info,
    /// Probably not what was meant.
    Warning,
    /// MicroSIP does not do what the line says.
    Error,
}

impl Severity {
    /// Returns the name used in output.
    pub fn name(self) -> &'static str {
        match self {
            Self::Info => "info",
            Self::Warning => "warning",
            Self::Error => "error",
        }
    }
}

impl fmt::Display for Severity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// One thing that a rule found. Its texts hold no secret value.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Finding {
    rule: &'static str,
    severity: Severity,
    message: String,
    help: Option<String>,
    section: Option<String>,
    key: Option<String>,
    line: usize,
    span: Span,
    fix: Option<Fix>,
}

impl Finding {
    /// Makes a rule's finding about a place: a line, and the bytes in it.
    pub(super) fn new(
        rule: &'static str,
        severity: Severity,
        line: usize,
        span: Span,
        message: String,
    ) -> Self {
        Self {
            rule,
            severity,
            message,
            help: None,
            section: None,
            key: None,
            line,
            span,
            fix: None,
        }
    }

    /// Names the section and key it is about.
    #[must_use]
    pub(super) fn about(mut self, section: &str, key: Option<&str>) -> Self {
        self.section = Some(section.to_owned());
        self.key = key.map(str::to_owned);
        self
    }

    /// Says what to do.
    #[must_use]
    pub(super) fn with_help(mut self, help: impl Into<String>) -> Self {
        self.help = Some(help.into());
        self
    }

    /// Says how it is mended, if that is known.
    #[must_use]
    pub(super) fn with_fix(self, fix: impl Into<Option<Fix>>) -> Self {
        Self { fix: fix.into().or(self.fix), ..self }
    }

    /// Gives it another severity than its rule's.
    #[must_use]
    pub(super) fn with_severity(mut self, severity: Severity) -> Self {
        self.severity = severity;
        self
    }

    /// Makes its fix unsafe.
    pub(super) fn make_fix_unsafe(&mut self) {
        if let Some(fix) = &mut self.fix {
            fix.make_unsafe();
        }
    }

    /// Returns the name of the rule.
    pub fn rule(&self) -> &'static str {
        self.rule
    }

    /// Returns how bad it is.
    pub fn severity(&self) -> Severity {
        self.severity
    }

    /// Returns what was found.
    pub fn message(&self) -> &str {
        &self.message
    }

    /// Returns what to do about it.
    pub fn help(&self) -> Option<&str> {
        self.help.as_deref()
    }

    /// Returns the section it is about.
    pub fn section(&self) -> Option<&str> {
        self.section.as_deref()
    }

    /// Returns the key it is about.
    pub fn key(&self) -> Option<&str> {
        self.key.as_deref()
    }

    /// Returns the line it points at, counted from 0.
    pub fn line(&self) -> usize {
        self.line
    }

    /// Returns the bytes it points at.
    pub fn span(&self) -> Span {
        self.span
    }

    /// Returns how it is mended, if msipctl knows.
    pub fn fix(&self) -> Option<&Fix> {
        self.fix.as_ref()
    }
}
