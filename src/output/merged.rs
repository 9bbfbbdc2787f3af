//! What a merged report has besides its files: broken documents, and PCs that don't report.

use std::io;

use serde_json::{Map, Value, json};

use super::audit_list::AuditList;
use super::count::count;
use super::html::MergedHead;
use super::screen::{CHANGED, DIM, REMOVED, Screen};
use msipctl_core::audit_report::AuditRow;
use msipctl_core::fleet::merge::{Absence, Summary};

/// The maximum number of PCs that a line for people names.
const MAX_NAMED: usize = 3;

/// What a merged report has besides its files.
#[derive(Debug)]
pub(crate) struct Merged(Summary);

impl Merged {
    /// Describes a merge.
    pub(crate) fn new(summary: Summary) -> Self {
        Self(summary)
    }

    /// Counts a row of the report.
    pub(super) fn count(&mut self, row: &AuditRow) {
        self.0.count(row);
    }

    /// Returns the names of the PCs with an absence, in order.
    fn hosts(&self, is_silent: bool) -> impl Iterator<Item = &str> {
        let hosts = self.0.absent.iter();
        let hosts = hosts.filter(move |host| host.last_report.is_some() == is_silent);
        hosts.map(|host| host.host.as_str())
    }

    /// Writes the PCs of a list.
    pub(super) fn list(&self, list: AuditList, out: &mut Screen<'_>) -> io::Result<()> {
        match list {
            AuditList::Silent => self.hosts(true).try_for_each(|host| putln!(out, "{host}")),
            AuditList::NoReport => self.hosts(false).try_for_each(|host| putln!(out, "{host}")),
            AuditList::Drifted | AuditList::Failed | AuditList::MissingHooks => Ok(()),
        }
    }

    /// Writes what the summary of an audit doesn't have.
    pub(super) fn human(&self, out: &mut Screen<'_>) -> io::Result<()> {
        let Summary { broken_total, outdated, not_in_inventory, .. } = self.0;
        for (is_silent, what) in [(true, "silent"), (false, "no report")] {
            let hosts: Vec<_> = self.hosts(is_silent).collect();
            if hosts.is_empty() {
                continue;
            }
            let named = hosts.iter().take(MAX_NAMED).copied().collect::<Vec<_>>().join(", ");
            let more = match hosts.len().saturating_sub(MAX_NAMED) {
                0 => String::new(),
                more => format!(", and {more} more"),
            };
            let number = count(hosts.len(), "PC");
            putln!(out, "{CHANGED}{what}:{CHANGED:#} {number}{DIM}: {named}{more}{DIM:#}")?;
        }
        if broken_total > 0 {
            putln!(out, "{REMOVED}broken:{REMOVED:#} {}", count(broken_total, "document"))?;
        }
        if outdated > 0 {
            let files = count(outdated, "file");
            putln!(out, "{files} outdated: newer reports of the same PC don't contain them")?;
        }
        if not_in_inventory > 0 {
            putln!(out, "{} not in the inventory", count(not_in_inventory, "PC"))?;
        }
        let Summary { reports, hosts, superseded, .. } = self.0;
        let older = match superseded {
            0 => String::new(),
            rows => format!("; {} replaced by newer ones", count(rows, "older row")),
        };
        let (reports, hosts) = (count(reports, "report"), count(hosts, "PC"));
        putln!(out, "{DIM}{reports} of {hosts}{older}{DIM:#}")
    }

    /// Adds the fields of the JSON document that an audit doesn't have.
    pub(super) fn add_others(&self, others: &mut Map<String, Value>) {
        let Summary { broken, absent, policies, .. } = &self.0;
        let broken = broken.iter().map(|it| json!({"source": it.source, "reason": it.reason}));
        let hosts = absent.iter().map(|Absence { host, site, last_report }| {
            let state = if last_report.is_some() { "silent" } else { "no_report" };
            let last_report = last_report.map(|time| time.to_string());
            json!({"host": host, "site": site, "state": state, "last_report": last_report})
        });
        let policies =
            policies.iter().map(|(policy, files)| json!({"policy": policy, "files": files}));
        others.insert("broken".to_owned(), broken.collect());
        others.insert("hosts".to_owned(), hosts.collect());
        others.insert("policies".to_owned(), policies.collect());
    }

    /// Adds the numbers that the summary of an audit doesn't have.
    pub(super) fn add_summary(&self, summary: &mut Map<String, Value>) {
        for (name, number) in [
            ("reports", self.0.reports),
            ("superseded", self.0.superseded),
            ("broken", self.0.broken_total),
            ("hosts", self.0.hosts),
            ("silent", self.0.silent),
            ("no_report", self.0.no_report),
            ("not_in_inventory", self.0.not_in_inventory),
            ("outdated", self.0.outdated),
        ] {
            summary.insert(name.to_owned(), json!(number));
        }
    }

    /// Returns what the HTML page shows.
    pub(super) fn of_page(&self) -> MergedHead {
        let Summary { reports, broken_total, .. } = self.0;
        MergedHead {
            reports: reports as u64,
            broken: broken_total as u64,
            silent: self.hosts(true).map(str::to_owned).collect(),
            no_report: self.hosts(false).map(str::to_owned).collect(),
        }
    }
}
