//! What a policy expects of one file, and how the file differs from it.

use std::borrow::Cow;
use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use super::accounts::{AccountRule, AccountRules, RuleKind};
use super::compared::{Accounts, ComparedKey};
use super::drift::Drift;
use super::error::Error;
use super::expected_hook::ExpectedHook;
use super::item::{Expect, Item};
use super::password::Verdict;
use super::sections::{ExpectedSection, SectionKind};
use crate::event::{Event, Hooks, RECORD, SETTINGS};
use crate::hook::{self, AddError};
use crate::plan::{Desired, EncodingPolicy, Plan};
use microsip_schema::{SecretKeys, Version};
use winini::Document;
use winini::profile::{Entry, Profile};

/// What a policy expects of one file: conditions are evaluated, templates are rendered, and secrets are read.
#[derive(Debug, Clone, Default)]
pub struct ResolvedPolicy {
    /// The version that reads the file; `None` means the newest one.
    pub(super) microsip: Option<Version>,
    pub(super) items: Vec<Arc<Item>>,
    pub(super) hooks: Vec<ExpectedHook>,
    /// What is expected of the accounts that a file has.
    pub(super) account_rules: Vec<AccountRule>,
    pub(super) sections: Vec<ExpectedSection>,
    /// What is never shown.
    pub(super) secrets: SecretKeys,
    /// Notes about a file, for people.
    notes: Vec<String>,
    /// Why a file can't be made to match the policy.
    problem: Option<Error>,
}

impl ResolvedPolicy {
    /// Creates the policy for a file. `secrets` are the values that the policy read as secrets. The last statement about a
    /// section wins.
    pub(super) fn new(
        microsip: Version,
        items: Vec<Arc<Item>>,
        hooks: Vec<ExpectedHook>,
        account_rules: Vec<AccountRule>,
        expected_sections: Vec<ExpectedSection>,
        secrets: &SecretKeys,
    ) -> Self {
        let mut secrets = secrets.clone();
        let of_rules = account_rules.iter().filter_map(|rule| match &rule.kind {
            RuleKind::Key(item) => Some(item),
            RuleKind::Section(..) => None,
        });
        for item in items.iter().chain(of_rules).filter(|item| item.secret) {
            secrets.add(&item.section, &item.key);
            if let Expect::Value(value) | Expect::Default(value) = &item.expect
                && microsip_schema::is_secret(&item.section, &item.key)
            {
                secrets.add_value(value);
            }
        }
        for hook in hooks.iter().filter(|hook| hook.secret) {
            // A record repeats what was written.
            for section in [SETTINGS, RECORD] {
                secrets.add(section, hook.event.directive());
                secrets.add(section, hook.event.key());
            }
        }
        let mut sections: Vec<ExpectedSection> = Vec::new();
        for expected in expected_sections {
            sections.retain(|other| !other.section.eq_ignore_ascii_case(&expected.section));
            sections.push(expected);
        }
        let microsip = Some(microsip);
        Self { microsip, items, hooks, account_rules, sections, secrets, ..Self::default() }
    }

    /// Adds expectations from elsewhere, such as a state document, and what isn't shown. A section that the policy replaces
    /// keeps their keys.
    #[must_use]
    pub fn and(mut self, items: Vec<Item>, secrets: &SecretKeys) -> Self {
        self.items.extend(items.into_iter().map(Arc::new));
        self.secrets.extend(secrets);
        self
    }

    /// Returns two expectations of the same key of a file that contradict each other.
    pub fn contradiction(&self, document: &Document) -> Option<(Item, Item)> {
        let policy = self.for_file(document);
        let mut known: HashMap<(String, String), &Item> = HashMap::new();
        policy.items().find_map(|item| {
            let name = (item.section.to_ascii_lowercase(), item.key.to_ascii_lowercase());
            let first = *known.entry(name).or_insert(item);
            first.contradicts(item).then(|| (first.clone(), item.clone()))
        })
    }

    /// Returns the policy with what depends on the sections of a file: keys of accounts, and keys that a section must not
    /// have. Also finds the [notes](Self::notes) and the [problem](Self::problem) of the file.
    pub fn for_file(&self, document: &Document) -> Cow<'_, Self> {
        if self.account_rules.is_empty() && self.sections.is_empty() {
            return Cow::Borrowed(self);
        }
        let mut policy = self.clone();
        let profile = Profile::new(document);
        if !self.account_rules.is_empty() {
            let Self { account_rules, items, sections, .. } = self;
            let rules = AccountRules::new(account_rules, items, sections, self.version());
            let selected = rules.select(profile, &self.secrets);
            for item in selected.items {
                if item.secret {
                    policy.secrets.add(&item.section, &item.key);
                }
                policy.items.push(Arc::new(item));
            }
            policy.sections.extend(selected.sections);
            policy.notes = selected.notes;
            policy.problem = selected.problem;
            policy.account_rules = Vec::new();
        }
        let mut removed = Vec::new();
        for section in profile.counting_sections() {
            let name = section.name();
            let is_of = |it: &&ExpectedSection| it.section.eq_ignore_ascii_case(&name);
            let expected = policy.sections.iter().find(is_of);
            let Some(ExpectedSection { origin, .. }) = expected else { continue };
            for entry in section.counting_entries() {
                let key = entry.key();
                let is_stated = policy.items.iter().any(|item| item.is_of(&name, &key));
                if is_stated || key.is_empty() || policy.hook_of(&name, &key).is_some() {
                    continue;
                }
                removed.push(Arc::new(Item {
                    section: name.clone().into_owned(),
                    key: key.clone().into_owned(),
                    expect: Expect::Absent,
                    origin: origin.clone(),
                    secret: microsip_schema::is_secret(&name, &key),
                    always: false,
                }));
            }
        }
        policy.items.extend(removed);
        Cow::Owned(policy)
    }

    /// Returns notes about a file, for people: each `match` that no account has. Only [`Self::for_file`] finds them.
    pub fn notes(&self) -> &[String] {
        &self.notes
    }

    /// Returns why a file can't be made to match the policy: rows contradict each other, or a `match` tests a key that the
    /// policy changes, so that the next plan wouldn't be empty. Only [`Self::for_file`] finds it.
    pub fn problem(&self) -> Option<&Error> {
        self.problem.as_ref()
    }

    /// Returns the index of the hook of the policy that writes a key.
    pub(super) fn hook_of(&self, section: &str, key: &str) -> Option<usize> {
        if self.hooks.is_empty() || !section.eq_ignore_ascii_case(SETTINGS) {
            return None;
        }
        let event = Event::of_key(key).or_else(|| Some(Event::of_directive(key)?.0))?;
        self.hooks.iter().position(|hook| hook.event == event)
    }

    /// Returns what is expected of keys, in the order of the policy. Hooks are not included.
    pub fn items(&self) -> impl Iterator<Item = &Item> {
        self.items.iter().map(|item| &**item)
    }

    /// Returns the template and the event of each hook, in the order of the policy.
    pub fn hooks(&self) -> impl Iterator<Item = (&str, Event)> {
        self.hooks.iter().map(|hook| (hook.template.as_str(), hook.event))
    }

    /// Returns the number of expected keys, hooks, and sections.
    pub fn len(&self) -> usize {
        self.items.len() + self.hooks.len() + self.account_rules.len() + self.sections.len()
    }

    /// Returns whether nothing is expected.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Returns the secrets of the policy: keys with any name, and values wherever they appear.
    pub fn secrets(&self) -> &SecretKeys {
        &self.secrets
    }

    /// Returns the changes that make a file match the policy: values to set, keys to remove, and hooks to add.
    /// After they are applied, a new plan is empty.
    ///
    /// An encrypted password that may be the expected one is unchanged, unless the policy forces it, or changes the account
    /// that it belongs to. An account with a constraint that isn't met isn't written.
    ///
    /// # Errors
    ///
    /// Returns an error if a hook can't be added, as [`crate::hook::add`] does, or if there is a [problem](Self::problem).
    pub fn desired(&self, document: &Document) -> Result<Desired, Error> {
        let policy = self.for_file(document);
        if let Some(problem) = &policy.problem {
            return Err(problem.clone());
        }
        let values = policy.values(document).hiding(&policy.secrets);
        let values = policy.notes.iter().fold(values, Desired::with_note);
        let hooks = policy.each_hook(document, &values);
        hooks.into_iter().try_fold(values, |desired, (hook, added)| {
            let added = added.map_err(|error| hook.error(&error, &policy.secrets));
            added.map(|added| desired.and(added))
        })
    }

    /// Returns the keys of a file that differ from the policy, in the order of the policy. Keys that can't be verified are
    /// not included; see [`Self::unverified`].
    pub fn drift(&self, document: &Document) -> Vec<Drift> {
        self.compare(document).0
    }

    /// Returns [`Self::drift`] and [`Self::unverified`].
    pub fn compare(&self, document: &Document) -> (Vec<Drift>, Vec<Arc<Item>>) {
        match self.for_file(document) {
            Cow::Borrowed(policy) => policy.compared_with(document),
            Cow::Owned(policy) => policy.compared_with(document),
        }
    }

    fn compared_with(&self, document: &Document) -> (Vec<Drift>, Vec<Arc<Item>>) {
        let profile = Profile::new(document);
        let compared = self.compared(profile);
        let accounts = Accounts::of_all(&compared);
        let (mut drift, mut unverified) = (Vec::new(), Vec::new());
        for ComparedKey { item, entry, verdict } in compared {
            match accounts.settled(item, verdict) {
                Verdict::Wrong => {
                    let value = entry.map(Entry::value);
                    let line = entry.map(Entry::line);
                    let found = item.drift(value.as_deref(), line, &self.secrets, self.version());
                    let is_blocked = found.fixable && accounts.guard(item).is_some();
                    drift.push(Drift { fixable: found.fixable && !is_blocked, ..found });
                }
                Verdict::Unknown => unverified.push(item.clone()),
                Verdict::Right => {}
            }
        }
        if !self.hooks.is_empty() {
            for (hook, added) in self.each_hook(document, &self.values(document)) {
                hook.drift(profile, added, &self.secrets, &mut drift);
            }
        }
        (drift, unverified)
    }

    /// Returns the keys that can't be verified: MicroSIP encrypted the password, or the secret isn't available.
    pub fn unverified(&self, document: &Document) -> Vec<Arc<Item>> {
        self.compare(document).1
    }

    fn version(&self) -> Version {
        self.microsip.unwrap_or(Version::NEWEST)
    }

    /// Returns the changes to keys and sections.
    fn values(&self, document: &Document) -> Desired {
        let profile = Profile::new(document);
        let value = |item: &Item| profile.get(&item.section, &item.key);
        let compared = self.compared(profile);
        let accounts = Accounts::of_all(&compared);
        let (mut desired, mut unverified) = (Desired::new(), 0);
        let mut blocked = HashSet::new();
        for ComparedKey { item, verdict, .. } in compared {
            let Item { section, key, expect, origin, .. } = &**item;
            match accounts.settled(item, verdict) {
                Verdict::Right => continue,
                Verdict::Unknown => {
                    unverified += 1;
                    continue;
                }
                Verdict::Wrong if !item.is_written() || self.is_removed(section) => continue,
                Verdict::Wrong => {}
            }
            if let Some(guard) = accounts.guard(item) {
                if blocked.insert(section.to_ascii_lowercase()) {
                    let value = value(guard);
                    let drift = guard.drift(value.as_deref(), None, &self.secrets, self.version());
                    desired = desired.with_blocked(drift.blocked());
                }
                continue;
            }
            desired = match expect {
                Expect::Value(value) | Expect::Default(value) => {
                    desired.set(section, key, value, format!("policy {origin}"))
                }
                _ => desired.unset(section, key, format!("policy {origin}")),
            };
        }
        for ExpectedSection { section, origin, .. } in &self.sections {
            if self.is_removed(section) && profile.section(section).is_some() {
                desired = desired.unset_section(section, format!("policy {origin}"));
            }
        }
        desired.with_unverified(unverified)
    }

    /// Returns whether a section must not exist. One with a key that must be set isn't removed.
    fn is_removed(&self, section: &str) -> bool {
        let is_absent = |expected: &ExpectedSection| {
            expected.kind == SectionKind::Absent && expected.section.eq_ignore_ascii_case(section)
        };
        let is_kept = |item: &Arc<Item>| {
            item.section.eq_ignore_ascii_case(section) && !matches!(item.expect, Expect::Absent)
        };
        self.sections.iter().any(is_absent) && !self.items.iter().any(is_kept)
    }

    /// Compares the keys of the policy with a file, in the order of the policy.
    fn compared<'w, 'd>(&'w self, profile: Profile<'d>) -> Vec<ComparedKey<'w, 'd>> {
        let compare = |item: &'w Arc<Item>| {
            let Item { section, key, .. } = &**item;
            let entry = profile.entry(section, key);
            let verdict = item.verdict(entry.map(Entry::value).as_deref(), self.version());
            ComparedKey { item, entry, verdict }
        };
        self.items.iter().map(compare).collect()
    }

    /// Returns the changes of each hook to a file in which all earlier changes are applied.
    fn each_hook(
        &self,
        document: &Document,
        values: &Desired,
    ) -> Vec<(&ExpectedHook, Result<Desired, AddError>)> {
        let mut document = Cow::Borrowed(document);
        // Only a new `[Settings]` can make a difference: no key that hooks write is among the values.
        let creates =
            values.requests().iter().any(|request| request.section.eq_ignore_ascii_case(SETTINGS));
        if creates && Profile::new(&document).section(SETTINGS).is_none() {
            document = after(&document, values);
        }
        let mut added = Vec::new();
        for hook in &self.hooks {
            let hooks = Hooks::new(Profile::new(&document));
            let desired = hook::add(hooks, &hook.rendered, &hook.options);
            if let Ok(desired) = &desired
                && !desired.requests().is_empty()
            {
                document = after(&document, desired);
            }
            added.push((hook, desired));
        }
        added
    }
}

/// Returns a document with the desired changes. What can't be written is reported by the plan.
fn after<'d>(document: &Document, desired: &Desired) -> Cow<'d, Document> {
    let plan = Plan::new(document, desired, EncodingPolicy::Auto);
    Cow::Owned(plan.map_or_else(|_| document.clone(), |plan| plan.after().clone()))
}
