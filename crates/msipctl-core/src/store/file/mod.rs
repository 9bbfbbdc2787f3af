//! A single file: its location, reading, locking, and names; and logs, to which lines are appended.

pub(super) mod append;
pub(super) mod digest;
pub(super) mod durability;
pub(super) mod each_file;
pub(super) mod folder;
pub(super) mod guard;
pub(super) mod list;
pub(super) mod location;
pub(super) mod lock;
pub(super) mod names;
pub(super) mod open_location;
pub(super) mod other_names;
pub(super) mod private;
pub(super) mod read;
pub(super) mod resolve;
pub(super) mod snapshot;
pub(super) mod temporary;
pub(super) mod trusted;
pub(super) mod walk;
