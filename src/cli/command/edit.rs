//! What every writing command does with its files: the pipeline on each, one report, one exit code.

use std::path::{Path, PathBuf};

use super::load::misread;
use crate::apply::{self, Options, Outcome, Remark, Running};
use crate::cli::error::CliError;
use crate::cli::exit::Exit;
use crate::cli::flags::FileFlags;
use crate::cli::output::{EditedFile, EditsReport, Output};
use crate::fleet::{self, Stop};
use crate::ini::Document;
use crate::plan::{Desired, misreading};
use crate::windows::Process;

/// Brings each file to the state that `decide` wants of it, several at a time. A file that fails does not stop the
/// others.
pub(super) fn edit_files(
    out: &mut Output,
    files: &FileFlags,
    options: &Options,
    with_diff: bool,
    decide: impl Fn(&Path, &Document) -> Result<Desired, CliError> + Sync,
) -> Result<Exit, CliError> {
    let mut report = EditsReport::new(&options.run, options.dry_run);
    let mut errors = Vec::new();
    let work = |path: &PathBuf| {
        let outcome = apply::edit(path, options, |document| decide(path, document))?;
        let edited = EditedFile::new(&outcome, with_diff);
        Ok::<_, CliError>((edited, remarks(path, &outcome)))
    };
    let paths = files.files()?;
    fleet::in_order(&paths, files.jobs(paths.len()), &Stop::new(), work, |path, edited| {
        say(out, &options.running);
        match edited {
            Ok((file, remarks)) => {
                remarks.iter().for_each(|remark| remark.print(out));
                report.push(file);
            }
            Err(error) => {
                report.push(EditedFile::failed(path, &error));
                errors.push(error);
            }
        }
    });
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

/// Something to be said of an edit beside the change itself.
enum Told {
    Note(String),
    Warning(String),
}

impl Told {
    fn print(&self, out: &mut Output) {
        match self {
            Self::Note(text) => out.note(text),
            Self::Warning(text) => out.warning(text),
        }
    }
}

/// Returns what is not seen in the change itself.
fn remarks(path: &Path, outcome: &Outcome) -> Vec<Told> {
    let shown = path.display();
    let mut told = Vec::new();
    match outcome.plan.conversion() {
        Some(_) if outcome.before.bytes().is_empty() => {}
        Some((from, to)) => {
            let why = misreading(from).map(|why| format!(": {why}")).unwrap_or_default();
            told.push(Told::Note(format!("{shown}: converted from {from} to {to}{why}")));
        }
        None => told.extend(misread(path, &outcome.before).map(Told::Warning)),
    }
    if outcome.state != apply::State::Unchanged && outcome.hard_links > 1 {
        let names = outcome.hard_links;
        told.push(Told::Warning(format!(
            "{shown}: the file has {names} names (hard links), and all others keep the old content"
        )));
    }
    told
}
