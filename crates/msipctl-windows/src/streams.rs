//! Prevents started programs from inheriting the standard streams of this program.

use std::io;
use std::os::windows::io::{AsRawHandle, RawHandle};

use windows_sys::Win32::Foundation::{HANDLE_FLAG_INHERIT, SetHandleInformation};

/// Prevents programs that are started from now on from inheriting the standard streams of this program.
///
/// # Errors
///
/// If a system call fails.
pub fn keep_streams() -> io::Result<()> {
    let streams =
        [io::stdin().as_raw_handle(), io::stdout().as_raw_handle(), io::stderr().as_raw_handle()];
    // A program without a console might not have streams.
    streams.into_iter().filter(|stream| !stream.is_null()).try_for_each(keep)
}

fn keep(stream: RawHandle) -> io::Result<()> {
    // SAFETY: the function takes no pointer, and fails for a closed handle.
    match unsafe { SetHandleInformation(stream, HANDLE_FLAG_INHERIT, 0) } {
        0 => Err(io::Error::last_os_error()),
        _ => Ok(()),
    }
}
