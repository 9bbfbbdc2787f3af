//! What every writing command does with its files: the pipeline on each, one report, one exit code.

use std::path::{Path, PathBuf};

use super::load::warn_misread;
use crate::apply::{self, Options, Outcome, Remark, Running};
use crate::cli::error::CliError;
use crate::cli::exit::Exit;
use crate::cli::output::{EditedFile, EditsReport, Output};
use crate::ini::Document;
use crate::plan::{Desired, misreading};
use crate::windows::Process;

/// Brings each file to the state that `decide` wants of it. A file that fails does not stop the
/// others.
pub(super) fn edit_files(
    out: &mut Output,
    files: &[PathBuf],
    options: &Options,
    with_diff: bool,
    mut decide: impl FnMut(&Path, &Document) -> Result<Desired, CliError>,
) -> Result<Exit, CliError> {
    let mut report = EditsReport::new(&options.run, options.dry_run);
    let mut errors = Vec::new();
    for path in files {
        let edited = apply::edit(path, options, |document| decide(path, document));
        say(out, &options.running);
        match edited {
            Ok(outcome) => {
                remark(out, path, &outcome);
                report.push(EditedFile::new(&outcome, with_diff));
            }
            Err(error) => {
                let error = CliError::from(error);
                report.push(EditedFile::failed(path, &error));
                errors.push(error);
            }
        }
    }
    finish(out, &report, errors)
}

/// Says what was done about a running MicroSIP.
pub(super) fn say(out: &mut Output, running: &Running) {
    for remark in running.remarks() {
        let named = |process: &Process| {
            let name = process.name.to_string_lossy();
            name.strip_suffix(".exe").unwrap_or(&name).to_owned()
        };
        match remark {
            Remark::Unknown(path, why) => {
                let text = format!(
                    "{}: it cannot be known whether a MicroSIP uses the file: {why}",
                    path.display()
                );
                // No MicroSIP runs on another system, and scripts that edit thousands of files there
                // have no use for the remark.
                if cfg!(windows) { out.note(&text) } else { log::info!("{text}") }
            }
            Remark::Ended(process) => {
                out.note(&format!("ended {} (process {})", named(&process), process.id));
            }
            Remark::Started(process) => out.note(&format!("started {} again", named(&process))),
            Remark::NotStarted(process, why) => {
                out.warning(&format!("{} could not be started again: {why}", named(&process)));
            }
        }
    }
}

/// Prints what came of the files, and finds the exit code. The error of a single file is all there
/// is to say.
pub(super) fn finish(
    out: &mut Output,
    report: &EditsReport,
    mut errors: Vec<CliError>,
) -> Result<Exit, CliError> {
    if report.len() == 1
        && let Some(error) = errors.pop()
    {
        return Err(error);
    }
    out.report(report);
    errors.iter().for_each(|error| out.error(error));
    let worst = errors.iter().map(CliError::exit).max();
    Ok(match worst {
        None => Exit::Success,
        Some(exit) if errors.len() == report.len() => exit,
        Some(_) => Exit::Partial,
    })
}

/// Says what is not seen in the change itself.
fn remark(out: &mut Output, path: &Path, outcome: &Outcome) {
    let shown = path.display().to_string();
    match outcome.plan.conversion() {
        Some(_) if outcome.before.bytes().is_empty() => {}
        Some((from, to)) => {
            let why = misreading(from).map(|why| format!(": {why}")).unwrap_or_default();
            out.note(&format!("{shown}: converted from {from} to {to}{why}"));
        }
        None => warn_misread(out, path, &outcome.before),
    }
    if outcome.state != apply::State::Unchanged && outcome.hard_links > 1 {
        let names = outcome.hard_links;
        out.warning(&format!(
            "{shown}: the file has {names} names (hard links), and all others keep the old content"
        ));
    }
}
