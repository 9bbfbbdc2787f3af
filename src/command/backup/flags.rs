//! The backups that a command uses.

use std::collections::HashMap;
use std::path::{Path, PathBuf};

use clap::Args;

use crate::error::CliError;
use crate::flags::FileFlags;
use msipctl_core::fleet::Target;
use msipctl_core::store::{self, Backups, Entry, Pruned, Verdict};

/// The backups to use.
#[derive(Debug, Args)]
pub(super) struct BackupFlags {
    #[command(flatten)]
    pub(super) files: FileFlags,

    /// Folder of the backups [default: `.msipctl` next to the file]
    #[arg(long, value_name = "DIR", help_heading = "Backups")]
    backup_dir: Option<PathBuf>,
}

impl BackupFlags {
    /// Returns each file with the folder that holds its backups.
    pub(super) fn folders(&self) -> Result<Vec<(Target, Backups)>, CliError> {
        let files = self.files.files()?;
        // The backups next to a link are those of the file that it leads to.
        files.iter().try_for_each(store::check_links)?;
        let with = |file: Target| (file.clone(), self.backups(file.path()));
        Ok(files.into_iter().map(with).collect())
    }

    fn backups(&self, file: &Path) -> Backups {
        match &self.backup_dir {
            Some(dir) => Backups::open(dir).about(file),
            None => Backups::next_to(file),
        }
    }

    /// Returns whether any file or folder is selected.
    pub(super) fn are_named(&self) -> bool {
        self.backup_dir.is_some() || self.files.are_named()
    }

    /// Returns the folders, each once, with the selected backups in each.
    pub(super) fn by_folder(&self) -> Result<Vec<Meant>, CliError> {
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

/// The backups of the selected files in a folder, or of all files if none is selected.
pub(super) struct Meant {
    pub(super) backups: Backups,
    files: Vec<PathBuf>,
}

impl Meant {
    /// Lists them, oldest first.
    pub(super) fn list(&self) -> Result<Vec<Entry>, store::Error> {
        match self.paths() {
            None => self.backups.list(),
            Some(paths) => self.backups.by_files(paths),
        }
    }

    pub(super) fn prune(&self, keep: usize) -> Result<Pruned, store::Error> {
        match self.paths() {
            None => self.backups.prune(keep),
            Some(paths) => self.backups.prune_files(paths, keep),
        }
    }

    /// Returns the backups that [`Meant::prune`] would delete, oldest first, and deletes none.
    pub(super) fn prunable(&self, keep: usize) -> Result<Vec<Entry>, store::Error> {
        let entries = self.list()?;
        let mut newer: HashMap<PathBuf, usize> = HashMap::new();
        let mut old: Vec<_> = entries.into_iter().rev().collect();
        old.retain(|entry| {
            let newer = newer.entry(entry.path.clone()).or_default();
            *newer += 1;
            *newer > keep
        });
        old.reverse();
        Ok(old)
    }

    pub(super) fn verify(&self) -> Result<Vec<Verdict>, store::Error> {
        match self.paths() {
            None => self.backups.verify(),
            Some(paths) => self.backups.verify_files(paths),
        }
    }

    /// Returns whether a backup is one of them.
    pub(super) fn has(&self, entry: &Entry) -> Result<bool, store::Error> {
        Ok(self.files.is_empty() || self.list()?.contains(entry))
    }

    fn paths(&self) -> Option<impl Iterator<Item = &Path>> {
        (!self.files.is_empty()).then(|| self.files.iter().map(PathBuf::as_path))
    }
}
