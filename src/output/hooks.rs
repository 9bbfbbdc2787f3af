//! The hooks of files, and the files that lack one.

use std::io;
use std::path::Path;

use serde::Serialize;
use serde_json::{Value, json};

use super::json::failed_value;
use super::report::Report;
use super::screen::{CHANGED, DIM, HEADING, NAME, Screen};
use crate::error::CliError;

/// One directive, or one command that runs without msipctl.
#[derive(Debug, Serialize)]
pub(crate) struct HookRow {
    pub(crate) path: String,
    pub(crate) event: &'static str,
    pub(crate) key: String,
    pub(crate) directive: Option<String>,
    pub(crate) command: Option<String>,
    pub(crate) template: Option<String>,
    pub(crate) has_launcher: bool,
}

/// The hooks of several files.
#[derive(Debug)]
pub(crate) struct HooksReport {
    with_paths: bool,
    /// The file of the last row.
    path: Option<String>,
}

impl HooksReport {
    /// Begins a report. `with_paths` shows people the path of each file.
    pub(crate) fn new(with_paths: bool) -> Self {
        Self { with_paths, path: None }
    }

    /// Returns whether there was no hook.
    pub(crate) fn is_empty(&self) -> bool {
        self.path.is_none()
    }
}

impl Report for HooksReport {
    const LIST: &'static str = "hooks";
    type Row = HookRow;

    fn human_row(&self, row: &HookRow, out: &mut Screen<'_>) -> io::Result<()> {
        if self.with_paths && self.path.as_ref() != Some(&row.path) {
            putln!(out, "{HEADING}{}{HEADING:#}", row.path)?;
        }
        let text = row.directive.as_ref().or(row.command.as_ref());
        let text = text.map(String::as_str).unwrap_or_default();
        put!(out, "{NAME}{:<17}{NAME:#} {} = {text}", row.event, row.key)?;
        if let Some(template) = &row.template {
            put!(out, "  {DIM}from {template}{DIM:#}")?;
        }
        if row.directive.is_some() && !row.has_launcher {
            put!(out, "  {CHANGED}no launcher, so it never runs{CHANGED:#}")?;
        }
        putln!(out)
    }

    fn count(&mut self, row: &HookRow) {
        self.path = Some(row.path.clone());
    }
}

/// A file without a hook.
#[derive(Debug, Serialize)]
pub(crate) struct MissingRow {
    pub(crate) path: String,
    /// The event or template that has no hook.
    pub(crate) missing: String,
}

/// The files without a hook.
#[derive(Debug, Default)]
pub(crate) struct MissingReport {
    files: usize,
}

impl MissingReport {
    /// Returns whether no file lacks the hook.
    pub(crate) fn is_empty(&self) -> bool {
        self.files == 0
    }
}

impl Report for MissingReport {
    const LIST: &'static str = "files";
    type Row = MissingRow;

    fn human_row(&self, row: &MissingRow, out: &mut Screen<'_>) -> io::Result<()> {
        putln!(out, "{}", row.path)
    }

    fn count(&mut self, _row: &MissingRow) {
        self.files += 1;
    }

    fn failed(&self, path: &Path, error: &CliError) -> Option<Value> {
        let row = MissingRow { path: path.display().to_string(), missing: String::new() };
        Some(failed_value(&row, error))
    }

    fn summary(&self) -> Option<Value> {
        Some(json!({ "missing": self.files }))
    }
}
