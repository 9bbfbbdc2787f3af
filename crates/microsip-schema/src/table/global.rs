//! `[Global]`: what newer versions keep of the file itself: surely from 3.22.16 on, perhaps from 3.22.4 on.

use super::row::{number, text};
use crate::key::Key;
use crate::section::Section;

const IN: Section = Section::Global;

pub(super) const KEYS: &[Key] = &[
    text(IN, "version")
        .from(3, 22, 4)
        .machine_state()
        .about("Version that wrote the file last; overwritten at each start. Versions 3.22.4 to 3.22.15 keep it here or in [Settings]."),
    number(IN, "checkUpdatesTime", 0, i64::MAX)
        .default_is("0")
        .from(3, 22, 4)
        .machine_state()
        .about("When updates were last looked for, as Unix time. Versions 3.22.4 to 3.22.15 keep it here or in [Settings]."),
    text(IN, "instance")
        .from(3, 22, 4)
        .machine_state()
        .about("Written by official programs of 3.22.4 and later; what it means is not known."),
];
