//! Appends complete lines to a log, even if several programs do so at the same time.
//!
//! A lock file next to the log serializes the writers. The bytes are written in a single call. If a killed writer left
//! an incomplete line, it's ended first, so each line comes from a single writer.

use std::ffi::OsString;
use std::fs::{self, File};
use std::io::{self, Read, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};
use std::time::Duration;

use super::guard::Guard;
use super::open_location::OpenLocation;
use super::resolve::resolve_known;
use super::trusted::open_or_create;
use crate::store::error::{Error, Kind, Operation, Reason};
use crate::store::system::Identity;

/// The interval between two checks of a log that is followed.
const POLL_INTERVAL: Duration = Duration::from_millis(200);

/// The options for appending.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Appending {
    /// How long to wait for another writer.
    pub wait: Duration,
    /// Whether to create a missing folder, for this user only.
    pub create_folder: bool,
    /// The maximum length of the file in bytes. A longer file is renamed to `NAME.old.EXTENSION`, replacing the
    /// previous one, and a new file is started.
    pub rotate_at: Option<u64>,
}

/// Appends bytes to a file, which is created if missing. `bytes` gets the length of the file and should end its last
/// line. Follows links.
///
/// # Errors
///
/// When another writer holds the lock longer than `how.wait`, when the path isn't a file, or when the system reports an
/// error. The file can contain a part of the bytes only if the disk is full.
///
/// # Example
///
/// ```
/// use std::time::Duration;
/// use msipctl_core::store::{self, Appending};
///
/// let folder = tempfile::tempdir()?;
/// let path = folder.path().join("calls.csv");
/// let how = Appending { wait: Duration::from_secs(1), create_folder: false, rotate_at: None };
/// for line in ["a\n", "b\n"] {
///     let head = |length| if length == 0 { "head\n" } else { "" };
///     store::append(&path, how, |length| format!("{}{line}", head(length)).into_bytes()).unwrap();
/// }
/// assert_eq!(std::fs::read(&path)?, b"head\na\nb\n");
/// # Ok::<(), std::io::Error>(())
/// ```
pub fn append(path: &Path, how: Appending, bytes: impl Fn(u64) -> Vec<u8>) -> Result<(), Error> {
    let fail = |error| Error::io(path, Operation::Append, error);
    let open_location = || {
        let target = resolve_known(path);
        OpenLocation::open(&target, Operation::Append).map_err(|error| match target.parent() {
            Some(folder) if error.kind() == Kind::NotFound => {
                Error::io(folder, Operation::Append, io::ErrorKind::NotFound.into())
            }
            _ => error,
        })
    };
    let location = match (open_location(), path.parent()) {
        (Err(error), Some(folder)) if how.create_folder && error.kind() == Kind::NotFound => {
            open_or_create(folder, Operation::Append)?;
            open_location()?
        }
        (opened, _) => opened?,
    };
    let _guard = Guard::take(&location, how.wait)?;
    let (mut file, mut length) = open(path, &location)?;
    let mut line = bytes(length);
    let after = length.saturating_add(line.len() as u64);
    if length > 0 && how.rotate_at.is_some_and(|most| after > most) {
        drop(file);
        let name = old(Path::new(location.name()));
        location.folder().rename(location.name(), name.as_os_str()).map_err(fail)?;
        (file, length) = open(path, &location)?;
        line = bytes(length);
    }
    if length > 0 && !ends_a_line(&mut file).map_err(fail)? {
        line.insert(0, b'\n');
    }
    file.write_all(&line).map_err(fail)
}

/// Waits without a time limit until the length of a file differs from `length`, and returns it. A missing file has no
/// length.
#[expect(clippy::disallowed_methods, reason = "only polling detects that a log grows")]
pub fn wait_for_change(path: &Path, length: u64) -> u64 {
    loop {
        let found = fs::metadata(path).map_or(0, |found| found.len());
        if found != length {
            return found;
        }
        std::thread::sleep(POLL_INTERVAL);
    }
}

/// Returns the path of the rotated file with the older lines.
fn old(path: &Path) -> PathBuf {
    let mut extension = OsString::from("old");
    if let Some(own) = path.extension() {
        extension.push(".");
        extension.push(own);
    }
    path.with_extension(extension)
}

fn open(path: &Path, location: &OpenLocation) -> Result<(File, u64), Error> {
    let fail = |error| Error::io(path, Operation::Append, error);
    let file = location.folder().open_append(location.name()).map_err(fail)?;
    let identity = Identity::of(&file)
        .map_err(fail)?
        .map_err(|found| Error::new(path, Reason::NotAFile { found }))?;
    Ok((file, identity.length()))
}

fn ends_a_line(file: &mut File) -> io::Result<bool> {
    let mut last = [0];
    file.seek(SeekFrom::End(-1))?;
    file.read_exact(&mut last)?;
    Ok(last == *b"\n")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::Kind;

    const OPTIONS: Appending =
        Appending { wait: Duration::from_secs(20), create_folder: false, rotate_at: None };

    #[test]
    fn concurrent_appends_keep_lines_intact() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a.ndjson");
        std::thread::scope(|scope| {
            for writer in 0..4 {
                let path = &path;
                scope.spawn(move || {
                    for number in 0..10 {
                        let line = format!("{writer} {number} {}\n", "x".repeat(3000));
                        append(path, OPTIONS, |_| line.clone().into_bytes()).unwrap();
                    }
                });
            }
        });
        let text = fs::read_to_string(&path).unwrap();
        assert_eq!(text.lines().count(), 40);
        assert!(text.lines().all(|line| line.len() == 3004), "a line is split");
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1, "a lock file is left");
    }

    #[test]
    fn append_terminates_a_truncated_line_first() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a.csv");
        fs::write(&path, "start").unwrap();
        append(&path, OPTIONS, |length| format!("{length}\n").into_bytes()).unwrap();
        assert_eq!(fs::read_to_string(&path).unwrap(), "start\n5\n");
    }

    #[test]
    fn append_rotation_keeps_one_old_file() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("new").join("a.ndjson");
        let how = Appending { create_folder: true, rotate_at: Some(8), ..OPTIONS };
        for line in ["1111\n", "2222\n", "3333\n"] {
            append(&path, how, |_| line.as_bytes().to_vec()).unwrap();
        }
        assert_eq!(fs::read_to_string(&path).unwrap(), "3333\n");
        assert_eq!(fs::read_to_string(old(&path)).unwrap(), "2222\n");
        assert_eq!(old(&path).file_name().unwrap(), "a.old.ndjson");
    }

    #[test]
    fn append_fails_when_the_path_is_not_a_file() {
        let folder = tempfile::tempdir().unwrap();
        let kind = |path: &Path| append(path, OPTIONS, |_| b"x\n".to_vec()).unwrap_err().kind();
        assert_eq!(kind(&folder.path().join("none").join("a.csv")), Kind::NotFound);
        let inside = folder.path().join("folder");
        fs::create_dir(&inside).unwrap();
        assert!([Kind::NotAFile, Kind::PermissionDenied].contains(&kind(&inside)));
        #[cfg(unix)]
        {
            use rustix::fs::{CWD, FileType, Mode, mknodat};
            let pipe = folder.path().join("pipe");
            mknodat(CWD, &pipe, FileType::Fifo, Mode::RWXU, 0).unwrap();
            assert_eq!(kind(&pipe), Kind::NotAFile);
        }
    }
}
