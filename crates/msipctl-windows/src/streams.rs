//! The streams of this program, which what it starts shall not get.

use std::io;
use std::os::windows::io::{AsRawHandle, RawHandle};

use windows_sys::Win32::Foundation::{HANDLE_FLAG_INHERIT, SetHandleInformation};

/// Keeps this program's standard streams from the programs it starts from now on.
///
/// # Errors
///
/// When Windows refuses.
pub fn keep_streams() -> io::Result<()> {
    let streams =
        [io::stdin().as_raw_handle(), io::stdout().as_raw_handle(), io::stderr().as_raw_handle()];
    // A program without console may have none.
    streams.into_iter().filter(|stream| !stream.is_null()).try_for_each(keep)
}

fn keep(stream: RawHandle) -> io::Result<()> {
    // SAFETY: the call takes no pointer, and a handle that is closed only makes it fail.
    match unsafe { SetHandleInformation(stream, HANDLE_FLAG_INHERIT, 0) } {
        0 => Err(io::Error::last_os_error()),
        _ => Ok(()),
    }
}
