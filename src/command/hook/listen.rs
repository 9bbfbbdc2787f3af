//! `hook listen`: a window that prints the messages of hooks.

use std::ops::ControlFlow;
use std::time::Duration;

use clap::Args;

use crate::error::CliError;
use crate::exit::Exit;
use crate::output::{MessageRow, MessagesReport, Output};
use msipctl_windows::{Received, desktop};

const LISTEN_EXAMPLES: &str = "\
Examples:
  # Print the messages to the window MyAppWindow
  msipctl hook listen --window MyAppWindow
  # Wait 30 s for one message
  msipctl hook listen --window MyAppWindow --count 1 --timeout 30 --format ndjson";

/// Print window messages as they arrive
///
/// Use this command while you write a receiver. It opens a hidden window, and prints every message from WM_USER on and every
/// WM_COPYDATA, with its text. With --format json, it prints everything at the end. Exits with 1 if --timeout expires before
/// --count messages arrive.
#[derive(Debug, Args)]
#[command(after_help = LISTEN_EXAMPLES)]
pub(crate) struct Listen {
    /// Title of the window, as in the directive
    #[arg(long, value_name = "TITLE")]
    window: String,

    /// Class of the window, for directives with class:NAME
    #[arg(long, value_name = "NAME")]
    class: Option<String>,

    /// Stop after this time
    #[arg(long = "timeout", value_name = "SECONDS", value_parser = clap::value_parser!(u64).range(1..))]
    seconds: Option<u64>,

    /// Stop after N messages
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u64).range(1..))]
    count: Option<u64>,
}

impl Listen {
    pub(super) fn run(&self, out: &mut Output) -> Result<Exit, CliError> {
        let mut report = MessagesReport::default();
        let at_most = self.seconds.map(Duration::from_secs);
        let class = self.class.as_deref();
        let listened = desktop().listen(&self.window, class, at_most, &mut |received| {
            let Some(row) = row(received) else {
                out.note(&format!("listening as `{}`", self.window));
                return ControlFlow::Continue(());
            };
            out.row(&mut report, row);
            let is_enough = self.count.is_some_and(|count| report.len() >= count);
            if is_enough || out.is_closed() {
                ControlFlow::Break(())
            } else {
                ControlFlow::Continue(())
            }
        });
        listened.map_err(|error| {
            let error =
                CliError::runtime(format!("can't listen as window `{}`: {error}", self.window));
            error.hint("run it on the Windows PC where MicroSIP runs")
        })?;
        out.end(&report);
        let is_short = self.count.is_some_and(|count| report.len() < count);
        Ok(if is_short { Exit::Found } else { Exit::Success })
    }
}

/// Returns the row of a message; `None` for the event that the window is ready.
fn row(received: Received) -> Option<MessageRow> {
    match received {
        Received::Ready(_) => None,
        Received::Message { message, wparam, lparam, text, posted } => Some(MessageRow {
            message: name(message),
            number: message,
            wparam: Some(wparam),
            lparam: Some(lparam),
            posted,
            id: None,
            text: text.map(|text| text.to_string_lossy().into_owned()),
            bytes: None,
        }),
        Received::Data { id, bytes } => Some(MessageRow {
            message: "WM_COPYDATA".to_owned(),
            number: 0x4a,
            wparam: None,
            lparam: None,
            posted: false,
            id: Some(id),
            text: text(&bytes),
            bytes: Some(bytes.iter().map(|byte| format!("{byte:02x}")).collect()),
        }),
    }
}

/// Names a message as a directive does.
fn name(message: u32) -> String {
    match message {
        0x400..0x8000 => format!("WM_USER+{}", message - 0x400),
        0x8000..0xc000 => format!("WM_APP+{}", message - 0x8000),
        _ => format!("0x{message:x}"),
    }
}

/// Decodes NUL-terminated UTF-16; `None` for other bytes.
fn text(bytes: &[u8]) -> Option<String> {
    let (pairs, []) = bytes.as_chunks::<2>() else { return None };
    let units: Vec<u16> = pairs.iter().map(|pair| u16::from_le_bytes(*pair)).collect();
    let (0, units) = units.split_last()? else { return None };
    String::from_utf16(units).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(received: Received, expected: &str) {
        let row = row(received).unwrap();
        let shown = [row.message, format!("{:?} {:?} {:?}", row.id, row.text, row.bytes)];
        assert_eq!(shown.join(" "), expected);
    }

    #[test]
    fn window_messages_are_named_as_in_directives() {
        assert_eq!(name(0x464), "WM_USER+100");
        assert_eq!(name(0x8001), "WM_APP+1");
        assert_eq!(name(0xc012), "0xc012");
    }

    #[test]
    fn copy_data_is_text_only_when_nul_terminated_utf16() {
        let data = |bytes: &[u8]| Received::Data { id: 7, bytes: bytes.to_vec() };
        check(data(b"\xe9\0\0\0"), r#"WM_COPYDATA Some(7) Some("é") Some("e9000000")"#);
        check(data(b"\0\0"), r#"WM_COPYDATA Some(7) Some("") Some("0000")"#);
        check(data(b"abc\0"), r#"WM_COPYDATA Some(7) None Some("61626300")"#);
        check(data(b"\0\xd8\0\0"), r#"WM_COPYDATA Some(7) None Some("00d80000")"#);
        check(data(b"a"), r#"WM_COPYDATA Some(7) None Some("61")"#);
        check(data(b""), r#"WM_COPYDATA Some(7) None Some("")"#);
    }
}
