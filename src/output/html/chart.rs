//! Bar charts of the items and the sites with the most files.

use std::cmp::Reverse;
use std::collections::HashSet;

use serde::Serialize;

use super::numbers::{by_number, exact_percent, grouped, percent_text};
use super::page::{FileState, Page};

/// The maximum number of bars in a chart.
const BARS: usize = 10;

#[derive(Serialize)]
pub(super) struct Chart {
    /// The meaning of a bar, and the name of its filter.
    kind: &'static str,
    /// The whole that the shares refer to.
    whole: &'static str,
    bars: Vec<Bar>,
    height: usize,
    /// The number of rows without a bar.
    more: usize,
}

impl Chart {
    /// Returns whether the chart has anything to compare. A single bar is always full.
    pub(super) fn compares(&self) -> bool {
        self.bars.len() > 1
    }
}

#[derive(Serialize)]
struct Bar {
    name: String,
    /// Its length in percent of the longest bar.
    width: f64,
    number: String,
    share: String,
    y: usize,
}

/// Returns the items that most files have.
pub(super) fn items(page: &Page, kind: &'static str) -> Chart {
    let all = page.counts.files();
    let rows = (0..).zip(files_of_items(page)).map(|(item, files)| Row {
        name: page.item_name(item),
        found: files,
        files: all,
    });
    chart(kind, "all files", rows.collect())
}

/// Returns the number of files that have each item.
fn files_of_items(page: &Page) -> Vec<u64> {
    let mut files = vec![0; page.items.list.len()];
    for file in &page.files {
        // An item that a file has twice is one item.
        let found: HashSet<u32> = page.rows_of(file).iter().map(|row| row.item).collect();
        for item in found {
            files[item as usize] += 1;
        }
    }
    files
}

/// Returns the sites with the most files that have an item.
pub(super) fn sites(page: &Page) -> Chart {
    let mut rows: Vec<Row> = page.sites.list.iter().map(|name| Row::new(name)).collect();
    for file in &page.files {
        let row = &mut rows[file.site.unwrap_or(0) as usize];
        row.files += 1;
        row.found += u64::from(matches!(file.state, FileState::Found { .. }));
    }
    chart("site", "the site\u{2019}s files", rows)
}

/// An item or a site, before it is a bar.
struct Row {
    name: String,
    found: u64,
    files: u64,
}

impl Row {
    fn new(name: &str) -> Self {
        Self { name: name.to_owned(), found: 0, files: 0 }
    }
}

fn chart(kind: &'static str, whole: &'static str, mut rows: Vec<Row>) -> Chart {
    const ROW: usize = 26;
    rows.retain(|row| row.found > 0);
    rows.sort_by(|one, other| {
        let by_files = Reverse(one.found).cmp(&Reverse(other.found));
        by_files.then_with(|| by_number(&one.name, &other.name))
    });
    let longest = rows.first().map_or(0, |row| row.found);
    let more = rows.len().saturating_sub(BARS);
    let bars = rows.into_iter().take(BARS).enumerate().map(|(index, row)| Bar {
        width: exact_percent(row.found, longest),
        number: grouped(row.found),
        share: percent_text(row.found, row.files),
        name: row.name,
        y: index * ROW,
    });
    let bars: Vec<_> = bars.collect();
    Chart { kind, whole, height: bars.len() * ROW, bars, more }
}
