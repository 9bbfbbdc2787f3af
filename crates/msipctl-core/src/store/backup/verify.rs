//! The verification of the backups in a folder.

use std::collections::HashSet;
use std::ffi::OsString;
use std::path::{Path, PathBuf};

use super::backups::Backups;
use super::contents::{bytes, files, short_names};
use super::entry::Entry;
use super::manifest::{self, TEMPORARY};
use crate::store::error::{Error, Kind, Operation};
use crate::store::file::guard::{Guard, strays};
use crate::store::file::open_location::OpenLocation;
use crate::store::file::resolve::resolve_known;

/// The result of [`Backups::verify`] for a file in the folder.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Verdict {
    /// The name of the file in the folder.
    pub file: String,
    /// Its backup in the list.
    pub entry: Option<Entry>,
    /// Whether it's intact.
    pub state: State,
}

/// Whether a backup is intact.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum State {
    /// The content of the file matches the backup.
    Ok,
    /// The backup is in the list, but its file is missing.
    Missing,
    /// The content of the file doesn't match the backup.
    WrongHash,
    /// The file can't be read.
    Unreadable,
    /// The file isn't in the list, or is a temporary file or a lock file without a holder. A killed run may leave one.
    Stray,
}

impl Backups {
    /// Reads every backup and compares its hash. Also returns files that aren't in the list.
    ///
    /// # Errors
    ///
    /// As [`Backups::list`], and when the folder can't be listed. A backup that can't be read is a result, not an
    /// error.
    pub fn verify(&self) -> Result<Vec<Verdict>, Error> {
        self.verify_where(&[], |_| true, |_| true)
    }

    /// The same for the backups of these files only. A file that isn't in the list is returned if its name matches one
    /// of them.
    ///
    /// # Errors
    ///
    /// As [`Backups::verify`].
    pub fn verify_files<'p>(
        &self,
        paths: impl IntoIterator<Item = &'p Path>,
    ) -> Result<Vec<Verdict>, Error> {
        let targets: HashSet<_> = paths.into_iter().map(resolve_known).collect();
        let owned: Vec<_> = targets.iter().map(PathBuf::as_path).collect();
        let names = short_names(&targets);
        let mut verdicts = self.verify_where(
            &owned,
            |entry| targets.contains(&entry.path),
            |file| names.iter().any(|name| file.starts_with(&format!("{name}."))),
        )?;
        for target in owned {
            let Ok(location) = OpenLocation::open(target, Operation::OpenFolder) else { continue };
            let left = strays(&location);
            if left.is_empty() || Guard::is_held(&location) {
                continue;
            }
            let file = |name: OsString| name.to_string_lossy().into_owned();
            let left = left.into_iter().map(file);
            verdicts.extend(left.map(|file| Verdict { file, entry: None, state: State::Stray }));
        }
        Ok(verdicts)
    }

    fn verify_where(
        &self,
        targets: &[&Path],
        is_meant: impl Fn(&Entry) -> bool,
        is_name: impl Fn(&str) -> bool,
    ) -> Result<Vec<Verdict>, Error> {
        let Some(folder) = self.folder(targets)? else { return Ok(Vec::new()) };
        let (mut verdicts, mut listed) = (Vec::new(), HashSet::new());
        for entry in manifest::list(&folder)? {
            listed.insert(entry.file.clone());
            if !is_meant(&entry) {
                continue;
            }
            let state = match bytes(&folder, &entry) {
                Ok(_) => State::Ok,
                Err(error) => match error.kind() {
                    Kind::BackupNotFound => State::Missing,
                    Kind::BackupDamaged => State::WrongHash,
                    _ => State::Unreadable,
                },
            };
            verdicts.push(Verdict { file: entry.file.clone(), entry: Some(entry), state });
        }
        let mut stray = files(&folder)?;
        stray.retain(|file| {
            !listed.contains(file) && (is_name(file) || file.starts_with(TEMPORARY))
        });
        let stray = stray.into_iter();
        verdicts.extend(stray.map(|file| Verdict { file, entry: None, state: State::Stray }));
        Ok(verdicts)
    }
}
