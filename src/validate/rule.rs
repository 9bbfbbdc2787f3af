//! A rule's declaration: its name, its page and its check, in one place.

use std::fmt;

use super::Context;
use super::finding::{Finding, Severity};

/// A rule.
#[derive(Clone, Copy)]
pub struct Rule {
    /// Its name, after the fault that it finds.
    pub name: &'static str,
    /// What it finds, in a line.
    pub summary: &'static str,
    /// How bad that is, as a rule.
    pub severity: Severity,
    /// The msipctl version that brought it.
    pub since: &'static str,
    /// Its page.
    pub page: &'static str,
    pub(super) run: fn(Context<'_>, &mut Vec<Finding>),
}

impl Rule {
    /// Adds what it finds.
    pub(super) fn check(&self, context: Context<'_>, findings: &mut Vec<Finding>) {
        (self.run)(context, findings);
    }
}

impl PartialEq for Rule {
    fn eq(&self, other: &Self) -> bool {
        self.name == other.name
    }
}

impl Eq for Rule {}

impl fmt::Debug for Rule {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name)
    }
}

/// Declares the rule of a file: the doc comment is its page, `check` its function.
macro_rules! rule {
    (
        $(#[doc = $page:literal])+
        $name:literal, $summary:literal, $severity:ident, since $since:literal
    ) => {
        $(#[doc = $page])+
        pub(super) static RULE: $crate::validate::Rule = $crate::validate::Rule {
            name: $name,
            summary: $summary,
            severity: $crate::validate::Severity::$severity,
            since: $since,
            page: concat!($($page, "\n"),+),
            run: check,
        };
    };
}

pub(super) use rule;
