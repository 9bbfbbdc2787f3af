//! The data that rules query: the document, the target version, the entries that MicroSIP reads, settings, and accounts.

use std::borrow::Cow;
use std::cell::OnceCell;
use std::ops::Range;

use super::comment::Comment;
use super::features::FeatureSet;
use super::table::{LineFacts, LineTable};
use crate::event::{self, Call, Event, Explanation, Facts, InstalledDirective, SETTINGS};
use microsip_schema::{Availability, Key, Section, Version, account_number};
use winini::profile::{Entry, Profile, SectionView};
use winini::{Document, Edit};

/// An entry and its section.
pub(super) type EntryLocation<'d> = (SectionView<'d>, Entry<'d>);

/// The data of a check that rules query.
#[derive(Clone, Copy)]
pub(super) struct Context<'d> {
    pub(super) document: &'d Document,
    pub(super) profile: Profile<'d>,
    pub(super) table: &'d LineTable,
    pub(super) microsip: Version,
    pub(super) facts: &'d dyn Facts,
    pub(super) readable_by_others: &'d dyn Fn() -> Option<bool>,
    pub(super) is_read_only: bool,
    pub(super) is_redirected: bool,
    pub(super) comments: &'d [Comment],
    /// Initialized when a rule first needs it, because it requires queries about the PC.
    pub(super) explained: &'d OnceCell<Vec<Explained<'d>>>,
}

/// The effect of the command and directives of an event.
pub(super) struct Explained<'d> {
    pub(super) event: Event,
    /// The command, or the first directive if there is no command.
    pub(super) place: EntryLocation<'d>,
    /// Its texts may contain secrets.
    pub(super) explanation: Explanation,
}

impl<'d> Context<'d> {
    /// Returns the facts about a line.
    fn line(self, line: usize) -> Option<&'d LineFacts> {
        self.table.lines().get(line)
    }

    /// Returns the entries that MicroSIP looks up and that have one of these features: in sections it reads, the first of
    /// each key.
    pub(super) fn entries_with(
        self,
        features: FeatureSet,
    ) -> impl Iterator<Item = (EntryLocation<'d>, Option<&'static Key>)> {
        let lines = self.table.having(features);
        lines.filter_map(move |line| self.counted(line))
    }

    /// Returns whether a line is an entry that Windows reads: the first with its key, in the first section with its name.
    pub(super) fn is_counted(self, line: usize) -> bool {
        self.line(line).is_some_and(LineFacts::is_counted)
    }

    /// Returns the entry in a line and its key, if MicroSIP looks it up: in a section it reads, and the first with its key.
    pub(super) fn counted(self, line: usize) -> Option<(EntryLocation<'d>, Option<&'static Key>)> {
        let facts = self.line(line)?;
        let is_read = facts.is_counted() && facts.is_in_known_section();
        is_read.then(|| Some((self.profile.entry_at(line)?, facts.key())))?
    }

    /// Returns whether the target version reads a key.
    pub(super) fn reads(self, key: &Key) -> bool {
        key.available(self.microsip) == Availability::Yes
    }

    /// Returns the entry of a setting that the target version reads.
    pub(super) fn setting(self, key: &str) -> Option<EntryLocation<'d>> {
        let (row, known) = microsip_schema::row_of(Section::Settings, key.as_bytes())?;
        let line = self.table.line_of(row).filter(|_| self.reads(known))?;
        self.profile.entry_at(line)
    }

    /// Returns whether a setting is on: by its value, or by its default if it's missing.
    pub(super) fn is_on(self, key: &str) -> bool {
        let Some(row) = microsip_schema::find(SETTINGS, key) else { return false };
        let value = self.profile.get(SETTINGS, key);
        let value = value.as_deref().or_else(|| row.default(self.microsip)).unwrap_or_default();
        row.switch_on(value, self.microsip).unwrap_or_default()
    }

    /// Returns whether other users can read the file. `None` if that is unknown.
    pub(super) fn readable_by_others(self) -> Option<bool> {
        (self.readable_by_others)()
    }

    /// Returns the edit that replaces the key of an entry, and its value if one is given. `None` if its bytes aren't valid
    /// text, because the edit couldn't preserve them.
    pub(super) fn rewritten(
        self,
        location: EntryLocation<'_>,
        key: &str,
        value: Option<&str>,
    ) -> Option<Edit> {
        let (document, index) = (self.document, location.1.line());
        let line = document.line(index);
        let text = |range: Range<usize>| document.encoding().decode_exact(&document.bytes()[range]);
        let (content, name, old) =
            (line.content().range(), line.name().range(), line.value().range());
        let before = text(content.start..name.start)?;
        let between = text(name.end..old.start)?;
        let written = text(old.clone())?;
        let after = text(old.end..content.end)?;
        let value = value.unwrap_or(&written);
        Some(Edit::ReplaceLine {
            line: index,
            text: format!("{before}{key}{between}{value}{after}"),
        })
    }

    /// Returns the edit that removes the whitespace after the value of an entry, which Windows strips.
    pub(super) fn rewritten_without_suffix(self, location: EntryLocation<'_>) -> Option<Edit> {
        let (document, index) = (self.document, location.1.line());
        let line = document.line(index);
        let range = line.content().start()..line.value().range().end;
        let text = document.encoding().decode_exact(&document.bytes()[range])?;
        Some(Edit::ReplaceLine { line: index, text: text.into_owned() })
    }

    /// Returns the accounts that have a section, except the local one, sorted by number.
    pub(super) fn accounts(self) -> Vec<Account<'d>> {
        let mut accounts: Vec<_> =
            self.profile.counting_sections().filter_map(Account::of).collect();
        accounts.sort_by_key(|account| account.number);
        accounts
    }

    /// Returns whether `[Settings]` contains the account of 3.1.18, which newer versions move to `[Account1]`.
    pub(super) fn has_legacy_account(self) -> bool {
        ["domain", "server"]
            .iter()
            .any(|key| self.profile.get(SETTINGS, key).is_some_and(|value| !value.is_empty()))
    }

    /// Returns the entry of an event's command, unless it is missing or empty.
    pub(super) fn command(self, event: Event) -> Option<Entry<'d>> {
        let (row, _) = microsip_schema::row_of(Section::Settings, event.key().as_bytes())?;
        let (_, entry) = self.profile.entry_at(self.table.line_of(row)?)?;
        (!entry.is_empty()).then_some(entry)
    }

    /// Returns the entries of directives in `[Settings]`, including duplicates of a key, with their events and numbers.
    pub(super) fn directive_entries(self) -> impl Iterator<Item = (Event, InstalledDirective<'d>)> {
        let body = self.profile.section(SETTINGS).map(|section| section.place().body());
        let lines = self.table.hooks();
        let lines = lines.filter(move |line| body.as_ref().is_some_and(|it| it.contains(line)));
        lines.filter_map(move |line| {
            let (_, entry) = self.profile.entry_at(line)?;
            let (event, number) = Event::of_directive(&entry.key())?;
            Some((event, InstalledDirective { number, entry }))
        })
    }

    /// Returns the directives of an event in the order they run.
    pub(super) fn directives(self, event: Event) -> Vec<InstalledDirective<'d>> {
        let of_event = self.directive_entries().filter(|(of, _)| *of == event);
        let mut placed: Vec<_> = of_event.map(|(_, placed)| placed).collect();
        // Only the first of duplicate keys counts.
        placed.sort_by_key(|placed| placed.number);
        placed.dedup_by_key(|placed| placed.number);
        placed
    }

    /// Returns what MicroSIP and msipctl do on each event that has a command or a directive.
    pub(super) fn explained(self) -> &'d [Explained<'d>] {
        self.explained.get_or_init(|| {
            let Some(section) = self.profile.section(SETTINGS) else { return Vec::new() };
            Event::ALL.iter().filter_map(|it| self.explain(section, *it)).collect()
        })
    }

    fn explain(self, section: SectionView<'d>, event: Event) -> Option<Explained<'d>> {
        let command = self.command(event);
        let placed = self.directives(event);
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
}

/// An account that has a section.
#[derive(Debug, Clone, Copy)]
pub(super) struct Account<'d> {
    pub(super) number: u32,
    pub(super) section: SectionView<'d>,
}

impl<'d> Account<'d> {
    /// Returns the account of a section. `None` for the local account and other sections.
    pub(super) fn of(section: SectionView<'d>) -> Option<Self> {
        let number = account_number(&section.name()).filter(|number| *number > 0)?;
        Some(Self { number, section })
    }

    /// Returns the value of a key as Windows reads it. Empty if the key is missing.
    pub(super) fn get(self, key: &str) -> Cow<'d, str> {
        self.section.entry(key).map(Entry::value).unwrap_or_default()
    }

    /// Returns the entry of a key, unless it's missing or empty.
    pub(super) fn filled(self, key: &str) -> Option<EntryLocation<'d>> {
        let entry = self.section.entry(key).filter(|entry| !entry.is_empty())?;
        Some((self.section, entry))
    }

    /// Returns whether MicroSIP can load it, which requires a domain.
    pub(super) fn loads(self) -> bool {
        !self.get("domain").is_empty()
    }

    /// Returns whether it has keys of a fork, which may get its domain from another source.
    pub(super) fn is_of_fork(self) -> bool {
        let name = self.section.name();
        self.section.entries().any(|entry| {
            let row = microsip_schema::find(&name, &entry.key());
            row.is_some_and(|row| matches!(row.since(), microsip_schema::Since::Fork(_)))
        })
    }
}

/// Parses a number as MicroSIP does. Negative numbers become 0.
pub(super) fn leading_number(value: &str) -> u64 {
    let number = microsip_schema::leading_number(value).0;
    number.and_then(|number| number.try_into().ok()).unwrap_or_default()
}
