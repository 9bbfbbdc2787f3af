//! A window of this program that nobody sees, and what arrives there.
//!
//! A message that is sent is answered while its sender waits, so its text is read at once; what was read is
//! handed on between two messages, where nobody waits.

use std::cell::{Cell, RefCell};
use std::ffi::c_void;
use std::io;
use std::ops::ControlFlow;
use std::ptr;
use std::slice;
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
    /// The calls that make a window and move messages.
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

/// The class of a window that was given none.
const CLASS: &str = "msipctl";

/// The last message that programs may choose for themselves; those behind it are registered by name.
const LAST_PRIVATE: u32 = 0xbfff;

thread_local! {
    /// The calls of the window of this thread, while there is one.
    static OPEN: Cell<Option<Calls>> = const { Cell::new(None) };
    /// What arrived there and was not yet handed on.
    static ARRIVED: RefCell<Vec<Arrived>> = const { RefCell::new(Vec::new()) };
}

/// What happens to a listening window.
enum Arrived {
    Received(Received),
    Closed,
}

/// Opens a window and hands over what arrives.
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

/// A window of this thread; closed when dropped.
struct Open {
    calls: Calls,
    window: HWND,
}

impl Open {
    /// Makes it. The class stays, for the next window of the same.
    fn new(title: &str, class: &str) -> io::Result<Self> {
        if OPEN.get().is_some() {
            let why = "this thread has a listening window already";
            return Err(io::Error::new(io::ErrorKind::AlreadyExists, why));
        }
        let (title, class) = (wide(title)?, wide(class)?);
        let calls = Calls::load()?;
        // SAFETY: null asks for the program itself.
        let program = unsafe { GetModuleHandleW(ptr::null()) };
        let description = WNDCLASSW {
            lpfnWndProc: Some(on_message),
            hInstance: program,
            lpszClassName: class.as_ptr(),
            ..Default::default()
        };
        // SAFETY: `description` and the name it leads to live until the call returns, and `on_message` stays.
        if unsafe { (calls.register)(&description) } == 0 {
            let error = io::Error::last_os_error();
            if error.raw_os_error() != Some(ERROR_CLASS_ALREADY_EXISTS as i32) {
                return Err(error);
            }
        }
        ARRIVED.take();
        OPEN.set(Some(calls));
        // SAFETY: both names live until the call returns; it may be given no parent, menu or data.
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

    /// Lets in what was sent, and one message that was posted, if there is one, as it then says.
    fn step(&self) -> io::Result<ControlFlow<(), bool>> {
        let mut message = MSG::default();
        // SAFETY: `message` is live and of the type the call fills; a null window stands for all of this thread.
        if unsafe { (self.calls.peek)(&mut message, ptr::null_mut(), 0, 0, PM_REMOVE) } == 0 {
            return Ok(ControlFlow::Continue(false));
        }
        if message.message == WM_QUIT {
            return Ok(ControlFlow::Break(()));
        }
        // SAFETY: `message` is as the call before filled it.
        unsafe { (self.calls.dispatch)(&message) };
        Ok(ControlFlow::Continue(true))
    }

    /// Waits until there is a message, or the time is over.
    fn wait(&self, at_most: Option<Duration>) -> io::Result<()> {
        let milliseconds = at_most.map_or(INFINITE, |at_most| {
            // Up to the next whole one, since below it nothing would be waited for.
            u32::try_from(at_most.as_millis() + 1).unwrap_or(INFINITE - 1).min(INFINITE - 1)
        });
        // SAFETY: no handle is given, so that their list may be null.
        let woken = unsafe {
            (self.calls.wait)(0, ptr::null(), milliseconds, QS_ALLINPUT, MWMO_INPUTAVAILABLE)
        };
        if woken == WAIT_FAILED { Err(io::Error::last_os_error()) } else { Ok(()) }
    }
}

impl Drop for Open {
    fn drop(&mut self) {
        // SAFETY: the window is one of this thread, which is where values that hold it stay.
        unsafe { (self.calls.destroy)(self.window) };
        OPEN.set(None);
    }
}

/// Takes in one message. Windows calls this on the thread of the window only.
unsafe extern "system" fn on_message(
    window: HWND,
    message: u32,
    wparam: WPARAM,
    lparam: LPARAM,
) -> LRESULT {
    let Some(calls) = OPEN.get() else { return 0 };
    // SAFETY: the call wants null.
    let posted = unsafe { (calls.how_sent)(ptr::null()) } == ISMEX_NOSEND;
    let arrived = match message {
        WM_CLOSE => Arrived::Closed,
        // Nobody can post it. What was sent, Windows has copied for the receiver.
        WM_COPYDATA if !posted => {
            // SAFETY: the message is one that was sent, so Windows made what `lparam` leads to.
            Arrived::Received(unsafe { data(lparam as *const COPYDATASTRUCT) })
        }
        WM_USER.. => Arrived::Received(read(message, wparam, lparam, posted)),
        // SAFETY: all four are as Windows gave them.
        _ => return unsafe { (calls.default)(window, message, wparam, lparam) },
    };
    ARRIVED.with_borrow_mut(|list| list.push(arrived));
    1
}

/// Reads a message with the text of its atom, which is deleted if nobody else will do so.
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

/// Copies what came with WM_COPYDATA.
///
/// # Safety
///
/// `data` is null, or what Windows gave with a WM_COPYDATA that was sent.
unsafe fn data(data: *const COPYDATASTRUCT) -> Received {
    // SAFETY: the caller's promise.
    let Some(data) = (unsafe { data.as_ref() }) else {
        return Received::Data { id: 0, bytes: Vec::new() };
    };
    let bytes = if data.lpData.is_null() {
        Vec::new()
    } else {
        // SAFETY: Windows says how many bytes stand there, until this message is answered.
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

    /// Opens a window, lets another thread send to it, and returns what arrived until it was closed.
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
        // What is sent may overtake what is posted.
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
                // Another test may have its number by now.
                assert!(
                    atom::text_of(number).is_none_or(|other| other != text),
                    "{text:?} is left"
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
