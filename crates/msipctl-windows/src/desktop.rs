//! The interface to the desktop: windows, messages, and starting programs.

use std::ffi::OsString;
use std::io;
use std::ops::ControlFlow;
use std::time::Duration;

/// The desktop that this process belongs to.
pub trait Desktop {
    /// Returns the top-level windows with exactly this title or class, the topmost first, followed by message-only windows.
    ///
    /// Includes hidden windows. A window that isn't responding doesn't cause a delay.
    ///
    /// # Errors
    ///
    /// If the system isn't Windows.
    fn find_windows(&self, name: WindowName<'_>) -> io::Result<Vec<Window>>;

    /// Sends a message to a window, waits, and returns the return value.
    ///
    /// The lParam of the message is a global atom with the first 255 UTF-16 code units of `text`, or 0 if `text` is empty. The
    /// atom is deleted before this method returns. If `text` consists of `#` and digits, and Windows would return another
    /// number, a space is appended.
    ///
    /// # Errors
    ///
    /// [`io::ErrorKind::TimedOut`] if the window doesn't respond in time. Otherwise, the error of Windows, such as for a window
    /// that was closed or that belongs to a program with higher rights.
    fn send_message(
        &self,
        window: Window,
        message: u32,
        wparam: u64,
        text: &str,
        at_most: Duration,
    ) -> io::Result<u64>;

    /// Posts a message to a window and doesn't wait. The receiver must delete the atom in lParam.
    ///
    /// # Errors
    ///
    /// The error of Windows.
    fn post_message(&self, window: Window, message: u32, wparam: u64, text: &str)
    -> io::Result<()>;

    /// Sends WM_COPYDATA with `text` in NUL-terminated UTF-16, waits, and returns the return value.
    ///
    /// # Errors
    ///
    /// As [`Desktop::send_message`].
    fn copy_data(&self, window: Window, id: u32, text: &str, at_most: Duration) -> io::Result<u64>;

    /// Opens a URL with the program that the user chose for its scheme.
    ///
    /// # Errors
    ///
    /// If there is no such program, or the system isn't Windows.
    fn open(&self, address: &str) -> io::Result<()>;

    /// Starts a file like MicroSIP does, and waits until it exits: ShellExecuteEx with these parameters, the default verb, and a
    /// hidden window.
    ///
    /// # Errors
    ///
    /// If the file can't be started.
    fn start_hidden(&self, file: &str, parameters: &str, at_most: Duration) -> io::Result<Started>;

    /// Opens a hidden window with a title and optional class, and calls `take` for each message it receives.
    ///
    /// `take` gets each message with an ID of WM_USER or higher, and each WM_COPYDATA. Returns when `take` breaks, the window is
    /// closed, or the time is up.
    ///
    /// # Errors
    ///
    /// If the window can't be created, or the system isn't Windows.
    fn listen(
        &self,
        title: &str,
        class: Option<&str>,
        at_most: Option<Duration>,
        take: &mut dyn FnMut(Received) -> ControlFlow<()>,
    ) -> io::Result<()>;
}

/// The name to find a window by. Not case-sensitive, as in FindWindowW.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum WindowName<'n> {
    /// The complete title.
    Title(&'n str),
    /// The name of the window class.
    Class(&'n str),
}

/// The handle of a window.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Window(pub isize);

/// The result of starting a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Started {
    /// The ID of the new process, or `None` if an existing process handles the file.
    pub process: Option<u32>,
    /// The exit code, or `None` if the process didn't exit in time.
    pub exit: Option<u32>,
}

/// A message that arrived at a listening window.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Received {
    /// The window is open and can receive messages.
    Ready(Window),
    /// A message with an ID of WM_USER or higher.
    Message {
        /// The message ID.
        message: u32,
        /// The wParam.
        wparam: u64,
        /// The lParam.
        lparam: u64,
        /// The text, if lParam is a global atom. For Windows, every number below 0xC000 is also an atom, with `#` and the number
        /// as its text.
        text: Option<OsString>,
        /// Whether the message was posted. In that case, the atom was deleted after it was read.
        posted: bool,
    },
    /// WM_COPYDATA.
    Data {
        /// The number that identifies the kind of data (dwData).
        id: u64,
        /// The data.
        bytes: Vec<u8>,
    },
}
