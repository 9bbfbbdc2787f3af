//! Removed lines that Windows never read.

use std::io;

use serde::Serialize;

use super::changes::shown_value;
use super::screen::{DIM, REMOVED, Screen};
use msipctl_core::diff::Secrets;
use msipctl_core::plan::ShadowedLine;

/// A removed line that Windows never read: a duplicate of a key, or a key of a duplicate section.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize)]
pub(crate) struct DuplicateRow {
    line: usize,
    section: String,
    key: String,
    value: String,
}

impl DuplicateRow {
    pub(super) fn new(shadowed: &ShadowedLine, secrets: Secrets<'_>) -> Self {
        let ShadowedLine { line, section, key, value } = shadowed;
        Self {
            line: line + 1,
            section: section.clone(),
            key: key.clone(),
            value: secrets.shown(section, key, value).into_owned(),
        }
    }

    /// Returns the duplicate without its line, which differs between the files of a group.
    pub(super) fn without_line(&self) -> Self {
        Self { line: 0, ..self.clone() }
    }

    /// Writes the duplicate without ending the line.
    pub(super) fn put(&self, out: &mut Screen<'_>) -> io::Result<()> {
        let Self { line, section, key, value } = self;
        let place = if *line == 0 { String::new() } else { format!(" in line {line}") };
        put!(
            out,
            "{REMOVED}- {section}.{key} = {}{REMOVED:#}  {DIM}(duplicate{place}, never read){DIM:#}",
            shown_value(value)
        )
    }
}
