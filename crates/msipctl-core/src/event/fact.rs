//! Differences between versions of MicroSIP on an event: the number that the command gets, and the calls for which it runs.

use std::fmt;

use super::kind::Event;
use microsip_schema::Version;

/// The behavior of some versions on an event.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Fact {
    events: &'static [Event],
    since: Option<Version>,
    until: Option<Version>,
    text: &'static str,
}

/// The events of an incoming call, including those that also occur in outgoing calls.
const OF_INCOMING: &[Event] = &[
    Event::IncomingCall,
    Event::CallRing,
    Event::CallAnswer,
    Event::CallAnswerVideo,
    Event::CallStart,
    Event::CallBusy,
    Event::CallEnd,
];
/// The events of an outgoing call.
const OF_OUTGOING: &[Event] =
    &[Event::OutgoingCall, Event::CallStart, Event::CallBusy, Event::CallEnd];
const END_EVENTS: &[Event] = &[Event::CallBusy, Event::CallEnd];

/// The first version that reads the number from the asserted identity.
const ASSERTED: Version = Version::new(3, 22, 3);
/// The versions in which the command of an outgoing call can get the asserted number.
const MIXED: (Version, Version) = (Version::new(3, 22, 5), Version::new(3, 22, 16));
/// The first version that passes the domain of an address without a user part.
const DOMAIN: Version = Version::new(3, 20, 1);

const fn fact(
    events: &'static [Event],
    since: Option<Version>,
    until: Option<Version>,
    text: &'static str,
) -> Fact {
    Fact { events, since, until, text }
}

const fn version(minor: u16, patch: u16) -> Option<Version> {
    Some(Version::new(3, minor, patch))
}

const FACTS: &[Fact] = &[
    fact(OF_INCOMING, None, version(21, 6), "The number of a caller is the user part of From."),
    fact(
        OF_INCOMING,
        Some(ASSERTED),
        None,
        "The number of a caller is the user part of P-Asserted-Identity or Remote-Party-ID, or of From if the call has neither.",
    ),
    fact(
        OF_OUTGOING,
        Some(MIXED.0),
        Some(MIXED.1),
        "In an outgoing call, the number can be the one that the server asserts instead of the dialed one.",
    ),
    fact(
        OF_OUTGOING,
        version(22, 18),
        None,
        "In an outgoing call, the number is the dialed one again.",
    ),
    fact(
        END_EVENTS,
        Some(DOMAIN),
        None,
        "The number is the user part of the SIP address, or the domain if the address has no user part.",
    ),
    fact(
        &[Event::CallBusy],
        version(19, 10),
        version(19, 10),
        "Only an incoming call that ends with 603 runs call-busy, and call-end runs, too.",
    ),
    fact(
        &[Event::CallEnd],
        version(19, 10),
        version(19, 10),
        "After an incoming call that ends with 603, both call-busy and call-end run.",
    ),
    fact(
        &[Event::CallBusy],
        version(19, 11),
        version(19, 27),
        "Calls that MicroSIP itself refuses (do-not-disturb, deny rule, limit, or duplicate) run call-busy.",
    ),
    fact(
        END_EVENTS,
        version(20, 1),
        None,
        "Calls that MicroSIP itself refuses (do-not-disturb, deny rule, limit, or duplicate) run neither call-busy nor call-end.",
    ),
    fact(&[Event::CallEnd], None, version(14, 5), "Busy calls run call-end, too."),
    fact(&[Event::CallEnd], version(15, 6), version(19, 8), "Calls that end with 486 run nothing."),
    fact(
        &[Event::CallEnd],
        version(20, 1),
        None,
        "After a local hang-up, call-end runs immediately, and once for each call.",
    ),
];

impl Event {
    /// Returns the behavior that only some versions have on this event.
    pub fn facts(self) -> impl Iterator<Item = &'static Fact> {
        FACTS.iter().filter(move |fact| fact.events.contains(&self))
    }

    /// Returns the source of the number that a version appends to the command.
    ///
    /// # Example
    ///
    /// ```
    /// use msipctl_core::event::Event;
    /// use microsip_schema::Version;
    ///
    /// assert_eq!(Event::CallRing.number(Version::new(3, 21, 6)), "user part of From");
    /// assert_eq!(
    ///     Event::CallRing.number(Version::new(3, 22, 3)),
    ///     "user part of P-Asserted-Identity or Remote-Party-ID, or of From if both are missing",
    /// );
    /// ```
    pub fn number(self, microsip: Version) -> String {
        let incoming = match microsip >= ASSERTED {
            true => "P-Asserted-Identity or Remote-Party-ID, or of From if both are missing",
            false => "From",
        };
        let outgoing = match (MIXED.0..=MIXED.1).contains(&microsip) {
            true => "the dialed address, or of the one that the server asserts",
            false => "the dialed address",
        };
        match self {
            Self::OutgoingCall => format!("user part of {outgoing}"),
            Self::IncomingCall | Self::CallRing | Self::CallAnswer | Self::CallAnswerVideo => {
                format!("user part of {incoming}")
            }
            Self::CallStart | Self::CallBusy | Self::CallEnd => {
                let is_ending = END_EVENTS.contains(&self) && microsip >= DOMAIN;
                let domain =
                    if is_ending { "; the domain if the user part is missing" } else { "" };
                format!("user part of {incoming}; in outgoing calls, of {outgoing}{domain}")
            }
        }
    }
}

impl Fact {
    /// Returns the first version with this behavior, or `None` if all early versions have it.
    pub fn since(&self) -> Option<Version> {
        self.since
    }

    /// Returns the last version with this behavior, or `None` if the newest version has it.
    pub fn until(&self) -> Option<Version> {
        self.until
    }

    /// Returns a description of the behavior.
    pub fn text(&self) -> &'static str {
        self.text
    }

    /// Returns whether a version has this behavior.
    pub fn holds(&self, microsip: Version) -> bool {
        self.since.is_none_or(|since| since <= microsip)
            && self.until.is_none_or(|until| microsip <= until)
    }

    /// Returns the versions with this behavior as text.
    pub fn versions(&self) -> String {
        match (self.since, self.until) {
            (None, None) => "all versions".to_owned(),
            (Some(since), None) => format!("from {since}"),
            (None, Some(until)) => format!("up to {until}"),
            (Some(since), Some(until)) if since == until => since.to_string(),
            (Some(since), Some(until)) => format!("{since} to {until}"),
        }
    }
}

impl fmt::Display for Fact {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.versions(), self.text)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Returns whether a version has a behavior on an event whose description contains these words.
    fn does(event: Event, microsip: (u16, u16, u16), words: &str) -> bool {
        let microsip = Version::new(microsip.0, microsip.1, microsip.2);
        event.facts().any(|fact| fact.holds(microsip) && fact.text().contains(words))
    }

    #[test]
    fn caller_number_is_the_asserted_identity_since_3_22_3() {
        for event in OF_INCOMING {
            assert!(does(*event, (3, 19, 27), "user part of From."), "{event}");
            assert!(does(*event, (3, 21, 6), "user part of From."), "{event}");
            assert!(!does(*event, (3, 21, 6), "P-Asserted-Identity"), "{event}");
            assert!(does(*event, (3, 22, 3), "P-Asserted-Identity"), "{event}");
            let number = event.number(Version::new(3, 21, 6));
            assert!(number.starts_with("user part of From"), "{number}");
            let number = event.number(Version::new(3, 22, 18));
            assert!(number.contains("P-Asserted-Identity"), "{number}");
        }
    }

    #[test]
    fn outgoing_number_can_be_the_asserted_one_in_some_versions() {
        for event in OF_OUTGOING {
            let mixed = |microsip| {
                let number = event.number(Version::new(3, 22, microsip));
                number.contains("the dialed address, or of the one that the server asserts")
            };
            assert_eq!([3, 4, 5, 16, 18].map(mixed), [false, false, true, true, false], "{event}");
            assert!(does(*event, (3, 22, 16), "asserts"), "{event}");
            assert!(does(*event, (3, 22, 18), "the dialed one again"), "{event}");
        }
        assert!(!does(Event::IncomingCall, (3, 22, 16), "outgoing"));
    }

    #[test]
    fn call_end_number_is_the_domain_when_the_user_part_is_missing() {
        for event in END_EVENTS {
            assert!(!does(*event, (3, 19, 27), "domain"), "{event}");
            assert!(does(*event, (3, 20, 1), "domain"), "{event}");
            assert!(event.number(Version::new(3, 20, 1)).contains("domain"), "{event}");
            assert!(!event.number(Version::new(3, 19, 27)).contains("domain"), "{event}");
        }
    }

    #[test]
    fn busy_and_end_events_depend_on_the_version() {
        let (busy, end) = (Event::CallBusy, Event::CallEnd);
        assert!(does(end, (3, 14, 5), "Busy calls run call-end, too"));
        assert!(!does(end, (3, 15, 6), "Busy calls run call-end, too"));
        assert!(
            does(end, (3, 15, 6), "486 run nothing") && does(end, (3, 19, 8), "486 run nothing")
        );
        assert!(does(end, (3, 19, 10), "both") && !does(end, (3, 19, 11), "both"));
        assert!(does(busy, (3, 19, 10), "incoming call that ends with 603"));
        let refused = "refuses (do-not-disturb, deny rule, limit, or duplicate) run call-busy";
        for (microsip, expected) in
            [((3, 19, 10), false), ((3, 19, 11), true), ((3, 19, 27), true), ((3, 20, 1), false)]
        {
            assert_eq!(does(busy, microsip, refused), expected, "{microsip:?}");
        }
        for event in END_EVENTS {
            assert!(does(*event, (3, 20, 1), "neither call-busy nor call-end"), "{event}");
            assert!(!does(*event, (3, 19, 27), "neither"), "{event}");
        }
    }

    #[test]
    fn version_ranges_are_formatted_as_text() {
        let texts: Vec<_> = Event::CallEnd.facts().map(ToString::to_string).collect();
        assert!(texts[0].starts_with("up to 3.21.6: "), "{}", texts[0]);
        assert!(texts[1].starts_with("from 3.22.3: "), "{}", texts[1]);
        assert!(texts[2].starts_with("3.22.5 to 3.22.16: "), "{}", texts[2]);
        assert!(texts.iter().any(|text| text.starts_with("3.19.10: ")));
    }
}
