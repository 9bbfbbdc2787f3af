//! Lists the files of a tree one at a time, however many there are.

use std::fs::{self, ReadDir};
use std::path::{Path, PathBuf};

use crate::store::error::{Error, Operation};

/// The maximum depth of folders. The folders on the way to a file stay open.
const MAX_DEPTH: usize = 32;

/// Finds the files in a folder and the folders below it, in any order, and keeps none of them. Follows no links. Calls `found`
/// with each folder that can't be listed, too.
///
/// # Example
///
/// ```
/// use msipctl_core::store::each_file;
///
/// let folder = tempfile::tempdir()?;
/// std::fs::create_dir(folder.path().join("berlin"))?;
/// std::fs::write(folder.path().join("berlin").join("a.json"), "{}")?;
/// let mut names = Vec::new();
/// each_file(folder.path(), &mut |path| names.push(path.unwrap().file_name().unwrap().to_owned()));
/// assert_eq!(names, ["a.json"]);
/// # Ok::<(), std::io::Error>(())
/// ```
pub fn each_file(folder: &Path, found: &mut dyn FnMut(Result<PathBuf, Error>)) {
    let mut open: Vec<(PathBuf, ReadDir)> = Vec::new();
    let mut next = Some(folder.to_owned());
    loop {
        if let Some(folder) = next.take() {
            match fs::read_dir(&folder) {
                Ok(entries) => open.push((folder, entries)),
                Err(error) => found(Err(Error::io(&folder, Operation::List, error))),
            }
        }
        let depth = open.len();
        let Some((folder, entries)) = open.last_mut() else { return };
        match entries.next() {
            None => _ = open.pop(),
            Some(Err(error)) => found(Err(Error::io(&*folder, Operation::List, error))),
            Some(Ok(entry)) => match entry.file_type() {
                Ok(kind) if kind.is_file() => found(Ok(entry.path())),
                Ok(kind) if kind.is_dir() && depth < MAX_DEPTH => next = Some(entry.path()),
                Ok(kind) if kind.is_dir() => {
                    let error = std::io::Error::other("more than 32 folders below each other");
                    found(Err(Error::io(entry.path(), Operation::List, error)));
                }
                Ok(_) => {}
                Err(error) => found(Err(Error::io(entry.path(), Operation::List, error))),
            },
        }
    }
}
