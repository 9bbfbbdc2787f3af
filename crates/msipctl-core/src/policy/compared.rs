//! The keys of a policy compared with a file, and what the keys of an account decide about each other.

use std::collections::HashMap;
use std::sync::Arc;

use super::item::{Expect, Item};
use super::password::Verdict;
use microsip_schema::Section;
use winini::profile::Entry;

/// An expected key, and its entry in a file.
pub(super) struct ComparedKey<'w, 'd> {
    pub(super) item: &'w Arc<Item>,
    pub(super) entry: Option<Entry<'d>>,
    pub(super) verdict: Verdict,
}

/// What the keys of each account decide about its other keys, by the name of the section in lower case.
#[derive(Default)]
pub(super) struct Accounts<'w>(HashMap<String, Account<'w>>);

#[derive(Default)]
struct Account<'w> {
    /// Whether the policy changes whose account it is.
    is_changed: bool,
    /// The first constraint that isn't met.
    guard: Option<&'w Item>,
}

impl<'w> Accounts<'w> {
    /// Evaluates the keys of all accounts.
    pub(super) fn of_all(compared: &[ComparedKey<'w, '_>]) -> Self {
        let is_whose = |key: &str| {
            ["username", "server", "domain"].iter().any(|whose| key.eq_ignore_ascii_case(whose))
        };
        let mut accounts = Self::default();
        for ComparedKey { item, verdict, .. } in compared {
            let is_constraint =
                !item.is_written() && !matches!(item.expect, Expect::Unavailable(_));
            let is_guard = is_constraint && Section::of(&item.section) == Some(Section::Account);
            let is_owner = item.is_written() && is_whose(&item.key);
            if (is_guard || is_owner) && *verdict == Verdict::Wrong {
                let account = accounts.0.entry(item.section.to_ascii_lowercase()).or_default();
                account.is_changed |= is_owner;
                if is_guard && account.guard.is_none() {
                    account.guard = Some(&***item);
                }
            }
        }
        accounts
    }

    fn of(&self, item: &Item) -> Option<&Account<'w>> {
        if self.0.is_empty() { None } else { self.0.get(&item.section.to_ascii_lowercase()) }
    }

    /// Returns the verdict in view of the other keys of an account: an encrypted password is wrong if the policy changes whose
    /// account it is.
    pub(super) fn settled(&self, item: &Item, found: Verdict) -> Verdict {
        let is_open = found == Verdict::Unknown && item.is_written();
        match is_open && self.of(item).is_some_and(|account| account.is_changed) {
            true => Verdict::Wrong,
            false => found,
        }
    }

    /// Returns the constraint that isn't met in the account of a key, if there is one.
    pub(super) fn guard(&self, item: &Item) -> Option<&'w Item> {
        self.of(item)?.guard
    }
}
