//! The journal of hooks: one line of JSON for each directive that failed or produced a notice.

use std::path::{Path, PathBuf};
use std::time::Duration;

use serde_json::{Value, json};

use super::call::Call;
use microsip_schema::mask;
use msipctl_core::event::SETTINGS;
use msipctl_core::store::{self, Appending};

/// The maximum size of the journal in bytes. A larger one is renamed, and replaces the previous renamed one.
const MAX_BYTES: u64 = 1024 * 1024;

/// The file that records failures and notices.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Journal {
    path: PathBuf,
}

/// A line of the journal.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Note {
    /// The time when the line was written, in RFC 3339.
    pub time: String,
    /// The name of the event.
    pub event: String,
    /// The key of the directive, or `None` if no directive was reached.
    pub directive: Option<String>,
    /// The name of the action. Empty if it isn't known.
    pub action: String,
    /// Whether the directive failed. Otherwise, the message is a notice.
    pub failed: bool,
    /// The error or notice, with secrets masked.
    pub message: String,
    /// The caller ID, with secrets masked.
    pub number: String,
}

impl Note {
    /// Creates a line about a directive of a call.
    pub(super) fn new(
        call: &Call,
        directive: Option<&str>,
        action: &str,
        failed: bool,
        message: &str,
    ) -> Self {
        Self {
            action: action.to_owned(),
            failed,
            ..Self::failure(call.event.name(), directive, message, &call.caller)
        }
    }

    /// Creates a line about an error in a directive, or before one was reached.
    pub fn failure(event: &str, directive: Option<&str>, message: &str, caller: &str) -> Self {
        let masked = |text: &str| mask(SETTINGS, "cmd", text).into_owned();
        Self {
            time: format!("{:.3}", store::now()),
            event: event.to_owned(),
            directive: directive.map(str::to_owned),
            action: String::new(),
            failed: true,
            message: masked(message),
            number: masked(caller),
        }
    }

    fn to_line(&self) -> String {
        let level = if self.failed { "error" } else { "note" };
        let line = json!({
            "time": self.time, "event": self.event, "directive": self.directive,
            "action": self.action, "level": level, "message": self.message, "number": self.number,
        });
        format!("{line}\n")
    }

    fn parse(line: &str) -> Option<Self> {
        let line: Value = serde_json::from_str(line).ok()?;
        let text = |name: &str| Some(line.get(name)?.as_str()?.to_owned());
        Some(Self {
            time: text("time")?,
            event: text("event")?,
            directive: text("directive"),
            action: text("action")?,
            failed: text("level")? == "error",
            message: text("message")?,
            number: text("number")?,
        })
    }
}

impl Journal {
    /// Creates a journal in a file. The file is created when the first line is written.
    pub fn new(path: PathBuf) -> Self {
        Self { path }
    }

    /// Returns the path of the file.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Appends a line. If that fails, only logs a warning, because there's no user to report to.
    pub fn note(&self, note: &Note) {
        let wait = Duration::from_secs(5);
        let how = Appending { wait, create_folder: true, rotate_at: Some(MAX_BYTES) };
        if let Err(error) = store::append(&self.path, how, |_| note.to_line().into_bytes()) {
            ::log::warn!("{error}: {}", note.message);
        }
    }

    /// Returns the lines after the first `offset` bytes, and the size of the file in bytes.
    ///
    /// A missing file has no lines. Lines that aren't in the format of the journal are skipped. If the file is shorter than
    /// `offset`, it was replaced by a new one, and all its lines are returned.
    ///
    /// # Errors
    ///
    /// If the file can't be read.
    pub fn notes(&self, offset: u64) -> Result<(Vec<Note>, u64), store::Error> {
        let bytes = match store::read(&self.path) {
            Ok(snapshot) => snapshot.into_bytes(),
            Err(error) if error.kind() == store::Kind::NotFound => Vec::new(),
            Err(error) => return Err(error),
        };
        let start = usize::try_from(offset).ok().filter(|offset| *offset <= bytes.len());
        let text = String::from_utf8_lossy(&bytes[start.unwrap_or_default()..]);
        Ok((text.lines().filter_map(Note::parse).collect(), bytes.len() as u64))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn journal_note_is_one_line_and_round_trips(caller: String, message: String) {
            let note = Note::failure("call-end", Some("OnCallEnd"), &message, &caller);
            let line = note.to_line();
            prop_assert_eq!(line.matches(['\n', '\r']).count(), 1);
            prop_assert_eq!(Note::parse(&line), Some(note));
        }
    }

    #[test]
    fn journal_note_masks_secrets() {
        let note = Note::failure("call-end", None, "https://ann:hunter2@h/: no", "");
        assert_eq!(note.message, "https://***@h/: no");
    }
}
