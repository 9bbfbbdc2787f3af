//! What a file holds for each event: the command MicroSIP starts, the directives, and the record of
//! what msipctl wrote.

use std::collections::HashSet;

use winini::profile::{Entry, Profile, SectionView};

use super::kind::Event;
use super::launcher::Launcher;

/// The section in which commands and directives stand.
pub const SETTINGS: &str = "Settings";

/// The section in which msipctl records what it wrote. MicroSIP keeps sections it does not know.
pub const RECORD: &str = "msipctl";

/// The hooks of one file.
#[derive(Debug, Clone, Copy)]
pub struct Hooks<'d> {
    profile: Profile<'d>,
}

/// The command that MicroSIP starts on an event: the value of `cmd<Event>`.
#[derive(Debug, Clone, Copy)]
pub struct Command<'d> {
    entry: Entry<'d>,
}

/// One directive: the value of `On<Event>` or `On<Event>.<n>`.
#[derive(Debug, Clone)]
pub struct InstalledDirective<'d> {
    /// Its number; the key without a number is 1.
    pub number: u32,
    /// Its entry in `[Settings]`.
    pub entry: Entry<'d>,
}

/// What msipctl wrote into a key of `[Settings]`, as recorded.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Record {
    /// The key in `[Settings]`.
    pub key: String,
    /// The template that it comes from, [`Record::LAUNCHER`] or [`Record::CHAIN`].
    pub by: String,
    /// How the value stood written before; `None` when the key was not set.
    pub before: Option<String>,
    /// The value that was written, where it could be mistaken for somebody else's.
    pub wrote: Option<String>,
}

impl Record {
    /// Written by every directive's template: the launcher.
    pub const LAUNCHER: &'static str = "launcher";
    /// How early versions of msipctl recorded the launcher.
    const LAUNCHER_BEFORE: &'static str = "bridge";
    /// Written by `--chain`: the command that stood there before, as a directive.
    pub const CHAIN: &'static str = "chain";
    /// The key that records a section msipctl created.
    pub const CREATED: &'static str = "created";
    /// Behind a key: how its value stood before.
    pub const BEFORE: &'static str = ".before";
    /// Behind a key: what was written.
    pub const WROTE: &'static str = ".wrote";
}

impl<'d> Hooks<'d> {
    /// Looks at a file.
    pub fn new(profile: Profile<'d>) -> Self {
        Self { profile }
    }

    /// Returns the view of the file.
    pub fn profile(self) -> Profile<'d> {
        self.profile
    }

    /// Returns the command of an event, unless it is missing or empty.
    pub fn command(self, event: Event) -> Option<Command<'d>> {
        let entry = self.profile.entry(SETTINGS, event.key())?;
        (!entry.value().is_empty()).then_some(Command { entry })
    }

    /// Returns the directives of an event in the order they run.
    pub fn directives(self, event: Event) -> Vec<InstalledDirective<'d>> {
        let mut placed: Vec<InstalledDirective<'_>> = Vec::new();
        let mut seen = HashSet::new();
        let section = self.profile.section(SETTINGS);
        for entry in section.into_iter().flat_map(SectionView::entries) {
            match Event::of_directive(&entry.key()) {
                // Of like keys the first counts.
                Some((of, number)) if of == event && seen.insert(number) => {
                    placed.push(InstalledDirective { number, entry });
                }
                _ => {}
            }
        }
        placed.sort_by_key(|placed| placed.number);
        placed
    }

    /// Returns the record of a key.
    pub fn record(self, key: &str) -> Option<Record> {
        let get = |suffix: &str| {
            let value = self.profile.get(RECORD, &format!("{key}{suffix}"));
            value.map(std::borrow::Cow::into_owned)
        };
        Some(Record {
            key: key.to_owned(),
            by: match get("")? {
                by if by == Record::LAUNCHER_BEFORE => Record::LAUNCHER.to_owned(),
                by => by,
            },
            before: get(Record::BEFORE),
            wrote: get(Record::WROTE),
        })
    }

    /// Returns the records of an event's keys: its directives in order, then its command.
    pub fn records(self, event: Event) -> Vec<Record> {
        let section = self.profile.section(RECORD);
        let keys = section.into_iter().flat_map(SectionView::entries);
        let mut numbers: Vec<u32> = keys
            .filter_map(|entry| Event::of_directive(&entry.key()))
            .filter(|(of, _)| *of == event)
            .map(|(_, number)| number)
            .collect();
        numbers.sort_unstable();
        numbers.dedup();
        let keys = numbers.into_iter().map(|number| event.directive_key(number));
        keys.chain([event.key().to_owned()]).filter_map(|key| self.record(&key)).collect()
    }
}

impl<'d> Command<'d> {
    /// Returns its entry.
    pub fn entry(self) -> Entry<'d> {
        self.entry
    }

    /// Returns the launcher, if the command is one for this event.
    pub fn launcher(self, event: Event) -> Option<Launcher> {
        Launcher::parse(&self.entry.value()).filter(|launcher| launcher.event() == event)
    }
}
