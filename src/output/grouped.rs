//! Lines about groups of files: a message, the number of files, and a few examples.

use std::io;

use super::count::count;
use super::screen::{DIM, REMOVED, Screen, Style};
use msipctl_core::fleet::{Group, Groups};

/// Ends a line with the number of files and a few of them.
pub(super) fn examples(out: &mut Screen<'_>, group: &Group) -> io::Result<()> {
    let files = count(group.files(), "file");
    putln!(out, " in {files}{DIM}: {}{DIM:#}", group.named())
}

/// Writes why files failed: one line for each error.
pub(super) fn failed_lines(out: &mut Screen<'_>, failed: &Groups<String>) -> io::Result<()> {
    message_lines(out, ("failed: ", REMOVED), failed)
}

/// Writes one line for each message, after a prefix in a style.
pub(super) fn message_lines(
    out: &mut Screen<'_>,
    (prefix, style): (&str, Style),
    groups: &Groups<String>,
) -> io::Result<()> {
    for (message, group) in groups.by_size() {
        let files = count(group.files(), "file");
        put!(out, "{style}{prefix}{style:#}{message}")?;
        putln!(out, " {DIM}({files}: {}){DIM:#}", group.named())?;
    }
    match groups.others() {
        0 => Ok(()),
        others => {
            let others = count(others, "file");
            putln!(out, "{style}{prefix}{style:#}{others} with other messages")
        }
    }
}
