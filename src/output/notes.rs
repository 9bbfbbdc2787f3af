//! The log of hooks.

use std::io;

use serde::Serialize;

use super::report::Report;
use super::screen::{CHANGED, DIM, NAME, REMOVED, Screen};
use msipctl_hook::Note;

/// One line of the log.
#[derive(Debug, Serialize)]
pub(crate) struct NoteRow {
    time: String,
    event: String,
    directive: Option<String>,
    action: String,
    level: &'static str,
    message: String,
    number: String,
}

impl From<Note> for NoteRow {
    fn from(note: Note) -> Self {
        let level = if note.failed { "error" } else { "note" };
        let Note { time, event, directive, action, message, number, .. } = note;
        Self { time, event, directive, action, level, message, number }
    }
}

/// The lines of the log, oldest first.
#[derive(Debug)]
pub(crate) struct NotesReport;

impl Report for NotesReport {
    const LIST: &'static str = "notes";
    type Row = NoteRow;

    fn human_row(&self, row: &NoteRow, out: &mut Screen<'_>) -> io::Result<()> {
        let style = if row.level == "error" { REMOVED } else { CHANGED };
        let key = row.directive.as_deref().unwrap_or(&row.event);
        let space = if row.action.is_empty() { "" } else { " " };
        putln!(
            out,
            "{DIM}{}{DIM:#} {style}{}{style:#} {NAME}{key}{NAME:#}{space}{}: {} {DIM}({}){DIM:#}",
            row.time,
            row.level,
            row.action,
            row.message,
            row.number,
        )
    }

    fn count(&mut self, _row: &NoteRow) {}
}
