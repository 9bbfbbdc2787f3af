//! Reads a complete file by the path that the caller passed.
//!
//! On Windows, a file is missing for a moment while it's replaced; reading waits for that.

use std::fs::File;
use std::io::{self, Read};
use std::path::{Path, PathBuf};
use std::time::SystemTime;

use super::guard::recover;
use super::location::AsLocation;
use super::resolve::resolve;
use super::snapshot::{LIMIT, Snapshot, read_identified, read_open, refused};
use crate::store::error::{Error, Operation, Reason};
use crate::store::input::Input;
use crate::store::system::{self, Opened, Unreached};

/// The maximum length in bytes of a text file of msipctl.
const TEXT_LIMIT: u64 = 1024 * 1024;

/// Reads a file. Follows symbolic links as its [`Location`](crate::store::Location) allows: always those in a path that
/// the user named.
///
/// # Errors
///
/// When the file doesn't exist; when it's a folder, a device, a pipe, or a socket (reading never waits for these); when
/// it exceeds [`LIMIT`], in which case nothing is read; when the path leads through a link that another user may have
/// planted; or when the system reports an error.
pub fn read(file: &(impl AsLocation + ?Sized)) -> Result<Snapshot, Error> {
    let location = file.location();
    match location.parts() {
        Some((base, rest)) => read_found(location.path(), base, rest),
        None => read_named(location.path(), LIMIT),
    }
}

/// Reads a file of a given kind that the user named, as [`read()`] does.
///
/// # Errors
///
/// As [`read()`], and when the file exceeds the limit of its kind ([`Input::limit`]). The hint of the error then says
/// what to do.
pub fn read_as(path: &Path, input: Input) -> Result<Snapshot, Error> {
    read_named(path, input.limit()).map_err(|error| error.of(input))
}

/// Checks that no link that another user may have planted leads to a file that was found. A missing file has no such
/// link.
///
/// # Errors
///
/// When such a link leads to the file.
pub fn check_links(file: &(impl AsLocation + ?Sized)) -> Result<(), Error> {
    let location = file.location();
    let Some((base, rest)) = location.parts() else { return Ok(()) };
    match system::open_found(base, rest) {
        Ok(_) | Err(Unreached::Io(_)) => Ok(()),
        Err(reason) => Err(Error::unreached(location.path(), Operation::Open, reason)),
    }
}

fn read_found(path: &Path, base: &Path, rest: &Path) -> Result<Snapshot, Error> {
    let read_at = SystemTime::now();
    let mut opened = system::open_found(base, rest);
    if matches!(&opened, Err(Unreached::Io(error)) if error.kind() == io::ErrorKind::NotFound)
        && cfg!(windows)
        && recover(path)
    {
        opened = system::open_found(base, rest);
    }
    let Opened { file, identity, is_link } = opened.map_err(|reason| match reason {
        Unreached::Io(error) if system::refused_link(&error) => {
            Error::io(path, Operation::Resolve, error)
        }
        Unreached::Io(error) => refused(path, path, error),
        reason => Error::unreached(path, Operation::Open, reason),
    })?;
    let target = if is_link { Some(resolve(path)?) } else { None };
    read_identified(path, target, &file, identity, read_at, LIMIT)
}

/// The contents of a file: small ones as bytes, and large ones as a stream.
pub enum Contents {
    /// The bytes of a small file.
    Bytes(Vec<u8>),
    /// A large file, which ends at the limit of its kind.
    Stream(Box<dyn Read + Send>),
}

/// Reads a file of up to `in_memory` bytes, or opens a larger one for reading. Follows links as [`read()`] does.
///
/// # Errors
///
/// As [`read_as`].
pub fn contents(path: &Path, in_memory: u64, input: Input) -> Result<Contents, Error> {
    let (target, file) = open_named(path)?;
    let length = file.metadata().map_err(|error| Error::io(path, Operation::Read, error))?.len();
    if length <= in_memory {
        let read = read_open(path, target, &file, input.limit());
        return Ok(Contents::Bytes(read.map_err(|error| error.of(input))?.into_bytes()));
    }
    if length > input.limit() {
        let reason = Reason::TooLarge { found: length, limit: input.limit() };
        return Err(Error::new(path, reason).of(input));
    }
    Ok(Contents::Stream(Box::new(file.take(input.limit()))))
}

fn read_named(path: &Path, limit: u64) -> Result<Snapshot, Error> {
    let (target, file) = open_named(path)?;
    read_open(path, target, &file, limit)
}

/// Opens a file that the user named, and returns the target of a link, too.
fn open_named(path: &Path) -> Result<(Option<PathBuf>, File), Error> {
    let (target, file) = match system::open(path) {
        Err(error) if system::refused_link(&error) => {
            let target = resolve(path)?;
            let file = system::open(&target);
            (Some(target), file)
        }
        Err(error) if error.kind() == io::ErrorKind::NotFound && recover(path) => {
            (None, system::open(path))
        }
        file => (None, file),
    };
    let file = file.map_err(|error| refused(path, target.as_deref().unwrap_or(path), error))?;
    Ok((target, file))
}

/// Reads a text file of msipctl, such as a key. Removes a UTF-8 BOM.
///
/// # Errors
///
/// As [`read()`], and when the file exceeds 1 MiB or isn't valid UTF-8.
pub fn read_text(path: &Path) -> Result<String, Error> {
    read_text_within(path, TEXT_LIMIT)
}

/// Reads a text file that users write for msipctl, such as a template, as [`read_text`] does.
///
/// # Errors
///
/// As [`read_text`], and when the file exceeds the limit of its kind ([`Input::limit`]).
pub fn read_text_as(path: &Path, input: Input) -> Result<String, Error> {
    read_text_within(path, input.limit()).map_err(|error| error.of(input))
}

fn read_text_within(path: &Path, limit: u64) -> Result<String, Error> {
    let target = resolve(path)?;
    let file = system::open(&target).map_err(|error| refused(path, &target, error))?;
    let bytes = read_open(path, Some(target), &file, limit)?.into_bytes();
    let text = String::from_utf8(bytes).map_err(|error| {
        Error::new(path, Reason::NotText { offset: error.utf8_error().valid_up_to() })
    })?;
    Ok(text.strip_prefix('\u{feff}').map(str::to_owned).unwrap_or(text))
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;
    use crate::store::Kind;

    fn check(path: &Path, expected: Kind) {
        let error = read(path).unwrap_err();
        assert_eq!(error.kind(), expected, "{error}");
    }

    #[test]
    fn files_of_any_size_are_read_completely() {
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
    fn oversized_files_are_rejected_before_reading() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a.ini");
        File::create(&path).unwrap().set_len(2 << 30).unwrap();
        check(&path, Kind::TooLarge);
        let error = read_text(&path).unwrap_err();
        assert!(
            error.to_string().ends_with("2147483648 bytes: expected at most 1048576"),
            "{error}"
        );
    }

    #[test]
    fn read_fails_when_the_path_is_not_a_file() {
        let folder = tempfile::tempdir().unwrap();
        check(folder.path(), Kind::NotAFile);
        check(&folder.path().join("none"), Kind::NotFound);
        let file = folder.path().join("file");
        fs::write(&file, "").unwrap();
        check(&file.join("below"), Kind::NotFound);
    }

    #[cfg(unix)]
    #[test]
    fn read_does_not_block_on_pipes_sockets_or_devices() {
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
    fn read_follows_links_and_returns_the_target() {
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
    fn text_is_read_without_its_bom() {
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
    fn debug_output_of_a_file_hides_its_bytes() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a.ini");
        fs::write(&path, "password=geheim").unwrap();
        assert!(!format!("{:?}", read(&path).unwrap()).contains("geheim"));
    }
}
