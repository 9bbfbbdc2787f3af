//! Two documents lead to changes by key and to unified text, with secrets masked.
//!
//! Masking happens here, where values become text for people, so that nothing later can forget it.

mod changes;
mod line;
mod secrets;
mod text;

pub use changes::{ByteChanges, Change, Kind, byte_changes, changes};
pub use line::line_text;
pub use secrets::Secrets;
pub use text::{Hunk, HunkLine, LineOrigin, hunks};
