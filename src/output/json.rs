//! The parts that all JSON output shares.

use std::io;

use serde::Serialize;
use serde_json::{Map, Value, json};

use super::document::{Document, indented, line};
use super::report::Report;
use crate::error::CliError;
use crate::flags::Format;

pub(super) const SCHEMA_VERSION: u32 = 1;
pub(super) const TOOL: &str = concat!("msipctl ", env!("CARGO_PKG_VERSION"));

/// The JSON of a report that is written to a file row by row.
pub(crate) struct JsonText {
    text: Vec<u8>,
    document: io::Result<Document>,
}

impl JsonText {
    /// Begins the text.
    pub(crate) fn new<R: Report>(report: &R) -> Self {
        let mut text = Vec::new();
        let document = Document::begin(&mut text, R::LIST, &with_head(report.others(), None));
        Self { text, document }
    }

    /// Adds a row.
    pub(crate) fn row<T: Serialize>(&mut self, row: &T) {
        if let Ok(document) = &mut self.document
            && let Err(error) = indented(row, Document::ENTRY_LEVEL)
                .and_then(|row| document.entry(&mut self.text, &row))
        {
            self.document = Err(error);
        }
    }

    /// Ends the text, and returns the first error that writing it met.
    pub(crate) fn end<R: Report>(mut self, report: &R) -> io::Result<Vec<u8>> {
        let others = with_head(report.others(), report.summary());
        self.document?.end(&mut self.text, &others)?;
        Ok(self.text)
    }
}

/// A row of a report with its JSON, if that is the format. Creating the JSON takes as long as creating the row, so the
/// same worker thread does both.
#[derive(Debug)]
pub(crate) struct Rendered<T> {
    pub(crate) row: T,
    pub(super) json: io::Result<String>,
}

impl<T: Serialize> Rendered<T> {
    /// Renders a row.
    pub(crate) fn new(row: T, format: Format) -> Self {
        let json = match format {
            Format::Json => indented(&row, Document::ENTRY_LEVEL),
            Format::Ndjson => line(&row),
            _ => Ok(String::new()),
        };
        Self { row, json }
    }

    /// Renders a row of a report. If only its JSON is printed, keeps of the row only what is counted.
    pub(crate) fn counted<R: Report<Row = T>>(row: T, format: Format) -> Self {
        let Self { row, json } = Self::new(row, format);
        match format {
            Format::Json | Format::Ndjson => Self { row: R::counted(row), json },
            _ => Self { row, json },
        }
    }
}

/// Returns the fields of a document other than its list.
pub(super) fn with_head(
    mut others: Map<String, Value>,
    summary: Option<Value>,
) -> Map<String, Value> {
    others.insert("schema_version".to_owned(), json!(SCHEMA_VERSION));
    others.insert("tool".to_owned(), json!(TOOL));
    others.extend(summary.map(|summary| ("summary".to_owned(), summary)));
    others
}

/// Returns the line after the entries.
pub(super) fn last_line(others: Map<String, Value>, summary: Option<Value>) -> Value {
    Value::Object(with_head(others, Some(summary.unwrap_or_else(|| json!({})))))
}

/// Converts rows to JSON.
pub(crate) fn values<T: Serialize>(rows: &[T]) -> Vec<Value> {
    rows.iter().map(value).collect()
}

fn value<T: Serialize>(row: &T) -> Value {
    // Rows are plain structs of texts and numbers, which can always be converted.
    serde_json::to_value(row).unwrap_or(Value::Null)
}

/// Returns the entry of a file that failed: the fields of a row, and the error.
pub(super) fn failed_value<T: Serialize>(row: &T, error: &CliError) -> Value {
    let mut value = value(row);
    if let Value::Object(entry) = &mut value {
        entry.insert("state".to_owned(), json!("failed"));
        entry.insert("error".to_owned(), json!(error.to_string()));
    }
    value
}
