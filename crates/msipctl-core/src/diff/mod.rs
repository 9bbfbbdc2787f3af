//! Compares two documents by key and as a unified diff, with secrets masked.
//!
//! Secrets are masked here, where values become displayed text, so that no caller can forget to mask them.

mod changes;
mod hidden;
mod line;
mod secrets;
mod text;

pub use changes::{ByteChanges, Change, Kind, byte_changes, changes};
pub use hidden::{is_hidden, json_shown};
pub use line::line_text;
pub use secrets::Secrets;
pub use text::{Hunk, HunkLine, LineOrigin, hunks};
