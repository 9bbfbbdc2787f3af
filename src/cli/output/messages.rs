//! Messages that arrived at a listening window.

use std::io::{self, Write};

use serde::Serialize;
use serde_json::{Value, json};

use super::{DIM, Growing, NAME, printable};

/// One message.
#[derive(Debug, Serialize)]
pub(in crate::cli) struct MessageRow {
    pub(in crate::cli) message: String,
    pub(in crate::cli) number: u32,
    pub(in crate::cli) wparam: Option<u64>,
    pub(in crate::cli) lparam: Option<u64>,
    pub(in crate::cli) posted: bool,
    pub(in crate::cli) id: Option<u64>,
    pub(in crate::cli) text: Option<String>,
    pub(in crate::cli) bytes: Option<String>,
}

/// The messages of a run.
#[derive(Debug, Default)]
pub(in crate::cli) struct MessagesReport {
    messages: u64,
}

impl MessagesReport {
    /// Returns how many there were.
    pub(in crate::cli) fn len(&self) -> u64 {
        self.messages
    }
}

/// The first lParam that stands for a text alone, so that its number says nothing.
const FIRST_WITH_TEXT: u64 = 0xc000;

impl Growing for MessagesReport {
    const LIST: &'static str = "messages";
    type Row = MessageRow;

    fn human_row(&self, row: &MessageRow, out: &mut dyn Write) -> io::Result<()> {
        write!(out, "{NAME}{}{NAME:#}", row.message)?;
        if let Some(wparam) = row.wparam {
            write!(out, " wParam={wparam}")?;
        }
        let is_plain = |lparam: &u64| row.text.is_none() || *lparam < FIRST_WITH_TEXT;
        if let Some(lparam) = row.lparam.filter(is_plain) {
            write!(out, " lParam={lparam}")?;
        }
        if let Some(id) = row.id {
            write!(out, " id={id}")?;
        }
        match (&row.text, &row.bytes) {
            (Some(text), _) => write!(out, " \"{}\"", printable(text))?,
            (None, Some(bytes)) => write!(out, " bytes={bytes}")?,
            (None, None) => {}
        }
        let posted = if row.posted { format!("  {DIM}posted{DIM:#}") } else { String::new() };
        writeln!(out, "{posted}")
    }

    fn count(&mut self, _row: &MessageRow) {
        self.messages += 1;
    }

    fn summary(&self) -> Option<Value> {
        Some(json!({ "messages": self.messages }))
    }
}
