//! What is wrong with a file: rules, and the findings they return. Nothing here prints or writes.
//!
//! A rule is a file in `rules/`: its page, its declaration, its check and its tests. One slice lists
//! them all, and tests walk it.

mod finding;
mod rule;
mod rules;

pub use finding::{Finding, Severity};
pub use rule::Rule;
pub use rules::RULES;

use crate::event::{Event, Hooks, SETTINGS};
use crate::ini::Document;
use crate::profile::{Profile, SectionView};
use crate::schema::{Section, Version};
use rule::Place;

/// What a rule looks at.
#[derive(Debug, Clone, Copy)]
pub struct Context<'d> {
    document: &'d Document,
    profile: Profile<'d>,
    microsip: Version,
}

impl<'d> Context<'d> {
    /// Returns the entries that MicroSIP looks at: of sections it reads, the first of each key.
    fn entries(self) -> impl Iterator<Item = Place<'d>> {
        let known = |section: &SectionView<'_>| Section::of(&section.name()).is_some();
        self.profile.counting_sections().filter(known).flat_map(|section| {
            section.counting_entries().into_iter().map(move |entry| (section, entry))
        })
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

/// Checks a file against all rules. The findings come in the order of their lines.
///
/// # Example
///
/// ```
/// use msipctl::ini::{Document, Encoding};
/// use msipctl::schema::Version;
/// use msipctl::validate::check;
///
/// let document = Document::parse(b"[Settings]\nsingleMod=1\n".to_vec(), Encoding::Ascii);
/// let findings = check(&document, Version::NEWEST);
/// assert_eq!(findings[0].rule(), "unknown-key");
/// assert_eq!(findings[0].help(), Some("did you mean `singleMode`?"));
/// ```
pub fn check(document: &Document, microsip: Version) -> Vec<Finding> {
    let context = Context { document, profile: Profile::new(document), microsip };
    let mut findings = Vec::new();
    for rule in RULES {
        rule.check(context, &mut findings);
    }
    findings.sort_by_key(Finding::line);
    findings
}
