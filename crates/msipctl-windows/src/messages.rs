//! Finds windows of other programs, and sends and posts messages to them.

use std::collections::HashSet;
use std::ffi::c_void;
use std::io;
use std::ptr;
use std::time::Duration;

use windows_sys::Win32::Foundation::{
    ERROR_ACCESS_DENIED, ERROR_INVALID_WINDOW_HANDLE, ERROR_SUCCESS, ERROR_TIMEOUT, GetLastError,
    HWND, LPARAM, LRESULT, SetLastError, TRUE, WPARAM,
};
use windows_sys::Win32::Globalization::{CSTR_EQUAL, CompareStringOrdinal};
use windows_sys::Win32::System::DataExchange::COPYDATASTRUCT;
use windows_sys::Win32::UI::WindowsAndMessaging::{
    HWND_MESSAGE, SMTO_ABORTIFHUNG, SMTO_BLOCK, WM_COPYDATA,
};
use windows_sys::core::{BOOL, PCWSTR, PWSTR};

use super::atom::Atom;
use super::desktop::{Window, WindowName};
use super::library::calls;
use super::text::wide;

type EnumProc = unsafe extern "system" fn(HWND, LPARAM) -> BOOL;
type Name = unsafe extern "system" fn(HWND, PWSTR, i32) -> i32;

calls! {
    /// The functions that find windows. None of them sends a message, so no window can block them.
    Finding from "user32.dll" {
        each: unsafe extern "system" fn(EnumProc, LPARAM) -> BOOL = c"EnumWindows",
        next: unsafe extern "system" fn(HWND, HWND, PCWSTR, PCWSTR) -> HWND = c"FindWindowExW",
        title: Name = c"InternalGetWindowText",
        class: Name = c"GetClassNameW",
    }
}

calls! {
    /// The functions that send messages.
    Sending from "user32.dll" {
        send: unsafe extern "system" fn(HWND, u32, WPARAM, LPARAM, u32, u32, *mut usize) -> LRESULT =
            c"SendMessageTimeoutW",
        post: unsafe extern "system" fn(HWND, u32, WPARAM, LPARAM) -> BOOL = c"PostMessageW",
        is_window: unsafe extern "system" fn(HWND) -> BOOL = c"IsWindow",
    }
}

/// The maximum number of message-only windows to check. Their order can change at the same time, so the iteration might never
/// end without a limit.
const MAX_WINDOWS: usize = 10_000;

/// Returns all windows with a name, in the order in which `FindWindowW` searches.
pub(super) fn find(name: WindowName<'_>) -> io::Result<Vec<Window>> {
    let calls = Finding::load()?;
    let (text, name_of) = match name {
        WindowName::Title(text) => (text, calls.title),
        WindowName::Class(text) => (text, calls.class),
    };
    if text.is_empty() {
        return Ok(Vec::new());
    }
    let name = wide(text)?;
    let name = &name[..name.len() - 1];
    let mut all = Vec::new();
    // SAFETY: `note` gets the address of `all`, which lives and isn't used until the call returns.
    if unsafe { (calls.each)(note, (&raw mut all) as LPARAM) } == 0 {
        return Err(io::Error::last_os_error());
    }
    let mut last = ptr::null_mut();
    for _ in 0..MAX_WINDOWS {
        // SAFETY: the names can be null, and the function fails for a window that was closed.
        last = unsafe { (calls.next)(HWND_MESSAGE, last, ptr::null(), ptr::null()) };
        if last.is_null() {
            break;
        }
        all.push(last);
    }
    keep_first_of_each(&mut all);
    let mut units = vec![0_u16; name.len() + 2];
    all.retain(|window| {
        // SAFETY: the function writes at most `units.len()` code units, and fails for a window that was closed.
        let length = unsafe { name_of(*window, units.as_mut_ptr(), units.len() as i32) };
        usize::try_from(length).is_ok_and(|length| same(&units[..length], name))
    });
    Ok(all.into_iter().map(|window| Window(window as isize)).collect())
}

/// Removes repeated windows. A window that moves while the lists are read can be listed twice, and would get a message twice.
fn keep_first_of_each(windows: &mut Vec<HWND>) {
    let mut seen = HashSet::with_capacity(windows.len());
    windows.retain(|window| seen.insert(*window));
}

/// Sends a message with a text, waits, and returns the return value.
pub(super) fn send(
    window: Window,
    message: u32,
    wparam: u64,
    text: &str,
    at_most: Duration,
) -> io::Result<u64> {
    // Load user32.dll first, because atoms require it.
    let calls = Sending::load()?;
    let atom = Atom::new(text)?;
    let lparam = atom.as_ref().map_or(0, Atom::lparam);
    calls.wait(window, message, to_wparam(wparam)?, lparam, at_most)
}

/// Posts a message with a text.
pub(super) fn post(window: Window, message: u32, wparam: u64, text: &str) -> io::Result<()> {
    let calls = Sending::load()?;
    let wparam = to_wparam(wparam)?;
    let atom = Atom::new(text)?;
    let lparam = atom.as_ref().map_or(0, Atom::lparam);
    // SAFETY: the function doesn't dereference the parameters, and fails for a window that was closed.
    if unsafe { (calls.post)(handle(window), message, wparam, lparam) } == 0 {
        return Err(refusal(io::Error::last_os_error()));
    }
    if let Some(atom) = atom {
        atom.hand_over();
    }
    Ok(())
}

/// Sends WM_COPYDATA, waits, and returns the return value.
pub(super) fn copy_data(window: Window, id: u32, text: &str, at_most: Duration) -> io::Result<u64> {
    let calls = Sending::load()?;
    let mut text = wide(text)?;
    let bytes = u32::try_from(size_of_val(text.as_slice()));
    let bytes =
        bytes.map_err(|_| io::Error::new(io::ErrorKind::InvalidInput, "the text is too long"))?;
    let data = COPYDATASTRUCT {
        dwData: id as usize,
        cbData: bytes,
        lpData: text.as_mut_ptr().cast::<c_void>(),
    };
    calls.wait(window, WM_COPYDATA, 0, (&raw const data) as LPARAM, at_most)
}

impl Sending {
    /// Sends a message, waits, and returns the return value.
    ///
    /// Data that `lparam` points to must live until this method returns. Windows copies it for the receiver before it waits.
    fn wait(
        &self,
        window: Window,
        message: u32,
        wparam: WPARAM,
        lparam: LPARAM,
        at_most: Duration,
    ) -> io::Result<u64> {
        let milliseconds = u32::try_from(at_most.as_millis()).unwrap_or(u32::MAX).max(1);
        let mut result = 0;
        // SAFETY: the function takes no pointer.
        unsafe { SetLastError(ERROR_SUCCESS) };
        // SAFETY: the function writes to `result`, and fails for a window that was closed. `lparam` is a number, or for
        // WM_COPYDATA a pointer to data in the required format.
        let done = unsafe {
            let how = SMTO_ABORTIFHUNG | SMTO_BLOCK;
            (self.send)(handle(window), message, wparam, lparam, how, milliseconds, &mut result)
        };
        if done != 0 {
            return Ok(result as u64);
        }
        // SAFETY: neither function takes a pointer, and the second one checks whether the window still exists.
        let (code, is_there) = unsafe { (GetLastError(), (self.is_window)(handle(window)) != 0) };
        if !is_there {
            return Err(refusal(io::Error::from_raw_os_error(ERROR_INVALID_WINDOW_HANDLE as i32)));
        }
        // For a window that isn't responding, Windows sets no error.
        if code == ERROR_TIMEOUT || code == ERROR_SUCCESS {
            let why = format!("the window didn't respond within {milliseconds} ms");
            return Err(io::Error::new(io::ErrorKind::TimedOut, why));
        }
        Err(refusal(io::Error::from_raw_os_error(code as i32)))
    }
}

/// Returns an error with a more specific message for windows.
fn refusal(error: io::Error) -> io::Error {
    let is = |code: u32| error.raw_os_error() == Some(code as i32);
    if is(ERROR_ACCESS_DENIED) {
        let why = "the window belongs to a program with higher rights, which Windows protects from messages";
        io::Error::new(io::ErrorKind::PermissionDenied, why)
    } else if is(ERROR_INVALID_WINDOW_HANDLE) {
        io::Error::new(io::ErrorKind::NotFound, "the window was closed")
    } else {
        error
    }
}

/// Adds a window to the list at the address `list`.
unsafe extern "system" fn note(window: HWND, list: LPARAM) -> BOOL {
    // SAFETY: `find` passes the address of a list that lives and isn't used elsewhere at the same time.
    unsafe { &mut *(list as *mut Vec<HWND>) }.push(window);
    TRUE
}

/// Returns whether two texts are equal, ignoring case, as Windows compares names of windows.
fn same(left: &[u16], right: &[u16]) -> bool {
    let (Ok(left_length), Ok(right_length)) =
        (i32::try_from(left.len()), i32::try_from(right.len()))
    else {
        return false;
    };
    // SAFETY: both texts have the given lengths, and live until the call returns.
    let order = unsafe {
        CompareStringOrdinal(left.as_ptr(), left_length, right.as_ptr(), right_length, TRUE)
    };
    order == CSTR_EQUAL
}

/// Returns a number as a wParam of this system.
fn to_wparam(number: u64) -> io::Result<WPARAM> {
    usize::try_from(number).map_err(|_| {
        io::Error::new(io::ErrorKind::InvalidInput, "the number is too large for this Windows")
    })
}

fn handle(window: Window) -> HWND {
    window.0 as HWND
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn window_names_match_completely_and_ignore_case() {
        let check = |left: &str, right: &str| {
            let units = |text: &str| text.encode_utf16().collect::<Vec<_>>();
            same(&units(left), &units(right))
        };
        assert!(check("MyAppWindow", "myappwindow") && check("Büro", "BÜRO"));
        assert!(!check("MyApp", "MyAppWindow") && !check("ss", "ß"));
    }

    #[test]
    fn duplicate_windows_are_removed_in_order() {
        let mut windows = [3, 1, 3, 2, 1].map(|number| number as HWND).to_vec();
        keep_first_of_each(&mut windows);
        assert_eq!(windows, [3, 1, 2].map(|number| number as HWND));
    }

    #[test]
    fn closed_window_is_not_found() {
        let gone = Window(0x7ffe_fffe);
        let at_most = Duration::from_secs(1);
        let kind = |result: io::Result<u64>| result.unwrap_err().kind();
        assert_eq!(kind(send(gone, 0x400, 0, "x", at_most)), io::ErrorKind::NotFound);
        assert_eq!(kind(copy_data(gone, 1, "x", at_most)), io::ErrorKind::NotFound);
        assert_eq!(kind(post(gone, 0x400, 0, "x").map(|()| 0)), io::ErrorKind::NotFound);
    }

    #[test]
    fn window_with_higher_rights_has_its_own_error() {
        let error = refusal(io::Error::from_raw_os_error(ERROR_ACCESS_DENIED as i32));
        assert_eq!(error.kind(), io::ErrorKind::PermissionDenied);
        assert!(error.to_string().contains("higher rights"), "{error}");
    }

    #[test]
    fn empty_window_name_finds_nothing() {
        assert_eq!(find(WindowName::Title("")).unwrap(), []);
        assert_eq!(find(WindowName::Class("")).unwrap(), []);
    }
}
