//! One file of an audit, for people and for the formats of other programs.

use std::borrow::Cow;
use std::io;

use serde::{Serialize, Serializer};

use super::changes::shown_value;
use super::edits::unverified_passwords;
use super::found::{FoundFile, FoundRow};
use super::hook_changes::named_events;
use super::html::{self, Host, HostState, Page};
use super::screen::{ADDED, CHANGED, DIM, REMOVED, Screen};
use crate::fingerprint::Arguments;
use msipctl_core::audit_report::{AuditRow, DriftRow, HookRow, MissingSecretRow, RowState, Since};
use msipctl_core::diagnostic::Severity;
use msipctl_core::event::Event;
use msipctl_core::fleet::{Audited, Compared, DriftView, Tally};
use msipctl_core::policy::{HookProblem, shown_actual};

/// One file that was audited. It is written as its row.
#[derive(Debug)]
pub(crate) struct AuditedFile {
    pub(super) row: AuditRow,
    /// What is counted, if the row has no drift because no output needs it.
    audited: Option<Audited>,
    /// Whether the row comes from another report, so the computer is a part of the name.
    is_merged: bool,
}

impl Serialize for AuditedFile {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.row.serialize(serializer)
    }
}

impl AuditedFile {
    /// Describes a file that was just compared. `has_rows` asks for a row for each drift, and `complete` adds what else is
    /// known.
    pub(crate) fn new(
        audited: Audited,
        path: String,
        has_rows: bool,
        complete: impl FnOnce(&mut AuditRow),
    ) -> Self {
        let mut row = audited.row(path, has_rows);
        complete(&mut row);
        Self { row, audited: (!has_rows).then_some(audited), is_merged: false }
    }

    /// Describes a file of another report.
    pub(crate) fn merged(row: AuditRow) -> Self {
        Self { row, audited: None, is_merged: true }
    }

    /// Returns the name of the file for people; of another computer, with its name.
    pub(super) fn name(&self) -> Cow<'_, str> {
        match self.row.host().filter(|_| self.is_merged) {
            Some(host) => Cow::Owned(format!("{host}: {}", self.row.path)),
            None => Cow::Borrowed(&self.row.path),
        }
    }

    /// Returns the path of the file for other programs; of another computer, below its name.
    pub(super) fn url_path(&self) -> String {
        match self.row.host().filter(|_| self.is_merged) {
            Some(host) => format!("{host}/{}", self.row.path.replace('\\', "/")),
            None => self.row.path.clone(),
        }
    }

    /// Returns why the file failed, without its path, which other files with the same problem don't have.
    pub(super) fn problem(&self) -> Option<&str> {
        let error = self.row.error.as_deref()?;
        let path = format!("{}: ", self.row.path);
        Some(error.split_once(&path).map_or(error, |(_, problem)| problem))
    }

    /// Adds the file to the counts.
    pub(super) fn count(&self, tally: &mut Tally) {
        let name = self.name();
        match &self.audited {
            _ if self.row.state == RowState::Failed => tally.add_failed(),
            Some(audited) => tally.add(&name, audited),
            None => tally.add(&name, &self.row),
        }
    }

    /// Returns whether the file lacks a hook of the policy.
    pub(super) fn has_missing_hook(&self) -> bool {
        let is_missing = |drift: DriftView<'_>| {
            drift.hook.is_some_and(|(.., problem)| problem != HookProblem::Different)
        };
        match &self.audited {
            Some(audited) => Compared::drift(audited).any(is_missing),
            None => Compared::drift(&self.row).any(is_missing),
        }
    }

    /// Returns how many encrypted passwords couldn't be verified, if any.
    fn note(&self) -> Option<String> {
        let unverified = self.row.unverified as usize;
        let passwords = unverified.saturating_sub(self.row.missing_secrets.len());
        (passwords > 0).then(|| unverified_passwords(passwords))
    }

    /// Writes the file and its drift.
    pub(super) fn human(&self, out: &mut Screen<'_>) -> io::Result<()> {
        let Self { row, .. } = self;
        let mark = match (row.is_silent, row.is_outdated) {
            (_, Some(true)) => " (outdated)",
            (Some(true), _) => " (silent)",
            _ => "",
        };
        let name = self.name();
        match row.state {
            RowState::InSync => putln!(out, "{name}: {ADDED}in sync{ADDED:#}{mark}")?,
            RowState::Drifted => putln!(out, "{name}: {CHANGED}drifted{CHANGED:#}{mark}")?,
            RowState::Failed => putln!(out, "{name}: {REMOVED}failed{REMOVED:#}{mark}")?,
        }
        if let Some(problem) = self.problem() {
            putln!(out, "  {problem}")?;
        }
        write_all(&row.drift, out)?;
        for resolved in row.resolved.iter().flatten() {
            putln!(out, "  {ADDED}resolved {}{ADDED:#}", resolved)?;
        }
        for MissingSecretRow { section, key, reason, policy } in &row.missing_secrets {
            putln!(out, "  {DIM}? {section}.{key} isn't verified: {} ({}){DIM:#}", reason, policy)?;
        }
        match self.note() {
            None => Ok(()),
            Some(note) => putln!(out, "  {DIM}{note} (encrypted in the file){DIM:#}"),
        }
    }
}

impl Page {
    /// Adds a file of an audit.
    pub(super) fn add_audited(&mut self, file: &AuditedFile) {
        let AuditedFile { row, .. } = file;
        let (name, site) = (file.name(), row.site.as_deref());
        let names: Vec<_> = row.drift.iter().map(DriftRow::name).collect();
        let rows: Vec<_> =
            row.drift.iter().zip(&names).map(|(drift, name)| of_page(drift, name)).collect();
        let state = match row.state {
            RowState::Failed => HostState::Failed(file.problem().unwrap_or_default()),
            _ if rows.is_empty() => HostState::InSync,
            _ => HostState::Drifted(&rows),
        };
        self.add(&Host { path: &name, site, state });
        for resolved in row.resolved.iter().flatten() {
            // The name of a hook has no section.
            let is_hook = resolved.starts_with("hook ") && resolved.contains(" on ");
            let named = resolved.split_once('.').filter(|_| !is_hook);
            let (section, key) = named.unwrap_or(("", resolved));
            self.add_resolved(&name, section, key);
        }
    }
}

fn of_page<'r>(drift: &'r DriftRow, name: &'r str) -> html::DriftRow<'r> {
    html::DriftRow {
        // A hook has its own name, and no section.
        section: if drift.hook.is_some() { "" } else { &drift.section },
        key: if drift.hook.is_some() { name } else { &drift.key },
        expected: Some(&drift.expected),
        actual: drift.actual.as_deref(),
        line: drift.line.and_then(|line| u32::try_from(line).ok()),
        is_new: drift.since == Some(Since::New),
    }
}

/// A file for a format that is written in one piece.
#[derive(Debug)]
pub(super) struct KeptFile {
    path: String,
    rows: Vec<KeptRow>,
    note: Option<String>,
}

/// Drift for a format that is written in one piece.
#[derive(Debug)]
struct KeptRow {
    section: String,
    key: String,
    name: String,
    message: String,
    arguments: Arguments,
    line: usize,
}

impl KeptFile {
    pub(super) fn new(file: AuditedFile) -> Self {
        let (path, note) = (file.url_path(), file.note());
        Self { path, rows: file.row.drift.into_iter().map(KeptRow::new).collect(), note }
    }

    /// Returns the names of the keys and hooks that drift.
    pub(super) fn names(&self) -> impl Iterator<Item = &String> {
        self.rows.iter().map(|row| &row.name)
    }

    pub(super) fn found(&self) -> FoundFile<'_> {
        let rows = self.rows.iter().map(KeptRow::found).collect();
        FoundFile { path: &self.path, rows, note: self.note.clone() }
    }
}

impl KeptRow {
    fn new(drift: DriftRow) -> Self {
        let name = drift.name();
        let message = match &drift.hook {
            Some(hook) => hook_text(hook, &[hook.event.name()], &drift.expected),
            None => {
                let is = match (&drift.actual, shown(&drift)) {
                    (Some(actual), _) => format!("is `{actual}`"),
                    (None, actual) => format!("is {}", actual.as_deref().unwrap_or("not set")),
                };
                format!("`{name}` {is}, expected {}", shown_value(&drift.expected))
            }
        };
        let DriftRow { section, key, expected, actual, line, .. } = drift;
        let values = [("actual", actual), ("expected", Some(expected))];
        let arguments = values.into_iter().filter_map(|(name, value)| Some((name, value?)));
        let arguments = arguments.collect();
        Self { section, key, name, message, arguments, line: line.unwrap_or(1) }
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
            line: self.line,
            column: 1,
            end_column: None,
            suppressed: None,
        }
    }
}

/// Returns the actual value for people, if there is one.
fn shown(drift: &DriftRow) -> Option<Cow<'_, str>> {
    shown_actual(drift.actual.as_deref(), drift.default.as_deref())
}

/// Describes a problem of a hook: `hook call-log is missing on 8 events`.
fn hook_text(hook: &HookRow, events: &[&str], expected: &str) -> String {
    hook_problem(&hook.template, hook.problem, events, Some(expected))
}

/// Describes a problem of a template's hooks on some events. `expected` is what the events should have, or why that is
/// impossible.
pub(super) fn hook_problem(
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

/// Returns what follows drift that an earlier report doesn't have.
fn new_mark(row: &DriftRow) -> &'static str {
    if row.since == Some(Since::New) { " (new)" } else { "" }
}

/// Returns whether two rows are about the same problem of the same hook, on different events.
fn is_same_hook(one: &DriftRow, other: &DriftRow) -> bool {
    let identity = |row: &DriftRow| {
        let hook = row.hook.as_ref()?;
        // Without the events, only a missing hook has nothing else to say.
        let expected = match hook.problem {
            HookProblem::Missing | HookProblem::NoLauncher => None,
            _ => Some(row.expected.clone()),
        };
        Some((hook.template.clone(), hook.problem, expected, row.policy.clone(), row.since))
    };
    identity(one).is_some() && identity(one) == identity(other)
}

/// Writes the drift of a file: one line for each key, and one for each problem of a template's hooks.
fn write_all(rows: &[DriftRow], out: &mut Screen<'_>) -> io::Result<()> {
    for (index, row) in rows.iter().enumerate() {
        let (policy, mark) = (&row.policy, new_mark(row));
        let Some(hook) = &row.hook else {
            let actual = shown(row);
            let actual = actual.as_deref().map_or("not set", |actual| shown_value(actual));
            let (name, expected) = (row.name(), shown_value(&row.expected));
            putln!(
                out,
                "  {CHANGED}~ {name} = {actual}{CHANGED:#}, expected {expected} {DIM}({policy}){DIM:#}{mark}"
            )?;
            continue;
        };
        if rows[..index].iter().any(|other| is_same_hook(row, other)) {
            continue;
        }
        let same = rows[index..].iter().filter(|other| is_same_hook(row, other));
        let events: Vec<Event> = same.filter_map(|row| Some(row.hook.as_ref()?.event)).collect();
        let events: Vec<_> = events.iter().map(|event| event.name()).collect();
        let text = hook_text(hook, &events, &row.expected);
        putln!(out, "  {CHANGED}~ {text}{CHANGED:#} {DIM}({policy}){DIM:#}{mark}")?;
    }
    Ok(())
}
