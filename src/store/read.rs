//! Reading a file whole, with the fewest calls to the system: open, look, read, read the end, close.
//!
//! Invariant: the bytes of a [`Snapshot`] are all the bytes of one regular file, never a part of them.

use std::fs::{self, File};
use std::io::{self, Read};
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use super::error::{Doing, Error, Reason};
use super::lock::recover;
use super::system::{self, Identity};

/// The longest file that is read, in bytes. A real MicroSIP.ini has some ten thousand.
pub const LIMIT: u64 = 256 * 1024 * 1024;

/// The longest text file that is read, in bytes.
const TEXT_LIMIT: u64 = 1024 * 1024;

/// Clocks of file systems tick every few milliseconds, on FAT every two seconds; a change within the tick
/// of the last one leaves the time as it was.
const TICK: Duration = Duration::from_secs(2);

/// A file as it was read: its bytes, and what is needed to tell later whether it is still the same.
///
/// # Example
///
/// ```
/// use msipctl::store;
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
    target: PathBuf,
    bytes: Vec<u8>,
    /// `None` if there is no such file yet.
    identity: Option<Identity>,
    read_at: SystemTime,
}

impl Snapshot {
    /// Returns the path as it was given.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Returns the file itself: the path with a symbolic link followed.
    ///
    /// Under a lock this is absolute and free of links. From [`read`] it is the path as given, unless that
    /// is a link.
    pub fn target(&self) -> &Path {
        &self.target
    }

    /// Returns the bytes as they stand in the file.
    pub fn bytes(&self) -> &[u8] {
        &self.bytes
    }

    /// Returns the bytes and drops the rest.
    pub fn into_bytes(self) -> Vec<u8> {
        self.bytes
    }

    /// Tells whether there was a file. `false` only under a lock that was told to create one.
    pub fn exists(&self) -> bool {
        self.identity.is_some()
    }

    /// Returns how many names the file has. More than one means that replacing it parts it from the others.
    pub fn hard_links(&self) -> u64 {
        self.identity.map_or(0, |identity| identity.links())
    }

    /// Returns what the file was when it was read.
    pub(super) fn identity(&self) -> Option<Identity> {
        self.identity
    }

    /// Tells whether the last change is so fresh that another one could have the same time.
    pub(super) fn is_fresh(&self) -> bool {
        let settled =
            self.read_at.checked_sub(TICK).and_then(|at| at.duration_since(UNIX_EPOCH).ok());
        let settled = settled.and_then(|since| i64::try_from(since.as_secs()).ok());
        self.identity.is_some_and(|identity| {
            settled.is_none_or(|settled| identity.modified_second() >= settled)
        })
    }

    /// Stands for a file that is yet to be made.
    pub(super) fn missing(path: &Path, target: PathBuf) -> Self {
        let read_at = SystemTime::now();
        Self { path: path.to_owned(), target, bytes: Vec::new(), identity: None, read_at }
    }
}

/// Shows how many bytes there are, not what they are: they may hold passwords.
impl std::fmt::Debug for Snapshot {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Snapshot")
            .field("path", &self.path)
            .field("target", &self.target)
            .field("bytes", &self.bytes.len())
            .field("identity", &self.identity)
            .finish_non_exhaustive()
    }
}

/// Reads the file at `path`, following symbolic links.
///
/// # Errors
///
/// When there is no file, when it is a folder, a device, a pipe or a socket (which is never waited for),
/// when it is longer than [`LIMIT`], of which nothing is read then, or when the system refuses.
pub fn read(path: &Path) -> Result<Snapshot, Error> {
    let (target, file) = match system::open(path) {
        Err(error) if system::refused_link(&error) => {
            let target = resolve(path)?;
            let file = system::open(&target);
            (target, file)
        }
        Err(error) if error.kind() == io::ErrorKind::NotFound && recover(path) => {
            (path.to_owned(), system::open(path))
        }
        file => (path.to_owned(), file),
    };
    let file = file.map_err(|error| refused(path, &target, error))?;
    read_open(path, target, &file, LIMIT)
}

/// Reads a text that people write for msipctl, such as a template. A UTF-8 byte order mark is dropped.
///
/// # Errors
///
/// As [`read()`], and when the file is longer than 1 MiB or is not UTF-8.
pub fn read_text(path: &Path) -> Result<String, Error> {
    let target = resolve(path)?;
    let file = system::open(&target).map_err(|error| refused(path, &target, error))?;
    let bytes = read_open(path, target, &file, TEXT_LIMIT)?.into_bytes();
    let text = String::from_utf8(bytes).map_err(|error| {
        Error::new(path, Reason::NotText { offset: error.utf8_error().valid_up_to() })
    })?;
    Ok(text.strip_prefix('\u{feff}').map(str::to_owned).unwrap_or(text))
}

/// Lists the files in a folder whose names end with `extension` (no dot, any case), sorted by name.
///
/// # Errors
///
/// When there is no such folder, or the system refuses.
pub fn list(dir: &Path, extension: &str) -> Result<Vec<PathBuf>, Error> {
    let fail = |error| Error::io(dir, Doing::List, error);
    let mut found = Vec::new();
    for entry in fs::read_dir(dir).map_err(fail)? {
        let entry = entry.map_err(fail)?;
        let path = entry.path();
        let fits = path.extension().is_some_and(|end| end.eq_ignore_ascii_case(extension));
        if fits && !entry.file_type().map_err(fail)?.is_dir() {
            found.push(path);
        }
    }
    found.sort();
    Ok(found)
}

/// Lists the folders in a folder, sorted by name. Links are none.
///
/// # Errors
///
/// As [`list`].
pub fn folders(dir: &Path) -> Result<Vec<PathBuf>, Error> {
    let fail = |error| Error::io(dir, Doing::List, error);
    let mut found = Vec::new();
    for entry in fs::read_dir(dir).map_err(fail)? {
        let entry = entry.map_err(fail)?;
        if entry.file_type().map_err(fail)?.is_dir() {
            found.push(entry.path());
        }
    }
    found.sort();
    Ok(found)
}

/// Tells whether there is a regular file at `path`, links followed. What cannot be looked at is none.
pub fn is_file(path: &Path) -> bool {
    fs::metadata(path).is_ok_and(|found| found.is_file())
}

/// Tells by its marks whether a file may be written. Nothing is opened, so an ACL may still refuse.
pub fn is_writable(path: &Path) -> bool {
    #[cfg(unix)]
    if rustix::fs::access(path, rustix::fs::Access::WRITE_OK).is_err() {
        return false;
    }
    fs::metadata(path).is_ok_and(|found| !found.permissions().readonly())
}

/// Tells whether there is a folder at `path`, links followed. What cannot be looked at is none.
pub fn is_folder(path: &Path) -> bool {
    fs::metadata(path).is_ok_and(|found| found.is_dir())
}

/// Returns the absolute path of what `path` leads to, links followed as far as it exists. What is missing
/// altogether keeps the path as given.
pub fn absolute(path: &Path) -> PathBuf {
    if let Ok(found) = fs::canonicalize(path) {
        return found;
    }
    let folder = path.parent().map(|folder| match folder.as_os_str().is_empty() {
        true => Path::new("."),
        false => folder,
    });
    match (folder.map(fs::canonicalize), path.file_name()) {
        (Some(Ok(folder)), Some(name)) => folder.join(name),
        _ => path.to_owned(),
    }
}

/// Reads a file whose path holds no link any more; a link there now is an error.
pub(super) fn read_resolved(path: &Path, target: PathBuf) -> Result<Snapshot, Error> {
    let file = system::open(&target).map_err(|error| refused(path, &target, error))?;
    read_open(path, target, &file, LIMIT)
}

/// Follows every link in `path` to an absolute path, on Windows without the mark of long ones where it is not needed.
pub(super) fn resolve(path: &Path) -> Result<PathBuf, Error> {
    dunce::canonicalize(path)
        .or_else(|error| system::resolve_plainly(path, error))
        .map_err(|error| Error::io(path, Doing::Resolve, error))
}

fn read_open(path: &Path, target: PathBuf, file: &File, limit: u64) -> Result<Snapshot, Error> {
    let fail = |error| Error::io(path, Doing::Read, error);
    let read_at = SystemTime::now();
    let identity = Identity::of(file)
        .map_err(fail)?
        .map_err(|found| Error::new(path, Reason::NotAFile { found }))?;
    let too_large = |found| Error::new(path, Reason::TooLarge { found, limit });
    if identity.length() > limit {
        return Err(too_large(identity.length()));
    }
    let bytes = read_to_end(file, identity.length(), limit).map_err(fail)?;
    if bytes.len() as u64 > limit {
        return Err(too_large(bytes.len() as u64));
    }
    log::debug!("{}: read {} bytes", target.display(), bytes.len());
    Ok(Snapshot { path: path.to_owned(), target, bytes, identity: Some(identity), read_at })
}

/// Reads up to the end, or to one byte beyond `limit`. The room for one byte more than expected makes the
/// read that finds the end the only one beyond the first, where `Read::read_to_end` makes several.
fn read_to_end(mut file: &File, expected: u64, limit: u64) -> io::Result<Vec<u8>> {
    let room = usize::try_from(expected.saturating_add(1)).unwrap_or(usize::MAX);
    let mut bytes = vec![0; room];
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

/// Says why a file could not be opened: what cannot be opened at all may be no file.
fn refused(path: &Path, target: &Path, error: io::Error) -> Error {
    match Identity::at(target) {
        Ok(Err(found)) if error.kind() != io::ErrorKind::NotFound => {
            Error::new(path, Reason::NotAFile { found })
        }
        _ => Error::io(path, Doing::Open, error),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::Kind;

    fn check(path: &Path, expected: Kind) {
        let error = read(path).unwrap_err();
        assert_eq!(error.kind(), expected, "{error}");
    }

    #[test]
    fn reads_any_bytes_whole() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a.ini");
        for length in [0_usize, 1, 2, 8191, 8192, 8193, 1_000_000] {
            let bytes: Vec<u8> = (0..length).map(|index| (index * 31 % 256) as u8).collect();
            fs::write(&path, &bytes).unwrap();
            let read = read(&path).unwrap();
            assert_eq!(read.bytes(), bytes);
            assert_eq!((read.target(), read.hard_links()), (path.as_path(), 1));
            assert_eq!(read.into_bytes(), bytes);
        }
    }

    #[test]
    fn reads_a_file_that_grew_and_one_that_shrank() {
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

    #[test]
    fn refuses_by_length_before_reading() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a.ini");
        File::create(&path).unwrap().set_len(2 << 30).unwrap();
        check(&path, Kind::TooLarge);
        let error = read_text(&path).unwrap_err();
        assert!(
            error.to_string().ends_with("2147483648 bytes, expected at most 1048576"),
            "{error}"
        );
    }

    #[test]
    fn refuses_what_is_no_file() {
        let folder = tempfile::tempdir().unwrap();
        check(folder.path(), Kind::NotAFile);
        check(&folder.path().join("none"), Kind::NotFound);
        let file = folder.path().join("file");
        fs::write(&file, "").unwrap();
        check(&file.join("below"), Kind::NotFound);
    }

    #[cfg(unix)]
    #[test]
    fn never_waits_for_a_pipe_a_socket_or_a_device() {
        use rustix::fs::{CWD, FileType, Mode, mknodat};

        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("pipe");
        mknodat(CWD, &path, FileType::Fifo, Mode::RUSR, 0).unwrap();
        check(&path, Kind::NotAFile);
        let link = folder.path().join("link");
        std::os::unix::fs::symlink(&path, &link).unwrap();
        check(&link, Kind::NotAFile);
        let socket = folder.path().join("socket");
        let _listener = std::os::unix::net::UnixListener::bind(&socket).unwrap();
        check(&socket, Kind::NotAFile);
        check(Path::new("/dev/zero"), Kind::NotAFile);
    }

    #[cfg(unix)]
    #[test]
    fn follows_links_and_tells_the_target() {
        let folder = tempfile::tempdir().unwrap();
        let path = dunce::canonicalize(folder.path()).unwrap().join("a.ini");
        fs::write(&path, "x").unwrap();
        let link = folder.path().join("link.ini");
        std::os::unix::fs::symlink("a.ini", &link).unwrap();
        let read = read(&link).unwrap();
        assert_eq!((read.path(), read.target()), (link.as_path(), path.as_path()));
        let dangling = folder.path().join("dangling.ini");
        std::os::unix::fs::symlink("none", &dangling).unwrap();
        check(&dangling, Kind::NotFound);
    }

    #[test]
    fn reads_text_without_its_mark() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a.ini");
        fs::write(&path, "\u{feff}[t]\r\n\u{e9}").unwrap();
        assert_eq!(read_text(&path).unwrap(), "[t]\r\n\u{e9}");
        fs::write(&path, b"ab\xff").unwrap();
        let error = read_text(&path).unwrap_err();
        assert_eq!(error.kind(), Kind::NotText);
        assert!(error.to_string().contains("offset 2"), "{error}");
    }

    #[test]
    fn lists_by_extension_sorted() {
        let folder = tempfile::tempdir().unwrap();
        for name in ["b.ini", "a.INI", "c.txt", "ini", "d.ini.bak"] {
            fs::write(folder.path().join(name), "").unwrap();
        }
        fs::create_dir(folder.path().join("e.ini")).unwrap();
        let found = list(folder.path(), "ini").unwrap();
        assert_eq!(found, [folder.path().join("a.INI"), folder.path().join("b.ini")]);
        let error = list(&folder.path().join("none"), "ini").unwrap_err();
        assert_eq!(error.kind(), Kind::NotFound);
    }

    #[test]
    fn lists_folders_and_tells_what_may_be_written() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("a.ini");
        fs::write(&file, "").unwrap();
        fs::create_dir(folder.path().join("sub")).unwrap();
        assert_eq!(folders(folder.path()).unwrap(), [folder.path().join("sub")]);
        assert!(is_file(&file) && !is_file(folder.path()));
        assert!(is_writable(&file));
        let mut marks = fs::metadata(&file).unwrap().permissions();
        marks.set_readonly(true);
        fs::set_permissions(&file, marks).unwrap();
        assert!(!is_writable(&file));
        assert!(!is_writable(&folder.path().join("none.ini")));
    }

    #[test]
    fn makes_paths_absolute_as_far_as_they_exist() {
        let folder = tempfile::tempdir().unwrap();
        let real = folder.path().canonicalize().unwrap();
        fs::write(real.join("a.ini"), "").unwrap();
        fs::create_dir(real.join("sub")).unwrap();
        let winding = folder.path().join("sub").join("..");
        assert_eq!(absolute(&winding.join("a.ini")), real.join("a.ini"));
        assert_eq!(absolute(&winding.join("none.ini")), real.join("none.ini"));
        let nowhere = folder.path().join("no").join("none.ini");
        assert_eq!(absolute(&nowhere), nowhere);
        assert!(absolute(Path::new("none.ini")).is_absolute());
    }

    #[test]
    fn shows_no_bytes_in_debug() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a.ini");
        fs::write(&path, "password=geheim").unwrap();
        assert!(!format!("{:?}", read(&path).unwrap()).contains("geheim"));
    }
}
