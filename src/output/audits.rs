//! How files compare with a policy.

use std::cell::RefCell;
use std::collections::BTreeSet;
use std::io::{self, Write};
use std::path::Path;

use serde_json::{Map, Value, json};

use super::audit_list::AuditList;
use super::audit_rows::{AuditedFile, KeptFile, hook_problem};
use super::changes::shown_value;
use super::count::{count, percent};
use super::edits::unverified_passwords;
use super::engine_line::EngineLine;
use super::found::{Found, RuleRow};
use super::grouped::{examples, failed_lines};
use super::html::{Head, Host, HostState, Measure, Page, Since as EarlierReport};
use super::json::failed_value;
use super::merged::Merged;
use super::report::Report;
use super::screen::{CHANGED, DIM, HEADING, NAME, REMOVED, Screen};
use super::trend::{Trend, rounded};
use crate::error::CliError;
use crate::flags::Format;
use msipctl_core::audit_report::{AuditRow, Identity, MissingSecretRow, Since};
use msipctl_core::diagnostic::Severity;
use msipctl_core::fleet::{Groups, HookGap, KeyTally, Tally};

/// An audit of any number of files.
#[derive(Debug)]
pub(crate) struct AuditReport {
    /// The files of the policy; none in a merged report.
    policy: Vec<String>,
    identity: Identity,
    /// What only a merged report has.
    merged: Option<Merged>,
    several: bool,
    is_listed: bool,
    list: Option<AuditList>,
    /// What the newest earlier report counted, if there is one.
    earlier: Option<EarlierReport>,
    /// The score since the oldest earlier report, if there is one.
    trend: Option<Trend>,
    tally: Tally,
    new: usize,
    resolved: usize,
    /// The files that failed, by error.
    failures: Groups<String>,
    /// The files in which a key isn't verified because its secret isn't available, by the key.
    missing_secrets: Groups<String>,
    missing: usize,
    /// The files, for formats that are written in one piece.
    kept: Vec<KeptFile>,
    failed: Vec<(String, String)>,
    /// The row of the last file that failed.
    last_failed: Option<AuditRow>,
    /// The names of all keys and hooks of the policy, for formats that are written in one piece.
    names: BTreeSet<String>,
    /// The files for the HTML page.
    page: RefCell<Page>,
}

impl AuditReport {
    /// Returns whether a format shows each file with its drift.
    pub(crate) fn shows_files(&self, format: Format) -> bool {
        self.list.is_none() && self.is_listed || format != Format::Human
    }

    /// Adds the names of the policy's keys and hooks for a file.
    pub(crate) fn add_names(&mut self, names: Vec<String>) {
        self.names.extend(names);
    }

    /// Begins the audit of a number of files. `is_listed` asks for lines about each file, and `list` for only the paths.
    pub(crate) fn new(
        policy: Vec<String>,
        identity: Identity,
        files: usize,
        is_listed: bool,
        list: Option<AuditList>,
        earlier: Option<EarlierReport>,
    ) -> Self {
        Self {
            policy,
            identity,
            merged: None,
            several: files > 1,
            is_listed,
            list,
            earlier,
            trend: None,
            tally: Tally::default(),
            new: 0,
            resolved: 0,
            failures: Groups::default(),
            missing_secrets: Groups::default(),
            missing: 0,
            kept: Vec::new(),
            failed: Vec::new(),
            last_failed: None,
            names: BTreeSet::new(),
            page: RefCell::default(),
        }
    }

    /// Begins a merged report.
    pub(crate) fn merged(
        merged: Merged,
        identity: Identity,
        is_listed: bool,
        list: Option<AuditList>,
        earlier: Option<EarlierReport>,
    ) -> Self {
        let new = Self::new(Vec::new(), identity, usize::MAX, is_listed, list, earlier);
        let page = RefCell::new(Page::of_sites());
        Self { merged: Some(merged), page, ..new }
    }

    /// Returns the counts so far.
    pub(crate) fn tally(&self) -> &Tally {
        &self.tally
    }

    /// Sets the trend, after the last file.
    pub(crate) fn set_trend(&mut self, trend: Trend) {
        self.trend = Some(trend);
    }

    /// Adds a file that couldn't be audited.
    pub(crate) fn push_failed(&mut self, row: AuditRow, error: &CliError) {
        self.tally.add_failed();
        let problem = error.without_path();
        let state = HostState::Failed(&problem);
        let (path, site) = (&row.path, row.site.as_deref());
        self.page.get_mut().add(&Host { path, site, state });
        self.failures.add(problem, path);
        self.failed.push((path.clone(), error.to_string()));
        self.last_failed = Some(row);
    }

    /// Adds why there are no more files.
    pub(crate) fn push_end(&mut self, error: &CliError) {
        self.failed.push((String::new(), error.to_string()));
    }

    /// Returns whether any file failed.
    pub(crate) fn has_failed(&self) -> bool {
        self.tally.failed() > 0
    }

    /// Returns whether any file drifts.
    pub(crate) fn has_drift(&self) -> bool {
        self.tally.drifted() > 0
    }

    /// Returns how many passwords couldn't be verified, if any.
    fn note(&self) -> Option<String> {
        let passwords = self.tally.unverified().saturating_sub(self.missing);
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
            percent(tally.score()),
            percent(tally.coverage())
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

/// Writes the drift of a key in many files.
fn key_lines(
    out: &mut Screen<'_>,
    section: &str,
    keys: &[&str],
    tally: &KeyTally,
) -> io::Result<()> {
    let name = format!("{section}.{}", keys.join(", "));
    let Some(expected) = &tally.expected else {
        put!(out, "{CHANGED}~ {name}{CHANGED:#}, expected own value")?;
        return examples(out, &tally.drifted);
    };
    let expected = shown_value(expected);
    let mut values: Vec<_> = tally.values.iter().collect();
    values.sort_by_key(|(_, files)| std::cmp::Reverse(*files));
    let shown = |value: &Option<String>| match value {
        None => "not set".to_owned(),
        Some(value) => shown_value(value).to_owned(),
    };
    if let ([(value, _)], 0) = (&values[..], tally.others()) {
        put!(out, "{CHANGED}~ {name} = {}{CHANGED:#}, expected {expected}", shown(value))?;
        return examples(out, &tally.drifted);
    }
    put!(out, "{CHANGED}~ {name}{CHANGED:#}, expected {expected}")?;
    examples(out, &tally.drifted)?;
    for (value, files) in values {
        putln!(out, "  {files:>6}  {}", shown(value))?;
    }
    match tally.others() {
        0 => Ok(()),
        others => putln!(out, "  {others:>6}  other values"),
    }
}

/// Writes the drift of all keys in many files, the largest first. Keys of a section in which the same files should have
/// their own values share a line.
fn all_key_lines(out: &mut Screen<'_>, tally: &Tally) -> io::Result<()> {
    let mut keys: Vec<_> = tally.keys().collect();
    keys.sort_by_key(|(_, _, key)| std::cmp::Reverse(key.drifted.files()));
    let mut lines: Vec<(&str, Vec<&str>, &KeyTally)> = Vec::new();
    for (section, key, tally) in keys {
        let is_same = |(of, _, other): &&mut (&str, Vec<&str>, &KeyTally)| {
            let is_own = other.expected.is_none() && tally.expected.is_none();
            *of == section && is_own && other.drifted.has_files_of(&tally.drifted)
        };
        match lines.iter_mut().find(is_same) {
            Some((_, keys, _)) => keys.push(key),
            None => lines.push((section, vec![key], tally)),
        }
    }
    lines.iter().try_for_each(|(section, keys, tally)| key_lines(out, section, keys, tally))
}

/// Writes the drift of hooks in many files.
fn hook_lines(out: &mut Screen<'_>, hooks: &Groups<HookGap>) -> io::Result<()> {
    for (HookGap { template, problem, events }, group) in hooks.by_size() {
        let events: Vec<_> = events.iter().map(|event| event.name()).collect();
        put!(out, "{CHANGED}~ {}{CHANGED:#}", hook_problem(template, *problem, &events, None))?;
        examples(out, group)?;
    }
    match hooks.others() {
        0 => Ok(()),
        others => putln!(out, "{DIM}and {} with other hooks{DIM:#}", count(others, "file")),
    }
}

impl Report for AuditReport {
    const LIST: &'static str = "files";
    type Row = AuditedFile;

    fn human_row(&self, file: &AuditedFile, out: &mut Screen<'_>) -> io::Result<()> {
        match self.list {
            Some(list) if list.has(file) => putln!(out, "{}", file.name()),
            None if self.is_listed => file.human(out),
            _ => Ok(()),
        }
    }

    fn count(&mut self, file: &AuditedFile) {
        file.count(&mut self.tally);
        if let Some(merged) = &mut self.merged {
            merged.count(&file.row);
        }
        let AuditedFile { row, .. } = file;
        self.missing += row.missing_secrets.len();
        for MissingSecretRow { section, key, .. } in &row.missing_secrets {
            self.missing_secrets.add(format!("{section}.{key}"), &file.name());
        }
        self.new += row.drift.iter().filter(|drift| drift.since == Some(Since::New)).count();
        self.resolved += row.resolved.as_ref().map_or(0, Vec::len);
        if let Some(problem) = file.problem() {
            self.failures.add(problem.to_owned(), &file.name());
        }
    }

    fn add_to_line(&self, file: &AuditedFile, line: &mut EngineLine) {
        file.count(line.tally());
    }

    fn keep(&mut self, file: AuditedFile, format: Format) {
        if format == Format::Html {
            return self.page.get_mut().add_audited(&file);
        }
        if let Some(problem) = file.problem() {
            let error = format!("{}: {problem}", file.name());
            return self.failed.push((file.url_path(), error));
        }
        let file = KeptFile::new(file);
        self.names.extend(file.names().cloned());
        self.kept.push(file);
    }

    fn failed(&self, path: &Path, error: &CliError) -> Option<Value> {
        let path = path.display().to_string();
        let row = self.last_failed.clone().filter(|row| row.path == path);
        let row = row.unwrap_or_else(|| AuditRow::failed(path));
        Some(failed_value(&row, error))
    }

    fn human_failed(&self, path: &Path, _: &CliError, out: &mut Screen<'_>) -> io::Result<()> {
        let path = path.display();
        match self.list {
            Some(AuditList::Failed) => putln!(out, "{path}"),
            // The error of a single file is on stderr, and many errors are counted together at the end.
            None if self.several && self.is_listed => {
                putln!(out, "{path}: {REMOVED}failed{REMOVED:#}")
            }
            _ => Ok(()),
        }
    }

    fn human_end(&self, out: &mut Screen<'_>) -> io::Result<()> {
        if let (Some(list), Some(merged)) = (self.list, &self.merged) {
            return merged.list(list, out);
        }
        if !self.several || self.list.is_some() {
            return Ok(());
        }
        if !self.is_listed {
            all_key_lines(out, &self.tally)?;
            hook_lines(out, self.tally.hooks())?;
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
        self.merged.iter().try_for_each(|merged| merged.human(out))?;
        self.trend.iter().try_for_each(|trend| trend.human(out))?;
        putln!(out, "{HEADING}{}{HEADING:#}", self.in_a_line())
    }

    fn others(&self) -> Map<String, Value> {
        let mut others = Map::from_iter([
            ("audit".to_owned(), json!(self.identity)),
            ("policy".to_owned(), json!(self.policy)),
            ("time".to_owned(), json!(self.identity.time.to_string())),
            ("trend".to_owned(), json!(self.trend)),
        ]);
        if let Some(merged) = &self.merged {
            merged.add_others(&mut others);
        }
        others
    }

    fn summary(&self) -> Option<Value> {
        let tally = &self.tally;
        let mut summary = json!({
            "files": tally.files(),
            "in_sync": tally.in_sync(),
            "drifted": tally.drifted(),
            "failed": tally.failed(),
            "unverified": tally.unverified(),
            "score": tally.score().map(rounded),
            "coverage": tally.coverage().map(rounded),
            "new": self.earlier.is_some().then_some(self.new),
            "resolved": self.earlier.is_some().then_some(self.resolved),
        });
        if let (Some(merged), Value::Object(summary)) = (&self.merged, &mut summary) {
            merged.add_summary(summary);
        }
        Some(summary)
    }

    fn page(&self, out: &mut dyn Write) -> io::Result<()> {
        let tally = &self.tally;
        let number = |number: usize| number as u64;
        let head = Head {
            title: match self.merged {
                Some(_) => "MicroSIP audits",
                None => "MicroSIP audit",
            }
            .to_owned(),
            generated: self.identity.time.to_string(),
            policy: self.policy.clone(),
            score: Measure {
                part: number(tally.compliant()),
                of: number(tally.verified()),
                what: "values match",
            },
            coverage: Measure {
                part: number(tally.files() - tally.failed()),
                of: number(tally.files()),
                what: "files compared",
            },
            since: self.earlier.clone(),
            trend: self.trend.clone(),
            merged: self.merged.as_ref().map(Merged::of_page),
            unverified: number(tally.unverified()),
        };
        self.page.take().write(out, &head)
    }

    fn found(&self) -> Option<Found<'_>> {
        Some(Found {
            rules: self.names.iter().map(|name| rule(name)).collect(),
            fail_on: Severity::Warning,
            files: self.kept.iter().map(KeptFile::found).collect(),
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

/// Creates a rule from a key or a hook, so that services that support rules can report each of them.
fn rule(name: &str) -> RuleRow<'_> {
    let page = match name.starts_with("hook ") {
        true => format!(
            "The file has the {name} that the policy asks for. To list hooks, run `msipctl hook list`."
        ),
        false => {
            format!("`{name}` matches the policy. For its meaning, run `msipctl explain {name}`.")
        }
    };
    RuleRow { name, summary: "matches the policy", page, level: Severity::Warning, tag: "drift" }
}
