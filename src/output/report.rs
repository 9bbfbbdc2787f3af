//! What all reports have in common, whatever the format.

use std::io::{self, Write};
use std::path::Path;

use serde::Serialize;
use serde_json::{Map, Value};

use super::found::Found;
use super::screen::Screen;
use crate::error::CliError;
use crate::flags::Format;

/// What a command finds or does.
///
/// A report of one piece has its entries from the start. One of many files gets rows, each of which is printed when it comes and
/// then dropped, so that the report holds only what is counted, however many files there are.
pub(crate) trait Report {
    /// The name of the list in JSON.
    const LIST: &'static str;

    /// One entry of the list.
    type Row: Serialize;

    /// Writes a row for people, before it is counted.
    fn human_row(&self, _row: &Self::Row, _out: &mut Screen<'_>) -> io::Result<()> {
        Ok(())
    }

    /// Returns the bytes of a row that people pipe on, where they are other than what people see.
    fn exact(&self, _row: &Self::Row) -> Option<Vec<u8>> {
        None
    }

    /// Keeps of a row what is counted, once its text is made: rows wait to be printed, and may be large.
    fn counted(row: Self::Row) -> Self::Row {
        row
    }

    /// Counts a row.
    fn count(&mut self, _row: &Self::Row) {}

    /// Keeps a row for a format that is written whole. Asked for only where a report has such formats.
    fn keep(&mut self, _row: Self::Row, _format: Format) {}

    /// Returns the entry of a file that failed; `None` where the list is not one of files.
    fn failed(&self, _path: &Path, _error: &CliError) -> Option<Value> {
        None
    }

    /// Writes the row of a file that failed for people, who are told on stderr as well.
    fn human_failed(
        &self,
        _path: &Path,
        _error: &CliError,
        _out: &mut Screen<'_>,
    ) -> io::Result<()> {
        Ok(())
    }

    /// Returns the entries of a report of one piece.
    fn entries(&self) -> Vec<Value> {
        Vec::new()
    }

    /// Returns the bytes of a report of one piece that people pipe on, where they are other than what people see.
    fn exact_report(&self) -> Option<Vec<u8>> {
        None
    }

    /// Writes for people what comes after the rows: all of it in a report of one piece.
    fn human_end(&self, _out: &mut Screen<'_>) -> io::Result<()> {
        Ok(())
    }

    /// Returns what JSON has beside the list; always the same where the key stands before that of the list.
    fn others(&self) -> Map<String, Value> {
        Map::new()
    }

    /// Returns the summary.
    fn summary(&self) -> Option<Value> {
        None
    }

    /// Returns what the formats for findings print, of all rows that were kept.
    fn found(&self) -> Option<Found<'_>> {
        None
    }

    /// Writes the page of all rows that were kept, once.
    fn page(&self, _out: &mut dyn Write) -> io::Result<()> {
        Ok(())
    }
}
