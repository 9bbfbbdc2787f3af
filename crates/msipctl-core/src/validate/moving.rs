//! Edits that move a line to another key or section without losing any text.

use super::context::Context;
use crate::event::{Event, InstalledDirective, SETTINGS};
use winini::Edit;
use winini::profile::{self, Entry};

/// Returns the edits that rename the key of an entry of `[Settings]`. `None` if the new key has a value, or if the line
/// isn't valid text.
pub(super) fn renamed(context: Context<'_>, entry: Entry<'_>, key: &str) -> Option<Vec<Edit>> {
    match context.profile.entry(SETTINGS, key) {
        None => Some(vec![with_key(context, entry, key)?]),
        // MicroSIP writes every key that it knows, with an empty value if it isn't set.
        Some(existing) if existing.value().is_empty() => moved(context, entry, key),
        Some(_) => None,
    }
}

/// Returns the edits that remove an entry and write its value to a key in `[Settings]`, replacing the old value. `None` if
/// the value isn't valid text.
pub(super) fn moved(context: Context<'_>, entry: Entry<'_>, key: &str) -> Option<Vec<Edit>> {
    moved_line(context, entry.line(), key)
}

/// Does the same as [`moved`], also for a line before the first section.
pub(super) fn moved_line(context: Context<'_>, line: usize, key: &str) -> Option<Vec<Edit>> {
    let document = context.document;
    let written = document.raw(document.line(line).value());
    let written = document.encoding().decode_exact(written)?;
    let mut edits = profile::set_written(document, SETTINGS, key, &written).ok()?;
    edits.push(Edit::RemoveLine { line });
    Some(edits)
}

/// Returns the key with the first free number for a directive of an event.
pub(super) fn free_key(event: Event, placed: &[InstalledDirective<'_>]) -> String {
    let is_taken = |number: &u32| placed.iter().any(|placed| placed.number == *number);
    let free = (1..).find(|number| !is_taken(number)).unwrap_or(u32::MAX);
    event.directive_key(free)
}

/// Returns the edit that replaces the key of an entry.
fn with_key(context: Context<'_>, entry: Entry<'_>, key: &str) -> Option<Edit> {
    let document = context.document;
    let (content, name) = (document.line(entry.line()).content().range(), entry.key_span().range());
    let text = |range| document.encoding().decode_exact(&document.bytes()[range]);
    let (before, after) = (text(content.start..name.start)?, text(name.end..content.end)?);
    Some(Edit::ReplaceLine { line: entry.line(), text: format!("{before}{key}{after}") })
}
