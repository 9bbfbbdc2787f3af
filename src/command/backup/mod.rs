//! `backup`: the bytes from before each write, and how to get them back.

mod create;
mod list;
mod prune;
mod restore;
mod verify;

use std::collections::HashMap;
use std::path::{Path, PathBuf};

use clap::{Args, Subcommand};

use crate::error::CliError;
use crate::exit::Exit;
use crate::flags::FileFlags;
use crate::output::Output;
use msipctl_core::fleet::Target;
use msipctl_core::store::{self, Backups, Entry, Pruned, Verdict};

/// List, make and restore backups
#[derive(Debug, Subcommand)]
pub(crate) enum Backup {
    List(list::List),
    Create(create::Create),
    Restore(restore::Restore),
    Prune(prune::Prune),
    Verify(verify::Verify),
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
    fn folders(&self) -> Result<Vec<(Target, Backups)>, CliError> {
        let files = self.files.files()?;
        // The backups beside a file are those of what a link to it leads to.
        files.iter().try_for_each(store::check_links)?;
        let with = |file: Target| (file.clone(), self.backups(file.path()));
        Ok(files.into_iter().map(with).collect())
    }

    fn backups(&self, file: &Path) -> Backups {
        match &self.backup_dir {
            Some(dir) => Backups::open(dir).about(file),
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
                Some(meant) => meant.files.push(file.path().to_owned()),
                None => folders.push(Meant { backups, files: vec![file.path().to_owned()] }),
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

    fn prune(&self, keep: usize) -> Result<Pruned, store::Error> {
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
