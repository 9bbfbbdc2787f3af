//! Runs a command over many files. It prints the events in the order of the files, and a failed file doesn't stop the others.

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

/// The maximum number of files whose failures are each reported, and of duplicate selections that are each reported.
const MAX_REPORTED: usize = 10;

/// The maximum number of files for which the same problem is reported, if there are more files.
const MAX_REPORTED_PER_PROBLEM: usize = 3;

/// The maximum number of problems that are distinguished.
const MAX_PROBLEMS: usize = 50;

/// The hint after an interrupted run that reads.
pub(super) const READ_AGAIN: &str = "the output covers only those files";
/// The hint after an interrupted run that writes.
pub(super) const GO_ON: &str =
    "to continue, run the same command again; it doesn't change finished files";

/// The files of a run, and its limits.
pub(super) struct Many<'r> {
    targets: &'r Targets,
    options: Options<'static>,
    /// The folder of journals.
    runs: Option<PathBuf>,
    is_for_reader: bool,
    has_rows: bool,
}

impl<'r> Many<'r> {
    /// Returns a run that reads the files. Ctrl+C ends it early, and so does a closed output.
    pub(super) fn new(flags: &FileFlags, targets: &'r Targets) -> Self {
        let files = targets.list().len();
        // A run over one file is short, and can be ended while it waits.
        static NEVER: Stop = Stop::new();
        let stop = if files > 1 { process::stop_by_interrupt() } else { &NEVER };
        let options = Options { jobs: flags.jobs(files), ..Options::new(stop) };
        Self { targets, options, runs: None, is_for_reader: true, has_rows: false }
    }

    /// Makes it a run that writes, with limits and a journal.
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

    /// Stores the data to resume the run in the journal.
    pub(super) fn resumable(self, data: Value) -> Self {
        Self { options: Options { data, ..self.options }, ..self }
    }

    /// Sets that each failure is a row of the report, so that the same problem in many files isn't repeated.
    pub(super) fn failing_in_rows(self) -> Self {
        Self { has_rows: true, ..self }
    }

    /// Returns whether there are several files.
    pub(super) fn is_several(&self) -> bool {
        self.targets.list().len() > 1
    }

    /// Reads the files in parallel, and passes each result to `take` in the order of the files. Then prints an error.
    pub(super) fn each<R: Send>(
        &self,
        out: &mut Output,
        work: impl Fn(&Target) -> Result<R, CliError> + Sync,
        take: impl FnMut(&mut Output, &Target, Result<R, &CliError>),
    ) -> Done<'r> {
        self.run(out, take, |runner, on_event| runner.read(work, on_event))
    }

    /// Writes the files in parallel, and passes each result to `take` in the order of the files.
    pub(super) fn write<R: Send>(
        &self,
        out: &mut Output,
        edit: apply::Options,
        work: impl Fn(&Target, &apply::Options) -> Result<(R, State), CliError> + Sync,
        take: impl FnMut(&mut Output, &Target, Result<R, &CliError>),
    ) -> Done<'r> {
        self.run(out, take, |runner, on_event| runner.write(edit, work, on_event))
    }

    /// Changes each file to the state that `decide` returns; `digest` selects the printed part of the outcome.
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
            out.note(&format!("{more} more files are selected more than once"));
        }
    }
}

/// Warns if the journal can't be written. The run continues, because each file has a backup.
pub(super) fn warn_of_journal(out: &mut Output, summary: &Summary) {
    if let Some(error) = &summary.journal_error {
        let error = CliError::from(error);
        out.warning(&format!("the run has no journal, so undo needs its files (`-i`): {error}"));
    }
}

/// The result of a run.
pub(super) struct Done<'r> {
    failures: Failures,
    rest: Vec<&'r Target>,
    summary: Summary,
}

impl<'r> Done<'r> {
    /// Returns the skipped files of a run that ended early.
    pub(super) fn rest(&self) -> &[&'r Target] {
        &self.rest
    }

    /// Returns why the run ended.
    pub(super) fn reason(&self) -> End {
        self.summary.end
    }

    /// Returns whether all files failed.
    pub(super) fn is_total(&self) -> bool {
        self.failures.is_total()
    }

    /// Reports the limit that ended the run, if one did.
    pub(super) fn report_limit(&self, out: &mut Output) {
        let Summary { changed, failed, skipped, end, .. } = self.summary;
        let files = count(skipped, "file");
        match end {
            End::MaxFailures => {
                let failed = count(failed, "failure");
                out.note(&format!("stopped after {failed}, {files} skipped"));
            }
            End::MaxChanges => {
                let changed = count(changed, "changed file");
                out.note(&format!("stopped after {changed}, {files} skipped"));
            }
            End::Finished | End::Stopped => {}
        }
    }

    /// Returns the error of a run that Ctrl+C ended.
    pub(super) fn interruption(&self, hint: &str) -> Option<CliError> {
        if !process::is_interrupted() || self.rest.is_empty() {
            return None;
        }
        let files = self.failures.files;
        let done = files - self.rest.len();
        Some(CliError::runtime(format!("interrupted after {done} of {files} files")).hint(hint))
    }

    /// Prints the end of a report. If all files failed, users have seen their errors already.
    pub(super) fn end<G: Report>(&self, out: &mut Output, report: &G) {
        let is_reported = match out.format() {
            Format::Human => false,
            // For a single file, its error is the complete output.
            Format::Json | Format::Ndjson => self.failures.files > 1,
            // An empty document is invalid.
            _ => true,
        };
        if is_reported || !self.is_total() {
            out.end(report);
        }
    }

    /// Returns the exit code: `exit`, unless a file failed or Ctrl+C ended the run, which is reported with `hint`.
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

/// The number of failed files, and their problems. The errors are printed already.
#[derive(Debug)]
pub(super) struct Failures {
    files: usize,
    failed: usize,
    worst: Option<Exit>,
    /// Whether the same problem is reported for a few files only.
    is_short: bool,
    /// The first problems, each with its number of files.
    problems: Vec<(String, usize)>,
}

impl Failures {
    /// Returns no failures so far, among `files` files.
    pub(super) fn among(files: usize) -> Self {
        Self { files, failed: 0, worst: None, is_short: false, problems: Vec::new() }
    }

    /// Adds a failure, and prints it.
    pub(super) fn add(&mut self, out: &mut Output, error: &CliError) {
        if !self.is_short || self.is_reported(error) {
            out.error(error);
        }
        self.failed += 1;
        self.worst = self.worst.max(Some(error.exit()));
    }

    /// Counts the problem, and returns whether to report it for this file.
    fn is_reported(&mut self, error: &CliError) -> bool {
        let problem = error.without_path();
        let known = self.problems.iter_mut().find(|(known, _)| *known == problem);
        if let Some((_, files)) = known {
            *files += 1;
            return *files <= MAX_REPORTED_PER_PROBLEM;
        }
        if self.problems.len() < MAX_PROBLEMS {
            self.problems.push((problem, 1));
        }
        true
    }

    /// Prints the number of files for which a problem wasn't reported.
    fn report_rest(&mut self, out: &mut Output) {
        for (problem, files) in self.problems.drain(..) {
            if let Some(more @ 1..) = files.checked_sub(MAX_REPORTED_PER_PROBLEM) {
                let files = count(more, "more file");
                out.error(&CliError::runtime(format!("... and {files}: {problem}")));
            }
        }
    }

    /// Returns whether all files failed.
    pub(super) fn is_total(&self) -> bool {
        self.failed == self.files
    }

    /// Returns the exit code: `exit` if no file failed, and the worst one if all failed.
    pub(super) fn exit(&self, exit: Exit) -> Exit {
        match self.worst {
            None => exit,
            Some(worst) if self.is_total() => worst,
            Some(_) => Exit::Partial,
        }
    }
}
