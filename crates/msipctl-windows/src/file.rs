//! Identifies files, and replaces a file while keeping its metadata.

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

/// The error code when there are no more names.
const ERROR_HANDLE_EOF: i32 = 38;

/// The identity of a file on this PC, and its metadata.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct FileId {
    /// The serial number of the volume.
    pub volume: u32,
    /// The number of the file on the volume.
    pub index: u64,
    /// The number of hard links (names) of the file.
    pub links: u32,
    /// The size in bytes.
    pub length: u64,
    /// The time of the last change to the content, in units of 100 ns since 1601.
    pub modified: u64,
    /// The attributes, as `FILE_ATTRIBUTE_...` bits.
    pub attributes: u32,
}

/// Returns the identity of an open file.
///
/// # Errors
///
/// If the system call fails.
pub fn identify(file: &File) -> io::Result<FileId> {
    let mut found = BY_HANDLE_FILE_INFORMATION::default();
    // SAFETY: the handle is open while `file` is borrowed, and `found` has the type that the function writes.
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

/// Returns the identity of the file or folder at a path, without following links or reading its content.
///
/// # Errors
///
/// If nothing exists at the path, or if the system call fails.
#[expect(clippy::disallowed_methods, reason = "opened for its attributes only")]
pub fn identify_at(path: &Path) -> io::Result<FileId> {
    let mut options = OpenOptions::new();
    options
        .access_mode(FILE_READ_ATTRIBUTES)
        .custom_flags(FILE_FLAG_BACKUP_SEMANTICS | FILE_FLAG_OPEN_REPARSE_POINT);
    identify(&options.open(path)?)
}

/// Returns all names of a file on its volume (hard links).
///
/// # Errors
///
/// If the file system doesn't support listing them, such as on a network share, or if the system is Wine, where the call
/// would terminate the program.
pub fn names(path: &Path) -> io::Result<Vec<PathBuf>> {
    if Library::load("ntdll.dll")?.call(c"wine_get_version").is_ok() {
        return Err(io::ErrorKind::Unsupported.into());
    }
    /// The maximum length of a name, in UTF-16 code units.
    const MAX_UNITS: usize = 32_768;
    let root = |part: &Component<'_>| matches!(part, Component::Prefix(_) | Component::RootDir);
    let root: PathBuf = path.components().take_while(root).collect();
    let path = wide_path(path)?;
    let mut names = Vec::new();
    let mut name = vec![0_u16; MAX_UNITS];
    let mut length = MAX_UNITS as u32;
    // SAFETY: `path` is NUL-terminated, `name` has `length` code units, and both live until the call returns.
    let search = unsafe { FindFirstFileNameW(path.as_ptr(), 0, &mut length, name.as_mut_ptr()) };
    if search == INVALID_HANDLE_VALUE {
        return Err(io::Error::last_os_error());
    }
    let ended = loop {
        let end = name.iter().position(|unit| *unit == 0).unwrap_or(name.len());
        // The name starts with the separator after the volume.
        let own = OsString::from_wide(&name[..end]);
        names.push(root.join(own.to_string_lossy().trim_start_matches('\\')));
        length = MAX_UNITS as u32;
        // SAFETY: the search is open, and `name` has `length` code units.
        if unsafe { FindNextFileNameW(search, &mut length, name.as_mut_ptr()) } == 0 {
            break io::Error::last_os_error();
        }
    };
    // SAFETY: the search is open, and it's no longer used.
    unsafe { FindClose(search) };
    match ended.raw_os_error() {
        Some(ERROR_HANDLE_EOF) => Ok(names),
        _ => Err(ended),
    }
}

/// Returns the full path of an open file or folder, with all links resolved, as a verbatim path (`\\?\`).
///
/// # Errors
///
/// If the system call fails. Some disks don't support it.
pub fn final_path(file: &File) -> io::Result<PathBuf> {
    let mut units = vec![0_u16; 512];
    loop {
        let room = u32::try_from(units.len()).unwrap_or(u32::MAX);
        // SAFETY: the handle is open while `file` is borrowed, and `units` has `room` code units.
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

/// Sets the attributes of a file, such as hidden and read-only, as `FILE_ATTRIBUTE_...` bits.
///
/// # Errors
///
/// If the system call fails.
pub fn set_attributes(path: &Path, attributes: u32) -> io::Result<()> {
    let path = wide_path(path)?;
    // SAFETY: `path` is NUL-terminated and lives until the call returns.
    let done = unsafe { SetFileAttributesW(path.as_ptr(), attributes) };
    if done == 0 { Err(io::Error::last_os_error()) } else { Ok(()) }
}

/// Replaces `target` with `replacement`. The result keeps the ACL, attributes, creation time, and streams of `target`.
///
/// The old file is moved to `displaced`, or deleted if that is `None`.
///
/// # Errors
///
/// If the system call fails. In most cases, nothing has changed then. `ERROR_UNABLE_TO_MOVE_REPLACEMENT_2` (1177) means that
/// the old file is at `displaced`, and no file is at `target`.
pub fn replace_file(target: &Path, replacement: &Path, displaced: Option<&Path>) -> io::Result<()> {
    let target = wide_path(target)?;
    let replacement = wide_path(replacement)?;
    let displaced = displaced.map(wide_path).transpose()?;
    let displaced = displaced.as_ref().map_or(ptr::null(), Vec::as_ptr);
    // SAFETY: all three paths are NUL-terminated and live until the call returns, or are null where that is allowed. The last
    // two arguments are reserved and must be null.
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
