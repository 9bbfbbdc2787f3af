//! Going on with a run that was interrupted: its journal tells how it was begun and which files are left.

use std::collections::HashSet;
use std::path::PathBuf;

use serde_json::{Value, json};

use crate::cli::error::CliError;
use crate::cli::exit::Exit;
use crate::cli::output::{Output, SavedSource};
use crate::cli::process;
use crate::fleet::Targets;
use crate::store::{self, Journal, Progress, Run, RunId};
use crate::windows;

/// What is left of a run.
pub(super) struct Left {
    pub(super) run: RunId,
    pub(super) journal: Journal,
    sources: Value,
    files: HashSet<PathBuf>,
}

/// Returns what it takes to go on with a run that begins now: the command line, where it was typed, and what the
/// policy consists of. No secret stands on a command line of `apply`.
pub(super) fn data(sources: &[SavedSource]) -> Value {
    json!({
        "arguments": process::arguments(),
        "folder": process::folder().map(|folder| folder.display().to_string()),
        "sources": sources,
    })
}

/// Goes on with a run.
pub(super) fn resume(out: &mut Output, run: &RunId) -> Result<Exit, CliError> {
    let unknown = || {
        CliError::usage(format!("run `{run}` cannot be gone on with: it was no `apply`"))
            .hint("`msipctl backup list --runs` lists runs")
    };
    let dir = store::full_path(&process::runs_folder(windows::system()).ok_or_else(unknown)?);
    // Only read until it is known that the run can be gone on with.
    let noted = Run::read(&dir, run)?;
    let data = &noted.start.data;
    let arguments = data["arguments"].as_array().ok_or_else(unknown)?;
    let arguments: Vec<&str> = arguments.iter().filter_map(Value::as_str).collect();
    let begun = crate::cli::apply_of(&arguments).ok_or_else(unknown)?;
    let what = begun.what.clone().ok_or_else(unknown)?;
    if let Progress::Undone(by) = noted.progress {
        let error = CliError::precondition(format!("run `{run}` was undone by run `{by}`"));
        return Err(error.hint("begin a new run"));
    }
    if noted.progress == Progress::Running {
        let error = CliError::precondition(format!("run `{run}` is under way"));
        return Err(error.hint("let it end, or stop it, first"));
    }
    if noted.progress == Progress::Finished && noted.remaining().is_empty() {
        out.note(&format!("run {run} came to its end, nothing is left to do"));
        return Ok(Exit::Success);
    }
    if let Some(folder) = data["folder"].as_str() {
        process::go_to(folder).map_err(|error| {
            CliError::runtime(format!(
                "{folder}, where the run was begun, cannot be gone to: {error}"
            ))
        })?;
    }
    let (journal, noted) = Journal::resume(&dir, run)?;
    let files: HashSet<PathBuf> = noted.remaining().into_iter().map(PathBuf::from).collect();
    let (done, all) = (noted.files.len() - files.len(), noted.files.len());
    out.note(&format!("run {run}: {done} of {all} files are done, going on with the others"));
    let left = Left { run: *run, journal, sources: data["sources"].clone(), files };
    begun.begin(out, &what, Some(left))
}

impl Left {
    /// Refuses to go on with a policy that is another one now.
    pub(super) fn check(&self, sources: &[SavedSource]) -> Result<(), CliError> {
        if json!(sources) == self.sources {
            return Ok(());
        }
        let error =
            CliError::precondition("the policy or the inventory changed since the run was begun");
        Err(error.hint("begin a new run: what is as wanted is not touched again"))
    }

    /// Leaves those files that the run has not done.
    pub(super) fn only(&self, targets: Targets<CliError>) -> Targets<CliError> {
        targets.only(|target| {
            target.error().is_some() || self.files.contains(&store::full_path(target.path()))
        })
    }
}
