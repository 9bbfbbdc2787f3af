//! How far files are from a policy.

use std::cell::RefCell;
use std::collections::BTreeSet;
use std::io::{self, Write};
use std::path::Path;

use jiff::Timestamp;
use serde::Serialize;
use serde_json::{Map, Value, json};

use super::count::count;
use super::edits::{LISTED, failed_lines, unverified_passwords};
use super::found::{Found, FoundFile, FoundRow, RuleRow};
use super::html::{self, Head, Host, HostState, Measure, Page, Since as EarlierReport};
use super::json::failed_value;
use super::report::Report;
use super::screen::{ADDED, CHANGED, DIM, HEADING, NAME, REMOVED, Screen};
use crate::earlier::{Earlier, Known, Since};
use crate::error::CliError;
use crate::fingerprint::Arguments;
use crate::flags::Format;
use msipctl_core::diagnostic::Severity;
use msipctl_core::fleet::Target;
use msipctl_core::fleet::{Audited, Groups, KeyTally, MissingSecret, Tally};
use msipctl_core::policy::Drift;
use msipctl_core::store;

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
    #[serde(skip)]
    arguments: Arguments,
}

impl DriftRow {
    fn new(drift: &Drift, since: Option<Since>) -> Self {
        let actual = drift.actual.clone();
        let expected = drift.expected.clone();
        let name = format!("{}.{}", drift.section, drift.key);
        let stands = actual.as_ref().map_or("is not set".to_owned(), |it| format!("is `{it}`"));
        let values = [("actual", actual.clone()), ("expected", Some(expected.clone()))];
        let arguments = values.into_iter().filter_map(|(name, value)| Some((name, value?)));
        Self {
            section: drift.section.clone(),
            key: drift.key.clone(),
            message: format!("`{name}` {stands}, expected {expected}"),
            arguments: arguments.collect(),
            expected,
            actual,
            line: drift.line,
            policy: drift.origin.to_string(),
            since,
            name,
        }
    }

    fn of_page(&self) -> html::DriftRow<'_> {
        html::DriftRow {
            section: &self.section,
            key: &self.key,
            expected: Some(&self.expected),
            actual: self.actual.as_deref(),
            line: self.line.and_then(|line| u32::try_from(line).ok()),
            is_new: self.since == Some(Since::New),
        }
    }

    fn found(&self) -> FoundRow<'_> {
        FoundRow {
            rule: &self.name,
            level: Severity::Warning,
            section: Some(&self.section),
            key: Some(&self.key),
            message: &self.message,
            arguments: &self.arguments,
            help: None,
            fix: None,
            line: self.line.unwrap_or(1),
            column: 1,
            end_column: None,
            suppressed: None,
        }
    }

    fn human(&self, out: &mut Screen<'_>) -> io::Result<()> {
        let actual = self.actual.as_deref().unwrap_or("not set");
        let new = if self.since == Some(Since::New) { " new" } else { "" };
        putln!(
            out,
            "  {CHANGED}~ {} = {actual}{CHANGED:#}, expected {} {DIM}({}){DIM:#}{CHANGED}{new}{CHANGED:#}",
            self.name,
            self.expected,
            self.policy,
        )
    }
}

/// One key that wasn't verified, because its secret isn't available.
#[derive(Debug, Serialize)]
struct MissingSecretRow {
    section: String,
    key: String,
    reason: String,
    /// The location in the policy.
    policy: String,
}

/// One file that was audited.
#[derive(Debug, Serialize)]
pub(crate) struct AuditedFile {
    path: String,
    state: State,
    drift: Vec<DriftRow>,
    /// How many values can't be verified: MicroSIP encrypted the password, or the secret isn't available.
    unverified: usize,
    /// The keys whose secrets aren't available.
    missing_secrets: Vec<MissingSecretRow>,
    /// The keys that an earlier report has and that are as wanted now; `null` without one.
    resolved: Option<Vec<String>>,
    error: Option<String>,
    #[serde(skip)]
    audited: Audited,
    /// What the inventory says of where it is.
    #[serde(skip)]
    site: Option<String>,
}

impl AuditedFile {
    /// Describes a file, and what of it is new since an earlier report. `has_rows` asks for a row for each key that drifts.
    pub(crate) fn new(
        target: &Target,
        site: Option<&str>,
        audited: Audited,
        earlier: Option<&mut Earlier>,
        has_rows: bool,
    ) -> Self {
        let path = target.path().display().to_string();
        let mut known = earlier.map(|earlier| earlier.take(&path));
        let has_rows = has_rows || known.is_some();
        let rows = audited.drift.iter().filter(|_| has_rows).map(|drift| {
            let since = known.as_mut().map(|known| known.since(&drift.section, &drift.key));
            DriftRow::new(drift, since)
        });
        let drift: Vec<_> = rows.collect();
        Self {
            path,
            state: if audited.drift.is_empty() { State::InSync } else { State::Drifted },
            drift,
            unverified: audited.unverified,
            missing_secrets: audited.missing_secrets.iter().map(MissingSecretRow::new).collect(),
            resolved: known.map(Known::resolved),
            error: None,
            audited,
            site: shown_site(site),
        }
    }

    /// Returns how many encrypted passwords can't be verified, if any.
    fn note(&self) -> Option<String> {
        let passwords = self.unverified - self.missing_secrets.len();
        (passwords > 0).then(|| unverified_passwords(passwords))
    }
}

impl MissingSecretRow {
    fn new(missing: &MissingSecret) -> Self {
        let MissingSecret { section, key, reason, origin } = missing.clone();
        Self { section, key, reason, policy: origin }
    }
}

/// Returns the site that the inventory names.
fn shown_site(site: Option<&str>) -> Option<String> {
    Some(site?.to_owned()).filter(|site| !site.is_empty())
}

/// An audit of any number of files.
#[derive(Debug)]
pub(crate) struct AuditReport {
    policy: Vec<String>,
    time: Timestamp,
    several: bool,
    is_listed: bool,
    /// What the earlier report counted, where there is one.
    earlier: Option<EarlierReport>,
    tally: Tally,
    new: usize,
    resolved: usize,
    /// The files that failed, by what is wrong.
    failures: Groups<String>,
    /// The files in which a key isn't verified because its secret isn't available, by the key.
    missing_secrets: Groups<String>,
    missing: usize,
    /// The files, where the format is written whole.
    kept: Vec<AuditedFile>,
    failed: Vec<(String, String)>,
    /// The names of all wanted keys, where the format is written whole.
    names: BTreeSet<String>,
    /// The same for the page.
    page: RefCell<Page>,
}

impl AuditReport {
    /// Says whether each file is shown with its drift in a format.
    pub(crate) fn shows_files(&self, format: Format) -> bool {
        self.is_listed || format != Format::Human
    }

    /// Adds the names of the policy's keys for a file.
    pub(crate) fn add_names(&mut self, names: Vec<String>) {
        self.names.extend(names);
    }

    /// Begins the audit of so many files.
    pub(crate) fn new(policy: Vec<String>, files: usize, earlier: Option<EarlierReport>) -> Self {
        Self {
            policy,
            time: store::now(),
            several: files > 1,
            is_listed: files <= LISTED,
            earlier,
            tally: Tally::default(),
            new: 0,
            resolved: 0,
            failures: Groups::default(),
            missing_secrets: Groups::default(),
            missing: 0,
            kept: Vec::new(),
            failed: Vec::new(),
            names: BTreeSet::new(),
            page: RefCell::default(),
        }
    }

    /// Adds a file that could not be audited.
    pub(crate) fn push_failed(&mut self, target: &Target, site: Option<&str>, error: &CliError) {
        self.tally.add_failed();
        let path = target.path().display().to_string();
        let problem = error.without_path();
        let state = HostState::Failed(&problem);
        self.page.get_mut().add(&Host { path: &path, site: shown_site(site).as_deref(), state });
        self.failures.add(problem, &path);
        self.failed.push((path, error.to_string()));
    }

    /// Adds why there are no more files.
    pub(crate) fn push_end(&mut self, error: &CliError) {
        self.failed.push((String::new(), error.to_string()));
    }

    /// Says whether any file drifted.
    pub(crate) fn has_drift(&self) -> bool {
        self.tally.drifted() > 0
    }

    /// Says how many passwords could not be verified, if any.
    fn note(&self) -> Option<String> {
        let passwords = self.tally.unverified() - self.missing;
        let passwords = (passwords > 0).then(|| unverified_passwords(passwords));
        let what = if self.missing == 1 { "value isn't" } else { "values aren't" };
        let missing = (self.missing > 0)
            .then(|| format!("{} {what} verified without the secret", self.missing));
        let notes: Vec<_> = passwords.into_iter().chain(missing).collect();
        (!notes.is_empty()).then(|| notes.join("; "))
    }

    fn in_a_line(&self) -> String {
        let tally = &self.tally;
        let mut line = format!(
            "{}: {} in sync, {} drifted",
            count(tally.files(), "file"),
            tally.in_sync(),
            tally.drifted()
        );
        if tally.failed() > 0 {
            line.push_str(&format!(", {} failed", tally.failed()));
        }
        line.push_str(&format!(
            "; score {}, coverage {}",
            per_cent(tally.score()),
            per_cent(tally.coverage())
        ));
        if self.earlier.is_some() {
            line.push_str(&format!("; {} new, {} resolved", self.new, self.resolved));
        }
        if let Some(note) = self.note() {
            line.push_str(&format!("; {note}"));
        }
        line
    }
}

/// Returns `98.2 %`; only all of it is `100 %`.
fn per_cent(share: Option<f64>) -> String {
    let Some(share) = share else { return "unknown".to_owned() };
    if share >= 100.0 {
        "100 %".to_owned()
    } else {
        format!("{:.1} %", (share * 10.0).floor() / 10.0)
    }
}

/// Writes how a key is in many files.
fn key_lines(out: &mut Screen<'_>, section: &str, key: &str, tally: &KeyTally) -> io::Result<()> {
    let name = format!("{section}.{key}");
    let expected = match &tally.expected {
        Some(expected) => expected.as_str(),
        None => "a value of its own in each file",
    };
    let files = count(tally.drifted.files(), "file");
    putln!(out, "{NAME}{}{NAME:#}: {CHANGED}{files}{CHANGED:#}, expected {expected}", name)?;
    let mut values: Vec<_> = tally.values.iter().collect();
    values.sort_by_key(|(_, files)| std::cmp::Reverse(*files));
    for (value, files) in values {
        let value = value.as_deref().unwrap_or("not set");
        putln!(out, "  {files:>6}  {value}")?;
    }
    if tally.others() > 0 {
        putln!(out, "  {:>6}  other values", tally.others())?;
    }
    putln!(out, "  {DIM}{}{DIM:#}", tally.drifted.named())
}

impl Report for AuditReport {
    const LIST: &'static str = "files";
    type Row = AuditedFile;

    fn human_row(&self, file: &AuditedFile, out: &mut Screen<'_>) -> io::Result<()> {
        if !self.is_listed {
            return Ok(());
        }
        match file.state {
            State::InSync => putln!(out, "{}: {ADDED}in sync{ADDED:#}", file.path)?,
            State::Drifted => putln!(out, "{}: {CHANGED}drifted{CHANGED:#}", file.path)?,
        }
        file.drift.iter().try_for_each(|drift| drift.human(out))?;
        for resolved in file.resolved.iter().flatten() {
            putln!(out, "  {ADDED}resolved {}{ADDED:#}", resolved)?;
        }
        for MissingSecretRow { section, key, reason, policy } in &file.missing_secrets {
            putln!(out, "  {DIM}? {section}.{key} isn't verified: {} ({}){DIM:#}", reason, policy)?;
        }
        match file.note() {
            None => Ok(()),
            Some(note) => putln!(out, "  {DIM}{note}: the file has encrypted ones{DIM:#}"),
        }
    }

    fn count(&mut self, file: &AuditedFile) {
        self.tally.add(&file.path, &file.audited);
        self.missing += file.missing_secrets.len();
        for MissingSecretRow { section, key, .. } in &file.missing_secrets {
            self.missing_secrets.add(format!("{section}.{key}"), &file.path);
        }
        self.new += file.drift.iter().filter(|drift| drift.since == Some(Since::New)).count();
        self.resolved += file.resolved.as_ref().map_or(0, Vec::len);
    }

    fn keep(&mut self, file: AuditedFile, format: Format) {
        if format == Format::Html {
            return self.page.get_mut().add_audited(&file);
        }
        self.names.extend(file.drift.iter().map(|drift| drift.name.clone()));
        self.kept.push(file);
    }

    fn failed(&self, path: &Path, error: &CliError) -> Option<Value> {
        let row = json!({
            "path": path.display().to_string(), "drift": [], "unverified": 0,
            "missing_secrets": [], "resolved": null,
        });
        Some(failed_value(&row, error))
    }

    fn human_failed(&self, path: &Path, error: &CliError, out: &mut Screen<'_>) -> io::Result<()> {
        let path = path.display();
        match (self.several, self.is_listed) {
            // The error is all there is to say.
            (false, _) => Ok(()),
            (true, true) => putln!(out, "{path}: {REMOVED}failed{REMOVED:#}"),
            (true, false) => {
                let problem = error.without_path();
                putln!(out, "{path}: {REMOVED}failed{REMOVED:#}: {}", problem)
            }
        }
    }

    fn human_end(&self, out: &mut Screen<'_>) -> io::Result<()> {
        if !self.is_listed {
            let mut keys: Vec<_> = self.tally.keys().collect();
            keys.sort_by_key(|(_, _, key)| std::cmp::Reverse(key.drifted.files()));
            for (section, key, tally) in keys {
                key_lines(out, section, key, tally)?;
            }
            for (name, files) in self.missing_secrets.by_size() {
                let number = count(files.files(), "file");
                putln!(
                    out,
                    "{NAME}{}{NAME:#}: not verified in {number}, because the secret isn't available",
                    name
                )?;
                putln!(out, "  {DIM}{}{DIM:#}", files.named())?;
            }
            failed_lines(out, &self.failures)?;
        }
        if !self.several {
            return Ok(());
        }
        putln!(out, "{HEADING}{}{HEADING:#}", self.in_a_line())
    }

    fn others(&self) -> Map<String, Value> {
        Map::from_iter([
            ("policy".to_owned(), json!(self.policy)),
            ("time".to_owned(), json!(self.time.to_string())),
        ])
    }

    fn summary(&self) -> Option<Value> {
        let tally = &self.tally;
        Some(json!({
            "files": tally.files(),
            "in_sync": tally.in_sync(),
            "drifted": tally.drifted(),
            "failed": tally.failed(),
            "unverified": tally.unverified(),
            "score": tally.score().map(rounded),
            "coverage": tally.coverage().map(rounded),
            "new": self.earlier.is_some().then_some(self.new),
            "resolved": self.earlier.is_some().then_some(self.resolved),
        }))
    }

    fn page(&self, out: &mut dyn Write) -> io::Result<()> {
        let tally = &self.tally;
        let number = |number: usize| number as u64;
        let head = Head {
            title: "MicroSIP audit".to_owned(),
            generated: self.time.to_string(),
            policy: self.policy.clone(),
            score: Measure {
                part: number(tally.compliant()),
                of: number(tally.verified()),
                what: "values as wanted",
            },
            coverage: Measure {
                part: number(tally.files() - tally.failed()),
                of: number(tally.files()),
                what: "files judged",
            },
            since: self.earlier.clone(),
            unverified: number(tally.unverified()),
        };
        self.page.take().write(out, &head)
    }

    fn found(&self) -> Option<Found<'_>> {
        Some(Found {
            rules: self.names.iter().map(|name| rule(name)).collect(),
            fail_on: Severity::Warning,
            files: self.kept.iter().map(AuditedFile::found).collect(),
            failed: self
                .failed
                .iter()
                .map(|(path, error)| (path.as_str(), error.as_str()))
                .collect(),
            summary: self.in_a_line(),
            note: self.note(),
            is_new_only: false,
        })
    }
}

impl Page {
    fn add_audited(&mut self, file: &AuditedFile) {
        let rows: Vec<_> = file.drift.iter().map(DriftRow::of_page).collect();
        let state = if rows.is_empty() { HostState::InSync } else { HostState::Drifted(&rows) };
        self.add(&Host { path: &file.path, site: file.site.as_deref(), state });
        for resolved in file.resolved.iter().flatten() {
            let (section, key) = resolved.split_once('.').unwrap_or((resolved, ""));
            self.add_resolved(&file.path, section, key);
        }
    }
}

/// Makes a rule of a key, so that services that know rules can tell of each key by itself.
fn rule(name: &str) -> RuleRow<'_> {
    RuleRow {
        name,
        summary: "the key is as the policy wants it",
        page: format!(
            "`{name}` is as the policy wants it. `msipctl explain {name}` tells what the key does."
        ),
        level: Severity::Warning,
        tag: "drift",
    }
}

impl AuditedFile {
    fn found(&self) -> FoundFile<'_> {
        let rows = self.drift.iter().map(DriftRow::found).collect();
        FoundFile { path: &self.path, rows, note: self.note() }
    }
}

fn rounded(share: f64) -> f64 {
    (share * 100.0).floor() / 100.0
}
