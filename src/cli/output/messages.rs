//! Messages that arrived at a listening window.

use std::io::{self, Write};

use serde::Serialize;
use serde_json::{Value, json};

use super::{DIM, NAME, Report, printable, values};

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

/// The messages of a run, or the one that came just now.
#[derive(Debug, Default)]
pub(in crate::cli) struct MessagesReport {
    pub(in crate::cli) messages: Vec<MessageRow>,
}

/// The first lParam that stands for a text alone, so that its number says nothing.
const FIRST_WITH_TEXT: u64 = 0xc000;

impl Report for MessagesReport {
    const LIST: &'static str = "messages";

    fn human(&self, out: &mut dyn Write) -> io::Result<()> {
        for row in &self.messages {
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
            writeln!(out, "{posted}")?;
        }
        Ok(())
    }

    fn entries(&self) -> Vec<Value> {
        values(&self.messages)
    }

    fn summary(&self) -> Option<Value> {
        Some(json!({ "messages": self.messages.len() }))
    }
}
