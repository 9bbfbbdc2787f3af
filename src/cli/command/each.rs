//! What every command does that works on many files: several at a time, each told of in the order of the files, and
//! one that fails does not stop the others.

use std::num::NonZero;
use std::path::Path;
use std::sync::atomic::{AtomicUsize, Ordering};

use super::unseen::{self, Repeats, Unseen};
use crate::cli::error::CliError;
use crate::cli::exit::Exit;
use crate::cli::flags::{FileFlags, Format};
use crate::cli::output::{LISTED, Output, Progress, Report, count};
use crate::cli::process;
use crate::cli::targets::{SEEN, Target};
use crate::fleet::{self, Stop, Targets};
use crate::store::Standing;

/// Of so many files, each failure is told of.
const TOLD: usize = 10;

const _: () = assert!(
    TOLD < SEEN && LISTED < SEEN,
    "whether there are more is known before any file is read"
);

/// Of more files than that, a fault is told of so many.
const TOLD_OF_FAULT: usize = 3;

/// So many faults are told apart.
const FAULTS: usize = 50;

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
    has_rows: bool,
    stop: &'r Stop,
}

impl<'r> Many<'r> {
    /// Takes the files of a run that reads. Ctrl-C ends it early, and so does a reader of its output who goes away.
    pub(super) fn new(flags: &FileFlags, targets: &'r Targets<CliError>) -> Self {
        let files = targets.list().len();
        // A run over one file is over soon, and where it waits it may be ended at once.
        static NEVER: Stop = Stop::new();
        let stop = if files > 1 { process::stop_by_interrupt() } else { &NEVER };
        Self {
            targets,
            jobs: flags.jobs(files),
            max_failures: None,
            is_for_reader: true,
            has_rows: false,
            stop,
        }
    }

    /// Makes the run one that writes, and ends after so many failures.
    pub(super) fn writing(self, max_failures: Option<NonZero<usize>>) -> Self {
        Self { max_failures, is_for_reader: false, ..self }
    }

    /// Says that each failure is a row of the report with its reason, so that the same fault of many files need not be
    /// told again and again.
    pub(super) fn failing_in_rows(self) -> Self {
        Self { has_rows: true, ..self }
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
        self.each_read(out, |target| Ok((work(target)?, Standing::Other)), take)
    }

    /// The same where files may be unseen: `work` opens each, and tells also what stood at its path. What is not there
    /// is no file of the run.
    pub(super) fn each_read<R: Send>(
        &self,
        out: &mut Output,
        work: impl Fn(&Target) -> Result<(R, Standing), CliError> + Sync,
        take: impl FnMut(&mut Output, &Target, Result<R, &CliError>),
    ) -> Done<'r> {
        let settle = self.begin(out);
        let work = |target: &Target| {
            let result = match target.error() {
                Some(error) => Err(error.clone()),
                None => work(target),
            };
            let (result, standing) = match result {
                Ok((result, standing)) => (Ok(result), standing),
                Err(error) => (Err(error), unseen::standing(target)),
            };
            (standing, settle.result(target, result))
        };
        self.take_each(out, take, |take| {
            let take = |target: &Target, (standing, result)| take(target, standing, result);
            fleet::in_order(self.targets.list(), self.jobs, self.stop, work, take);
        })
    }

    /// The same with many files together, at most `size` of them; `work` returns what came of each, in their order.
    pub(super) fn each_batch<R: Send>(
        &self,
        out: &mut Output,
        size: NonZero<usize>,
        work: impl Fn(&[&Target]) -> Vec<Result<R, CliError>> + Sync,
        take: impl FnMut(&mut Output, &Target, Result<R, &CliError>),
    ) -> Done<'r> {
        let settle = self.begin(out);
        let work = |batch: &[Target]| {
            let there: Vec<_> = batch.iter().filter(|target| target.error().is_none()).collect();
            let mut worked = work(&there).into_iter();
            let result = |target: &Target| {
                let result = match target.error() {
                    Some(error) => Err(error.clone()),
                    None => worked.next()?,
                };
                Some(settle.result(target, result))
            };
            batch.iter().filter_map(result).collect()
        };
        self.take_each(out, take, |take| {
            let take = |target: &Target, result| take(target, Standing::Other, result);
            fleet::in_batches(self.targets.list(), size, self.jobs, self.stop, work, take);
        })
    }

    fn begin(&self, out: &mut Output) -> Settle<'_> {
        self.tell_of_repeated(out);
        let progress = out.begin_progress(self.targets.list().len());
        Settle {
            progress,
            failed: AtomicUsize::new(0),
            max_failures: self.max_failures,
            stop: self.stop,
        }
    }

    fn take_each<R>(
        &self,
        out: &mut Output,
        mut take: impl FnMut(&mut Output, &Target, Result<R, &CliError>),
        run: impl FnOnce(&mut dyn FnMut(&Target, Standing, Result<R, CliError>)),
    ) -> Done<'r> {
        let targets = self.targets.list();
        let mut failures = Failures::among(targets.len());
        failures.is_short = self.has_rows && targets.len() > TOLD;
        let mut done = Done { failures, rest: Vec::new() };
        let mut next = targets.iter();
        let mut unseen = Unseen::among(targets);
        run(&mut |target, standing, result| {
            // Where the run was stopped, some are missing between those that were in hand.
            let missing = next.by_ref().take_while(|other| !std::ptr::eq(*other, target));
            missing
                .for_each(|other| done.leave(other, unseen.is_one(out, unseen::standing(other))));
            if !unseen.is_one(out, standing) {
                return done.failures.files -= 1;
            }
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
        next.for_each(|other| done.leave(other, unseen.is_one(out, unseen::standing(other))));
        unseen.tell_rest(out);
        out.end_progress();
        done.failures.tell_rest(out);
        done
    }

    fn tell_of_repeated(&self, out: &mut Output) {
        let repeated = self.targets.repeated();
        let mut repeats = Repeats::default();
        repeated.iter().for_each(|text| repeats.add(out, text));
        repeats.tell_rest(out);
    }
}

/// What is done about each result while others are worked on.
struct Settle<'r> {
    progress: Progress,
    failed: AtomicUsize,
    max_failures: Option<NonZero<usize>>,
    stop: &'r Stop,
}

impl Settle<'_> {
    /// Counts what came of a file, and ends the run after the last failure that may be.
    fn result<R>(&self, target: &Target, result: Result<R, CliError>) -> Result<R, CliError> {
        self.progress.advance();
        if result.is_err() {
            let failed = self.failed.fetch_add(1, Ordering::Relaxed) + 1;
            if self.max_failures.is_some_and(|most| failed >= most.get()) {
                self.stop.wish();
            }
        }
        result.map_err(|error| error.named_by(target.row()))
    }
}

/// What came of the files of a run, but for what was handed on.
pub(super) struct Done<'r> {
    failures: Failures,
    rest: Vec<&'r Target>,
}

impl<'r> Done<'r> {
    /// Leaves a file undone, if it is one of the run.
    fn leave(&mut self, target: &'r Target, is_one: bool) {
        match is_one {
            true => self.rest.push(target),
            false => self.failures.files -= 1,
        }
    }

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
    pub(super) fn end<G: Report>(&self, out: &mut Output, report: &G) {
        let is_to_be_told = match out.format() {
            Format::Human => false,
            // The error of a single file is all there is to say.
            Format::Json | Format::Ndjson => self.failures.files > 1,
            // Nobody can read an empty one.
            _ => true,
        };
        if is_to_be_told || !self.is_total() {
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
        if !self.is_short || self.is_to_be_told(error) {
            out.error(error);
        }
        self.failed += 1;
        self.worst = self.worst.max(Some(error.exit()));
    }

    /// Counts the fault, and says whether it is to be told of this file.
    fn is_to_be_told(&mut self, error: &CliError) -> bool {
        let fault = error.without_path();
        let known = self.faults.iter_mut().find(|(known, _)| *known == fault);
        if let Some((_, files)) = known {
            *files += 1;
            return *files <= TOLD_OF_FAULT;
        }
        if self.faults.len() < FAULTS {
            self.faults.push((fault, 1));
        }
        true
    }

    /// Prints of how many files a fault was not told.
    fn tell_rest(&mut self, out: &mut Output) {
        for (fault, files) in self.faults.drain(..) {
            if let Some(more @ 1..) = files.checked_sub(TOLD_OF_FAULT) {
                let files = count(more, "more file");
                out.error(&CliError::runtime(format!("... and {files}: {fault}")));
            }
        }
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
