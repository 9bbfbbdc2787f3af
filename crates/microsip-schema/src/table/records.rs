//! The numbered lists: `[Calls]`, `[Dialed]`, `[Contacts]`, `[Shortcuts]`.

use super::row::record;
use crate::key::Key;
use crate::section::Section;
use crate::version::Version;

pub(super) const KEYS: &[Key] = &[
    record(Section::Calls, "0..999").from(3, 12, 1).up_to(3, 22, 4).machine_state().personal()
        .about("One call: number;name;type;time;seconds;text, where type is 0 out, 1 in, 2 missed, 3 answered elsewhere, and time is Unix time. The word null is a deleted one."),
    record(Section::Dialed, "0..9").from(3, 1, 18).machine_state().personal()
        .about("A dialled number, newest first. The section is written anew as a whole."),
    record(Section::Contacts, "0..").from(3, 1, 18).personal()
        .about("A contact of old versions: number;name;presence;directory. Moved to Contacts.xml and deleted."),
    record(Section::Shortcuts, "0..7").from(3, 18, 5).limits(&[(Version::new(3, 18, 5), 1023)])
        .about("A shortcut button: label;number;type, then number2 (from 3.21.3 on), presence (3.21.6) and label2 (3.22.5). The section is written anew as a whole."),
];
