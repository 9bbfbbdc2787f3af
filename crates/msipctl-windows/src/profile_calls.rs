//! The profile functions of Windows, as MicroSIP calls them. Tests compare `winini::profile` with them.
//!
//! Only tests use this module. msipctl itself doesn't, because these functions change more of a file than necessary, and can
//! read only files.

use std::io;
use std::path::Path;
use std::ptr;

use windows_sys::Win32::System::WindowsProgramming::{
    GetPrivateProfileStringW, WritePrivateProfileStringW,
};

use super::text::wide;

/// The default for a key that isn't set, which differs from every possible value.
const UNSET: &str = "\u{1}\u{2}unset";

/// Returns the value of a key, or `None` if the function returns the default.
///
/// # Errors
///
/// If a name contains a NUL character.
pub fn get(path: &Path, section: &str, key: &str) -> io::Result<Option<String>> {
    let found = call(path, Some(section), Some(key))?;
    let found = String::from_utf16_lossy(&found);
    Ok((found != UNSET).then_some(found))
}

/// Returns the sections of a file, or the keys of a section, as the function lists them.
///
/// # Errors
///
/// If a name contains a NUL character.
pub fn names(path: &Path, section: Option<&str>) -> io::Result<Vec<String>> {
    let list = call(path, section, None)?;
    // The function also returns the default for a list.
    if String::from_utf16_lossy(&list) == UNSET {
        return Ok(Vec::new());
    }
    let names = list.split(|&unit| unit == 0).map(String::from_utf16_lossy);
    let mut names: Vec<_> = names.collect();
    // Splitting at the NUL character after the last name creates an extra empty name.
    names.pop_if(|last| last.is_empty());
    Ok(names)
}

/// Sets a key, or removes it if `value` is `None`.
///
/// # Errors
///
/// If the function fails, or if a text contains a NUL character.
pub fn set(path: &Path, section: &str, key: &str, value: Option<&str>) -> io::Result<()> {
    let (path, section, key) = (wide(path)?, wide(section)?, wide(key)?);
    let value = value.map(wide).transpose()?;
    let value = value.as_ref().map_or(ptr::null(), Vec::as_ptr);
    // SAFETY: all texts are NUL-terminated and live until the call returns. A null value removes the key.
    let done =
        unsafe { WritePrivateProfileStringW(section.as_ptr(), key.as_ptr(), value, path.as_ptr()) };
    if done == 0 { Err(io::Error::last_os_error()) } else { Ok(()) }
}

/// Calls the function with a buffer that grows until the result isn't truncated.
fn call(path: &Path, section: Option<&str>, key: Option<&str>) -> io::Result<Vec<u16>> {
    let path = wide(path)?;
    let section = section.map(wide).transpose()?;
    let key = key.map(wide).transpose()?;
    let default = wide(UNSET)?;
    let pointer = |text: &Option<Vec<u16>>| text.as_ref().map_or(ptr::null(), Vec::as_ptr);
    let mut room = vec![0_u16; 1024];
    loop {
        let size = u32::try_from(room.len()).unwrap_or(u32::MAX);
        // SAFETY: names, default, and path are NUL-terminated, or null to request all names, and `room` has `size` code units.
        let length = unsafe {
            GetPrivateProfileStringW(
                pointer(&section),
                pointer(&key),
                default.as_ptr(),
                room.as_mut_ptr(),
                size,
                path.as_ptr(),
            )
        };
        // Two NUL characters follow a truncated list, and one follows a truncated value.
        if length + 2 < size {
            room.truncate(length as usize);
            return Ok(room);
        }
        room.resize(room.len() * 4, 0);
    }
}
