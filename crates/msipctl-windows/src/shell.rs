//! Returns known folders and the versions of programs.
//!
//! The version functions are linked from an API set that every program has already loaded. `version.dll` would only forward to
//! it, and attackers often place a file with that name next to a program.

use std::ffi::c_void;
use std::io;
use std::mem;
use std::path::{Path, PathBuf};
use std::ptr;

use windows_sys::Win32::Foundation::{
    ERROR_RESOURCE_DATA_NOT_FOUND, ERROR_RESOURCE_NAME_NOT_FOUND, ERROR_RESOURCE_TYPE_NOT_FOUND,
    HANDLE, S_OK,
};
use windows_sys::Win32::Storage::FileSystem::{
    FILE_VER_GET_LOCALISED, GET_FILE_VERSION_INFO_FLAGS, VS_FIXEDFILEINFO,
};
use windows_sys::Win32::UI::Shell::{
    FOLDERID_LocalAppData, FOLDERID_ProgramFiles, FOLDERID_ProgramFilesX86, FOLDERID_RoamingAppData,
};
use windows_sys::core::{BOOL, GUID, HRESULT, PCWSTR, PWSTR};

use super::library::{Address, Library};
use super::system::Folder;
use super::text::{from_wide, wide, wide_path};

#[link(name = "api-ms-win-core-version-l1-1-0", kind = "raw-dylib")]
unsafe extern "system" {
    fn GetFileVersionInfoSizeExW(
        flags: GET_FILE_VERSION_INFO_FLAGS,
        path: PCWSTR,
        ignored: *mut u32,
    ) -> u32;
    fn GetFileVersionInfoExW(
        flags: GET_FILE_VERSION_INFO_FLAGS,
        path: PCWSTR,
        ignored: u32,
        size: u32,
        data: *mut c_void,
    ) -> BOOL;
    fn VerQueryValueW(
        data: *const c_void,
        name: PCWSTR,
        found: *mut *mut c_void,
        length: *mut u32,
    ) -> BOOL;
}

type SHGetKnownFolderPath =
    unsafe extern "system" fn(*const GUID, u32, HANDLE, *mut PWSTR) -> HRESULT;
type CoTaskMemFree = unsafe extern "system" fn(*const c_void);

/// The signature of the fixed part of a version resource.
const SIGNATURE: u32 = 0xfeef_04bd;

/// Returns the path of a known folder.
pub(super) fn folder(folder: Folder) -> io::Result<PathBuf> {
    let id = match folder {
        Folder::RoamingAppData => &FOLDERID_RoamingAppData,
        Folder::LocalAppData => &FOLDERID_LocalAppData,
        Folder::ProgramFiles => &FOLDERID_ProgramFiles,
        Folder::ProgramFilesX86 => &FOLDERID_ProgramFilesX86,
    };
    let ask = Library::load("shell32.dll")?.call(c"SHGetKnownFolderPath")?;
    // SAFETY: this is the documented type of the function.
    let ask = unsafe { mem::transmute::<Address, SHGetKnownFolderPath>(ask) };
    let free = Library::load("combase.dll")?.call(c"CoTaskMemFree")?;
    // SAFETY: as above.
    let free = unsafe { mem::transmute::<Address, CoTaskMemFree>(free) };
    let mut text = ptr::null_mut();
    // SAFETY: `id` is a constant, a null token means the user of this process, and the function only writes to `text`.
    let result = unsafe { ask(id, 0, ptr::null_mut(), &mut text) };
    let found = if result == S_OK {
        let mut length = 0;
        // SAFETY: on success, the function returned a NUL-terminated text, and nothing after the NUL is read.
        while unsafe { *text.add(length) } != 0 {
            length += 1;
        }
        // SAFETY: the loop above counted the code units.
        Ok(PathBuf::from(from_wide(unsafe { std::slice::from_raw_parts(text, length) })))
    } else {
        Err(io::Error::from_raw_os_error(result))
    };
    // SAFETY: the caller must free the text, even if the function failed, and null is allowed.
    unsafe { free(text.cast()) };
    found
}

/// Returns the version in the version resource of a program, or `None` if it has none.
pub(super) fn program_version(program: &Path) -> io::Result<Option<[u16; 4]>> {
    let path = wide_path(program)?;
    // SAFETY: `path` is NUL-terminated, and the function ignores the third argument, which can be null.
    let size = unsafe {
        GetFileVersionInfoSizeExW(FILE_VER_GET_LOCALISED, path.as_ptr(), ptr::null_mut())
    };
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
    // SAFETY: `path` is NUL-terminated, and `data` has `size` bytes.
    let done = unsafe {
        let data = data.as_mut_ptr().cast();
        GetFileVersionInfoExW(FILE_VER_GET_LOCALISED, path.as_ptr(), 0, size, data)
    };
    if done == 0 {
        return Err(io::Error::last_os_error());
    }
    let root = wide("\\")?;
    let mut found = ptr::null_mut();
    let mut length = 0;
    // SAFETY: the previous function filled `data`, which stays alive, and this function only writes to the other arguments.
    let done =
        unsafe { VerQueryValueW(data.as_ptr().cast(), root.as_ptr(), &mut found, &mut length) };
    if done == 0 || (length as usize) < size_of::<VS_FIXEDFILEINFO>() {
        return Ok(None);
    }
    // SAFETY: the function returned at least this length, within `data`, and the read doesn't require alignment.
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
    fn user_folders_are_absolute_paths() {
        assert!(folder(Folder::RoamingAppData).unwrap().is_absolute());
        assert!(folder(Folder::LocalAppData).unwrap().is_absolute());
    }

    #[test]
    fn program_version_is_read_from_a_system_file() {
        let version = program_version(Path::new(r"C:\windows\system32\kernel32.dll")).unwrap();
        assert!(version.is_some_and(|[major, ..]| major > 0));
        assert!(program_version(Path::new(r"C:\none of this name.exe")).is_err());
    }
}
