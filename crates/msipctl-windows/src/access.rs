//! Who may read or change a file, by its access control list.

use std::ffi::c_void;
use std::io;
use std::os::windows::ffi::OsStrExt;
use std::path::Path;
use std::ptr;
use std::slice;

use windows_sys::Win32::Foundation::{ERROR_SUCCESS, LocalFree};

use super::library::Library;

/// `GetNamedSecurityInfoW` of `advapi32.dll`.
type GetNamedSecurityInfo = unsafe extern "system" fn(
    name: *const u16,
    kind: i32,
    wanted: u32,
    owner: *mut *mut c_void,
    group: *mut *mut c_void,
    list: *mut *mut u8,
    system_list: *mut *mut u8,
    descriptor: *mut *mut c_void,
) -> u32;

const FILE_OBJECT: i32 = 1;
const LIST_FLAGS: u32 = 4;

/// The length of a list's and an entry's head, in bytes.
const LIST_HEAD: usize = 8;
const ENTRY_HEAD: usize = 4;

/// Groups that other users are in, as their security identifiers: everyone, who is logged in at the desk,
/// who is known by name, users, guests.
const OTHERS: [&[u8]; 5] = [
    &[1, 1, 0, 0, 0, 0, 0, 1, 0, 0, 0, 0],
    &[1, 1, 0, 0, 0, 0, 0, 5, 4, 0, 0, 0],
    &[1, 1, 0, 0, 0, 0, 0, 5, 11, 0, 0, 0],
    &[1, 2, 0, 0, 0, 0, 0, 5, 32, 0, 0, 0, 0x21, 2, 0, 0],
    &[1, 2, 0, 0, 0, 0, 0, 5, 32, 0, 0, 0, 0x22, 2, 0, 0],
];

/// Rights to write, to append, to delete, and to take these rights oneself.
const CHANGE: u32 = 0x0002 | 0x0004 | 0x0001_0000 | 0x0004_0000 | 0x0008_0000 | 0x5000_0000;

/// Rights to read what is in a file: that one, reading in general, and all of them.
const READ: u32 = 0x0001 | 0x9000_0000;

/// Rights over a folder by which a file in it is replaced: to delete what is in it, and to take that right.
const REPLACE: u32 = 0x0040 | 0x0004_0000 | 0x0008_0000 | 0x1000_0000;

/// Tells whether other users may change a file, or replace it by their rights over its folder. An entry that
/// takes rights away again is left out of account.
///
/// # Errors
///
/// When the lists may not be read.
pub fn writable_by_others(path: &Path) -> io::Result<bool> {
    if is_allowed(&list(path)?, CHANGE) {
        return Ok(true);
    }
    match path.parent() {
        Some(folder) => Ok(is_allowed(&list(folder)?, REPLACE)),
        None => Ok(false),
    }
}

/// Tells whether other users may read a file. An entry that takes rights away again is left out of account.
///
/// # Errors
///
/// When the list may not be read.
pub fn readable_by_others(path: &Path) -> io::Result<bool> {
    Ok(is_allowed(&list(path)?, READ))
}

/// Returns the list of a file as it is in memory; none at all lets everyone do everything, and is empty here.
fn list(path: &Path) -> io::Result<Vec<u8>> {
    let library = Library::load("advapi32.dll")?;
    let call = library.call(c"GetNamedSecurityInfoW")?;
    // SAFETY: this is the type of that call, as documented.
    let call: GetNamedSecurityInfo = unsafe { std::mem::transmute(call) };
    let name: Vec<u16> = path.as_os_str().encode_wide().chain([0]).collect();
    let (mut found, mut descriptor) = (ptr::null_mut(), ptr::null_mut());
    // SAFETY: `name` has a zero at its end, what is not wanted may be null, and the call fills the rest.
    let error = unsafe {
        call(
            name.as_ptr(),
            FILE_OBJECT,
            LIST_FLAGS,
            ptr::null_mut(),
            ptr::null_mut(),
            &mut found,
            ptr::null_mut(),
            &mut descriptor,
        )
    };
    if error != ERROR_SUCCESS {
        return Err(io::Error::from_raw_os_error(error.cast_signed()));
    }
    let bytes = if found.is_null() {
        Vec::new()
    } else {
        // SAFETY: a list begins with its head, in which its whole length stands at the third byte; it lives in
        // the descriptor, which is freed only below.
        unsafe {
            let length = usize::from(u16::from_le_bytes([*found.add(2), *found.add(3)]));
            slice::from_raw_parts(found, length).to_vec()
        }
    };
    // SAFETY: the call made the descriptor for the caller to free, and nothing of it is used any more.
    unsafe { LocalFree(descriptor) };
    Ok(bytes)
}

/// Says whether a list gives one of these rights to others.
fn is_allowed(list: &[u8], rights: u32) -> bool {
    if list.is_empty() {
        return true;
    }
    let mut rest = list.get(LIST_HEAD..).unwrap_or_default();
    while let Some(&[kind, flags, low, high]) = rest.get(..ENTRY_HEAD) {
        const ALLOWS: u8 = 0;
        const FOR_CHILDREN_ONLY: u8 = 8;
        let length = usize::from(u16::from_le_bytes([low, high]));
        let Some(entry) = rest.get(ENTRY_HEAD..length) else { return false };
        if let (ALLOWS, Some((mask, who))) = (kind, entry.split_first_chunk()) {
            let is_given = u32::from_le_bytes(*mask) & rights != 0;
            let are_others = OTHERS.iter().any(|others| who.starts_with(others));
            if flags & FOR_CHILDREN_ONLY == 0 && is_given && are_others {
                return true;
            }
        }
        rest = &rest[length..];
    }
    false
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Makes a list of entries: kind, flags, rights, who.
    fn made(entries: &[(u8, u8, u32, &[u8])]) -> Vec<u8> {
        let mut list = vec![0; LIST_HEAD];
        for (kind, flags, rights, who) in entries {
            let length = u16::try_from(8 + who.len()).unwrap();
            list.extend([*kind, *flags]);
            list.extend(length.to_le_bytes());
            list.extend(rights.to_le_bytes());
            list.extend(*who);
        }
        list
    }

    #[test]
    fn only_rights_granted_to_others_count() {
        let administrators: &[u8] = &[1, 2, 0, 0, 0, 0, 0, 5, 32, 0, 0, 0, 0x20, 2, 0, 0];
        let users = OTHERS[3];
        assert!(is_allowed(&[], CHANGE));
        assert!(!is_allowed(&made(&[]), CHANGE));
        assert!(!is_allowed(
            &made(&[(0, 0, 0x1f01ff, administrators), (0, 0, 0x1200a9, users)]),
            CHANGE
        ));
        assert!(is_allowed(&made(&[(0, 0, 0x1200a9, users), (0, 0, 0x1301bf, users)]), CHANGE));
        assert!(!is_allowed(&made(&[(0, 8, 0x1301bf, users)]), CHANGE));
        assert!(!is_allowed(&made(&[(1, 0, 0x1301bf, users)]), CHANGE));
        assert!(is_allowed(&made(&[(0, 0, 0x1200a9, users)]), READ));
        assert!(is_allowed(&made(&[(0, 0, 0x8000_0000, users)]), READ));
        assert!(!is_allowed(
            &made(&[(0, 0, 0x12_0080, users), (0, 0, 0x1f01ff, administrators)]),
            READ
        ));
        assert!(is_allowed(&made(&[(0, 0, 0x1301ff, OTHERS[0])]), REPLACE));
        assert!(!is_allowed(&made(&[(0, 0, 0x1200af, OTHERS[0])]), REPLACE));
    }

    #[test]
    fn corrupt_acl_grants_no_access() {
        assert!(!is_allowed(&[0; 12], CHANGE));
        assert!(!is_allowed(&[0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 200, 0, 1], CHANGE));
    }

    #[test]
    fn acl_of_an_existing_file_is_read() {
        let file = tempfile::NamedTempFile::new().unwrap();
        let list = list(file.path()).unwrap();
        assert!(list.len() > LIST_HEAD && !is_allowed(&list, CHANGE));
        assert!(writable_by_others(file.path()).is_ok() && readable_by_others(file.path()).is_ok());
        assert!(writable_by_others(&file.path().with_extension("none")).is_err());
    }
}
