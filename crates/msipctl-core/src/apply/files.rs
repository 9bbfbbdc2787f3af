//! Writes complete files, such as templates: either all of them or none.

use std::path::{Path, PathBuf};

use crate::store::{self, BackupPolicy, LockOptions, Record, RunId};

/// The outcome for a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FileState {
    /// It is new.
    Written,
    /// It already had this content.
    Unchanged,
    /// It was backed up, and replaced.
    Replaced,
}

/// Why no file was written.
#[derive(Debug, thiserror::Error)]
pub enum FilesError {
    /// A file already exists with different content.
    #[error("file already exists with different content")]
    Occupied(PathBuf),
    /// The disk reported an error.
    #[error(transparent)]
    Store(#[from] store::Error),
}

/// Writes files into a folder, which is created if missing. If a file exists with different content, nothing is
/// written, unless `replace` is set. Backs up replaced files.
///
/// # Errors
///
/// [`FilesError`].
///
/// # Example
///
/// ```
/// use msipctl_core::apply::{FileState, write_files};
///
/// let folder = tempfile::tempdir()?;
/// let files = [("a.ini".to_owned(), b"[template]".to_vec())];
/// let write = |replace| write_files(folder.path(), &files, replace, "template copy");
/// assert_eq!(write(false).unwrap()[0].1, FileState::Written);
/// assert_eq!(write(false).unwrap()[0].1, FileState::Unchanged);
/// std::fs::write(folder.path().join("a.ini"), "mine")?;
/// assert!(write(false).is_err());
/// assert_eq!(write(true).unwrap()[0].1, FileState::Replaced);
/// # Ok::<(), std::io::Error>(())
/// ```
pub fn write_files(
    folder: &Path,
    files: &[(String, Vec<u8>)],
    replace: bool,
    command: &str,
) -> Result<Vec<(PathBuf, FileState)>, FilesError> {
    // Checked first, so that nothing is touched if there is nothing to write.
    let mut states = Vec::new();
    for (name, bytes) in files {
        let path = folder.join(name);
        let state = match store::read(&path) {
            Ok(found) => state(Some(found.bytes()), bytes, replace),
            Err(error) if error.kind() == store::Kind::NotFound => state(None, bytes, replace),
            Err(error) => return Err(error.into()),
        };
        states.push(state.ok_or(FilesError::Occupied(path))?);
    }
    if states.iter().all(|state| *state == FileState::Unchanged) {
        return Ok(files.iter().map(|(name, _)| folder.join(name)).zip(states).collect());
    }
    store::make_folder(folder)?;
    let options = LockOptions { create: true, ..LockOptions::default() };
    let mut taken = Vec::new();
    for (name, bytes) in files {
        let path = folder.join(name);
        let locked = store::lock(&path, &options)?;
        let found = locked.snapshot();
        let state = state(found.exists().then(|| found.bytes()), bytes, replace);
        match state {
            Some(state) => taken.push((path, locked, bytes, state)),
            None => return Err(FilesError::Occupied(path)),
        }
    }
    let record = Record { run: RunId::new(), command: command.to_owned() };
    let mut written = Vec::new();
    for (path, locked, bytes, state) in taken {
        locked.replace(bytes, &record, &BackupPolicy::default())?;
        written.push((path, state));
    }
    Ok(written)
}

/// Writes one complete file, and overwrites an existing one without a backup.
///
/// # Errors
///
/// When the folder is missing, or the system reports an error.
pub fn write_file(path: &Path, bytes: &[u8], command: &str) -> Result<(), store::Error> {
    let locked = store::lock(path, &LockOptions { create: true, ..LockOptions::default() })?;
    let record = Record { run: RunId::new(), command: command.to_owned() };
    locked.replace(bytes, &record, &BackupPolicy::None).map(drop)
}

/// Returns the outcome for a file with this content; `None` if it must not be changed.
fn state(found: Option<&[u8]>, bytes: &[u8], replace: bool) -> Option<FileState> {
    match found {
        None => Some(FileState::Written),
        Some(found) if found == bytes => Some(FileState::Unchanged),
        Some(_) => replace.then_some(FileState::Replaced),
    }
}
