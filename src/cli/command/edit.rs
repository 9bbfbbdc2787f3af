//! What every writing command does with its files: the pipeline on each, one report, one exit code.

use std::num::NonZero;
use std::path::{Path, PathBuf};

use serde_json::Value;

use super::each::{Done, GO_ON, Many};
use super::load::misread;
use crate::apply::{self, Options, Outcome, Remark, Running, State};
use crate::cli::error::CliError;
use crate::cli::exit::Exit;
use crate::cli::flags::{FileFlags, WriteFlags};
use crate::cli::output::{EditedFile, EditsReport, Output, count};
use crate::cli::process;
use crate::cli::targets::Target;
use crate::fleet::{Stop, Targets};
use crate::ini::Document;
use crate::locate;
use crate::plan::{Desired, Misreading};
use crate::schema::Version;
use crate::store::{self, Durability, Journal, Record, Start};
use crate::validate::{self, Check, Finding, Selection};
use crate::windows::{self, Process};

/// Brings each file to the state that `decide` wants of it, several at a time. A file that fails does not stop the
/// others. Of a run over several files a journal is kept.
pub(super) fn edit_files(
    out: &mut Output,
    files: &FileFlags,
    targets: &Targets<CliError>,
    write: &WriteFlags,
    command: String,
    decide: impl Fn(&Target, &Document) -> Result<Desired, CliError> + Sync,
) -> Result<Exit, CliError> {
    let options = write.options(files, command);
    edit_files_as(out, files, targets, write, options, Value::Null, decide).map(|(exit, _)| exit)
}

/// The same for a run that can be gone on with: `data` is what that takes. A journal that the options have already is
/// gone on with. Tells also whether anything changed, or would.
pub(super) fn edit_files_as(
    out: &mut Output,
    files: &FileFlags,
    targets: &Targets<CliError>,
    write: &WriteFlags,
    mut options: Options,
    data: Value,
    decide: impl Fn(&Target, &Document) -> Result<Desired, CliError> + Sync,
) -> Result<(Exit, bool), CliError> {
    let many = many(files, targets, write).failing_in_rows();
    let mut limit = Limit::new(write, &many);
    let is_resumable = !data.is_null() && !options.dry_run;
    if options.journal.is_none() {
        options.journal = journal(&options, &many, data);
    }
    let mut report = EditsReport::new(&options.run, options.dry_run, targets.list().len());
    let shown = |target: &Target, edited: Result<Outcome, apply::Error<CliError>>| {
        let outcome = edited?;
        let is_changed = outcome.state != State::Unchanged;
        let file = EditedFile::new(&outcome, write.diff);
        Ok(Edited { file, remarks: remarks(target.path(), &outcome), is_changed })
    };
    let take = |out: &mut Output, target: &Target, edited: Result<Edited, &CliError>| {
        say(out, &options.running);
        match edited {
            Ok(Edited { file, remarks, is_changed }) => {
                remarks.iter().for_each(|remark| remark.print(out));
                out.row(&mut report, file);
                limit.count(is_changed);
            }
            // The error of a single file is all there is to say.
            Err(error) if many.is_several() => {
                out.row(&mut report, EditedFile::failed(target.path(), error));
            }
            Err(_) => {}
        }
    };
    // One file after the other, there is nothing to flush together.
    let done = if write.durability() == Durability::Full || write.limit.is_some() {
        let work = |target: &Target| {
            let decide = |document: &Document| decide(target, document);
            shown(target, apply::edit(target, &options, decide))
        };
        many.each(out, work, take)
    } else {
        let work = |batch: &[&Target]| {
            let edited = apply::edit_together(batch, &options, |target, it| decide(target, it));
            batch.iter().zip(edited).map(|(target, edited)| shown(target, edited)).collect()
        };
        many.each_batch(out, store::most_together(many.jobs()), work, take)
    };
    end_journal(out, options.journal.as_ref(), &done);
    if limit.is_for_failures(&done) {
        let rest = done.rest().iter().map(|target| EditedFile::not_done(target.path()));
        rest.for_each(|file| out.row(&mut report, file));
    }
    if many.is_several() || !done.is_total() {
        out.end(&report);
    }
    limit.tell(out, &done);
    let exit = report.exit(done.exit(out, Exit::Success, GO_ON));
    let is_left = !done.rest().is_empty() && !limit.is_reached();
    if is_resumable && is_left && report.changed() > 0 {
        out.note(&format!("`msipctl apply --resume {}` goes on with this very run", options.run));
    }
    Ok((exit, report.changed() > 0))
}

/// What became of a file, and what is to be said of it.
struct Edited {
    file: EditedFile,
    remarks: Vec<Told>,
    is_changed: bool,
}

/// Makes the journal of a run over several files, so that it can be undone without naming them. `data` is what it takes
/// to go on with it.
pub(super) fn journal(options: &Options, many: &Many<'_>, data: Value) -> Option<Journal> {
    let record = Record { run: options.run, command: options.command.clone() };
    let files: Vec<_> = many.paths().map(Path::to_owned).collect();
    journal_of(&record, options.backup.dir(), &files, data).filter(|_| !options.dry_run)
}

/// The same of a run that is no edit.
pub(super) fn journal_of(
    record: &Record,
    backup_dir: Option<&Path>,
    files: &[PathBuf],
    data: Value,
) -> Option<Journal> {
    let dir = process::runs_folder(windows::system()).filter(|_| files.len() > 1)?;
    let start = Start {
        run: record.run,
        command: record.command.clone(),
        backup_dir: backup_dir.map(Path::to_owned),
        data,
    };
    Some(Journal::new(&dir, &start, files))
}

/// Ends the journal of a run that edits.
pub(super) fn end_journal(out: &mut Output, journal: Option<&Journal>, done: &Done<'_>) {
    end_journal_of(out, journal, done.rest().is_empty());
}

/// The same of a run that is no edit. Where no journal could be kept, that is said and no reason to stop: backups are kept
/// all the same.
pub(super) fn end_journal_of(out: &mut Output, journal: Option<&Journal>, is_finished: bool) {
    let Some(journal) = journal else { return };
    if is_finished {
        journal.finish();
    }
    if let Err(error) = journal.check() {
        let error = CliError::from(error);
        out.warning(&format!("the run can be undone only where its files are named: {error}"));
    }
}

/// Takes the files of a run that writes.
pub(super) fn many<'r>(
    files: &FileFlags,
    targets: &'r Targets<CliError>,
    write: &WriteFlags,
) -> Many<'r> {
    let many = Many::new(files, targets).writing(write.max_failures);
    // Which files are the first ones that change is known one by one only.
    if write.limit.is_some() { many.one_by_one() } else { many }
}

/// How many files may change, and what is said when no more may.
pub(super) struct Limit<'r> {
    limit: Option<usize>,
    max_failures: Option<usize>,
    changed: usize,
    stop: &'r Stop,
}

impl<'r> Limit<'r> {
    pub(super) fn new(write: &WriteFlags, many: &Many<'r>) -> Self {
        let limit = write.limit.map(NonZero::get);
        let max_failures = write.max_failures.map(NonZero::get);
        Self { limit, max_failures, changed: 0, stop: many.stop() }
    }

    /// Counts a file, and stops the run when it was the last that may change.
    pub(super) fn count(&mut self, is_changed: bool) {
        self.changed += usize::from(is_changed);
        if self.is_reached() {
            self.stop.wish();
        }
    }

    /// Says whether no more files may change.
    fn is_reached(&self) -> bool {
        self.limit.is_some_and(|limit| self.changed >= limit)
    }

    /// Says whether failures ended the run.
    fn is_for_failures(&self, done: &Done<'_>) -> bool {
        !done.rest().is_empty() && self.max_failures.is_some_and(|most| done.failed() >= most)
    }

    /// Says why files are left, if it was not Ctrl-C.
    pub(super) fn tell(&self, out: &mut Output, done: &Done<'_>) {
        let rest = done.rest().len();
        if self.is_for_failures(done) {
            let failed = count(done.failed(), "failure");
            out.note(&format!("stopped after {failed}, {} not done", count(rest, "file")));
        } else if self.is_reached() && rest > 0 {
            let changed = count(self.changed, "changed file");
            out.note(&format!("stopped after {changed}, {} not looked at", count(rest, "file")));
        }
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

/// Says why MicroSIP uses no account after an edit, or overwrites one, where it didn't before.
fn lost_accounts(path: &Path, outcome: &Outcome) -> Vec<String> {
    let rules = ["account-id-missing", "account-overwritten-at-start"];
    let Ok(selection) = Selection::new(&rules, &[]) else { return Vec::new() };
    let found = |document: &Document| {
        let microsip = locate::written_by(document).unwrap_or(Version::NEWEST);
        let by = Check { selection: &selection, ..Check::new(microsip) };
        validate::check(document, by)
    };
    let after = found(outcome.plan.after());
    if after.is_empty() {
        return Vec::new();
    }
    let before = found(&outcome.before);
    let is_new = |finding: &&Finding| !before.iter().any(|it| it.rule() == finding.rule());
    let told = |finding: &Finding| {
        let message = finding.message();
        format!("{}: {message}; set `Settings.accountId`, for example to `1`", path.display())
    };
    after.iter().filter(is_new).map(told).collect()
}

/// Returns what is not seen in the change itself.
pub(super) fn remarks(path: &Path, outcome: &Outcome) -> Vec<Told> {
    let shown = path.display();
    let mut told = Vec::new();
    match outcome.plan.conversion() {
        Some(_) if outcome.before.bytes().is_empty() => {}
        Some((from, to)) => {
            let why = Misreading::of(&outcome.before, Version::NEWEST);
            let why = why.and_then(Misreading::of_encoding);
            let why = why.map(|why| format!(": {why}")).unwrap_or_default();
            told.push(Told::Note(format!("{shown}: converted from {from} to {to}{why}")));
        }
        None if outcome.plan.is_truncated() => {}
        None => told.extend(misread(path, &outcome.before).map(Told::Warning)),
    }
    if outcome.plan.is_truncated() {
        told.push(Told::Warning(format!(
            "{shown}: removed the NUL characters at the end of the file, where lines may be missing; compare it with a backup"
        )));
    }
    if outcome.state != State::Unchanged {
        told.extend(lost_accounts(path, outcome).into_iter().map(Told::Warning));
    }
    if outcome.state != State::Unchanged && outcome.hard_links > 1 {
        let names = outcome.hard_links;
        told.push(Told::Note(format!(
            "{shown}: the file has {names} names (hard links), which all get the new content"
        )));
    }
    told
}
