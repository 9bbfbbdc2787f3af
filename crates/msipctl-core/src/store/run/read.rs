//! Reads the journal of a run.

use std::collections::HashMap;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::time::Duration;

use super::folder::{ExpectedOwner, is_locked, name_of, open_runs, path_of, text_of};
use super::line::{Line, Name, encode, read_start};
use super::record::{Change, Progress, Run, Step};
use crate::store::backup::entry::BackupId;
use crate::store::error::{Error, Operation, Reason};
use crate::store::file::guard::Guard;
use crate::store::file::list::finished;
use crate::store::file::open_location::OpenLocation;
use crate::store::run_id::RunId;
use crate::store::time::now;

impl Run {
    /// Reads the journal of a run. Skips truncated and invalid lines.
    ///
    /// # Errors
    ///
    /// [`Kind::RunNotFound`](crate::store::Kind::RunNotFound) when there is none, and when the system reports an error.
    /// Also when the journal belongs to neither the user of this program nor the superuser, or other users can write to
    /// its folder. Also when it isn't a file, or exceeds [`LIMIT`](crate::store::LIMIT).
    pub fn read(dir: &Path, run: &RunId) -> Result<Self, Error> {
        Self::read_at(&Self::location(dir, run)?, run, Progress::Running, ExpectedOwner::Trusted)
    }

    /// Reads the journal of a run whose command should be run again, so it must belong to the user of this program.
    ///
    /// # Errors
    ///
    /// As [`Run::read`].
    pub fn read_own(dir: &Path, run: &RunId) -> Result<Self, Error> {
        Self::read_at(&Self::location(dir, run)?, run, Progress::Running, ExpectedOwner::Own)
    }

    pub(super) fn location(dir: &Path, run: &RunId) -> Result<OpenLocation, Error> {
        let unknown = || Error::new(dir, Reason::RunNotFound { run: run.to_string() });
        let folder = open_runs(dir)?.ok_or_else(unknown)?;
        Ok(OpenLocation::new(folder, name_of(run)))
    }

    /// Reads a journal; `open` is the progress if it's locked, for example by the caller.
    pub(super) fn read_at(
        location: &OpenLocation,
        run: &RunId,
        open: Progress,
        whose: ExpectedOwner,
    ) -> Result<Self, Error> {
        let dir = location.folder().path();
        let unknown = || Error::new(dir, Reason::RunNotFound { run: run.to_string() });
        let text = text_of(location, whose)?.ok_or_else(unknown)?;
        let mut lines = finished(&text).split(|&byte| byte == b'\n');
        let (start, time) = lines.next().and_then(read_start).ok_or_else(unknown)?;
        if start.run != *run {
            return Err(unknown());
        }
        let (files, steps, progress) = (Vec::new(), Vec::new(), Progress::Interrupted);
        let mut found = Reader {
            run: Self { start, time, files, steps, progress },
            steps: Vec::new(),
            last: HashMap::new(),
        };
        lines.filter_map(|line| serde_json::from_slice(line).ok()).for_each(|line| found.add(line));
        let mut found = found.end();
        if found.progress == Progress::Interrupted && is_locked(location) {
            found.progress = open;
        }
        Ok(found)
    }

    /// Records that the run `by` undid the run `run` for all files.
    ///
    /// # Errors
    ///
    /// As [`Journal::resume`](crate::store::Journal::resume).
    pub fn note_undone(dir: &Path, run: &RunId, by: &RunId) -> Result<(), Error> {
        let path = path_of(dir, run);
        let fail = |error| Error::io(&path, Operation::WriteJournal, error);
        let location = Self::location(dir, run)?;
        // What isn't read isn't written either.
        let unknown = || Error::new(dir, Reason::RunNotFound { run: run.to_string() });
        text_of(&location, ExpectedOwner::Trusted)?.ok_or_else(unknown)?;
        let _guard = Guard::take(&location, Duration::ZERO)?;
        let (run, time) = (by.to_string(), now().to_string());
        let mut text = encode(&Line::Undone { run, time });
        text.insert(0, b'\n');
        let mut file = location.folder().open_append(location.name()).map_err(fail)?;
        file.write_all(&text).and_then(|()| file.sync_data()).map_err(fail)
    }
}

/// The part of a journal that was read.
struct Reader {
    run: Run,
    /// The steps; `None` for each step that was reverted.
    steps: Vec<Option<(PathBuf, Step)>>,
    /// The index of the last step of each file.
    last: HashMap<PathBuf, usize>,
}

impl Reader {
    fn end(self) -> Run {
        Run { steps: self.steps.into_iter().flatten().collect(), ..self.run }
    }

    fn push(&mut self, path: PathBuf, step: Step) {
        self.last.insert(path.clone(), self.steps.len());
        self.steps.push(Some((path, step)));
    }

    fn add(&mut self, line: Line) {
        match line {
            Line::Start { .. } => {}
            Line::File { path } => self.run.files.extend(path.path()),
            Line::Resumed { .. } => self.run.progress = Progress::Interrupted,
            Line::Finished { .. } => self.run.progress = Progress::Finished,
            Line::Limited { .. } => self.run.progress = Progress::Limited,
            Line::Undone { run, .. } => {
                self.run.progress = run.parse().map_or(self.run.progress, Progress::Undone);
            }
            Line::Unchanged { path } => self.step(path, |_| Some(Step::Unchanged)),
            Line::Failed { path, error } => {
                if let Some(path) = path.path() {
                    // Its last change didn't happen.
                    let last = self.last.get(&path).and_then(|&last| self.steps.get_mut(last));
                    if let Some(last) = last
                        && matches!(last, Some((_, Step::Changed(_))))
                    {
                        *last = None;
                    }
                    self.push(path, Step::Failed(error));
                }
            }
            Line::Changed { path, target, before, after, backup_dir, backup } => {
                self.step(path, |path| {
                    let digest = |text: Option<String>| text.map(|text| text.parse()).transpose();
                    Some(Step::Changed(Change {
                        path: path.to_owned(),
                        target: match target {
                            None => path.to_owned(),
                            Some(target) => target.path()?,
                        },
                        before: digest(before).ok()?,
                        after: digest(after).ok()?,
                        // Without a valid name, there is no backup to use.
                        backup: match (backup_dir, backup) {
                            (Some(dir), Some(id)) => dir.path().zip(BackupId::parse(&id)),
                            _ => None,
                        },
                    }))
                });
            }
        }
    }

    fn step(&mut self, path: Name, step: impl FnOnce(&Path) -> Option<Step>) {
        if let Some(path) = path.path()
            && let Some(step) = step(&path)
        {
            self.push(path, step);
        }
    }
}
