//! Plans: what would change in files, for people and for `apply`.

use std::io;
use std::path::Path;

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use super::edits::{BlockedRow, EditedFile, EditsReport};
use super::report::Report;
use super::screen::Screen;
use crate::error::CliError;
use msipctl_core::apply::Outcome;
use msipctl_core::plan::PlannedEdit;
use msipctl_core::store::{self, Digest, RunId};
use msipctl_host::DigestKey;
use winini::Document;

/// One file of a plan.
#[derive(Debug, Serialize)]
pub(crate) struct PlannedFile {
    #[serde(flatten)]
    edited: EditedFile,
    #[serde(flatten)]
    saved: SavedEdits,
}

/// The edits of one file, for `apply`: it makes them in a file with these bytes, and refuses any other.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct SavedEdits {
    /// Identifies the bytes of the file: a digest with a key that stays on the PC.
    pub(crate) digest: Option<String>,
    /// Identifies the bytes of the file after the edits.
    pub(crate) digest_after: Option<String>,
    /// The lines of the inventory that name the file.
    pub(crate) rows: Vec<String>,
    /// The edits, in order.
    pub(crate) edits: Vec<SavedEdit>,
    /// The keys with secret values, other than keys that are secret by name.
    pub(crate) secret_keys: Vec<SavedKey>,
}

/// A key, without its value.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct SavedKey {
    pub(crate) section: String,
    pub(crate) key: String,
}

/// One edit: a key or a section, and the value that it must have, or that it must be absent.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct SavedEdit {
    pub(crate) section: String,
    pub(crate) key: Option<String>,
    /// The value; `None` for a secret, and for a key or section that must be absent.
    pub(crate) after: Option<String>,
    /// Where `apply` gets a secret.
    pub(crate) secret: Option<SavedSecret>,
    pub(crate) reason: String,
}

/// A secret that isn't stored in the plan.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct SavedSecret {
    /// The place in the policy that says where to get it.
    pub(crate) from: Option<String>,
    /// Identifies the secret: a digest with a key that stays on the PC.
    pub(crate) digest: String,
}

/// What a plan was made from, apart from the files.
#[derive(Debug, Default, Serialize, Deserialize)]
pub(crate) struct PlanHead {
    /// The policy.
    pub(crate) policy: String,
    /// The folder that the paths of files are relative to.
    pub(crate) folder: String,
    /// All files of the policy, and the inventories.
    pub(crate) sources: Vec<SavedSource>,
    /// What an edit may do to the encoding.
    pub(crate) encoding: String,
    /// Identifies the key of all digests.
    pub(crate) key: Option<String>,
}

/// A file of the policy, or an inventory.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct SavedSource {
    pub(crate) path: String,
    /// Identifies its bytes: a digest with a key that stays on the PC.
    pub(crate) digest: String,
    /// Whether it's an inventory.
    pub(crate) is_inventory: bool,
}

impl SavedSource {
    /// Describes a file with bytes of this hash.
    pub(crate) fn new(path: &Path, hash: &Digest, is_inventory: bool, key: &DigestKey) -> Self {
        let digest = key.digest_of_hash(path, hash);
        Self { path: store::absolute(path).display().to_string(), digest, is_inventory }
    }
}

impl PlannedFile {
    /// Describes a file that can't be planned.
    pub(crate) fn failed(path: &Path, error: &CliError) -> Self {
        let saved = SavedEdits {
            digest: None,
            digest_after: None,
            rows: Vec::new(),
            edits: Vec::new(),
            secret_keys: Vec::new(),
        };
        Self { edited: EditedFile::failed(path, error), saved }
    }

    /// Describes a file that would be edited. Without a key, `apply` can't use the result.
    pub(crate) fn new(
        outcome: &Outcome,
        with_diff: bool,
        rows: Vec<String>,
        edits: Vec<SavedEdit>,
        key: Option<&DigestKey>,
    ) -> Self {
        let edited = EditedFile::new(outcome, with_diff);
        let digest = |document: &Document| {
            key.map(|key| key.digest_of_file(&outcome.path, document.bytes()))
        };
        let mut secrets = outcome.plan.secrets().clone();
        // A value can be secret although its key isn't. The plan then lists the key, because it doesn't hold the value.
        for PlannedEdit { section, key, after, .. } in outcome.plan.edits() {
            if let (Some(key), Some(value)) = (key, after)
                && secrets.mask(section, key, value) != microsip_schema::mask(section, key, value)
            {
                secrets.add(section, key);
            }
        }
        let secrets =
            secrets.iter().filter(|(section, key)| !microsip_schema::is_secret(section, key));
        let secret_keys = secrets
            .map(|(section, key)| SavedKey { section: section.to_owned(), key: key.to_owned() });
        Self {
            edited,
            saved: SavedEdits {
                digest: digest(&outcome.before),
                digest_after: digest(outcome.plan.after()),
                rows,
                edits,
                secret_keys: secret_keys.collect(),
            },
        }
    }
}

/// A plan for any number of files.
#[derive(Debug)]
pub(crate) struct PlanReport {
    edits: EditsReport,
    head: PlanHead,
}

impl PlanReport {
    /// Begins the plan of a number of files. `is_listed` asks for lines about each file.
    pub(crate) fn new(run: &RunId, files: usize, is_listed: bool, head: PlanHead) -> Self {
        Self { edits: EditsReport::new(run, true, files, is_listed), head }
    }

    /// Returns whether anything would change.
    pub(crate) fn has_changes(&self) -> bool {
        self.edits.changed() > 0
    }
}

impl Report for PlanReport {
    const LIST: &'static str = "files";
    type Row = PlannedFile;

    fn human_row(&self, file: &PlannedFile, out: &mut Screen<'_>) -> io::Result<()> {
        self.edits.human_row(&file.edited, out)
    }

    fn count(&mut self, file: &PlannedFile) {
        self.edits.count(&file.edited);
    }

    fn human_end(&self, out: &mut Screen<'_>) -> io::Result<()> {
        self.edits.human_end(out)
    }

    fn others(&self) -> Map<String, Value> {
        let mut others = self.edits.others();
        if let Ok(Value::Object(head)) = serde_json::to_value(&self.head) {
            others.extend(head);
        }
        others
    }

    fn summary(&self) -> Option<Value> {
        self.edits.summary()
    }
}

/// A plan that was saved.
#[derive(Debug, Deserialize)]
pub(crate) struct SavedPlan {
    #[serde(flatten)]
    pub(crate) head: PlanHead,
    pub(crate) files: Vec<SavedFile>,
}

/// One file of a saved plan.
#[derive(Debug, Deserialize)]
pub(crate) struct SavedFile {
    pub(crate) path: String,
    pub(crate) state: String,
    pub(crate) error: Option<String>,
    pub(crate) unverified: Option<usize>,
    pub(crate) blocked: Option<Vec<BlockedRow>>,
    #[serde(flatten)]
    pub(crate) saved: SavedEdits,
}

impl SavedFile {
    /// Returns whether the plan changes the file.
    pub(crate) fn is_changed(&self) -> bool {
        self.state == "changed"
    }
}
