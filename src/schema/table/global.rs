//! `[Global]`: what 3.22.16 keeps of the file itself.

use super::{Key, Section, number, text};

const IN: Section = Section::Global;

pub(super) const KEYS: &[Key] = &[
    text(IN, "version")
        .from(3, 22, 16)
        .machine_state()
        .about("Version that wrote the file last; overwritten at each start."),
    number(IN, "checkUpdatesTime", 0, i64::MAX)
        .default_is("0")
        .from(3, 22, 16)
        .machine_state()
        .about("When updates were last looked for, as Unix time."),
];
