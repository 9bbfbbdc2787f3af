//! Reads the state of keys and hooks from a file, with secrets masked.

use std::borrow::Cow;
use std::path::Path;

use schemars::JsonSchema;
use serde::Serialize;

use super::error::Error;
use super::host::Host;
use super::result::{EngineResult, HookRow, SettingRow};
use super::state::{HookState, Setting, StateDocument};
use crate::apply;
use crate::diff::Secrets;
use crate::event::{Event, Hooks, Record, SETTINGS};
use crate::locate;
use crate::store;
use microsip_schema::{SecretKeys, Version};
use winini::profile::Profile;
use winini::{CodePage, Document, Encoding};

/// All keys and hooks of a file.
#[derive(Debug, Clone, Serialize, JsonSchema)]
pub struct Exported {
    /// The encoding of the file.
    pub encoding: String,
    /// The MicroSIP version that wrote the file, or the newest known one.
    pub microsip: String,
    /// The keys in the order of the file, without those of msipctl.
    pub settings: Vec<SettingRow>,
    /// The hooks that msipctl wrote.
    pub hooks: Vec<HookRow>,
}

/// Reads all keys and hooks of a file, for export and facts.
///
/// # Errors
///
/// If the file can't be read.
pub fn export(path: &Path, code_page: CodePage) -> Result<Exported, Error> {
    let file = apply::load(path, code_page)?;
    let secrets = SecretKeys::default();
    let profile = Profile::new(&file);
    let mut settings = Vec::new();
    for section in profile.counting_sections() {
        let name = section.name();
        if name.eq_ignore_ascii_case(crate::event::RECORD) {
            continue;
        }
        for entry in section.counting_entries() {
            let value = Some(entry.value().into_owned());
            settings.push(row(&name, Some(&entry.key()), true, value, &secrets));
        }
    }
    let hooks = Hooks::new(profile);
    let mut rows = Vec::new();
    for event in Event::ALL {
        for record in hooks.records(event) {
            if record.by != Record::LAUNCHER && record.by != Record::CHAIN {
                rows.push(hook_row(&record.by, event, hooks, &secrets));
            }
        }
    }
    rows.retain(|row: &HookRow| row.exists);
    rows.dedup();
    Ok(Exported {
        encoding: file.encoding().to_string(),
        microsip: locate::written_by(&file).unwrap_or(Version::NEWEST).to_string(),
        settings,
        hooks: rows,
    })
}

/// Reads the stated keys and hooks of a file. A missing file has none.
pub(super) fn get(
    document: &StateDocument,
    host: &Host<'_>,
    secrets: &SecretKeys,
) -> Result<EngineResult, Error> {
    let file = match apply::load(&document.path, document.code_page(host)) {
        Err(error) if error.kind() == store::Kind::NotFound => None,
        file => Some(file?),
    };
    let exists = file.is_some();
    let encoding = file.as_ref().map(Document::encoding);
    let file = file.unwrap_or_else(|| Document::parse(Vec::new(), Encoding::MICROSIP));
    let version = document.target_version(&file, host);
    let mut result = EngineResult::new(document.path.display().to_string());
    result.exists = exists;
    result.settings = setting_rows(&document.settings, &file, secrets);
    let hooks = Hooks::new(Profile::new(&file));
    for hook in &document.hooks {
        let events = events_of(hook, host);
        let rows = events.into_iter().map(|on| hook_row(&hook.template, on, hooks, secrets));
        result.stated_hooks.extend(rows);
    }
    Ok(result.about(encoding, version))
}

/// Returns the events of a hook.
fn events_of(hook: &HookState, host: &Host<'_>) -> Vec<Event> {
    if !hook.on.is_empty() {
        return hook.on.clone();
    }
    match host.templates.template(&hook.template) {
        Some(Ok(template)) => template.events().to_vec(),
        _ => Event::ALL.to_vec(),
    }
}

/// Returns the stated keys of a file.
pub(super) fn setting_rows(
    settings: &[Setting],
    file: &Document,
    secrets: &SecretKeys,
) -> Vec<SettingRow> {
    let profile = Profile::new(file);
    let row_of = |setting: &Setting| {
        let Setting { section, key, .. } = setting;
        let (exists, value) = match key {
            Some(key) => {
                let value = profile.get(section, key).map(Cow::into_owned);
                (value.is_some(), value)
            }
            None => (profile.section(section).is_some(), None),
        };
        row(section, key.as_deref(), exists, value, secrets)
    };
    settings.iter().map(row_of).collect()
}

fn row(
    section: &str,
    key: Option<&str>,
    exists: bool,
    value: Option<String>,
    secrets: &SecretKeys,
) -> SettingRow {
    let name = key.unwrap_or_default();
    let is_hidden = secrets.contains(section, name) || microsip_schema::is_secret(section, name);
    let secret = key.is_some() && is_hidden;
    let value = value.filter(|_| !secret);
    let value =
        value.map(|value| Secrets::MaskedWith(secrets).shown(section, name, &value).into_owned());
    let (section, key) = (section.to_owned(), key.map(str::to_owned));
    SettingRow { section, key, exists, was: value.clone(), value, differs: false, secret }
}

/// Returns the hook of a template on an event.
pub(super) fn hook_row(
    template: &str,
    event: Event,
    hooks: Hooks<'_>,
    secrets: &SecretKeys,
) -> HookRow {
    let record = hooks.records(event).into_iter().find(|record| record.by == template);
    let value = record.and_then(|record| {
        let value = hooks.profile().get(SETTINGS, &record.key)?;
        let shown = Secrets::MaskedWith(secrets).shown(SETTINGS, &record.key, &value);
        Some(shown.into_owned())
    });
    let (template, event) = (template.to_owned(), event.name());
    HookRow { template, event, exists: value.is_some(), differs: false, value }
}
