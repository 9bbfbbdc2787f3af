//! Processes: which run, from which program, and when one ends.

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

/// The longest path that Windows gives, in UTF-16 units.
const MAX_PATH: usize = 32_768;

/// Lists all processes.
pub(super) fn list() -> io::Result<Vec<Process>> {
    let process = |entry: &PROCESSENTRY32W| Process {
        id: entry.th32ProcessID,
        program: program(entry.th32ProcessID).ok(),
        name: from_wide(&entry.szExeFile),
    };
    Ok(entries()?.iter().map(process).collect())
}

/// Takes down all processes of this moment.
fn entries() -> io::Result<Vec<PROCESSENTRY32W>> {
    // SAFETY: the call takes no pointer.
    let handle = unsafe { CreateToolhelp32Snapshot(TH32CS_SNAPPROCESS, 0) };
    if handle == INVALID_HANDLE_VALUE {
        return Err(io::Error::last_os_error());
    }
    // SAFETY: the call gave a handle that is open and nobody else's.
    let snapshot = unsafe { OwnedHandle::from_raw_handle(handle) };
    let mut entry =
        PROCESSENTRY32W { dwSize: size_of::<PROCESSENTRY32W>() as u32, ..Default::default() };
    let mut found = Vec::new();
    // SAFETY: the handle is open, and `entry` is a live structure that says its own size.
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

/// Waits for the end of a process, in steps of what one call can wait for.
pub(super) fn wait(id: u32, at_most: Duration) -> io::Result<bool> {
    let process = match open(id, PROCESS_SYNCHRONIZE) {
        // There is no process of this number any more.
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

/// Returns the process that started this one, which may have ended; `None` if that is not known.
pub fn parent_process() -> Option<u32> {
    let own = std::process::id();
    entries()
        .ok()?
        .iter()
        .find(|entry| entry.th32ProcessID == own)
        .map(|own| own.th32ParentProcessID)
}

/// Returns this program's command line as it was given; what is no text in it stands as U+FFFD.
pub fn command_line() -> String {
    // SAFETY: the call takes nothing, and gives a text with a zero at its end that lives as long as the
    // program and that nothing here changes.
    let units = unsafe {
        let line = GetCommandLineW();
        let length = (0..).take_while(|&offset| *line.add(offset) != 0).count();
        std::slice::from_raw_parts(line, length)
    };
    String::from_utf16_lossy(units)
}

/// Returns the whole path of a process's program.
fn program(id: u32) -> io::Result<PathBuf> {
    let process = open(id, PROCESS_QUERY_LIMITED_INFORMATION)?;
    let mut path = vec![0_u16; MAX_PATH];
    let mut length = path.len() as u32;
    // SAFETY: the handle is open while `process` lives; `path` has room for `length` units, which the call
    // fills and then counts in `length`.
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
    // SAFETY: the call takes no pointer.
    let handle = unsafe { OpenProcess(rights, 0, id) };
    if handle.is_null() {
        return Err(io::Error::last_os_error());
    }
    // SAFETY: the call gave a handle that is open and nobody else's.
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
