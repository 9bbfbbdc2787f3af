//! Hooks of a file.

use std::io::{self, Write};

use serde::Serialize;

use super::{CHANGED, DIM, Growing, HEADING, NAME, printable};

/// One directive, or one command without msipctl.
#[derive(Debug, Serialize)]
pub(in crate::cli) struct HookRow {
    pub(in crate::cli) path: String,
    pub(in crate::cli) event: &'static str,
    pub(in crate::cli) key: String,
    pub(in crate::cli) directive: Option<String>,
    pub(in crate::cli) command: Option<String>,
    pub(in crate::cli) template: Option<String>,
    pub(in crate::cli) bridged: bool,
}

/// The hooks of several files.
#[derive(Debug)]
pub(in crate::cli) struct HooksReport {
    with_paths: bool,
    /// The file of the last row.
    path: Option<String>,
}

impl HooksReport {
    /// Begins a report, with the paths for people where there are several.
    pub(in crate::cli) fn new(with_paths: bool) -> Self {
        Self { with_paths, path: None }
    }

    /// Says whether there was no hook.
    pub(in crate::cli) fn is_empty(&self) -> bool {
        self.path.is_none()
    }
}

impl Growing for HooksReport {
    const LIST: &'static str = "hooks";
    type Row = HookRow;

    fn human_row(&self, row: &HookRow, out: &mut dyn Write) -> io::Result<()> {
        if self.with_paths && self.path.as_ref() != Some(&row.path) {
            writeln!(out, "{HEADING}{}{HEADING:#}", row.path)?;
        }
        let text = row.directive.as_ref().or(row.command.as_ref());
        let text = printable(text.map(String::as_str).unwrap_or_default());
        let by = match &row.template {
            Some(template) => format!("  {DIM}from {template}{DIM:#}"),
            None => String::new(),
        };
        let dead = match row.directive.is_some() && !row.bridged {
            true => format!("  {CHANGED}no bridge: never runs{CHANGED:#}"),
            false => String::new(),
        };
        writeln!(out, "{NAME}{:<17}{NAME:#} {} = {text}{by}{dead}", row.event, printable(&row.key))
    }

    fn count(&mut self, row: &HookRow) {
        self.path = Some(row.path.clone());
    }
}
