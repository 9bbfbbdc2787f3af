//! The Windows profile calls themselves, as MicroSIP calls them: the outside judge of the room `profile`.
//!
//! Tests ask them. Nothing in the product does, since these calls cannot write without touching more than
//! they are told to, and read files only.

use std::io;
use std::path::Path;
use std::ptr;

use windows_sys::Win32::System::WindowsProgramming::{
    GetPrivateProfileStringW, WritePrivateProfileStringW,
};

use super::text::wide;

/// What is answered for a key that is not there: no value can be this.
const UNSET: &str = "\u{1}\u{2}unset";

/// Returns the value of a key, or `None` if the call gives the default.
///
/// # Errors
///
/// When a name holds a zero.
pub fn get(path: &Path, section: &str, key: &str) -> io::Result<Option<String>> {
    let found = call(path, Some(section), Some(key))?;
    let found = String::from_utf16_lossy(&found);
    Ok((found != UNSET).then_some(found))
}

/// Lists the sections of a file, or the keys of a section, as the call does.
///
/// # Errors
///
/// When a name holds a zero.
pub fn names(path: &Path, section: Option<&str>) -> io::Result<Vec<String>> {
    let list = call(path, section, None)?;
    // The default is given for a list, too.
    if String::from_utf16_lossy(&list) == UNSET {
        return Ok(Vec::new());
    }
    let names = list.split(|&unit| unit == 0).map(String::from_utf16_lossy);
    let mut names: Vec<_> = names.collect();
    // Each name is ended by a zero, which parts one name too many.
    names.pop_if(|last| last.is_empty());
    Ok(names)
}

/// Sets a key, or removes it if there is no value.
///
/// # Errors
///
/// When the call says so, or a text holds a zero.
pub fn set(path: &Path, section: &str, key: &str, value: Option<&str>) -> io::Result<()> {
    let (path, section, key) = (wide(path)?, wide(section)?, wide(key)?);
    let value = value.map(wide).transpose()?;
    let value = value.as_ref().map_or(ptr::null(), Vec::as_ptr);
    // SAFETY: all are texts with a zero at their end that live until the call returns; a null value removes.
    let done =
        unsafe { WritePrivateProfileStringW(section.as_ptr(), key.as_ptr(), value, path.as_ptr()) };
    if done == 0 { Err(io::Error::last_os_error()) } else { Ok(()) }
}

/// Asks with a buffer that grows until nothing is cut.
fn call(path: &Path, section: Option<&str>, key: Option<&str>) -> io::Result<Vec<u16>> {
    let path = wide(path)?;
    let section = section.map(wide).transpose()?;
    let key = key.map(wide).transpose()?;
    let default = wide(UNSET)?;
    let pointer = |text: &Option<Vec<u16>>| text.as_ref().map_or(ptr::null(), Vec::as_ptr);
    let mut room = vec![0_u16; 1024];
    loop {
        let size = u32::try_from(room.len()).unwrap_or(u32::MAX);
        // SAFETY: names, default and path are texts with a zero at their end, or null where all names are
        // asked for; `room` has `size` units.
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
        // A list that is cut has two zeros behind it, a value one.
        if length + 2 < size {
            room.truncate(length as usize);
            return Ok(room);
        }
        room.resize(room.len() * 4, 0);
    }
}
