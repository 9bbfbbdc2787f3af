//! Single files: which one a handle is, and putting one in the place of another with all that belongs to it.

use std::ffi::OsString;
use std::fs::{File, OpenOptions};
use std::io;
use std::os::windows::ffi::OsStringExt;
use std::os::windows::fs::OpenOptionsExt;
use std::os::windows::io::AsRawHandle;
use std::path::{Path, PathBuf};
use std::ptr;

use windows_sys::Win32::Storage::FileSystem::{
    BY_HANDLE_FILE_INFORMATION, FILE_FLAG_BACKUP_SEMANTICS, FILE_FLAG_OPEN_REPARSE_POINT,
    FILE_READ_ATTRIBUTES, GetFileInformationByHandle, GetFinalPathNameByHandleW,
    REPLACEFILE_WRITE_THROUGH, ReplaceFileW, SetFileAttributesW,
};

use super::text::wide_path;

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
