//! What every command does that works on many files: several at a time, each told of in the order of the files, and
//! one that fails does not stop the others.

use std::num::NonZero;
use std::path::Path;
use std::sync::atomic::{AtomicUsize, Ordering};

use crate::cli::error::CliError;
use crate::cli::exit::Exit;
use crate::cli::flags::{FileFlags, Format};
use crate::cli::output::{Growing, Output};
use crate::cli::process;
use crate::cli::targets::Target;
use crate::fleet::{self, Stop, Targets};

/// So many files that were named again are told of one by one.
const TOLD: usize = 10;

/// What is said to who ended a run that reads, or one that writes.
pub(super) const READ_AGAIN: &str = "what is printed is of those only";
pub(super) const GO_ON: &str =
    "the same command goes on from there, as what is done already stays as it is";

/// The files of a run, and when it ends before all of them are done.
pub(super) struct Many<'r> {
    targets: &'r Targets<CliError>,
    jobs: NonZero<usize>,
    max_failures: Option<NonZero<usize>>,
    is_for_reader: bool,
    stop: &'r Stop,
}

impl<'r> Many<'r> {
    /// Takes the files of a run that reads. Ctrl-C ends it early, and so does a reader of its output who goes away.
    pub(super) fn new(flags: &FileFlags, targets: &'r Targets<CliError>) -> Self {
        let files = targets.list().len();
        // A run over one file is over soon, and where it waits it may be ended at once.
        static NEVER: Stop = Stop::new();
        let stop = if files > 1 { process::stop_by_interrupt() } else { &NEVER };
        Self { targets, jobs: flags.jobs(files), max_failures: None, is_for_reader: true, stop }
    }

    /// Makes the run one that writes, and ends after so many failures.
    pub(super) fn writing(self, max_failures: Option<NonZero<usize>>) -> Self {
        Self { max_failures, is_for_reader: false, ..self }
    }

    /// Works on one file after the other, so that what came of one decides about the next.
    pub(super) fn one_by_one(self) -> Self {
        Self { jobs: NonZero::<usize>::MIN, ..self }
    }

    /// Says whether there are several files.
    pub(super) fn is_several(&self) -> bool {
        self.targets.list().len() > 1
    }

    /// Returns how many files are worked on at a time.
    pub(super) fn jobs(&self) -> NonZero<usize> {
        self.jobs
    }

    /// Returns the files that are there to be worked on.
    pub(super) fn paths(&self) -> impl Iterator<Item = &'r Path> {
        let files = self.targets.list().iter().filter(|target| target.error().is_none());
        files.map(Target::path)
    }

    /// Returns the wish to stop after the files in hand.
    pub(super) fn stop(&self) -> &'r Stop {
        self.stop
    }

    /// Works on each file, several at a time, and hands what came of it to `take` in the order of the files. An error
    /// is printed behind that.
    pub(super) fn each<R: Send>(
        &self,
        out: &mut Output,
        work: impl Fn(&Target) -> Result<R, CliError> + Sync,
        take: impl FnMut(&mut Output, &Target, Result<R, &CliError>),
    ) -> Done<'r> {
        let work = |batch: &[&Target]| batch.iter().map(|target| work(target)).collect();
        self.each_batch(out, NonZero::<usize>::MIN, work, take)
    }

    /// The same of work on up to `size` files together, which returns what came of each.
    pub(super) fn each_batch<R: Send>(
        &self,
        out: &mut Output,
        size: NonZero<usize>,
        work: impl Fn(&[&Target]) -> Vec<Result<R, CliError>> + Sync,
        mut take: impl FnMut(&mut Output, &Target, Result<R, &CliError>),
    ) -> Done<'r> {
        self.tell_of_repeated(out);
        let targets = self.targets.list();
        let progress = out.begin_progress(targets.len());
        let failed = AtomicUsize::new(0);
        let work = |batch: &[Target]| {
            let files: Vec<_> = batch.iter().filter(|target| target.error().is_none()).collect();
            let mut results = work(&files).into_iter();
            let result = |target: &Target| {
                let result = match target.error() {
                    Some(error) => Err(error.clone()),
                    None => results.next()?.map_err(|error| error.named_by(target.row())),
                };
                progress.advance();
                if result.is_err() {
                    let failed = failed.fetch_add(1, Ordering::Relaxed) + 1;
                    if self.max_failures.is_some_and(|most| failed >= most.get()) {
                        self.stop.wish();
                    }
                }
                Some(result)
            };
            batch.iter().filter_map(result).collect()
        };
        let mut done = Done { failures: Failures::among(targets.len()), rest: Vec::new() };
        let mut next = targets.iter();
        fleet::in_batches(targets, size, self.jobs, self.stop, work, |target, result| {
            // Where the run was stopped, some are missing between those that were in hand.
            done.rest.extend(next.by_ref().take_while(|other| !std::ptr::eq(*other, target)));
            match result {
                Ok(result) => take(out, target, Ok(result)),
                Err(error) => {
                    take(out, target, Err(&error));
                    done.failures.add(out, &error);
                }
            }
            if self.is_for_reader && out.is_closed() {
                self.stop.wish();
            }
        });
        done.rest.extend(next);
        out.end_progress();
        done
    }

    fn tell_of_repeated(&self, out: &mut Output) {
        let repeated = self.targets.repeated();
        repeated.iter().take(TOLD).for_each(|text| out.note(text));
        if let Some(more @ 1..) = repeated.len().checked_sub(TOLD) {
            out.note(&format!("{more} more are named already"));
        }
    }
}

/// What came of the files of a run, but for what was handed on.
pub(super) struct Done<'r> {
    failures: Failures,
    rest: Vec<&'r Target>,
}

impl<'r> Done<'r> {
    /// Returns the files that nothing was done about, as the run was stopped.
    pub(super) fn rest(&self) -> &[&'r Target] {
        &self.rest
    }

    /// Says whether all files failed.
    pub(super) fn is_total(&self) -> bool {
        self.failures.is_total()
    }

    /// Returns how many files failed.
    pub(super) fn failed(&self) -> usize {
        self.failures.failed
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
    pub(super) fn end<G: Growing>(&self, out: &mut Output, report: &G) {
        let is_read_by_programs = matches!(out.format(), Format::Json | Format::Ndjson);
        if !self.is_total() || (self.failures.files > 1 && is_read_by_programs) {
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
}

impl Failures {
    /// None failed so far, of so many files.
    pub(super) fn among(files: usize) -> Self {
        Self { files, failed: 0, worst: None }
    }

    /// Adds one, and prints it.
    pub(super) fn add(&mut self, out: &mut Output, error: &CliError) {
        out.error(error);
        self.failed += 1;
        self.worst = self.worst.max(Some(error.exit()));
    }

    /// Says whether no file failed.
    pub(super) fn are_none(&self) -> bool {
        self.failed == 0
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
