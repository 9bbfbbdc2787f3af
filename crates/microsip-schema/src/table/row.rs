//! Constructors for the rows of the table: one per kind of key, and those for allowed values.

use crate::key::Key;
use crate::kind::{Choice, Kind, Switch};
use crate::section::Section;
use crate::version::Version;

pub(super) const fn switch(section: Section, name: &'static str, switch: Switch) -> Key {
    Key::new(section, name, Kind::Switch(switch))
}

pub(super) const fn number(section: Section, name: &'static str, min: i64, max: i64) -> Key {
    Key::new(section, name, Kind::Number { min, max })
}

pub(super) const fn choice(
    section: Section,
    name: &'static str,
    choices: &'static [Choice],
) -> Key {
    Key::new(section, name, Kind::Choice(choices))
}

pub(super) const fn text(section: Section, name: &'static str) -> Key {
    Key::new(section, name, Kind::Text)
}

pub(super) const fn list(section: Section, name: &'static str) -> Key {
    Key::new(section, name, Kind::List)
}

pub(super) const fn codecs(section: Section, name: &'static str) -> Key {
    Key::new(section, name, Kind::Codecs)
}

pub(super) const fn ports(section: Section, name: &'static str) -> Key {
    Key::new(section, name, Kind::Ports)
}

pub(super) const fn path(section: Section, name: &'static str) -> Key {
    Key::new(section, name, Kind::Path)
}

pub(super) const fn command(section: Section, name: &'static str) -> Key {
    Key::new(section, name, Kind::Command)
}

pub(super) const fn secret(section: Section, name: &'static str) -> Key {
    Key::new(section, name, Kind::Secret)
}

pub(super) const fn record(section: Section, name: &'static str) -> Key {
    Key::new(section, name, Kind::Record)
}

/// Creates a value that every version with the key supports.
pub(super) const fn any(text: &'static str) -> Choice {
    Choice { text, since: None, until: None }
}

/// Creates a value that is supported since a version.
pub(super) const fn from(text: &'static str, since: Version) -> Choice {
    Choice { text, since: Some(since), until: None }
}

/// Creates a value that is supported up to a version.
pub(super) const fn up_to(text: &'static str, until: Version) -> Choice {
    Choice { text, since: None, until: Some(until) }
}
