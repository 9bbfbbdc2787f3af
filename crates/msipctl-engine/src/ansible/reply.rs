//! What a module answers: the fields that Ansible defines, and those of the result.

use msipctl_core::engine::{self, EngineResult, Error, ErrorRow, State};
use serde_json::{Map, Value, json};

use super::arguments::ArgumentError;
use crate::reply::Reply;

/// The fields of a result that a module returns as they are.
const FIELDS: &[&str] = &[
    "path",
    "state",
    "exists",
    "encoding",
    "microsip",
    "settings",
    "changes",
    "hooks",
    "removed_duplicates",
    "blocked",
    "unverified",
    "missing_secrets",
    "restart",
    "run",
    "backup",
    "pending",
    "notes",
    "warnings",
];

/// The fields that say nothing about the settings.
const QUIET_FIELDS: &[&str] = &[
    "changed",
    "failed",
    "skipped",
    "msg",
    "kind",
    "state",
    "in_sync",
    "restart_required",
    "summary",
];

/// The reply of a module.
#[derive(Debug, Clone, Default)]
pub(super) struct ModuleReply(Map<String, Value>);

impl ModuleReply {
    /// Creates a reply with a message.
    pub(super) fn new(message: impl Into<String>) -> Self {
        Self::default().with("changed", false).with("msg", message.into())
    }

    /// Sets a field. Ansible treats `rc` as a failure, so no reply has it.
    pub(super) fn with(mut self, name: &str, value: impl Into<Value>) -> Self {
        self.0.insert(name.to_owned(), value.into());
        self
    }

    /// Marks the module as failed.
    pub(super) fn failed(self) -> Self {
        self.with("failed", true)
    }

    /// Creates the reply for a computer without MicroSIP.
    pub(super) fn absent(is_required: bool) -> Self {
        let reply = Self::new("MicroSIP isn't present");
        if is_required {
            let hint = "install MicroSIP, or set `require` to `false`";
            return reply.failed().with("kind", "runtime").with("hint", hint);
        }
        reply.with("skipped", true)
    }

    /// Creates the reply for an error.
    pub(super) fn of_error(error: &Error) -> Self {
        Self::of_row(&error.row())
    }

    fn of_row(row: &ErrorRow) -> Self {
        let errors = serde_json::to_value(&row.errors).unwrap_or_default();
        let reply = Self::new(row.message.clone()).failed();
        let reply = reply.with("kind", json!(row.kind)).with("errors", errors);
        reply.with_hint(row.hint.as_deref())
    }

    /// Creates the reply for invalid arguments. The message is the first one, and `errors` lists all.
    pub(super) fn of_arguments(errors: &[ArgumentError]) -> Self {
        let first = errors.first();
        let mut message = first.map(|error| error.message.clone()).unwrap_or_default();
        match errors.len() {
            0 | 1 => {}
            2 => message += " (and 1 more error)",
            count => message += &format!(" (and {} more errors)", count - 1),
        }
        let rows =
            errors.iter().map(|error| json!({ "message": error.message, "hint": error.hint }));
        let rows: Vec<Value> = rows.collect();
        let reply = Self::new(message).failed().with("kind", "usage").with("errors", rows);
        reply.with_hint(first.and_then(|error| error.hint.as_deref()))
    }

    /// Creates the reply for an error in msipctl itself. It names the place and nothing of the arguments.
    pub(super) fn of_panic(place: Option<(&str, u32)>) -> Self {
        let at = place.map(|(file, line)| {
            let name = file.rsplit(['/', '\\']).next().unwrap_or_default();
            format!(" at {name}:{line}")
        });
        let message = format!("internal error{}", at.unwrap_or_default());
        Self::new(message).failed().with_hint(Some("report it to the authors of msipctl"))
    }

    /// Creates the reply for the result of an edit.
    pub(super) fn of_edit(result: &EngineResult) -> Self {
        let mut reply = match &result.error {
            Some(row) => Self::of_row(row),
            None => Self::new(message_of(result)).with("changed", result.is_change()),
        };
        let all = serde_json::to_value(result).unwrap_or_default();
        for name in FIELDS {
            reply = reply.with(name, all[name].clone());
        }
        reply = reply.with("restart_required", !result.restart.is_empty());
        match &result.diff {
            Some(diff) if result.state.is_change() => {
                let (before, after) = (&diff.before_header, &diff.after_header);
                let prepared = format!("--- before: {before}\n+++ after: {after}\n{}", diff.text);
                reply.with("diff", json!([{ "prepared": prepared }]))
            }
            _ => reply,
        }
    }

    /// Sets the hint. The message never repeats it.
    pub(super) fn with_hint(self, hint: Option<&str>) -> Self {
        match hint {
            Some(hint) => self.with("hint", hint),
            None => self,
        }
    }

    /// Removes everything about the settings, for a task with `no_log`. Ansible hides the reply itself, but not if a later
    /// task prints it.
    pub(super) fn without_details(mut self) -> Self {
        self.0.retain(|name, _| QUIET_FIELDS.contains(&name.as_str()));
        if self.0.contains_key("failed") {
            let message = match self.0.get("kind").and_then(Value::as_str) {
                Some("usage") => {
                    "invalid arguments; to see which ones, run the task without `no_log`"
                }
                Some("precondition") => "blocked; to see why, run the task without `no_log`",
                _ => "failed; to see why, run the task without `no_log`",
            };
            return self.with("msg", message);
        }
        self
    }

    /// Returns the exact output.
    pub(super) fn into_reply(self) -> Reply {
        let code = u8::from(self.0.contains_key("failed"));
        Reply { stdout: engine::line(&Value::Object(self.0)), stderr: Vec::new(), code }
    }

    /// Returns the value of a field.
    #[cfg(test)]
    pub(super) fn get(&self, name: &str) -> Value {
        self.0.get(name).cloned().unwrap_or_default()
    }
}

/// Describes the result of an edit, without the names of sections and keys.
fn message_of(result: &EngineResult) -> String {
    let mut parts = Vec::new();
    let counts = [
        (result.changes.len(), "key"),
        (result.hooks.len(), "hook"),
        (result.removed_duplicates.len(), "duplicate"),
    ];
    for (count, name) in counts {
        match count {
            0 => {}
            1 => parts.push(format!("1 {name}")),
            count => parts.push(format!("{count} {name}s")),
        }
    }
    let what = match parts.as_slice() {
        // Such as a different encoding.
        [] => "the file".to_owned(),
        [one] => one.clone(),
        [one, other] => format!("{one} and {other}"),
        [most @ .., last] => format!("{}, and {last}", most.join(", ")),
    };
    match result.state {
        State::Changed => format!("changed {what}"),
        State::WouldChange => format!("would change {what}"),
        State::Queued => format!("queued until MicroSIP exits: {what}"),
        State::Unchanged | State::Failed => "unchanged".to_owned(),
    }
}
