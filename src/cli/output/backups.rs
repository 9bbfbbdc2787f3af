//! Backups: the list, and whether they are sound.

use std::io::{self, Write};

use serde::Serialize;
use serde_json::{Value, json};

use super::{ADDED, CHANGED, DIM, NAME, REMOVED, Report, values};
use crate::store::{Entry, State, Verdict};

/// One backup.
#[derive(Debug, Serialize)]
pub(in crate::cli) struct BackupRow {
    id: String,
    path: String,
    run: String,
    time: String,
    command: String,
    bytes: u64,
    sha256: String,
}

impl From<&Entry> for BackupRow {
    fn from(entry: &Entry) -> Self {
        Self {
            id: entry.id.to_string(),
            path: entry.path.display().to_string(),
            run: entry.run.to_string(),
            time: entry.time.to_string(),
            command: entry.command.clone(),
            bytes: entry.bytes,
            sha256: entry.sha256.to_string(),
        }
    }
}

/// Backups, oldest first.
#[derive(Debug)]
pub(in crate::cli) struct BackupsReport {
    pub(in crate::cli) backups: Vec<BackupRow>,
}

impl Report for BackupsReport {
    const LIST: &'static str = "backups";

    fn human(&self, out: &mut dyn Write) -> io::Result<()> {
        for row in &self.backups {
            let BackupRow { id, path, run, command, bytes, .. } = row;
            writeln!(out, "{NAME}{id}{NAME:#}  {path}  {bytes} bytes")?;
            writeln!(out, "    {DIM}run {run}: {command}{DIM:#}")?;
        }
        Ok(())
    }

    fn entries(&self) -> Vec<Value> {
        values(&self.backups)
    }
}

/// One backup file, judged.
#[derive(Debug, Serialize)]
struct VerdictRow {
    file: String,
    id: Option<String>,
    state: &'static str,
}

/// Whether backups are sound.
#[derive(Debug)]
pub(in crate::cli) struct VerifyReport {
    rows: Vec<VerdictRow>,
}

impl VerifyReport {
    /// Tells of verdicts.
    pub(in crate::cli) fn new(verdicts: &[Verdict]) -> Self {
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

    /// Says whether every listed backup can be restored.
    pub(in crate::cli) fn is_sound(&self) -> bool {
        self.rows.iter().all(|row| matches!(row.state, "ok" | "stray"))
    }
}

impl Report for VerifyReport {
    const LIST: &'static str = "backups";

    fn human(&self, out: &mut dyn Write) -> io::Result<()> {
        for row in &self.rows {
            let style = match row.state {
                "ok" => ADDED,
                "stray" => CHANGED,
                _ => REMOVED,
            };
            writeln!(out, "{style}{:<10}{style:#} {}", row.state, row.file)?;
        }
        Ok(())
    }

    fn entries(&self) -> Vec<Value> {
        values(&self.rows)
    }

    fn summary(&self) -> Option<Value> {
        let sound = self.rows.iter().filter(|row| row.state == "ok").count();
        Some(json!({ "files": self.rows.len(), "ok": sound }))
    }
}
