//! Hooks of a file.

use std::io;

use serde::Serialize;

use super::report::Report;
use super::screen::{CHANGED, DIM, HEADING, NAME, Screen};

/// One directive, or one command without msipctl.
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
    /// Begins a report, with the paths for people where there are several.
    pub(crate) fn new(with_paths: bool) -> Self {
        Self { with_paths, path: None }
    }

    /// Says whether there was no hook.
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
            put!(out, "  {CHANGED}no launcher: never runs{CHANGED:#}")?;
        }
        putln!(out)
    }

    fn count(&mut self, row: &HookRow) {
        self.path = Some(row.path.clone());
    }
}
