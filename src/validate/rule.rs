//! A rule's declaration: its name, its page and its check, in one place.

use super::Context;
use super::finding::{Finding, Severity};
use super::signs::Signs;
use crate::ini::{Document, Line, Span};
use crate::profile::{Entry, SectionView};

/// An entry and the section it stands in.
pub(super) type Place<'d> = (SectionView<'d>, Entry<'d>);

/// What a rule is about. Rules are chosen by this name, too.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Group {
    /// How letters become bytes.
    Encoding,
    /// Lines, sections and keys.
    Structure,
    /// What MicroSIP reads of a key.
    Schema,
    /// Accounts.
    Accounts,
    /// Commands and directives.
    Hooks,
    /// Who can read, change or run what.
    Security,
    /// What belongs to one computer, in a file that is meant for many. Looked for on request only.
    Hygiene,
}

impl Group {
    /// All groups, in the order of the pages.
    pub const ALL: [Self; 7] = [
        Self::Encoding,
        Self::Structure,
        Self::Schema,
        Self::Accounts,
        Self::Hooks,
        Self::Security,
        Self::Hygiene,
    ];

    /// Returns its name.
    pub fn name(self) -> &'static str {
        match self {
            Self::Encoding => "encoding",
            Self::Structure => "structure",
            Self::Schema => "schema",
            Self::Accounts => "accounts",
            Self::Hooks => "hooks",
            Self::Security => "security",
            Self::Hygiene => "hygiene",
        }
    }
}

/// A rule.
#[derive(Debug, Clone, Copy)]
pub struct Rule {
    /// Its name, after the fault that it finds.
    pub name: &'static str,
    /// What it finds, in a line.
    pub summary: &'static str,
    /// How bad that is, as a rule.
    pub severity: Severity,
    /// What it is about.
    pub group: Group,
    /// The msipctl version that brought it.
    pub since: &'static str,
    /// Its page.
    pub page: &'static str,
    /// The signs of which a file has one where the rule finds something.
    pub(super) signs: Signs,
    pub(super) run: fn(Context<'_>, &mut Vec<Finding>),
}

impl Rule {
    /// Returns its page as Markdown, without the blanks that comments begin with.
    pub fn text(&self) -> String {
        let lines = self.page.lines().map(|line| line.strip_prefix(' ').unwrap_or(line));
        lines.fold(String::with_capacity(self.page.len()), |page, line| page + line + "\n")
    }

    /// Adds what it finds.
    pub(super) fn check(&self, context: Context<'_>, findings: &mut Vec<Finding>) {
        (self.run)(context, findings);
    }

    /// Makes a finding about a place: a line, and the bytes in it.
    pub(super) fn at(&self, line: usize, span: Span, message: String) -> Finding {
        Finding::new(self.name, self.severity, line, span, message)
    }

    /// Makes a finding about the file as a whole, which points at its first line.
    pub(super) fn at_file(&self, document: &Document, message: &str) -> Finding {
        let span = document.lines().first().map(Line::content).unwrap_or_default();
        self.at(0, span, message.to_owned())
    }

    /// Makes a finding about an entry, pointing at its key.
    pub(super) fn at_key(&self, place: Place<'_>, message: String) -> Finding {
        let (section, entry) = place;
        let finding = self.at(entry.line(), entry.key_span(), message);
        finding.about(&section.name(), Some(&entry.key()))
    }

    /// Makes a finding about an entry, pointing at its value.
    pub(super) fn at_value(&self, place: Place<'_>, message: String) -> Finding {
        let (section, entry) = place;
        let finding = self.at(entry.line(), entry.value_span(), message);
        finding.about(&section.name(), Some(&entry.key()))
    }
}

/// Declares the rule of a file: the doc comment is its page, `check` its function, and behind `where` stand the signs
/// without which it finds nothing.
macro_rules! rule {
    (
        $(#[doc = $page:literal])+
        $name:literal, $summary:literal, $severity:ident, $group:ident, since $since:literal,
        where $($sign:ident)|+
    ) => {
        $(#[doc = $page])+
        pub(super) static RULE: $crate::validate::Rule = $crate::validate::Rule {
            name: $name,
            summary: $summary,
            severity: $crate::validate::Severity::$severity,
            group: $crate::validate::Group::$group,
            since: $since,
            page: concat!($($page, "\n"),+),
            signs: $crate::validate::signs::Signs::NONE
                $(.and($crate::validate::signs::Signs::$sign))+,
            run: check,
        };
    };
}

pub(super) use rule;
