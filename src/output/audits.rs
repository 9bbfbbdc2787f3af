//! How files compare with a policy.

use std::cell::RefCell;
use std::collections::BTreeSet;
use std::io::{self, Write};
use std::path::Path;

use clap::ValueEnum;
use jiff::Timestamp;
use serde::Serialize;
use serde_json::{Map, Value, json};

use super::changes::shown_value;
use super::count::{count, percent};
use super::edits::unverified_passwords;
use super::engine_line::EngineLine;
use super::found::{Found, FoundFile, FoundRow, RuleRow};
use super::grouped::{examples, failed_lines};
use super::hook_changes::named_events;
use super::html::{self, Head, Host, HostState, Measure, Page, Since as EarlierReport};
use super::json::failed_value;
use super::report::Report;
use super::screen::{ADDED, CHANGED, DIM, HEADING, NAME, REMOVED, Screen};
use crate::earlier::{Earlier, Known, Since, hook_name};
use crate::error::CliError;
use crate::fingerprint::Arguments;
use crate::flags::Format;
use msipctl_core::diagnostic::Severity;
use msipctl_core::fleet::Target;
use msipctl_core::fleet::{Audited, Groups, HookGap, KeyTally, MissingSecret, Tally};
use msipctl_core::policy::{Drift, HookDrift, HookProblem};
use msipctl_core::store;

/// Whether a file matches the policy.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
enum State {
    InSync,
    Drifted,
}

/// One key or hook that differs from the policy.
#[derive(Debug, Serialize)]
struct DriftRow {
    section: String,
    /// The key; of a hook, the one of its directive or command.
    key: String,
    /// The hook, if the policy asks for one.
    hook: Option<HookDriftRow>,
    expected: String,
    actual: Option<String>,
    line: Option<usize>,
    /// The place in the policy.
    policy: String,
    /// Whether an earlier report has it, too.
    since: Option<Since>,
    /// The actual value for people.
    #[serde(skip)]
    shown: String,
    #[serde(skip)]
    name: String,
    #[serde(skip)]
    message: String,
    #[serde(skip)]
    arguments: Arguments,
}

/// A hook that differs from the policy.
#[derive(Debug, Serialize)]
struct HookDriftRow {
    template: String,
    event: &'static str,
    problem: &'static str,
    #[serde(skip)]
    kind: HookProblem,
}

impl From<&HookDrift> for HookDriftRow {
    fn from(hook: &HookDrift) -> Self {
        Self {
            template: hook.template.clone(),
            event: hook.event.name(),
            problem: match hook.problem {
                HookProblem::Missing => "missing",
                HookProblem::Different => "different",
                HookProblem::NoLauncher => "no_launcher",
                HookProblem::Blocked => "blocked",
            },
            kind: hook.problem,
        }
    }
}

impl HookDriftRow {
    /// Describes the problem: `hook call-log is missing on 8 events`.
    fn text(&self, events: &[&str], expected: &str) -> String {
        hook_problem(&self.template, self.kind, events, Some(expected))
    }
}

/// Describes a problem of a template's hooks on some events. `expected` is what the events should have, or why that is
/// impossible.
fn hook_problem(
    template: &str,
    problem: HookProblem,
    events: &[&str],
    expected: Option<&str>,
) -> String {
    let on = named_events(events);
    match (problem, expected) {
        (HookProblem::Missing, _) => format!("hook {template} is missing on {on}"),
        (HookProblem::NoLauncher, _) => {
            format!("hook {template} never runs on {on}: its launcher is missing or different")
        }
        (HookProblem::Different, None) => format!("hook {template} is different on {on}"),
        (HookProblem::Different, Some(expected)) => {
            format!("hook {template} is different on {on}, expected {}", shown_value(expected))
        }
        (HookProblem::Blocked, None) => format!("hook {template} can't be added on {on}"),
        (HookProblem::Blocked, Some(reason)) => {
            format!("hook {template} can't be added on {on}: {reason}")
        }
    }
}

impl DriftRow {
    fn new(drift: &Drift, since: Option<Since>) -> Self {
        let actual = drift.actual.clone();
        let expected = drift.expected.clone();
        let hook = drift.hook.as_ref().map(HookDriftRow::from);
        let name = match &hook {
            Some(hook) => hook_name(&hook.template, hook.event),
            None => format!("{}.{}", drift.section, drift.key),
        };
        let message = match &hook {
            Some(hook) => hook.text(&[hook.event], &expected),
            None => {
                let actual = drift.shown_actual();
                let is = match &drift.actual {
                    Some(actual) => format!("is `{actual}`"),
                    None => format!("is {}", actual.as_deref().unwrap_or("not set")),
                };
                format!("`{name}` {is}, expected {}", shown_value(&expected))
            }
        };
        let values = [("actual", actual.clone()), ("expected", Some(expected.clone()))];
        let arguments = values.into_iter().filter_map(|(name, value)| Some((name, value?)));
        Self {
            section: drift.section.clone(),
            key: drift.key.clone(),
            message,
            arguments: arguments.collect(),
            shown: drift
                .shown_actual()
                .map_or_else(|| "not set".to_owned(), |it| shown_value(&it).to_owned()),
            hook,
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
            // A hook has its own name, and no section.
            section: if self.hook.is_some() { "" } else { &self.section },
            key: if self.hook.is_some() { &self.name } else { &self.key },
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
        putln!(
            out,
            "  {CHANGED}~ {} = {}{CHANGED:#}, expected {} {DIM}({}){DIM:#}{}",
            self.name,
            self.shown,
            shown_value(&self.expected),
            self.policy,
            self.new_mark(),
        )
    }

    /// Returns what follows drift that an earlier report doesn't have.
    fn new_mark(&self) -> &'static str {
        if self.since == Some(Since::New) { " (new)" } else { "" }
    }

    /// Returns whether two rows are about the same problem of the same hook, on different events.
    fn is_same_hook(&self, other: &Self) -> bool {
        let identity = |row: &Self| {
            let hook = row.hook.as_ref()?;
            // Without the events, only a missing hook has nothing else to say.
            let expected = match hook.kind {
                HookProblem::Missing | HookProblem::NoLauncher => None,
                _ => Some(row.expected.clone()),
            };
            Some((hook.template.clone(), hook.kind, expected, row.policy.clone(), row.since))
        };
        identity(self).is_some() && identity(self) == identity(other)
    }

    /// Writes the drift of a file: one line for each key, and one for each problem of a template's hooks.
    fn write_all(rows: &[Self], out: &mut Screen<'_>) -> io::Result<()> {
        for (index, row) in rows.iter().enumerate() {
            let Some(hook) = &row.hook else {
                row.human(out)?;
                continue;
            };
            if rows[..index].iter().any(|other| row.is_same_hook(other)) {
                continue;
            }
            let same = rows[index..].iter().filter(|other| row.is_same_hook(other));
            let events: Vec<_> =
                same.filter_map(|row| row.hook.as_ref()).map(|hook| hook.event).collect();
            let text = hook.text(&events, &row.expected);
            let (policy, mark) = (&row.policy, row.new_mark());
            putln!(out, "  {CHANGED}~ {text}{CHANGED:#} {DIM}({policy}){DIM:#}{mark}")?;
        }
        Ok(())
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
    /// The number of values that couldn't be verified: MicroSIP encrypted the password, or the secret isn't available.
    unverified: usize,
    /// The keys whose secrets aren't available.
    missing_secrets: Vec<MissingSecretRow>,
    /// The keys and hooks of an earlier report that match now; `null` without one.
    resolved: Option<Vec<String>>,
    error: Option<String>,
    #[serde(skip)]
    audited: Audited,
    /// The site that the inventory names.
    #[serde(skip)]
    site: Option<String>,
}

impl AuditedFile {
    /// Describes a file, and which drift is new since an earlier report. `has_rows` asks for a row for each drift.
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
            site: site.map(str::to_owned),
        }
    }

    /// Returns how many encrypted passwords couldn't be verified, if any.
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

/// An audit of any number of files.
#[derive(Debug)]
pub(crate) struct AuditReport {
    policy: Vec<String>,
    time: Timestamp,
    several: bool,
    is_listed: bool,
    list: Option<AuditList>,
    /// What the earlier report counted, if there is one.
    earlier: Option<EarlierReport>,
    tally: Tally,
    new: usize,
    resolved: usize,
    /// The files that failed, by error.
    failures: Groups<String>,
    /// The files in which a key isn't verified because its secret isn't available, by the key.
    missing_secrets: Groups<String>,
    missing: usize,
    /// The files, for formats that are written in one piece.
    kept: Vec<AuditedFile>,
    failed: Vec<(String, String)>,
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
        files: usize,
        is_listed: bool,
        list: Option<AuditList>,
        earlier: Option<EarlierReport>,
    ) -> Self {
        Self {
            policy,
            time: store::now(),
            several: files > 1,
            is_listed,
            list,
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

    /// Adds a file that couldn't be audited.
    pub(crate) fn push_failed(&mut self, target: &Target, site: Option<&str>, error: &CliError) {
        self.tally.add_failed();
        let path = target.path().display().to_string();
        let problem = error.without_path();
        let state = HostState::Failed(&problem);
        self.page.get_mut().add(&Host { path: &path, site, state });
        self.failures.add(problem, &path);
        self.failed.push((path, error.to_string()));
    }

    /// Adds why there are no more files.
    pub(crate) fn push_end(&mut self, error: &CliError) {
        self.failed.push((String::new(), error.to_string()));
    }

    /// Returns whether any file drifts.
    pub(crate) fn has_drift(&self) -> bool {
        self.tally.drifted() > 0
    }

    /// Returns how many passwords couldn't be verified, if any.
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

/// Which files `audit --list` names.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum AuditList {
    /// Files that differ from the policy
    Drifted,
    /// Files that couldn't be read or compared
    Failed,
    /// Files without a hook of the policy
    MissingHooks,
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

impl AuditList {
    /// Returns whether the list has a file.
    fn has(self, file: &AuditedFile) -> bool {
        let is_missing = |drift: &Drift| {
            drift.hook.as_ref().is_some_and(|hook| hook.problem != HookProblem::Different)
        };
        match self {
            Self::Drifted => file.state == State::Drifted,
            Self::Failed => false,
            Self::MissingHooks => file.audited.drift.iter().any(is_missing),
        }
    }
}

impl Report for AuditReport {
    const LIST: &'static str = "files";
    type Row = AuditedFile;

    fn human_row(&self, file: &AuditedFile, out: &mut Screen<'_>) -> io::Result<()> {
        if let Some(list) = self.list {
            return if list.has(file) { putln!(out, "{}", file.path) } else { Ok(()) };
        }
        if !self.is_listed {
            return Ok(());
        }
        match file.state {
            State::InSync => putln!(out, "{}: {ADDED}in sync{ADDED:#}", file.path)?,
            State::Drifted => putln!(out, "{}: {CHANGED}drifted{CHANGED:#}", file.path)?,
        }
        DriftRow::write_all(&file.drift, out)?;
        for resolved in file.resolved.iter().flatten() {
            putln!(out, "  {ADDED}resolved {}{ADDED:#}", resolved)?;
        }
        for MissingSecretRow { section, key, reason, policy } in &file.missing_secrets {
            putln!(out, "  {DIM}? {section}.{key} isn't verified: {} ({}){DIM:#}", reason, policy)?;
        }
        match file.note() {
            None => Ok(()),
            Some(note) => putln!(out, "  {DIM}{note} (encrypted in the file){DIM:#}"),
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

    fn add_to_line(&self, file: &AuditedFile, line: &mut EngineLine) {
        line.add_audited(&file.audited);
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
                what: "values match",
            },
            coverage: Measure {
                part: number(tally.files() - tally.failed()),
                of: number(tally.files()),
                what: "files compared",
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
            // The name of a hook has no section.
            let is_hook = resolved.starts_with("hook ") && resolved.contains(" on ");
            let name = resolved.split_once('.').filter(|_| !is_hook);
            let (section, key) = name.unwrap_or(("", resolved));
            self.add_resolved(&file.path, section, key);
        }
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

impl AuditedFile {
    fn found(&self) -> FoundFile<'_> {
        let rows = self.drift.iter().map(DriftRow::found).collect();
        FoundFile { path: &self.path, rows, note: self.note() }
    }
}

fn rounded(share: f64) -> f64 {
    (share * 100.0).floor() / 100.0
}
