//! The parts that all reports share, in every format.

use std::io::{self, Write};
use std::path::Path;

use serde::Serialize;
use serde_json::{Map, Value};

use super::engine_line::EngineLine;
use super::found::Found;
use super::screen::Screen;
use crate::error::CliError;
use crate::flags::Format;

/// What a command finds or does.
///
/// A report in one piece has all entries from the start. A report over many files gets rows. Each row is printed and
/// dropped, so the report only holds counts, however many files there are.
pub(crate) trait Report {
    /// The name of the list in JSON.
    const LIST: &'static str;

    /// One entry of the list.
    type Row: Serialize;

    /// Writes a row for people. The row isn't counted yet.
    fn human_row(&self, _row: &Self::Row, _out: &mut Screen<'_>) -> io::Result<()> {
        Ok(())
    }

    /// Returns the bytes of a row for a pipe, if they differ from the text for people.
    fn exact(&self, _row: &Self::Row) -> Option<Vec<u8>> {
        None
    }

    /// Reduces a row to what is counted, after its text was created. Rows can be large, and wait to be printed.
    fn counted(row: Self::Row) -> Self::Row {
        row
    }

    /// Counts a row.
    fn count(&mut self, _row: &Self::Row) {}

    /// Adds a row to the line for an engine.
    fn add_to_line(&self, _row: &Self::Row, _line: &mut EngineLine) {}

    /// Keeps a row for a format that is written in one piece. Only called for reports with such formats.
    fn keep(&mut self, _row: Self::Row, _format: Format) {}

    /// Returns the entry of a file that failed; `None` if the list doesn't contain files.
    fn failed(&self, _path: &Path, _error: &CliError) -> Option<Value> {
        None
    }

    /// Writes the row of a file that failed, for people. Its error is on stderr.
    fn human_failed(
        &self,
        _path: &Path,
        _error: &CliError,
        _out: &mut Screen<'_>,
    ) -> io::Result<()> {
        Ok(())
    }

    /// Returns the entries of a report in one piece.
    fn entries(&self) -> Vec<Value> {
        Vec::new()
    }

    /// Returns the bytes of a report in one piece for a pipe, if they differ from the text for people.
    fn exact_report(&self) -> Option<Vec<u8>> {
        None
    }

    /// Writes what follows the rows, for people. In a report in one piece, that is everything.
    fn human_end(&self, _out: &mut Screen<'_>) -> io::Result<()> {
        Ok(())
    }

    /// Returns the other fields of the JSON document. Fields before the list must not change while the list grows.
    fn others(&self) -> Map<String, Value> {
        Map::new()
    }

    /// Returns the summary.
    fn summary(&self) -> Option<Value> {
        None
    }

    /// Returns the findings of all rows that were kept.
    fn found(&self) -> Option<Found<'_>> {
        None
    }

    /// Writes the HTML page of all rows that were kept, once.
    fn page(&self, _out: &mut dyn Write) -> io::Result<()> {
        Ok(())
    }
}
