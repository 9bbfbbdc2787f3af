//! The rows of the table, in one file per section.

mod account;
mod aliases;
mod fork;
mod global;
mod records;
mod row;
mod settings;

pub(super) use aliases::ALIASES;

use super::key::Key;

/// All rows, grouped by section, with those of forks last.
pub(super) const TABLE: [&[Key]; 5] =
    [settings::KEYS, global::KEYS, account::KEYS, records::KEYS, fork::KEYS];
