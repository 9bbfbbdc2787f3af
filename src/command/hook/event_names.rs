//! Events as a list of their names.

use msipctl_core::event::Event;

/// Returns the names of events with commas between them.
pub(super) fn event_names(events: &[Event]) -> String {
    events.iter().map(|event| event.name()).collect::<Vec<_>>().join(",")
}
