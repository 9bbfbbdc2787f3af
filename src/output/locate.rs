//! The MicroSIP.ini files that a search found.

use std::io;

use serde::Serialize;
use serde_json::{Value, json};

use super::count::count;
use super::json::values;
use super::report::Report;
use super::screen::{DIM, NAME, Screen};
use msipctl_core::locate::Found;
use msipctl_core::store::{SkipReason, Skipped};

/// One MicroSIP.ini.
#[derive(Debug, Serialize)]
struct FoundRow {
    path: String,
    kind: &'static str,
    product: String,
    version: Option<String>,
    encoding: Option<String>,
    writable: bool,
    read_only: bool,
    redirected: bool,
    process: Option<ProcessRow>,
    reason: String,
}

/// A process that uses a MicroSIP.ini.
#[derive(Debug, Serialize)]
struct ProcessRow {
    id: u32,
    program: Option<String>,
    #[serde(skip)]
    name: String,
}

impl From<&Found> for FoundRow {
    fn from(found: &Found) -> Self {
        let process = found.process.as_ref().map(|process| ProcessRow {
            id: process.id,
            program: process.program.as_ref().map(|program| program.display().to_string()),
            name: process.name.to_string_lossy().into_owned(),
        });
        Self {
            path: found.path.display().to_string(),
            kind: found.kind.name(),
            product: found.product.clone(),
            version: found.version.map(|version| version.to_string()),
            encoding: found.encoding.map(|encoding| encoding.to_string()),
            writable: found.writable,
            read_only: found.is_read_only,
            redirected: found.is_redirected,
            process,
            reason: found.reason.clone(),
        }
    }
}

/// The result of a search.
#[derive(Debug)]
pub(crate) struct LocateReport {
    rows: Vec<FoundRow>,
    skipped: Vec<SkippedRow>,
    /// The maximum number of entries, and where the search ended, if it reached that number.
    limit: Option<(usize, String)>,
}

/// A file or folder that a search skipped.
#[derive(Debug, Serialize)]
struct SkippedRow {
    path: String,
    reason: String,
}

impl LocateReport {
    pub(crate) fn new(found: &[Found], skipped: &[Skipped]) -> Self {
        let limit = skipped.iter().find_map(|skipped| match skipped.reason {
            SkipReason::Limit(limit) => Some((limit, skipped.path.display().to_string())),
            _ => None,
        });
        let skipped = skipped.iter().filter_map(|skipped| {
            let reason = match &skipped.reason {
                SkipReason::Unlisted(error) => {
                    let cause = std::error::Error::source(error).map(ToString::to_string);
                    cause.unwrap_or_else(|| "can't be listed".to_owned())
                }
                SkipReason::Link => "link to a folder".to_owned(),
                SkipReason::ForeignLink => "link that another user may have planted".to_owned(),
                SkipReason::FileSystem => "on another file system".to_owned(),
                SkipReason::Again => "already searched by another path".to_owned(),
                SkipReason::Limit(_) => return None,
            };
            Some(SkippedRow { path: skipped.path.display().to_string(), reason })
        });
        let rows = found.iter().map(FoundRow::from).collect();
        Self { rows, skipped: skipped.collect(), limit }
    }

    /// Returns what the search skipped, and why. Lists up to `shown` paths.
    pub(crate) fn skipped(&self, shown: usize) -> Vec<String> {
        let rows = self.skipped.iter().take(shown);
        let mut lines: Vec<_> =
            rows.map(|row| format!("skipped {}: {}", row.path, row.reason)).collect();
        if let Some(more @ 1..) = self.skipped.len().checked_sub(shown) {
            lines.push(format!("skipped {more} more; to list all of them, pass `--format json`"));
        }
        lines
    }

    /// Returns where the search ended, if it reached its limit.
    pub(crate) fn limit(&self) -> Option<String> {
        let (limit, path) = self.limit.as_ref()?;
        Some(format!(
            "{path}: the search stopped after {limit} files and folders, so there may be more; \
             pass a larger `--max-entries`, or a subfolder with `--root`"
        ))
    }
}

impl Report for LocateReport {
    const LIST: &'static str = "files";
    type Row = ();

    fn human_end(&self, out: &mut Screen<'_>) -> io::Result<()> {
        for row in &self.rows {
            putln!(out, "{NAME}{}{NAME:#}", row.path)?;
            let mut facts = vec![row.encoding.clone().unwrap_or_else(|| "not readable".to_owned())];
            facts.extend(row.version.as_ref().map(|version| format!("{} {version}", row.product)));
            facts.push(match (row.writable, row.read_only) {
                (true, _) => "writable".to_owned(),
                (false, true) => "read-only, so MicroSIP 3.22.16 and newer don't start".to_owned(),
                (false, false) => "not writable by you".to_owned(),
            });
            if row.redirected {
                facts.push("redirected to the registry (IniFileMapping)".to_owned());
            }
            facts.extend(row.process.as_ref().map(|process| {
                let program = process.program.as_ref().unwrap_or(&process.name);
                format!("in use by process {}, {program}", process.id)
            }));
            putln!(out, "    {}: {}", row.kind, row.reason)?;
            putln!(out, "    {DIM}{}{DIM:#}", facts.join(", "))?;
        }
        if !self.rows.is_empty() {
            putln!(out, "{}", count(self.rows.len(), "file"))?;
        }
        Ok(())
    }

    fn entries(&self) -> Vec<Value> {
        values(&self.rows)
    }

    fn summary(&self) -> Option<Value> {
        Some(json!({
            "files": self.rows.len(),
            "skipped": self.skipped,
            "limit_reached": self.limit.is_some(),
        }))
    }
}
