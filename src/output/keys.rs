//! Sections, keys, and values.

use std::collections::BTreeMap;
use std::io;
use std::path::Path;

use serde::Serialize;
use serde_json::{Value, json};

use super::changes::shown_value;
use super::json::failed_value;
use super::report::Report;
use super::screen::{DIM, HEADING, NAME, Screen};
use super::wrap::wrapped;
use crate::error::CliError;

/// One value.
#[derive(Debug, Serialize)]
pub(crate) struct ValueRow {
    pub(crate) path: String,
    pub(crate) section: String,
    pub(crate) key: String,
    pub(crate) value: Option<String>,
    pub(crate) line: Option<usize>,
    pub(crate) set: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) read_now: Option<ReadNow>,
}

/// What MicroSIP reads of a key until the file is fixed.
#[derive(Debug, Serialize)]
pub(crate) struct ReadNow {
    /// The value; `None` if it doesn't find the key.
    pub(crate) value: Option<String>,
    pub(crate) line: Option<usize>,
}

/// One key of several files.
#[derive(Debug)]
pub(crate) struct ValueReport {
    pub(crate) section: String,
    pub(crate) key: String,
    pub(crate) with_paths: bool,
    /// The number of files in which it isn't set.
    pub(crate) unset: usize,
}

impl Report for ValueReport {
    const LIST: &'static str = "files";
    type Row = ValueRow;

    fn human_row(&self, row: &ValueRow, out: &mut Screen<'_>) -> io::Result<()> {
        let Some(value) = &row.value else { return Ok(()) };
        match self.with_paths {
            true => putln!(out, "{NAME}{}{NAME:#}: {value}", row.path),
            false => putln!(out, "{value}"),
        }
    }

    fn exact(&self, row: &ValueRow) -> Option<Vec<u8>> {
        let value = row.value.as_ref().filter(|_| !self.with_paths);
        value.map(|value| format!("{value}\n").into_bytes())
    }

    fn count(&mut self, row: &ValueRow) {
        self.unset += usize::from(!row.set);
    }

    fn failed(&self, path: &Path, error: &CliError) -> Option<Value> {
        let row = ValueRow {
            path: path.display().to_string(),
            section: self.section.clone(),
            key: self.key.clone(),
            value: None,
            line: None,
            set: false,
            read_now: None,
        };
        Some(failed_value(&row, error))
    }
}

/// One key.
#[derive(Debug, Serialize)]
pub(crate) struct KeyRow {
    pub(crate) key: String,
    /// As it is read; the default of a key that isn't set, where it has one.
    pub(crate) value: Option<String>,
    pub(crate) set: bool,
    pub(crate) line: Option<usize>,
    pub(crate) default: Option<&'static str>,
    /// Whether an on/off setting is on.
    pub(crate) on: Option<bool>,
    /// Whether MicroSIP reads only the start of the value.
    pub(crate) truncated: bool,
    /// Why the target version ignores the key, if it does.
    pub(crate) ignored_reason: Option<String>,
    pub(crate) shadowed_lines: Vec<usize>,
    /// Its meaning, if all keys are listed.
    pub(crate) description: Option<&'static str>,
    /// What MicroSIP reads until the file is fixed, if that differs.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) read_now: Option<ReadNow>,
}

/// The columns before a key: the number of its line, and two spaces.
const GUTTER: usize = 6;

/// The maximum width that shorter keys are padded to.
const MAX_KEY: usize = 24;

impl KeyRow {
    /// Returns what to know about the value, except why the version ignores it.
    fn notice(&self) -> String {
        let mut parts = Vec::new();
        match (self.line, &self.value) {
            (Some(_), _) => {}
            (None, Some(_)) => parts.push("default".to_owned()),
            (None, None) if self.read_now.is_some() => {
                parts.push("not set after the fix".to_owned());
            }
            (None, None) => parts.push("not set".to_owned()),
        }
        if !self.shadowed_lines.is_empty() {
            let lines: Vec<_> = self.shadowed_lines.iter().map(usize::to_string).collect();
            let plural = if lines.len() == 1 { "" } else { "s" };
            parts.push(format!("duplicate in line{plural} {}, never read", lines.join(", ")));
        }
        if self.truncated {
            parts.push("truncated; the file has a longer value".to_owned());
        }
        let is_plain = self.value.as_deref().is_some_and(|value| value == "0" || value == "1");
        if let Some(on) = self.on.filter(|_| self.set && !is_plain) {
            parts.push(format!("read as {}", if on { "on" } else { "off" }));
        }
        if let Some(now) = &self.read_now {
            parts.push(match (&now.value, now.line) {
                (Some(value), Some(line)) => format!("MicroSIP now reads `{value}` in line {line}"),
                (Some(value), None) => format!("MicroSIP now reads `{value}`"),
                (None, _) => "MicroSIP doesn't find it now".to_owned(),
            });
        }
        parts.join("; ")
    }

    /// Writes the key, padded to a width. `ignored` is why the version ignores it, unless a line below all keys says so.
    fn human(&self, width: usize, ignored: Option<String>, out: &mut Screen<'_>) -> io::Result<()> {
        let (key, line) = (&self.key, self.line.map(|line| line.to_string()).unwrap_or_default());
        let notices = [Some(self.notice()).filter(|text| !text.is_empty()), ignored];
        let notices: Vec<_> = notices.into_iter().flatten().collect();
        let notice = match notices.as_slice() {
            [] => String::new(),
            notices => format!("  ({})", notices.join("; ")),
        };
        put!(out, "{DIM}{line:>4}{DIM:#}  ")?;
        match (&self.value, self.set) {
            (Some(value), true) => {
                put!(out, "{NAME}{key:<width$}{NAME:#} = {}", shown_value(value))?;
                putln!(out, "{DIM}{notice}{DIM:#}")?;
            }
            (Some(value), false) => {
                putln!(out, "{DIM}{key:<width$} = {}{notice}{DIM:#}", shown_value(value))?;
            }
            (None, _) => putln!(out, "{DIM}{key:<width$}{notice}{DIM:#}")?,
        }
        match self.description {
            Some(description) => {
                put!(out, "{:width$}{DIM}", "", width = GUTTER + 2)?;
                out.put_text(&wrapped(description, GUTTER + 2))?;
                putln!(out, "{DIM:#}")
            }
            None => Ok(()),
        }
    }
}

/// One section.
#[derive(Debug, Serialize)]
pub(crate) struct SectionRow {
    pub(crate) keys: Vec<KeyRow>,
    pub(crate) line: Option<usize>,
    pub(crate) name: String,
}

impl SectionRow {
    fn human(&self, microsip: &str, out: &mut Screen<'_>) -> io::Result<()> {
        let width = self.keys.iter().map(|row| row.key.chars().count()).max().unwrap_or_default();
        // The keys by the reason that the version ignores them. A reason that several keys share is written once.
        let mut ignored: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
        for row in &self.keys {
            if let Some(reason) = &row.ignored_reason {
                ignored.entry(reason).or_default().push(&row.key);
            }
        }
        ignored.retain(|_, keys| keys.len() > 1);
        for row in &self.keys {
            let reason = row.ignored_reason.as_deref().filter(|it| !ignored.contains_key(it));
            let reason = reason.map(|reason| format!("not read by {microsip}: {reason}"));
            row.human(width.min(MAX_KEY), reason, out)?;
        }
        for (reason, keys) in ignored {
            let text = format!("Not read by {microsip}: {reason}: {}", keys.join(", "));
            put!(out, "{:GUTTER$}{DIM}", "")?;
            out.put_text(&wrapped(&text, GUTTER + 2))?;
            putln!(out, "{DIM:#}")?;
        }
        Ok(())
    }
}

/// One file.
#[derive(Debug, Serialize)]
pub(crate) struct FileRow {
    #[serde(skip)]
    pub(crate) target_version: Option<String>,
    pub(crate) encoding: String,
    pub(crate) microsip: String,
    /// Why MicroSIP doesn't read the file as its author intended, if so.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) read_warning: Option<String>,
    pub(crate) path: String,
    pub(crate) sections: Vec<SectionRow>,
}

/// Files as Windows reads them.
#[derive(Debug, Default)]
pub(crate) struct ShowReport {
    files: usize,
    sections: usize,
}

impl ShowReport {
    /// Returns whether no section was shown.
    pub(crate) fn is_empty(&self) -> bool {
        self.sections == 0
    }
}

impl Report for ShowReport {
    const LIST: &'static str = "files";
    type Row = FileRow;

    fn human_row(&self, file: &FileRow, out: &mut Screen<'_>) -> io::Result<()> {
        if self.files > 0 {
            putln!(out)?;
        }
        let target_version = file
            .target_version
            .as_ref()
            .map(|target_version| format!(", for {target_version}"))
            .unwrap_or_default();
        let (path, encoding) = (&file.path, &file.encoding);
        putln!(out, "{HEADING}{path}{HEADING:#} {DIM}({encoding}{target_version}){DIM:#}")?;
        let differs = |section: &SectionRow| section.keys.iter().any(|key| key.read_now.is_some());
        if file.sections.iter().any(differs) {
            let text = "MicroSIP reads other values than after `check --fix`; both are shown where they differ";
            putln!(out, "{DIM}{text}{DIM:#}")?;
        }
        for section in &file.sections {
            let is_there = if section.line.is_some() { "" } else { "  (not in the file)" };
            putln!(out)?;
            putln!(out, "{HEADING}[{}]{HEADING:#}{DIM}{is_there}{DIM:#}", section.name)?;
            section.human(&file.microsip, out)?;
        }
        Ok(())
    }

    fn counted(file: FileRow) -> FileRow {
        let sections = file.sections.into_iter();
        let sections = sections.map(|section| SectionRow { keys: Vec::new(), ..section });
        FileRow { sections: sections.collect(), ..file }
    }

    fn count(&mut self, file: &FileRow) {
        self.files += 1;
        self.sections += file.sections.len();
    }

    fn failed(&self, path: &Path, error: &CliError) -> Option<Value> {
        let row = json!({
            "path": path.display().to_string(), "encoding": null, "microsip": null, "sections": [],
        });
        Some(failed_value(&row, error))
    }
}
