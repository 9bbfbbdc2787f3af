//! A rule's declaration: its code, its page, what it listens to, and its check, in one place.

use std::ops::Deref;

use super::context::{Context, EntryLocation};
use super::features::FeatureSet;
use super::finding::Finding;
use crate::diagnostic::{Descriptor, Message};
use microsip_schema::{Key, Kind, Section};
use winini::profile::SectionView;
use winini::{Document, Line, LineKind, Span};

/// A rule: a code, its page, and how it is found in a file.
#[derive(Debug, Clone, Copy)]
pub struct Rule {
    /// What the catalog says of its code.
    pub(super) descriptor: &'static Descriptor,
    /// Its page.
    pub page: &'static str,
    /// For how many of its findings msipctl has a fix.
    pub fix: FixAvailability,
    pub(super) run: Run,
    pub(super) listens: Listens,
}

/// For how many findings of a rule msipctl has a fix, safe or unsafe.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FixAvailability {
    /// For none.
    Never,
    /// For some.
    Sometimes,
    /// For all.
    Always,
}

impl FixAvailability {
    /// Returns the word for it: `never`, `sometimes`, or `always`.
    pub fn name(self) -> &'static str {
        match self {
            Self::Never => "never",
            Self::Sometimes => "sometimes",
            Self::Always => "always",
        }
    }
}

/// What a rule is called for, and its function.
#[derive(Debug, Clone, Copy)]
pub(super) enum Run {
    /// The complete document, once.
    Document(fn(Context<'_>, &mut Vec<Finding>)),
    /// Each line, of any kind, wherever it is.
    Line(fn(Context<'_>, usize, &mut Vec<Finding>)),
    /// Each header.
    Header(fn(Context<'_>, SectionView<'_>, &mut Vec<Finding>)),
    /// Each entry below a header, whether Windows reads it or not.
    Entry(fn(Context<'_>, EntryLocation<'_>, &mut Vec<Finding>)),
    /// Each entry that MicroSIP looks at: of sections it reads, the first of each key. With its key, if it has one.
    Counted(fn(Context<'_>, EntryLocation<'_>, Option<&'static Key>, &mut Vec<Finding>)),
    /// Those whose key is in the schema.
    Known(fn(Context<'_>, EntryLocation<'_>, &'static Key, &mut Vec<Finding>)),
    /// Of these, those that the target version reads.
    Read(fn(Context<'_>, EntryLocation<'_>, &'static Key, &mut Vec<Finding>)),
    /// Of these, those that aren't empty: an empty value is what MicroSIP itself writes for "nothing chosen".
    Filled(fn(Context<'_>, EntryLocation<'_>, &'static Key, &mut Vec<Finding>)),
}

/// Of what a rule could be called for, what it needs to hear of.
#[derive(Debug, Clone, Copy)]
pub(super) struct Listens {
    /// The keys it is about; all if there are none.
    pub(super) keys: Option<(Section, &'static [&'static str])>,
    /// The kinds of values in which it may find something; all if there are none.
    pub(super) kinds: Kinds,
    /// The features of which the line, or the document, has one if it finds something; any line if there are none.
    pub(super) requires: FeatureSet,
}

/// A set of kinds of values.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Kinds(u16);

impl Kinds {
    pub(super) const ALL: Self = Self(0);
    pub(super) const SWITCH: Self = Self(1);
    pub(super) const NUMBER: Self = Self(1 << 1);
    pub(super) const CHOICE: Self = Self(1 << 2);
    pub(super) const CODECS: Self = Self(1 << 3);
    pub(super) const PORTS: Self = Self(1 << 4);
    pub(super) const LIST: Self = Self(1 << 5);
    pub(super) const TEXT: Self = Self(1 << 6);
    pub(super) const PATH: Self = Self(1 << 7);
    pub(super) const COMMAND: Self = Self(1 << 8);
    pub(super) const SECRET: Self = Self(1 << 9);
    pub(super) const RECORD: Self = Self(1 << 10);

    /// Returns these and others.
    pub(super) const fn and(self, others: Self) -> Self {
        Self(self.0 | others.0)
    }

    /// Returns whether a kind is one of them.
    pub(super) fn has(self, kind: Kind) -> bool {
        let other = match kind {
            Kind::Switch(_) => Self::SWITCH,
            Kind::Number { .. } => Self::NUMBER,
            Kind::Choice(_) => Self::CHOICE,
            Kind::Codecs => Self::CODECS,
            Kind::Ports => Self::PORTS,
            Kind::List => Self::LIST,
            Kind::Text => Self::TEXT,
            Kind::Path => Self::PATH,
            Kind::Command => Self::COMMAND,
            Kind::Secret => Self::SECRET,
            Kind::Record => Self::RECORD,
        };
        self == Self::ALL || self.0 & other.0 != 0
    }
}

impl Listens {
    /// Returns whether a key is one that the rule is about.
    pub(super) fn is_about(&self, key: Option<&Key>) -> bool {
        self.keys.is_none_or(|(section, names)| {
            key.is_some_and(|key| key.section() == section && names.contains(&key.name()))
        })
    }
}

/// A rule has the name, the summary, and the severity of its code.
impl Deref for Rule {
    type Target = Descriptor;

    fn deref(&self) -> &Descriptor {
        self.descriptor
    }
}

impl Rule {
    /// Returns its page as Markdown. The first line says whether a fix is available.
    pub fn text(&self) -> String {
        let lines = self.page.lines().map(|line| line.strip_prefix(' ').unwrap_or(line));
        let fix = format!("Fix is {} available.\n\n", self.fix.name());
        lines.fold(fix, |page, line| page + line + "\n")
    }

    /// Adds what it finds in a line, if it is one of those that the rule is about.
    pub(super) fn check_line(
        &self,
        context: Context<'_>,
        line: usize,
        findings: &mut Vec<Finding>,
    ) {
        let counted = || {
            let (place, key) = context.counted(line)?;
            self.listens.is_about(key).then_some((place, key))
        };
        let known = || counted().and_then(|(place, key)| Some((place, key?)));
        let read = || known().filter(|(_, key)| context.reads(key));
        match self.run {
            Run::Document(_) => {}
            Run::Line(check) => check(context, line, findings),
            Run::Header(check) => {
                if context.document.line(line).kind() == LineKind::Header
                    && let Some(section) = context.profile.section_at(line)
                {
                    check(context, section, findings);
                }
            }
            Run::Entry(check) => {
                if let Some(place) = context.profile.entry_at(line) {
                    check(context, place, findings);
                }
            }
            Run::Counted(check) => {
                if let Some((place, key)) = counted() {
                    check(context, place, key, findings);
                }
            }
            Run::Known(check) => {
                if let Some((place, key)) = known() {
                    check(context, place, key, findings);
                }
            }
            Run::Read(check) => {
                if let Some((place, key)) = read() {
                    check(context, place, key, findings);
                }
            }
            Run::Filled(check) => {
                if let Some((place, key)) = read().filter(|((_, entry), _)| !entry.is_empty()) {
                    check(context, place, key, findings);
                }
            }
        }
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
    pub(super) fn at_key(&self, place: EntryLocation<'_>, message: Message) -> Finding {
        let (section, entry) = place;
        let finding = self.at(entry.line(), entry.key_span(), message);
        finding.about(&section.name(), Some(&entry.key()))
    }

    /// Makes a finding about an entry, pointing at its value.
    pub(super) fn at_value(&self, place: EntryLocation<'_>, message: Message) -> Finding {
        let (section, entry) = place;
        let finding = self.at(entry.line(), entry.value_span(), message);
        finding.about(&section.name(), Some(&entry.key()))
    }
}

/// Declares the rule of a file. The doc comment is its page, its code follows, and `check` is its function, which is called for what [`Run`]
/// says.
///
/// What follows says when it is called: `keys` which keys it is about, `kinds` and `requires` in which of these it may
/// find something at all. `fix` says for how many of its findings msipctl has a fix; by default for none.
macro_rules! rule {
    (
        $(#[doc = $page:literal])+
        $code:ident,
        on $run:ident
        $(, keys $section:ident $($key:literal)|+)?
        $(, kinds $($kind:ident)|+)?
        $(, requires $($feature:ident)|+)?
        $(, fix $fix:ident)?
    ) => {
        $(#[doc = $page])+
        pub(super) static RULE: $crate::validate::rule::Rule = $crate::validate::rule::Rule {
            descriptor: $crate::diagnostic::Code::$code.descriptor(),
            page: concat!($($page, "\n"),+),
            fix: $crate::validate::rule::fix_availability!($($fix)?),
            run: $crate::validate::rule::Run::$run(check),
            listens: $crate::validate::rule::Listens {
                keys: $crate::validate::rule::keys!($($section $($key)+)?),
                kinds: $crate::validate::rule::Kinds::ALL
                    $($(.and($crate::validate::rule::Kinds::$kind))+)?,
                requires: $crate::validate::features::FeatureSet::NONE
                    $($(.and($crate::validate::features::FeatureSet::$feature))+)?,
            },
        };
    };
}

macro_rules! fix_availability {
    () => {
        $crate::validate::rule::FixAvailability::Never
    };
    ($fix:ident) => {
        $crate::validate::rule::FixAvailability::$fix
    };
}

macro_rules! keys {
    () => {
        None
    };
    ($section:ident $($key:literal)+) => {
        Some((microsip_schema::Section::$section, &[$($key),+]))
    };
}

pub(super) use {fix_availability, keys, rule};
