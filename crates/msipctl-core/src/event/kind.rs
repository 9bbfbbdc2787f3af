//! The eight events on which MicroSIP starts a command.

use std::fmt;
use std::str::FromStr;

use microsip_schema::{NEAR, Version, nearest};

/// A point in a call at which MicroSIP can start a program.
///
/// # Example
///
/// ```
/// use msipctl_core::event::Event;
///
/// let event: Event = "incoming-call".parse()?;
/// assert_eq!(event.key(), "cmdIncomingCall");
/// assert_eq!(event.directive_key(2), "OnIncomingCall.2");
/// assert_eq!(Event::of_directive("onincomingcall.2"), Some((event, 2)));
/// # Ok::<(), msipctl_core::event::EventError>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Event {
    /// An outgoing call begins.
    OutgoingCall,
    /// A call comes in, even if it's then refused.
    IncomingCall,
    /// An incoming call rings.
    CallRing,
    /// An incoming call is connected.
    CallAnswer,
    /// An incoming call with video is connected.
    CallAnswerVideo,
    /// A call ends as busy or declined. [`Event::CallEnd`] doesn't follow.
    CallBusy,
    /// Any call is connected.
    CallStart,
    /// A call ends in any other way.
    CallEnd,
}

/// The table entry of an event.
struct Row {
    name: &'static str,
    directive: &'static str,
    key: &'static str,
    since: Version,
    about: &'static str,
}

const fn row(
    name: &'static str,
    directive: &'static str,
    key: &'static str,
    since: (u16, u16, u16),
    about: &'static str,
) -> Row {
    Row { name, directive, key, since: Version::new(since.0, since.1, since.2), about }
}

impl Event {
    /// All events, in the order of a call.
    pub const ALL: [Self; 8] = [
        Self::OutgoingCall,
        Self::IncomingCall,
        Self::CallRing,
        Self::CallAnswer,
        Self::CallAnswerVideo,
        Self::CallBusy,
        Self::CallStart,
        Self::CallEnd,
    ];

    /// Returns the name on the command line, such as `incoming-call`.
    pub fn name(self) -> &'static str {
        self.row().name
    }

    /// Returns the key of the first directive, such as `OnIncomingCall`.
    pub fn directive(self) -> &'static str {
        self.row().directive
    }

    /// Returns the key that MicroSIP reads, such as `cmdIncomingCall`.
    pub fn key(self) -> &'static str {
        self.row().key
    }

    /// Returns the first known version of MicroSIP that reads the key.
    pub fn since(self) -> Version {
        self.row().since
    }

    /// Returns when the event occurs.
    pub fn about(self) -> &'static str {
        self.row().about
    }

    /// Returns additional facts about the event.
    pub fn details(self) -> &'static str {
        match self {
            Self::OutgoingCall => {
                "Since 3.21.3, the command of this event, and only of this one, can contain placeholders such as {number}. \
                 MicroSIP replaces them with URL-encoded values."
            }
            Self::IncomingCall => {
                "Since 3.19.11, MicroSIP starts the command before it decides about the call. It continues when the \
                 command exits, or after 10 seconds, and doesn't ring until then. The call may never ring, be connected, or \
                 end. Up to 3.19.10, the event occurs only for calls that MicroSIP accepts."
            }
            Self::CallRing => {
                "Occurs after incoming-call, when MicroSIP has sent the caller that the phone is ringing."
            }
            Self::CallAnswer => {
                "The first event of a connected call. call-answer-video, if the call has video, and call-start follow."
            }
            Self::CallAnswerVideo => {
                "Occurs in addition to call-answer and call-start, between them."
            }
            Self::CallBusy => {
                "Occurs for outgoing and incoming calls that end with 486, 600, or 603, also if you decline the call."
            }
            Self::CallStart => "The last event of a connected call, outgoing or incoming.",
            Self::CallEnd => {
                "Occurs for every call that doesn't end as busy or declined, including missed, canceled, and failed calls."
            }
        }
    }

    /// Returns the key of a directive by its number. The first directive has no number.
    pub fn directive_key(self, number: u32) -> String {
        match number {
            1 => self.directive().to_owned(),
            _ => format!("{}.{number}", self.directive()),
        }
    }

    /// Returns the event of a command key, in any capitalization.
    pub fn of_key(key: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|event| event.key().eq_ignore_ascii_case(key))
    }

    /// Returns the event and number of a directive key, in any capitalization.
    pub fn of_directive(key: &str) -> Option<(Self, u32)> {
        let (name, number) = match key.split_once('.') {
            None => (key, 1),
            Some((name, digits)) => {
                let number: u32 = digits.parse().ok()?;
                // Number 1 isn't written, and `02` and `+2` aren't valid numbers.
                (name, Some(number).filter(|it| *it != 1 && it.to_string() == digits)?)
            }
        };
        let event = Self::ALL.into_iter().find(|it| it.directive().eq_ignore_ascii_case(name))?;
        Some((event, number))
    }

    // The versions are the first ones whose source contains the key.
    fn row(self) -> &'static Row {
        const ROWS: [Row; 8] = [
            row(
                "outgoing-call",
                "OnOutgoingCall",
                "cmdOutgoingCall",
                (3, 19, 10),
                "an outgoing call begins, before the other side rings",
            ),
            row(
                "incoming-call",
                "OnIncomingCall",
                "cmdIncomingCall",
                (3, 12, 1),
                "a call comes in; from 3.19.11 on also one that is then refused or forwarded",
            ),
            row(
                "call-ring",
                "OnCallRing",
                "cmdCallRing",
                (3, 19, 10),
                "an incoming call rings, not when it is forwarded or answered at once",
            ),
            row(
                "call-answer",
                "OnCallAnswer",
                "cmdCallAnswer",
                (3, 12, 1),
                "an incoming call is connected, by hand or automatically",
            ),
            row(
                "call-answer-video",
                "OnCallAnswerVideo",
                "cmdCallAnswerVideo",
                (3, 21, 3),
                "an incoming call is connected and has video, after call-answer",
            ),
            row(
                "call-busy",
                "OnCallBusy",
                "cmdCallBusy",
                (3, 19, 10),
                "a call ends as busy or declined; call-end doesn't follow",
            ),
            row(
                "call-start",
                "OnCallStart",
                "cmdCallStart",
                (3, 12, 1),
                "any call is connected, after call-answer",
            ),
            row(
                "call-end",
                "OnCallEnd",
                "cmdCallEnd",
                (3, 12, 1),
                "a call ends in any other way: hung up, missed, canceled, or failed",
            ),
        ];
        &ROWS[self as usize]
    }
}

impl fmt::Display for Event {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

impl FromStr for Event {
    type Err = EventError;

    fn from_str(text: &str) -> Result<Self, EventError> {
        let found = Self::ALL.into_iter().find(|event| event.name() == text);
        found.ok_or_else(|| EventError { text: text.to_owned() })
    }
}

/// The error for an unknown event.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EventError {
    text: String,
}

impl fmt::Display for EventError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "unknown event `{}`", self.text)?;
        if let Some(near) = self.near() {
            return write!(f, "; did you mean `{near}`?");
        }
        let names = Event::ALL.map(Event::name);
        let (last, others) = names.split_last().unwrap_or((&"", &[]));
        write!(f, ": expected {}, or {last}", others.join(", "))
    }
}

impl EventError {
    /// Returns the event with the most similar name.
    fn near(&self) -> Option<Event> {
        let named = |event: &Event| {
            let names = [event.key(), event.directive()];
            names.iter().any(|name| name.eq_ignore_ascii_case(&self.text))
        };
        let exact = Event::ALL.into_iter().find(named);
        exact.or_else(|| nearest(&self.text, Event::ALL.map(Event::name), NEAR)?.parse().ok())
    }
}

impl std::error::Error for EventError {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn event_table_matches_names_keys_and_directives() {
        for event in Event::ALL {
            assert_eq!(event.name().parse(), Ok(event));
            assert_eq!(Event::of_key(&event.key().to_uppercase()), Some(event));
            assert_eq!(Event::of_directive(event.directive()), Some((event, 1)));
            let camel = event.directive().strip_prefix("On").unwrap();
            assert_eq!(event.key().strip_prefix("cmd"), Some(camel));
        }
    }

    #[test]
    fn directive_numbers_have_one_valid_spelling() {
        for key in ["OnCallEnd.1", "OnCallEnd.02", "OnCallEnd.+2", "OnCallEnd.", "OnCallEnd.x"] {
            assert_eq!(Event::of_directive(key), None, "{key}");
        }
        assert_eq!(Event::of_directive("OnCallEnd.0"), Some((Event::CallEnd, 0)));
        assert_eq!(Event::CallEnd.directive_key(0), "OnCallEnd.0");
    }

    #[test]
    fn unknown_event_error_suggests_a_similar_name() {
        let error = |text: &str| text.parse::<Event>().unwrap_err().to_string();
        assert_eq!(
            error("incomming-call"),
            "unknown event `incomming-call`; did you mean `incoming-call`?"
        );
        assert_eq!(error("cmdCallEnd"), "unknown event `cmdCallEnd`; did you mean `call-end`?");
        assert!(error("x").ends_with("call-start, or call-end"));
    }
}
