//! The sinks of one run: events go to them in batches, and what is left to do is done at its end.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::time::Duration;

use super::address::{Sink, authority};
use super::deliver::{Failure, Retries, State, deliver};
use super::event::{Counts, Event, EventName, FileResult, Run};
use super::http::{Limits, send};
use super::spool::{Entry, MAX_BODY, Spool, spool_folder};
use super::{event_log, ndjson, otlp, prometheus, syslog};
use msipctl_core::apply;
use msipctl_core::audit_report::hook_name;
use msipctl_core::fleet::{Audited, Tally};
use msipctl_core::store;

/// The number of events that are sent together.
const BATCH: usize = 512;

/// The time limit of a request. The run waits for it, so it doesn't retry: the spool keeps what wasn't sent.
const TIMEOUT: Duration = Duration::from_secs(10);
const RETRIES: Retries = Retries { count: 0, lock_timeout: Duration::from_secs(5) };

/// The sinks of a run.
#[derive(Debug)]
pub(crate) struct Sinks {
    sinks: Vec<Sending>,
    run: Run,
    /// The folder of the spool.
    spool: Option<PathBuf>,
    /// The events that wait for a complete batch.
    waiting: Vec<Event>,
    tally: Tally,
    counts: Counts,
}

/// What happened to a file that a policy was applied to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Applied {
    /// It was changed.
    Changed,
    /// It already matched.
    Unchanged,
    /// The change waits until MicroSIP exits.
    Queued,
}

/// A sink, and the first reason why it didn't get an event.
#[derive(Debug)]
struct Sending {
    sink: Sink,
    problem: Option<String>,
    /// The requests of this run, if the sink has a spool.
    spool: Option<Spool>,
}

impl Sinks {
    /// Begins a run.
    pub(crate) fn new(sinks: &[Sink], run: Run) -> Self {
        let mut unique: Vec<Sink> = Vec::new();
        for sink in sinks {
            if !unique.contains(sink) {
                unique.push(sink.clone());
            }
        }
        let sending = |sink| Sending { sink, problem: None, spool: None };
        Self {
            sinks: unique.into_iter().map(sending).collect(),
            run,
            spool: spool_folder(),
            waiting: Vec::new(),
            tally: Tally::default(),
            counts: Counts::default(),
        }
    }

    /// Returns whether there is any sink.
    pub(crate) fn is_active(&self) -> bool {
        !self.sinks.is_empty()
    }

    /// Returns the files that sinks write.
    pub(crate) fn files(&self) -> impl Iterator<Item = &Path> {
        self.sinks.iter().filter_map(|sending| match &sending.sink {
            Sink::Prometheus(path) | Sink::Ndjson(path) => Some(path.as_path()),
            _ => None,
        })
    }

    /// Sends that a file was compared with the policy.
    pub(crate) fn audited(&mut self, path: &Path, audited: &Audited) {
        if !self.is_active() {
            return;
        }
        let path = path.display().to_string();
        self.tally.add(&path, audited);
        let mut result =
            FileResult { path, unverified: audited.unverified, ..FileResult::default() };
        // A hook can consist of several keys.
        let mut hooks = BTreeSet::new();
        for drift in &audited.drift {
            match &drift.hook {
                Some(hook) => {
                    hooks.insert(hook_name(&hook.template, hook.event.name()));
                }
                None => result.keys.push(format!("{}.{}", drift.section, drift.key)),
            }
        }
        result.hooks.extend(hooks);
        let is_in_sync = audited.drift.is_empty();
        self.push(if is_in_sync { EventName::InSync } else { EventName::Drifted }, result);
    }

    /// Sends that a file couldn't be compared with the policy.
    pub(crate) fn not_audited(&mut self, path: &Path, reason: String) {
        if self.is_active() {
            self.tally.add_failed();
            self.push(EventName::AuditFailed, failed(path, reason));
        }
    }

    /// Sends that the policy was applied to a file.
    pub(crate) fn applied(&mut self, outcome: Applied, result: FileResult) {
        if !self.is_active() {
            return;
        }
        let (name, count) = match outcome {
            Applied::Changed => (EventName::Changed, &mut self.counts.changed),
            Applied::Unchanged => (EventName::Unchanged, &mut self.counts.unchanged),
            Applied::Queued => (EventName::Queued, &mut self.counts.queued),
        };
        *count.get_or_insert_default() += 1;
        self.counts.files += 1;
        self.push(name, result);
    }

    /// Sends that the policy couldn't be applied to a file.
    pub(crate) fn not_applied(&mut self, path: &Path, reason: String) {
        if self.is_active() {
            self.counts.files += 1;
            self.counts.failed += 1;
            self.push(EventName::ApplyFailed, failed(path, reason));
        }
    }

    fn push(&mut self, name: EventName, result: FileResult) {
        self.waiting.push(Event::of_file(name, &self.run, result));
        if self.waiting.len() >= BATCH {
            self.send_waiting();
        }
    }

    /// Ends an audit: sends the summary, and everything that waits. An interrupted run has no totals, so it sends no
    /// summary and no metrics. Returns a warning for each sink that didn't get everything.
    pub(crate) fn end_audit(mut self, is_complete: bool) -> Vec<String> {
        let tally = &self.tally;
        let counts = Counts {
            files: tally.files(),
            in_sync: Some(tally.in_sync()),
            drifted: Some(tally.drifted()),
            failed: tally.failed(),
            ..Counts::default()
        };
        let metrics = prometheus::of_audit(&self.run.policy, tally, store::now());
        self.end(EventName::AuditSummary, counts, is_complete.then_some(&*metrics), "audit")
    }

    /// Ends an `apply` in the same way.
    pub(crate) fn end_apply(mut self, is_complete: bool) -> Vec<String> {
        let counts = Counts {
            changed: self.counts.changed.or(Some(0)),
            unchanged: self.counts.unchanged.or(Some(0)),
            queued: self.counts.queued.or(Some(0)),
            ..self.counts
        };
        let metrics = prometheus::of_apply(&self.run.policy, counts, store::now());
        self.end(EventName::ApplySummary, counts, is_complete.then_some(&*metrics), "apply")
    }

    fn end(
        &mut self,
        name: EventName,
        counts: Counts,
        metrics: Option<&str>,
        command: &str,
    ) -> Vec<String> {
        if metrics.is_some() && self.is_active() {
            self.waiting.push(Event::summary(name, &self.run, counts));
        }
        self.send_waiting();
        for sending in &mut self.sinks {
            match (&sending.sink, metrics) {
                (Sink::Prometheus(path), Some(metrics)) => {
                    let written = apply::write_file(path, metrics.as_bytes(), command);
                    sending.problem = written.err().map(|error| error.with_cause());
                }
                _ => sending.deliver(),
            }
        }
        self.sinks.iter().filter_map(Sending::warning).collect()
    }

    fn send_waiting(&mut self) {
        let events = std::mem::take(&mut self.waiting);
        if events.is_empty() {
            return;
        }
        for sending in &mut self.sinks {
            if sending.problem.is_none() {
                sending.problem = sending.send(&events, self.spool.as_deref()).err();
            }
        }
    }
}

fn failed(path: &Path, reason: String) -> FileResult {
    let path = path.display().to_string();
    FileResult { path, reason: Some(reason), ..FileResult::default() }
}

impl Sending {
    /// Sends events, or puts them into the spool.
    fn send(&mut self, events: &[Event], spool: Option<&Path>) -> Result<(), String> {
        match &self.sink {
            Sink::Prometheus(_) => Ok(()),
            Sink::Ndjson(path) => ndjson::append(path, events).map_err(|error| error.with_cause()),
            Sink::Otlp(url) => {
                let bodies = otlp::requests(events, MAX_BODY);
                let entry = |body: String| {
                    Entry::new(url.text(), "POST", otlp::CONTENT_TYPE, "events", body.into())
                };
                let entries: Vec<_> = bodies.into_iter().map(entry).collect();
                self.add(&entries, spool)
            }
            Sink::SyslogTcp { .. } => {
                let destination = self.sink.to_string();
                let entry = |body: String| {
                    Entry::new(&destination, "TCP", "text/plain", "events", body.into())
                };
                let streams = syslog::streams(events, MAX_BODY);
                let entries: Vec<_> = streams.into_iter().map(entry).collect();
                self.add(&entries, spool)
            }
            Sink::SyslogUdp { host, port } => {
                let address = authority(host, *port);
                events.iter().try_for_each(|event| {
                    let message = syslog::message(event).into_bytes();
                    msipctl_hook::send_datagram(&address, message)
                        .map_err(|error| error.to_string())
                })
            }
            Sink::EventLog => event_log::report(events).map_err(|error| error.to_string()),
        }
    }

    /// Adds requests to the spool.
    fn add(&mut self, entries: &[Entry], folder: Option<&Path>) -> Result<(), String> {
        if self.spool.is_none() {
            let folder = folder.ok_or("there is no folder for requests that wait")?;
            self.spool = Some(Spool::open(folder).map_err(|error| error.to_string())?);
        }
        let Some(spool) = &self.spool else { return Ok(()) };
        entries.iter().try_for_each(|entry| spool.add(entry).map_err(|error| error.to_string()))
    }

    /// Sends what waits in the spool, also from earlier runs.
    fn deliver(&mut self) {
        let Some(spool) = &self.spool else { return };
        let (mut left, mut reason) = (0, None);
        let mut each = |delivered: super::deliver::Delivered| {
            if delivered.state != State::Sent {
                left += 1;
                reason = reason.take().or(delivered.reason);
            }
        };
        let result = match &self.sink {
            Sink::Otlp(url) => {
                let limits = Limits { token: None, timeout: TIMEOUT };
                let send = |entry: &Entry| send(url, entry, &limits);
                deliver(spool, url.text(), RETRIES, &send, &mut each)
            }
            Sink::SyslogTcp { host, port } => {
                let send = |entry: &Entry| {
                    let sent = send_stream(host, *port, entry.body().to_vec(), TIMEOUT);
                    sent.map_err(|error| Failure::Temporary {
                        reason: error.to_string(),
                        wait: None,
                    })
                };
                deliver(spool, &self.sink.to_string(), RETRIES, &send, &mut each)
            }
            _ => Ok(()),
        };
        let left = reason.map(|reason| {
            format!("{reason}; the spool keeps them for the next run that uses this sink ({left} requests)")
        });
        let problem = result.err().map(|error| error.to_string()).or(left);
        self.problem = self.problem.take().or(problem);
    }

    fn warning(&self) -> Option<String> {
        let problem = self.problem.as_ref()?;
        Some(format!("can't send events to `{}`: {problem}", self.sink))
    }
}

#[cfg(not(windows))]
use super::tcp::send_stream;
#[cfg(windows)]
use msipctl_windows::send_stream;
