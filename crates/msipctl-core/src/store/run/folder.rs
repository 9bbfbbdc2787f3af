//! The folder of journals: the journals in it, and their required owner.

use std::ffi::{OsStr, OsString};
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use crate::store::error::{Error, Kind, Operation, Reason};
use crate::store::file::guard::Guard;
use crate::store::file::list::{no_list, read_list};
use crate::store::file::open_location::OpenLocation;
use crate::store::file::trusted::{Purpose, check, open_named};
use crate::store::run_id::RunId;
use crate::store::system::OpenFolder;

/// The suffix of the names of journals.
const EXTENSION: &str = "ndjson";

/// The maximum number of journals to keep.
pub(super) const KEEP: usize = 100;

pub(super) fn path_of(dir: &Path, run: &RunId) -> PathBuf {
    dir.join(name_of(run))
}

pub(super) fn name_of(run: &RunId) -> String {
    format!("{run}.{EXTENSION}")
}

/// Opens a folder of journals, which no other user may be able to write to; `None` if there is none.
pub(super) fn open_runs(dir: &Path) -> Result<Option<Arc<OpenFolder>>, Error> {
    let folder = open_named(dir)?;
    if let Some(folder) = &folder {
        check(folder, &[], Purpose::Runs)?;
    }
    Ok(folder)
}

/// Reads a journal; `None` if there is none.
pub(super) fn text_of(
    location: &OpenLocation,
    whose: ExpectedOwner,
) -> Result<Option<Vec<u8>>, Error> {
    let path = location.path();
    let mut file = match location.folder().open_file(location.name()) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
        other => other.map_err(|error| {
            let found = no_list(location.folder(), &location.name().to_string_lossy());
            found.unwrap_or_else(|| Error::io(&path, Operation::ReadJournal, error))
        })?,
    };
    let (identity, text) = read_list(&path, &mut file, Operation::ReadJournal)?;
    if identity.owner().is_some_and(|owner| !owner.is_own(whose == ExpectedOwner::Trusted)) {
        return Err(Error::new(path, Reason::JournalForeign));
    }
    Ok(Some(text))
}

/// The required owner of a journal.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum ExpectedOwner {
    /// The user of this program.
    Own,
    /// The user of this program, or the superuser.
    Trusted,
}

/// Returns whether a run holds its journal.
pub(super) fn is_locked(location: &OpenLocation) -> bool {
    Guard::take(location, Duration::ZERO).is_err_and(|error| error.kind() == Kind::Locked)
}

/// Lists the journals in a folder, oldest first.
pub(super) fn journals(folder: &OpenFolder) -> io::Result<Vec<(RunId, OsString)>> {
    let run = |name: &OsStr| -> Option<RunId> {
        name.to_str()?.strip_suffix(EXTENSION)?.strip_suffix('.')?.parse().ok()
    };
    let names = folder.names()?.into_iter();
    Ok(names.filter_map(|name| Some((run(&name)?, name))).collect())
}

/// Removes the oldest journals, except those of runs in progress. Ignores failures.
pub(super) fn prune(folder: &Arc<OpenFolder>) {
    let found = journals(folder).unwrap_or_default();
    let surplus = (found.len() + 1).saturating_sub(KEEP);
    for (_, name) in found.into_iter().take(surplus) {
        let location = OpenLocation::new(Arc::clone(folder), name);
        if let Ok(_guard) = Guard::take(&location, Duration::ZERO) {
            let removed = folder.remove(location.name());
            log::debug!("{}: removed the journal: {removed:?}", location.path().display());
        }
    }
}
