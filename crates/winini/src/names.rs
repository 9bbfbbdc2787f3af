//! Names as they are compared, and a table of them that is made when it is worth it.

use std::collections::HashMap;
use std::fmt;
use std::hash::{Hash, Hasher};
use std::sync::OnceLock;
use std::sync::atomic::{AtomicUsize, Ordering};

/// A name, which is the same in any case of ASCII letters.
#[derive(PartialEq, Eq)]
pub enum Name {
    /// Nearly every name is short and ASCII; zeros follow it.
    Short([u8; Name::SHORT]),
    /// Any other one, in lower case.
    Long(String),
}

impl Hash for Name {
    // At one go, which takes a third of the time of what would be derived.
    fn hash<H: Hasher>(&self, state: &mut H) {
        match self {
            Self::Short(characters) => state.write(characters),
            Self::Long(name) => state.write(name.as_bytes()),
        }
    }
}

impl Name {
    /// One byte more than a short name has.
    pub(super) const SHORT: usize = 32;

    /// Takes a name.
    pub(super) fn of(text: &str) -> Self {
        if text.is_ascii() {
            return Self::of_ascii(text.as_bytes());
        }
        Self::Long(text.to_ascii_lowercase())
    }

    /// Takes a name of ASCII letters.
    pub(super) fn of_ascii(text: &[u8]) -> Self {
        let mut characters = [0; Self::SHORT];
        match characters[..Self::SHORT - 1].get_mut(..text.len()) {
            // One that holds a zero could be taken for another.
            Some(room) if !text.contains(&0) => {
                room.copy_from_slice(text);
                characters.make_ascii_lowercase();
                Self::Short(characters)
            }
            _ => Self::Long(String::from_utf8_lossy(text).to_ascii_lowercase()),
        }
    }
}

/// The names of a document, once they are known, and how much was looked at before.
#[derive(Default)]
pub(super) struct Names {
    visited: AtomicUsize,
    table: OnceLock<Table>,
}

/// The first of each name.
#[derive(Default)]
pub(super) struct Table {
    /// By name, the header of the section.
    pub(super) sections: HashMap<Name, u32>,
    /// By header and name, the line of the entry.
    pub(super) entries: HashMap<(u32, Name), u32>,
}

impl Names {
    /// Notes that so many lines or sections were looked at.
    pub(super) fn note(&self, visited: usize) {
        self.visited.fetch_add(visited, Ordering::Relaxed);
    }

    /// Returns how many were.
    pub(super) fn visited(&self) -> usize {
        self.visited.load(Ordering::Relaxed)
    }

    /// Returns the table, made now if it is worth it.
    pub(super) fn table(
        &self,
        is_worth_it: impl Fn() -> bool,
        make: impl FnOnce() -> Table,
    ) -> Option<&Table> {
        self.table.get().or_else(|| is_worth_it().then(|| self.table.get_or_init(make)))
    }
}

// Once a copy is edited, its names are other ones.
impl Clone for Names {
    fn clone(&self) -> Self {
        Self::default()
    }
}

impl fmt::Debug for Names {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Names(..)")
    }
}
