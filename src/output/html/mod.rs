//! One HTML page about a fleet: no network, no libraries, nothing beside it.
//!
//! A [`Page`] is fed a file at a time and keeps little more than the paths. What the template draws (tiles, charts)
//! is there without JavaScript, too; the list of files is one block of JSON that the script of the page reads.

mod block;
mod head;
mod host;
mod page;
mod site;
mod view;

#[cfg(test)]
mod tests;

pub(crate) use head::{Counts, Head, Measure, Since};
pub(crate) use host::{DriftRow, Host, HostState};
pub(crate) use page::Page;

use std::io::{self, Write};

impl Page {
    /// Writes the page, in small pieces: `out` should gather them.
    pub(crate) fn write(&mut self, out: &mut dyn Write, head: &Head) -> io::Result<()> {
        self.find_sites();
        let page = view::render(self, head).map_err(io::Error::other)?;
        let (before, after) = page.split_once(view::BLOCK).unwrap_or((&page, ""));
        out.write_all(before.as_bytes())?;
        block::write(out, self, head.since.is_some())?;
        out.write_all(after.as_bytes())
    }
}
