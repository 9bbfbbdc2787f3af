//! Removed lines that Windows never read.

use std::io;

use super::changes::shown_value;
use super::screen::{DIM, REMOVED, Screen};
use msipctl_core::engine::DuplicateRow;

/// Returns the duplicate without its line, which differs between the files of a group.
pub(super) fn without_line(row: &DuplicateRow) -> DuplicateRow {
    DuplicateRow { line: 0, ..row.clone() }
}

/// Writes the duplicate without ending the line.
pub(super) fn put_duplicate(row: &DuplicateRow, out: &mut Screen<'_>) -> io::Result<()> {
    let DuplicateRow { line, section, key, value } = row;
    let place = if *line == 0 { String::new() } else { format!(" in line {line}") };
    put!(
        out,
        "{REMOVED}- {section}.{key} = {}{REMOVED:#}  {DIM}(duplicate{place}, never read){DIM:#}",
        shown_value(value)
    )
}
