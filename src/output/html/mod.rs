//! One self-contained HTML page about a fleet, without network access or libraries.
//!
//! A [`Page`] takes one file at a time and keeps little more than the paths. The template draws tiles and charts, which
//! work without JavaScript. The script of the page reads the list of files from a block of JSON.

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
    /// Writes the page in small pieces, so `out` should be buffered.
    pub(crate) fn write(&mut self, out: &mut dyn Write, head: &Head) -> io::Result<()> {
        self.find_sites();
        let page = view::render(self, head).map_err(io::Error::other)?;
        let (before, after) = page.split_once(view::BLOCK).unwrap_or((&page, ""));
        out.write_all(before.as_bytes())?;
        block::write(out, self, head.since.is_some())?;
        out.write_all(after.as_bytes())
    }
}
