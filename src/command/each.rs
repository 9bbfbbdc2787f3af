//! What every command does that works on many files: it prints the events of a run in the order of the files, and one
//! that fails does not stop the others.

use std::path::PathBuf;

use serde_json::Value;

use super::notice::print_notice;
use crate::error::CliError;
use crate::exit::Exit;
use crate::flags::{FileFlags, Format, WriteFlags};
use crate::output::{Output, Report, count};
use crate::process;
use msipctl_core::apply::{self, Outcome, State};
use msipctl_core::fleet::{End, Event, Options, Runner, Stop, Summary, Target, Targets};
use msipctl_core::plan::Desired;
use winini::Document;

/// Of so many files, each failure is told of, and of so many that are named again, each one.
const MAX_REPORTED: usize = 10;

/// Of more files than that, a fault is told of so many.
const MAX_REPORTED_PER_PROBLEM: usize = 3;

/// So many faults are told apart.
const MAX_PROBLEMS: usize = 50;

/// What is said to who ended a run that reads, or one that writes.
pub(super) const READ_AGAIN: &str = "what is printed is of those only";
pub(super) const GO_ON: &str =
    "the same command goes on from there, as what is done already stays as it is";

/// The files of a run, and when it ends before all of them are done.
pub(super) struct Many<'r> {
    targets: &'r Targets,
    options: Options<'static>,
    /// The folder of journals.
    runs: Option<PathBuf>,
    is_for_reader: bool,
    has_rows: bool,
}

impl<'r> Many<'r> {
    /// Takes the files of a run that reads. Ctrl-C ends it early, and so does a reader of its output who goes away.
    pub(super) fn new(flags: &FileFlags, targets: &'r Targets) -> Self {
        let files = targets.list().len();
        // A run over one file is over soon, and where it waits it may be ended at once.
        static NEVER: Stop = Stop::new();
        let stop = if files > 1 { process::stop_by_interrupt() } else { &NEVER };
        let options = Options { jobs: flags.jobs(files), ..Options::new(stop) };
        Self { targets, options, runs: None, is_for_reader: true, has_rows: false }
    }

    /// Makes the run one that writes, with its limits and a journal.
    pub(super) fn writing(self, write: &WriteFlags) -> Self {
        let options = Options {
            max_failures: write.max_failures,
            max_changes: write.limit,
            durability: write.durability(),
            ..self.options
        };
        let runs = process::runs_folder(msipctl_windows::system());
        Self { options, runs, is_for_reader: false, ..self }
    }

    /// Keeps in the journal what it takes to resume the run.
    pub(super) fn resumable(self, data: Value) -> Self {
        Self { options: Options { data, ..self.options }, ..self }
    }

    /// Says that each failure is a row of the report with its reason, so that the same fault of many files need not be
    /// told again and again.
    pub(super) fn failing_in_rows(self) -> Self {
        Self { has_rows: true, ..self }
    }

    /// Says whether there are several files.
    pub(super) fn is_several(&self) -> bool {
        self.targets.list().len() > 1
    }

    /// Reads each file, several at a time, and hands what came of it to `take` in the order of the files. An error is
    /// printed after that.
    pub(super) fn each<R: Send>(
        &self,
        out: &mut Output,
        work: impl Fn(&Target) -> Result<R, CliError> + Sync,
        take: impl FnMut(&mut Output, &Target, Result<R, &CliError>),
    ) -> Done<'r> {
        self.run(out, take, |runner, on_event| runner.read(work, on_event))
    }

    /// The same with work that writes.
    pub(super) fn write<R: Send>(
        &self,
        out: &mut Output,
        edit: apply::Options,
        work: impl Fn(&Target, &apply::Options) -> Result<(R, State), CliError> + Sync,
        take: impl FnMut(&mut Output, &Target, Result<R, &CliError>),
    ) -> Done<'r> {
        self.run(out, take, |runner, on_event| runner.write(edit, work, on_event))
    }

    /// Brings each file to the state that `decide` returns for it; `digest` takes what is to be printed of the outcome.
    pub(super) fn apply<R: Send>(
        &self,
        out: &mut Output,
        edit: apply::Options,
        decide: impl Fn(&Target, &Document) -> Result<Desired, CliError> + Sync,
        digest: impl Fn(&Target, Outcome) -> R + Sync,
        take: impl FnMut(&mut Output, &Target, Result<R, &CliError>),
    ) -> Done<'r> {
        self.run(out, take, |runner, on_event| runner.apply(edit, decide, digest, on_event))
    }

    /// Prints the events of a run.
    fn run<R, E: Into<CliError>>(
        &self,
        out: &mut Output,
        mut take: impl FnMut(&mut Output, &Target, Result<R, &CliError>),
        run: impl FnOnce(&Runner<'r, '_>, &mut dyn FnMut(Event<'r, R, E>)) -> Summary,
    ) -> Done<'r> {
        self.report_duplicates(out);
        let files = self.targets.list().len();
        let progress = out.begin_progress(files);
        let options = Options {
            on_finished: &|| progress.advance(),
            runs: self.runs.as_deref(),
            ..self.options.clone()
        };
        let mut failures = Failures::among(files);
        failures.is_short = self.has_rows && files > MAX_REPORTED;
        let mut rest = Vec::new();
        let summary = run(&Runner::new(self.targets, options), &mut |event| {
            let failed = match event {
                Event::Notice(notice) => return print_notice(out, &notice),
                Event::Skipped(target) => return rest.push(target),
                Event::Done(target, result) => {
                    take(out, target, Ok(result));
                    None
                }
                Event::Failed(target, error) => Some((target, error.into())),
                Event::NoFile(target, error) => Some((target, CliError::of_target(target, error))),
            };
            if let Some((target, error)) = failed {
                let error = error.named_by(target.row());
                take(out, target, Err(&error));
                failures.add(out, &error);
            }
            if self.is_for_reader && out.is_closed() {
                self.options.stop.request();
            }
        });
        out.end_progress();
        failures.report_rest(out);
        warn_of_journal(out, &summary);
        Done { failures, rest, summary }
    }

    fn report_duplicates(&self, out: &mut Output) {
        let repeated = self.targets.repeated();
        let more = repeated.len().saturating_sub(MAX_REPORTED);
        repeated.take(MAX_REPORTED).for_each(|repeated| out.note(&repeated.to_string()));
        if more > 0 {
            out.note(&format!("{more} more are named already"));
        }
    }
}

/// Warns that no journal could be kept. That is no reason to stop: backups are kept all the same.
pub(super) fn warn_of_journal(out: &mut Output, summary: &Summary) {
    if let Some(error) = &summary.journal_error {
        let error = CliError::from(error);
        out.warning(&format!("the run can be undone only where its files are named: {error}"));
    }
}

/// What came of the files of a run, but for what was handed on.
pub(super) struct Done<'r> {
    failures: Failures,
    rest: Vec<&'r Target>,
    summary: Summary,
}

impl<'r> Done<'r> {
    /// Returns the files that nothing was done about, as the run was stopped.
    pub(super) fn rest(&self) -> &[&'r Target] {
        &self.rest
    }

    /// Says why the run ended.
    pub(super) fn reason(&self) -> End {
        self.summary.end
    }

    /// Says whether all files failed.
    pub(super) fn is_total(&self) -> bool {
        self.failures.is_total()
    }

    /// Says why files are left, if it was not Ctrl-C.
    pub(super) fn report_limit(&self, out: &mut Output) {
        let Summary { changed, failed, skipped, end, .. } = self.summary;
        let files = count(skipped, "file");
        match end {
            End::MaxFailures => {
                let failed = count(failed, "failure");
                out.note(&format!("stopped after {failed}, {files} not done"));
            }
            End::MaxChanges => {
                let changed = count(changed, "changed file");
                out.note(&format!("stopped after {changed}, {files} not looked at"));
            }
            End::Finished | End::Stopped => {}
        }
    }

    /// Says that Ctrl-C ended the run, if so, and for how many files.
    pub(super) fn interruption(&self, hint: &str) -> Option<CliError> {
        if !process::is_interrupted() || self.rest.is_empty() {
            return None;
        }
        let files = self.failures.files;
        let done = files - self.rest.len();
        Some(CliError::runtime(format!("interrupted: {done} of {files} files are done")).hint(hint))
    }

    /// Prints what stands behind the rows of a report; not for people where all files failed, as they were told.
    pub(super) fn end<G: Report>(&self, out: &mut Output, report: &G) {
        let is_reported = match out.format() {
            Format::Human => false,
            // The error of a single file is all there is to say.
            Format::Json | Format::Ndjson => self.failures.files > 1,
            // Nobody can read an empty one.
            _ => true,
        };
        if is_reported || !self.is_total() {
            out.end(report);
        }
    }

    /// Finds the exit code: `exit` if no file failed and nobody ended the run, of which is told with `hint`.
    pub(super) fn exit(&self, out: &mut Output, exit: Exit, hint: &str) -> Exit {
        match self.interruption(hint) {
            Some(interruption) => {
                out.error(&interruption);
                Exit::Interrupted
            }
            None => self.failures.exit(exit),
        }
    }
}

/// How many of the files failed, and how. The errors are printed already.
#[derive(Debug)]
pub(super) struct Failures {
    files: usize,
    failed: usize,
    worst: Option<Exit>,
    /// Whether the same fault is told of a few files only.
    is_short: bool,
    /// How many files have each fault, of the first ones.
    faults: Vec<(String, usize)>,
}

impl Failures {
    /// None failed so far, of so many files.
    pub(super) fn among(files: usize) -> Self {
        Self { files, failed: 0, worst: None, is_short: false, faults: Vec::new() }
    }

    /// Adds one, and prints it.
    pub(super) fn add(&mut self, out: &mut Output, error: &CliError) {
        if !self.is_short || self.is_reported(error) {
            out.error(error);
        }
        self.failed += 1;
        self.worst = self.worst.max(Some(error.exit()));
    }

    /// Counts the fault, and says whether it is to be told of this file.
    fn is_reported(&mut self, error: &CliError) -> bool {
        let fault = error.without_path();
        let known = self.faults.iter_mut().find(|(known, _)| *known == fault);
        if let Some((_, files)) = known {
            *files += 1;
            return *files <= MAX_REPORTED_PER_PROBLEM;
        }
        if self.faults.len() < MAX_PROBLEMS {
            self.faults.push((fault, 1));
        }
        true
    }

    /// Prints of how many files a fault was not told.
    fn report_rest(&mut self, out: &mut Output) {
        for (fault, files) in self.faults.drain(..) {
            if let Some(more @ 1..) = files.checked_sub(MAX_REPORTED_PER_PROBLEM) {
                let files = count(more, "more file");
                out.error(&CliError::runtime(format!("... and {files}: {fault}")));
            }
        }
    }

    /// Says whether all files failed.
    pub(super) fn is_total(&self) -> bool {
        self.failed == self.files
    }

    /// Finds the exit code: `exit` if no file failed, and the worst one if all did.
    pub(super) fn exit(&self, exit: Exit) -> Exit {
        match self.worst {
            None => exit,
            Some(worst) if self.is_total() => worst,
            Some(_) => Exit::Partial,
        }
    }
}
