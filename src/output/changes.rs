//! Changes by key, and unified text.

use std::io;

use serde::Serialize;
use serde_json::{Map, Value, json};

use super::json::values;
use super::report::Report;
use super::screen::{ADDED, CHANGED, DIM, HEADING, NAME, REMOVED, Screen};
use msipctl_core::diff::{self, ByteChanges, Change, Hunk, Kind, LineOrigin, Secrets};
use winini::Document;

/// One key that reads differently.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize)]
pub(crate) struct ChangeRow {
    section: String,
    key: String,
    before: Option<String>,
    after: Option<String>,
    kind: &'static str,
}

impl From<Change> for ChangeRow {
    fn from(change: Change) -> Self {
        let kind = match change.kind() {
            Kind::Added => "added",
            Kind::Removed => "removed",
            Kind::Changed => "changed",
        };
        let Change { section, key, before, after } = change;
        Self { section, key, before, after, kind }
    }
}

impl ChangeRow {
    /// Writes the change as one line behind an indent.
    pub(super) fn human(&self, out: &mut Screen<'_>, indent: &str) -> io::Result<()> {
        let Self { section, key, .. } = self;
        let name = format!("{section}.{key}");
        match (self.before.as_deref(), self.after.as_deref()) {
            (None, Some(after)) => putln!(out, "{indent}{ADDED}+ {name} = {after}{ADDED:#}"),
            (Some(before), None) => {
                putln!(out, "{indent}{REMOVED}- {name} = {before}{REMOVED:#}")
            }
            (before, after) => {
                let (before, after) = (before.unwrap_or_default(), after.unwrap_or_default());
                putln!(out, "{indent}{CHANGED}~ {name} = {before} -> {after}{CHANGED:#}")
            }
        }
    }
}

/// Two files compared.
#[derive(Debug)]
pub(crate) struct ChangesReport {
    names: (String, String),
    changes: Vec<ChangeRow>,
    bytes: ByteChanges,
    hunks: Option<Vec<Hunk>>,
}

impl ChangesReport {
    /// Compares two files, by key or, with `text`, line by line.
    pub(crate) fn new(
        names: (String, String),
        before: &Document,
        after: &Document,
        secrets: Secrets<'_>,
        text: bool,
    ) -> Self {
        let changes = diff::changes(before, after, secrets);
        Self {
            names,
            changes: changes.into_iter().map(ChangeRow::from).collect(),
            bytes: diff::byte_changes(before, after),
            hunks: text.then(|| diff::hunks(before, after, secrets)),
        }
    }

    /// Says whether the files are the same as far as they were compared.
    pub(crate) fn is_empty(&self) -> bool {
        let lines = self.hunks.as_ref().is_none_or(Vec::is_empty);
        self.changes.is_empty() && self.bytes.is_empty() && lines
    }
}

impl Report for ChangesReport {
    const LIST: &'static str = "changes";
    type Row = ();

    fn human_end(&self, out: &mut Screen<'_>) -> io::Result<()> {
        match &self.hunks {
            Some(hunks) => unified(out, &self.names, hunks)?,
            None => self.changes.iter().try_for_each(|change| change.human(out, ""))?,
        }
        byte_lines(out, &self.bytes, "")
    }

    fn entries(&self) -> Vec<Value> {
        values(&self.changes)
    }

    fn others(&self) -> Map<String, Value> {
        let ByteChanges { encoding, line_ending, byte_order_mark } = self.bytes;
        let encoding = encoding.map(|(before, after)| (before.name(), after.name()));
        let pair = |pair: Option<(Value, Value)>| {
            pair.map(|(before, after)| json!({ "before": before, "after": after }))
        };
        let bytes = json!({
            "encoding": pair(encoding.map(|(before, after)| (before.into(), after.into()))),
            "line_ending": pair(line_ending.map(|(before, after)| (before.into(), after.into()))),
            "bom": pair(byte_order_mark.map(|(before, after)| (before.into(), after.into()))),
        });
        Map::from_iter([("bytes".to_owned(), bytes)])
    }
}

/// Writes what differs in the bytes as a whole.
pub(super) fn byte_lines(
    out: &mut Screen<'_>,
    bytes: &ByteChanges,
    indent: &str,
) -> io::Result<()> {
    if let Some((before, after)) = bytes.encoding {
        putln!(out, "{indent}{CHANGED}~ encoding: {before} -> {after}{CHANGED:#}")?;
    }
    if let Some((before, after)) = bytes.line_ending {
        putln!(out, "{indent}{CHANGED}~ line ending: {before} -> {after}{CHANGED:#}")?;
    }
    Ok(())
}

/// Writes a unified diff.
pub(super) fn unified(
    out: &mut Screen<'_>,
    (before, after): &(String, String),
    hunks: &[Hunk],
) -> io::Result<()> {
    if hunks.is_empty() {
        return Ok(());
    }
    putln!(out, "{HEADING}--- {before}{HEADING:#}")?;
    putln!(out, "{HEADING}+++ {after}{HEADING:#}")?;
    for hunk in hunks {
        putln!(out, "{NAME}{}{NAME:#}", hunk.header())?;
        for line in &hunk.lines {
            let (prefix, text) = (line.sign.prefix(), &line.text);
            match line.sign {
                LineOrigin::Both => putln!(out, "{prefix}{text}")?,
                LineOrigin::Before => putln!(out, "{REMOVED}{prefix}{text}{REMOVED:#}")?,
                LineOrigin::After => putln!(out, "{ADDED}{prefix}{text}{ADDED:#}")?,
            }
            if line.is_open {
                putln!(out, "{DIM}\\ No newline at end of file{DIM:#}")?;
            }
        }
    }
    Ok(())
}
