//! `Msipctl.MicroSIP/Hook`: a hook of a template on one event.

use std::path::PathBuf;

use super::instance::Instance;
use super::properties::{Choices, Properties, Text};
use msipctl_core::engine::{
    ChangeKind, EditOptions, EngineResult, Error, Existing, HookState, Presence, StateDocument,
};
use msipctl_core::event::Event;

/// The values of `existing`.
pub(super) const EXISTING: &Choices<Existing> =
    &[("fail", Existing::Fail), ("replace", Existing::Replace), ("chain", Existing::Chain)];

/// The desired state of a hook.
#[derive(Debug)]
pub(super) struct DesiredHook {
    pub(super) path: PathBuf,
    template: String,
    event: Event,
    with: Vec<(String, Text)>,
    existing: Existing,
    pub(super) presence: Presence,
    options: EditOptions,
}

impl DesiredHook {
    /// Reads the desired state.
    pub(super) fn of(mut properties: Properties) -> Result<Self, Error> {
        let path = properties.ini()?;
        let template = properties.required("template")?;
        let event = properties.required("event")?;
        let event = event
            .parse()
            .map_err(|error: <Event as std::str::FromStr>::Err| Error::usage(error.to_string()))?;
        let with = properties.texts("with")?.unwrap_or_default();
        let existing = properties.choice("existing", EXISTING)?.unwrap_or_default();
        let presence = properties.presence()?;
        let options = EditOptions {
            program: properties.string("program")?,
            launcher_ini: properties.string("launcherIni")?,
            ..properties.options()?
        };
        properties.finish()?;
        Ok(Self { path, template, event, with, existing, presence, options })
    }

    /// Returns the state document that asks for the hook to be like this.
    pub(super) fn document(&self, presence: Presence) -> StateDocument {
        let secrets = self.with.iter().filter(|(_, text)| text.is_secret);
        let hook = HookState {
            template: self.template.clone(),
            on: vec![self.event],
            with: self.with.iter().map(|(name, it)| (name.clone(), it.value.clone())).collect(),
            secret_with: secrets.map(|(name, _)| name.clone()).collect(),
            state: presence,
            existing: self.existing,
        };
        let mut document = StateDocument::default();
        document.path.clone_from(&self.path);
        document.hooks = vec![hook];
        document.options = self.options.clone();
        document
    }

    /// Returns the state of the hook. The parameters are never returned, because they may be secrets.
    pub(super) fn instance(&self, result: &EngineResult) -> Instance {
        Instance {
            template: Some(self.template.clone()),
            event: Some(self.event.name().to_owned()),
            exist: Some(self.exists(result)),
            ..Instance::new(&self.path)
        }
    }

    fn exists(&self, result: &EngineResult) -> bool {
        result.stated_hooks.first().is_some_and(|row| row.exists)
    }

    /// Returns the properties that differ from the desired state.
    pub(super) fn differing(&self, result: &EngineResult) -> Vec<&'static str> {
        match (self.presence, self.exists(result)) {
            (Presence::Present, false) | (Presence::Absent, true) => vec!["_exist"],
            _ if result.in_desired_state == Some(false) => vec!["with"],
            _ => Vec::new(),
        }
    }

    /// Returns the properties that `set` changed, or would change.
    pub(super) fn changed(&self, result: &EngineResult) -> Vec<&'static str> {
        let is_of_hook =
            |template: &str, event: &str| template == self.template && event == self.event.name();
        let change = result.hooks.iter().find(|hook| is_of_hook(&hook.template, hook.event));
        match change.map(|change| change.kind) {
            Some(ChangeKind::Added | ChangeKind::Removed) => vec!["_exist"],
            Some(ChangeKind::Changed) => vec!["with"],
            None if result.state.is_change() => vec!["with"],
            None => Vec::new(),
        }
    }
}
