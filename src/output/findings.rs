//! Findings, drawn like the errors of a compiler.

use std::cell::RefCell;
use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Display;
use std::io::{self, Write};
use std::ops::Range;
use std::path::Path;

use annotate_snippets::{AnnotationKind, Level, Renderer, Snippet};
use jiff::Timestamp;
use serde::{Serialize, Serializer};
use serde_json::{Value, json};

use super::count::count;
use super::edits::EditedFile;
use super::found::{Found, FoundFile, FoundRow, RuleRow, SuppressedRow};
use super::grouped::{examples, failed_lines};
use super::html::{self, CheckHead, FindingCounts, Host, HostState, Page, RuleHead};
use super::json::failed_value;
use super::report::Report;
use super::screen::{self, ADDED, CHANGED, DIM, ERROR, HEADING, NAME, Screen};
use crate::baseline::Baseline;
use crate::error::CliError;
use crate::fingerprint::{Arguments, Fingerprint};
use crate::flags::{Format, TargetVersion};
use microsip_schema::Version;
use msipctl_core::apply::Outcome;
use msipctl_core::diagnostic::Message;
use msipctl_core::diff::{self, Secrets};
use msipctl_core::fleet::{Group, Groups, Target};
use msipctl_core::hook::{TemplateFinding, TemplateLocation};
use msipctl_core::store;
use msipctl_core::validate::{
    CheckOutcome, Finding, RULES, Rule, Safety, Severity, Source, Suppressed,
};
use winini::{Document, Encoding};

/// Returns the renderer of findings, with or without styles.
pub(super) fn renderer(has_styles: bool) -> Renderer {
    if has_styles { Renderer::styled() } else { Renderer::plain() }
}

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
    arguments: Arguments,
    help: Option<String>,
    fix: Option<&'static str>,
    #[serde(skip)]
    fix_title: Option<String>,
    #[serde(skip)]
    end_column: Option<usize>,
    #[serde(skip)]
    level: Severity,
    #[serde(skip)]
    text: String,
    #[serde(skip)]
    marked_range: Range<usize>,
    /// The drawing, if it was made already.
    #[serde(skip)]
    drawing: Option<String>,
}

/// A line of a file with a message above it: a finding, or an error in a file that users write.
pub(super) struct Drawing<'d> {
    pub(super) level: Level<'static>,
    pub(super) rule: Option<&'d str>,
    pub(super) message: &'d str,
    pub(super) path: &'d str,
    pub(super) line: usize,
    pub(super) text: &'d str,
    pub(super) marked: Range<usize>,
    pub(super) helps: &'d [&'d str],
}

impl Drawing<'_> {
    /// Draws it, with hidden characters shown.
    pub(super) fn draw(&self, renderer: &Renderer) -> String {
        let (text, path) = (screen::shown(self.text), screen::shown(self.path));
        let marked = screen::shown_range(self.text, self.marked.clone());
        let snippet = Snippet::source(&*text)
            .line_start(self.line)
            .path(&*path)
            .annotation(AnnotationKind::Primary.span(marked));
        let title = self.level.clone().primary_title(screen::shown(self.message));
        let title = match self.rule {
            Some(rule) => title.id(rule),
            None => title,
        };
        let mut group: annotate_snippets::Group<'_> = title.element(snippet);
        for help in self.helps {
            group = group.element(Level::HELP.message(screen::shown(help)));
        }
        renderer.render(&[group])
    }
}

impl FindingRow {
    fn new(document: &Document, finding: &Finding) -> Self {
        let position = document.position(finding.span().start());
        let text = if document.lines().is_empty() {
            String::new()
        } else {
            diff::line_text(document, finding.line(), Secrets::Masked)
        };
        let end = document.position(finding.span().range().end);
        let is_shown = is_shown(document, finding.line(), &text);
        Self {
            rule: finding.rule(),
            severity: finding.severity().name(),
            section: finding.section().map(str::to_owned),
            key: finding.key().map(str::to_owned),
            line: position.line,
            column: position.column,
            message: finding.message().to_string(),
            arguments: arguments(finding.message()),
            help: finding.help().map(str::to_owned),
            fix: finding.fix().map(|fix| fix.safety().name()),
            fix_title: finding.fix().map(|fix| fix.title().to_owned()),
            end_column: (is_shown && end.line == position.line).then_some(end.column),
            level: finding.severity(),
            marked_range: marked_range(document, finding, &text, is_shown),
            text,
            drawing: None,
        }
    }

    /// Describes a finding about a template.
    fn of_template(finding: &TemplateFinding) -> Self {
        let TemplateLocation { line, text, marked: marked_range } = finding.location();
        Self {
            rule: finding.code().name(),
            severity: finding.severity().name(),
            section: None,
            key: None,
            line: line + 1,
            column: text[..marked_range.start].chars().count() + 1,
            message: finding.message().to_string(),
            arguments: arguments(finding.message()),
            help: finding.help().map(str::to_owned),
            fix: None,
            fix_title: None,
            end_column: Some(text[..marked_range.end].chars().count() + 1),
            level: finding.severity(),
            text: text.clone(),
            marked_range: marked_range.clone(),
            drawing: None,
        }
    }

    fn draw(&self, path: &str, renderer: &Renderer) -> String {
        let level = match self.level {
            Severity::Error => Level::ERROR,
            Severity::Warning => Level::WARNING,
            Severity::Info => Level::INFO,
        };
        let drawing = Drawing {
            level,
            rule: Some(self.rule),
            message: &self.message,
            path,
            line: self.line,
            text: &self.text,
            marked: self.marked_range.clone(),
            helps: &self.help.iter().map(String::as_str).collect::<Vec<_>>(),
        };
        drawing.draw(renderer)
    }

    /// Drops everything but the drawing and what is counted.
    fn drop_texts(&mut self) {
        self.section = None;
        self.key = None;
        self.message = String::new();
        self.arguments = Arguments::new();
        self.help = None;
        self.fix_title = None;
        self.text = String::new();
    }

    fn fingerprint(&self) -> Fingerprint {
        Fingerprint::new(self.rule, self.section.as_deref(), self.key.as_deref(), &self.arguments)
    }

    fn of_page(&self) -> html::FindingRow<'_> {
        html::FindingRow {
            rule: self.rule,
            severity: self.level,
            line: u32::try_from(self.line).unwrap_or(u32::MAX),
            message: &self.message,
            help: self.help.as_deref(),
        }
    }

    fn found<'r>(&'r self, suppressed: Option<SuppressedRow<'r>>) -> FoundRow<'r> {
        FoundRow {
            rule: self.rule,
            level: self.level,
            section: self.section.as_deref(),
            key: self.key.as_deref(),
            message: &self.message,
            arguments: &self.arguments,
            help: self.help.as_deref(),
            fix: self.fix.zip(self.fix_title.as_deref()),
            line: self.line,
            column: self.column,
            end_column: self.end_column,
            suppressed,
        }
    }
}

/// Returns the values in a message.
pub(super) fn arguments(message: &Message) -> Arguments {
    message.arguments().map(|(name, value)| (name, value.to_owned())).collect()
}

/// A suppressed finding, and the reason.
#[derive(Debug)]
struct SuppressedFinding {
    row: FindingRow,
    reason: String,
    in_file: bool,
}

impl SuppressedFinding {
    fn new(document: &Document, suppressed: &Suppressed) -> Self {
        Self {
            row: FindingRow::new(document, &suppressed.finding),
            reason: suppressed.reason.clone(),
            in_file: suppressed.source == Source::Comment,
        }
    }
}

/// Returns whether a line is shown without masking a secret.
fn is_shown(document: &Document, line: usize, shown: &str) -> bool {
    document.lines().get(line).is_some_and(|line| document.text(line.content()) == shown)
}

/// Returns the marked part of a line in its shown form. If a secret was masked, so `is_shown` isn't set, that is everything
/// after the key.
fn marked_range(
    document: &Document,
    finding: &Finding,
    shown: &str,
    is_shown: bool,
) -> Range<usize> {
    let Some(line) = document.lines().get(finding.line()) else { return 0..0 };
    let decode = |range: Range<usize>| document.encoding().decode(&document.bytes()[range]);
    let (content, span) = (line.content().range(), finding.span().range());
    if !content.contains(&span.start) && span.start != content.end {
        return 0..shown.len();
    }
    let start = decode(content.start..span.start).len();
    let end = start + decode(span).len();
    if is_shown {
        return start..end;
    }
    let value_start = shown.find('=').map_or(0, |equals| equals + 1);
    if start < value_start { start..end.min(value_start) } else { value_start..shown.len() }
}

/// One file that was checked.
#[derive(Debug, Serialize)]
pub(crate) struct CheckedFile {
    path: String,
    #[serde(serialize_with = "shown")]
    encoding: Encoding,
    #[serde(serialize_with = "shown_or_null")]
    microsip: Option<Version>,
    findings: Vec<FindingRow>,
    #[serde(skip)]
    suppressed: Vec<SuppressedFinding>,
    #[serde(skip)]
    target_version: Option<TargetVersion>,
    #[serde(skip)]
    known: usize,
    #[serde(skip)]
    resolved: usize,
    /// The site that the inventory names.
    #[serde(skip)]
    site: Option<String>,
    #[serde(flatten, skip_serializing_if = "Option::is_none")]
    fixed: Option<FixedFile>,
}

/// Serializes a value as its text, which most files never need.
fn shown<S: Serializer>(value: &impl Display, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.collect_str(value)
}

fn shown_or_null<S: Serializer>(
    value: &Option<impl Display>,
    serializer: S,
) -> Result<S::Ok, S::Error> {
    match value {
        Some(value) => shown(value, serializer),
        None => serializer.serialize_none(),
    }
}

/// The findings that were fixed in a file, and the edit.
#[derive(Debug, Serialize)]
struct FixedFile {
    fixed: Vec<FixedRow>,
    #[serde(flatten, serialize_with = "EditedFile::serialize_without_path")]
    edited: EditedFile,
}

/// One finding that was fixed.
#[derive(Debug, Serialize)]
struct FixedRow {
    rule: &'static str,
    section: Option<String>,
    key: Option<String>,
    line: usize,
    title: String,
}

impl CheckedFile {
    /// Describes the findings of a file, and the version that it was checked for.
    pub(crate) fn new(
        path: &Path,
        document: &Document,
        target_version: TargetVersion,
        judged: &CheckOutcome,
    ) -> Self {
        let (found, suppressed) = (judged.findings.iter(), judged.suppressed.iter());
        Self {
            path: path.to_string_lossy().into_owned(),
            encoding: document.encoding(),
            microsip: Some(target_version.microsip),
            findings: found.map(|finding| FindingRow::new(document, finding)).collect(),
            suppressed: suppressed.map(|it| SuppressedFinding::new(document, it)).collect(),
            target_version: Some(target_version),
            known: 0,
            resolved: 0,
            site: None,
            fixed: None,
        }
    }

    /// Draws the findings, which takes longer than finding them, so the thread of a worker does it.
    pub(crate) fn drawn(mut self, renderer: &Renderer) -> Self {
        for row in &mut self.findings {
            row.drawing = Some(row.draw(&self.path, renderer));
        }
        self
    }

    /// Drops the texts that only other formats and baselines need. The thread of a worker does it, because freeing them on
    /// another thread makes both wait.
    pub(crate) fn without_texts(mut self) -> Self {
        let suppressed = self.suppressed.iter_mut().map(|suppressed| &mut suppressed.row);
        self.findings.iter_mut().chain(suppressed).for_each(FindingRow::drop_texts);
        self
    }

    /// Sets the site that the inventory names.
    pub(crate) fn at_site(self, site: Option<&str>) -> Self {
        Self { site: site.map(str::to_owned), ..self }
    }

    /// Removes the findings that a baseline has.
    pub(crate) fn against(mut self, baseline: &mut Baseline) -> Self {
        let all = self.findings.len();
        self.findings.retain(|row| !baseline.take(&self.path, &row.fingerprint()));
        self.known = all - self.findings.len();
        self.resolved = baseline.left(&self.path);
        self
    }

    /// Adds the findings that were fixed, and the edit.
    pub(crate) fn fixed(self, fixed: &[Finding], outcome: &Outcome, with_diff: bool) -> Self {
        let fixed = fixed.iter().map(|finding| FixedRow {
            rule: finding.rule(),
            section: finding.section().map(str::to_owned),
            key: finding.key().map(str::to_owned),
            line: finding.line() + 1,
            title: finding.fix().map_or_else(String::new, |fix| fix.title().to_owned()),
        });
        let fixed =
            FixedFile { fixed: fixed.collect(), edited: EditedFile::new(outcome, with_diff) };
        Self { fixed: Some(fixed), ..self }
    }

    /// Describes the findings of a template.
    pub(crate) fn of_template(path: &Path, findings: &[TemplateFinding]) -> Self {
        Self {
            path: path.display().to_string(),
            encoding: Encoding::Utf8 { bom: false },
            microsip: None,
            findings: findings.iter().map(FindingRow::of_template).collect(),
            suppressed: Vec::new(),
            target_version: None,
            known: 0,
            resolved: 0,
            site: None,
            fixed: None,
        }
    }
}

/// All files that were checked.
#[derive(Debug)]
pub(crate) struct FindingsReport {
    rules: Vec<&'static Rule>,
    fail_on: Severity,
    with_baseline: bool,
    several: bool,
    /// Whether people see the findings of each file, and not only those of each rule.
    is_listed: bool,
    /// The findings of each rule, and those that were fixed.
    found: BTreeMap<&'static str, RuleTally>,
    fixed: BTreeMap<&'static str, RuleTally>,
    failures: Groups<String>,
    counts: Counts,
    first_rule: Option<&'static str>,
    is_failure: bool,
    time: Timestamp,
    /// The files for the HTML page.
    page: RefCell<Page>,
    /// The files, for formats that are written in one piece.
    files: Vec<CheckedFile>,
    failed: Vec<(String, String)>,
}

/// The findings of one rule in many files.
#[derive(Debug)]
struct RuleTally {
    level: Severity,
    findings: usize,
    files: Group,
}

impl RuleTally {
    /// Adds the findings of a file, each with its rule and severity.
    fn add_all(
        tallies: &mut BTreeMap<&'static str, Self>,
        path: &str,
        rules: impl Iterator<Item = (&'static str, Severity)>,
    ) {
        let mut seen = BTreeSet::new();
        for (rule, level) in rules {
            let tally =
                tallies.entry(rule).or_insert(Self { level, findings: 0, files: Group::default() });
            tally.level = tally.level.max(level);
            tally.findings += 1;
            if seen.insert(rule) {
                tally.files.add(path);
            }
        }
    }

    /// Writes the rest of the line of a rule: its summary, the findings, and a few of the files.
    fn human(&self, rule: &str, out: &mut Screen<'_>) -> io::Result<()> {
        let summary = RULES.iter().find(|known| known.name == rule).map(|rule| rule.summary);
        put!(out, "{}", summary.unwrap_or_default())?;
        if self.findings > self.files.files() {
            put!(out, ": {}", count(self.findings, "finding"))?;
        }
        examples(out, &self.files)
    }
}

/// The numbers of a report.
#[derive(Debug, Default)]
struct Counts {
    files: usize,
    failed: usize,
    errors: usize,
    warnings: usize,
    infos: usize,
    fixable_safely: usize,
    fixable: usize,
    fixed: usize,
    suppressed: usize,
    known: usize,
    resolved: usize,
}

impl Counts {
    fn findings(&self) -> usize {
        self.errors + self.warnings + self.infos
    }
}

impl FindingsReport {
    /// Begins a report about these rules, over one file or several. `is_listed` asks for the findings of each file.
    pub(crate) fn new(
        rules: Vec<&'static Rule>,
        fail_on: Severity,
        with_baseline: bool,
        several: bool,
        is_listed: bool,
    ) -> Self {
        Self {
            rules,
            fail_on,
            with_baseline,
            several,
            is_listed,
            found: BTreeMap::new(),
            fixed: BTreeMap::new(),
            failures: Groups::default(),
            counts: Counts::default(),
            first_rule: None,
            is_failure: false,
            time: store::now(),
            page: RefCell::default(),
            files: Vec::new(),
            failed: Vec::new(),
        }
    }

    /// Adds a file that couldn't be checked.
    pub(crate) fn push_failed(&mut self, target: &Target, site: Option<&str>, error: &CliError) {
        self.counts.failed += 1;
        let problem = error.without_path();
        let path = target.path().display().to_string();
        let state = HostState::Failed(&problem);
        self.page.get_mut().add(&Host { path: &path, site, state });
        let path = error.path().map(|path| path.display().to_string()).unwrap_or_default();
        self.failures.add(problem, &path);
        self.push_end(error);
    }

    /// Adds the error that ended the run.
    pub(crate) fn push_end(&mut self, error: &CliError) {
        let path = error.path().map(|path| path.display().to_string());
        self.failed.push((path.unwrap_or_default(), error.to_string()));
    }

    /// Returns whether a finding is severe enough to count as a failure.
    pub(crate) fn is_failure(&self) -> bool {
        self.is_failure
    }

    /// Returns the rule of the first finding.
    pub(crate) fn first_rule(&self) -> Option<&'static str> {
        self.first_rule
    }

    /// Returns the summary in one line: the findings, and everything else.
    fn in_a_line(&self) -> (String, String) {
        let Counts { errors, warnings, infos, suppressed, known, resolved, fixed, failed, .. } =
            self.counts;
        let mut rest = format!(" in {}", count(self.counts.files, "file"));
        if failed > 0 {
            rest.push_str(&format!("; {} failed", count(failed, "file")));
        }
        if fixed > 0 {
            rest.push_str(&format!("; {fixed} fixed"));
        }
        if suppressed > 0 {
            rest.push_str(&format!("; {suppressed} suppressed"));
        }
        if self.with_baseline {
            rest.push_str(&format!("; {known} known, {resolved} resolved"));
        }
        if self.counts.files == 0 && failed > 0 {
            return ("No file checked".to_owned(), format!("; {} failed", count(failed, "file")));
        }
        if self.counts.findings() == 0 {
            let new = if self.with_baseline { "new " } else { "" };
            let left = if fixed > 0 { " left" } else { "" };
            return (format!("No {new}findings{left}"), rest);
        }
        let safe = self.counts.fixable_safely;
        match (safe, self.counts.fixable - safe) {
            (0, 0) => {}
            (0, unsafe_only) => {
                rest.push_str(&format!("; {unsafe_only} fixable with `--unsafe-fixes`"));
            }
            (safe, 0) => rest.push_str(&format!("; {safe} fixable with `--fix`")),
            (safe, more) => rest.push_str(&format!(
                "; {safe} fixable with `--fix`, {more} more with `--unsafe-fixes`"
            )),
        }
        (format!("Found {}", in_words(errors, warnings, infos)), rest)
    }

    /// Writes the heading of a file, before its findings.
    fn heading(file: &CheckedFile, out: &mut Screen<'_>) -> io::Result<()> {
        let number = |level| file.findings.iter().filter(|row| row.level == level).count();
        let counts = [Severity::Error, Severity::Warning, Severity::Info].map(number);
        let [errors, warnings, infos] = counts;
        put!(out, "{HEADING}{}{HEADING:#}: {}", file.path, in_words(errors, warnings, infos))?;
        if let Some(target_version) = file.target_version.and_then(TargetVersion::notice) {
            put!(out, "{DIM}, checked for {target_version}{DIM:#}")?;
        }
        putln!(out)?;
        putln!(out)
    }
}

/// Returns the numbers of findings that aren't 0: `1 error, 2 warnings, and 1 info`.
fn in_words(errors: usize, warnings: usize, infos: usize) -> String {
    let counts = [(errors, "error"), (warnings, "warning")].map(|(it, what)| (it, count(it, what)));
    let counts = counts.into_iter().chain([(infos, format!("{infos} info"))]);
    let words: Vec<_> = counts.filter(|(number, _)| *number > 0).map(|(_, words)| words).collect();
    match words.as_slice() {
        [] => "no findings".to_owned(),
        [one] => one.clone(),
        [one, other] => format!("{one} and {other}"),
        [most @ .., last] => format!("{}, and {last}", most.join(", ")),
    }
}

impl Report for FindingsReport {
    const LIST: &'static str = "files";
    type Row = CheckedFile;

    fn human_row(&self, file: &CheckedFile, out: &mut Screen<'_>) -> io::Result<()> {
        if !self.is_listed {
            return Ok(());
        }
        if let Some(fixed) = &file.fixed {
            for row in &fixed.fixed {
                let (rule, title) = (row.rule, &row.title);
                putln!(out, "{ADDED}fixed[{rule}]{ADDED:#}: {title}")?;
            }
            fixed.edited.human(true, out)?;
        }
        if self.several && !file.findings.is_empty() {
            Self::heading(file, out)?;
        }
        let renderer = renderer(out.has_styles());
        for row in &file.findings {
            match &row.drawing {
                Some(drawing) => out.put_drawing(drawing)?,
                None => out.put_drawing(&row.draw(&file.path, &renderer))?,
            }
            putln!(out)?;
            putln!(out)?;
        }
        match file.target_version.and_then(TargetVersion::notice).filter(|_| !self.several) {
            Some(target_version) => putln!(out, "{DIM}checked for {target_version}{DIM:#}"),
            None => Ok(()),
        }
    }

    fn count(&mut self, file: &CheckedFile) {
        let counts = &mut self.counts;
        counts.files += 1;
        for row in &file.findings {
            self.first_rule.get_or_insert(row.rule);
            self.is_failure |= row.level >= self.fail_on;
            match row.level {
                Severity::Error => counts.errors += 1,
                Severity::Warning => counts.warnings += 1,
                Severity::Info => counts.infos += 1,
            }
            counts.fixable += usize::from(row.fix.is_some());
            counts.fixable_safely += usize::from(row.fix == Some(Safety::Safe.name()));
        }
        counts.fixed += file.fixed.as_ref().map_or(0, |fixed| fixed.fixed.len());
        if !self.is_listed {
            let found = file.findings.iter().map(|row| (row.rule, row.level));
            RuleTally::add_all(&mut self.found, &file.path, found);
            let fixed = file.fixed.iter().flat_map(|fixed| &fixed.fixed);
            let fixed = fixed.map(|row| (row.rule, Severity::Info));
            RuleTally::add_all(&mut self.fixed, &file.path, fixed);
        }
        counts.suppressed += file.suppressed.len();
        counts.known += file.known;
        counts.resolved += file.resolved;
    }

    fn keep(&mut self, file: CheckedFile, format: Format) {
        match format {
            Format::Html => self.page.get_mut().add_checked(&file),
            _ => self.files.push(file),
        }
    }

    fn failed(&self, path: &Path, error: &CliError) -> Option<Value> {
        let row = json!({
            "path": path.display().to_string(), "encoding": null, "microsip": null, "findings": [],
        });
        Some(failed_value(&row, error))
    }

    fn human_end(&self, out: &mut Screen<'_>) -> io::Result<()> {
        if !self.is_listed {
            for (rule, tally) in &self.fixed {
                put!(out, "{ADDED}fixed[{rule}]{ADDED:#}: ")?;
                tally.human(rule, out)?;
            }
            let mut found: Vec<_> = self.found.iter().collect();
            found.sort_by_key(|(_, tally)| Reverse((tally.level, tally.files.files())));
            for (rule, tally) in found {
                let style = match tally.level {
                    Severity::Error => ERROR,
                    Severity::Warning => CHANGED,
                    Severity::Info => NAME,
                };
                put!(out, "{style}{}[{rule}]{style:#}: ", tally.level.name())?;
                tally.human(rule, out)?;
            }
            failed_lines(out, &self.failures)?;
        }
        let (findings, rest) = self.in_a_line();
        let style = if self.counts.findings() > 0 { HEADING } else { ADDED };
        putln!(out, "{style}{findings}{style:#}{rest}")
    }

    fn found(&self) -> Option<Found<'_>> {
        let (findings, rest) = self.in_a_line();
        let rules = self.rules.iter().map(|rule| RuleRow {
            name: rule.name,
            summary: rule.summary,
            page: format!("{}\n\n{}", rule.fix.sentence(), rule.text()),
            level: rule.severity,
            tag: rule.group.name(),
        });
        let files = self.files.iter().map(|file| {
            let suppressed = file.suppressed.iter().map(|it| {
                let SuppressedFinding { row, reason, in_file } = it;
                row.found(Some(SuppressedRow { reason, in_file: *in_file }))
            });
            let mut rows: Vec<_> =
                file.findings.iter().map(|row| row.found(None)).chain(suppressed).collect();
            rows.sort_by_key(|row| row.line);
            FoundFile { path: &file.path, rows, note: None }
        });
        Some(Found {
            rules: rules.collect(),
            fail_on: self.fail_on,
            files: files.collect(),
            failed: self
                .failed
                .iter()
                .map(|(path, reason)| (path.as_str(), reason.as_str()))
                .collect(),
            summary: findings + &rest,
            note: None,
            is_new_only: self.with_baseline,
        })
    }

    fn page(&self, out: &mut dyn Write) -> io::Result<()> {
        let number = |number: usize| number as u64;
        let counts = &self.counts;
        let rules = self.rules.iter().map(|rule| RuleHead {
            name: rule.name,
            summary: rule.summary,
            page: rule.text(),
        });
        let head = CheckHead {
            title: "MicroSIP check".to_owned(),
            generated: self.time.to_string(),
            rules: rules.collect(),
            counts: FindingCounts {
                errors: number(counts.errors),
                warnings: number(counts.warnings),
                infos: number(counts.infos),
                fixable_safely: number(counts.fixable_safely),
                fixable: number(counts.fixable),
                fixed: number(counts.fixed),
                suppressed: number(counts.suppressed),
                of_baseline: self
                    .with_baseline
                    .then_some((number(counts.known), number(counts.resolved))),
            },
        };
        self.page.take().write_check(out, &head)
    }

    fn summary(&self) -> Option<Value> {
        let counts = &self.counts;
        let mut summary = json!({
            "errors": counts.errors,
            "warnings": counts.warnings,
            "infos": counts.infos,
            "fixable": counts.fixable,
            "fixed": counts.fixed,
            "suppressed": counts.suppressed,
            "known": self.with_baseline.then_some(counts.known),
            "resolved": self.with_baseline.then_some(counts.resolved),
        });
        if counts.failed > 0 {
            summary["failed"] = json!(counts.failed);
        }
        Some(summary)
    }
}

impl Page {
    fn add_checked(&mut self, file: &CheckedFile) {
        let rows: Vec<_> = file.findings.iter().map(FindingRow::of_page).collect();
        let state = if rows.is_empty() { HostState::InSync } else { HostState::Found(&rows) };
        self.add(&Host { path: &file.path, site: file.site.as_deref(), state });
    }
}
