//! The driver of a run over many files: workers, order, limits, and journal. The caller gets events and prints them.

use std::fmt::Display;
use std::num::NonZero;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicUsize, Ordering};

use serde_json::Value;

use super::targets::{Target, TargetError, Targets};
use super::workers::{Stop, in_batches, in_order};
use crate::apply::{self, Notice, Outcome, Running, State};
use crate::plan::Desired;
use crate::store::{self, Durability, Journal, Record, Start};
use winini::Document;

/// The options of a run.
#[derive(Clone)]
pub struct Options<'r> {
    /// The number of files to process in parallel.
    pub jobs: NonZero<usize>,
    /// Stops the run after the files in progress. Reaching a limit requests it, too.
    pub stop: &'r Stop,
    /// Stops the run after this many failures.
    pub max_failures: Option<NonZero<usize>>,
    /// Stops the run after this many changed files. The run then processes one file after another.
    pub max_changes: Option<NonZero<usize>>,
    /// When to flush writes to disk.
    pub durability: Durability,
    /// The folder of journals. Without it, or for a single file, a run that writes keeps no journal.
    pub runs: Option<&'r Path>,
    /// The data that the caller needs to resume the run, for its journal.
    pub data: Value,
    /// Called on the thread of a worker after each file, for a progress bar.
    pub on_finished: &'r (dyn Fn() + Sync),
}

impl<'r> Options<'r> {
    /// Creates options without limits or journal, for one file at a time.
    pub fn new(stop: &'r Stop) -> Self {
        Self {
            jobs: NonZero::<usize>::MIN,
            stop,
            max_failures: None,
            max_changes: None,
            durability: Durability::Full,
            runs: None,
            data: Value::Null,
            on_finished: &|| {},
        }
    }
}

/// What happened in a run. Each target has exactly one event other than [`Event::Notice`], in the order of the targets.
#[derive(Debug)]
pub enum Event<'t, R, E> {
    /// An action for a running MicroSIP.
    Notice(Notice),
    /// The work on a target succeeded.
    Done(&'t Target, R),
    /// The work on a target failed.
    Failed(&'t Target, E),
    /// There is no file to work on.
    NoFile(&'t Target, &'t TargetError),
    /// The run stopped before the target.
    Skipped(&'t Target),
}

/// The result of a run.
#[derive(Debug)]
pub struct Summary {
    /// The number of targets.
    pub files: usize,
    /// The number of files that changed, or would change.
    pub changed: usize,
    /// The number of failed targets.
    pub failed: usize,
    /// The number of skipped targets.
    pub skipped: usize,
    /// Why the run ended.
    pub end: End,
    /// Why there is no journal of what the run changed.
    pub journal_error: Option<store::Error>,
}

/// Why a run ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum End {
    /// It reached its last file.
    Finished,
    /// [`Options::stop`] was requested.
    Stopped,
    /// It reached [`Options::max_failures`].
    MaxFailures,
    /// It reached [`Options::max_changes`].
    MaxChanges,
}

/// Processes many files in parallel, and reports each in the order of the files. A file that fails doesn't stop the
/// others.
///
/// For any number of files, only a few results are queued: workers wait until the callback has processed them.
///
/// # Example
///
/// The crate page shows how to apply a setting to many files and how to undo that. This reads files:
///
/// ```
/// use msipctl_core::apply;
/// use msipctl_core::fleet::{Event, Options, Runner, Stop, Target, Targets};
/// use winini::CodePage;
///
/// let folder = tempfile::tempdir()?;
/// let files = ["a.ini", "b.ini"].map(|name| folder.path().join(name));
/// std::fs::write(&files[0], "[Settings]")?;
/// let targets = Targets::new(files.into_iter().map(|path| Target::file(path, None)).collect());
/// let stop = Stop::new();
/// let read = |target: &Target| {
///     apply::load(target, CodePage::WESTERN).map(|document| document.bytes().len())
/// };
/// let mut lengths = Vec::new();
/// let summary = Runner::new(&targets, Options::new(&stop)).read(read, |event| {
///     lengths.push(match event {
///         Event::Done(_, length) => Some(length),
///         _ => None,
///     });
/// });
/// assert_eq!(lengths, [Some(10), None]);
/// assert_eq!(summary.failed, 1);
/// # Ok::<(), std::io::Error>(())
/// ```
pub struct Runner<'t, 'r> {
    targets: &'t Targets,
    options: Options<'r>,
}

/// The result of the work on a target; `None` if there is no file.
type WorkResult<R, E> = Option<Result<(R, State), E>>;

impl<'t, 'r> Runner<'t, 'r> {
    /// Creates the driver of a run over these targets.
    pub fn new(targets: &'t Targets, options: Options<'r>) -> Self {
        Self { targets, options }
    }

    /// Processes each file with a function that doesn't write.
    pub fn read<R: Send, E: Send>(
        &self,
        work: impl Fn(&Target) -> Result<R, E> + Sync,
        on_event: impl FnMut(Event<'t, R, E>),
    ) -> Summary {
        self.each(None, |target| Ok((work(target)?, State::Unchanged)), on_event)
    }

    /// Processes each file with a function that writes it with the given options, and reports the outcome.
    ///
    /// Unless it's a dry run, the changes of the run are recorded in a journal, so they can be undone. If `edit`
    /// already has a journal, it's continued.
    pub fn write<R: Send, E: Send>(
        &self,
        mut edit: apply::Options,
        work: impl Fn(&Target, &apply::Options) -> Result<(R, State), E> + Sync,
        on_event: impl FnMut(Event<'t, R, E>),
    ) -> Summary {
        self.begin(&mut edit);
        let summary = self.each(Some(&edit.running), |target| work(target, &edit), on_event);
        end(edit.journal.as_ref(), summary)
    }

    /// Changes each file to the state that `decide` returns for it, as [`write`](Self::write) does.
    ///
    /// `digest` reduces the outcome to what the caller needs, on the thread of the worker, so that no documents are
    /// queued for the callback.
    pub fn apply<R: Send, D: Display + Send>(
        &self,
        mut edit: apply::Options,
        decide: impl Fn(&Target, &Document) -> Result<Desired, D> + Sync,
        digest: impl Fn(&Target, Outcome) -> R + Sync,
        on_event: impl FnMut(Event<'t, R, apply::Error<D>>),
    ) -> Summary {
        let edited = |target: &Target, edited: Result<Outcome, _>| {
            let outcome = edited?;
            let state = outcome.state;
            Ok((digest(target, outcome), state))
        };
        // With one file after another, there is nothing to flush together.
        if self.options.durability == Durability::Full || self.options.max_changes.is_some() {
            let work = |target: &Target, edit: &apply::Options| {
                let decide = |document: &Document| decide(target, document);
                edited(target, apply::edit(target, edit, decide))
            };
            return self.write(edit, work, on_event);
        }
        self.begin(&mut edit);
        let work = |batch: &[&Target]| {
            let outcomes = apply::edit_together(batch, &edit, |target, it| decide(target, it));
            batch.iter().zip(outcomes).map(|(target, outcome)| edited(target, outcome)).collect()
        };
        let summary = self.each_batch(Some(&edit.running), work, on_event);
        end(edit.journal.as_ref(), summary)
    }

    /// Starts the journal of a run that edits.
    fn begin(&self, edit: &mut apply::Options) {
        if edit.journal.is_none() && !edit.dry_run {
            let record = Record { run: edit.run, command: edit.command.clone() };
            edit.journal = self.journal(&record, edit.backup.dir());
        }
    }

    /// Creates the journal of a run over several files, so that it can be undone without naming them.
    pub(super) fn journal(&self, record: &Record, backup_dir: Option<&Path>) -> Option<Journal> {
        let dir = self.options.runs?;
        let files = self.targets.list().iter().filter(|target| target.error().is_none());
        let files: Vec<PathBuf> = files.map(|target| target.path().to_owned()).collect();
        let start = Start {
            run: record.run,
            command: record.command.clone(),
            backup_dir: backup_dir.map(Path::to_owned),
            data: self.options.data.clone(),
        };
        (files.len() > 1).then(|| Journal::new(dir, &start, &files))
    }

    /// Processes each file, and also reports the actions for a running MicroSIP.
    pub(super) fn each<R: Send, E: Send>(
        &self,
        running: Option<&Running>,
        work: impl Fn(&Target) -> Result<(R, State), E> + Sync,
        on_event: impl FnMut(Event<'t, R, E>),
    ) -> Summary {
        let Options { stop, .. } = self.options;
        self.drive(running, on_event, |limit, take| {
            let work = |target: &Target| {
                limit.counted(target, target.error().is_none().then(|| work(target)))
            };
            in_order(self.targets.list(), self.jobs(), stop, work, take);
        })
    }

    /// Processes many files together; `work` returns the results in the order of the files.
    fn each_batch<R: Send, E: Send>(
        &self,
        running: Option<&Running>,
        work: impl Fn(&[&Target]) -> Vec<Result<(R, State), E>> + Sync,
        on_event: impl FnMut(Event<'t, R, E>),
    ) -> Summary {
        let Options { stop, .. } = self.options;
        self.drive(running, on_event, |limit, take| {
            let work = |batch: &[Target]| {
                let files: Vec<_> =
                    batch.iter().filter(|target| target.error().is_none()).collect();
                let mut worked = work(&files).into_iter();
                let result = |target: &Target| {
                    let worked = target.error().is_none().then(|| worked.next());
                    limit.counted(target, worked.flatten())
                };
                batch.iter().map(result).collect()
            };
            let (size, jobs) = (store::max_together(self.jobs()), self.jobs());
            in_batches(self.targets.list(), size, jobs, stop, work, take);
        })
    }

    /// Converts results to events.
    fn drive<R, E>(
        &self,
        running: Option<&Running>,
        mut on_event: impl FnMut(Event<'t, R, E>),
        run: impl FnOnce(&FailureLimit<'_>, &mut dyn FnMut(&'t Target, WorkResult<R, E>)),
    ) -> Summary {
        let targets = self.targets.list();
        let (mut changed, mut failed, mut skipped) = (0, 0, 0);
        let limit = FailureLimit { failed: AtomicUsize::new(0), options: &self.options };
        let mut rest = targets.iter();
        run(&limit, &mut |target, worked| {
            // If the run was stopped, some are missing between those that were in progress.
            for missing in rest.by_ref().take_while(|other| !std::ptr::eq(*other, target)) {
                skipped += 1;
                on_event(Event::Skipped(missing));
            }
            let notices = running.map(Running::notices).unwrap_or_default();
            notices.into_iter().for_each(|notice| on_event(Event::Notice(notice)));
            match (worked, target.error()) {
                (Some(Ok((result, state))), _) => {
                    changed += usize::from(state != State::Unchanged);
                    on_event(Event::Done(target, result));
                }
                (Some(Err(error)), _) => {
                    failed += 1;
                    on_event(Event::Failed(target, error));
                }
                (None, Some(error)) => {
                    failed += 1;
                    on_event(Event::NoFile(target, error));
                }
                (None, None) => {
                    skipped += 1;
                    on_event(Event::Skipped(target));
                }
            }
            if self.options.max_changes.is_some_and(|max| changed >= max.get()) {
                self.options.stop.request();
            }
        });
        for missing in rest {
            skipped += 1;
            on_event(Event::Skipped(missing));
        }
        let is_reached =
            |max: Option<NonZero<usize>>, count| max.is_some_and(|it| count >= it.get());
        let end = match skipped {
            0 => End::Finished,
            _ if is_reached(self.options.max_failures, failed) => End::MaxFailures,
            _ if is_reached(self.options.max_changes, changed) => End::MaxChanges,
            _ => End::Stopped,
        };
        Summary { files: targets.len(), changed, failed, skipped, end, journal_error: None }
    }

    /// Returns how many files to process in parallel. To know which files change first, it must be one.
    fn jobs(&self) -> NonZero<usize> {
        match self.options.max_changes {
            Some(_) => NonZero::<usize>::MIN,
            None => self.options.jobs,
        }
    }
}

/// Ends the journal of a run, if it has one.
pub(super) fn end(journal: Option<&Journal>, summary: Summary) -> Summary {
    let Some(journal) = journal else { return summary };
    match summary.end {
        End::Finished => journal.finish(),
        End::MaxChanges => journal.stop_at_limit(),
        End::Stopped | End::MaxFailures => {}
    }
    Summary { journal_error: journal.check().err(), ..summary }
}

/// Counts failures as they happen, while other files are worked on.
struct FailureLimit<'r> {
    failed: AtomicUsize,
    options: &'r Options<'r>,
}

impl FailureLimit<'_> {
    /// Counts a result, and stops the run after the maximum number of failures.
    fn counted<R, E>(&self, target: &Target, worked: WorkResult<R, E>) -> WorkResult<R, E> {
        (self.options.on_finished)();
        if matches!(worked, Some(Err(_))) || target.error().is_some() {
            let failed = self.failed.fetch_add(1, Ordering::Relaxed) + 1;
            if self.options.max_failures.is_some_and(|max| failed >= max.get()) {
                self.options.stop.request();
            }
        }
        worked
    }
}
