//! What the line for an engine says about a policy that `apply` can't fulfill.

use std::collections::BTreeSet;
use std::sync::{Mutex, PoisonError};

use crate::output::EngineLine;
use msipctl_core::policy::ResolvedPolicy;
use winini::Document;

/// The keys that differ from the policy in any file, and that `apply` doesn't write: a constraint isn't met.
#[derive(Debug, Default)]
pub(super) struct Unmet(Mutex<BTreeSet<(String, String)>>);

impl Unmet {
    /// Adds the keys of a file.
    pub(super) fn add(&self, policy: &ResolvedPolicy, document: &Document) {
        let policy = policy.for_file(document);
        let (drift, _) = policy.compare(document);
        // A hook that can't be added is an error.
        let unmet = drift.into_iter().filter(|drift| !drift.fixable && drift.hook.is_none());
        let unmet = unmet.map(|drift| (drift.section, drift.key));
        self.0.lock().unwrap_or_else(PoisonError::into_inner).extend(unmet);
    }

    /// Adds the keys to the line.
    pub(super) fn add_to(self, line: &mut EngineLine) {
        let unmet = self.0.into_inner().unwrap_or_else(PoisonError::into_inner);
        unmet.iter().for_each(|(section, key)| line.add_unmet(section, key));
    }
}
