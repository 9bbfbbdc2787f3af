//! What a policy wants of one file, and how far the file is from it.

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

/// What a policy wants of one file: conditions judged, templates rendered, secrets fetched.
#[derive(Debug, Clone, Default)]
pub struct ResolvedPolicy {
    /// The version that reads the file; `None` stands for the newest one.
    microsip: Option<Version>,
    items: Vec<Arc<Item>>,
    hooks: Vec<ExpectedHook>,
    /// What is never shown.
    secrets: SecretKeys,
}

/// What is wanted of one key.
#[derive(Debug, Clone)]
pub struct Item {
    /// The section.
    pub section: String,
    /// The key.
    pub key: String,
    /// What it shall be.
    pub expect: Expect,
    /// Where the policy says so.
    pub origin: Location,
    /// Whether its value is never shown.
    pub secret: bool,
    /// Whether it is written also where it can't be verified what the file has.
    pub always: bool,
}

/// What a key shall be. A value and [`Expect::Absent`] are written, the others are only looked at.
#[derive(Clone)]
pub enum Expect {
    /// Reads so.
    Value(String),
    /// Is not set. Whoever applies the policy takes it out.
    Absent,
    /// Is set, to whatever.
    Present,
    /// Reads as a number in a range, both ends in it.
    Range {
        /// The least.
        min: Option<i64>,
        /// The most.
        max: Option<i64>,
    },
    /// Reads as one of these.
    OneOf(Vec<String>),
    /// Matches somewhere.
    Matches(Pattern),
}

// A value may be secret, so it is not shown.
impl fmt::Debug for Expect {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Value(_) => "Value(..)",
            Self::Absent => "Absent",
            Self::Present => "Present",
            Self::Range { .. } => "Range(..)",
            Self::OneOf(_) => "OneOf(..)",
            Self::Matches(_) => "Matches(..)",
        })
    }
}

/// A hook that is wanted on one event.
#[derive(Clone)]
pub(super) struct ExpectedHook {
    pub(super) event: Event,
    pub(super) template: String,
    pub(super) rendered: Arc<Rendered>,
    pub(super) options: AddOptions,
    pub(super) origin: Location,
    pub(super) secret: bool,
}

// What is rendered may hold a secret.
impl fmt::Debug for ExpectedHook {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "WantedHook({:?}, {:?})", self.template, self.event)
    }
}

/// A key that is not as the policy wants it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Drift {
    /// The section.
    pub section: String,
    /// The key.
    pub key: String,
    /// What was expected, for people; a secret as `***`.
    pub expected: String,
    /// The value that stands there; `None` when not set, a secret as `***`.
    pub actual: Option<String>,
    /// Its line, counted from 1.
    pub line: Option<usize>,
    /// Where the policy says so.
    pub origin: Location,
    /// Whether applying the policy mends it.
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
    /// Puts together what is wanted; `secrets` are the values that the policy got from where secrets are kept.
    pub(super) fn new(
        microsip: Version,
        items: Vec<Arc<Item>>,
        hooks: Vec<ExpectedHook>,
        secrets: &SecretKeys,
    ) -> Self {
        let mut secrets = secrets.clone();
        for item in items.iter().filter(|item| item.secret) {
            secrets.add(&item.section, &item.key);
            if let Expect::Value(value) = &item.expect
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
        Self { microsip: Some(microsip), items, hooks, secrets }
    }

    /// Returns what is wanted of keys, in the order of the policy; hooks are not among them.
    pub fn items(&self) -> impl Iterator<Item = &Item> {
        self.items.iter().map(|item| &**item)
    }

    /// Returns the template and the event of each hook, in the order of the policy.
    pub fn hooks(&self) -> impl Iterator<Item = (&str, Event)> {
        self.hooks.iter().map(|hook| (hook.template.as_str(), hook.event))
    }

    /// Returns how many keys and hooks are wanted.
    pub fn len(&self) -> usize {
        self.items.len() + self.hooks.len()
    }

    /// Says whether nothing is wanted.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Returns what is a secret by where the policy gets it: keys, whatever they are called, and values, wherever they
    /// appear.
    pub fn secrets(&self) -> &SecretKeys {
        &self.secrets
    }

    /// Finds what bringing a file to the policy asks of it: values, keys that shall be absent, and hooks.
    /// A plan of it, made again after it was applied, is empty.
    ///
    /// A password that MicroSIP has encrypted is left alone where it may be the one that is wanted, unless the policy
    /// forces it, or changes the account that it belongs to. An account of which a constraint is not met is not written.
    ///
    /// # Errors
    ///
    /// [`Error`] when a hook cannot be put in, as [`crate::hook::add`] says.
    pub fn desired(&self, document: &Document) -> Result<Desired, Error> {
        let values = self.values(document).hiding(&self.secrets);
        let hooks = self.each_hook(document, &values);
        hooks.into_iter().try_fold(values, |desired, (hook, added)| {
            added.map(|added| desired.and(added)).map_err(|error| hook.error(&error, &self.secrets))
        })
    }

    /// Finds the keys of a file that are not as the policy wants them, in the order of the policy. A password of
    /// which nobody can say what it is, as MicroSIP has encrypted it, is none of them; see [`Self::unverified`].
    pub fn drift(&self, document: &Document) -> Vec<Drift> {
        self.compare(document).0
    }

    /// Returns [`Self::drift`] and [`Self::unverified`].
    pub fn compare(&self, document: &Document) -> (Vec<Drift>, Vec<&Item>) {
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
                Verdict::Unknown => unverified.push(item),
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

    /// Finds what the policy wants and can't be verified: passwords that MicroSIP has encrypted.
    pub fn unverified(&self, document: &Document) -> Vec<&Item> {
        self.compare(document).1
    }

    fn version(&self) -> Version {
        self.microsip.unwrap_or(Version::NEWEST)
    }

    /// Finds what the keys ask of a file.
    fn values(&self, document: &Document) -> Desired {
        let profile = Profile::new(document);
        let value = |item: &Item| profile.get(&item.section, &item.key);
        let compared = self.compared(profile);
        let accounts = Accounts::of_all(&compared);
        let (mut desired, mut unverified) = (Desired::new(), 0);
        let mut blocked = HashSet::new();
        for ComparedKey { item, verdict, .. } in compared {
            let Item { section, key, expect, origin, .. } = item;
            match accounts.settled(item, verdict) {
                Verdict::Right => continue,
                Verdict::Unknown => {
                    unverified += 1;
                    continue;
                }
                Verdict::Wrong if !item.is_written() => continue,
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
                Expect::Value(value) => {
                    desired.set(section, key, value, format!("policy {origin}"))
                }
                _ => desired.unset(section, key, format!("policy {origin}")),
            };
        }
        desired.with_unverified(unverified)
    }

    /// Compares the keys with a file, in the order of the policy.
    fn compared<'w, 'd>(&'w self, profile: Profile<'d>) -> Vec<ComparedKey<'w, 'd>> {
        let compare = |item: &'w Item| {
            let Item { section, key, .. } = item;
            let entry = profile.entry(section, key);
            let verdict = item.verdict(entry.map(Entry::value).as_deref(), self.version());
            ComparedKey { item, entry, verdict }
        };
        self.items().map(compare).collect()
    }

    /// Finds what each hook asks of a file in which all that stands before it is so.
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

/// A key that is wanted, and what a file has there.
struct ComparedKey<'w, 'd> {
    item: &'w Item,
    entry: Option<Entry<'d>>,
    verdict: Verdict,
}

/// What the keys of each section decide about its other keys, by the name of the section in lower case.
#[derive(Default)]
struct Accounts<'w>(HashMap<String, Account<'w>>);

#[derive(Default)]
struct Account<'w> {
    /// Whether the policy changes whose account it is.
    is_changed: bool,
    /// The first constraint that is not met.
    guard: Option<&'w Item>,
}

impl<'w> Accounts<'w> {
    /// Finds what the keys of each account decide about its other keys.
    fn of_all(compared: &[ComparedKey<'w, '_>]) -> Self {
        let is_whose = |key: &str| {
            ["username", "server", "domain"].iter().any(|whose| key.eq_ignore_ascii_case(whose))
        };
        let mut accounts = Self::default();
        for ComparedKey { item, verdict, .. } in compared {
            let is_guard =
                !item.is_written() && Section::of(&item.section) == Some(Section::Account);
            let is_owner = item.is_written() && is_whose(&item.key);
            if (is_guard || is_owner) && *verdict == Verdict::Wrong {
                let account = accounts.0.entry(item.section.to_ascii_lowercase()).or_default();
                account.is_changed |= is_owner;
                if is_guard && account.guard.is_none() {
                    account.guard = Some(item);
                }
            }
        }
        accounts
    }

    fn of(&self, item: &Item) -> Option<&Account<'w>> {
        if self.0.is_empty() { None } else { self.0.get(&item.section.to_ascii_lowercase()) }
    }

    /// Settles a verdict by the other keys of an account: a password that can't be verified is wrong where the policy
    /// changes whose account it is, as what is there belongs to another one.
    fn settled(&self, item: &Item, found: Verdict) -> Verdict {
        let is_open = found == Verdict::Unknown && item.is_written();
        match is_open && self.of(item).is_some_and(|account| account.is_changed) {
            true => Verdict::Wrong,
            false => found,
        }
    }

    /// Returns the constraint that is not met of the account that a key belongs to, if there is one.
    fn guard(&self, item: &Item) -> Option<&'w Item> {
        self.of(item)?.guard
    }
}

/// Returns a document as a desired state makes it; what cannot be written is told of when it is planned.
fn after<'d>(document: &Document, desired: &Desired) -> Cow<'d, Document> {
    let plan = Plan::new(document, desired, EncodingPolicy::Auto);
    Cow::Owned(plan.map_or_else(|_| document.clone(), |plan| plan.after().clone()))
}

impl Item {
    /// Says whether it is about this key.
    pub fn is_of(&self, section: &str, key: &str) -> bool {
        self.section.eq_ignore_ascii_case(section) && self.key.eq_ignore_ascii_case(key)
    }

    /// Says whether it is written to a file, and not only looked at.
    fn is_written(&self) -> bool {
        matches!(self.expect, Expect::Value(_) | Expect::Absent)
    }

    /// Judges the value that stands in a file, if one does.
    fn verdict(&self, value: Option<&str>, microsip: Version) -> Verdict {
        let right = |is_right: bool| if is_right { Verdict::Right } else { Verdict::Wrong };
        match &self.expect {
            Expect::Absent => return right(value.is_none()),
            Expect::Present => return right(value.is_some()),
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
        // A key that is not set is read as the default of the version.
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
            Expect::Value(_) | Expect::Absent | Expect::Present => true,
        })
    }

    /// Tells of a value that is not as it shall be, and of its line.
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

    /// Says for people what is expected.
    fn expected(&self, secrets: &SecretKeys) -> String {
        let shown = |value: &str| secrets.mask(&self.section, &self.key, value).into_owned();
        match &self.expect {
            Expect::Value(value) => shown(value),
            Expect::Absent => "not set".to_owned(),
            Expect::Present => "set".to_owned(),
            // A pattern or a range would help to guess it.
            _ if self.secret => shown("constraint"),
            Expect::Range { min: Some(min), max: Some(max) } => format!("{min} to {max}"),
            Expect::Range { min: Some(min), .. } => format!("{min} or more"),
            Expect::Range { max, .. } => format!("{} or less", max.unwrap_or_default()),
            Expect::OneOf(values) => {
                let shown = |value: &String| match value.is_empty() {
                    true => "nothing".to_owned(),
                    false => shown(value),
                };
                values.iter().map(shown).collect::<Vec<_>>().join(" or ")
            }
            Expect::Matches(pattern) => {
                secrets.mask_text(&format!("a match of {pattern}")).into_owned()
            }
        }
    }
}

impl Drift {
    /// Says why the account of a constraint that is not met is not written.
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
            // A directive that is none is repeated.
            true if matches!(error, AddError::Directive { .. }) => {
                format!("template `{}` with these values makes no directive", self.template)
            }
            _ => microsip_schema::mask(SETTINGS, "", &message).into_owned(),
        };
        let placed = Error::new(&self.origin, shown);
        let hint = match error {
            AddError::Occupied { can_chain: true, .. } => Some(
                "`chain = true` runs it as the first directive, `replace = true` takes its place",
            ),
            AddError::Occupied { .. } => Some("`replace = true` takes its place"),
            AddError::SystemMessage { .. } => {
                Some("`allow_system_message = true` sends it all the same")
            }
            AddError::TooOld { .. } => Some("`[match]` or `[[when]]` limits it to some versions"),
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
                // The key that is recorded as the template's, or else the only one.
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
