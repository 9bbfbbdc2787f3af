//! The secrets that a plan doesn't contain: reads them again, by the policy that it was made from.

use std::collections::HashMap;
use std::path::PathBuf;

use super::policy::Standard;
use crate::error::CliError;
use crate::output::SavedSource;
use msipctl_core::fleet::{Target, Targets, inventory_targets};
use msipctl_core::plan::{Desired, RequestKind};
use msipctl_core::store;
use msipctl_host::DigestKey;
use winini::Document;

/// The policy of a plan, and the rows of its inventories.
pub(super) struct PolicySecrets<'a> {
    standard: Standard<'a>,
    /// The files in inventories, with their rows.
    targets: HashMap<PathBuf, Target>,
}

impl<'a> PolicySecrets<'a> {
    /// Uses a policy that must be the one with these sources.
    pub(super) fn load(
        standard: Standard<'a>,
        sources: &[SavedSource],
        key: &DigestKey,
    ) -> Result<Self, CliError> {
        let inventories = sources.iter().filter(|source| source.is_inventory);
        let inventories: Vec<_> = inventories.map(|source| PathBuf::from(&source.path)).collect();
        if standard.sources(&inventories, key)? != sources {
            let error = CliError::precondition(
                "the policy or the inventory changed since the plan was created",
            );
            return Err(error.hint("create the plan again"));
        }
        let targets = Targets::new(inventory_targets(&inventories)?);
        let targets = targets.list().iter();
        let targets = targets.map(|it| (store::absolute(it.path()), it.clone())).collect();
        Ok(Self { standard, targets })
    }

    /// Returns the changes of the policy to a file, with secrets.
    pub(super) fn desired(
        &self,
        target: &Target,
        document: &Document,
    ) -> Result<Desired, CliError> {
        let target = self.with_rows(target);
        Ok(self.standard.resolved(target, document)?.desired(document)?)
    }

    /// Returns the environment variables that the value of a key comes from.
    pub(super) fn variables(
        &self,
        target: &Target,
        document: &Document,
        section: &str,
        key: &str,
    ) -> Result<Vec<String>, CliError> {
        Ok(self.standard.variables(self.with_rows(target), document, section, key)?)
    }

    /// Returns the target with its rows, if an inventory lists it.
    fn with_rows<'t>(&'t self, target: &'t Target) -> &'t Target {
        self.targets.get(&store::absolute(target.path())).unwrap_or(target)
    }
}

/// Returns the value that a key must have, the last one if there are several.
pub(super) fn wanted_value<'d>(desired: &'d Desired, section: &str, key: &str) -> Option<&'d str> {
    let requests = desired.requests().iter().rev();
    let mut values = requests.filter_map(|request| match &request.want {
        RequestKind::Value(value) => {
            Some((request.section.as_str(), request.key.as_deref()?, value.as_str()))
        }
        _ => None,
    });
    values
        .find(|(of, name, _)| of.eq_ignore_ascii_case(section) && name.eq_ignore_ascii_case(key))
        .map(|(_, _, value)| value)
}
