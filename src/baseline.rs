//! An earlier report whose findings `check` hides.

use std::collections::HashMap;
use std::path::Path;

use serde::Deserialize;
use serde::de::DeserializeOwned;

use super::error::CliError;
use super::fingerprint::{Arguments, Fingerprint};
use msipctl_core::store::{self, Input};
use winini::{CodePage, Encoding};

/// The findings of an earlier report, each with its count.
#[derive(Debug, Default)]
pub(super) struct Baseline {
    files: HashMap<String, HashMap<Fingerprint, usize>>,
}

/// The fields that are read from a report of `--format json`.
#[derive(Deserialize)]
struct ReportRead {
    files: Vec<FileRead>,
}

#[derive(Deserialize)]
struct FileRead {
    path: String,
    findings: Vec<FindingRead>,
}

#[derive(Deserialize)]
struct FindingRead {
    rule: String,
    section: Option<String>,
    key: Option<String>,
    /// Missing in a report of an older msipctl, whose fingerprints were computed from messages.
    arguments: Option<Arguments<String>>,
}

impl Baseline {
    /// Reads a report.
    pub(super) fn load(path: &Path) -> Result<Self, CliError> {
        const COMMAND: &str = "msipctl check";
        let report: ReportRead = read_report(path, "check", COMMAND)?;
        let mut baseline = Self::default();
        for file in report.files {
            let known = baseline.files.entry(same(&file.path)).or_default();
            for it in file.findings {
                let (section, key) = (it.section.as_deref(), it.key.as_deref());
                let arguments = it.arguments.as_ref().ok_or_else(|| {
                    let what = "findings without `arguments`, as an older msipctl wrote them";
                    let error = CliError::usage(format!("{}: {what}", path.display()));
                    error.hint(how_to_make(COMMAND)).about(path)
                })?;
                let fingerprint = Fingerprint::new(&it.rule, section, key, arguments);
                *known.entry(fingerprint).or_default() += 1;
            }
        }
        Ok(baseline)
    }

    /// Returns whether a finding is known, once for each time it's in the report.
    pub(super) fn take(&mut self, path: &str, finding: &Fingerprint) -> bool {
        let known = self.files.get_mut(&same(path)).and_then(|known| known.get_mut(finding));
        known.is_some_and(|left| {
            let is_left = *left > 0;
            *left = left.saturating_sub(1);
            is_left
        })
    }

    /// Counts the known findings of a file that weren't found this time.
    pub(super) fn left(&self, path: &str) -> usize {
        self.files.get(&same(path)).map_or(0, |known| known.values().sum())
    }
}

/// Reads the output of a command with `--format json`.
pub(super) fn read_report<T: DeserializeOwned>(
    path: &Path,
    of: &str,
    command: &str,
) -> Result<T, CliError> {
    let how = how_to_make(command);
    let text = read_json(path, Input::Report, &how)?;
    serde_json::from_str(&text).map_err(|error| report_error(path, &error, of).hint(how))
}

fn how_to_make(command: &str) -> String {
    format!("run `{command} --format json > FILE` to create one")
}

/// Reads the JSON output of a command; `how` is the hint to create a missing one. PowerShell writes it in UTF-16.
pub(super) fn read_json(path: &Path, input: Input, how: &str) -> Result<String, CliError> {
    let bytes = match store::read_as(path, input) {
        Ok(snapshot) => snapshot.into_bytes(),
        Err(error) => {
            let is_missing = error.kind() == store::Kind::NotFound;
            let error = CliError::from(error);
            return Err(if is_missing { error.hint(how) } else { error });
        }
    };
    let encoding = Encoding::detect(&bytes, CodePage::WESTERN);
    let text = encoding.decode(&bytes);
    match text.trim_start_matches('\u{feff}') {
        plain if plain.len() == text.len() => Ok(text.into_owned()),
        plain => Ok(plain.to_owned()),
    }
}

/// Returns the error for a text that isn't the output of a command, with its location.
pub(super) fn report_error(path: &Path, error: &serde_json::Error, of: &str) -> CliError {
    // Columns start at 1, but at the end of a text or line, serde_json returns 0.
    let place = format!("{}:{}:{}", path.display(), error.line(), error.column().max(1));
    let what = format!("invalid report of `{of}`: expected JSON with `files`");
    CliError::usage(format!("{place}: {what}")).about(path)
}

/// Returns a path in the form that is compared: with slashes, and without a leading `./`.
pub(super) fn same(path: &str) -> String {
    let slashed = path.replace('\\', "/");
    let plain = slashed.trim_start_matches("./");
    if cfg!(windows) { plain.to_lowercase() } else { plain.to_owned() }
}
