//! The result of a merge: the winners in order, and what is known about all of them.

use std::collections::BTreeMap;
use std::io;

use jiff::Timestamp;
use sha2::{Digest as _, Sha256};

use super::entry::{BROKEN, DOCUMENT, Entry, ROW};
use super::hosts::{Absence, HostCounts, HostsReader, HostsWriter, Listed, OfRow, Silence};
use super::sorter::Sorted;
use crate::audit_report::{AuditRow, Identity};
use crate::fleet::groups::Groups;
use crate::store::{SpillFile, SpillReader};

/// The maximum number of broken documents that a report names. All are counted.
const MAX_BROKEN: usize = 1000;

/// The maximum number of policies that a report counts.
const MAX_POLICIES: usize = 1000;

/// A document that isn't a report.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Broken {
    /// Its path; of standard input, `-#` and a part of its hash.
    pub source: String,
    /// Why it isn't a report.
    pub reason: String,
}

/// What is known about all reports.
#[derive(Debug, Default)]
pub struct Summary {
    /// The first broken documents, by name.
    pub broken: Vec<Broken>,
    /// The broken documents by reason.
    pub broken_groups: Groups<String>,
    /// The number of broken documents.
    pub broken_total: usize,
    /// The number of different reports.
    pub reports: usize,
    /// The number of files.
    pub files: usize,
    /// The number of rows that a newer one replaces.
    pub superseded: usize,
    /// The number of computers.
    pub hosts: usize,
    /// The number of computers that haven't reported for a while.
    pub silent: usize,
    /// The number of computers in the inventory without a report.
    pub no_report: usize,
    /// The number of computers that aren't in the inventory.
    pub not_in_inventory: usize,
    /// The number of files that newer reports of their computers don't contain, as [`Summary::count`] counts them.
    pub outdated: usize,
    /// The number of rows that an older msipctl wrote, which don't say how many keys the policy has, as [`Summary::count`] counts them.
    pub without_keys: usize,
    /// The computers that haven't reported for a while, or never.
    pub absent: Vec<Absence>,
    /// The number of files by the hash of the policy, as [`Summary::count`] counts them.
    pub policies: BTreeMap<Option<String>, usize>,
    /// What else users should know.
    pub notes: Vec<String>,
}

/// The rows of a merged report, in the order of computers and paths.
#[derive(Debug)]
pub struct Rows {
    winners: SpillReader,
    hosts: HostsReader,
    record: Vec<u8>,
}

/// Separates winners from rows that they replace, and counts everything.
pub(super) fn merged(
    mut sorted: Sorted,
    silence: Silence,
    inventory: Option<&[Listed]>,
) -> io::Result<(Identity, Summary, Rows)> {
    let mut summary = Summary::default();
    let mut hosts = HostsWriter::new(silence, inventory)?;
    let (mut winners, mut record) = (SpillFile::new()?, Vec::new());
    let mut hash = Sha256::new();
    let mut newest = Timestamp::UNIX_EPOCH.as_nanosecond();
    let mut last: Option<Vec<u8>> = None;
    while let Some(entry) = sorted.next()? {
        let is_repeated = last.as_ref() == Some(&entry.key);
        match entry.kind() {
            BROKEN if !is_repeated => summary.add_broken(&entry),
            DOCUMENT => summary.reports += 1,
            ROW if is_repeated => summary.superseded += 1,
            ROW => {
                summary.files += 1;
                hosts.add(&entry)?;
                newest = newest.max(entry.time);
                for part in [&entry.key, entry.run.as_bytes(), &entry.time.to_le_bytes()[..]] {
                    hash.update((part.len() as u64).to_le_bytes());
                    hash.update(part);
                }
                entry.encode(&mut record);
                winners.push(&record)?;
            }
            _ => {}
        }
        last = Some(entry.key);
    }
    let (file, counts) = hosts.finish()?;
    summary.add_hosts(counts);
    let rows = Rows {
        winners: winners.into_reader()?,
        hosts: HostsReader::new(silence, file),
        record: Vec::new(),
    };
    let time = Timestamp::from_nanosecond(newest).unwrap_or_default();
    let identity = Identity {
        host: None,
        user: None,
        system: Identity::MERGED.to_owned(),
        machine_id: None,
        policy: None,
        run: {
            let hash: [u8; 32] = hash.finalize().into();
            format!("{}-{:02x}{:02x}", time.strftime("%Y%m%dT%H%M%SZ"), hash[0], hash[1])
        },
        time,
    };
    Ok((identity, summary, rows))
}

impl Summary {
    fn add_broken(&mut self, entry: &Entry) {
        self.broken_total += 1;
        let text = String::from_utf8_lossy(&entry.payload).into_owned();
        let (source, reason) = text.split_once('\0').unwrap_or(("", &text));
        self.broken_groups.add(reason.to_owned(), source);
        if self.broken.len() < MAX_BROKEN {
            self.broken.push(Broken { source: source.to_owned(), reason: reason.to_owned() });
        }
    }

    fn add_hosts(&mut self, counts: HostCounts) {
        let HostCounts { hosts, silent, no_report, not_in_inventory, absent, notes } = counts;
        (self.hosts, self.silent, self.no_report) = (hosts, silent, no_report);
        (self.not_in_inventory, self.absent, self.notes) = (not_in_inventory, absent, notes);
    }

    /// Counts a row that [`Rows::next`] returned.
    pub fn count(&mut self, row: &AuditRow) {
        self.outdated += usize::from(row.is_outdated == Some(true));
        let is_failed = row.error.is_some();
        self.without_keys += usize::from(row.keys.is_none() && !is_failed);
        let policy = row.audit.as_ref().and_then(|audit| audit.policy.clone());
        if self.policies.len() < MAX_POLICIES || self.policies.contains_key(&policy) {
            *self.policies.entry(policy).or_default() += 1;
        }
    }
}

impl Rows {
    /// Returns the next row.
    ///
    /// # Errors
    ///
    /// When a temporary file can't be read.
    #[expect(clippy::should_implement_trait, reason = "it can fail")]
    pub fn next(&mut self) -> io::Result<Option<AuditRow>> {
        if !self.winners.next(&mut self.record)? {
            return Ok(None);
        }
        let damaged = || io::Error::other("a temporary file was changed by another program");
        let entry = Entry::decode(&self.record).ok_or_else(damaged)?;
        let mut row: AuditRow = serde_json::from_slice(&entry.payload)?;
        let audit = row.audit.as_ref();
        let origin = OfRow {
            user: row.user.as_deref().or_else(|| audit?.user.as_deref()),
            policy: audit.and_then(|audit| audit.policy.as_deref()),
        };
        let (site, is_silent, is_outdated) = self.hosts.about(&entry, &origin)?;
        row.site = site.or(row.site);
        row.is_silent = is_silent.then_some(true);
        row.is_outdated = is_outdated.then_some(true);
        Ok(Some(row))
    }
}
