//! Drift that a pending plan removes.

use std::path::{Path, PathBuf};

use super::pending;
use super::policy::Standard;
use crate::error::CliError;
use crate::output::SavedSource;
use msipctl_core::deferred::{self, PendingPlan, PlanState, PolicySource};
use msipctl_core::policy::Drift;
use msipctl_core::store;
use msipctl_host::DigestKey;

/// The plans of a policy that wait until MicroSIP exits.
pub(super) struct PendingDrift(Vec<PendingPlan>);

impl PendingDrift {
    /// Returns the plans that were queued with the same policy and inventories. If the plans can't be read, drift stays drift.
    pub(super) fn load(standard: &Standard<'_>, inventories: &[PathBuf]) -> Self {
        let plans = plans(standard, inventories).unwrap_or_else(|error| {
            log::info!("can't read the pending plans: {error}");
            Vec::new()
        });
        Self(plans)
    }

    /// Returns whether a plan removes all drift of a file.
    pub(super) fn removes(&self, path: &Path, drift: &[Drift]) -> bool {
        let path = store::absolute(path);
        let plans = self.0.iter().filter(|plan| store::absolute(plan.path()) == path);
        let keys: Vec<String> = plans.flat_map(PendingPlan::keys).collect();
        let is_removed = |drift: &Drift| {
            let names =
                [format!("{}.{}", drift.section, drift.key), format!("[{}]", drift.section)];
            keys.iter().any(|key| names.iter().any(|name| name.eq_ignore_ascii_case(key)))
        };
        !drift.is_empty() && drift.iter().all(is_removed)
    }
}

fn plans(standard: &Standard<'_>, inventories: &[PathBuf]) -> Result<Vec<PendingPlan>, CliError> {
    let Some(folder) = pending::folder() else { return Ok(Vec::new()) };
    let key = DigestKey::own()?;
    let source =
        |SavedSource { path, digest, is_inventory }| PolicySource { path, digest, is_inventory };
    let sources: Vec<_> = standard.sources(inventories, &key)?.into_iter().map(source).collect();
    let is_current = |plan: &PendingPlan| {
        plan.state(store::now()) == PlanState::Waiting
            && plan.policy().is_some_and(|policy| policy.sources == sources)
    };
    let plans = deferred::pending(&folder, &key)?.into_iter();
    Ok(plans.filter_map(|(_, plan)| plan.ok()).filter(is_current).collect())
}
