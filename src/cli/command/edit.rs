//! What every writing command does with its files: the pipeline on each, one report, one exit code.

use std::path::Path;

use super::each::each;
use super::load::misread;
use crate::apply::{self, Options, Outcome, Remark, Running};
use crate::cli::error::CliError;
use crate::cli::exit::Exit;
use crate::cli::flags::FileFlags;
use crate::cli::output::{EditedFile, EditsReport, Output};
use crate::cli::targets::Target;
use crate::fleet::Targets;
use crate::ini::Document;
use crate::plan::{Desired, misreading};
use crate::windows::Process;

/// Brings each file to the state that `decide` wants of it, several at a time. A file that fails does not stop the
/// others.
pub(super) fn edit_files(
    out: &mut Output,
    files: &FileFlags,
    targets: &Targets<CliError>,
    options: &Options,
    with_diff: bool,
    decide: impl Fn(&Path, &Document) -> Result<Desired, CliError> + Sync,
) -> Result<Exit, CliError> {
    let several = targets.list().len() > 1;
    let mut report = EditsReport::new(&options.run, options.dry_run, several);
    let work = |target: &Target| {
        let path = target.path();
        let outcome = apply::edit(path, options, |document| decide(path, document))?;
        Ok((EditedFile::new(&outcome, with_diff), remarks(path, &outcome)))
    };
    let failures = each(out, files, targets, work, |out, target, edited| {
        say(out, &options.running);
        match edited {
            Ok((file, remarks)) => {
                remarks.iter().for_each(|remark| remark.print(out));
                out.row(&mut report, file);
            }
            // The error of a single file is all there is to say.
            Err(error) if several => {
                out.row(&mut report, EditedFile::failed(target.path(), error));
            }
            Err(_) => {}
        }
    });
    if several || !failures.is_total() {
        out.end(&report);
    }
    Ok(failures.exit(Exit::Success))
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
