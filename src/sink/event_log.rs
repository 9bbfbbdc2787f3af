//! The Windows event log, which most log collectors of Windows read.

use std::io;

use super::event::Event;
#[cfg(windows)]
use super::event::Severity;

/// Writes events to the event log `Application`, with the source `msipctl`.
#[cfg(windows)]
pub(super) fn report(events: &[Event]) -> io::Result<()> {
    use msipctl_windows::{LogEvent, LogKind, report_events};

    /// The maximum length of a text in bytes; Windows accepts 31,839 characters.
    const MAX_TEXT: usize = 16 * 1024;

    let events: Vec<_> = events
        .iter()
        .map(|event| LogEvent {
            id: event.name.id(),
            kind: match event.severity() {
                Severity::Info => LogKind::Information,
                Severity::Warning => LogKind::Warning,
                Severity::Error => LogKind::Error,
            },
            texts: [event.text(), event.json_within(MAX_TEXT)],
        })
        .collect();
    report_events("msipctl", &events)
}

/// Fails: only Windows has this log, and the command line rejects it elsewhere.
#[cfg(not(windows))]
pub(super) fn report(_events: &[Event]) -> io::Result<()> {
    Err(io::ErrorKind::Unsupported.into())
}
