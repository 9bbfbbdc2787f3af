//! What is wrong with a file: rules, and the findings they return. Nothing here prints or writes.
//!
//! A rule is a file in `rules/`: its page, its declaration, its check and its tests. One slice lists
//! them all, and tests walk it.

mod ask;
mod finding;
mod fix;
mod hazards;
mod letters;
mod mend;
mod moving;
mod pieces;
mod quoting;
mod rule;
mod rules;
mod safety;
mod selection;
mod signs;
mod sketch;
mod suppression;
mod web;

pub use crate::diagnostic::Severity;
pub use finding::Finding;
pub use fix::{Fix, Safety};
pub use mend::Mended;
pub use rule::Rule;
pub use rules::RULES;
pub use selection::{PatternError, Selection};
pub use sketch::Sketch;
pub use suppression::{Judged, Source, Suppressed, Suppression};

use std::cell::OnceCell;

use crate::event::{self, Call, Command, Event, Explanation, Facts, Hooks, SETTINGS, Target};
use crate::ini::Document;
use crate::profile::{Entry, Profile};
use crate::schema::{self, Key, Section, Version};
use rule::Place;
use signs::Signs;
use suppression::Comment;

/// How a file is checked.
#[derive(Clone, Copy)]
pub struct Check<'c> {
    /// The MicroSIP version aimed at.
    pub microsip: Version,
    /// The rules that are looked at.
    pub selection: &'c Selection,
    /// The machine on which MicroSIP runs.
    pub facts: &'c dyn Facts,
    /// Tells whether other users may read the file; `None` if that cannot be told. Asked only where it matters.
    pub readable_by_others: &'c dyn Fn() -> Option<bool>,
    /// Whether the file is marked read-only.
    pub is_read_only: bool,
    /// Whether Windows redirects the profile calls for the file's name to the registry (IniFileMapping).
    pub is_redirected: bool,
    /// What nobody wants to hear of, beside what comments in the file say.
    pub suppress: &'c [&'c Suppression],
}

impl Check<'_> {
    /// Makes a check by the usual rules, for a version, of which the machine is not known.
    pub fn new(microsip: Version) -> Self {
        static USUAL: Selection = Selection::USUAL;
        Self {
            microsip,
            selection: &USUAL,
            facts: &Elsewhere,
            readable_by_others: &|| None,
            is_read_only: false,
            is_redirected: false,
            suppress: &[],
        }
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
    /// Found when a rule first asks.
    entries: &'d OnceCell<Vec<(Place<'d>, Option<&'static Key>)>>,
    microsip: Version,
    facts: &'d dyn Facts,
    readable_by_others: &'d dyn Fn() -> Option<bool>,
    is_read_only: bool,
    is_redirected: bool,
    comments: &'d [Comment],
    /// Found when a rule first asks, as the machine is asked for it.
    explained: &'d OnceCell<Vec<Explained<'d>>>,
}

/// What comes of an event's command and directives.
struct Explained<'d> {
    event: Event,
    /// The command, or else the first directive.
    place: Place<'d>,
    /// What is said of it may hold secrets.
    explanation: Explanation,
}

impl<'d> Context<'d> {
    /// Returns the entries that MicroSIP looks at: of sections it reads, the first of each key.
    fn entries(self) -> impl Iterator<Item = Place<'d>> {
        self.entries_and_rows().iter().map(|(place, _)| *place)
    }

    /// Returns the entries that MicroSIP looks at, each with its row of the table, if it has one.
    fn entries_and_rows(self) -> &'d [(Place<'d>, Option<&'static Key>)] {
        self.entries.get_or_init(|| entries(self.profile))
    }

    /// Returns what MicroSIP and msipctl do on each event that has a command or a directive.
    fn explained(self) -> &'d [Explained<'d>] {
        self.explained
            .get_or_init(|| Event::ALL.iter().filter_map(|it| self.explain(*it)).collect())
    }

    fn explain(self, event: Event) -> Option<Explained<'d>> {
        let hooks = Hooks::new(self.profile);
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
        let explanation = event::explain(&call, self.facts);
        Some(Explained { event, place: (section, entry), explanation })
    }

    /// Says whether other users may read the file; `None` if that cannot be told.
    fn readable_by_others(self) -> Option<bool> {
        (self.readable_by_others)()
    }
}

/// Checks a file. The findings come in the order of their lines, without the suppressed ones.
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
    judge(document, by).findings
}

/// Checks a file as [`check()`] does, and tells also what is suppressed, and why.
pub fn judge(document: &Document, by: Check<'_>) -> Judged {
    judge_sketched(document, Sketch::new(document), by)
}

/// Checks a file as [`judge`] does, of which a sketch is there already.
pub fn judge_sketched(document: &Document, sketch: Sketch, by: Check<'_>) -> Judged {
    judge_by_signs(document, sketch.signs(by.microsip), by)
}

/// Runs the rules that may find something where these signs are.
fn judge_by_signs(document: &Document, signs: Signs, by: Check<'_>) -> Judged {
    let Check { microsip, selection, facts, readable_by_others, suppress, .. } = by;
    let profile = Profile::new(document);
    let has_comments = signs.has(Signs::COMMENT);
    let comments = if has_comments { suppression::comments(document) } else { Vec::new() };
    let (entries, explained) = (OnceCell::new(), OnceCell::new());
    let context = Context {
        document,
        profile,
        entries: &entries,
        microsip,
        facts,
        readable_by_others,
        is_read_only: by.is_read_only,
        is_redirected: by.is_redirected,
        comments: &comments,
        explained: &explained,
    };
    let mut findings = Vec::new();
    let asked = RULES.iter().zip(&rules::SIGNS).filter(|(_, asked)| signs.has(**asked));
    for rule in asked.map(|(rule, _)| rule).filter(|rule| selection.has(rule)) {
        rule.check(context, &mut findings);
    }
    findings.sort_by_key(Finding::line);
    safety::demote(document, microsip, &mut findings);
    if comments.is_empty() && suppress.is_empty() {
        return Judged { findings, suppressed: Vec::new() };
    }
    suppression::part(findings, &comments, suppress, selection)
}

/// Returns the entries that MicroSIP looks at, each with its row of the table, if it has one.
fn entries<'d>(profile: Profile<'d>) -> Vec<(Place<'d>, Option<&'static Key>)> {
    let mut entries = Vec::with_capacity(profile.document().lines().len());
    for section in profile.counting_sections() {
        let Some(known) = Section::of(&section.name()) else { continue };
        let row = |entry: Entry<'_>| {
            // Longer than any key.
            let mut letters = [0; 64];
            let key = profile.document().ascii(entry.key_span(), &mut letters)?;
            schema::row_of(known, key).map(|(_, row)| row)
        };
        let counting = section.counting_entries().into_iter();
        entries.extend(counting.map(|entry| ((section, entry), row(entry))));
    }
    entries
}

/// Mends what a check finds, again and again until nothing is left that may be mended: by safe fixes, or by unsafe
/// ones, too.
pub fn mend(document: &Document, by: Check<'_>, at_most: Safety) -> Mended {
    mend::mend(document, by.microsip, at_most, |document| check(document, by))
}
