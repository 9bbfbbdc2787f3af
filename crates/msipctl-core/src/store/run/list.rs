//! Summaries of the runs that have a journal in a folder.

use std::path::Path;
use std::sync::Arc;

use jiff::Timestamp;

use super::folder::{ExpectedOwner, is_locked, journals, open_runs, text_of};
use super::line::{Line, read_start};
use super::record::Progress;
use crate::store::error::{Error, Operation};
use crate::store::file::list::finished;
use crate::store::file::open_location::OpenLocation;
use crate::store::run_id::RunId;

/// The summary of a run.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct RunSummary {
    /// The run.
    pub run: RunId,
    /// When it started.
    pub time: Timestamp,
    /// The command of the user.
    pub command: String,
    /// The number of its files.
    pub files: usize,
    /// The number of files that it wrote.
    pub changed: usize,
    /// The number of files that failed.
    pub failed: usize,
    /// Its progress.
    pub progress: Progress,
}

/// Lists the runs that have a journal in a folder, oldest first. A folder that doesn't exist has none; other files are
/// skipped.
///
/// # Errors
///
/// When the folder or a journal can't be read, and as [`Run::read`](crate::store::Run::read).
pub fn runs(dir: &Path) -> Result<Vec<RunSummary>, Error> {
    let mut found = Vec::new();
    let Some(folder) = open_runs(dir)? else { return Ok(found) };
    for (run, name) in journals(&folder).map_err(|error| Error::io(dir, Operation::List, error))? {
        let location = OpenLocation::new(Arc::clone(&folder), name);
        let Some(text) = text_of(&location, ExpectedOwner::Trusted)? else { continue };
        found.extend(summary(&location, finished(&text)).filter(|it| it.run == run));
    }
    // Names contain the time only to the second.
    found.sort_by_key(|run| run.time);
    Ok(found)
}

/// Counts lines by their prefix, because parsing those of thousands of files would be slow.
fn summary(location: &OpenLocation, text: &[u8]) -> Option<RunSummary> {
    let mut lines = text.split(|&byte| byte == b'\n');
    let (start, time) = lines.next().and_then(read_start)?;
    let (run, command) = (start.run, start.command);
    let progress = Progress::Interrupted;
    let mut found = RunSummary { run, time, command, files: 0, changed: 0, failed: 0, progress };
    for line in lines {
        let is = |kind: &str| {
            let rest = line.strip_prefix(b"{\"line\":\"".as_slice());
            rest.and_then(|rest| rest.strip_prefix(kind.as_bytes()))
                .is_some_and(|rest| rest.starts_with(b"\""))
        };
        match () {
            () if is("file") => found.files += 1,
            () if is("changed") => found.changed += 1,
            () if is("failed") => found.failed += 1,
            () if is("resumed") => found.progress = Progress::Interrupted,
            () if is("finished") => found.progress = Progress::Finished,
            () if is("limited") => found.progress = Progress::Limited,
            () if is("undone") => {
                if let Ok(Line::Undone { run, .. }) = serde_json::from_slice(line) {
                    found.progress = run.parse().map_or(found.progress, Progress::Undone);
                }
            }
            () => {}
        }
    }
    if found.progress == Progress::Interrupted && is_locked(location) {
        found.progress = Progress::Running;
    }
    Some(found)
}
