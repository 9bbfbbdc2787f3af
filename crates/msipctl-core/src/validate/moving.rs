//! Edits by which a line gets another key or another section, and loses nothing.

use super::context::Context;
use crate::event::{Event, InstalledDirective, SETTINGS};
use winini::Edit;
use winini::profile::{self, Entry};

/// Returns the edits by which an entry of `[Settings]` gets another key; `None` if that has a value, or the line is no
/// text.
pub(super) fn renamed(context: Context<'_>, entry: Entry<'_>, key: &str) -> Option<Vec<Edit>> {
    match context.profile.entry(SETTINGS, key) {
        None => Some(vec![with_key(context, entry, key)?]),
        // MicroSIP writes every key that it knows, with an empty value where there is none.
        Some(there) if there.value().is_empty() => moved(context, entry, key),
        Some(_) => None,
    }
}

/// Returns the edits by which an entry goes away, and its value stands in `[Settings]` under a key, in place of what
/// stands there; `None` if it is no text.
pub(super) fn moved(context: Context<'_>, entry: Entry<'_>, key: &str) -> Option<Vec<Edit>> {
    moved_line(context, entry.line(), key)
}

/// As [`moved`], for an entry above the first section, too.
pub(super) fn moved_line(context: Context<'_>, line: usize, key: &str) -> Option<Vec<Edit>> {
    let document = context.document;
    let written = document.raw(document.line(line).value());
    let written = document.encoding().decode_exact(written)?;
    let mut edits = profile::set_written(document, SETTINGS, key, &written).ok()?;
    edits.push(Edit::RemoveLine { line });
    Some(edits)
}

/// Returns the key of the first number behind those that an event's directives have.
pub(super) fn free_key(event: Event, placed: &[InstalledDirective<'_>]) -> String {
    let is_taken = |number: &u32| placed.iter().any(|placed| placed.number == *number);
    let free = (1..).find(|number| !is_taken(number)).unwrap_or(u32::MAX);
    event.directive_key(free)
}

/// Puts another key where that of an entry stands.
fn with_key(context: Context<'_>, entry: Entry<'_>, key: &str) -> Option<Edit> {
    let document = context.document;
    let (content, name) = (document.line(entry.line()).content().range(), entry.key_span().range());
    let text = |range| document.encoding().decode_exact(&document.bytes()[range]);
    let (before, behind) = (text(content.start..name.start)?, text(name.end..content.end)?);
    Some(Edit::ReplaceLine { line: entry.line(), text: format!("{before}{key}{behind}") })
}
