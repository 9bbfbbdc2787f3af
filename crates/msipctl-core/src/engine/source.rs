//! The secrets of a state document: which ones there are, and how they are read.

use super::error::Error;
use super::state::{HookState, SecretSource, Setting, StateDocument};
use crate::event::{Event, RECORD, SETTINGS};
use crate::policy::secret_line;
use crate::store::{self, Input};
use microsip_schema::SecretKeys;

/// Returns the secrets that a state document itself contains, and the keys that they belong to.
pub(super) fn inline_secrets(document: &StateDocument) -> SecretKeys {
    let mut secrets = SecretKeys::default();
    for setting in &document.settings {
        add_setting(&mut secrets, setting);
    }
    for hook in document.hooks.iter().filter(|hook| !hook.secret_with.is_empty()) {
        let values = hook.secret_with.iter().filter_map(|name| hook.with.get(name));
        values.for_each(|value| secrets.add_value(value));
        let events = if hook.on.is_empty() { &Event::ALL[..] } else { &hook.on };
        events.iter().for_each(|event| add_event(&mut secrets, *event));
    }
    secrets
}

fn add_setting(secrets: &mut SecretKeys, setting: &Setting) {
    let Setting { section, key: Some(key), value, secret, .. } = setting else { return };
    if secret.is_some() {
        secrets.add(section, key);
    }
    if let Some(SecretSource::Value(value)) = secret {
        secrets.add_value(value.reveal());
    }
    if let Some(value) = value.as_ref().filter(|_| microsip_schema::is_secret(section, key)) {
        secrets.add_value(value);
    }
}

/// Hides the directives and the command of an event.
fn add_event(secrets: &mut SecretKeys, event: Event) {
    // A record repeats what was written.
    for section in [SETTINGS, RECORD] {
        secrets.add(section, event.directive());
        secrets.add(section, event.key());
    }
}

/// Returns whether a parameter of a hook is secret.
pub(super) fn has_secrets(hook: &HookState) -> bool {
    !hook.secret_with.is_empty()
}

/// Reads the secret for a key.
///
/// # Errors
///
/// An error without the secret, if it's missing, is empty, or has several lines.
pub(super) fn read_secret(
    name: &str,
    source: &SecretSource,
    env: fn(&str) -> Option<String>,
) -> Result<String, Error> {
    let value = match source {
        SecretSource::Value(value) => value.reveal().to_owned(),
        SecretSource::Env(variable) => env(variable).ok_or_else(|| {
            Error::usage(format!("environment variable `{variable}` not found"))
                .with_hint("set it where msipctl runs")
        })?,
        SecretSource::File(path) => {
            let bytes = store::read_as(path, Input::Secret)?.into_bytes();
            let invalid = || Error::usage("invalid secret: expected one line of UTF-8 text");
            secret_line(bytes).ok_or_else(|| invalid().at(path))?
        }
    };
    if value.is_empty() {
        return Err(Error::usage(format!("the secret for `{name}` is empty"))
            .with_hint("to set an empty value, use `value`"));
    }
    match value.contains(['\r', '\n', '\0']) {
        false => Ok(value),
        true => Err(Error::usage(format!(
            "the secret for `{name}` has a line break or a NUL character: expected one line"
        ))),
    }
}
