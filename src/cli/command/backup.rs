//! `backup`: the bytes from before each write, and how to get them back.

use std::collections::HashMap;
use std::path::{Path, PathBuf};

use clap::{Args, Subcommand};
use jiff::Timestamp;

use serde_json::Value;

use super::each::{Failures, GO_ON};
use super::edit::{end_journal_of, journal_of, say};
use crate::apply::Running;
use crate::cli::error::CliError;
use crate::cli::exit::Exit;
use crate::cli::flags::{FileFlags, RunningFlags, keep};
use crate::cli::output::{
    BackupRow, BackupsReport, EditedFile, EditsReport, Output, RunsReport, VerifyReport,
};
use crate::cli::process;
use crate::fleet;
use crate::store::{
    self, Backups, Digest, Entry, Journal, Kind, LockOptions, Progress, Record, RestoreOptions,
    Run, RunId, Undo, Verdict,
};
use crate::windows;

/// List, make and restore backups
#[derive(Debug, Subcommand)]
pub(in crate::cli) enum Backup {
    List(List),
    Create(Create),
    Restore(Restore),
    Prune(Prune),
    Verify(Verify),
}

impl Backup {
    pub(super) fn run(self, out: &mut Output) -> Result<Exit, CliError> {
        match self {
            Self::List(command) => command.run(out),
            Self::Create(command) => command.run(out),
            Self::Restore(command) => command.run(out),
            Self::Prune(command) => command.run(out),
            Self::Verify(command) => command.run(out),
        }
    }
}

/// Which backups.
#[derive(Debug, Args)]
struct BackupFlags {
    #[command(flatten)]
    files: FileFlags,

    /// Folder with the backups instead of `.msipctl` beside the file
    #[arg(long, value_name = "DIR")]
    backup_dir: Option<PathBuf>,
}

impl BackupFlags {
    /// Returns each file with the folder that holds its backups.
    fn folders(&self) -> Result<Vec<(PathBuf, Backups)>, CliError> {
        let files = self.files.files()?;
        Ok(files.into_iter().map(|file| (file.clone(), self.backups(&file))).collect())
    }

    fn backups(&self, file: &Path) -> Backups {
        match &self.backup_dir {
            Some(dir) => Backups::open(dir),
            None => Backups::beside(file),
        }
    }

    /// Says whether any file or folder is named.
    fn are_named(&self) -> bool {
        self.backup_dir.is_some() || self.files.are_named()
    }

    /// Returns the folders, each once, with the backups that are meant in each.
    fn by_folder(&self) -> Result<Vec<Meant>, CliError> {
        if let Some(dir) = &self.backup_dir
            && !self.files.are_named()
        {
            return Ok(vec![Meant { backups: Backups::open(dir), files: Vec::new() }]);
        }
        let mut places: HashMap<PathBuf, usize> = HashMap::new();
        let mut folders: Vec<Meant> = Vec::new();
        for (file, backups) in self.folders()? {
            let place = *places.entry(backups.dir().to_owned()).or_insert(folders.len());
            match folders.get_mut(place) {
                Some(meant) => meant.files.push(file),
                None => folders.push(Meant { backups, files: vec![file] }),
            }
        }
        Ok(folders)
    }
}

/// The backups of some files in a folder; if there are none, of all.
struct Meant {
    backups: Backups,
    files: Vec<PathBuf>,
}

impl Meant {
    /// Lists them, oldest first.
    fn list(&self) -> Result<Vec<Entry>, store::Error> {
        match self.paths() {
            None => self.backups.list(),
            Some(paths) => self.backups.by_files(paths),
        }
    }

    fn prune(&self, keep: usize) -> Result<Vec<Entry>, store::Error> {
        match self.paths() {
            None => self.backups.prune(keep),
            Some(paths) => self.backups.prune_files(paths, keep),
        }
    }

    fn verify(&self) -> Result<Vec<Verdict>, store::Error> {
        match self.paths() {
            None => self.backups.verify(),
            Some(paths) => self.backups.verify_files(paths),
        }
    }

    /// Says whether a backup is one of them, by what is listed of them.
    fn has(&self, entry: &Entry) -> Result<bool, store::Error> {
        Ok(self.files.is_empty() || self.list()?.contains(entry))
    }

    fn paths(&self) -> Option<impl Iterator<Item = &Path>> {
        (!self.files.is_empty()).then(|| self.files.iter().map(PathBuf::as_path))
    }
}

const LIST_EXAMPLES: &str = "\
Examples:
  msipctl backup list -i MicroSIP.ini
  msipctl backup list --backup-dir /var/backups/msipctl --format json
  msipctl backup list --runs";

/// List the backups of a file, oldest first; with `--backup-dir` alone, all in that folder
#[derive(Debug, Args)]
#[command(after_help = LIST_EXAMPLES)]
pub(in crate::cli) struct List {
    /// List the runs over several files instead, which `backup restore --run` undoes without naming their files
    #[arg(long, conflicts_with_all = ["ini", "backup_dir"])]
    runs: bool,

    #[command(flatten)]
    which: BackupFlags,
}

impl List {
    fn run(&self, out: &mut Output) -> Result<Exit, CliError> {
        if self.runs {
            let dir = process::runs_folder(windows::system());
            let runs = dir.map(|dir| store::runs(&dir)).transpose()?.unwrap_or_default();
            if runs.is_empty() {
                out.note("no runs");
            }
            out.report(&RunsReport::new(&runs));
            return Ok(Exit::Success);
        }
        let mut entries = Vec::new();
        for meant in self.which.by_folder()? {
            entries.extend(meant.list()?);
        }
        if entries.is_empty() {
            out.note("no backups");
        }
        out.report(&BackupsReport { backups: entries.iter().map(BackupRow::from).collect() });
        Ok(Exit::Success)
    }
}

const CREATE_EXAMPLES: &str = "\
Examples:
  msipctl backup create -i MicroSIP.ini";

/// Back a file up as it is now
#[derive(Debug, Args)]
#[command(after_help = CREATE_EXAMPLES)]
pub(in crate::cli) struct Create {
    #[command(flatten)]
    which: BackupFlags,
}

impl Create {
    fn run(&self, out: &mut Output) -> Result<Exit, CliError> {
        let record = Record { run: RunId::new(), command: "backup create".to_owned() };
        let mut made = Vec::new();
        for (file, backups) in self.which.folders()? {
            let locked = store::lock(&file, &LockOptions::default())?;
            made.push(BackupRow::from(&backups.create(&locked, &record)?));
        }
        out.report(&BackupsReport { backups: made });
        Ok(Exit::Success)
    }
}

const RESTORE_EXAMPLES: &str = "\
Examples:
  msipctl backup restore -i MicroSIP.ini
  msipctl backup restore -i MicroSIP.ini --id 20261123T090102Z-9f3c01d2
  msipctl backup restore -i MicroSIP.ini --time 2026-11-23T09:00:00Z
  msipctl backup restore -i MicroSIP.ini --run 20261123T090102Z-9f3c
  msipctl backup restore --run 20261123T090102Z-9f3c";

const NAME_THEM: &str = "name the files of the run with `-i`, or see `backup list --runs`";

/// How the command is recorded in the list of backups.
const RESTORE: &str = "backup restore";

/// Give a file its bytes of before
///
/// Without a choice the newest write that was no restore is undone. What is overwritten is backed up first, and a
/// file that was changed since the backup is left alone unless --force is given.
#[derive(Debug, Args)]
#[command(after_help = RESTORE_EXAMPLES)]
pub(in crate::cli) struct Restore {
    /// The backup of this name; the part from the time on is enough
    #[arg(long, value_name = "ID", conflicts_with_all = ["run", "time"])]
    id: Option<String>,

    /// All files that a run wrote. Those of a run over several files need not be named
    #[arg(long, value_name = "RUN", conflicts_with = "time")]
    run: Option<RunId>,

    /// The file as it was at a time, such as 2026-11-23T09:00:00Z
    #[arg(long, value_name = "TIME", value_parser = time)]
    time: Option<Timestamp>,

    /// Also overwrite a file that was changed since
    #[arg(long)]
    force: bool,

    /// Show what would be restored and write nothing
    #[arg(short = 'n', long)]
    dry_run: bool,

    #[command(flatten)]
    running: RunningFlags,

    #[command(flatten)]
    which: BackupFlags,
}

fn time(text: &str) -> Result<Timestamp, String> {
    text.parse().map_err(|_| "expected a time such as 2026-11-23T09:00:00Z".to_owned())
}

impl Restore {
    fn run(&self, out: &mut Output) -> Result<Exit, CliError> {
        let mut chosen = Vec::new();
        match (&self.id, &self.run) {
            (Some(id), _) => {
                chosen.push(self.by_id(id)?);
            }
            (None, Some(run)) if !self.which.are_named() => {
                let dir = process::runs_folder(windows::system());
                let noted = dir.map(|dir| Run::read(&dir, run).map(|noted| (dir, noted)));
                chosen = match noted {
                    Some(Ok((dir, noted))) => return self.undo(out, &dir, &noted),
                    Some(Err(error)) if error.kind() != Kind::RunNotFound => {
                        return Err(error.into());
                    }
                    // A run over one file has no journal.
                    _ => self.of_run(run).map_err(|error| error.hint(NAME_THEM))?,
                };
            }
            (None, Some(run)) => chosen = self.of_run(run)?,
            (None, None) => {
                for (file, backups) in self.which.folders()? {
                    let entry = self.newest(&file, &backups)?;
                    chosen.push((backups, entry));
                }
            }
        }
        self.restore(out, &chosen)
    }

    /// Finds the backups of a run in the folders of the files named.
    fn of_run(&self, run: &RunId) -> Result<Vec<(Backups, Entry)>, CliError> {
        let mut chosen = Vec::new();
        for meant in self.which.by_folder()? {
            let mut entries = meant.list()?;
            entries.retain(|entry| entry.run == *run);
            let entries = entries.into_iter().rev();
            chosen.extend(entries.map(|entry| (meant.backups.clone(), entry)));
        }
        if chosen.is_empty() {
            return Err(CliError::runtime(format!("no backup is of run `{run}`"))
                .hint("see `msipctl backup list`"));
        }
        Ok(chosen)
    }

    /// Undoes a run over several files, several at a time, as its journal in `dir` tells of them.
    fn undo(&self, out: &mut Output, dir: &Path, noted: &Run) -> Result<Exit, CliError> {
        let undone = noted.start.run;
        if noted.progress == Progress::Running {
            let error = CliError::precondition(format!("run `{undone}` is under way"));
            return Err(error.hint("let it end, or stop it, first"));
        }
        let undos = noted.undo()?;
        let record = Record { run: RunId::new(), command: format!("{RESTORE} --run {undone}") };
        let targets: Vec<PathBuf> = undos.iter().map(|undo| undo.target().to_owned()).collect();
        let backup_dir = noted.start.backup_dir.as_deref();
        let journal = if self.dry_run {
            None
        } else {
            journal_of(&record, backup_dir, &targets, Value::Null)
        };
        let running = self.running.running();
        let several = undos.len() > 1;
        let mut report = EditsReport::new(&record.run, self.dry_run, undos.len());
        let mut failures = Failures::among(undos.len());
        let work = |undo: &Undo| self.undo_one(undo, &record, journal.as_ref(), &running);
        let jobs = self.which.files.jobs(undos.len());
        let stop = process::stop_by_interrupt();
        let done = fleet::in_order(&undos, jobs, stop, work, |undo, done| {
            say(out, &running);
            match done {
                Ok(file) => out.row(&mut report, file),
                Err(error) => {
                    if several {
                        out.row(&mut report, EditedFile::failed(undo.target(), &error));
                    }
                    failures.add(out, &error);
                }
            }
        });
        let is_finished = done == undos.len();
        end_journal_of(out, journal.as_ref(), is_finished);
        if !self.dry_run && is_finished && failures.are_none() {
            Run::note_undone(dir, &undone, &record.run)?;
        }
        if several || !failures.is_total() {
            out.end(&report);
        }
        if !is_finished {
            let text = format!("interrupted: {done} of {} files are done", undos.len());
            out.error(&CliError::runtime(text).hint(GO_ON));
            return Ok(Exit::Interrupted);
        }
        Ok(failures.exit(Exit::Success))
    }

    fn undo_one(
        &self,
        undo: &Undo,
        record: &Record,
        journal: Option<&Journal>,
        running: &Running,
    ) -> Result<EditedFile, CliError> {
        let is_due = undo.is_due()?;
        if self.dry_run || !is_due {
            return Ok(EditedFile::restored(undo.target(), is_due, None).of_dry_run(self.dry_run));
        }
        let restore = || {
            let undone = undo.undo(record, &self.options(), journal);
            undone.inspect_err(|error| note(journal, undo, error)).map_err(CliError::from)
        };
        let written = running.make_way(undo.target(), restore)?;
        Ok(EditedFile::restored(undo.target(), written.changed, written.backup.as_ref()))
    }

    fn options(&self) -> RestoreOptions {
        RestoreOptions { force: self.force, ..RestoreOptions::default() }
    }

    /// Finds the backup of an id among those of the files that are meant.
    fn by_id(&self, id: &str) -> Result<(Backups, Entry), CliError> {
        let mut missing = None;
        for meant in self.which.by_folder()? {
            match meant.backups.by_id(id) {
                Ok(entry) if meant.has(&entry)? => return Ok((meant.backups, entry)),
                Ok(entry) => {
                    let whose = format!("backup `{}` is of another file", entry.id);
                    missing = Some(CliError::usage(whose).at(&entry.path));
                }
                Err(error) => {
                    missing.get_or_insert(CliError::from(error));
                }
            }
        }
        Err(missing.unwrap_or_else(|| CliError::runtime(format!("there is no backup `{id}`"))))
    }

    /// Finds the backup of a file: the newest, or the one that holds what it was at a time.
    fn newest(&self, file: &Path, backups: &Backups) -> Result<Entry, CliError> {
        let entry = match self.time {
            Some(time) => backups.at(file, time)?,
            // Not the ones that restoring made, so that doing it twice is doing it once.
            None => backups.by_file(file)?.into_iter().rfind(|it| !it.command.starts_with(RESTORE)),
        };
        entry.ok_or_else(|| {
            let message = match self.time {
                Some(time) => format!("no write since {time} is backed up"),
                None => "there is no backup".to_owned(),
            };
            CliError::runtime(message).at(file).hint("see `msipctl backup list`")
        })
    }

    fn restore(&self, out: &mut Output, chosen: &[(Backups, Entry)]) -> Result<Exit, CliError> {
        let run = RunId::new();
        let running = self.running.running();
        let several = chosen.len() > 1;
        let mut report = EditsReport::new(&run, self.dry_run, chosen.len());
        let mut failures = Failures::among(chosen.len());
        for (backups, entry) in chosen {
            let restored = self.restore_one(backups, entry, &run, &running);
            say(out, &running);
            match restored {
                Ok(file) => out.row(&mut report, file),
                Err(error) => {
                    if several {
                        out.row(&mut report, EditedFile::failed(&entry.path, &error));
                    }
                    failures.add(out, &error);
                }
            }
        }
        if several || !failures.is_total() {
            out.end(&report);
        }
        Ok(failures.exit(Exit::Success))
    }

    fn restore_one(
        &self,
        backups: &Backups,
        entry: &Entry,
        run: &RunId,
        running: &Running,
    ) -> Result<EditedFile, CliError> {
        if self.dry_run {
            let present = store::read(&entry.path)?;
            let differs = Digest::of(present.bytes()) != entry.sha256;
            return Ok(EditedFile::restored(&entry.path, differs, None).of_dry_run(self.dry_run));
        }
        let command = format!("{RESTORE} {}", entry.id);
        let record = Record { run: *run, command };
        let restore = || backups.restore(entry, &record, &self.options()).map_err(CliError::from);
        let present = store::read(&entry.path);
        let written = match present.is_ok_and(|it| Digest::of(it.bytes()) == entry.sha256) {
            true => restore()?,
            false => running.make_way(&entry.path, restore)?,
        };
        Ok(EditedFile::restored(&entry.path, written.changed, written.backup.as_ref()))
    }
}

/// Notes that a file was not given its bytes of before, unless it was.
fn note(journal: Option<&Journal>, undo: &Undo, error: &store::Error) {
    let noted = match journal {
        Some(journal) if !error.is_after_write() => {
            journal.failed(undo.target(), &error.to_string())
        }
        _ => return,
    };
    if let Err(error) = noted {
        log::debug!("{error}");
    }
}

const PRUNE_EXAMPLES: &str = "\
Examples:
  msipctl backup prune -i MicroSIP.ini --keep 5";

/// Remove all but the newest backups of each file
#[derive(Debug, Args)]
#[command(after_help = PRUNE_EXAMPLES)]
pub(in crate::cli) struct Prune {
    /// How many to keep for each file
    #[arg(long, value_name = "N", default_value_t = 20, value_parser = keep)]
    keep: usize,

    #[command(flatten)]
    which: BackupFlags,
}

impl Prune {
    fn run(&self, out: &mut Output) -> Result<Exit, CliError> {
        let mut removed = Vec::new();
        for meant in self.which.by_folder()? {
            removed.extend(meant.prune(self.keep)?);
        }
        out.report(&BackupsReport { backups: removed.iter().map(BackupRow::from).collect() });
        out.note(&format!("{} backups removed", removed.len()));
        Ok(Exit::Success)
    }
}

const VERIFY_EXAMPLES: &str = "\
Examples:
  msipctl backup verify -i MicroSIP.ini";

/// Check that every backup still holds the bytes that were backed up
///
/// Exits with 1 when one does not.
#[derive(Debug, Args)]
#[command(after_help = VERIFY_EXAMPLES)]
pub(in crate::cli) struct Verify {
    #[command(flatten)]
    which: BackupFlags,
}

impl Verify {
    fn run(&self, out: &mut Output) -> Result<Exit, CliError> {
        let mut verdicts = Vec::new();
        for meant in self.which.by_folder()? {
            verdicts.extend(meant.verify()?);
        }
        let report = VerifyReport::new(&verdicts);
        let sound = report.is_sound();
        out.report(&report);
        Ok(if sound { Exit::Success } else { Exit::Found })
    }
}
