//! Known folders, and what a program's file says of itself.

use std::io;
use std::path::{Path, PathBuf};
use std::ptr;

use windows_sys::Win32::Foundation::{
    ERROR_RESOURCE_DATA_NOT_FOUND, ERROR_RESOURCE_NAME_NOT_FOUND, ERROR_RESOURCE_TYPE_NOT_FOUND,
    S_OK,
};
use windows_sys::Win32::Storage::FileSystem::{
    GetFileVersionInfoSizeW, GetFileVersionInfoW, VS_FIXEDFILEINFO, VerQueryValueW,
};
use windows_sys::Win32::System::Com::CoTaskMemFree;
use windows_sys::Win32::UI::Shell::{
    FOLDERID_LocalAppData, FOLDERID_ProgramFiles, FOLDERID_ProgramFilesX86,
    FOLDERID_RoamingAppData, SHGetKnownFolderPath,
};

use super::Folder;
use super::text::{from_wide, wide, wide_path};

/// Marks the fixed part of a version resource.
const SIGNATURE: u32 = 0xfeef_04bd;

/// Returns where a folder is.
pub(super) fn folder(folder: Folder) -> io::Result<PathBuf> {
    let id = match folder {
        Folder::RoamingAppData => &FOLDERID_RoamingAppData,
        Folder::LocalAppData => &FOLDERID_LocalAppData,
        Folder::ProgramFiles => &FOLDERID_ProgramFiles,
        Folder::ProgramFilesX86 => &FOLDERID_ProgramFilesX86,
    };
    let mut text = ptr::null_mut();
    // SAFETY: `id` is a constant; no token means the user of this process; `text` is written to only.
    let answer = unsafe { SHGetKnownFolderPath(id, 0, ptr::null_mut(), &mut text) };
    let found = if answer == S_OK {
        let mut length = 0;
        // SAFETY: on success the call gave a text with a zero at its end; no unit behind that is read.
        while unsafe { *text.add(length) } != 0 {
            length += 1;
        }
        // SAFETY: so many units were just seen to stand there.
        Ok(PathBuf::from(from_wide(unsafe { std::slice::from_raw_parts(text, length) })))
    } else {
        Err(io::Error::from_raw_os_error(answer))
    };
    // SAFETY: the caller of the call frees the text, failed or not; null is allowed.
    unsafe { CoTaskMemFree(text.cast()) };
    found
}

/// Returns the version in a program's resource.
pub(super) fn program_version(program: &Path) -> io::Result<Option<[u16; 4]>> {
    let path = wide_path(program)?;
    // SAFETY: `path` has a zero at its end; the second argument may be null.
    let size = unsafe { GetFileVersionInfoSizeW(path.as_ptr(), ptr::null_mut()) };
    if size == 0 {
        let error = io::Error::last_os_error();
        let none = [
            ERROR_RESOURCE_DATA_NOT_FOUND,
            ERROR_RESOURCE_TYPE_NOT_FOUND,
            ERROR_RESOURCE_NAME_NOT_FOUND,
        ];
        let is_none = none.iter().any(|&code| error.raw_os_error() == Some(code as i32));
        return if is_none { Ok(None) } else { Err(error) };
    }
    let mut data = vec![0_u8; size as usize];
    // SAFETY: `path` has a zero at its end, and `data` has `size` bytes.
    if unsafe { GetFileVersionInfoW(path.as_ptr(), 0, size, data.as_mut_ptr().cast()) } == 0 {
        return Err(io::Error::last_os_error());
    }
    let root = wide("\\")?;
    let mut found = ptr::null_mut();
    let mut length = 0;
    // SAFETY: `data` holds what the call before gave, and lives on; the others are written to only.
    let done =
        unsafe { VerQueryValueW(data.as_ptr().cast(), root.as_ptr(), &mut found, &mut length) };
    if done == 0 || (length as usize) < size_of::<VS_FIXEDFILEINFO>() {
        return Ok(None);
    }
    // SAFETY: the call said that so many bytes stand there, within `data`; no alignment is taken for granted.
    let info = unsafe { found.cast::<VS_FIXEDFILEINFO>().read_unaligned() };
    if info.dwSignature != SIGNATURE {
        return Ok(None);
    }
    let halves = |both: u32| [(both >> 16) as u16, (both & 0xffff) as u16];
    let [major, minor] = halves(info.dwFileVersionMS);
    let [patch, build] = halves(info.dwFileVersionLS);
    Ok(Some([major, minor, patch, build]))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn knows_the_folders_of_the_user() {
        assert!(folder(Folder::RoamingAppData).unwrap().is_absolute());
        assert!(folder(Folder::LocalAppData).unwrap().is_absolute());
    }

    #[test]
    fn reads_the_version_of_a_part_of_windows() {
        let version = program_version(Path::new(r"C:\windows\system32\kernel32.dll")).unwrap();
        assert!(version.is_some_and(|[major, ..]| major > 0));
        assert!(program_version(Path::new(r"C:\none of this name.exe")).is_err());
    }
}
