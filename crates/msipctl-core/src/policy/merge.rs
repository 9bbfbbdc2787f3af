//! The policy for a file that several rows of an inventory name.

use std::collections::HashMap;
use std::collections::hash_map::Entry;
use std::sync::Arc;

use super::accounts::{AccountRule, RuleKind, row_conflict};
use super::error::Error;
use super::expected_hook::ExpectedHook;
use super::item::{Expect, Item};
use super::resolved::ResolvedPolicy;
use super::sections::ExpectedSection;

/// What the rows up to now state.
#[derive(Default)]
pub(super) struct Merging {
    policy: ResolvedPolicy,
    /// The index and the row of each key, by section and key in lower case.
    items: HashMap<(String, String), (usize, Arc<str>)>,
    /// The row of each hook.
    hooks: Vec<Arc<str>>,
    sections: Vec<Arc<str>>,
}

impl Merging {
    /// Adds what a row states.
    ///
    /// # Errors
    ///
    /// Returns an error if another row states something else. It names both rows, and doesn't show values.
    pub(super) fn add(&mut self, row: &str, policy: &ResolvedPolicy) -> Result<(), Error> {
        let row: Arc<str> = row.into();
        self.policy.microsip = policy.microsip;
        self.policy.secrets.extend(&policy.secrets);
        policy.items.iter().try_for_each(|item| self.item(item, &row))?;
        policy.account_rules.iter().try_for_each(|rule| self.rule(rule, &row))?;
        policy.hooks.iter().try_for_each(|hook| self.hook(hook, &row))?;
        for section in &policy.sections {
            let name = &section.section;
            let known = |it: &ExpectedSection| it.section.eq_ignore_ascii_case(name);
            match self.policy.sections.iter().position(known) {
                Some(index) if self.policy.sections[index].kind != section.kind => {
                    let message = format!(
                        "the rows {} and {row} name the same file, but one removes `[{name}]`, and the other replaces it",
                        self.sections[index]
                    );
                    return Err(Error::new(&section.origin, message));
                }
                Some(_) => {}
                None => {
                    self.policy.sections.push(section.clone());
                    self.sections.push(row.clone());
                }
            }
        }
        Ok(())
    }

    /// Returns the policy of all rows.
    ///
    /// # Errors
    ///
    /// Returns an error if one row states the keys of an event, and another one a hook.
    pub(super) fn finish(self) -> Result<ResolvedPolicy, Error> {
        let Self { policy, items, hooks, .. } = self;
        for item in policy.items.iter().filter(|item| item.is_written()) {
            let Some(index) = policy.hook_of(&item.section, &item.key) else { continue };
            let name = (item.section.to_ascii_lowercase(), item.key.to_ascii_lowercase());
            let row = items.get(&name).map_or("", |(_, row)| row);
            let message = format!(
                "the rows {row} and {} name the same file, but one states `{}`, and the other a hook that writes it",
                hooks[index], item.key
            );
            return Err(Error::new(&item.origin, message));
        }
        Ok(policy)
    }

    fn item(&mut self, item: &Arc<Item>, row: &Arc<str>) -> Result<(), Error> {
        let name = (item.section.to_ascii_lowercase(), item.key.to_ascii_lowercase());
        match self.items.entry(name) {
            Entry::Vacant(place) => {
                place.insert((self.policy.items.len(), row.clone()));
                self.policy.items.push(item.clone());
            }
            Entry::Occupied(mut place) => {
                let (index, first) = place.get().clone();
                let known = &mut self.policy.items[index];
                if known.contradicts(item) {
                    let Item { section, key, origin, .. } = &**item;
                    return Err(row_conflict(&first, row, section, key, origin));
                }
                if matches!(known.expect, Expect::Unavailable(_)) {
                    *known = item.clone();
                    place.insert((index, row.clone()));
                }
            }
        }
        Ok(())
    }

    fn rule(&mut self, rule: &AccountRule, row: &Arc<str>) -> Result<(), Error> {
        for known in &mut self.policy.account_rules {
            if known.rank != rule.rank || known.accounts != rule.accounts {
                continue;
            }
            let first = known.rows.first().cloned().unwrap_or_default();
            match (&known.kind, &rule.kind) {
                (RuleKind::Key(known), RuleKind::Key(item)) if known.contradicts(item) => {
                    let Item { section, key, origin, .. } = &**item;
                    return Err(row_conflict(&first, row, section, key, origin));
                }
                (RuleKind::Key(one), RuleKind::Key(other)) if !one.is_same(other) => {}
                (RuleKind::Section(..), RuleKind::Key(_))
                | (RuleKind::Key(_), RuleKind::Section(..)) => {}
                _ => {
                    known.rows.push(row.clone());
                    return Ok(());
                }
            }
        }
        self.policy.account_rules.push(AccountRule { rows: vec![row.clone()], ..rule.clone() });
        Ok(())
    }

    fn hook(&mut self, hook: &ExpectedHook, row: &Arc<str>) -> Result<(), Error> {
        let is_same =
            |other: &ExpectedHook| (other.event, &other.template) == (hook.event, &hook.template);
        let is_known = |other: &ExpectedHook| {
            is_same(other) && other.origin == hook.origin && other.rendered == hook.rendered
        };
        if self.policy.hooks.iter().any(is_known) {
            return Ok(());
        }
        let other = self.policy.hooks.iter().position(is_same).filter(|_| !hook.options.append);
        if let Some(index) = other {
            let message = format!(
                "the rows {} and {row} name the same file, but state different hooks `{}` on {}",
                self.hooks[index],
                hook.template,
                hook.event.name()
            );
            let hint = "to add both, use `append = true`";
            return Err(Error::new(&hook.origin, message).with_hint(hint));
        }
        self.policy.hooks.push(hook.clone());
        self.hooks.push(row.clone());
        Ok(())
    }
}
