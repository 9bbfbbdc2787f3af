//! The changes of a file as rows of JSON, with secrets masked.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::diff::{self, Change, Hunk, Kind, Secrets};
use crate::event::{Event, Hooks, RECORD, Record, SETTINGS};
use crate::fleet::MissingSecret;
use crate::plan::{Blocked, ShadowedLine};
use crate::policy::Drift;
use winini::Document;
use winini::profile::Profile;

/// A key that reads differently.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, JsonSchema)]
pub struct ChangeRow {
    /// The section.
    pub section: String,
    /// The key.
    pub key: String,
    /// The value before, or `null` if the key wasn't set. A secret is shown as `***`.
    pub before: Option<String>,
    /// The value after, or `null` if the key isn't set. A secret is shown as `***`.
    pub after: Option<String>,
    /// How the key changes.
    pub kind: ChangeKind,
}

/// How a key or a hook changes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum ChangeKind {
    /// It didn't exist before.
    Added,
    /// It doesn't exist anymore.
    Removed,
    /// It has another value.
    Changed,
}

impl From<Change> for ChangeRow {
    fn from(change: Change) -> Self {
        let kind = match change.kind() {
            Kind::Added => ChangeKind::Added,
            Kind::Removed => ChangeKind::Removed,
            Kind::Changed => ChangeKind::Changed,
        };
        let Change { section, key, before, after } = change;
        Self { section, key, before, after, kind }
    }
}

/// A hook that changes on one event.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct HookChangeRow {
    /// The template.
    pub template: String,
    /// The event.
    pub event: &'static str,
    /// The key of the directive, or of a command that runs without msipctl.
    pub key: String,
    /// What happens to the hook.
    pub kind: ChangeKind,
    /// The directive or command before, or `null` if there was none. A secret is shown as `***`.
    pub before: Option<String>,
    /// The directive or command after, or `null` if it is removed. A secret is shown as `***`.
    pub after: Option<String>,
}

/// A removed line that Windows never read: a duplicate of a key, or a key of a duplicate section.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, JsonSchema)]
pub struct DuplicateRow {
    /// The line number in the file before, starting at 1.
    pub line: usize,
    /// The section.
    pub section: String,
    /// The key.
    pub key: String,
    /// The value. A secret is shown as `***`.
    pub value: String,
}

impl DuplicateRow {
    /// Describes a line.
    pub fn new(shadowed: &ShadowedLine, secrets: Secrets<'_>) -> Self {
        let ShadowedLine { line, section, key, value } = shadowed;
        Self {
            line: line + 1,
            section: section.clone(),
            key: key.clone(),
            value: secrets.shown(section, key, value).into_owned(),
        }
    }
}

/// An account that isn't written.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct BlockedRow {
    /// The section of the account.
    pub section: String,
    /// The constraint that the account violates.
    pub reason: String,
}

impl From<&Blocked> for BlockedRow {
    fn from(Blocked { section, reason }: &Blocked) -> Self {
        Self { section: section.clone(), reason: reason.clone() }
    }
}

/// A key that isn't verified, because its secret isn't available.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct MissingSecretRow {
    /// The section of the key.
    pub section: String,
    /// The name of the key.
    pub key: String,
    /// Why the secret isn't available.
    pub reason: String,
    /// The location in the policy.
    pub policy: String,
}

impl From<&MissingSecret> for MissingSecretRow {
    fn from(missing: &MissingSecret) -> Self {
        let MissingSecret { section, key, reason, origin } = missing.clone();
        Self { section, key, reason, policy: origin }
    }
}

/// A key or hook that differs from the policy.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct DriftRow {
    /// The section of the key.
    pub section: String,
    /// The name of the key. For a hook, the key of its directive or command.
    pub key: String,
    /// The hook, or `null` for a key that isn't part of a hook.
    pub hook: Option<HookDriftRow>,
    /// The expected value or constraint, as text for readers. A secret is shown as `***`.
    pub expected: String,
    /// The value in the file, or `null` if the key isn't set. A secret is shown as `***`.
    pub actual: Option<String>,
    /// The line number of the value, starting at 1, or `null`.
    pub line: Option<usize>,
    /// The location in the policy that defines the expectation.
    pub policy: String,
}

/// A hook that differs from the policy.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct HookDriftRow {
    /// The template.
    pub template: String,
    /// The event.
    pub event: &'static str,
    /// What is wrong: `missing`, `different`, `no_launcher`, or `blocked`.
    pub problem: &'static str,
}

impl From<&Drift> for DriftRow {
    fn from(drift: &Drift) -> Self {
        let hook = drift.hook.as_ref().map(|hook| HookDriftRow {
            template: hook.template.clone(),
            event: hook.event.name(),
            problem: hook.problem.name(),
        });
        Self {
            section: drift.section.clone(),
            key: drift.key.clone(),
            hook,
            expected: drift.expected.clone(),
            actual: drift.actual.clone(),
            line: drift.line,
            policy: drift.origin.to_string(),
        }
    }
}

/// A unified diff.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct DiffText {
    /// The name of the file before.
    pub before_header: String,
    /// The name of the file after.
    pub after_header: String,
    /// The hunks, with secrets masked. Lines end with LF.
    pub text: String,
}

impl DiffText {
    /// Compares two documents.
    pub fn new(path: &str, before: &Document, after: &Document, secrets: Secrets<'_>) -> Self {
        let hunks = diff::hunks(before, after, secrets);
        let text = hunks.iter().map(text_of).collect();
        Self { before_header: path.to_owned(), after_header: path.to_owned(), text }
    }
}

/// Returns a hunk as text.
fn text_of(hunk: &Hunk) -> String {
    let mut text = hunk.header() + "\n";
    for line in &hunk.lines {
        text.push(line.sign.prefix());
        text.push_str(&line.text);
        text.push('\n');
        if line.is_open {
            text.push_str("\\ No newline at end of file\n");
        }
    }
    text
}

impl HookChangeRow {
    /// Returns the hooks that change between two documents, and removes their keys from `changes`.
    ///
    /// A hook is what the record of either document names. Keys that msipctl didn't write stay in `changes`.
    pub fn take(
        before: &Document,
        after: &Document,
        changes: &mut Vec<ChangeRow>,
        secrets: Secrets<'_>,
    ) -> Vec<Self> {
        if !changes.iter().any(|change| is_of_hook(&change.section, &change.key).is_some()) {
            return Vec::new();
        }
        let before = Hooks::new(Profile::new(before));
        let after = Hooks::new(Profile::new(after));
        let mut rows = Vec::new();
        for event in Event::ALL {
            let is_of_event = |change: &&ChangeRow| {
                is_of_hook(&change.section, &change.key).is_some_and(|(of, _)| of == event)
            };
            let changed: Vec<String> = changes
                .iter()
                .filter(is_of_event)
                .filter_map(|change| Some(is_of_hook(&change.section, &change.key)?.1))
                .collect();
            if changed.is_empty() {
                continue;
            }
            let found = Self::of_event(event, [before, after], &changed, secrets);
            if found.is_empty() {
                continue;
            }
            // A command of another program is not a part of the hook that replaces it.
            let is_foreign = |hooks: Hooks<'_>| {
                let command = hooks.command(event);
                command.is_some_and(|command| command.launcher(event).is_none())
                    && hooks.record(event.key()).is_none()
            };
            let has_foreign_command = is_foreign(before) || is_foreign(after);
            changes.retain(|change| match is_of_hook(&change.section, &change.key) {
                Some((of, _)) if of != event => true,
                Some((_, key)) if change.section.eq_ignore_ascii_case(SETTINGS) => {
                    let is_recorded = before.record(&key).or_else(|| after.record(&key)).is_some();
                    let is_command = key.eq_ignore_ascii_case(event.key());
                    !is_recorded || is_command && has_foreign_command
                }
                Some(_) => false,
                None => true,
            });
            rows.extend(found);
        }
        if !rows.is_empty() {
            let is_created = |change: &ChangeRow| {
                change.section.eq_ignore_ascii_case(RECORD)
                    && change.key.eq_ignore_ascii_case(Record::CREATED)
            };
            changes.retain(|change| !is_created(change));
        }
        rows
    }

    /// Returns the hooks of an event that change, where the values or records of these keys change.
    fn of_event(
        event: Event,
        [before, after]: [Hooks<'_>; 2],
        changed: &[String],
        secrets: Secrets<'_>,
    ) -> Vec<Self> {
        let template = |hooks: Hooks<'_>, key: &str| {
            hooks.record(key).map(|record| record.by).filter(|by| by != Record::LAUNCHER)
        };
        let value = |hooks: Hooks<'_>, key: &str| {
            let value = hooks.profile().get(SETTINGS, key)?;
            Some(secrets.shown(SETTINGS, key, &value).into_owned())
        };
        let records = before.records(event).into_iter().chain(after.records(event));
        let mut keys: Vec<String> = Vec::new();
        for record in records.filter(|record| record.by != Record::LAUNCHER) {
            if !keys.contains(&record.key) {
                keys.push(record.key);
            }
        }
        let is_launcher_changed = changed.iter().any(|key| key.eq_ignore_ascii_case(event.key()));
        let mut rows = Vec::new();
        for key in keys {
            let (old, new) = (template(before, &key), template(after, &key));
            let is_changed = changed.iter().any(|other| other.eq_ignore_ascii_case(&key));
            if !is_changed && !is_launcher_changed {
                continue;
            }
            let kind = match (&old, &new) {
                (None, _) => ChangeKind::Added,
                (_, None) => ChangeKind::Removed,
                _ => ChangeKind::Changed,
            };
            rows.push(Self {
                template: new.clone().or_else(|| old.clone()).unwrap_or_default(),
                event: event.name(),
                kind,
                before: old.and_then(|_| value(before, &key)),
                after: new.and_then(|_| value(after, &key)),
                key,
            });
        }
        rows
    }
}

/// Returns the event and the key in `[Settings]` that a key belongs to: a directive, a command, or the record of one.
fn is_of_hook(section: &str, key: &str) -> Option<(Event, String)> {
    let key = match (section.eq_ignore_ascii_case(SETTINGS), section.eq_ignore_ascii_case(RECORD)) {
        (true, _) => key,
        (_, true) => {
            let suffixes = [Record::BEFORE, Record::WROTE];
            suffixes.iter().find_map(|suffix| key.strip_suffix(suffix)).unwrap_or(key)
        }
        _ => return None,
    };
    let event = Event::of_key(key).or_else(|| Event::of_directive(key).map(|(event, _)| event));
    event.map(|event| (event, key.to_owned()))
}
