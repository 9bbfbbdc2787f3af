//! Sections, keys and values.

use std::io;
use std::path::Path;

use serde::Serialize;
use serde_json::{Value, json};

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
    /// In how many files it is not set.
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
    /// Whether a switch is on.
    pub(crate) on: Option<bool>,
    /// Whether MicroSIP reads only the start of the value.
    pub(crate) truncated: bool,
    /// Why the target version ignores the key, if it does.
    pub(crate) ignored_reason: Option<String>,
    pub(crate) shadowed_lines: Vec<usize>,
    /// What it means, if all keys are listed.
    pub(crate) description: Option<&'static str>,
    /// What MicroSIP reads until the file is fixed, if that is something else.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) read_now: Option<ReadNow>,
}

impl KeyRow {
    /// Says behind the value where it stands and what is to be known of it.
    fn notice(&self, microsip: &str) -> String {
        let mut parts = Vec::new();
        match (self.line, &self.value) {
            (Some(line), _) => parts.push(format!("line {line}")),
            (None, Some(_)) => parts.push("default".to_owned()),
            (None, None) if self.read_now.is_some() => {
                parts.push("not set after the fix".to_owned());
            }
            (None, None) => parts.push("not set".to_owned()),
        }
        if !self.shadowed_lines.is_empty() {
            let lines: Vec<_> = self.shadowed_lines.iter().map(usize::to_string).collect();
            parts.push(format!("also in line {}, never read", lines.join(", ")));
        }
        if self.truncated {
            parts.push("longer in the file, cut off here".to_owned());
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
        if let Some(unread) = &self.ignored_reason {
            parts.push(format!("not read by {microsip}: {unread}"));
        }
        parts.join("; ")
    }

    fn human(&self, microsip: &str, out: &mut Screen<'_>) -> io::Result<()> {
        let (key, notice) = (&self.key, self.notice(microsip));
        let value = self.value.as_deref().map(|value| format!(" = {value}"));
        let value = value.unwrap_or_default();
        match self.set {
            true => putln!(out, "{NAME}{key}{NAME:#}{value}  {DIM}({notice}){DIM:#}")?,
            false => putln!(out, "{DIM}{key}{value}  ({notice}){DIM:#}")?,
        }
        match self.description {
            Some(description) => {
                put!(out, "    {DIM}")?;
                out.put_text(&wrapped(description, 4))?;
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
    /// Says whether no section was shown.
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
            let text = "MicroSIP reads other values now than after a fix; both are listed where they differ";
            putln!(out, "{DIM}{text}{DIM:#}")?;
        }
        for section in &file.sections {
            let is_there = if section.line.is_some() { "" } else { "  (not in the file)" };
            putln!(out)?;
            putln!(out, "{HEADING}[{}]{HEADING:#}{DIM}{is_there}{DIM:#}", section.name)?;
            section.keys.iter().try_for_each(|row| row.human(&file.microsip, out))?;
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
