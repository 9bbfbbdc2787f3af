//! Starts files and URLs like the desktop does: with the default program for the file type or scheme.

use std::io;
use std::os::windows::io::{AsRawHandle, FromRawHandle, OwnedHandle};
use std::ptr;
use std::time::Duration;

use windows_sys::Win32::Foundation::{WAIT_OBJECT_0, WAIT_TIMEOUT};
use windows_sys::Win32::System::Threading::{
    GetExitCodeProcess, GetProcessId, WaitForSingleObject,
};
use windows_sys::Win32::UI::Shell::{
    SEE_MASK_FLAG_NO_UI, SEE_MASK_NOASYNC, SEE_MASK_NOCLOSEPROCESS, SHELLEXECUTEINFOW,
};
use windows_sys::Win32::UI::WindowsAndMessaging::{SW_HIDE, SW_SHOWNORMAL};
use windows_sys::core::{BOOL, HRESULT};

use super::desktop::Started;
use super::library::calls;
use super::text::wide;

calls! {
    /// The function that starts files and URLs.
    Shell from "shell32.dll" {
        execute: unsafe extern "system" fn(*mut SHELLEXECUTEINFOW) -> BOOL = c"ShellExecuteExW",
    }
}

calls! {
    /// The functions that initialize COM, which starts some programs.
    Com from "ole32.dll" {
        initialize: unsafe extern "system" fn(*const core::ffi::c_void, u32) -> HRESULT = c"CoInitializeEx",
        uninitialize: unsafe extern "system" fn() = c"CoUninitialize",
    }
}

/// `COINIT_APARTMENTTHREADED | COINIT_DISABLE_OLE1DDE`, as documented for `ShellExecuteEx`.
const APARTMENT: u32 = 0x2 | 0x4;

/// Opens a URL with the program of its scheme.
pub(super) fn open(address: &str) -> io::Result<()> {
    if !has_scheme(address) {
        let why = "invalid URL: expected a scheme, such as https://";
        return Err(io::Error::new(io::ErrorKind::InvalidInput, why));
    }
    let _com = Apartment::enter();
    execute(address, "", SEE_MASK_FLAG_NO_UI | SEE_MASK_NOASYNC, SW_SHOWNORMAL).map(drop)
}

/// Starts a file like MicroSIP starts the command of an event, and waits until it exits.
pub(super) fn start_hidden(file: &str, parameters: &str, at_most: Duration) -> io::Result<Started> {
    let mask = SEE_MASK_NOCLOSEPROCESS | SEE_MASK_FLAG_NO_UI;
    let Some(process) = execute(file, parameters, mask, SW_HIDE)? else {
        return Ok(Started { process: None, exit: None });
    };
    let handle = process.as_raw_handle();
    // SAFETY: the handle is open while `process` lives.
    let id = unsafe { GetProcessId(handle) };
    let milliseconds = u32::try_from(at_most.as_millis()).unwrap_or(u32::MAX - 1).min(u32::MAX - 1);
    // SAFETY: as above.
    let exit = match unsafe { WaitForSingleObject(handle, milliseconds) } {
        WAIT_TIMEOUT => None,
        WAIT_OBJECT_0 => {
            let mut code = 0;
            // SAFETY: as above, and the function writes to `code`.
            match unsafe { GetExitCodeProcess(handle, &mut code) } {
                0 => return Err(io::Error::last_os_error()),
                _ => Some(code),
            }
        }
        _ => return Err(io::Error::last_os_error()),
    };
    Ok(Started { process: (id != 0).then_some(id), exit })
}

/// Starts a file with its default verb, in the current folder. Returns the new process, if there is one and `mask` requests
/// it.
fn execute(file: &str, parameters: &str, mask: u32, show: i32) -> io::Result<Option<OwnedHandle>> {
    if file.trim().is_empty() {
        return Err(io::Error::new(io::ErrorKind::InvalidInput, "missing program to start"));
    }
    let shell = Shell::load()?;
    let file = wide(file)?;
    let parameters = wide(parameters)?;
    let mut request = SHELLEXECUTEINFOW {
        cbSize: size_of::<SHELLEXECUTEINFOW>() as u32,
        fMask: mask,
        lpFile: file.as_ptr(),
        lpParameters: parameters.as_ptr(),
        nShow: show,
        ..Default::default()
    };
    // SAFETY: `request` contains its own size. Its texts are NUL-terminated and live until the call returns. All other fields
    // are zero, which is allowed.
    if unsafe { (shell.execute)(&mut request) } == 0 {
        return Err(io::Error::last_os_error());
    }
    let process = request.hProcess;
    let is_given = mask & SEE_MASK_NOCLOSEPROCESS != 0 && !process.is_null();
    // SAFETY: with that mask, the function returns an open handle that the caller must close.
    Ok(is_given.then(|| unsafe { OwnedHandle::from_raw_handle(process) }))
}

/// Returns whether a text starts with a scheme. A single letter is a drive letter instead.
fn has_scheme(address: &str) -> bool {
    let scheme = address.split_once(':').map_or("", |(scheme, _)| scheme);
    scheme.len() > 1
        && scheme.starts_with(|first: char| first.is_ascii_alphabetic())
        && scheme.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"+-.".contains(&byte))
}

/// The initialized COM library of this thread. Uninitialized on drop.
struct Apartment(Com);

impl Apartment {
    /// Initializes COM. If that fails, only programs that require COM can't be started.
    fn enter() -> Option<Self> {
        let com = Com::load().ok()?;
        // SAFETY: the first argument must be null, and this thread undoes each successful call once.
        let result = unsafe { (com.initialize)(ptr::null(), APARTMENT) };
        (result >= 0).then_some(Self(com))
    }
}

impl Drop for Apartment {
    fn drop(&mut self) {
        // SAFETY: the initialization succeeded on this thread, because the function that created the value also drops it.
        unsafe { (self.0.uninitialize)() };
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const PATIENCE: Duration = Duration::from_secs(40);

    #[test]
    fn started_program_reports_its_exit_code() {
        let started = start_hidden("cmd.exe", "/c exit 3", PATIENCE).unwrap();
        assert!(started.process.is_some());
        assert_eq!(started.exit, Some(3));
    }

    #[test]
    fn program_that_cannot_start_is_an_error() {
        let error = start_hidden(r"C:\none of this name.exe", "", PATIENCE).unwrap_err();
        assert_eq!(error.kind(), io::ErrorKind::NotFound);
        for nothing in ["", " ", "a\0b"] {
            let error = start_hidden(nothing, "", PATIENCE).unwrap_err();
            assert_eq!(error.kind(), io::ErrorKind::InvalidInput, "{nothing:?}");
        }
    }

    #[test]
    fn open_rejects_files_and_accepts_urls() {
        for file in [r"C:\windows\system32\cmd.exe", "cmd.exe", "", ":x", "1a:x", "a b:x"] {
            assert_eq!(open(file).unwrap_err().kind(), io::ErrorKind::InvalidInput, "{file}");
        }
        assert!(has_scheme("https://example.com/") && has_scheme("callto:123"));
    }
}
