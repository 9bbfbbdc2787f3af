//! The state of an instance as DSC reads it, and the answer of an operation.
//!
//! A state never contains a secret. A setting that may contain one has no `value`, and a hook has no `with`.

use std::path::Path;

use serde::Serialize;

use msipctl_core::engine::{ChangeKind, ChangeRow, EngineResult, RestartRow, line};
use msipctl_core::event::{Event, RECORD, SETTINGS};

/// The state of an instance. Each resource has its own properties.
#[derive(Debug, Default, Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Instance {
    pub(super) path: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) section: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) key: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) value: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) template: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) event: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) policy_file: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) drift: Option<Vec<DriftItem>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) score: Option<f64>,
    #[serde(rename = "_exist", skip_serializing_if = "Option::is_none")]
    pub(super) exist: Option<bool>,
    #[serde(rename = "_inDesiredState", skip_serializing_if = "Option::is_none")]
    pub(super) in_desired_state: Option<bool>,
    #[serde(rename = "_restartRequired", skip_serializing_if = "Vec::is_empty")]
    pub(super) restart_required: Vec<RestartRow>,
    #[serde(rename = "_metadata", skip_serializing_if = "Option::is_none")]
    pub(super) metadata: Option<Metadata>,
    #[serde(rename = "_name", skip_serializing_if = "Option::is_none")]
    pub(super) name: Option<String>,
}

/// A key or a hook that differs from a policy.
#[derive(Debug, Serialize)]
pub(super) struct DriftItem {
    pub(super) section: String,
    pub(super) key: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) template: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) event: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) expected: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) actual: Option<String>,
    pub(super) problem: &'static str,
}

/// What DSC shows besides the state.
#[derive(Debug, Serialize)]
pub(super) struct Metadata {
    #[serde(rename = "whatIf")]
    what_if: Vec<String>,
}

/// What `delete --what-if` prints.
#[derive(Debug, Serialize)]
struct Deleted {
    #[serde(rename = "_metadata")]
    metadata: Metadata,
}

impl Instance {
    /// Describes an instance in a file.
    pub(super) fn new(path: &Path) -> Self {
        Self { path: path.display().to_string(), ..Self::default() }
    }

    /// Adds the programs that must exit before a change takes effect.
    pub(super) fn with_restart(self, result: &EngineResult) -> Self {
        Self { restart_required: result.restart.clone(), ..self }
    }

    /// Adds what would change. If `is_secret`, without values.
    pub(super) fn with_what_if(self, result: &EngineResult, is_secret: bool) -> Self {
        Self { metadata: Some(Metadata { what_if: what_if(result, is_secret) }), ..self }
    }

    /// Returns the state as one line.
    pub(super) fn to_line(&self) -> Vec<u8> {
        line(self)
    }

    /// Returns the state as one line, and the properties that differ as another one.
    pub(super) fn to_lines(&self, differing: &[&str]) -> Vec<u8> {
        [line(self), line(differing)].concat()
    }
}

/// Returns what `delete --what-if` prints.
pub(super) fn deleted(result: &EngineResult, is_secret: bool) -> Vec<u8> {
    line(&Deleted { metadata: Metadata { what_if: what_if(result, is_secret) } })
}

/// Returns the name of an instance in an exported configuration. DSC would evaluate a text in brackets.
pub(super) fn name(text: String) -> String {
    if text.starts_with('[') { format!("[{text}") } else { text }
}

/// Returns whether the value of a key is never returned, because a hook may have put a secret into it.
pub(super) fn is_withheld(section: &str, key: &str) -> bool {
    let is_of_hook = || Event::of_key(key).is_some() || Event::of_directive(key).is_some();
    section.eq_ignore_ascii_case(RECORD) || section.eq_ignore_ascii_case(SETTINGS) && is_of_hook()
}

/// Describes each change for people. The values are masked already, except for those that a hook may have written, and for
/// all if `is_secret`.
fn what_if(result: &EngineResult, is_secret: bool) -> Vec<String> {
    let changes = result.changes.iter();
    let mut lines: Vec<_> = changes.map(|change| changed(change, is_secret)).collect();
    lines.extend(result.hooks.iter().map(|hook| {
        let (template, event) = (&hook.template, &hook.event);
        match hook.kind {
            ChangeKind::Added => format!("add hook {template} on {event}"),
            ChangeKind::Removed => format!("remove hook {template} on {event}"),
            ChangeKind::Changed => format!("change hook {template} on {event}"),
        }
    }));
    lines.extend(result.removed_duplicates.iter().map(|duplicate| {
        let (section, key, line) = (&duplicate.section, &duplicate.key, duplicate.line);
        format!("remove duplicate {section}.{key} in line {line}")
    }));
    lines
}

fn changed(change: &ChangeRow, is_secret: bool) -> String {
    let (section, key) = (&change.section, &change.key);
    let shown = |value: &Option<String>| match value {
        None => "(not set)".to_owned(),
        Some(_) if is_secret || is_withheld(section, key) => "***".to_owned(),
        Some(value) => value.clone(),
    };
    match &change.after {
        None => format!("unset {section}.{key}"),
        after => format!("set {section}.{key}: {} -> {}", shown(&change.before), shown(after)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use msipctl_core::engine::{Error, ProcessRow};

    fn result() -> EngineResult {
        EngineResult::failed("", &Error::runtime(""))
    }

    #[test]
    fn state_contains_only_the_properties_that_are_set() {
        let state = Instance { exist: Some(false), ..Instance::new(Path::new("/a")) };
        assert_eq!(state.to_line(), b"{\"path\":\"/a\",\"_exist\":false}\n");
        let lines = state.to_lines(&["_exist", "value"]);
        assert_eq!(lines, b"{\"path\":\"/a\",\"_exist\":false}\n[\"_exist\",\"value\"]\n");
    }

    #[test]
    fn restart_names_the_process() {
        let process = ProcessRow { name: "microsip.exe".to_owned(), id: 77 };
        let mut result = result();
        result.restart.push(RestartRow { process });
        let state = Instance::new(Path::new("/a")).with_restart(&result);
        let expected =
            r#"{"path":"/a","_restartRequired":[{"process":{"name":"microsip.exe","id":77}}]}"#;
        assert_eq!(String::from_utf8(state.to_line()).unwrap(), format!("{expected}\n"));
    }

    #[test]
    fn what_if_masks_commands_and_directives() {
        let change = |key: &str, before: Option<&str>, after: Option<&str>| ChangeRow {
            section: "Settings".to_owned(),
            key: key.to_owned(),
            before: before.map(str::to_owned),
            after: after.map(str::to_owned),
            kind: ChangeKind::Changed,
        };
        let mut result = result();
        result.changes = vec![
            change("AA", None, Some("1")),
            change("AA", Some("1"), None),
            change("cmdCallEnd", None, Some("S3CRET")),
            change("OnCallEnd.2", Some("S3CRET"), Some("S3CRET")),
        ];
        let lines = [
            "set Settings.AA: (not set) -> 1",
            "unset Settings.AA",
            "set Settings.cmdCallEnd: (not set) -> ***",
            "set Settings.OnCallEnd.2: *** -> ***",
        ];
        assert_eq!(what_if(&result, false), lines);
        assert_eq!(what_if(&result, true)[0], "set Settings.AA: (not set) -> ***");
    }

    #[test]
    fn exported_name_is_never_an_expression() {
        assert_eq!(name("Settings.AA".to_owned()), "Settings.AA");
        assert_eq!(name("[envvar('A')]".to_owned()), "[[envvar('A')]");
    }
}
