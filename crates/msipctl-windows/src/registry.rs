//! Reads the registry.
//!
//! The functions are linked from an API set that every program has already loaded. Linking them from the older `advapi32.dll`
//! would load three more libraries each time msipctl starts.

use std::ffi::{OsString, c_void};
use std::io;
use std::ptr;

use windows_sys::Win32::Foundation::{
    ERROR_FILE_NOT_FOUND, ERROR_MORE_DATA, ERROR_NO_MORE_ITEMS, ERROR_SUCCESS,
    ERROR_UNSUPPORTED_TYPE, FILETIME, WIN32_ERROR,
};
use windows_sys::Win32::System::Registry::{
    HKEY, HKEY_CURRENT_USER, HKEY_LOCAL_MACHINE, KEY_READ, KEY_WOW64_32KEY, KEY_WOW64_64KEY,
    REG_ROUTINE_FLAGS, REG_SAM_FLAGS, REG_VALUE_TYPE, RRF_RT_REG_SZ,
};
use windows_sys::core::{PCWSTR, PWSTR};

use super::system::Hive;
use super::text::{from_wide, wide};

#[link(name = "api-ms-win-core-registry-l1-1-0", kind = "raw-dylib")]
unsafe extern "system" {
    fn RegOpenKeyExW(
        key: HKEY,
        below: PCWSTR,
        options: u32,
        access: REG_SAM_FLAGS,
        opened: *mut HKEY,
    ) -> WIN32_ERROR;
    fn RegGetValueW(
        key: HKEY,
        below: PCWSTR,
        name: PCWSTR,
        flags: REG_ROUTINE_FLAGS,
        kind: *mut REG_VALUE_TYPE,
        data: *mut c_void,
        bytes: *mut u32,
    ) -> WIN32_ERROR;
    fn RegEnumKeyExW(
        key: HKEY,
        index: u32,
        name: PWSTR,
        length: *mut u32,
        reserved: *const u32,
        class: PWSTR,
        class_length: *mut u32,
        written: *mut FILETIME,
    ) -> WIN32_ERROR;
    fn RegCloseKey(key: HKEY) -> WIN32_ERROR;
}

/// The maximum length of a key name in UTF-16 code units, including the terminating NUL.
const MAX_NAME: usize = 256;

/// Returns a text value from the first view that contains it.
pub(super) fn text(hive: Hive, key: &str, name: Option<&str>) -> io::Result<Option<OsString>> {
    for view in [KEY_WOW64_64KEY, KEY_WOW64_32KEY] {
        let Some(key) = Key::open(hive, key, view)? else { continue };
        if let Some(found) = key.text(name)? {
            return Ok(Some(found));
        }
    }
    Ok(None)
}

/// Returns the names of the subkeys of a key, from both views.
pub(super) fn keys(hive: Hive, key: &str) -> io::Result<Vec<OsString>> {
    let mut found = Vec::new();
    for view in [KEY_WOW64_64KEY, KEY_WOW64_32KEY] {
        if let Some(key) = Key::open(hive, key, view)? {
            found.extend(key.keys()?);
        }
    }
    found.sort();
    found.dedup();
    Ok(found)
}

/// An open registry key.
struct Key(HKEY);

impl Key {
    fn open(hive: Hive, key: &str, view: u32) -> io::Result<Option<Self>> {
        let root = match hive {
            Hive::CurrentUser => HKEY_CURRENT_USER,
            Hive::LocalMachine => HKEY_LOCAL_MACHINE,
        };
        let key = wide(key)?;
        let mut opened = ptr::null_mut();
        // SAFETY: the root key always exists, `key` is NUL-terminated and lives until the call returns, and the function only
        // writes to `opened`.
        match unsafe { RegOpenKeyExW(root, key.as_ptr(), 0, KEY_READ | view, &mut opened) } {
            ERROR_SUCCESS => Ok(Some(Self(opened))),
            ERROR_FILE_NOT_FOUND => Ok(None),
            error => Err(io::Error::from_raw_os_error(error as i32)),
        }
    }

    fn text(&self, name: Option<&str>) -> io::Result<Option<OsString>> {
        let name = name.map(wide).transpose()?;
        let name = name.as_ref().map_or(ptr::null(), Vec::as_ptr);
        let mut room = vec![0_u16; MAX_NAME];
        loop {
            let mut bytes = (room.len() * 2) as u32;
            // SAFETY: the key is open while `self` lives, `name` is null or NUL-terminated, and `room` has `bytes` bytes. The
            // function NUL-terminates the text.
            let answer = unsafe {
                RegGetValueW(
                    self.0,
                    ptr::null(),
                    name,
                    RRF_RT_REG_SZ,
                    ptr::null_mut(),
                    room.as_mut_ptr().cast(),
                    &mut bytes,
                )
            };
            match answer {
                ERROR_SUCCESS => return Ok(Some(from_wide(&room))),
                ERROR_MORE_DATA => room.resize((bytes as usize).div_ceil(2).max(room.len() * 2), 0),
                ERROR_FILE_NOT_FOUND | ERROR_UNSUPPORTED_TYPE => return Ok(None),
                error => return Err(io::Error::from_raw_os_error(error as i32)),
            }
        }
    }

    fn keys(&self) -> io::Result<Vec<OsString>> {
        let mut found = Vec::new();
        for index in 0.. {
            let mut name = [0_u16; MAX_NAME];
            let mut length = name.len() as u32;
            // SAFETY: the key is open while `self` lives, `name` has `length` code units, and unused pointers can be null.
            let answer = unsafe {
                RegEnumKeyExW(
                    self.0,
                    index,
                    name.as_mut_ptr(),
                    &mut length,
                    ptr::null(),
                    ptr::null_mut(),
                    ptr::null_mut(),
                    ptr::null_mut(),
                )
            };
            match answer {
                ERROR_SUCCESS => found.push(from_wide(&name)),
                ERROR_NO_MORE_ITEMS => break,
                error => return Err(io::Error::from_raw_os_error(error as i32)),
            }
        }
        Ok(found)
    }
}

impl Drop for Key {
    fn drop(&mut self) {
        // SAFETY: `open` opened the key, and nothing else closes it.
        unsafe { RegCloseKey(self.0) };
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const VERSION: &str = r"SOFTWARE\Microsoft\Windows NT\CurrentVersion";

    #[test]
    fn registry_reads_values_and_keys_of_windows() {
        let found = text(Hive::LocalMachine, VERSION, Some("CurrentVersion")).unwrap();
        assert!(found.is_some_and(|found| !found.is_empty()));
        assert!(keys(Hive::LocalMachine, r"SOFTWARE\Microsoft").unwrap().len() > 1);
    }

    #[test]
    fn missing_registry_values_and_keys_are_empty() {
        assert_eq!(text(Hive::CurrentUser, r"Software\none of this name", None).unwrap(), None);
        assert_eq!(text(Hive::LocalMachine, VERSION, Some("none of this name")).unwrap(), None);
        assert!(keys(Hive::CurrentUser, r"Software\none of this name").unwrap().is_empty());
    }
}
