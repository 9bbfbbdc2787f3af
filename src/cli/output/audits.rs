//! How far files are from a policy.

use std::collections::BTreeSet;
use std::io::{self, Write};
use std::path::Path;

use serde::Serialize;
use serde_json::{Map, Value, json};

use super::found::{Found, FoundFile, FoundRow, RuleRow};
use super::edits::failed_lines;
use super::{ADDED, CHANGED, DIM, Growing, HEADING, NAME, count, failed_value, printable};
use crate::cli::earlier::{Earlier, Since};
use crate::cli::error::CliError;
use crate::fleet::{Audited, Groups, KeyTally, Tally};
use crate::policy::Drift;
use crate::validate::Severity;

/// Of more files, people are shown a list by key and not one by file.
const LISTED: usize = 10;

/// Whether a file is as the policy wants it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
enum State {
    InSync,
    Drifted,
}

/// One key that is not as wanted.
#[derive(Debug, Serialize)]
struct DriftRow {
    section: String,
    key: String,
    expected: String,
    actual: Option<String>,
    line: Option<usize>,
    /// Where the policy says so.
    policy: String,
    /// Whether an earlier report has it, too.
    since: Option<Since>,
    #[serde(skip)]
    name: String,
    #[serde(skip)]
    message: String,
}

impl DriftRow {
    fn new(drift: &Drift, since: Option<Since>) -> Self {
        let text = |text: &str| printable(text).into_owned();
        let actual = drift.actual.as_deref().map(text);
        let expected = text(&drift.expected);
        let name = text(&format!("{}.{}", drift.section, drift.key));
        let stands = actual.as_ref().map_or("is not set".to_owned(), |it| format!("is `{it}`"));
        Self {
            section: drift.section.clone(),
            key: drift.key.clone(),
            message: format!("`{name}` {stands}, expected {expected}"),
            expected,
            actual,
            line: drift.line,
            policy: drift.origin.to_string(),
            since,
            name,
        }
    }

    fn found(&self) -> FoundRow<'_> {
        FoundRow {
            rule: &self.name,
            level: Severity::Warning,
            section: Some(&self.section),
            key: Some(&self.key),
            message: &self.message,
            help: None,
            fix: None,
            line: self.line.unwrap_or(1),
            column: 1,
            end_column: None,
            suppressed: None,
        }
    }

    fn human(&self, out: &mut dyn Write) -> io::Result<()> {
        let actual = self.actual.as_deref().unwrap_or("not set");
        let new = if self.since == Some(Since::New) { " new" } else { "" };
        writeln!(
            out,
            "  {CHANGED}~ {} = {actual}{CHANGED:#}, expected {} {DIM}({}){DIM:#}{CHANGED}{new}{CHANGED:#}",
            self.name, self.expected, self.policy,
        )
    }
}

/// One file that was audited.
#[derive(Debug, Serialize)]
pub(in crate::cli) struct AuditedFile {
    path: String,
    state: State,
    drift: Vec<DriftRow>,
    /// How many wanted keys nobody can judge, because MicroSIP encrypted them.
    unjudged: usize,
    /// The keys that an earlier report has and that are as wanted now; `null` without one.
    resolved: Option<Vec<String>>,
    error: Option<String>,
    #[serde(skip)]
    audited: Audited,
}

impl AuditedFile {
    /// Tells of a file, and what of it is new since an earlier report.
    pub(in crate::cli) fn new(
        path: &Path,
        audited: Audited,
        earlier: Option<&mut Earlier>,
    ) -> Self {
        let path = path.display().to_string();
        let mut known = earlier.map(|earlier| earlier.take(&path));
        let rows = audited.drift.iter().map(|drift| {
            let since = known.as_mut().map(|known| known.since(&drift.section, &drift.key));
            DriftRow::new(drift, since)
        });
        let drift: Vec<_> = rows.collect();
        Self {
            path,
            state: if drift.is_empty() { State::InSync } else { State::Drifted },
            drift,
            unjudged: audited.unjudged,
            resolved: known.map(|known| known.resolved()),
            error: None,
            audited,
        }
    }
}

/// An audit of any number of files.
#[derive(Debug)]
pub(in crate::cli) struct AuditReport {
    policy: String,
    several: bool,
    is_listed: bool,
    with_earlier: bool,
    tally: Tally,
    new: usize,
    resolved: usize,
    /// The files that failed, by what is wrong.
    failures: Groups<String>,
    /// The files, where the format is written whole.
    kept: Vec<AuditedFile>,
    failed: Vec<(String, String)>,
    /// The names of all wanted keys, where the format is written whole.
    names: BTreeSet<String>,
}

impl AuditReport {
    /// Begins the audit of so many files.
    pub(in crate::cli) fn new(policy: &Path, files: usize, with_earlier: bool) -> Self {
        Self {
            policy: policy.display().to_string(),
            several: files > 1,
            is_listed: files <= LISTED,
            with_earlier,
            tally: Tally::default(),
            new: 0,
            resolved: 0,
            failures: Groups::default(),
            kept: Vec::new(),
            failed: Vec::new(),
            names: BTreeSet::new(),
        }
    }

    /// Adds a file that could not be audited.
    pub(in crate::cli) fn push_failed(&mut self, path: &Path, error: &CliError) {
        self.tally.add_failed();
        let path = path.display().to_string();
        self.failures.add(error.without_path(), &path);
        self.failed.push((path, printable(&error.to_string()).into_owned()));
    }

    /// Says whether any file drifted.
    pub(in crate::cli) fn has_drift(&self) -> bool {
        self.tally.drifted() > 0
    }

    fn in_a_line(&self) -> String {
        let tally = &self.tally;
        let mut line = format!("{}: {} in sync, {} drifted", count(tally.files(), "file"), tally.in_sync(), tally.drifted());
        if tally.failed() > 0 {
            line.push_str(&format!(", {} failed", tally.failed()));
        }
        line.push_str(&format!("; score {}, coverage {}", per_cent(tally.score()), per_cent(tally.coverage())));
        if self.with_earlier {
            line.push_str(&format!("; {} new, {} resolved", self.new, self.resolved));
        }
        line
    }
}

/// Returns `98.2 %`; only all of it is `100 %`.
fn per_cent(share: f64) -> String {
    if share >= 100.0 { "100 %".to_owned() } else { format!("{:.1} %", (share * 10.0).floor() / 10.0) }
}

/// Writes how a key is in many files.
fn key_lines(out: &mut dyn Write, section: &str, key: &str, tally: &KeyTally) -> io::Result<()> {
    let name = format!("{section}.{key}");
    let expected = match &tally.expected {
        Some(expected) => printable(expected),
        None => "a value of its own in each file".into(),
    };
    let files = count(tally.drifted.files(), "file");
    writeln!(out, "{NAME}{}{NAME:#}: {CHANGED}{files}{CHANGED:#}, expected {expected}", printable(&name))?;
    let mut values: Vec<_> = tally.values.iter().collect();
    values.sort_by_key(|(_, files)| std::cmp::Reverse(*files));
    for (value, files) in values {
        let value = value.as_deref().map_or("not set".into(), printable);
        writeln!(out, "  {files:>6}  {value}")?;
    }
    if tally.others() > 0 {
        writeln!(out, "  {:>6}  other values", tally.others())?;
    }
    writeln!(out, "  {DIM}{}{DIM:#}", tally.drifted.named())
}

impl Growing for AuditReport {
    const LIST: &'static str = "files";
    type Row = AuditedFile;

    fn human_row(&self, file: &AuditedFile, out: &mut dyn Write) -> io::Result<()> {
        if !self.is_listed {
            return Ok(());
        }
        match file.state {
            State::InSync => writeln!(out, "{}: {ADDED}in sync{ADDED:#}", file.path)?,
            State::Drifted => writeln!(out, "{}: {CHANGED}drifted{CHANGED:#}", file.path)?,
        }
        file.drift.iter().try_for_each(|drift| drift.human(out))?;
        for resolved in file.resolved.iter().flatten() {
            writeln!(out, "  {ADDED}resolved {}{ADDED:#}", printable(resolved))?;
        }
        match file.unjudged {
            0 => Ok(()),
            unjudged => {
                let what = count(unjudged, "password");
                writeln!(out, "  {DIM}{what} not judged: MicroSIP encrypted what stands there{DIM:#}")
            }
        }
    }

    fn count(&mut self, file: &AuditedFile) {
        self.tally.add(&file.path, &file.audited);
        self.new += file.drift.iter().filter(|drift| drift.since == Some(Since::New)).count();
        self.resolved += file.resolved.as_ref().map_or(0, Vec::len);
    }

    fn keep(&mut self, file: AuditedFile) {
        let wanted = file.audited.wanted.iter();
        self.names.extend(wanted.map(|(section, key)| format!("{section}.{key}")));
        self.names.extend(file.drift.iter().map(|drift| drift.name.clone()));
        self.kept.push(file);
    }

    fn failed(&self, path: &Path, error: &CliError) -> Option<Value> {
        let row = json!({
            "path": path.display().to_string(), "drift": [], "unjudged": 0, "resolved": null,
        });
        Some(failed_value(&row, error))
    }

    fn human_end(&self, out: &mut dyn Write) -> io::Result<()> {
        if !self.is_listed {
            let mut keys: Vec<_> = self.tally.keys().filter(|(_, _, key)| key.drifted.files() > 0).collect();
            keys.sort_by_key(|(_, _, key)| std::cmp::Reverse(key.drifted.files()));
            for (section, key, tally) in keys {
                key_lines(out, section, key, tally)?;
            }
            failed_lines(out, &self.failures)?;
        }
        if !self.several {
            return Ok(());
        }
        writeln!(out, "{HEADING}{}{HEADING:#}", self.in_a_line())
    }

    fn others(&self) -> Map<String, Value> {
        Map::from_iter([("policy".to_owned(), json!(self.policy))])
    }

    fn summary(&self) -> Option<Value> {
        let tally = &self.tally;
        Some(json!({
            "files": tally.files(),
            "in_sync": tally.in_sync(),
            "drifted": tally.drifted(),
            "failed": tally.failed(),
            "score": rounded(tally.score()),
            "coverage": rounded(tally.coverage()),
            "new": self.with_earlier.then_some(self.new),
            "resolved": self.with_earlier.then_some(self.resolved),
        }))
    }

    fn found(&self) -> Option<Found<'_>> {
        Some(Found {
            rules: self.names.iter().map(|name| rule(name)).collect(),
            fail_on: Severity::Warning,
            files: self.kept.iter().map(AuditedFile::found).collect(),
            failed: self.failed.iter().map(|(path, error)| (path.as_str(), error.as_str())).collect(),
            summary: self.in_a_line(),
            is_new_only: false,
        })
    }
}

/// Makes a rule of a key, so that services that know rules can tell of each key by itself.
fn rule(name: &str) -> RuleRow<'_> {
    RuleRow {
        name,
        summary: "the key is as the policy wants it",
        page: format!("`{name}` is as the policy wants it. `msipctl explain {name}` tells what the key does."),
        level: Severity::Warning,
        tag: "drift",
    }
}

impl AuditedFile {
    fn found(&self) -> FoundFile<'_> {
        FoundFile { path: &self.path, rows: self.drift.iter().map(DriftRow::found).collect() }
    }
}

fn rounded(share: f64) -> f64 {
    (share * 100.0).floor() / 100.0
}
