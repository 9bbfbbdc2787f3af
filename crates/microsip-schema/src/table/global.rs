//! `[Global]`: data about the file itself, certainly since 3.22.16 and possibly since 3.22.4.

use super::row::{number, text};
use crate::key::Key;
use crate::section::Section;

const IN: Section = Section::Global;

pub(super) const KEYS: &[Key] = &[
    text(IN, "version")
        .from(3, 22, 4)
        .machine_state()
        .about("Version that last wrote the file, updated at each start. Versions 3.22.4 to 3.22.15 store it here or in `[Settings]`."),
    number(IN, "checkUpdatesTime", 0, i64::MAX)
        .default_is("0")
        .from(3, 22, 4)
        .machine_state()
        .about("Time of the last update check, as Unix time. Versions 3.22.4 to 3.22.15 store it here or in `[Settings]`."),
    text(IN, "instance")
        .from(3, 22, 4)
        .machine_state()
        .about("Written by official builds of 3.22.4 and later. Its meaning is unknown."),
];
