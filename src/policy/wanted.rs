//! What a policy wants of one file, and how far the file is from it.

use std::borrow::Cow;
use std::fmt;
use std::sync::Arc;

use super::error::Error;
use super::look::Look;
use super::password::{self, Verdict};
use super::place::Place;
use crate::event::{Event, Hooks, RECORD, SETTINGS};
use crate::hook::{self, AddError, AddOptions, Pattern, Rendered};
use crate::ini::Document;
use crate::plan::{Desired, EncodingPolicy, Plan, Want};
use crate::profile::{Entry, Profile};
use crate::schema::{self, SecretKeys, Version};

/// What stands for a secret.
const MASK: &str = "***";

/// What a policy wants of one file: conditions judged, templates rendered, secrets fetched.
#[derive(Debug, Clone, Default)]
pub struct Wanted {
    /// The version that reads the file; `None` stands for the newest one.
    pub(super) microsip: Option<Version>,
    pub(super) items: Vec<WantedItem>,
    pub(super) hooks: Vec<WantedHook>,
}

/// What is wanted of one key, and which key of the policy that is.
#[derive(Debug, Clone)]
pub(super) struct WantedItem {
    pub(super) slot: usize,
    pub(super) item: Arc<Item>,
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
    pub origin: Place,
    /// Whether its value is never shown.
    pub secret: bool,
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
pub(super) struct WantedHook {
    pub(super) event: Event,
    pub(super) template: String,
    pub(super) rendered: Arc<Rendered>,
    pub(super) options: AddOptions,
    pub(super) origin: Place,
    pub(super) secret: bool,
}

// What is rendered may hold a secret.
impl fmt::Debug for WantedHook {
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
    pub origin: Place,
    /// Whether applying the policy mends it.
    pub fixable: bool,
}

impl Wanted {
    /// Returns what is wanted of keys, in the order of the policy; hooks are not among them.
    pub fn items(&self) -> impl Iterator<Item = &Item> {
        self.items.iter().map(|wanted| &*wanted.item)
    }

    /// Returns section and name of each key that is wanted, those of hooks too, in the order of the policy. What is
    /// wanted twice comes twice.
    pub fn keys(&self) -> impl Iterator<Item = (&str, &str)> {
        let items = self.items().map(|item| (item.section.as_str(), item.key.as_str()));
        items.chain(self.hooks.iter().flat_map(WantedHook::keys).map(|key| (SETTINGS, key)))
    }

    /// Returns how many keys and hooks are wanted.
    pub fn len(&self) -> usize {
        self.items.len() + self.hooks.len()
    }

    /// Says whether nothing is wanted.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Returns the keys whose values are secrets by where the policy gets them, whatever they are called.
    pub fn secrets(&self) -> SecretKeys {
        let mut secrets = SecretKeys::default();
        for item in self.items().filter(|item| item.secret) {
            secrets.add(&item.section, &item.key);
        }
        for hook in self.hooks.iter().filter(|hook| hook.secret) {
            // A record repeats what was written.
            for section in [SETTINGS, RECORD] {
                secrets.add(section, hook.event.directive());
                secrets.add(section, hook.event.key());
            }
        }
        secrets
    }

    /// Finds what bringing a file to the policy asks of it: values, keys that shall be absent, and hooks.
    /// A plan of it, made again after it was applied, is empty.
    ///
    /// A password that MicroSIP has encrypted is left alone where it may be the one that is wanted.
    ///
    /// # Errors
    ///
    /// [`Error`] when a hook cannot be put in, as [`crate::hook::add`] says.
    pub fn desired(&self, document: &Document) -> Result<Desired, Error> {
        let values = self.values(document).hiding(&self.secrets());
        let hooks = self.each_hook(document, &values);
        hooks.into_iter().try_fold(values, |desired, (hook, added)| {
            added.map(|added| desired.and(added)).map_err(|error| hook.error(&error))
        })
    }

    /// Finds the keys of a file that are not as the policy wants them, in the order of the policy. A password of
    /// which nobody can say what it is, as MicroSIP has encrypted it, is none of them; see [`Self::unjudged`].
    pub fn drift(&self, document: &Document) -> Vec<Drift> {
        self.judge(document, None).0
    }

    /// Returns [`Self::drift`] and [`Self::unjudged`]. A look at the file by the policy that wants this finds the same as
    /// parsing it, and faster.
    pub fn judge(
        &self,
        document: &Document,
        look: Option<&Look<'_, '_>>,
    ) -> (Vec<Drift>, Vec<&Item>) {
        let profile = Profile::new(document);
        let (mut drift, mut unjudged) = (Vec::new(), Vec::new());
        for WantedItem { slot, item } in &self.items {
            let (value, line) = match look {
                Some(look) => (look.value(*slot).map(Cow::Borrowed), None),
                None => {
                    let entry = profile.entry(&item.section, &item.key);
                    (entry.map(Entry::value), entry.map(Entry::line))
                }
            };
            match item.verdict(value.as_deref(), self.version()) {
                Verdict::Wrong => {
                    let line = line.or_else(|| look?.line(*slot));
                    drift.push(item.drift(value.as_deref(), line));
                }
                Verdict::Unknown => unjudged.push(&**item),
                Verdict::Right => {}
            }
        }
        if !self.hooks.is_empty() {
            for (hook, added) in self.each_hook(document, &self.values(document)) {
                hook.drift(profile, added, &mut drift);
            }
        }
        (drift, unjudged)
    }

    /// Finds what the policy wants and nobody can judge: passwords that MicroSIP has encrypted.
    pub fn unjudged(&self, document: &Document) -> Vec<&Item> {
        self.judge(document, None).1
    }

    fn version(&self) -> Version {
        self.microsip.unwrap_or(Version::NEWEST)
    }

    /// Finds what the keys ask of a file.
    fn values(&self, document: &Document) -> Desired {
        let profile = Profile::new(document);
        let value = |item: &Item| profile.get(&item.section, &item.key);
        let is_wrong =
            |item: &&Item| item.verdict(value(item).as_deref(), self.version()) == Verdict::Wrong;
        let wrong = self.items().filter(is_wrong);
        wrong.fold(Desired::new(), |desired, item| {
            let Item { section, key, expect, origin, .. } = item;
            match expect {
                Expect::Value(value) => {
                    desired.set(section, key, value, format!("policy {origin}"))
                }
                Expect::Absent => desired.unset(section, key, format!("policy {origin}")),
                _ => desired,
            }
        })
    }

    /// Finds what each hook asks of a file in which all that stands before it is so.
    fn each_hook(
        &self,
        document: &Document,
        values: &Desired,
    ) -> Vec<(&WantedHook, Result<Desired, AddError>)> {
        let mut document = Cow::Borrowed(document);
        // Only a new `[Settings]` can make a difference: no key that hooks write is among the values.
        let creates =
            values.wishes().iter().any(|wish| wish.section.eq_ignore_ascii_case(SETTINGS));
        if creates && Profile::new(&document).section(SETTINGS).is_none() {
            document = after(&document, values);
        }
        let mut added = Vec::new();
        for hook in &self.hooks {
            let hooks = Hooks::new(Profile::new(&document));
            let desired = hook::add(hooks, &hook.rendered, &hook.options);
            if let Ok(desired) = &desired
                && !desired.wishes().is_empty()
            {
                document = after(&document, desired);
            }
            added.push((hook, desired));
        }
        added
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

    /// Judges the value that stands in a file, if one does.
    fn verdict(&self, value: Option<&str>, microsip: Version) -> Verdict {
        let right = |is_right: bool| if is_right { Verdict::Right } else { Verdict::Wrong };
        match &self.expect {
            Expect::Absent => return right(value.is_none()),
            Expect::Present => return right(value.is_some()),
            Expect::Value(wanted) => {
                let Some(value) = value else { return Verdict::Wrong };
                return match password::is_encrypted_in_place(&self.section, &self.key) {
                    true => password::compare(wanted, value),
                    false => right(wanted == value),
                };
            }
            _ => {}
        }
        // A key that is not set is read as the default of the version.
        let default = || schema::find(&self.section, &self.key)?.default(microsip);
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
            Expect::OneOf(values) => values.iter().any(|wanted| wanted == value),
            Expect::Matches(pattern) => pattern.is_match(value),
            Expect::Value(_) | Expect::Absent | Expect::Present => true,
        })
    }

    /// Tells of a value that is not as it shall be, and of its line.
    fn drift(&self, value: Option<&str>, line: Option<usize>) -> Drift {
        Drift {
            section: self.section.clone(),
            key: self.key.clone(),
            expected: self.expected(),
            actual: value.map(|value| self.shown(value)),
            line: line.map(|line| line + 1),
            origin: self.origin.clone(),
            fixable: matches!(self.expect, Expect::Value(_) | Expect::Absent),
        }
    }

    /// Says for people what is expected.
    fn expected(&self) -> String {
        match &self.expect {
            Expect::Value(value) => self.shown(value),
            Expect::Absent => "not set".to_owned(),
            Expect::Present => "set".to_owned(),
            _ if self.secret => MASK.to_owned(),
            Expect::Range { min: Some(min), max: Some(max) } => format!("{min} to {max}"),
            Expect::Range { min: Some(min), .. } => format!("{min} or more"),
            Expect::Range { max, .. } => format!("{} or less", max.unwrap_or_default()),
            Expect::OneOf(values) => {
                let shown = |value: &String| match value.is_empty() {
                    true => "nothing".to_owned(),
                    false => self.shown(value),
                };
                values.iter().map(shown).collect::<Vec<_>>().join(" or ")
            }
            Expect::Matches(pattern) => format!("a match of {pattern}"),
        }
    }

    fn shown(&self, value: &str) -> String {
        shown(&self.section, &self.key, value, self.secret)
    }
}

/// Returns a value as it may be shown.
fn shown(section: &str, key: &str, value: &str, secret: bool) -> String {
    match secret && !value.is_empty() {
        true => MASK.to_owned(),
        false => schema::mask(section, key, value).into_owned(),
    }
}

impl WantedHook {
    /// Returns the keys in `[Settings]`: a directive with its bridge, or a command.
    fn keys(&self) -> impl Iterator<Item = &str> {
        let directive = self.event.directive();
        let is_directive = self.rendered.lines().iter().any(|(_, line)| line.key == directive);
        is_directive.then_some(directive).into_iter().chain([self.event.key()])
    }

    fn error(&self, error: &AddError) -> Error {
        let message = error.to_string();
        let shown = match self.secret {
            // A directive that is none is repeated.
            true if matches!(error, AddError::Directive { .. }) => {
                format!("template `{}` with these values makes no directive", self.template)
            }
            _ => schema::mask(SETTINGS, "", &message).into_owned(),
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
        match error {
            AddError::Occupied { .. } | AddError::Bridged { .. } => placed.of_precondition(),
            _ => placed,
        }
    }

    fn drift(
        &self,
        profile: Profile<'_>,
        added: Result<Desired, AddError>,
        drift: &mut Vec<Drift>,
    ) {
        let mut push = |key: &str, expected: String, fixable: bool| {
            let entry = profile.entry(SETTINGS, key);
            drift.push(Drift {
                section: SETTINGS.to_owned(),
                key: key.to_owned(),
                expected,
                actual: entry.map(|entry| shown(SETTINGS, key, &entry.value(), self.secret)),
                line: entry.map(|entry| entry.line() + 1),
                origin: self.origin.clone(),
                fixable,
            });
        };
        match added {
            Ok(desired) => {
                for wish in desired.wishes() {
                    let Some(key) = wish.key.as_deref().filter(|_| wish.section == SETTINGS) else {
                        continue;
                    };
                    if let Want::Value(value) = &wish.want {
                        push(key, shown(SETTINGS, key, value, self.secret), true);
                    }
                }
            }
            Err(error) => {
                let expected =
                    format!("template {}: {}", self.template, self.error(&error).message());
                push(self.event.key(), expected, false);
            }
        }
    }
}
