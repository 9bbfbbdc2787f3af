//! What commands print: data on stdout in one of the formats, talk on stderr.
//!
//! A command hands over a [`Report`], or the rows of a [`Growing`] one as they come; the formats know nothing of
//! commands, and the reports nothing of streams. Only this room has serializable types.

/// Writes a part of a line for people.
macro_rules! put {
    ($out:expr, $($text:tt)+) => { $out.put(format_args!($($text)+)) };
}

/// Writes a line for people, or the rest of one.
macro_rules! putln {
    ($out:expr) => { $out.put_line(format_args!("")) };
    ($out:expr, $($text:tt)+) => { $out.put_line(format_args!($($text)+)) };
}

mod audits;
mod backups;
mod captured;
mod changes;
mod document;
mod edits;
mod explained;
mod files;
mod findings;
mod fingerprint;
mod found;
mod github;
mod hooks;
mod html;
mod junit;
mod keys;
mod locate;
mod markdown;
mod messages;
mod notes;
mod pages;
mod phones;
mod plans;
mod progress;
mod sarif;
mod schemas;
mod screen;
mod started;
mod templates;

pub(super) use audits::{AuditReport, AuditedFile};
pub(super) use backups::{BackupRow, BackupsReport, RunsReport, VerifyReport};
pub(super) use captured::CaptureReport;
pub(super) use changes::{ChangeRow, ChangesReport};
pub(super) use edits::{BlockedRow, EditedFile, EditsReport, LISTED};
pub(super) use explained::{ExplainReport, ExplainedRow};
pub(super) use files::FilesReport;
pub(super) use findings::{CheckedFile, FindingsReport};
pub(super) use fingerprint::{Arguments, Fingerprint};
pub(super) use hooks::{HookRow, HooksReport};
pub(super) use html::{Counts, Since as EarlierReport};
pub(super) use keys::{FileRow, KeyRow, ReadNow, SectionRow, ShowReport, ValueReport, ValueRow};
pub(super) use locate::LocateReport;
pub(super) use messages::{MessageRow, MessagesReport};
pub(super) use notes::{NoteRow, NotesReport};
pub(super) use pages::{ExitRow, PageRow, PagesReport, TopicRow, TopicsReport};
pub(super) use phones::{OrderReport, OrderRow, StatusReport, StatusRow};
pub(super) use plans::{
    PlanHead, PlanReport, PlannedFile, SavedEdit, SavedFile, SavedPlan, SavedSecret, SavedSource,
};
pub(super) use schemas::{inventory_schema, plan_schema, report_schema};
pub(super) use started::{StartedReport, StartedRow};
pub(super) use templates::{
    IntegrationReport, ParameterRow, TemplateReport, TemplateRow, TemplatesReport,
};

use std::fmt;
use std::io::{self, IsTerminal, Write};
use std::path::Path;

use serde::Serialize;
use serde_json::{Map, Value, json};

use super::error::CliError;
use super::flags::Format;
use document::Document;
use found::Found;
pub(super) use progress::Progress;
pub(super) use screen::{ADDED, CHANGED, DIM, HEADING, NAME, REMOVED, Screen, shown};
use screen::{ERROR, json_shown};

/// What a command found or did.
pub(super) trait Report {
    /// The name of the list in JSON.
    const LIST: &'static str;

    /// Writes it for people.
    fn human(&self, out: &mut Screen<'_>) -> io::Result<()>;

    /// Returns the bytes that people pipe on, where they are other than what people see.
    fn exact(&self) -> Option<Vec<u8>> {
        None
    }

    /// Returns the entries of the list.
    fn entries(&self) -> Vec<Value>;

    /// Returns what JSON has beside the list.
    fn others(&self) -> Map<String, Value> {
        Map::new()
    }

    /// Returns what the formats for findings print; `None` for a report that finds nothing.
    fn found(&self) -> Option<Found<'_>> {
        None
    }

    /// Returns the summary.
    fn summary(&self) -> Option<Value> {
        None
    }
}

/// What a command finds or does file by file. Each row is printed when it comes and then dropped, so a report holds
/// only what is counted, however many files there are.
pub(super) trait Growing {
    /// The name of the list in JSON.
    const LIST: &'static str;

    /// One entry of the list.
    type Row: Serialize;

    /// Writes a row for people, before it is counted.
    fn human_row(&self, row: &Self::Row, out: &mut Screen<'_>) -> io::Result<()>;

    /// Returns the bytes of a row that people pipe on, where they are other than what people see.
    fn exact(&self, _row: &Self::Row) -> Option<Vec<u8>> {
        None
    }

    /// Counts a row.
    fn count(&mut self, row: &Self::Row);

    /// Keeps a row for a format that is written whole. Asked for only where a report has such formats.
    fn keep(&mut self, _row: Self::Row, _format: Format) {}

    /// Returns the entry of a file that failed; `None` where the list is not one of files.
    fn failed(&self, _path: &Path, _error: &CliError) -> Option<Value> {
        None
    }

    /// Writes the row of a file that failed for people, who are told on stderr as well.
    fn human_failed(
        &self,
        _path: &Path,
        _error: &CliError,
        _out: &mut Screen<'_>,
    ) -> io::Result<()> {
        Ok(())
    }

    /// Writes for people what stands behind the rows.
    fn human_end(&self, _out: &mut Screen<'_>) -> io::Result<()> {
        Ok(())
    }

    /// Returns what JSON has beside the list; always the same where the key stands before that of the list.
    fn others(&self) -> Map<String, Value> {
        Map::new()
    }

    /// Returns the summary.
    fn summary(&self) -> Option<Value> {
        None
    }

    /// Returns what the formats for findings print, of all rows that were kept.
    fn found(&self) -> Option<Found<'_>> {
        None
    }

    /// Writes the page of all rows that were kept, once.
    fn page(&self, _out: &mut dyn Write) -> io::Result<()> {
        Ok(())
    }
}

/// The JSON of a report that grows, for a file.
pub(super) struct JsonText {
    text: Vec<u8>,
    document: io::Result<Document>,
}

impl JsonText {
    /// Begins the text.
    pub(super) fn new<R: Growing>(report: &R) -> Self {
        let mut text = Vec::new();
        let document = Document::begin(&mut text, R::LIST, &with_head(report.others(), None));
        Self { text, document }
    }

    /// Adds a row.
    pub(super) fn row<T: Serialize>(&mut self, row: &T) {
        if let Ok(document) = &mut self.document
            && let Err(error) = document.entry(&mut self.text, &value(row))
        {
            self.document = Err(error);
        }
    }

    /// Ends the text, and returns the first error that writing it met.
    pub(super) fn end<R: Growing>(mut self, report: &R) -> io::Result<Vec<u8>> {
        let others = with_head(report.others(), report.summary());
        self.document?.end(&mut self.text, &others)?;
        Ok(self.text)
    }
}

/// Where a run's output goes.
pub(super) struct Output {
    format: Format,
    stdout: io::BufWriter<Box<dyn Write>>,
    failed: Option<io::Error>,
    /// The JSON document that was begun.
    document: Option<Document>,
    progress: Progress,
}

impl Output {
    pub(super) fn new(format: Format) -> Self {
        let stdout = io::BufWriter::new(stdout());
        Self { format, stdout, failed: None, document: None, progress: Progress::default() }
    }

    /// Prints a report in the format asked for.
    pub(super) fn report<R: Report>(&mut self, report: &R) {
        let exact = report.exact().filter(|_| !io::stdout().is_terminal());
        let written = match (self.format, exact) {
            (Format::Human, Some(exact)) => return self.raw(&exact),
            (Format::Human, None) => report.human(&mut self.screen()),
            (Format::Json, _) => self.json(report),
            (Format::Ndjson, _) => self.ndjson(report),
            (format, _) => match report.found() {
                Some(found) => write_found(format, &mut self.stdout, &found),
                None => report.human(&mut self.screen()),
            },
        };
        self.remember(written);
    }

    /// Prints a row of a report that grows, and hands it on at once. A run has one such report.
    pub(super) fn row<R: Growing>(&mut self, report: &mut R, row: R::Row) {
        self.progress.clone().aside_of_rows(|| self.print_row(report, &row));
        report.count(&row);
        if self.format.is_for_findings() {
            report.keep(row, self.format);
        }
    }

    fn print_row<R: Growing>(&mut self, report: &R, row: &R::Row) {
        let exact = || report.exact(row).filter(|_| !io::stdout().is_terminal());
        let written = match self.format {
            Format::Human => match exact() {
                Some(exact) => {
                    self.raw(&exact);
                    Ok(())
                }
                None => report.human_row(row, &mut self.screen()),
            },
            Format::Json | Format::Ndjson => self.entry(report, &value(row)),
            _ => Ok(()),
        };
        self.remember(written);
        self.hand_on();
    }

    /// Prints the row of a file that failed.
    pub(super) fn failed_row<R: Growing>(&mut self, report: &R, path: &Path, error: &CliError) {
        self.progress.clone().aside_of_rows(|| {
            let written = match self.format {
                Format::Human => report.human_failed(path, error, &mut self.screen()),
                Format::Json | Format::Ndjson => match report.failed(path, error) {
                    Some(entry) => self.entry(report, &entry),
                    None => return,
                },
                _ => return,
            };
            self.remember(written);
            self.hand_on();
        });
    }

    /// Shows from now on how far a run over so many files has come. Whoever works on them counts them.
    pub(super) fn begin_progress(&mut self, files: usize) -> Progress {
        self.progress = Progress::over(files);
        self.progress.clone()
    }

    /// Shows that no longer.
    pub(super) fn end_progress(&mut self) {
        self.progress.end();
        self.progress = Progress::default();
    }

    /// Prints what stands behind the last row of a report.
    pub(super) fn end<R: Growing>(&mut self, report: &R) {
        let written = match self.format {
            Format::Human => report.human_end(&mut self.screen()),
            Format::Json => self.json_end(report),
            Format::Ndjson => {
                let last = last_line(report.others(), report.summary());
                self.json_line(&last)
            }
            Format::Html => report.page(&mut self.stdout),
            format => match report.found() {
                Some(found) => write_found(format, &mut self.stdout, &found),
                None => Ok(()),
            },
        };
        self.remember(written);
    }

    /// Says whether nobody reads on.
    pub(super) fn is_closed(&self) -> bool {
        self.failed.is_some()
    }

    /// Returns the format asked for.
    pub(super) fn format(&self) -> Format {
        self.format
    }

    /// Prints bytes that msipctl generated of its own description, as they are: completions, manual pages, schemas.
    pub(super) fn generated(&mut self, bytes: &[u8]) {
        self.raw(bytes);
    }

    /// Prints bytes as they are: what people pipe on.
    fn raw(&mut self, bytes: &[u8]) {
        // Past the writer that takes out colours, as it would take out parts of a value, too.
        let flushed = self.stdout.flush();
        self.remember(flushed);
        self.remember(io::stdout().write_all(bytes));
    }

    /// Prints an error on stderr.
    pub(super) fn error(&mut self, error: &CliError) {
        match self.format {
            Format::Json | Format::Ndjson => {
                let error = json!({
                    "schema_version": SCHEMA_VERSION,
                    "tool": TOOL,
                    "error": {
                        "kind": error.kind(),
                        "message": error.to_string(),
                        "path": error.path().map(|path| path.to_string_lossy()),
                        "hint": error.hint_text(),
                    },
                });
                let text = error.to_string();
                // Nobody is left to tell when stderr is closed.
                let _ =
                    self.progress.aside(|| writeln!(anstream::stderr(), "{}", json_shown(&text)));
            }
            _ => {
                self.talk(format_args!("{ERROR}error:{ERROR:#} {error}"));
                if let Some(hint) = error.hint_text() {
                    self.talk(format_args!("{NAME}hint:{NAME:#} {hint}"));
                }
            }
        }
    }

    /// Prints a remark on stderr.
    pub(super) fn note(&mut self, text: &str) {
        self.talk(format_args!("{NAME}note:{NAME:#} {text}"));
    }

    /// Prints a warning on stderr.
    pub(super) fn warning(&mut self, text: &str) {
        self.talk(format_args!("{CHANGED}warning:{CHANGED:#} {text}"));
    }

    fn talk(&self, text: fmt::Arguments<'_>) {
        self.progress.aside(|| tell(text));
    }

    /// Prints what to type next behind a report, for people at a terminal only.
    pub(super) fn next_step(&mut self, text: &str) {
        if self.format == Format::Human && io::stdout().is_terminal() {
            let written = putln!(self.screen(), "{DIM}{text}{DIM:#}");
            self.remember(written);
        }
    }

    /// Writes out what is left, and returns the first error that printing met.
    pub(super) fn flush(&mut self) -> io::Result<()> {
        let flushed = self.stdout.flush();
        self.remember(flushed);
        self.failed.take().map_or(Ok(()), Err)
    }

    fn remember(&mut self, result: io::Result<()>) {
        if let Err(error) = result {
            self.failed.get_or_insert(error);
        }
    }

    /// Writes an entry of a report that grows.
    fn entry<R: Growing>(&mut self, report: &R, entry: &Value) -> io::Result<()> {
        if self.format == Format::Ndjson {
            return self.json_line(entry);
        }
        let mut document = self.json_begun(report)?;
        document.entry(&mut self.stdout, entry)?;
        self.document = Some(document);
        Ok(())
    }

    /// Takes the JSON document of a report that grows, begun now if it was not.
    fn json_begun<R: Growing>(&mut self, report: &R) -> io::Result<Document> {
        match self.document.take() {
            Some(document) => Ok(document),
            None => {
                let others = with_head(report.others(), None);
                Document::begin(&mut self.stdout, R::LIST, &others)
            }
        }
    }

    fn json_end<R: Growing>(&mut self, report: &R) -> io::Result<()> {
        let others = with_head(report.others(), report.summary());
        self.json_begun(report)?.end(&mut self.stdout, &others)
    }

    /// Writes out what was printed; one JSON document is of no use before its end.
    fn hand_on(&mut self) {
        if self.format != Format::Json {
            let flushed = self.stdout.flush();
            self.remember(flushed);
        }
    }

    fn json<R: Report>(&mut self, report: &R) -> io::Result<()> {
        let mut document = with_head(report.others(), report.summary());
        document.insert(R::LIST.to_owned(), Value::Array(report.entries()));
        let text = serde_json::to_string_pretty(&document)?;
        writeln!(self.stdout, "{}", json_shown(&text))
    }

    fn ndjson<R: Report>(&mut self, report: &R) -> io::Result<()> {
        for entry in report.entries() {
            self.json_line(&entry)?;
        }
        self.json_line(&last_line(report.others(), report.summary()))
    }

    fn json_line(&mut self, value: &Value) -> io::Result<()> {
        writeln!(self.stdout, "{}", json_shown(&value.to_string()))
    }

    /// Returns where what people read goes.
    fn screen(&mut self) -> Screen<'_> {
        Screen::new(&mut self.stdout)
    }
}

/// Writes findings in a format that is for them only.
fn write_found(format: Format, out: &mut dyn Write, found: &Found<'_>) -> io::Result<()> {
    match format {
        // No report that tells of findings is written so.
        Format::Human | Format::Json | Format::Ndjson | Format::Html => Ok(()),
        Format::Sarif => sarif::write(out, found),
        Format::Junit => junit::write(out, found),
        Format::Github => github::write(out, found),
        Format::Markdown => markdown::write(out, found),
    }
}

/// Returns standard output with colours as they were asked for. Taking colours out hands the text on
/// in pieces, which are put together again so that not each becomes a call to the system.
fn stdout() -> Box<dyn Write> {
    match anstream::AutoStream::choice(&io::stdout()) {
        anstream::ColorChoice::Never => {
            let whole: Box<dyn Write> = Box::new(io::BufWriter::new(io::stdout()));
            Box::new(anstream::StripStream::new(whole))
        }
        _ => Box::new(anstream::stdout()),
    }
}

const SCHEMA_VERSION: u32 = 1;
const TOOL: &str = concat!("msipctl ", env!("CARGO_PKG_VERSION"));

/// Returns what a document has beside its list.
fn with_head(mut others: Map<String, Value>, summary: Option<Value>) -> Map<String, Value> {
    others.insert("schema_version".to_owned(), json!(SCHEMA_VERSION));
    others.insert("tool".to_owned(), json!(TOOL));
    others.extend(summary.map(|summary| ("summary".to_owned(), summary)));
    others
}

/// Returns the line behind the entries.
fn last_line(others: Map<String, Value>, summary: Option<Value>) -> Value {
    Value::Object(with_head(others, Some(summary.unwrap_or_else(|| json!({})))))
}

/// Turns rows into JSON.
pub(super) fn values<T: Serialize>(rows: &[T]) -> Vec<Value> {
    rows.iter().map(value).collect()
}

fn value<T: Serialize>(row: &T) -> Value {
    // The rows are plain structures of texts and numbers, which always have a JSON form.
    serde_json::to_value(row).unwrap_or(Value::Null)
}

/// Returns the entry of a file that failed: what a row of it has, and why.
fn failed_value<T: Serialize>(row: &T, error: &CliError) -> Value {
    let mut value = value(row);
    if let Value::Object(entry) = &mut value {
        entry.insert("state".to_owned(), json!("failed"));
        entry.insert("error".to_owned(), json!(error.to_string()));
    }
    value
}

/// Writes a line on stderr. Nobody is left to tell when that is closed.
pub(super) fn tell(text: fmt::Arguments<'_>) {
    let mut stderr = anstream::stderr();
    let mut line = Vec::new();
    let formatted = Screen::new(&mut line).put_line(text);
    let _ = formatted.and_then(|()| stderr.write_all(&line));
}

/// Returns `1 file`, `2 files`.
pub(super) fn count(number: usize, what: &str) -> String {
    let plural = if number == 1 { "" } else { "s" };
    format!("{number} {what}{plural}")
}
