//! Changes to hooks, reported as hooks and not as the keys that they consist of.

use std::io;

use serde::Serialize;

use super::changes::{ChangeRow, shown_value};
use super::screen::{ADDED, CHANGED, REMOVED, Screen, Style};
use msipctl_core::diff::Secrets;
use msipctl_core::event::{Event, Hooks, RECORD, Record, SETTINGS};
use winini::Document;
use winini::profile::Profile;

/// The maximum number of events that a line names.
const MAX_NAMED: usize = 3;

/// One hook that changes on one event.
#[derive(Debug, Clone, Serialize)]
pub(crate) struct HookChangeRow {
    template: String,
    event: &'static str,
    /// The key of the directive, or of a command that runs without msipctl.
    key: String,
    kind: &'static str,
    before: Option<String>,
    after: Option<String>,
}

/// What happens to the hooks of one template in a file.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(super) struct HookChange {
    template: String,
    kind: &'static str,
    events: Vec<&'static str>,
}

impl HookChangeRow {
    /// Returns the template and the event.
    pub(super) fn names(&self) -> (&str, &'static str) {
        (&self.template, self.event)
    }

    /// Returns the hooks that change between two documents, and removes their keys from `changes`.
    ///
    /// A hook is what the record of either document names. Keys that msipctl didn't write stay in `changes`.
    pub(super) fn take(
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
                (None, _) => "added",
                (_, None) => "removed",
                _ => "changed",
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

    /// Returns what happens to the hooks of each template in a file, without their texts.
    pub(super) fn by_template(rows: &[Self]) -> Vec<HookChange> {
        let mut changes: Vec<HookChange> = Vec::new();
        for row in rows {
            let is_same = |it: &&mut HookChange| it.template == row.template && it.kind == row.kind;
            match changes.iter_mut().find(is_same) {
                Some(change) => change.events.push(row.event),
                None => changes.push(HookChange {
                    template: row.template.clone(),
                    kind: row.kind,
                    events: vec![row.event],
                }),
            }
        }
        changes
    }

    /// Writes the hooks of a file, each text once with all its events.
    pub(super) fn write_all(rows: &[Self], out: &mut Screen<'_>, indent: &str) -> io::Result<()> {
        let mut is_written = vec![false; rows.len()];
        for (index, row) in rows.iter().enumerate() {
            if is_written[index] {
                continue;
            }
            let mut events = Vec::new();
            for (other, written) in rows.iter().zip(&mut is_written) {
                let is_same = (&other.template, other.kind, &other.before, &other.after)
                    == (&row.template, row.kind, &row.before, &row.after);
                if is_same && !*written {
                    *written = true;
                    events.push(other.event);
                }
            }
            let text = match (row.before.as_deref(), row.after.as_deref()) {
                (Some(before), Some(after)) if before == after => "with a new launcher".to_owned(),
                (Some(before), Some(after)) => {
                    format!("= {} -> {}", shown_value(before), shown_value(after))
                }
                (before, after) => {
                    format!("= {}", shown_value(after.or(before).unwrap_or_default()))
                }
            };
            let (sign, style) = sign(row.kind);
            let name = hook_on_events(&row.template, &events);
            putln!(out, "{indent}{style}{sign} {name} {text}{style:#}")?;
        }
        Ok(())
    }
}

impl HookChange {
    /// Writes the start of a line: `+ hook call-log on 8 events`.
    pub(super) fn put(&self, out: &mut Screen<'_>) -> io::Result<()> {
        let (sign, style) = sign(self.kind);
        put!(out, "{style}{sign} {}{style:#}", hook_on_events(&self.template, &self.events))
    }
}

/// Returns the sign of a kind of change, and its style.
fn sign(kind: &str) -> (char, Style) {
    match kind {
        "added" => ('+', ADDED),
        "removed" => ('-', REMOVED),
        _ => ('~', CHANGED),
    }
}

/// Returns `hook call-log on incoming-call`, or `hook call-log on 8 events`.
fn hook_on_events(template: &str, events: &[&str]) -> String {
    format!("hook {template} on {}", named_events(events))
}

/// Returns the names of a few events, or the number of many.
pub(super) fn named_events(events: &[&str]) -> String {
    match events.len() {
        0..=MAX_NAMED => events.join(", "),
        many => format!("{many} events"),
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
