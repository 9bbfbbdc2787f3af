//! Checks who can read or change a file, by its access control list (ACL).

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
    information: u32,
    owner: *mut *mut c_void,
    group: *mut *mut c_void,
    list: *mut *mut u8,
    system_list: *mut *mut u8,
    descriptor: *mut *mut c_void,
) -> u32;

const FILE_OBJECT: i32 = 1;
const LIST_FLAGS: u32 = 4;

/// The length of the header of an ACL and of an entry, in bytes.
const LIST_HEAD: usize = 8;
const ENTRY_HEAD: usize = 4;

/// The security identifiers (SIDs) of groups that contain other users: Everyone, Interactive, Authenticated Users, Users, and
/// Guests.
const OTHERS: [&[u8]; 5] = [
    &[1, 1, 0, 0, 0, 0, 0, 1, 0, 0, 0, 0],
    &[1, 1, 0, 0, 0, 0, 0, 5, 4, 0, 0, 0],
    &[1, 1, 0, 0, 0, 0, 0, 5, 11, 0, 0, 0],
    &[1, 2, 0, 0, 0, 0, 0, 5, 32, 0, 0, 0, 0x21, 2, 0, 0],
    &[1, 2, 0, 0, 0, 0, 0, 5, 32, 0, 0, 0, 0x22, 2, 0, 0],
];

/// The rights to write, append, and delete, and to grant oneself these rights.
const CHANGE: u32 = 0x0002 | 0x0004 | 0x0001_0000 | 0x0004_0000 | 0x0008_0000 | 0x5000_0000;

/// The rights to read the content of a file: the specific right, generic read, and generic all.
const READ: u32 = 0x0001 | 0x9000_0000;

/// The rights to a folder that allow replacing a file in it: to delete its content, and to grant oneself that right.
const REPLACE: u32 = 0x0040 | 0x0004_0000 | 0x0008_0000 | 0x1000_0000;

/// Returns whether other users can change a file, or replace it because of their rights to its folder.
///
/// Ignores entries that deny rights.
///
/// # Errors
///
/// If the ACLs can't be read.
pub fn writable_by_others(path: &Path) -> io::Result<bool> {
    if is_allowed(&list(path)?, CHANGE) {
        return Ok(true);
    }
    match path.parent() {
        Some(folder) => Ok(is_allowed(&list(folder)?, REPLACE)),
        None => Ok(false),
    }
}

/// Returns whether other users can read a file. Ignores entries that deny rights.
///
/// # Errors
///
/// If the ACL can't be read.
pub fn readable_by_others(path: &Path) -> io::Result<bool> {
    Ok(is_allowed(&list(path)?, READ))
}

/// Returns the bytes of the ACL of a file. Empty if the file has no ACL, which grants all rights to everyone.
fn list(path: &Path) -> io::Result<Vec<u8>> {
    let library = Library::load("advapi32.dll")?;
    let call = library.call(c"GetNamedSecurityInfoW")?;
    // SAFETY: this is the documented type of the function.
    let call: GetNamedSecurityInfo = unsafe { std::mem::transmute(call) };
    let name: Vec<u16> = path.as_os_str().encode_wide().chain([0]).collect();
    let (mut found, mut descriptor) = (ptr::null_mut(), ptr::null_mut());
    // SAFETY: `name` is NUL-terminated, unused pointers can be null, and the function writes to the others.
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
        // SAFETY: an ACL starts with a header that contains its total length at the third byte. The descriptor, which is
        // freed below, owns it.
        unsafe {
            let length = usize::from(u16::from_le_bytes([*found.add(2), *found.add(3)]));
            slice::from_raw_parts(found, length).to_vec()
        }
    };
    // SAFETY: the function allocated the descriptor for the caller to free, and it's no longer used.
    unsafe { LocalFree(descriptor) };
    Ok(bytes)
}

/// Returns whether an ACL grants one of these rights to others.
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

    /// Creates an ACL from entries of kind, flags, rights, and SID.
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
