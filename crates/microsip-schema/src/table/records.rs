//! The numbered lists: `[Calls]`, `[Dialed]`, `[Contacts]`, `[Shortcuts]`.

use super::row::record;
use crate::key::Key;
use crate::section::Section;
use crate::version::Version;

pub(super) const KEYS: &[Key] = &[
    record(Section::Calls, "0..999").from(3, 12, 1).up_to(3, 22, 4).machine_state().personal()
        .about("A call: `number;name;type;time;seconds;text`. The type is 0 outgoing, 1 incoming, 2 missed, or 3 answered elsewhere, and the time is Unix time. The value `null` marks a deleted entry."),
    record(Section::Dialed, "0..9").from(3, 1, 18).machine_state().personal()
        .about("A dialed number, newest first. MicroSIP always rewrites the whole section."),
    record(Section::Contacts, "0..").from(3, 1, 18).personal()
        .about("A contact of old versions: `number;name;presence;directory`. MicroSIP moves it to Contacts.xml and deletes it."),
    record(Section::Shortcuts, "0..7").from(3, 18, 5).limits(&[(Version::new(3, 18, 5), 1023)])
        .about("A shortcut button: `label;number;type`, then `number2` (since 3.21.3), `presence` (since 3.21.6), and `label2` (since 3.22.5). MicroSIP always rewrites the whole section."),
];
