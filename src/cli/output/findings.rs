//! Findings, drawn as compilers draw theirs.

use std::io::{self, Write};
use std::ops::Range;
use std::path::Path;

use annotate_snippets::{AnnotationKind, Group, Level, Renderer, Snippet};
use serde::Serialize;
use serde_json::{Value, json};

use super::{ADDED, EditedFile, HEADING, Report, count, printable, values};
use crate::apply::Outcome;
use crate::diff::{self, Secrets};
use crate::hook::TemplateFinding;
use crate::ini::Document;
use crate::validate::{Finding, Safety, Severity};

/// One finding.
#[derive(Debug, Serialize)]
struct FindingRow {
    rule: &'static str,
    severity: &'static str,
    section: Option<String>,
    key: Option<String>,
    line: usize,
    column: usize,
    message: String,
    help: Option<String>,
    fix: Option<&'static str>,
    #[serde(skip)]
    level: Severity,
    #[serde(skip)]
    text: String,
    #[serde(skip)]
    marked: Range<usize>,
}

impl FindingRow {
    fn new(document: &Document, finding: &Finding) -> Self {
        let position = document.position(finding.span().start());
        let text = if document.lines().is_empty() {
            String::new()
        } else {
            diff::line_text(document, finding.line(), Secrets::Masked)
        };
        Self {
            rule: finding.rule(),
            severity: finding.severity().name(),
            section: finding.section().map(str::to_owned),
            key: finding.key().map(str::to_owned),
            line: position.line,
            column: position.column,
            message: printable(finding.message()).into_owned(),
            help: finding.help().map(str::to_owned),
            fix: finding.fix().map(|fix| fix.safety().name()),
            level: finding.severity(),
            marked: marked(document, finding, &text),
            text,
        }
    }

    /// Takes a finding about a template.
    fn of_template(finding: &TemplateFinding) -> Self {
        let marked = finding.marked();
        Self {
            rule: finding.rule().name,
            severity: finding.severity().name(),
            section: None,
            key: None,
            line: finding.line() + 1,
            column: finding.text()[..marked.start].chars().count() + 1,
            message: printable(finding.message()).into_owned(),
            help: finding.help().map(str::to_owned),
            fix: None,
            level: finding.severity(),
            text: finding.text().to_owned(),
            marked,
        }
    }

    fn draw(&self, path: &str) -> String {
        let level = match self.level {
            Severity::Error => Level::ERROR,
            Severity::Warning => Level::WARNING,
            Severity::Info => Level::INFO,
        };
        let snippet = Snippet::source(self.text.as_str())
            .line_start(self.line)
            .path(path)
            .annotation(AnnotationKind::Primary.span(self.marked.clone()));
        let title = level.primary_title(self.message.as_str()).id(self.rule);
        let mut group: Group<'_> = title.element(snippet);
        if let Some(help) = &self.help {
            group = group.element(Level::HELP.message(help.as_str()));
        }
        Renderer::styled().render(&[group])
    }
}

/// Finds the marked part of a line in its shown form. Where a secret was masked, that is all behind
/// the key.
fn marked(document: &Document, finding: &Finding, shown: &str) -> Range<usize> {
    let Some(line) = document.lines().get(finding.line()) else { return 0..0 };
    let decode = |range: Range<usize>| document.encoding().decode(&document.bytes()[range]);
    let (content, span) = (line.content().range(), finding.span().range());
    if !content.contains(&span.start) && span.start != content.end {
        return 0..shown.len();
    }
    let start = decode(content.start..span.start).len();
    let end = start + decode(span).len();
    if decode(content) == shown {
        return start..end;
    }
    let behind = shown.find('=').map_or(0, |equals| equals + 1);
    if start < behind { start..end.min(behind) } else { behind..shown.len() }
}

/// One file that was checked.
#[derive(Debug, Serialize)]
pub(in crate::cli) struct CheckedFile {
    path: String,
    encoding: String,
    findings: Vec<FindingRow>,
    #[serde(flatten, skip_serializing_if = "Option::is_none")]
    mended: Option<MendedRow>,
}

/// What was mended in a file, and what became of it.
#[derive(Debug, Serialize)]
struct MendedRow {
    fixed: Vec<FixedRow>,
    #[serde(flatten)]
    edited: EditedFile,
}

/// One finding that was mended.
#[derive(Debug, Serialize)]
struct FixedRow {
    rule: &'static str,
    section: Option<String>,
    key: Option<String>,
    line: usize,
    title: String,
}

impl CheckedFile {
    /// Tells of a file's findings.
    pub(in crate::cli) fn new(path: &Path, document: &Document, findings: &[Finding]) -> Self {
        Self {
            path: path.display().to_string(),
            encoding: document.encoding().name(),
            findings: findings.iter().map(|finding| FindingRow::new(document, finding)).collect(),
            mended: None,
        }
    }

    /// Tells also what was mended before, and of the edit that did it.
    pub(in crate::cli) fn mended(
        self,
        mended: &[Finding],
        outcome: &Outcome,
        with_diff: bool,
    ) -> Self {
        let fixed = mended.iter().map(|finding| FixedRow {
            rule: finding.rule(),
            section: finding.section().map(str::to_owned),
            key: finding.key().map(str::to_owned),
            line: finding.line() + 1,
            title: finding.fix().map_or_else(String::new, |fix| fix.title().to_owned()),
        });
        let mended =
            MendedRow { fixed: fixed.collect(), edited: EditedFile::new(outcome, with_diff) };
        Self { mended: Some(mended), ..self }
    }
}

impl CheckedFile {
    /// Tells of a template's findings.
    pub(in crate::cli) fn of_template(path: &Path, findings: &[TemplateFinding]) -> Self {
        Self {
            path: path.display().to_string(),
            encoding: "utf-8".to_owned(),
            findings: findings.iter().map(FindingRow::of_template).collect(),
        }
    }
}

/// All files that were checked.
#[derive(Debug, Default)]
pub(in crate::cli) struct FindingsReport {
    files: Vec<CheckedFile>,
}

impl FindingsReport {
    /// Adds a file.
    pub(in crate::cli) fn push(&mut self, file: CheckedFile) {
        self.files.push(file);
    }

    /// Returns the severity of the worst finding.
    pub(in crate::cli) fn worst(&self) -> Option<Severity> {
        self.findings().map(|row| row.level).max()
    }

    fn findings(&self) -> impl Iterator<Item = &FindingRow> {
        self.files.iter().flat_map(|file| &file.findings)
    }

    /// Counts what can be mended safely, and in any way.
    fn fixable(&self) -> (usize, usize) {
        let fixes: Vec<_> = self.findings().filter_map(|row| row.fix).collect();
        (fixes.iter().filter(|fix| **fix == Safety::Safe.name()).count(), fixes.len())
    }

    fn fixed(&self) -> usize {
        self.files.iter().filter_map(|file| file.mended.as_ref()).map(|it| it.fixed.len()).sum()
    }

    fn count(&self, level: Severity) -> usize {
        self.findings().filter(|row| row.level == level).count()
    }
}

impl Report for FindingsReport {
    const LIST: &'static str = "files";

    fn human(&self, out: &mut dyn Write) -> io::Result<()> {
        for file in &self.files {
            if let Some(mended) = &file.mended {
                for row in &mended.fixed {
                    let (rule, title) = (row.rule, printable(&row.title));
                    writeln!(out, "{ADDED}fixed[{rule}]{ADDED:#}: {title}")?;
                }
                mended.edited.human(out)?;
            }
            for row in &file.findings {
                writeln!(out, "{}\n", row.draw(&file.path))?;
            }
        }
        let (errors, warnings, infos) = (
            self.count(Severity::Error),
            self.count(Severity::Warning),
            self.count(Severity::Info),
        );
        let files = count(self.files.len(), "file");
        if errors + warnings + infos == 0 {
            let left = if self.fixed() > 0 { " left" } else { "" };
            return writeln!(out, "{ADDED}no findings{left}{ADDED:#} in {files}");
        }
        let (errors, warnings) = (count(errors, "error"), count(warnings, "warning"));
        let (safe, all) = self.fixable();
        let hint = match (safe, all - safe) {
            (0, 0) => String::new(),
            (0, unsafe_ones) => format!("; `--unsafe-fixes` mends {unsafe_ones}"),
            (safe, 0) => format!("; `--fix` mends {safe}"),
            (safe, more) => format!("; `--fix` mends {safe}, `--unsafe-fixes` {more} more"),
        };
        writeln!(out, "{HEADING}{errors}, {warnings}, {infos} info{HEADING:#} in {files}{hint}")
    }

    fn entries(&self) -> Vec<Value> {
        values(&self.files)
    }

    fn summary(&self) -> Option<Value> {
        Some(json!({
            "errors": self.count(Severity::Error),
            "warnings": self.count(Severity::Warning),
            "infos": self.count(Severity::Info),
            "fixable": self.fixable().1,
            "fixed": self.fixed(),
        }))
    }
}
