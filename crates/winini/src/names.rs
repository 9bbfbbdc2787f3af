//! Names that compare without case, and a table of them that is built when it saves time.

use std::collections::HashMap;
use std::fmt;
use std::hash::{Hash, Hasher};
use std::sync::OnceLock;
use std::sync::atomic::{AtomicUsize, Ordering};

/// The name of a section or key, folded so that names that differ only in the case of ASCII letters are equal.
#[derive(PartialEq, Eq)]
pub enum Name {
    /// A short ASCII name, in lowercase and padded with zero bytes. Nearly all names are of this kind.
    Short([u8; Name::SHORT]),
    /// Any other name, in lowercase.
    Long(String),
}

impl Hash for Name {
    // Hashes all bytes at once, which takes a third of the time of a derived implementation.
    fn hash<H: Hasher>(&self, state: &mut H) {
        match self {
            Self::Short(characters) => state.write(characters),
            Self::Long(name) => state.write(name.as_bytes()),
        }
    }
}

impl Name {
    /// The size of a short name in bytes, including at least one zero byte.
    pub(super) const SHORT: usize = 32;

    /// Creates a name from text.
    pub(super) fn of(text: &str) -> Self {
        if text.is_ascii() {
            return Self::of_ascii(text.as_bytes());
        }
        Self::Long(text.to_ascii_lowercase())
    }

    /// Creates a name from ASCII characters.
    pub(super) fn of_ascii(text: &[u8]) -> Self {
        let mut characters = [0; Self::SHORT];
        match characters[..Self::SHORT - 1].get_mut(..text.len()) {
            // A name that contains a zero byte could be mistaken for another one.
            Some(room) if !text.contains(&0) => {
                room.copy_from_slice(text);
                characters.make_ascii_lowercase();
                Self::Short(characters)
            }
            _ => Self::Long(String::from_utf8_lossy(text).to_ascii_lowercase()),
        }
    }
}

/// The name table of a document, and the number of lines that were visited before it was built.
#[derive(Default)]
pub(super) struct Names {
    visited: AtomicUsize,
    table: OnceLock<Table>,
}

/// A table of the first section and entry of each name.
#[derive(Default)]
pub(super) struct Table {
    /// The header line of each section name.
    pub(super) sections: HashMap<Name, u32>,
    /// The line of each entry, by header line and name.
    pub(super) entries: HashMap<(u32, Name), u32>,
}

impl Names {
    /// Adds to the number of visited lines and sections.
    pub(super) fn note(&self, visited: usize) {
        self.visited.fetch_add(visited, Ordering::Relaxed);
    }

    /// Returns the number of visited lines and sections.
    pub(super) fn visited(&self) -> usize {
        self.visited.load(Ordering::Relaxed)
    }

    /// Returns the table, and builds it first if that is worth the time.
    pub(super) fn table(
        &self,
        is_worth_it: impl Fn() -> bool,
        make: impl FnOnce() -> Table,
    ) -> Option<&Table> {
        self.table.get().or_else(|| is_worth_it().then(|| self.table.get_or_init(make)))
    }
}

// A clone starts without a table, because its names change when it's edited.
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
