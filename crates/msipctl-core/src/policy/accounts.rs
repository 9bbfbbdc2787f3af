//! Statements about each account, or about each account that matches: which of them apply to the accounts of a file.
//!
//! An account matches by the values that MicroSIP reads before the change, or by those that it reads after it. So a block can
//! change the key by which it finds an account, and later blocks find that account by the new value.

use std::borrow::Cow;
use std::collections::HashMap;
use std::fmt;
use std::sync::Arc;

use super::error::Error;
use super::item::{Expect, Item};
use super::location::Location;
use super::scope::{ANY_ACCOUNT, ResolvedMatch};
use super::sections::{ExpectedSection, SectionKind};
use microsip_schema::{SecretKeys, Section, Version};
use winini::profile::Profile;

/// A statement about each account that matches.
#[derive(Debug, Clone)]
pub(super) struct AccountRule {
    pub(super) kind: RuleKind,
    /// Which accounts; `None` means each of them.
    pub(super) accounts: Option<Arc<ResolvedMatch>>,
    /// The position in the policy. The last one wins.
    pub(super) rank: usize,
    /// The rows that state it, if the file has several.
    pub(super) rows: Vec<Arc<str>>,
}

/// What a rule expects.
#[derive(Debug, Clone)]
pub(super) enum RuleKind {
    /// A value of a key.
    Key(Arc<Item>),
    /// The account as a whole.
    Section(SectionKind, Location),
}

// A value can be secret, so it isn't shown.
impl fmt::Debug for ResolvedMatch {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "ResolvedMatch({})", self.location)
    }
}

/// The rules of a policy, and its statements about single accounts, which override them.
pub(super) struct AccountRules<'p> {
    rules: &'p [AccountRule],
    /// The index in `matches` of each rule.
    indexes: Vec<Option<usize>>,
    matches: Vec<&'p ResolvedMatch>,
    stated: HashMap<(String, String), &'p Item>,
    sections: &'p [ExpectedSection],
    /// The accounts that the policy adds.
    added: Vec<&'p str>,
    microsip: Version,
}

/// The statements about the accounts of a file.
#[derive(Default)]
pub(super) struct SelectedAccounts {
    pub(super) items: Vec<Item>,
    pub(super) sections: Vec<ExpectedSection>,
    /// For people: each `match` that no account has.
    pub(super) notes: Vec<String>,
    /// Why the file can't be made to match the policy.
    pub(super) problem: Option<Error>,
}

impl<'p> AccountRules<'p> {
    pub(super) fn new(
        rules: &'p [AccountRule],
        items: &'p [Arc<Item>],
        sections: &'p [ExpectedSection],
        microsip: Version,
    ) -> Self {
        let mut matches: Vec<&ResolvedMatch> = Vec::new();
        let mut index = |accounts: &'p ResolvedMatch| {
            matches.iter().position(|other| *other == accounts).unwrap_or_else(|| {
                matches.push(accounts);
                matches.len() - 1
            })
        };
        let indexes = rules.iter().map(|rule| rule.accounts.as_deref().map(&mut index)).collect();
        let of_accounts =
            items.iter().filter(|item| Section::of(&item.section) == Some(Section::Account));
        let stated = of_accounts.clone().map(|item| (folded(&item.section, &item.key), &**item));
        let mut added: Vec<&str> = Vec::new();
        for item in of_accounts {
            if matches!(item.expect, Expect::Value(_) | Expect::Default(_))
                && !added.iter().any(|name| name.eq_ignore_ascii_case(&item.section))
            {
                added.push(&item.section);
            }
        }
        Self { rules, indexes, matches, stated: stated.collect(), sections, added, microsip }
    }

    /// Returns the statements about the accounts of a file.
    pub(super) fn select(&self, profile: Profile<'_>, secrets: &SecretKeys) -> SelectedAccounts {
        let mut selected = SelectedAccounts::default();
        let mut is_found = vec![false; self.matches.len()];
        for name in self.names(profile) {
            let before = |key: &str| profile.get(&name, key).map(Cow::into_owned);
            let mut active = vec![false; self.matches.len()];
            if profile.section(&name).is_some() {
                self.add_matches(&mut active, before);
            }
            self.complete(&name, &mut active, before);
            is_found.iter_mut().zip(&active).for_each(|(found, active)| *found |= active);
            let stated = self.sections.iter().find(|it| it.section.eq_ignore_ascii_case(&name));
            let of_rule = || {
                let (kind, origin) = self.applicable(&active).rev().find_map(|rule| {
                    let RuleKind::Section(kind, origin) = &rule.kind else { return None };
                    Some((*kind, origin.clone()))
                })?;
                Some(ExpectedSection { section: name.clone(), kind, origin })
            };
            let section = stated.cloned().or_else(of_rule);
            let is_absent = section.as_ref().is_some_and(|it| it.kind == SectionKind::Absent);
            selected.sections.extend(section.filter(|_| stated.is_none()));
            if is_absent {
                continue;
            }
            let problem =
                || self.conflict(&name, &active).or_else(|| self.unstable(&name, &active, before));
            if selected.problem.is_none() {
                selected.problem = problem();
            }
            for key in self.keys(&active) {
                if !self.stated.contains_key(&folded(&name, key))
                    && let Some(item) = self.expected(&name, key, &active)
                {
                    selected.items.push(Item { section: name.clone(), ..item.clone() });
                }
            }
        }
        let missing = self.matches.iter().zip(is_found).filter(|(_, is_found)| !is_found);
        selected.notes = missing
            .map(|(accounts, _)| {
                format!("no account has {} ({})", accounts.shown(secrets), accounts.location)
            })
            .collect();
        selected
    }

    /// Returns the accounts that a file has, and those that the policy adds.
    fn names(&self, profile: Profile<'_>) -> Vec<String> {
        let sections = profile.counting_sections().map(|section| section.name().into_owned());
        let mut names: Vec<_> =
            sections.filter(|name| Section::of(name) == Some(Section::Account)).collect();
        for added in &self.added {
            if !names.iter().any(|name| name.eq_ignore_ascii_case(added)) {
                names.push((*added).to_owned());
            }
        }
        names
    }

    /// Adds each `match` that an account with these values has, and returns whether there is a new one.
    fn add_matches(&self, active: &mut [bool], value: impl Fn(&str) -> Option<String>) -> bool {
        let read = |key: &str| {
            let default = || {
                microsip_schema::find(ANY_ACCOUNT, key)?.default(self.microsip).map(str::to_owned)
            };
            value(key).or_else(default).unwrap_or_default()
        };
        let mut is_new = false;
        for (accounts, active) in self.matches.iter().zip(active) {
            if !*active && accounts.holds(read) {
                *active = true;
                is_new = true;
            }
        }
        is_new
    }

    /// Adds each `match` that an account has after the change. A new one can change the account again.
    fn complete(&self, name: &str, active: &mut [bool], before: impl Fn(&str) -> Option<String>) {
        loop {
            let known = active.to_vec();
            if !self.add_matches(active, |key| self.after(name, key, &known, &before)) {
                break;
            }
        }
    }

    /// Returns the value of a key after the change.
    fn after(
        &self,
        name: &str,
        key: &str,
        active: &[bool],
        before: impl Fn(&str) -> Option<String>,
    ) -> Option<String> {
        let value = before(key);
        match self.expected(name, key, active).map(|item| &item.expect) {
            Some(Expect::Value(expected)) => Some(expected.clone()),
            Some(Expect::Default(_)) if value.as_ref().is_some_and(|it| !it.is_empty()) => value,
            Some(Expect::Default(expected)) => Some(expected.clone()),
            Some(Expect::Absent) => None,
            _ => value,
        }
    }

    /// Returns the rules that apply to an account.
    fn applicable<'s>(
        &'s self,
        active: &'s [bool],
    ) -> impl DoubleEndedIterator<Item = &'p AccountRule> + 's {
        let is_active = |index: &Option<usize>| {
            index.is_none_or(|index| active.get(index).copied().unwrap_or_default())
        };
        let rules = self.rules.iter().zip(&self.indexes);
        rules.filter(move |(_, index)| is_active(index)).map(|(rule, _)| rule)
    }

    /// Returns the statements about a key of an account that apply.
    fn about<'s>(
        &'s self,
        key: &'s str,
        active: &'s [bool],
    ) -> impl Iterator<Item = (&'p AccountRule, &'p Item)> + 's {
        self.applicable(active).filter_map(move |rule| match &rule.kind {
            RuleKind::Key(item) if item.key.eq_ignore_ascii_case(key) => Some((rule, &**item)),
            _ => None,
        })
    }

    /// Returns the keys that rules for an account state, in the order of the policy.
    fn keys(&self, active: &[bool]) -> Vec<&'p str> {
        let mut keys: Vec<&str> = Vec::new();
        for rule in self.applicable(active) {
            let RuleKind::Key(item) = &rule.kind else { continue };
            if !keys.iter().any(|key| key.eq_ignore_ascii_case(&item.key)) {
                keys.push(&item.key);
            }
        }
        keys
    }

    /// Returns the statement about a key of an account: the one about the single account, or else the last one.
    fn expected(&self, name: &str, key: &str, active: &[bool]) -> Option<&'p Item> {
        let stated = self.stated.get(&folded(name, key)).copied();
        let last = || self.about(key, active).max_by_key(|(rule, _)| rule.rank);
        stated.or_else(|| last().map(|(_, item)| item))
    }

    /// Returns the error if two rows state different values for an account that both select.
    fn conflict(&self, name: &str, active: &[bool]) -> Option<Error> {
        if self.rules.iter().all(|rule| rule.rows.is_empty()) {
            return None;
        }
        for key in self.keys(active) {
            if self.stated.contains_key(&folded(name, key)) {
                continue;
            }
            let mut of_rows: HashMap<&Arc<str>, (usize, &Item)> = HashMap::new();
            let (mut first, mut rows) = (None::<(&Arc<str>, &Item)>, Vec::new());
            for (rule, item) in self.about(key, active) {
                for row in &rule.rows {
                    match of_rows.get(row) {
                        Some((rank, _)) if *rank > rule.rank => {}
                        known => {
                            if known.is_none() {
                                rows.push(row);
                            }
                            of_rows.insert(row, (rule.rank, item));
                        }
                    }
                }
            }
            for row in rows {
                let Some((_, item)) = of_rows.get(row) else { continue };
                match first {
                    Some((other, stated)) if stated.contradicts(item) => {
                        return Some(row_conflict(other, row, name, key, &item.origin));
                    }
                    Some(_) => {}
                    None => first = Some((row, item)),
                }
            }
        }
        None
    }

    /// Returns the error if the policy would change the account again after it was applied.
    fn unstable(
        &self,
        name: &str,
        active: &[bool],
        before: impl Fn(&str) -> Option<String>,
    ) -> Option<Error> {
        if self.matches.is_empty() {
            return None;
        }
        let after = |key: &str| self.after(name, key, active, &before);
        let mut again = vec![false; self.matches.len()];
        self.add_matches(&mut again, after);
        self.complete(name, &mut again, after);
        for key in self.keys(&again) {
            let value = after(key);
            let item = self.expected(name, key, &again)?;
            let is_same = match &item.expect {
                Expect::Value(expected) => value.as_ref() == Some(expected),
                Expect::Default(expected) => {
                    expected.is_empty() || value.is_some_and(|it| !it.is_empty())
                }
                Expect::Absent => value.is_none(),
                _ => true,
            };
            if !is_same {
                let message = format!(
                    "`match` selects `[{name}]` only before the change, so the next `apply` would change `{key}` again"
                );
                let hint =
                    "test a key that the policy doesn't change, or state the key in only one block";
                return Some(Error::new(&item.origin, message).with_hint(hint));
            }
        }
        None
    }
}

/// Creates the error that two rows about the same file state different values.
pub(super) fn row_conflict(
    first: &str,
    row: &str,
    section: &str,
    key: &str,
    origin: &Location,
) -> Error {
    let message = format!(
        "the rows {first} and {row} name the same file, but state different values for `{section}.{key}`"
    );
    let hint = "if each row is an account, name it in the section, for example `[\"Account{{ row.account }}\"]`";
    Error::new(origin, message).with_hint(hint)
}

fn folded(section: &str, key: &str) -> (String, String) {
    (section.to_ascii_lowercase(), key.to_ascii_lowercase())
}
