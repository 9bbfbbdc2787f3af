//! What a policy expects of one file, and how the file differs from it.

use std::borrow::Cow;
use std::collections::{HashMap, HashSet};
use std::fmt;
use std::sync::Arc;

use super::error::Error;
use super::location::Location;
use super::password::{self, Verdict};
use crate::event::{Event, Hooks, RECORD, SETTINGS};
use crate::hook::{self, AddError, AddOptions, Pattern, Rendered};
use crate::plan::{Blocked, Desired, EncodingPolicy, Plan, RequestKind};
use microsip_schema::{SecretKeys, Section, Version};
use winini::Document;
use winini::profile::{Entry, Profile};

/// What a policy expects of one file: conditions are evaluated, templates are rendered, and secrets are read.
#[derive(Debug, Clone, Default)]
pub struct ResolvedPolicy {
    /// The version that reads the file; `None` means the newest one.
    microsip: Option<Version>,
    items: Vec<Arc<Item>>,
    hooks: Vec<ExpectedHook>,
    /// What is expected of each account that a file has.
    each_account: Vec<Arc<Item>>,
    sections: Vec<ExpectedSection>,
    /// What is never shown.
    secrets: SecretKeys,
}

/// What is expected of one key.
#[derive(Debug, Clone)]
pub struct Item {
    /// The section.
    pub section: String,
    /// The key.
    pub key: String,
    /// The expectation.
    pub expect: Expect,
    /// The location in the policy.
    pub origin: Location,
    /// Whether its value is never shown.
    pub secret: bool,
    /// Whether it is written even if the value in the file can't be verified.
    pub always: bool,
}

/// What is expected of a key. `apply` writes [`Expect::Value`], [`Expect::Default`], and [`Expect::Absent`]; the others are only audited.
#[derive(Clone)]
pub enum Expect {
    /// Has this value.
    Value(String),
    /// Is set to any value. Otherwise, `apply` writes this one.
    Default(String),
    /// Isn't set. `apply` removes it.
    Absent,
    /// Is set to any value.
    Present,
    /// Is an integer in a range.
    Range {
        /// The minimum.
        min: Option<i64>,
        /// The maximum.
        max: Option<i64>,
    },
    /// Is one of these values.
    OneOf(Vec<String>),
    /// A part of the value matches.
    Matches(Pattern),
    /// Is set to a secret that isn't available here, for this reason. Only whether the key is set can be verified.
    Unavailable(String),
}

// A value can be secret, so it isn't shown.
impl fmt::Debug for Expect {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Value(_) => "Value(..)",
            Self::Default(_) => "Default(..)",
            Self::Absent => "Absent",
            Self::Present => "Present",
            Self::Range { .. } => "Range(..)",
            Self::OneOf(_) => "OneOf(..)",
            Self::Matches(_) => "Matches(..)",
            Self::Unavailable(_) => "Unavailable(..)",
        })
    }
}

/// What is expected of a section as a whole.
#[derive(Debug, Clone)]
pub(super) struct ExpectedSection {
    pub(super) section: String,
    pub(super) kind: SectionKind,
    pub(super) origin: Location,
}

/// What a policy expects of a section as a whole.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum SectionKind {
    /// The section doesn't exist.
    Absent,
    /// The section has only the keys that the policy states.
    Replaced,
}

/// The section of a policy that means each account that a file has.
pub(super) const EACH_ACCOUNT: &str = "Account*";

/// An account, whose keys are those of each account.
pub(super) const ANY_ACCOUNT: &str = "Account1";

/// A hook that is expected on one event.
#[derive(Clone)]
pub(super) struct ExpectedHook {
    pub(super) event: Event,
    pub(super) template: String,
    pub(super) rendered: Arc<Rendered>,
    pub(super) options: AddOptions,
    pub(super) origin: Location,
    pub(super) secret: bool,
}

// A rendered hook can contain a secret, so it isn't shown.
impl fmt::Debug for ExpectedHook {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "ExpectedHook({:?}, {:?})", self.template, self.event)
    }
}

/// A key that differs from the policy.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Drift {
    /// The section.
    pub section: String,
    /// The key.
    pub key: String,
    /// The expected value, for people; a secret as `***`.
    pub expected: String,
    /// The value in the file; `None` if not set, a secret as `***`.
    pub actual: Option<String>,
    /// Its line, counted from 1.
    pub line: Option<usize>,
    /// The location in the policy.
    pub origin: Location,
    /// Whether `apply` fixes it.
    pub fixable: bool,
    /// The default that MicroSIP uses while the key isn't set, if it has one.
    pub default: Option<&'static str>,
    /// The hook that the key belongs to, if the policy asks for one.
    pub hook: Option<HookDrift>,
}

/// A hook that isn't as the policy asks for it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HookDrift {
    /// The template.
    pub template: String,
    /// The event.
    pub event: Event,
    /// What is wrong.
    pub problem: HookProblem,
}

/// What is wrong with a hook.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum HookProblem {
    /// The event has no such hook.
    Missing,
    /// The event has the hook, with another directive or command.
    Different,
    /// The event has the hook, but MicroSIP doesn't start it: its launcher is missing or different.
    NoLauncher,
    /// The hook can't be added. [`Drift::expected`] says why.
    Blocked,
}

impl Drift {
    /// Returns the actual value for people: `not set (default 100)` names the default of a key that isn't set; `None` if
    /// it has none.
    pub fn shown_actual(&self) -> Option<Cow<'_, str>> {
        match (&self.actual, self.default.filter(|default| !default.is_empty())) {
            (Some(actual), _) => Some(Cow::Borrowed(actual)),
            (None, Some(default)) => Some(Cow::Owned(format!("not set (default {default})"))),
            (None, None) => None,
        }
    }
}

impl ResolvedPolicy {
    /// Creates the policy for a file. `secrets` are the values that the policy read as secrets.
    pub(super) fn new(
        microsip: Version,
        items: Vec<Arc<Item>>,
        hooks: Vec<ExpectedHook>,
        secrets: &SecretKeys,
    ) -> Self {
        let mut secrets = secrets.clone();
        for item in items.iter().filter(|item| item.secret) {
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
        let is_each = |item: &Arc<Item>| item.section == EACH_ACCOUNT;
        let (each_account, items) = items.into_iter().partition(is_each);
        Self { microsip: Some(microsip), items, hooks, each_account, sections: Vec::new(), secrets }
    }

    /// Adds what is expected of sections as a whole. The last statement about a section wins.
    pub(super) fn with_sections<'s>(
        mut self,
        expected: impl Iterator<Item = &'s ExpectedSection>,
    ) -> Self {
        for expected in expected {
            self.sections.retain(|other| !other.section.eq_ignore_ascii_case(&expected.section));
            self.sections.push(expected.clone());
        }
        self
    }

    /// Returns the policy with what depends on the sections of a file: keys of each account, and keys that a section must
    /// not have.
    pub fn for_file(&self, document: &Document) -> Cow<'_, Self> {
        if self.each_account.is_empty() && self.sections.is_empty() {
            return Cow::Borrowed(self);
        }
        let mut policy = self.clone();
        let profile = Profile::new(document);
        let is_stated = |policy: &Self, section: &str, key: &str| {
            policy.items.iter().any(|item| item.is_of(section, key))
        };
        for name in self.accounts(profile) {
            for item in &self.each_account {
                // A statement about a single account overrides one about each.
                if is_stated(self, &name, &item.key) {
                    continue;
                }
                let item = Item { section: name.clone(), ..Item::clone(item) };
                if item.secret {
                    policy.secrets.add(&item.section, &item.key);
                }
                policy.items.push(Arc::new(item));
            }
        }
        for section in profile.counting_sections() {
            let name = section.name();
            let expected = self.sections.iter().find(|it| it.section.eq_ignore_ascii_case(&name));
            let Some(ExpectedSection { origin, .. }) = expected else { continue };
            for entry in section.counting_entries() {
                let key = entry.key();
                if is_stated(self, &name, &key) || key.is_empty() || self.is_of_hook(&name, &key) {
                    continue;
                }
                policy.items.push(Arc::new(Item {
                    section: name.clone().into_owned(),
                    key: key.clone().into_owned(),
                    expect: Expect::Absent,
                    origin: origin.clone(),
                    secret: microsip_schema::is_secret(&name, &key),
                    always: false,
                }));
            }
        }
        policy.each_account = Vec::new();
        Cow::Owned(policy)
    }

    /// Returns the accounts that a file has, and those that the policy adds.
    fn accounts(&self, profile: Profile<'_>) -> Vec<String> {
        let is_account = |name: &str| Section::of(name) == Some(Section::Account);
        let sections = profile.counting_sections().map(|section| section.name().into_owned());
        let mut accounts: Vec<_> = sections.filter(|name| is_account(name)).collect();
        let added = self.items.iter().filter(|item| {
            matches!(item.expect, Expect::Value(_) | Expect::Default(_))
                && is_account(&item.section)
        });
        for item in added {
            if !accounts.iter().any(|name| name.eq_ignore_ascii_case(&item.section)) {
                accounts.push(item.section.clone());
            }
        }
        accounts
    }

    /// Returns whether a hook of the policy writes a key.
    fn is_of_hook(&self, section: &str, key: &str) -> bool {
        let event = Event::of_key(key).or_else(|| Some(Event::of_directive(key)?.0));
        let is_hook = |event| self.hooks.iter().any(|hook| hook.event == event);
        section.eq_ignore_ascii_case(SETTINGS) && event.is_some_and(is_hook)
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
        self.items.len() + self.hooks.len() + self.each_account.len() + self.sections.len()
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
    /// Returns an error if a hook can't be added, as [`crate::hook::add`] does.
    pub fn desired(&self, document: &Document) -> Result<Desired, Error> {
        let policy = self.for_file(document);
        let values = policy.values(document).hiding(&policy.secrets);
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

/// An expected key, and its entry in a file.
struct ComparedKey<'w, 'd> {
    item: &'w Arc<Item>,
    entry: Option<Entry<'d>>,
    verdict: Verdict,
}

/// What the keys of each account decide about its other keys, by the name of the section in lower case.
#[derive(Default)]
struct Accounts<'w>(HashMap<String, Account<'w>>);

#[derive(Default)]
struct Account<'w> {
    /// Whether the policy changes whose account it is.
    is_changed: bool,
    /// The first constraint that isn't met.
    guard: Option<&'w Item>,
}

impl<'w> Accounts<'w> {
    /// Evaluates the keys of all accounts.
    fn of_all(compared: &[ComparedKey<'w, '_>]) -> Self {
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
    fn settled(&self, item: &Item, found: Verdict) -> Verdict {
        let is_open = found == Verdict::Unknown && item.is_written();
        match is_open && self.of(item).is_some_and(|account| account.is_changed) {
            true => Verdict::Wrong,
            false => found,
        }
    }

    /// Returns the constraint that isn't met in the account of a key, if there is one.
    fn guard(&self, item: &Item) -> Option<&'w Item> {
        self.of(item)?.guard
    }
}

/// Returns a document with the desired changes. What can't be written is reported by the plan.
fn after<'d>(document: &Document, desired: &Desired) -> Cow<'d, Document> {
    let plan = Plan::new(document, desired, EncodingPolicy::Auto);
    Cow::Owned(plan.map_or_else(|_| document.clone(), |plan| plan.after().clone()))
}

impl Item {
    /// Returns why the value in a file can't be verified, if it can't.
    pub fn unverified_reason(&self) -> &str {
        match &self.expect {
            Expect::Unavailable(reason) => reason,
            _ => "MicroSIP encrypted the password",
        }
    }

    /// Returns whether it is about this key.
    pub fn is_of(&self, section: &str, key: &str) -> bool {
        self.section.eq_ignore_ascii_case(section) && self.key.eq_ignore_ascii_case(key)
    }

    /// Returns whether `apply` writes it.
    fn is_written(&self) -> bool {
        matches!(self.expect, Expect::Value(_) | Expect::Default(_) | Expect::Absent)
    }

    /// Compares the expectation with the value in a file.
    fn verdict(&self, value: Option<&str>, microsip: Version) -> Verdict {
        let right = |is_right: bool| if is_right { Verdict::Right } else { Verdict::Wrong };
        match &self.expect {
            Expect::Absent => return right(value.is_none()),
            Expect::Present => return right(value.is_some()),
            Expect::Default(default) => {
                let is_set = value.is_some_and(|value| !value.is_empty());
                return right(is_set || default.is_empty());
            }
            Expect::Unavailable(_) => {
                let is_set = value.is_some_and(|value| !value.is_empty());
                return if is_set { Verdict::Unknown } else { Verdict::Wrong };
            }
            Expect::Value(resolved) => {
                let Some(value) = value else { return Verdict::Wrong };
                return match password::is_encrypted_in_place(&self.section, &self.key) {
                    true => match password::compare(resolved, value) {
                        Verdict::Unknown if self.always => Verdict::Wrong,
                        verdict => verdict,
                    },
                    false => right(resolved == value),
                };
            }
            _ => {}
        }
        // MicroSIP uses its default if the key isn't set.
        let default = || microsip_schema::find(&self.section, &self.key)?.default(microsip);
        let Some(value) = value.or_else(default) else { return Verdict::Wrong };
        if password::is_encrypted_in_place(&self.section, &self.key)
            && password::is_encrypted(value)
        {
            return Verdict::Unknown;
        }
        right(match &self.expect {
            Expect::Range { min, max } => value.parse().is_ok_and(|number: i64| {
                min.is_none_or(|min| min <= number) && max.is_none_or(|max| number <= max)
            }),
            Expect::OneOf(values) => values.iter().any(|resolved| resolved == value),
            Expect::Matches(pattern) => pattern.is_match(value),
            Expect::Value(_)
            | Expect::Default(_)
            | Expect::Absent
            | Expect::Present
            | Expect::Unavailable(_) => true,
        })
    }

    /// Returns the difference between the expectation and the value in a file.
    fn drift(
        &self,
        value: Option<&str>,
        line: Option<usize>,
        secrets: &SecretKeys,
        microsip: Version,
    ) -> Drift {
        let shown = |value: &str| secrets.mask(&self.section, &self.key, value).into_owned();
        Drift {
            section: self.section.clone(),
            key: self.key.clone(),
            expected: self.expected(secrets),
            actual: value.map(shown),
            line: line.map(|line| line + 1),
            origin: self.origin.clone(),
            fixable: self.is_written(),
            default: microsip_schema::find(&self.section, &self.key)
                .filter(|_| value.is_none())
                .and_then(|key| key.default(microsip)),
            hook: None,
        }
    }

    /// Returns the expected value, for people.
    fn expected(&self, secrets: &SecretKeys) -> String {
        let shown = |value: &str| secrets.mask(&self.section, &self.key, value).into_owned();
        match &self.expect {
            Expect::Value(value) | Expect::Default(value) => shown(value),
            Expect::Unavailable(_) => shown("secret"),
            Expect::Absent => "not set".to_owned(),
            Expect::Present => "set".to_owned(),
            // A pattern or a range would help to guess a secret.
            _ if self.secret => shown("constraint"),
            Expect::Range { min: Some(min), max: Some(max) } => format!("{min} to {max}"),
            Expect::Range { min: Some(min), .. } => format!("{min} or more"),
            Expect::Range { max, .. } => format!("{} or less", max.unwrap_or_default()),
            Expect::OneOf(values) => {
                let shown = |value: &String| match value.is_empty() {
                    true => "`\"\"` (empty)".to_owned(),
                    false => shown(value),
                };
                values.iter().map(shown).collect::<Vec<_>>().join(" or ")
            }
            Expect::Matches(pattern) => {
                secrets.mask_text(&format!("text that matches `{pattern}`")).into_owned()
            }
        }
    }
}

impl Drift {
    /// Returns why an account isn't written: a constraint isn't met.
    fn blocked(self) -> Blocked {
        let Self { section, key, expected, actual, origin, .. } = self;
        let is = actual.map_or("is not set".to_owned(), |actual| format!("is `{actual}`"));
        let reason = format!("`{section}.{key}` {is}, expected {expected} ({origin})");
        Blocked { section, reason }
    }
}

impl ExpectedHook {
    fn error(&self, error: &AddError, secrets: &SecretKeys) -> Error {
        let message = error.to_string();
        let shown = match self.secret {
            // The error would repeat the directive.
            true if matches!(error, AddError::Directive { .. }) => {
                format!("template `{}` doesn't make a directive with these values", self.template)
            }
            _ => microsip_schema::mask(SETTINGS, "", &message).into_owned(),
        };
        let placed = Error::new(&self.origin, shown);
        let hint = match error {
            AddError::Occupied { can_chain: true, .. } => Some(
                "to keep it as the first directive, use `chain = true`; to replace it, use `replace = true`",
            ),
            AddError::Occupied { .. } => Some("to replace it, use `replace = true`"),
            AddError::SystemMessage { .. } => {
                Some("to send it anyway, use `allow_system_message = true`")
            }
            AddError::TooOld { .. } => {
                Some("to limit it to some versions, use `[match]` or `[[when]]`")
            }
            _ => None,
        };
        let placed = match hint {
            Some(hint) => placed.with_hint(hint),
            None => placed,
        };
        let placed = placed.hiding(secrets);
        match error {
            AddError::Occupied { .. } | AddError::HasLauncher { .. } => placed.of_precondition(),
            _ => placed,
        }
    }

    fn drift(
        &self,
        profile: Profile<'_>,
        added: Result<Desired, AddError>,
        secrets: &SecretKeys,
        drift: &mut Vec<Drift>,
    ) {
        let shown = |key: &str, value: &str| secrets.mask(SETTINGS, key, value).into_owned();
        let entry = |key: &str| profile.entry(SETTINGS, key);
        let (key, expected, problem) = match added {
            Ok(desired) => {
                let mut values = desired.requests().iter().filter_map(|request| {
                    let key = request.key.as_deref().filter(|_| request.section == SETTINGS)?;
                    match &request.want {
                        RequestKind::Value(value) => Some((key, value.as_str())),
                        _ => None,
                    }
                });
                // The key that is recorded as the template's, or otherwise the only one.
                let is_own = |key: &str| {
                    desired.requests().iter().any(|request| {
                        request.section == RECORD
                            && request.key.as_deref() == Some(key)
                            && request.want == RequestKind::Value(self.template.clone())
                    })
                };
                let is_launcher = |key: &str| key.eq_ignore_ascii_case(self.event.key());
                let Some(first) = values.next() else { return };
                let own = std::iter::once(first).chain(values).find(|(key, _)| is_own(key));
                let (key, value) = own.unwrap_or(first);
                let directive = self.event.directive();
                let has_directive =
                    self.rendered.lines().iter().any(|(_, line)| line.key == directive);
                let problem = match entry(key) {
                    _ if is_launcher(key) && has_directive => HookProblem::NoLauncher,
                    None => HookProblem::Missing,
                    Some(_) => HookProblem::Different,
                };
                (key.to_owned(), shown(key, value), problem)
            }
            Err(error) => {
                let reason = self.error(&error, secrets).message().to_owned();
                (self.event.key().to_owned(), reason, HookProblem::Blocked)
            }
        };
        let entry = entry(&key);
        drift.push(Drift {
            section: SETTINGS.to_owned(),
            actual: entry.map(|entry| shown(&key, &entry.value())),
            key,
            expected,
            line: entry.map(|entry| entry.line() + 1),
            origin: self.origin.clone(),
            fixable: problem != HookProblem::Blocked,
            default: None,
            hook: Some(HookDrift { template: self.template.clone(), event: self.event, problem }),
        });
    }
}
