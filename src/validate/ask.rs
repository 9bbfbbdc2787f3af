//! What several rules ask of a file: the keys that the version aimed at reads, settings, and accounts.

use std::borrow::Cow;
use std::ops::Range;

use super::Context;
use super::rule::Place;
use crate::event::SETTINGS;
use crate::ini::Edit;
use crate::profile::SectionView;
use crate::schema::{self, Availability, Key, account_number};

impl<'d> Context<'d> {
    /// Returns the entries that the version aimed at reads, with their row of the table, unless they are empty: an
    /// empty value is what MicroSIP itself writes for "nothing chosen".
    pub(super) fn filled(self) -> impl Iterator<Item = (Place<'d>, &'static Key)> {
        self.rows().filter(move |((_, entry), key)| {
            key.available(self.microsip) == Availability::Yes && !entry.is_empty()
        })
    }

    /// Returns the entries whose key is in the table, with its row.
    pub(super) fn rows(self) -> impl Iterator<Item = (Place<'d>, &'static Key)> {
        self.entries_and_rows().iter().filter_map(|(place, row)| Some((*place, (*row)?)))
    }

    /// Returns the entry of a setting that the version aimed at reads.
    pub(super) fn setting(self, key: &str) -> Option<Place<'d>> {
        let row = schema::find(SETTINGS, key)?;
        if row.available(self.microsip) != Availability::Yes {
            return None;
        }
        let section = self.profile.section(SETTINGS)?;
        Some((section, section.entry(key)?))
    }

    /// Says whether a setting is on: by its value, or by its default where it is missing.
    pub(super) fn is_on(self, key: &str) -> bool {
        let Some(row) = schema::find(SETTINGS, key) else { return false };
        let value = self.profile.get(SETTINGS, key);
        let value = value.as_deref().or_else(|| row.default(self.microsip)).unwrap_or_default();
        row.switch_on(value, self.microsip).unwrap_or_default()
    }

    /// Returns the edit that gives an entry's line another key, and another value if one is given; `None` if its bytes
    /// are no text, as they could not be kept then.
    pub(super) fn rewritten(
        self,
        place: Place<'d>,
        key: &str,
        value: Option<&str>,
    ) -> Option<Edit> {
        let (document, index) = (self.document, place.1.line());
        let line = document.line(index);
        let text = |range: Range<usize>| document.encoding().decode_exact(&document.bytes()[range]);
        let (whole, name, old) =
            (line.content().range(), line.name().range(), line.value().range());
        let before = text(whole.start..name.start)?;
        let between = text(name.end..old.start)?;
        let written = text(old.clone())?;
        let behind = text(old.end..whole.end)?;
        let value = value.unwrap_or(&written);
        Some(Edit::ReplaceLine {
            line: index,
            text: format!("{before}{key}{between}{value}{behind}"),
        })
    }

    /// Returns the edit that takes away what stands behind an entry's value, blanks that nobody reads.
    pub(super) fn rewritten_without_tail(self, place: Place<'d>) -> Option<Edit> {
        let (document, index) = (self.document, place.1.line());
        let line = document.line(index);
        let range = line.content().start()..line.value().range().end;
        let text = document.encoding().decode_exact(&document.bytes()[range])?;
        Some(Edit::ReplaceLine { line: index, text: text.into_owned() })
    }

    /// Returns the accounts that have a section, but for the local one, in order of their numbers.
    pub(super) fn accounts(self) -> Vec<Account<'d>> {
        let of = |section: SectionView<'d>| {
            let number = account_number(&section.name()).filter(|number| *number > 0)?;
            Some(Account { number, section })
        };
        let mut accounts: Vec<_> = self.profile.counting_sections().filter_map(of).collect();
        accounts.sort_by_key(|account| account.number);
        accounts
    }

    /// Says whether `[Settings]` holds the account of 3.1.18, which newer versions move to `[Account1]`.
    pub(super) fn has_legacy_account(self) -> bool {
        ["domain", "server"]
            .iter()
            .any(|key| self.profile.get(SETTINGS, key).is_some_and(|value| !value.is_empty()))
    }
}

/// An account that has a section.
#[derive(Debug, Clone, Copy)]
pub(super) struct Account<'d> {
    pub(super) number: u32,
    pub(super) section: SectionView<'d>,
}

impl<'d> Account<'d> {
    /// Returns what Windows reads of a key; a missing one is empty.
    pub(super) fn get(self, key: &str) -> Cow<'d, str> {
        self.section.entry(key).map(crate::profile::Entry::value).unwrap_or_default()
    }

    /// Returns the entry of a key that is there and not empty.
    pub(super) fn filled(self, key: &str) -> Option<Place<'d>> {
        let entry = self.section.entry(key).filter(|entry| !entry.is_empty())?;
        Some((self.section, entry))
    }

    /// Says whether MicroSIP can load it: an account without domain does not exist.
    pub(super) fn loads(self) -> bool {
        !self.get("domain").is_empty()
    }

    /// Says whether it holds keys of a fork, which may know its domain from elsewhere.
    pub(super) fn is_of_fork(self) -> bool {
        let name = self.section.name();
        self.section.entries().any(|entry| {
            let row = schema::find(&name, &entry.key());
            row.is_some_and(|row| matches!(row.since(), schema::Since::Fork(_)))
        })
    }
}
