//! Runs a command over many files. It prints the events in the order of the files, and a failed file doesn't stop the others.

use std::hash::{Hash, Hasher};
use std::num::NonZero;
use std::path::PathBuf;

use serde_json::Value;

use super::notice::print_notice;
use crate::error::CliError;
use crate::exit::Exit;
use crate::flags::{FileFlags, Format, WriteFlags};
use crate::interrupt;
use crate::output::{Output, Report, count};
use msipctl_core::apply::{self, Outcome, State};
use msipctl_core::fleet::{End, Event, Groups, Options, Runner, Stop, Summary, Target, Targets};
use msipctl_core::plan::Desired;
use msipctl_host::process;
use winini::Document;

/// The maximum number of duplicate selections that are each reported.
const MAX_REPORTED: usize = 10;

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
    has_groups: bool,
    can_create: bool,
}

impl<'r> Many<'r> {
    /// Returns a run that reads the files. Ctrl+C ends it early, and so does a closed output.
    pub(super) fn new(flags: &FileFlags, targets: &'r Targets) -> Self {
        Self::with_jobs(flags.jobs(targets.list().len()), targets)
    }

    /// Returns a run that reads the files, `jobs` of them in parallel.
    pub(super) fn with_jobs(jobs: NonZero<usize>, targets: &'r Targets) -> Self {
        let files = targets.list().len();
        // A run over one file is short, and can be ended while it waits.
        static NEVER: Stop = Stop::new();
        let stop = if files > 1 { interrupt::stop_by_interrupt() } else { &NEVER };
        let options = Options { jobs, ..Options::new(stop) };
        Self {
            targets,
            options,
            runs: None,
            is_for_reader: true,
            has_groups: false,
            can_create: false,
        }
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

    /// Prints the same error of many files once, unless `out` lists each file.
    pub(super) fn grouping_errors(self, out: &Output) -> Self {
        let has_groups = !out.lists_each(self.targets.list().len());
        Self { has_groups, ..self }
    }

    /// Suggests `--create` for missing files, unless it was passed.
    pub(super) fn suggesting_create(self, write: &WriteFlags) -> Self {
        Self { can_create: !write.creates(), ..self }
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
        let mut failures = Failures::among(files, self.has_groups);
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
                let error = if self.can_create { error.or_create(target.path()) } else { error };
                take(out, target, Err(&error));
                failures.add(out, &error);
            }
            if self.is_for_reader && out.is_closed() {
                self.options.stop.request();
            }
        });
        out.end_progress();
        failures.report_groups(out);
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

    /// Returns whether Ctrl+C ended the run before its last file.
    pub(super) fn is_interrupted(&self) -> bool {
        interrupt::is_interrupted() && !self.rest.is_empty()
    }

    /// Returns the error of a run that Ctrl+C ended.
    pub(super) fn interruption(&self, hint: &str) -> Option<CliError> {
        if !self.is_interrupted() {
            return None;
        }
        let files = self.failures.files;
        let done = files - self.rest.len();
        Some(CliError::runtime(format!("interrupted after {done} of {files} files")).hint(hint))
    }

    /// Prints what follows the rows of a report. If a single file failed, its error is all there is to say.
    pub(super) fn end<G: Report>(&self, out: &mut Output, report: &G) {
        let is_reported = match out.format() {
            Format::Human | Format::Json | Format::Ndjson => self.failures.files > 1,
            // Programs can't read an empty one.
            _ => true,
        };
        if is_reported || !self.is_total() {
            out.end(report);
        }
    }

    /// Writes the output to the file that the command line names, if it does. After Ctrl+C, that file stays as it is.
    pub(super) fn save(&self, out: &mut Output, command: &str) -> Result<(), CliError> {
        if self.is_interrupted() {
            if let Some(path) = out.discard() {
                out.note(&format!("{}: not written", path.display()));
            }
            return Ok(());
        }
        out.save(command)
    }

    /// Returns the exit code: `exit`, unless a file failed or the run was interrupted, which is reported with `hint`.
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
    /// The errors that are printed at the end, unless each is printed at once.
    groups: Option<Groups<GroupedError>>,
}

/// An error that equals one with the same message and hint about another file.
#[derive(Debug)]
struct GroupedError(CliError);

impl GroupedError {
    fn identity(&self) -> (String, Option<&str>) {
        (self.0.without_path(), self.0.hint_text())
    }
}

impl PartialEq for GroupedError {
    fn eq(&self, other: &Self) -> bool {
        self.identity() == other.identity()
    }
}

impl Eq for GroupedError {}

impl Hash for GroupedError {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.identity().hash(state);
    }
}

impl Failures {
    /// Creates the failures of a run over a number of files. `has_groups` prints the same error of many files once, at
    /// the end.
    pub(super) fn among(files: usize, has_groups: bool) -> Self {
        let groups = has_groups.then(Groups::default);
        Self { files, failed: 0, worst: None, groups }
    }

    /// Adds an error, and prints it unless it is grouped.
    pub(super) fn add(&mut self, out: &mut Output, error: &CliError) {
        match &mut self.groups {
            Some(groups) => {
                let path = error.path().map(|path| path.display().to_string());
                groups.add(GroupedError(error.clone()), &path.unwrap_or_default());
            }
            None => out.error(error),
        }
        self.failed += 1;
        self.worst = self.worst.max(Some(error.exit()));
    }

    /// Prints the errors that are grouped.
    pub(super) fn report_groups(&mut self, out: &mut Output) {
        let Some(groups) = self.groups.take() else { return };
        for (GroupedError(error), group) in groups.in_order() {
            if group.files() == 1 {
                out.error(error);
                continue;
            }
            let (files, message) = (count(group.files(), "file"), error.without_path());
            let grouped = CliError::runtime(format!("{message} ({files}: {})", group.named()));
            out.error(&match error.hint_text() {
                Some(hint) => grouped.hint(hint),
                None => grouped,
            });
        }
        if groups.others() > 0 {
            let files = count(groups.others(), "more file");
            let error = CliError::runtime(format!("{files} failed with other errors"));
            out.error(&error.hint("to print each error, pass `-v`"));
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
