//! Changes to hooks, reported as hooks and not as the keys that they consist of.

use std::io;

use super::changes::shown_value;
use super::screen::{ADDED, CHANGED, REMOVED, Screen, Style};
use msipctl_core::engine::{ChangeKind, HookChangeRow};

/// The maximum number of events that a line names.
const MAX_NAMED: usize = 3;

/// What happens to the hooks of one template in a file.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(super) struct HookChange {
    template: String,
    kind: ChangeKind,
    events: Vec<&'static str>,
}

/// Returns what happens to the hooks of each template in a file, without their texts.
pub(super) fn by_template(rows: &[HookChangeRow]) -> Vec<HookChange> {
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
pub(super) fn write_all(
    rows: &[HookChangeRow],
    out: &mut Screen<'_>,
    indent: &str,
) -> io::Result<()> {
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

impl HookChange {
    /// Writes the start of a line: `+ hook call-log on 8 events`.
    pub(super) fn put(&self, out: &mut Screen<'_>) -> io::Result<()> {
        let (sign, style) = sign(self.kind);
        put!(out, "{style}{sign} {}{style:#}", hook_on_events(&self.template, &self.events))
    }
}

/// Returns the sign of a kind of change, and its style.
fn sign(kind: ChangeKind) -> (char, Style) {
    match kind {
        ChangeKind::Added => ('+', ADDED),
        ChangeKind::Removed => ('-', REMOVED),
        ChangeKind::Changed => ('~', CHANGED),
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
