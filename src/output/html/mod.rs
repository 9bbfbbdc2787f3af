//! One HTML page about a fleet: no network, no libraries, nothing beside it.
//!
//! A [`Page`] is fed a file at a time and keeps little more than the paths. What the template draws (tiles, charts)
//! is there without JavaScript, too; the list of files is one block of JSON that the script of the page reads.

mod block;
mod site;
mod view;

#[cfg(test)]
mod tests;

use std::collections::HashMap;
use std::io::{self, Write};
use std::sync::Arc;

/// One file of the fleet, as the page shows it. Secrets are masked before they come here.
#[derive(Debug)]
pub(crate) struct Host<'a> {
    pub(crate) path: &'a str,
    /// What the file is grouped by; `None` groups it by the folder or host of its path.
    pub(crate) site: Option<&'a str>,
    pub(crate) state: HostState<'a>,
}

/// How a file stands to the policy.
#[derive(Debug)]
pub(crate) enum HostState<'a> {
    InSync,
    Drifted(&'a [DriftRow<'a>]),
    /// It could not be judged, and why.
    Failed(&'a str),
}

/// One key that is not as the policy wants it.
#[derive(Debug, Clone)]
pub(crate) struct DriftRow<'a> {
    pub(crate) section: &'a str,
    pub(crate) key: &'a str,
    /// What the policy wants, a value or a constraint in words; `None` where the key shall be absent.
    pub(crate) expected: Option<&'a str>,
    /// What is read; `None` where the key is not set.
    pub(crate) actual: Option<&'a str>,
    /// The line of the entry, from 1 on.
    pub(crate) line: Option<u32>,
    /// Whether the earlier report knows nothing of it.
    pub(crate) is_new: bool,
}

/// What stands at the head of the page, known when the last file was seen.
#[derive(Debug)]
pub(crate) struct Head {
    pub(crate) title: String,
    /// When the files were read, as RFC 3339 in UTC.
    pub(crate) generated: String,
    /// The files of the policy.
    pub(crate) policy: Vec<String>,
    pub(crate) score: Measure,
    pub(crate) coverage: Measure,
    pub(crate) since: Option<Since>,
    /// How many passwords could not be verified.
    pub(crate) unverified: u64,
}

/// A part of a whole, such as 5 of 20 `values as wanted`.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Measure {
    pub(crate) part: u64,
    pub(crate) of: u64,
    pub(crate) what: &'static str,
}

/// The report that this one is compared with.
#[derive(Debug, Clone)]
pub(crate) struct Since {
    pub(crate) report: String,
    /// When that report was made, as RFC 3339 in UTC.
    pub(crate) generated: Option<String>,
    /// How many files had which state then.
    pub(crate) before: Counts,
}

/// How many files have which state.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Counts {
    pub(crate) in_sync: u64,
    pub(crate) drifted: u64,
    pub(crate) failed: u64,
}

impl Counts {
    fn files(self) -> u64 {
        self.in_sync + self.drifted + self.failed
    }
}

/// The page while files are added to it. Texts that repeat are kept once.
#[derive(Debug, Default)]
pub(crate) struct Page {
    keys: Table<(Arc<str>, Arc<str>)>,
    texts: Table<Arc<str>>,
    sites: Table<Arc<str>>,
    files: Vec<File>,
    drift: Vec<Drift>,
    resolved: Vec<(Box<str>, u32)>,
    counts: Counts,
}

#[derive(Debug)]
struct File {
    path: Box<str>,
    site: Option<u32>,
    state: FileState,
}

#[derive(Debug)]
enum FileState {
    InSync,
    /// What drifted, as a range of the page's list.
    Drifted {
        from: usize,
        to: usize,
    },
    /// The text of why.
    Failed(u32),
}

#[derive(Debug)]
struct Drift {
    key: u32,
    /// Texts are counted from 1 on; 0 is none.
    expected: u32,
    actual: u32,
    line: u32,
    is_new: bool,
}

impl Page {
    /// Adds a file. The page shows those of one state in the order in which they came.
    pub(crate) fn add(&mut self, host: &Host<'_>) {
        let state = match host.state {
            HostState::InSync => {
                self.counts.in_sync += 1;
                FileState::InSync
            }
            HostState::Drifted(rows) => {
                self.counts.drifted += 1;
                let from = self.drift.len();
                for row in rows {
                    let drift = self.drift(row);
                    self.drift.push(drift);
                }
                FileState::Drifted { from, to: self.drift.len() }
            }
            HostState::Failed(why) => {
                self.counts.failed += 1;
                FileState::Failed(self.texts.id(why.into()))
            }
        };
        let site = host.site.map(|site| self.sites.id(site.into()));
        self.files.push(File { path: host.path.into(), site, state });
    }

    /// Adds a key that the earlier report tells of, and that is as the policy wants it now.
    pub(crate) fn add_resolved(&mut self, path: &str, section: &str, key: &str) {
        let key = self.key(section, key);
        self.resolved.push((path.into(), key));
    }

    /// Writes the page, in small pieces: `out` should gather them.
    pub(crate) fn write(&mut self, out: &mut dyn Write, head: &Head) -> io::Result<()> {
        self.find_sites();
        let page = view::render(self, head).map_err(io::Error::other)?;
        let (before, after) = page.split_once(view::BLOCK).unwrap_or((&page, ""));
        out.write_all(before.as_bytes())?;
        block::write(out, self, head.since.is_some())?;
        out.write_all(after.as_bytes())
    }

    fn drift(&mut self, row: &DriftRow<'_>) -> Drift {
        let mut text = |text: Option<&str>| text.map_or(0, |text| self.texts.id(text.into()) + 1);
        let (expected, actual) = (text(row.expected), text(row.actual));
        let (line, is_new) = (row.line.unwrap_or(0), row.is_new);
        Drift { key: self.key(row.section, row.key), expected, actual, line, is_new }
    }

    fn key(&mut self, section: &str, key: &str) -> u32 {
        self.keys.id((section.into(), key.into()))
    }

    /// Groups the files that came without a site by their paths.
    fn find_sites(&mut self) {
        let without = self.files.iter().filter(|file| file.site.is_none());
        let grouping = site::Grouping::of(without.map(|file| &*file.path));
        for file in &mut self.files {
            if file.site.is_none() {
                file.site = Some(self.sites.id(grouping.site(&file.path).into()));
            }
        }
    }

    /// Returns what drifted in a file.
    fn drift_of(&self, file: &File) -> &[Drift] {
        match file.state {
            FileState::Drifted { from, to } => &self.drift[from..to],
            FileState::InSync | FileState::Failed(_) => &[],
        }
    }
}

/// Values by the order in which they were first seen, each once.
#[derive(Debug)]
struct Table<T> {
    ids: HashMap<T, u32>,
    list: Vec<T>,
}

impl<T> Default for Table<T> {
    fn default() -> Self {
        Self { ids: HashMap::new(), list: Vec::new() }
    }
}

impl<T: Clone + Eq + std::hash::Hash> Table<T> {
    fn id(&mut self, value: T) -> u32 {
        let Self { ids, list } = self;
        *ids.entry(value).or_insert_with_key(|value| {
            list.push(value.clone());
            u32::try_from(list.len() - 1).expect("fewer values than 2^32")
        })
    }
}

impl<T> std::ops::Index<u32> for Table<T> {
    type Output = T;

    fn index(&self, id: u32) -> &T {
        &self.list[id as usize]
    }
}
