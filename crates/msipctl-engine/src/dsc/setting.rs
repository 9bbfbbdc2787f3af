//! `Msipctl.MicroSIP/Setting`: a key of MicroSIP.ini.

use std::path::PathBuf;

use super::instance::{Instance, is_withheld};
use super::properties::{Properties, Text};
use msipctl_core::engine::{
    ChangeKind, EditOptions, EngineResult, Error, Presence, Secret, SecretSource, Setting,
    SettingRow, StateDocument,
};

/// The desired state of a key.
#[derive(Debug)]
pub(super) struct DesiredSetting {
    pub(super) path: PathBuf,
    section: String,
    key: String,
    value: Option<Text>,
    raw: bool,
    pub(super) presence: Presence,
    options: EditOptions,
}

impl DesiredSetting {
    /// Reads the desired state.
    pub(super) fn of(mut properties: Properties) -> Result<Self, Error> {
        let desired = Self {
            path: properties.ini()?,
            section: properties.required("section")?,
            key: properties.required("key")?,
            value: properties.text("value")?,
            raw: properties.flag("raw")?.unwrap_or_default(),
            presence: properties.presence()?,
            options: properties.options()?,
        };
        properties.finish()?;
        Ok(desired)
    }

    /// Returns whether the state only says that the key exists, with any value.
    pub(super) fn is_any_value(&self) -> bool {
        self.presence == Presence::Present && self.value.is_none()
    }

    /// Returns the state document that asks for the key to be like this. Where the value may be a secret, it's never shown.
    pub(super) fn document(&self, presence: Presence, is_get: bool) -> StateDocument {
        let mut setting = Setting {
            section: self.section.clone(),
            key: Some(self.key.clone()),
            state: presence,
            ..Setting::default()
        };
        match &self.value {
            Some(text) if presence == Presence::Present => {
                if text.is_secret || self.is_secret_by_name(text) {
                    let secret = Secret::new(text.value.clone());
                    setting.secret = Some(SecretSource::Value(secret));
                } else {
                    setting.value = Some(text.value.clone());
                }
                setting.raw = self.raw && !is_get;
            }
            _ => {}
        }
        let mut document = StateDocument::default();
        document.path.clone_from(&self.path);
        document.settings = vec![setting];
        document.options = self.options.clone();
        document
    }

    /// Returns whether a plain value belongs to a key that is always secret. An empty value isn't a secret.
    fn is_secret_by_name(&self, text: &Text) -> bool {
        let is_secret = microsip_schema::is_secret(&self.section, &self.key);
        is_secret && !self.raw && !text.value.is_empty()
    }

    /// Returns the state of the key.
    pub(super) fn instance(&self, result: &EngineResult) -> Instance {
        let row = result.settings.first();
        // The engine core returns no value of a secret.
        let value = row.and_then(|row| row.value.clone());
        let value = value.filter(|_| !is_withheld(&self.section, &self.key));
        Instance {
            section: Some(self.section.clone()),
            key: Some(self.key.clone()),
            value,
            exist: Some(row.is_some_and(|row| row.exists)),
            ..Instance::new(&self.path)
        }
    }

    /// Returns the properties that differ from the desired state.
    pub(super) fn differing(&self, result: &EngineResult) -> Vec<&'static str> {
        let exists = result.settings.first().is_some_and(|row: &SettingRow| row.exists);
        let is_present = self.presence == Presence::Present;
        match (is_present, exists) {
            (true, false) if self.value.is_none() => vec!["_exist"],
            (true, false) => vec!["_exist", "value"],
            (false, true) => vec!["_exist"],
            // The file can also differ in another way, such as a duplicate of the key.
            (true, true) if result.in_desired_state == Some(false) => vec!["value"],
            _ => Vec::new(),
        }
    }

    /// Returns the properties that `set` changed, or would change.
    pub(super) fn changed(&self, result: &EngineResult) -> Vec<&'static str> {
        let change = result.changes.iter().find(|change| {
            change.section.eq_ignore_ascii_case(&self.section)
                && change.key.eq_ignore_ascii_case(&self.key)
        });
        match change.map(|change| change.kind) {
            Some(ChangeKind::Added | ChangeKind::Removed) => vec!["_exist", "value"],
            Some(ChangeKind::Changed) => vec!["value"],
            None if result.state.is_change() => vec!["value"],
            None => Vec::new(),
        }
    }

    /// Returns the error for a key that must exist, but has no desired value.
    pub(super) fn lacks_value(&self) -> Error {
        let message = format!("missing `value`: `{}.{}` isn't set", self.section, self.key);
        Error::usage(message).with_hint("add `value`; to remove the key, set `_exist` to `false`")
    }
}
