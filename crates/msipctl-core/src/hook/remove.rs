//! Taking hooks out again: exactly what adding wrote, and what stood there before comes back.

use std::collections::BTreeSet;

use crate::event::{Event, Hooks, RECORD, Record, SETTINGS};
use crate::plan::Desired;

/// Which hooks to take out.
#[derive(Debug, Clone)]
pub struct Removal {
    /// The events.
    pub events: Vec<Event>,
    /// The templates; all if there are none.
    pub templates: Vec<String>,
}

/// What taking hooks out asks of the file.
#[derive(Debug, Clone)]
pub struct Removed {
    /// The desired state.
    pub desired: Desired,
    /// What people should know of it.
    pub notes: Vec<String>,
}

/// Finds what taking hooks out asks of a file: every key that msipctl recorded goes back to what it
/// was, and keys that somebody changed since stay as they are. The launcher goes with the last
/// directive that msipctl wrote.
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

/// Returns the names of the templates that a file has hooks of, as recorded.
pub fn recorded(hooks: Hooks<'_>) -> BTreeSet<String> {
    let records = Event::ALL.into_iter().flat_map(|event| hooks.records(event));
    records.filter(|record| !is_support(record)).map(|record| record.by).collect()
}

/// Says whether a record is of what serves the hooks of templates, and is none itself.
fn is_support(record: &Record) -> bool {
    matches!(&*record.by, Record::LAUNCHER | Record::CHAIN)
}

/// Hooks on their way out of a file.
struct Removing<'d> {
    hooks: Hooks<'d>,
    desired: Desired,
    notes: Vec<String>,
    /// How many records stay.
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
        // The launcher serves what stays; without that it goes, also when it is all there is.
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

    /// Puts a key back to what stood there before, unless somebody changed it since.
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

    /// Says whether a key still holds what msipctl wrote. Only msipctl reads directives, so they are
    /// its own whatever they say; a command may be somebody else's by now.
    fn is_ours(&self, record: &Record) -> bool {
        let Some(event) = Event::of_key(&record.key) else { return true };
        let Some(command) = self.hooks.command(event) else { return false };
        match record.by.as_str() {
            Record::LAUNCHER => command.launcher(event).is_some(),
            _ => record.wrote.as_deref() == Some(&*command.entry().value()),
        }
    }
}
