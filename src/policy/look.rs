//! One look at a file, which finds all that a policy names without parsing it.

use crate::profile::Found;

/// Where a file names the version that wrote it.
pub(super) const VERSION: (&str, &str) = ("Global", "version");

/// What stands in a file of all that a policy names.
#[derive(Debug, Clone)]
pub struct Look<'p, 'd> {
    found: Found<'p, 'd>,
    keys: usize,
}

impl<'p, 'd> Look<'p, 'd> {
    /// Takes what was found of so many keys, and behind them of the version.
    pub(super) fn new(found: Found<'p, 'd>, keys: usize) -> Self {
        Self { found, keys }
    }
}

impl Look<'_, '_> {
    /// Returns the version that the file names, as it stands there.
    pub fn version(&self) -> Option<&str> {
        self.found.written(self.keys)
    }

    /// Returns the value of a key that the policy names.
    pub(super) fn value(&self, slot: usize) -> Option<&str> {
        self.found.value(slot)
    }

    /// Returns the number of the line of a key that is there.
    pub(super) fn line(&self, slot: usize) -> Option<usize> {
        self.found.line(slot)
    }
}
