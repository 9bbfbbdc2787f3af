//! One file in a report.

use serde::{Deserialize, Serialize};

use super::identity::Identity;
use crate::event::Event;
use crate::policy::HookProblem;

/// How one file compares with the policy.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct AuditRow {
    /// The path as it was given.
    pub path: String,
    /// The computer, if it isn't the one of the report.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub host: Option<String>,
    /// The user, if it isn't the one of the report.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub user: Option<String>,
    /// The site in the inventory.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub site: Option<String>,
    /// The result.
    pub state: RowState,
    /// The number of keys and hooks that the policy has for the file; `None` if it failed, or if an older msipctl wrote
    /// the report.
    #[serde(default)]
    pub keys: Option<u32>,
    /// The keys and hooks that differ from the policy.
    pub drift: Vec<DriftRow>,
    /// The number of values that couldn't be verified.
    pub unverified: u32,
    /// The keys that aren't verified because their secrets aren't available.
    #[serde(default)]
    pub missing_secrets: Vec<MissingSecretRow>,
    /// The keys and hooks that drifted in an earlier report and match now; `None` without one.
    pub resolved: Option<Vec<String>>,
    /// Why the file failed.
    pub error: Option<String>,
    /// In a merged report: the report that the row comes from.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub audit: Option<Identity>,
    /// In a merged report: whether the computer hasn't reported for a while.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub is_silent: Option<bool>,
    /// In a merged report: whether newer reports of the same computer don't contain the file.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub is_outdated: Option<bool>,
}

impl AuditRow {
    /// Creates the row of a file that failed, without its error.
    pub fn failed(path: String) -> Self {
        Self {
            path,
            host: None,
            user: None,
            site: None,
            state: RowState::Failed,
            keys: None,
            drift: Vec::new(),
            unverified: 0,
            missing_secrets: Vec::new(),
            resolved: None,
            error: None,
            audit: None,
            is_silent: None,
            is_outdated: None,
        }
    }

    /// Returns the computer that the row is about: its own, or the one of its report.
    pub fn host(&self) -> Option<&str> {
        let of_report = || self.audit.as_ref()?.host.as_deref();
        self.host.as_deref().or_else(of_report)
    }
}

/// The result for a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RowState {
    /// It matches the policy.
    InSync,
    /// It differs from the policy.
    Drifted,
    /// It couldn't be read or compared.
    Failed,
}

/// Whether drift is new compared to an earlier report.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Since {
    /// The earlier report doesn't have it.
    New,
    /// The earlier report has it, too.
    Known,
}

/// A key or hook that differs from the policy.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct DriftRow {
    /// The section.
    pub section: String,
    /// The key; of a hook, the one of its directive or command.
    pub key: String,
    /// The hook, if the policy asks for one.
    pub hook: Option<HookRow>,
    /// The expected value or constraint, for people; a secret as `***`.
    pub expected: String,
    /// The value in the file; `None` if not set, a secret as `***`.
    pub actual: Option<String>,
    /// The default that MicroSIP uses because the key isn't set.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub default: Option<String>,
    /// The line of the value, counted from 1.
    pub line: Option<usize>,
    /// The location in the policy.
    pub policy: String,
    /// Whether an earlier report has it, too; `None` without one.
    pub since: Option<Since>,
}

/// A hook that differs from the policy.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct HookRow {
    /// The template.
    pub template: String,
    /// The event.
    #[serde(with = "event")]
    pub event: Event,
    /// What is wrong.
    #[serde(with = "problem")]
    pub problem: HookProblem,
}

/// A key that isn't verified because its secret isn't available.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct MissingSecretRow {
    /// The section.
    pub section: String,
    /// The key.
    pub key: String,
    /// Why the secret isn't available.
    pub reason: String,
    /// The location in the policy.
    pub policy: String,
}

impl DriftRow {
    /// Returns the name of the key or hook for people.
    pub fn name(&self) -> String {
        match &self.hook {
            Some(hook) => hook_name(&hook.template, hook.event.name()),
            None => format!("{}.{}", self.section, self.key),
        }
    }
}

/// Returns the name of a hook in a report: `hook call-log on incoming-call`.
///
/// # Example
///
/// ```
/// use msipctl_core::audit_report::hook_name;
///
/// assert_eq!(hook_name("call-log", "call-end"), "hook call-log on call-end");
/// ```
pub fn hook_name(template: &str, event: &str) -> String {
    format!("hook {template} on {event}")
}

/// Events by their names.
mod event {
    use super::Event;
    use serde::de::Error as _;
    use serde::{Deserialize as _, Deserializer, Serializer};
    use std::borrow::Cow;

    pub(super) fn serialize<S: Serializer>(event: &Event, to: S) -> Result<S::Ok, S::Error> {
        to.serialize_str(event.name())
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(from: D) -> Result<Event, D::Error> {
        let name: Cow<'de, str> = Cow::deserialize(from)?;
        name.parse().map_err(|_| D::Error::custom("unknown event"))
    }
}

/// Problems of hooks by their names.
mod problem {
    use super::HookProblem;
    use serde::de::Error as _;
    use serde::{Deserialize as _, Deserializer, Serializer};
    use std::borrow::Cow;

    pub(super) fn serialize<S: Serializer>(
        problem: &HookProblem,
        to: S,
    ) -> Result<S::Ok, S::Error> {
        to.serialize_str(problem.name())
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(from: D) -> Result<HookProblem, D::Error> {
        let name: Cow<'de, str> = Cow::deserialize(from)?;
        let found = HookProblem::ALL.into_iter().find(|problem| problem.name() == name);
        found.ok_or_else(|| D::Error::custom("unknown problem of a hook"))
    }
}
