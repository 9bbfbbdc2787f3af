//! Single files: which one a handle is, and putting one in the place of another with all that belongs to it.

use std::ffi::OsString;
use std::fs::{File, OpenOptions};
use std::io;
use std::os::windows::ffi::OsStringExt;
use std::os::windows::fs::OpenOptionsExt;
use std::os::windows::io::AsRawHandle;
use std::path::{Component, Path, PathBuf};
use std::ptr;

use windows_sys::Win32::Storage::FileSystem::{
    BY_HANDLE_FILE_INFORMATION, FILE_FLAG_BACKUP_SEMANTICS, FILE_FLAG_OPEN_REPARSE_POINT,
    FILE_READ_ATTRIBUTES, FindClose, FindFirstFileNameW, FindNextFileNameW,
    GetFileInformationByHandle, GetFinalPathNameByHandleW, REPLACEFILE_WRITE_THROUGH, ReplaceFileW,
    SetFileAttributesW,
};

use windows_sys::Win32::Foundation::INVALID_HANDLE_VALUE;

use super::library::Library;
use super::text::wide_path;

/// There are no more names.
const ERROR_HANDLE_EOF: i32 = 38;

/// Which file it is, among all of its computer, and what is known of it without reading it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct FileId {
    /// The serial number of its volume.
    pub volume: u32,
    /// Its number on the volume.
    pub index: u64,
    /// How many names it has.
    pub links: u32,
    /// How many bytes it has.
    pub length: u64,
    /// When its bytes were last changed, in tenths of microseconds since 1601.
    pub modified: u64,
    /// Its attributes, as `FILE_ATTRIBUTE_...` bits.
    pub attributes: u32,
}

/// Says which file is open.
///
/// # Errors
///
/// When the system refuses.
pub fn identify(file: &File) -> io::Result<FileId> {
    let mut found = BY_HANDLE_FILE_INFORMATION::default();
    // SAFETY: the handle is open for as long as `file` is borrowed, and `found` is a live structure of
    // the type the call fills.
    let done = unsafe { GetFileInformationByHandle(file.as_raw_handle(), &mut found) };
    if done == 0 {
        return Err(io::Error::last_os_error());
    }
    let both = |high: u32, low: u32| u64::from(high) << 32 | u64::from(low);
    let modified = found.ftLastWriteTime;
    Ok(FileId {
        volume: found.dwVolumeSerialNumber,
        index: both(found.nFileIndexHigh, found.nFileIndexLow),
        links: found.nNumberOfLinks,
        length: both(found.nFileSizeHigh, found.nFileSizeLow),
        modified: both(modified.dwHighDateTime, modified.dwLowDateTime),
        attributes: found.dwFileAttributes,
    })
}

/// Says which file or folder stands at a path, without following a link and without reading it.
///
/// # Errors
///
/// When there is none, or the system refuses.
#[expect(clippy::disallowed_methods, reason = "opened for its attributes only")]
pub fn identify_at(path: &Path) -> io::Result<FileId> {
    let mut options = OpenOptions::new();
    options
        .access_mode(FILE_READ_ATTRIBUTES)
        .custom_flags(FILE_FLAG_BACKUP_SEMANTICS | FILE_FLAG_OPEN_REPARSE_POINT);
    identify(&options.open(path)?)
}

/// Lists the names that a file has on its volume (hard links).
///
/// # Errors
///
/// When the file system doesn't list them, as on a share, or the system can't: Wine ends a program that calls it.
pub fn names(path: &Path) -> io::Result<Vec<PathBuf>> {
    if Library::load("ntdll.dll")?.call(c"wine_get_version").is_ok() {
        return Err(io::ErrorKind::Unsupported.into());
    }
    /// A longer name than this is an error of the system.
    const MAX_UNITS: usize = 32_768;
    let root = |part: &Component<'_>| matches!(part, Component::Prefix(_) | Component::RootDir);
    let root: PathBuf = path.components().take_while(root).collect();
    let path = wide_path(path)?;
    let mut names = Vec::new();
    let mut name = vec![0_u16; MAX_UNITS];
    let mut length = MAX_UNITS as u32;
    // SAFETY: `path` has a zero at its end, `name` has room for `length` units, and all live until the call returns.
    let search = unsafe { FindFirstFileNameW(path.as_ptr(), 0, &mut length, name.as_mut_ptr()) };
    if search == INVALID_HANDLE_VALUE {
        return Err(io::Error::last_os_error());
    }
    let ended = loop {
        let end = name.iter().position(|unit| *unit == 0).unwrap_or(name.len());
        // The name begins with a separator, after the volume.
        let own = OsString::from_wide(&name[..end]);
        names.push(root.join(own.to_string_lossy().trim_start_matches('\\')));
        length = MAX_UNITS as u32;
        // SAFETY: the search is open, and `name` has room for `length` units.
        if unsafe { FindNextFileNameW(search, &mut length, name.as_mut_ptr()) } == 0 {
            break io::Error::last_os_error();
        }
    };
    // SAFETY: the search is open, and not used any more.
    unsafe { FindClose(search) };
    match ended.raw_os_error() {
        Some(ERROR_HANDLE_EOF) => Ok(names),
        _ => Err(ended),
    }
}

/// Returns the full path of an open file or folder, all links followed, as an extended path (`\\\\?\\`).
///
/// # Errors
///
/// When the system refuses, as some disks cannot tell.
pub fn final_path(file: &File) -> io::Result<PathBuf> {
    let mut units = vec![0_u16; 512];
    loop {
        let room = u32::try_from(units.len()).unwrap_or(u32::MAX);
        // SAFETY: the handle is open for as long as `file` is borrowed, and `units` has room for as many units as the
        // call is told of.
        let length =
            unsafe { GetFinalPathNameByHandleW(file.as_raw_handle(), units.as_mut_ptr(), room, 0) };
        match usize::try_from(length).unwrap_or(usize::MAX) {
            0 => return Err(io::Error::last_os_error()),
            length if length < units.len() => {
                return Ok(OsString::from_wide(units.get(..length).unwrap_or_default()).into());
            }
            length => units.resize(length + 1, 0),
        }
    }
}

/// Marks a file as hidden, read-only and so on, as `FILE_ATTRIBUTE_...` bits.
///
/// # Errors
///
/// When the system refuses.
pub fn set_attributes(path: &Path, attributes: u32) -> io::Result<()> {
    let path = wide_path(path)?;
    // SAFETY: `path` has a zero at its end and lives until the call returns.
    let done = unsafe { SetFileAttributesW(path.as_ptr(), attributes) };
    if done == 0 { Err(io::Error::last_os_error()) } else { Ok(()) }
}

/// Puts `replacement` in the place of `target`, which keeps its ACL, attributes, times of making and streams.
///
/// What `target` was then stands at `displaced`, or is gone if that is `None`.
///
/// # Errors
///
/// When the system refuses. Mostly nothing has changed then; `ERROR_UNABLE_TO_MOVE_REPLACEMENT_2` (1177)
/// says that `target` stands at `displaced`, and nothing at its own place.
pub fn replace_file(target: &Path, replacement: &Path, displaced: Option<&Path>) -> io::Result<()> {
    let target = wide_path(target)?;
    let replacement = wide_path(replacement)?;
    let displaced = displaced.map(wide_path).transpose()?;
    let displaced = displaced.as_ref().map_or(ptr::null(), Vec::as_ptr);
    // SAFETY: all three are texts with a zero at their end that live until the call returns, or null where
    // the call allows it; the last two are reserved and must be null.
    let done = unsafe {
        ReplaceFileW(
            target.as_ptr(),
            replacement.as_ptr(),
            displaced,
            REPLACEFILE_WRITE_THROUGH,
            ptr::null(),
            ptr::null(),
        )
    };
    if done == 0 { Err(io::Error::last_os_error()) } else { Ok(()) }
}
