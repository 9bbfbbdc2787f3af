//! The page while files are added to it.

use std::collections::HashMap;
use std::sync::Arc;

use super::head::Counts;
use super::host::{DriftRow, FindingRow, Host, HostState};
use super::site::Grouping;
use msipctl_core::diagnostic::Severity;

/// The maximum number of findings of one rule that the page has for each file. A row counts the others.
pub(super) const LISTED_FINDINGS: usize = 20;

/// The page while files are added to it. Texts that repeat are kept once.
#[derive(Debug, Default)]
pub(crate) struct Page {
    /// The keys and hooks, or the rules. Only a key has a section.
    pub(super) items: Table<(Arc<str>, Arc<str>)>,
    pub(super) texts: Table<Arc<str>>,
    pub(super) sites: Table<Arc<str>>,
    pub(super) files: Vec<File>,
    pub(super) rows: Vec<Row>,
    pub(super) resolved: Vec<(Box<str>, u32)>,
    pub(super) counts: Counts,
    /// Whether the files are grouped by their sites only, and never by their paths.
    is_by_site: bool,
}

/// The site of files without one, on a page that has sites only.
const NO_SITE: &str = "no site";

#[derive(Debug)]
pub(super) struct File {
    pub(super) path: Box<str>,
    pub(super) site: Option<u32>,
    pub(super) state: FileState,
}

#[derive(Debug)]
pub(super) enum FileState {
    /// The file matches the policy, or has no findings.
    InSync,
    /// The drift or the findings of the file, as a range of the page's rows.
    Found { from: usize, to: usize },
    /// The text of the error.
    Failed(u32),
}

/// One key that drifted, or one finding. Texts are counted from 1; 0 is none.
#[derive(Debug, Clone, Copy)]
pub(super) struct Row {
    pub(super) item: u32,
    /// The expected value, or the help text of a finding.
    pub(super) expected: u32,
    /// The actual value, or the message of a finding. A row without a message stands for further findings of its rule.
    pub(super) actual: u32,
    /// The line, or the number of further findings.
    pub(super) line: u32,
    /// 1 for new drift, and the severity of a finding, where 0 is an info, 1 a warning, and 2 an error.
    pub(super) flag: u32,
    /// The number of keys or findings that the row stands for.
    pub(super) number: u32,
}

impl Page {
    /// Begins a page whose files are grouped by their sites, if any has one.
    pub(crate) fn of_sites() -> Self {
        Self { is_by_site: true, ..Self::default() }
    }

    /// Adds a file. The page keeps the order of files in the same state.
    pub(crate) fn add(&mut self, host: &Host<'_>) {
        let state = match host.state {
            HostState::InSync => {
                self.counts.in_sync += 1;
                FileState::InSync
            }
            HostState::Drifted(rows) => {
                let from = self.rows.len();
                for row in rows {
                    let row = self.drift(row);
                    self.rows.push(row);
                }
                self.found_since(from)
            }
            HostState::Found(rows) => {
                let from = self.rows.len();
                self.add_findings(rows);
                self.found_since(from)
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
        let item = self.item(section, key);
        self.resolved.push((path.into(), item));
    }

    /// Returns the state of a file whose rows start at this one.
    fn found_since(&mut self, from: usize) -> FileState {
        self.counts.drifted += 1;
        FileState::Found { from, to: self.rows.len() }
    }

    fn drift(&mut self, row: &DriftRow<'_>) -> Row {
        let (expected, actual) = (self.text(row.expected), self.text(row.actual));
        let (line, flag) = (row.line.unwrap_or(0), u32::from(row.is_new));
        Row { item: self.item(row.section, row.key), expected, actual, line, flag, number: 1 }
    }

    /// Adds the findings of a file, which can have any number: the first of each rule, and the number of the others.
    fn add_findings(&mut self, findings: &[FindingRow<'_>]) {
        let mut of_rule: HashMap<u32, usize> = HashMap::new();
        let mut more: Vec<Row> = Vec::new();
        for finding in findings {
            let item = self.item("", finding.rule);
            let flag = flag(finding.severity);
            let listed = of_rule.entry(item).or_default();
            *listed += 1;
            if *listed <= LISTED_FINDINGS {
                let expected = self.text(finding.help);
                let actual = self.text(Some(finding.message));
                let line = finding.line;
                self.rows.push(Row { item, expected, actual, line, flag, number: 1 });
                continue;
            }
            match more.iter_mut().find(|row| row.item == item) {
                Some(row) => {
                    row.number += 1;
                    row.line = row.number;
                    row.flag = row.flag.max(flag);
                }
                None => more.push(Row { item, expected: 0, actual: 0, line: 1, flag, number: 1 }),
            }
        }
        self.rows.extend(more);
    }

    fn text(&mut self, text: Option<&str>) -> u32 {
        text.map_or(0, |text| self.texts.id(text.into()) + 1)
    }

    fn item(&mut self, section: &str, name: &str) -> u32 {
        self.items.id((section.into(), name.into()))
    }

    /// Groups the files without a site by their paths.
    pub(super) fn find_sites(&mut self) {
        if self.is_by_site && !self.sites.list.is_empty() {
            for file in self.files.iter_mut().filter(|file| file.site.is_none()) {
                file.site = Some(self.sites.id(NO_SITE.into()));
            }
            return;
        }
        let without = self.files.iter().filter(|file| file.site.is_none());
        let grouping = Grouping::of(without.map(|file| &*file.path));
        for file in &mut self.files {
            if file.site.is_none() {
                file.site = Some(self.sites.id(grouping.site(&file.path).into()));
            }
        }
    }

    /// Returns the name of a key, a hook, or a rule.
    pub(super) fn item_name(&self, item: u32) -> String {
        let (section, name) = &self.items[item];
        if section.is_empty() { name.to_string() } else { format!("{section}.{name}") }
    }

    /// Returns the rows of a file.
    pub(super) fn rows_of(&self, file: &File) -> &[Row] {
        match file.state {
            FileState::Found { from, to } => &self.rows[from..to],
            FileState::InSync | FileState::Failed(_) => &[],
        }
    }
}

fn flag(severity: Severity) -> u32 {
    match severity {
        Severity::Info => 0,
        Severity::Warning => 1,
        Severity::Error => 2,
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
