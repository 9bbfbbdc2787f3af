//! What every command does that works on many files: several at a time, each told of in the order of the files, and
//! one that fails does not stop the others.

use std::num::NonZero;

use crate::cli::error::CliError;
use crate::cli::exit::Exit;
use crate::cli::flags::{FileFlags, Format};
use crate::cli::output::{Growing, Output};
use crate::cli::targets::Target;
use crate::fleet::{self, Stop, Targets};
use crate::store;

/// So many files that were named again are told of one by one.
const TOLD: usize = 10;

/// Works on each file, several at a time, and hands what came of it to `take` in the order of the files. Errors are
/// printed behind that, but those of a target where no file is to be had come without work.
pub(super) fn each<R: Send>(
    out: &mut Output,
    flags: &FileFlags,
    targets: &Targets<CliError>,
    work: impl Fn(&Target) -> Result<R, CliError> + Sync,
    take: impl FnMut(&mut Output, &Target, Result<R, &CliError>),
) -> Failures {
    let work = |target: &Target| match target.error() {
        Some(error) => Err(error.clone()),
        None => work(target),
    };
    let jobs = flags.jobs(targets.list().len());
    each_by(out, targets, take, |targets, take| {
        fleet::in_order(targets, jobs, &Stop::new(), work, take);
    })
}

/// The same with as many files together as can be written together; `work` returns what came of each, in their order.
pub(super) fn each_batch<R: Send>(
    out: &mut Output,
    flags: &FileFlags,
    targets: &Targets<CliError>,
    work: impl Fn(&[&Target]) -> Vec<Result<R, CliError>> + Sync,
    take: impl FnMut(&mut Output, &Target, Result<R, &CliError>),
) -> Failures {
    let work = |batch: &[Target]| -> Vec<Result<R, CliError>> {
        let there: Vec<&Target> = batch.iter().filter(|target| target.error().is_none()).collect();
        let mut worked = work(&there).into_iter();
        let result = |target: &Target| match target.error() {
            Some(error) => Some(Err(error.clone())),
            None => worked.next(),
        };
        batch.iter().filter_map(result).collect()
    };
    let jobs = flags.jobs(targets.list().len());
    let size = store::most_together(jobs);
    each_by(out, targets, take, |targets, take| {
        fleet::in_batches(targets, size, jobs, &Stop::new(), work, take);
    })
}

/// What becomes of a target is handed to this.
type Taking<'t, R> = &'t mut dyn FnMut(&Target, Result<R, CliError>);

fn each_by<R>(
    out: &mut Output,
    targets: &Targets<CliError>,
    mut take: impl FnMut(&mut Output, &Target, Result<R, &CliError>),
    work: impl FnOnce(&[Target], Taking<'_, R>),
) -> Failures {
    let (told, rest) = targets.repeated().split_at(targets.repeated().len().min(TOLD));
    told.iter().for_each(|repeated| out.note(repeated));
    if !rest.is_empty() {
        out.note(&format!("{} more are named already", rest.len()));
    }
    let targets = targets.list();
    let mut failures = Failures::among(targets.len());
    work(targets, &mut |target, result| match result {
        Ok(result) => take(out, target, Ok(result)),
        Err(error) => {
            let error = error.named_by(target.row());
            take(out, target, Err(&error));
            failures.add(out, &error);
        }
    };
    fleet::in_batches(targets, size(jobs), jobs, &Stop::new(), work, take);
    failures
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

    /// Prints what stands behind the rows of a report; not for people where all files failed, as they were told.
    pub(super) fn end<G: Growing>(&self, out: &mut Output, report: &G) {
        let is_read_by_programs = matches!(out.format(), Format::Json | Format::Ndjson);
        if !self.is_total() || (self.files > 1 && is_read_by_programs) {
            out.end(report);
        }
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
