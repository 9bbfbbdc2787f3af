//! The declaration of a rule: its code, its page, the lines it listens to, and its check.

use std::ops::Deref;

use super::context::{Context, EntryLocation};
use super::features::FeatureSet;
use super::finding::Finding;
use crate::diagnostic::{Descriptor, Message};
use microsip_schema::{Key, Kind, Section};
use winini::profile::SectionView;
use winini::{Document, Line, LineKind, Span};

/// A rule: a code, its page, and the check that finds it in a file.
#[derive(Debug, Clone, Copy)]
pub struct Rule {
    /// The catalog entry of its code.
    pub(super) descriptor: &'static Descriptor,
    /// Its page as Markdown, with the indentation of a doc comment.
    pub page: &'static str,
    /// Whether msipctl has a fix for none, some, or all of its findings.
    pub fix: FixAvailability,
    pub(super) run: Run,
    pub(super) listens: Listens,
}

/// Whether msipctl has a fix, safe or unsafe, for the findings of a rule.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FixAvailability {
    /// For no finding.
    Never,
    /// For some findings.
    Sometimes,
    /// For all findings.
    Always,
}

impl FixAvailability {
    /// Returns its name in output: `never`, `sometimes`, or `always`.
    pub fn name(self) -> &'static str {
        match self {
            Self::Never => "never",
            Self::Sometimes => "sometimes",
            Self::Always => "always",
        }
    }

    /// Returns the sentence about it on the page of a rule.
    pub fn sentence(self) -> String {
        format!("Fix is {} available.", self.name())
    }
}

/// What a rule is called for, with its function.
#[derive(Debug, Clone, Copy)]
pub(super) enum Run {
    /// The complete document, once.
    Document(fn(Context<'_>, &mut Vec<Finding>)),
    /// Each line of any kind, in any section.
    Line(fn(Context<'_>, usize, &mut Vec<Finding>)),
    /// Each header.
    Header(fn(Context<'_>, SectionView<'_>, &mut Vec<Finding>)),
    /// Each entry in a section, whether Windows reads it or not.
    Entry(fn(Context<'_>, EntryLocation<'_>, &mut Vec<Finding>)),
    /// Each entry that MicroSIP looks up: in sections it reads, the first of each key. With its key, if the schema has it.
    Counted(fn(Context<'_>, EntryLocation<'_>, Option<&'static Key>, &mut Vec<Finding>)),
    /// Each counted entry whose key is in the schema.
    Known(fn(Context<'_>, EntryLocation<'_>, &'static Key, &mut Vec<Finding>)),
    /// Each known entry that the target version reads.
    Read(fn(Context<'_>, EntryLocation<'_>, &'static Key, &mut Vec<Finding>)),
    /// Each read entry that isn't empty. MicroSIP itself writes an empty value if nothing is selected.
    Filled(fn(Context<'_>, EntryLocation<'_>, &'static Key, &mut Vec<Finding>)),
}

/// The part of the lines or documents for which a rule needs to be called.
#[derive(Debug, Clone, Copy)]
pub(super) struct Listens {
    /// The keys that it checks; `None` for all keys.
    pub(super) keys: Option<(Section, &'static [&'static str])>,
    /// The kinds of values that it checks.
    pub(super) kinds: Kinds,
    /// The features of which a line or document has at least one if the rule finds something in it. If the set is empty, the
    /// rule is called for any line.
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

    /// Returns the union with other kinds.
    pub(super) const fn and(self, others: Self) -> Self {
        Self(self.0 | others.0)
    }

    /// Returns whether the set contains a kind.
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
    /// Returns whether the rule checks a key.
    pub(super) fn is_about(&self, key: Option<&Key>) -> bool {
        self.keys.is_none_or(|(section, names)| {
            key.is_some_and(|key| key.section() == section && names.contains(&key.name()))
        })
    }
}

/// A rule dereferences to the catalog entry of its code: its name, summary, severity, and so on.
impl Deref for Rule {
    type Target = Descriptor;

    fn deref(&self) -> &Descriptor {
        self.descriptor
    }
}

impl Rule {
    /// Returns its page as Markdown, without [`Rule::fix`].
    pub fn text(&self) -> String {
        let lines = self.page.lines().map(|line| line.strip_prefix(' ').unwrap_or(line));
        lines.fold(String::new(), |page, line| page + line + "\n")
    }

    /// Adds its findings for a line, if it listens to this line.
    pub(super) fn check_line(
        &self,
        context: Context<'_>,
        line: usize,
        findings: &mut Vec<Finding>,
    ) {
        let counted = || {
            let (location, key) = context.counted(line)?;
            self.listens.is_about(key).then_some((location, key))
        };
        let known = || counted().and_then(|(location, key)| Some((location, key?)));
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
                if let Some(location) = context.profile.entry_at(line) {
                    check(context, location, findings);
                }
            }
            Run::Counted(check) => {
                if let Some((location, key)) = counted() {
                    check(context, location, key, findings);
                }
            }
            Run::Known(check) => {
                if let Some((location, key)) = known() {
                    check(context, location, key, findings);
                }
            }
            Run::Read(check) => {
                if let Some((location, key)) = read() {
                    check(context, location, key, findings);
                }
            }
            Run::Filled(check) => {
                if let Some((location, key)) = read().filter(|((_, entry), _)| !entry.is_empty()) {
                    check(context, location, key, findings);
                }
            }
        }
    }

    /// Returns a finding for a line and the bytes in it.
    pub(super) fn at(&self, line: usize, span: Span, message: Message) -> Finding {
        Finding::new(self.code, message, line, span)
    }

    /// Returns a finding for the complete file, which points at its first line.
    pub(super) fn at_file(&self, document: &Document, message: Message) -> Finding {
        let span = document.lines().first().map(Line::content).unwrap_or_default();
        self.at(0, span, message)
    }

    /// Returns a finding for an entry, which points at its key.
    pub(super) fn at_key(&self, location: EntryLocation<'_>, message: Message) -> Finding {
        let (section, entry) = location;
        let finding = self.at(entry.line(), entry.key_span(), message);
        finding.about(&section.name(), Some(&entry.key()))
    }

    /// Returns a finding for an entry, which points at its value.
    pub(super) fn at_value(&self, location: EntryLocation<'_>, message: Message) -> Finding {
        let (section, entry) = location;
        let finding = self.at(entry.line(), entry.value_span(), message);
        finding.about(&section.name(), Some(&entry.key()))
    }
}

/// Declares the rule of a file. The doc comment is its page, followed by its code. Its function is `check`, which is
/// called as [`Run`] specifies.
///
/// The optional parts restrict the calls: `keys` to some keys, `kinds` to kinds of values, and `requires` to lines or
/// documents with a feature. `fix` states for which findings msipctl has a fix, by default for none.
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
