//! Windows and messages, and starting things as the desktop does.

use std::ffi::OsString;
use std::io;
use std::ops::ControlFlow;
use std::time::Duration;

/// What other rooms ask of the desktop that this process belongs to.
pub trait Desktop {
    /// Lists the top-level windows of exactly this title or class, the topmost first, and behind them those
    /// that exist for messages only. Hidden ones count; one that hangs delays nothing.
    ///
    /// # Errors
    ///
    /// When the system is not Windows.
    fn find_windows(&self, name: WindowName<'_>) -> io::Result<Vec<Window>>;

    /// Sends a message and waits for its answer. lParam is a global atom that holds the first 255 UTF-16
    /// units of `text`, 0 for an empty one; it is deleted when the call has returned. A text of `#` and
    /// digits gets a blank behind it where Windows would give another number back.
    ///
    /// # Errors
    ///
    /// [`io::ErrorKind::TimedOut`] when the window hangs or did not answer in time; else what Windows
    /// says, such as that the window is gone or belongs to a program of higher rights.
    fn send_message(
        &self,
        window: Window,
        message: u32,
        wparam: u64,
        text: &str,
        at_most: Duration,
    ) -> io::Result<u64>;

    /// Posts a message and does not wait. The receiver deletes the atom in lParam.
    ///
    /// # Errors
    ///
    /// What Windows says.
    fn post_message(&self, window: Window, message: u32, wparam: u64, text: &str)
    -> io::Result<()>;

    /// Sends WM_COPYDATA with `text` as UTF-16 and a zero behind it, and waits for the answer.
    ///
    /// # Errors
    ///
    /// As [`Desktop::send_message`].
    fn copy_data(&self, window: Window, id: u32, text: &str, at_most: Duration) -> io::Result<u64>;

    /// Opens an address with the program that the user chose for its scheme.
    ///
    /// # Errors
    ///
    /// When there is none, or the system is not Windows.
    fn open(&self, address: &str) -> io::Result<()>;

    /// Starts a file as MicroSIP does: ShellExecuteEx, default verb, hidden, these parameters behind it;
    /// then waits for its end.
    ///
    /// # Errors
    ///
    /// When nothing could be started.
    fn start_hidden(&self, file: &str, parameters: &str, at_most: Duration) -> io::Result<Started>;

    /// Opens a window that nobody sees, of this title and, if named, class, and hands over each message
    /// from WM_USER on and each WM_COPYDATA until `take` breaks, the window is closed or the time is over.
    ///
    /// # Errors
    ///
    /// When the window cannot be made, or the system is not Windows.
    fn listen(
        &self,
        title: &str,
        class: Option<&str>,
        at_most: Option<Duration>,
        take: &mut dyn FnMut(Received) -> ControlFlow<()>,
    ) -> io::Result<()>;
}

/// How a window is looked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum WindowName<'n> {
    /// By its whole title; case counts not, as with FindWindowW.
    Title(&'n str),
    /// By the name of its class; case counts not either.
    Class(&'n str),
}

/// A window's handle.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Window(pub isize);

/// What came of a start.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Started {
    /// The process, if the file led to one of its own.
    pub process: Option<u32>,
    /// Its exit code, if it ended in time.
    pub exit: Option<u32>,
}

/// A message that arrived at a listening window.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Received {
    /// The window stands and messages can come.
    Ready(Window),
    /// A message from WM_USER on.
    Message {
        /// Its number.
        message: u32,
        /// Its wParam.
        wparam: u64,
        /// Its lParam.
        lparam: u64,
        /// The text, if lParam is a global atom. Windows takes every number below 0xC000 for one, of the
        /// text `#` and the number.
        text: Option<OsString>,
        /// Whether it was posted; then the atom was deleted after it had been read.
        posted: bool,
    },
    /// WM_COPYDATA.
    Data {
        /// The number by which receivers tell data apart.
        id: u64,
        /// The bytes.
        bytes: Vec<u8>,
    },
}
