//! `apply --when-closed`: what a queued change must keep about its policy.

use std::path::Path;

use super::arguments::Apply;
use crate::command::policy::absolute;
use crate::command::queue::{Queue, Variables};
use crate::error::CliError;
use crate::output::SavedSource;
use msipctl_core::deferred::{PolicyOrigin, PolicySource};
use msipctl_host::DigestKey;

/// Where the changes of a run come from.
pub(super) struct Origin<'o> {
    /// The policy.
    pub(super) policy: &'o Path,
    /// Returns the files of the policy, and the inventories, with their digests.
    pub(super) sources: &'o dyn Fn(&DigestKey) -> Result<Vec<SavedSource>, CliError>,
    /// The saved plan.
    pub(super) plan: Option<SavedSource>,
    /// Returns the environment variables that the value of a key comes from.
    pub(super) variables: Variables<'o>,
}

impl<'o> Origin<'o> {
    /// Returns everything that a resumed run must find unchanged: the sources, and the saved plan.
    pub(super) fn all_sources(&self, key: &DigestKey) -> Result<Vec<SavedSource>, CliError> {
        let mut sources = (self.sources)(key)?;
        sources.extend(self.plan.clone());
        Ok(sources)
    }

    /// Returns the queue of a run with these arguments.
    pub(super) fn queue(&self, apply: &Apply) -> Result<Queue<'o>, CliError> {
        let key = DigestKey::own()?;
        let source = |source: SavedSource| {
            let SavedSource { path, digest, is_inventory } = source;
            PolicySource { path, digest, is_inventory }
        };
        let policy = PolicyOrigin {
            path: absolute(self.policy),
            sources: (self.sources)(&key)?.into_iter().map(source).collect(),
            template_dirs: apply.templates.folders().iter().map(|dir| absolute(dir)).collect(),
            microsip: apply.version.microsip.map(|version| version.to_string()),
        };
        Queue::new(key, policy, apply.expires, self.variables)
    }
}
