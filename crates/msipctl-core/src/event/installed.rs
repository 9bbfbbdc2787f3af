//! The hooks in a file for each event: the command that MicroSIP starts, the directives, and the record of what msipctl
//! wrote.

use std::collections::HashSet;

use winini::profile::{Entry, Profile, SectionView};

use super::kind::Event;
use super::launcher::Launcher;

/// The section of commands and directives.
pub const SETTINGS: &str = "Settings";

/// The section in which msipctl records what it wrote. MicroSIP keeps unknown sections.
pub const RECORD: &str = "msipctl";

/// The hooks of a file.
#[derive(Debug, Clone, Copy)]
pub struct Hooks<'d> {
    profile: Profile<'d>,
}

/// The command that MicroSIP starts on an event: the value of `cmd<Event>`.
#[derive(Debug, Clone, Copy)]
pub struct Command<'d> {
    entry: Entry<'d>,
}

/// A directive: the value of `On<Event>` or `On<Event>.<n>`.
#[derive(Debug, Clone)]
pub struct InstalledDirective<'d> {
    /// The number. A key without a number has number 1.
    pub number: u32,
    /// The entry in `[Settings]`.
    pub entry: Entry<'d>,
}

/// The record of what msipctl wrote to a key of `[Settings]`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Record {
    /// The key in `[Settings]`.
    pub key: String,
    /// The template that the value comes from, [`Record::LAUNCHER`], or [`Record::CHAIN`].
    pub by: String,
    /// The previous value as it was written, or `None` if the key wasn't set.
    pub before: Option<String>,
    /// The value that was written, if it could be confused with a value from another source.
    pub wrote: Option<String>,
}

impl Record {
    /// Marks the launcher, which the templates of all directives write.
    pub const LAUNCHER: &'static str = "launcher";
    /// The mark of the launcher in early versions of msipctl.
    const LAUNCHER_BEFORE: &'static str = "bridge";
    /// Marks the previous command as a directive, which `--chain` writes.
    pub const CHAIN: &'static str = "chain";
    /// The key that records a section that msipctl created.
    pub const CREATED: &'static str = "created";
    /// The suffix of a key that records the previous value.
    pub const BEFORE: &'static str = ".before";
    /// The suffix of a key that records the written value.
    pub const WROTE: &'static str = ".wrote";
}

impl<'d> Hooks<'d> {
    /// Creates the hooks of a file.
    pub fn new(profile: Profile<'d>) -> Self {
        Self { profile }
    }

    /// Returns the view of the file.
    pub fn profile(self) -> Profile<'d> {
        self.profile
    }

    /// Returns the command of an event, or `None` if it's missing or empty.
    pub fn command(self, event: Event) -> Option<Command<'d>> {
        let entry = self.profile.entry(SETTINGS, event.key())?;
        (!entry.value().is_empty()).then_some(Command { entry })
    }

    /// Returns the directives of an event in the order in which they run.
    pub fn directives(self, event: Event) -> Vec<InstalledDirective<'d>> {
        let mut placed: Vec<InstalledDirective<'_>> = Vec::new();
        let mut seen = HashSet::new();
        let section = self.profile.section(SETTINGS);
        for entry in section.into_iter().flat_map(SectionView::entries) {
            match Event::of_directive(&entry.key()) {
                // Windows reads only the first key with a given name.
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

    /// Returns the records of the keys of an event: its directives in order, and then its command.
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
    /// Returns the entry.
    pub fn entry(self) -> Entry<'d> {
        self.entry
    }

    /// Returns the launcher, if the command is the launcher of this event.
    pub fn launcher(self, event: Event) -> Option<Launcher> {
        Launcher::parse(&self.entry.value()).filter(|launcher| launcher.event() == event)
    }
}
