//! Files that `diff` compares.

use std::io;
use std::path::Path;

use serde::Serialize;
use serde_json::{Map, Value, json};

use super::change_groups::ChangeGroups;
use super::changes::{ChangeLine as _, byte_changes, byte_lines, unified};
use super::count::count;
use super::grouped::{examples, failed_lines};
use super::json::{failed_value, values};
use super::report::Report;
use super::screen::{ADDED, CHANGED, DIM, HEADING, REMOVED, Screen};
use crate::error::CliError;
use microsip_schema::{Key, Section};
use msipctl_core::diff::{self, ByteChanges, Hunk, Secrets};
use msipctl_core::engine::ChangeRow;
use msipctl_core::fleet::{Group, Groups};
use winini::Document;

/// Returns whether MicroSIP keeps a key about one PC: windows, counters, and the numbers that were dialed.
fn is_machine_state(section: &str, key: &str) -> bool {
    matches!(Section::of(section), Some(Section::Calls | Section::Dialed))
        || microsip_schema::find(section, key).is_some_and(Key::is_machine_state)
}

/// How two files are compared.
#[derive(Debug, Clone, Copy)]
pub(crate) struct CompareOptions {
    pub(crate) secrets: Secrets<'static>,
    /// Whether lines are compared, and not keys.
    pub(crate) has_text: bool,
    /// Whether machine state is compared, too.
    pub(crate) has_machine_state: bool,
}

/// Two files compared.
#[derive(Debug)]
struct Comparison {
    changes: Vec<ChangeRow>,
    /// The number of keys that differ and belong to one PC.
    omitted: usize,
    bytes: ByteChanges,
    hunks: Option<Vec<Hunk>>,
}

impl Comparison {
    fn new(before: &Document, after: &Document, options: CompareOptions) -> Self {
        let CompareOptions { secrets, has_text, has_machine_state } = options;
        let changes = diff::changes(before, after, secrets).into_iter().map(ChangeRow::from);
        let mut changes: Vec<_> = changes.collect();
        let all = changes.len();
        if !has_machine_state {
            changes.retain(|change| !is_machine_state(&change.section, &change.key));
        }
        Self {
            omitted: all - changes.len(),
            changes,
            bytes: diff::byte_changes(before, after),
            hunks: has_text.then(|| diff::hunks(before, after, secrets)),
        }
    }

    fn is_empty(&self) -> bool {
        let has_no_lines = self.hunks.as_ref().is_none_or(Vec::is_empty);
        self.changes.is_empty() && self.bytes.is_empty() && has_no_lines
    }

    fn human(
        &self,
        names: &(String, String),
        out: &mut Screen<'_>,
        indent: &str,
    ) -> io::Result<()> {
        match &self.hunks {
            Some(hunks) => unified(out, names, hunks)?,
            None => {
                self.changes.iter().try_for_each(|change| change.human_compared(out, indent))?;
            }
        }
        byte_lines(out, &self.bytes, indent)
    }
}

/// Writes how many keys were omitted.
fn omitted_line(out: &mut Screen<'_>, omitted: usize) -> io::Result<()> {
    match omitted {
        0 => Ok(()),
        _ => {
            let keys = count(omitted, "machine-specific key");
            putln!(out, "{DIM}{keys} omitted; to show all, pass `--all`{DIM:#}")
        }
    }
}

/// Two files compared.
#[derive(Debug)]
pub(crate) struct ChangesReport {
    names: (String, String),
    comparison: Comparison,
}

impl ChangesReport {
    /// Compares two files.
    pub(crate) fn new(
        names: (String, String),
        before: &Document,
        after: &Document,
        options: CompareOptions,
    ) -> Self {
        Self { names, comparison: Comparison::new(before, after, options) }
    }

    /// Returns whether the files are the same as far as they were compared.
    pub(crate) fn is_empty(&self) -> bool {
        self.comparison.is_empty()
    }
}

impl Report for ChangesReport {
    const LIST: &'static str = "changes";
    type Row = ();

    fn human_end(&self, out: &mut Screen<'_>) -> io::Result<()> {
        self.comparison.human(&self.names, out, "")?;
        match self.comparison.hunks {
            // A unified diff is for `patch`, too.
            Some(_) => Ok(()),
            None => omitted_line(out, self.comparison.omitted),
        }
    }

    fn entries(&self) -> Vec<Value> {
        values(&self.comparison.changes)
    }

    fn others(&self) -> Map<String, Value> {
        Map::from_iter([
            ("bytes".to_owned(), bytes_value(&self.comparison.bytes)),
            ("omitted".to_owned(), json!(self.comparison.omitted)),
        ])
    }
}

fn bytes_value(bytes: &ByteChanges) -> Value {
    let ByteChanges { encoding, line_ending, byte_order_mark } = *bytes;
    let encoding = encoding.map(|(before, after)| (before.name(), after.name()));
    let pair = |pair: Option<(Value, Value)>| {
        pair.map(|(before, after)| json!({ "before": before, "after": after }))
    };
    json!({
        "encoding": pair(encoding.map(|(before, after)| (before.into(), after.into()))),
        "line_ending": pair(line_ending.map(|(before, after)| (before.into(), after.into()))),
        "bom": pair(byte_order_mark.map(|(before, after)| (before.into(), after.into()))),
    })
}

/// One pair of files of two folders or inventories.
#[derive(Debug, Serialize)]
pub(crate) struct ComparedFile {
    /// The path of the file that the row is about.
    path: String,
    before: Option<String>,
    after: Option<String>,
    state: &'static str,
    changes: Vec<ChangeRow>,
    omitted: usize,
    bytes: Value,
    #[serde(skip)]
    hunks: Option<Vec<Hunk>>,
    #[serde(skip)]
    byte_changes: ByteChanges,
}

impl ComparedFile {
    /// Compares two files. `path` is the one that the row is about.
    pub(crate) fn new(
        path: &str,
        names: (String, String),
        before: &Document,
        after: &Document,
        options: CompareOptions,
    ) -> Self {
        let comparison = Comparison::new(before, after, options);
        let state = if comparison.is_empty() { "same" } else { "different" };
        let Comparison { changes, omitted, bytes, hunks } = comparison;
        let (before, after) = names;
        Self {
            path: path.to_owned(),
            before: Some(before),
            after: Some(after),
            state,
            changes,
            omitted,
            bytes: bytes_value(&bytes),
            hunks,
            byte_changes: bytes,
        }
    }

    /// Describes a file that only one of the two sides has.
    pub(crate) fn unpaired(path: String, is_before: bool) -> Self {
        let (before, after) =
            if is_before { (Some(path.clone()), None) } else { (None, Some(path.clone())) };
        Self {
            path,
            before,
            after,
            state: if is_before { "only_before" } else { "only_after" },
            changes: Vec::new(),
            omitted: 0,
            bytes: bytes_value(&ByteChanges::default()),
            hunks: None,
            byte_changes: ByteChanges::default(),
        }
    }

    fn human(&self, out: &mut Screen<'_>) -> io::Result<()> {
        let path = &self.path;
        match self.state {
            "same" => return putln!(out, "{path}: {DIM}same{DIM:#}"),
            "only_before" => return putln!(out, "{path}: {REMOVED}only in the first{REMOVED:#}"),
            "only_after" => return putln!(out, "{path}: {ADDED}only in the second{ADDED:#}"),
            _ => {}
        }
        match &self.hunks {
            Some(hunks) => {
                let names = (self.before.clone(), self.after.clone());
                let names = (names.0.unwrap_or_default(), names.1.unwrap_or_default());
                unified(out, &names, hunks)?;
            }
            None => {
                putln!(out, "{path}: {CHANGED}different{CHANGED:#}")?;
                self.changes.iter().try_for_each(|change| change.human_compared(out, "  "))?;
            }
        }
        byte_lines(out, &self.byte_changes, "  ")
    }
}

/// Many files compared in pairs.
#[derive(Debug)]
pub(crate) struct ComparedReport {
    is_listed: bool,
    files: usize,
    different: usize,
    unpaired: [usize; 2],
    failed: usize,
    omitted: usize,
    groups: ChangeGroups,
    only: [Group; 2],
    failures: Groups<String>,
}

impl ComparedReport {
    /// Creates the report. `is_listed` asks for lines about each file.
    pub(crate) fn new(is_listed: bool) -> Self {
        Self {
            is_listed,
            files: 0,
            different: 0,
            unpaired: [0; 2],
            failed: 0,
            omitted: 0,
            groups: ChangeGroups::default(),
            only: Default::default(),
            failures: Groups::default(),
        }
    }

    /// Counts a file that couldn't be compared.
    pub(crate) fn push_failed(&mut self, path: &Path, error: &CliError) {
        self.files += 1;
        self.failed += 1;
        self.failures.add(error.without_path(), &path.display().to_string());
    }

    /// Returns whether any file is different, or has no counterpart.
    pub(crate) fn has_differences(&self) -> bool {
        self.different > 0 || self.unpaired != [0; 2]
    }
}

impl Report for ComparedReport {
    const LIST: &'static str = "files";
    type Row = ComparedFile;

    fn human_row(&self, file: &ComparedFile, out: &mut Screen<'_>) -> io::Result<()> {
        if self.is_listed { file.human(out) } else { Ok(()) }
    }

    fn count(&mut self, file: &ComparedFile) {
        self.files += 1;
        self.omitted += file.omitted;
        match file.state {
            "different" => self.different += 1,
            "only_before" => self.unpaired[0] += 1,
            "only_after" => self.unpaired[1] += 1,
            _ => {}
        }
        if self.is_listed {
            return;
        }
        match file.state {
            "only_before" => self.only[0].add(&file.path),
            "only_after" => self.only[1].add(&file.path),
            _ => {
                file.changes.iter().for_each(|it| self.groups.add_change(it, &file.path));
                self.groups.add_bytes(&byte_changes(&file.byte_changes), &file.path);
            }
        }
    }

    fn failed(&self, path: &Path, error: &CliError) -> Option<Value> {
        let row = json!({
            "path": path.display().to_string(), "before": null, "after": null, "changes": [],
            "omitted": 0, "bytes": bytes_value(&ByteChanges::default()),
        });
        Some(failed_value(&row, error))
    }

    fn human_failed(&self, path: &Path, _: &CliError, out: &mut Screen<'_>) -> io::Result<()> {
        match self.is_listed {
            true => putln!(out, "{}: {REMOVED}failed{REMOVED:#}", path.display()),
            false => Ok(()),
        }
    }

    fn human_end(&self, out: &mut Screen<'_>) -> io::Result<()> {
        if !self.is_listed {
            self.groups.human(out, "different")?;
            let [first, second] = &self.only;
            if first.files() > 0 {
                put!(out, "{REMOVED}- only in the first{REMOVED:#}")?;
                examples(out, first)?;
            }
            if second.files() > 0 {
                put!(out, "{ADDED}+ only in the second{ADDED:#}")?;
                examples(out, second)?;
            }
            failed_lines(out, &self.failures)?;
        }
        omitted_line(out, self.omitted)?;
        let Self { files, different, unpaired: [first, second], failed, .. } = self;
        let same = files - different - first - second - failed;
        let mut line = format!("{}: {same} same, {different} different", count(*files, "file"));
        for (number, what) in
            [(first, "only in the first"), (second, "only in the second"), (failed, "failed")]
        {
            if *number > 0 {
                line.push_str(&format!(", {number} {what}"));
            }
        }
        putln!(out, "{HEADING}{line}{HEADING:#}")
    }

    fn summary(&self) -> Option<Value> {
        Some(json!({
            "files": self.files,
            "different": self.different,
            "only_before": self.unpaired[0],
            "only_after": self.unpaired[1],
            "failed": self.failed,
            "omitted": self.omitted,
        }))
    }
}
