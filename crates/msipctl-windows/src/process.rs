//! Lists processes and their programs, and waits for processes to exit.

use std::ffi::c_void;
use std::io;
use std::os::windows::io::{AsRawHandle, FromRawHandle, OwnedHandle};
use std::path::PathBuf;
use std::time::Duration;

use windows_sys::Win32::Foundation::{
    ERROR_INVALID_PARAMETER, ERROR_NO_MORE_FILES, HANDLE, INVALID_HANDLE_VALUE, WAIT_OBJECT_0,
    WAIT_TIMEOUT,
};
use windows_sys::Win32::System::Diagnostics::ToolHelp::{
    CreateToolhelp32Snapshot, PROCESSENTRY32W, Process32FirstW, Process32NextW, TH32CS_SNAPPROCESS,
};
use windows_sys::Win32::System::Environment::GetCommandLineW;
use windows_sys::Win32::System::Threading::{
    OpenProcess, PROCESS_QUERY_LIMITED_INFORMATION, PROCESS_SYNCHRONIZE,
    QueryFullProcessImageNameW, WaitForSingleObject,
};

use super::library::calls;
use super::system::Process;
use super::text::from_wide;

/// The maximum length of a path, in UTF-16 code units.
const MAX_PATH: usize = 32_768;

calls! {
    /// The functions that read the user of a process.
    Tokens from "advapi32.dll" {
        open: unsafe extern "system" fn(HANDLE, u32, *mut HANDLE) -> i32 = c"OpenProcessToken",
        read: unsafe extern "system" fn(HANDLE, i32, *mut c_void, u32, *mut u32) -> i32 =
            c"GetTokenInformation",
    }
}

const TOKEN_QUERY: u32 = 8;
const TOKEN_USER: i32 = 1;

/// The length of a SID without its subauthorities, in bytes.
const SID_HEAD: usize = 8;

/// Returns all processes.
pub(super) fn list() -> io::Result<Vec<Process>> {
    let process = |entry: &PROCESSENTRY32W| Process {
        id: entry.th32ProcessID,
        program: program(entry.th32ProcessID).ok(),
        name: from_wide(&entry.szExeFile),
    };
    Ok(entries()?.iter().map(process).collect())
}

/// Returns a snapshot of all processes.
fn entries() -> io::Result<Vec<PROCESSENTRY32W>> {
    // SAFETY: the function takes no pointer.
    let handle = unsafe { CreateToolhelp32Snapshot(TH32CS_SNAPPROCESS, 0) };
    if handle == INVALID_HANDLE_VALUE {
        return Err(io::Error::last_os_error());
    }
    // SAFETY: the function returned an open handle, which nothing else owns.
    let snapshot = unsafe { OwnedHandle::from_raw_handle(handle) };
    let mut entry =
        PROCESSENTRY32W { dwSize: size_of::<PROCESSENTRY32W>() as u32, ..Default::default() };
    let mut found = Vec::new();
    // SAFETY: the handle is open, and `entry` contains its own size.
    let mut more = unsafe { Process32FirstW(snapshot.as_raw_handle(), &mut entry) };
    while more != 0 {
        found.push(entry);
        // SAFETY: as above.
        more = unsafe { Process32NextW(snapshot.as_raw_handle(), &mut entry) };
    }
    let end = io::Error::last_os_error();
    let is_end = end.raw_os_error() == Some(ERROR_NO_MORE_FILES as i32);
    if is_end || !found.is_empty() { Ok(found) } else { Err(end) }
}

/// Waits for a process to exit, and returns whether it did.
pub(super) fn wait(id: u32, at_most: Duration) -> io::Result<bool> {
    let process = match open(id, PROCESS_SYNCHRONIZE) {
        // The process no longer exists.
        Err(error) if error.raw_os_error() == Some(ERROR_INVALID_PARAMETER as i32) => {
            return Ok(true);
        }
        other => other?,
    };
    let milliseconds = u32::try_from(at_most.as_millis()).unwrap_or(u32::MAX - 1).min(u32::MAX - 1);
    // SAFETY: the handle is open while `process` lives.
    match unsafe { WaitForSingleObject(process.as_raw_handle(), milliseconds) } {
        WAIT_OBJECT_0 => Ok(true),
        WAIT_TIMEOUT => Ok(false),
        _ => Err(io::Error::last_os_error()),
    }
}

/// Returns the ID of the process that started this one, or `None` if it's unknown. That process can have exited already.
pub fn parent_process() -> Option<u32> {
    let own = std::process::id();
    entries()
        .ok()?
        .iter()
        .find(|entry| entry.th32ProcessID == own)
        .map(|own| own.th32ParentProcessID)
}

/// Returns the command line of this process. Unpaired surrogates become U+FFFD, the replacement character.
pub fn command_line() -> String {
    // SAFETY: the function takes no argument, and returns a NUL-terminated text that lives as long as the process and that
    // nothing here changes.
    let units = unsafe {
        let line = GetCommandLineW();
        let length = (0..).take_while(|&offset| *line.add(offset) != 0).count();
        std::slice::from_raw_parts(line, length)
    };
    String::from_utf16_lossy(units)
}

/// Returns the full path of the program of a process.
fn program(id: u32) -> io::Result<PathBuf> {
    let process = open(id, PROCESS_QUERY_LIMITED_INFORMATION)?;
    let mut path = vec![0_u16; MAX_PATH];
    let mut length = path.len() as u32;
    // SAFETY: the handle is open while `process` lives. `path` has `length` code units, and the function stores the number of
    // code units that it wrote in `length`.
    let done = unsafe {
        QueryFullProcessImageNameW(process.as_raw_handle(), 0, path.as_mut_ptr(), &mut length)
    };
    if done == 0 {
        return Err(io::Error::last_os_error());
    }
    path.truncate(length as usize);
    Ok(PathBuf::from(from_wide(&path)))
}

/// Returns the user of a process, as the text of a SID.
pub(super) fn user(id: u32) -> io::Result<String> {
    let process = open(id, PROCESS_QUERY_LIMITED_INFORMATION)?;
    let tokens = Tokens::load()?;
    let mut token = std::ptr::null_mut();
    // SAFETY: the handle is open while `process` lives, and the function writes an open handle to `token`.
    if unsafe { (tokens.open)(process.as_raw_handle(), TOKEN_QUERY, &mut token) } == 0 {
        return Err(io::Error::last_os_error());
    }
    // SAFETY: the function returned an open handle, which nothing else owns.
    let token = unsafe { OwnedHandle::from_raw_handle(token) };
    // A pointer to the SID, attributes, and the longest SID, aligned for the pointer.
    let mut buffer = [0_usize; 32];
    let (size, mut length) = (size_of_val(&buffer) as u32, 0);
    let target = buffer.as_mut_ptr();
    // SAFETY: the handle is open while `token` lives, and the function writes at most `size` bytes to `buffer`.
    let done = unsafe {
        (tokens.read)(token.as_raw_handle(), TOKEN_USER, target.cast(), size, &mut length)
    };
    if done == 0 {
        return Err(io::Error::last_os_error());
    }
    // The first field points to the SID, in the same buffer.
    let offset = buffer[0].wrapping_sub(buffer.as_ptr().addr());
    let bytes: Vec<u8> = buffer.iter().flat_map(|word| word.to_ne_bytes()).collect();
    bytes.get(offset..).and_then(sid_text).ok_or_else(|| io::ErrorKind::InvalidData.into())
}

/// Returns the text of the SID that some bytes start with: its revision, its authority, and its subauthorities. Returns
/// `None` if the bytes are too short.
fn sid_text(bytes: &[u8]) -> Option<String> {
    let (&[revision, count, ref authority @ ..], rest) = bytes.split_first_chunk::<SID_HEAD>()?;
    let authority = authority.iter().fold(0_u64, |sum, &byte| sum << 8 | u64::from(byte));
    let subauthorities = rest.get(..4 * usize::from(count))?;
    let parts = subauthorities
        .chunks_exact(4)
        .map(|part| part.iter().rev().fold(0_u32, |sum, &byte| sum << 8 | u32::from(byte)));
    Some(parts.fold(format!("S-{revision}-{authority}"), |text, part| format!("{text}-{part}")))
}

fn open(id: u32, rights: u32) -> io::Result<OwnedHandle> {
    // SAFETY: the function takes no pointer.
    let handle = unsafe { OpenProcess(rights, 0, id) };
    if handle.is_null() {
        return Err(io::Error::last_os_error());
    }
    // SAFETY: the function returned an open handle, which nothing else owns.
    Ok(unsafe { OwnedHandle::from_raw_handle(handle) })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn process_list_contains_the_current_program() {
        let own = list().unwrap().into_iter().find(|process| process.id == std::process::id());
        let own = own.unwrap();
        let program = own.program.unwrap();
        assert!(program.is_absolute());
        assert_eq!(program.file_name(), Some(own.name.as_os_str()));
    }

    #[test]
    fn user_of_the_current_process_is_a_sid() {
        let own = user(std::process::id()).unwrap();
        let parts: Vec<_> = own.split('-').collect();
        assert!(own.starts_with("S-1-5-") && parts.len() > 3, "{own}");
        assert!(parts[1..].iter().all(|part| part.parse::<u32>().is_ok()), "{own}");
        assert!(user(0xffff_fff0).is_err());
    }

    #[test]
    fn sid_text_has_authority_and_subauthorities() {
        let check = |bytes: &[u8], expected: Option<&str>| {
            assert_eq!(sid_text(bytes).as_deref(), expected);
        };
        check(&[1, 1, 0, 0, 0, 0, 0, 5, 18, 0, 0, 0, 9, 9], Some("S-1-5-18"));
        let user = [1, 2, 0, 0, 0, 0, 0, 5, 21, 0, 0, 0, 0xe9, 3, 0, 0];
        check(&user, Some("S-1-5-21-1001"));
        check(&user[..15], None);
        check(&user[..7], None);
        check(&[1, 0, 0, 1, 0, 0, 0, 0], Some("S-1-4294967296"));
    }

    #[test]
    fn process_wait_times_out_and_detects_exited_processes() {
        assert!(!wait(std::process::id(), Duration::from_millis(10)).unwrap());
        assert!(wait(0xffff_fff0, Duration::from_millis(10)).unwrap());
    }
}
