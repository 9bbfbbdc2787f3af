//! Earlier reports of `audit`, which the current drift is compared with.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::path::{Path, PathBuf};

use jiff::Timestamp;

use super::baseline::{read_json, report_error};
use super::error::CliError;
use super::output::{AgainRow, Counts, EarlierReport, Trend, TrendPoint};
use msipctl_core::audit_report::{
    AuditRow, DriftRow, Identity, ReadError, RowState, Since, read_report,
};
use msipctl_core::fleet::{Group, Tally, merge};
use msipctl_core::store::{Digest, Input};

/// The hint that says how to create a report.
const HOW: &str = "run `msipctl audit POLICY --format json > FILE` to create one";

/// Earlier reports. Each keeps a few bytes for each file, and a number for each drifted key.
#[derive(Debug)]
pub(super) struct Earlier {
    /// The reports by time, the oldest first. There is at least one.
    reports: Vec<Report>,
    names: Names,
    /// The identity of the audit that is compared; `None` if rows have their own, as in a merge. An audit recognizes the files
    /// of earlier audits by path alone, and those of merged reports by computer and path.
    own: Option<Identity>,
    /// The files in which each key drifts again.
    again: BTreeMap<(String, String), Group>,
}

/// A computer and a path, hashed.
type FileKey = [u8; 16];

/// One earlier report.
#[derive(Debug)]
struct Report {
    path: PathBuf,
    time: Option<Timestamp>,
    tally: Tally,
    /// The files that were compared.
    compared: HashSet<FileKey>,
    /// The numbers of the keys that drift, by file.
    drift: HashMap<FileKey, Vec<usize>>,
}

/// The names of keys and hooks, each once.
#[derive(Debug, Default)]
struct Names {
    /// The section and key in the form that is compared, because Windows ignores case.
    ids: HashMap<(String, String), usize>,
    /// The names for people.
    shown: Vec<String>,
}

impl Names {
    fn add(&mut self, drift: &DriftRow) -> usize {
        let next = self.shown.len();
        let id = *self.ids.entry(name(&drift.section, &drift.key)).or_insert(next);
        if id == next {
            self.shown.push(drift.name());
        }
        id
    }

    fn id(&self, drift: &DriftRow) -> Option<usize> {
        self.ids.get(&name(&drift.section, &drift.key)).copied()
    }
}

impl Earlier {
    /// Reads reports; `None` if there are none.
    pub(super) fn load(paths: &[PathBuf], own: Option<Identity>) -> Result<Option<Self>, CliError> {
        let mut names = Names::default();
        let mut reports = Vec::new();
        for path in paths {
            reports.push(Report::load(path, own.is_some(), &mut names)?);
        }
        reports.sort_by_key(|report| report.time);
        let earlier = Self { reports, names, own, again: BTreeMap::new() };
        Ok((!paths.is_empty()).then_some(earlier))
    }

    /// Marks the drift of a file that the newest report doesn't have, and adds what drifted there and matches now. Counts
    /// the keys that drift again.
    pub(super) fn compare(&mut self, row: &mut AuditRow) {
        let audit = row.audit.as_ref().or(self.own.as_ref());
        let keys = keys_of(row.host.as_deref(), &row.path, audit);
        let found: Vec<_> = self.reports.iter().map(|report| report.drift_of(&keys)).collect();
        let newest = found.last().copied().flatten().unwrap_or_default();
        let mut seen = Vec::new();
        for drift in &mut row.drift {
            let id = self.names.id(drift);
            let is_known = id.is_some_and(|id| newest.contains(&id));
            drift.since = Some(if is_known { Since::Known } else { Since::New });
            seen.extend(id);
            if id.is_some_and(|id| has_drifted_and_matched(&found, id)) {
                let host = row.audit.as_ref().and_then(|audit| audit.host.as_deref());
                let file = match row.host.as_deref().or(host) {
                    Some(host) if self.own.is_none() => format!("{host}: {}", row.path),
                    _ => row.path.clone(),
                };
                let key = (drift.section.clone(), drift.key.clone());
                self.again.entry(key).or_default().add(&file);
            }
        }
        let resolved = newest.iter().filter(|id| !seen.contains(id));
        let mut resolved: Vec<_> =
            resolved.filter_map(|id| self.names.shown.get(*id).cloned()).collect();
        resolved.sort();
        row.resolved = Some(resolved);
    }

    /// Returns the trend from the oldest report to this one.
    pub(super) fn trend(&self, time: Timestamp, tally: &Tally) -> Trend {
        let points = self.reports.iter().map(|report| TrendPoint::new(report.time, &report.tally));
        let again = self.again.iter().map(|((section, key), files)| AgainRow {
            section: section.clone(),
            key: key.clone(),
            files: files.files(),
            examples: files.named(),
        });
        let mut again: Vec<_> = again.collect();
        again.sort_by_key(|row| std::cmp::Reverse(row.files));
        Trend { points: points.chain([TrendPoint::new(Some(time), tally)]).collect(), again }
    }

    /// Returns the summary of the newest report, for the HTML page.
    pub(super) fn newest(&self) -> Option<EarlierReport> {
        let Report { path, time, tally, .. } = self.reports.last()?;
        let number = |number: usize| number as u64;
        Some(EarlierReport {
            report: path.display().to_string(),
            generated: time.map(|time| time.to_string()),
            before: Counts {
                in_sync: number(tally.in_sync()),
                drifted: number(tally.drifted()),
                failed: number(tally.failed()),
            },
        })
    }
}

/// Returns whether a key drifted in one report, and matched in a later one.
fn has_drifted_and_matched(reports: &[Option<&[usize]>], id: usize) -> bool {
    let known = || reports.iter().flatten();
    let drifted = known().position(|keys| keys.contains(&id));
    drifted.is_some_and(|first| known().skip(first).any(|keys| !keys.contains(&id)))
}

impl Report {
    fn load(path: &Path, is_by_path: bool, names: &mut Names) -> Result<Self, CliError> {
        let text = read_json(path, Input::Report, HOW)?;
        let mut rows = Vec::new();
        let mut tally = Tally::default();
        let head = read_report(text.as_bytes(), &mut |row| match row.state {
            RowState::Failed => tally.add_failed(),
            RowState::InSync | RowState::Drifted => {
                tally.add(&row.path, &row);
                let drift: Vec<_> = row.drift.iter().map(|drift| names.add(drift)).collect();
                rows.push((Slim::of(&row), drift));
            }
        });
        let head = match head {
            Ok(head) if head.has_files => head,
            Ok(_) => return Err(missing_files(path)),
            Err(ReadError::Json(error)) => {
                return Err(report_error(path, &error, "audit").hint(HOW));
            }
            Err(error) => {
                let error = CliError::usage(format!("{}: {error}", path.display())).about(path);
                return Err(error.hint(HOW));
            }
        };
        let mut report = Self {
            path: path.to_owned(),
            time: head.time,
            tally,
            compared: HashSet::with_capacity(rows.len()),
            drift: HashMap::new(),
        };
        for (slim, drift) in rows {
            let audit = slim.audit.as_ref().or(head.audit.as_ref());
            let is_merged = slim.audit.is_some();
            let [with_host, without] = keys_of(slim.host.as_deref(), &slim.path, audit);
            let key = if is_by_path && !is_merged { without } else { with_host };
            report.compared.insert(key);
            if !drift.is_empty() {
                report.drift.insert(key, drift);
            }
        }
        Ok(report)
    }

    /// Returns the keys that drift in a file; `None` if the report doesn't have the file.
    fn drift_of(&self, keys: &[FileKey; 2]) -> Option<&[usize]> {
        let key = keys.iter().find(|key| self.compared.contains(*key))?;
        Some(self.drift.get(key).map_or(&[][..], Vec::as_slice))
    }
}

/// What identifies the file of a row.
struct Slim {
    path: String,
    host: Option<String>,
    audit: Option<Identity>,
}

impl Slim {
    fn of(row: &AuditRow) -> Self {
        Self { path: row.path.clone(), host: row.host.clone(), audit: row.audit.clone() }
    }
}

fn missing_files(path: &Path) -> CliError {
    let what = "invalid report of `audit`: expected JSON with `files`";
    CliError::usage(format!("{}: {what}", path.display())).about(path).hint(HOW)
}

/// Returns the key of a file with its computer, and the one without.
fn keys_of(host: Option<&str>, path: &str, audit: Option<&Identity>) -> [FileKey; 2] {
    let is_windows = audit.map_or(cfg!(windows), |audit| audit.system == "windows");
    let host = host.or_else(|| audit?.host.as_deref()).unwrap_or_default();
    [file_key(host, path, is_windows), file_key("", path, is_windows)]
}

fn file_key(host: &str, path: &str, is_windows: bool) -> FileKey {
    let digest: [u8; 32] = Digest::of(&merge::file_key(host, path, is_windows)).into();
    let mut key = [0; 16];
    key.copy_from_slice(&digest[..16]);
    key
}

/// Returns the name of a key in the form that is compared, because Windows ignores case.
fn name(section: &str, key: &str) -> (String, String) {
    (section.to_lowercase(), key.to_lowercase())
}
