//! Going on with a run that was interrupted: its journal tells how it was begun and which files are left.

use std::path::PathBuf;

use clap::{Args as _, FromArgMatches as _};
use serde_json::{Value, json};

use super::arguments::Apply;
use crate::error::CliError;
use crate::flags::GlobalFlags;
use crate::output::{Output, SavedSource};
use crate::process;
use msipctl_core::fleet::{self, Resumed, Targets};
use msipctl_core::store::{self, Journal, Progress, Run, RunId};

/// An `apply` that was interrupted, as it was begun.
pub(super) struct Interrupted {
    pub(super) apply: Apply,
    /// Its policy or plan.
    pub(super) what: PathBuf,
    pub(super) left: Left,
}

/// A run of which something is left.
pub(super) struct Left {
    run: RunId,
    /// The folder of its journal.
    dir: PathBuf,
    sources: Value,
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

/// Finds how a run was begun and what is left of it, and goes to the folder where it was begun; `None` if nothing is left.
/// Its journal is only read until it is known that the run can be gone on with.
pub(super) fn interrupted(out: &mut Output, run: &RunId) -> Result<Option<Interrupted>, CliError> {
    let unknown = || {
        CliError::usage(format!("run `{run}` cannot be gone on with: it was no `apply`"))
            .hint("`msipctl backup list --runs` lists runs")
    };
    let dir = process::runs_folder(msipctl_windows::system()).ok_or_else(unknown)?;
    let dir = store::full_path(&dir);
    // The command line in it is run again.
    let noted = Run::read_own(&dir, run)?;
    let data = &noted.start.data;
    let arguments = data["arguments"].as_array().ok_or_else(unknown)?;
    let arguments: Vec<&str> = arguments.iter().filter_map(Value::as_str).collect();
    let apply = apply_of(&arguments).ok_or_else(unknown)?;
    let what = apply.what.clone().ok_or_else(unknown)?;
    fleet::check_resumable(&noted)?;
    if noted.progress == Progress::Finished && noted.remaining().is_empty() {
        out.note(&format!("run {run} came to its end, nothing is left to do"));
        return Ok(None);
    }
    if let Some(folder) = data["folder"].as_str() {
        process::go_to(folder).map_err(|error| {
            CliError::runtime(format!(
                "{folder}, where the run was begun, cannot be gone to: {error}"
            ))
        })?;
    }
    let left = Left { run: *run, dir, sources: data["sources"].clone() };
    Ok(Some(Interrupted { apply, what, left }))
}

/// Finds the `apply` that arguments without the program's name ask for.
fn apply_of(arguments: &[&str]) -> Option<Apply> {
    let program = GlobalFlags::augment_args(clap::Command::new("msipctl").no_binary_name(true));
    let program = program.subcommand(Apply::augment_args(clap::Command::new("apply")));
    let matches = program.try_get_matches_from(arguments).ok()?;
    Apply::from_arg_matches(matches.subcommand_matches("apply")?).ok()
}

impl Left {
    /// Returns the run.
    pub(super) fn run(&self) -> RunId {
        self.run
    }

    /// Goes on with the run by a policy of these sources: returns its journal, and of the files those that it has not
    /// done. A file of its that is no target any more is one that fails.
    ///
    /// # Errors
    ///
    /// When the policy is another one now, or the journal cannot be had. It is as it was then.
    pub(super) fn go_on(
        &self,
        out: &mut Output,
        sources: &[SavedSource],
        targets: &Targets,
    ) -> Result<(Journal, Targets), CliError> {
        if json!(sources) != self.sources {
            let error = CliError::precondition(
                "the policy or the inventory changed since the run was begun",
            );
            return Err(error.hint("begin a new run: what is as wanted is not touched again"));
        }
        let Resumed { journal, targets, files, done } =
            fleet::resume(&self.dir, &self.run, targets)?;
        let run = self.run;
        out.note(&format!("run {run}: {done} of {files} files are done, going on with the others"));
        Ok((journal, targets))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn recorded_arguments_parse_with_global_flags() {
        let policy = |arguments: &[&str]| apply_of(arguments).and_then(|apply| apply.what);
        for arguments in [
            &["apply", "p.toml"][..],
            &["--format", "json", "apply", "p.toml", "-v"],
            &["apply", "--color", "never", "p.toml", "-i", "a.ini", "--jobs", "2"],
        ] {
            assert_eq!(policy(arguments), Some(PathBuf::from("p.toml")), "{arguments:?}");
        }
        for arguments in [&[][..], &["apply"], &["apply", "--nope"], &["set", "p.toml"], &["-V"]] {
            assert_eq!(policy(arguments), None, "{arguments:?}");
        }
    }
}
