//! Removes hooks: exactly the keys that `add` wrote, and restores the previous values.

use std::collections::BTreeSet;

use crate::event::{Event, Hooks, RECORD, Record, SETTINGS};
use crate::plan::Desired;

/// The hooks to remove.
#[derive(Debug, Clone)]
pub struct Removal {
    /// The events.
    pub events: Vec<Event>,
    /// The templates. If empty, all templates.
    pub templates: Vec<String>,
}

/// The changes that remove hooks from a file.
#[derive(Debug, Clone)]
pub struct Removed {
    /// The desired state.
    pub desired: Desired,
    /// Notes for the user.
    pub notes: Vec<String>,
}

/// Returns the changes that remove hooks from a file. Each key that msipctl recorded gets its previous value again. Keys
/// that were changed since then stay unchanged. The launcher is removed with the last directive that msipctl wrote.
pub fn remove(hooks: Hooks<'_>, removal: &Removal) -> Removed {
    let mut removing = Removing { hooks, desired: Desired::new(), notes: Vec::new(), left: 0 };
    for event in Event::ALL {
        removing.event(event, removal);
    }
    let Removing { mut desired, notes, left, .. } = removing;
    let created = hooks.profile().get(RECORD, Record::CREATED);
    if left == 0 && !desired.requests().is_empty() {
        if let Some(section) = created {
            desired = desired.unset_section_if_bare(&section, "msipctl created it").unset(
                RECORD,
                Record::CREATED,
                "its record",
            );
        }
        desired = desired.unset_section_if_bare(RECORD, "the last record was removed");
    }
    Removed { desired, notes }
}

/// Returns the names of the templates whose hooks are recorded in a file.
pub fn recorded(hooks: Hooks<'_>) -> BTreeSet<String> {
    let records = Event::ALL.into_iter().flat_map(|event| hooks.records(event));
    records.filter(|record| !is_support(record)).map(|record| record.by).collect()
}

/// Returns whether a record belongs to a launcher or a chained command instead of a template.
fn is_support(record: &Record) -> bool {
    matches!(&*record.by, Record::LAUNCHER | Record::CHAIN)
}

/// The state while hooks are removed from a file.
struct Removing<'d> {
    hooks: Hooks<'d>,
    desired: Desired,
    notes: Vec<String>,
    /// The number of records that stay.
    left: usize,
}

impl Removing<'_> {
    fn event(&mut self, event: Event, removal: &Removal) {
        let records = self.hooks.records(event);
        let named = |record: &Record| {
            removal.events.contains(&event)
                && (removal.templates.is_empty() || removal.templates.contains(&record.by))
        };
        let (support, hooks): (Vec<_>, Vec<_>) =
            records.iter().partition(|record| is_support(record));
        let (out, stay): (Vec<_>, Vec<_>) = hooks.into_iter().partition(|record| named(record));
        for record in &out {
            self.take_back(record);
        }
        // The launcher stays as long as directives need it. Otherwise it's removed, even if it's the only hook.
        let asked =
            !out.is_empty() || (removal.events.contains(&event) && removal.templates.is_empty());
        if stay.is_empty() && asked {
            for record in support {
                self.take_back(record);
            }
        } else {
            self.left += stay.len() + support.len();
        }
    }

    /// Restores the previous value of a key, unless the key was changed since then.
    fn take_back(&mut self, record: &Record) {
        let key = record.key.as_str();
        let desired = std::mem::take(&mut self.desired);
        let desired = if self.is_ours(record) {
            match &record.before {
                Some(before) => desired.set_written(SETTINGS, key, before, "the previous value"),
                None => desired.unset(SETTINGS, key, format!("written by {}", record.by)),
            }
        } else {
            self.notes
                .push(format!("`{key}` was changed after msipctl wrote it, so it stays unchanged"));
            desired
        };
        self.desired = desired
            .unset(RECORD, key, "its record")
            .unset(RECORD, &format!("{key}{}", Record::BEFORE), "its record")
            .unset(RECORD, &format!("{key}{}", Record::WROTE), "its record");
    }

    /// Returns whether a key still has the value that msipctl wrote. Directives count regardless of their value, because only
    /// msipctl reads them. A command can have been replaced by another program.
    fn is_ours(&self, record: &Record) -> bool {
        let Some(event) = Event::of_key(&record.key) else { return true };
        let Some(command) = self.hooks.command(event) else { return false };
        match record.by.as_str() {
            Record::LAUNCHER => command.launcher(event).is_some(),
            _ => record.wrote.as_deref() == Some(&*command.entry().value()),
        }
    }
}
