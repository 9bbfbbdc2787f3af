//! An earlier report of `audit`, which the current drift is compared with.

use std::collections::{HashMap, HashSet};
use std::path::Path;

use serde::{Deserialize, Serialize};

use super::baseline::{read_report, same};
use super::error::CliError;

/// The drift of an earlier report, by file.
#[derive(Debug, Default)]
pub(super) struct Earlier {
    files: HashMap<String, Known>,
    /// When it was created, as stated in the report.
    pub(super) time: Option<String>,
    /// The number of files that were in sync, drifted, and failed.
    pub(super) counts: [u64; 3],
}

/// What an earlier report has for a file.
#[derive(Debug, Default)]
pub(super) struct Known {
    /// A section and key in the form that is compared, and as they were written.
    keys: HashMap<(String, String), String>,
    seen: HashSet<(String, String)>,
}

/// Whether drift is new compared to an earlier report.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Since {
    New,
    Known,
}

/// The fields that are read from a report of `--format json`.
#[derive(Deserialize)]
struct ReportRead {
    time: Option<String>,
    files: Vec<FileRead>,
}

#[derive(Deserialize)]
struct FileRead {
    path: String,
    state: String,
    drift: Vec<DriftRead>,
}

#[derive(Deserialize)]
struct DriftRead {
    section: String,
    key: String,
    hook: Option<HookRead>,
}

#[derive(Deserialize)]
struct HookRead {
    template: String,
    event: String,
}

impl DriftRead {
    /// Returns the name for people.
    fn shown(&self) -> String {
        match &self.hook {
            Some(HookRead { template, event }) => hook_name(template, event),
            None => format!("{}.{}", self.section, self.key),
        }
    }
}

impl Earlier {
    /// Reads a report.
    pub(super) fn load(path: &Path) -> Result<Self, CliError> {
        let report: ReportRead = read_report(path, "audit", "msipctl audit POLICY")?;
        let mut earlier = Self { time: report.time, ..Self::default() };
        for file in report.files {
            let state = ["in_sync", "drifted"].iter().position(|state| *state == file.state);
            earlier.counts[state.unwrap_or(2)] += 1;
            let known = earlier.files.entry(same(&file.path)).or_default();
            let keys = file.drift.into_iter();
            known.keys.extend(keys.map(|it| (name(&it.section, &it.key), it.shown())));
        }
        Ok(earlier)
    }

    /// Removes what the report has for a file, and returns it; empty for a file that isn't in the report.
    pub(super) fn take(&mut self, path: &str) -> Known {
        self.files.remove(&same(path)).unwrap_or_default()
    }
}

impl Known {
    /// Returns whether drift of a key is new.
    pub(super) fn since(&mut self, section: &str, key: &str) -> Since {
        let name = name(section, key);
        let since = if self.keys.contains_key(&name) { Since::Known } else { Since::New };
        self.seen.insert(name);
        since
    }

    /// Returns the keys that drifted in the report and weren't asked for now, in order of name.
    pub(super) fn resolved(self) -> Vec<String> {
        let Self { keys, seen } = self;
        let left = keys.into_iter().filter(|(name, _)| !seen.contains(name));
        let mut left: Vec<_> = left.map(|(_, written)| written).collect();
        left.sort();
        left
    }
}

/// Returns the name of a hook in a report: `hook call-log on incoming-call`.
pub(super) fn hook_name(template: &str, event: &str) -> String {
    format!("hook {template} on {event}")
}

/// Returns the name of a key in the form that is compared, because Windows ignores case.
fn name(section: &str, key: &str) -> (String, String) {
    (section.to_lowercase(), key.to_lowercase())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn known_keys_ignore_case_and_missing_keys_are_resolved() {
        let mut known = Known::default();
        for key in ["AA", "DND", "ringing"] {
            known.keys.insert(name("Settings", key), format!("Settings.{key}"));
        }
        assert_eq!(known.since("settings", "aa"), Since::Known);
        assert_eq!(known.since("Settings", "other"), Since::New);
        assert_eq!(known.resolved(), ["Settings.DND", "Settings.ringing"]);
    }
}
