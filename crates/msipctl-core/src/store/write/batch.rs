//! Many files that are flushed in one call and put in place together.

use std::ffi::OsString;
use std::num::NonZero;
use std::path::PathBuf;
use std::sync::Arc;

use super::stage::{Staged, Written};
use crate::store::backup::manifest::MANIFEST;
use crate::store::backup::take::Taken;
use crate::store::error::{Error, Operation};
use crate::store::file::lock::Locked;
use crate::store::run::journal::Journal;
use crate::store::system::{self, Flushes, OpenFolder};

/// The maximum number of files that are put in place together.
const TOGETHER: usize = 256;

/// Returns how many files can be staged for [`put_together`] at the same time by `jobs` threads, because each keeps its
/// lock open.
pub fn max_together(jobs: NonZero<usize>) -> NonZero<usize> {
    let most = system::open_files() / 4 / jobs;
    NonZero::new(most.min(TOGETHER)).unwrap_or(NonZero::<usize>::MIN)
}

/// Puts staged files in place: flushes all, records them in the journal, renames each, and flushes again. Holds the
/// locks until the end. Returns the results in the order of the files.
///
/// On Linux, a flush is one call for each file system; elsewhere, it's one for each file.
///
/// # Errors
///
/// For each file as [`Locked::replace`]. If the first flush or the journal fails, all files are unchanged.
///
/// # Example
///
/// ```
/// use msipctl_core::store::{self, BackupPolicy, Durability, LockOptions, Record, RunId};
///
/// let folder = tempfile::tempdir()?;
/// let record = Record { run: RunId::new(), command: "set Settings.autoAnswer".into() };
/// let mut staged = Vec::new();
/// for name in ["a.ini", "b.ini"] {
///     std::fs::write(folder.path().join(name), "old")?;
///     let locked = store::lock(&folder.path().join(name), &LockOptions::default()).unwrap();
///     let policy = BackupPolicy::default();
///     staged.extend(locked.stage(b"new", &record, &policy, Durability::Batch).unwrap());
/// }
/// assert_eq!(std::fs::read(folder.path().join("a.ini"))?, b"old");
/// let written = store::put_together(staged, None);
/// assert!(written.iter().all(|written| written.as_ref().is_ok_and(|written| written.changed)));
/// assert_eq!(std::fs::read(folder.path().join("a.ini"))?, b"new");
/// # Ok::<(), std::io::Error>(())
/// ```
pub fn put_together(staged: Vec<Staged>, journal: Option<&Journal>) -> Vec<Result<Written, Error>> {
    let (mut before, mut after) = (Flushes::new(), Flushes::new());
    let add = |flushes: &mut Flushes, folder: &Arc<OpenFolder>, files: Vec<OsString>| {
        let known = flushes.entry(folder.path().to_owned());
        known.or_insert_with(|| (Arc::clone(folder), Vec::new())).1.extend(files);
    };
    let mut changes = Vec::new();
    for Staged { ready, locked } in &staged {
        let folder = locked.location().folder();
        add(&mut before, folder, vec![ready.temporary.name().to_owned()]);
        add(&mut after, folder, Vec::new());
        if let Some(taken) = &ready.taken {
            let files = vec![OsString::from(&taken.entry.file), OsString::from(MANIFEST)];
            add(&mut before, taken.folder(), files);
            if let Some(parent) = taken.folder().created_in() {
                add(&mut before, parent, Vec::new());
            }
        }
        changes.push(ready.change(locked.snapshot()));
    }
    let noted = match journal {
        None => Ok(()),
        Some(journal) => journal.note(&changes).and_then(|()| journal.flush()),
    };
    let failed = match noted {
        Err(error) => Some(error),
        Ok(()) => {
            let flushed = system::flush_together(&before);
            flushed.err().map(|error| Error::io(PathBuf::new(), Operation::Flush, error))
        }
    };
    if let Some(error) = failed {
        let errors =
            staged.iter().map(|it| Err(error.again(it.locked.snapshot().path()))).collect();
        // From last to first, so that each is the last line of its list.
        staged.into_iter().rev().for_each(drop);
        return errors;
    }
    let put = |Staged { ready, locked }: Staged| {
        let put = ready.put(&locked);
        put.map(|taken| (taken, locked))
    };
    let put: Vec<_> = staged.into_iter().map(put).collect();
    let flushed = match put.iter().any(Result::is_ok) {
        true => system::flush_together(&after),
        false => Ok(()),
    };
    let flushed = flushed.map_err(|error| Error::io(PathBuf::new(), Operation::FlushFolder, error));
    let settle = |(taken, locked): (Option<Taken>, Locked)| {
        let backup = taken.map(|taken| taken.settle().id);
        match &flushed {
            Ok(()) => Ok(Written { backup, changed: true }),
            Err(error) => Err(error.again(locked.snapshot().path())),
        }
    };
    put.into_iter().map(|put| put.and_then(settle)).collect()
}
