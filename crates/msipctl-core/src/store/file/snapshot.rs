//! A file as it was read, with the minimum number of system calls: open, stat, read, read the end, close.
//!
//! Invariant: the bytes of a [`Snapshot`] are all bytes of one regular file, never a part of them.

use std::fs::File;
use std::io::{self, Read};
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use crate::store::error::{Error, Operation, Reason};
use crate::store::system::{self, Identity};

/// The maximum length of a file in bytes. A real MicroSIP.ini has about ten thousand.
pub const LIMIT: u64 = 256 * 1024 * 1024;

/// Clocks of file systems tick every few milliseconds, on FAT every two seconds. A second change within the same tick
/// doesn't change the time.
const TICK: Duration = Duration::from_secs(2);

/// A file as it was read: its bytes, and the data to detect later changes.
///
/// # Example
///
/// ```
/// use msipctl_core::store;
///
/// let folder = tempfile::tempdir()?;
/// let path = folder.path().join("MicroSIP.ini");
/// std::fs::write(&path, b"\xff\xfe[\0S\0]\0")?;
///
/// let read = store::read(&path).unwrap();
/// assert_eq!(read.bytes(), b"\xff\xfe[\0S\0]\0");
/// assert_eq!(read.path(), path);
/// assert!(read.exists());
/// # Ok::<(), std::io::Error>(())
/// ```
#[derive(Clone)]
pub struct Snapshot {
    path: PathBuf,
    /// The file itself, if it isn't the path.
    target: Option<PathBuf>,
    bytes: Vec<u8>,
    /// `None` if the file doesn't exist yet.
    identity: Option<Identity>,
    read_at: SystemTime,
}

impl Snapshot {
    /// Returns the path that the caller passed.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Returns the file itself: the path after following a symbolic link.
    ///
    /// Under a lock, this is absolute and contains no links. From [`read`](crate::store::read()), it's the path that
    /// the caller passed, unless that's a link.
    pub fn target(&self) -> &Path {
        self.target.as_deref().unwrap_or(&self.path)
    }

    /// Returns the bytes of the file.
    pub fn bytes(&self) -> &[u8] {
        &self.bytes
    }

    /// Returns the bytes and drops the rest.
    pub fn into_bytes(self) -> Vec<u8> {
        self.bytes
    }

    /// Returns the bytes, and the file that they came from.
    pub fn into_status(self) -> (Vec<u8>, FileStatus) {
        let target = self.target.unwrap_or(self.path);
        (self.bytes, FileStatus { target, identity: self.identity })
    }

    /// Returns whether the file exists. `false` only under a lock that can create a file.
    pub fn exists(&self) -> bool {
        self.identity.is_some()
    }

    /// Returns how many names the file has.
    pub fn hard_links(&self) -> u64 {
        self.identity.map_or(0, |identity| identity.links())
    }

    /// Returns the status of the file when it was read.
    pub(in crate::store) fn identity(&self) -> Option<Identity> {
        self.identity
    }

    /// Returns whether the last change is so recent that another one could have the same time.
    pub(in crate::store) fn is_fresh(&self) -> bool {
        let settled =
            self.read_at.checked_sub(TICK).and_then(|at| at.duration_since(UNIX_EPOCH).ok());
        let settled = settled.and_then(|since| i64::try_from(since.as_secs()).ok());
        self.identity.is_some_and(|identity| {
            settled.is_none_or(|settled| identity.modified_second() >= settled)
        })
    }

    /// Creates the snapshot of a file that doesn't exist yet.
    pub(in crate::store) fn missing(path: &Path, target: PathBuf) -> Self {
        let read_at = SystemTime::now();
        let target = Some(target);
        Self { path: path.to_owned(), target, bytes: Vec::new(), identity: None, read_at }
    }
}

/// The location of a file, and what was read about it except its bytes.
#[derive(Debug)]
pub struct FileStatus {
    target: PathBuf,
    identity: Option<Identity>,
}

impl FileStatus {
    /// Returns whether the file is marked read-only. On Unix, that means that no user may write it.
    pub fn is_read_only(&self) -> bool {
        self.identity.is_some_and(|identity| identity.read_only())
    }

    /// Returns the same as [`readable_by_others`](crate::store::readable_by_others). Makes no system call for a file
    /// that its own mode hides from others, and few for files of the same folder.
    pub fn readable_by_others(&self) -> Option<bool> {
        system::is_visible_to_others(&self.target, &self.identity?).ok()
    }
}

/// Shows the number of bytes but not the bytes, because they may contain passwords.
impl std::fmt::Debug for Snapshot {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Snapshot")
            .field("path", &self.path)
            .field("target", &self.target())
            .field("bytes", &self.bytes.len())
            .field("identity", &self.identity)
            .finish_non_exhaustive()
    }
}

/// Reads an open file; `target` is the file itself if it isn't the path.
pub(in crate::store) fn read_open(
    path: &Path,
    target: Option<PathBuf>,
    file: &File,
    limit: u64,
) -> Result<Snapshot, Error> {
    let read_at = SystemTime::now();
    let identity = Identity::of(file).map_err(|error| Error::io(path, Operation::Read, error))?;
    read_identified(path, target, file, identity, read_at, limit)
}

/// Reads an open file whose status was read after the time `read_at`.
pub(in crate::store) fn read_identified(
    path: &Path,
    target: Option<PathBuf>,
    file: &File,
    identity: Result<Identity, &'static str>,
    read_at: SystemTime,
    limit: u64,
) -> Result<Snapshot, Error> {
    let fail = |error| Error::io(path, Operation::Read, error);
    let identity = identity.map_err(|found| Error::new(path, Reason::NotAFile { found }))?;
    let too_large = |found| Error::new(path, Reason::TooLarge { found, limit });
    if identity.length() > limit {
        return Err(too_large(identity.length()));
    }
    let bytes = read_to_end(file, identity.length(), limit).map_err(fail)?;
    if bytes.len() as u64 > limit {
        return Err(too_large(bytes.len() as u64));
    }
    log::debug!("{}: read {} bytes", path.display(), bytes.len());
    Ok(Snapshot { path: path.to_owned(), target, bytes, identity: Some(identity), read_at })
}

/// Reads up to the end, or to one byte beyond `limit`. Capacity for one byte more than expected means that a second
/// read finds the end; `Read::read_to_end` needs several.
fn read_to_end(mut file: &File, expected: u64, limit: u64) -> io::Result<Vec<u8>> {
    let capacity = usize::try_from(expected.saturating_add(1)).unwrap_or(usize::MAX);
    let mut bytes = vec![0; capacity];
    let mut filled = 0;
    while let Some(free) = bytes.get_mut(filled..).filter(|_| filled as u64 <= limit) {
        match file.read(free) {
            Ok(0) => break,
            Ok(count) => filled += count,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
        if filled == bytes.len() {
            bytes.resize(filled * 2, 0);
        }
    }
    bytes.truncate(filled);
    Ok(bytes)
}

/// Returns why a file can't be opened, for example because it isn't a file.
pub(in crate::store) fn refused(path: &Path, target: &Path, error: io::Error) -> Error {
    match Identity::at(target) {
        Ok(Err(found)) if error.kind() != io::ErrorKind::NotFound => {
            Error::new(path, Reason::NotAFile { found })
        }
        _ => Error::io(path, Operation::Open, error),
    }
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;

    #[test]
    fn file_is_read_completely_when_its_size_changes() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a.ini");
        fs::write(&path, [7; 1000]).unwrap();
        for expected in [0, 1, 999, 1000, 5000] {
            let file = File::open(&path).unwrap();
            assert_eq!(read_to_end(&file, expected, LIMIT).unwrap(), [7; 1000]);
        }
        let file = File::open(&path).unwrap();
        assert!(read_to_end(&file, 3, 10).unwrap().len() > 10);
    }
}
