//! What became of the files that a command wrote.

use std::io;
use std::path::Path;

use serde::{Deserialize, Serialize, Serializer};
use serde_json::{Map, Value, json};

use super::changes::{ChangeRow, byte_lines, unified};
use super::count::count;
use super::report::Report;
use super::screen::{ADDED, CHANGED, DIM, HEADING, REMOVED, Screen};
use crate::error::CliError;
use crate::exit::Exit;
use msipctl_core::apply::{self, Outcome};
use msipctl_core::diff::{self, ByteChanges, Hunk, Secrets};
use msipctl_core::fleet::Groups;
use msipctl_core::plan::{Blocked, ShadowedLine};
use msipctl_core::store::{BackupId, RunId};

/// Of more files, people are shown what happened to them together where they can be, and not one by one.
pub(super) const LISTED: usize = 10;

/// What became of a file, in JSON and in the summary.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
enum State {
    /// It is as it was.
    Unchanged,
    /// It was written, or would be.
    Changed,
    /// A precondition does not hold.
    Refused,
    /// Something failed.
    Failed,
    /// The run was stopped before it.
    Skipped,
}

/// One file of a run.
#[derive(Debug, Serialize)]
pub(crate) struct EditedFile {
    path: String,
    state: State,
    changes: Vec<ChangeRow>,
    removed_duplicates: Vec<DuplicateRow>,
    backup: Option<String>,
    error: Option<String>,
    /// How many passwords could not be verified, where a policy asks for some.
    #[serde(skip_serializing_if = "Option::is_none")]
    unverified: Option<usize>,
    /// The accounts that a policy doesn't write, where one decides.
    #[serde(skip_serializing_if = "Option::is_none")]
    blocked: Option<Vec<BlockedRow>>,
    /// What is wrong, without the path.
    #[serde(skip)]
    problem: Option<String>,
    #[serde(skip)]
    bytes: ByteChanges,
    #[serde(skip)]
    hunks: Option<Vec<Hunk>>,
    #[serde(skip)]
    is_dry_run: bool,
}

/// A removed line that Windows never read: a duplicate of a key, or a key of a duplicate section.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize)]
pub(crate) struct DuplicateRow {
    line: usize,
    section: String,
    key: String,
    value: String,
}

impl DuplicateRow {
    fn new(shadowed: &ShadowedLine, secrets: Secrets<'_>) -> Self {
        let ShadowedLine { line, section, key, value } = shadowed;
        Self {
            line: line + 1,
            section: section.clone(),
            key: key.clone(),
            value: secrets.shown(section, key, value).into_owned(),
        }
    }

    /// Returns the same of any line, as files of one group need not have it in the same line.
    pub(super) fn without_line(&self) -> Self {
        Self { line: 0, ..self.clone() }
    }

    /// Writes the line after an indent.
    pub(super) fn human(&self, out: &mut Screen<'_>, indent: &str) -> io::Result<()> {
        let Self { line, section, key, value } = self;
        let name = format!("{section}.{key}");
        let place = if *line == 0 { String::new() } else { format!(" in line {line}") };
        putln!(
            out,
            "{indent}{REMOVED}- {name} = {value}{REMOVED:#}  {DIM}(duplicate{place}, never read){DIM:#}"
        )
    }
}

/// An account that isn't written, and why.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct BlockedRow {
    pub(crate) section: String,
    pub(crate) reason: String,
}

impl From<&Blocked> for BlockedRow {
    fn from(Blocked { section, reason }: &Blocked) -> Self {
        Self { section: section.clone(), reason: reason.clone() }
    }
}

impl EditedFile {
    /// Serializes what happened to the file, for a row that already has its path.
    pub(super) fn serialize_without_path<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        #[derive(Serialize)]
        struct Edit<'f> {
            state: State,
            changes: &'f [ChangeRow],
            removed_duplicates: &'f [DuplicateRow],
            backup: Option<&'f str>,
            error: Option<&'f str>,
        }
        let Self { state, changes, removed_duplicates, backup, error, .. } = self;
        let (backup, error) = (backup.as_deref(), error.as_deref());
        Edit { state: *state, changes, removed_duplicates, backup, error }.serialize(to)
    }

    /// Tells of a file that was edited, or would be; with its unified diff if asked for.
    pub(crate) fn new(outcome: &Outcome, with_diff: bool) -> Self {
        let (before, after) = (&outcome.before, outcome.plan.after());
        let secrets = Secrets::MaskedWith(outcome.plan.secrets());
        let changes = diff::changes(before, after, secrets);
        let duplicates = outcome.plan.shadowed().iter();
        Self {
            path: outcome.path.display().to_string(),
            state: match outcome.state {
                apply::State::Unchanged => State::Unchanged,
                apply::State::Changed | apply::State::WouldChange => State::Changed,
            },
            changes: changes.into_iter().map(ChangeRow::from).collect(),
            removed_duplicates: duplicates.map(|it| DuplicateRow::new(it, secrets)).collect(),
            backup: outcome.backup.as_ref().map(ToString::to_string),
            error: None,
            unverified: outcome.plan.unverified(),
            blocked: outcome
                .plan
                .unverified()
                .map(|_| outcome.plan.blocked().iter().map(BlockedRow::from).collect()),
            problem: None,
            bytes: if before.bytes().is_empty() {
                ByteChanges::default()
            } else {
                diff::byte_changes(before, after)
            },
            hunks: with_diff.then(|| diff::hunks(before, after, secrets)),
            is_dry_run: outcome.state == apply::State::WouldChange,
        }
    }

    /// Tells of a file that was given back the bytes of a backup.
    pub(crate) fn restored(path: &Path, changed: bool, backup: Option<&BackupId>) -> Self {
        Self {
            path: path.display().to_string(),
            state: if changed { State::Changed } else { State::Unchanged },
            changes: Vec::new(),
            removed_duplicates: Vec::new(),
            backup: backup.map(ToString::to_string),
            error: None,
            unverified: None,
            blocked: None,
            problem: None,
            bytes: ByteChanges::default(),
            hunks: None,
            is_dry_run: false,
        }
    }

    /// Says whether nothing was written, so that the file only would change.
    pub(crate) fn of_dry_run(self, is_dry_run: bool) -> Self {
        Self { is_dry_run, ..self }
    }

    /// Tells of a file that could not be edited.
    pub(crate) fn failed(path: &Path, error: &CliError) -> Self {
        let refused = error.exit() == Exit::Precondition;
        let state = if refused { State::Refused } else { State::Failed };
        Self {
            error: Some(error.to_string()),
            problem: Some(error.without_path()),
            ..Self::untouched(path, state)
        }
    }

    /// Tells of a file that came behind the one after which a run was stopped.
    pub(crate) fn skipped(path: &Path) -> Self {
        Self::untouched(path, State::Skipped)
    }

    fn untouched(path: &Path, state: State) -> Self {
        Self {
            path: path.display().to_string(),
            state,
            changes: Vec::new(),
            removed_duplicates: Vec::new(),
            backup: None,
            error: None,
            unverified: None,
            blocked: None,
            problem: None,
            bytes: ByteChanges::default(),
            hunks: None,
            is_dry_run: false,
        }
    }

    /// Returns the path.
    pub(super) fn path(&self) -> &str {
        &self.path
    }

    /// Returns what is wrong, without the path.
    pub(super) fn problem(&self) -> Option<&str> {
        self.problem.as_deref()
    }

    /// Returns which accounts aren't written, and why.
    pub(super) fn blocked(&self) -> impl Iterator<Item = String> {
        self.blocked
            .iter()
            .flatten()
            .map(|BlockedRow { section, reason }| format!("`[{section}]` is not written: {reason}"))
    }

    /// Writes for people what was not written, or not verified.
    fn notices(&self, out: &mut Screen<'_>) -> io::Result<()> {
        for reason in self.blocked() {
            putln!(out, "  {CHANGED}{reason}{CHANGED:#}")?;
        }
        match self.unverified {
            None | Some(0) => Ok(()),
            Some(passwords) => {
                let what = unverified_passwords(passwords);
                putln!(out, "  {DIM}{what}: the file has encrypted ones{DIM:#}")
            }
        }
    }

    /// Returns the keys that read differently, and the removed lines that Windows never read.
    pub(super) fn changes(&self) -> (&[ChangeRow], &[DuplicateRow]) {
        (&self.changes, &self.removed_duplicates)
    }

    /// Writes what became of it for people; `is_one_of_few` says that they are told on stderr what is wrong with each file.
    pub(super) fn human(&self, is_one_of_few: bool, out: &mut Screen<'_>) -> io::Result<()> {
        let path = &self.path;
        let problem = self.problem().filter(|_| !is_one_of_few).map(|it| format!(": {it}"));
        let problem = problem.unwrap_or_default();
        match self.state {
            State::Unchanged => {
                putln!(out, "{path}: {DIM}unchanged{DIM:#}")?;
                return self.notices(out);
            }
            State::Skipped => return putln!(out, "{path}: {DIM}not done{DIM:#}"),
            State::Refused => return putln!(out, "{path}: {CHANGED}refused{CHANGED:#}{problem}"),
            State::Failed => return putln!(out, "{path}: {REMOVED}failed{REMOVED:#}{problem}"),
            State::Changed if self.is_dry_run => {
                putln!(out, "{path}: {CHANGED}would change{CHANGED:#}")?;
            }
            State::Changed => putln!(out, "{path}: {ADDED}changed{ADDED:#}")?,
        }
        match &self.hunks {
            Some(hunks) => unified(out, &(path.clone(), path.clone()), hunks)?,
            None => {
                self.changes.iter().try_for_each(|change| change.human(out, "  "))?;
                self.removed_duplicates.iter().try_for_each(|it| it.human(out, "  "))?;
            }
        }
        byte_lines(out, &self.bytes, "  ")?;
        self.notices(out)?;
        match &self.backup {
            Some(backup) => putln!(out, "  {DIM}backup {backup}{DIM:#}"),
            None => Ok(()),
        }
    }
}

/// A whole run.
#[derive(Debug)]
pub(crate) struct EditsReport {
    run: String,
    dry_run: bool,
    several: bool,
    is_listed: bool,
    files: usize,
    changed: usize,
    unchanged: usize,
    failed: usize,
    skipped: usize,
    /// How many passwords could not be verified, where a policy asks for some.
    unverified: Option<usize>,
    /// How many accounts were not written, and in how many files.
    blocked: usize,
    blocked_files: usize,
}

impl EditsReport {
    /// Begins the report of a run over so many files.
    pub(crate) fn new(run: &RunId, dry_run: bool, files: usize) -> Self {
        Self {
            run: run.to_string(),
            dry_run,
            several: files > 1,
            is_listed: files <= LISTED,
            files: 0,
            changed: 0,
            unchanged: 0,
            failed: 0,
            skipped: 0,
            unverified: None,
            blocked: 0,
            blocked_files: 0,
        }
    }

    /// Returns the exit code of a run that otherwise ended with `exit`: accounts that were not written are failures in part.
    pub(crate) fn exit(&self, exit: Exit) -> Exit {
        match self.blocked_files {
            0 => exit,
            _ if exit != Exit::Success => exit,
            files if files == self.files => Exit::Precondition,
            _ => Exit::Partial,
        }
    }

    /// Says whether the files are so few that people are shown each by itself, and told on stderr what is wrong with it.
    pub(super) fn is_listed(&self) -> bool {
        self.is_listed
    }

    /// Says whether there are several files.
    pub(super) fn is_several(&self) -> bool {
        self.several
    }

    /// Returns how many files changed, or would.
    pub(crate) fn changed(&self) -> usize {
        self.changed
    }

    /// Says in a line what became of the files.
    pub(super) fn in_a_line(&self) -> String {
        let Self { changed, unchanged, failed, .. } = self;
        let files = count(self.files, "file");
        let changed_how = if self.dry_run { "would change" } else { "changed" };
        let rest = match self.skipped {
            0 => String::new(),
            rest => format!(", {rest} not done"),
        };
        let blocked = match self.blocked {
            0 => String::new(),
            1 => "; 1 account not written".to_owned(),
            accounts => format!("; {accounts} accounts not written"),
        };
        let unverified = match self.unverified {
            None | Some(0) => String::new(),
            Some(passwords) => format!("; {}", unverified_passwords(passwords)),
        };
        format!(
            "{files}: {changed} {changed_how}, {unchanged} unchanged, {failed} failed{rest}{blocked}{unverified}"
        )
    }
}

/// Says how many passwords could not be verified.
pub(super) fn unverified_passwords(passwords: usize) -> String {
    format!("{} could not be verified", count(passwords, "password"))
}

/// Writes for people what failed, the same fault of many files once. Each file has a row of its own.
pub(super) fn failed_lines(out: &mut Screen<'_>, failed: &Groups<String>) -> io::Result<()> {
    for (message, group) in failed.by_size() {
        let files = count(group.files(), "file");
        putln!(out, "{REMOVED}failed{REMOVED:#}: {files}: {message}")?;
    }
    match failed.others() {
        0 => Ok(()),
        others => putln!(out, "{REMOVED}failed{REMOVED:#}: {} otherwise", count(others, "file")),
    }
}

impl Report for EditsReport {
    const LIST: &'static str = "files";
    type Row = EditedFile;

    fn human_row(&self, file: &EditedFile, out: &mut Screen<'_>) -> io::Result<()> {
        file.human(self.is_listed, out)
    }

    fn count(&mut self, file: &EditedFile) {
        self.files += 1;
        if let Some(passwords) = file.unverified {
            self.unverified = Some(self.unverified.unwrap_or_default() + passwords);
        }
        let blocked = file.blocked.as_ref().map_or(0, Vec::len);
        self.blocked += blocked;
        self.blocked_files += usize::from(blocked > 0);
        match file.state {
            State::Changed => self.changed += 1,
            State::Unchanged => self.unchanged += 1,
            State::Refused | State::Failed => self.failed += 1,
            State::Skipped => self.skipped += 1,
        }
    }

    fn human_end(&self, out: &mut Screen<'_>) -> io::Result<()> {
        if !self.several {
            return Ok(());
        }
        putln!(out, "{HEADING}{}{HEADING:#}", self.in_a_line())
    }

    fn others(&self) -> Map<String, Value> {
        Map::from_iter([
            ("run".to_owned(), json!(self.run)),
            ("dry_run".to_owned(), json!(self.dry_run)),
        ])
    }

    fn summary(&self) -> Option<Value> {
        let mut summary = json!({
            "files": self.files,
            "changed": self.changed,
            "unchanged": self.unchanged,
            "failed": self.failed,
        });
        if self.skipped > 0 {
            summary["skipped"] = json!(self.skipped);
        }
        if let Some(passwords) = self.unverified {
            summary["unverified"] = json!(passwords);
            summary["blocked"] = json!(self.blocked);
        }
        Some(summary)
    }
}
