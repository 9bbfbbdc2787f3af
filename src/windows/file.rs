//! Single files: which one a handle is, and putting one in the place of another with all that belongs to it.

use std::fs::File;
use std::io;
use std::os::windows::io::AsRawHandle;
use std::path::Path;
use std::ptr;

use windows_sys::Win32::Storage::FileSystem::{
    BY_HANDLE_FILE_INFORMATION, GetFileInformationByHandle, REPLACEFILE_WRITE_THROUGH, ReplaceFileW,
};

use super::text::wide_path;

/// Which file it is, among all of its computer, and how many names it has.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct FileId {
    /// The serial number of its volume.
    pub volume: u32,
    /// Its number on the volume.
    pub index: u64,
    /// How many names it has.
    pub links: u32,
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
    Ok(FileId {
        volume: found.dwVolumeSerialNumber,
        index: u64::from(found.nFileIndexHigh) << 32 | u64::from(found.nFileIndexLow),
        links: found.nNumberOfLinks,
        attributes: found.dwFileAttributes,
    })
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
