//! Events, selected by names and patterns.

use std::str::FromStr;

use msipctl_core::event::{Event, EventError};
use wildmatch::WildMatch;

/// The events that one name or pattern selects.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum EventPattern {
    /// One event, by its name.
    Event(Event),
    /// All events that match a pattern, or all.
    Matching(Vec<Event>),
}

impl FromStr for EventPattern {
    type Err = EventError;

    fn from_str(text: &str) -> Result<Self, EventError> {
        let pattern = match text {
            "all" => "*",
            text => text,
        };
        if !pattern.contains(['*', '?']) {
            return text.parse().map(Self::Event);
        }
        let glob = WildMatch::new(pattern);
        let found: Vec<_> =
            Event::ALL.into_iter().filter(|event| glob.matches(event.name())).collect();
        match found.is_empty() {
            true => text.parse().map(Self::Event),
            false => Ok(Self::Matching(found)),
        }
    }
}

/// Returns the selected events, each once. A pattern selects only events for which `is_supported` returns `true`.
pub(super) fn selected(
    patterns: &[EventPattern],
    is_supported: impl Fn(Event) -> bool,
) -> Vec<Event> {
    let mut events = Vec::new();
    for pattern in patterns {
        let found = match pattern {
            EventPattern::Event(event) => vec![*event],
            EventPattern::Matching(found) => {
                found.iter().copied().filter(|event| is_supported(*event)).collect()
            }
        };
        events.extend(found);
    }
    // A template is rendered for each event, and reports an event that is named again.
    let is_pattern = |pattern: &EventPattern| matches!(pattern, EventPattern::Matching(_));
    if patterns.iter().any(is_pattern) {
        let mut seen = Vec::new();
        events.retain(|event| {
            !seen.contains(event) && {
                seen.push(*event);
                true
            }
        });
    }
    events
}

/// Returns the names of events with commas between them.
pub(super) fn event_names(events: &[Event]) -> String {
    events.iter().map(|event| event.name()).collect::<Vec<_>>().join(",")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(text: &str) -> String {
        let patterns: Vec<EventPattern> = text.split(',').map(|it| it.parse().unwrap()).collect();
        event_names(&selected(&patterns, |_| true))
    }

    #[test]
    fn event_patterns_select_matching_events_once() {
        assert_eq!(names("all"), event_names(&Event::ALL));
        assert_eq!(names("*ing-call"), "outgoing-call,incoming-call");
        assert_eq!(names("call-a*,call-answer"), "call-answer,call-answer-video");
        assert_eq!(names("call-end"), "call-end");
    }

    #[test]
    fn event_patterns_select_only_supported_events() {
        let all = ["all".parse().unwrap()];
        assert_eq!(selected(&all, |event| event == Event::CallEnd), [Event::CallEnd]);
    }

    #[test]
    fn pattern_without_a_match_is_rejected() {
        assert!("sms-*".parse::<EventPattern>().is_err());
        assert!("incoming".parse::<EventPattern>().is_err());
    }
}
