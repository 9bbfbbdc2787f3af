//! Writes to the event log `Application`. Loads `advapi32.dll` only when needed.

use std::ffi::c_void;
use std::io;
use std::ptr;

use windows_sys::Win32::Foundation::HANDLE;
use windows_sys::core::{BOOL, PCWSTR};

use super::library::calls;
use super::text::wide;

calls! {
    /// The functions of the event log.
    EventLog from "advapi32.dll" {
        open: unsafe extern "system" fn(PCWSTR, PCWSTR) -> HANDLE = c"RegisterEventSourceW",
        report: unsafe extern "system" fn(
            HANDLE, u16, u16, u32, *const c_void, u16, u32, *const PCWSTR, *const c_void,
        ) -> BOOL = c"ReportEventW",
        close: unsafe extern "system" fn(HANDLE) -> BOOL = c"DeregisterEventSource",
    }
}

/// How important an event is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LogKind {
    /// Something failed.
    Error,
    /// Something needs attention.
    Warning,
    /// Everything else.
    Information,
}

impl LogKind {
    /// Returns the number that Windows uses.
    fn number(self) -> u16 {
        match self {
            Self::Error => 1,
            Self::Warning => 2,
            Self::Information => 4,
        }
    }
}

/// An event.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LogEvent {
    /// The event ID.
    pub id: u32,
    /// How important it is.
    pub kind: LogKind,
    /// The description, and its data.
    pub texts: [String; 2],
}

/// Writes events with the name of their source.
///
/// # Errors
///
/// If a text contains a NUL character, or if Windows can't write an event.
pub fn report_events(source: &str, events: &[LogEvent]) -> io::Result<()> {
    let calls = EventLog::load()?;
    let source = wide(source)?;
    // SAFETY: `source` is NUL-terminated, and null means this computer.
    let raw = unsafe { (calls.open)(ptr::null(), source.as_ptr()) };
    if raw.is_null() {
        return Err(io::Error::last_os_error());
    }
    let log = Log { raw, calls: &calls };
    events.iter().try_for_each(|event| log.report(event))
}

/// An open event log. Closed on drop.
struct Log<'c> {
    raw: HANDLE,
    calls: &'c EventLog,
}

impl Log<'_> {
    fn report(&self, event: &LogEvent) -> io::Result<()> {
        let texts = [wide(&event.texts[0])?, wide(&event.texts[1])?];
        let pointers = texts.each_ref().map(Vec::as_ptr);
        let (kind, count) = (event.kind.number(), pointers.len() as u16);
        let null = ptr::null();
        // SAFETY: the log is open, `pointers` has `count` NUL-terminated texts, and the other pointers can be null.
        let done = unsafe {
            (self.calls.report)(
                self.raw,
                kind,
                0,
                event.id,
                null,
                count,
                0,
                pointers.as_ptr(),
                null,
            )
        };
        if done == 0 { Err(io::Error::last_os_error()) } else { Ok(()) }
    }
}

impl Drop for Log<'_> {
    fn drop(&mut self) {
        // SAFETY: the log is open, and nothing else refers to it.
        unsafe { (self.calls.close)(self.raw) };
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn event_with_texts_is_accepted() {
        let event = |text: &str| LogEvent {
            id: 1001,
            kind: LogKind::Warning,
            texts: [text.to_owned(), "{}".to_owned()],
        };
        report_events("msipctl test", &[event("2 keys differ"), event("ü")]).unwrap();
        assert!(report_events("msipctl test", &[event("a\0b")]).is_err());
    }
}
