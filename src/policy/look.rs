//! One look at a file, which tells of most files that all is as wanted, without parsing them.

use super::load::Policy;
use super::wanted::Wanted;
use crate::ini::Document;
use crate::profile::Found;

/// Where a file names the version that wrote it.
pub(super) const VERSION: (&str, &str) = ("Global", "version");

/// What stands in a file of all that a policy names.
#[derive(Debug, Clone)]
pub struct Look<'p, 'd> {
    found: Found<'p, 'd>,
    keys: usize,
}

impl Policy {
    /// Looks at a file; `None` if only a closer look can tell what stands there.
    pub fn look<'d>(&self, document: &'d Document) -> Option<Look<'_, 'd>> {
        let lookup = self.lookup();
        Some(Look { found: lookup.find(document)?, keys: lookup.len() - 1 })
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
}

impl Wanted {
    /// Says whether a file is as wanted for certain. It may be also where this says no: then [`Wanted::judge`] tells.
    ///
    /// The look is by the policy that wants it.
    pub fn is_met(&self, look: &Look<'_, '_>) -> bool {
        self.hooks.is_empty() && self.items.iter().all(|it| it.item.is_right(look.value(it.slot)))
    }
}
