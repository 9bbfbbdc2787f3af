//! Files that a command creates, such as templates.

use std::io;
use std::path::PathBuf;

use serde::Serialize;
use serde_json::{Map, Value, json};

use super::json::values;
use super::report::Report;
use super::screen::{ADDED, CHANGED, DIM, Screen};
use msipctl_core::apply::FileState;

/// One file.
#[derive(Debug, Serialize)]
struct FileWrittenRow {
    path: String,
    state: &'static str,
}

/// The files of a run, and what to do next.
#[derive(Debug)]
pub(crate) struct FilesReport {
    files: Vec<FileWrittenRow>,
    next: String,
}

impl FilesReport {
    /// Describes files.
    pub(crate) fn new(files: Vec<(PathBuf, FileState)>, next: String) -> Self {
        let row = |(path, state): (PathBuf, FileState)| FileWrittenRow {
            path: path.display().to_string(),
            state: match state {
                FileState::Written => "written",
                FileState::Unchanged => "unchanged",
                FileState::Replaced => "replaced",
            },
        };
        Self { files: files.into_iter().map(row).collect(), next }
    }
}

impl Report for FilesReport {
    const LIST: &'static str = "files";
    type Row = ();

    fn human_end(&self, out: &mut Screen<'_>) -> io::Result<()> {
        for row in &self.files {
            let style = match row.state {
                "written" => ADDED,
                "replaced" => CHANGED,
                _ => DIM,
            };
            putln!(out, "{}: {style}{}{style:#}", row.path, row.state)?;
        }
        Ok(())
    }

    fn entries(&self) -> Vec<Value> {
        values(&self.files)
    }

    fn others(&self) -> Map<String, Value> {
        [("next".to_owned(), json!(self.next))].into_iter().collect()
    }
}
