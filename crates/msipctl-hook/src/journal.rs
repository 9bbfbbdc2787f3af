//! The journal: one line of JSON for each directive that failed or is worth a remark.

use std::path::{Path, PathBuf};
use std::time::Duration;

use serde_json::{Value, json};

use super::call::Call;
use microsip_schema::mask;
use msipctl_core::event::SETTINGS;
use msipctl_core::store::{self, Appending};

/// The most bytes the journal comes to; then it is put aside, over the one before.
const MAX_BYTES: u64 = 1024 * 1024;

/// Where failures are noted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Journal {
    path: PathBuf,
}

/// One line of the journal.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Note {
    /// When it was noted, as RFC 3339 writes it.
    pub time: String,
    /// The event's name.
    pub event: String,
    /// The key of the directive; `None` when it came to none.
    pub directive: Option<String>,
    /// The action's name, or nothing.
    pub action: String,
    /// Whether it failed.
    pub failed: bool,
    /// What happened, secrets masked.
    pub message: String,
    /// The caller's text, secrets masked.
    pub number: String,
}

impl Note {
    /// Makes a line about a directive of a call.
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

    /// Makes a line about a failure before or in a directive.
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
    /// Makes the journal in this file, which need not exist.
    pub fn new(path: PathBuf) -> Self {
        Self { path }
    }

    /// Returns its file.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Notes a line. Nobody is left to tell when that fails, but for `--verbose`.
    pub fn note(&self, note: &Note) {
        let wait = Duration::from_secs(5);
        let how = Appending { wait, create_folder: true, rotate_at: Some(MAX_BYTES) };
        if let Err(error) = store::append(&self.path, how, |_| note.to_line().into_bytes()) {
            ::log::warn!("{error}: {}", note.message);
        }
    }

    /// Returns the lines behind `offset` bytes, and how many bytes there are. A missing file has none, and
    /// what is no line of a journal is passed over. A file shorter than that was begun anew.
    ///
    /// # Errors
    ///
    /// When the file cannot be read.
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
