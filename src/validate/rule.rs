//! A rule's declaration: its code, its page and its check, in one place.

use std::ops::Deref;

use super::Context;
use super::finding::Finding;
use super::signs::Signs;
use crate::diagnostic::{Descriptor, Message};
use crate::ini::{Document, Line, Span};
use crate::profile::{Entry, SectionView};

/// An entry and the section it stands in.
pub(super) type Place<'d> = (SectionView<'d>, Entry<'d>);

/// A rule: a code, its page, and how it is found in a file.
#[derive(Debug, Clone, Copy)]
pub struct Rule {
    /// What the catalog says of its code.
    pub(super) descriptor: &'static Descriptor,
    /// Its page.
    pub page: &'static str,
    /// The signs of which a file has one where the rule finds something.
    pub(super) signs: Signs,
    pub(super) run: fn(Context<'_>, &mut Vec<Finding>),
}

/// A rule has the name, the summary, and the severity of its code.
impl Deref for Rule {
    type Target = Descriptor;

    fn deref(&self) -> &Descriptor {
        self.descriptor
    }
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
    pub(super) fn at(&self, line: usize, span: Span, message: Message) -> Finding {
        Finding::new(self.code, message, line, span)
    }

    /// Makes a finding about the file as a whole, which points at its first line.
    pub(super) fn at_file(&self, document: &Document, message: Message) -> Finding {
        let span = document.lines().first().map(Line::content).unwrap_or_default();
        self.at(0, span, message)
    }

    /// Makes a finding about an entry, pointing at its key.
    pub(super) fn at_key(&self, place: Place<'_>, message: Message) -> Finding {
        let (section, entry) = place;
        let finding = self.at(entry.line(), entry.key_span(), message);
        finding.about(&section.name(), Some(&entry.key()))
    }

    /// Makes a finding about an entry, pointing at its value.
    pub(super) fn at_value(&self, place: Place<'_>, message: Message) -> Finding {
        let (section, entry) = place;
        let finding = self.at(entry.line(), entry.value_span(), message);
        finding.about(&section.name(), Some(&entry.key()))
    }
}

/// Declares the rule of a file: the doc comment is its page, its code follows, `check` is its function, and behind `where`
/// stand the signs without which it finds nothing.
macro_rules! rule {
    (
        $(#[doc = $page:literal])+
        $code:ident,
        where $($sign:ident)|+
    ) => {
        $(#[doc = $page])+
        pub(super) static RULE: $crate::validate::Rule = $crate::validate::Rule {
            descriptor: $crate::diagnostic::Code::$code.descriptor(),
            page: concat!($($page, "\n"),+),
            signs: $crate::validate::signs::Signs::NONE
                $(.and($crate::validate::signs::Signs::$sign))+,
            run: check,
        };
    };
}

pub(super) use rule;
