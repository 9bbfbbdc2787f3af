//! Backups and runs: their lists, and whether backups are intact.

use std::io;

use serde::Serialize;
use serde_json::{Value, json};

use super::count::count;
use super::json::values;
use super::report::Report;
use super::screen::{ADDED, CHANGED, DIM, NAME, REMOVED, Screen};
use msipctl_core::store::{Entry, Phase, Progress, RunSummary, State, Verdict};

/// One backup.
#[derive(Debug, Serialize)]
pub(crate) struct BackupRow {
    id: String,
    path: String,
    run: String,
    time: String,
    command: String,
    bytes: u64,
    sha256: String,
    /// The progress of the write that it was made for.
    state: &'static str,
}

impl BackupRow {
    /// Describes a backup.
    pub(crate) fn new(entry: &Entry, phase: Phase) -> Self {
        Self {
            id: entry.id.to_string(),
            path: entry.path.display().to_string(),
            run: entry.run.to_string(),
            time: entry.time.to_string(),
            command: entry.command.clone(),
            bytes: entry.bytes,
            sha256: entry.sha256.to_string(),
            state: match phase {
                Phase::Interrupted => INTERRUPTED,
                Phase::Alone => "copied",
                _ => "written",
            },
        }
    }
}

/// Returns a timestamp such as `2026-11-23T09:01:02Z` as `2026-11-23 09:01:02 UTC`.
pub(super) fn date(time: &str) -> String {
    let seconds = time.split('.').next().unwrap_or_default().trim_end_matches('Z');
    format!("{} UTC", seconds.replace('T', " "))
}

/// The state of a backup without its write, and of a run that didn't finish.
const INTERRUPTED: &str = "interrupted";

/// The state of a run that reached its `--limit`.
const CANARY: &str = "canary";

/// Backups, oldest first.
#[derive(Debug)]
pub(crate) struct BackupsReport {
    pub(crate) backups: Vec<BackupRow>,
}

impl Report for BackupsReport {
    const LIST: &'static str = "backups";
    type Row = ();

    fn human_end(&self, out: &mut Screen<'_>) -> io::Result<()> {
        for row in &self.backups {
            let BackupRow { id, path, time, command, bytes, state, .. } = row;
            let state = if *state == INTERRUPTED { "interrupted before the write: " } else { "" };
            let time = date(time);
            put!(out, "{NAME}{id}{NAME:#}  {time}  {path}  {bytes} bytes  ")?;
            putln!(out, "{DIM}{state}{command}{DIM:#}")?;
        }
        Ok(())
    }

    fn entries(&self) -> Vec<Value> {
        values(&self.backups)
    }
}

/// One run over several files.
#[derive(Debug, Serialize)]
struct RunRow {
    run: String,
    time: String,
    command: String,
    files: usize,
    changed: usize,
    failed: usize,
    state: &'static str,
    undone_by: Option<String>,
}

/// Runs over several files, newest first.
#[derive(Debug)]
pub(crate) struct RunsReport {
    rows: Vec<RunRow>,
}

impl RunsReport {
    /// Describes runs.
    pub(crate) fn new(runs: &[RunSummary]) -> Self {
        let row = |run: &RunSummary| RunRow {
            run: run.run.to_string(),
            time: run.time.to_string(),
            command: run.command.clone(),
            files: run.files,
            changed: run.changed,
            failed: run.failed,
            state: match run.progress {
                Progress::Running => "running",
                Progress::Finished => "finished",
                Progress::Limited => CANARY,
                Progress::Undone(_) => "undone",
                _ => INTERRUPTED,
            },
            undone_by: match run.progress {
                Progress::Undone(by) => Some(by.to_string()),
                _ => None,
            },
        };
        Self { rows: runs.iter().map(row).collect() }
    }
}

impl Report for RunsReport {
    const LIST: &'static str = "runs";
    type Row = ();

    fn human_end(&self, out: &mut Screen<'_>) -> io::Result<()> {
        for row in &self.rows {
            let RunRow { run, time, command, changed, failed, state, .. } = row;
            let time = date(time);
            let style = match *state {
                "finished" => ADDED,
                "undone" | CANARY => DIM,
                _ => CHANGED,
            };
            let files = count(row.files, "file");
            put!(out, "{NAME}{run}{NAME:#}  {time}  ")?;
            match *state {
                CANARY => put!(out, "{style}canary: {changed} of {files}{style:#}")?,
                _ => put!(out, "{style}{state:<11}{style:#}  {files}, {changed} changed")?,
            }
            putln!(out, ", {failed} failed  {DIM}{command}{DIM:#}")?;
        }
        Ok(())
    }

    fn entries(&self) -> Vec<Value> {
        values(&self.rows)
    }
}

/// One backup file, and whether it's intact.
#[derive(Debug, Serialize)]
struct VerdictRow {
    file: String,
    id: Option<String>,
    state: &'static str,
}

/// Whether backups are intact.
#[derive(Debug)]
pub(crate) struct VerifyReport {
    rows: Vec<VerdictRow>,
}

impl VerifyReport {
    /// Describes verdicts.
    pub(crate) fn new(verdicts: &[Verdict]) -> Self {
        let row = |verdict: &Verdict| VerdictRow {
            file: verdict.file.clone(),
            id: verdict.entry.as_ref().map(|entry| entry.id.to_string()),
            state: match verdict.state {
                State::Ok => "ok",
                State::Missing => "missing",
                State::WrongHash => "damaged",
                State::Stray => "stray",
                _ => "unreadable",
            },
        };
        Self { rows: verdicts.iter().map(row).collect() }
    }

    /// Returns whether every listed backup can be restored.
    pub(crate) fn is_restorable(&self) -> bool {
        self.rows.iter().all(|row| matches!(row.state, "ok" | "stray"))
    }
}

impl Report for VerifyReport {
    const LIST: &'static str = "backups";
    type Row = ();

    fn human_end(&self, out: &mut Screen<'_>) -> io::Result<()> {
        for row in &self.rows {
            let style = match row.state {
                "ok" => ADDED,
                "stray" => CHANGED,
                _ => REMOVED,
            };
            putln!(out, "{style}{:<10}{style:#} {}", row.state, row.file)?;
        }
        Ok(())
    }

    fn entries(&self) -> Vec<Value> {
        values(&self.rows)
    }

    fn summary(&self) -> Option<Value> {
        let intact = self.rows.iter().filter(|row| row.state == "ok").count();
        Some(json!({ "files": self.rows.len(), "ok": intact }))
    }
}
