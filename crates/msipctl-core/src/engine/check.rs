//! Checks what a state document says, before any file is read.

use std::collections::HashMap;
use std::path::Path;

use super::error::Error;
use super::host::Operation;
use super::state::{
    HookState, PolicySource, Presence, SCHEMA_VERSION, SecretSource, Setting, StateDocument,
};
use crate::event::{Event, SETTINGS};
use microsip_schema::Section;
use winini::CodePage;

impl StateDocument {
    /// Checks what doesn't depend on the file.
    ///
    /// # Errors
    ///
    /// A usage error, which never contains a value.
    pub fn check(&self, operation: Operation) -> Result<(), Error> {
        if let Some(version) = self.schema_version.filter(|version| *version != SCHEMA_VERSION) {
            let message = format!("unsupported schema version {version}: expected 1");
            return Err(Error::usage(message));
        }
        absolute("path", &self.path, "pass the full path of MicroSIP.ini")?;
        let is_empty = self.settings.is_empty() && self.hooks.is_empty();
        if is_empty && self.policy.is_none() && self.purge.is_empty() {
            let message = "the state document asks for nothing: expected `settings`, `hooks`, `policy`, or `purge`";
            return Err(Error::usage(message));
        }
        self.check_settings(operation)?;
        self.hooks.iter().try_for_each(check_hook)?;
        self.check_contradictions()?;
        self.purge.keys.iter().try_for_each(|section| check_purged(section))?;
        if let Some(PolicySource::File(path)) = &self.policy {
            absolute("policy", path, "pass the full path of the policy")?;
        }
        self.check_options()
    }

    fn check_options(&self) -> Result<(), Error> {
        let options = &self.options;
        let folder = "pass the full path of the folder";
        options.backup_dir.iter().try_for_each(|path| absolute("backup_dir", path, folder))?;
        options
            .template_dirs
            .iter()
            .try_for_each(|path| absolute("template_dirs", path, folder))?;
        if options.keep == 0 {
            return Err(Error::usage("invalid `keep`: expected at least 1")
                .with_hint("to make no backup, set `backup` to `false`"));
        }
        match options.ansi_code_page {
            Some(page) if CodePage::new(page).is_none() => {
                let message = format!(
                    "invalid `ansi_code_page` {page}: expected 874, 932, 936, 949, 950, 1250 to 1258, or 65001"
                );
                Err(Error::usage(message))
            }
            _ => Ok(()),
        }
    }

    fn check_settings(&self, operation: Operation) -> Result<(), Error> {
        self.settings.iter().try_for_each(|setting| check_setting(setting, operation))
    }

    /// Checks that no two statements contradict each other.
    fn check_contradictions(&self) -> Result<(), Error> {
        let mut keys: HashMap<(String, String), &Setting> = HashMap::new();
        for setting in &self.settings {
            let Some(key) = &setting.key else { continue };
            let name = (setting.section.to_ascii_lowercase(), key.to_ascii_lowercase());
            let first = *keys.entry(name).or_insert(setting);
            if !is_same(first, setting) {
                let name = setting.name();
                return Err(contradiction(&format!("`{name}` has two different expectations")));
            }
        }
        for removed in self.settings.iter().filter(|setting| setting.key.is_none()) {
            let section = &removed.section;
            let is_kept = |other: &&Setting| {
                other.section.eq_ignore_ascii_case(section) && other.state == Presence::Present
            };
            if let Some(kept) = self.settings.iter().find(is_kept) {
                let name = kept.name();
                let message = format!("`[{section}]` is absent, but `{name}` is present");
                return Err(contradiction(&message));
            }
        }
        let mut hooks: HashMap<(&str, Event), &HookState> = HashMap::new();
        for hook in &self.hooks {
            for event in &hook.on {
                let first = *hooks.entry((&hook.template, *event)).or_insert(hook);
                if first.state != hook.state || first.with != hook.with {
                    let template = &hook.template;
                    let message = format!(
                        "the hook `{template}` on `{event}` has two different expectations"
                    );
                    return Err(contradiction(&message));
                }
            }
        }
        Ok(())
    }
}

impl Setting {
    /// Returns the name for messages: `Settings.AA`, or `[Account2]` for a complete section.
    pub(super) fn name(&self) -> String {
        match &self.key {
            Some(key) => format!("{}.{key}", self.section),
            None => format!("[{}]", self.section),
        }
    }

    /// Returns the event whose hooks the key belongs to.
    pub(super) fn event(&self) -> Option<Event> {
        let key = self.key.as_deref().filter(|_| self.section.eq_ignore_ascii_case(SETTINGS))?;
        Event::of_key(key).or_else(|| Some(Event::of_directive(key)?.0))
    }
}

/// Returns the error of two statements that contradict each other.
pub(super) fn contradiction(message: &str) -> Error {
    Error::usage(message).with_hint("remove one of them")
}

fn check_setting(setting: &Setting, operation: Operation) -> Result<(), Error> {
    let Setting { section, key, value, secret, state, raw } = setting;
    let name = setting.name();
    if section.is_empty() || key.as_ref().is_some_and(String::is_empty) {
        return Err(Error::usage("a setting has an empty `section` or `key`: expected a name"));
    }
    match (value, secret) {
        (Some(_), Some(_)) => {
            let message = format!("`value` can't be combined with `secret` for `{name}`");
            return Err(contradiction(&message));
        }
        (None, Some(_)) if *raw => {
            let message = format!("`raw` can't be combined with `secret` for `{name}`");
            return Err(Error::usage(message).with_hint("remove `raw`"));
        }
        (None, Some(SecretSource::File(path))) => {
            absolute("secret.file", path, "pass the full path of the file")?;
        }
        _ => {}
    }
    let has_value = value.is_some() || secret.is_some();
    match state {
        Presence::Absent if has_value => {
            let message = format!("`{name}` is absent, but has a value");
            Err(Error::usage(message).with_hint("remove the value, or `state`"))
        }
        Presence::Present if key.is_none() => {
            let message = format!("missing `key` for `[{section}]`");
            let hint = "add `key`; to remove the section, set `state` to `absent`";
            Err(Error::usage(message).with_hint(hint))
        }
        Presence::Present if !has_value && operation != Operation::Get => {
            let hint = "add `value` or `secret`; to remove the key, set `state` to `absent`";
            Err(Error::usage(format!("missing value for `{name}`")).with_hint(hint))
        }
        _ => Ok(()),
    }
}

fn check_hook(hook: &HookState) -> Result<(), Error> {
    if let Some(name) = hook.secret_with.iter().find(|name| !hook.with.contains_key(*name)) {
        let template = &hook.template;
        let message =
            format!("`secret_with` of the hook `{template}` names `{name}`, which isn't in `with`");
        return Err(Error::usage(message).with_hint("correct the name, or add the parameter"));
    }
    Ok(())
}

fn check_purged(section: &str) -> Result<(), Error> {
    match Section::of(section) {
        Some(Section::Settings | Section::Account | Section::Shortcuts) => Ok(()),
        _ => Err(Error::usage(format!(
            "can't purge `[{section}]`: expected `Settings`, `Account1`, `Account2`, …, or `Shortcuts`"
        ))),
    }
}

fn is_same(one: &Setting, other: &Setting) -> bool {
    (&one.value, &one.secret, one.state, one.raw)
        == (&other.value, &other.secret, other.state, other.raw)
}

fn absolute(field: &str, path: &Path, hint: &str) -> Result<(), Error> {
    if path.is_absolute() {
        return Ok(());
    }
    let path = path.display();
    Err(Error::usage(format!("invalid `{field}` `{path}`: expected an absolute path"))
        .with_hint(hint))
}
