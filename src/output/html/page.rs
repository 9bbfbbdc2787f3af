//! The page while files are added to it.

use std::collections::HashMap;
use std::sync::Arc;

use super::head::Counts;
use super::host::{DriftRow, Host, HostState};
use super::site::Grouping;

/// The page while files are added to it. Texts that repeat are kept once.
#[derive(Debug, Default)]
pub(crate) struct Page {
    pub(super) keys: Table<(Arc<str>, Arc<str>)>,
    pub(super) texts: Table<Arc<str>>,
    pub(super) sites: Table<Arc<str>>,
    pub(super) files: Vec<File>,
    pub(super) drift: Vec<Drift>,
    pub(super) resolved: Vec<(Box<str>, u32)>,
    pub(super) counts: Counts,
}

#[derive(Debug)]
pub(super) struct File {
    pub(super) path: Box<str>,
    pub(super) site: Option<u32>,
    pub(super) state: FileState,
}

#[derive(Debug)]
pub(super) enum FileState {
    InSync,
    /// The drift of the file, as a range of the page's list.
    Drifted {
        from: usize,
        to: usize,
    },
    /// The text of the error.
    Failed(u32),
}

#[derive(Debug)]
pub(super) struct Drift {
    pub(super) key: u32,
    /// Texts are counted from 1; 0 is none.
    pub(super) expected: u32,
    pub(super) actual: u32,
    pub(super) line: u32,
    pub(super) is_new: bool,
}

impl Page {
    /// Adds a file. The page keeps the order of files in the same state.
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
            HostState::Failed(reason) => {
                self.counts.failed += 1;
                FileState::Failed(self.texts.id(reason.into()))
            }
        };
        let site = host.site.map(|site| self.sites.id(site.into()));
        self.files.push(File { path: host.path.into(), site, state });
    }

    /// Adds a key or hook that drifts in the earlier report and matches now.
    pub(crate) fn add_resolved(&mut self, path: &str, section: &str, key: &str) {
        let key = self.key(section, key);
        self.resolved.push((path.into(), key));
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

    /// Groups the files without a site by their paths.
    pub(super) fn find_sites(&mut self) {
        let without = self.files.iter().filter(|file| file.site.is_none());
        let grouping = Grouping::of(without.map(|file| &*file.path));
        for file in &mut self.files {
            if file.site.is_none() {
                file.site = Some(self.sites.id(grouping.site(&file.path).into()));
            }
        }
    }

    /// Returns the drift of a file.
    pub(super) fn drift_of(&self, file: &File) -> &[Drift] {
        match file.state {
            FileState::Drifted { from, to } => &self.drift[from..to],
            FileState::InSync | FileState::Failed(_) => &[],
        }
    }
}

/// Distinct values, in the order in which they were first added.
#[derive(Debug)]
pub(super) struct Table<T> {
    ids: HashMap<T, u32>,
    pub(super) list: Vec<T>,
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
