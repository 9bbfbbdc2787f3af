//! Window messages that a listening window received.

use std::io;

use serde::Serialize;
use serde_json::{Value, json};

use super::report::Report;
use super::screen::{DIM, NAME, Screen};

/// One message.
#[derive(Debug, Serialize)]
pub(crate) struct MessageRow {
    pub(crate) message: String,
    pub(crate) number: u32,
    pub(crate) wparam: Option<u64>,
    pub(crate) lparam: Option<u64>,
    pub(crate) posted: bool,
    pub(crate) id: Option<u64>,
    pub(crate) text: Option<String>,
    pub(crate) bytes: Option<String>,
}

/// The messages that arrived.
#[derive(Debug, Default)]
pub(crate) struct MessagesReport {
    messages: u64,
}

impl MessagesReport {
    /// Returns the number of messages.
    pub(crate) fn len(&self) -> u64 {
        self.messages
    }
}

/// The first lParam that only identifies a text, so its number has no meaning.
const FIRST_WITH_TEXT: u64 = 0xc000;

impl Report for MessagesReport {
    const LIST: &'static str = "messages";
    type Row = MessageRow;

    fn human_row(&self, row: &MessageRow, out: &mut Screen<'_>) -> io::Result<()> {
        put!(out, "{NAME}{}{NAME:#}", row.message)?;
        if let Some(wparam) = row.wparam {
            put!(out, " wParam={wparam}")?;
        }
        let is_plain = |lparam: &u64| row.text.is_none() || *lparam < FIRST_WITH_TEXT;
        if let Some(lparam) = row.lparam.filter(is_plain) {
            put!(out, " lParam={lparam}")?;
        }
        if let Some(id) = row.id {
            put!(out, " id={id}")?;
        }
        match (&row.text, &row.bytes) {
            (Some(text), _) => put!(out, " \"{text}\"")?,
            (None, Some(bytes)) => put!(out, " bytes={bytes}")?,
            (None, None) => {}
        }
        if row.posted {
            put!(out, "  {DIM}posted{DIM:#}")?;
        }
        putln!(out)
    }

    fn count(&mut self, _row: &MessageRow) {
        self.messages += 1;
    }

    fn summary(&self) -> Option<Value> {
        Some(json!({ "messages": self.messages }))
    }
}
