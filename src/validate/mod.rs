//! What is wrong with a file: rules, and the findings they return. Nothing here prints or writes.
//!
//! A rule is a file in `rules/`: its page, its declaration, its check and its tests. One slice lists
//! them all, and tests walk it.

mod finding;
mod fix;
mod letters;
mod pieces;
mod rule;
mod rules;
mod selection;

pub use finding::{Finding, Severity};
pub use fix::{Fix, Mended, Safety};
pub use rule::{Group, Rule};
pub use rules::RULES;
pub use selection::{PatternError, Selection};

use crate::event::{self, Call, Command, Event, Explanation, Facts, Hooks, SETTINGS, Target};
use crate::ini::Document;
use crate::profile::{Entry, Profile, SectionView};
use crate::schema::{Section, Version};
use rule::Place;

/// How a file is checked.
#[derive(Clone, Copy)]
pub struct Check<'c> {
    /// The MicroSIP version aimed at.
    pub microsip: Version,
    /// The rules that are looked at.
    pub selection: &'c Selection,
    /// The machine on which MicroSIP runs.
    pub facts: &'c dyn Facts,
    /// Whether other users may read the file; `None` if that cannot be told.
    pub readable_by_others: Option<bool>,
}

impl Check<'_> {
    /// Makes a check by the usual rules, for a version, of which the machine is not known.
    pub fn new(microsip: Version) -> Self {
        static USUAL: Selection = Selection::USUAL;
        Self { microsip, selection: &USUAL, facts: &Elsewhere, readable_by_others: None }
    }
}

/// Another machine than this one.
struct Elsewhere;

impl Facts for Elsewhere {
    fn target(&self, _: &str) -> Option<Target> {
        None
    }
}

/// What a rule looks at.
#[derive(Clone, Copy)]
pub struct Context<'d> {
    document: &'d Document,
    profile: Profile<'d>,
    microsip: Version,
    facts: &'d dyn Facts,
    readable_by_others: Option<bool>,
}

impl<'d> Context<'d> {
    /// Returns the entries that MicroSIP looks at: of sections it reads, the first of each key.
    fn entries(self) -> impl Iterator<Item = Place<'d>> {
        let known = |section: &SectionView<'_>| Section::of(&section.name()).is_some();
        self.profile.counting_sections().filter(known).flat_map(|section| {
            section.counting_entries().into_iter().map(move |entry| (section, entry))
        })
    }

    /// Returns what MicroSIP and msipctl do on each event that has a command or a directive, with the entry to point
    /// at: the command, or else the first directive. What it says may hold secrets.
    fn explained(self) -> impl Iterator<Item = (Event, Place<'d>, Explanation)> {
        let hooks = Hooks::new(self.profile);
        Event::ALL.into_iter().filter_map(move |event| {
            let section = self.profile.section(SETTINGS)?;
            let command = hooks.command(event).map(Command::entry);
            let placed = hooks.directives(event);
            let entry = command.or_else(|| placed.first().map(|placed| placed.entry))?;
            let directives: Vec<_> = placed
                .iter()
                .map(|it| (it.entry.key().into_owned(), it.entry.value().into_owned()))
                .collect();
            let written = command.map(Entry::written).unwrap_or_default();
            let call = Call {
                directives: Some(&directives),
                microsip: self.microsip,
                ..Call::new(event, &written)
            };
            Some((event, (section, entry), event::explain(&call, self.facts)))
        })
    }

    /// Says whether other users may read the file; `None` if that cannot be told.
    fn readable_by_others(self) -> Option<bool> {
        self.readable_by_others
    }

    /// Returns the commands that are set, each with its event.
    fn commands(self) -> impl Iterator<Item = (Event, Place<'d>)> {
        let hooks = Hooks::new(self.profile);
        Event::ALL.into_iter().filter_map(move |event| {
            let section = self.profile.section(SETTINGS)?;
            Some((event, (section, hooks.command(event)?.entry())))
        })
    }
}

/// Checks a file. The findings come in the order of their lines.
///
/// # Example
///
/// ```
/// use msipctl::ini::{Document, Encoding};
/// use msipctl::schema::Version;
/// use msipctl::validate::{Check, check};
///
/// let document = Document::parse(b"[Settings]\nsingleMod=1\n".to_vec(), Encoding::Ascii);
/// let findings = check(&document, Check::new(Version::NEWEST));
/// assert_eq!(findings[0].rule(), "unknown-key");
/// assert_eq!(findings[0].help(), Some("did you mean `singleMode`?"));
/// ```
pub fn check(document: &Document, by: Check<'_>) -> Vec<Finding> {
    let Check { microsip, selection, facts, readable_by_others } = by;
    let profile = Profile::new(document);
    let context = Context { document, profile, microsip, facts, readable_by_others };
    let mut findings = Vec::new();
    for rule in RULES.iter().filter(|rule| selection.has(rule)) {
        rule.check(context, &mut findings);
    }
    findings.sort_by_key(Finding::line);
    findings
}

/// Mends what a check finds, again and again until nothing is left that may be mended: by safe fixes, or by unsafe
/// ones, too.
pub fn mend(document: &Document, by: Check<'_>, at_most: Safety) -> Mended {
    fix::mend(document, at_most, |document| check(document, by))
}
