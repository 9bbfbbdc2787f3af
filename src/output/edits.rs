//! The results of a command that writes files.

use std::io;
use std::path::Path;

use serde::{Serialize, Serializer};
use serde_json::{Map, Value, json};

use super::change_groups::{ChangeGroups, Changes};
use super::changes::{ChangeLine as _, byte_changes, byte_lines, unified};
use super::count::count;
use super::duplicates::put_duplicate;
use super::engine_line::EngineLine;
use super::grouped::{examples, failed_lines, message_lines};
use super::hook_changes::write_all;
use super::report::Report;
use super::screen::{ADDED, CHANGED, DIM, HEADING, REMOVED, Screen};
use crate::error::CliError;
use crate::exit::Exit;
use msipctl_core::apply::{self, Outcome};
use msipctl_core::audit_report::hook_name;
use msipctl_core::diff::{self, ByteChanges, Hunk, Secrets};
pub(crate) use msipctl_core::engine::BlockedRow;
use msipctl_core::engine::{ChangeRow, DuplicateRow, HookChangeRow};
use msipctl_core::fleet::{Group, Groups};
use msipctl_core::store::{BackupId, RunId};

/// The state of a file, in JSON and in the summary.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
enum State {
    /// The file already matched.
    Unchanged,
    /// The file was written, or would be.
    Changed,
    /// A precondition isn't met.
    Refused,
    /// Something failed.
    Failed,
    /// The run stopped before this file.
    Skipped,
    /// The file is in use, and its change waits for that to end.
    Queued,
}

/// One file of a run.
#[derive(Debug, Serialize)]
pub(crate) struct EditedFile {
    path: String,
    state: State,
    /// The keys that read differently, without those of hooks.
    changes: Vec<ChangeRow>,
    /// The hooks that change.
    hooks: Vec<HookChangeRow>,
    removed_duplicates: Vec<DuplicateRow>,
    backup: Option<String>,
    error: Option<String>,
    /// The run that will make the queued change.
    #[serde(skip_serializing_if = "Option::is_none")]
    pending: Option<String>,
    /// The number of passwords that couldn't be verified, if a policy has passwords.
    #[serde(skip_serializing_if = "Option::is_none")]
    unverified: Option<usize>,
    /// The accounts that the policy doesn't write.
    #[serde(skip_serializing_if = "Option::is_none")]
    blocked: Option<Vec<BlockedRow>>,
    /// The error without the path.
    #[serde(skip)]
    problem: Option<String>,
    #[serde(skip)]
    bytes: ByteChanges,
    #[serde(skip)]
    hunks: Option<Vec<Hunk>>,
    #[serde(skip)]
    is_dry_run: bool,
}

impl EditedFile {
    /// Serializes what happened to the file, for a row that already has its path.
    pub(super) fn serialize_without_path<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        #[derive(Serialize)]
        struct Edit<'f> {
            state: State,
            changes: &'f [ChangeRow],
            hooks: &'f [HookChangeRow],
            removed_duplicates: &'f [DuplicateRow],
            backup: Option<&'f str>,
            error: Option<&'f str>,
        }
        let Self { state, changes, hooks, removed_duplicates, backup, error, .. } = self;
        let (backup, error) = (backup.as_deref(), error.as_deref());
        Edit { state: *state, changes, hooks, removed_duplicates, backup, error }.serialize(to)
    }

    /// Describes a file that was edited, or would be. `with_diff` adds its unified diff.
    pub(crate) fn new(outcome: &Outcome, with_diff: bool) -> Self {
        let (before, after) = (&outcome.before, outcome.plan.after());
        let secrets = Secrets::MaskedWith(outcome.plan.secrets());
        let changes = diff::changes(before, after, secrets).into_iter().map(ChangeRow::from);
        let mut changes: Vec<_> = changes.collect();
        let hooks = HookChangeRow::take(before, after, &mut changes, secrets);
        let duplicates = outcome.plan.shadowed().iter();
        Self {
            path: outcome.path.display().to_string(),
            state: match outcome.state {
                apply::State::Unchanged => State::Unchanged,
                apply::State::Changed | apply::State::WouldChange => State::Changed,
            },
            changes,
            hooks,
            removed_duplicates: duplicates.map(|it| DuplicateRow::new(it, secrets)).collect(),
            backup: outcome.backup.as_ref().map(ToString::to_string),
            error: None,
            pending: None,
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

    /// Describes a file that was restored from a backup.
    pub(crate) fn restored(path: &Path, changed: bool, backup: Option<&BackupId>) -> Self {
        Self {
            path: path.display().to_string(),
            state: if changed { State::Changed } else { State::Unchanged },
            changes: Vec::new(),
            hooks: Vec::new(),
            removed_duplicates: Vec::new(),
            backup: backup.map(ToString::to_string),
            error: None,
            pending: None,
            unverified: None,
            blocked: None,
            problem: None,
            bytes: ByteChanges::default(),
            hunks: None,
            is_dry_run: false,
        }
    }

    /// Sets whether nothing was written, so that the file only would change.
    pub(crate) fn of_dry_run(self, is_dry_run: bool) -> Self {
        Self { is_dry_run, ..self }
    }

    /// Describes the same change as queued, for a run that will make it.
    pub(crate) fn queued(self, run: &RunId) -> Self {
        Self { state: State::Queued, pending: Some(run.to_string()), ..self }
    }

    /// Describes a file that couldn't be edited.
    pub(crate) fn failed(path: &Path, error: &CliError) -> Self {
        let refused = error.exit() == Exit::Precondition;
        let state = if refused { State::Refused } else { State::Failed };
        Self {
            error: Some(error.to_string()),
            problem: Some(error.without_path()),
            ..Self::untouched(path, state)
        }
    }

    /// Describes a file that comes after the one at which the run stopped.
    pub(crate) fn skipped(path: &Path) -> Self {
        Self::untouched(path, State::Skipped)
    }

    fn untouched(path: &Path, state: State) -> Self {
        Self {
            path: path.display().to_string(),
            state,
            changes: Vec::new(),
            hooks: Vec::new(),
            removed_duplicates: Vec::new(),
            backup: None,
            error: None,
            pending: None,
            unverified: None,
            blocked: None,
            problem: None,
            bytes: ByteChanges::default(),
            hunks: None,
            is_dry_run: false,
        }
    }

    /// Returns whether the file was changed, or would be.
    pub(crate) fn is_changed(&self) -> bool {
        self.state == State::Changed
    }

    /// Returns whether the change waits until MicroSIP exits.
    pub(crate) fn is_queued(&self) -> bool {
        self.state == State::Queued
    }

    /// Returns the names of the keys that change, without values.
    pub(crate) fn key_names(&self) -> Vec<String> {
        self.changes.iter().map(|change| format!("{}.{}", change.section, change.key)).collect()
    }

    /// Returns the names of the hooks that change.
    pub(crate) fn hook_names(&self) -> Vec<String> {
        self.hooks.iter().map(|hook| hook_name(&hook.template, hook.event)).collect()
    }

    /// Returns the path.
    pub(super) fn path(&self) -> &str {
        &self.path
    }

    /// Returns the error without the path.
    pub(super) fn problem(&self) -> Option<&str> {
        self.problem.as_deref()
    }

    /// Returns which accounts aren't written, and why.
    fn blocked(&self) -> impl Iterator<Item = String> {
        self.blocked
            .iter()
            .flatten()
            .map(|BlockedRow { section, reason }| format!("`[{section}]` skipped: {reason}"))
    }

    /// Writes which accounts weren't written, and how many passwords weren't verified.
    fn notices(&self, out: &mut Screen<'_>) -> io::Result<()> {
        for reason in self.blocked() {
            putln!(out, "  {CHANGED}{reason}{CHANGED:#}")?;
        }
        match self.unverified {
            None | Some(0) => Ok(()),
            Some(passwords) => {
                let what = unverified_passwords(passwords);
                putln!(out, "  {DIM}{what} (encrypted in the file){DIM:#}")
            }
        }
    }

    /// Writes the result for people. `has_reason_on_stderr` omits why the file failed.
    pub(super) fn human(&self, has_reason_on_stderr: bool, out: &mut Screen<'_>) -> io::Result<()> {
        let path = &self.path;
        let problem = self.problem().filter(|_| !has_reason_on_stderr).map(|it| format!(": {it}"));
        let problem = problem.unwrap_or_default();
        match self.state {
            State::Unchanged => {
                putln!(out, "{path}: {DIM}unchanged{DIM:#}")?;
                return self.notices(out);
            }
            State::Skipped => return putln!(out, "{path}: {DIM}skipped{DIM:#}"),
            State::Refused => return putln!(out, "{path}: {CHANGED}refused{CHANGED:#}{problem}"),
            State::Failed => return putln!(out, "{path}: {REMOVED}failed{REMOVED:#}{problem}"),
            State::Changed if self.is_dry_run => {
                putln!(out, "{path}: {CHANGED}would change{CHANGED:#}")?;
            }
            State::Changed => putln!(out, "{path}: {ADDED}changed{ADDED:#}")?,
            State::Queued => {
                let run = self.pending.as_deref().unwrap_or_default();
                putln!(out, "{path}: {CHANGED}queued as {run}{CHANGED:#}")?;
            }
        }
        match &self.hunks {
            Some(hunks) => unified(out, &(path.clone(), path.clone()), hunks)?,
            None => {
                self.changes.iter().try_for_each(|change| change.human(out, "  "))?;
                write_all(&self.hooks, out, "  ")?;
                for duplicate in &self.removed_duplicates {
                    put!(out, "  ")?;
                    put_duplicate(duplicate, out)?;
                    putln!(out)?;
                }
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
    queued: usize,
    /// The number of passwords that couldn't be verified, if a policy has passwords.
    unverified: Option<usize>,
    /// The number of accounts that weren't written, and of their files.
    blocked: usize,
    blocked_files: usize,
    /// What happened to the files, unless each is listed.
    groups: FileGroups,
}

/// What happened to many files, by what is reported about them.
#[derive(Debug, Default)]
struct FileGroups {
    changes: ChangeGroups,
    failed: Groups<String>,
    refused: Groups<String>,
    blocked: Groups<String>,
    skipped: Group,
    queued: Group,
}

impl EditsReport {
    /// Begins the report of a run over a number of files. `is_listed` asks for lines about each file; otherwise, equal
    /// results are counted together.
    pub(crate) fn new(run: &RunId, dry_run: bool, files: usize, is_listed: bool) -> Self {
        Self {
            run: run.to_string(),
            dry_run,
            several: files > 1,
            is_listed,
            files: 0,
            changed: 0,
            unchanged: 0,
            failed: 0,
            skipped: 0,
            queued: 0,
            unverified: None,
            blocked: 0,
            blocked_files: 0,
            groups: FileGroups::default(),
        }
    }

    /// Returns the exit code of a run that otherwise exits with `exit`. An account that wasn't written is a partial failure.
    pub(crate) fn exit(&self, exit: Exit) -> Exit {
        match self.blocked_files {
            0 => exit,
            _ if exit != Exit::Success => exit,
            files if files == self.files => Exit::Precondition,
            _ => Exit::Partial,
        }
    }

    /// Returns the number of files that changed, or would.
    pub(crate) fn changed(&self) -> usize {
        self.changed
    }

    /// Returns the number of files whose change was queued.
    pub(crate) fn queued(&self) -> usize {
        self.queued
    }

    /// Returns the summary in one line.
    fn in_a_line(&self) -> String {
        let Self { changed, unchanged, failed, .. } = self;
        let files = count(self.files, "file");
        let changed_how = if self.dry_run { "would change" } else { "changed" };
        let rest = match self.skipped {
            0 => String::new(),
            rest => format!(", {rest} skipped"),
        };
        let queued = match self.queued {
            0 => String::new(),
            queued => format!(", {queued} queued"),
        };
        let blocked = match self.blocked {
            0 => String::new(),
            accounts => format!("; {} skipped", count(accounts, "account")),
        };
        let unverified = match self.unverified {
            None | Some(0) => String::new(),
            Some(passwords) => format!("; {}", unverified_passwords(passwords)),
        };
        format!(
            "{files}: {changed} {changed_how}, {unchanged} unchanged, {failed} failed{queued}{rest}{blocked}{unverified}"
        )
    }
}

impl FileGroups {
    fn add(&mut self, file: &EditedFile) {
        let path = file.path();
        let problem = || file.problem().unwrap_or_default().to_owned();
        match file.state {
            State::Unchanged => {}
            State::Changed => {
                let changes = Changes {
                    keys: &file.changes,
                    hooks: &file.hooks,
                    duplicates: &file.removed_duplicates,
                    bytes: &byte_changes(&file.bytes),
                };
                self.changes.add(path, &changes);
            }
            State::Refused => self.refused.add(problem(), path),
            State::Failed => self.failed.add(problem(), path),
            State::Skipped => self.skipped.add(path),
            State::Queued => self.queued.add(path),
        }
        file.blocked().for_each(|reason| self.blocked.add(reason, path));
    }

    fn human(&self, is_dry_run: bool, out: &mut Screen<'_>) -> io::Result<()> {
        self.changes.human(out, if is_dry_run { "would be restored" } else { "restored" })?;
        message_lines(out, ("", CHANGED), &self.blocked)?;
        message_lines(out, ("refused: ", CHANGED), &self.refused)?;
        failed_lines(out, &self.failed)?;
        if self.queued.files() > 0 {
            put!(out, "{CHANGED}queued{CHANGED:#}")?;
            examples(out, &self.queued)?;
        }
        if self.skipped.files() > 0 {
            put!(out, "{DIM}skipped{DIM:#}")?;
            examples(out, &self.skipped)?;
        }
        Ok(())
    }
}

/// Returns how many passwords couldn't be verified, for people.
pub(super) fn unverified_passwords(passwords: usize) -> String {
    format!("{} not verified", count(passwords, "password"))
}

impl Report for EditsReport {
    const LIST: &'static str = "files";
    type Row = EditedFile;

    fn human_row(&self, file: &EditedFile, out: &mut Screen<'_>) -> io::Result<()> {
        // The groups at the end have all others.
        match self.is_listed {
            true => file.human(true, out),
            false => Ok(()),
        }
    }

    fn count(&mut self, file: &EditedFile) {
        self.files += 1;
        if !self.is_listed {
            self.groups.add(file);
        }
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
            State::Queued => self.queued += 1,
        }
    }

    fn add_to_line(&self, file: &EditedFile, line: &mut EngineLine) {
        match file.state {
            State::Unchanged => line.add_unchanged(),
            State::Changed => line.add_changed(),
            State::Skipped => line.add_skipped(),
            State::Queued => line.add_queued(file.pending.as_deref().unwrap_or_default()),
            // The error is counted.
            State::Refused | State::Failed => {}
        }
        let keys = file.changes.iter();
        let keys = keys.map(|change| (change.section.as_str(), change.key.as_str()));
        line.add_names(keys, file.hooks.iter().map(|hook| (hook.template.as_str(), hook.event)));
        file.blocked.iter().flatten().for_each(|blocked| line.add_blocked(&blocked.section));
    }

    fn human_end(&self, out: &mut Screen<'_>) -> io::Result<()> {
        if !self.several {
            return Ok(());
        }
        if !self.is_listed {
            self.groups.human(self.dry_run, out)?;
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
        if self.queued > 0 {
            summary["queued"] = json!(self.queued);
        }
        if let Some(passwords) = self.unverified {
            summary["unverified"] = json!(passwords);
            summary["blocked"] = json!(self.blocked);
        }
        Some(summary)
    }
}
