//! `backup restore`: restores a file, or all files of a run, from backups.

use std::path::Path;
use std::str::FromStr;

use clap::Args;
use jiff::Timestamp;

use super::flags::BackupFlags;
use crate::command::each::{Failures, GO_ON, warn_of_journal};
use crate::command::notice::print_notice;
use crate::error::CliError;
use crate::exit::Exit;
use crate::flags::RunningFlags;
use crate::interrupt;
use crate::output::{EditedFile, EditsReport, Output};
use msipctl_core::apply::Running;
use msipctl_core::fleet::{Event, Options, Undo, UndoOptions};
use msipctl_core::store::{
    self, Backups, Digest, Entry, Kind, Location, Progress, Record, RestoreOptions, Run, RunId,
    RunIdError, RunSummary,
};
use msipctl_host::process;

const EXAMPLES: &str = "\
Examples:
  # Undo the last change of a file
  msipctl backup restore MicroSIP.ini
  # Restore one backup
  msipctl backup restore MicroSIP.ini --id 20261123T090102Z-9f3c01d2
  # Restore a file as it was at a time
  msipctl backup restore MicroSIP.ini --time 2026-11-23T09:00:00Z
  # Undo a run for one file
  msipctl backup restore MicroSIP.ini --run 20261123T090102Z-9f3c
  # Undo the last run over several files
  msipctl backup restore --run last";

const SELECT_FILES: &str =
    "select the files of the run with `-i`, or run `msipctl backup list --runs` to list runs";

/// The name of the command in the list of backups.
const RESTORE: &str = "backup restore";

/// Restore a file from a backup
///
/// By default, undoes the most recent write that wasn't a restore. Backs up the current content first. Doesn't restore a file that
/// was changed since the backup, unless you pass --force.
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub(crate) struct Restore {
    /// Backup to restore, as `backup list` shows it
    ///
    /// The part from the time on is enough.
    #[arg(long, value_name = "ID", conflicts_with_all = ["run", "time"])]
    id: Option<String>,

    /// Run to undo, or `last` for the last one
    ///
    /// Restores all files that the run changed. For a run over several files, you don't have to select them. Without a file, `last`
    /// is the last run over several files that wasn't undone.
    #[arg(long, value_name = "RUN", conflicts_with = "time")]
    run: Option<RunChoice>,

    /// Restore the file as it was at a time
    ///
    /// For example, 2026-11-23T09:00:00Z.
    #[arg(long, value_name = "TIME", value_parser = time)]
    time: Option<Timestamp>,

    /// Also overwrite a file that was changed since the backup
    #[arg(long)]
    force: bool,

    /// Show what would be restored, and write nothing
    #[arg(short = 'n', long)]
    dry_run: bool,

    #[command(flatten)]
    running: RunningFlags,

    #[command(flatten)]
    which: BackupFlags,
}

fn time(text: &str) -> Result<Timestamp, String> {
    text.parse().map_err(|_| "expected a time, for example 2026-11-23T09:00:00Z".to_owned())
}

/// The run to undo.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum RunChoice {
    /// The last one.
    Last,
    /// This one.
    Id(RunId),
}

impl FromStr for RunChoice {
    type Err = RunIdError;

    fn from_str(text: &str) -> Result<Self, RunIdError> {
        match text {
            "last" => Ok(Self::Last),
            text => text.parse().map(Self::Id),
        }
    }
}

impl Restore {
    pub(super) fn run(&self, out: &mut Output) -> Result<Exit, CliError> {
        let mut chosen = Vec::new();
        let run = self.run.map(|run| self.run_of(run)).transpose()?;
        match (&self.id, &run) {
            (Some(id), _) => {
                chosen.push(self.by_id(id)?);
            }
            (None, Some(run)) if !self.which.are_named() => {
                let dir = process::runs_folder(msipctl_windows::system());
                let noted = dir.map(|dir| Run::read(&dir, run).map(|noted| (dir, noted)));
                chosen = match noted {
                    Some(Ok((dir, noted))) => return self.undo(out, &dir, &noted),
                    Some(Err(error)) if error.kind() != Kind::RunNotFound => {
                        return Err(error.into());
                    }
                    // A run over one file has no journal.
                    _ => self.of_run(run).map_err(|error| error.hint(SELECT_FILES))?,
                };
            }
            (None, Some(run)) => chosen = self.of_run(run)?,
            (None, None) => {
                for (file, backups) in self.which.folders()? {
                    let entry = self.newest(file.path(), &backups)?;
                    chosen.push((backups, entry));
                }
            }
        }
        self.restore(out, &chosen)
    }

    /// Returns the run to undo. If files are selected, the last run is that of their backups.
    fn run_of(&self, run: RunChoice) -> Result<RunId, CliError> {
        let last = match run {
            RunChoice::Id(run) => return Ok(run),
            RunChoice::Last if self.which.are_named() => {
                let mut last: Option<Entry> = None;
                for meant in self.which.by_folder()? {
                    let written = meant.backups.written(meant.list()?)?;
                    let found = written.into_iter().rfind(|it| !it.command.starts_with(RESTORE));
                    let is_later =
                        |found: &Entry| last.as_ref().is_none_or(|last| found.time > last.time);
                    last = found.filter(is_later).or(last);
                }
                last.map(|entry| entry.run)
            }
            RunChoice::Last => {
                let dir = process::runs_folder(msipctl_windows::system());
                let runs = dir.map(|dir| store::runs(&dir)).transpose()?.unwrap_or_default();
                let is_undoable = |run: &RunSummary| {
                    !run.command.starts_with(RESTORE)
                        && !matches!(run.progress, Progress::Undone(_))
                };
                runs.into_iter().rfind(is_undoable).map(|run| run.run)
            }
        };
        last.ok_or_else(|| {
            CliError::runtime("no run to undo")
                .hint("run `msipctl backup list --runs` to list runs, or select a file with `-i`")
        })
    }

    /// Finds the backups of a run in the folders of the selected files.
    fn of_run(&self, run: &RunId) -> Result<Vec<(Backups, Entry)>, CliError> {
        let mut chosen = Vec::new();
        let mut is_interrupted = false;
        for meant in self.which.by_folder()? {
            let mut entries = meant.list()?;
            entries.retain(|entry| entry.run == *run);
            let count = entries.len();
            let entries = meant.backups.written(entries)?;
            is_interrupted |= entries.len() < count;
            let entries = entries.into_iter().rev();
            chosen.extend(entries.map(|entry| (meant.backups.clone(), entry)));
        }
        if chosen.is_empty() && is_interrupted {
            let text =
                format!("nothing to restore: run `{run}` was interrupted before it wrote a file");
            return Err(CliError::runtime(text));
        }
        if chosen.is_empty() {
            return Err(CliError::runtime(format!("no backups of run `{run}` found"))
                .hint("run `msipctl backup list` to list backups"));
        }
        Ok(chosen)
    }

    /// Undoes a run over several files in parallel, by its journal in `dir`.
    fn undo(&self, out: &mut Output, dir: &Path, noted: &Run) -> Result<Exit, CliError> {
        let undo = Undo::new(noted)?;
        let files = undo.targets().list().len();
        let command = format!("{RESTORE} --run {}", noted.start.run);
        let undo_options = UndoOptions {
            dry_run: self.dry_run,
            restore: self.options(),
            running: self.running.running(),
            record: Record { run: RunId::new(), command },
        };
        let mut restored = Restored::new(out, &undo_options.record.run, self.dry_run, files);
        let progress = out.begin_progress(files);
        let options = Options {
            jobs: self.which.files.jobs(files),
            runs: Some(dir),
            on_finished: &|| progress.advance(),
            ..Options::new(interrupt::stop_by_interrupt())
        };
        let summary = undo.apply(dir, &undo_options, options, |event| match event {
            Event::Notice(notice) => print_notice(out, &notice),
            Event::Done(target, file) => {
                let file =
                    EditedFile::restored(target.path(), file.is_changed, file.backup.as_ref());
                restored.add(out, target.path(), Ok(file.of_dry_run(self.dry_run)));
            }
            Event::Failed(target, error) => restored.add(out, target.path(), Err(error.into())),
            Event::NoFile(target, error) => {
                restored.add(out, target.path(), Err(CliError::of_target(target, error)));
            }
            Event::Skipped(_) => {}
        });
        out.end_progress();
        let summary = summary?;
        warn_of_journal(out, &summary);
        let exit = restored.end(out);
        if summary.skipped > 0 {
            let done = files - summary.skipped;
            let text = format!("interrupted after {done} of {files} files");
            out.error(&CliError::runtime(text).hint(GO_ON));
            return Ok(Exit::Interrupted);
        }
        Ok(exit)
    }

    fn options(&self) -> RestoreOptions {
        RestoreOptions { force: self.force, ..RestoreOptions::default() }
    }

    /// Finds a backup by its ID among those of the selected files.
    fn by_id(&self, id: &str) -> Result<(Backups, Entry), CliError> {
        let mut missing = None;
        for meant in self.which.by_folder()? {
            match meant.backups.by_id(id) {
                Ok(entry) if meant.has(&entry)? => return Ok((meant.backups, entry)),
                Ok(entry) => {
                    let whose = format!("backup `{}` belongs to another file", entry.id);
                    missing = Some(CliError::usage(whose).at(&entry.path));
                }
                Err(error) => {
                    missing.get_or_insert(CliError::from(error));
                }
            }
        }
        Err(missing.unwrap_or_else(|| CliError::runtime(format!("backup `{id}` not found"))))
    }

    /// Finds the backup of a file: the newest, or the one with its content at a time.
    fn newest(&self, file: &Path, backups: &Backups) -> Result<Entry, CliError> {
        let entry = match self.time {
            Some(time) => backups.at(file, time)?,
            // Not a backup by a restore, so that a second restore changes nothing. Not one of a write that didn't happen, because
            // the file still has its bytes.
            None => {
                let written = backups.written(backups.by_file(file)?)?;
                written.into_iter().rfind(|it| !it.command.starts_with(RESTORE))
            }
        };
        entry.ok_or_else(|| {
            let message = match self.time {
                Some(time) => format!("no backup of a write since {time} found"),
                None => "no backups found".to_owned(),
            };
            CliError::runtime(message).at(file).hint("run `msipctl backup list` to list backups")
        })
    }

    fn restore(&self, out: &mut Output, chosen: &[(Backups, Entry)]) -> Result<Exit, CliError> {
        let run = RunId::new();
        let running = self.running.running();
        let mut restored = Restored::new(out, &run, self.dry_run, chosen.len());
        let progress = out.begin_progress(chosen.len());
        for (backups, entry) in chosen {
            let done = self.restore_one(backups, entry, &run, &running);
            progress.advance();
            running.notices().iter().for_each(|notice| print_notice(out, notice));
            restored.add(out, &entry.path, done);
        }
        out.end_progress();
        Ok(restored.end(out))
    }

    fn restore_one(
        &self,
        backups: &Backups,
        entry: &Entry,
        run: &RunId,
        running: &Running,
    ) -> Result<EditedFile, CliError> {
        if self.dry_run {
            let present = store::read(&Location::unnamed(&entry.path))?;
            let differs = Digest::of(present.bytes()) != entry.sha256;
            return Ok(EditedFile::restored(&entry.path, differs, None).of_dry_run(self.dry_run));
        }
        let command = format!("{RESTORE} {}", entry.id);
        let record = Record { run: *run, command };
        let restore = || backups.restore(entry, &record, &self.options()).map_err(CliError::from);
        let present = store::read(&Location::unnamed(&entry.path));
        let written = match present.is_ok_and(|it| Digest::of(it.bytes()) == entry.sha256) {
            true => restore()?,
            false => running.make_way(&entry.path, restore)?,
        };
        Ok(EditedFile::restored(&entry.path, written.changed, written.backup.as_ref()))
    }
}

/// The restored files.
struct Restored {
    report: EditsReport,
    failures: Failures,
    several: bool,
}

impl Restored {
    /// Begins a run over a number of files.
    fn new(out: &Output, run: &RunId, dry_run: bool, files: usize) -> Self {
        let (several, is_listed) = (files > 1, out.lists_each(files));
        let report = EditsReport::new(run, dry_run, files, is_listed);
        Self { report, failures: Failures::among(files, !is_listed), several }
    }

    /// Adds a file. The error of a single file is all there is to say.
    fn add(&mut self, out: &mut Output, path: &Path, done: Result<EditedFile, CliError>) {
        match done {
            Ok(file) => out.row(&mut self.report, file),
            Err(error) => {
                if self.several {
                    out.row(&mut self.report, EditedFile::failed(path, &error));
                }
                self.failures.add(out, &error);
            }
        }
    }

    /// Ends the report, and returns the exit code.
    fn end(&mut self, out: &mut Output) -> Exit {
        self.failures.report_groups(out);
        if self.several || !self.failures.is_total() {
            out.end(&self.report);
        }
        self.failures.exit(Exit::Success)
    }
}
