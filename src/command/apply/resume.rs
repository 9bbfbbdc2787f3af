//! Resumes an interrupted run. Its journal has the original command line and the remaining files.

use std::path::PathBuf;

use clap::{Args as _, FromArgMatches as _};
use serde_json::{Value, json};

use super::arguments::Apply;
use crate::error::CliError;
use crate::flags::GlobalFlags;
use crate::output::{Output, SavedSource};
use msipctl_core::fleet::{self, Resumed, Targets};
use msipctl_core::store::{self, Journal, Progress, Run, RunId};
use msipctl_host::process;

/// An interrupted `apply`, with its original arguments.
pub(super) struct Interrupted {
    pub(super) apply: Apply,
    /// Its policy or plan.
    pub(super) what: PathBuf,
    pub(super) left: Left,
}

/// An interrupted run, and its remaining files.
pub(super) struct Left {
    run: RunId,
    /// The folder of its journal.
    dir: PathBuf,
    sources: Value,
}

/// Returns the data to resume a run that starts now: the command line, the current folder, and the files of the policy. A
/// command line of `apply` has no secret.
pub(super) fn data(sources: &[SavedSource]) -> Value {
    json!({
        "arguments": process::arguments(),
        "folder": process::folder().map(|folder| folder.display().to_string()),
        "sources": sources,
    })
}

/// Returns the original arguments of a run and its remaining files, and changes to its original folder; `None` if no file
/// remains. Only reads the journal until it is clear that the run can be resumed.
pub(super) fn interrupted(out: &mut Output, run: &RunId) -> Result<Option<Interrupted>, CliError> {
    let unknown = || {
        CliError::usage(format!("can't resume run `{run}`: only `apply` runs can be resumed"))
            .hint("run `msipctl backup list --runs` to list runs")
    };
    let dir = process::runs_folder(msipctl_windows::system()).ok_or_else(unknown)?;
    let dir = store::full_path(&dir);
    // The command line in it will run again.
    let noted = Run::read_own(&dir, run)?;
    let data = &noted.start.data;
    let arguments = data["arguments"].as_array().ok_or_else(unknown)?;
    let arguments: Vec<&str> = arguments.iter().filter_map(Value::as_str).collect();
    let apply = apply_of(&arguments).ok_or_else(unknown)?;
    let what = apply.what.clone().ok_or_else(unknown)?;
    fleet::check_resumable(&noted)?;
    if noted.progress == Progress::Finished && noted.remaining().is_empty() {
        out.note(&format!("run {run} is finished; nothing to resume"));
        return Ok(None);
    }
    if let Some(folder) = data["folder"].as_str() {
        process::go_to(folder).map_err(|error| {
            CliError::runtime(format!(
                "can't change to {folder}, where the run was started: {error}"
            ))
        })?;
    }
    let left = Left { run: *run, dir, sources: data["sources"].clone() };
    Ok(Some(Interrupted { apply, what, left }))
}

/// Parses the arguments of an `apply`, without the name of the program.
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

    /// Resumes the run with a policy of these sources. Returns its journal, and the remaining files. A remaining file that is no
    /// longer a target fails.
    ///
    /// # Errors
    ///
    /// When the policy changed, or the journal can't be opened. Then the journal is unchanged.
    pub(super) fn resume(
        &self,
        out: &mut Output,
        sources: &[SavedSource],
        targets: &Targets,
    ) -> Result<(Journal, Targets), CliError> {
        if json!(sources) != self.sources {
            let error = CliError::precondition(
                "the policy or the inventory changed since the run was started",
            );
            return Err(error.hint("start a new run; it doesn't touch files that already match"));
        }
        let Resumed { journal, targets, files, done } =
            fleet::resume(&self.dir, &self.run, targets)?;
        let run = self.run;
        out.note(&format!("run {run}: resuming after {done} of {files} files"));
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
