//! Lists processes and their programs, and waits for processes to exit.

use std::io;
use std::os::windows::io::{AsRawHandle, FromRawHandle, OwnedHandle};
use std::path::PathBuf;
use std::time::Duration;

use windows_sys::Win32::Foundation::{
    ERROR_INVALID_PARAMETER, ERROR_NO_MORE_FILES, INVALID_HANDLE_VALUE, WAIT_OBJECT_0, WAIT_TIMEOUT,
};
use windows_sys::Win32::System::Diagnostics::ToolHelp::{
    CreateToolhelp32Snapshot, PROCESSENTRY32W, Process32FirstW, Process32NextW, TH32CS_SNAPPROCESS,
};
use windows_sys::Win32::System::Environment::GetCommandLineW;
use windows_sys::Win32::System::Threading::{
    OpenProcess, PROCESS_QUERY_LIMITED_INFORMATION, PROCESS_SYNCHRONIZE,
    QueryFullProcessImageNameW, WaitForSingleObject,
};

use super::system::Process;
use super::text::from_wide;

/// The maximum length of a path, in UTF-16 code units.
const MAX_PATH: usize = 32_768;

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
    fn process_wait_times_out_and_detects_exited_processes() {
        assert!(!wait(std::process::id(), Duration::from_millis(10)).unwrap());
        assert!(wait(0xffff_fff0, Duration::from_millis(10)).unwrap());
    }
}
