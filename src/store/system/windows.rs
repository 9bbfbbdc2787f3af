//! Windows: volume and number name a file; ReplaceFileW keeps its ACL, attributes and streams.
//!
//! Another program that has a file open may keep everybody else out for a moment: an editor that saves, a
//! scanner, MicroSIP 3.22.16 at its start. So opening and replacing are tried for a while.

use std::collections::BTreeMap;
use std::ffi::{OsStr, OsString};
use std::fs::{self, DirBuilder, File, OpenOptions};
use std::io;
use std::os::windows::ffi::{OsStrExt, OsStringExt};
use std::os::windows::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use tempfile::TempPath;

use super::NotKept;
use crate::windows::{self, FileId};

/// How long a file that another program has open is tried for.
const PATIENCE: Duration = Duration::from_secs(2);

/// How long to sleep between two tries.
const SLEEP: Duration = Duration::from_millis(20);

const ERROR_ACCESS_DENIED: i32 = 5;
const ERROR_SHARING_VIOLATION: i32 = 32;
const ERROR_LOCK_VIOLATION: i32 = 33;
const ERROR_UNABLE_TO_REMOVE_REPLACED: i32 = 1175;

const FILE_ATTRIBUTE_READONLY: u32 = 0x1;
const FILE_ATTRIBUTE_DIRECTORY: u32 = 0x10;
const FILE_ATTRIBUTE_DEVICE: u32 = 0x40;
const FILE_ATTRIBUTE_REPARSE_POINT: u32 = 0x400;

/// Seconds from 1601, where Windows begins to count, to 1970.
const UNIX_EPOCH: i64 = 11_644_473_600;

/// What a file was when it was looked at: which one, how long, when changed, how marked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::store) struct Identity(FileId);

/// Owners are not handed over here, so there is none: a new file takes its folder's.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::store) enum Owner {}

impl Identity {
    /// Looks at an open file; an error text if it is none that can be read and replaced.
    pub(in crate::store) fn of(file: &File) -> io::Result<Result<Self, &'static str>> {
        windows::identify(file).map(Self::checked)
    }

    /// Looks at a path without following a link.
    pub(in crate::store) fn at(path: &Path) -> io::Result<Result<Self, &'static str>> {
        windows::identify_at(path).map(Self::checked)
    }

    fn checked(found: FileId) -> Result<Self, &'static str> {
        match found.attributes {
            bits if bits & FILE_ATTRIBUTE_REPARSE_POINT != 0 => Err("a symbolic link"),
            bits if bits & FILE_ATTRIBUTE_DIRECTORY != 0 => Err("a folder"),
            bits if bits & FILE_ATTRIBUTE_DEVICE != 0 => Err("a device"),
            _ => Ok(Self(found)),
        }
    }

    pub(in crate::store) fn length(&self) -> u64 {
        self.0.length
    }

    pub(in crate::store) fn links(&self) -> u64 {
        u64::from(self.0.links)
    }

    /// Says whether the bytes were changed after those of another file.
    pub(in crate::store) fn is_newer_than(&self, other: &Self) -> bool {
        self.0.modified > other.0.modified
    }

    /// Says whether both are the same file, whatever it holds.
    pub(in crate::store) fn is_same_file(&self, other: &Self) -> bool {
        (self.0.volume, self.0.index) == (other.0.volume, other.0.index)
    }

    /// Returns the second of the last change to the bytes.
    pub(in crate::store) fn modified_second(&self) -> i64 {
        i64::try_from(self.0.modified / 10_000_000).map_or(i64::MAX, |second| second - UNIX_EPOCH)
    }

    pub(in crate::store) fn read_only(&self) -> bool {
        self.0.attributes & FILE_ATTRIBUTE_READONLY != 0
    }

    pub(in crate::store) fn foreign_owner(&self) -> Option<Owner> {
        None
    }
}

/// Other volumes are reached by links only here, which a search does not go through.
pub(in crate::store) fn folder_number(_found: &fs::Metadata) -> Option<(u64, u64)> {
    None
}

/// Finds the names of a file, wherever they are; where the system can't list them, those in the folder of one of them.
pub(in crate::store) fn names(path: &Path, identity: &Identity) -> io::Result<Vec<PathBuf>> {
    let listed = match windows::names(path) {
        Ok(names) => names,
        Err(error) => {
            log::debug!("{}: names not listed: {error}", path.display());
            let folder = path.parent().unwrap_or(path);
            let listed = if folder.as_os_str().is_empty() { Path::new(".") } else { folder };
            let names = fs::read_dir(listed)?.map(|entry| Ok(folder.join(entry?.file_name())));
            names.collect::<io::Result<_>>()?
        }
    };
    let is_name = |name: &PathBuf| matches!(Identity::at(name), Ok(Ok(found)) if found.is_same_file(identity));
    let mut names: Vec<_> = listed.into_iter().filter(is_name).collect();
    names.sort();
    Ok(names)
}

pub(in crate::store) fn folder_owner(_folder: &Path) -> io::Result<Option<Owner>> {
    Ok(None)
}

/// Owners are not looked at here.
pub(in crate::store) fn may_restore(
    _folder: &Path,
    _target: &Path,
    _identity: Option<Identity>,
) -> io::Result<bool> {
    Ok(true)
}

/// Opens a file to read it; a folder, which cannot be opened so, is left to [`Identity::at`] to tell.
pub(in crate::store) fn open(path: &Path) -> io::Result<File> {
    patiently(|| File::open(path), in_use)
}

/// Links are followed by the system here.
pub(in crate::store) fn refused_link(_error: &io::Error) -> bool {
    false
}

/// Resolves a path whose disk cannot tell the final path of a file, as some RAM disks, shares and Wine (long
/// paths) cannot; `error` is what it said. A link is then not followed, but refused.
pub(in crate::store) fn resolve_plainly(path: &Path, error: io::Error) -> io::Result<PathBuf> {
    match fs::symlink_metadata(path) {
        Ok(found) if !found.is_symlink() => std::path::absolute(path),
        _ => Err(error),
    }
}

/// Tells whether the system refused because another program has the file open.
pub(in crate::store) fn in_use(error: &io::Error) -> bool {
    let codes = [ERROR_SHARING_VIOLATION, ERROR_LOCK_VIOLATION, ERROR_UNABLE_TO_REMOVE_REPLACED];
    error.raw_os_error().is_some_and(|code| codes.contains(&code))
}

/// Opens a lock or a manifest, made on first use.
pub(in crate::store) fn open_private(path: &Path, _owner: Option<Owner>) -> io::Result<File> {
    let mut options = OpenOptions::new();
    options.read(true).write(true).create(true).truncate(false);
    patiently(|| options.open(path), in_use)
}

/// Opens a file to append to it, made if it is missing.
pub(in crate::store) fn open_append(path: &Path) -> io::Result<File> {
    let mut options = OpenOptions::new();
    options.read(true).append(true).create(true);
    patiently(|| options.open(path), in_use)
}

/// Opens a lock file beside a target. Opening it is the lock: nobody else may until it is closed, and the
/// system removes it then, even if the program is killed.
///
/// So nothing tells whether the last holder was killed, and each holder sweeps.
pub(in crate::store) fn open_lock(path: &Path) -> io::Result<(File, bool)> {
    const GENERIC_READ: u32 = 0x8000_0000;
    const GENERIC_WRITE: u32 = 0x4000_0000;
    const DELETE: u32 = 0x0001_0000;
    const FILE_FLAG_DELETE_ON_CLOSE: u32 = 0x0400_0000;
    let mut options = OpenOptions::new();
    options
        .write(true)
        .create(true)
        .truncate(false)
        .access_mode(GENERIC_READ | GENERIC_WRITE | DELETE)
        .share_mode(0)
        .custom_flags(FILE_FLAG_DELETE_ON_CLOSE);
    // A name that goes between our open and our look would pass for a folder without rights.
    let mut tries = 0..3;
    loop {
        match options.open(path) {
            Err(error)
                if is_denied(&error)
                    && !held_by_other_user(&error, path)
                    && tries.next().is_some() => {}
            other => return other.map(|file| (file, true)),
        }
    }
}

/// Tells whether [`open_lock`] failed because the lock is held: a sharing violation, or one that is just
/// being removed, which nobody may even look at.
pub(in crate::store) fn held_by_other_user(error: &io::Error, path: &Path) -> bool {
    in_use(error)
        || is_denied(error)
            && match fs::symlink_metadata(path) {
                Ok(_) => true,
                Err(error) => is_denied(&error) || in_use(&error),
            }
}

/// Opening was the lock, so the name cannot have gone meanwhile.
pub(in crate::store) fn still_named(_file: &File, _path: &Path) -> io::Result<bool> {
    Ok(true)
}

/// Makes a folder, and the ones above it. One that exists is left as it is.
pub(in crate::store) fn create_private_folder(
    folder: &Path,
    _owner: Option<Owner>,
) -> io::Result<()> {
    DirBuilder::new().recursive(true).create(folder)
}

pub(in crate::store) fn set_owner(_file: &File, _owner: Option<Owner>) -> io::Result<()> {
    Ok(())
}

/// Renames are in the file system's own journal here, and a folder cannot be flushed without more rights.
pub(in crate::store) fn flush_folder(_folder: &Path) -> io::Result<()> {
    Ok(())
}

/// Flushes files, one after another: to flush a whole volume takes the rights of an administrator. Folders are left as
/// [`flush_folder`] leaves them.
pub(in crate::store) fn flush_together(
    folders: &BTreeMap<PathBuf, Vec<PathBuf>>,
) -> io::Result<()> {
    let mut files = folders.values().flatten();
    files.try_for_each(|file| File::options().write(true).open(file)?.sync_all())
}

/// Returns how many files may be open at a time: more than anybody needs.
pub(in crate::store) fn open_files() -> usize {
    usize::MAX
}

/// Left to [`put_in_place`].
pub(in crate::store) fn copy_attributes(
    _target: &Path,
    _identity: &Identity,
    _file: &File,
) -> Result<(), NotKept> {
    Ok(())
}

/// Puts a file, which nobody has open, in the place of the target. Between two steps of the system the target stands at `displaced`;
/// whoever is killed there leaves it to [`take_back`].
#[expect(clippy::needless_pass_by_value, reason = "the temporary file goes with the error")]
pub(in crate::store) fn put_in_place(
    temporary: TempPath,
    target: &Path,
    identity: &Identity,
    displaced: &Path,
) -> io::Result<()> {
    windows::set_attributes(&temporary, identity.0.attributes)?;
    let replace = || windows::replace_file(target, &temporary, Some(displaced));
    let replaced = patiently(replace, in_use);
    take_back(target, displaced);
    replaced
}

/// Puts a file in the place of another of msipctl's own, which readers may have open for a moment.
pub(in crate::store) fn put_over(file: TempPath, target: &Path) -> io::Result<()> {
    let mut file = Some(file);
    let persist = || match file.take() {
        None => Err(io::Error::from(io::ErrorKind::NotFound)),
        Some(mine) => mine.persist(target).map_err(|error| {
            file = Some(error.path);
            error.error
        }),
    };
    patiently(persist, |error| in_use(error) || is_denied(error))
}

/// Ends a replacement that did not come to its end: a displaced target goes back if nothing stands in its
/// place, and is removed if the new file does.
pub(in crate::store) fn take_back(target: &Path, displaced: &Path) {
    if fs::symlink_metadata(displaced).is_err() {
        return;
    }
    let done = match fs::symlink_metadata(target) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => fs::rename(displaced, target),
        _ => patiently(|| fs::remove_file(displaced), in_use),
    };
    log::debug!("{}: taken back or removed: {done:?}", displaced.display());
}

/// Tells whether other users may read a file, by the rights of large groups. Folders above it are no hindrance on
/// Windows, where everybody may go through them.
pub(in crate::store) fn readable_by_others(path: &Path) -> io::Result<bool> {
    windows::readable_by_others(path)
}

/// Tells the same of a file that was read.
pub(in crate::store) fn is_seen_by_others(path: &Path, _identity: &Identity) -> io::Result<bool> {
    windows::readable_by_others(&fs::canonicalize(path)?)
}

/// Units of a path that is no text, as hex.
pub(in crate::store) fn path_to_hex(path: &Path) -> Option<String> {
    let hex = |path: &OsStr| path.encode_wide().map(|unit| format!("{unit:04x}")).collect();
    path.to_str().is_none().then(|| hex(path.as_os_str()))
}

/// Reads back what [`path_to_hex`] wrote.
pub(in crate::store) fn path_from_hex(hex: &str) -> Option<PathBuf> {
    let digits = hex.as_bytes().chunks(4);
    let units: Option<Vec<u16>> =
        digits.map(|four| u16::from_str_radix(std::str::from_utf8(four).ok()?, 16).ok()).collect();
    Some(PathBuf::from(OsString::from_wide(&units?)))
}

fn is_denied(error: &io::Error) -> bool {
    error.raw_os_error() == Some(ERROR_ACCESS_DENIED)
}

/// Tries until it works, fails for another reason than `passes`, or the time is up.
#[expect(clippy::disallowed_methods, reason = "this is the wait for another program")]
pub(super) fn patiently<T>(
    mut call: impl FnMut() -> io::Result<T>,
    passes: impl Fn(&io::Error) -> bool,
) -> io::Result<T> {
    let began = Instant::now();
    loop {
        match call() {
            Err(error) if passes(&error) && began.elapsed() < PATIENCE => std::thread::sleep(SLEEP),
            other => return other,
        }
    }
}
