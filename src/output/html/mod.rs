//! One self-contained HTML page about a fleet, without network access or libraries: the drift of an audit, or the findings
//! of a check.
//!
//! A [`Page`] takes one file at a time and keeps little more than the paths. The template draws tiles, charts, and rules,
//! which work without JavaScript. The script of the page reads the list of files from a block of JSON. Both pages have one
//! template, style, and script; [`words`] has the words in which they differ.

mod audit;
mod block;
mod chart;
mod check;
mod explanation;
mod head;
mod host;
mod line;
mod numbers;
mod page;
mod site;
mod tile;
mod view;
mod words;

#[cfg(test)]
mod tests;

pub(crate) use head::{
    CheckHead, Counts, FindingCounts, Head, Measure, MergedHead, RuleHead, Since,
};
pub(crate) use host::{DriftRow, FindingRow, Host, HostState};
pub(crate) use page::Page;

use std::io::{self, Write};

use view::View;

impl Page {
    /// Writes the page of an audit in small pieces, so `out` should be buffered.
    pub(crate) fn write(&mut self, out: &mut dyn Write, head: &Head) -> io::Result<()> {
        self.find_sites();
        self.write_view(out, &View::of_audit(self, head))
    }

    /// Writes the page of a check in small pieces, so `out` should be buffered.
    pub(crate) fn write_check(&mut self, out: &mut dyn Write, head: &CheckHead) -> io::Result<()> {
        self.find_sites();
        self.write_view(out, &View::of_check(self, head))
    }

    fn write_view(&self, out: &mut dyn Write, view: &View<'_>) -> io::Result<()> {
        let page = view::render(view).map_err(io::Error::other)?;
        let (before, after) = page.split_once(view::BLOCK).unwrap_or((&page, ""));
        out.write_all(before.as_bytes())?;
        block::write(out, self, &view.words.script, view.since.is_some())?;
        out.write_all(after.as_bytes())
    }
}
