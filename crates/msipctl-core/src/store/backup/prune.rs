//! The removal of backups, and of files that killed runs left behind.

use std::collections::{HashMap, HashSet};
use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

use super::backups::Backups;
use super::contents::{files, short_names};
use super::entry::{BackupId, Entry, Phase};
use super::manifest::{self, Manifest, TEMPORARY};
use super::take::remove;
use crate::store::error::{Error, Operation};
use crate::store::file::guard::{Guard, strays};
use crate::store::file::lock::LockOptions;
use crate::store::file::open_location::OpenLocation;
use crate::store::file::resolve::resolve_known;
use crate::store::system::{Identity, OpenFolder, Owner};

/// The age from which a temporary file belongs to a killed run.
const ABANDONED: Duration = Duration::from_secs(60 * 60);

/// What [`Backups::prune`] removed.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
#[non_exhaustive]
pub struct Pruned {
    /// The backups, oldest first.
    pub entries: Vec<Entry>,
    /// How far the writes got that they were made for.
    pub phases: Vec<Phase>,
    /// The files of killed runs: backups that aren't in a list, temporary files, and lock files without a holder.
    pub strays: Vec<PathBuf>,
}

impl Backups {
    /// Keeps the newest `keep` backups of each file, and removes the files of killed runs. These are backups that
    /// aren't in a list, temporary files that are at least an hour old, and, next to the file, lock files without a
    /// holder. Removes the lines first, so a killed run can leave files without a line, but never lines without a file.
    ///
    /// # Errors
    ///
    /// When the list can't be locked or written; it's unchanged then.
    pub fn prune(&self, keep: usize) -> Result<Pruned, Error> {
        self.prune_where(&[], keep, |_| true, |_| true)
    }

    /// The same for the backups of these files only, and for the files of killed runs that belong to them or are next
    /// to them.
    ///
    /// # Errors
    ///
    /// As [`Backups::prune`].
    pub fn prune_files<'p>(
        &self,
        paths: impl IntoIterator<Item = &'p Path>,
        keep: usize,
    ) -> Result<Pruned, Error> {
        let targets: HashSet<_> = paths.into_iter().map(resolve_known).collect();
        let owned: Vec<_> = targets.iter().map(PathBuf::as_path).collect();
        let names = short_names(&targets);
        let mut pruned = self.prune_where(
            &owned,
            keep,
            |entry| targets.contains(&entry.path),
            |id| names.contains(id.name()),
        )?;
        for target in owned {
            let Ok(location) = OpenLocation::open(target, Operation::OpenFolder) else { continue };
            let left = strays(&location);
            if left.is_empty() {
                continue;
            }
            // The current holder of the lock works on the file, so these files belong to it.
            let Ok(guard) = Guard::take(&location, Duration::ZERO) else { continue };
            guard.sweep(&location);
            drop(guard);
            let is_gone = |name: &OsString| location.folder().identity(name).is_err();
            let path = |name: OsString| location.folder().path().join(name);
            pruned.strays.extend(left.into_iter().filter(is_gone).map(path));
        }
        Ok(pruned)
    }

    fn prune_where(
        &self,
        targets: &[&Path],
        keep: usize,
        is_meant: impl Fn(&Entry) -> bool,
        is_meant_stray: impl Fn(&BackupId) -> bool,
    ) -> Result<Pruned, Error> {
        let Some(folder) = self.folder(targets)? else { return Ok(Pruned::default()) };
        let present = files(&folder)?;
        if present.is_empty() && manifest::list(&folder)?.is_empty() {
            return Ok(Pruned::default());
        }
        let wait = LockOptions::default().wait;
        let owner = folder.owner().map_err(|error| fail_open(&folder, error))?;
        let mut manifest = Manifest::open(&folder, owner.and_then(Owner::if_foreign), wait)?;
        let before = manifest::list(&folder)?;
        let phases = Phase::of_all(&before, |_| None);
        let phases: HashMap<_, _> = before.iter().map(|entry| &entry.id).zip(phases).collect();
        let entries = manifest.prune(keep, is_meant)?;
        let phase = |entry: &Entry| phases.get(&entry.id).copied().unwrap_or(Phase::Written);
        let phases = entries.iter().map(phase).collect();
        entries.iter().for_each(|entry| remove(&folder, &entry.file));
        let listed = manifest.files();
        // Backups are named under the lock, so a backup that isn't in the list now never will be.
        let mut strays = files(&folder)?;
        strays.retain(|file| match BackupId::of_file(file) {
            Some(id) => !listed.contains(file) && is_meant_stray(&id),
            None => is_abandoned(&folder, file),
        });
        strays.iter().for_each(|file| remove(&folder, file));
        let strays = strays.into_iter().map(|file| folder.path().join(file)).collect();
        Ok(Pruned { entries, phases, strays })
    }
}

/// Returns whether a temporary file is so old that no running process uses it.
fn is_abandoned(folder: &OpenFolder, file: &str) -> bool {
    let modified = |identity: Identity| u64::try_from(identity.modified_second()).unwrap_or(0);
    let now = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default();
    file.starts_with(TEMPORARY)
        && folder.identity(file.as_ref()).is_ok_and(|found| {
            let age = found.map(|identity| now.as_secs().saturating_sub(modified(identity)));
            age.is_ok_and(|age| age > ABANDONED.as_secs())
        })
}

fn fail_open(folder: &OpenFolder, error: std::io::Error) -> Error {
    Error::io(folder.path(), Operation::OpenFolder, error)
}
