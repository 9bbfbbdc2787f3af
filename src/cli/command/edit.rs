//! What every writing command does with its files: the pipeline on each, one report, one exit code.

use std::path::{Path, PathBuf};

use super::each::{each, each_batch};
use super::load::misread;
use crate::apply::{self, Options, Outcome, Remark, Running};
use crate::cli::error::CliError;
use crate::cli::exit::Exit;
use crate::cli::flags::{FileFlags, WriteFlags};
use crate::cli::output::{EditedFile, EditsReport, Output};
use crate::cli::process;
use crate::cli::targets::Target;
use crate::fleet::Targets;
use crate::ini::Document;
use crate::plan::{Desired, misreading};
use crate::store::{self, Durability, Journal, Start};
use crate::windows::{self, Process};

/// Brings each file to the state that `decide` wants of it, several at a time. A file that fails does not stop the
/// others. Of a run over several files a journal is kept.
pub(super) fn edit_files(
    out: &mut Output,
    files: &FileFlags,
    targets: &Targets<CliError>,
    options: Options,
    write: &WriteFlags,
    decide: impl Fn(&Target, &Document) -> Result<Desired, CliError> + Sync,
) -> Result<Exit, CliError> {
    let data = serde_json::Value::Null;
    edit_files_as(out, files, targets, options, write, data, decide).map(|(exit, _)| exit)
}

/// The same for a run that can be gone on with: `data` is what that takes. A journal that the options have already is
/// gone on with. Tells also whether anything changed, or would.
pub(super) fn edit_files_as(
    out: &mut Output,
    files: &FileFlags,
    targets: &Targets<CliError>,
    mut options: Options,
    write: &WriteFlags,
    data: serde_json::Value,
    decide: impl Fn(&Target, &Document) -> Result<Desired, CliError> + Sync,
) -> Result<(Exit, bool), CliError> {
    let several = targets.list().len() > 1;
    let mut report = EditsReport::new(&options.run, options.dry_run, several);
    if !options.dry_run && options.journal.is_none() {
        options.journal = begin_journal(out, &options, targets, data);
    }
    let shown = |target: &Target, edited: Result<Outcome, apply::Error<CliError>>| {
        let outcome = edited?;
        Ok((EditedFile::new(&outcome, write.diff), remarks(target.path(), &outcome)))
    };
    let take = |out: &mut Output, target: &Target, edited: Result<_, &CliError>| {
        say(out, &options.running);
        match edited {
            Ok((file, remarks)) => {
                let remarks: Vec<Told> = remarks;
                remarks.iter().for_each(|remark| remark.print(out));
                out.row(&mut report, file);
            }
            // The error of a single file is all there is to say.
            Err(error) if several => {
                out.row(&mut report, EditedFile::failed(target.path(), error));
            }
            Err(_) => {}
        }
    };
    let failures = match write.durability() {
        Durability::Full => {
            let edit = |target: &Target| {
                let decide = |document: &Document| decide(target, document);
                shown(target, apply::edit(target.path(), &options, decide))
            };
            each(out, files, targets, edit, take)
        }
        Durability::Batch => {
            let edit = |batch: &[&Target]| {
                let edited = apply::edit_together(batch, &options, |target, it| decide(target, it));
                batch.iter().zip(edited).map(|(target, edited)| shown(target, edited)).collect()
            };
            each_batch(out, files, targets, edit, take)
        }
    };
    if let Some(journal) = &options.journal {
        finish_journal(out, journal);
    }
    if several || !failures.is_total() {
        out.end(&report);
    }
    Ok((failures.exit(Exit::Success), report.changed() > 0))
}

/// Makes the journal of a run over several files, so that it can be undone without naming them.
pub(super) fn journal(start: &Start, files: &[PathBuf]) -> Option<Journal> {
    let dir = process::runs_folder(windows::system()).filter(|_| files.len() > 1)?;
    Some(Journal::new(&dir, start, files))
}

/// Begins the journal of an edit. `data` is what it takes to go on with it.
fn begin_journal(
    out: &mut Output,
    options: &Options,
    targets: &Targets<CliError>,
    data: serde_json::Value,
) -> Option<Journal> {
    let there = targets.list().iter().filter(|target| target.error().is_none());
    let files: Vec<_> = there.map(|target| target.path().to_owned()).collect();
    let start = Start {
        run: options.run,
        command: options.command.clone(),
        backup_dir: options.backup.dir().map(Path::to_owned),
        data,
    };
    journal(out, &start, &files)
}

/// Ends a journal.
pub(super) fn finish_journal(out: &mut Output, journal: &Journal) {
    if let Err(error) = journal.finish() {
        warn_of_journal(out, &error);
    }
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
pub(super) enum Told {
    Note(String),
    Warning(String),
}

impl Told {
    pub(super) fn print(&self, out: &mut Output) {
        match self {
            Self::Note(text) => out.note(text),
            Self::Warning(text) => out.warning(text),
        }
    }
}

/// Returns what is not seen in the change itself.
pub(super) fn remarks(path: &Path, outcome: &Outcome) -> Vec<Told> {
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
