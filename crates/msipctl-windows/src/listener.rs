//! A hidden window of this program that receives messages.
//!
//! The sender of a message waits until it was handled, so only the text is read at that time. The message is passed on between
//! two messages, when no sender waits.

use std::cell::{Cell, RefCell};
use std::ffi::c_void;
use std::io;
use std::ops::ControlFlow;
use std::ptr;
use std::slice;
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use windows_sys::Win32::Foundation::{
    ERROR_CLASS_ALREADY_EXISTS, HANDLE, HINSTANCE, HWND, LPARAM, LRESULT, WAIT_FAILED, WPARAM,
};
use windows_sys::Win32::System::DataExchange::COPYDATASTRUCT;
use windows_sys::Win32::System::LibraryLoader::GetModuleHandleW;
use windows_sys::Win32::System::Threading::INFINITE;
use windows_sys::Win32::UI::WindowsAndMessaging::{
    HMENU, ISMEX_NOSEND, MSG, MWMO_INPUTAVAILABLE, PM_REMOVE, QS_ALLINPUT, WM_CLOSE, WM_COPYDATA,
    WM_QUIT, WM_USER, WNDCLASSW, WS_EX_NOACTIVATE, WS_EX_TOOLWINDOW, WS_OVERLAPPED,
};
use windows_sys::core::{BOOL, PCWSTR};

use super::atom;
use super::desktop::{Received, Window};
use super::library::calls;
use super::text::wide;

type OnMessage = unsafe extern "system" fn(HWND, u32, WPARAM, LPARAM) -> LRESULT;
type Create = unsafe extern "system" fn(
    u32,
    PCWSTR,
    PCWSTR,
    u32,
    i32,
    i32,
    i32,
    i32,
    HWND,
    HMENU,
    HINSTANCE,
    *const c_void,
) -> HWND;

calls! {
    /// The functions that create a window and process messages.
    #[derive(Clone, Copy)]
    Calls from "user32.dll" {
        register: unsafe extern "system" fn(*const WNDCLASSW) -> u16 = c"RegisterClassW",
        create: Create = c"CreateWindowExW",
        destroy: unsafe extern "system" fn(HWND) -> BOOL = c"DestroyWindow",
        default: OnMessage = c"DefWindowProcW",
        how_sent: unsafe extern "system" fn(*const c_void) -> u32 = c"InSendMessageEx",
        wait: unsafe extern "system" fn(u32, *const HANDLE, u32, u32, u32) -> u32 =
            c"MsgWaitForMultipleObjectsEx",
        peek: unsafe extern "system" fn(*mut MSG, HWND, u32, u32, u32) -> BOOL = c"PeekMessageW",
        dispatch: unsafe extern "system" fn(*const MSG) -> LRESULT = c"DispatchMessageW",
    }
}

/// The default window class.
const CLASS: &str = "msipctl";

/// Held while a thread registers a window class.
static REGISTERING: Mutex<()> = Mutex::new(());

/// The highest message ID that programs can choose themselves. Higher IDs are registered by name.
const LAST_PRIVATE: u32 = 0xbfff;

thread_local! {
    /// The functions for the window of this thread, while it exists.
    static OPEN: Cell<Option<Calls>> = const { Cell::new(None) };
    /// The messages that arrived and weren't passed on yet.
    static ARRIVED: RefCell<Vec<Arrived>> = const { RefCell::new(Vec::new()) };
}

/// An event of the listening window.
enum Arrived {
    Received(Received),
    Closed,
}

/// Opens a window and passes each message to `take`.
pub(super) fn listen(
    title: &str,
    class: Option<&str>,
    at_most: Option<Duration>,
    take: &mut dyn FnMut(Received) -> ControlFlow<()>,
) -> io::Result<()> {
    let end = at_most.and_then(|at_most| Instant::now().checked_add(at_most));
    let open = Open::new(title, class.unwrap_or(CLASS))?;
    if take(Received::Ready(Window(open.window as isize))).is_break() {
        return Ok(());
    }
    loop {
        let is_over = open.step()?;
        let arrived = ARRIVED.take();
        for arrived in arrived {
            let next = match arrived {
                Arrived::Received(received) => take(received),
                Arrived::Closed => ControlFlow::Break(()),
            };
            if next.is_break() {
                return Ok(());
            }
        }
        let left = end.map(|end| end.saturating_duration_since(Instant::now()));
        match (is_over, left) {
            (ControlFlow::Break(()), _) | (_, Some(Duration::ZERO)) => return Ok(()),
            (ControlFlow::Continue(true), _) => {}
            (ControlFlow::Continue(false), left) => open.wait(left)?,
        }
    }
}

/// A window of this thread. Closed on drop.
struct Open {
    calls: Calls,
    window: HWND,
}

impl Open {
    /// Creates the window. Its class remains registered for the next window of that class.
    fn new(title: &str, class: &str) -> io::Result<Self> {
        if OPEN.get().is_some() {
            let why = "this thread already has a listening window";
            return Err(io::Error::new(io::ErrorKind::AlreadyExists, why));
        }
        let (title, class) = (wide(title)?, wide(class)?);
        let calls = Calls::load()?;
        // SAFETY: null requests the handle of the program itself.
        let program = unsafe { GetModuleHandleW(ptr::null()) };
        let description = WNDCLASSW {
            lpfnWndProc: Some(on_message),
            hInstance: program,
            lpszClassName: class.as_ptr(),
            ..Default::default()
        };
        // A class can be reported as existing while another thread still registers it, and then creating the window fails.
        let registering = REGISTERING.lock().unwrap_or_else(PoisonError::into_inner);
        // SAFETY: `description` and the name in it live until the call returns, and `on_message` is a static function.
        if unsafe { (calls.register)(&description) } == 0 {
            let error = io::Error::last_os_error();
            if error.raw_os_error() != Some(ERROR_CLASS_ALREADY_EXISTS as i32) {
                return Err(error);
            }
        }
        drop(registering);
        ARRIVED.take();
        OPEN.set(Some(calls));
        // SAFETY: both names live until the call returns, and the parent, menu, and data can be null.
        let window = unsafe {
            (calls.create)(
                WS_EX_TOOLWINDOW | WS_EX_NOACTIVATE,
                class.as_ptr(),
                title.as_ptr(),
                WS_OVERLAPPED,
                0,
                0,
                0,
                0,
                ptr::null_mut(),
                ptr::null_mut(),
                program,
                ptr::null(),
            )
        };
        if window.is_null() {
            let error = io::Error::last_os_error();
            OPEN.set(None);
            return Err(error);
        }
        Ok(Self { calls, window })
    }

    /// Processes all sent messages and at most one posted message. Returns whether there was a posted one.
    fn step(&self) -> io::Result<ControlFlow<(), bool>> {
        let mut message = MSG::default();
        // SAFETY: `message` has the type that the function writes, and a null window means all windows of this thread.
        if unsafe { (self.calls.peek)(&mut message, ptr::null_mut(), 0, 0, PM_REMOVE) } == 0 {
            return Ok(ControlFlow::Continue(false));
        }
        if message.message == WM_QUIT {
            return Ok(ControlFlow::Break(()));
        }
        // SAFETY: the previous function filled `message`.
        unsafe { (self.calls.dispatch)(&message) };
        Ok(ControlFlow::Continue(true))
    }

    /// Waits until a message arrives or the time is up.
    fn wait(&self, at_most: Option<Duration>) -> io::Result<()> {
        let milliseconds = at_most.map_or(INFINITE, |at_most| {
            // Round up, because the function doesn't wait for less than a millisecond.
            u32::try_from(at_most.as_millis() + 1).unwrap_or(INFINITE - 1).min(INFINITE - 1)
        });
        // SAFETY: the list of handles can be null, because its length is 0.
        let woken = unsafe {
            (self.calls.wait)(0, ptr::null(), milliseconds, QS_ALLINPUT, MWMO_INPUTAVAILABLE)
        };
        if woken == WAIT_FAILED { Err(io::Error::last_os_error()) } else { Ok(()) }
    }
}

impl Drop for Open {
    fn drop(&mut self) {
        // SAFETY: the window belongs to this thread, and `Open` can't be sent to another thread.
        unsafe { (self.calls.destroy)(self.window) };
        OPEN.set(None);
    }
}

/// Handles a message. Windows calls this function only on the thread of the window.
unsafe extern "system" fn on_message(
    window: HWND,
    message: u32,
    wparam: WPARAM,
    lparam: LPARAM,
) -> LRESULT {
    let Some(calls) = OPEN.get() else { return 0 };
    // SAFETY: the argument must be null.
    let posted = unsafe { (calls.how_sent)(ptr::null()) } == ISMEX_NOSEND;
    let arrived = match message {
        WM_CLOSE => Arrived::Closed,
        // This message can't be posted. For a sent one, Windows copies the data to the receiver.
        WM_COPYDATA if !posted => {
            // SAFETY: the message was sent, so Windows created the data that `lparam` points to.
            Arrived::Received(unsafe { data(lparam as *const COPYDATASTRUCT) })
        }
        WM_USER.. => Arrived::Received(read(message, wparam, lparam, posted)),
        // SAFETY: all four arguments come from Windows.
        _ => return unsafe { (calls.default)(window, message, wparam, lparam) },
    };
    ARRIVED.with_borrow_mut(|list| list.push(arrived));
    1
}

/// Reads a message and the text of its atom, and deletes the atom if that is the task of the receiver.
fn read(message: u32, wparam: WPARAM, lparam: LPARAM, posted: bool) -> Received {
    let number = u16::try_from(lparam).ok().filter(|number| *number != 0);
    let text = number.and_then(atom::text_of);
    if let Some(number) = number
        && posted
        && message <= LAST_PRIVATE
        && text.is_some()
    {
        atom::delete(number);
    }
    Received::Message {
        message,
        wparam: wparam as u64,
        lparam: lparam as usize as u64,
        text,
        posted,
    }
}

/// Copies the data of WM_COPYDATA.
///
/// # Safety
///
/// `data` must be null, or the pointer that Windows passed with a sent WM_COPYDATA.
unsafe fn data(data: *const COPYDATASTRUCT) -> Received {
    // SAFETY: the caller guarantees that the pointer is valid or null.
    let Some(data) = (unsafe { data.as_ref() }) else {
        return Received::Data { id: 0, bytes: Vec::new() };
    };
    let bytes = if data.lpData.is_null() {
        Vec::new()
    } else {
        // SAFETY: Windows provides the length, and the data is valid until the message was handled.
        unsafe { slice::from_raw_parts(data.lpData.cast::<u8>(), data.cbData as usize) }.to_vec()
    };
    Received::Data { id: data.dwData as u64, bytes }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::WindowName;
    use crate::atom::FIRST_WITH_TEXT;
    use crate::messages;
    use std::sync::mpsc;
    use std::thread;

    const PATIENCE: Duration = Duration::from_secs(20);

    /// Opens a window, lets another thread send to it, and returns the messages that arrived before it was closed.
    fn check(title: &str, send: impl FnOnce(Window) + Send + 'static) -> Vec<Received> {
        let (ready, window) = mpsc::channel();
        let sender = thread::spawn(move || {
            let window = window.recv_timeout(PATIENCE).unwrap();
            send(window);
            messages::post(window, WM_CLOSE, 0, "").unwrap();
        });
        let mut arrived = Vec::new();
        listen(title, None, Some(PATIENCE), &mut |received| {
            match received {
                Received::Ready(window) => ready.send(window).unwrap(),
                received => arrived.push(received),
            }
            ControlFlow::Continue(())
        })
        .unwrap();
        sender.join().unwrap();
        arrived
    }

    #[test]
    fn listener_receives_sent_and_posted_messages() {
        let arrived = check("listener: all", |window| {
            assert_eq!(messages::find(WindowName::Title("LISTENER: ALL")).unwrap(), [window]);
            assert_eq!(
                messages::send(window, WM_USER + 1, 7, "listener: sent", PATIENCE).unwrap(),
                1
            );
            messages::post(window, WM_USER + 2, 8, "listener: posted").unwrap();
            messages::send(window, WM_USER + 3, u64::MAX, "", PATIENCE).unwrap();
            assert_eq!(messages::copy_data(window, 9, "é", PATIENCE).unwrap(), 1);
        });
        let mut seen: Vec<_> = arrived
            .iter()
            .map(|received| match received {
                Received::Message { message, wparam, text, posted, .. } => {
                    let text = text.as_ref().map(|text| text.to_str().unwrap());
                    format!("{message} {wparam} {text:?} {posted}")
                }
                Received::Data { id, bytes } => format!("data {id} {bytes:?}"),
                Received::Ready(_) => "ready".to_owned(),
            })
            .collect();
        // Sent messages can overtake posted ones.
        seen.sort();
        let expected = [
            "1025 7 Some(\"listener: sent\") false".to_owned(),
            "1026 8 Some(\"listener: posted\") true".to_owned(),
            format!("1027 {} None false", u64::MAX),
            "data 9 [233, 0, 0, 0]".to_owned(),
        ];
        assert_eq!(seen, expected);
        for received in arrived {
            if let Received::Message { lparam, text: Some(text), .. } = received {
                let number = u16::try_from(lparam).unwrap();
                assert!(number >= FIRST_WITH_TEXT);
                // Another test can have created an atom with the same number.
                assert!(
                    atom::text_of(number).is_none_or(|other| other != text),
                    "the atom of {text:?} still exists"
                );
            }
        }
    }

    #[test]
    fn listener_stops_at_its_timeout_and_closes_its_window() {
        let begin = Instant::now();
        let mut ready = 0;
        let at_most = Some(Duration::from_millis(300));
        listen("listener: time", None, at_most, &mut |_| {
            ready += 1;
            ControlFlow::Continue(())
        })
        .unwrap();
        assert_eq!(ready, 1);
        assert!((300..5000).contains(&begin.elapsed().as_millis()), "{:?}", begin.elapsed());
        assert_eq!(messages::find(WindowName::Title("listener: time")).unwrap(), []);
    }

    #[test]
    fn second_listener_on_a_thread_is_rejected() {
        let mut kinds = Vec::new();
        listen("listener: two", Some("listener class"), None, &mut |_| {
            kinds.push(listen("listener: three", None, None, &mut |_| ControlFlow::Break(())));
            let found = messages::find(WindowName::Class("Listener Class")).unwrap();
            assert_eq!(found.len(), 1);
            ControlFlow::Break(())
        })
        .unwrap();
        assert_eq!(kinds[0].as_ref().unwrap_err().kind(), io::ErrorKind::AlreadyExists);
    }
}
