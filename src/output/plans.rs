//! Plans: what would become of files, in groups for people, and whole for `apply`.

use std::io;
use std::path::Path;

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use super::changes::ChangeRow;
use super::count::count;
use super::edits::{BlockedRow, DuplicateRow, EditedFile, EditsReport, failed_lines};
use super::report::Report;
use super::screen::{CHANGED, DIM, HEADING, Screen};
use crate::error::CliError;
use crate::plan_key::PlanKey;
use msipctl_core::apply::Outcome;
use msipctl_core::fleet::Groups;
use msipctl_core::plan::PlannedEdit;
use msipctl_core::store::{self, Digest, RunId};
use winini::Document;

/// One file of a plan.
#[derive(Debug, Serialize)]
pub(crate) struct PlannedFile {
    #[serde(flatten)]
    edited: EditedFile,
    #[serde(flatten)]
    saved: SavedEdits,
}

/// What is to be done with one file, so that it can be done later: to these bytes and no others.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct SavedEdits {
    /// What the file that the plan was made of is recognized by: a digest with a key that stays on the computer.
    pub(crate) digest: Option<String>,
    /// The same for the file as it is afterwards.
    pub(crate) digest_after: Option<String>,
    /// The line of the inventory that names the file.
    pub(crate) row: Option<String>,
    /// The edits, in order.
    pub(crate) edits: Vec<SavedEdit>,
    /// The keys whose values are never shown, besides those that are secret by name.
    pub(crate) secret_keys: Vec<SavedKey>,
}

/// A key, without its value.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct SavedKey {
    pub(crate) section: String,
    pub(crate) key: String,
}

/// One edit: a key, or a section as a whole, that shall read so, or not be there.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct SavedEdit {
    pub(crate) section: String,
    pub(crate) key: Option<String>,
    /// The value; none for a secret, and for what shall not be there.
    pub(crate) after: Option<String>,
    /// How a secret is had again.
    pub(crate) secret: Option<SavedSecret>,
    pub(crate) reason: String,
}

/// A secret that is not in the plan.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct SavedSecret {
    /// Where the policy says how to get it.
    pub(crate) from: Option<String>,
    /// What it is known again by: a digest with a key that stays on the computer.
    pub(crate) digest: String,
}

/// What a plan was made of, besides the files.
#[derive(Debug, Default, Serialize, Deserialize)]
pub(crate) struct PlanHead {
    /// The policy.
    pub(crate) policy: String,
    /// The folder that the paths of files are seen from.
    pub(crate) folder: String,
    /// All files that the policy consists of, and the inventories.
    pub(crate) sources: Vec<SavedSource>,
    /// What an edit may do to the encoding.
    pub(crate) encoding: String,
    /// What the key of all digests is recognized by.
    pub(crate) key: Option<String>,
}

/// A file that the policy or the inventory consists of.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct SavedSource {
    pub(crate) path: String,
    /// What its bytes are recognized by: a digest with a key that stays on the computer.
    pub(crate) digest: String,
    /// Whether it is an inventory.
    pub(crate) is_inventory: bool,
}

impl SavedSource {
    /// Describes a file with bytes of this hash.
    pub(crate) fn new(path: &Path, hash: &Digest, is_inventory: bool, key: &PlanKey) -> Self {
        let digest = key.digest_of_hash(path, hash);
        Self { path: store::absolute(path).display().to_string(), digest, is_inventory }
    }
}

impl PlannedFile {
    /// Tells of a file that no plan can be made for.
    pub(crate) fn failed(path: &Path, error: &CliError) -> Self {
        let saved = SavedEdits {
            digest: None,
            digest_after: None,
            row: None,
            edits: Vec::new(),
            secret_keys: Vec::new(),
        };
        Self { edited: EditedFile::failed(path, error), saved }
    }

    /// Describes a file that would be edited so. Without a key, it can't be done later.
    pub(crate) fn new(
        outcome: &Outcome,
        with_diff: bool,
        row: Option<String>,
        edits: Vec<SavedEdit>,
        key: Option<&PlanKey>,
    ) -> Self {
        let edited = EditedFile::new(outcome, with_diff);
        let digest = |document: &Document| {
            key.map(|key| key.digest_of_file(&outcome.path, document.bytes()))
        };
        let mut secrets = outcome.plan.secrets().clone();
        // What is a secret by its value only: that is not in the plan, so its key has to be.
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
                row,
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
    groups: Groups<(Vec<ChangeRow>, Vec<DuplicateRow>)>,
    failed: Groups<String>,
    blocked: Groups<String>,
}

impl PlanReport {
    /// Begins the plan of so many files.
    pub(crate) fn new(run: &RunId, files: usize, head: PlanHead) -> Self {
        Self {
            edits: EditsReport::new(run, true, files),
            head,
            groups: Groups::default(),
            failed: Groups::default(),
            blocked: Groups::default(),
        }
    }

    /// Says whether anything would change.
    pub(crate) fn has_changes(&self) -> bool {
        self.edits.changed() > 0
    }
}

impl Report for PlanReport {
    const LIST: &'static str = "files";
    type Row = PlannedFile;

    fn human_row(&self, file: &PlannedFile, out: &mut Screen<'_>) -> io::Result<()> {
        let is_listed = self.edits.is_listed();
        // What fails is named, however many files there are.
        match is_listed || file.edited.problem().is_some() {
            true => file.edited.human(is_listed, out),
            false => Ok(()),
        }
    }

    fn count(&mut self, file: &PlannedFile) {
        self.edits.count(&file.edited);
        if let Some(problem) = file.edited.problem() {
            self.failed.add(problem.to_owned(), file.edited.path());
        }
        for reason in file.edited.blocked() {
            self.blocked.add(reason, file.edited.path());
        }
        let (changes, duplicates) = file.edited.changes();
        let is_changed = !changes.is_empty() || !duplicates.is_empty();
        if is_changed && !self.edits.is_listed() {
            let duplicates = duplicates.iter().map(DuplicateRow::without_line).collect();
            self.groups.add((changes.to_vec(), duplicates), file.edited.path());
        }
    }

    fn human_end(&self, out: &mut Screen<'_>) -> io::Result<()> {
        for ((changes, duplicates), group) in self.groups.by_size() {
            putln!(out, "{CHANGED}{}{CHANGED:#} would change", count(group.files(), "file"))?;
            changes.iter().try_for_each(|change| change.human(out, "  "))?;
            duplicates.iter().try_for_each(|it| it.human(out, "  "))?;
            putln!(out, "  {DIM}{}{DIM:#}", group.named())?;
        }
        if self.groups.others() > 0 {
            let files = count(self.groups.others(), "file");
            putln!(out, "{CHANGED}{files}{CHANGED:#} would change in other ways")?;
        }
        if !self.edits.is_listed() {
            failed_lines(out, &self.failed)?;
            for (reason, group) in self.blocked.by_size() {
                let files = count(group.files(), "file");
                putln!(out, "{CHANGED}not written{CHANGED:#}: {files}: {reason}")?;
            }
        }
        match self.edits.is_several() {
            true => putln!(out, "{HEADING}{}{HEADING:#}", self.edits.in_a_line()),
            false => Ok(()),
        }
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

/// A plan as it is read again.
#[derive(Debug, Deserialize)]
pub(crate) struct SavedPlan {
    #[serde(flatten)]
    pub(crate) head: PlanHead,
    pub(crate) files: Vec<SavedFile>,
}

/// One file of a plan as it is read again.
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
    /// Says whether there is anything to be done with it.
    pub(crate) fn is_changed(&self) -> bool {
        self.state == "changed"
    }
}
