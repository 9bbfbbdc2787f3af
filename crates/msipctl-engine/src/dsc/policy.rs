//! `Msipctl.MicroSIP/Policy`: a policy that a MicroSIP.ini matches.

use std::path::PathBuf;

use super::instance::{DriftItem, Instance, is_withheld};
use super::properties::{Properties, Text};
use msipctl_core::engine::{
    DriftRow, EditOptions, EngineResult, Error, PolicySource, Presence, Purge, StateDocument,
};

/// The desired state of a file by a policy.
#[derive(Debug)]
pub(super) struct DesiredPolicy {
    pub(super) path: PathBuf,
    file: Option<PathBuf>,
    text: Option<Text>,
    purge: bool,
    options: EditOptions,
}

impl DesiredPolicy {
    /// Reads the desired state.
    pub(super) fn of(mut properties: Properties) -> Result<Self, Error> {
        let desired = Self {
            path: properties.ini()?,
            file: properties.path("policyFile", "the policy")?,
            text: properties.text("policy")?,
            purge: properties.flag("_purge")?.unwrap_or_default(),
            options: properties.options()?,
        };
        // What `get` and `test` return isn't a part of the desired state.
        properties.ignore(&["drift", "score"]);
        if properties.presence()? == Presence::Absent {
            let message = "`_exist` can't be `false`: a policy can't be removed from a file";
            return Err(Error::usage(message).with_hint("remove `_exist`"));
        }
        properties.finish()?;
        match (&desired.file, &desired.text) {
            (None, None) => Err(Error::usage("missing `policyFile` or `policy`")
                .with_hint("set `policyFile` to the absolute path of a policy")),
            (Some(_), Some(_)) => {
                let error = Error::usage("`policyFile` can't be combined with `policy`");
                Err(error.with_hint("remove one of them"))
            }
            _ => Ok(desired),
        }
    }

    /// Returns the state document that asks for the file to match the policy.
    pub(super) fn document(&self) -> StateDocument {
        let file = self.file.clone().map(PolicySource::File);
        let text = || self.text.as_ref().map(|text| PolicySource::Text(text.value.clone()));
        let mut document = StateDocument::default();
        document.path.clone_from(&self.path);
        document.policy = file.or_else(text);
        document.purge = Purge { hooks: self.purge, accounts: self.purge, keys: Vec::new() };
        document.options = self.options.clone();
        document
    }

    /// Returns the state of the file. An inline policy isn't returned, because it may contain secrets.
    pub(super) fn instance(&self, result: &EngineResult) -> Instance {
        let drift = result.drift.as_ref();
        Instance {
            policy_file: self.file.as_ref().map(|file| file.display().to_string()),
            drift: drift.map(|rows| rows.iter().map(|row| self.item(row)).collect()),
            score: result.score,
            ..Instance::new(&self.path)
        }
    }

    /// Returns the state of the file after what a check mode predicted.
    pub(super) fn predicted(&self) -> Instance {
        let policy_file = self.file.as_ref().map(|file| file.display().to_string());
        Instance { policy_file, ..Instance::new(&self.path) }
    }

    /// Returns whether the policy is a secureString.
    pub(super) fn is_secret(&self) -> bool {
        self.text.as_ref().is_some_and(|text| text.is_secret)
    }

    fn item(&self, row: &DriftRow) -> DriftItem {
        let is_shown =
            !self.is_secret() && row.hook.is_none() && !is_withheld(&row.section, &row.key);
        let hook = row.hook.as_ref();
        DriftItem {
            section: row.section.clone(),
            key: row.key.clone(),
            template: hook.map(|hook| hook.template.clone()),
            event: hook.map(|hook| hook.event.to_owned()),
            expected: Some(row.expected.clone()).filter(|_| is_shown),
            actual: row.actual.clone().filter(|_| is_shown),
            problem: match (hook, &row.actual) {
                (Some(hook), _) => hook.problem,
                (None, None) => "missing",
                (None, Some(_)) => "different",
            },
        }
    }

    /// Returns the properties that differ from the desired state.
    pub(super) fn differing(&self, result: &EngineResult) -> Vec<&'static str> {
        if result.in_desired_state == Some(false) { vec!["drift"] } else { Vec::new() }
    }

    /// Returns the properties that `set` changed, or would change.
    pub(super) fn changed(&self, result: &EngineResult) -> Vec<&'static str> {
        if result.state.is_change() { vec!["drift"] } else { Vec::new() }
    }
}
