//! The file of a pending plan: a line of JSON with a digest of the rest, and a line of JSON with the plan.
//!
//! The digest has a key, so a plan that somebody else put into the folder doesn't count.

use std::path::Path;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::error::InvalidPlan;
use super::key::KeyedDigest;
use crate::store::{BackupPolicy, RunId};
use winini::Document;

/// The supported version of the file.
const VERSION: u32 = 1;

/// The extension of the files.
const EXTENSION: &str = ".plan";

/// A change that waits until MicroSIP exits.
#[derive(Debug, Clone)]
pub struct PendingPlan {
    pub(super) run: RunId,
    pub(super) created: Timestamp,
    pub(super) expires: Timestamp,
    pub(super) body: Body,
}

/// Returns the value of a secret key by the policy of a plan, for a file as it is now. `None` if the policy has none.
/// The error says why the policy isn't available.
pub type SecretReader<'s> =
    &'s dyn Fn(&PendingPlan, &Document, &str, &str) -> Result<Option<String>, String>;

/// The state of a pending plan.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum PlanState {
    /// It waits for MicroSIP to exit, or for another msipctl.
    Waiting,
    /// It failed, and msipctl tries again next time.
    Failed,
    /// The file or the policy no longer fits the plan. It's not applied.
    Conflict,
    /// A secret was changed since. It's not applied.
    BlockedSecret,
    /// It's too old. It's not applied.
    Expired,
}

/// The policy that a plan comes from.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PolicyOrigin {
    /// The full path of the policy.
    pub path: String,
    /// All files of the policy, and the inventories.
    pub sources: Vec<PolicySource>,
    /// The full paths of the folders with custom templates.
    pub template_dirs: Vec<String>,
    /// The target version, if the user chose one.
    pub microsip: Option<String>,
}

/// A file of a policy, or an inventory.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PolicySource {
    /// The full path.
    pub path: String,
    /// Identifies its bytes: [`KeyedDigest::digest_of_hash`].
    pub digest: String,
    /// Whether it's an inventory.
    pub is_inventory: bool,
}

/// The first line.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Header {
    schema_version: u32,
    /// Identifies the key.
    key: String,
    /// Identifies the second line.
    digest: String,
}

#[derive(Deserialize)]
struct Versioned {
    schema_version: u32,
}

/// The second line.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Body {
    pub(super) run: String,
    pub(super) created: String,
    pub(super) expires: String,
    pub(super) command: String,
    pub(super) path: String,
    /// Identifies the file that the path leads to.
    pub(super) identity: String,
    pub(super) policy: Option<PolicyOrigin>,
    pub(super) write: WriteOptions,
    pub(super) edits: Vec<PendingEdit>,
    /// The keys with secret values, other than those that are secret by name.
    pub(super) secret_keys: Vec<SecretKey>,
    pub(super) owners: Vec<Owner>,
    pub(super) state: PlanState,
    pub(super) attempts: u32,
    pub(super) last_error: Option<String>,
}

/// How the file is written.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct WriteOptions {
    pub(super) create: bool,
    pub(super) encoding: SavedEncoding,
    pub(super) code_page: u16,
    pub(super) backup: Option<SavedBackup>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(super) enum SavedEncoding {
    Auto,
    Keep,
    #[serde(rename = "utf-16le")]
    Utf16Le,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct SavedBackup {
    pub(super) dir: Option<String>,
    pub(super) keep: usize,
}

/// The expected state of a key or a section.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct PendingEdit {
    pub(super) section: String,
    /// `None` for the complete section.
    pub(super) key: Option<String>,
    pub(super) want: Want,
    pub(super) reason: String,
    /// Identifies the value when the plan was queued; one that isn't set counts as empty.
    pub(super) before: String,
}

// A value may be private, so it isn't shown.
impl std::fmt::Debug for PendingEdit {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "PendingEdit({:?}, {:?}, {:?})", self.section, self.key, self.reason)
    }
}

#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Want {
    Value(String),
    Written(String),
    Secret(Secret),
    Absent,
    AbsentIfBare,
}

/// A secret: where it is, and how msipctl recognizes it.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Secret {
    /// The file that contains it; `None` if the policy says where it is.
    pub(super) file: Option<String>,
    pub(super) digest: String,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct SecretKey {
    pub(super) section: String,
    pub(super) key: String,
}

/// Identifies whose account a section is, before and after the change.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Owner {
    pub(super) section: String,
    pub(super) before: String,
    pub(super) after: String,
}

impl PendingPlan {
    /// Returns the run that applies the plan.
    pub fn run(&self) -> RunId {
        self.run
    }

    /// Returns when the plan was queued.
    pub fn created(&self) -> Timestamp {
        self.created
    }

    /// Returns when the plan expires.
    pub fn expires(&self) -> Timestamp {
        self.expires
    }

    /// Returns the command of the user that queued it.
    pub fn command(&self) -> &str {
        &self.body.command
    }

    /// Returns the full path of the file.
    pub fn path(&self) -> &Path {
        Path::new(&self.body.path)
    }

    /// Returns the policy that the plan comes from.
    pub fn policy(&self) -> Option<&PolicyOrigin> {
        self.body.policy.as_ref()
    }

    /// Returns the number of the code page of files without BOM.
    pub fn code_page(&self) -> u16 {
        self.body.write.code_page
    }

    /// Returns the names of the keys and sections that the plan changes, in order.
    pub fn keys(&self) -> Vec<String> {
        let name = |edit: &PendingEdit| match &edit.key {
            Some(key) => format!("{}.{key}", edit.section),
            None => format!("[{}]", edit.section),
        };
        self.body.edits.iter().map(name).collect()
    }

    /// Returns the state at a time.
    pub fn state(&self, now: Timestamp) -> PlanState {
        match self.body.state {
            PlanState::Waiting | PlanState::Failed if now > self.expires => PlanState::Expired,
            state => state,
        }
    }

    /// Returns how often msipctl tried to apply the plan.
    pub fn attempts(&self) -> u32 {
        self.body.attempts
    }

    /// Returns why the last try failed.
    pub fn last_error(&self) -> Option<&str> {
        self.body.last_error.as_deref()
    }

    /// Returns the policy for backups.
    pub(super) fn backup(&self) -> BackupPolicy {
        match &self.body.write.backup {
            None => BackupPolicy::None,
            Some(SavedBackup { dir, keep }) => {
                BackupPolicy::Keep { dir: dir.as_ref().map(Into::into), keep: *keep }
            }
        }
    }

    /// Reads a plan from the bytes of its file.
    pub(super) fn parse(
        run: RunId,
        bytes: &[u8],
        key: &dyn KeyedDigest,
    ) -> Result<Self, InvalidPlan> {
        let text = std::str::from_utf8(bytes).map_err(|_| InvalidPlan::Format)?;
        let (first, rest) = text.split_once('\n').ok_or(InvalidPlan::Format)?;
        let format = |_| InvalidPlan::Format;
        match serde_json::from_str(first).map_err(format)? {
            Versioned { schema_version: VERSION } => {}
            Versioned { schema_version } => return Err(InvalidPlan::Version(schema_version)),
        }
        let header: Header = serde_json::from_str(first).map_err(format)?;
        if header.key != key.id() {
            return Err(InvalidPlan::Key);
        }
        let name = run.to_string();
        if header.digest != key.digest(&["pending", &name], rest) {
            return Err(InvalidPlan::Digest);
        }
        let body: Body = serde_json::from_str(rest).map_err(format)?;
        let time = |text: &str| text.parse::<Timestamp>().map_err(|_| InvalidPlan::Format);
        let (created, expires) = (time(&body.created)?, time(&body.expires)?);
        if body.run != name || !Path::new(&body.path).is_absolute() {
            return Err(InvalidPlan::Format);
        }
        Ok(Self { run, created, expires, body })
    }

    /// Returns the bytes of its file.
    pub(super) fn to_bytes(&self, key: &dyn KeyedDigest) -> Vec<u8> {
        // Both contain only texts and numbers, so this always succeeds.
        let body = serde_json::to_string(&self.body).unwrap_or_default() + "\n";
        let digest = key.digest(&["pending", &self.body.run], &body);
        let header = Header { schema_version: VERSION, key: key.id(), digest };
        let header = serde_json::to_string(&header).unwrap_or_default();
        format!("{header}\n{body}").into_bytes()
    }
}

/// Returns the name of the file of a plan.
pub(super) fn name_of(run: &RunId) -> String {
    format!("{run}{EXTENSION}")
}

/// Returns the plan that a file is, by its name; `None` for other files.
pub(super) fn run_of(name: &str) -> Option<RunId> {
    name.strip_suffix(EXTENSION)?.parse().ok()
}
