//! The rows, one file a section, and the words that rows are written in.

mod account;
mod aliases;
mod fork;
mod global;
mod records;
mod settings;

pub(super) use aliases::ALIASES;

use super::key::Key;
use super::kind::{Choice, Kind, Switch};
use super::section::Section;
use super::version::Version;

/// All rows, section by section; those of forks last.
pub(super) const TABLE: [&[Key]; 5] =
    [settings::KEYS, global::KEYS, account::KEYS, records::KEYS, fork::KEYS];

const V3_15_6: Version = Version::new(3, 15, 6);
const V3_18_5: Version = Version::new(3, 18, 5);
const V3_19_18: Version = Version::new(3, 19, 18);
const V3_20_5: Version = Version::new(3, 20, 5);
const V3_21_3: Version = Version::new(3, 21, 3);
const V3_22_0: Version = Version::new(3, 22, 0);
const V3_22_3: Version = Version::new(3, 22, 3);
const V3_22_5: Version = Version::new(3, 22, 5);

const fn switch(section: Section, name: &'static str, switch: Switch) -> Key {
    Key::new(section, name, Kind::Switch(switch))
}

const fn number(section: Section, name: &'static str, min: i64, max: i64) -> Key {
    Key::new(section, name, Kind::Number { min, max })
}

const fn choice(section: Section, name: &'static str, choices: &'static [Choice]) -> Key {
    Key::new(section, name, Kind::Choice(choices))
}

const fn text(section: Section, name: &'static str) -> Key {
    Key::new(section, name, Kind::Text)
}

const fn list(section: Section, name: &'static str) -> Key {
    Key::new(section, name, Kind::List)
}

const fn codecs(section: Section, name: &'static str) -> Key {
    Key::new(section, name, Kind::Codecs)
}

const fn ports(section: Section, name: &'static str) -> Key {
    Key::new(section, name, Kind::Ports)
}

const fn path(section: Section, name: &'static str) -> Key {
    Key::new(section, name, Kind::Path)
}

const fn command(section: Section, name: &'static str) -> Key {
    Key::new(section, name, Kind::Command)
}

const fn secret(section: Section, name: &'static str) -> Key {
    Key::new(section, name, Kind::Secret)
}

const fn record(section: Section, name: &'static str) -> Key {
    Key::new(section, name, Kind::Record)
}

/// A word that every version with the key knows.
const fn any(text: &'static str) -> Choice {
    Choice { text, since: None, until: None }
}

/// A word that is known from a version on.
const fn from(text: &'static str, since: Version) -> Choice {
    Choice { text, since: Some(since), until: None }
}

/// A word that is known up to a version.
const fn up_to(text: &'static str, until: Version) -> Choice {
    Choice { text, since: None, until: Some(until) }
}
