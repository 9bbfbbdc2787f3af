//! What commands print: data on stdout in one of the formats, talk on stderr.
//!
//! A command hands over a [`Report`]; the formats know nothing of commands, and the reports nothing
//! of streams. Only this room has serializable types.

mod backups;
mod captured;
mod changes;
mod edits;
mod explained;
mod files;
mod findings;
mod fingerprint;
mod found;
mod github;
mod hooks;
mod junit;
mod keys;
mod locate;
mod markdown;
mod messages;
mod notes;
mod pages;
mod phones;
mod sarif;
mod schemas;
mod started;
mod templates;

pub(super) use backups::{BackupRow, BackupsReport, VerifyReport};
pub(super) use captured::CaptureReport;
pub(super) use changes::{ChangeRow, ChangesReport};
pub(super) use edits::{EditedFile, EditsReport};
pub(super) use explained::{ExplainReport, ExplainedRow};
pub(super) use files::FilesReport;
pub(super) use findings::{CheckedFile, FindingsReport};
pub(super) use fingerprint::Fingerprint;
pub(super) use hooks::{HookRow, HooksReport};
pub(super) use keys::{FileRow, KeyRow, SectionRow, ShowReport, ValueReport, ValueRow};
pub(super) use locate::LocateReport;
pub(super) use messages::{MessageRow, MessagesReport};
pub(super) use notes::{NoteRow, NotesReport};
pub(super) use pages::{ExitRow, PageRow, PagesReport, TopicRow, TopicsReport};
pub(super) use phones::{OrderReport, OrderRow, StatusReport, StatusRow};
pub(super) use schemas::{inventory_schema, plan_schema, report_schema};
pub(super) use started::{StartedReport, StartedRow};
pub(super) use templates::{
    IntegrationReport, ParameterRow, TemplateReport, TemplateRow, TemplatesReport,
};

use std::borrow::Cow;
use std::io::{self, IsTerminal, Write};

use anstyle::{AnsiColor, Style};
use serde::Serialize;
use serde_json::{Map, Value, json};

use super::error::CliError;
use super::flags::Format;
use found::Found;

pub(super) const HEADING: Style = Style::new().bold();
pub(super) const ADDED: Style = AnsiColor::Green.on_default();
pub(super) const REMOVED: Style = AnsiColor::Red.on_default();
pub(super) const CHANGED: Style = AnsiColor::Yellow.on_default();
pub(super) const DIM: Style = Style::new().dimmed();
pub(super) const NAME: Style = AnsiColor::Cyan.on_default();

/// What a command found or did.
pub(super) trait Report {
    /// The name of the list in JSON.
    const LIST: &'static str;

    /// Writes it for people.
    fn human(&self, out: &mut dyn Write) -> io::Result<()>;

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

/// Where a run's output goes.
pub(super) struct Output {
    format: Format,
    stdout: io::BufWriter<Box<dyn Write>>,
    failed: Option<io::Error>,
}

impl Output {
    pub(super) fn new(format: Format) -> Self {
        Self { format, stdout: io::BufWriter::new(stdout()), failed: None }
    }

    /// Prints a report in the format asked for.
    pub(super) fn report<R: Report>(&mut self, report: &R) {
        let exact = report.exact().filter(|_| !io::stdout().is_terminal());
        let written = match (self.format, exact) {
            (Format::Human, Some(exact)) => return self.raw(&exact),
            (Format::Human, None) => report.human(&mut self.stdout),
            (Format::Json, _) => self.json(report),
            (Format::Ndjson, _) => self.ndjson(report),
            (format, _) => match report.found() {
                Some(found) => write_found(format, &mut self.stdout, &found),
                None => report.human(&mut self.stdout),
            },
        };
        self.remember(written);
    }

    /// Prints what has just come of a report that grows, and hands it on at once. One JSON document cannot be
    /// begun before its end is known.
    pub(super) fn arrived<R: Report>(&mut self, part: &R) {
        let written = match self.format {
            Format::Json => return,
            Format::Ndjson => self.ndjson_entries(part),
            _ => part.human(&mut self.stdout),
        };
        self.remember(written);
        let flushed = self.stdout.flush();
        self.remember(flushed);
    }

    /// Prints what is left of a report that grew and has come to its end.
    pub(super) fn complete<R: Report>(&mut self, report: &R) {
        let written = match self.format {
            Format::Json => self.json(report),
            Format::Ndjson => self.ndjson_summary(report),
            _ => return,
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

    /// Prints bytes as they are, in any format: values for pipes, completions, manual pages.
    pub(super) fn raw(&mut self, bytes: &[u8]) {
        // Past the writer that takes out colours, as it would take out parts of a value, too.
        let flushed = self.stdout.flush();
        self.remember(flushed);
        self.remember(io::stdout().write_all(bytes));
    }

    /// Prints an error on stderr.
    pub(super) fn error(&mut self, error: &CliError) {
        let mut stderr = anstream::stderr();
        let style = AnsiColor::Red.on_default().bold();
        // Nobody is left to tell when stderr is closed.
        let _ = match self.format {
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
                writeln!(stderr, "{error}")
            }
            _ => {
                let hint = error.hint_text().map(printable);
                let hint = hint.map(|hint| format!("\n{NAME}hint:{NAME:#} {hint}"));
                let error = error.to_string();
                let error = printable(&error);
                writeln!(stderr, "{style}error:{style:#} {error}{}", hint.unwrap_or_default())
            }
        };
    }

    /// Prints a remark on stderr.
    pub(super) fn note(&mut self, text: &str) {
        let _ = writeln!(anstream::stderr(), "{NAME}note:{NAME:#} {}", printable(text));
    }

    /// Prints a warning on stderr.
    pub(super) fn warning(&mut self, text: &str) {
        let _ = writeln!(anstream::stderr(), "{CHANGED}warning:{CHANGED:#} {}", printable(text));
    }

    /// Prints what to type next behind a report, for people at a terminal only.
    pub(super) fn next_step(&mut self, text: &str) {
        if self.format == Format::Human && io::stdout().is_terminal() {
            let written = writeln!(self.stdout, "{DIM}{text}{DIM:#}");
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

    fn json<R: Report>(&mut self, report: &R) -> io::Result<()> {
        let mut document = head();
        document.extend(report.others());
        document.insert(R::LIST.to_owned(), Value::Array(report.entries()));
        if let Some(summary) = report.summary() {
            document.insert("summary".to_owned(), summary);
        }
        serde_json::to_writer_pretty(&mut self.stdout, &document)?;
        writeln!(self.stdout)
    }

    fn ndjson<R: Report>(&mut self, report: &R) -> io::Result<()> {
        self.ndjson_entries(report)?;
        self.ndjson_summary(report)
    }

    fn ndjson_entries<R: Report>(&mut self, report: &R) -> io::Result<()> {
        for entry in report.entries() {
            writeln!(self.stdout, "{entry}")?;
        }
        Ok(())
    }

    fn ndjson_summary<R: Report>(&mut self, report: &R) -> io::Result<()> {
        let mut last = head();
        last.extend(report.others());
        last.insert("summary".to_owned(), report.summary().unwrap_or_else(|| json!({})));
        writeln!(self.stdout, "{}", Value::Object(last))
    }
}

/// Writes findings in a format that is for them only.
fn write_found(format: Format, out: &mut dyn Write, found: &Found<'_>) -> io::Result<()> {
    match format {
        // No report that tells of findings is written so.
        Format::Human | Format::Json | Format::Ndjson => Ok(()),
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

fn head() -> Map<String, Value> {
    let mut head = Map::new();
    head.insert("schema_version".to_owned(), json!(SCHEMA_VERSION));
    head.insert("tool".to_owned(), json!(TOOL));
    head
}

/// Turns rows into JSON.
pub(super) fn values<T: Serialize>(rows: &[T]) -> Vec<Value> {
    // The rows are plain structures of texts and numbers, which always have a JSON form.
    rows.iter().map(|row| serde_json::to_value(row).unwrap_or(Value::Null)).collect()
}

/// Returns a text from a file as a terminal may be given it: control characters, which could be
/// commands to it, as their numbers.
pub(super) fn printable(text: &str) -> Cow<'_, str> {
    let is_command = |letter: char| letter.is_control() && letter != '\t';
    if !text.contains(is_command) {
        return Cow::Borrowed(text);
    }
    let shown = |letter: char| match is_command(letter) {
        true => letter.escape_default().to_string(),
        false => letter.to_string(),
    };
    Cow::Owned(text.chars().map(shown).collect())
}

/// Returns `1 file`, `2 files`.
pub(super) fn count(number: usize, what: &str) -> String {
    let plural = if number == 1 { "" } else { "s" };
    format!("{number} {what}{plural}")
}
