//! The result of an engine operation, as JSON. Only masked texts get into it.

use std::fmt;
use std::sync::Arc;

use schemars::JsonSchema;
use serde::Serialize;

use super::changes::{
    BlockedRow, ChangeRow, DiffText, DriftRow, DuplicateRow, HookChangeRow, MissingSecretRow,
};
use super::error::{Error, ErrorKind, ErrorRow};
use super::state::SCHEMA_VERSION;
use crate::apply::Options;
use crate::plan::Desired;
use microsip_schema::Version;
use msipctl_windows::Process;
use winini::{Document, Encoding};

/// The name and version in each result.
const TOOL: &str = concat!("msipctl ", env!("CARGO_PKG_VERSION"));

/// What an engine operation found, changed, or would change. Secrets are shown as `***` or `null`.
#[derive(Debug, Clone, Serialize, JsonSchema)]
#[schemars(title = "Result of an engine operation of msipctl")]
#[non_exhaustive]
pub struct EngineResult {
    /// The version of this format, which is 1.
    #[schemars(range(min = 1, max = 1))]
    pub schema_version: u32,
    /// The name and version of the msipctl that created the result.
    pub tool: String,
    /// The path as it was given.
    pub path: String,
    /// What happened to the file.
    pub state: State,
    /// Whether the file matches the desired state now, or `null` after an error. In check mode, and for `get` and `test`, this is
    /// about the file as it is.
    pub in_desired_state: Option<bool>,
    /// Whether the file existed.
    pub exists: bool,
    /// The encoding of the file after the operation, or `null` if there is no file.
    pub encoding: Option<String>,
    /// The target MicroSIP version, or `null` after an error.
    pub microsip: Option<String>,
    /// The keys in `settings` of the state document.
    pub settings: Vec<SettingRow>,
    /// The keys that change, without those of hooks.
    pub changes: Vec<ChangeRow>,
    /// The hooks that change.
    pub hooks: Vec<HookChangeRow>,
    /// The hooks in `hooks` of the state document, one entry for each event.
    pub stated_hooks: Vec<HookRow>,
    /// Removed lines that Windows never read.
    pub removed_duplicates: Vec<DuplicateRow>,
    /// The accounts that aren't written, because they violate a constraint of the policy.
    pub blocked: Vec<BlockedRow>,
    /// The number of values that couldn't be verified: MicroSIP encrypted the password, or the secret isn't available.
    pub unverified: usize,
    /// The keys whose secrets aren't available. `set` fails instead.
    pub missing_secrets: Vec<MissingSecretRow>,
    /// How the file differed from the policy before the operation, or `null` without a policy.
    pub drift: Option<Vec<DriftRow>>,
    /// The percentage of verified values that matched the policy before the operation, or `null` without a policy.
    pub score: Option<f64>,
    /// The changes as a unified diff, or `null` if the state document doesn't ask for it.
    pub diff: Option<DiffText>,
    /// The programs that must exit before the change takes effect.
    pub restart: Vec<RestartRow>,
    /// The ID of the run that wrote the file, or `null`.
    pub run: Option<String>,
    /// The ID of the backup, or `null`.
    pub backup: Option<String>,
    /// The change that waits until MicroSIP exits, or `null`.
    pub pending: Option<PendingRow>,
    /// Facts that need no action.
    pub notes: Vec<String>,
    /// What needs attention although the operation succeeded.
    pub warnings: Vec<String>,
    /// Why the operation failed, or `null`.
    pub error: Option<ErrorRow>,
    #[serde(skip)]
    queueable: Option<Box<Queueable>>,
}

/// What happened to the file.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum State {
    /// It wasn't touched.
    Unchanged,
    /// It was written.
    Changed,
    /// It would be written, without check mode.
    WouldChange,
    /// The change waits until MicroSIP exits.
    Queued,
    /// The operation failed. Nothing was written, unless the error says otherwise.
    Failed,
}

impl State {
    /// Returns whether something changed, or would change.
    pub fn is_change(self) -> bool {
        matches!(self, Self::Changed | Self::WouldChange | Self::Queued)
    }
}

/// A key of the state document.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct SettingRow {
    /// The section.
    pub section: String,
    /// The key, or `null` for the complete section.
    pub key: Option<String>,
    /// Whether it exists after the operation.
    pub exists: bool,
    /// The value after the operation, or `null` if the key isn't set or secret.
    pub value: Option<String>,
    /// The value before the operation, or `null` if the key wasn't set or is secret.
    pub was: Option<String>,
    /// Whether the file differed from the state document before the operation.
    pub differs: bool,
    /// Whether the value is secret.
    pub secret: bool,
}

/// A hook of the state document on one event.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct HookRow {
    /// The template.
    pub template: String,
    /// The event.
    pub event: &'static str,
    /// Whether the hook exists after the operation.
    pub exists: bool,
    /// Whether the file differed from the state document before the operation.
    pub differs: bool,
    /// The directive or command after the operation, or `null` if the hook doesn't exist. A secret is shown as `***`.
    pub value: Option<String>,
}

/// A program that must exit before a change takes effect.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct RestartRow {
    /// The process.
    pub process: ProcessRow,
}

/// A process.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct ProcessRow {
    /// The file name of the program.
    pub name: String,
    /// The process ID.
    pub id: u32,
}

impl From<&Process> for ProcessRow {
    fn from(process: &Process) -> Self {
        Self { name: process.name.to_string_lossy().into_owned(), id: process.id }
    }
}

/// A change that waits until MicroSIP exits.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct PendingRow {
    /// The run that writes the file.
    pub run: String,
    /// The processes that have to exit.
    pub waits_for: Vec<ProcessRow>,
    /// Whether no plan for the same change was waiting already.
    pub is_new: bool,
}

/// What a wrapper needs to queue a change that a running MicroSIP blocks. It contains secrets.
#[derive(Clone)]
pub struct Queueable {
    /// The desired state of the file.
    pub desired: Desired,
    /// The file as it is.
    pub document: Document,
    /// How the file would be written.
    pub options: Arc<Options>,
    /// The processes that use the file.
    pub processes: Vec<Process>,
}

impl fmt::Debug for Queueable {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Queueable").field(&self.desired).field(&self.processes).finish()
    }
}

/// The exit code of an engine operation in the plain contract.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum EngineExit {
    /// 0: success.
    Success,
    /// 1: `test` found a difference.
    Different,
    /// 2: usage or runtime error.
    Error,
    /// 3: a precondition isn't met, or an account isn't written because it violates a constraint.
    Blocked,
}

impl EngineExit {
    /// Returns the number.
    pub fn code(self) -> u8 {
        match self {
            Self::Success => 0,
            Self::Different => 1,
            Self::Error => 2,
            Self::Blocked => 3,
        }
    }
}

impl EngineResult {
    /// Creates the result for an untouched file.
    pub(super) fn new(path: String) -> Self {
        Self {
            schema_version: SCHEMA_VERSION,
            tool: TOOL.to_owned(),
            path,
            state: State::Unchanged,
            in_desired_state: None,
            exists: false,
            encoding: None,
            microsip: None,
            settings: Vec::new(),
            changes: Vec::new(),
            hooks: Vec::new(),
            stated_hooks: Vec::new(),
            removed_duplicates: Vec::new(),
            blocked: Vec::new(),
            unverified: 0,
            missing_secrets: Vec::new(),
            drift: None,
            score: None,
            diff: None,
            restart: Vec::new(),
            run: None,
            backup: None,
            pending: None,
            notes: Vec::new(),
            warnings: Vec::new(),
            error: None,
            queueable: None,
        }
    }

    /// Creates the result of an operation that failed.
    pub fn failed(path: impl Into<String>, error: &Error) -> Self {
        let (state, error) = (State::Failed, Some(error.row()));
        Self { state, error, ..Self::new(path.into()) }
    }

    /// Sets the encoding and the target version.
    pub(super) fn about(self, encoding: Option<Encoding>, microsip: Version) -> Self {
        let encoding = encoding.map(|encoding| encoding.to_string());
        Self { encoding, microsip: Some(microsip.to_string()), ..self }
    }

    /// Adds what a wrapper needs to queue the change.
    pub(super) fn with_queueable(self, queueable: Queueable) -> Self {
        Self { queueable: Some(Box::new(queueable)), ..self }
    }

    /// Returns what is needed to queue the change, if only a running MicroSIP blocks it.
    pub fn queueable(&self) -> Option<&Queueable> {
        self.queueable.as_deref()
    }

    /// Returns the result after the change was queued as `run`, without the error. A result that can't be queued stays.
    #[must_use]
    pub fn queued(mut self, run: &str, is_new: bool) -> Self {
        let Some(queueable) = self.queueable.take() else { return self };
        let waits_for: Vec<_> = queueable.processes.iter().map(ProcessRow::from).collect();
        let restart = waits_for.iter().map(|process| RestartRow { process: process.clone() });
        self.restart = restart.collect();
        self.state = State::Queued;
        self.pending = Some(PendingRow { run: run.to_owned(), waits_for, is_new });
        self.in_desired_state = Some(false);
        self.error = None;
        self
    }

    /// Returns the result of a change that can't be queued either, for this reason.
    #[must_use]
    pub fn not_queued(self, error: &Error) -> Self {
        Self { error: Some(error.row()), queueable: None, ..self }
    }

    /// Takes over the state and the error of a result that failed.
    pub(super) fn blocked_as(self, failed: Self) -> Self {
        let Self { state, error, in_desired_state, .. } = failed;
        Self { state, error, in_desired_state, ..self }
    }

    /// Returns whether the operation changed something, or would: a change that waited already doesn't count.
    pub fn is_change(&self) -> bool {
        self.state.is_change() && self.pending.as_ref().is_none_or(|pending| pending.is_new)
    }

    /// Returns the exit code of the plain contract. `is_test` makes a difference count.
    pub fn exit(&self, is_test: bool) -> EngineExit {
        match (&self.error, self.in_desired_state) {
            (Some(ErrorRow { kind: ErrorKind::Precondition, .. }), _) => EngineExit::Blocked,
            (Some(_), _) => EngineExit::Error,
            (None, Some(false)) if is_test => EngineExit::Different,
            (None, _) if !is_test && !self.blocked.is_empty() => EngineExit::Blocked,
            (None, _) => EngineExit::Success,
        }
    }

    /// Returns the result as one line of JSON, which ends with LF. Hidden characters are escaped.
    pub fn to_line(&self) -> Vec<u8> {
        line(self)
    }
}

/// Returns a value as one line of JSON, which ends with LF. Hidden characters are escaped.
pub fn line<T: Serialize + ?Sized>(value: &T) -> Vec<u8> {
    // Serializing these types doesn't fail; a map with other keys than text would.
    let json = serde_json::to_string(value).unwrap_or_default();
    let mut line = crate::diff::json_shown(&json).into_owned().into_bytes();
    line.push(b'\n');
    line
}
