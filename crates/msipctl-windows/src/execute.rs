//! Starting things as the desktop does: by what the user, or Windows, chose for a kind of file or address.

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
    /// The call that starts things.
    Shell from "shell32.dll" {
        execute: unsafe extern "system" fn(*mut SHELLEXECUTEINFOW) -> BOOL = c"ShellExecuteExW",
    }
}

calls! {
    /// The calls that begin and end the use of COM, by which some programs are started.
    Com from "ole32.dll" {
        initialize: unsafe extern "system" fn(*const core::ffi::c_void, u32) -> HRESULT = c"CoInitializeEx",
        uninitialize: unsafe extern "system" fn() = c"CoUninitialize",
    }
}

/// `COINIT_APARTMENTTHREADED | COINIT_DISABLE_OLE1DDE`, as is documented for `ShellExecuteEx`.
const APARTMENT: u32 = 0x2 | 0x4;

/// Opens an address with the program of its scheme.
pub(super) fn open(address: &str) -> io::Result<()> {
    if !has_scheme(address) {
        let why = "expected an address that begins with its scheme, such as https://";
        return Err(io::Error::new(io::ErrorKind::InvalidInput, why));
    }
    let _com = Apartment::enter();
    execute(address, "", SEE_MASK_FLAG_NO_UI | SEE_MASK_NOASYNC, SW_SHOWNORMAL).map(drop)
}

/// Starts a file as MicroSIP starts the command of an event, and waits for its end.
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
            // SAFETY: as above, and `code` is a live number that the call fills.
            match unsafe { GetExitCodeProcess(handle, &mut code) } {
                0 => return Err(io::Error::last_os_error()),
                _ => Some(code),
            }
        }
        _ => return Err(io::Error::last_os_error()),
    };
    Ok(Started { process: (id != 0).then_some(id), exit })
}

/// Starts a file by its default verb, in the current folder. Returns the process, if there is one and
/// `mask` asks for it.
fn execute(file: &str, parameters: &str, mask: u32, show: i32) -> io::Result<Option<OwnedHandle>> {
    if file.trim().is_empty() {
        return Err(io::Error::new(io::ErrorKind::InvalidInput, "there is nothing to start"));
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
    // SAFETY: `request` says its own size; its texts have zeros at their ends and live until the call
    // returns; all else is zero, which the call allows.
    if unsafe { (shell.execute)(&mut request) } == 0 {
        return Err(io::Error::last_os_error());
    }
    let process = request.hProcess;
    let is_given = mask & SEE_MASK_NOCLOSEPROCESS != 0 && !process.is_null();
    // SAFETY: with that mask, the call gives a handle that is open and the caller's to close.
    Ok(is_given.then(|| unsafe { OwnedHandle::from_raw_handle(process) }))
}

/// Says whether a text begins with a scheme. One letter is no scheme but a drive.
fn has_scheme(address: &str) -> bool {
    let scheme = address.split_once(':').map_or("", |(scheme, _)| scheme);
    scheme.len() > 1
        && scheme.starts_with(|first: char| first.is_ascii_alphabetic())
        && scheme.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"+-.".contains(&byte))
}

/// The use of COM by this thread, until it is dropped.
struct Apartment(Com);

impl Apartment {
    /// Begins it. Without it, only programs that are started by COM are not.
    fn enter() -> Option<Self> {
        let com = Com::load().ok()?;
        // SAFETY: the first argument must be null, and each success is undone once, by this thread.
        let answer = unsafe { (com.initialize)(ptr::null(), APARTMENT) };
        (answer >= 0).then_some(Self(com))
    }
}

impl Drop for Apartment {
    fn drop(&mut self) {
        // SAFETY: the call that this one undoes succeeded, on this thread, as references to a value that
        // holds bare addresses are kept by the function that made it.
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
