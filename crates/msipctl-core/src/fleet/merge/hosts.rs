//! Which computers report, and since when they don't.

use std::io;

use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

use super::entry::Entry;
use crate::audit_report::Identity;
use crate::store::{SpillFile, SpillReader};

/// The maximum number of computers that notes name.
const MAX_NOTES: usize = 10;

/// The maximum number of users and policies of one computer whose outdated files are recognized.
const MAX_USERS: usize = 1000;

/// A computer in an inventory: the form that is compared, its name, and its site.
pub(super) type Listed = (String, String, Option<String>);

/// A computer that hasn't reported for a while, or never.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Absence {
    /// Its name.
    pub host: String,
    /// Its site, if known.
    pub site: Option<String>,
    /// Its newest report; `None` if there is none.
    pub last_report: Option<Timestamp>,
}

/// What the rows of one computer have in common.
#[derive(Debug, Default, Serialize, Deserialize)]
pub(super) struct HostRecord {
    /// The name in its newest report.
    name: String,
    /// The newest report, in nanoseconds.
    newest: i128,
    /// The site in a report.
    site: Option<String>,
    /// The site in the inventory.
    listed_site: Option<String>,
    /// The newest report of each user and policy.
    newest_of: Vec<(Option<String>, Option<String>, i128)>,
    machine_id: Option<String>,
    /// Whether a computer with another ID used the name in the same days.
    is_shared: bool,
}

/// The part of a row that says where it comes from.
#[derive(Deserialize)]
struct Origin {
    site: Option<String>,
    host: Option<String>,
    user: Option<String>,
    audit: Option<Identity>,
}

impl HostRecord {
    /// Adds a row of the computer.
    pub(super) fn add(&mut self, entry: &Entry, silent_after: SignedDuration) -> io::Result<()> {
        let Origin { site, host, user, audit } = serde_json::from_slice(&entry.payload)?;
        let Some(audit) = audit else { return Ok(()) };
        let is_close = (self.newest - entry.time).abs() <= silent_after.as_nanos();
        let is_other = self.machine_id.is_some() && audit.machine_id.is_some();
        self.is_shared |= is_close && is_other && self.machine_id != audit.machine_id;
        let user = user.or(audit.user);
        let is_full = self.newest_of.len() >= MAX_USERS;
        let of = self.newest_of.iter_mut().find(|it| it.0 == user && it.1 == audit.policy);
        match of {
            Some((.., newest)) => *newest = entry.time.max(*newest),
            None if is_full => {}
            None => self.newest_of.push((user, audit.policy, entry.time)),
        }
        if self.name.is_empty() || entry.time > self.newest {
            self.newest = entry.time;
            self.name = host.or(audit.host).unwrap_or_default();
            self.machine_id = audit.machine_id.or(self.machine_id.take());
        }
        self.site = site.or(self.site.take());
        Ok(())
    }

    /// Returns the time of its newest report.
    fn last_report(&self) -> Timestamp {
        Timestamp::from_nanosecond(self.newest).unwrap_or_default()
    }

    fn is_silent(&self, as_of: Timestamp, silent_after: SignedDuration) -> bool {
        as_of.duration_since(self.last_report()) > silent_after
    }

    /// Returns whether the same user reported with the same policy, long after a row.
    fn is_outdated(&self, row: &Entry, origin: &OfRow<'_>, silent_after: SignedDuration) -> bool {
        let same = |it: &&(Option<String>, Option<String>, i128)| {
            it.0.as_deref() == origin.user && it.1.as_deref() == origin.policy
        };
        let newest = self.newest_of.iter().find(same).map_or(row.time, |it| it.2);
        newest - row.time > silent_after.as_nanos()
    }
}

/// The user and the policy of a row.
pub(super) struct OfRow<'r> {
    pub(super) user: Option<&'r str>,
    pub(super) policy: Option<&'r str>,
}

/// When a computer counts as silent.
#[derive(Debug, Clone, Copy)]
pub(super) struct Silence {
    pub(super) as_of: Timestamp,
    pub(super) after: SignedDuration,
}

/// Collects the computers in the order of their rows, and compares them with the inventory.
pub(super) struct HostsWriter<'i> {
    silence: Silence,
    inventory: Option<std::iter::Peekable<std::slice::Iter<'i, Listed>>>,
    file: SpillFile,
    open: Option<(Vec<u8>, HostRecord)>,
    pub(super) counts: HostCounts,
}

/// The computers, counted.
#[derive(Debug, Default)]
pub(super) struct HostCounts {
    pub(super) hosts: usize,
    pub(super) silent: usize,
    pub(super) no_report: usize,
    pub(super) not_in_inventory: usize,
    pub(super) absent: Vec<Absence>,
    pub(super) notes: Vec<String>,
}

impl<'i> HostsWriter<'i> {
    pub(super) fn new(silence: Silence, inventory: Option<&'i [Listed]>) -> io::Result<Self> {
        Ok(Self {
            silence,
            inventory: inventory.map(|listed| listed.iter().peekable()),
            file: SpillFile::new()?,
            open: None,
            counts: HostCounts::default(),
        })
    }

    /// Adds a row, which follows those of computers before it in the order of keys.
    pub(super) fn add(&mut self, row: &Entry) -> io::Result<()> {
        if self.open.as_ref().is_none_or(|(host, _)| host != row.host()) {
            self.close()?;
            self.open = Some((row.host().to_vec(), HostRecord::default()));
        }
        match &mut self.open {
            Some((_, host)) => host.add(row, self.silence.after),
            None => Ok(()),
        }
    }

    fn close(&mut self) -> io::Result<()> {
        let Some((key, mut host)) = self.open.take() else { return Ok(()) };
        let is_named = !key.is_empty();
        if is_named {
            host.listed_site = self.listed_site(&key).flatten();
        }
        let HostCounts { hosts, silent, absent, notes, .. } = &mut self.counts;
        *hosts += usize::from(is_named);
        if is_named && host.is_silent(self.silence.as_of, self.silence.after) {
            *silent += 1;
            let last_report = Some(host.last_report());
            let site = host.listed_site.clone().or_else(|| host.site.clone());
            absent.push(Absence { host: host.name.clone(), site, last_report });
        }
        if host.is_shared && notes.len() < MAX_NOTES {
            notes.push(format!("several PCs report as `{}`; their machine IDs differ", host.name));
        }
        self.file.push(&serde_json::to_vec(&host)?)
    }

    /// Returns the site that the inventory has for a computer; `None` without one. Counts the computers before it.
    fn listed_site(&mut self, key: &[u8]) -> Option<Option<String>> {
        let listed = self.inventory.as_mut()?;
        while let Some((_, name, site)) = listed.next_if(|(host, ..)| host.as_bytes() < key) {
            self.counts.add_missing(name, site.as_ref());
        }
        let found = listed.next_if(|(host, ..)| host.as_bytes() == key);
        self.counts.not_in_inventory += usize::from(found.is_none());
        found.map(|(.., site)| site.clone())
    }

    /// Ends with the computers after the last row.
    pub(super) fn finish(mut self) -> io::Result<(SpillReader, HostCounts)> {
        self.close()?;
        for (_, name, site) in self.inventory.into_iter().flatten() {
            self.counts.add_missing(name, site.as_ref());
        }
        Ok((self.file.into_reader()?, self.counts))
    }
}

impl HostCounts {
    fn add_missing(&mut self, host: &str, site: Option<&String>) {
        self.no_report += 1;
        let site = site.cloned();
        self.absent.push(Absence { host: host.to_owned(), site, last_report: None });
    }
}

/// Reads the computers again, in the same order.
#[derive(Debug)]
pub(super) struct HostsReader {
    silence: Silence,
    file: SpillReader,
    open: Option<(Vec<u8>, HostRecord)>,
}

impl HostsReader {
    pub(super) fn new(silence: Silence, file: SpillReader) -> Self {
        Self { silence, file, open: None }
    }

    /// Returns the site that the inventory has for the computer of a row, and whether the computer is silent and the row is outdated.
    pub(super) fn about(
        &mut self,
        row: &Entry,
        origin: &OfRow<'_>,
    ) -> io::Result<(Option<String>, bool, bool)> {
        if self.open.as_ref().is_none_or(|(host, _)| host != row.host()) {
            let mut record = Vec::new();
            let has_next = self.file.next(&mut record)?;
            let host =
                if has_next { serde_json::from_slice(&record)? } else { HostRecord::default() };
            self.open = Some((row.host().to_vec(), host));
        }
        let Some((_, host)) = &self.open else { return Ok((None, false, false)) };
        let Silence { as_of, after } = self.silence;
        let is_silent = !row.host().is_empty() && host.is_silent(as_of, after);
        Ok((host.listed_site.clone(), is_silent, host.is_outdated(row, origin, after)))
    }
}
